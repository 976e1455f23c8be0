"""Revocation lists: ours read by keytool, OpenSSL and cryptography, and theirs by us."""

from __future__ import annotations

import contextlib
import functools
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged, StorekeeperError, UnknownFormat, UsageError
from storekeeper.model import Certificate
from storekeeper.name_text import parse
from storekeeper.pki import crl, issue
from storekeeper.pki.ext_text import parse_all
from storekeeper.pki.extensions import Extension
from storekeeper.times import DAY
from tests import clock, jvm, pki
from tests.entries import BEGAN, Entry

PLAIN = crl.Revoked(5, BEGAN)
WORDS = ("5", "77:4", "255:keyCompromise", "0x1F:removefromcrl")


@functools.cache
def root(kind: str = "EC") -> Certificate:
    return issue.self_signed(
        pki.pkcs8(pki.key("root", kind)),
        parse("CN=root,O=x"),
        not_before=BEGAN,
        days=9000,
        extensions=parse_all(("bc:critical", "ku:critical=cRLSign,kCS")).extensions,
    )


@functools.cache
def made(*words: str, kind: str = "EC") -> bytes:
    return crl.make(
        root(kind),
        pki.pkcs8(pki.key("root", kind)),
        [crl.parse_id(word, BEGAN) for word in words],
        this_update=BEGAN,
        next_update=BEGAN + 9000 * DAY,
    )


@pytest.mark.parametrize("kind", ["RSA", "EC", "Ed25519"])
def test_openssl_verifies_our_lists(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "root"
    path.write_bytes(pki.pem("CERTIFICATE", root(kind).der))
    text = crl.pem(made(*WORDS, kind=kind))
    said = pki.openssl("crl", "-CAfile", str(path), "-noout", "-text", stdin=text).decode()
    for line in ("Serial Number: 4D", "Superseded", "Key Compromise", "Serial Number: 1F"):
        assert line in said
    listed = x509.load_pem_x509_crl(text)
    assert listed.is_signature_valid(pki.key("root", kind).public_key())
    assert [line.serial_number for line in listed] == [5, 77, 255, 31]


def test_openssl_refuses_what_a_list_revokes(tmp_path: Path) -> None:
    """The control: the leaf is good until its serial number is in the list."""
    leaf = issue.issue(
        pki.spki(pki.key("leaf")),
        parse("CN=leaf"),
        root(),
        pki.pkcs8(pki.key("root")),
        not_before=BEGAN,
        days=9000,
        serial=77,
    )
    for name, data in (("root", root().der), ("leaf", leaf.der)):
        (tmp_path / name).write_bytes(pki.pem("CERTIFICATE", data))
    words = ("verify", "-crl_check", "-CAfile", str(tmp_path / "root"), "-CRLfile")
    path = tmp_path / "crl"
    path.write_bytes(crl.pem(made("5")))
    assert pki.openssl(*words, str(path), str(tmp_path / "leaf")).endswith(b": OK\n")
    path.write_bytes(crl.pem(made(*WORDS)))
    with pytest.raises(AssertionError, match="certificate revoked"):
        pki.openssl(*words, str(path), str(tmp_path / "leaf"))


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_keytools_lists_are_ours(version: str, tmp_path: Path) -> None:
    """RSA signs without chance: all bytes are the same."""
    judge = jvm.jvm(version)
    private = pki.pkcs8(pki.key("root", "RSA"))
    store = Entry(judge, tmp_path, "a", private, parse("CN=root, O=x"))
    for ids in ((), ("5",), ("5", "77:4"), ("1:1", "2:10", "-3")):
        theirs = store.made("-gencrl", "-file", *(word for one in ids for word in ("-id", one)))
        (read,) = crl.read_all(theirs)
        assert crl.signed_by(read, store.certificate) is True
        assert read.next_update == read.this_update + 90 * DAY
        ours = crl.make(
            store.certificate,
            private,
            [crl.parse_id(one, read.this_update) for one in ids],
            this_update=read.this_update,
            next_update=read.next_update,
            generation=judge.major,
        )
        assert ours == theirs
        assert read.version == (2 if any(":" in one for one in ids) else 1)


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_keytool_reads_our_lists(version: str, tmp_path: Path) -> None:
    judge = jvm.jvm(version)
    store = Entry(judge, tmp_path, "a", pki.pkcs8(pki.key("root")), parse("CN=root,O=x"))
    path = tmp_path / "crl"
    path.write_bytes(crl.pem(made(*WORDS)))
    printed = store.judge.worker.keytool(
        *("-printcrl", "-file", path, "-keystore", store.path, "-storepass", "changeit")
    )
    assert "Issuer: CN=root, O=x" in printed
    assert re.search(r"SerialNumber: (4d|\[ *4d\])", printed)
    assert "Verified by a in keystore" in printed


def test_cryptographys_lists_are_read() -> None:
    issuer = x509.load_der_x509_certificate(root().der)
    start = datetime.fromtimestamp(BEGAN, UTC)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(start)
        .next_update(start + timedelta(days=30))
        .add_extension(x509.CRLNumber(1 << 70), critical=False)
        .add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(1 << 150)
            .revocation_date(start)
            .add_extension(x509.CRLReason(x509.ReasonFlags.ca_compromise), critical=False)
            .add_extension(x509.InvalidityDate(start), critical=False)
            .build()
        )
    )
    data = builder.sign(pki.key("root"), SHA256()).public_bytes(Encoding.PEM)
    (read,) = crl.read_all(b"text\n" + data)
    assert read.version == 2
    assert read.issuer.rfc4514() == "CN=root,O=x"
    assert (read.this_update, read.next_update) == (BEGAN, BEGAN + 30 * DAY)
    assert read.number == 1 << 70
    assert read.signature_algorithm == "SHA256withECDSA"
    (line,) = read.revoked
    assert (line.serial, line.date, line.reason) == (1 << 150, BEGAN, "cACompromise")
    assert len(line.extensions) == 2
    assert crl.signed_by(read, root()) is True
    assert crl.signed_by(read, root("RSA")) is False
    assert "der=<hidden>" in repr(read)


def test_what_is_not_said_is_none() -> None:
    (read,) = crl.read_all(made("5"))
    assert read.number is None
    assert read.extensions == ()
    assert read.revoked == (PLAIN,)
    assert PLAIN.reason is None
    for value in (b"", b"\x0a\x00", b"\x02\x01\x01", b"\x0a\x09" + b"\x01" * 9):
        assert crl.Revoked(1, 0, (Extension(crl.REASON, False, value),)).reason is None
    assert crl.Revoked(1, 0, (Extension(crl.REASON, False, b"\x0a\x01\x63"),)).reason == "99"
    bad = crl.Crl(b"", 2, parse("CN=a"), 0, extensions=(Extension(crl.CRL_NUMBER, False, b"x"),))
    assert bad.number is None


def test_extensions_of_the_list_make_it_version_2() -> None:
    number = Extension(crl.CRL_NUMBER, False, der.integer(7))
    data = crl.make(
        root(),
        pki.pkcs8(pki.key("root")),
        [PLAIN],
        this_update=BEGAN,
        next_update=BEGAN + 1,
        extensions=[number],
    )
    (read,) = crl.read_all(data)
    assert (read.version, read.number) == (2, 7)
    assert x509.load_der_x509_crl(data).is_signature_valid(pki.key("root").public_key())


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        *(("", "hex"), ("x", "hex"), ("1x", "hex"), ("x10", "hex"), ("9" * 6000, "hex")),
        *(("1:", "superseded"), ("1:7", "superseded"), ("1:11", "superseded"), ("1:-1", "0 ")),
        *(("1:superceded", "did you mean 'superseded'"), ("1:" + "9" * 99, "superseded")),
    ],
)
def test_ids_that_are_none(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        crl.parse_id(text, BEGAN)
    assert hint in caught.value.hint


def test_a_list_is_signed_with_the_issuers_key() -> None:
    with pytest.raises(UsageError, match="does not belong"):
        crl.make(root(), pki.pkcs8(pki.key()), [], this_update=BEGAN, next_update=BEGAN)


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", UnknownFormat, "neither"),
        (pki.pem("CERTIFICATE", b"0"), UnknownFormat, "found CERTIFICATE"),
        (pki.pem("X509 CRL", b"\x30\x00"), Damaged, "expected 3 values"),
        (b"-----BEGIN X509 CRL-----\nMII\n", Damaged, "no END line"),
        (b"\x30\x03\x02\x01\x01\x00", Damaged, "follow"),
    ],
)
def test_what_is_no_list(data: bytes, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        crl.read_all(data)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_changed_bytes_raise_our_errors_only(data: st.DataObject) -> None:
    whole = made(*WORDS)
    at = data.draw(st.integers(0, len(whole)))
    rest = whole[at + data.draw(st.integers(0, 9)) :]
    changed = whole[:at] + data.draw(st.binary(max_size=8)) + rest
    with contextlib.suppress(StorekeeperError):
        for read in crl.read_all(changed):
            assert read.number is None
            assert all(line.reason is None or line.reason for line in read.revoked)
            assert changed == whole or crl.signed_by(read, root()) is not True


def test_a_long_list_takes_time_by_its_length() -> None:
    def spent(count: int) -> float:
        import time

        lines = [crl.Revoked(number + 1, BEGAN) for number in range(count)]
        data = crl.make(
            root(), pki.pkcs8(pki.key("root")), lines, this_update=BEGAN, next_update=BEGAN
        )
        started = time.process_time()
        (read,) = crl.read_all(data)
        assert len(read.revoked) == count
        return clock.units(time.process_time() - started)

    spent(1000)
    assert spent(40_000) < 30 * max(spent(4_000), 0.5)
