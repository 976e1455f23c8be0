"""Findings about one certificate: real ones, made by OpenSSL, keytool and cryptography."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.model import Certificate, Finding
from storekeeper.trust.checks import check
from storekeeper.x509 import facts
from tests import jvm, pki, real_roots

NOW = int(datetime(2027, 6, 1, tzinfo=UTC).timestamp())
BEFORE, AFTER = 1_767_225_600, 2_398_377_600  # of what tests.pki makes: 2026-01-01, 2046-01-01


def codes(certificate: Certificate, expected: str = "any", at: int = NOW) -> dict[str, str]:
    """Code to severity."""
    found = check(certificate, at, expected=expected)  # type: ignore[arg-type]
    assert len({one.code for one in found}) == len(found)
    for one in found:
        assert one.message[0].islower() or one.message.startswith(("RSA", "EC")), one.message
        assert not one.message.endswith(".")
        assert one.hint
        assert not one.hint.endswith(".")
        assert one.where == ""
    return {one.code: one.severity for one in found}


def only(code: str, certificate: Certificate, expected: str = "any", at: int = NOW) -> Finding:
    found = check(certificate, at, expected=expected)  # type: ignore[arg-type]
    return next(one for one in found if one.code == code)


def openssl(tmp_path: Path, new: list[str], *more: str, subject: str = "/CN=one") -> Certificate:
    """Self-signed by OpenSSL; without an extension it does not add itself when asked so."""
    out = tmp_path / "out.der"
    command = ["req", "-x509", "-newkey", *new, "-nodes", "-subj", subject, "-outform", "DER"]
    pki.openssl(
        *command, "-days", "9000", "-keyout", str(tmp_path / "key"), "-out", str(out), *more
    )
    return Certificate(out.read_bytes())


def by_keytool(tmp_path: Path, *options: str) -> Certificate:
    """Self-signed, as keytool does it."""
    store, out = str(tmp_path / "s.p12"), tmp_path / "out"
    passed = ["-keystore", store, "-storepass", "changeit", "-alias", "a"]
    java = jvm.by_major(17)
    java.keytool("-genkeypair", *passed, "-dname", "CN=a", "-validity", "9000", *options)
    java.keytool("-exportcert", *passed, "-file", out)
    return Certificate(out.read_bytes())


def signed(tmp_path: Path, *options: str, extensions: str = "") -> Certificate:
    """A leaf that an OpenSSL CA signs in the way the options say."""
    key, ca, request, out = (str(tmp_path / name) for name in ("k", "ca", "csr", "leaf"))
    (tmp_path / "ext").write_text(extensions)
    pki.openssl(
        *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca"),
        *("-keyout", key, "-out", ca),
    )
    pki.openssl(
        *("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=leaf"),
        *("-keyout", str(tmp_path / "leafkey"), "-out", request),
    )
    pki.openssl(
        *("x509", "-req", "-in", request, "-CA", ca, "-CAkey", key, "-days", "9000"),
        *("-extfile", str(tmp_path / "ext"), "-outform", "DER", "-out", out, *options),
    )
    return Certificate(Path(out).read_bytes())


# --- what a certificate is for -----------------------------------------------------------


@pytest.mark.parametrize("expected", ["anchor", "leaf", "any", "presented"])
def test_a_sound_root_has_no_findings(expected: str) -> None:
    assert codes(pki.cert("Root"), expected) == {}
    assert codes(pki.cert("Middle", "Root", ca=True), expected) == {}


def test_a_leaf_of_somebody_else() -> None:
    leaf = pki.cert("leaf", "Root")
    assert codes(leaf, "presented") == {}
    assert codes(leaf, "leaf") == {"non-ca-as-anchor": "info", "pinned-leaf-renewal": "info"}
    for expected in ("anchor", "any"):
        assert codes(leaf, expected) == {
            "non-ca-as-anchor": "warning",
            "pinned-leaf-renewal": "info",
        }
    pinned = only("pinned-leaf-renewal", leaf)
    assert "CN=Root" in pinned.message
    assert "at the latest on 2046-01-01" in pinned.message
    assert "trusted only for itself" in only("non-ca-as-anchor", leaf).message


def test_a_self_signed_leaf_is_meant_that_way() -> None:
    for expected in ("anchor", "leaf", "any"):
        assert codes(pki.cert("lonely", ca=False), expected) == {"non-ca-as-anchor": "info"}


def test_what_keytool_makes_is_no_ca_for_java(tmp_path: Path) -> None:
    made = by_keytool(tmp_path, "-keyalg", "EC")
    assert codes(made, "anchor") == {"non-ca-as-anchor": "info"}
    assert "version 3, no basic constraints" in only("non-ca-as-anchor", made).message


def test_a_version_1_root_is_an_anchor_for_java(tmp_path: Path) -> None:
    request, key = str(tmp_path / "csr"), str(tmp_path / "key")
    new = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=v1"]
    pki.openssl(*new, "-keyout", key, "-out", request)
    sign = ["x509", "-req", "-in", request, "-signkey", key, "-days", "9000", "-outform", "DER"]
    old = Certificate(pki.openssl(*sign))
    assert facts(old).version == 1
    assert codes(old, "anchor") == {}
    leaf = signed(tmp_path)
    assert "version 1, no basic constraints" in only("non-ca-as-anchor", leaf, "anchor").message


def test_a_ca_that_may_not_sign(tmp_path: Path) -> None:
    options = ["-addext", "keyUsage=critical,digitalSignature,cRLSign"]
    odd = openssl(tmp_path, ["rsa:2048"], *options)
    assert codes(odd, "anchor") == {"non-ca-as-anchor": "warning"}
    message = only("non-ca-as-anchor", odd).message
    assert "expected the key usage keyCertSign, found digitalSignature, cRLSign" in message
    assert codes(odd, "presented") == {}


# --- dates -------------------------------------------------------------------------------


def test_dates_are_inclusive_and_told_with_what_they_were_judged_by() -> None:
    root, leaf = pki.cert("Root"), pki.cert("leaf", "Root")
    assert facts(root).not_before == BEFORE
    assert facts(root).not_after == AFTER
    assert codes(root, at=BEFORE) == codes(root, at=AFTER) == {}
    assert codes(root, at=BEFORE - 1) == {"not-yet-valid": "warning"}
    assert codes(root, at=AFTER + 1) == {"expired": "warning"}
    message = only("expired", root, at=AFTER + 2 * 86_400).message
    assert message == (
        "expired 2 days ago: valid until 2046-01-01T00:00:00Z, judged at 2046-01-03T00:00:00Z"
    )
    message = only("not-yet-valid", root, at=BEFORE - 2 * 86_400).message
    assert message == (
        "not valid yet, it begins in 2 days: valid from 2026-01-01T00:00:00Z, "
        "judged at 2025-12-30T00:00:00Z"
    )
    # What has expired does not break at renewal any more.
    assert codes(leaf, "leaf", at=AFTER + 1) == {"expired": "warning", "non-ca-as-anchor": "info"}


# --- keys --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "severity", "text"),
    [
        (["rsa:512"], "error", "RSA 512, expected at least 2048 bits; Java refuses"),
        (["rsa:1023"], "error", "RSA 1023"),
        (["rsa:1024"], "warning", "RSA 1024, expected at least 2048 bits"),
        (["rsa:2047"], "warning", "RSA 2047"),
        (["rsa:2048"], None, ""),
        (["rsa-pss", "-pkeyopt", "rsa_keygen_bits:1024"], "warning", "RSASSA-PSS 1024"),
        (["ec", "-pkeyopt", "ec_paramgen_curve:prime192v1"], "error", "EC secp192r1 (192 bits)"),
        (["ec", "-pkeyopt", "ec_paramgen_curve:secp160r1"], "error", "(160 bits)"),
        (["ec", "-pkeyopt", "ec_paramgen_curve:sect163k1"], "error", "expected at least 224 bits"),
        (["ec", "-pkeyopt", "ec_paramgen_curve:secp224r1"], None, ""),
        (["ec", "-pkeyopt", "ec_paramgen_curve:sect283k1"], None, ""),
        (
            ["ec", "-pkeyopt", "ec_paramgen_curve:secp160k1", "-pkeyopt", "ec_param_enc:explicit"],
            "error",
            "explicit parameters",
        ),
        (["ed25519"], None, ""),
    ],
)
def test_weak_keys(new: list[str], severity: str | None, text: str, tmp_path: Path) -> None:
    made = openssl(tmp_path, new)
    for expected in ("anchor", "presented"):
        assert codes(made, expected) == ({"weak-key": severity} if severity else {})
    if severity:
        assert text in only("weak-key", made).message


@pytest.mark.parametrize(("bits", "severity"), [(1024, "warning"), (2048, None)])
def test_weak_dsa_keys(bits: int, severity: str | None, tmp_path: Path) -> None:
    parameters = tmp_path / "parameters"
    parameters.write_bytes(pki.openssl("dsaparam", str(bits)))
    found = codes(openssl(tmp_path, [f"dsa:{parameters}"]))
    assert found == ({"weak-key": severity} if severity else {})


def test_a_dsa_key_that_java_refuses(tmp_path: Path) -> None:
    made = by_keytool(tmp_path, "-keyalg", "DSA", "-keysize", "512")
    assert codes(made, "presented") == {"weak-key": "error"}
    assert "DSA 512" in only("weak-key", made).message


# --- signatures --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["-md5"], "signed with MD5 (MD5withRSA), expected SHA-256 or better: Java refuses it"),
        (["-sha1"], "signed with SHA-1 (SHA1withRSA)"),
        (["-sha1", "-sigopt", "rsa_padding_mode:pss"], "SHA-1 (RSASSA-PSS with SHA-1)"),
        (["-sha224"], ""),
        (["-sha256"], ""),
        (["-sha256", "-sigopt", "rsa_padding_mode:pss"], ""),
    ],
)
def test_weak_signatures(options: list[str], text: str, tmp_path: Path) -> None:
    extensions = "basicConstraints=critical,CA:true"
    found = check(signed(tmp_path, *options, extensions=extensions), NOW)
    assert [one.code for one in found] == (["weak-signature"] if text else [])
    assert all(text in one.message and one.severity == "warning" for one in found)


@pytest.mark.parametrize("digest", ["-md5", "-sha1"])
def test_how_a_root_signed_itself_does_not_matter(digest: str, tmp_path: Path) -> None:
    assert codes(openssl(tmp_path, ["rsa:2048"], digest)) == {}


# --- the rest ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("serial", "said"),
    [(0, "number 0,"), (-1, "number -0x1,"), (-(1 << 40_000), "..., expected a positive one")],
    ids=["zero", "negative", "long"],
)
def test_serials_that_are_not_positive(serial: int, said: str) -> None:
    parts = der.read(pki.certificate("Root")).items("certificate", at_least=3)
    fields = [one.raw for one in parts[0].items("tbs", at_least=7)]
    tbs = der.sequence(fields[0], der.integer(serial), *fields[2:])
    odd = Certificate(der.sequence(tbs, parts[1].raw, parts[2].raw))
    assert codes(odd) == {"non-positive-serial": "info"}
    assert said in only("non-positive-serial", odd).message
    assert len(only("non-positive-serial", odd).message) < 200


def test_bytes_that_are_no_certificate() -> None:
    assert codes(Certificate(b"junk")) == {"unreadable-certificate": "error"}
    (found,) = check(Certificate(b""), NOW, where="alias")
    assert found.where == "alias"
    assert "unreadable certificate" in found.message


def test_an_extension_that_can_not_be_read() -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd")])
    private = pki.key("odd")
    odd = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.15"), b"\x04\x01x"),
            critical=False,
        )
        .sign(private, SHA256())
    )
    found = Certificate(odd.public_bytes(Encoding.DER))
    assert codes(found) == {"unreadable-certificate": "warning"}
    assert "keyUsage" in only("unreadable-certificate", found).message


def test_real_roots_are_anchors() -> None:
    for encoded in real_roots.real_roots():
        found = check(Certificate(encoded), NOW, expected="anchor")
        assert {one.code for one in found} <= {"expired", "non-positive-serial", "weak-key"}
        assert all(one.severity != "error" for one in found)


@given(
    st.integers(0, len(pki.certificate("leaf", "Root")) - 1),
    st.integers(1, 255),
    st.sampled_from(["anchor", "leaf", "any", "presented"]),
)
def test_a_changed_octet_is_survived(at: int, change: int, expected: str) -> None:
    octets = bytearray(pki.certificate("leaf", "Root"))
    octets[at] ^= change
    codes(Certificate(bytes(octets)), expected)


def test_cryptography_is_not_needed() -> None:
    program = (
        "import sys\n"
        "from storekeeper.model import Certificate\n"
        "from storekeeper.trust.checks import check\n"
        "found = check(Certificate(bytes.fromhex(sys.argv[1])), 0)\n"
        "print(len(found), 'cryptography' in sys.modules)\n"
    )
    command = [sys.executable, "-c", program, pki.certificate("leaf", "Root").hex()]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["3", "False"]
