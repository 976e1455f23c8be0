"""Keys opened and sealed again: the same key, in every format, for every Java."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.errors import PasswordRequired, Unsupported, WriteRefused, WrongPassword
from storekeeper.formats import pbe, pem_keys, reseal
from storekeeper.formats.encryption import ENCRYPTIONS, Encryption, with_iterations
from storekeeper.formats.schemes import Recipe
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
from tests import jvm, pki, strategies
from tests.changing import AES, BORN, CHAIN, CORP, KEY, PASS, PASSWORD, trusted
from tests.pkcs12_files import FAST

NEW = Password("a new one")
ASCII = Password("plain")
KEYED = ("JKS", "JCEKS", "PKCS12", "PEM", "DER")
IN_JAVA = ("JKS", "JCEKS", "PKCS12")
VERSIONS = [
    pytest.param(v, marks=() if v.startswith("17.") else pytest.mark.slow) for v in jvm.VERSIONS
]


def key(sealed: Sealed) -> PrivateKey:
    return PrivateKey("key", CHAIN, sealed, BORN)


# -- the same key -------------------------------------------------------------------------------


@given(
    strategies.pkcs8s,
    st.sampled_from(["JKS", "PKCS12"]),
    st.sampled_from(["JKS", "PKCS12"]),
    st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=9),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=9),
)
def test_a_private_key_is_the_same_wherever_it_went(
    pkcs8: bytes, one: str, other: str, first: str, second: str
) -> None:
    opens, seals = Password(first), Password(second)
    before = key(reseal.seal_private_key(pkcs8, one, opens, FAST))
    after = reseal.fit(before, other, opens=opens, seals=seals, encryption=FAST)
    assert isinstance(after, PrivateKey)
    assert after.pkcs8(seals) == pkcs8
    assert (after.alias, after.chain, after.created_ms) == ("key", CHAIN, BORN)
    assert (after.attributes, after.origin) == (None, None)
    assert pkcs8 not in after.sealed.data
    # Sealed twice, it is never sealed the same.
    again = reseal.fit(before, other, opens=opens, seals=seals, encryption=FAST)
    assert again != after
    if first != second:
        with pytest.raises(WrongPassword):
            after.pkcs8(opens)


@given(st.sampled_from(["AES", "HmacSHA256", "DESede"]), st.binary(min_size=1, max_size=64))
def test_a_secret_key_too(algorithm: str, material: bytes) -> None:
    before = SecretKey("s", reseal.seal_secret(Secret(algorithm, material), "PKCS12", ASCII, FAST))
    after = reseal.fit(before, "PKCS12", opens=ASCII, seals=NEW, encryption=FAST)
    assert isinstance(after, SecretKey)
    assert after.secret(NEW).material == material
    with pytest.raises(WrongPassword):
        after.secret(ASCII)


# Its 200,000 rounds take a third of a second each time.
EVERY = [pytest.param(f, marks=pytest.mark.slow if f == "JCEKS" else ()) for f in KEYED]


@pytest.mark.parametrize("to", EVERY)
@pytest.mark.parametrize("of", EVERY)
def test_every_way(of: str, to: str) -> None:
    before = key(reseal.seal_private_key(KEY, of, PASSWORD, FAST))
    after = reseal.fit(before, to, opens=PASSWORD, seals=NEW, encryption=FAST)
    assert isinstance(after, PrivateKey)
    assert after.pkcs8(NEW) == KEY
    assert KEY not in after.sealed.data


@pytest.mark.parametrize("kind", ["RSA", "EC", "DSA", "Ed25519"])
@pytest.mark.parametrize("format", IN_JAVA)
@pytest.mark.parametrize("version", VERSIONS)
def test_java_opens_it(version: str, format: str, kind: str) -> None:
    if version.startswith("11.") and kind == "Ed25519":
        pytest.skip("Java 11 has no such keys")
    pkcs8 = pki.pkcs8(pki.key(f"reseal {kind}", kind))
    own = Certificate(pki.certificate(f"reseal {kind}", kind=kind))
    of = PrivateKey("key", (own,), reseal.seal_private_key(pkcs8, "PEM", PASSWORD), BORN)
    store = Store(format, (reseal.fit(of, format, opens=PASSWORD, seals=ASCII),))
    data = formats.write(store, ASCII)
    (entry,) = jvm.jvm(version).worker.load(data, "plain", format)["entries"]
    assert (entry["key"], entry["chain"], entry["created_ms"]) == (pkcs8, [own.der], BORN)


@pytest.mark.parametrize("format", ["JCEKS", "PKCS12"])
@pytest.mark.parametrize("version", VERSIONS)
def test_java_opens_secret_keys(version: str, format: str) -> None:
    of = SecretKey("aes", reseal.seal_secret(AES, "JCEKS", PASSWORD), BORN)
    store = Store(format, (reseal.fit(of, format, opens=PASSWORD, seals=ASCII),))
    found = jvm.jvm(version).worker.load(formats.write(store, ASCII), "plain", format)
    (entry,) = found["entries"]
    assert (entry["key"], entry["key_algorithm"]) == (AES.material, "AES")


# -- what has no place, no password ---------------------------------------------------------------


def test_what_holds_no_keys() -> None:
    of = key(reseal.seal_private_key(KEY, "PKCS12", PASSWORD, FAST))
    with pytest.raises(WriteRefused, match="PKCS7 can't hold a private key"):
        reseal.fit(of, "PKCS7", opens=PASSWORD, seals=PASSWORD)
    secret = SecretKey("s", reseal.seal_secret(AES, "PKCS12", PASSWORD, FAST))
    for format in ("JKS", "PEM", "DER", "PKCS7"):
        with pytest.raises(WriteRefused, match=f"{format} can't hold a secret key"):
            reseal.fit(secret, format, opens=PASSWORD, seals=PASSWORD)
    with pytest.raises(Unsupported):
        reseal.seal_secret(Secret("Of nobody's", b"1234"), "PKCS12", PASSWORD, FAST)


@pytest.mark.parametrize("format", KEYED)
def test_nobody_said_which_password(format: str) -> None:
    with pytest.raises(PasswordRequired, match="and none was given"):
        reseal.seal_private_key(KEY, format, None)
    if format in ("JKS", "JCEKS"):
        with pytest.raises(PasswordRequired, match="without a password"):
            reseal.seal_private_key(KEY, format, Password(None))
    else:
        clear = reseal.seal_private_key(KEY, format, Password(None))
        assert clear.opener(clear.data, None) == KEY
    if format in ("JCEKS", "PKCS12"):
        for none in (None, Password(None)):
            with pytest.raises(PasswordRequired):
                reseal.seal_secret(AES, format, none)


@pytest.mark.parametrize("format", IN_JAVA)
def test_a_key_nobody_can_open_is_not_sealed(format: str) -> None:
    of = key(reseal.seal_private_key(KEY, format, PASSWORD, FAST))
    with pytest.raises(WrongPassword):
        reseal.fit(of, "PKCS12", opens=NEW, seals=PASSWORD)
    with pytest.raises(PasswordRequired):
        reseal.fit(of, "PKCS12", opens=None, seals=PASSWORD)


def test_a_seal_that_does_not_open_to_the_same_key_is_not_given_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = pem_keys.seal_private_key

    def another(_pkcs8: bytes, password: Password) -> Sealed:
        return real(pki.pkcs8(pki.key("another")), password)

    monkeypatch.setattr(pem_keys, "seal_private_key", another)
    with pytest.raises(WriteRefused, match="is not the key that was given"):
        reseal.seal_private_key(KEY, "PEM", PASSWORD)


def test_what_is_no_key_goes_as_it_is() -> None:
    stranger = Opaque("x", "CRL bag", b"\x05\0", origin="somewhere")
    assert reseal.fit(stranger, "JKS", opens=None, seals=None) is stranger
    found = replace(trusted("corp"), attributes=(), origin="somewhere")
    fit = reseal.fit(found, "PKCS12", opens=None, seals=None)
    assert fit == TrustedCert("corp", CORP, BORN)
    assert fit.origin is None


# -- sealed as before ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(ENCRYPTIONS) - {"passwordless"}))
def test_a_key_of_a_pkcs12_stays_sealed_as_it_was(name: str) -> None:
    few = with_iterations(ENCRYPTIONS[name], 3)
    sealed = reseal.seal_private_key(KEY, "PKCS12", PASSWORD, few)
    again = reseal.seal_again(KEY, sealed, "PKCS12", NEW)
    assert again.opener(again.data, NEW) == KEY
    assert again.scheme == sealed.scheme
    assert _recipe(again) == few.keys
    modern = reseal.seal_again(KEY, sealed, "PKCS12", NEW, FAST)
    assert _recipe(modern) == FAST.keys


def test_a_salt_that_is_too_short_is_not_kept() -> None:
    short = replace(FAST.keys, salt_length=1)
    sealed = reseal.seal_private_key(KEY, "PKCS12", PASSWORD, replace(FAST, keys=short))
    again = reseal.seal_again(KEY, sealed, "PKCS12", NEW)
    assert _recipe(again).salt_length == 8


@pytest.mark.parametrize("format", ["JKS", "JCEKS", "PEM"])
def test_other_formats_have_one_way(format: str) -> None:
    sealed = reseal.seal_private_key(KEY, format, PASSWORD)
    again = reseal.seal_again(KEY, sealed, format, NEW)
    assert (again.scheme, again.opener(again.data, NEW)) == (sealed.scheme, KEY)


def test_a_secret_key_is_sealed_again() -> None:
    sealed = reseal.seal_secret(AES, "PKCS12", PASSWORD, FAST)
    again = reseal.seal_again(AES, sealed, "PKCS12", NEW)
    opened = again.opener(again.data, NEW)
    assert isinstance(opened, Secret)
    assert opened.material == AES.material


def _recipe(sealed: Sealed) -> Recipe:
    return pbe.read_encrypted(sealed.data, "key")[0].recipe


def pkcs12(name: str, *, keys: bool = True) -> tuple[Store, Encryption]:
    """A file encrypted as a named set is, as it is read."""
    few = ENCRYPTIONS[name]
    entries = [trusted("corp", CORP, None)]
    if keys:
        entries.append(key(reseal.seal_private_key(KEY, "PKCS12", PASSWORD, few)))  # type: ignore[arg-type]
    data = formats.write(Store("PKCS12", tuple(entries)), PASSWORD, encryption=few)
    return formats.read(data, PASSWORD), few


@pytest.mark.parametrize("keys", [True, False])
@pytest.mark.parametrize("name", ["modern", "java8", "openssl1", "pbmac1"])
def test_a_new_key_is_sealed_like_the_others(name: str, keys: bool) -> None:
    store, used = pkcs12(name, keys=keys)
    found = reseal.own_encryption(store)
    assert found is not None
    assert found.keys == used.keys
    for other in ENCRYPTIONS.values():
        same = (other.mac, other.certificates) == (used.mac, used.certificates)
        same = same and (not keys or other.keys == used.keys)
        assert reseal.encrypted_as(store, other) is same, other.name
    assert not reseal.open_to_all(store)


def test_without_any_sign_there_is_no_own_way() -> None:
    assert reseal.own_encryption(None) is None
    assert reseal.own_encryption(Store("JKS", (trusted("corp"),))) is None
    assert reseal.own_encryption(Store("PKCS12", (trusted("corp"),))) is None
    odd = replace(FAST, mac=replace(FAST.mac, iterations=7) if FAST.mac else None)
    data = formats.write(Store("PKCS12", (trusted("c", CORP, None),)), PASSWORD, encryption=odd)
    assert reseal.own_encryption(formats.read(data, PASSWORD)) is None


def test_open_to_all_is_what_has_neither_mac_nor_encryption() -> None:
    store = Store("PKCS12", (trusted("c", CORP, None),))
    none = formats.write(store, Password(None), encryption=ENCRYPTIONS["passwordless"])
    assert reseal.open_to_all(formats.read(none))
    bare = formats.write(store, PASSWORD, encryption=replace(FAST, mac=None))
    assert not reseal.open_to_all(formats.read(bare, PASSWORD))
    assert not reseal.open_to_all(store)
    assert PASS not in repr(formats.read(bare, PASSWORD))
