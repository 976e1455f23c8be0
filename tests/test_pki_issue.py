"""Certificates made: the same bytes as keytool's, and chains that others accept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import Damaged, Unsupported, UsageError
from storekeeper.frozen import replace
from storekeeper.model import Certificate
from storekeeper.name_text import parse
from storekeeper.names import Name
from storekeeper.pki import issue, keys, requests, signatures
from storekeeper.pki.ext_text import parse_all
from storekeeper.times import DAY
from storekeeper.x509 import facts
from tests import jvm, pki
from tests.entries import BEGAN, PASSWORD, Entry, ext, tbs
from tests.issued import SUBJECT, leaf, request, root

# -- the same as keytool ------------------------------------------------------------------


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_a_self_signed_certificate_is_keytools(version: str, tmp_path: Path) -> None:
    """Same key, names, serial number and dates: the same bytes, for Ed25519 signed too."""
    judge = jvm.jvm(version)
    if judge.major < 17:
        pytest.skip("Java 11 has other extensions first, and other parameters of algorithms")
    words = ("san=dns:a,ip:10.0.0.1", "bc:critical=ca:true,pathlen:0", "ku=kCS", "eku=sA,cA")
    for number, (kind, dname, more, asked) in enumerate(
        [
            ("Ed25519", "CN=one,O=two,C=DE", (), words),
            ("Ed448", "CN=\u00e4,EMAILADDRESS=a@b.c,DC=x", ("-validity", "36500"), ()),
            ("EC", "CN=one", ("-startdate", "2049/12/31 23:00:00"), ("2.5.29.14=04020102",)),
            ("EC", 'CN="a,b" + OU=c', ("-sigalg", "SHA512withECDSA"), words),
        ]
    ):
        store: list[str | Path] = [
            "-keystore",
            tmp_path / f"{number}",
            "-storepass",
            PASSWORD,
            "-alias",
            "a",
        ]
        judge.worker.keytool(
            *("-genkeypair", "-keyalg", kind, "-dname", dname, *more, *ext(*asked), *store)
        )
        (entry,) = judge.worker.load((tmp_path / f"{number}").read_bytes(), PASSWORD)["entries"]
        theirs = Certificate(entry["chain"][0])
        read = facts(theirs)
        assert entry["key"] is not None
        ours = issue.self_signed(
            entry["key"],
            parse(dname),
            not_before=read.not_before or 0,
            days=36500 if "-validity" in more else 90,
            serial=read.serial,
            extensions=parse_all(asked).extensions,
            signature_algorithm="SHA512withECDSA" if "-sigalg" in more else None,
            generation=judge.major,
        )
        if kind == "EC" and judge.major < 25:
            # They write the parameters that RFC 5758 forbids.
            assert _without_algorithm(ours) == _without_algorithm(theirs)
        else:
            assert tbs(ours) == tbs(theirs)
        if kind.startswith("Ed"):
            assert ours == theirs


def _without_algorithm(certificate: Certificate) -> list[bytes]:
    fields = der.read(tbs(certificate)).items("tbs")
    return [field.raw for number, field in enumerate(fields) if number != 2]


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_an_issued_certificate_is_keytools(version: str, tmp_path: Path) -> None:
    """RSA signs without chance: all bytes are the same."""
    judge = jvm.jvm(version)
    if judge.major < 17:
        pytest.skip("Java 11 writes the extensions in another order")
    request = requests.make(
        pki.pkcs8(pki.key("leaf")), SUBJECT, parse_all(("san=dns:a", "bc")).extensions
    )
    path = tmp_path / "request"
    path.write_bytes(requests.pem(request))
    private = pki.pkcs8(pki.key("ca", "RSA"))
    # With a key identifier of its own kind, with the usual one.
    for number, words in enumerate([("bc", "2.5.29.14=04020102"), ("bc",)]):
        ca = Entry(judge, tmp_path, f"ca{number}", private, parse("CN=ca, O=x"), ext=words)
        answers: list[tuple[tuple[str, ...], tuple[str, ...], dict[str, Any]]] = [
            ((), (), {}),
            (("-validity", "7"), ("honored=all", "ku=dig"), {"days": 7}),
            (("-dname", "CN=other"), ("san=dns:b",), {"subject": parse("CN=other")}),
            (
                ("-sigalg", "SHA512withRSA"),
                ("honored=san",),
                {"signature_algorithm": "SHA512withRSA"},
            ),
        ]
        for more, asked, options in answers:
            theirs = Certificate(
                ca.made("-gencert", "-outfile", "-infile", path, *more, *ext(*asked))
            )
            read = facts(theirs)
            ours = issue.answer(
                requests.read(request),
                ca.certificate,
                private,
                not_before=read.not_before or 0,
                serial=read.serial,
                asked=parse_all(asked),
                generation=judge.major,
                **options,
            )
            assert ours == theirs, asked


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_keytool_takes_our_chain(version: str, tmp_path: Path) -> None:
    judge = jvm.jvm(version)
    for name, certificate in (("root", root()), ("leaf", leaf("san=dns:a"))):
        path = tmp_path / f"{name}.der"
        path.write_bytes(certificate.der)
        printed = judge.worker.keytool("-printcert", "-file", path)
        assert f"Serial number: {facts(certificate).serial:x}" in printed
    store: list[str | Path] = ["-keystore", tmp_path / "s", "-storepass", PASSWORD]
    judge.worker.keytool(
        *("-importcert", "-noprompt", "-alias", "root", "-file", tmp_path / "root.der", *store)
    )
    # An answer to a key entry is taken when its chain ends in the store.
    entry = {
        "alias": "leaf",
        "kind": "private",
        "key": pki.pkcs8(pki.key("leaf")),
        "chain": [pki.certificate("leaf")],
    }
    trusted = {"alias": "root", "kind": "trusted", "chain": [root().der]}
    (tmp_path / "k").write_bytes(judge.worker.store("PKCS12", PASSWORD, [entry, trusted]))
    store[1] = tmp_path / "k"
    judge.worker.keytool("-importcert", "-alias", "leaf", "-file", tmp_path / "leaf.der", *store)
    loaded = judge.worker.load((tmp_path / "k").read_bytes(), PASSWORD)["entries"]
    chains = [entry["chain"] for entry in loaded if entry["kind"] == "private"]
    assert [Certificate(one) for one in chains[0]][1] == root()


# -- the same as OpenSSL has it -----------------------------------------------------------


@pytest.mark.parametrize("kind", ["RSA", "EC", "DSA", "Ed25519"])
def test_openssl_verifies_a_chain(kind: str, tmp_path: Path) -> None:
    name = f"root {kind}"
    issuer = root(kind, name)
    issued = issue.issue(
        pki.spki(pki.key("leaf")),
        SUBJECT,
        issuer,
        pki.pkcs8(pki.key(name, kind)),
        not_before=BEGAN,
        days=9000,
        extensions=parse_all(("san=dns:a.example.com", "eku=sA")).extensions,
    )
    for path, certificate in (("root", issuer), ("leaf", issued)):
        (tmp_path / path).write_bytes(pki.pem("CERTIFICATE", certificate.der))
    words: tuple[str, ...] = (
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-verify_hostname",
        "a.example.com",
    )
    if kind == "DSA":
        words = words[1:]  # strictness wants parameters where we leave them out
    said = pki.openssl("verify", *words, "-CAfile", str(tmp_path / "root"), str(tmp_path / "leaf"))
    assert said.endswith(b": OK\n")


def test_key_identifiers_meet() -> None:
    read = facts(leaf())
    assert read.authority_key_id == facts(root()).subject_key_id
    assert read.issuer == facts(root()).subject
    x509.load_der_x509_certificate(leaf().der).verify_directly_issued_by(
        x509.load_der_x509_certificate(root().der)
    )


@given(
    st.sampled_from((der.T61_STRING, der.BMP_STRING, der.UTF8_STRING)), st.text("abc", min_size=1)
)
def test_the_issuers_name_is_never_encoded_again(tag: int, text: str) -> None:
    value = der.encode(tag, text.encode("utf-16-be" if tag == der.BMP_STRING else "latin-1"))
    name = Name(der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"), value))))
    private = pki.pkcs8(pki.key())
    issuer = issue.self_signed(private, name, not_before=BEGAN)
    issued = issue.issue(pki.spki(pki.key("leaf")), SUBJECT, issuer, private, not_before=BEGAN)
    assert facts(issued).issuer.der == name.der


def test_an_issuer_without_an_identifier() -> None:
    """Then it is what the identifier would have been."""
    issuer = Certificate(
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(pki.key().public_key())
        .serial_number(1)
        .not_valid_before(datetime.fromtimestamp(BEGAN, UTC))
        .not_valid_after(datetime.fromtimestamp(BEGAN + DAY, UTC))
        .sign(pki.key(), SHA256())
        .public_bytes(Encoding.DER)
    )
    issued = issue.issue(
        pki.spki(pki.key("leaf")), SUBJECT, issuer, pki.pkcs8(pki.key()), not_before=BEGAN
    )
    expected = x509.SubjectKeyIdentifier.from_public_key(pki.key().public_key()).digest
    assert facts(issued).authority_key_id == expected


def test_a_key_that_can_not_sign_may_be_certified() -> None:
    spki = keys.spki_of(keys.generate("X25519"))
    issued = issue.issue(spki, SUBJECT, root(), pki.pkcs8(pki.key("root")), not_before=BEGAN)
    assert str(facts(issued).key) == "X25519"


def test_nothing_is_taken_over_unasked() -> None:
    made = issue.answer(request(), root(), pki.pkcs8(pki.key("root")), not_before=BEGAN)
    assert set(facts(made).extensions) == {"2.5.29.14", "2.5.29.35"}
    assert facts(made).subject == SUBJECT
    assert not facts(made).is_ca


def test_a_request_of_somebody_else_is_not_answered() -> None:
    private = pki.pkcs8(pki.key("root"))
    forged = replace(request(), verified=False)
    with pytest.raises(Damaged, match="its own key") as caught:
        issue.answer(forged, root(), private, not_before=BEGAN)
    assert caught.value.hint
    with pytest.raises(Unsupported, match=forged.signature_algorithm):
        issue.answer(replace(forged, verified=None), root(), private, not_before=BEGAN)


def test_the_issuers_key_must_be_its_own() -> None:
    with pytest.raises(UsageError, match="does not belong"):
        issue.issue(
            pki.spki(pki.key("leaf")), SUBJECT, root(), pki.pkcs8(pki.key()), not_before=BEGAN
        )
    with pytest.raises(UsageError, match="can't be made with a key for EC"):
        issue.self_signed(
            pki.pkcs8(pki.key()), SUBJECT, not_before=BEGAN, signature_algorithm="SHA256withRSA"
        )


def test_our_signature_is_the_keys() -> None:
    parts = der.read(leaf().der).items("certificate")
    spki = facts(root()).spki
    signature = parts[2].bits("signature")
    assert signatures.verify(spki, parts[1].raw, parts[0].raw, signature) is True
    assert signatures.verify(spki, parts[1].raw, parts[0].raw + b"x", signature) is False
