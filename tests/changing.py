"""Stores with known entries for the tests of changes, and what Java makes of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from storekeeper import formats
from storekeeper.change.apply import Applied, apply
from storekeeper.change.plan import Plan
from storekeeper.change.target import Target, open_target
from storekeeper.formats.reseal import seal_private_key, seal_secret
from storekeeper.model import (
    Certificate,
    Entry,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
)
from tests import jvm, pki

PASS = "changeit"
PASSWORD = Password(PASS)
BORN = 1_700_000_000_000
LEAF, CA = "server.example", "Changing CA"
KEY = pki.pkcs8(pki.key(LEAF))
CHAIN = (pki.cert(LEAF, CA), pki.cert(CA))
CORP, OTHER = pki.cert("Corp Root"), pki.cert("Other Root")
AES = Secret("AES", bytes(range(16)))


def trusted(alias: str, certificate: Certificate = CORP, born: int | None = BORN) -> TrustedCert:
    return TrustedCert(alias, certificate, born)


def private(alias: str, format: str, password: str = PASS, born: int | None = BORN) -> PrivateKey:
    sealed = seal_private_key(KEY, format, Password(password))
    return PrivateKey(alias, CHAIN, sealed, born)


def secret(alias: str, format: str, password: str = PASS) -> SecretKey:
    return SecretKey(alias, seal_secret(AES, format, Password(password)), BORN)


def usual(format: str) -> tuple[Entry, ...]:
    """Two trusted certificates and a key; in a format that has none, without the dates."""
    date = BORN if format in ("JKS", "JCEKS") else None
    return (
        trusted("corp-root", CORP, date),
        trusted("corp-other", OTHER, date),
        private("server", format),
    )


def store_file(path: Path, format: str, *entries: Entry, password: str = PASS) -> Path:
    """A file with these entries, or the usual ones."""
    path.write_bytes(formats.write(Store(format, entries or usual(format)), password))
    return path


def opened(path: Path, password: str | None = PASS) -> Target:
    return open_target(str(path), None if password is None else Password(password))


def change(path: Path, make: Callable[[Target], Plan], password: str | None = PASS) -> Applied:
    """Plan and apply."""
    return apply(make(opened(path, password)))


def read(path: Path, password: str | None = PASS) -> Store:
    return formats.read(path.read_bytes(), None if password is None else Password(password))


def aliases(path: Path, password: str | None = PASS) -> list[str]:
    return [entry.alias for entry in read(path, password).entries]


def java(
    version: str,
    path: Path,
    type: str,
    password: str = PASS,
    keypass: str | dict[str, str] | None = None,
) -> dict[str, jvm.Entry]:
    """What that JVM finds in the file, keys opened."""
    found = jvm.jvm(version).worker.load(
        path.read_bytes(), password, type, keypass=keypass or password
    )
    return {entry["alias"]: entry for entry in found["entries"]}
