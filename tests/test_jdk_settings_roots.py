"""Roots and certificates a JDK knows: its own, the blocked, the distrusted."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storekeeper.errors import Unsupported
from storekeeper.frozen import replace
from storekeeper.model import Certificate
from storekeeper.trust.runtimes import jdk, jdk_blocked, jdk_distrust
from storekeeper.trust.verdict import judge
from tests import altered, jvm
from tests.forge import AT, key
from tests.jdk_judged import NOW, by_rsa, release, verdict_on
from tests.oracle import Oracle
from tests.verdict_cases import Case, leaf, lone, mid, root


def test_other_digests_of_blocked_certificates() -> None:
    assert jdk_blocked.read("Algorithm=SHA-256\nAB01\n") == {"ab01"}
    with pytest.raises(Unsupported, match="SHA-1"):
        jdk_blocked.read("Algorithm=SHA-1\nAB01\n")


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
