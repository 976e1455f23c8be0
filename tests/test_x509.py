"""Facts of certificates, judged by cryptography, by the JVMs and by OpenSSL."""

from __future__ import annotations

import pickle
import subprocess
import warnings
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from storekeeper import der
from storekeeper.errors import Damaged
from storekeeper.extensions import SUBJECT_ALT_NAME
from storekeeper.model import Certificate
from storekeeper.x509 import Facts, facts, facts_or_none, key_info
from tests import jvm
from tests.real_roots import real_roots
from tests.x509_judges import CURVES, agree, encoded, java_agrees, made


def test_roots_agree_with_cryptography() -> None:
    compared = 0
    for root in real_roots():
        ours = Facts(root)
        assert ours.problems == ()
        with warnings.catch_warnings():  # about serial numbers and NULL parameters
            warnings.simplefilter("ignore")
            try:
                judge = x509.load_der_x509_certificate(root)
                judge.public_key()
            except ValueError:
                continue
            agree(ours, judge)
        compared += 1
    assert compared > 100


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_roots_agree_with_java(version: str) -> None:
    java = jvm.jvm(version)
    requests = [{"op": "certificate", "der": root} for root in real_roots()]
    answers = java.worker.call("many", requests=requests)
    refused = 0
    for root, answer in zip(real_roots(), answers, strict=True):
        if answer["ok"]:
            java_agrees(Facts(root), answer["result"], major=java.major)
        refused += not answer["ok"]
    assert refused < 5


# -- certificates of every kind -----------------------------------------------------------

_SIGNED: dict[str, tuple[dict[str, Any], str, str]] = {
    "RSA": ({"kind": "rsa2048", "digest": hashes.SHA256()}, "RSA 2048", "SHA256withRSA"),
    "RSA odd size": ({"kind": "rsa1025", "digest": hashes.SHA512()}, "RSA 1025", "SHA512withRSA"),
    "PSS": (
        {
            "kind": "rsa2048",
            "digest": hashes.SHA384(),
            "rsa_padding": padding.PSS(padding.MGF1(hashes.SHA384()), 48),
        },
        "RSA 2048",
        "RSASSA-PSS with SHA-384",
    ),
    "DSA": ({"kind": "dsa", "digest": hashes.SHA256()}, "DSA 1024", "SHA256withDSA"),
    "Ed25519": ({"kind": "ed25519"}, "Ed25519", "Ed25519"),
    "Ed448": ({"kind": "ed448"}, "Ed448", "Ed448"),
    **{
        curve: (
            {"kind": curve, "digest": hashes.SHA512()},
            f"EC {curve}",
            "SHA512withECDSA",
        )
        for curve in CURVES
    },
}


@pytest.mark.parametrize("kind", _SIGNED)
def test_keys_and_signatures(kind: str) -> None:
    options, key_text, signature = _SIGNED[kind]
    certificate = made(**options)
    ours = Facts(encoded(certificate))
    agree(ours, certificate)
    assert str(ours.key) == key_text
    assert ours.signature_algorithm == signature
    assert not ours.is_ca
    assert ours.self_issued
    java = jvm.newest()
    answer = java.worker.call(
        "many", requests=[{"op": "certificate", "der": encoded(certificate)}]
    )[0]
    if answer["ok"]:  # Java has lost the smaller curves
        java_agrees(ours, answer["result"], major=java.major)
    else:
        assert kind in CURVES


def test_a_certificate_of_version_1(tmp_path: Path) -> None:
    private, request, out = (tmp_path / name for name in ("key", "csr", "der"))
    generate = f"openssl req -new -newkey rsa:2048 -nodes -subj /CN=v1 -keyout {private}"
    subprocess.run(
        f"{generate} -out {request}".split(),
        check=True,
        capture_output=True,
    )
    subprocess.run(
        f"openssl x509 -req -in {request} -key {private} -days 9 -outform DER -out {out}".split(),
        check=True,
        capture_output=True,
    )
    data = out.read_bytes()
    ours = Facts(data)
    agree(ours, x509.load_der_x509_certificate(data))
    if ours.version == 1:  # OpenSSL from 3.2 on no longer makes them
        assert ours.is_ca
        assert ours.extensions == {}
        assert ours.extension(SUBJECT_ALT_NAME) is None


# -- certificates as entries --------------------------------------------------------------


def test_facts_are_kept_with_the_certificate() -> None:
    certificate = Certificate(encoded(made()))
    assert facts(certificate) is facts(certificate)
    assert facts_or_none(certificate) is facts(certificate)
    again = pickle.loads(pickle.dumps(certificate))
    assert again == certificate
    assert facts(again).subject == facts(certificate).subject


def test_bytes_that_are_no_certificate() -> None:
    certificate = Certificate(b"<html>no certificate</html>")
    for _ in range(2):
        with pytest.raises(Damaged, match="unreadable certificate") as caught:
            facts(certificate)
        assert caught.value.offset == 0
    assert facts_or_none(certificate) is None


def test_keys_of_tomorrow() -> None:
    def spki(oid: str, *parameters: bytes, bits: bytes = b"\0k") -> bytes:
        algorithm = der.sequence(der.oid(oid), *parameters)
        return der.sequence(algorithm, der.encode(der.BIT_STRING, bits))

    assert str(key_info(spki("1.2.3.4"))) == "1.2.3.4"
    assert str(key_info(spki("2.16.840.1.101.3.4.3.18"))) == "ML-DSA-65"
    assert str(key_info(spki("1.2.840.10045.2.1", der.oid("1.2.3")))) == "EC 1.2.3"
    explicit = key_info(spki("1.2.840.10045.2.1", der.sequence()))
    assert (explicit.curve, explicit.bits) == ("explicit parameters", None)
    assert str(key_info(spki("1.2.840.10045.2.1"))) == "EC"
    assert str(key_info(spki("1.2.840.113549.1.1.1"))) == "RSA"
    with pytest.raises(Damaged):
        key_info(b"\x30\x00")
