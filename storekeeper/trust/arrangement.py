"""A chain as a server sends it, and as it should: order, gaps, and what does not belong there.

RFC 8446 section 4.4.2: the sender's own certificate first; each following one should certify
the one before it; a root may be left out, since who does not have it will not trust it.
"""

from __future__ import annotations

from ..frozen import Frozen
from ..x509 import facts_or_none
from .calling import called, name_text
from .chain import complete
from .issuance import Issuance, issuance
from .paths import LONGEST
from .reach import concerned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from ..model import Certificate
    from ..names import Name
    from .issuance import Role

    State = Literal["sent", "store", "elsewhere"]
    Code = Literal[
        "unreadable",
        "duplicate",
        "root-sent",
        "unrelated",
        "second-leaf",
        "cross-signed",
        "out-of-order",
        "missing",
        "loop",
        "unknown-root",
        "unverified",
    ]


class Member(Frozen):
    """One certificate of the picture.

    Attributes:
        certificate: it.
        places: where it was sent, counted from 0; () when it was not.
        role: what it is among all of them.
        where: "sent", else "store", else "elsewhere".
        anchor: it is in the store.
        alias: its alias there, or "".
    """

    certificate: Certificate
    places: tuple[int, ...]
    role: Role
    where: State
    anchor: bool = False
    alias: str = ""


class Remark(Frozen):
    """One thing about the chain.

    Attributes:
        code: stable identifier.
        message: lower case, no full stop.
        certificate: the one it is about, or None.
        fault: whether the server has something to mend because of it.
    """

    code: Code
    message: str
    certificate: Certificate | None = None
    fault: bool = True


class Arrangement(Frozen):
    """What a chain is, beside what it should be.

    Attributes:
        sent: as it was sent.
        leaf: the certificate the chain is for.
        path: from the leaf to its root or anchor, or as far as the certificates reach.
        closed: the path ends at a root, or at an anchor.
        anchored: some of it is in the store; None where no store was given.
        order: what should be sent: the path without its root, then cross-signed ones.
        in_order: what was sent is just that.
        missing: the issuer that nobody has, or None.
        locations: where that one can be fetched, as its child says.
        members: every certificate, path first.
        remarks: the server's mistakes, then what is good to know.
    """

    sent: tuple[Certificate, ...]
    leaf: Certificate
    path: tuple[Certificate, ...]
    closed: bool
    anchored: bool | None
    order: tuple[Certificate, ...]
    in_order: bool
    missing: Name | None
    locations: tuple[str, ...]
    members: tuple[Member, ...]
    remarks: tuple[Remark, ...]

    @property
    def good(self) -> bool:
        """The server sends what it should."""
        return not any(remark.fault for remark in self.remarks)

    def member(self, certificate: Certificate) -> Member:
        """The member of a certificate of the picture."""
        return next(one for one in self.members if one.certificate == certificate)


def arrange(
    sent: Sequence[Certificate],
    anchors: Iterable[Certificate] | None = None,
    fetched: Iterable[Certificate] = (),
    *,
    aliases: Iterable[tuple[str, str]] = (),
) -> Arrangement:
    """Look at a chain.

    Takes time in proportion to its certificates, however they are signed crosswise.

    Args:
        sent: as the server sends it, at least one.
        anchors: what is trusted; None when nobody said.
        fetched: certificates from elsewhere, which fill gaps and are not trusted.
        aliases: (SHA-256, alias) of anchors.
    """
    own = tuple(sent)
    more = tuple(dict.fromkeys(fetched))
    # A store has a hundred roots, and each that is looked at is verified.
    trusted = dict.fromkeys(anchors or ())
    near = frozenset(concerned((*own, *more), tuple(trusted)))
    kept = tuple(one for one in trusted if one in near)
    leaf = leaf_of(own)
    found = complete(leaf, (*own, *more), kept)
    issued = issuance((*own, *more, *kept))
    last = found.chain[-1]
    root = last if len(found.chain) > 1 and issued.is_self_signed(last) else None
    body = tuple(one for one in found.chain if one != root)
    crossed = tuple(one for one in dict.fromkeys(own) if _crossed(one, found.chain, issued))
    order = (*body, *crossed)
    names = dict(aliases)
    picture = _Picture(own, kept, more, leaf, found.chain, crossed, issued, names)
    remarks = [*picture.mistakes(root)]
    missing = None if found.closed else found.missing
    if missing is not None and issued.signers(last):
        missing = None  # the issuer is here, and the path came by it already
        remarks.append(Remark("loop", _circle(last, len(found.chain)), last))
    locations: tuple[str, ...] = ()
    if missing is not None:
        facts = facts_or_none(last)
        locations = facts.ca_issuer_urls if facts is not None else ()
    unsent = [one for one in order if one not in own]
    remarks += _gaps(unsent, missing, last, None if anchors is None else kept)
    present = [one for one in order if one in own]
    if own[0] != leaf or list(dict.fromkeys(one for one in own if one in order)) != present:
        remarks.append(Remark("out-of-order", _ordering(own, present)))
    remarks += picture.knowledge(found.doubts)
    if root is not None and anchors is not None and not found.anchored:
        remarks.append(
            Remark("unknown-root", f"its root is not in the store: {called(root)}", root, False)
        )
    return Arrangement(
        own,
        leaf,
        found.chain,
        found.closed,
        None if anchors is None else found.anchored,
        order,
        own == order,
        missing,
        locations,
        tuple(picture.members()),
        tuple(sorted(remarks, key=lambda one: not one.fault)),
    )


def leaf_of(sent: Sequence[Certificate]) -> Certificate:
    """The server's own certificate among those it sends: the first, unless that issued others.

    Raises:
        UsageError: there is none at all.
    """
    if not sent:
        from ..errors import UsageError

        raise UsageError("expected a chain, found no certificate")
    first = sent[0]
    if len(dict.fromkeys(sent)) == 1:
        return first
    issued = issuance(sent)
    if issued.role(first) == "leaf" and facts_or_none(first) is not None:
        return first
    readable = [one for one in issued.leaves if facts_or_none(one) is not None]
    if readable:
        return readable[0]
    # Nothing but CAs: the one that issued none of the others.
    issuers = {one for other in issued.certificates for one in _above(other, issued)}
    return next((one for one in issued.certificates if one not in issuers), first)


def _above(one: Certificate, issued: Issuance) -> tuple[Certificate, ...]:
    own = issued.holder(one)
    return tuple(
        issuer
        for holder in issued.signers(one)
        if holder is not own
        for issuer in holder.certificates
    )


def _crossed(one: Certificate, path: Sequence[Certificate], issued: Issuance) -> bool:
    """Another certificate of a name and key in the path, issued by somebody else."""
    holder = issued.holder(one)
    if holder is None or one in path or issued.is_self_signed(one):
        return False
    return any(issued.holder(other) is holder for other in path[1:])


def _gaps(
    unsent: list[Certificate],
    missing: Name | None,
    last: Certificate,
    anchors: tuple[Certificate, ...] | None,
) -> Iterable[Remark]:
    for one in unsent:
        where = "the store has it" if one in (anchors or ()) else "it is at hand"
        yield Remark("missing", f"not sent: {called(one)}; {where}", one)
    if missing is None:
        return
    facts = facts_or_none(last)
    name = name_text(missing)
    told = f"the issuer of {called(last)} is not sent: {name}"
    if facts is not None and facts.is_ca:
        # Whether it is a root, which nobody has to send, only who has it can tell.
        told += "; if it is a root, it need not be"
    if anchors is not None:
        told += "; nor is it in the store"
    yield Remark("missing", told, last, facts is None or not facts.is_ca)


def _circle(last: Certificate, length: int) -> str:
    if length >= LONGEST:
        return f"gave up after {LONGEST} certificates, at {called(last)}"
    return f"the issuers go round in a circle, from {called(last)} back into the path"


def _ordering(sent: Sequence[Certificate], order: Sequence[Certificate]) -> str:
    places = {one: number for number, one in reversed(list(enumerate(sent, 1)))}
    wanted = [str(places[one]) for one in order]
    if len(wanted) == 1:
        return f"not in order: what was sent as {wanted[0]} should come first"
    return f"not in order: what was sent as {', '.join(wanted)} should come in that order"


class _Picture:
    """The certificates, and what is to be said of each."""

    def __init__(
        self,
        sent: tuple[Certificate, ...],
        anchors: tuple[Certificate, ...],
        fetched: tuple[Certificate, ...],
        leaf: Certificate,
        path: tuple[Certificate, ...],
        crossed: tuple[Certificate, ...],
        issued: Issuance,
        aliases: dict[str, str],
    ) -> None:
        self._sent, self._anchors, self._fetched = sent, frozenset(anchors), fetched
        self._leaf, self._path, self._crossed = leaf, path, crossed
        self._issued, self._aliases = issued, aliases
        self._places: dict[Certificate, list[int]] = {}
        for number, one in enumerate(sent):
            self._places.setdefault(one, []).append(number)

    def mistakes(self, root: Certificate | None) -> Iterable[Remark]:
        """What the server should not send."""
        for one, places in self._places.items():
            shown = places[0] + 1
            if len(places) > 1:
                again = ", ".join(str(place + 1) for place in places[1:])
                yield Remark("duplicate", f"certificate {shown} comes again as {again}", one)
            if facts_or_none(one) is None:
                yield Remark("unreadable", f"certificate {shown} can't be read", one)
            elif one == root or (one not in self._path and self._is_root(one)):
                told = f"certificate {shown} is a root: who trusts it has it"
                yield Remark("root-sent", told, one, False)
            elif one not in self._path and one not in self._crossed and len(self._path) < LONGEST:
                if self._issued.role(one) == "leaf":
                    told = f"certificate {shown} is another server's: {called(one)}"
                    yield Remark("second-leaf", told, one)
                else:
                    told = f"certificate {shown} has no part in the path: {called(one)}"
                    yield Remark("unrelated", told, one)

    def _is_root(self, one: Certificate) -> bool:
        holder = self._issued.holder(one)
        return (
            self._issued.is_self_signed(one)
            and one != self._leaf
            and any(self._issued.holder(other) is holder for other in self._path)
        )

    def knowledge(self, doubts: Sequence[str]) -> Iterable[Remark]:
        """What is no mistake."""
        for one in self._crossed:
            facts = facts_or_none(one)
            issuer = "" if facts is None else name_text(facts.issuer)
            yield Remark(
                "cross-signed",
                f"{called(one)} also has a certificate from {issuer}: another way for who trusts "
                "that one",
                one,
                False,
            )
        for doubt in doubts:
            yield Remark("unverified", doubt, None, False)

    def members(self) -> Iterable[Member]:
        """Each certificate once, those of the path first."""
        for one in dict.fromkeys((*self._path, *self._sent, *self._fetched)):
            places = tuple(self._places.get(one, ()))
            trusted = one in self._anchors
            where: State = "sent" if places else "store" if trusted else "elsewhere"
            role = self._issued.role(one)
            yield Member(one, places, role, where, trusted, self._aliases.get(one.sha256, ""))
