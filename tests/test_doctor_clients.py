"""What clients do in handshakes: the suites each JVM offers, and what is told of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper.doctor import clients
from storekeeper.tls.words import TLS10, TLS12, TLS13
from storekeeper.trust.runtimes import algorithms, jdk
from tests import jvm

SUITES = """
import sys, jpype
jpype.startJVM(sys.argv[1], *sys.argv[2:], convertStrings=True)
context = jpype.JClass("javax.net.ssl.SSLContext").getInstance("TLS")
context.init(None, None, None)
print(*context.getSupportedSSLParameters().getCipherSuites(), sep="\\n")
"""


def supported(java: jvm.Jvm, *options: str) -> set[str]:
    """The suites of TLS 1.2 and before that JSSE has, under IANA's names."""
    library = next(java.home.rglob("libjvm.so"))
    done = subprocess.run(
        [sys.executable, "-c", SUITES, str(library), *options],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return {
        one.replace("SSL_", "TLS_", 1)
        for one in done.stdout.split()
        if "_WITH_" in one and "EXPORT" not in one
    }


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_the_suites_a_jvm_refuses(version: str, tmp_path: Path) -> None:
    """Of all that it has when nothing is disabled, those that are left by its own settings."""
    java = jvm.jvm(version)
    release = jdk.release(f"java{java.major}")
    assert release is not None
    (tmp_path / "none").write_text("jdk.tls.disabledAlgorithms=\n")
    everything = supported(java, f"-Djava.security.properties={tmp_path / 'none'}")
    assert len(everything) > 60
    words = (None, "RC4, MD5, DHE_RSA, SHA384, DSS", "TLS_RSA_*, 3DES_EDE_CBC, ECDSA, AES_128_CBC")
    for text in words if version.startswith("25.") else words[:1]:
        if text is not None:
            (tmp_path / "some").write_text(f"jdk.tls.disabledAlgorithms={text}\n")
        options = () if text is None else (f"-Djava.security.properties={tmp_path / 'some'}",)
        settings = jdk.defaults(release)
        rules = algorithms.rules(text or settings.tls, settings.curves, release.feature)
        left = {one for one in everything if not clients.refuses_suite(rules, one, java.major)}
        assert left == supported(java, *options), text


def test_protocols_and_names() -> None:
    assert clients.protocols("java8u202") == (TLS10, TLS12)
    assert clients.protocols("java8u341") == (TLS10, TLS13)
    assert clients.protocols("java11") == (TLS10, TLS13)
    assert clients.protocols("openssl3") == (TLS10, TLS13)
    assert clients.protocols("webmethods-iaik") == (TLS10, TLS10)
    assert clients.sends_name("java17", "a.example")
    assert not clients.sends_name("java17", "localhost")
    assert not clients.sends_name("java17", "192.0.2.1")
    assert clients.sends_name("openssl3", "localhost")
    assert not clients.sends_name("webmethods-iaik", "a.example")
