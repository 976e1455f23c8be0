"""Signatures of real certificates and of every algorithm, against OpenSSL and keytool."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from storekeeper import der
from storekeeper.formats import pem_keys
from storekeeper.key_info import spki_bits
from storekeeper.model import Certificate
from storekeeper.trust import signatures
from storekeeper.trust.chain import issuance, matches_key
from storekeeper.x509 import facts
from tests import jvm, pki, real_roots
from tests.chain_samples import PASSWORD, ROOT

# --- real certificates -------------------------------------------------------------------


def test_every_real_root_signed_itself() -> None:
    roots = [Certificate(encoded) for encoded in real_roots.real_roots()]
    found = issuance(roots)
    assert found.unverified == ()
    assert len(roots) > 100
    for one in roots:
        assert found.issuers_of(one)[0] == one
        assert found.is_self_signed(one)
        assert found.role(one) == "root"
        octets = bytearray(one.der)
        octets[-1] ^= 1
        broken = Certificate(bytes(octets))
        assert not issuance([broken]).is_self_signed(broken)
        assert issuance([broken]).issuers_of(broken) == ()


def test_openssl_agrees_about_the_roots_of_java(tmp_path: Path) -> None:
    store = jvm.by_major(17).worker.load(jvm.by_major(17).cacerts.read_bytes(), PASSWORD)
    roots = [Certificate(one) for entry in store["entries"] for one in entry["chain"]]
    found = issuance(roots)
    bundle = tmp_path / "all.pem"
    bundle.write_bytes(b"".join(pki.pem("CERTIFICATE", one.der) for one in roots))
    options = ["-partial_chain", "-no_check_time", "-check_ss_sig", "-no-CApath", "-no-CAstore"]
    files = []
    for number, one in enumerate(roots):
        files.append(str(tmp_path / f"{number}.pem"))
        Path(files[-1]).write_bytes(pki.pem("CERTIFICATE", one.der))
    said = pki.openssl("verify", *options, "-CAfile", str(bundle), *files).decode()
    assert said.count(": OK") == len(roots) == len(found.roots)


ALGORITHMS = {
    "dsa": ["-keyalg", "DSA"],
    "dsa-sha1": ["-keyalg", "DSA", "-keysize", "1024", "-sigalg", "SHA1withDSA"],
    "dsa-sha3": ["-keyalg", "DSA", "-sigalg", "SHA3-256withDSA"],
    "ec": ["-keyalg", "EC"],
    "ec-sha3": ["-keyalg", "EC", "-sigalg", "SHA3-256withECDSA"],
    "ed25519": ["-keyalg", "Ed25519"],
    "ed448": ["-keyalg", "Ed448"],
    "pss": ["-keyalg", "RSASSA-PSS"],
    "rsa-md2": ["-keyalg", "RSA", "-sigalg", "MD2withRSA"],
    "rsa-md5": ["-keyalg", "RSA", "-sigalg", "MD5withRSA"],
    "rsa-pss": ["-keyalg", "RSA", "-sigalg", "RSASSA-PSS"],
    "rsa-sha1": ["-keyalg", "RSA", "-sigalg", "SHA1withRSA"],
    "rsa-sha512/256": ["-keyalg", "RSA", "-sigalg", "SHA512/256withRSA"],
}


@pytest.mark.parametrize(
    "algorithm",
    [
        pytest.param(one, marks=() if one in ("dsa", "pss", "rsa-md2") else pytest.mark.slow)
        for one in ALGORITHMS
    ],
)
def test_what_keytool_signs(algorithm: str, tmp_path: Path) -> None:
    """A CA of each algorithm and a leaf it issued; the same for keys of the same name."""
    java, options = jvm.by_major(17), ALGORITHMS[algorithm]
    store, request, out = (str(tmp_path / name) for name in ("store", "request", "leaf"))
    passed = ["-keystore", store, "-storepass", PASSWORD, "-alias"]
    for alias in ("ca", "twin"):
        named = ["-dname", "CN=ca", "-ext", "bc=ca:true"]
        java.keytool("-genkeypair", *passed, alias, *named, *options)
    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    pki.openssl(*new, "-subj", "/CN=leaf", "-keyout", str(tmp_path / "key"), "-out", request)
    sigalg = options[options.index("-sigalg") :] if "-sigalg" in options else []
    java.keytool("-gencert", *passed, "ca", "-infile", request, "-outfile", out, *sigalg)
    entries = java.worker.load(Path(store).read_bytes(), PASSWORD, unseal=False)["entries"]
    held = {entry["alias"]: Certificate(entry["chain"][0]) for entry in entries}
    ca, twin, leaf = held["ca"], held["twin"], Certificate(Path(out).read_bytes())
    found = issuance([twin, leaf, ca])
    assert found.path(leaf) == (leaf, ca)
    assert found.path(twin) == (twin,)
    assert set(found.roots) == {ca, twin}
    assert found.leaves == (leaf,)
    # The JDK alone still knows MD2; there the key identifiers decide, and that is said.
    unproven = {leaf, ca, twin} if algorithm == "rsa-md2" else set()
    assert set(found.unverified) == unproven
    if not unproven:
        assert issuance([twin, leaf]).issuers_of(leaf) == ()


@pytest.mark.parametrize(
    ("new", "digest"),
    [
        (["ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"], ["-sha512"]),
        (["ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"], []),
        (["rsa:2048"], ["-md5"]),
        (["rsa:2048"], ["-sha384", "-sigopt", "rsa_padding_mode:pss"]),
        (["rsa:2048"], ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:7"]),
        # All of its parameters are the defaults, which DER leaves out.
        (
            ["rsa:2048"],
            ["-sha1", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20"],
        ),
        (["rsa-pss", "-pkeyopt", "rsa_pss_keygen_md:sha256"], []),
        (
            ["rsa:2048"],
            ["-sha1", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_mgf1_md:sha256"],
        ),
    ],
)
def test_what_openssl_signs(new: list[str], digest: list[str], tmp_path: Path) -> None:
    def root(number: int) -> Certificate:
        file = str(tmp_path / str(number))
        options = ["-nodes", "-subj", "/CN=one", "-outform", "DER", "-keyout", "/dev/null"]
        pki.openssl("req", "-x509", "-newkey", *new, *digest, *options, "-out", file)
        return Certificate(Path(file).read_bytes())

    first, second = root(1), root(2)
    found = issuance([first, second])
    assert found.issuers_of(first) == (first,)
    assert found.issuers_of(second) == (second,)
    if "ec_param_enc:explicit" not in new:  # which cryptography 44 does not read
        assert found.unverified == ()


def test_a_key_of_another_kind_signed_nothing() -> None:
    parts = [der.read(facts(ROOT).tbs)]
    algorithm, signature = facts(ROOT).signature
    for kind in ("RSA", "DSA", "Ed25519"):
        other = pki.spki(pki.key("other", kind))
        assert signatures.signed(other, algorithm, signature, parts[0].raw) is False
    own = facts(ROOT).spki
    assert signatures.signed(own, algorithm, signature, parts[0].raw) is True
    assert signatures.signed(own, algorithm, signature, parts[0].raw + b"\0") is False
    assert signatures.signed(b"junk", algorithm, signature, parts[0].raw) is None
    assert signatures.signed(own, b"junk", signature, parts[0].raw) is None


# --- keys --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["EC", "RSA", "DSA", "Ed25519"])
def test_a_key_is_that_of_its_certificate(kind: str) -> None:
    certificate = Certificate(pki.certificate("keyed", kind=kind))
    own, other = pki.key("keyed", kind), pki.key("unkeyed", kind)
    for key, same in ((own, True), (other, False)):
        assert matches_key(certificate, pki.spki(key)) == same
        bits = pem_keys.public_bits(pem_keys.from_der(pki.pkcs8(key)))
        assert bits is not None
        assert matches_key(certificate, bits) == same
    assert not matches_key(certificate, b"")


def test_how_a_key_is_written_does_not_matter() -> None:
    rsa = Certificate(pki.certificate("keyed", kind="RSA"))
    bits = spki_bits(facts(rsa).spki)
    assert bits is not None
    bare = der.sequence(der.sequence(der.oid("1.2.840.113549.1.1.1")), der.bit_string(bits))
    assert bare != facts(rsa).spki
    assert matches_key(rsa, bare)
    curve = Certificate(pki.certificate("keyed", kind="EC"))
    point = load_der_public_key(facts(curve).spki)
    assert isinstance(point, ec.EllipticCurvePublicKey)
    short = point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    assert matches_key(curve, short)
    assert matches_key(curve, point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    assert not matches_key(curve, bytes((short[0] ^ 1,)) + short[1:])
    # The same point on another curve is another key.
    whole = der.read(facts(curve).spki).items("", 2)
    moved = der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.3.132.0.10"))
    assert not matches_key(curve, der.sequence(moved, whole[1].raw))
