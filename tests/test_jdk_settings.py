"""Given `java.security` files, system properties and the JDK's own roots, beside the JREs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged, Unsupported
from storekeeper.frozen import replace
from storekeeper.model import Certificate
from storekeeper.trust.runtimes import algorithms, jdk, jdk_blocked, jdk_distrust, properties
from storekeeper.trust.runtimes.revocation import Revocation
from storekeeper.trust.verdict import Verdict, judge
from tests import altered, jvm
from tests.forge import AT, key, make
from tests.oracle import Oracle
from tests.revocation_cases import of_mid
from tests.verdict_cases import LEAF, SAN, Case, leaf, lone, mid, root

NOW = datetime.fromtimestamp(AT, UTC)
CERTPATH, TLS = "jdk.certpath.disabledAlgorithms=", "jdk.tls.disabledAlgorithms="


def settings_file(version: str) -> str:
    return (jvm.jvm(version).home / "conf" / "security" / "java.security").read_text("utf-8")


def release(version: str) -> jdk.Release:
    found = jdk.release("java" + version.rpartition(".")[0])
    assert found is not None
    return found


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


# -- disabled algorithms ---------------------------------------------------------------------


def by_rsa(**options: object) -> bytes:
    """A leaf of an RSA root."""
    own = {"issuer": "CN=RR", "signer": key("rsa", "RSA2048"), "own": key("rsa leaf", "RSA2048")}
    return leaf(**(own | options))


def cases(feature: int) -> list[Case]:
    r, rr = root(), root(own=key("rsa", "RSA2048"), subject="CN=RR")
    pinned = make(LEAF, key("leaf"), LEAF, key("leaf"), SAN)
    renewed = make(LEAF, key("leaf"), LEAF, key("leaf"), SAN, serial=2)
    found = [
        Case("EC", (leaf(), mid()), (r,)),
        Case("EC in TLS 1.2", (leaf(), mid()), (r,), protocol="TLSv1.2"),
        Case("EC searched", (leaf(), r, mid()), (r,)),
        Case("EC by SunX509", (leaf(), mid()), (r,), manager="SunX509"),
        Case("P-384", (lone(own=key("p384", "P-384")),), (r,)),
        Case("RSA", (by_rsa(),), (rr,)),
        Case("RSA in TLS 1.2", (by_rsa(),), (rr,), protocol="TLSv1.2"),
        Case("RSA by SunX509", (by_rsa(),), (rr,), manager="SunX509"),
        Case("RSA of EC", (lone(own=key("rsa leaf", "RSA2048")),), (r,)),
        Case("RSA-1024", (by_rsa(own=key("small", "RSA1024")),), (rr,)),
        Case("SHA-1", (by_rsa(called="SHA1withRSA"),), (rr,)),
        Case("SHA-1 in TLS 1.2", (by_rsa(called="SHA1withRSA"),), (rr,), protocol="TLSv1.2"),
        Case("SHA-384", (by_rsa(called="SHA384withRSA"),), (rr,)),
        Case("MD5", (by_rsa(called="MD5withRSA"),), (rr,)),
        Case("PSS", (by_rsa(called="RSASSA-PSS"),), (rr,)),
        Case("renewed under an anchor that is no CA", (renewed,), (pinned,)),
    ]
    if feature >= 17:
        found.append(Case("Ed25519", (lone(own=key("ed", "Ed25519")),), (r,)))
    return found


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


def verdict_on(case: Case, version: str, settings: jdk.Settings) -> Verdict:
    return judge(
        case.chain,
        [Certificate(one) for one in case.anchors],
        case.host,
        "java" + version.rpartition(".")[0],
        case.manager,
        case.protocol,
        NOW,
        settings=settings,
    )


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


# -- the file itself -------------------------------------------------------------------------

TEXTS = [
    "a=b",
    "a b",
    "a : b",
    "  a = b\\\n   c",
    "a=b\\\\\n   c",
    "a\\=b=c",
    "a\\ b=c",
    "# a=b\n!c=d\n e=f",
    "a",
    "a=",
    "=a",
    "a=1\na=2",
    "a=\\u0041\\t\\n\\q",
    "a=b\r\nc=d\re=f",
    "a=b\\\n# c",
    "a=b\\",
    "\\\na=b",
    "a==b",
    "a:=b",
    "a\t\f=\fb ",
    "",
]


def test_properties_as_java_reads_them(tmp_path: Path) -> None:
    """Judged by what a security property of that name is, in one JVM."""
    oracle = Oracle(jvm.jvm("17.0.9.2"))
    for text in TEXTS:
        answer = oracle.ask("properties", [("text", text)])
        assert answer.word == "properties", answer
        pairs = answer.exceptions
        found = properties.read(text)
        assert found == dict(zip(pairs[::2], pairs[1::2], strict=True)), text
    assert oracle.ask("properties", [("text", "a=\\u12g4")]).word == "failure"
    oracle.close()
    with pytest.raises(Damaged, match="malformed"):
        properties.read("a=\\u12g4")


def test_what_a_file_does_not_say_is_as_shipped() -> None:
    of = release("21.0.8.2")
    assert jdk.read("", of) == jdk.defaults(of)
    found = jdk.read("jdk.security.caDistrustPolicies=symantec_tls, FOO,\nocsp.enable=TRUE\n", of)
    assert found.distrust == ("SYMANTEC_TLS", "FOO")
    assert found.ocsp
    assert not found.only_end_entity


def test_a_file_that_includes_another() -> None:
    """Another file may say anything: the verdict tells that it was not read."""
    for name, said in (("25.0.2.1", True), ("21.0.8.2", False)):
        settings = jdk.read("include more.security\n", release(name))
        notes = verdict_on(cases(17)[0], name, settings).notes
        assert ("java.security includes more.security, which is not read" in notes) is said


def test_settings_about_revocation() -> None:
    """What an application asks, and what ``java.security`` adds to it."""
    anchors, chain = [Certificate(root())], [leaf(), mid()]

    def message(text: str) -> str:
        settings = jdk.read(text, release("17.0.9.2"))
        asked = Revocation(crls=(of_mid(),))
        return judge(chain, anchors, None, at=NOW, settings=settings, revocation=asked).message

    assert message("").endswith("Could not determine revocation status")
    assert message("com.sun.security.onlyCheckRevocationOfEECert=true") == ""
    assert message("ocsp.enable=true").endswith("Certificate does not specify OCSP responder")


def test_other_digests_of_blocked_certificates() -> None:
    assert jdk_blocked.read("Algorithm=SHA-256\nAB01\n") == {"ab01"}
    with pytest.raises(Unsupported, match="SHA-1"):
        jdk_blocked.read("Algorithm=SHA-1\nAB01\n")


# -- roots and certificates the JDK knows ----------------------------------------------------


def test_blocked_certificates(tmp_path: Path) -> None:
    """What stands in the file of a JRE is refused wherever it is in a path."""
    blocked = (leaf(), mid(), root(), lone())
    one = altered.copy("17.0.9.2", tmp_path)
    for certificate in blocked:
        sha256 = Certificate(certificate).sha256
        text = f"Algorithm=SHA-256\n{sha256.upper()}\n"
        altered.rewrite(one.home / "lib" / "security" / "blocked.certs", text.encode())
        settings = replace(jdk.defaults(release("17.0.9.2")), blocked=jdk_blocked.read(text))
        oracle = Oracle(one)
        for case in (
            Case("validated", (leaf(), mid()), (root(),)),
            Case("searched", (leaf(), root(), mid()), (root(),)),
            Case("SunX509", (leaf(), mid()), (root(),), manager="SunX509"),
            Case("pinned", (leaf(),), (leaf(),)),
            Case("short", (lone(),), (root(),)),
        ):
            said = oracle.judge(
                case.chain, case.anchors, host=case.host, manager=case.manager, at=AT
            )
            ours = verdict_on(case, "17.0.9.2", settings)
            assert (ours.accepts, ours.message) == (said.accepts, said.message), case.name
        oracle.close()


@pytest.mark.parametrize("version", [jvm.VERSION_PARAMS[1], *jvm.VERSION_PARAMS[3:]])
def test_roots_of_the_jdk(version: str, tmp_path: Path) -> None:
    """``jdkCA``: SHA-1 below a root of cacerts whose alias says it is the JDK's own."""
    r, rr = root(), root(own=key("rsa", "RSA2048"), subject="CN=RR")
    own = altered.with_roots(version, tmp_path, {"private": r, "rsa": rr})
    oracle = Oracle(own)
    known = frozenset({Certificate(r).sha256, Certificate(rr).sha256})
    for case in (
        Case("plain", (leaf(), mid()), (r,)),
        Case("SHA-1 leaf", (lone(called="SHA1withECDSA"),), (r,)),
        Case("SHA-1 leaf in TLS 1.2", (lone(called="SHA1withECDSA"),), (r,), protocol="TLSv1.2"),
        Case("SHA-1 intermediate", (leaf(), mid(called="SHA1withECDSA")), (r,)),
        Case("SHA-1 searched", (leaf(), r, mid(called="SHA1withECDSA")), (r,)),
        Case("SHA-1 by SunX509", (lone(called="SHA1withECDSA"),), (r,), manager="SunX509"),
        Case("SHA-1 with RSA", (by_rsa(called="SHA1withRSA"),), (rr,)),
        Case("RSA-1024", (lone(own=key("small", "RSA1024")),), (r,)),
    ):
        said = oracle.judge(
            case.chain,
            case.anchors,
            host=case.host,
            manager=case.manager,
            protocol=case.protocol,
            at=AT,
        )
        ours = judge(
            case.chain,
            [Certificate(one) for one in case.anchors],
            case.host,
            "java" + version.rpartition(".")[0],
            case.manager,
            case.protocol,
            NOW,
            jdk_roots=known,
        )
        assert (ours.accepts, ours.message) == (said.accepts, said.message), case.name
    oracle.close()


def test_days_of_distrust(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here can issue below a distrusted root: one of ours stands in for it."""
    sha256 = Certificate(root()).sha256
    monkeypatch.setitem(
        jdk_distrust.POLICIES, "ENTRUST_TLS", (frozenset({sha256}), "Entrust", "2026-05-01")
    )
    last = int(datetime(2026, 5, 1, 23, 59, 59, tzinfo=UTC).timestamp())
    for start, release_name, accepts in (
        (last, "java21.0.8", True),
        (last + 1, "java21.0.8", False),
        (last + 1, "java21.0.4", True),
        (last + 1, "java17.0.13", False),
        (last + 1, "java17.0.12", True),
        (last + 1, "java11.0.25", False),
        (last + 1, "java8u431", False),
        (last + 1, "java8u421", True),
        (last + 1, "java23.0.1", False),
        (last + 1, "java22.0.2", True),
        (last + 1, "java25", False),
    ):
        chain = [leaf(start=start), mid()]
        found = judge(chain, [Certificate(root())], None, release_name, at=NOW)
        assert found.accepts is accepts, release_name
        if not accepts:
            assert found.rule == "distrusted-root"
            assert found.message.endswith(
                "TLS Server certificate issued after 2026-05-01 and anchored by a distrusted "
                "legacy Entrust root CA: O=Example, CN=Root"
            )
    # The leaf itself in the store is trusted at once.
    assert judge([leaf(start=last + 1)], [Certificate(leaf(start=last + 1))], None, at=NOW).accepts


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("java8u452", 9), ("java8u472", 5), ("java11.0.28", 9), ("java11.0.29", 5),
        ("java17.0.15", 9), ("java17.0.17", 5), ("java21.0.8", 9), ("java21.0.9", 5),
        ("java24.0.2", 9), ("java25.0.0", 9), ("java25.0.2", 5), ("java26.0.0", 5),
    ],
)  # fmt: skip
def test_affirmtrust_is_no_longer_distrusted_where_it_is_no_longer_shipped(
    name: str, count: int
) -> None:
    """Counted in EntrustTLSPolicy of 17.0.15, 21.0.8, 25.0.2 and 25.0.3; else JDK-8361212."""
    release = jdk.release(name)
    assert release is not None
    assert len(jdk_distrust.distrusts("ENTRUST_TLS", release)) == count
    assert jdk_distrust.distrusts("UNKNOWN_TLS", release) == frozenset()
    assert len(jdk_distrust.AFFIRMTRUST & jdk_distrust.ENTRUST) == 4


@pytest.mark.parametrize("major", [21, 25])
def test_distrusted_roots_are_those_in_the_classes_of_the_jre(major: int) -> None:
    """Fingerprints are text in the JDK's classes, which these two JREs hold uncompressed."""
    java = jvm.by_major(major)
    release = jdk.release(f"java{java.version.rpartition('.')[0]}")
    assert release is not None
    found = set(re.findall(rb"[0-9A-F]{64}", (java.home / "lib" / "modules").read_bytes()))
    every = {one for roots, *_ in jdk_distrust.POLICIES.values() for one in roots}
    there = {one for one in every if one.upper().encode() in found}
    ours = {
        one
        for policy in jdk.distrusting(release)
        for one in jdk_distrust.distrusts(policy, release)
    }
    assert there == ours
    assert len(ours) == {21: 26, 25: 22}[major]


def test_policies_that_are_known() -> None:
    sizes = {name: len(roots) for name, (roots, *_) in jdk_distrust.POLICIES.items()}
    assert sizes == {"SYMANTEC_TLS": 16, "ENTRUST_TLS": 9, "CAMERFIRMA_TLS": 1, "CHUNGHWA_TLS": 1}
    newest = jdk.release("java27")
    assert newest is not None
    assert set(jdk.distrusting(newest)) == set(jdk_distrust.POLICIES)
