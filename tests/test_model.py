"""The domain values: what is equal, what is found, and that no secret is ever shown."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import hashlib
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.errors import PasswordError, StorekeeperError
from storekeeper.model import (
    Attribute,
    Certificate,
    Entry,
    Finding,
    Integrity,
    Limits,
    Opaque,
    Password,
    PrivateKey,
    Report,
    Sealed,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
    kind,
    replace,
)
from tests import jvm

CERTIFICATE = Certificate(b"der")


def opener(data: bytes, password: Password | None) -> bytes | Secret:
    """An opener that tells what it was given."""
    if data == b"secret":
        return Secret("AES", b"key")
    return repr((password, password and password.text)).encode()


SEALED = Sealed("none", b"private", opener)

# -- certificates -------------------------------------------------------------------------


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_a_certificate_is_its_bytes(one: bytes, other: bytes) -> None:
    a, b = Certificate(one), Certificate(other, "X.509v3")
    assert (a == b) is (one == other)
    assert (hash(a) == hash(b)) or one != other
    assert a.sha256 == hashlib.sha256(one).hexdigest()
    assert a.sha1 == hashlib.sha1(one).hexdigest()


def test_a_certificate_keeps_bytes_and_type_through_pickle_and_replaces_nothing() -> None:
    again = pickle.loads(pickle.dumps(Certificate(b"der", "other")))
    assert (again.der, again.type, again.sha256) == (
        b"der",
        "other",
        Certificate(b"der").sha256,
    )
    given_ = bytearray(b"der")
    kept = Certificate(given_)  # type: ignore[arg-type]
    given_[0] = 0
    assert kept.der == b"der"
    assert kept != b"der"
    assert repr(kept) == f"Certificate(sha256={kept.sha256}, 3 bytes)"
    with pytest.raises(AttributeError, match="frozen"):
        kept.der = b""


# -- passwords ----------------------------------------------------------------------------


def test_none_the_empty_and_a_password_are_three_things() -> None:
    three = [Password(None), Password(""), Password("changeit")]
    assert len(set(three)) == 3
    assert [p.text for p in three] == [None, "", "changeit"]


def test_where_a_password_came_from_does_not_change_it() -> None:
    assert Password("a", "env:A") == Password("a", "prompt")
    assert hash(Password("a", "env:A")) == hash(Password("a"))


@given(st.text(min_size=4).filter(lambda text: text not in "Password(from env:NAME)"))
def test_a_password_is_never_shown(text: str) -> None:
    password = Password(text, "env:NAME")
    for shown in (
        repr(password),
        str(password),
        f"{password}",
        f"{password!r:>30}",
        f"{[password]}",
    ):
        assert shown.strip("[] ") == "Password(from env:NAME)"


def test_what_the_opener_is_given() -> None:
    entry = PrivateKey("a", (), SEALED)
    assert entry.pkcs8() == b"(None, None)"
    assert entry.pkcs8("") == b"(Password(from given), '')"
    assert entry.pkcs8("x") == b"(Password(from given), 'x')"
    assert entry.pkcs8(Password(None, "nobody")) == b"(Password(from nobody), None)"
    assert SecretKey("a", replace(SEALED, data=b"secret")).secret("x") == Secret("AES", b"key")


# -- entries and stores -------------------------------------------------------------------

ENTRIES: list[tuple[Entry, str]] = [
    (TrustedCert("a", CERTIFICATE), "trusted-certificate"),
    (PrivateKey("a", (CERTIFICATE,), SEALED), "private-key"),
    (SecretKey("a", SEALED), "secret-key"),
    (Opaque("a", "CRL bag", b"x"), "opaque"),
]


@pytest.mark.parametrize(("entry", "word"), ENTRIES, ids=[word for _, word in ENTRIES])
def test_entries(entry: Entry, word: str) -> None:
    assert kind(entry) == word
    assert pickle.loads(pickle.dumps(entry)) == entry
    assert replace(entry, origin=object()) == entry
    assert replace(entry, alias="b") != entry
    assert replace(entry, created_ms=1) != entry
    assert replace(entry, attributes=(Attribute("1.2"),)) != entry
    assert (entry.created_ms, entry.attributes, entry.origin) == (None, None, None)


def test_entries_of_different_kinds_differ() -> None:
    assert len({entry for entry, _ in ENTRIES}) == len(ENTRIES)


def test_sealed_keys_are_compared_by_their_bytes() -> None:
    assert Sealed("another word", b"private", lambda *_: b"") == SEALED
    assert Sealed("none", b"other", opener) != SEALED


def test_a_store_is_what_it_holds() -> None:
    store = Store("JKS", (ENTRIES[0][0],))
    found = Finding("code", "warning", "a", "message")
    assert store == replace(
        store, path="p", layout=1, findings=(found,), integrity=Integrity("verified")
    )
    assert store != replace(store, format="JCEKS")
    assert store != replace(store, entries=())
    assert Store("PEM") == Store("PEM", (), Integrity("absent", ""))
    assert Report("p", (found,)) == Report("p", (replace(found),))


def test_every_certificate_in_file_order() -> None:
    one, two, three = (Certificate(bytes([n])) for n in range(3))
    entries = (
        PrivateKey("k", (one, two), SEALED),
        *(entry for entry, word in ENTRIES if word in ("secret-key", "opaque")),
        TrustedCert("t", three),
        TrustedCert("again", one),
    )
    assert list(Store("JKS", entries).certificates()) == [one, two, three, one]


def test_find_gives_what_java_would_give() -> None:
    first, last = TrustedCert("MyRoot", CERTIFICATE, 1), TrustedCert("myroot", CERTIFICATE, 2)
    store = Store("JKS", (first, last, TrustedCert("ünï", CERTIFICATE)))
    assert store.find("MYROOT") is store.find("MyRoot") is last
    assert store.find("ÜNÏ") is store.entries[2]
    assert store.find("other") is None
    assert Store("JKS").find("") is None
    # Java keeps a JKS's aliases as they are and a PKCS12's in lower case.
    assert Store("JKS", (last, first)).find("MyRoot") is last
    assert Store("JKS", (first,)).find("myroot") is first
    assert Store("PKCS12", (last, first)).find("MyRoot") is first


def test_limits_are_all_positive_and_honest() -> None:
    for field in Limits._fields:
        assert getattr(Limits(), field) > 0
        assert field in (Limits.__doc__ or "")
    assert Limits().kdf_iterations >= 200_000  # a JCEKS key of JDK 17


# -- secrets ------------------------------------------------------------------------------

RIGHT, WRONG = "Rightful-Pa55", "Wrongful-Pa55"


@functools.cache
def private() -> tuple[bytes, bytes]:
    """PKCS#8 of a key and a certificate of it."""
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tester")])
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, start, start)
        .sign(key, None)
        .public_bytes(serialization.Encoding.DER)
    )
    pkcs8 = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return pkcs8, certificate


@functools.cache
def sealed_stores() -> dict[str, bytes]:
    """Stores whose every key opens with `RIGHT` alone."""
    pkcs8, certificate = private()
    java = jvm.newest().worker
    entry: dict[str, Any] = {
        "alias": "k",
        "kind": "private",
        "key": pkcs8,
        "key_algorithm": "Ed25519",
        "chain": [certificate],
    }
    secret = {"alias": "s", "kind": "secret", "key": b"0123456789abcdef", "key_algorithm": "AES"}
    found = {
        "JKS": java.store("JKS", RIGHT, [entry]),
        "JCEKS": java.store("JCEKS", RIGHT, [entry, secret]),
        "PKCS12": java.store("PKCS12", RIGHT, [entry, secret]),
    }
    found["PEM"] = serialization.load_der_private_key(pkcs8, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(RIGHT.encode()),
    )
    return found


def spellings(secret: bytes) -> Iterator[str]:
    """How a secret might come to light in a text."""
    yield secret.hex()
    yield base64.b64encode(secret).decode()
    yield repr(secret)[2:-1]


def revealed(text: str) -> list[str]:
    words = [RIGHT, WRONG]
    hidden = [private()[0][-32:], b"0123456789abcdef"]
    for word in words:
        hidden += [word.encode(), word.encode("utf-16-be")]
    return [s for s in (*words, *(s for one in hidden for s in spellings(one))) if s in text]


def told(error: BaseException) -> str:
    """All that a log would hold of an error: text, traceback, causes, attributes."""
    lines = traceback.format_exception(error)
    return "".join([*lines, repr(error), repr(error.args), repr(vars(error))])


def test_the_search_would_find_them() -> None:
    assert revealed(f"x {RIGHT} y")
    assert revealed(repr(Secret("AES", b"0123456789abcdef").material))
    assert revealed(private()[0].hex())


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PKCS12", "PEM"])
def test_no_secret_in_any_repr(format: str) -> None:
    data = sealed_stores()[format]
    store = formats.read(data, RIGHT)
    assert store.entries
    assert revealed(repr(store)) == []
    opened = 0
    for entry in store.entries:
        assert revealed(repr(entry)) == []
        if isinstance(entry, PrivateKey):
            assert entry.pkcs8(RIGHT)[-32:] == private()[0][-32:]
            opened += 1
        elif isinstance(entry, SecretKey):
            secret = entry.secret(RIGHT)
            assert secret.material == b"0123456789abcdef"
            assert revealed(repr(secret)) == []
            opened += 1
        else:
            raise AssertionError(f"{kind(entry)} is unexpected here")
    assert opened == len(store.entries)


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PKCS12", "PEM"])
def test_no_secret_in_the_traceback_of_a_wrong_password(format: str) -> None:
    data = sealed_stores()[format]
    attempts: list[Any] = [lambda: formats.read(data, WRONG)] if format != "PEM" else []
    for entry in formats.read(data, RIGHT).entries:
        if isinstance(entry, PrivateKey):
            attempts += [lambda e=entry: e.pkcs8(WRONG), lambda e=entry: e.pkcs8()]
        elif isinstance(entry, SecretKey):
            attempts += [lambda e=entry: e.secret(WRONG), lambda e=entry: e.secret()]
    assert len(attempts) >= 2
    for attempt in attempts:
        with pytest.raises(StorekeeperError) as caught:
            attempt()
        assert isinstance(caught.value, PasswordError)
        assert revealed(told(caught.value)) == []
