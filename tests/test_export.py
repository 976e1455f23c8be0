"""What leaves a store, read by everybody who will read it: OpenSSL, Java, cryptography, us."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_der_private_key,
    load_pem_private_key,
    pkcs7,
)

from storekeeper import formats
from storekeeper.change.export import Product, export
from storekeeper.change.repeated import says_the_same
from storekeeper.errors import (
    PasswordRequired,
    UsageError,
    WrongPassword,
)
from storekeeper.formats import jks
from storekeeper.formats.encryption import named
from storekeeper.model import (
    Certificate,
    Entry,
    Password,
    PrivateKey,
    SecretKey,
    Store,
    TrustedCert,
)
from storekeeper.x509 import Facts
from tests import pki
from tests.export_samples import (
    CHAIN,
    CLEAR,
    DATE,
    ENTRIES,
    KEY,
    LEAF,
    OPENS,
    OTHER,
    ROOT,
    SEALS,
    SECRET,
    SERVER,
    STRANGE,
    content,
    subjects,
)

# -- certificates --------------------------------------------------------------------------


def test_pem_is_clean_and_in_order() -> None:
    text = content(export(ENTRIES))
    assert text == pki.pem("CERTIFICATE", CHAIN[0].der) + pki.pem("CERTIFICATE", OTHER.der)


def test_chains() -> None:
    text = content(export(ENTRIES, contents="chains"))
    assert subjects(text) == [LEAF, "Export CA", "Export Root"]


def test_a_certificate_is_in_a_bundle_once() -> None:
    again = TrustedCert("again", CHAIN[1])
    exported = export((SERVER, again, ROOT, ROOT), contents="chains")
    assert subjects(content(exported)) == [LEAF, "Export CA", "Export Root"]


def test_headers_are_comments_nobody_trips_over() -> None:
    hostile = TrustedCert("a\n-----BEGIN CERTIFICATE-----\x1b[31m", OTHER)
    text = content(export((hostile,), headers=True))
    assert b"subject: CN=Export Root\n# issuer: CN=Export Root\n-----BEGIN" in text
    assert text.count(b"-----BEGIN") == 1
    assert b"\x1b" not in text
    assert subjects(text) == ["Export Root"]
    assert pki.openssl("x509", "-noout", "-subject", stdin=text)
    assert [e.certificate for e in formats.read(text).entries if isinstance(e, TrustedCert)] == [
        OTHER
    ]


def test_der_is_the_certificate() -> None:
    assert content(export((ROOT,), format="DER")) == OTHER.der


@pytest.mark.parametrize(
    ("entries", "options", "says"),
    [
        (ENTRIES, {}, "here are 2"),
        ((SERVER,), {"contents": "chains"}, "not a chain"),
        ((SERVER,), {"contents": "keys+chains"}, "not a chain"),
    ],
)
def test_der_holds_one_thing(
    entries: tuple[Entry, ...], options: dict[str, str], says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        export(entries, format="DER", opens=OPENS, seals=SEALS, **options)  # type: ignore[arg-type]
    assert caught.value.hint


def test_pkcs7() -> None:
    data = content(export(ENTRIES, format="PKCS7", contents="chains"))
    # In the order of the chain, as OpenSSL writes it, where DER would sort.
    with pytest.warns(UserWarning, match="BER"):
        found = pkcs7.load_der_pkcs7_certificates(data)
    assert [Certificate(c.public_bytes(Encoding.DER)) for c in found] == [*CHAIN, OTHER]
    printed = pki.openssl("pkcs7", "-inform", "DER", "-print_certs", stdin=data)
    assert subjects(printed) == [LEAF, "Export CA", "Export Root"]


def test_a_certificate_nobody_can_parse_leaves_as_it_is() -> None:
    junk = TrustedCert("junk", Certificate(b"\x30\x03\x02\x01\x05"))
    assert content(export((junk,), format="DER")) == junk.certificate.der
    assert content(export((junk,))) == pki.pem("CERTIFICATE", junk.certificate.der)


def by_openssl(text: bytes) -> bytes:
    """The PKCS#8 of an encrypted key."""
    words = ("pkcs8", "-topk8", "-nocrypt", "-passin", "pass:seals it", "-outform", "DER")
    return pki.openssl(*words, stdin=text)


# -- keys ----------------------------------------------------------------------------------


def test_no_key_leaves_unasked() -> None:
    for contents in ("certificates", "chains"):
        for format in ("PEM", "PKCS12", "PKCS7"):
            exported = export(ENTRIES, format=format, contents=contents, seals=SEALS)
            assert not any(product.private or product.keys for product in exported.products)
            store = formats.read(content(exported), SEALS)
            assert all(isinstance(entry, TrustedCert) for entry in store.entries)


def test_a_key_in_pem_is_encrypted() -> None:
    exported = export(ENTRIES, contents="keys", opens=OPENS, seals=SEALS)
    text = content(exported)
    assert exported.products[0].private
    assert text.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert text.count(b"-----BEGIN") == 1
    assert by_openssl(text) == pki.pkcs8(KEY)
    assert load_pem_private_key(text, b"seals it") is not None


def test_a_key_with_its_chain_in_pem() -> None:
    text = content(export(ENTRIES, contents="keys+chains", opens=OPENS, seals=SEALS))
    assert subjects(text) == [LEAF, "Export CA"]
    (entry,) = formats.read(text).entries
    assert isinstance(entry, PrivateKey)
    assert entry.chain == CHAIN
    assert entry.pkcs8(SEALS) == pki.pkcs8(KEY)


def test_a_key_in_clear_when_said() -> None:
    text = content(export((SERVER,), contents="keys", opens=OPENS, seals=CLEAR))
    assert text == pki.pem("PRIVATE KEY", pki.pkcs8(KEY))
    data = content(export((SERVER,), contents="keys", format="DER", opens=OPENS, seals=CLEAR))
    assert data == pki.pkcs8(KEY)


def test_a_key_in_der() -> None:
    data = content(export((SERVER,), contents="keys", format="DER", opens=OPENS, seals=SEALS))
    assert load_der_private_key(data, b"seals it") is not None


@pytest.mark.parametrize("kind", ["RSA", "EC", "DSA", "Ed25519"])
def test_keys_of_every_kind(kind: str) -> None:
    key = pki.key("kinds", kind)
    entry = PrivateKey("k", (), jks.seal_private_key(pki.pkcs8(key), OPENS, "JKS"))
    text = content(export((entry,), contents="keys", opens=OPENS, seals=SEALS))
    assert by_openssl(text) == pki.pkcs8(key)


def test_passwords_are_needed_and_checked() -> None:
    with pytest.raises(PasswordRequired) as unsaid:
        export((SERVER,), contents="keys", opens=OPENS)
    assert unsaid.value.alias is None
    assert "--dest-storepass" in unsaid.value.hint
    with pytest.raises(PasswordRequired) as closed:
        export((SERVER,), contents="keys", seals=SEALS)
    assert closed.value.alias == "server"
    with pytest.raises(WrongPassword) as wrong:
        export((SERVER,), contents="keys", opens=Password("no"), seals=SEALS)
    assert wrong.value.alias == "server"
    with pytest.raises(UsageError, match="empty password"):
        export((SERVER,), contents="keys", opens=OPENS, seals=Password(""))


def test_what_has_no_place_is_said() -> None:
    exported = export((SECRET, STRANGE, ROOT))
    assert [(f.code, f.where) for f in exported.findings] == [
        ("left-out", "secret"),
        ("left-out", "crl"),
    ]
    assert export((SECRET,)).products == ()
    assert export((ROOT,), contents="keys").products == ()
    with pytest.raises(UsageError, match="PKCS#7"):
        export((SERVER,), contents="keys", format="PKCS7", opens=OPENS, seals=CLEAR)
    with pytest.raises(UsageError, match="PKCS12, not of PEM"):
        export((ROOT,), encryption=named("java8"))
    with pytest.raises(UsageError, match="hashed"):
        export((SERVER,), contents="keys", layout="hashed", opens=OPENS, seals=CLEAR)
    with pytest.raises(UsageError, match="nothing is called"):
        export((ROOT,), contents="everything")


@pytest.mark.parametrize("format", ["PEM", "DER", "PKCS12"])
def test_a_key_encrypted_anew_says_the_same(format: str) -> None:
    def made(entry: PrivateKey, seals: Password) -> Product:
        options = {"format": format, "contents": "keys", "opens": OPENS, "seals": seals}
        return export((entry,), **options).products[0]  # type: ignore[arg-type]

    other_key = jks.seal_private_key(pki.pkcs8(pki.key("Export CA")), OPENS, "JKS")
    one, again = made(SERVER, SEALS), made(SERVER, SEALS)
    assert one.content != again.content
    assert says_the_same(one, again.content, SEALS)
    assert not says_the_same(one, made(SERVER, Password("other")).content, SEALS)
    assert not says_the_same(one, made(SERVER, CLEAR).content, SEALS)
    assert not says_the_same(
        one, made(PrivateKey("server", CHAIN, other_key, DATE), SEALS).content, SEALS
    )
    assert not says_the_same(one, again.content[:-1], SEALS)
    if format == "PKCS12":
        assert not says_the_same(one, again.content, SEALS, named("fips"))


def test_facts_are_those_of_the_certificates() -> None:
    """The hashes of a directory's links are those of what the links lead to."""
    exported = export(ENTRIES, contents="chains", layout="hashed")
    by_name = {p.name: p for p in exported.products if not p.link}
    for product in exported.products:
        if product.link:
            assert product.content == by_name[product.link].content
    assert len(by_name) == len({Facts(c.der).subject.der for c in (*CHAIN, OTHER)})


def test_a_secret_key_goes_with_the_whole_store_alone() -> None:
    data = content(export((SECRET,), format="PKCS12", contents="store", opens=OPENS, seals=SEALS))
    (entry,) = formats.read(data, SEALS).entries
    assert isinstance(entry, SecretKey)
    assert entry.secret(SEALS).material == b"k" * 16
    exported = export((SECRET, ROOT), contents="store", opens=OPENS, seals=SEALS)
    assert [f.where for f in exported.findings] == ["secret"]
    assert Store("PEM", formats.read(content(exported)).entries).entries[0].alias == "Export Root"
