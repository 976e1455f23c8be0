"""Files that a walk came upon, opened: as stores, whatever else they could be read as.

A root list is a store here where it is the trust of a program on this machine (NSS's
cert9.db, OpenSSL's trust settings, p11-kit's files). All others, a vendor's page, certdata.txt,
a report in CSV, are about trust and trust nothing.
"""

from __future__ import annotations

import os

from .. import formats
from ..errors import (
    LimitExceeded,
    PasswordRequired,
    StorekeeperError,
    UnknownFormat,
    Unreadable,
)
from ..formats import FORMATS, sniff
from ..formats.heads import FOREIGN, is_nss, is_nss_keys
from ..host.scan import read_whole, walk
from ..model import LIMITS, Finding, Store, TrustedCert, replace
from . import lists
from .sources import open_any

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..host.scan import Met
    from ..model import Limits, Password

BARE = ("PEM", "DER", "PKCS7", "p11-kit")
"""Formats of files that are no keystores."""

_TRUSTING = {"nss": "NSS", "openssl-trust": "PEM", "p11-kit": "p11-kit", "go-der": "DER"}


def word_of(data: bytes) -> str:
    """What a file is: one of `FORMATS`, a stranger that is a store, or ""."""
    if is_nss(data):
        return "nss"
    word = sniff(data)
    inner = word.removeprefix("base64 of ")
    return word if inner in FORMATS or inner in FOREIGN else ""


def opened(data: bytes, password: Password | str | None, limits: Limits) -> Store | None:
    """The store in a file, or None: a root list, a page, something else."""
    word = word_of(data)
    if not word:
        return None
    kind = lists.sniff(data)
    if kind and kind not in _TRUSTING:
        # Armour in a text that could also be read as a list, such as source or YAML.
        return formats.read(data, limits=limits) if word == "PEM" else None
    try:
        found = open_any(data, limits=limits)
    except PasswordRequired as error:
        if password is None:
            error.hint = "give it with --storepass env:NAME, or another of its forms"
            raise
        found = open_any(data, password, limits=limits)
    if isinstance(found, Store):
        return found
    entries = tuple(
        TrustedCert(anchor.label or anchor.subject or anchor.sha256, anchor.certificate)
        for anchor in found.anchors
        if anchor.certificate is not None
    )
    return Store(_TRUSTING[kind], entries, findings=found.findings)


def stores_below(path: str, limits: Limits = LIMITS) -> Iterator[Met]:
    """All stores and files of certificates below a path, in order, and what is unreadable.

    Also those that a password or a reader is missing for: opening them says so. Keystores
    are told by their first bytes, and not opened.
    """
    for met in walk([path]):
        if met.what == "link":
            continue
        if met.what == "file":
            try:
                data = read_whole(met.real, limits.file_size)[0]
                word = word_of(data)
                if not word or is_nss_keys(data):
                    continue
                if word in BARE:
                    store = opened(data, None, limits)
                    if store is None or next(store.certificates(), None) is None:
                        continue
            except UnknownFormat:
                continue
            except StorekeeperError:
                pass  # whoever opens it learns the same
        yield met


def union(path: str, password: Password | str | None = None, limits: Limits = LIMITS) -> Store:
    """All entries of all stores below a path, as one store; aliases are ``path:alias``.

    What could not be read is a finding, ``unreadable-file``.

    Raises:
        Unreadable: the path itself is not there, or not to be looked into.
        UnknownFormat: there is nothing that could be read.
        LimitExceeded: there are more entries than ``limits.entries``.
    """
    entries = []
    findings = []
    for met in walk([path]):
        if met.what == "link":
            continue
        store, problem = None, met.message
        if problem and met.path == path:
            raise Unreadable(problem, hint=met.hint, path=path)
        if not problem:
            try:
                data = read_whole(met.real, limits.file_size)[0]
                store = None if is_nss_keys(data) else opened(data, password, limits)
            except UnknownFormat:
                continue
            except StorekeeperError as error:
                problem = said(error)
        where = os.path.relpath(met.path, path) if met.path != path else path
        if problem:
            findings.append(Finding("unreadable-file", "warning", where, problem))
        if store is None:
            continue
        entries += [
            replace(entry, alias=f"{where}:{entry.alias}", origin=None) for entry in store.entries
        ]
        if len(entries) > limits.entries:
            raise LimitExceeded(f"more than {limits.entries} entries", path=path)
        findings += [
            replace(one, where=f"{where}: {one.where}" if one.where else where)
            for one in store.findings
        ]
    if not entries:
        raise UnknownFormat(
            "no store and no certificate that could be read is below it",
            hint=f"storekeeper scan {path} says what was found",
            path=path,
        )
    return Store("scan", tuple(entries), findings=tuple(findings), path=f"scan:{path}")


def said(error: StorekeeperError) -> str:
    """An error's message with its place in the file, without the file."""
    at = "" if error.offset is None else f" (at byte {error.offset})"
    return error.message + at
