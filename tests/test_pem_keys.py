"""Keys in PEM, in every form OpenSSL writes or wrote."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)

from storekeeper import formats
from storekeeper.errors import (
    PasswordRequired,
    Unsupported,
    WrongPassword,
)
from storekeeper.model import (
    Certificate,
    PrivateKey,
    TrustedCert,
    replace,
)
from tests import pki
from tests.pem_samples import (
    CA,
    KEY,
    LEAF,
    OTHER,
    P_CA,
    P_KEY,
    P_LEAF,
    P_OTHER,
    P_ROOT,
    ROOT,
    armoured_key,
    codes,
)


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("RSA", "traditional"),
        ("EC", "traditional"),
        ("DSA", "traditional"),
        ("RSA", "pkcs8"),
        ("EC", "pkcs8"),
        ("DSA", "pkcs8"),
        ("Ed25519", "pkcs8"),
    ],
)
def test_every_form_of_key_beside_certificates(kind: str, form: str) -> None:
    text, expected = armoured_key(kind, form)
    leaf = pki.certificate("Leaf", "CA", kind=kind)
    # The key stands first, its certificate last, so only the public key can tell.
    bundle = text + P_ROOT + P_CA + P_OTHER + pki.pem("CERTIFICATE", leaf)
    store = formats.read(bundle)
    key, other = store.entries
    assert isinstance(key, PrivateKey)
    assert [c.der for c in key.chain] == [leaf, CA, ROOT]
    assert other == TrustedCert("Other", Certificate(OTHER))
    assert key.alias == "Leaf"
    ours = load_der_private_key(key.pkcs8(), None)
    assert ours.private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    ) == load_der_private_key(expected, None).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )
    assert formats.write(store) == bundle


@pytest.mark.parametrize(
    "cipher", ["des-cbc", "des-ede3-cbc", "aes-128-cbc", "aes-192-cbc", "aes-256-cbc"]
)
@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_keys_encrypted_as_openssl_used_to(kind: str, cipher: str) -> None:
    text, expected = armoured_key(kind, "traditional")
    tool = "rsa" if kind == "RSA" else "ec"
    legacy = ["-provider", "legacy", "-provider", "default"] if cipher == "des-cbc" else []
    extra = ["-traditional"] if kind == "RSA" else []
    sealed = pki.openssl(
        tool, f"-{cipher}", *extra, "-passout", "pass:geheim é", *legacy, stdin=text
    )
    assert b"DEK-Info: " + cipher.upper().encode() in sealed
    store = formats.read(sealed)
    (key,) = store.entries
    assert isinstance(key, PrivateKey)
    assert key.pkcs8("geheim é") == expected
    assert key.sealed.scheme == f"OpenSSL {cipher.upper()}, MD5"
    with pytest.raises(PasswordRequired, match=cipher.upper()):
        key.pkcs8()
    for wrong in ("", "x", "geheim"):
        with pytest.raises(WrongPassword):
            key.pkcs8(wrong)
    assert formats.write(store) == sealed


def test_a_wrong_password_never_gives_a_key() -> None:
    text, _ = armoured_key("EC", "traditional")
    sealed = pki.openssl("ec", "-aes-128-cbc", "-passout", "pass:right", stdin=text)
    (key,) = formats.read(sealed).entries
    assert isinstance(key, PrivateKey)
    for number in range(2_000):  # the padding alone fits for about eight of them
        with pytest.raises(WrongPassword):
            key.pkcs8(f"wrong {number}")


def test_an_unknown_cipher_is_named() -> None:
    text = P_KEY.replace(b"PRIVATE", b"RSA PRIVATE").replace(
        b"KEY-----\n", b"KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: SEED-CBC,00\n\n", 1
    )
    (key,) = formats.read(text).entries
    assert isinstance(key, PrivateKey)
    with pytest.raises(Unsupported, match="SEED-CBC"):
        key.pkcs8("x")


def test_encrypted_pkcs8() -> None:
    text = pki.key("Leaf").private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    store = formats.read(P_CA + text + P_LEAF)
    (key,) = store.entries
    assert isinstance(key, PrivateKey)
    # Nothing says whose key it is; the only end entity is a good guess, and said to be one.
    assert [c.der for c in key.chain] == [LEAF, CA]
    assert codes(store) == ["key-pairing-assumed"]
    assert key.pkcs8("secret") == KEY
    with pytest.raises(WrongPassword):
        key.pkcs8("other")
    with pytest.raises(PasswordRequired):
        key.pkcs8()


def test_output_of_openssl_pkcs12() -> None:
    pfx = pki.openssl(
        *("pkcs12", "-export", "-name", "Grüße an alle", "-passout", "pass:x"),
        stdin=P_KEY + P_LEAF + P_CA,
    )
    for extra in (["-nodes"], ["-passout", "pass:y"]):
        text = pki.openssl("pkcs12", "-passin", "pass:x", *extra, stdin=pfx)
        assert b"Bag Attributes" in text
        assert b"localKeyID" in text
        store = formats.read(text)
        (key,) = store.entries
        assert isinstance(key, PrivateKey)
        assert key.alias == "Grüße an alle"
        assert [c.der for c in key.chain] == [LEAF, CA]
        assert codes(store) == []
        assert key.pkcs8("y") == KEY
        assert formats.write(store) == text


def test_a_key_whose_certificate_is_not_there() -> None:
    store = formats.read(P_ROOT + P_KEY)
    root, key = store.entries
    assert root == TrustedCert("Root", Certificate(ROOT))
    assert isinstance(key, PrivateKey)
    assert key.chain == ()
    assert key.alias == "key"


def test_two_keys_share_their_ca() -> None:
    second = pki.certificate("Second", "CA")
    p_second = pki.pem("PRIVATE KEY", pki.pkcs8(pki.key("Second")))
    text = P_KEY + P_LEAF + p_second + pki.pem("CERTIFICATE", second) + P_CA + P_ROOT
    store = formats.read(text)
    assert [[c.der for c in e.chain] for e in store.entries if isinstance(e, PrivateKey)] == [
        [LEAF, CA, ROOT],
        [second, CA, ROOT],
    ]
    assert len(store.entries) == 2
    assert formats.write(store) == text
    # Without the first key its CA stays for the second.
    assert formats.read(formats.write(replace(store, entries=store.entries[1:]))) == replace(
        store, entries=store.entries[1:]
    )
