"""OpenSSL's hashes of names, judged by the openssl command line."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given

from storekeeper import der
from storekeeper.change.outputs import Product
from storekeeper.change.subject_hash import hash_links, subject_hash, subject_hash_old
from storekeeper.model import Certificate, Finding
from storekeeper.names import Name
from storekeeper.x509 import Facts
from tests import pki, strategies_names
from tests.real_roots import real_roots

_CN, _O, _DC = "2.5.4.3", "2.5.4.10", "0.9.2342.19200300.100.1.25"


def certificate(subject: bytes) -> bytes:
    """A certificate of that subject, signed by nobody: enough to be hashed."""
    algorithm = der.sequence(der.oid("1.2.840.10045.4.3.2"))
    validity = der.sequence(*(der.encode(der.UTC_TIME, b"260101000000Z") for _ in range(2)))
    tbs = der.sequence(
        der.integer(1), algorithm, subject, validity, subject, pki.spki(pki.key("hashed"))
    )
    return der.sequence(tbs, algorithm, der.bit_string(b"\x30\x00"))


def by_openssl(encoded: bytes) -> list[str] | None:
    """New and old hash, or None when OpenSSL can't read the certificate."""
    done = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-noout", "-subject_hash", "-subject_hash_old"],
        input=encoded,
        capture_output=True,
        timeout=60,
    )
    return done.stdout.decode().split() if done.returncode == 0 else None


def by_us(subject: bytes) -> list[str | None]:
    name = Name(subject)
    return [subject_hash(name), subject_hash_old(name)]


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.slow)])
def test_real_roots(step: int) -> None:
    roots = real_roots()[::step]
    assert len(roots) > 100 // step
    expected = [by_openssl(encoded) for encoded in roots]
    assert [by_us(Facts(encoded).subject.der) for encoded in roots] == expected


def attribute(tag: int, value: bytes, oid: str = _CN) -> bytes:
    return der.sequence(der.oid(oid), der.encode(tag, value))


def name(*rdns: bytes) -> bytes:
    return der.sequence(*rdns)


@pytest.mark.parametrize(
    "subject",
    [
        name(),
        name(der.set_of(attribute(der.UTF8_STRING, b"  Corp \t\r\n  ROOT  "))),
        name(der.set_of(attribute(der.UTF8_STRING, b"   "))),
        name(der.set_of(attribute(der.UTF8_STRING, "ÄÖÜ É\u00a0x".encode()))),
        name(der.set_of(attribute(der.PRINTABLE_STRING, "Société".encode("latin-1")))),
        name(der.set_of(attribute(der.T61_STRING, "Société A".encode("latin-1")))),
        name(der.set_of(attribute(der.BMP_STRING, "Ünï  CODE".encode("utf-16-be")))),
        name(der.set_of(attribute(der.UNIVERSAL_STRING, "Uni \U0001f600".encode("utf-32-be")))),
        name(der.set_of(attribute(der.IA5_STRING, b"Example", _DC))),
        name(der.set_of(attribute(0x12, b" 12  34 "))),
        name(der.set_of(attribute(der.UTF8_STRING, b"B"), attribute(der.UTF8_STRING, b"a", _O))),
        name(der.set_of(attribute(der.UTF8_STRING, b"bb"), attribute(der.UTF8_STRING, b"Aaa"))),
        name(
            der.encode(der.SET, attribute(der.UTF8_STRING, b"z"), attribute(der.UTF8_STRING, b"a"))
        ),
        name(der.set_of(attribute(der.BIT_STRING, b"\0\x01"))),
    ],
    ids=[
        *("empty", "spaces", "blank", "utf8", "latin-in-printable", "t61", "bmp", "universal"),
        *("ia5", "numeric", "two-types", "sorted-after-folding", "unsorted", "bits"),
    ],
)
def test_names_people_and_cas_write(subject: bytes) -> None:
    assert by_us(subject) == by_openssl(certificate(subject))


def test_spellings_that_compare_equal_have_one_hash() -> None:
    one = name(der.set_of(attribute(der.PRINTABLE_STRING, b"Corp Root")))
    other = name(der.set_of(attribute(der.BMP_STRING, " corp  ROOT".encode("utf-16-be"))))
    assert by_us(one)[0] == by_us(other)[0]
    assert by_us(one)[1] != by_us(other)[1]


@pytest.mark.parametrize(
    "value",
    [
        der.encode(der.UTF8_STRING, b"\xff"),
        der.encode(der.BMP_STRING, b"\0a\0"),
        der.encode(der.BMP_STRING, b"\xd8\0\xdc\0"),
        der.encode(der.UNIVERSAL_STRING, b"\0\x11\0\0"),
    ],
)
def test_a_name_openssl_cannot_decode_has_no_hash(value: bytes) -> None:
    subject = name(der.set_of(der.sequence(der.oid(_CN), value)))
    assert subject_hash(Name(subject)) is None
    assert by_openssl(certificate(subject)) is None


@given(strategies_names.names())
def test_any_name(subject: bytes) -> None:
    found = by_openssl(certificate(subject))
    # OpenSSL refuses more certificates than names without a hash: an attribute that is no
    # string, a GeneralString.
    assert found is None or found == by_us(subject)


STRINGS = (
    *(der.UTF8_STRING, der.PRINTABLE_STRING, der.IA5_STRING, der.T61_STRING, 0x12),
    *(der.BMP_STRING, der.UNIVERSAL_STRING),
)


@given(strategies_names.names(strategies_names.string_values(STRINGS)))
def test_any_name_of_usual_strings(subject: bytes) -> None:
    assert by_us(subject) == by_openssl(certificate(subject))


def linked(*certificates: tuple[str, Certificate]) -> tuple[dict[str, str], list[Finding]]:
    findings: list[Finding] = []
    files = [(Product(file, b"", False, (file,)), one) for file, one in certificates]
    links = hash_links(files, findings)
    return {link.name: link.link for link in links}, findings


def test_certificates_of_one_name_are_numbered_by_file() -> None:
    first = pki.cert("Numbered")
    second = Certificate(certificate(Facts(first.der).subject.der))
    new, old = by_us(Facts(first.der).subject.der)
    links, findings = linked(("b.pem", first), ("a.pem", second))
    assert links == {
        f"{new}.0": "a.pem",
        f"{new}.1": "b.pem",
        f"{old}.0": "a.pem",
        f"{old}.1": "b.pem",
    }
    assert findings == []


def test_what_has_no_hash_is_said() -> None:
    bad = name(der.set_of(der.sequence(der.oid(_CN), der.encode(der.UTF8_STRING, b"\xff"))))
    links, findings = linked(
        ("bad.pem", Certificate(certificate(bad))), ("junk.pem", Certificate(b"junk"))
    )
    assert links == {}
    assert [(f.code, f.where) for f in findings] == [
        ("no-hash", "bad.pem"),
        ("no-hash", "junk.pem"),
    ]
