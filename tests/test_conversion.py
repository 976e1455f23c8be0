"""From one format to another and back: nothing is lost that both can hold, and Java agrees."""

from __future__ import annotations

import pytest

from storekeeper import formats
from storekeeper.formats import jks, pkcs12
from storekeeper.model import (
    Certificate,
    Entry,
    Password,
    PrivateKey,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)
from tests import jvm, pki

PASSWORD = Password("changeit")
LEAF, CA = "leaf.example", "Conversion CA"
KEY = pki.pkcs8(pki.key(LEAF))
CHAIN = (Certificate(pki.certificate(LEAF, CA)), Certificate(pki.certificate(CA)))
OTHER = Certificate(pki.certificate("Another CA"))
DATE = 1_700_000_000_000


def jks_store() -> Store:
    sealed = jks.seal_private_key(KEY, PASSWORD, "JKS")
    return Store(
        "JKS",
        (PrivateKey("key", CHAIN, sealed, DATE), TrustedCert("other", OTHER, DATE)),
    )


def resealed(store: Store, format: str) -> Store:
    """The same entries in another format, every key opened and sealed in its way."""
    entries: list[Entry] = []
    for entry in store.entries:
        match entry:
            case PrivateKey():
                opened = entry.pkcs8(PASSWORD)
                if format == "PKCS12":
                    sealed = pkcs12.seal_private_key(opened, PASSWORD)
                else:
                    sealed = jks.seal_private_key(
                        opened, PASSWORD, "JKS" if format == "JKS" else "JCEKS"
                    )
                entries.append(replace(entry, sealed=sealed, attributes=None, origin=None))
            case SecretKey():
                secret = entry.secret(PASSWORD)
                seal = pkcs12.seal_secret if format == "PKCS12" else jks.seal_secret
                sealed = seal(secret, PASSWORD)
                entries.append(replace(entry, sealed=sealed, attributes=None, origin=None))
            case _:
                entries.append(replace(entry, attributes=None, origin=None))
    return Store(format, tuple(entries))


def content(store: Store) -> list[tuple[object, ...]]:
    """What has to survive: aliases, certificates, opened keys; the order is the format's."""
    found: list[tuple[object, ...]] = []
    for entry in store.entries:
        match entry:
            case PrivateKey():
                found.append((entry.alias, entry.chain, entry.pkcs8(PASSWORD), entry.created_ms))
            case SecretKey():
                secret = entry.secret(PASSWORD)
                found.append((entry.alias, secret.algorithm, secret.material, entry.created_ms))
            case TrustedCert():
                found.append((entry.alias, entry.certificate))
    return sorted(found, key=lambda item: str(item[0]))


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_jks_to_pkcs12_and_back(version: str) -> None:
    before = jks_store()
    middle = formats.write(resealed(before, "PKCS12"), PASSWORD)
    after = formats.write(resealed(formats.read(middle, PASSWORD), "JKS"), PASSWORD)
    assert content(formats.read(middle, PASSWORD)) == content(before)
    assert content(formats.read(after, PASSWORD)) == content(before)
    for data, kind in ((middle, "PKCS12"), (after, "JKS")):
        entries = jvm.jvm(version).worker.load(data, "changeit", kind)["entries"]
        found = {entry["alias"]: entry for entry in entries}
        assert set(found) == {"key", "other"}
        assert found["key"]["key"] == KEY
        assert found["key"]["chain"] == [certificate.der for certificate in CHAIN]
        assert found["key"]["created_ms"] == DATE
        assert found["other"]["chain"] == [OTHER.der]


@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
def test_secret_keys_of_jceks_to_pkcs12_and_back(version: str) -> None:
    worker = jvm.jvm(version).worker
    made = worker.store(
        "JCEKS",
        "changeit",
        [{"alias": "aes", "kind": "secret", "key": bytes(range(32)), "key_algorithm": "AES"}],
    )
    before = formats.read(made, PASSWORD)
    middle = formats.write(resealed(before, "PKCS12"), PASSWORD)
    after = formats.write(resealed(formats.read(middle, PASSWORD), "JCEKS"), PASSWORD)
    assert content(formats.read(after, PASSWORD)) == content(before)
    for data, kind in ((middle, "PKCS12"), (after, "JCEKS")):
        (entry,) = worker.load(data, "changeit", kind)["entries"]
        assert (entry["alias"], entry["key"], entry["key_algorithm"]) == (
            "aes",
            bytes(range(32)),
            "AES",
        )


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PKCS12"])
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_an_empty_store_is_one_for_java(version: str, format: str) -> None:
    data = formats.write(Store(format), PASSWORD)
    assert formats.read(data, PASSWORD).entries == ()
    assert jvm.jvm(version).worker.load(data, "changeit", format)["entries"] == []
