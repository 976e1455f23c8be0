"""``storekeeper keytool -list``, ``-printcert`` and ``-exportcert`` beside each JVM's keytool."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.cli.keytool import certificate, extensions
from storekeeper.errors import StorekeeperError
from storekeeper.model import (
    Certificate,
)
from tests import jvm, pki
from tests.keytool_listed import EXTENSIONS, FEW, same
from tests.real_roots import real_roots

KEYS = {
    "rsa-weak-sha1": ("rsa:1024", "-sha1"),
    "rsa-md5": ("rsa:2048", "-md5"),
    "rsa-disabled": ("rsa:512", "-sha256"),
    "rsa-sha3": ("rsa:2048", "-sha3-256"),
    "rsa-sha512-256": ("rsa:2048", "-sha512-256"),
    "rsa-ripemd": ("rsa:2048", "-ripemd160"),
    "rsa-signed-pss": ("rsa:2048", "-sigopt", "rsa_padding_mode:pss", "-sha256"),
    "pss": ("rsa-pss",),
    "ec-384": ("ec", "-pkeyopt", "ec_paramgen_curve:P-384", "-sha384"),
    "ec-192": ("ec", "-pkeyopt", "ec_paramgen_curve:secp192k1"),
    "ec-256k1": ("ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"),
    "ec-brainpool": ("ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP320r1"),
    "ed25519": ("ed25519",),
    "ed448": ("ed448",),
}
NAME = (
    "/C=DE/O=Ärger, GmbH/OU=a+OU=b/CN=ext/emailAddress=x@y/serialNumber=12/dnQualifier=q/title=T"
    "/GN=G/SN=S/initials=I/pseudonym=P/businessCategory=B/postalCode=9/DC=dc/UID=uid"
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of every kind of key and extension, in one PEM file."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "openssl.cnf").write_text(EXTENSIONS, encoding="utf-8")

    def one(name: str, section: str, *options: str) -> bytes:
        base = ("req", "-x509", "-new", "-nodes", "-utf8", "-multivalue-rdn", "-days", "9000")
        files = ("-config", str(folder / "openssl.cnf"), "-keyout", str(folder / "key"))
        pki.openssl(*base, *files, "-subj", name, "-extensions", section,
                    "-out", str(folder / "out.pem"), *options)  # fmt: skip
        return (folder / "out.pem").read_bytes()

    serial = ("-set_serial", "0x0123456789abcdef0123")
    parts = [one(NAME, "all", "-newkey", "rsa:2048", *serial)]
    for number, (name, options) in enumerate(KEYS.items()):
        section = ("few", "some")[number % 2]
        # OpenSSL can't say -1000; the serials of real roots have shown the rest.
        serial = ("-set_serial", str(number * 1000))
        parts.append(one(f"/CN={name}", section, *serial, "-newkey", *options))
    path = folder / "made.pem"
    path.write_bytes(b"".join(parts))
    return path


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[1:])  # 11 has no name for some
def test_every_kind_of_key_and_extension(version: str, made: Path) -> None:
    shown = same(version, "-printcert", "-v", "-file", made)
    assert shown.count("ObjectId") > 40
    assert "Unparseable" not in shown


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_every_real_root(version: str, tmp_path: Path) -> None:
    path = tmp_path / "roots.pem"
    path.write_bytes(b"".join(pki.pem("CERTIFICATE", der) for der in real_roots()))
    same(version, "-printcert", "-file", path)


@pytest.mark.parametrize("options", [(), ("-rfc",)], ids=["text", "rfc"])
@pytest.mark.parametrize("version", FEW)
def test_where_certificates_come_from(
    version: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    der = pki.certificate("leaf", "root")
    (tmp_path / "one.der").write_bytes(der)
    chain = pki.pem("CERTIFICATE", der) + pki.pem("CERTIFICATE", pki.certificate("root"))
    (tmp_path / "chain.pem").write_bytes(chain)
    bundle = tmp_path / "bundle.p7b"
    made = ("-nocrl", "-certfile", str(tmp_path / "chain.pem"), "-out", str(bundle))
    pki.openssl("crl2pkcs7", *made)
    same(version, "-printcert", *options, "-file", tmp_path / "one.der")
    same(version, "-printcert", *options, "-file", bundle)
    same(version, "-printcert", *options, input=chain)


def test_a_critical_extension_that_is_damaged_is_shown() -> None:
    # Java refuses the whole certificate.
    shown = extensions.text("2.5.29.19", True, bytes.fromhex("0203010203"))
    assert shown.startswith("Unparseable BasicConstraints extension due to\n")
    assert shown.endswith("0000: 02 03 01 02 03                                     .....\n")


@given(st.sampled_from(sorted(extensions.KNOWN)), st.booleans(), st.binary(max_size=80))
def test_no_extension_stops_the_others(oid: str, critical: bool, encoded: bytes) -> None:
    assert (
        extensions.text(oid, critical, encoded).endswith("\n") or extensions.KNOWN[oid][1] is None
    )


@given(st.data())
def test_a_damaged_certificate_is_our_error_or_printed(data: st.DataObject) -> None:
    der = bytearray(data.draw(st.sampled_from(ROOTS)))
    for _ in range(data.draw(st.integers(1, 4))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        shown = certificate.long_form(Certificate(bytes(der)))
    except StorekeeperError:
        return
    assert shown.startswith("Owner: ")


ROOTS = [pki.certificate("root"), pki.certificate("leaf", "root"), *real_roots()[:5]]


def test_what_hides_on_a_terminal_is_spelled_out() -> None:
    shown = certificate.long_form(pki.cert("up\x1b[2Jand\u202eaway"))
    assert "up\\u{1b}[2Jand\\u{202e}away" in shown
