"""The MACs of PKCS12: published vectors, other tools, hostile parameters."""

from __future__ import annotations

import base64
import re
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs12 as other
from cryptography.hazmat.primitives.serialization.pkcs12 import PBES

from storekeeper import der
from storekeeper.errors import Damaged, LimitExceeded, Unsupported, WrongPassword
from storekeeper.formats import kdf, mac, pkcs12
from storekeeper.formats.kdf import Budget
from storekeeper.formats.mac import MacRecipe
from storekeeper.frozen import replace
from storekeeper.model import LIMITS, Password, PrivateKey
from tests import clock
from tests.pkcs12_files import LEAF, PASSWORD, cert_bag, data_safe, key, pfx

RFC_9579 = dict(
    re.findall(
        r"\[(A\.\d)\]\n([A-Za-z0-9+/=\n]+)",
        Path(__file__).with_name("vectors").joinpath("rfc9579-appendix-a.txt").read_text(),
    )
)


def rfc_9579(name: str) -> bytes:
    return base64.b64decode(RFC_9579[name])


@pytest.mark.parametrize(
    ("name", "mechanism"),
    [
        ("A.1", "PBMAC1 HmacSHA256, PBKDF2-HmacSHA256, 2048 iterations"),
        ("A.2", "PBMAC1 HmacSHA256, PBKDF2-HmacSHA512, 2048 iterations"),
        ("A.3", "PBMAC1 HmacSHA512, PBKDF2-HmacSHA512, 2048 iterations"),
    ],
)
# A.1 to A.3 spell a DEFAULT out, as BER may.
@pytest.mark.filterwarnings("ignore:PKCS#12 bundle could not be parsed as DER")
def test_rfc_9579_valid(name: str, mechanism: str) -> None:
    store = pkcs12.read(rfc_9579(name), Password("1234"))
    assert (store.integrity.state, store.integrity.detail) == ("verified", mechanism)
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert len(entry.chain) == 1
    theirs = other.load_pkcs12(rfc_9579(name), b"1234")
    assert theirs.key is not None
    assert entry.pkcs8("1234") == theirs.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    again = pkcs12.write(store, Password("1234"))
    assert other.load_pkcs12(again, b"1234").cert == theirs.cert


@pytest.mark.parametrize("name", ["A.4", "A.5"])
def test_rfc_9579_wrong_iteration_count_and_salt(name: str) -> None:
    with pytest.raises(WrongPassword, match="wrong password, or the file was changed"):
        pkcs12.read(rfc_9579(name), Password("1234"))


def test_rfc_9579_a_6_without_a_key_length() -> None:
    with pytest.raises(Damaged, match="expected a key length, found none"):
        pkcs12.read(rfc_9579("A.6"), Password("1234"))


@pytest.mark.parametrize(
    ("password", "salt", "iterations", "purpose", "expected"),
    [
        # The vectors of Bouncy Castle's and NSS' tests, from RSA Laboratories' time.
        (
            "smeg",
            "0A58CF64530D823F",
            1,
            kdf.KEY,
            "8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3",
        ),
        ("smeg", "0A58CF64530D823F", 1, kdf.IV, "79993DFE048D3B76"),
        ("smeg", "3D83C0E4546AC140", 1, kdf.MAC, "8D967D88F6CAA9D714800AB3D48051D63F73A312"),
        (
            "queeg",
            "05DEC959ACFF72F7",
            1000,
            kdf.KEY,
            "ED2034E36328830FF09DF1E1A07DD357185DAC0D4F9EB3D4",
        ),
        ("queeg", "05DEC959ACFF72F7", 1000, kdf.IV, "11DEDAD7758D4860"),
        ("queeg", "263216FCC2FAB31C", 1000, kdf.MAC, "5EC4C7A80DF652294C3925B6489A7AB857C83476"),
    ],
)
def test_derivation_of_rfc_7292(
    password: str, salt: str, iterations: int, purpose: int, expected: str
) -> None:
    wanted = bytes.fromhex(expected)
    salt_octets = bytes.fromhex(salt)
    got = kdf.pkcs12_key("sha1", kdf.bmp(password), salt_octets, iterations, purpose, len(wanted))
    assert got == wanted


DIGESTS = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha512_224", "sha512_256"]


@pytest.mark.parametrize("digest", DIGESTS)
def test_openssl_verifies_our_mac(digest: str, tmp_path: Path) -> None:
    file = tmp_path / "store.p12"
    file.write_bytes(pfx(data_safe(cert_bag(LEAF)), recipe=MacRecipe(digest, 3, 11)))
    command = ["openssl", "pkcs12", "-in", str(file), "-passin", "pass:changeit", "-nokeys"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "BEGIN CERTIFICATE" in done.stdout
    command[5] = "pass:changed"
    assert subprocess.run(command, capture_output=True).returncode != 0


@pytest.mark.parametrize("prf", DIGESTS[1:])
@pytest.mark.parametrize("digest", DIGESTS[1:])
def test_pbmac1_survives(digest: str, prf: str) -> None:
    content = b"authenticated safe"
    made = mac.make(MacRecipe(digest, 5, 9, prf), content, PASSWORD)
    read = mac.parse(der.read(made.encode()), LIMITS)
    assert read.verify(content, PASSWORD, Budget(LIMITS)) == ""
    assert (read.recipe.digest, read.recipe.prf, read.value) == (digest, prf, made.value)
    with pytest.raises(WrongPassword):
        read.verify(content + b".", PASSWORD, Budget(LIMITS))


def test_cryptography_verifies_our_pbmac1() -> None:
    for digest in ("sha256", "sha512"):
        data = pfx(data_safe(cert_bag(LEAF)), recipe=MacRecipe(digest, 5, 9, digest))
        assert len(other.load_pkcs12(data, b"changeit").additional_certs) == 1
        with pytest.raises(ValueError):
            other.load_pkcs12(data, b"changed")


def test_we_verify_macs_made_by_cryptography() -> None:
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(7)
        .key_cert_algorithm(PBES.PBESv1SHA1And3KeyTripleDESCBC)
        .hmac_hash(hashes.SHA256())
        .build(b"changeit")
    )
    data = other.serialize_key_and_certificates(b"k", key("leaf"), None, None, encryption)
    store = pkcs12.read(data, PASSWORD)
    assert store.integrity.state == "verified"
    assert store.integrity.detail.startswith("HmacPBESHA256")


def _mac_data(digest: bytes, salt: bytes = b"12345678", *count: bytes) -> bytes:
    return der.sequence(
        der.sequence(digest, der.octet_string(bytes(32))), der.octet_string(salt), *count
    )


_SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"), der.null())


def _pbmac1(*parameters: bytes, kdf_oid: str = "1.2.840.113549.1.5.12") -> bytes:
    hmac = der.sequence(der.oid("1.2.840.113549.2.9"), der.null())
    derivation = der.sequence(der.oid(kdf_oid), der.sequence(*parameters))
    return der.sequence(der.oid(mac.PBMAC1), der.sequence(derivation, hmac))


_SALT = der.octet_string(b"12345678")
_SEED = der.integer(2048)


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (_mac_data(_SHA256, b"12345678", der.integer(2**31)), LimitExceeded, "2147483648"),
        (_mac_data(_SHA256, b"12345678", der.integer(2**63)), LimitExceeded, "iteration count"),
        (_mac_data(_SHA256, b"12345678", der.integer(0)), Damaged, "found 0"),
        (_mac_data(_SHA256, b"12345678", der.integer(-5)), Damaged, "found -5"),
        (_mac_data(_SHA256, bytes(5000)), LimitExceeded, "salt of 5000 bytes"),
        (_mac_data(der.sequence(der.oid("1.2.3"))), Unsupported, "1.2.3"),
        (_mac_data(_pbmac1(_SALT, _SEED, der.integer(0))), Damaged, "key length of 0"),
        (_mac_data(_pbmac1(_SALT, _SEED, der.integer(-32))), Damaged, "key length of -32"),
        (_mac_data(_pbmac1(_SALT, _SEED, der.integer(19))), Damaged, "found 19"),
        (_mac_data(_pbmac1(_SALT, _SEED, der.integer(2**24))), LimitExceeded, "16777216"),
        (_mac_data(_pbmac1(_SALT, _SEED, der.integer(2**70))), LimitExceeded, "key length"),
        (_mac_data(_pbmac1(_SALT, der.integer(2**31), der.integer(32))), LimitExceeded, "iterat"),
        (_mac_data(_pbmac1(der.null(), _SEED, der.integer(32))), Damaged, "OCTET STRING"),
        (_mac_data(_pbmac1(_SEED, der.integer(32))), Damaged, "OCTET STRING"),
        (_mac_data(_pbmac1(_SALT, _SEED, kdf_oid="1.2.4")), Unsupported, "1.2.4"),
        (_mac_data(der.sequence(der.oid(mac.PBMAC1))), Damaged, "expected parameters"),
    ],
)
def test_hostile_parameters_are_refused_at_once(
    data: bytes, error: type[Exception], says: str
) -> None:
    content = der.sequence(
        der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octet_string(der.sequence()))
    )
    file = der.sequence(der.integer(3), content, data)
    started = time.process_time()
    with pytest.raises(error, match=re.escape(says)):
        pkcs12.read(file, PASSWORD)
    assert clock.units(time.process_time() - started) < 5


def test_one_budget_for_mac_and_safes() -> None:
    # A MAC of RFC 7292 is derived in Python, and its iterations count one and a half.
    data = pfx(data_safe(cert_bag(LEAF)), recipe=MacRecipe("sha256", 1000))
    assert pkcs12.read(data, PASSWORD, replace(LIMITS, kdf_iterations=1500)).entries
    with pytest.raises(LimitExceeded):
        pkcs12.read(data, PASSWORD, replace(LIMITS, kdf_iterations=1499))


def test_a_mac_is_not_checked_without_a_password() -> None:
    data = pfx(data_safe(cert_bag(LEAF)))
    assert pkcs12.read(data).integrity.state == "not-checked"
    assert pkcs12.read(pfx(data_safe(cert_bag(LEAF)), recipe=None)).integrity.state == "absent"


@pytest.mark.parametrize(("made", "given"), [(None, ""), ("", None)])
def test_no_password_and_the_empty_one_are_tried_for_each_other(
    made: str | None, given: str | None
) -> None:
    data = pfx(data_safe(cert_bag(LEAF)), password=Password(made))
    store = pkcs12.read(data, Password(given))
    assert store.integrity.state == "verified"
    assert "password-spelling" in [finding.code for finding in store.findings]
    same = pkcs12.read(data, Password(made))
    assert "password-spelling" not in [finding.code for finding in same.findings]
