"""A certificate's chain, put together from what lies about: a CA's reply, trusted stores."""

from __future__ import annotations

from ..frozen import Frozen
from ..x509 import facts_or_none
from .issuance import Issuance, issuance
from .paths import Routes
from .public_keys import matches_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from ..model import Certificate
    from ..names import Name

    Origin = Literal["own", "candidates", "anchors"]

__all__ = ["Completed", "Issuance", "complete", "issuance", "matches_key"]


class Completed(Frozen):
    """A chain as far as it could be put together.

    Attributes:
        chain: the certificate itself, its issuer, and so on; the root last when it was found.
        closed: it ends at a self-signed certificate, or at an anchor other than the
            certificate itself.
        rooted: it ends at a self-signed certificate, which is what keytool asks for.
        missing: the issuer its last certificate names, when it is not closed and that
            certificate can be parsed.
        origins: where each member of ``chain`` came from: "own", "candidates" (also when
            it is an anchor as well), "anchors".
        anchored: one of its members is an anchor.
        doubts: a phrase for each member whose signature could not be verified, so that names
            and key identifiers alone led to its issuer.
        unused: candidates that are not in the chain, in input order.
    """

    chain: tuple[Certificate, ...]
    closed: bool
    rooted: bool
    missing: Name | None
    origins: tuple[Origin, ...]
    anchored: bool
    doubts: tuple[str, ...] = ()
    unused: tuple[Certificate, ...] = ()

    @property
    def from_candidates(self) -> tuple[Certificate, ...]:
        """The members that came from the candidates, in chain order."""
        return self._of("candidates")

    @property
    def from_anchors(self) -> tuple[Certificate, ...]:
        """The members that only the anchors had, in chain order."""
        return self._of("anchors")

    def _of(self, origin: Origin) -> tuple[Certificate, ...]:
        pairs = zip(self.chain, self.origins, strict=True)
        return tuple(one for one, where in pairs if where == origin)


def complete(
    leaf: Certificate, candidates: Iterable[Certificate], anchors: Iterable[Certificate]
) -> Completed:
    """The chain of a certificate from candidates in any order and from trusted certificates.

    A chain that ends at a root among the anchors is preferred, then one that ends at another
    root, then one that ends at an anchor that is no root; see `paths.Routes`.

    Args:
        leaf: where the chain begins; it may stand among the others too.
        candidates: what came along (a reply, a bundle, the old chain).
        anchors: what is trusted.
    """
    given = tuple(dict.fromkeys(candidates))
    kept = tuple(dict.fromkeys(anchors))
    issued = issuance((leaf, *given, *kept))
    # Trust in the certificate itself says nothing of its issuers.
    chain = Routes(issued, (one for one in kept if one != leaf)).path(leaf)
    last = chain[-1]
    rooted = issued.is_self_signed(last)
    closed = rooted or (last in kept and last != leaf)
    facts = None if closed else facts_or_none(last)
    candidate = frozenset(given)
    origins: list[Origin] = ["own"]
    origins += ["candidates" if one in candidate else "anchors" for one in chain[1:]]
    return Completed(
        chain,
        closed,
        rooted,
        facts.issuer if facts is not None else None,
        tuple(origins),
        any(one in chain for one in kept),
        tuple(doubt for one in chain if (doubt := issued.doubt(one))),
        tuple(one for one in given if one not in chain),
    )
