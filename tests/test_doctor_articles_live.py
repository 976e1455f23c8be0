"""The failures of the support articles, made with real servers, stores and JVMs: what the doctor
says of each, live or from what people send.
"""

from __future__ import annotations

import socket
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
    CA,
    GONE,
    GOOD,
    NOW,
    SAN,
    agrees,
    ask,
    ask_at,
    client,
    first,
    identity,
    leaf,
    mid,
    root,
    run,
    served,
    trust,
    walked,
    write,
)
from tests.forge import DAY, basic, key, make, usage
from tests.servers.bench import HOST, Running, Setup, need

__all__ = ["agrees", "run"]

LONG = 2_000_000_000  # captures of the tests are of January 2027


def codes(data: bytes) -> list[str]:
    return [one.code for one in reading.diagnose(gathered.gather(read(data, "sent")))]


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


# --- Salesforce: peer not authenticated ---------------------------------------------------


def test_salesforce_intermediates_that_apache_does_not_send(
    run: Commands, agrees: list[str]
) -> None:
    """Network Solutions' three certificates, in one file that Apache sends in the end."""
    upper = make("CN=Upper", key("u"), "CN=Root", key("root"), *CA, **GOOD)
    lower = make("CN=Issuing", key("mid"), "CN=Upper", key("u"), *CA, **GOOD)
    write(run.folder / "bundle.pem", upper, lower, root())
    words = ("--store", "root.jks", "--with", "bundle.pem")
    with servers.apache(served(leaf())) as running:
        said = subprocess.run(
            ["openssl", "s_client", "-connect", running.at, "-showcerts"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        ).stdout  # fmt: skip
        assert "missing-intermediate" in codes(said)
        found, _ = ask_at(run, running, *words)
        assert found == ["missing-intermediate"]
    chain = served(leaf(), lower, upper)
    found, _ = ask(run, chain, "--store", "root.jks", server=servers.apache, status=0)
    assert found == []


def test_salesforce_a_ca_that_is_not_public(run: Commands) -> None:
    pytest.importorskip("certifi")
    found, _ = ask(run, served(leaf(), mid()), "--store", "certifi", "--runtime", "salesforce")
    assert found == ["unknown-root"]


def test_salesforce_one_of_a_pool_has_expired(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two addresses of one name; the resolver's answer is made up, the servers are not."""
    good, bad = served(leaf(), mid()), served(leaf(**GONE), mid())
    with servers.python_ssl(good) as one, on_another_address(bad, one.port) as other:
        if other is None:
            pytest.skip("this machine has no second loopback address")
        real = socket.getaddrinfo

        def both(host: Any, *more: Any, **named: Any) -> Any:
            if host != "pool.example":
                return real(host, *more, **named)
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, one.port))
                for address in (HOST, other)
            ]

        monkeypatch.setattr(socket, "getaddrinfo", both)
        found, told = ask_at_pool(run, one.port, "--store", "root.jks", "--host", "localhost")
    assert found == ["members-differ"]
    diagnosis = told["diagnoses"][0]
    assert f"refuses what {other}" in diagnosis["what"]
    assert any("expired on" in proof for proof in diagnosis["proofs"])


def ask_at_pool(run: Commands, port: int, *words: str) -> Any:
    import json

    said = run("doctor", f"https://pool.example:{port}", *words, "--json", status=1)
    found = json.loads(said.out)
    return [one["code"] for one in found["diagnoses"]], found


def on_another_address(made: Setup, port: int) -> Any:
    """A server with that setup at 127.0.0.2, on the same port."""
    import contextlib
    import ssl
    import threading
    from collections.abc import Iterator

    from tests.servers.bench import folder, pem_file

    @contextlib.contextmanager
    def serving() -> Iterator[str | None]:
        try:
            listening = socket.create_server(("127.0.0.2", port))
        except OSError:
            yield None
            return
        with folder() as where:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem_file(where / "s.pem", *made.chain, key=made.key))

            def serve() -> None:
                while True:
                    try:
                        connected, _ = listening.accept()
                    except OSError:
                        return
                    with connected, contextlib.suppress(OSError):
                        connected.settimeout(10)
                        with context.wrap_socket(connected, server_side=True) as tls:
                            tls.recv(4096)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            try:
                yield "127.0.0.2"
            finally:
                with contextlib.suppress(OSError):
                    listening.shutdown(socket.SHUT_RDWR)
                listening.close()
                thread.join(10)

    return serving()


def test_salesforce_the_wrong_order(run: Commands) -> None:
    upper = make("CN=Upper", key("u"), "CN=Root", key("root"), *CA, **GOOD)
    lower = make("CN=Issuing", key("mid"), "CN=Upper", key("u"), *CA, **GOOD)
    with servers.nginx(served(leaf(end=LONG), upper, lower)) as running:
        said = subprocess.run(
            ["openssl", "s_client", "-connect", running.at, "-showcerts"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        ).stdout  # fmt: skip
    assert "wrong-order" in codes(said)


def test_salesforce_a_wildcard_is_good_for_one_level(run: Commands) -> None:
    made = served(leaf(forge.names(("dns", "*.hello.example"))), mid())
    for host, expected in (("hi.hello.example", []), ("hey.hi.hello.example", ["name-mismatch"])):
        found, _ = ask(run, made, "--store", "root.jks", "--host", host,
                       status=1 if expected else 0)  # fmt: skip
        assert found == expected


def test_salesforce_apaches_verify_depth(run: Commands) -> None:
    """SSLVerifyDepth 1, and the client's certificate is two below the root."""
    chain = (client(issuer="CN=Issuing", signer=key("mid")), mid())
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    file = identity(run.folder, *chain, own=key("me"))
    words = ("--store", "root.jks", "--identity", Path(file).name, "--identity-storepass",
             "pass:changeit")  # fmt: skip
    found, told = ask(run, made.but(extra=("SSLVerifyDepth 1",)), *words, server=servers.apache)
    assert found == ["client-certificate-refused"]
    assert "SSLVerifyDepth" in " ".join(told["diagnoses"][0]["proofs"])
    found, _ = ask(run, made, *words, server=servers.apache, status=0)
    assert found == []


def test_salesforce_works_until_client_authentication_is_on(run: Commands) -> None:
    """The server does not trust who issued the client's certificate, and does not say whom."""
    stranger = make("CN=me", key("me"), "CN=Other", key("o"), **GOOD)
    file = identity(run.folder, stranger, own=key("me"))
    words = ("--store", "root.jks", "--identity", Path(file).name, "--identity-storepass",
             "pass:changeit")  # fmt: skip
    found, _ = ask(run, served(leaf(), mid()), *words, status=0)
    assert found == []
    # Python's server lists nobody: the certificate is sent, and refused.
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    found, told = ask(run, made, *words, server=servers.python_ssl)
    assert found == ["client-certificate-refused"]
    assert "does not trust who issued" in " ".join(told["diagnoses"][0]["proofs"])


def test_salesforce_tibco_wants_every_certificate_of_the_chain(
    run: Commands, agrees: list[str]
) -> None:
    words = ("--store", "root.jks", "--runtime", "tibco-bw")
    made = served(leaf(), mid())
    found, _ = ask(run, made, *words)
    assert found == ["intermediate-not-trusted"]
    agrees.append("import")
    with servers.nginx(made) as running:
        walked(run, running, *words)


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
