"""Which password opens which key, and when two entries are the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.change.openings import KeyPasswords, material, opened, same_entry
from storekeeper.errors import Damaged, PasswordRequired, WrongPassword
from storekeeper.formats.reseal import seal_private_key, seal_secret
from storekeeper.model import Entry, Opaque, Password, PrivateKey, Secret, SecretKey, replace
from tests import pki
from tests.changing import AES, CHAIN, CORP, KEY, OTHER, private, trusted
from tests.pkcs12_files import FAST

STORE, EVERY, OWN = Password("store's"), Password("all keys'", "file every"), Password("its own")
OTHER_KEY = pki.pkcs8(pki.key("another"))


def sealed(password: Password, key: bytes = KEY, format: str = "JKS") -> PrivateKey:
    return PrivateKey("Server", CHAIN, seal_private_key(key, format, password, FAST), 1)


def test_the_nearest_is_tried_first() -> None:
    passwords = KeyPasswords(STORE, EVERY, (("server", OWN), ("other", Password("x"))))
    assert passwords.of("SERVER") == (OWN, EVERY, STORE)
    assert passwords.of("third") == (EVERY, STORE)
    assert KeyPasswords(STORE, STORE).of("x") == (STORE,)
    assert KeyPasswords().of("x") == ()


@pytest.mark.parametrize("right", [STORE, EVERY, OWN])
def test_any_of_them_opens_it_and_which_is_told(right: Password) -> None:
    passwords = KeyPasswords(STORE, EVERY, (("server", OWN),))
    assert opened(sealed(right), passwords) == (KEY, right)


def test_a_key_in_clear_needs_none() -> None:
    clear = sealed(Password(None), format="PKCS12")
    assert opened(clear, KeyPasswords()) == (KEY, None)
    # A password that is not needed does no harm.
    assert opened(clear, KeyPasswords(STORE))[0] == KEY


def test_what_does_not_open_says_what_was_tried() -> None:
    with pytest.raises(PasswordRequired) as required:
        opened(sealed(OWN), KeyPasswords())
    assert required.value.alias == "Server"
    assert "--keypass" in required.value.hint
    with pytest.raises(WrongPassword) as wrong:
        opened(sealed(OWN), KeyPasswords(STORE, EVERY))
    assert "not the one from file every and given" in wrong.value.message
    assert wrong.value.alias == "Server"
    assert "--keypass" in wrong.value.hint
    for word in ("store's", "all keys'"):
        assert word not in f"{wrong.value!r}{wrong.value}"
    cut = sealed(OWN)
    cut = replace(cut, sealed=replace(cut.sealed, data=cut.sealed.data[:20]))
    with pytest.raises(Damaged) as damaged:
        opened(cut, KeyPasswords(OWN))
    assert damaged.value.alias == "Server"


def test_no_material_of_what_does_not_open() -> None:
    assert material(sealed(OWN), KeyPasswords(OWN)) == KEY
    assert material(sealed(OWN), KeyPasswords(STORE)) is None
    assert material(sealed(OWN), KeyPasswords()) is None
    secret = SecretKey("s", seal_secret(AES, "PKCS12", STORE, FAST))
    assert material(secret, KeyPasswords(STORE)) == AES.material


# -- the same -----------------------------------------------------------------------------------


def same(one: Entry, other: Entry) -> bool:
    found = same_entry(one, other, KeyPasswords(STORE), KeyPasswords(OWN))
    assert same_entry(other, one, KeyPasswords(OWN), KeyPasswords(STORE)) is found or (
        isinstance(one, PrivateKey)  # a chain may go on, in one of them
    )
    return found


def test_names_dates_and_seals_are_no_difference() -> None:
    assert same(trusted("a"), trusted("b", CORP, None))
    assert not same(trusted("a"), trusted("a", OTHER))
    for format in ("JKS", "PKCS12"):
        again = replace(sealed(OWN, format=format), alias="b", created_ms=7)
        assert same(sealed(STORE), again)
        assert not same(sealed(STORE), sealed(OWN, OTHER_KEY, format))
    assert not same(trusted("a", CHAIN[0]), sealed(OWN))
    stranger = Opaque("", "CRL bag", b"x")
    assert same(stranger, replace(stranger))
    assert not same(stranger, replace(stranger, data=b"y"))


def test_a_chain_may_go_on_and_nothing_else() -> None:
    key = sealed(STORE)
    leaf, _ = CHAIN

    def chained(*chain: object) -> PrivateKey:
        return replace(sealed(OWN), chain=chain)

    assert same(replace(key, chain=(leaf,)), chained(*CHAIN))
    assert not same(key, chained(leaf))
    assert not same(key, chained(leaf, OTHER))
    # A key without a certificate is not one with it.
    assert not same(replace(key, chain=()), chained(leaf))


def test_secret_keys_are_compared_by_their_bytes() -> None:
    """The formats call their algorithms by different names."""

    def secret(key: Secret, format: str, password: Password) -> SecretKey:
        return SecretKey("s", seal_secret(key, format, password, FAST))

    one = secret(AES, "PKCS12", STORE)
    assert same(one, secret(AES, "PKCS12", OWN))
    assert not same(one, secret(Secret("AES", bytes(16)), "PKCS12", OWN))


def test_a_key_nobody_opened_is_the_same_only_byte_for_byte() -> None:
    key = private("k", "JKS", "nobody's")
    assert same(key, key)
    assert not same(key, private("k", "JKS", "nobody's"))


@given(st.sampled_from(["a", "b"]), st.sampled_from(["a", "b"]), st.booleans())
def test_sameness_follows_the_key(one: str, other: str, chained: bool) -> None:
    keys = {"a": KEY, "b": OTHER_KEY}
    first = replace(sealed(STORE, keys[one]), chain=CHAIN if chained else ())
    second = replace(sealed(OWN, keys[other]), chain=CHAIN if chained else ())
    assert same(first, second) is (one == other)
