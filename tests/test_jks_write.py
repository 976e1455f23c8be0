from __future__ import annotations

import datetime as dt
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import (
    PasswordRequired,
    UsageError,
    WriteRefused,
    WrongPassword,
)
from storekeeper.formats import jks, jks_keys
from storekeeper.model import (
    Certificate,
    Opaque,
    Password,
    PrivateKey,
    Sealed,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)
from tests import jvm
from tests.jks_samples import (
    PW,
    signed,
)
from tests.strategies import KEY_PASSWORD, jceks_stores, jks_stores

# --- laws ---


@given(st.one_of(jks_stores, jceks_stores))
def test_read_of_write_is_the_store(store: Store) -> None:
    data = jks.write(store, PW)
    found = jks.read(data, PW)
    assert found == store
    assert [c.type for c in found.certificates()] == [c.type for c in store.certificates()]
    for one, other in zip(found.entries, store.entries, strict=True):
        assert type(one) is type(other)
        assert one.origin is None
        if isinstance(one, (PrivateKey, SecretKey)):
            assert isinstance(other, (PrivateKey, SecretKey))
            assert one.sealed.opener(one.sealed.data, KEY_PASSWORD) == other.sealed.opener(
                other.sealed.data, KEY_PASSWORD
            )
    assert jks.write(found) == data
    assert jks.write(found, PW) == data


@given(
    st.lists(st.tuples(st.binary(max_size=12), st.binary(max_size=8)), max_size=5),
    st.binary(max_size=3),
)
def test_read_then_write_is_the_file(strings: list[tuple[bytes, bytes]], trailing: bytes) -> None:
    """Aliases and certificate types of any bytes, also after a change of password."""
    content = b"\xce\xce\xce\xce" + struct.pack(">II", 2, len(strings))
    for alias, type in strings:
        content += struct.pack(">IH", 2, len(alias)) + alias + bytes(8)
        content += struct.pack(">H", len(type)) + type + struct.pack(">I", 2) + b"xy"
    data = signed(content) + trailing
    store = jks.read(data, PW)
    assert jks.write(store) == data
    assert jks.write(replace(store, layout=None), PW) == signed(content)
    assert jks.write(store, Password("other")) == signed(content, "other") + trailing


@given(st.text().filter(lambda text: "\ud800" not in text))
def test_any_password_of_a_store_and_a_key(text: str) -> None:
    password = Password(text)
    sealed = jks.seal_private_key(b"the key", password)
    data = jks.write(Store("JKS", (PrivateKey("a", (), sealed, 0),)), password)
    (entry,) = jks.read(data, password).entries
    assert isinstance(entry, PrivateKey)
    assert entry.pkcs8(password) == b"the key"
    with pytest.raises(WrongPassword):
        jks.read(data, Password(text + "x"))
    with pytest.raises(WrongPassword):
        entry.pkcs8(text + "x")


# --- refusals of the writer ---


def _foreign(data: bytes, password: Password | None) -> bytes:
    raise AssertionError("nothing is unsealed")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (PrivateKey("k", (), Sealed("PBES2 AES-256-CBC", b"x", _foreign), 0), "PBES2 AES-256-CBC"),
        (SecretKey("k", Sealed("PBES2 AES-256-CBC", b"x", _foreign), 0), "PBES2 AES-256-CBC"),
        (
            SecretKey("k", Sealed("sealed", b"x", jks_keys.open_secret), 0),
            "serialised Java objects",
        ),
        (Opaque("k", "CRL bag", b"x"), "can't hold a opaque entry"),
        (TrustedCert("k" * 65536, Certificate(b""), 0), "65536 bytes"),
        (TrustedCert("é" * 40000, Certificate(b""), 0), "80000 bytes"),
        (TrustedCert("k", Certificate(b"", "t" * 65536), 0), "the certificate's type takes 65536"),
        (TrustedCert("k", Certificate(b""), 2**63), "does not fit 64 bits"),
    ],
)
def test_what_a_jceks_can_t_hold(entry: TrustedCert, words: str) -> None:
    with pytest.raises(WriteRefused, match=words) as raised:
        jks.write(Store("JCEKS", (entry,)), PW)
    assert raised.value.alias == entry.alias


def test_what_a_jks_can_t_hold() -> None:
    secret = SecretKey("s", jks.seal_secret(Secret("AES", b"k"), PW, iterations=1), 0)
    with pytest.raises(WriteRefused, match="Java refuses them too"):
        jks.write(Store("JKS", (secret,)), PW)
    with pytest.raises(jvm.JavaError):
        jvm.newest().worker.store(
            "JKS",
            "changeit",
            [{"alias": "s", "kind": "secret", "key": b"k" * 16, "key_algorithm": "AES"}],
        )
    key = PrivateKey("k", (), jks.seal_private_key(b"key", PW, "JCEKS", iterations=1), 0)
    with pytest.raises(WriteRefused, match="JKS key protector only") as raised:
        jks.write(Store("JCEKS", (key,)), PW, format="JKS")
    assert "needs the key's password" in raised.value.hint
    of_jks = PrivateKey("k", (), jks.seal_private_key(b"key", PW, "JKS"), 0)
    assert jks.read(jks.write(Store("JKS", (of_jks,)), PW, format="JCEKS")).format == "JCEKS"


def test_other_arguments_that_make_no_sense() -> None:
    with pytest.raises(UsageError, match="'PKCS12'"):
        jks.write(Store("PKCS12"), PW)
    with pytest.raises(UsageError, match="'JKS2'"):
        jks.seal_private_key(b"", PW, "JKS2")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="iterations"):
        jks.seal_secret(Secret("AES", b"k"), PW, iterations=0)
    with pytest.raises(UsageError, match="at least one byte"):
        jks.seal_secret(Secret("AES", b""), PW)
    for password in (Password(None), None):
        with pytest.raises(PasswordRequired):
            jks.seal_private_key(b"", password)  # type: ignore[arg-type]
        with pytest.raises(PasswordRequired):
            jks.write(Store("JKS"), password)


def test_dates_of_new_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store("JKS", (TrustedCert("a", Certificate(b"")),))

    def date(now_ms: int | None = None) -> int:
        created = jks.read(jks.write(store, PW, now_ms=now_ms)).entries[0].created_ms
        assert created is not None
        return created

    now = dt.datetime.now(dt.UTC).timestamp() * 1000
    assert abs(date() - now) < 60_000
    assert date(now_ms=5) == 5
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert date() == 1_700_000_000_000
    assert date(now_ms=5) == 5
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(UsageError, match="'soon'"):
        date()


def test_seals_are_salted_and_reproducible_on_demand() -> None:
    assert jks.seal_private_key(b"k", PW).data != jks.seal_private_key(b"k", PW).data
    again = [jks.seal_private_key(b"k", PW, random=bytes) for _ in range(2)]
    assert again[0] == again[1]


def test_no_secret_in_repr() -> None:
    sealed = jks.seal_secret(Secret("AES", b"material"), PW, iterations=1)
    store = jks.read(jks.write(Store("JCEKS", (SecretKey("s", sealed, 0),)), PW), PW)
    for shown in (repr(store), repr(sealed), repr(store.layout)):
        assert "changeit" not in shown
        assert "material" not in shown
        assert len(shown) < 600
