"""Every kind of evidence, of real programs where they are there: each conclusion names its line or
packet, and that is where it stands; broken on purpose, each is read as far as it goes.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper.doctor import gathered, reading
from storekeeper.doctor.values import Diagnosis
from storekeeper.errors import UnknownFormat
from storekeeper.identity.recorded import recorded
from storekeeper.tls.evidence import read
from tests import captures, java_debug, jvm, mutations, pki, servers
from tests.captures import frames, relay
from tests.doctoring import GONE, leaf, mid, root, served
from tests.forge import key
from tests.servers.bench import HOST, folder
from tests.test_evidence_debug_log_8 import LOG, TRUSTED
from tests.test_evidence_iaik_log import NO_CERTIFICATE, PROTOCOL, REJECTED

NOW = int(time.time())


@functools.cache
def packets() -> list[bytes]:
    """Of a TLS 1.2 handshake that wants a client certificate, and gets none."""
    made = served(leaf(**GONE), mid(), authorities=(root(),), client="required").but(
        versions=("TLSv1.2", "TLSv1.2")
    )
    with servers.openssl(made) as running, relay(HOST, running.port) as (port, talks):
        subprocess.run(
            ["openssl", "s_client", "-connect", f"{HOST}:{port}"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        )  # fmt: skip
    return frames(talks[0])


def s_client() -> bytes:
    with servers.openssl(served(leaf(**GONE))) as running:
        done = subprocess.run(
            ["openssl", "s_client", "-connect", running.at, "-showcerts"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        )  # fmt: skip
    return done.stderr + done.stdout


def curl() -> bytes:
    found = shutil.which("curl")
    if found is None:
        pytest.skip("curl is not installed")
    with servers.openssl(served(leaf(), mid())) as running:
        return subprocess.run(
            [found, "-v", "--noproxy", "*", f"https://{running.at}/"], capture_output=True,
            timeout=20,
        ).stderr  # fmt: skip


def keytool() -> bytes:
    with folder() as where:
        (where / "id.pem").write_bytes(
            pki.pem("PRIVATE KEY", pki.pkcs8(key("leaf"))) + pki.pem("CERTIFICATE", leaf(**GONE))
        )
        pki.openssl("pkcs12", "-export", "-in", str(where / "id.pem"), "-out",
                    str(where / "id.p12"), "-name", "me", "-passout", "pass:changeit")  # fmt: skip
        done = jvm.by_major(17).keytool(
            "-list", "-v", "-keystore", where / "id.p12", "-storepass", "changeit"
        )
    return done.stdout.encode()


TRACE = b"""2026-11-21 03:12:44 ERROR c.e.Client - failed
javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.\
SunCertPathBuilderException: unable to find valid certification path to requested target
\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)
Caused by: sun.security.validator.ValidatorException: PKIX path building failed
\t... 12 more
"""
APIGEE = json.dumps(
    {"certInfo": [{"issuer": "CN=CA A", "subject": "CN=api.example.com", "expiryDate":
     1578889324000, "validFrom": 1484281324000}], "certName": "api.example.com-cert"}, indent=1,
).encode()  # fmt: skip

KINDS: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "debug log of JDK 8": (
        (LOG + TRUSTED).encode, ["expired-entry", "no-client-certificate-sent"]
    ),
    "debug log of JDK 11": (
        lambda: java_debug.client("11.0.13.1", "all", "TLSv1.3", trusted=False).text,
        ["unknown-root"],
    ),
    "debug log of JDK 17": (
        lambda: java_debug.client("17.0.9.2", "ssl:handshake", "TLSv1.2", issuer="").text,
        ["no-client-certificate-sent"],
    ),
    "debug log of JDK 25": (
        lambda: java_debug.client("25.0.2.1", "ssl", "TLSv1.2", trusted=False).text,
        ["unknown-root"],
    ),
    "IAIK": (PROTOCOL.encode, ["protocol-too-old"]),
    "IAIK, rejected": (REJECTED.encode, ["unknown-root"]),
    "IAIK, no certificate": (NO_CERTIFICATE.encode, ["no-client-certificate-sent"]),
    "stack trace": (lambda: TRACE, ["unknown-root"]),
    "s_client": (s_client, ["expired", "missing-intermediate"]),
    "curl": (curl, ["unknown-issuer"]),
    "keytool": (keytool, ["expired-entry"]),
    "Apigee": (lambda: APIGEE, ["expired-entry"]),
    "pcap": (lambda: captures.pcap(packets()), ["expired", "no-client-certificate-sent"]),
    "pcapng": (lambda: captures.pcapng(packets()), ["expired", "no-client-certificate-sent"]),
    "mixture": (
        lambda: b"Dear support,\n\n" + TRACE + b"\n" + s_client() + NO_CERTIFICATE.encode(),
        ["expired", "missing-intermediate", "no-client-certificate-sent"],
    ),
}  # fmt: skip


@functools.cache
def sample(kind: str) -> bytes:
    return KINDS[kind][0]()


def consulted(data: bytes, name: str = "sent.log") -> list[Diagnosis]:
    return list(reading.diagnose(gathered.gather(read(data, name)), (), NOW))


_PLACE = re.compile(r"sent\.log, (line|packet) (\d+)[:)]")


@pytest.mark.parametrize("kind", KINDS)
def test_each_conclusion_names_its_place(kind: str) -> None:
    data = sample(kind)
    found = consulted(data)
    assert sorted(one.code for one in found) == KINDS[kind][1]
    lines = [b"", *data.split(b"\n")]
    for one in found:
        assert one.proofs
        for proof in one.proofs:
            places = _PLACE.findall(proof)
            assert places, proof
            assert proof.startswith("sent.log, ")
            for unit, number in places:
                if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x0a\x0d\x0d\x0a"):
                    assert unit == "packet"
                    assert 1 <= int(number) <= len(packets())
                else:
                    assert unit == "line"
                    assert lines[int(number)].strip(), proof
    assert all(one.what and one.steps for one in found)


def test_the_line_is_the_one_that_says_it() -> None:
    data = b"\n" * 700 + TRACE
    (one,) = consulted(data)
    assert one.proofs[0].startswith("sent.log, line 702: javax.net.ssl.SSLHandshakeException: PKIX")
    one, *_ = [each for each in consulted(sample("s_client")) if each.code == "expired"]
    lines = [b"", *sample("s_client").split(b"\n")]
    said = {lines[int(number)] for proof in one.proofs for _, number in _PLACE.findall(proof)}
    assert any(b"verify error:num=10" in line for line in said)


def broken(kind: str, seed: int) -> bytes:
    chance = Random(f"{kind} {seed}")
    data = sample(kind)
    for _ in range(chance.choice((1, 1, 2, 6))):
        if data:
            data = chance.choice(mutations._PLAIN)(data, chance)
    return data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "count", [pytest.param(12, id="few"), pytest.param(600, id="many", marks=pytest.mark.slow)]
)
def test_broken_on_purpose(kind: str, count: int) -> None:
    """No error but ours, in bounded time, and every proof has its place."""
    for seed in range(count):
        data = broken(kind, seed)
        begun = time.process_time()
        pieces = read(data, "sent.log")
        found = gathered.gather(pieces)
        with contextlib.suppress(UnknownFormat):
            found.expect_something()
        for one in reading.diagnose(found, (), NOW):
            assert all(proof.startswith("sent.log") for proof in one.proofs), seed
        recorded(pieces)
        assert time.process_time() - begun < 5, seed


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(sorted(KINDS)), max_size=3),
    st.integers(0, 400),
    st.binary(max_size=40),
)
def test_pieces_of_all_in_any_order(kinds: list[str], cut: int, between: bytes) -> None:
    texts = [sample(kind)[cut:] for kind in kinds if not kind.startswith("pcap")]
    found = consulted(between.join(texts))
    assert all(proof.startswith("sent.log") for one in found for proof in one.proofs)
