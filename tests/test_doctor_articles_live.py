"""The failures of other support articles, made with real servers, stores and JVMs: what the doctor
says of each, live or from what people send.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper.doctor import gathered, reading
from storekeeper.tls.evidence import read
from tests import jvm, pki, servers
from tests.captures import frames, pcap, relay
from tests.commands import Commands
from tests.doctoring import (
    CA,
    GONE,
    GOOD,
    LONG,
    NOW,
    SAN,
    agrees,
    ask,
    ask_at,
    codes,
    first,
    leaf,
    mid,
    root,
    run,
    served,
    trust,
    walked,
)
from tests.forge import DAY, basic, key, make, usage
from tests.servers.bench import HOST, Running, need

__all__ = ["agrees", "run"]


def by_java(running: Running, *options: str, host: str = "localhost", major: int = 17) -> bytes:
    """What a JVM prints of a connection, with its stack trace."""
    java = jvm.by_major(major)
    library = next(java.home.rglob("libjvm.so"))
    script = Path(__file__).with_name("java_tls.py")
    done = subprocess.run(
        [sys.executable, str(script), str(library), host, str(running.port), *options],
        capture_output=True, timeout=90,
    )  # fmt: skip
    return done.stdout + done.stderr


def captured(running: Running, *words: str) -> bytes:
    with relay(HOST, running.port) as (port, talks):
        subprocess.run(
            ["openssl", "s_client", "-connect", f"{HOST}:{port}", "-servername", "localhost",
             *words],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        )  # fmt: skip
        talk = talks[0]
    return pcap(frames(talk))


# --- Finesse ------------------------------------------------------------------------------


def test_finesse_a_weak_group_in_a_capture(tmp_path: Path) -> None:
    """A server with 512 bits, and a client that ends the handshake at it."""
    need("gnutls-serv")
    path = tmp_path / "dh.pem"
    path.write_bytes(pki.openssl("dhparam", "512"))
    own = key("rsa", "RSA2048")
    made = served(leaf(own=own, end=LONG), mid(end=LONG), key=own).but(
        versions=("TLSv1.2", "TLSv1.2"),
        ciphers="NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL",
        extra=("--dhparams", str(path)),
    )
    with servers.gnutls(made) as running:
        assert codes(captured(running, "-cipher", "DHE", "-groups", "P-256")) == ["weak-dhe"]


def test_finesse_rsassa_pss_in_a_capture() -> None:
    issuer = key("pss", "RSA2048")
    above = make("CN=Issuing", issuer, "CN=Root", key("root"), *CA, **(GOOD | {"end": LONG}))
    below = leaf(signer=issuer, called="RSASSA-PSS", end=LONG)
    made = served(below, above).but(versions=("TLSv1.2", "TLSv1.2"))
    with servers.openssl(made) as running:
        assert codes(captured(running)) == ["rsassa-pss"]


# --- webMethods ---------------------------------------------------------------------------


def test_webmethods_server_name_indication(run: Commands) -> None:
    """A server that wants a name: IAIK sends none, JSSE does, and its log shows it."""
    strict = served(leaf(), mid()).but(extra=("ssl_reject_handshake on;",))
    (run.folder / "none").write_text("")
    with servers.nginx(strict) as running:
        log = by_java(running, "-Djavax.net.debug=ssl:handshake", "-Djsse.enableSNIExtension=false")
    assert codes(log) == ["sni-needed"]
    own = key("rsa", "RSA2048")
    old = served(leaf(own=own), mid(), key=own).but(
        versions=("TLSv1", "TLSv1.2"), weak=True, ciphers="ALL:!aNULL:@SECLEVEL=0"
    )
    with servers.nginx(old) as running:
        found, _ = ask_at(run, running, "--store", "root.jks", "--runtime", "webmethods-iaik",
                          status=0)  # fmt: skip
    assert found == []


def test_webmethods_a_rejected_server_and_what_the_doctor_tells_apart(run: Commands) -> None:
    """The log has one line for three causes; with the store and the server they are three."""
    own = key("rsa", "RSA2048")
    aged = {"versions": ("TLSv1", "TLSv1.2"), "weak": True, "ciphers": "ALL:!aNULL:@SECLEVEL=0"}
    for gone, store, expected in (
        ({}, "other.jks", ["unknown-root"]),
        (GONE, "root.jks", ["expired-leaf"]),
        ({}, "root.jks", []),
    ):
        made = served(leaf(own=own, **gone), mid(), key=own).but(**aged)
        found, _ = ask(run, made, "--store", store, "--runtime", "webmethods-iaik",
                       server=servers.nginx, status=1 if expected else 0)  # fmt: skip
        assert found == expected


def test_webmethods_certificates_of_version_1(run: Commands) -> None:
    """A leaf of version 1 is taken, an intermediate of version 1 is not."""
    old = make("CN=localhost", key("leaf"), "CN=Issuing", key("mid"), version=1, **GOOD)
    found, _ = ask(run, served(old, mid()), "--store", "root.jks", status=0)
    assert found == []
    above = make("CN=Issuing", key("mid"), "CN=Root", key("root"), version=1, **GOOD)
    found, told = ask(run, served(leaf(), above), "--store", "root.jks")
    assert len(found) == 1
    assert "CA" in told["diagnoses"][0]["what"], told["diagnoses"][0]


# --- Apigee -------------------------------------------------------------------------------


def test_apigee_no_certificate_in_the_keystore(run: Commands) -> None:
    """A keystore without a key; and what a capture of a Java client shows."""
    trust(run.folder / "id.jks", root())
    made = served(leaf(end=LONG), mid(end=LONG), authorities=(root(),), client="required")
    words = ("--store", "root.jks", "--identity", "id.jks")
    with servers.java_socket(made) as running:
        found, told = ask_at(run, running, *words)
        assert found == ["no-client-certificate-sent"]
        assert "genkey" in first(told)["commands"][0]
    made = made.but(versions=("TLSv1.2", "TLSv1.2"))
    with servers.java_socket(made) as running, relay(HOST, running.port) as (port, talks):
        through = Running("relay", port, running.directory)
        log = by_java(through, f"-Djavax.net.ssl.trustStore={run.folder / 'root.jks'}",
                      "-Djavax.net.debug=ssl:handshake")  # fmt: skip
        seen = pcap(frames(talks[0]))
    assert b"Received fatal alert: bad_certificate" in log
    assert codes(log) == ["no-client-certificate-sent"]
    (one,) = reading.diagnose(gathered.gather(read(seen, "seen.pcap")))
    assert one.code == "no-client-certificate-sent"
    assert any("bad_certificate" in proof for proof in one.proofs)
    assert all(proof.startswith("seen.pcap, packet ") for proof in one.proofs)


def test_apigee_a_line_of_its_log_alone() -> None:
    """It does not say which side's certificate: that is what is told."""
    line = (
        b"2017-10-23 05:28:57,813 org:org-name NIOThread@0 ERROR HTTP.CLIENT - "
        b"HTTPClient$Context.handshakeFailed() : handshake failed, message: Received fatal alert: "
        b"bad_certificate\n"
    )
    assert codes(line) == ["certificate-refused"]


# --- xMatters -----------------------------------------------------------------------------


def test_xmatters_a_self_signed_server(run: Commands, agrees: list[str]) -> None:
    alone = make("CN=localhost", key("leaf"), "CN=localhost", key("leaf"), SAN, **GOOD)
    found, _ = ask(run, served(alone), "--store", "other.jks")
    assert found == ["unknown-root"]
    agrees.append("import")
    with servers.nginx(served(alone)) as running:
        walked(run, running, "--store", "other.jks")


def test_xmatters_a_name_in_the_common_name_alone(run: Commands) -> None:
    """The article has it that Java 8 wants an alternative name; Java takes the common name where
    there is none, for names: what it refuses is an address there.
    """
    common = make("CN=localhost", key("leaf"), "CN=Issuing", key("mid"), **GOOD)
    found, _ = ask(run, served(common, mid()), "--store", "root.jks", status=0)
    assert found == []
    with servers.openssl(served(common, mid())) as running:
        log = by_java(running, f"-Djavax.net.ssl.trustStore={run.folder / 'root.jks'}")
    assert b"Exception" not in log
    address = make(f"CN={HOST}", key("leaf"), "CN=Issuing", key("mid"), **GOOD)
    found, told = ask(run, served(address, mid()), "--store", "root.jks", host=HOST)
    assert found == ["ip-without-san"]
    assert "No subject alternative names present" in told["diagnoses"][0]["proofs"][0]
    with servers.openssl(served(address, mid())) as running:
        log = by_java(running, f"-Djavax.net.ssl.trustStore={run.folder / 'root.jks'}", host=HOST)
    assert codes(log) == ["ip-without-san"]


@pytest.mark.parametrize(
    ("dates", "code"),
    [(GONE, "expired"), ({"start": NOW + DAY, "end": NOW + 9 * DAY}, "not-yet-valid")],
)
def test_xmatters_dates(run: Commands, dates: dict[str, int], code: str) -> None:
    with servers.openssl(served(leaf(**dates), mid())) as running:
        log = by_java(running, f"-Djavax.net.ssl.trustStore={run.folder / 'root.jks'}")
    assert codes(log) == [code]


def test_xmatters_a_root_without_ca_true(run: Commands) -> None:
    """What the server sends on top is no CA by its own words."""
    issuer = make("CN=Issuing", key("mid"), "CN=Root", key("root"), basic(ca=False), usage(5),
                  **GOOD)  # fmt: skip
    found, told = ask(run, served(leaf(), issuer), "--store", "root.jks")
    assert len(found) == 1
    assert "CA" in told["diagnoses"][0]["what"], told["diagnoses"][0]


def test_xmatters_client_authentication_that_the_agent_cannot_do(run: Commands) -> None:
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    found, _ = ask(run, made, "--store", "root.jks")
    assert found == ["client-certificate-required"]


def test_xmatters_what_a_debug_log_says_it_trusts(run: Commands) -> None:
    """The list of trusted certificates, and that the chain leads to none of them."""
    with servers.openssl(served(leaf(), mid())) as running:
        log = by_java(running, f"-Djavax.net.ssl.trustStore={run.folder / 'other.jks'}",
                      "-Djavax.net.debug=all")  # fmt: skip
    (one,) = reading.diagnose(gathered.gather(read(log, "ssltest.txt")))
    assert one.code == "unknown-root"
    assert any("CN=Root is not among it" in proof for proof in one.proofs)


def test_xmatters_a_revoked_certificate() -> None:
    assert codes(b"java.security.cert.CertPathValidatorException: Certificate has been revoked, "
                 b"reason: KEY_COMPROMISE\n") == ["revoked"]  # fmt: skip
