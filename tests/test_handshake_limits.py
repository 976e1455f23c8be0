"""What a handshake refuses before or beside the trust manager, proved by real handshakes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from storekeeper import der
from storekeeper.frozen import replace
from storekeeper.model import Certificate
from storekeeper.trust.runtimes import jdk
from storekeeper.trust.verdict import Verdict, judge
from tests import forge, jvm, pki
from tests.forge import AT, key, make, usage
from tests.oracle import Answer, Oracle
from tests.verdict_cases import CA, ROOT, SAN, leaf, mid, root

NOW = datetime.fromtimestamp(AT, UTC)
FEW = [
    pytest.param(version, marks=() if version == "17.0.9.2" else pytest.mark.slow)
    for version in jvm.VERSIONS
]


def shake(oracle: Oracle, chain: Sequence[bytes], protocol: str, **more: str) -> Answer:
    """A whole handshake of a JVM with itself."""
    private: Any = forge.key_of(chain[0])
    fields: list[tuple[str, bytes | str]] = [("chain", one) for one in chain]
    fields += [("anchor", root()), ("manager", "PKIX"), ("protocol", protocol)]
    kind = "RSA" if type(private).__name__.startswith("RSA") else "EC"
    fields += [("at", str(AT * 1000)), ("key", pki.pkcs8(private)), ("keyalg", kind)]
    return oracle.ask("handshake", [*fields, *more.items()])


def ours(
    chain: Sequence[bytes], version: str, protocol: str, *, auth: str = "UNKNOWN", **limits: int
) -> Verdict:
    name = "java" + version.rpartition(".")[0]
    release = jdk.release(name)
    assert release is not None
    settings = replace(jdk.defaults(release), **limits)
    anchors = [Certificate(root())]
    return judge(
        chain, anchors, None, name, protocol=protocol, at=NOW, auth=auth, settings=settings
    )


def same(said: Answer, found: Verdict) -> None:
    # JDK 25 puts the alert it sends before what the trust manager said.
    message = said.message.removeprefix("(certificate_unknown) ")
    assert (found.accepts, found.message) == (said.accepts, message)


def deep(count: int) -> list[bytes]:
    """A chain of that many certificates, without its root."""
    issuer, signer = ROOT, key("root")
    chain: list[bytes] = []
    for number in range(count - 1):
        chain.insert(0, make(f"CN=CA {number}", key("mid"), issuer, signer, *CA))
        issuer, signer = f"CN=CA {number}", key("mid")
    return [leaf(issuer=issuer, signer=signer), *chain]


def sized(total: int, overhead: int, each: int) -> list[bytes]:
    """A chain whose certificate message has exactly that many bytes."""
    above = mid()
    for serial in range(1, 200):
        filling = total - 1000
        for _ in range(4):
            value = der.octet_string(b"x" * filling)
            extensions = (SAN, forge.extension("1.2.3.4", value))
            own = leaf(serial=serial, extensions=extensions)
            size = overhead + len(own) + len(above) + 2 * each
            if size == total:
                return [own, above]
            filling += total - size
    raise AssertionError("no certificate of that size")


@pytest.mark.parametrize("version", FEW)
def test_number_of_certificates(version: str) -> None:
    oracle = Oracle(jvm.jvm(version))
    for count in (9, 10, 11, 12, 100):
        for protocol in ("TLSv1.3", "TLSv1.2"):
            chain = deep(count)
            found = ours(chain, version, protocol)
            same(shake(oracle, chain, protocol), found)
            assert found.accepts is (count <= 10)
            assert found.accepts or found.rule == "chain-length"
    oracle.close()


@pytest.mark.parametrize("version", FEW)
def test_size_of_the_message(version: str) -> None:
    oracle = Oracle(jvm.jvm(version))
    for total in (32_767, 32_768, 32_769, 40_000):
        chain = sized(total, 4, 5)
        found = ours(chain, version, "TLSv1.3")
        same(shake(oracle, chain, "TLSv1.3"), found)
        assert found.accepts is (total <= 32_768)
    # Of TLS 1.2 not the edge itself: there a message ends where a record does, and JDK 17.0.9
    # loses its place in the stream.
    for total in (32_000, 33_000, 40_000):
        chain = sized(total, 3, 3)
        found = ours(chain, version, "TLSv1.2")
        same(shake(oracle, chain, "TLSv1.2"), found)
        assert found.accepts is (total <= 32_768)
    oracle.close()


@pytest.mark.parametrize("version", FEW)
def test_limits_that_are_set(version: str) -> None:
    oracle = Oracle(
        jvm.jvm(version),
        "-Djdk.tls.maxCertificateChainLength=3",
        "-Djdk.tls.maxHandshakeMessageSize=2000",
    )
    chains = [deep(2), deep(3), deep(4), deep(12), sized(2000, 4, 5), sized(2001, 4, 5)]
    for chain in chains:
        found = ours(chain, version, "TLSv1.3", chain_length=3, message_size=2000)
        same(shake(oracle, chain, "TLSv1.3"), found)
    oracle.close()


@pytest.mark.parametrize("version", FEW)
def test_how_keys_are_exchanged(version: str) -> None:
    """What the key of the certificate must be allowed to do, by the cipher suite."""
    oracle = Oracle(jvm.jvm(version))
    own = key("server", "RSA2048")
    for suite, auth in (
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", "RSA"),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE_RSA"),
        ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "DHE_RSA"),
    ):
        for bits in ((0,), (2,), (0, 2), (4,), None):
            extensions = (SAN,) if bits is None else (SAN, usage(*bits))
            chain = [leaf(own=own, extensions=extensions), mid()]
            said = shake(oracle, chain, "TLSv1.2", suite=suite)
            found = ours(chain, version, "TLSv1.2", auth=auth)
            if said.word == "failure":  # the suite is gone: JDK 24 and later
                assert (found.accepts, found.rule) == (False, "no-protocol")
                assert said.message == found.message
            else:
                same(said, found)
    own = key("leaf")
    for bits in ((0,), (2,), (4,)):
        chain = [leaf(own=own, extensions=(SAN, usage(*bits))), mid()]
        suite = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
        said = shake(oracle, chain, "TLSv1.2", suite=suite)
        same(said, ours(chain, version, "TLSv1.2", auth="ECDHE_ECDSA"))
    oracle.close()
