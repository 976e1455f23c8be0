"""Who issued whom among a set of certificates: by names, keys and signatures.

Nothing here looks at the order of a file, and a name proves nothing: two roots may share
one, a renewed root keeps its key, and a cross-signed issuer has several certificates. What
issues is a *holder*, a name with a key; its certificates are interchangeable as issuers
(RFC 5280 section 6.1 looks at nothing else of them to chain names and signatures).
"""

from __future__ import annotations

from itertools import islice

from ..errors import Damaged, StorekeeperError
from ..x509 import facts_or_none
from .paths import Routes
from .public_keys import identity

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from ..model import Certificate
    from ..names import Name
    from ..x509 import Facts
    from .public_keys import Identity

    Role = Literal["leaf", "intermediate", "root"]

# Keys of one name tried on one signature. Honest issuers have two or three; a key store of
# a hundred self-signed "localhost" finds each one's own key at the first try.
MOST_KEYS = 16


class Holder:
    """A name with a key, and the certificates of the set that say so, in input order.

    Attributes:
        spki: DER of the key, as the first certificate has it.
        certificates: those with this subject and key.
        issued: it signed a certificate of another holder.
    """

    __slots__ = ("_key_ids", "certificates", "issued", "spki")

    def __init__(self, spki: bytes) -> None:
        self.spki = spki
        self.certificates: list[Certificate] = []
        self.issued = False
        self._key_ids: frozenset[bytes] | None = None

    @property
    def key_ids(self) -> frozenset[bytes]:
        """The subject key identifiers its certificates give; CAs are free to differ."""
        if self._key_ids is None:
            found = (facts_or_none(one) for one in self.certificates)
            ids = (facts.subject_key_id for facts in found if facts is not None)
            self._key_ids = frozenset(key_id for key_id in ids if key_id is not None)
        return self._key_ids


class Issuance:
    """The certificates of a set and who issued whom. Made by `issuance`.

    Every question may also be asked of a certificate outside the set: it is judged
    against the set and does not join it. A certificate that can't be parsed is a leaf
    without issuers.

    Attributes:
        certificates: the set, in input order, each once.
    """

    def __init__(self, certificates: Iterable[Certificate]) -> None:
        self.certificates: tuple[Certificate, ...] = tuple(dict.fromkeys(certificates))
        self._canonical: dict[bytes, object] = {}
        self._own: dict[Certificate, Holder] = {}
        self._named: dict[object, dict[Identity, Holder]] = {}
        self._key_ids: dict[object, dict[bytes, list[Holder]]] = {}
        self._signers: dict[Certificate, tuple[Holder, ...]] = {}
        self._doubts: dict[Certificate, str] = {}
        self._linked = False
        self._routes: Routes | None = None
        for certificate in self.certificates:
            facts = facts_or_none(certificate)
            if facts is not None:
                self._hold(certificate, facts)
        for name, group in self._named.items():
            # By the keys, so that the order of a file does not decide which are tried.
            self._named[name] = dict(sorted(group.items())) if len(group) > 1 else group

    # -- who signed -------------------------------------------------------------------

    def issuers_of(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Those of the set that signed it: itself first, then those whose key identifier
        is the one it names, then those valid longest.

        A certificate whose signature can't be verified (`unverified`) has the issuers
        that its name and key identifiers allow.
        """
        facts = facts_or_none(certificate)
        wanted = None if facts is None else facts.authority_key_id

        def rank(issuer: Certificate) -> tuple[bool, bool, int, str]:
            theirs = facts_or_none(issuer)
            named = theirs is not None and wanted is not None and theirs.subject_key_id == wanted
            until = theirs.not_after if theirs is not None else None
            return issuer != certificate, not named, -(until or 0), issuer.sha256

        found = [one for holder in self.signers(certificate) for one in holder.certificates]
        return tuple(sorted(found, key=rank))

    def is_self_signed(self, certificate: Certificate) -> bool:
        """It names itself as its issuer, and its own key signed it."""
        facts = facts_or_none(certificate)
        if facts is None or not self._same_name(facts):
            return False
        own = self.holder(certificate)
        if own is not None:
            return own in self.signers(certificate)
        verdict = _verdict(facts, facts.spki)
        if verdict is None:
            return facts.authority_key_id in (None, facts.subject_key_id)
        return verdict

    @property
    def unverified(self) -> tuple[Certificate, ...]:
        """Those whose issuers are told by names and key identifiers alone; see `doubt`."""
        self._link()
        return tuple(one for one in self.certificates if one in self._doubts)

    def doubt(self, certificate: Certificate) -> str:
        """Why its signature could not be verified, in words; "" when nothing is in doubt."""
        self.signers(certificate)
        return self._doubts.get(certificate, "")

    # -- roles ------------------------------------------------------------------------

    def role(self, certificate: Certificate) -> Role:
        """What it is among these certificates.

        "root": it signed itself, and is a CA or issued another here. "intermediate": it is
        a CA or issued another here, and did not sign itself. "leaf": everything else; also
        a self-signed certificate that is no CA and issued nothing here.
        """
        self._link()
        facts = facts_or_none(certificate)
        if facts is None:
            return "leaf"
        own = self.holder(certificate)
        if not facts.is_ca and (own is None or not own.issued):
            return "leaf"
        return "root" if self.is_self_signed(certificate) else "intermediate"

    @property
    def leaves(self) -> tuple[Certificate, ...]:
        """Those whose role is "leaf", in input order."""
        return self._with_role("leaf")

    @property
    def intermediates(self) -> tuple[Certificate, ...]:
        """Those whose role is "intermediate", in input order."""
        return self._with_role("intermediate")

    @property
    def roots(self) -> tuple[Certificate, ...]:
        """Those whose role is "root", in input order."""
        return self._with_role("root")

    def _with_role(self, role: Role) -> tuple[Certificate, ...]:
        return tuple(one for one in self.certificates if self.role(one) == role)

    # -- paths ------------------------------------------------------------------------

    def path(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """The certificate, its issuer, and so on, to a root or as far as the set reaches.

        Of several issuers it takes the one whose path closes at a self-signed certificate,
        then the path that stays valid longest. At most `paths.LONGEST` certificates.
        """
        if self._routes is None:
            self._routes = Routes(self)
        return self._routes.path(certificate)

    def missing_issuer(self, certificate: Certificate) -> Name | None:
        """The issuer that the last of its `path` names, and the set lacks.

        None when the path ends at a self-signed certificate, or at one that can't be parsed.
        """
        last = self.path(certificate)[-1]
        facts = facts_or_none(last)
        return None if facts is None or self.is_self_signed(last) else facts.issuer

    @property
    def is_chain(self) -> bool:
        """Nothing but leaves and their issuers, both present: what servers send.

        Several leaves, and several certificates of one issuer (cross-signed), are still a chain.
        """
        leaves = self.leaves
        reached = set(leaves)
        if not leaves or len(leaves) == len(self.certificates):
            return False
        waiting, seen = list(leaves), set[int]()
        while waiting:
            for holder in self.signers(waiting.pop()):
                if id(holder) not in seen:
                    seen.add(id(holder))
                    reached.update(holder.certificates)
                    waiting += holder.certificates
        return len(reached) == len(self.certificates)

    # -- holders ----------------------------------------------------------------------

    def holder(self, certificate: Certificate) -> Holder | None:
        """The holder in the set with this certificate's subject and key."""
        if (found := self._own.get(certificate)) is not None:
            return found
        facts = facts_or_none(certificate)
        if facts is None:
            return None
        return self._named.get(self._name(facts.subject), {}).get(identity(facts.spki))

    def signers(self, certificate: Certificate) -> tuple[Holder, ...]:
        """The holders in the set that signed it: one or none, more only when unverified."""
        found = self._signers.get(certificate)
        if found is None:
            found = self._signers[certificate] = self._find_signers(certificate)
        return found

    def _hold(self, certificate: Certificate, facts: Facts) -> None:
        name, key = self._name(facts.subject), identity(facts.spki)
        group = self._named.setdefault(name, {})
        holder = group.get(key)
        if holder is None:
            holder = group[key] = Holder(facts.spki)
        holder.certificates.append(certificate)
        self._own[certificate] = holder

    def _find_signers(self, certificate: Certificate) -> tuple[Holder, ...]:
        facts = facts_or_none(certificate)
        if facts is None:
            return ()
        group = self._named.get(self._name(facts.issuer))
        if group is None:
            return ()
        own = self.holder(certificate) if self._same_name(facts) else None
        possible: list[Holder] = []
        for holder in self._likely_first(facts, own, group):
            verdict = _verdict(facts, holder.spki)
            if verdict:
                return (holder,)
            if verdict is None:
                possible.append(holder)
        if not possible:
            return ()
        self._doubts[certificate] = (
            f"its signature ({facts.signature_algorithm}) can't be verified here: its issuer "
            "is told by name and key identifier"
        )
        return _allowed(facts, own, possible)

    def _likely_first(
        self, facts: Facts, own: Holder | None, group: dict[Identity, Holder]
    ) -> list[Holder]:
        """The holders of a name in the order they are worth a try, at most `MOST_KEYS`."""
        if len(group) == 1:
            return list(group.values())
        likely = [own] if own is not None else []
        wanted = facts.authority_key_id
        if wanted is not None:
            same_id = self._by_key_id(self._name(facts.issuer), group).get(wanted, ())
            likely += same_id[:MOST_KEYS]
        likely += islice(group.values(), MOST_KEYS)
        return list(dict.fromkeys(likely))[:MOST_KEYS]

    def _by_key_id(self, name: object, group: dict[Identity, Holder]) -> dict[bytes, list[Holder]]:
        found = self._key_ids.get(name)
        if found is None:
            found = self._key_ids[name] = {}
            for holder in group.values():
                for key_id in holder.key_ids:
                    found.setdefault(key_id, []).append(holder)
        return found

    def _link(self) -> None:
        if self._linked:
            return
        for certificate in self.certificates:
            own = self.holder(certificate)
            for holder in self.signers(certificate):
                # A renewed certificate of the same key is no other's.
                holder.issued = holder.issued or holder is not own
        self._linked = True

    def _name(self, name: Name) -> object:
        found = self._canonical.get(name.der)
        if found is None:
            found = self._canonical[name.der] = match_key(name)
        return found

    def _same_name(self, facts: Facts) -> bool:
        return self._name(facts.subject) == self._name(facts.issuer)


def issuance(certificates: Iterable[Certificate]) -> Issuance:
    """Who issued whom among these certificates; one given twice counts once.

    Reads them at once and verifies signatures when asked (`cryptography` is imported then,
    and only where an issuer's name is in the set). Both take time in proportion to the set.
    """
    return Issuance(certificates)


def _verdict(facts: Facts, spki: bytes) -> bool | None:
    from .signatures import signed

    try:
        algorithm, signature = facts.signature
    except Damaged:
        return None
    return signed(spki, algorithm, signature, facts.tbs)


def _allowed(facts: Facts, own: Holder | None, possible: list[Holder]) -> tuple[Holder, ...]:
    """Which of the holders may have signed, for all that key identifiers say."""
    if (wanted := facts.authority_key_id) is not None:
        exact = [holder for holder in possible if wanted in holder.key_ids]
        possible = exact or [holder for holder in possible if not holder.key_ids]
    if own is not None and own in possible:
        return (own,)
    return tuple(possible)


def match_key(name: Name) -> object:
    """What two names have in common that `Name.matches` calls equal; it hashes."""
    try:
        return tuple(len(rdn) for rdn in name.rdns), name.canonical()
    except StorekeeperError:
        return name.der
