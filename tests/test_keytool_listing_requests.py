"""Requests and revocation lists as keytool prints them."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from storekeeper import formats
from tests import jvm, pki
from tests.keytool_listed import EXTENSIONS, GIVEN, MODEL, PASSWORD, entries, same
from tests.our_keytool import ours, theirs


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[1:])
def test_printcertreq(version: str, tmp_path: Path) -> None:
    # A request names no issuer: without what speaks of one.
    lines = EXTENSIONS.splitlines(keepends=True)
    config = "".join(line for line in lines if not line.startswith("authorityKeyIdentifier"))
    (tmp_path / "openssl.cnf").write_text(config, encoding="utf-8")
    base = ("req", "-new", "-nodes", "-keyout", str(tmp_path / "key"), "-subj", "/CN=x/O=A, B")
    for number, more in enumerate((("-reqexts", "all"), ("-sha1",))):
        path = tmp_path / f"{number}.csr"
        pki.openssl(*base, "-newkey", "rsa:1024", "-config", str(tmp_path / "openssl.cnf"),
                    "-out", str(path), *more)  # fmt: skip
        same(version, "-printcertreq", "-file", path)
    assert "(weak)" in same(version, "-printcertreq", input=path.read_bytes())
    der = pki.openssl("req", "-in", str(path), "-outform", "DER")
    (tmp_path / "forged").write_bytes(der[:-1] + bytes([der[-1] ^ 1]))
    done = ours("-printcertreq", "-file", tmp_path / "forged")
    assert done.returncode == 4
    assert "not signed by the key in it" in done.stderr


def revocation_list(*, revoked: bool, extensions: bool) -> bytes:
    """A list of root's with everything cryptography can put into one, as PEM."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    name = x509.load_der_x509_certificate(pki.certificate("root")).subject
    builder = x509.CertificateRevocationListBuilder().issuer_name(name).last_update(now)
    builder = builder.next_update(now + timedelta(days=9))
    for number, flag in enumerate(x509.ReasonFlags if revoked else ()):
        one = x509.RevokedCertificateBuilder().revocation_date(now)
        one = one.serial_number((1 << (120 - number * 12)) + 200)
        if flag is not x509.ReasonFlags.unspecified:
            one = one.add_extension(x509.CRLReason(flag), critical=False)
        if number == 3:
            one = one.add_extension(x509.InvalidityDate(now), critical=False)
        if number == 4:
            issuer = x509.CertificateIssuer([x509.DirectoryName(name), x509.DNSName("x")])
            one = one.add_extension(issuer, critical=True)
        builder = builder.add_revoked_certificate(one.build())
    if extensions:
        key, url = pki.key("root").public_key(), x509.UniformResourceIdentifier("http://x/")
        only = frozenset(set(x509.ReasonFlags) - {x509.ReasonFlags.unspecified,
                                                  x509.ReasonFlags.remove_from_crl})  # fmt: skip
        for critical, one_of in (
            (False, x509.CRLNumber(77_777_777_777_777)),
            (False, x509.AuthorityKeyIdentifier.from_issuer_public_key(key)),
            (True, x509.DeltaCRLIndicator(5)),
            (True, x509.IssuingDistributionPoint([url], None, True, False, only, False, False)),
            (False, x509.IssuerAlternativeName([x509.DNSName("x")])),
            (False, x509.FreshestCRL([x509.DistributionPoint([url], None, None, None)])),
            (False, x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\5\0")),
        ):
            builder = builder.add_extension(one_of, critical=critical)
    signer = pki.key("root")
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[1:])
def test_printcrl(version: str, tmp_path: Path) -> None:
    for number, (revoked, more) in enumerate(itertools.product((True, False), repeat=2)):
        path = tmp_path / f"{number}.crl"
        path.write_bytes(revocation_list(revoked=revoked, extensions=more))
    (tmp_path / "all.crl").write_bytes(
        b"".join(path.read_bytes() for path in sorted(tmp_path.glob("*.crl")))
    )
    shown = same(version, "-printcrl", "-file", tmp_path / "all.crl")
    assert shown.count("WARNING: not verified.") == 4
    assert shown.count("Reason Code: ") == 18


def test_who_signed_a_revocation_list(tmp_path: Path) -> None:
    data = revocation_list(revoked=False, extensions=False)
    (tmp_path / "store.jks").write_bytes(formats.write(entries("JKS"), PASSWORD))
    words = ("-printcrl", "-keystore", tmp_path / "store.jks", *GIVEN)
    assert "Verified by b in keystore with a 256-bit EC (secp256r1) key" in same(
        MODEL, *words, input=data
    )
    done = ours("-printcrl", "-trustcacerts", input=data, env=java_home())
    expected = theirs(jvm.jvm(MODEL), "-printcrl", "-trustcacerts", input=data)
    assert done.stdout == expected.stdout
    assert "not verified" in done.stdout


def java_home() -> dict[str, str]:
    return {"JAVA_HOME": str(jvm.jvm(MODEL).home)}
