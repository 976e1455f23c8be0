"""What the tests of JKS and JCEKS share: real keys and certificates, and two views of a store."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from storekeeper.formats import jks, jks_layout
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
from tests import jvm
from tests.jvm import Jvm

PW = Password("changeit")
FORMATS = ("JKS", "JCEKS")
EMOJI = "clé 😀 \0 ключ"


@functools.cache
def roots() -> list[Certificate]:
    """Real certificates: those of the newest JVM."""
    return list(jks.read(jvm.newest().cacerts.read_bytes()).certificates())


@functools.cache
def keys() -> dict[str, bytes]:
    """PKCS#8 by JCA algorithm, from the newest JVM."""
    wanted: list[dict[str, Any]] = [
        {"algorithm": "RSA", "size": 2048},
        {"algorithm": "DSA", "size": 2048},
        {"algorithm": "EC", "curve": "secp256r1"},
        {"algorithm": "RSASSA-PSS", "size": 2048},
        {"algorithm": "Ed25519"},
    ]
    worker = jvm.newest().worker
    return {one["algorithm"]: worker.call("generate", **one)["pkcs8"] for one in wanted}


def keys_of(java: Jvm) -> dict[str, bytes]:
    """Those which that JVM knows."""
    return {name: key for name, key in keys().items() if name != "Ed25519" or java.major >= 15}


def by_java(
    java: Jvm, data: bytes, format: str, storepass: str, keypass: str | dict[str, str]
) -> dict[str, tuple[object, ...]]:
    """alias: kind, date, chain, key; as Java says."""
    seen = java.worker.load(data, storepass, format, keypass=keypass)["entries"]
    assert [entry["key_error"] for entry in seen if entry["key_error"]] == []
    return {
        entry["alias"]: (
            entry["kind"],
            entry["created_ms"],
            [Certificate(found) for found in entry["chain"]],
            entry["key"] if entry["kind"] != "secret" else (entry["key_algorithm"], entry["key"]),
        )
        for entry in seen
    }


def by_us(store: Store, keypass: str | dict[str, str]) -> dict[str, tuple[object, ...]]:
    """The same, as we say."""
    found: dict[str, tuple[object, ...]] = {}
    for entry in store.entries:
        own = keypass if isinstance(keypass, str) else keypass.get(entry.alias)
        match entry:
            case TrustedCert():
                one: tuple[object, ...] = ("trusted", [entry.certificate], None)
            case PrivateKey():
                one = ("private", list(entry.chain), entry.pkcs8(own))
            case SecretKey():
                secret = entry.secret(own)
                one = ("secret", [], (secret.algorithm, secret.material))
            case _:
                raise AssertionError(entry)
        found[entry.alias] = (one[0], entry.created_ms, *one[1:])
    assert len(found) == len(store.entries)
    return found


def signed(content: bytes, password: str = "changeit") -> bytes:
    """Crafted content with the digest that fits."""
    return content + jks_layout.digest(content, password)


def trusted(aliases: Sequence[str], format: str = "JKS") -> bytes:
    """A store of one trusted certificate an alias; the dates are 1000, 1001, ..."""
    certificates = roots()
    entries = tuple(
        TrustedCert(alias, certificates[i], 1000 + i) for i, alias in enumerate(aliases)
    )
    return jks.write(Store(format, entries), PW)


def codes(store: Store) -> list[str]:
    return [finding.code for finding in store.findings]


@functools.cache
def small(format: str) -> bytes:
    """Every kind of entry, as few bytes as they take."""
    certificate = Certificate(b"cert")
    entries: list[Entry] = [
        TrustedCert("t", certificate, 1),
        PrivateKey(
            "k",
            (certificate, certificate),
            jks.seal_private_key(b"key", PW, "JKS", random=bytes),
            2,
        ),
    ]
    if format == "JCEKS":
        sealed = jks.seal_secret(
            Secret("AES", b"k"), PW, iterations=1, random=lambda n: bytes(range(n))
        )
        entries.append(SecretKey("s", sealed, 3))
    return jks.write(Store(format, tuple(entries)), PW)
