"""Keys and signatures: made by us, judged by keytool, Java, OpenSSL and cryptography."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged, StorekeeperError, Unsupported, UsageError
from storekeeper.model import Certificate
from storekeeper.name_text import parse
from storekeeper.names import Name
from storekeeper.pki import issue, keys, requests, signatures
from storekeeper.x509 import facts, key_info
from tests import jvm, pki
from tests.entries import BEGAN, PASSWORD, Entry

KINDS = ("RSA", "RSASSA-PSS", "EC", "DSA", "Ed25519", "Ed448")


@functools.cache
def key(algorithm: str) -> bytes:
    return keys.generate(algorithm, 2048 if algorithm in ("RSA", "RSASSA-PSS", "DSA") else None)


def subject() -> Name:
    return parse("CN=one,O=two")


# -- making -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("RSA", 1024), "RSA 1024"),
        (("rsa", 2048), "RSA 2048"),
        (("RSASSA-PSS", 2048), "RSASSA-PSS 2048"),
        (("EC",), "EC secp384r1"),
        (("EC", 256), "EC secp256r1"),
        (("EC", 521), "EC secp521r1"),
        (("EC", None, "secp256r1"), "EC secp256r1"),
        (("ec", None, "SECP521R1"), "EC secp521r1"),
        (("EC", None, "prime256v1"), "EC secp256r1"),
        (("EC", None, "P-384"), "EC secp384r1"),
        (("DSA", 1024), "DSA 1024"),
        (("EdDSA",), "Ed25519"),
        (("EdDSA", 448), "Ed448"),
        (("EdDSA", None, "ed448"), "Ed448"),
        (("Ed25519", 255), "Ed25519"),
        (("Ed448",), "Ed448"),
        (("XDH",), "X25519"),
        (("XDH", None, "X448"), "X448"),
        (("X25519",), "X25519"),
    ],
)
def test_a_key_is_what_was_asked_for(
    words: tuple[str, int | None, str | None], expected: str
) -> None:
    made = keys.generate(*words)
    spki = keys.spki_of(made)
    assert str(key_info(spki)) == expected
    if not expected.startswith("RSASSA"):
        public = load_der_private_key(made, None).public_key()
        assert public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == spki


def test_no_two_keys_are_the_same() -> None:
    assert keys.generate("EC") != keys.generate("EC")


def test_a_key_for_pss_says_so_without_parameters() -> None:
    made = key("RSASSA-PSS")
    assert keys.algorithm_of(made) == keys.PSS
    algorithm = der.sequence(der.oid(keys.PSS))
    assert der.read(made).items("key")[1].raw == algorithm
    assert der.read(keys.spki_of(made)).items("key")[0].raw == algorithm


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("RSB",), "did you mean 'RSA'"),
        (("",), "one of RSA"),
        (("RSA", 512), "1024 to 16384"),
        (("RSA", 0), "1024 to 16384"),
        (("RSA", 1 << 40), "1024 to 16384"),
        (("RSA", None, "secp256r1"), "no group"),
        (("DSA", 1536), "1024, 2048 or 3072"),
        (("EC", 224), "secp256r1, secp384r1, secp521r1"),
        (("EC", None, "secp256k1"), "secp256r1"),
        (("EC", None, "secp256r2"), "did you mean 'secp256r1'"),
        (("EC", 256, "secp256r1"), "leave out the size"),
        (("EdDSA", 256), "Ed25519, Ed448"),
        (("EdDSA", None, "X448"), "Ed25519, Ed448"),
        (("Ed25519", 448), "no other size"),
        (("X448", None, "X25519"), "no other size"),
    ],
)
def test_no_such_key(words: tuple[str, int | None, str | None], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        keys.generate(*words)
    assert says in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
@pytest.mark.parametrize("algorithm", KINDS)
def test_java_reads_our_keys(version: str, algorithm: str) -> None:
    judge = jvm.jvm(version)
    if algorithm.startswith("Ed") and judge.major < 15:
        pytest.skip("Ed25519 came with Java 15")
    made = key(algorithm)
    certificate = issue.self_signed(made, subject(), not_before=BEGAN)
    entry = {"alias": "a", "kind": "private", "key": made, "chain": [certificate.der]}
    stored = judge.worker.store("PKCS12", PASSWORD, [entry])
    (found,) = judge.worker.load(stored, PASSWORD)["entries"]
    assert found["key_error"] is None
    assert found["key"] is not None
    assert found["key_algorithm"] == ("EdDSA" if algorithm.startswith("Ed") else algorithm)
    assert found["chain"] == [certificate.der]
    # What Java writes of our key is still the key of our certificate.
    assert keys.same_key(found["key"], certificate)


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
@pytest.mark.parametrize(
    "algorithm",
    # Java takes seconds for the others, in a worker that compiles little.
    [kind if kind[0] == "E" else pytest.param(kind, marks=pytest.mark.slow) for kind in KINDS],
)
def test_defaults_are_those_of_each_keytool(version: str, algorithm: str, tmp_path: Path) -> None:
    judge = jvm.jvm(version)
    if algorithm.startswith("Ed") and judge.major < 15:
        pytest.skip("Ed25519 came with Java 15")
    words: list[str | Path] = ["-keystore", tmp_path / "s", "-storepass", PASSWORD, "-alias", "a"]
    judge.worker.keytool("-genkeypair", "-keyalg", algorithm, "-dname", "CN=a", *words)
    judge.worker.keytool("-exportcert", "-file", tmp_path / "c", *words)
    theirs = facts(Certificate((tmp_path / "c").read_bytes()))
    ours = keys.spki_of(keys.generate(algorithm, generation=judge.major))
    assert str(key_info(ours)) == str(theirs.key)
    name = signatures.default_signature(theirs.spki, judge.major)
    assert name == theirs.signature_algorithm.partition(" with ")[0]


# -- the public half ----------------------------------------------------------------------


def test_a_certificate_and_its_key_know_each_other() -> None:
    one, other = key("RSA"), key("EC")
    certificate = issue.self_signed(one, subject(), not_before=BEGAN)
    assert keys.same_key(one, certificate)
    assert not keys.same_key(other, certificate)
    assert not keys.same_key(keys.generate("RSA", 1024), certificate)
    assert not keys.same_key(one, Certificate(b"nothing"))


@given(st.binary(max_size=60))
def test_bytes_that_are_no_key(data: bytes) -> None:
    with pytest.raises((Damaged, Unsupported)):
        keys.spki_of(data)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_changed_key_never_says_what_it_holds(data: st.DataObject) -> None:
    whole = bytearray(key(data.draw(st.sampled_from(("EC", "RSASSA-PSS", "Ed25519")))))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    problem: StorekeeperError | None = None
    try:
        keys.spki_of(bytes(whole))
    except StorekeeperError as error:
        problem = error
    if problem is not None:
        assert bytes(whole[-20:]).hex() not in f"{problem!r} {problem} {problem.hint}"
        assert isinstance(problem, Damaged) or problem.__suppress_context__


def test_a_signer_hides_the_key() -> None:
    found = signatures.signer(key("EC"))
    assert "sign=<hidden>" in repr(found)


# -- signing ------------------------------------------------------------------------------


def kind_for(name: str) -> str:
    return {"RSA": "RSA", "DSA": "DSA", "ECDSA": "EC"}.get(
        name.partition("with")[2], "RSA" if name == "RSASSA-PSS" else name
    )


def test_every_signature_keytool_has_a_word_for_is_known() -> None:
    assert {"SHA256withRSA", "SHA3-512withECDSA", "SHA224withDSA", "SHA512/256withRSA"} <= set(
        signatures.NAMES
    )
    assert {"RSASSA-PSS", "Ed25519", "Ed448"} <= set(signatures.NAMES)


@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
def test_keytool_verifies_every_signature(version: str, tmp_path: Path) -> None:
    """A request is verified by keytool when it reads it, and says how it is signed."""
    judge = jvm.jvm(version)
    tried = 0
    for name in signatures.NAMES:
        newer = ("SHA3-", "SHA384withDSA", "SHA512withDSA", "Ed")
        if judge.major < 17 and name.startswith(newer):
            continue
        made = requests.make(key(kind_for(name)), subject(), signature_algorithm=name)
        path = tmp_path / "request"
        path.write_bytes(requests.pem(made))
        printed = judge.worker.keytool("-printcertreq", "-file", path)
        assert f"Signature algorithm: {name}" in printed
        path.write_bytes(requests.pem(made[:-1] + bytes([made[-1] ^ 1])))
        with pytest.raises(jvm.JavaError):
            judge.worker.keytool("-printcertreq", "-file", path)
        tried += 1
    assert tried >= 15


@pytest.mark.parametrize("name", signatures.NAMES)
def test_what_we_sign_we_verify(name: str) -> None:
    made = key(kind_for(name))
    algorithm, signature = signatures.sign(made, b"some words", name)
    spki = keys.spki_of(made)
    assert signatures.algorithm_name(algorithm) == name
    assert signatures.verify(spki, algorithm, b"some words", signature) is True
    assert signatures.verify(spki, algorithm, b"other words", signature) is False
    other = keys.spki_of(keys.generate("EC" if kind_for(name) != "EC" else "Ed25519"))
    assert signatures.verify(other, algorithm, b"some words", signature) is not True


@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_a_self_signed_certificate(kind: str, tmp_path: Path) -> None:
    certificate = issue.self_signed(key(kind), subject(), not_before=BEGAN, days=9000)
    path = tmp_path / "c.pem"
    path.write_bytes(pki.pem("CERTIFICATE", certificate.der))
    said = pki.openssl("verify", "-check_ss_sig", "-CAfile", str(path), str(path))
    assert said.endswith(b": OK\n")


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("sha256withrsa", "SHA256withRSA"),
        ("1.2.840.113549.1.1.11", "SHA256withRSA"),
        ("rsassa-pss", "RSASSA-PSS"),
        ("ed25519", "Ed25519"),
        ("SHA512/224withRSA", "SHA512/224withRSA"),
    ],
)
def test_words_for_signatures(word: str, name: str) -> None:
    assert signatures.signature_name(word) == name
    assert signatures.signer(key(kind_for(name)), word).name == name


def test_eddsa_is_whatever_the_key_is() -> None:
    assert signatures.signer(key("Ed448"), "EdDSA").name == "Ed448"


@pytest.mark.parametrize(
    ("kind", "word", "says"),
    [
        ("RSA", "SHA256withECDSA", "SHA384withRSA fits"),
        ("RSASSA-PSS", "SHA256withRSA", "RSASSA-PSS fits"),
        ("EC", "Ed25519", "SHA384withECDSA fits"),
        ("Ed25519", "Ed448", "Ed25519 fits"),
        ("RSA", "EdDSA", "SHA384withRSA fits"),
        ("RSA", "SHA265withRSA", "did you mean 'SHA256withRSA'"),
        ("RSA", "NONEwithRSA", "known here"),
        ("RSA", "MD2withRSA", "known here"),
        ("RSA", "", "known here"),
    ],
)
def test_signatures_that_can_not_be(kind: str, word: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        signatures.signer(key(kind), word)
    assert says in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("kind", ["X25519", "X448"])
def test_keys_for_agreement_sign_nothing(kind: str) -> None:
    with pytest.raises(UsageError, match="can't sign") as caught:
        issue.self_signed(keys.generate(kind), subject(), not_before=BEGAN)
    assert "signer" in caught.value.hint


def test_a_digest_too_long_for_the_key() -> None:
    with pytest.raises(Unsupported, match="SHA512") as caught:
        signatures.sign(pss_512(), b"")
    assert "too short" in caught.value.hint


def pss_512() -> bytes:
    """A key of 1024 bits that may only be used with SHA-512, whose salt does not fit."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = pki.pkcs8(rsa.generate_private_key(65537, 1024))
    version, _, numbers = der.read(made).items("key")[:3]
    digest = der.sequence(der.oid("2.16.840.1.101.3.4.2.3"), der.null())
    algorithm = der.sequence(der.oid(keys.PSS), der.sequence(der.explicit(0, digest)))
    return der.sequence(version.raw, algorithm, numbers.raw)


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
@pytest.mark.parametrize("size", [1024, 3072, 3073, 7680, 7681])
def test_signatures_by_size_are_keytools(version: str, size: int, tmp_path: Path) -> None:
    judge = jvm.jvm(version)
    entry = Entry(judge, tmp_path, "a", _large(size), subject())
    theirs = requests.read(entry.made("-certreq", "-file"))
    found = signatures.default_signature(theirs.spki, judge.major)
    assert found == theirs.signature_algorithm


@functools.cache
def _large(size: int) -> bytes:
    return keys.generate("RSA", size)
