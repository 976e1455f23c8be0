"""Certificates and entries as audit rules meet them, and what the rules say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from storekeeper import formats
from storekeeper.formats.reseal import seal_private_key
from storekeeper.model import Certificate, Entry, Password, PrivateKey, Store, TrustedCert
from storekeeper.trust.audit.engine import audit_store
from storekeeper.trust.audit.values import AuditFinding
from tests import forge, pki

AT = forge.AT
DAY = forge.DAY
CA = (forge.basic(), forge.usage(5, 6))


def root(name: str = "CN=Corp Root", *more: bytes, kind: str = "P-256", **how: Any) -> Certificate:
    own = forge.key(name, kind) if kind != "P-256" else forge.key(name)
    how = {"end": AT + 3000 * DAY, **how}
    return Certificate(forge.make(name, own, name, own, *(more or CA), **how))


def leaf(
    name: str = "CN=server.example", *more: bytes, issuer: str = "CN=Corp Root", **how: Any
) -> Certificate:
    extensions = more or (forge.names(("dns", "server.example")),)
    return Certificate(forge.make(name, forge.key(name), issuer, forge.key(issuer), *extensions,
                                  **how))  # fmt: skip


def of(*certificates: Certificate, at: int = AT, **how: Any) -> list[AuditFinding]:
    entries = tuple(TrustedCert(f"a{n}", one) for n, one in enumerate(certificates))
    return list(audit_store(Store("JKS", entries), at=at, **how).findings)


def only(code: str, found: list[AuditFinding]) -> AuditFinding:
    (one,) = [one for one in found if one.code == code]
    return one


def codes(found: list[AuditFinding]) -> set[str]:
    return {one.code for one in found}


def key_entry(
    name: str, chain: tuple[Certificate, ...], format: str = "JKS", password: str = "other secret"
) -> PrivateKey:
    pkcs8 = pki.pkcs8(forge.key(name))
    return PrivateKey("server", chain, seal_private_key(pkcs8, format, Password(password)))


def written(path: Path, *entries: Entry, format: str = "JKS", password: str = "changeit") -> str:
    path.write_bytes(formats.write(Store(format, entries), password))
    path.chmod(0o600)
    return str(path)
