"""A directory of certificates as one store: plain, or hashed as OpenSSL's rehash makes it."""

from __future__ import annotations

import re

from .. import formats
from ..errors import InputError, StorekeeperError, UnknownFormat
from ..model import LIMITS, Finding, PrivateKey, Store, TrustedCert, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Entry, Limits

# openssl-rehash(1): links named by the hash of subject (".0") or of a CRL's issuer (".r0").
_HASHED = re.compile(r"[0-9a-f]{8}\.r?[0-9]+")

# Keystores in a directory are stores of their own, not parts of this one.
_PARTS = ("PEM", "DER", "PKCS7")


def from_files(
    files: Iterable[tuple[str, bytes | InputError]], path: str, limits: Limits = LIMITS
) -> Store:
    """The certificates and keys in the PEM, DER and PKCS7 files of a directory.

    The alias is the file's name, with the entry's own alias after a colon where a file has
    several. A certificate in several files is one entry, named after the file that holds
    nothing else. What could not be read is a finding.

    Args:
        files: (name, content or why there is none), as `host.files.read_directory` gives.
        path: of the directory.
        limits: for each file.

    Raises:
        UnknownFormat: no file holds a certificate or key.
    """
    findings: list[Finding] = []
    read: list[tuple[str, Store]] = []
    for name, content in _named_best(files):
        if isinstance(content, InputError):
            findings.append(Finding("unreadable-file", "warning", name, content.message))
            continue
        try:
            store = formats.read(content, limits=limits)
        except UnknownFormat as error:
            findings.append(Finding("other-file", "info", name, error.message))
        except StorekeeperError as error:
            findings.append(Finding("unreadable-file", "warning", name, error.message, error.hint))
        else:
            if store.format in _PARTS:
                read.append((name, store))
                findings += [
                    replace(found, where=f"{name}: {found.where}" if found.where else name)
                    for found in store.findings
                ]
            else:
                message = f"a {store.format} store, not read with the directory"
                findings.append(Finding("other-file", "info", name, message, "name it by itself"))
    if not any(store.entries for _, store in read):
        raise UnknownFormat(
            "a directory without a certificate in it",
            hint="directories inside it are not searched",
            path=path,
        )
    entries: dict[tuple[str, str], Entry] = {}
    for name, store in sorted(read, key=lambda found: len(found[1].entries) > 1):
        for entry in store.entries:
            alias = name if len(store.entries) == 1 else f"{name}:{entry.alias}"
            entries.setdefault(_identity(entry, alias), replace(entry, alias=alias))
    ordered = sorted(entries.values(), key=lambda entry: entry.alias)
    return Store("directory", tuple(ordered), findings=tuple(findings), path=path)


def _identity(entry: Entry, alias: str) -> tuple[str, str]:
    if isinstance(entry, TrustedCert):
        return "certificate", entry.certificate.sha256
    if isinstance(entry, PrivateKey) and entry.chain:
        return "key", entry.chain[0].sha256
    return "other", alias


def _named_best(
    files: Iterable[tuple[str, bytes | InputError]],
) -> list[tuple[str, bytes | InputError]]:
    """Each content once, under a name that is no hash where it has one."""
    best: dict[int, tuple[str, bytes | InputError]] = {}
    for name, content in files:
        known = best.get(id(content))
        if known is None or (_HASHED.fullmatch(known[0]) and not _HASHED.fullmatch(name)):
            best[id(content)] = (name, content)
    return list(best.values())
