from __future__ import annotations

import importlib.util
import os
import sys
import types
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.errors import (
    Damaged,
    InputError,
    LimitExceeded,
    PasswordRequired,
    StorekeeperError,
    UnknownFormat,
    Unsupported,
    WrongPassword,
)
from storekeeper.formats import bouncycastle
from storekeeper.model import Certificate, Limits, PrivateKey, SecretKey, Store, TrustedCert
from tests import jvm, pki

VECTORS = Path(__file__).with_name("vectors") / "bouncycastle"
BKS, UBER, BKS_V1, BCFKS = (
    (VECTORS / name).read_bytes() for name in ("1.72.bks", "1.72.uber", "1.72-v1.bks", "1.72.bcfks")
)
KEY, CERTIFICATE = (VECTORS / "key.der").read_bytes(), (VECTORS / "certificate.der").read_bytes()
TWOFISH = importlib.util.find_spec("twofish") is not None
needs_twofish = pytest.mark.skipif(
    not TWOFISH, reason="twofish is not installed: it takes a compiler and Python 3.11."
)


def check_vector(store: Store) -> None:
    by_alias = {entry.alias: entry for entry in store.entries}
    assert set(by_alias) == {"key", "aes", "Grüße 😀"}
    key, aes, trusted = by_alias["key"], by_alias["aes"], by_alias["Grüße 😀"]
    assert isinstance(key, PrivateKey)
    assert isinstance(aes, SecretKey)
    assert isinstance(trusted, TrustedCert)
    assert trusted.certificate == Certificate(CERTIFICATE)
    assert key.chain == (trusted.certificate,)
    assert key.created_ms is not None
    assert 1_790_000_000_000 < key.created_ms < 1_800_000_000_000
    assert key.pkcs8("key password") == KEY
    assert aes.secret("changeit").algorithm == "AES"
    assert len(aes.secret("changeit").material) == 16
    with pytest.raises(WrongPassword, match="wrong password for the key"):
        key.pkcs8("changeit")
    with pytest.raises(PasswordRequired, match="PBEWithSHAAnd3-KeyTripleDES-CBC"):
        key.pkcs8()
    with pytest.raises(WrongPassword):
        aes.secret("x")


def test_bks_of_bouncycastle_1_72() -> None:
    store = formats.read(BKS, "changeit", path="x.bks")
    check_vector(store)
    assert store.format == "BKS"
    assert store.integrity.state == "verified"
    assert store.findings == ()
    untold = formats.read(BKS)
    assert untold == store
    assert untold.integrity.state == "not-checked"
    with pytest.raises(WrongPassword, match="wrong password, or the store was changed"):
        formats.read(BKS, "other")


def test_bks_version_1() -> None:
    store = formats.read(BKS_V1, "changeit")
    assert store.format == "BKS"
    assert store.integrity.state == "verified"
    assert {entry.alias for entry in store.entries} == {"key", "root"}
    with pytest.raises(WrongPassword):
        formats.read(BKS_V1, "other")


@needs_twofish
def test_uber_of_bouncycastle_1_72() -> None:
    store = formats.read(UBER, "changeit")
    check_vector(store)
    assert store.format == "UBER"
    assert store.integrity.state == "verified"
    with pytest.raises(WrongPassword):
        formats.read(UBER, "other")


def test_uber_needs_a_password() -> None:
    assert formats.detect(UBER) == "UBER"
    with pytest.raises(PasswordRequired):
        formats.read(UBER)


@pytest.mark.parametrize("missing", ["twofish", "jks"])
def test_uber_without_the_extra(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, "twofish", types.ModuleType("twofish"))
    for name in [name for name in sys.modules if name.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)

    class Nobody:
        @staticmethod
        def find_spec(name: str, *_: object) -> None:
            if name.split(".", maxsplit=1)[0] == missing:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(sys, "meta_path", [Nobody, *sys.meta_path])
    with pytest.raises(Unsupported) as caught:
        formats.read(UBER, "changeit", path="app.uber")
    assert f"the module {missing} is not installed" in caught.value.message
    assert "storekeeper[bouncycastle]" in caught.value.hint
    assert "compiler" in caught.value.hint
    assert formats.read(BKS, "changeit").entries  # needs none of them


def test_pyjks_agrees() -> None:
    # Not on the other vector: pyjks takes Java's modified UTF-8 of its emoji for damage.
    jks = pytest.importorskip("jks", reason="pyjks is not installed.")
    theirs = jks.BksKeyStore.loads(BKS_V1, "changeit", try_decrypt_keys=False)
    ours = formats.read(BKS_V1, "changeit")
    assert theirs.entries["key"].cert_chain[0].cert == CERTIFICATE
    for entry in ours.entries:
        assert theirs.entries[entry.alias].timestamp == entry.created_ms
    theirs.entries["key"].decrypt("key password")
    assert theirs.entries["key"].pkey_pkcs8 == KEY


def test_bcfks_is_named() -> None:
    with pytest.raises(UnknownFormat, match="BCFKS"):
        formats.read(BCFKS, "changeit")


@pytest.mark.parametrize("data", [BKS, BKS_V1], ids=["v2", "v1"])
def test_cut_at_every_byte(data: bytes) -> None:
    for size in range(40, len(data)):
        with pytest.raises(StorekeeperError) as caught:
            formats.read(data[:size], "changeit")
        assert isinstance(caught.value, InputError | WrongPassword)


@pytest.mark.parametrize("password", ["changeit", None])
def test_every_byte_changed(password: str | None) -> None:
    for at in range(len(BKS)):
        changed = BKS[:at] + bytes((BKS[at] ^ 0xFF,)) + BKS[at + 1 :]
        try:
            formats.read(changed, password)
        except StorekeeperError:
            continue
        assert password is None, f"byte {at} is not covered by the HMAC"


def test_counts_are_checked_before_the_work() -> None:
    head = BKS[:28]
    for iterations in (0, 2**31, 2**32 - 1):
        with pytest.raises(LimitExceeded, match=f"{iterations} iterations"):
            formats.read(head + iterations.to_bytes(4, "big") + BKS[32:], "changeit")
    chain = b"\4\0\1a" + bytes(8) + (2**31).to_bytes(4, "big")
    with pytest.raises(LimitExceeded, match="a chain of 2147483648") as caught:
        formats.read(BKS[:32] + chain)
    assert caught.value.alias == "a"
    with pytest.raises(Damaged, match="expected 4294967295 bytes"):
        formats.read(BKS[:32] + b"\1\0\1a" + bytes(12) + b"\0\1X" + b"\xff" * 4)
    with pytest.raises(LimitExceeded, match="more than 2 entries"):
        formats.read(BKS, limits=Limits(entries=2))


def bks_with(*entries: bytes) -> bytes:
    return BKS[:32] + b"".join(entries) + b"\0" + bytes(20)


def text(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def sized(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


def test_entries_no_tool_writes_any_more() -> None:
    head = text(b"a") + bytes(8) + bytes(4)
    plain = b"\2" + head + b"\0" + text(b"PKCS#8") + text(b"EC") + sized(KEY)
    secret = b"\2" + head + b"\2" + text(b"RAW") + text(b"AES") + sized(b"12345678")
    public = b"\2" + head + b"\1" + text(b"X.509") + text(b"EC") + sized(b"123")
    protected = b"\3" + head + sized(b"whatever")
    store = bouncycastle.read(bks_with(plain, secret, public, protected))
    key, aes, *opaque = store.entries
    assert isinstance(key, PrivateKey)
    assert key.pkcs8() == KEY
    assert isinstance(aes, SecretKey)
    assert aes.secret().material == b"12345678"
    assert [getattr(entry, "what", "") for entry in opaque] == ["public key", "protected bytes"]
    assert [finding.code for finding in store.findings] == ["opaque-key"]


def bcprov() -> str:
    """BouncyCastle's provider, where it is installed (Debian: libbcprov-java)."""
    path = os.environ.get("STOREKEEPER_TEST_BCPROV", "/usr/share/java/bcprov.jar")
    if not Path(path).exists():
        pytest.skip("BouncyCastle's provider (libbcprov-java) is not installed.")
    return path


@pytest.mark.parametrize("format", ["BKS", "UBER"])
def test_stores_made_now_by_bouncycastle(tmp_path: Path, format: str) -> None:
    if format == "UBER" and not TWOFISH:
        pytest.skip("twofish is not installed: it takes a compiler and Python 3.11.")
    name = "org.bouncycastle.jce.provider.BouncyCastleProvider"
    provider = ["-providerpath", bcprov(), "-provider", name]
    java = jvm.by_major(17)
    target = tmp_path / "store"
    common = ["-storetype", format, "-keystore", str(target), "-storepass", "geheim", *provider]
    certificate = tmp_path / "root.der"
    certificate.write_bytes(pki.certificate("Root"))
    java.keytool("-importcert", "-noprompt", "-alias", "root", "-file", str(certificate), *common)
    java.keytool(
        *("-genkeypair", "-alias", "rsa", "-keyalg", "RSA", "-keysize", "2048"),
        *("-dname", "CN=x", "-keypass", "andere", *common),
    )
    exported = java.keytool("-exportcert", "-rfc", "-alias", "rsa", *common).stdout
    store = formats.read(target.read_bytes(), "geheim")
    assert {entry.alias for entry in store.entries} == {"root", "rsa"}
    key = store.find("rsa")
    assert isinstance(key, PrivateKey)
    assert list(formats.read(exported.encode()).certificates()) == list(key.chain)
    pair = pki.pem("PRIVATE KEY", key.pkcs8("andere")) + exported.encode()
    (paired,) = formats.read(pair).entries  # the certificate holds the key's public key
    assert isinstance(paired, PrivateKey)
    assert len(paired.chain) == 1
