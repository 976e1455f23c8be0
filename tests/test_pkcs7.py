from __future__ import annotations

import pickle

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization import pkcs7 as judge
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der, formats
from storekeeper.errors import Damaged, InputError, LimitExceeded, Unsupported, WriteRefused
from storekeeper.formats import pem_keys, pkcs7
from storekeeper.model import (
    Certificate,
    Limits,
    Opaque,
    Password,
    PrivateKey,
    Store,
    TrustedCert,
    replace,
)
from tests import jvm, pki
from tests.test_detect import crl

ROOT, CA, LEAF = (
    pki.certificate("Root"),
    pki.certificate("CA", "Root", ca=True),
    pki.certificate("Leaf", "CA"),
)
PEM = b"".join(pki.pem("CERTIFICATE", found) for found in (ROOT, CA, LEAF))


def ders(store: Store) -> list[bytes]:
    return [certificate.der for certificate in store.certificates()]


def openssl_bundle(*args: str) -> bytes:
    return pki.openssl("crl2pkcs7", "-certfile", "/dev/stdin", *args, stdin=PEM)


@pytest.mark.parametrize("args", [("-nocrl", "-outform", "DER"), ("-nocrl",)])
def test_bundles_of_openssl(args: tuple[str, ...]) -> None:
    data = openssl_bundle(*args)
    store = formats.read(data, path="x.p7b")
    assert store.format == "PKCS7"
    assert ders(store) == [ROOT, CA, LEAF]
    assert [entry.alias for entry in store.entries] == ["Root", "CA", "Leaf"]
    assert store.findings == ()
    assert formats.write(store) == data
    assert pickle.loads(pickle.dumps(store)) == store


def test_bundles_of_cryptography() -> None:
    certificates = [x509.load_der_x509_certificate(found) for found in (ROOT, CA)]
    data = judge.serialize_certificates(certificates, Encoding.DER)
    assert ders(formats.read(data)) == [
        c.public_bytes(Encoding.DER) for c in judge.load_der_pkcs7_certificates(data)
    ]


def test_crls_are_kept(tmp_path: object) -> None:
    bundle = pki.openssl(
        *("crl2pkcs7", "-in", "/dev/stdin", "-outform", "DER"), stdin=pki.pem("X509 CRL", crl())
    )
    store = formats.read(bundle)
    (entry,) = store.entries
    assert isinstance(entry, Opaque)
    assert entry.what == "certificate revocation list"
    fresh = formats.write(Store("PKCS7", (TrustedCert("r", Certificate(ROOT)), entry)))
    assert b"-----BEGIN X509 CRL" in pki.openssl("pkcs7", "-inform", "DER", "-print_certs",
                                                 stdin=fresh)  # fmt: skip


def test_signed_message() -> None:
    key = pki.key("Leaf")
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    builder = judge.PKCS7SignatureBuilder().set_data(b"hello")
    builder = builder.add_signer(x509.load_der_x509_certificate(LEAF), key, SHA256())
    store = formats.read(builder.sign(Encoding.DER, []))
    assert ders(store) == [LEAF]
    assert [finding.code for finding in store.findings] == ["signature-not-checked"]


def test_indefinite_lengths() -> None:
    data = openssl_bundle("-nocrl", "-outform", "DER")
    outer = der.read(data).items("")
    signed = outer[1].explicit("").items("")
    certs = b"\xa0\x80" + signed[3].content + b"\0\0"
    inner = b"0\x80" + b"".join(s.raw for s in signed[:3]) + certs + signed[-1].raw + b"\0\0"
    ber = b"0\x80" + outer[0].raw + b"\xa0\x80" + inner + b"\0\0" + b"\0\0"
    assert b"CN = Leaf" in pki.openssl("pkcs7", "-inform", "DER", "-print_certs", stdin=ber)
    store = formats.read(ber)
    assert ders(store) == [ROOT, CA, LEAF]
    assert formats.write(store) == ber


def test_other_content_types_are_named() -> None:
    enveloped = der.sequence(der.oid("1.2.840.113549.1.7.3"), der.explicit(0, der.sequence()))
    with pytest.raises(Unsupported, match="enveloped"):
        formats.read(enveloped)


def test_attribute_certificates_are_kept() -> None:
    attribute = der.encode(0xA2, der.integer(1))
    store = Store("PKCS7", (TrustedCert("r", Certificate(ROOT)), Opaque("", "attribute certificate",
                                                                         attribute)))  # fmt: skip
    again = formats.read(formats.write(store))
    assert again.entries[1] == store.entries[1]
    assert ders(again) == [ROOT]


def test_an_unreadable_certificate_is_an_entry() -> None:
    odd = der.sequence(der.integer(5))
    data = formats.write(
        Store("PKCS7", tuple(TrustedCert("", Certificate(c)) for c in (ROOT, odd, CA)))
    )
    store = formats.read(data)
    assert ders(store) == [ROOT, odd, CA]
    assert [finding.code for finding in store.findings] == ["unreadable-entry"]


def test_trailing_bytes_are_reported_and_kept() -> None:
    data = openssl_bundle("-nocrl", "-outform", "DER") + b"\r\n"
    store = formats.read(data)
    assert store.findings[0].message == "2 bytes follow the value"
    assert formats.write(store) == data


def test_what_we_write_is_what_others_read() -> None:
    store = Store("PKCS7", tuple(TrustedCert("", Certificate(c)) for c in (LEAF, CA, ROOT)))
    data = formats.write(store)
    assert data == openssl_like(LEAF, CA, ROOT)
    keytool = jvm.newest().keytool(
        "-printcert", "-rfc", input="-----BEGIN PKCS7-----\n" + pki.pem("X", data).decode()
        .split("\n", 1)[1].replace("END X", "END PKCS7")
    )  # fmt: skip
    assert ders(formats.read(keytool.stdout.encode())) == [LEAF, CA, ROOT]


def openssl_like(*certificates: bytes) -> bytes:
    return pki.openssl(
        *("crl2pkcs7", "-nocrl", "-outform", "DER", "-certfile", "/dev/stdin"),
        stdin=b"".join(pki.pem("CERTIFICATE", found) for found in certificates),
    )


def test_editing_writes_a_new_value() -> None:
    store = formats.read(openssl_bundle("-nocrl"))
    shorter = replace(store, entries=store.entries[:2])
    assert formats.write(shorter) == openssl_like(ROOT, CA)


def test_keys_are_refused() -> None:
    sealed = pem_keys.seal_private_key(pki.pkcs8(pki.key("Leaf")), Password(None))
    with pytest.raises(WriteRefused, match="can't hold a private-key"):
        formats.write(Store("PKCS7", (PrivateKey("Leaf", (Certificate(LEAF),), sealed),)))


def test_limits() -> None:
    with pytest.raises(LimitExceeded, match="more than 2"):
        formats.read(openssl_bundle("-nocrl"), limits=Limits(entries=2))


def test_cut_at_every_byte() -> None:
    data = openssl_like(ROOT)
    for size in range(20, len(data)):
        with pytest.raises(InputError) as caught:
            formats.read(data[:size])
        assert isinstance(caught.value, Damaged)
        assert caught.value.offset is not None


@given(st.lists(st.sampled_from([ROOT, CA, LEAF]), max_size=5))
def test_read_undoes_write(certificates: list[bytes]) -> None:
    store = Store("PKCS7", tuple(TrustedCert("", Certificate(c)) for c in certificates))
    data = pkcs7.write(store)
    assert ders(pkcs7.read(data)) == certificates
    assert pkcs7.write(pkcs7.read(data)) == data


def test_thousands_of_unreadable_certificates_are_refused_early() -> None:
    parts = der.sequence(
        der.integer(1),
        der.encode(der.SET),
        der.sequence(der.oid("1.2.840.113549.1.7.1")),
        der.encode(0xA0, b"\x30\x00" * 200_000),
        der.encode(der.SET),
    )
    data = der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, parts))
    with pytest.raises(LimitExceeded, match="more than 1000"):
        formats.read(data)
