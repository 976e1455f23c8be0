"""An entry made to fit another store: sealed anew only where it has to be."""

from __future__ import annotations

import pytest

from storekeeper import formats
from storekeeper.change.fitting import Sealing, fitted, invisible, keeps_date
from storekeeper.change.openings import KeyPasswords
from storekeeper.errors import PasswordRequired, Unsupported, WriteRefused, WrongPassword
from storekeeper.formats import pbe
from storekeeper.formats.encryption import ENCRYPTIONS, with_iterations
from storekeeper.formats.pkcs12_bags import JAVA_TRUSTED
from storekeeper.formats.reseal import seal_private_key, seal_secret
from storekeeper.model import (
    Attribute,
    Opaque,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    replace,
)
from tests import mended
from tests.changing import AES, BORN, CHAIN, KEY, trusted
from tests.pkcs12_files import FAST

THERE, OWN, HERE = Password("there"), Password("its own"), Password("here")
NOTE = Attribute("1.2.3.4", (b"\x05\0",))


def key(format: str, password: Password = THERE) -> PrivateKey:
    return PrivateKey("k", CHAIN, seal_private_key(KEY, format, password, FAST), BORN)


def fit(
    entry: PrivateKey | SecretKey, of: str, into: Sealing, opens: KeyPasswords | None = None
) -> PrivateKey:
    found = fitted(entry, of, opens or KeyPasswords(THERE), into)
    assert isinstance(found, PrivateKey)
    assert (found.alias, found.chain, found.created_ms) == ("k", CHAIN, BORN)
    return found


@pytest.mark.parametrize("format", ["JKS", "PKCS12"])
def test_sealed_rightly_already_it_is_not_sealed_again(format: str) -> None:
    entry = key(format, HERE)
    assert fit(entry, format, Sealing(format, HERE), KeyPasswords(HERE)).sealed is entry.sealed
    # Even when nobody can say what opens it there: it opens here.
    assert fit(entry, format, Sealing(format, HERE), KeyPasswords()).sealed is entry.sealed
    again = fit(entry, format, Sealing(format, OWN), KeyPasswords(HERE))
    assert again.sealed != entry.sealed
    assert again.pkcs8(OWN) == KEY


def test_another_encryption_seals_it_again() -> None:
    entry = key("PKCS12", HERE)
    java8 = with_iterations(ENCRYPTIONS["java8"], 3)
    into = Sealing("PKCS12", HERE, encryption=java8)
    again = fit(entry, "PKCS12", into, KeyPasswords(HERE))
    assert pbe.read_encrypted(again.sealed.data, "key")[0].recipe == java8.keys
    like = fit(key("JKS"), "JKS", Sealing("PKCS12", HERE, like=java8))
    assert pbe.read_encrypted(like.sealed.data, "key")[0].recipe == java8.keys


@pytest.mark.parametrize("to", ["JKS", "PKCS12", "PEM"])
def test_a_password_of_its_own_stays_where_java_opens_it(to: str) -> None:
    opens = KeyPasswords(THERE, None, (("k", OWN),))
    entry = key("JKS", OWN)
    found = fit(entry, "JKS", Sealing(to, HERE, like=FAST), opens)
    assert found.pkcs8(HERE if to == "PKCS12" else OWN) == KEY
    said = fit(entry, "JKS", Sealing(to, HERE, keys=THERE, like=FAST), opens)
    assert said.pkcs8(THERE) == KEY


def test_what_can_not_be_sealed_names_the_entry() -> None:
    with pytest.raises(WrongPassword) as wrong:
        fit(key("JKS", OWN), "JKS", Sealing("PKCS12", HERE))
    assert wrong.value.alias == "k"
    with pytest.raises(PasswordRequired) as required:
        fit(key("JKS"), "JKS", Sealing("JKS", None))
    assert required.value.alias == "k"
    with pytest.raises(WriteRefused, match="in clear") as refused:
        fit(key("JKS"), "JKS", Sealing("PKCS12", Password(None)))
    assert refused.value.alias == "k"
    assert "storekeeper passwd" in refused.value.hint
    for format in ("DER", "PKCS7", "JKS"):
        secret = SecretKey("k", seal_secret(AES, "PKCS12", THERE, FAST), BORN)
        with pytest.raises(WriteRefused) as refused:
            fitted(secret, "PKCS12", KeyPasswords(THERE), Sealing(format, HERE))
        assert refused.value.alias == "k"
    odd = SecretKey("k", seal_secret(Secret("Nobody's", b"1"), "JCEKS", THERE), BORN)
    with pytest.raises(Unsupported) as unsupported:
        fitted(odd, "JCEKS", KeyPasswords(THERE), Sealing("PKCS12", HERE))
    assert unsupported.value.alias == "k"


def test_attributes_are_those_of_one_format() -> None:
    noted = replace(key("PKCS12", HERE), attributes=(NOTE,))
    opens = KeyPasswords(HERE)
    assert fit(noted, "PKCS12", Sealing("PKCS12", HERE), opens).attributes == (NOTE,)
    assert fit(noted, "PKCS12", Sealing("JKS", HERE), opens).attributes is None
    entry = replace(trusted("t"), attributes=(*JAVA_TRUSTED, NOTE), origin="there")
    found = fitted(entry, "PKCS12", opens, Sealing("PKCS12", HERE))
    assert (found.attributes, found.origin) == (entry.attributes, None)
    assert fitted(entry, "PKCS12", opens, Sealing("JKS", HERE)).attributes is None


def test_what_java_does_not_list_is_made_visible_or_left() -> None:
    hidden = replace(trusted("t"), attributes=(NOTE,))
    assert invisible(hidden)
    assert not invisible(trusted("t"))
    assert not invisible(key("JKS"))
    opens = KeyPasswords()
    assert not invisible(fitted(hidden, "PKCS12", opens, Sealing("PKCS12", HERE)))
    left = fitted(hidden, "PKCS12", opens, Sealing("PKCS12", HERE, visible=False))
    assert left.attributes == (NOTE,)


@pytest.mark.parametrize("of", ["JKS", "PKCS12", "PEM"])
@pytest.mark.parametrize("to", ["JKS", "JCEKS", "PKCS12", "PEM", "DER", "PKCS7"])
def test_strangers_stay_in_their_format(of: str, to: str) -> None:
    for entry in mended.strangers(of):
        if not isinstance(entry, Opaque):
            continue
        try:
            found = fitted(entry, of, KeyPasswords(), Sealing(to, HERE))
        except WriteRefused as refused:
            assert of != to
            assert f"a {to} has no place for this" in refused.message  # noqa: PT017
            continue
        assert found is entry
        if of != to:
            assert entry.data in formats.write(Store(to, (entry,)), HERE)


def test_dates_where_there_is_a_place() -> None:
    certificate, own = trusted("t"), key("JKS")
    kept = {
        format: (keeps_date(format, certificate), keeps_date(format, own))
        for format in ("JKS", "JCEKS", "PKCS12", "PEM", "DER", "PKCS7")
    }
    assert kept == {
        "JKS": (True, True),
        "JCEKS": (True, True),
        "PKCS12": (False, True),
        "PEM": (False, False),
        "DER": (False, False),
        "PKCS7": (False, False),
    }
