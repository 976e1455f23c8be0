from __future__ import annotations

import base64
import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from storekeeper import formats
from storekeeper.errors import LimitExceeded, StorekeeperError, UnknownFormat
from storekeeper.formats.strangers import EXPLANATIONS
from storekeeper.model import Limits
from tests import jvm, pki

ROOT = pki.certificate("Root")
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Root")])


def csr() -> bytes:
    key = pki.key("Root")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    builder = x509.CertificateSigningRequestBuilder().subject_name(NAME)
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


def crl() -> bytes:
    key = pki.key("Root")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    from datetime import UTC, datetime

    builder = x509.CertificateRevocationListBuilder().issuer_name(NAME)
    builder = builder.last_update(datetime(2026, 1, 1, tzinfo=UTC))
    builder = builder.next_update(datetime(2027, 1, 1, tzinfo=UTC))
    return builder.sign(key, SHA256()).public_bytes(Encoding.DER)


def pfx() -> bytes:
    certificate = x509.load_der_x509_certificate(ROOT)
    return pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(certificate, b"root")], NoEncryption()
    )


def traditional(kind: str) -> bytes:
    key = load_der_private_key(pki.pkcs8(pki.key("k", kind)), None)
    return key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("cacerts", b"x")
    return out.getvalue()


ROOT_PEM = pki.pem("CERTIFICATE", ROOT)
KNOWN = {
    "PKCS12 by cryptography": (pfx, "PKCS12"),
    "PEM": (lambda: ROOT_PEM, "PEM"),
    "PEM with a byte order mark": (lambda: b"\xef\xbb\xbf" + ROOT_PEM, "PEM"),
    "PEM in UTF-16, little": (lambda: ROOT_PEM.decode().encode("utf-16"), "PEM"),
    "PEM in UTF-16, big, no mark": (lambda: ROOT_PEM.decode().encode("utf-16-be"), "PEM"),
    "PEM after much text": (lambda: b"# comment\n" * 10_000 + ROOT_PEM, "PEM"),
    "PEM indented in YAML": (
        lambda: b"data:\n  ca.crt: |\n    " + ROOT_PEM.replace(b"\n", b"\n    "),
        "PEM",
    ),
    "certifi": (lambda: Path(certifi.where()).read_bytes(), "PEM"),
    "DER certificate": (lambda: ROOT, "DER"),
    "base64 without armour": (lambda: base64.encodebytes(ROOT), "DER"),
    "DER certificate cut short": (lambda: ROOT[:40], "DER"),
    "PKCS#8": (lambda: pki.pkcs8(pki.key()), "DER"),
    "PKCS#1": (lambda: traditional("RSA"), "DER"),
    "SEC 1": (lambda: traditional("EC"), "DER"),
    "OpenSSL DSA": (lambda: traditional("DSA"), "DER"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_read(name: str) -> None:
    make, expected = KNOWN[name]
    data = make()
    assert formats.detect(data) == expected
    assert formats.sniff(data) == expected


def public_key() -> bytes:
    key = pki.key("Root")
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def openssh(encoding: Encoding = Encoding.PEM) -> bytes:
    return pki.key().private_bytes(encoding, PrivateFormat.OpenSSH, NoEncryption())


STRANGERS = {
    "empty": (b"", "empty"),
    "blank": (b" \r\n\n", "blank"),
    "html": (b"\r\n<!DOCTYPE html>\n<html><pre>" + ROOT_PEM, "html"),
    "html without doctype": (b"<HTML><body>404", "html"),
    "http": (b"HTTP/1.1 200 OK\r\nContent-Type: x\r\n\r\n", "http"),
    "xml": (b'<?xml version="1.0"?><md:EntityDescriptor/>', "xml"),
    "json": (json.dumps({"ca": ROOT_PEM.decode()}).encode(), "json"),
    "yaml": (b"apiVersion: v1\nkind: Secret\ndata:\n  tls.crt: LS0t\n", "yaml"),
    "openssh": (openssh(), "openssh"),
    "ssh public": (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me", "openssh"),
    "putty": (b"PuTTY-User-Key-File-3: ssh-rsa\n", "openssh"),
    "pgp": (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ\n", "pgp"),
    "zip": (zipped(), "zip"),
    "gzip": (gzip.compress(ROOT), "gzip"),
    "sqlite": (b"SQLite format 3\0" + bytes(84), "sqlite"),
    "berkeley db": (b"\0\x06\x15\x61" + bytes(100), "berkeley-db"),
    "csr": (csr(), "certificate request"),
    "crl": (crl(), "crl"),
    "csr in base64": (base64.b64encode(csr()), "base64 of certificate request"),
    "pfx in base64": (base64.b64encode(pfx()), "base64 of PKCS12"),
    "public key": (public_key(), "public key"),
    "certdata": (b"# Mozilla\nBEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS\n", "certdata"),
    "ccadb": (b'"CA Owner","Common Name or Certificate Name","SHA-256"\n"x",\n', "csv"),
    "fingerprints": (b"AA:" * 31 + b"AA\n", "fingerprints"),
    "four hyphens": (ROOT_PEM.replace(b"-----", b"----"), "broken armour"),
    "dashes": (ROOT_PEM.decode().replace("-----", "—").encode(), "broken armour"),
    "text": (b"see attachment\n", "text"),
    "utf-16 text": ("see attachment\n".encode("utf-16"), "text"),
    "utf-16 and none": (b"\xff\xfe\x00\xd8\x00", "utf-16"),
    "noise": (b"\x8f\x01\x02\x03\x99", ""),
}


@pytest.mark.parametrize("name", STRANGERS)
def test_what_is_not_read_is_named(name: str) -> None:
    data, word = STRANGERS[name]
    assert formats.sniff(data) == word
    with pytest.raises(UnknownFormat) as caught:
        formats.read(data, path="x.cer")
    expected = EXPLANATIONS.get(word.removeprefix("base64 of "), ("", ""))[0]
    assert expected in caught.value.message or word == "base64 of PKCS12"
    assert caught.value.path == "x.cer"
    assert str(caught.value).startswith("x.cer: ")


def test_messages_keep_the_voice() -> None:
    for message, hint in EXPLANATIONS.values():
        for text in (message, hint):
            assert not text.endswith(".")
            # A proper name may begin one.
            assert not text[:1].isupper() or text[:2].isupper()


def test_what_openssl_calls_by_other_names() -> None:
    version1 = pki.openssl(
        *("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null"),
        *("-subj", "/CN=v1", "-batch"),
    )
    assert formats.detect(version1) == "PEM"
    encrypted = pki.openssl(
        *("pkcs8", "-topk8", "-inform", "DER", "-outform", "DER", "-passout", "pass:x"),
        stdin=pki.pkcs8(pki.key()),
    )
    assert formats.detect(encrypted) == "DER"
    for args in (["-outform", "DER"], []):
        bundle = pki.openssl(
            *("crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", *args), stdin=ROOT_PEM
        )
        assert formats.detect(bundle) == "PKCS7"


def test_version_1_certificate_is_no_request() -> None:
    found = pki.openssl(
        *("req", "-x509", "-key", "/dev/stdin", "-subj", "/CN=v1", "-outform", "DER"),
        *("-config", "/dev/null", "-days", "9999"),
        stdin=pki.pem("PRIVATE KEY", pki.pkcs8(pki.key())),
    )
    assert x509.load_der_x509_certificate(found).version in (x509.Version.v1, x509.Version.v3)
    assert formats.detect(found) == "DER"


def test_every_prefix_has_an_answer() -> None:
    for make, _ in KNOWN.values():
        data = make()[:3_000]
        for size in range(0, len(data), 7):
            word = formats.sniff(data[:size])
            assert word in formats.FORMATS or word.removeprefix("base64 of ") in EXPLANATIONS


@pytest.mark.parametrize("limit", [100, 0])
def test_size_is_checked_first(limit: int) -> None:
    with pytest.raises(LimitExceeded, match=f"{len(ROOT)} bytes long, the limit is {limit}"):
        formats.read(ROOT, limits=Limits(file_size=limit))


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("a/b.JKS", ROOT_PEM, "the name ends in .jks, which promises JKS; the content is PEM"),
        ("x.p12", ROOT, "the name ends in .p12, which promises PKCS12; the content is DER"),
        ("x.cer", pfx(), ".cer, which promises DER or PEM; the content is PKCS12"),
        ("x.pem", ROOT, ".pem, which promises PEM; the content is DER"),
    ],
)
def test_a_name_that_promises_something_else(path: str, data: bytes, said: str) -> None:
    store = formats.read(data, path=path)
    assert store.path == path
    assert store.findings[0].code == "format-mismatch"
    assert said in store.findings[0].message


@pytest.mark.parametrize(
    "path", ["x.pem", "x.cer", "x.crt", "x", "cacerts", "a.jks/b", "x.keystore"]
)
def test_names_that_promise_nothing_else(path: str) -> None:
    assert formats.read(ROOT_PEM, path=path).findings == ()


def test_what_cannot_be_written_says_so() -> None:
    store = formats.read(ROOT)
    from storekeeper.model import replace

    for format in ("directory", "BKS", "UBER"):
        with pytest.raises(StorekeeperError, match=format):
            formats.write(replace(store, format=format))


def test_stores_of_a_jvm_are_told_apart() -> None:
    worker = jvm.jvm(jvm.VERSIONS[-1]).worker
    entry = {"alias": "root", "kind": "trusted", "chain": [ROOT]}
    for format in ("JKS", "JCEKS", "PKCS12"):
        data = worker.store(format, "changeit", [entry])
        assert formats.detect(data) == format
        store = formats.read(data, "changeit")
        assert [c.der for c in store.certificates()] == [ROOT]


def test_importing_costs_nothing_heavy() -> None:
    code = (
        "import sys, storekeeper.formats as f; "
        "print([m for m in sys.modules if m.startswith('storekeeper.formats.')])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "['storekeeper.formats.detect']"


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_any_buffer_is_read(kind: type) -> None:
    der = pki.certificate("Buffer")
    assert formats.read(kind(pki.pem("CERTIFICATE", der))) == formats.read(
        pki.pem("CERTIFICATE", der)
    )
    assert formats.read(kind(der)) == formats.read(der)
