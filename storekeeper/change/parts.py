"""What of each entry leaves a store: certificate, chain, key, or all of it."""

from __future__ import annotations

from ..frozen import Frozen
from ..model import Certificate, Finding, Opaque, PrivateKey, SecretKey, TrustedCert, kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Entry

__all__ = ["CONTENTS", "WITH_KEYS", "Part", "each_once", "parts_of"]

CONTENTS = ("certificates", "chains", "keys", "keys+chains", "store")
"""An entry's own certificate; its chain as well; private keys alone, or with their chains;
everything: trusted certificates, and keys with their chains."""
WITH_KEYS = ("keys", "keys+chains", "store")


class Part(Frozen):
    """What of one entry is exported.

    Attributes:
        alias: the entry's.
        key: its key, when that goes as well.
        chain: the certificates that go, its own first.
        own: its own certificate, whether it goes or only gives its name.
    """

    alias: str
    key: PrivateKey | SecretKey | None
    chain: tuple[Certificate, ...]
    own: Certificate | None


def parts_of(
    entries: Iterable[Entry], contents: str, format: str
) -> tuple[list[Part], list[Finding]]:
    """The part of each entry that holds what was asked for, and a ``left-out`` for the others.

    Trusted certificates beside the keys that were asked for are not missed.
    """
    parts: list[Part] = []
    findings: list[Finding] = []
    for entry in entries:
        match entry:
            case TrustedCert() if contents in ("keys", "keys+chains"):
                continue
            case TrustedCert():
                parts.append(Part(entry.alias, None, (entry.certificate,), entry.certificate))
                continue
            case PrivateKey() if contents in WITH_KEYS:
                alone = contents == "keys" and format != "PKCS12"
                own = entry.chain[0] if entry.chain else None
                parts.append(Part(entry.alias, entry, () if alone else entry.chain, own))
                continue
            case PrivateKey() if entry.chain:
                chain = entry.chain if contents == "chains" else entry.chain[:1]
                parts.append(Part(entry.alias, None, chain, chain[0]))
                continue
            case SecretKey() if contents == "store" and format == "PKCS12":
                parts.append(Part(entry.alias, entry, (), None))
                continue
        what = entry.what if isinstance(entry, Opaque) else kind(entry).replace("-", " ")
        why = "" if isinstance(entry, Opaque | SecretKey) else " without a certificate"
        findings.append(
            Finding("left-out", "warning", entry.alias, f"a {what}{why} is not exported")
        )
    return parts, findings


def each_once(parts: Iterable[Part]) -> list[Part]:
    """Each certificate where it stands first; parts of which nothing remains are left out."""
    seen: set[Certificate] = set()
    kept = []
    for part in parts:
        chain = tuple(c for c in dict.fromkeys(part.chain) if c not in seen)
        seen.update(chain)
        if chain:
            kept.append(Part(part.alias, None, chain, part.own))
    return kept
