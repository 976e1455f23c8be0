"""Directories that are a root list: Debian's, Red Hat's and p11-kit's sources, NSS databases.

- ``cert9.db`` in it: a profile of Firefox, or ``~/.pki/nssdb``.
- ``anchors``, ``blocklist`` or ``blacklist`` in it (update-ca-trust(8)): what is in the first is
  trusted, what is in the others is not, and files beside them say for themselves, as
  ``.p11-kit`` or ``BEGIN TRUSTED CERTIFICATE``.
- no certificate in it but ``.crt`` files one level down: Debian's ``/usr/share/ca-certificates``.
"""

from __future__ import annotations

import os

from .. import formats
from ..errors import InputError, StorekeeperError, UnknownFormat
from ..host.files import read_directory, read_file
from ..model import LIMITS, PrivateKey, TrustedCert, replace
from . import lists
from .anchors import Anchor, RootList, by_trust, titled
from .findings import Findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate, Limits

__all__ = ["read"]

_TRUSTED, _BLOCKED = ("anchors",), ("blocklist", "blacklist")
_NSS = "cert9.db"
# How many directories of certificates Debian's may have (it has one for each package).
_MOST_FOLDERS = 200


def read(path: str, *, limits: Limits = LIMITS) -> RootList | None:
    """The list a directory is, or None for a directory that is none.

    Raises:
        StorekeeperError: it is one and can't be read, as `lists.read`.
        LimitExceeded: the files of one directory in it are larger than ``limits`` allow.
    """
    try:
        names = set(os.listdir(path))
    except (OSError, ValueError):
        return None  # read_directory says why
    if _NSS in names:
        file = os.path.join(path, _NSS)
        return lists.read(read_file(file, limits), path=file, limits=limits)
    if not names.isdisjoint((*_TRUSTED, *_BLOCKED)):
        found = _source(path, limits)
        if found is not None:
            return found
    return None


def below(path: str, *, limits: Limits = LIMITS) -> RootList | None:
    """The ``.crt`` files one level below a directory that has no certificate itself, or None.

    Raises:
        LimitExceeded: they are larger than ``limits`` allow.
    """
    findings = Findings("unreadable-file")
    found: list[Anchor] = []
    try:
        names = sorted(os.listdir(path))
    except (OSError, ValueError):
        return None
    folders = [name for name in names if os.path.isdir(os.path.join(path, name))]
    for folder in folders[:_MOST_FOLDERS]:
        for anchor in _files(os.path.join(path, folder), limits, findings, suffix=".crt"):
            label = f"{folder}/{anchor.label}" if anchor.label else folder
            found.append(replace(anchor, label=label))
    if not found:
        return None
    anchors, others = by_trust(found)
    return RootList(
        path,
        "certificates in directories of this one",
        source="a directory such as Debian's /usr/share/ca-certificates",
        anchors=anchors,
        others=others,
        findings=findings.all(),
        note="which of them the system trusts is in /etc/ca-certificates.conf",
        path=path,
    )


def _source(path: str, limits: Limits) -> RootList | None:
    findings = Findings("unreadable-file")
    own = _files(path, limits, findings)
    found: list[Anchor] = []
    for name in (*_TRUSTED, *_BLOCKED):
        folder = os.path.join(path, name)
        if not os.path.isdir(folder):
            continue
        blocked = name in _BLOCKED
        found += _files(folder, limits, findings, trusted=not blocked, blocked=blocked)
    if not found and all(anchor.purposes is None for anchor in own):
        return None  # certificates perhaps, and nothing that says or means trust
    # Here, what says nothing of its trust has none.
    found += [a if a.purposes is not None else replace(a, purposes=()) for a in own]
    anchors, others = by_trust(found)
    return RootList(
        path,
        titled("a source of p11-kit's trust", others),
        source="a directory with anchors and blocklist, as update-ca-trust reads it",
        anchors=anchors,
        others=others,
        findings=findings.all(),
        note="programs see it together with the other sources, after update-ca-trust",
        path=path,
    )


def _files(
    folder: str,
    limits: Limits,
    findings: Findings,
    *,
    suffix: str = "",
    trusted: bool = False,
    blocked: bool = False,
) -> list[Anchor]:
    """The certificates in a directory's files.

    Args:
        folder: the directory.
        limits: for its files together.
        findings: told of files that can't be read.
        suffix: of the names that count.
        trusted: whatever says nothing of its trust is trusted here.
        blocked: whatever is here is distrusted.
    """
    found: list[Anchor] = []
    try:
        files = read_directory(folder, limits)
    except InputError as error:
        findings.add(None, f"{folder}: {error.message}")
        return found
    for name, content in files:
        if not name.endswith(suffix):
            continue
        if isinstance(content, StorekeeperError):
            findings.add(None, f"{name}: {content.message}")
            continue
        try:
            anchors = _content(name, content, limits)
        except UnknownFormat:
            continue
        except StorekeeperError as error:
            findings.add(None, f"{name}: {error.message}")
            continue
        for anchor in anchors:
            if blocked:
                found.append(replace(anchor, purposes=(), rejected=lists.ALL_PURPOSES))
            elif trusted and anchor.purposes == () and not anchor.rejected:
                found.append(replace(anchor, purposes=None))
            else:
                found.append(anchor)
    return found


def _content(name: str, content: bytes, limits: Limits) -> list[Anchor]:
    kind = lists.sniff(content)
    if kind in ("p11-kit", "openssl-trust"):
        roots = lists.read(content, limits=limits)
        return [*roots.anchors, *roots.others]
    if kind or formats.sniff(content) not in ("PEM", "DER"):
        raise UnknownFormat("no certificate")
    store = formats.read(content, limits=limits)
    certificates: list[Certificate] = []
    for entry in store.entries:
        if isinstance(entry, TrustedCert):
            certificates.append(entry.certificate)
        elif isinstance(entry, PrivateKey):
            certificates += entry.chain[:1]
    numbered = len(certificates) > 1
    return [
        Anchor(certificate.sha256, f"{name} {number}" if numbered else name, certificate)
        for number, certificate in enumerate(certificates, 1)
    ]
