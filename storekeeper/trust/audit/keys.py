"""What an audit says of an entry with a private key: its chain, its dates, its protection."""

from __future__ import annotations

from ...frozen import replace
from ...times import distance, iso_date
from ...x509 import facts_or_none
from ..anchors import canonical_subject_sha256
from ..chain import complete
from ..distrust import distrust_of
from .certificates import capped, issued_up_to
from .values import AuditFinding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...model import Certificate
    from ..chain import Completed
    from .certificates import Certificates


def key_findings(
    chain: Sequence[Certificate], trusted: Sequence[Certificate], certificates: Certificates
) -> Iterator[AuditFinding]:
    """Findings about the chain of a private key.

    Args:
        chain: as the entry has it, own certificate first; not empty.
        trusted: what else the store trusts, where an issuer may be.
        certificates: the judge of certificates.
    """
    for place, certificate in enumerate(chain):
        found = certificates.judged(certificate)
        what = "" if not place else f"in its chain, {found.subject or 'a certificate'}: "
        for one in found.presented:
            if one.code == "expired":
                after = found.not_after or 0
                said = f"{what}expired {distance(after, certificates.at)}, on {iso_date(after)}"
                hint = "renew it: storekeeper csr, then storekeeper reply"
                hint = hint if not place else "storekeeper reply with the CA's present chain"
                source = "RFC 5280 section 4.1.2.5"
                one = AuditFinding("key-expired", "error", said, hint, source=source)
            elif one.code == "not-yet-valid":
                one = replace(one, severity="error", message=what + one.message)
            elif place and one.code in ("non-positive-serial", "lifetime-too-long"):
                continue  # its CA's business
            else:
                one = replace(one, message=what + one.message)
            yield replace(one, sha256=certificate.sha256)
        if said := certificates.near(found):
            hint = "renew it: storekeeper csr, then storekeeper reply"
            yield AuditFinding(
                "key-expires-soon", "warning", what + said, hint, sha256=certificate.sha256,
                source="policy: expires_soon",
            )  # fmt: skip
    if facts_or_none(chain[0]) is None:
        return  # unreadable, which is told
    done = complete(chain[0], chain[1:], trusted)
    yield from _completeness(chain, done, certificates)
    # A server need not send its root; the store may have it all the same.
    above = dict.fromkeys((*chain[1:], *done.chain[1:]))
    yield from issued_too_late(chain[0], tuple(above), certificates)


def _completeness(
    chain: Sequence[Certificate], done: Completed, certificates: Certificates
) -> Iterator[AuditFinding]:
    own = chain[0]
    given = [one for one in done.chain if one in chain]
    said = hint = ""
    if given != list(chain):
        strangers = [one for one in chain if one not in given]
        if strangers:
            subject = certificates.judged(strangers[0]).subject or "an unreadable certificate"
            said = f"{subject} is in its chain and issued nothing of it"
        else:
            said = "its chain is out of order: expected each certificate before its issuer"
        hint = "storekeeper import-key or reply put a chain in order"
    elif len(chain) == 1 and not done.closed and done.missing is not None:
        issuer = capped(done.missing.rfc4514())
        if _is_root(done.missing.canonical(), certificates):
            return  # nothing between it and a root, which servers need not send
        said = f"its chain ends at its own certificate: expected that of its issuer, {issuer}"
        hint = "storekeeper reply with the CA's certificates completes it; clients that do not "
        hint += "know the issuer refuse it"
    if said:
        yield AuditFinding(
            "incomplete-chain", "warning", said, hint, sha256=own.sha256,
            source="RFC 8446 section 4.4.2",
        )  # fmt: skip


def _is_root(canonical: str, certificates: Certificates) -> bool:
    from hashlib import sha256

    digest = sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
    return bool(certificates.asked.same_name(digest))


def issued_too_late(
    leaf: Certificate, above: Sequence[Certificate], certificates: Certificates
) -> Iterator[AuditFinding]:
    """``distrust-after`` as an error: the leaf was issued after the day its root's users allow.

    Args:
        leaf: a server's or client's certificate.
        above: certificates above it, as far as they are known; those that issued nothing of
            the chain do no harm where they bear no such date.
        certificates: the judge of certificates.
    """
    begun = certificates.judged(leaf).not_before
    if begun is None:
        return
    for one in above:
        late = [
            word
            for word in distrust_of(one.sha256)
            if word.kind == "distrust-after" and word.purpose != "email"
            and word.issued_until is not None and begun > word.issued_until
        ]  # fmt: skip
        if late:
            root = certificates.judged(one).subject
            yield AuditFinding(
                "distrust-after", "error",
                f"issued on {iso_date(begun)} below {root}, which is {issued_up_to(late)}",
                "clients that follow these lists refuse it: get one from another CA",
                sha256=leaf.sha256, source="; ".join(dict.fromkeys(w.source for w in late)),
            )  # fmt: skip


def issuers_in(
    chain: Sequence[Certificate], trusted: dict[str | None, list[Certificate]]
) -> tuple[Certificate, ...]:
    """The trusted certificates whose subject is the issuer of one in a chain, by name alone."""
    from hashlib import sha256

    found: dict[Certificate, None] = {}
    for one in chain:
        facts = facts_or_none(one)
        if facts is not None and not facts.self_issued:
            name = facts.issuer.canonical().encode("utf-8", "surrogatepass")
            found |= dict.fromkeys(trusted.get(sha256(name).hexdigest(), ()))
    return tuple(found)


def by_subject(certificates: Sequence[Certificate]) -> dict[str | None, list[Certificate]]:
    """Certificates by the canonical hash of their subject."""
    found: dict[str | None, list[Certificate]] = {}
    for one in certificates:
        found.setdefault(canonical_subject_sha256(one), []).append(one)
    return found


__all__ = ["by_subject", "issued_too_late", "issuers_in", "key_findings"]
