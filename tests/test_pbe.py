"""Password-based encryption: vectors, other tools, hostile parameters."""

from __future__ import annotations

import base64
import contextlib
import itertools
import re
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from hypothesis import given
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
from storekeeper.formats import kdf, pbe, schemes
from storekeeper.formats.ciphers import CIPHERS, Cipher
from storekeeper.formats.schemes import PBES1, Recipe
from storekeeper.model import LIMITS, Password
from tests import clock
from tests.pkcs12_files import PASSWORD, key, pkcs8

PUBLIC = key("leaf").public_key()
VECTORS = Path(__file__).with_name("vectors") / "pkcs8"


def _pem(text: bytes) -> bytes:
    found = re.search(rb"-----BEGIN [A-Z ]+-----(.*?)-----END", text, re.DOTALL)
    assert found is not None
    return base64.b64decode(found[1])


@pytest.mark.parametrize(
    ("name", "scheme", "password"),
    [
        ("rsa-40bitrc2", "PBEWithSHA1AndRC2_40", "baz"),
        ("enc-ec-sha1-128-rc4", "PBEWithSHA1AndRC4_128", "password"),
        ("rsa-pbewithmd5anddescbc", "PBEWithMD5AndDES", "hunter2"),
        ("rsa-rc2-cbc", "PBES2 HmacSHA1 RC2-128-CBC", "Red Hat Enterprise Linux 7.4"),
        ("ed25519-scrypt", "PBES2 scrypt AES-256-CBC", "hunter42"),
        ("enc-rsa-3des", "PBES2 HmacSHA256 DES-EDE3-CBC", "password"),
        ("ec_private_key_encrypted", "PBEWithHmacSHA1AndAES_128", "123456"),
    ],
)
def test_vectors_of_cryptography(name: str, scheme: str, password: str) -> None:
    pem = (VECTORS / f"{name}.pem").read_bytes()
    assert pbe.scheme_name(_pem(pem)) == scheme
    plain = pbe.unseal(_pem(pem), Password(password))
    theirs = serialization.load_pem_private_key(pem, password.encode())
    ours = serialization.load_der_private_key(plain, None)
    assert ours.public_key() == theirs.public_key()
    with pytest.raises(WrongPassword, match="wrong password, or the bytes were changed"):
        pbe.unseal(_pem(pem), Password(password + "x"))
    with pytest.raises(PasswordRequired):
        pbe.unseal(_pem(pem), None)


PRFS = sorted(set(kdf.HMACS.values()))
PBES2_CIPHERS = [
    *(CIPHERS[name] for name in CIPHERS if name.startswith(("AES", "DES-EDE3", "DES-CBC"))),
    Cipher("RC2-40-CBC", 5, effective_bits=40),
    Cipher("RC2-64-CBC", 8, effective_bits=64),
    Cipher("RC2-128-CBC", 16, effective_bits=128),
]
RECIPES = [
    *(Recipe(kind, digest, CIPHERS[name], 3, 8) for _, kind, digest, name in PBES1.values()),
    *(
        Recipe("PBKDF2", prf, cipher, 3, 8)
        for prf, cipher in itertools.product(PRFS, PBES2_CIPHERS)
    ),
    *(Recipe("scrypt", "sha256", cipher, 1, 8, (16, 8, 2)) for cipher in PBES2_CIPHERS),
]


def test_every_scheme_opens_what_it_sealed() -> None:
    plain = pkcs8("leaf")
    for recipe in RECIPES:
        sealed = pbe.seal(plain, PASSWORD, recipe)
        assert pbe.unseal(sealed, PASSWORD) == plain
        assert pbe.scheme_name(sealed) == recipe.name
        read = pbe.read_encrypted(sealed, "key")[0].recipe
        assert read == recipe, recipe.name
        with pytest.raises(WrongPassword):
            pbe.unseal(sealed, Password("changed"))


_OPENSSL = {
    "PBEWithSHA1AndRC4_128": "PBE-SHA1-RC4-128",
    "PBEWithSHA1AndRC4_40": "PBE-SHA1-RC4-40",
    "PBEWithSHA1AndDESede": "PBE-SHA1-3DES",
    "PBEWithSHA1And2KeyDESede": "PBE-SHA1-2DES",
    "PBEWithSHA1AndRC2_128": "PBE-SHA1-RC2-128",
    "PBEWithSHA1AndRC2_40": "PBE-SHA1-RC2-40",
    "PBEWithMD5AndDES": "PBE-MD5-DES",
    "PBEWithMD5AndRC2_64": "PBE-MD5-RC2-64",
    "PBEWithSHA1AndDES": "PBE-SHA1-DES",
    "PBEWithSHA1AndRC2_64": "PBE-SHA1-RC2-64",
}


def _openssl(*words: str, data: bytes) -> bytes:
    providers = ("-provider", "default", "-provider", "legacy")
    done = subprocess.run(["openssl", *words, *providers], input=data, capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("ours", "theirs"), _OPENSSL.items())
def test_pkcs5_v1_and_pkcs12_schemes_of_openssl(ours: str, theirs: str) -> None:
    plain = pkcs8("leaf")
    made = _openssl(
        *("pkcs8", "-topk8", "-inform", "DER", "-outform", "DER"),
        *("-v1", theirs, "-passout", "pass:changeit", "-iter", "9"),
        data=plain,
    )
    assert pbe.scheme_name(made) == ours
    opened = pbe.unseal(made, PASSWORD)
    assert serialization.load_der_private_key(opened, None).public_key() == (
        serialization.load_der_private_key(plain, None).public_key()
    )
    recipe = next(recipe for recipe in RECIPES if recipe.name == ours)
    back = _openssl(
        *("pkcs8", "-inform", "DER", "-outform", "DER", "-passin", "pass:changeit"),
        data=pbe.seal(plain, PASSWORD, recipe),
    )
    assert serialization.load_der_private_key(back, None).public_key() == PUBLIC


@pytest.mark.parametrize("prf", ["hmacWithSHA1", "hmacWithSHA224", "hmacWithSHA512-256"])
@pytest.mark.parametrize(
    "cipher", ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des-ede3-cbc", "des-cbc", "rc2-cbc"]
)
def test_pbes2_of_openssl(cipher: str, prf: str) -> None:
    made = _openssl(
        *("pkcs8", "-topk8", "-inform", "DER", "-outform", "DER", "-v2", cipher),
        *("-v2prf", prf, "-passout", "pass:pässword", "-iter", "9"),
        data=pkcs8("leaf"),
    )
    assert pbe.unseal(made, Password("pässword"))


def test_openssl_opens_what_we_seal_under_pbes2() -> None:
    for recipe in RECIPES:
        if recipe.derivation != "PBKDF2" or "GCM" in recipe.cipher.name or "_" in recipe.digest:
            continue
        if recipe.digest not in ("sha1", "sha384") or recipe.cipher.name == "RC2-64-CBC":
            continue
        back = _openssl(
            *("pkcs8", "-inform", "DER", "-outform", "DER", "-passin", "pass:changeit"),
            data=pbe.seal(pkcs8("leaf"), PASSWORD, recipe),
        )
        assert serialization.load_der_private_key(back, None).public_key() == PUBLIC, recipe.name


_AES = der.sequence(der.oid("2.16.840.1.101.3.4.1.42"), der.octet_string(bytes(16)))


def _encrypted(derivation: bytes, cipher: bytes = _AES, data: bytes = bytes(32)) -> bytes:
    scheme = der.sequence(der.oid(schemes.PBES2), der.sequence(derivation, cipher))
    return der.sequence(scheme, der.octet_string(data))


def _pbkdf2(*parameters: bytes) -> bytes:
    return der.sequence(der.oid(schemes.PBKDF2), der.sequence(*parameters))


def _scrypt(*numbers: int) -> bytes:
    parameters = der.sequence(der.octet_string(b"salt"), *map(der.integer, numbers))
    return der.sequence(der.oid(schemes.SCRYPT), parameters)


_SALT = der.octet_string(b"12345678")
_GOOD = _pbkdf2(_SALT, der.integer(1))


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (_encrypted(_pbkdf2(_SALT, der.integer(2**31))), LimitExceeded, "2147483648"),
        (_encrypted(_pbkdf2(_SALT, der.integer(0))), Damaged, "found 0"),
        (_encrypted(_pbkdf2(der.octet_string(bytes(9999)), der.integer(1))), LimitExceeded, "9999"),
        (_encrypted(_pbkdf2(_SALT, der.integer(1), der.integer(2**40))), LimitExceeded, "key leng"),
        (_encrypted(_pbkdf2(_SALT, der.integer(1), der.integer(16))), Damaged, "expected a key of"),
        (_encrypted(_pbkdf2(der.sequence(), der.integer(1))), Unsupported, "another source"),
        (_encrypted(_scrypt(2**30, 8, 1)), LimitExceeded, "scrypt"),
        (_encrypted(_scrypt(16, 8, 2**20)), LimitExceeded, "scrypt"),
        (_encrypted(_scrypt(15, 8, 1)), Damaged, "not valid"),
        (_encrypted(_scrypt(-16, 8, 1)), Damaged, "not valid"),
        (_encrypted(_GOOD, der.sequence(der.oid("1.2.643.2.2.21"))), Unsupported, "GOST 28147"),
        (_encrypted(_GOOD, der.sequence(der.oid("1.2.3.4"))), Unsupported, "1.2.3.4"),
        (_encrypted(_GOOD, data=b"123"), Damaged, "whole blocks"),
        (
            der.sequence(der.sequence(der.oid("1.2.840.113549.1.5.1")), der.octet_string(b"")),
            Unsupported,
            "PBEWithMD2AndDES",
        ),
    ],
)
def test_hostile_parameters_are_refused_at_once(
    data: bytes, error: type[Exception], says: str
) -> None:
    started = time.process_time()
    with pytest.raises(error, match=re.escape(says)):
        pbe.unseal(data, PASSWORD)
    assert clock.units(time.process_time() - started) < 5


def test_the_budget_of_unsealing() -> None:
    recipe = Recipe("PBKDF2", "sha256", CIPHERS["AES-256-CBC"], 5)
    sealed = pbe.seal(pkcs8("leaf"), PASSWORD, recipe)
    with pytest.raises(LimitExceeded):
        pbe.unseal(sealed, PASSWORD, type(LIMITS)(kdf_iterations=4))


def test_a_password_is_nowhere_in_what_is_shown() -> None:
    shown = repr(kdf.spellings(Password("sesame-öffne"), pkcs12=True))
    assert "sesame" not in shown
    sealed = pbe.seal(pkcs8("leaf"), PASSWORD, RECIPES[0])
    with pytest.raises(WrongPassword) as caught:
        pbe.unseal(sealed, Password("sesame-öffne"))
    assert "sesame" not in repr(caught.value) + str(caught.value.hint)


@given(st.sampled_from(RECIPES), st.data())
def test_changed_bytes_give_our_errors_only(recipe: Recipe, data: st.DataObject) -> None:
    sealed = bytearray(pbe.seal(pkcs8("leaf"), PASSWORD, recipe))
    for _ in range(data.draw(st.integers(1, 4))):
        sealed[data.draw(st.integers(0, len(sealed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(StorekeeperError):
        assert isinstance(pbe.unseal(bytes(sealed), PASSWORD), bytes)


@given(st.binary(max_size=200))
def test_any_bytes_give_our_errors_only(data: bytes) -> None:
    with pytest.raises(StorekeeperError):
        pbe.unseal(data, PASSWORD)
