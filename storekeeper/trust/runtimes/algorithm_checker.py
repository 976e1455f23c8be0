"""The checks of algorithms and keys that Java makes of each certificate of a path.

Source: sun.security.provider.certpath.AlgorithmChecker and
sun.security.util.DisabledAlgorithmConstraints as seen from outside, on JDK 11 to 25.
"""

from __future__ import annotations

from .algorithms import curve_names, decompose, key_size_forbids
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .algorithms import Rules
    from .seen import Seen

_FAILED = "Algorithm constraints check failed on "


class Situation:
    """What conditions of a rule ask for beyond the certificate.

    Attributes:
        at: seconds since 1970 UTC.
        jdk_anchor: the anchor is a root of the JDK's own cacerts.
        feature: the release line, whose messages differ.
    """

    __slots__ = ("at", "feature", "jdk_anchor")

    def __init__(self, at: int, feature: int, *, jdk_anchor: bool) -> None:
        self.at = at
        self.feature = feature
        self.jdk_anchor = jdk_anchor


def check(one: Seen, rules: Rules, situation: Situation, issuer: Seen) -> None:
    """The constraints of ``jdk.certpath.disabledAlgorithms`` for one certificate below an anchor.

    Raises:
        Refused: one of them forbids it.
    """
    algorithm = one.signature_algorithm
    certificate = one.certificate
    usage = one.key_usage
    if situation.feature < 19 and rules.forbids_name(algorithm):
        raise Refused(
            f"{_FAILED}signature algorithm: {algorithm}", "disabled-algorithm", certificate
        )
    if usage is not None and not usage:
        raise Refused("incorrect KeyUsage extension bits", "key-usage", certificate)
    tail = f" used with certificate: {one.name}"
    _permits(algorithm, one, rules, situation, tail)
    if not permits_key(issuer, (rules,)):
        said = f"{_FAILED}signature algorithm: {algorithm}"
        if situation.feature >= 19:
            said = f"{_FAILED}keysize limits: {issuer.key_algorithm} {issuer.key_bits} bit key."
        raise Refused(said, "disabled-algorithm", certificate)


def permits_key(one: Seen, lists: tuple[Rules, ...]) -> bool:
    """Whether lists of disabled algorithms leave a key alone."""
    for rules in lists:
        if rules.forbids_name(one.key_algorithm):
            return False
        if any(rules.forbids_name(curve) for curve in curve_names(one)):
            return False
        for rule in rules.named(one.key_algorithm):
            if all(
                condition.kind == "keySize" and key_size_forbids(condition, one.key_bits)
                for condition in rule.conditions
            ):
                return False
    return True


def _permits(algorithm: str, one: Seen, rules: Rules, situation: Situation, tail: str) -> None:
    certificate = one.certificate
    for curve in curve_names(one):
        if rules.forbids_name(curve):
            said = f"{_FAILED}disabled algorithm: {curve}{tail if situation.feature >= 19 else ''}"
            raise Refused(said, "disabled-curve", certificate)
    names = dict.fromkeys((*decompose(algorithm), algorithm, one.key_algorithm))
    for name in names:
        for rule in rules.named(name):
            said = ""
            for condition in rule.conditions:
                match condition.kind:
                    case "always":
                        said = f"{_FAILED}disabled algorithm: {name}{tail}"
                    case "keySize":
                        if name.upper() != one.key_algorithm.upper() and not (
                            one.key_algorithm == "RSASSA-PSS" and name == "RSASSA-PSS"
                        ):
                            said = ""
                        elif key_size_forbids(condition, one.key_bits):
                            said = f"{_FAILED}keysize limits: {name} {one.key_bits} bit key{tail}"
                        else:
                            said = ""
                    case "jdkCA":
                        said = (
                            f"{_FAILED}certificate anchor limits. {name}{tail}"
                            if situation.jdk_anchor
                            else ""
                        )
                    case "denyAfter":
                        said = (
                            f"denyAfter constraint check failed: {name} used with Constraint date: "
                            f"{condition.number}"
                            if situation.at > condition.number
                            else ""
                        )
                    case "usage":
                        said = (
                            f"Usage constraint TLSServer check failed: {name}{tail}"
                            if "tlsserver" in condition.usages
                            else ""
                        )
                if not said:
                    break
            if said:
                raise Refused(said, "disabled-algorithm", certificate)


class TlsChecker:
    """The constraints of the handshake, which come last for each certificate.

    Args:
        supported: names of the signature algorithms the client offers in its protocol; None
            where it has no say (before TLS 1.2).
        tls: ``jdk.tls.disabledAlgorithms``.
        certpath: ``jdk.certpath.disabledAlgorithms``.
    """

    def __init__(
        self, supported: tuple[str, ...] | None, tls: Rules, certpath: Rules, situation: Situation
    ) -> None:
        self._supported = None if supported is None else {name.upper() for name in supported}
        self._tls = tls
        self._certpath = certpath
        self._situation = situation

    def check(self, one: Seen, issuer: Seen, *, first: bool) -> None:
        """One certificate and its issuer's key; the first one is that below the anchor."""
        algorithm = one.signature_algorithm
        refused = Refused(
            f"{_FAILED}signature algorithm: {algorithm}", "tls-signature-algorithm", one.certificate
        )
        if not self._permits_name(algorithm):
            if self._situation.feature >= 19 and not first:
                raise Refused(
                    f"{_FAILED}{algorithm}signature and {one.key_algorithm} key with size of "
                    f"{one.key_bits}bits",
                    "tls-signature-algorithm",
                    one.certificate,
                )
            raise refused
        usage = one.key_usage
        if usage is not None and not usage & _WITH_PRIMITIVE:
            raise Refused("incorrect KeyUsage extension bits", "key-usage", one.certificate)
        tail = f" used with certificate: {one.name}"
        _permits(algorithm, one, self._certpath, self._situation, tail)
        if not permits_key(one, (self._tls, self._certpath)):
            raise Refused(
                f"{_FAILED}key {one.key_algorithm} with size of {one.key_bits}bits",
                "tls-key",
                one.certificate,
            )
        if not permits_key(issuer, (self._tls, self._certpath)):
            raise refused

    def _permits_name(self, algorithm: str) -> bool:
        base = algorithm.partition("and")[0] if "and" in algorithm[1:] else algorithm
        if self._supported is not None and base.upper() not in self._supported:
            return False
        return not self._tls.forbids_name(algorithm) and not self._certpath.forbids_name(algorithm)


_WITH_PRIMITIVE = frozenset(
    {
        "digitalSignature",
        "nonRepudiation",
        "keyEncipherment",
        "dataEncipherment",
        "keyAgreement",
        "keyCertSign",
        "cRLSign",
    }
)
