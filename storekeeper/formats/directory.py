"""A directory of certificate files, plain or hashed by OpenSSL, as one store.

The files are read by the caller (`host.files.read_directory`); this makes entries of
them. The alias of an entry is its file's name, with the certificate's number in a bundle
("ca-certificates.crt 12").
"""

from __future__ import annotations

from hashlib import sha256

from ..errors import LimitExceeded, StorekeeperError
from ..model import LIMITS, Certificate, Finding, Opaque, PrivateKey, Store, TrustedCert, replace
from . import read as read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Entry, Limits

_READ = ("PEM", "DER", "PKCS7")
_HEX = frozenset("0123456789abcdef")


def read(
    files: Iterable[tuple[str, bytes | StorekeeperError]],
    *,
    limits: Limits = LIMITS,
    path: str | None = None,
) -> Store:
    """The certificates in a directory's files.

    Each certificate is one entry, however many files hold it: the symbolic links of
    ``openssl rehash`` and bundles beside single files add nothing new. Files with one
    certificate go first, then bundles, then OpenSSL's hash names; by name within each.
    Files that are not read are findings: ``skipped-file`` for what is no certificate,
    ``unreadable-file`` for what is one and broken, or could not be opened.

    Args:
        files: name and content of each, or the error that opening it gave.
        limits: for the files together.
        path: of the directory.

    Raises:
        LimitExceeded: the files together are larger, or hold more, than ``limits`` allow.
    """
    findings: list[Finding] = []
    parsed: list[tuple[int, str, tuple[Entry, ...]]] = []
    known: set[bytes] = set()
    size = count = 0
    for name, content in sorted(files, key=lambda file: (is_hash_name(file[0]), file[0])):
        if isinstance(content, StorekeeperError):
            findings.append(Finding("unreadable-file", "warning", name, content.message))
            continue
        digest = sha256(content).digest()
        if digest in known:
            continue
        known.add(digest)
        size += len(content)
        if size > limits.file_size:
            raise LimitExceeded(f"the files come to more than {limits.file_size} bytes", path=path)
        entries = _entries(name, content, limits, findings)
        count += len(entries)
        if count > limits.entries:
            raise LimitExceeded(f"the files hold more than {limits.entries} entries", path=path)
        if entries:
            parsed.append((2 if is_hash_name(name) else len(entries) > 1, name, entries))
    parsed.sort(key=lambda item: item[:2])
    seen: set[Certificate] = set()
    kept: list[Entry] = []
    for _, name, entries in parsed:
        fresh = [entry for entry in entries if _is_new(entry, seen)]
        if len(fresh) < len(entries):
            findings.append(
                Finding("repeated-certificates", "info", name,
                        f"{len(entries) - len(fresh)} of its {len(entries)} certificates "
                        "are in other files as well")
            )  # fmt: skip
        kept += fresh
    return Store("directory", tuple(kept), findings=tuple(findings), path=path)


def is_hash_name(name: str) -> bool:
    """Whether OpenSSL made up the name: eight hex digits, a dot and a number."""
    stem, dot, number = name.partition(".")
    return bool(dot) and len(stem) == 8 and number.isdecimal() and _HEX.issuperset(stem)


def _entries(
    name: str, content: bytes, limits: Limits, findings: list[Finding]
) -> tuple[Entry, ...]:
    from . import FORMATS, sniff

    word = sniff(content)
    if word not in _READ:
        what = word if word in FORMATS else word and f"{word} file"
        findings.append(
            Finding("skipped-file", "info", name, f"no certificate: {what or 'unknown content'}")
        )
        return ()
    try:
        store = read_file(content, limits=limits)
    except StorekeeperError as error:
        if isinstance(error, LimitExceeded):
            raise
        findings.append(Finding("unreadable-file", "warning", name, error.message))
        return ()
    findings += [
        replace(finding, where=f"{name}: {finding.where}" if finding.where else name)
        for finding in store.findings
    ]
    certificates = [e for e in store.entries if isinstance(e, TrustedCert) or _has_chain(e)]
    if not certificates:
        kinds = {e.what if isinstance(e, Opaque) else "private key" for e in store.entries}
        said = ", ".join(sorted(kinds)) or "nothing"
        findings.append(Finding("skipped-file", "info", name, f"no certificate: {said}"))
    if len(certificates) == 1:
        return (replace(certificates[0], alias=name, origin=None),)
    return tuple(
        replace(entry, alias=f"{name} {number}", origin=None)
        for number, entry in enumerate(certificates, 1)
    )


def _has_chain(entry: Entry) -> bool:
    return isinstance(entry, PrivateKey) and bool(entry.chain)


def _is_new(entry: Entry, seen: set[Certificate]) -> bool:
    if isinstance(entry, TrustedCert):
        if entry.certificate in seen:
            return False
        seen.add(entry.certificate)
    return True
