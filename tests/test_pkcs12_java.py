"""PKCS12 stores made by Java and keytool, and what Java makes of any bags."""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ed25519, rsa

from storekeeper import der
from storekeeper.errors import (
    PasswordRequired,
    WrongPassword,
)
from storekeeper.formats import pkcs12
from storekeeper.formats.pkcs12_bags import (
    KEY_BAG,
    SAFE_CONTENTS_BAG,
    SECRET_BAG,
    SHROUDED_KEY_BAG,
    Bag,
    encode_bag,
    secret_value,
)
from storekeeper.frozen import replace
from storekeeper.model import (
    Entry,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    TrustedCert,
)
from tests import jvm
from tests.pkcs12_files import (
    CROSS,
    INTERMEDIATE,
    PASSWORD,
    POOL,
    ROOT,
    ROOT_AGAIN,
    SELF_ISSUED,
    attributes,
    cert_bag,
    certificate,
    data_safe,
    pfx,
    pkcs8,
)
from tests.pkcs12_shapes import EPKI, SECRET, codes

# --- stores made by Java ------------------------------------------------------------------------


def _private(made: Any) -> bytes:
    return bytes(
        made.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


@functools.cache
def _keys() -> dict[str, bytes]:
    return {
        "RSA": _private(rsa.generate_private_key(65537, 2048)),
        "DSA": _private(dsa.generate_private_key(1024)),
        "EC": pkcs8("leaf"),
        "Ed25519": _private(ed25519.Ed25519PrivateKey.generate()),
    }


def _java_entries(java: jvm.Jvm) -> list[dict[str, Any]]:
    """One entry of every kind; the dates are those of the call."""
    keys = dict(_keys())
    keys["RSASSA-PSS"] = java.worker.call("generate", algorithm="RSASSA-PSS", size=2048)["pkcs8"]
    if java.major < 17:
        del keys["Ed25519"]
    entries: list[dict[str, Any]] = [
        {
            "alias": f"Key {algorithm}",
            "kind": "private",
            "key": made,
            "key_algorithm": algorithm,
            "chain": [certificate(f"Leaf {algorithm}", "Intermediate"), INTERMEDIATE, ROOT],
        }
        for algorithm, made in keys.items()
    ]
    entries += [
        {"alias": alias, "kind": "trusted", "chain": [der]}
        for alias, der in (("Größe \U0001f600", ROOT), ("корень", CROSS), ("again", ROOT))
    ]
    entries += [
        {"alias": "aes", "kind": "secret", "key": bytes(range(16)), "key_algorithm": "AES"},
        {"alias": "mac", "kind": "secret", "key": bytes(99), "key_algorithm": "HmacSHA256"},
        {
            "alias": "password",
            "kind": "secret",
            "key": b"sesame1",
            "key_algorithm": "PBEWithMD5AndDES",
        },
        {
            "alias": "its own",
            "kind": "private",
            "key": pkcs8("other"),
            "key_algorithm": "EC",
            "chain": [certificate("Other", "Intermediate"), INTERMEDIATE, ROOT],
            "keypass": "another password",
        },
    ]
    return entries


def seen(entries: Sequence[Entry]) -> list[tuple[str, str, int | None, list[bytes]]]:
    """Our entries the way `said` gives Java's."""
    found: list[tuple[str, str, int | None, list[bytes]]] = []
    for entry in entries:
        match entry:
            case TrustedCert():
                found.append((entry.alias.lower(), "trusted", None, [entry.certificate.der]))
            case PrivateKey():
                chain = [one.der for one in entry.chain]
                found.append((entry.alias.lower(), "private", entry.created_ms, chain))
            case SecretKey():
                found.append((entry.alias.lower(), "secret", entry.created_ms, []))
    return found


def said(store: jvm.Store) -> list[tuple[str, str, int | None, list[bytes]]]:
    """Java's entries; it has no dates for trusted ones and then gives the time of loading."""
    return [
        (
            entry["alias"],
            entry["kind"],
            None if entry["kind"] == "trusted" else entry["created_ms"],
            entry["chain"],
        )
        for entry in store["entries"]
    ]


def _props(certificates: str, keys: str, mac: str) -> dict[str, str]:
    return {
        "keystore.pkcs12.certProtectionAlgorithm": certificates,
        "keystore.pkcs12.keyProtectionAlgorithm": keys,
        "keystore.pkcs12.macAlgorithm": mac,
        "keystore.pkcs12.certPbeIterationCount": "7",
        "keystore.pkcs12.keyPbeIterationCount": "8",
        "keystore.pkcs12.macIterationCount": "9",
    }


SETTINGS: dict[str, dict[str, str]] = {
    "default": {},
    "legacy": {"keystore.pkcs12.legacy": ""},
    "passwordless": {
        "keystore.pkcs12.certProtectionAlgorithm": "NONE",
        "keystore.pkcs12.macAlgorithm": "NONE",
    },
    "rc2": _props("PBEWithSHA1AndRC2_40", "PBEWithSHA1AndRC2_128", "HmacPBESHA1"),
    "rc2-128": _props("PBEWithSHA1AndRC2_128", "PBEWithSHA1AndRC2_40", "HmacPBESHA224"),
    "rc4": _props("PBEWithSHA1AndRC4_40", "PBEWithSHA1AndRC4_128", "HmacPBESHA256"),
    "des": _props("PBEWithSHA1AndDESede", "PBEWithSHA1AndDESede", "HmacPBESHA384"),
    "aes-1": _props("PBEWithHmacSHA1AndAES_128", "PBEWithHmacSHA1AndAES_256", "HmacPBESHA512"),
    "aes-224": _props(
        "PBEWithHmacSHA224AndAES_128", "PBEWithHmacSHA224AndAES_256", "HmacPBESHA512/224"
    ),
    "aes-384": _props(
        "PBEWithHmacSHA384AndAES_128", "PBEWithHmacSHA384AndAES_256", "HmacPBESHA512/256"
    ),
    "aes-512": _props("PBEWithHmacSHA512AndAES_128", "PBEWithHmacSHA512AndAES_256", "NONE"),
    "clear-mac": _props("NONE", "PBEWithHmacSHA256AndAES_128", "HmacPBESHA256"),
}


@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
def test_stores_of_java(version: str) -> None:
    java = jvm.jvm(version)
    entries = _java_entries(java)
    passwords = {"its own": "another password"}
    for name, props in SETTINGS.items():
        data = java.worker.store("PKCS12", "changeit", entries, props=props)
        theirs = java.worker.load(data, "changeit", "PKCS12", keypass=passwords)
        store = pkcs12.read(data, PASSWORD)
        assert seen(store.entries) == said(theirs), name
        assert pkcs12.java_view(store) == store.entries, name
        assert codes(store) == [], name
        for ours, their in zip(store.entries, theirs["entries"], strict=True):
            password = passwords.get(ours.alias, "changeit")
            if isinstance(ours, PrivateKey):
                assert ours.pkcs8(password) == their["key"]
            elif isinstance(ours, SecretKey):
                assert ours.secret(password).material == their["key"]
                known = their["key_algorithm"] or ""
                assert ours.secret(password).algorithm == known or known[:2] == "1."
        own = store.find("its own")
        assert isinstance(own, PrivateKey)
        with pytest.raises(WrongPassword):
            own.pkcs8("changeit")
        encrypted = props.get("keystore.pkcs12.certProtectionAlgorithm") != "NONE"
        if encrypted:
            with pytest.raises(PasswordRequired):
                pkcs12.read(data)
        else:
            assert pkcs12.read(data) == store
        mac = props.get("keystore.pkcs12.macAlgorithm")
        assert store.integrity.state == ("absent" if mac == "NONE" else "verified")
        if encrypted or mac != "NONE":
            with pytest.raises(WrongPassword):
                pkcs12.read(data, Password("changeme"))


def test_non_ascii_passwords_of_java_25() -> None:
    java = jvm.newest()
    if java.major < 25:
        pytest.skip("Java refuses such passwords before 25")
    entries: list[dict[str, Any]] = [
        {"alias": "t", "kind": "trusted", "chain": [ROOT]},
        {"alias": "s", "kind": "secret", "key": bytes(16), "key_algorithm": "AES"},
    ]
    for text in ("pässword", "пароль", "\U0001f600😀", "\x7fdelete"):
        # "legacy" spells the password in the low seven bits of its UTF-8 bytes.
        for name in ("default", "legacy", "des", "aes-1"):
            data = java.worker.store("PKCS12", text, entries, props=SETTINGS[name])
            store = pkcs12.read(data, Password(text))
            assert {entry.alias for entry in store.entries} == {"t", "s"}
            (secret,) = (one for one in store.entries if isinstance(one, SecretKey))
            assert secret.secret(text).material == bytes(16)
            # Kept as it was or written as MODERN, Java opens it again.
            for encryption in (None, pkcs12.MODERN):
                ours = pkcs12.write(store, Password(text), encryption=encryption)
                listed = java.worker.load(ours, text, "PKCS12", unseal=False)["entries"]
                assert len(listed) == 2
    # The standards' spelling under the old schemes is not Java's.
    for name in ("java8", "openssl1"):
        ours = pkcs12.write(store, Password("pässword"), encryption=pkcs12.ENCRYPTIONS[name])
        assert pkcs12.read(ours, Password("pässword")) == store
        with pytest.raises(jvm.JavaError):
            java.worker.load(ours, "pässword", "PKCS12")


@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
def test_stores_of_keytool(version: str, tmp_path: Path) -> None:
    java = jvm.jvm(version)
    file = tmp_path / "made.p12"
    common = ("-keystore", file, "-storetype", "PKCS12", "-storepass", "changeit")
    java.keytool("-genkeypair", "-alias", "Server", "-keyalg", "EC", "-dname", "CN=S", *common)
    java.keytool("-genseckey", "-alias", "aes", "-keyalg", "AES", "-keysize", "128", *common)
    java.keytool("-importpass", "-alias", "pw", *common, input="sesame1\nsesame1\n")
    (tmp_path / "root.cer").write_bytes(ROOT)
    java.keytool(
        *("-importcert", "-noprompt", "-alias", "Wurzel"), "-file", tmp_path / "root.cer", *common
    )
    data = file.read_bytes()
    store = pkcs12.read(data, PASSWORD)
    assert seen(store.entries) == said(java.worker.load(data, "changeit", "PKCS12"))
    password = store.find("pw")
    assert isinstance(password, SecretKey)
    assert password.secret("changeit") == Secret("PBEWithMD5AndDES", b"sesame1")
    cut = pkcs12.write(replace(store, entries=store.entries[1:]), PASSWORD)
    file.write_bytes(cut)
    listed = java.keytool("-list", *common).stdout
    assert "3 entries" in listed
    assert "server" not in listed


# --- what Java makes of any bags ----------------------------------------------------------------


def _any_file(dice: random.Random, pool: Sequence[bytes]) -> bytes:
    safes = []
    for _ in range(dice.randint(1, 3)):
        bags: list[Bag] = []
        for _ in range(dice.randint(0, 5)):
            kind = dice.choice("kkkkpcccccccccsno")
            given = attributes(
                dice.choice([None, "a", "A", "b", "c", "leaf"]),
                dice.choice([None, None, b"1", b"2", b"01"]),
                kind == "c" and dice.random() < 0.3,
            )
            match kind:
                case "k":
                    bags.append(encode_bag(SHROUDED_KEY_BAG, EPKI, given))
                case "p":
                    bags.append(encode_bag(KEY_BAG, pkcs8("leaf"), given))
                case "c":
                    bags.append(cert_bag(dice.choice(pool), *given))
                case "s":
                    value = secret_value(SHROUDED_KEY_BAG, SECRET)
                    bags.append(encode_bag(SECRET_BAG, value, given))
                case "n":
                    inner = cert_bag(dice.choice(pool), *given)
                    bags.append(encode_bag(SAFE_CONTENTS_BAG, der.sequence(inner.raw), []))
                case _:
                    bags.append(encode_bag("1.2.3.4", der.null(), given))
        safes.append(data_safe(*bags))
    return pfx(*safes)


def _compare_views(version: str, seeds: range) -> None:
    java = jvm.jvm(version)
    # Before 17 Java takes every certificate that names itself for the end of a chain.
    odd = (ROOT_AGAIN, SELF_ISSUED) if java.major < 17 else ()
    pool = [one for one in POOL if one not in odd]
    for seed in seeds:
        data = _any_file(random.Random(seed), pool)
        theirs = java.worker.load(data, "changeit", "PKCS12", unseal=False)
        ours = pkcs12.java_view(pkcs12.read(data, PASSWORD))
        undated = [(alias, kind, chain) for alias, kind, _, chain in said(theirs)]
        assert [(alias, kind, chain) for alias, kind, _, chain in seen(ours)] == undated, seed


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_java_lists_what_we_say_it_lists(version: str) -> None:
    _compare_views(version, range(200))


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_java_lists_what_we_say_it_lists_at_length(version: str) -> None:
    _compare_views(version, range(200, 4000))
