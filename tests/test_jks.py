from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from storekeeper.errors import (
    PasswordRequired,
    WrongPassword,
)
from storekeeper.formats import jks, jks_keys, jks_layout
from storekeeper.model import (
    Certificate,
    Entry,
    Integrity,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)
from tests import jvm
from tests.jks_samples import (
    EMOJI,
    FORMATS,
    PW,
    by_java,
    by_us,
    keys,
    keys_of,
    roots,
    trusted,
)
from tests.jvm import ENDS_PARAMS, VERSION_PARAMS, Jvm

# --- what Java wrote ---


@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_jks_of_java_is_read_as_java_reads_it(version: str) -> None:
    java = jvm.jvm(version)
    chain = [certificate.der for certificate in roots()[:2]]
    entries: list[dict[str, Any]] = [
        {
            "alias": name,
            "kind": "private",
            "key": key,
            "key_algorithm": name,
            "chain": chain,
            "keypass": f"ключ{name}",
        }
        for name, key in keys_of(java).items()
    ]
    entries += [
        {"alias": alias, "kind": "trusted", "chain": [certificate.der]}
        for alias, certificate in zip(("plain", EMOJI, "ß\ud800"), roots(), strict=False)
    ]
    storepass = "pässwörd € 😀"
    data = java.worker.store("JKS", storepass, entries)
    keypass = {name.lower(): f"ключ{name}" for name in keys()}
    store = jks.read(data, Password(storepass))
    assert store.format == "JKS"
    assert store.integrity == Integrity("verified", "SHA-1 digest")
    assert store.findings == ()
    assert by_us(store, keypass) == by_java(java, data, "JKS", storepass, keypass)
    assert len(store.entries) == len(entries)
    assert jks.write(store) == data
    assert jks.write(store, Password(storepass)) == data
    with pytest.raises(WrongPassword, match="wrong password, or the file was changed"):
        jks.read(data, Password("pässwörd"))
    key = next(entry for entry in store.entries if isinstance(entry, PrivateKey))
    with pytest.raises(WrongPassword):
        key.pkcs8(storepass)


@pytest.mark.parametrize("version", ENDS_PARAMS)
def test_jceks_of_java_is_read_as_java_reads_it(version: str) -> None:
    java = jvm.jvm(version)
    key = {"kind": "private", "key_algorithm": "EC", "key": keys()["EC"], "keypass": "key pass"}
    secret = {"kind": "secret", "keypass": "key pass"}
    entries: list[dict[str, Any]] = [
        {"alias": "key", "chain": [roots()[0].der, roots()[1].der], **key},
        {"alias": "root", "kind": "trusted", "chain": [roots()[2].der]},
        {"alias": "aes", "key": bytes(16), "key_algorithm": "AES", **secret},
        {"alias": "chacha", "key": bytes(32), "key_algorithm": "ChaCha20", **secret},
        # written as a KeyRep, not as a SecretKeySpec
        {"alias": "des", "key": b"12345678" * 3, "key_algorithm": "DESede", **secret},
        {"alias": "пароль 😀", "password": "imported!", **secret},
    ]
    entries[4]["factory"] = True
    data = java.worker.store("JCEKS", "pässwörd €", entries)
    store = jks.read(data, Password("pässwörd €"))
    assert store.integrity.state == "verified"
    assert store.findings == ()
    seen = by_java(java, data, "JCEKS", "pässwörd €", "key pass")
    assert by_us(store, "key pass") == seen
    assert len(seen) == 6
    assert seen["пароль 😀"][3] == ("PBEWithMD5AndDES", b"imported!")
    assert jks.write(store) == data
    with pytest.raises(WrongPassword):
        jks.read(data, PW)
    for entry in store.entries:
        if isinstance(entry, (PrivateKey, SecretKey)):
            with pytest.raises(WrongPassword):
                entry.sealed.opener(entry.sealed.data, PW)
            with pytest.raises(PasswordRequired):
                entry.sealed.opener(entry.sealed.data, None)


KEYTOOL_KEYS = {
    "rsa": ["-keyalg", "RSA", "-keysize", "2048"],
    "dsa": ["-keyalg", "DSA", "-keysize", "2048"],
    "ec": ["-keyalg", "EC"],
    "ed": ["-keyalg", "Ed25519"],
    "pss": ["-keyalg", "RSASSA-PSS", "-keysize", "2048"],
}
KEYTOOL_SECRETS = {
    "aes": ["-keyalg", "AES", "-keysize", "256"],
    "hmac": ["-keyalg", "HmacSHA256", "-keysize", "256"],
    "des": ["-keyalg", "DESede"],
    "chacha": ["-keyalg", "ChaCha20", "-keysize", "256"],
}


def _keytool_agrees(java: Jvm, path: Path, format: str, names: Sequence[str]) -> None:
    common = ["-keystore", str(path), "-storetype", format, "-storepass", "changeit"]
    for name in names:
        own = ["-alias", f"My-{name}", "-keypass", f"key-{name}"]
        if name in KEYTOOL_KEYS:
            java.keytool("-genkeypair", *KEYTOOL_KEYS[name], "-dname", "CN=é", *own, *common)
        elif name in KEYTOOL_SECRETS:
            java.keytool("-genseckey", *KEYTOOL_SECRETS[name], *own, *common)
        else:
            java.keytool("-importpass", *own, *common, input="se cret\nse cret\n")
    data = path.read_bytes()
    keypass = {f"my-{name}": f"key-{name}" for name in names}
    store = jks.read(data, PW)
    assert store.integrity.state == "verified"
    assert {entry.alias for entry in store.entries} == set(keypass)
    assert by_us(store, keypass) == by_java(java, data, format, "changeit", keypass)
    assert jks.write(store) == data


@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_keytool_jks(version: str, tmp_path: Path) -> None:
    _keytool_agrees(jvm.jvm(version), tmp_path / "k", "JKS", ["ec"])


@pytest.mark.parametrize("version", ENDS_PARAMS)
def test_keytool_jceks(version: str, tmp_path: Path) -> None:
    _keytool_agrees(jvm.jvm(version), tmp_path / "k", "JCEKS", ["aes", "password"])


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_keytool_of_every_java_with_every_algorithm(version: str, tmp_path: Path) -> None:
    java = jvm.jvm(version)
    names = [name for name in KEYTOOL_KEYS if name != "ed" or java.major >= 15]
    _keytool_agrees(java, tmp_path / "jks", "JKS", names)
    _keytool_agrees(java, tmp_path / "jceks", "JCEKS", [*names, *KEYTOOL_SECRETS, "password"])


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_empty_store(version: str, format: str) -> None:
    java = jvm.jvm(version)
    data = java.worker.store(format, "", [])
    store = jks.read(data, Password(""))
    assert (store.format, store.entries, store.integrity.state) == (format, (), "verified")
    assert jks.write(Store(format), Password("")) == data
    with pytest.raises(WrongPassword):
        jks.read(data, PW)


@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_cacerts_of_java(version: str) -> None:
    java = jvm.jvm(version)
    data = java.cacerts.read_bytes()
    if data[:4] not in jks_layout.FORMATS:
        pytest.skip(f"the cacerts of {java} is no JKS")
    store = jks.read(data, PW)
    assert by_us(store, "") == by_java(java, data, "JKS", "changeit", "")
    assert jks.write(store) == data
    # The quick road makes what the constructors make.
    for entry in store.entries:
        assert isinstance(entry, TrustedCert)
        made = Certificate(entry.certificate.der)
        for slot in Certificate.__slots__:
            assert getattr(entry.certificate, slot) == getattr(made, slot)
        assert entry == TrustedCert(entry.alias, made, entry.created_ms)
        assert (entry.attributes, entry.origin) == (None, None)


# --- what we write ---


def our_store(format: str, java: Jvm) -> tuple[Store, dict[str, str]]:
    """Everything the format can hold; and the key passwords."""
    keypass: dict[str, str] = {}
    entries: list[Entry] = [
        TrustedCert("root", roots()[0], 1),
        TrustedCert(EMOJI, roots()[1], -1),
        TrustedCert("\udfff\ud800", Certificate(roots()[2].der, "X509"), 2**40),
    ]
    for number, (name, key) in enumerate(keys_of(java).items()):
        alias = name.lower()
        keypass[alias] = f"key {name}"
        chain = tuple(roots()[: number + 1])
        for kind in FORMATS[: FORMATS.index(format) + 1]:  # a JCEKS holds both
            label = alias if kind == format else f"{alias} in {format}"
            keypass[label] = keypass[alias]
            sealed = jks.seal_private_key(
                key,
                Password(keypass[alias]),
                "JKS" if kind == "JKS" else "JCEKS",
                iterations=50 + number,
            )
            entries.append(PrivateKey(label.lower(), chain, sealed, number))
            keypass[label.lower()] = keypass[alias]
    if format == "JCEKS":
        for number, name in enumerate(("AES", "HmacSHA256", "DESede", "ChaCha20", "é😀\0")):
            secret = Secret(name, bytes(range(1, 33 - number)))
            keypass[f"s{number}"] = f"secret {number}"
            iterations = 60 if number else jks_keys.ITERATIONS
            sealed = jks.seal_secret(secret, Password(f"secret {number}"), iterations=iterations)
            entries.append(SecretKey(f"s{number}", sealed, number))
    return Store(format, tuple(entries)), keypass


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_java_reads_all_that_we_write(version: str, format: str) -> None:
    java = jvm.jvm(version)
    store, keypass = our_store(format, java)
    data = jks.write(store, Password("pässwörd €"))
    seen = by_java(java, data, format, "pässwörd €", keypass)
    assert seen == by_us(store, keypass)
    assert len(seen) == len(store.entries)
    again = jks.read(data, Password("pässwörd €"))
    assert again == store
    assert by_us(again, keypass) == seen
    with pytest.raises(jvm.JavaError, match="password was incorrect"):
        java.worker.load(data, "wrong", format)


@pytest.mark.parametrize("version", VERSION_PARAMS)
def test_an_edited_store_of_java(version: str) -> None:
    """Rename, delete, add and a new store password, without a key password."""
    java = jvm.jvm(version)
    key = keys()["EC"]
    original = java.worker.store(
        "JKS",
        "changeit",
        [
            {
                "alias": "key",
                "kind": "private",
                "key": key,
                "key_algorithm": "EC",
                "chain": [roots()[0].der],
                "keypass": "key",
            },
            {"alias": "old", "kind": "trusted", "chain": [roots()[1].der]},
        ],
    )
    store = jks.read(original)
    found = store.find("key")
    assert isinstance(found, PrivateKey)
    changed = replace(
        store,
        entries=(replace(found, alias="ключ"), TrustedCert("new", roots()[2], 77)),
    )
    with pytest.raises(PasswordRequired):
        jks.write(changed)
    data = jks.write(changed, Password("other"))
    assert by_java(java, data, "JKS", "other", "key") == {
        "ключ": ("private", found.created_ms, [roots()[0]], key),
        "new": ("trusted", 77, [roots()[2]], None),
    }
    assert jks.write(replace(changed, entries=store.entries), PW) == original


def test_pyjks_reads_what_we_write() -> None:
    """pyjks 20; it reads neither characters beyond the BMP nor NUL nor absent parameters."""
    pyjks = pytest.importorskip("jks")
    entries = (
        TrustedCert("root", roots()[0], 5),
        PrivateKey(
            "key", (roots()[1],), jks.seal_private_key(keys()["RSA"], Password("k"), "JKS"), 6
        ),
    )
    found = pyjks.KeyStore.loads(
        jks.write(Store("JKS", entries), PW), "changeit", try_decrypt_keys=False
    )
    assert found.certs["root"].cert == roots()[0].der
    found.private_keys["key"].decrypt("k")
    assert found.private_keys["key"].pkey_pkcs8 == keys()["RSA"]
    more = (
        PrivateKey(
            "key",
            (roots()[1],),
            jks.seal_private_key(keys()["RSA"], Password("k"), "JCEKS", iterations=9),
            6,
        ),
        SecretKey("s", jks.seal_secret(Secret("AES", b"k" * 16), Password("k"), iterations=9), 7),
    )
    found = pyjks.KeyStore.loads(
        jks.write(Store("JCEKS", more), PW), "changeit", try_decrypt_keys=False
    )
    found.private_keys["key"].decrypt("k")
    found.secret_keys["s"].decrypt("k")
    assert found.private_keys["key"].pkey_pkcs8 == keys()["RSA"]
    assert (found.secret_keys["s"].algorithm, found.secret_keys["s"].key) == ("AES", b"k" * 16)


# --- integrity ---


def test_integrity_states() -> None:
    data = trusted(["a"])
    assert jks.read(data).integrity.state == "not-checked"
    assert jks.read(data, Password(None)).integrity.state == "not-checked"
    assert jks.read(data, PW).integrity.state == "verified"
    with pytest.raises(WrongPassword) as raised:
        jks.read(data, Password(""))
    assert raised.value.exit_status == 3
    changed = bytearray(data)
    changed[-30] ^= 1  # inside the certificate
    assert jks.read(bytes(changed)).integrity.state == "not-checked"
    with pytest.raises(WrongPassword, match="or the file was changed"):
        jks.read(bytes(changed), PW)
