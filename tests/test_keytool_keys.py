"""``storekeeper keytool -genkeypair``, ``-certreq`` and ``-gencert`` beside each JVM's keytool."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests import jvm
from tests.our_keytool import ours, theirs

MODEL = "17.0.9.2"
FEW = [
    pytest.param(v, id=f"java{v.partition('.')[0]}", marks=() if v == MODEL else pytest.mark.slow)
    for v in jvm.VERSIONS
    if not v.startswith("11.")  # whose ECDSA certificates cryptography does not read
]
PASSWORD = "changeit"
GIVEN = ("-storepass", PASSWORD)
# The digest keytool signs with, unless told, is another one in newer versions.
RSA = ("-sigalg", "SHA256withRSA")
EC = ("-sigalg", "SHA256withECDSA")
CA = ("-alias", "ca", "-keyalg", "EC", "-keysize", "256", "-dname", "CN=CA,O=Example")
Word = str | os.PathLike[str]


def run(who: str, version: str, *words: Word) -> None:
    """The words, run by one of the two, which has to succeed."""
    done = ours(*words) if who == "ours" else theirs(jvm.jvm(version), *words)
    assert done.returncode == 0, done


def described(der: bytes) -> tuple[object, ...]:
    """What two certificates of other keys have in common."""
    one = x509.load_der_x509_certificate(der)
    key_ids = (x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier)
    return (
        one.subject.public_bytes(),
        one.issuer.public_bytes(),
        type(one.public_key()).__name__,
        getattr(one.public_key(), "key_size", None),
        one.signature_algorithm_oid,
        one.not_valid_after_utc - one.not_valid_before_utc,
        [
            (e.oid, e.critical, None if isinstance(e.value, key_ids) else e.value)
            for e in one.extensions
        ],
    )


def seen(version: str, path: Path, keypass: str = PASSWORD) -> list[tuple[object, ...]]:
    """The entries of a store as Java sees them, with all that is not random."""
    loaded = jvm.jvm(version).worker.load(path.read_bytes(), PASSWORD, keypass=keypass)
    return sorted(
        (one["alias"], one["kind"], [described(c) for c in one["chain"]], one["key_error"])
        for one in loaded["entries"]
    )


@pytest.mark.parametrize("version", FEW)
@pytest.mark.parametrize(
    "words",
    [
        ("-keyalg", "RSA", "-keysize", "2048", "-ext", "san=dns:a.example,ip:10.0.0.1"),
        ("-keyalg", "EC", "-keysize", "256", "-ext", "bc:c=ca:true", "-validity", "7"),
        ("-keyalg", "RSA", "-keysize", "2048", "-storetype", "JKS", "-keypass", "another1"),
    ],
)
def test_genkeypair(version: str, words: tuple[str, ...], tmp_path: Path) -> None:
    given = ("-genkeypair", "-dname", "CN=a b,O=Example,C=DE", *GIVEN, *words)
    sigalg = RSA if "RSA" in words else EC
    for who in ("theirs", "ours"):
        run(who, version, *given, *sigalg, "-keystore", tmp_path / who)
    keypass = "another1" if "-keypass" in words else PASSWORD
    expected = seen(version, tmp_path / "theirs", keypass)
    assert seen(version, tmp_path / "ours", keypass) == expected
    assert [(one[0], one[3]) for one in expected] == [("mykey", None)]


@pytest.mark.parametrize("version", FEW)
def test_signer_request_and_certificate(version: str, tmp_path: Path) -> None:
    made = {}
    for who in ("theirs", "ours"):
        store = ("-keystore", tmp_path / who, *GIVEN)
        request, answer = tmp_path / f"{who}.csr", tmp_path / f"{who}.crt"
        run(who, version, "-genkeypair", *CA, *EC, "-ext", "bc:c=ca:true", *store)
        leaf = ("-alias", "leaf", "-keyalg", "RSA", "-keysize", "2048", "-dname", "CN=leaf")
        run(who, version, "-genkeypair", *leaf, *EC, "-signer", "ca", *store)
        ask = ("-ext", "san=dns:a.example", "-ext", "ku=digitalSignature", "-file", request)
        run(who, version, "-certreq", "-alias", "leaf", *ask, *store)
        words = ("-infile", request, "-outfile", answer, "-ext", "honored=all", "-rfc")
        run(who, version, "-gencert", "-alias", "ca", *words, *EC, *store)
        found = x509.load_pem_x509_csr(request.read_bytes())
        assert found.is_signature_valid
        certificates = x509.load_pem_x509_certificates(answer.read_bytes())
        made[who] = (
            found.subject,
            [(e.oid, e.critical) for e in found.extensions],
            [described(one.public_bytes(Encoding.DER)) for one in certificates],
            seen(version, tmp_path / who),
            request.read_bytes().count(b"\n"),
        )
    assert made["ours"] == made["theirs"]


def test_asked_for_everything(tmp_path: Path) -> None:
    answers = f"{PASSWORD}\n{PASSWORD}\n"
    names = "First Last\nUnit, One\nOrg\nCity\nState\nDE\nyes\n"
    words = ("-genkeypair", "-keyalg", "EC", "-keysize", "256", *EC, "-keystore")
    for who in ("theirs", "ours"):
        command = (*words, tmp_path / who)
        typed = (answers + names).encode()
        done = (
            ours(*command, input=typed)
            if who == "ours"
            else theirs(jvm.jvm(MODEL), *command, input=typed)
        )
        assert done.returncode == 0, done
    assert seen(MODEL, tmp_path / "ours") == seen(MODEL, tmp_path / "theirs")


def test_suffix_does_not_matter_and_a_key_password_is_not_for_pkcs12(tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    words = ("-genkeypair", *CA, "-keystore", path, *GIVEN, "-keypass", "another1")
    done = ours(*words)
    assert done.returncode == 0
    assert "Ignoring user-specified -keypass value" in done.stderr
    (entry,) = jvm.jvm(MODEL).worker.load(path.read_bytes(), PASSWORD, "PKCS12")["entries"]
    assert entry["key_error"] is None
    before = path.read_bytes()
    again = ours(*words)
    assert again.returncode == 6
    assert "the alias already exists" in again.stderr
    assert ours(*words, "--rc1").returncode == 1
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("-genkeypair", "-dname", "CN=a"), 2),
        (("-genkeypair", "-keyalg", "RSA", "-dname", "nonsense"), 2),
        (("-genkeypair", "-keyalg", "RSA", "-dname", "CN=a", "-validity", "0"), 2),
        (("-genkeypair", "-keyalg", "Enigma", "-dname", "CN=a"), 2),
        (("-certreq",), 4),
        (("-gencert",), 4),
    ],
)
def test_errors_write_nothing(words: tuple[str, ...], status: int, tmp_path: Path) -> None:
    path = tmp_path / "new"
    done = ours(*words, "-keystore", path, *GIVEN)
    assert done.returncode == status, done
    assert not path.exists()
