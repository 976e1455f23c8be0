"""Certification requests: ours read by keytool, OpenSSL and cryptography, and theirs by us."""

from __future__ import annotations

import contextlib
import functools
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
from storekeeper.names import Name
from storekeeper.pki import keys, requests
from storekeeper.pki.ext_text import parse_all
from storekeeper.x509 import facts
from tests import jvm, pki
from tests.entries import Entry, ext

SUBJECT = parse("CN=one,OU=two,O=Müller & Söhne,L=three,ST=four,C=DE")
WORDS = ("san=dns:a.example.com,ip:::1", "ku:critical=dig,keyE", "eku=sA")


@functools.cache
def made(*words: str, key: str = "one", kind: str = "EC") -> bytes:
    private = pki.pkcs8(pki.key(key, kind))
    return requests.make(private, SUBJECT, parse_all(words).extensions)


@pytest.mark.parametrize("kind", ["RSA", "EC", "DSA", "Ed25519"])
@pytest.mark.parametrize("label", [requests.KEYTOOL_LABEL, requests.OPENSSL_LABEL])
def test_openssl_verifies_our_requests(kind: str, label: str) -> None:
    text = requests.pem(made(*WORDS, kind=kind), label)
    said = pki.openssl("req", "-verify", "-noout", "-text", stdin=text).decode()
    assert "DNS:a.example.com, IP Address:0:0:0:0:0:0:0:1" in said
    assert "Digital Signature, Key Encipherment" in said


def test_cryptography_reads_our_requests() -> None:
    read = x509.load_der_x509_csr(made(*WORDS))
    assert read.is_signature_valid
    assert read.subject.public_bytes() == SUBJECT.der
    assert len(read.extensions) == 4


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_a_request_is_keytools_byte_for_byte(version: str, tmp_path: Path) -> None:
    """RSA signs without chance, so even the signature is the same."""
    judge = jvm.jvm(version)
    store = Entry(judge, tmp_path, "a", pki.pkcs8(pki.key(kind="RSA")), SUBJECT)
    # Java 11 knew another order of more than one.
    for words in (("2.5.29.14=04020102",), WORDS) if judge.major >= 17 else (("2.5.29.14=00",),):
        for algorithm in ("SHA256withRSA", "SHA512withRSA", None):
            sigalg = ("-sigalg", algorithm) if algorithm else ()
            theirs = store.made("-certreq", "-file", *ext(*words), *sigalg)
            ours = requests.make(
                store.pkcs8,
                SUBJECT,
                parse_all(words).extensions,
                signature_algorithm=algorithm,
                generation=judge.major,
            )
            assert requests.pem(ours) == theirs.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_keytool_answers_our_requests(version: str, tmp_path: Path) -> None:
    judge = jvm.jvm(version)
    ca = Entry(judge, tmp_path, "ca", pki.pkcs8(pki.key("ca")), parse("CN=ca"), ext=("bc",))
    path = tmp_path / "request"
    path.write_bytes(requests.pem(made(*WORDS)))
    assert "Subject: CN=one, OU=two, O=Müller" in judge.worker.keytool(
        "-printcertreq", "-file", path
    )
    answer = ca.made("-gencert", "-outfile", "-infile", path, *ext("honored=all"))
    read = facts(Certificate(answer))
    assert read.subject == SUBJECT
    assert len(read.extensions) == 5


def test_openssls_requests_are_read(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(pki.key())))
    text = pki.openssl(
        *("req", "-new", "-key", str(key), "-subj", "/O=x/CN=a", "-addext"),
        *("subjectAltName=DNS:b", "-utf8"),
    )
    read = requests.read(b"some words before\n" + text + b"\nand behind")
    assert read.subject.rfc4514() == "CN=a,O=x"
    assert read.spki == pki.spki(pki.key())
    assert [extension.oid for extension in read.extensions] == ["2.5.29.17"]
    assert read.signature_algorithm == "SHA256withECDSA"
    assert read.verified is True
    assert requests.read(pki.openssl("req", "-outform", "DER", stdin=text)) == read
    assert requests.read(text.decode().encode("utf-16")) == read
    assert requests.read(text.replace(b"\n", b"\r\n")) == read


def test_other_attributes_are_named() -> None:
    read = requests.read(
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([]))
        .add_attribute(x509.oid.AttributeOID.CHALLENGE_PASSWORD, b"hello")
        .sign(pki.key(), SHA256())
        .public_bytes(Encoding.DER)
    )
    assert read.attributes == ("1.2.840.113549.1.9.7",)
    assert read.extensions == ()
    assert read.subject.der == b"\x30\x00"


def test_no_extension_at_all() -> None:
    request = requests.make(pki.pkcs8(pki.key()), SUBJECT, key_id=False)
    assert requests.read(request).extensions == ()
    assert x509.load_der_x509_csr(request).is_signature_valid


@given(st.binary(min_size=1, max_size=30).filter(lambda value: value.isascii()))
def test_a_subject_is_never_encoded_again(value: bytes) -> None:
    """Whatever string types a name is made of, the request has its bytes."""
    for tag in (der.T61_STRING, der.BMP_STRING, der.PRINTABLE_STRING):
        attribute = der.sequence(der.oid("2.5.4.3"), der.encode(tag, value))
        name = Name(der.sequence(der.set_of(attribute)))
        assert requests.read(requests.make(pki.pkcs8(pki.key()), name)).subject == name


def test_a_request_under_another_key() -> None:
    ours = der.read(made(*WORDS)).items("request")
    other = der.read(made(*WORDS, key="two")).items("request")
    read = requests.read(der.sequence(ours[0].raw, ours[1].raw, other[2].raw))
    assert read.verified is False


def test_a_key_nobody_knows() -> None:
    parts = der.read(made()).items("request")
    info = parts[0].items("info")
    unknown = der.sequence(der.sequence(der.oid("1.2.3.4")), der.bit_string(b"key"))
    changed = der.sequence(info[0].raw, info[1].raw, unknown, info[3].raw)
    read = requests.read(der.sequence(changed, der.sequence(der.oid("1.2.3")), parts[2].raw))
    assert read.verified is None
    assert read.signature_algorithm == "1.2.3"


def test_several_requests_in_one_file() -> None:
    text = requests.pem(made()) + requests.pem(made(key="two"))
    assert len(requests.read_all(text)) == 2
    with pytest.raises(UsageError, match="found 2"):
        requests.read(text)


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", UnknownFormat, "neither"),
        (b"hello", UnknownFormat, "neither"),
        (pki.pem("CERTIFICATE", b"0"), UnknownFormat, "found CERTIFICATE"),
        (pki.pem(requests.OPENSSL_LABEL, b"\x30\x00"), Damaged, "expected 3 values"),
        (b"-----BEGIN CERTIFICATE REQUEST-----\nMII\n", Damaged, "no END line"),
        (b"\x30\x00", Damaged, "expected 3 values"),
        (b"\x30\x03\x02\x01\x01\x00", Damaged, "follow"),
    ],
)
def test_what_is_no_request(data: bytes, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        requests.read(data)
    assert isinstance(caught.value, StorekeeperError)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_changed_request_is_never_verified(data: st.DataObject) -> None:
    whole = made(*WORDS, kind="RSA")
    signed = der.read(whole).items("request")[0]
    at = data.draw(st.integers(signed.start, signed.after - 1))
    changed = bytearray(whole)
    changed[at] ^= data.draw(st.integers(1, 255))
    try:
        read = requests.read(bytes(changed))
    except StorekeeperError:
        return
    assert read.verified is not True


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_bytes_cut_and_put_in_raise_our_errors_only(data: st.DataObject) -> None:
    whole = made(*WORDS)
    at = data.draw(st.integers(0, len(whole)))
    rest = whole[at + data.draw(st.integers(0, 9)) :]
    changed = whole[:at] + data.draw(st.binary(max_size=8)) + rest
    for text in (changed, pki.pem(requests.OPENSSL_LABEL, changed or b"0")):
        with contextlib.suppress(StorekeeperError):
            requests.read(text)


def test_keys_that_can_not_ask() -> None:
    with pytest.raises(UsageError, match="can't sign"):
        requests.make(keys.generate("X25519"), SUBJECT)
