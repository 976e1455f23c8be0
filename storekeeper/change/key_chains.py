"""The chain of a key out of what lies about: an answer, a bundle, the store, trusted stores.

A chain that is installed belongs to its key, is in order, and closes: it ends at a
certificate that signed itself or is trusted. What is missing is named.
"""

from __future__ import annotations

from ..errors import WriteRefused
from ..model import Certificate, Finding, PrivateKey, Store, TrustedCert, replace
from ..trust.chain import complete, matches_key
from ..x509 import facts_or_none
from .plan import subject_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..trust.chain import Completed

    Chain = tuple[tuple[Certificate, ...], tuple[Finding, ...]]

__all__ = ["chain_for", "chain_of", "judged", "newest", "subjects", "trusted_of"]


def chain_for(
    pkcs8: bytes,
    certificates: Iterable[Certificate],
    *,
    trusted: Iterable[Certificate] = (),
    store: Store | None = None,
    incomplete: bool = False,
    where: str = "",
    at: int | None = None,
) -> Chain:
    """The ordered chain of a key out of certificates in any order, and what to tell of it.

    Args:
        pkcs8: the key.
        certificates: among them the key's own.
        trusted: where missing issuers may be found.
        store: the one the key goes to, whose certificates may know the way as well.
        incomplete: a chain that does not close is given all the same.
        where: the alias, for messages.
        at: when to judge dates, seconds since 1970 UTC; now when None.

    Raises:
        WriteRefused: none of the certificates is for the key, or the chain does not close.
    """
    from ..pki.keys import spki_of

    given = list(dict.fromkeys(certificates))
    public = spki_of(pkcs8)
    own = [one for one in given if matches_key(one, public)]
    if not given:
        raise WriteRefused(
            "there is no certificate beside the private key",
            hint="give the file with its certificate as well",
            alias=where or None,
        )
    if not own:
        raise WriteRefused(
            f"the private key does not belong to {_counted(given)}: {subjects(given)}",
            hint="the key's own certificate has to be among them",
            alias=where or None,
        )
    return chain_of(
        newest(own), given, trusted=trusted, store=store, incomplete=incomplete, where=where, at=at
    )


def chain_of(
    leaf: Certificate,
    given: Sequence[Certificate],
    *,
    trusted: Iterable[Certificate] = (),
    store: Store | None = None,
    renews: PrivateKey | None = None,
    incomplete: bool = False,
    where: str = "",
    path: str | None = None,
    at: int | None = None,
) -> Chain:
    """The chain of one certificate, and what to tell of it; as `chain_for`.

    What came along counts first, then what other keys of the store have in their chains,
    then the chain the key had, which knows the way when a certificate is renewed.

    Raises:
        WriteRefused: the chain does not close; the message names the missing issuer.
    """
    entries = store.entries if store else ()
    anchors = [*(trusted_of(store) if store else ()), *trusted]
    others = [
        one
        for entry in entries
        if isinstance(entry, PrivateKey) and entry is not renews
        for one in entry.chain
    ]
    near = [one for one in given if one != leaf]
    completed = complete(leaf, near, anchors)
    for more in (others, renews.chain[1:] if renews else ()):
        if completed.rooted:
            break
        near += more
        longer = complete(leaf, near, anchors)
        if longer.rooted or not completed.closed:
            completed = longer
    findings = judged(completed, given, where, path, incomplete=incomplete)
    return completed.chain, (*findings, *_checked(completed, where, at))


def judged(
    completed: Completed,
    given: Sequence[Certificate],
    alias: str,
    path: str | None,
    *,
    incomplete: bool,
) -> tuple[Finding, ...]:
    """What to tell of a chain, beyond what is told of each certificate.

    Raises:
        WriteRefused: it does not close, and that was not said to be all right.
    """
    findings = [Finding("unverified-signature", "warning", alias, one) for one in completed.doubts]
    if not completed.closed:
        missing = completed.missing.rfc4514() if completed.missing else "(unreadable)"
        message = f"the chain does not close: the certificate of its issuer {missing} is missing"
        if not incomplete:
            raise WriteRefused(
                message,
                alias=alias or None,
                hint="give it along with the others, name a store that has it (--trust cacerts), "
                "or say --incomplete",
                path=path,
            )
        findings.append(
            Finding(
                "incomplete-chain",
                "warning",
                alias,
                message,
                "who is shown this chain has to know that issuer already",
            )
        )
    elif not completed.anchored and len(completed.chain) > 1:
        from ..trust.inventory import colons

        root = completed.chain[-1]
        findings.append(
            Finding(
                "root-not-trusted",
                "info",
                alias,
                f"the chain ends at {subject_of(root)}, SHA-256 {colons(root.sha256)}, "
                "which is in none of the trusted stores",
                "compare the fingerprint with what the CA publishes",
            )
        )
    added = [subject_of(one) for one in completed.chain[1:] if one not in given]
    if added:
        message = f"completed with {'; '.join(added)}, known from the store or what is trusted"
        findings.append(Finding("chain-completed", "info", alias, message))
    return tuple(findings)


def trusted_of(store: Store) -> list[Certificate]:
    """The trusted certificates of a store."""
    return [one.certificate for one in store.entries if isinstance(one, TrustedCert)]


def newest(certificates: Iterable[Certificate]) -> Certificate:
    """The one that begins last: what a CA sent along with the one it replaces is older."""
    return max(certificates, key=_begins)


def subjects(certificates: Sequence[Certificate]) -> str:
    """Whom a few certificates are for, in a line."""
    shown = "; ".join(subject_of(one) for one in certificates[:3])
    return f"{shown}; ..." if len(certificates) > 3 else shown or "none"


def _begins(certificate: Certificate) -> int:
    facts = facts_or_none(certificate)
    return (facts.not_before if facts else None) or 0


def _checked(completed: Completed, where: str, at: int | None) -> tuple[Finding, ...]:
    """Warnings about its certificates. Nobody looks at those of a root that signed itself."""
    import time

    from ..trust.checks import check

    at = int(time.time()) if at is None else at
    shown = completed.chain
    if completed.rooted and len(shown) > 1:
        shown = shown[:-1]
    found: list[Finding] = []
    for number, one in enumerate(shown):
        for finding in check(one, at, expected="presented", where=where):
            if finding.severity == "info":
                continue
            issuer = f"its issuer {subject_of(one)}: " if number else ""
            found.append(replace(finding, message=f"{issuer}{finding.message}"))
    return tuple(found)


def _counted(certificates: Sequence[Certificate]) -> str:
    count = len(certificates)
    return "the certificate" if count == 1 else f"any of the {count} certificates"
