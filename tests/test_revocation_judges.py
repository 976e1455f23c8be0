"""Lists and responses of other makers, and ours before other judges: `cryptography` and OpenSSL."""

from __future__ import annotations

import subprocess
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from storekeeper.trust.runtimes import ocsp_responses
from storekeeper.trust.runtimes.revocation import Revocation
from tests.forge import AT, DAY, key
from tests.revocation_questions import LEAF_ID, MID_ID, NOW, asked, of_mid, of_root
from tests.revoking import answer, line, response
from tests.verdict_cases import leaf, mid, root


def test_responses_of_cryptography() -> None:
    """A real responder's bytes, by name and by key hash, good and revoked."""
    issuer = x509.load_der_x509_certificate(mid())
    subject = x509.load_der_x509_certificate(leaf())
    told = response(key("root"), answer(MID_ID))
    for status in (ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED):
        bad = status is ocsp.OCSPCertStatus.REVOKED
        for how in (ocsp.OCSPResponderEncoding.NAME, ocsp.OCSPResponderEncoding.HASH):
            made = (
                ocsp.OCSPResponseBuilder()
                .add_response(
                    subject,
                    issuer,
                    hashes.SHA1(),
                    status,
                    NOW - timedelta(hours=1),
                    NOW + timedelta(days=1),
                    NOW - timedelta(days=3) if bad else None,
                    x509.ReasonFlags.superseded if bad else None,
                )
                .responder_id(how, issuer)
                .sign(key("mid"), hashes.SHA256())
                .public_bytes(serialization.Encoding.DER)
            )
            found = asked((leaf(), mid()), Revocation(responses=(made, told)))
            assert found.accepts is not bad
            assert ("reason: SUPERSEDED" in found.message) is bad


@pytest.mark.parametrize("serial", [1, 2])
def test_openssl_reads_lists_as_we_do(tmp_path: Path, serial: int) -> None:
    """A second judge: ``openssl verify -crl_check`` of the same lists."""
    chain = (leaf(serial=serial), mid(), root())
    for name, data in zip(("leaf", "mid", "root"), chain, strict=True):
        pem(tmp_path / f"{name}.pem", "CERTIFICATE", data)
    lists = (of_root(), of_mid(line(2)))
    pem(tmp_path / "crls.pem", "X509 CRL", *lists)
    done = subprocess.run(
        [
            *("openssl", "verify", "-crl_check_all", "-attime", str(AT)),
            *("-CAfile", "root.pem", "-untrusted", "mid.pem", "-CRLfile", "crls.pem", "leaf.pem"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    found = asked(chain[:2], Revocation(crls=lists))
    assert (done.returncode == 0) is found.accepts is (serial == 1), done.stderr
    assert ("certificate revoked" in done.stderr) is (found.rule == "revoked")


def test_openssl_answers_as_we_read(tmp_path: Path) -> None:
    """``openssl ocsp`` as responder and as judge of our bytes."""
    pem(tmp_path / "mid.pem", "CERTIFICATE", mid())
    pem(tmp_path / "root.pem", "CERTIFICATE", root())
    pem(tmp_path / "leaf.pem", "CERTIFICATE", leaf())
    (tmp_path / "mid.key").write_bytes(
        key("mid").private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (tmp_path / "index").write_text(
        "R\t300101000000Z\t260101000000Z,keyCompromise\t01\tunknown\t/\n"
    )
    subprocess.run(
        [
            *("openssl", "ocsp", "-index", "index", "-CA", "mid.pem", "-issuer", "mid.pem"),
            *("-rsigner", "mid.pem", "-rkey", "mid.key", "-cert", "leaf.pem", "-ndays", "2"),
            *("-respout", "answer.der", "-noverify"),
        ],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    made = (tmp_path / "answer.der").read_bytes()
    read = ocsp_responses.read(made)
    ((_, single),) = read.answers
    assert single.status == "revoked"
    assert single.line is not None
    assert single.line.reason == "KEY_COMPROMISE"
    now = int(time.time())
    ours = response(key("mid"), answer(LEAF_ID, this=now - DAY, until=now + DAY))
    (tmp_path / "ours.der").write_bytes(ours)
    done = subprocess.run(
        [
            *("openssl", "ocsp", "-respin", "ours.der", "-issuer", "mid.pem", "-cert", "leaf.pem"),
            *("-CAfile", "root.pem", "-verify_other", "mid.pem", "-attime", str(AT)),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "leaf.pem: good" in done.stdout, done.stderr
    assert "Response verify OK" in done.stderr


def pem(path: Path, label: str, *blocks: bytes) -> None:
    from storekeeper.formats.armor import armour

    path.write_bytes(b"".join(armour(label, one) for one in blocks))
