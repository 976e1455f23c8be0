"""What was encoded, read again and held against what was planned, before anything is touched."""

from __future__ import annotations

from ..errors import WriteRefused
from ..model import Entry, Finding, Opaque, PrivateKey, SecretKey, Store, TrustedCert, kind

__all__ = ["compare"]

_DATED = ("JKS", "JCEKS")
_NAMELESS = ("DER", "PKCS7")  # aliases there are made up by the reader


def compare(planned: Store, found: Store) -> tuple[Finding, ...]:
    """Notes about what the file says otherwise than planned, where that is its format's nature.

    Raises:
        WriteRefused: an entry would be missing, more, or another one.
    """
    if found.format != planned.format:
        raise WriteRefused(f"what was encoded reads as {found.format}, not {planned.format}")
    left: dict[str, list[Entry]] = {}
    for entry in found.entries:
        left.setdefault(_label(entry, found.format), []).append(entry)
    notes: list[Finding] = []
    for entry in planned.entries:
        candidates = left.get(_label(entry, planned.format), [])
        again = next((one for one in candidates if _same(entry, one, planned.format)), None)
        if again is None:
            raise _lost(entry, candidates, found)
        candidates.remove(again)
        if isinstance(entry, PrivateKey) and isinstance(again, PrivateKey):
            notes += _longer(entry, again)
    more = [entry for entries in left.values() for entry in entries]
    if more:
        raise WriteRefused(
            f"what was encoded holds a {_word(more[0])} that was not planned", alias=more[0].alias
        )
    if planned.format in _DATED and _aliases(planned) != _aliases(found):
        raise WriteRefused("what was encoded has the entries in another order than planned")
    return tuple(notes)


def _aliases(store: Store) -> list[str]:
    return [entry.alias for entry in store.entries]


def _label(entry: Entry, format: str) -> str:
    if format in _NAMELESS:
        return ""
    # Old OpenSSL ended friendly names with a NUL, which readers drop.
    return entry.alias.removesuffix("\0")


def _same(planned: Entry, found: Entry, format: str) -> bool:
    dated = format in _DATED or (format == "PKCS12" and isinstance(planned, PrivateKey | SecretKey))
    if dated and planned.created_ms != found.created_ms:
        return False
    if format == "PKCS12" and not _same_attributes(planned, found):
        return False
    if format in _DATED and _types(planned) != _types(found):
        return False
    match planned, found:
        case TrustedCert(), TrustedCert():
            return planned.certificate == found.certificate
        case PrivateKey(), PrivateKey():
            chain = found.chain
            if format == "PKCS12":
                # Its reader, as Java's, goes on through every certificate in the file.
                chain = chain[: len(planned.chain)]
            return planned.chain == chain and _same_sealed(planned, found, format)
        case SecretKey(), SecretKey():
            return _same_sealed(planned, found, format)
        case Opaque(), Opaque():
            return planned.data == found.data and planned.what == found.what
    return False


def _same_attributes(planned: Entry, found: Entry) -> bool:
    wanted = planned.attributes
    if wanted is None:
        from ..formats.pkcs12_bags import JAVA_TRUSTED

        wanted = JAVA_TRUSTED if isinstance(planned, TrustedCert) else ()
    got = found.attributes or ()
    return wanted == got or sorted(wanted, key=repr) == sorted(got, key=repr)


def _types(entry: Entry) -> list[str]:
    """The words for the kind of certificate, which a JKS has room for."""
    match entry:
        case TrustedCert():
            return [entry.certificate.type]
        case PrivateKey():
            return [certificate.type for certificate in entry.chain]
    return []


def _same_sealed(
    planned: PrivateKey | SecretKey, found: PrivateKey | SecretKey, format: str
) -> bool:
    one, other = planned.sealed.data, found.sealed.data
    if one == other:
        return True
    if format == "PKCS12":
        from .. import der
        from ..errors import StorekeeperError
        from ..formats.pkcs12_bags import canonical

        try:
            return canonical(der.read(one)) == other
        except StorekeeperError:
            return False
    return False


def _lost(entry: Entry, candidates: list[Entry], found: Store) -> WriteRefused:
    format = found.format
    if not candidates and any(_same(entry, one, format) for one in found.entries):
        return WriteRefused(
            f"a {format} would not give this alias back when it is read again",
            alias=entry.alias,
            hint="choose an alias of printable characters without blanks around it",
        )
    hint = "nothing was written; please report this with the format and kind of the entry"
    if format == "PEM":
        hint = (
            "an encrypted key in a bundle is told by its place alone which certificate is its "
            "own: give each key a file of its own, or convert the bundle to PKCS12"
        )
    return WriteRefused(
        f"the {_word(entry)}, written as {format} and read again, is not what was planned",
        alias=entry.alias,
        hint=hint,
    )


def _word(entry: Entry) -> str:
    return kind(entry).replace("-", " ")


def _longer(planned: PrivateKey, found: PrivateKey) -> tuple[Finding, ...]:
    if len(found.chain) == len(planned.chain):
        return ()
    return (
        Finding(
            "chain-completed",
            "info",
            planned.alias,
            f"its chain is read with {len(found.chain)} certificates from now on, not "
            f"{len(planned.chain)}: in a PKCS12, chains go on through the trusted certificates",
        ),
    )
