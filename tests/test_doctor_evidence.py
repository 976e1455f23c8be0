"""The doctor on what people send: outputs of real programs, and what the articles print."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storekeeper.doctor import gathered, reading
from storekeeper.tls.evidence import read
from tests import forge, jvm, pki, servers
from tests.captures import frames, pcap, relay
from tests.commands import Commands
from tests.doctoring import (
    AIA,
    GONE,
    LONG,
    SAN,
    client,
    codes,
    identity,
    leaf,
    mid,
    root,
    run,
    served,
    write,
)
from tests.forge import key
from tests.servers.bench import HOST, Running, Setup

__all__ = ["run"]


def consulted(run: Commands, *words: str, status: int = 1) -> Any:
    return json.loads(run("doctor", *words, "--json", status=status).out)


def said_by_openssl(running: Running) -> str:
    return subprocess.run(
        ["openssl", "s_client", "-connect", running.at, "-servername", "localhost", "-showcerts"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
    ).stdout  # fmt: skip


def test_output_of_s_client_judged_by_a_store(run: Commands) -> None:
    """What openssl prints has the chain: the same verdict as of the server itself."""
    for chain, store, code in (
        ((leaf(), mid()), "root.jks", ""),
        ((leaf(SAN, AIA),), "root.jks", "missing-intermediate"),
        ((leaf(), mid(), root()), "other.jks", "unknown-root"),
        ((leaf(**GONE), mid()), "root.jks", "expired-leaf"),
    ):
        with servers.openssl(served(*chain)) as running:
            (run.folder / "said.txt").write_text(said_by_openssl(running))
        found = consulted(
            run, "--evidence", "said.txt", "--store", store, "--host", "localhost",
            status=1 if code else 0,
        )  # fmt: skip
        told = [one["code"] for one in found["diagnoses"]]
        assert told[:1] == ([code] if code else []), found
        if code:
            assert found["diagnoses"][0]["proofs"]


def test_a_file_of_certificates_and_nothing_else(run: Commands) -> None:
    """Taken for what the server sends, which is told; beside anything else it is not."""
    write(run.folder / "chain.pem", leaf(), mid())
    words = ("--evidence", "chain.pem", "--host", "localhost", "--store")
    found = consulted(run, *words, "root.jks", status=0)
    assert any("trusts CN=localhost" in one for one in found["sound"])
    assert any("taken for the server's" in one for one in found["notes"])
    found = consulted(run, *words, "other.jks")
    assert [one["code"] for one in found["diagnoses"]] == ["unknown-root"]
    assert any(proof.startswith("chain.pem, line 1") for proof in found["diagnoses"][0]["proofs"])
    (run.folder / "x.log").write_text("Received fatal alert: bad_certificate\n")
    found = consulted(run, *words, "other.jks", "--evidence", "x.log")
    assert [one["code"] for one in found["diagnoses"]] == ["certificate-refused"]


def capture(setup: Setup, *, certificate: tuple[bytes, bytes] | None, folder: Path) -> bytes:
    """A pcap of one TLS 1.2 handshake through a relay."""
    words = ["openssl", "s_client", "-servername", "localhost", "-tls1_2"]
    if certificate is not None:
        (folder / "c.pem").write_bytes(
            pki.pem("CERTIFICATE", certificate[0]) + pki.pem("PRIVATE KEY", certificate[1])
        )
        words += ["-cert", str(folder / "c.pem"), "-key", str(folder / "c.pem")]
    with servers.openssl(setup) as running, relay(HOST, running.port) as (port, talks):
        subprocess.run([*words, "-connect", f"{HOST}:{port}"], stdin=subprocess.DEVNULL,
                       capture_output=True, timeout=20)  # fmt: skip
    return pcap(frames(talks[0]))


def test_captures_of_client_authentication(run: Commands) -> None:
    made = served(leaf(end=LONG), mid(end=LONG), authorities=(root(),), client="required").but(
        versions=("TLSv1.2", "TLSv1.2")
    )
    none = capture(made, certificate=None, folder=run.folder)
    found = list(reading.diagnose(gathered.gather(read(none, "none.pcap"))))
    assert [one.code for one in found] == ["no-client-certificate-sent"]
    assert "packet" in found[0].proofs[0]
    wrong = (client(issuer="CN=Nobody", signer=key("nobody")), pki.pkcs8(key("me")))
    refused = capture(made, certificate=wrong, folder=run.folder)
    assert codes(refused) == ["client-certificate-refused"]
    good = (client(), pki.pkcs8(key("me")))
    assert codes(capture(made, certificate=good, folder=run.folder)) == []


def test_a_request_on_record_and_a_keystore(run: Commands) -> None:
    """Which key Java would have sent, from the capture of a handshake without one."""
    made = served(leaf(end=LONG), mid(end=LONG), authorities=(root(),), client="required").but(
        versions=("TLSv1.2", "TLSv1.2")
    )
    data = capture(made, certificate=None, folder=run.folder)
    (run.folder / "none.pcap").write_bytes(data)
    stranger = forge.make("CN=me", key("me"), "CN=Other", key("o"))
    words = ("--evidence", "none.pcap", "--identity",
             identity(run.folder, stranger, own=key("me")),
             "--identity-storepass", "pass:changeit")  # fmt: skip
    found = consulted(run, *words)
    (told,) = [one for one in found["diagnoses"] if one["code"] == "no-client-certificate-sent"]
    assert any(proof.startswith("me: ") for proof in told["proofs"])


def test_a_keystore_that_would_have_done_and_one_of_another_kind(run: Commands) -> None:
    """From printed names, too; for a key the server does not take a new one is proposed."""
    asked = (
        "*** CertificateRequest\nCert Types: {kinds}\nCert Authorities:\n<CN=Root>\n"
        "*** ServerHelloDone\n*** Certificate chain\n<Empty>\n***\n"
    )
    words = ("--evidence", "x.log", "--identity", identity(run.folder, client(), own=key("me")),
             "--identity-storepass", "pass:changeit")  # fmt: skip
    (run.folder / "x.log").write_text(asked.format(kinds="RSA, ECDSA"))
    found = consulted(run, *words)
    assert [one["code"] for one in found["diagnoses"]] == ["no-client-certificate-sent"]
    assert any("would send 'me'" in one for one in found["sound"])
    assert "have the program use " in found["diagnoses"][0]["steps"][0]["what"]
    (run.folder / "x.log").write_text(asked.format(kinds="RSA"))
    found = consulted(run, *words)
    (one,) = found["diagnoses"]
    assert "keys of other kinds: RSA" in one["proofs"][0]
    assert any(proof.startswith("x.log, line ") for proof in one["proofs"])
    assert "--keyalg RSA" in one["steps"][0]["commands"][0]


def test_judged_diagnoses_keep_their_places(run: Commands) -> None:
    """With a store the verdict speaks, and once: the packet stands with it."""
    made = served(leaf(**GONE), mid(end=LONG)).but(versions=("TLSv1.2", "TLSv1.2"))
    (run.folder / "x.pcap").write_bytes(capture(made, certificate=None, folder=run.folder))
    found = consulted(run, "--evidence", "x.pcap", "--store", "root.jks")
    (one,) = found["diagnoses"]
    assert one["code"] == "expired-leaf"
    assert any(proof.startswith("x.pcap, packet ") for proof in one["proofs"])
    found = consulted(run, "--evidence", "x.pcap", "--store", "other.jks")
    assert [one["code"] for one in found["diagnoses"]] == ["expired-leaf"]


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_a_debug_log_of_a_real_jvm(run: Commands, version: str) -> None:
    """``javax.net.debug=all`` of a client that does not trust its server."""
    java = jvm.jvm(version)
    library = next(java.home.rglob("libjvm.so"))
    script = Path(__file__).with_name("java_tls.py")
    with servers.openssl(served(leaf(), mid())) as running:
        done = subprocess.run(
            [sys.executable, str(script), str(library), "localhost", str(running.port),
             "-Djavax.net.debug=all", f"-Djavax.net.ssl.trustStore={java.cacerts}"],
            capture_output=True, text=True, timeout=90,
        )  # fmt: skip
    log = done.stdout + done.stderr
    assert "PKIX path building failed" in log
    (run.folder / "debug.log").write_text(log)
    found = consulted(run, "--evidence", "debug.log", "--store", "root.jks")
    # With that store there would have been nothing wrong; the program uses another one.
    assert any("trusts CN=localhost with root.jks" in one for one in found["sound"])
    assert [one["code"] for one in found["diagnoses"]] == ["unknown-root", "wrong-store-in-use"]
    assert str(java.cacerts) in found["diagnoses"][1]["proofs"][0]


MESSAGES = {
    "javax.net.ssl.SSLHandshakeException: PKIX path building failed: "
    "sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid "
    "certification path to requested target": "unknown-root",
    "javax.net.ssl.SSLPeerUnverifiedException: peer not authenticated": "peer-not-authenticated",
    "java.security.cert.CertificateException: No name matching a.example.com found":
    "name-mismatch",
    "java.security.cert.CertificateException: No subject alternative names matching IP address "
    "192.0.2.1 found": "ip-without-san",
    "java.security.InvalidAlgorithmParameterException: the trustAnchors parameter must be "
    "non-empty": "zero-anchors",
    "java.lang.RuntimeException: Could not generate DH keypair": "weak-dhe",
    "javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection?": "not-tls",
    "java.security.cert.CertificateExpiredException: NotAfter: Mon Jan 01 00:00:00 UTC 2024":
    "expired",
    "java.io.IOException: Keystore was tampered with, or password was incorrect": "store-password",
    "java.io.IOException: Invalid keystore format": "store-unreadable",
    "curl: (60) SSL certificate problem: unable to get local issuer certificate":
    "unknown-issuer",
    "x509: certificate signed by unknown authority": "unknown-root",
    "x509: certificate has expired or is not yet valid: current time is after": "expired",
    "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
    "Hostname mismatch, certificate is not valid for 'a.example.com'. (_ssl.c:1000)":
    "name-mismatch",
    "SSLException: Server certificate rejected by ChainVerifier": "unknown-root",
    "java.net.UnknownHostException: api.example.com": "unreachable",
    "java.net.ConnectException: Connection refused (Connection refused)": "unreachable",
    "java.net.SocketTimeoutException: connect timed out": "unreachable",
    "curl: (6) Could not resolve host: api.example.com": "unreachable",
    "curl: (7) Failed to connect to api.example.com port 443 after 1 ms: refused": "unreachable",
    "connect:errno=111": "unreachable",
    "java.net.SocketException: Connection reset": "handshake-refused",
    "javax.net.ssl.SSLHandshakeException: Remote host terminated the handshake":
    "handshake-refused",
    "java.io.IOException: Unable to tunnel through proxy. Proxy returns \"HTTP/1.1 407 Proxy "
    "Authentication Required\"": "proxy-refuses",
    "curl: (56) Received HTTP code 403 from proxy after CONNECT": "proxy-refuses",
    "java.security.KeyStoreException: BKS not found": "store-unreadable",
    "java.io.IOException: toDerInputStream rejects tag type 45": "store-unreadable",
    "java.io.IOException: parseAlgParameters failed: PBE parameter parsing error: expecting the "
    "object identifier for a HmacSHA key derivation function": "store-unreadable",
    "java.io.IOException: Integrity check failed: java.security.NoSuchAlgorithmException: "
    "Algorithm HmacPBE1.2.840.113549.1.5.14 not available": "store-unreadable",
    "java.security.UnrecoverableKeyException: Cannot recover key": "key-password",
    "java.io.IOException: Integrity check failed: java.security.UnrecoverableKeyException: Failed "
    "PKCS12 integrity checking": "store-password",
}  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES)
def test_one_message_alone(message: str) -> None:
    assert codes(f"2026-11-21 03:12:44 ERROR something failed\n{message}\n") == [MESSAGES[message]]


def test_a_line_is_named_and_nothing_is_made_up(run: Commands) -> None:
    assert codes("nothing of the kind\n" * 50) == []
    text = "first\n\njavax.net.ssl.SSLHandshakeException: Received fatal alert: handshake_failure\n"
    (run.folder / "agent.log").write_text(text)
    found = consulted(run, "--evidence", "agent.log")
    (one,) = found["diagnoses"]
    assert one["code"] == "handshake-refused"
    assert one["proofs"][0].startswith("agent.log, line 3: ")
    wrong = run("doctor", "localhost", "--evidence", "agent.log", status=2)
    assert "in place of a server" in wrong.err
    assert "expected a server" in run("doctor", "--store", "root.jks", status=2).err
    run("doctor", "--evidence", "nowhere.log", status=4)


NOTHING = {
    "empty": (b"", "nothing that is known was found in this file"),
    "the log of another program": (
        b'Nov 21 03:12:44 host sshd[12]: Accepted publickey for root\njava version "17.0.9"\n',
        "nothing in this file tells of a TLS connection, a certificate or a store",
    ),
    "random": (bytes(range(256)) * 40, "nothing that is known was found in this file"),
    "packed": (b"\x1f\x8b\x08\0rest", "the file is packed with gzip: unpack it first"),
    "a capture without TLS": (pcap([]), "no TLS handshake was found in 0 TCP connections"),
}


@pytest.mark.parametrize("name", NOTHING)
def test_a_file_that_tells_nothing_is_an_error(run: Commands, name: str) -> None:
    """Not "nothing is wrong": nothing was read."""
    data, message = NOTHING[name]
    (run.folder / "x.log").write_bytes(data)
    said = run("doctor", "--evidence", "x.log", "--store", "root.jks", status=4)
    assert said.out == ""
    assert said.err.startswith(f"storekeeper: error: x.log: {message}\nhint: what tells: ")
    (run.folder / "y.log").write_text("more of it\n")
    said = run("doctor", "--evidence", "x.log", "--evidence", "y.log", "--json", status=4)
    assert "nothing in these 2 files tells of a TLS connection" in said.err
    (run.folder / "z.log").write_text("PKIX path building failed: unable to find it\n")
    found = consulted(run, "--evidence", "x.log", "--evidence", "z.log")
    assert [one["code"] for one in found["diagnoses"]] == ["unknown-root"]


def test_words_that_stand_for_nothing_known_are_told() -> None:
    assert codes("javax.net.ssl.SSLException: the moon is full\n\tat a.b.C.d(C.java:1)\n") == [
        "unexplained"
    ]


def test_another_trust_store_than_the_one_that_was_looked_at(run: Commands) -> None:
    (run.folder / "debug.log").write_text("trustStore is: /opt/agent/jre/lib/security/cacerts\n")
    found = consulted(run, "--evidence", "debug.log", "--store", "root.jks")
    assert [one["code"] for one in found["diagnoses"]] == ["wrong-store-in-use"]
