"""Chains judged under the settings of a JDK."""

from __future__ import annotations

from datetime import UTC, datetime

from storekeeper.model import Certificate
from storekeeper.trust.runtimes import jdk
from storekeeper.trust.verdict import Verdict, judge
from tests import jvm
from tests.forge import AT, key, make
from tests.verdict_cases import LEAF, SAN, Case, leaf, lone, mid, root

NOW = datetime.fromtimestamp(AT, UTC)
CERTPATH, TLS = "jdk.certpath.disabledAlgorithms=", "jdk.tls.disabledAlgorithms="


def settings_file(version: str) -> str:
    return (jvm.jvm(version).home / "conf" / "security" / "java.security").read_text("utf-8")


def release(version: str) -> jdk.Release:
    found = jdk.release("java" + version.rpartition(".")[0])
    assert found is not None
    return found


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
