"""Each parameter set is read by those its sentence names, and by nobody it excludes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12 as other

from storekeeper.errors import UsageError
from storekeeper.formats import pkcs12
from storekeeper.formats.encryption import ENCRYPTIONS, Encryption, named, with_iterations
from storekeeper.formats.pkcs12_bags import Layout
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
from tests.jvm import JavaError
from tests.pkcs12_files import INTERMEDIATE, LEAF, PASSWORD, ROOT, pkcs8

SETS = list(ENCRYPTIONS.values())
MATERIAL = bytes(range(16))


def _store(encryption: Encryption, password: Password) -> bytes:
    chain = tuple(map(Certificate, (LEAF, INTERMEDIATE, ROOT)))
    entries: list[Entry] = [TrustedCert("root", Certificate(ROOT))]
    if password.text is not None:
        key = pkcs12.seal_private_key(pkcs8("leaf"), password, encryption)
        secret = pkcs12.seal_secret(Secret("AES", MATERIAL), password, encryption)
        entries += [PrivateKey("key", chain, key, 1_600_000_000_123), SecretKey("aes", secret, 7)]
    return pkcs12.write(Store("PKCS12", tuple(entries)), password, encryption=encryption)


@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
@pytest.mark.parametrize("encryption", SETS, ids=lambda one: one.name)
def test_java(encryption: Encryption, version: str) -> None:
    java = jvm.jvm(version)
    data = _store(encryption, PASSWORD)
    if encryption.name == "pbmac1":
        with pytest.raises(JavaError):
            java.worker.load(data, "changeit", "PKCS12")
        return
    found = {entry["alias"]: entry for entry in java.worker.load(data, "changeit")["entries"]}
    assert found.keys() == {"root", "key", "aes"}
    assert found["root"]["kind"] == "trusted"
    assert found["root"]["chain"] == [ROOT]
    assert found["key"]["chain"] == [LEAF, INTERMEDIATE, ROOT]
    assert found["key"]["key"] == pkcs8("leaf")
    assert found["key"]["created_ms"] == 1_600_000_000_123
    assert found["aes"]["key"] == MATERIAL
    assert found["aes"]["key_algorithm"] == "AES"
    if encryption.mac:
        with pytest.raises(JavaError, match="password was incorrect"):
            java.worker.load(data, "changed", "PKCS12")


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_passwordless_opens_without_a_password(version: str) -> None:
    data = _store(ENCRYPTIONS["passwordless"], Password(None))
    for password in (None, "", "changeit"):
        (entry,) = jvm.jvm(version).worker.load(data, password, "PKCS12")["entries"]
        assert (entry["alias"], entry["chain"]) == ("root", [ROOT])


def _openssl(data: bytes, tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    file = tmp_path / "store.p12"
    file.write_bytes(data)
    command = ["openssl", "pkcs12", "-in", str(file), "-passin", "pass:changeit", "-nodes", *words]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("encryption", SETS, ids=lambda one: one.name)
def test_openssl(encryption: Encryption, tmp_path: Path) -> None:
    data = _store(encryption, PASSWORD)
    said = subprocess.run(["openssl", "version"], capture_output=True, text=True).stdout
    found = re.search(r"OpenSSL (\d+)\.(\d+)", said)
    assert found is not None, said
    version = int(found[1]), int(found[2])
    done = _openssl(data, tmp_path)
    if encryption.name == "pbmac1":
        assert (done.returncode == 0) == (version >= (3, 4))
        return
    if encryption.name == "java8" and version >= (3, 0):
        assert done.returncode != 0
        done = _openssl(data, tmp_path, "-legacy")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("BEGIN CERTIFICATE") == 4
    assert done.stdout.count("BEGIN PRIVATE KEY") == 1
    assert "friendlyName: key" in done.stdout


@pytest.mark.parametrize("encryption", SETS, ids=lambda one: one.name)
def test_cryptography(encryption: Encryption) -> None:
    data = _store(encryption, PASSWORD)
    if encryption.mac is None or encryption.certificates is None:
        data = _store(encryption, Password(None))
        assert len(other.load_pkcs12(data, None).additional_certs) == 1
        return
    theirs = other.load_pkcs12(data, b"changeit")
    assert theirs.cert is not None
    assert theirs.cert.friendly_name == b"key"
    assert len(theirs.additional_certs) == 3


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
@pytest.mark.parametrize(
    ("name", "props"), [("modern", {}), ("java8", {"keystore.pkcs12.legacy": ""})]
)
def test_the_parameters_are_javas_own(name: str, props: dict[str, str], version: str) -> None:
    java = jvm.jvm(version)
    if java.major < 17 and name == "modern":
        pytest.skip("Java 11 still writes what Java 8 wrote")
    entries: list[dict[str, object]] = [
        {"alias": "t", "kind": "trusted", "chain": [ROOT]},
        {"alias": "k", "kind": "private", "key": pkcs8("leaf"), "chain": [LEAF, INTERMEDIATE]},
    ]
    data = java.worker.store("PKCS12", "changeit", entries, props=props)
    layout = pkcs12.read(data, PASSWORD).layout
    assert isinstance(layout, Layout)
    wanted = ENCRYPTIONS[name]
    assert layout.mac == wanted.mac
    assert {safe.recipe for safe in layout.safes} == {None, wanted.certificates}
    key = next(bag for safe in layout.safes for bag in safe.bags)
    from storekeeper.formats import pbe
    from storekeeper.formats.pkcs12_bags import examine

    assert pbe.read_encrypted(examine(key).content, "key")[0].recipe == wanted.keys


def test_named_and_with_iterations() -> None:
    assert named("fips") is ENCRYPTIONS["fips"]
    with pytest.raises(UsageError, match="'fipps'") as caught:
        named("fipps")
    assert "openssl1" in caught.value.hint
    fast = with_iterations(ENCRYPTIONS["modern"], 5)
    assert fast.certificates is not None
    assert fast.mac is not None
    assert {fast.certificates.iterations, fast.keys.iterations, fast.mac.iterations} == {5}
    with pytest.raises(UsageError):
        with_iterations(fast, 0)
    for name, one in ENCRYPTIONS.items():
        assert one.name == name
        assert one.dated
        assert one.who_reads
