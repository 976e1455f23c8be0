"""Reading PKCS12: the JVMs, OpenSSL and cryptography say what is in the files."""

from __future__ import annotations

import base64
import contextlib
import functools
import random
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import (
    Damaged,
    LimitExceeded,
    PasswordRequired,
    StorekeeperError,
    Unsupported,
    WrongPassword,
)
from storekeeper.formats import pkcs12
from storekeeper.formats.pkcs12_bags import (
    CRL_BAG,
    KEY_BAG,
    LOCAL_KEY_ID,
    SAFE_CONTENTS_BAG,
    SECRET_BAG,
    SHROUDED_KEY_BAG,
    Bag,
    encode_bag,
    secret_value,
)
from storekeeper.frozen import replace
from storekeeper.model import (
    LIMITS,
    Attribute,
    Certificate,
    Entry,
    Opaque,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    TrustedCert,
)
from tests import clock, jvm
from tests.pkcs12_files import (
    CROSS,
    DATA,
    FAST,
    INTERMEDIATE,
    LEAF,
    PASSWORD,
    POOL,
    ROOT,
    ROOT_AGAIN,
    SELF_ISSUED,
    attributes,
    cert_bag,
    certificate,
    data_safe,
    key,
    pfx,
    pkcs8,
)

EPKI = pkcs12.seal_private_key(pkcs8("leaf"), PASSWORD, FAST).data
SECRET = pkcs12.seal_secret(Secret("AES", bytes(16)), PASSWORD, FAST).data


def codes(store: Any) -> list[str]:
    return [finding.code for finding in store.findings]


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


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
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


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
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


# --- stores made by OpenSSL ---------------------------------------------------------------------


def _pem(label: str, data: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(data).decode()}-----END {label}-----\n"


@pytest.fixture
def pems(tmp_path: Path) -> Path:
    (tmp_path / "key.pem").write_text(_pem("PRIVATE KEY", pkcs8("leaf")))
    (tmp_path / "leaf.pem").write_text(_pem("CERTIFICATE", LEAF))
    (tmp_path / "chain.pem").write_text(
        _pem("CERTIFICATE", INTERMEDIATE) + _pem("CERTIFICATE", ROOT)
    )
    return tmp_path


def _openssl_export(folder: Path, *words: str, password: str = "changeit") -> bytes:
    command = ["openssl", "pkcs12", "-export", "-out", "out.p12", "-passout", f"pass:{password}"]
    done = subprocess.run([*command, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder.joinpath("out.p12").read_bytes()


_WITH_KEY = ("-inkey", "key.pem", "-in", "leaf.pem", "-certfile", "chain.pem", "-name", "Náme")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-legacy",),
        ("-descert", "-legacy"),
        ("-certpbe", "NONE"),
        ("-certpbe", "AES-128-CBC", "-keypbe", "AES-192-CBC", "-macalg", "sha512"),
        ("-certpbe", "PBE-SHA1-RC2-128", "-keypbe", "PBE-SHA1-RC4-128", "-legacy"),
        ("-nomac",),
        ("-iter", "1", "-noiter", "-nomaciter"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("password", ["changeit", "", "pässwörd"])
def test_key_and_chain_of_openssl(pems: Path, words: tuple[str, ...], password: str) -> None:
    data = _openssl_export(pems, *_WITH_KEY, *words, password=password)
    store = pkcs12.read(data, Password(password))
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert entry.alias == "Náme"
    assert [one.der for one in entry.chain] == [LEAF, INTERMEDIATE, ROOT]
    plain = serialization.load_der_private_key(entry.pkcs8(password), None)
    assert plain.public_key() == key("leaf").public_key()
    assert store.integrity.state == ("absent" if "-nomac" in words else "verified")
    again = pkcs12.write(store, Password(password))
    assert pkcs12.read(again, Password(password)) == store
    if password != "changeit":
        return
    newest = jvm.newest()
    theirs = newest.worker.load(data, password, "PKCS12", unseal=False)
    assert [one["chain"] for one in theirs["entries"]] == [[LEAF, INTERMEDIATE, ROOT]]


def test_key_in_clear_of_openssl(pems: Path) -> None:
    data = _openssl_export(pems, *_WITH_KEY, "-keypbe", "NONE", "-certpbe", "NONE", "-nomac")
    store = pkcs12.read(data)
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert len(entry.chain) == 3
    plain = serialization.load_der_private_key(entry.pkcs8(), None)
    assert plain.public_key() == key("leaf").public_key()
    assert codes(store) == ["java-invisible"]
    assert pkcs12.java_view(store) == ()
    assert jvm.newest().worker.load(data, "changeit", "PKCS12")["entries"] == []


def test_certificates_of_openssl_are_invisible_to_java(pems: Path) -> None:
    data = _openssl_export(pems, "-nokeys", "-in", "chain.pem")
    store = pkcs12.read(data, PASSWORD)
    assert [type(one) for one in store.entries] == [TrustedCert, TrustedCert]
    assert [one.attributes for one in store.entries] == [(), ()]
    assert codes(store) == ["java-invisible"] * 2
    assert "2.16.840.1.113894.746875.1.1" in store.findings[0].message
    assert pkcs12.java_view(store) == ()
    assert jvm.newest().worker.load(data, "changeit", "PKCS12")["entries"] == []
    # None means "as Java writes it": that is the mend.
    mended = replace(store, entries=tuple(replace(one, attributes=None) for one in store.entries))
    fixed = jvm.newest().worker.load(pkcs12.write(mended, PASSWORD), "changeit", "PKCS12")
    assert [one["chain"] for one in fixed["entries"]] == [[INTERMEDIATE], [ROOT]]


# --- shapes -------------------------------------------------------------------------------------


def test_the_trusted_attribute_on_a_keys_own_certificate() -> None:
    own = encode_bag(SHROUDED_KEY_BAG, EPKI, attributes("k", b"1"))
    data = pfx(data_safe(own, cert_bag(LEAF, *attributes("k", b"1", True))))
    store = pkcs12.read(data, PASSWORD)
    assert codes(store) == ["trusted-attribute-on-key-certificate", "duplicate-alias"]
    key_entry, trusted = store.entries
    assert isinstance(key_entry, PrivateKey)
    assert key_entry.chain == ()
    assert pkcs12.java_view(store) == (trusted,)


def _indefinite(value: der.Value) -> bytes:
    """The same in BER: indefinite lengths, strings in pieces of seven bytes."""
    if value.tag & 0x20:
        inner = b"".join(_indefinite(child) for child in value.children())
        return bytes((value.tag, 0x80)) + inner + b"\0\0"
    if value.tag in (der.OCTET_STRING, 0x80):
        text = value.content
        pieces = [der.octet_string(text[at : at + 7]) for at in range(0, len(text), 7)]
        return bytes((value.tag | 0x20, 0x80)) + b"".join(pieces) + b"\0\0"
    return value.raw


def _ber(data: bytes) -> bytes:
    """A whole file in BER, what is inside its safes in clear too."""
    return _indefinite(der.read(data))


def test_ber_is_read_and_der_is_written() -> None:
    own = encode_bag(SHROUDED_KEY_BAG, EPKI, attributes("k", b"1"))
    bags = [
        own,
        cert_bag(LEAF, *attributes("k", b"1")),
        cert_bag(ROOT, *attributes("r", None, True)),
    ]
    straight = pfx(data_safe(*bags))
    ber_bags = [Bag(one.oid, _indefinite(der.read(one.raw))) for one in bags]
    content = der.sequence(*(one.raw for one in ber_bags))
    safe = der.sequence(DATA, der.explicit(0, der.octet_string(content)))
    nested = pkcs12.read(pfx(safe), PASSWORD)
    outer = pkcs12.read(_ber(straight), PASSWORD)
    assert pkcs12.read(straight, PASSWORD) == outer
    assert outer.integrity.state == "verified"
    for store in (nested, outer):
        entry = store.entries[0]
        assert isinstance(entry, PrivateKey)
        assert entry.pkcs8("changeit") == pkcs8("leaf")
        written = pkcs12.write(store, PASSWORD)
        assert pkcs12.read(written, PASSWORD) == store
        assert b"\x24\x80" not in written
        theirs = jvm.newest().worker.load(written, "changeit", "PKCS12")
        assert [one["key_error"] for one in theirs["entries"]] == [None, None]


def test_ber_around_encrypted_contents(pems: Path) -> None:
    data = _openssl_export(pems, *_WITH_KEY, "-certpbe", "AES-256-CBC")
    assert pkcs12.read(_ber(data), PASSWORD) == pkcs12.read(data, PASSWORD)


def test_trailing_bytes_are_told() -> None:
    data = pfx(data_safe(cert_bag(ROOT, *attributes("r", None, True))))
    store = pkcs12.read(data + b"\n\n", PASSWORD)
    assert codes(store) == ["trailing-bytes"]
    assert "2 bytes" in store.findings[0].message


@pytest.mark.parametrize(
    ("value", "alias"),
    [
        (der.encode(der.BMP_STRING, "name\0".encode("utf-16-be")), "name"),
        (der.encode(der.UTF8_STRING, "näme".encode()), "näme"),
        (der.encode(der.PRINTABLE_STRING, b"name"), "name"),
        (der.encode(der.T61_STRING, b"n\xe4me"), "näme"),
        (der.encode(der.BMP_STRING, b""), ""),
        (der.encode(der.BMP_STRING, "\U0001f600".encode("utf-16-be")), "\U0001f600"),
    ],
)
def test_odd_friendly_names(value: bytes, alias: str) -> None:
    name = Attribute("1.2.840.113549.1.9.20", (value,))
    store = pkcs12.read(pfx(data_safe(cert_bag(ROOT, name))), PASSWORD)
    assert store.entries[0].alias == alias


@pytest.mark.parametrize("oid", ["1.2.840.113549.1.9.20", LOCAL_KEY_ID])
def test_an_attribute_of_a_wrong_type(oid: str) -> None:
    # As OpenSSL's test files "BOOLEAN-in-friendlyName-of-cert" and its siblings.
    wrong = Attribute(oid, (der.encode(der.BOOLEAN, b"\xff"),))
    store = pkcs12.read(pfx(data_safe(cert_bag(ROOT, wrong))), PASSWORD)
    assert len(store.entries) == 1
    assert "odd-attribute" in codes(store)


def test_duplicate_aliases_are_kept_and_the_last_counts() -> None:
    bags = [cert_bag(one, *attributes(name, None, True)) for one, name in
            ((ROOT, "Name"), (CROSS, "x"), (INTERMEDIATE, "NAME"))]  # fmt: skip
    store = pkcs12.read(pfx(data_safe(*bags)), PASSWORD)
    assert len(store.entries) == 3
    assert codes(store) == ["duplicate-alias"]
    assert [one.alias for one in pkcs12.java_view(store)] == ["NAME", "x"]
    found = store.find("name")
    assert isinstance(found, TrustedCert)
    assert found.certificate.der == INTERMEDIATE


def test_bags_nobody_knows_are_kept() -> None:
    unknown = Attribute("1.2.3.4.5", (der.integer(1), der.null()))
    crl = der.sequence(der.oid("1.2.840.113549.1.9.23.1"), der.explicit(0, der.octet_string(b"x")))
    sdsi = der.sequence(
        der.oid("1.2.840.113549.1.9.22.2"), der.explicit(0, der.encode(der.IA5_STRING, b"x"))
    )
    bags = [
        encode_bag(CRL_BAG, crl, [*attributes("crl"), unknown]),
        encode_bag("1.2.840.113549.1.12.10.1.3", sdsi, []),
        encode_bag("1.2.3.4", der.octet_string(b"?"), [unknown]),
        Bag("", der.sequence(der.integer(5))),
        encode_bag(SECRET_BAG, secret_value("1.2.3.9", b"raw"), attributes("raw")),
    ]
    store = pkcs12.read(pfx(data_safe(*bags)), PASSWORD)
    whats = [(one.alias, one.what) for one in store.entries if isinstance(one, Opaque)]
    assert whats == [
        ("crl", "CRL bag"),
        ("", "SDSI certificate"),
        ("", "bag 1.2.3.4"),
        ("", "unreadable bag"),
    ]
    raw = store.entries[-1]
    assert isinstance(raw, SecretKey)
    assert raw.secret() == Secret("1.2.3.9", b"raw")
    assert store.entries[0].attributes == (unknown,)
    assert "unreadable-bag" in codes(store)
    # Another entry comes along, and all of them stay.
    more = replace(store, entries=(*store.entries, TrustedCert("r", Certificate(ROOT))))
    again = pkcs12.read(pkcs12.write(more, PASSWORD), PASSWORD)
    assert again.entries[:-1] == store.entries


def test_what_is_not_supported_is_named() -> None:
    signed = der.sequence(
        der.integer(3), der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, der.null()))
    )
    with pytest.raises(Unsupported, match=re.escape("1.2.840.113549.1.7.2")):
        pkcs12.read(signed, PASSWORD)
    enveloped = der.sequence(der.oid("1.2.840.113549.1.7.3"), der.explicit(0, der.null()))
    with pytest.raises(Unsupported, match="public key"):
        pkcs12.read(pfx(enveloped), PASSWORD)
    with pytest.raises(Unsupported, match="version 4"):
        pkcs12.read(der.sequence(der.integer(4), der.null()), PASSWORD)


def test_limits() -> None:
    bag = cert_bag(ROOT)
    data = pfx(data_safe(*[bag] * 20))
    with pytest.raises(LimitExceeded, match="bags"):
        pkcs12.read(data, PASSWORD, replace(LIMITS, entries=19))
    with pytest.raises(LimitExceeded, match="bytes"):
        pkcs12.read(data, PASSWORD, replace(LIMITS, file_size=100))
    loop = [cert_bag(certificate(f"C{at}", f"C{at + 1}")) for at in range(20)]
    keys = [encode_bag(SHROUDED_KEY_BAG, EPKI, attributes(f"k{at}", b"1")) for at in range(9)]
    own = cert_bag(certificate("Own", "C0"), *attributes("k", b"1"))
    data = pfx(data_safe(own, *keys, *loop))
    assert len(pkcs12.read(data, PASSWORD).entries) == 9
    with pytest.raises(LimitExceeded, match="a chain of more than 20"):
        pkcs12.read(data, PASSWORD, replace(LIMITS, chain=20))
    with pytest.raises(LimitExceeded, match="together"):
        pkcs12.read(data, PASSWORD, replace(LIMITS, entries=100))
    for _ in range(9):
        bag = encode_bag(SAFE_CONTENTS_BAG, der.sequence(bag.raw), [])
    with pytest.raises(LimitExceeded, match="nested"):
        pkcs12.read(pfx(data_safe(bag)), PASSWORD)


def _file() -> bytes:
    own = encode_bag(SHROUDED_KEY_BAG, EPKI, attributes("k", b"Time 123"))
    trusted = cert_bag(ROOT, *attributes("r", None, True))
    secret = encode_bag(SECRET_BAG, secret_value(SHROUDED_KEY_BAG, SECRET), attributes("s"))
    leaf = cert_bag(LEAF, *attributes("k", b"Time 123"))
    store = pkcs12.read(pfx(data_safe(own, secret), data_safe(leaf, trusted)), PASSWORD)
    return pkcs12.write(store, PASSWORD, encryption=FAST)


def _survives(data: bytes, password: Password | None) -> None:
    with contextlib.suppress(StorekeeperError):
        store = pkcs12.read(data, password)
        for entry in store.entries:
            with contextlib.suppress(StorekeeperError):
                if isinstance(entry, PrivateKey):
                    entry.pkcs8(PASSWORD)
                elif isinstance(entry, SecretKey):
                    entry.secret(PASSWORD)
        pkcs12.java_view(store)
        pkcs12.write(store, PASSWORD)


def test_truncated_at_every_byte() -> None:
    data = _file()
    for size in range(len(data)):
        with pytest.raises((Damaged, Unsupported, WrongPassword)) as caught:
            pkcs12.read(data[:size], PASSWORD)
        assert caught.value.message


def _clear_file() -> bytes:
    clear = replace(FAST, certificates=None, mac=None)
    return pkcs12.write(pkcs12.read(_file(), PASSWORD), PASSWORD, encryption=clear)


@given(st.booleans(), st.data())
@settings(max_examples=400)
def test_changed_bytes_give_our_errors_only(clear: bool, data: st.DataObject) -> None:
    file = bytearray(_CLEAR if clear else _WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    _survives(bytes(file), PASSWORD)
    _survives(bytes(file), None)


@pytest.mark.slow
def test_many_changed_bytes() -> None:
    bases = (_CLEAR, _ber(_CLEAR), _WHOLE)
    for seed in range(90_000):
        dice = random.Random(seed)
        file = bytearray(bases[seed % 3])
        for _ in range(dice.randint(1, 5)):
            at = dice.randrange(len(file))
            match dice.randrange(3):
                case 0:
                    file[at] = dice.randrange(256)
                case 1:
                    del file[at : at + dice.randint(1, 4)]
                case _:
                    file[at:at] = dice.randbytes(dice.randint(1, 4))
        started = time.process_time()
        try:
            _survives(bytes(file), PASSWORD)
            assert clock.units(time.process_time() - started) < 100
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


_WHOLE = _file()
_CLEAR = _clear_file()


@given(st.binary(max_size=300))
def test_any_bytes_give_our_errors_only(data: bytes) -> None:
    with pytest.raises(StorekeeperError):
        pkcs12.read(data, PASSWORD)


def test_a_wrong_password_without_a_mac() -> None:
    store = pkcs12.read(_WHOLE, PASSWORD)
    data = pkcs12.write(store, PASSWORD, encryption=replace(FAST, mac=None))
    for number in range(300):
        with pytest.raises(WrongPassword, match="wrong password, or the bytes were changed"):
            pkcs12.read(data, Password(f"wrong {number}"))
