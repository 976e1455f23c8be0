"""Certificates made: the same bytes as keytool's, and chains that others accept."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged, Unsupported, UsageError
from storekeeper.frozen import replace
from storekeeper.model import Certificate
from storekeeper.name_text import parse
from storekeeper.names import Name
from storekeeper.pki import issue, keys, requests, signatures, validity
from storekeeper.pki.ext_text import parse_all
from storekeeper.times import DAY, parse_iso, parse_time
from storekeeper.x509 import Facts, facts
from tests import jvm, pki
from tests.entries import BEGAN, PASSWORD, Entry, ext, tbs

SUBJECT = parse("CN=one,O=two")
CA = ("bc:critical", "ku:critical=keyCertSign,cRLSign")


@functools.cache
def root(kind: str = "EC", name: str = "root") -> Certificate:
    private = pki.pkcs8(pki.key(name, kind))
    return issue.self_signed(
        private,
        parse(f"CN={name}"),
        not_before=BEGAN,
        days=9000,
        extensions=parse_all(CA).extensions,
    )


def leaf(*words: str, **options: Any) -> Certificate:
    return issue.issue(
        pki.spki(pki.key("leaf")),
        SUBJECT,
        root(),
        pki.pkcs8(pki.key("root")),
        not_before=BEGAN,
        extensions=parse_all(words).extensions,
        **options,
    )


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The time zone of keytool in the tests."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


# -- the same as keytool ------------------------------------------------------------------


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_a_self_signed_certificate_is_keytools(version: str, tmp_path: Path) -> None:
    """Same key, names, serial number and dates: the same bytes, for Ed25519 signed too."""
    judge = jvm.jvm(version)
    if judge.major < 17:
        pytest.skip("Java 11 has other extensions first, and other parameters of algorithms")
    words = ("san=dns:a,ip:10.0.0.1", "bc:critical=ca:true,pathlen:0", "ku=kCS", "eku=sA,cA")
    for number, (kind, dname, more, asked) in enumerate(
        [
            ("Ed25519", "CN=one,O=two,C=DE", (), words),
            ("Ed448", "CN=\u00e4,EMAILADDRESS=a@b.c,DC=x", ("-validity", "36500"), ()),
            ("EC", "CN=one", ("-startdate", "2049/12/31 23:00:00"), ("2.5.29.14=04020102",)),
            ("EC", 'CN="a,b" + OU=c', ("-sigalg", "SHA512withECDSA"), words),
        ]
    ):
        store: list[str | Path] = [
            "-keystore",
            tmp_path / f"{number}",
            "-storepass",
            PASSWORD,
            "-alias",
            "a",
        ]
        judge.worker.keytool(
            *("-genkeypair", "-keyalg", kind, "-dname", dname, *more, *ext(*asked), *store)
        )
        (entry,) = judge.worker.load((tmp_path / f"{number}").read_bytes(), PASSWORD)["entries"]
        theirs = Certificate(entry["chain"][0])
        read = facts(theirs)
        assert entry["key"] is not None
        ours = issue.self_signed(
            entry["key"],
            parse(dname),
            not_before=read.not_before or 0,
            days=36500 if "-validity" in more else 90,
            serial=read.serial,
            extensions=parse_all(asked).extensions,
            signature_algorithm="SHA512withECDSA" if "-sigalg" in more else None,
            generation=judge.major,
        )
        if kind == "EC" and judge.major < 25:
            # They write the parameters that RFC 5758 forbids.
            assert _without_algorithm(ours) == _without_algorithm(theirs)
        else:
            assert tbs(ours) == tbs(theirs)
        if kind.startswith("Ed"):
            assert ours == theirs


def _without_algorithm(certificate: Certificate) -> list[bytes]:
    fields = der.read(tbs(certificate)).items("tbs")
    return [field.raw for number, field in enumerate(fields) if number != 2]


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_an_issued_certificate_is_keytools(version: str, tmp_path: Path) -> None:
    """RSA signs without chance: all bytes are the same."""
    judge = jvm.jvm(version)
    if judge.major < 17:
        pytest.skip("Java 11 writes the extensions in another order")
    request = requests.make(
        pki.pkcs8(pki.key("leaf")), SUBJECT, parse_all(("san=dns:a", "bc")).extensions
    )
    path = tmp_path / "request"
    path.write_bytes(requests.pem(request))
    private = pki.pkcs8(pki.key("ca", "RSA"))
    # With a key identifier of its own kind, with the usual one.
    for number, words in enumerate([("bc", "2.5.29.14=04020102"), ("bc",)]):
        ca = Entry(judge, tmp_path, f"ca{number}", private, parse("CN=ca, O=x"), ext=words)
        answers: list[tuple[tuple[str, ...], tuple[str, ...], dict[str, Any]]] = [
            ((), (), {}),
            (("-validity", "7"), ("honored=all", "ku=dig"), {"days": 7}),
            (("-dname", "CN=other"), ("san=dns:b",), {"subject": parse("CN=other")}),
            (
                ("-sigalg", "SHA512withRSA"),
                ("honored=san",),
                {"signature_algorithm": "SHA512withRSA"},
            ),
        ]
        for more, asked, options in answers:
            theirs = Certificate(
                ca.made("-gencert", "-outfile", "-infile", path, *more, *ext(*asked))
            )
            read = facts(theirs)
            ours = issue.answer(
                requests.read(request),
                ca.certificate,
                private,
                not_before=read.not_before or 0,
                serial=read.serial,
                asked=parse_all(asked),
                generation=judge.major,
                **options,
            )
            assert ours == theirs, asked


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_keytool_takes_our_chain(version: str, tmp_path: Path) -> None:
    judge = jvm.jvm(version)
    for name, certificate in (("root", root()), ("leaf", leaf("san=dns:a"))):
        path = tmp_path / f"{name}.der"
        path.write_bytes(certificate.der)
        printed = judge.worker.keytool("-printcert", "-file", path)
        assert f"Serial number: {facts(certificate).serial:x}" in printed
    store: list[str | Path] = ["-keystore", tmp_path / "s", "-storepass", PASSWORD]
    judge.worker.keytool(
        *("-importcert", "-noprompt", "-alias", "root", "-file", tmp_path / "root.der", *store)
    )
    # An answer to a key entry is taken when its chain ends in the store.
    entry = {
        "alias": "leaf",
        "kind": "private",
        "key": pki.pkcs8(pki.key("leaf")),
        "chain": [pki.certificate("leaf")],
    }
    trusted = {"alias": "root", "kind": "trusted", "chain": [root().der]}
    (tmp_path / "k").write_bytes(judge.worker.store("PKCS12", PASSWORD, [entry, trusted]))
    store[1] = tmp_path / "k"
    judge.worker.keytool("-importcert", "-alias", "leaf", "-file", tmp_path / "leaf.der", *store)
    loaded = judge.worker.load((tmp_path / "k").read_bytes(), PASSWORD)["entries"]
    chains = [entry["chain"] for entry in loaded if entry["kind"] == "private"]
    assert [Certificate(one) for one in chains[0]][1] == root()


# -- the same as OpenSSL has it -----------------------------------------------------------


@pytest.mark.parametrize("kind", ["RSA", "EC", "DSA", "Ed25519"])
def test_openssl_verifies_a_chain(kind: str, tmp_path: Path) -> None:
    name = f"root {kind}"
    issuer = root(kind, name)
    issued = issue.issue(
        pki.spki(pki.key("leaf")),
        SUBJECT,
        issuer,
        pki.pkcs8(pki.key(name, kind)),
        not_before=BEGAN,
        days=9000,
        extensions=parse_all(("san=dns:a.example.com", "eku=sA")).extensions,
    )
    for path, certificate in (("root", issuer), ("leaf", issued)):
        (tmp_path / path).write_bytes(pki.pem("CERTIFICATE", certificate.der))
    words: tuple[str, ...] = (
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-verify_hostname",
        "a.example.com",
    )
    if kind == "DSA":
        words = words[1:]  # strictness wants parameters where we leave them out
    said = pki.openssl("verify", *words, "-CAfile", str(tmp_path / "root"), str(tmp_path / "leaf"))
    assert said.endswith(b": OK\n")


def test_key_identifiers_meet() -> None:
    read = facts(leaf())
    assert read.authority_key_id == facts(root()).subject_key_id
    assert read.issuer == facts(root()).subject
    x509.load_der_x509_certificate(leaf().der).verify_directly_issued_by(
        x509.load_der_x509_certificate(root().der)
    )


@given(
    st.sampled_from((der.T61_STRING, der.BMP_STRING, der.UTF8_STRING)), st.text("abc", min_size=1)
)
def test_the_issuers_name_is_never_encoded_again(tag: int, text: str) -> None:
    value = der.encode(tag, text.encode("utf-16-be" if tag == der.BMP_STRING else "latin-1"))
    name = Name(der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"), value))))
    private = pki.pkcs8(pki.key())
    issuer = issue.self_signed(private, name, not_before=BEGAN)
    issued = issue.issue(pki.spki(pki.key("leaf")), SUBJECT, issuer, private, not_before=BEGAN)
    assert facts(issued).issuer.der == name.der


def test_an_issuer_without_an_identifier() -> None:
    """Then it is what the identifier would have been."""
    issuer = Certificate(
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(pki.key().public_key())
        .serial_number(1)
        .not_valid_before(datetime.fromtimestamp(BEGAN, UTC))
        .not_valid_after(datetime.fromtimestamp(BEGAN + DAY, UTC))
        .sign(pki.key(), SHA256())
        .public_bytes(Encoding.DER)
    )
    issued = issue.issue(
        pki.spki(pki.key("leaf")), SUBJECT, issuer, pki.pkcs8(pki.key()), not_before=BEGAN
    )
    expected = x509.SubjectKeyIdentifier.from_public_key(pki.key().public_key()).digest
    assert facts(issued).authority_key_id == expected


def test_a_key_that_can_not_sign_may_be_certified() -> None:
    spki = keys.spki_of(keys.generate("X25519"))
    issued = issue.issue(spki, SUBJECT, root(), pki.pkcs8(pki.key("root")), not_before=BEGAN)
    assert str(facts(issued).key) == "X25519"


# -- requests answered --------------------------------------------------------------------


def request(key: str = "leaf") -> requests.Request:
    asked = parse_all(("san=dns:a", "bc")).extensions
    return requests.read(requests.make(pki.pkcs8(pki.key(key)), SUBJECT, asked))


def test_nothing_is_taken_over_unasked() -> None:
    made = issue.answer(request(), root(), pki.pkcs8(pki.key("root")), not_before=BEGAN)
    assert set(facts(made).extensions) == {"2.5.29.14", "2.5.29.35"}
    assert facts(made).subject == SUBJECT
    assert not facts(made).is_ca


def test_a_request_of_somebody_else_is_not_answered() -> None:
    private = pki.pkcs8(pki.key("root"))
    forged = replace(request(), verified=False)
    with pytest.raises(Damaged, match="its own key") as caught:
        issue.answer(forged, root(), private, not_before=BEGAN)
    assert caught.value.hint
    with pytest.raises(Unsupported, match=forged.signature_algorithm):
        issue.answer(replace(forged, verified=None), root(), private, not_before=BEGAN)


def test_the_issuers_key_must_be_its_own() -> None:
    with pytest.raises(UsageError, match="does not belong"):
        issue.issue(
            pki.spki(pki.key("leaf")), SUBJECT, root(), pki.pkcs8(pki.key()), not_before=BEGAN
        )
    with pytest.raises(UsageError, match="can't be made with a key for EC"):
        issue.self_signed(
            pki.pkcs8(pki.key()), SUBJECT, not_before=BEGAN, signature_algorithm="SHA256withRSA"
        )


# -- serial numbers and dates -------------------------------------------------------------


def test_serial_numbers_are_random_positive_and_of_one_length() -> None:
    serials = {issue.random_serial() for _ in range(200)}
    assert len(serials) == 200
    assert {serial.bit_length() for serial in serials} == {64}
    assert issue.random_serial(159).bit_length() == 159
    assert facts(leaf(serial=(1 << 159) - 1)).serial == (1 << 159) - 1
    for serial in (0, -1, 1 << 159):
        with pytest.raises(UsageError, match="serial number"):
            leaf(serial=serial)


@pytest.mark.parametrize("days", [0, -1, 10**7, 10**30])
def test_validities_that_are_none(days: int) -> None:
    with pytest.raises(UsageError, match=r"validity|days"):
        leaf(days=days)
    with pytest.raises(UsageError, match="before it begins"):
        leaf(not_after=BEGAN - 1)


def test_the_end_may_be_given() -> None:
    read = facts(leaf(not_after=BEGAN + 5, days=0))
    assert (read.not_before, read.not_after) == (BEGAN, BEGAN + 5)
    assert facts(leaf()).not_after == BEGAN + 90 * DAY


@given(st.integers(-62_135_596_800, 253_402_300_799))
def test_times_come_back(seconds: int) -> None:
    value = der.read(validity.time_value(seconds))
    assert parse_time(value.tag, value.content) == seconds


def test_utc_time_is_for_1950_to_2049() -> None:
    for text, tag in [
        ("1949-12-31T23:59:59Z", der.GENERALIZED_TIME),
        ("1950-01-01T00:00:00Z", der.UTC_TIME),
        ("2049-12-31T23:59:59Z", der.UTC_TIME),
        ("2050-01-01T00:00:00Z", der.GENERALIZED_TIME),
    ]:
        assert der.read(validity.time_value(parse_iso(text))).tag == tag


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
@pytest.mark.usefixtures("utc")
def test_start_dates_are_keytools(version: str, tmp_path: Path) -> None:
    store = Entry(jvm.jvm(version), tmp_path, "a", pki.pkcs8(pki.key()), SUBJECT)
    path = tmp_path / "request"
    path.write_bytes(requests.pem(requests.make(store.pkcs8, SUBJECT)))
    for text in (
        *("+1d", "-1y", "+1m", "+3m", "-9m", "+1y+1m+1d", "+1y-13m+5d-4H", "+1H+1M+1S", "-3H"),
        *("2026/11/21", "10:00:00", "2026/11/21 10:00:00", "2028/02/29 00:00:00", "+1d-1d"),
    ):
        before = int(time.time())
        made = store.made("-gencert", "-outfile", "-infile", path, "-startdate", text)
        after = int(time.time())
        began = Facts(made).not_before
        assert began in {validity.start_date(text, now) for now in range(before, after + 1)}, text


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1m", "2024-02-29T12:30:00Z"),
        ("+1y+1m", "2025-02-28T12:30:00Z"),
        ("+1m+1m", "2024-03-29T12:30:00Z"),
        ("-2m", "2023-11-30T12:30:00Z"),
        ("+1d", "2024-02-01T12:30:00Z"),
        ("+90S", "2024-01-31T12:31:30Z"),
        ("2026/02/03", "2026-02-03T12:30:00Z"),
        ("01:02:03", "2024-01-31T01:02:03Z"),
    ],
)
def test_shifts_from_the_end_of_a_january(text: str, expected: str) -> None:
    now = parse_iso("2024-01-31T12:30:00Z")
    assert validity.start_date(text, now) == parse_iso(expected)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_start_dates_are_local(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.path.exists(f"/usr/share/zoneinfo/{zone}"):
        pytest.skip("no time zones here")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        winter, summer = (
            validity.start_date(text, BEGAN) - parse_iso(iso)
            for text, iso in [
                ("2026/01/15 12:00:00", "2026-01-15T12:00:00Z"),
                ("2026/07/15 12:00:00", "2026-07-15T12:00:00Z"),
            ]
        )
    finally:
        monkeypatch.undo()
        time.tzset()
    assert winter - summer == 3600
    assert winter == (-3600 if zone.startswith("Europe") else 5 * 3600)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "+", "1d", "+d", "+1", "+1w", "+1h", "+1D", "+ 1d", "+1d 10:00:00", "10:00"),
        *("2026/2/1", "2026/11/21  10:00:00", "2026/11/21T10:00:00", " 2026/11/21", "2026/11/21 "),
        *("2026/02/30", "2026/13/01", "24:00:00", "2026/00/10", "+9999999999d", "+8000y"),
        *("+" + "9" * 6000 + "y", "2026/11/21\n", "2026/11/2110:00:00", "٢٠٢٦/11/21"),
    ],
)
def test_start_dates_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="no start date") as caught:
        validity.start_date(text, BEGAN)
    assert "+1d" in caught.value.hint


@given(st.text("+-0123456789ymdHMS/: ", max_size=30), st.integers(0, 4_000_000_000))
def test_any_text_is_a_start_date_or_refused(text: str, now: int) -> None:
    try:
        start = validity.start_date(text, now)
        validity.time_value(start)
    except UsageError:
        pass


def test_our_signature_is_the_keys() -> None:
    parts = der.read(leaf().der).items("certificate")
    spki = facts(root()).spki
    signature = parts[2].bits("signature")
    assert signatures.verify(spki, parts[1].raw, parts[0].raw, signature) is True
    assert signatures.verify(spki, parts[1].raw, parts[0].raw + b"x", signature) is False
