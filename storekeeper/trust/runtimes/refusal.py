"""How a runtime says no: its message, the rule behind it and the certificate that decided."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate


class Refused(Exception):
    """A runtime refuses; never leaves `judge`.

    Attributes:
        message: the runtime's, word for word.
        rule: stable identifier of the rule.
        certificate: the one that decided, or None.
        uncaught: an exception nobody in between catches; it comes out as it is.
        others: other messages the same refusal may come with, where Java has no order.
    """

    def __init__(self, message: str, rule: str, certificate: Certificate | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.rule = rule
        self.certificate = certificate
        self.uncaught = False
        self.others: tuple[str, ...] = ()

    def wrapped(self, prefix: str) -> Refused:
        """The same, with the words of an outer exception before it."""
        if self.uncaught:
            return self
        found = Refused(prefix + self.message, self.rule, self.certificate)
        found.others = tuple(prefix + one for one in self.others)
        return found


class GaveUp(Exception):
    """A search was not finished within its bound; never leaves `judge`."""

    rule = "gave-up"


class NotAsked(GaveUp):
    """The runtime would ask the network here, and its answer decides; never leaves `judge`."""

    rule = "revocation-unasked"


class Unsure(Exception):
    """Whether a certificate is revoked can't be told; never leaves the check of revocation.

    Attributes:
        message: as in the CertPathValidatorException.
        soft: its reason is UNDETERMINED_REVOCATION_STATUS, which SOFT_FAIL forgives.
    """

    def __init__(self, message: str, *, soft: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.soft = soft
