"""Given `java.security` files, system properties and the JDK's own roots, beside the JREs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged
from storekeeper.trust.runtimes import algorithms, jdk, jdk_blocked
from tests import jvm
from tests.forge import AT
from tests.jdk_judged import CERTPATH, TLS, cases, release, settings_file, verdict_on
from tests.oracle import Oracle


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_defaults_are_those_of_the_release(version: str) -> None:
    of = release(version)
    assert jdk.read(settings_file(version), of) == jdk.defaults(of)
    assert of.version in jdk.MEASURED


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_blocked_certificates_are_those_of_the_release(version: str) -> None:
    security = jvm.jvm(version).home / "lib" / "security"
    (file,) = [*security.glob("blocked.certs"), *security.glob("blacklisted.certs")]
    assert jdk_blocked.read(file.read_text()) == jdk_blocked.BLOCKED
    assert len(jdk_blocked.BLOCKED) == 38


UNDERSTOOD = [
    CERTPATH,
    CERTPATH + "SHA256",
    CERTPATH + "SHA-256",
    CERTPATH + "sha256withECDSA",
    CERTPATH + "SHA256withRSA",
    CERTPATH + "RSA",
    CERTPATH + "EC",
    CERTPATH + "ECDSA",
    CERTPATH + "RSA keySize < 2049",
    CERTPATH + "RSA keySize <= 2047",
    CERTPATH + "RSA keySize == 2048",
    CERTPATH + "RSA keySize != 2048",
    CERTPATH + "RSA keySize > 2000",
    CERTPATH + "RSA keySize >= 2049",
    CERTPATH + "EC keySize < 384",
    CERTPATH + "SHA1 denyAfter 2020-01-01",
    CERTPATH + "SHA256 denyAfter 2026-05-31",
    CERTPATH + "SHA256 denyAfter 2026-06-01",
    CERTPATH + "SHA256 denyAfter 2099-06-01",
    CERTPATH + "RSA denyAfter 2020-01-01",
    CERTPATH + "SHA1 denyAfter 2020-02-31",
    CERTPATH + "EC keySize < 300 & denyAfter 2020-01-01",
    CERTPATH + "EC denyAfter 2020-01-01 & keySize < 300",
    CERTPATH + "SHA1 usage TLSServer",
    CERTPATH + "SHA1 usage TLSClient",
    CERTPATH + "SHA256 usage tlsserver TLSClient",
    CERTPATH + "SHA256 usage TLSClient SignedJAR",
    CERTPATH + "RSA usage TLSServer",
    CERTPATH + "secp256r1",
    CERTPATH + "secp384r1",
    CERTPATH + "NIST P-384",
    CERTPATH + "X9.62 prime256v1",
    CERTPATH + "include jdk.disabled.namedCurves\njdk.disabled.namedCurves=secp384r1, secp521r1",
    CERTPATH + "RSASSA-PSS",
    CERTPATH + "RSASSA-PSS keySize < 4096",
    CERTPATH + "MD5withRSA",
    CERTPATH + "SHA1, SHA384 , \\\n   MD5",
    CERTPATH + '"SHA256"',
    CERTPATH + ",,RSA",
    CERTPATH + "FooBar",
    CERTPATH + "*withRSA",
    CERTPATH + "SHA256 usage",
    CERTPATH + "SHA256 usage Foo",
    CERTPATH + "SHA256 jdkca",
    CERTPATH + "RSA keySize < 1024 &",
    CERTPATH + "RSA keySize < 1024 & keySize > 512",
    TLS,
    TLS + "RSA",
    TLS + "EC",
    TLS + "ECDSA",
    TLS + "SHA256withRSA",
    TLS + "SHA256withECDSA",
    TLS + "EC keySize < 384",
    TLS + "RSA keySize < 2049",
    TLS + "ecdsa_secp256r1_sha256",
    TLS + "rsa_pkcs1_sha256",
    TLS + "secp256r1",
    TLS + "Ed25519",
    TLS + "SHA1",
    TLS + "RSASSA-PSS",
    TLS + "rsa_pkcs1_sha1 usage HandshakeSignature",
    TLS + "rsa_pkcs1_sha1 usage certificateSignature",
    TLS + "TLSv1.3",
    TLS + "TLS_*",
    TLS + "SHA256 usage TLSServer",
    TLS + "SHA1 denyAfter 2020-01-01",
    "jdk.security.allowNonCaAnchor=true",
    "jdk.security.allowNonCaAnchor=TRUE",
    "jdk.security.allowNonCaAnchor=yes",
    "jdk.security.allowNonCaAnchor=",
]
NOT_UNDERSTOOD = [
    CERTPATH + "RSA keysize < 2049",
    CERTPATH + "RSA keySize< 2049",
    CERTPATH + "RSA keySize = 2048",
    CERTPATH + "RSA keySize < abc",
    CERTPATH + "RSA keySize < 99999999999",
    CERTPATH + "RSA foo",
    CERTPATH + "foo bar baz",
    CERTPATH + "RSA & keySize < 1024",
    CERTPATH + "SHA1 denyAfter 2020-13-01",
    CERTPATH + "SHA1 denyAfter 2020-12-32",
    CERTPATH + "SHA1 denyAfter yesterday",
    CERTPATH + "SHA1 jdkCA & jdkCA",
    CERTPATH + "MD5, include foo",
    TLS + "RSA foo",
    TLS + "RSA keySize < abc",
]


def without_now(text: str) -> str:
    """A message without the instant it was judged at, which may be the JVM's own clock."""
    return re.sub(r"params date: .*?(Z|UTC \d{4})", "params date", text)


def beside(texts: Iterable[str], version: str, folder: Path) -> list[str]:
    """Every text in a JVM of its own: Java reads its settings once."""
    different = []
    for text in texts:
        file = folder / "java.security"
        file.write_text(text + "\n")
        oracle = Oracle(jvm.jvm(version), f"-Djava.security.properties={file}")
        settings = jdk.read(text, release(version))
        for case in cases(release(version).feature):
            said = oracle.judge(
                case.chain,
                case.anchors,
                host=case.host,
                manager=case.manager,
                protocol=case.protocol,
                at=AT,
            )
            ours = verdict_on(case, version, settings)
            message = said.message
            if said.word == "failure":  # no handshake, and the reason why
                started = "Initializer" in said.exceptions[0]
                message = said.exceptions[1 if started else 0].partition(": ")[2]
            same = ours.accepts == (said.word == "accept")
            if not same or without_now(ours.message) != without_now(message):
                different.append(f"{text!r}, {case.name}: Java {message!r}, we {ours.message!r}")
        oracle.close()
    return different


def test_disabled_algorithms(tmp_path: Path) -> None:
    """A part of the table; all of it is a sweep."""
    assert beside([*UNDERSTOOD[1::13], *NOT_UNDERSTOOD[::9]], "17.0.9.2", tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_all_disabled_algorithms(version: str, tmp_path: Path) -> None:
    assert beside([*UNDERSTOOD, *NOT_UNDERSTOOD], version, tmp_path) == []


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_unknown_words_stop_everything(text: str) -> None:
    settings = jdk.read(text, release("17.0.9.2"))
    found = verdict_on(cases(17)[0], "17.0.9.2", settings)
    assert (found.accepts, found.rule) == (False, "unusable-settings")
    assert found.message
    assert found.notes[-1].endswith("java.lang.ExceptionInInitializerError")
    lists = [algorithms.rules(one, settings.curves) for one in (settings.certpath, settings.tls)]
    assert any(one.unknown for one in lists)


@given(st.text('RSAkeySize<&= ,20-19usageTLSdenyAfterjdkCA\\"\n', max_size=60))
def test_any_text(text: str) -> None:
    try:
        settings = jdk.read(CERTPATH + text, release("17.0.9.2"))
    except Damaged:
        return
    verdict_on(cases(17)[0], "17.0.9.2", settings)
