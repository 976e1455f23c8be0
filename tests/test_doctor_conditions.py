"""Every condition the doctor tells apart, on a real server: the diagnosis, and that the first step
it proposes is the end of it, walked through with --apply or done on the server's side.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from storekeeper import formats
from storekeeper.cli import options, voice
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.trust.runtimes import jdk_distrust
from tests import forge, pki, servers
from tests.commands import Commands
from tests.doctoring import (
    AIA,
    CA,
    GONE,
    GOOD,
    NOW,
    SAN,
    ask,
    client,
    identity,
    leaf,
    mid,
    root,
    run,
    served,
    trust,
    write,
)
from tests.forge import DAY, key, make
from tests.servers.bench import HOST, Running, Setup, folder, pem_file

__all__ = ["run"]

CLEAN = "nothing is wrong that can be seen from here"


@pytest.fixture
def agrees(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A person who agrees to the first question that has one of these words; what was asked."""
    wanted: list[str] = []
    monkeypatch.setattr(options, "can_ask", lambda: True)
    monkeypatch.setattr(voice, "agreed", lambda what: any(word in what for word in wanted))
    return wanted


def walked(run: Commands, running: Running, *words: str, host: str = "localhost") -> None:
    """--apply, with what the person agrees to; after it nothing is wrong."""
    said = run("doctor", f"https://{host}:{running.port}", *words, "--apply")
    assert said.out.rstrip().split("\n\n")[-2].startswith(CLEAN), said.out


def first(found: Any, number: int = 0) -> Any:
    return found["diagnoses"][0]["steps"][number]


def from_file(path: Path) -> tuple[bytes, ...]:
    entries = formats.read(path.read_bytes()).entries
    return tuple(one.certificate.der for one in entries if isinstance(one, TrustedCert))


# --- trust -------------------------------------------------------------------------------


def test_unknown_root(run: Commands, agrees: list[str]) -> None:
    """Not the server's fault: it sends all it should. With the root at hand, that is imported."""
    words = ("--store", "other.jks")
    codes, found = ask(run, served(leaf(), mid()), *words)
    assert codes == ["unknown-root"]
    assert "CN=Root, which is neither sent nor in the store" in found["diagnoses"][0]["proofs"][1]
    write(run.folder / "root.pem", root())
    agrees.append("import the root")
    with servers.nginx(served(leaf(), mid())) as running:
        walked(run, running, *words, "--with", "root.pem")


def test_missing_intermediate_that_the_server_mends(run: Commands, agrees: list[str]) -> None:
    write(run.folder / "mid.pem", mid())
    words = ("--store", "root.jks")
    codes, found = ask(run, served(leaf(SAN, AIA)), *words)
    assert codes == ["missing-intermediate"]
    with servers.nginx(served(leaf())) as running:
        codes, found = ask_at(run, running, *words, "--with", "mid.pem")
        assert codes == ["missing-intermediate"]
        assert first(found)["what"] == "let the server send CN=Issuing as well"
        # --apply writes what the server is to send, and goes on: nothing is mended by that here.
        agrees.append("let the server send")
        run("doctor", f"https://localhost:{running.port}", *words, "--with", "mid.pem", "--apply",
            status=1)  # fmt: skip
    sent = from_file(run.folder / "to-send.pem")
    assert sent == (leaf(), mid())
    codes, _ = ask(run, served(*sent), *words, status=0)
    assert codes == []


def test_missing_intermediate_that_the_client_mends(run: Commands, agrees: list[str]) -> None:
    write(run.folder / "mid.pem", mid())
    agrees.append("import the intermediate")
    with servers.nginx(served(leaf())) as running:
        walked(run, running, "--store", "root.jks", "--with", "mid.pem")


def ask_at(run: Commands, running: Running, *words: str, status: int = 1) -> Any:
    said = run("doctor", f"https://localhost:{running.port}", *words, "--json", status=status)
    found = json.loads(said.out)
    return [one["code"] for one in found["diagnoses"]], found


def test_wrong_order(run: Commands) -> None:
    """Java's PKIX sorts it, which is told; SunX509 does not, and then it is the diagnosis."""
    upper = make("CN=Upper", key("u"), "CN=Root", key("root"), *CA, **GOOD)
    lower = make("CN=Issuing", key("mid"), "CN=Upper", key("u"), *CA, **GOOD)
    made = served(leaf(), upper, lower)
    codes, found = ask(run, made, "--store", "root.jks", status=0)
    assert codes == []
    (note,) = [one for one in found["notes"] if "puts up with it" in one]
    assert "not in order: what was sent as 1, 3, 2 should come in that order" in note
    simple = ("--store", "root.jks", "--trust-manager", "SunX509")
    with servers.openssl(made) as running:
        codes, found = ask_at(run, running, *simple)
        assert codes == ["wrong-order"]
        assert any("1 CN=localhost; 2 CN=Upper; 3 CN=Issuing" in proof
                   for proof in found["diagnoses"][0]["proofs"])  # fmt: skip
        line = first(found)["commands"][0]
        assert line.endswith(" > to-send.pem")
        said = run(*shlex.split(line.partition(" > ")[0])[1:])
    (run.folder / "to-send.pem").write_text(said.out)
    sent = from_file(run.folder / "to-send.pem")
    assert sent == (leaf(), lower, upper)
    codes, _ = ask(run, served(*sent), *simple, status=0)
    assert codes == []


EXPIRED: dict[str, tuple[tuple[bytes, ...], tuple[bytes, ...], str]] = {
    "expired-leaf": ((leaf(**GONE), mid()), (leaf(), mid()), "a new certificate for the server"),
    "expired-intermediate": (
        (leaf(), mid(**GONE)),
        (leaf(), mid()),
        "a new certificate for CN=Issuing, and the server sends that",
    ),
    "not-yet-valid-leaf": (
        (leaf(start=NOW + DAY, end=NOW + 9 * DAY), mid()),
        (leaf(), mid()),
        "a new certificate for the server",
    ),
}


@pytest.mark.parametrize("code", EXPIRED)
def test_dates(run: Commands, code: str) -> None:
    bad, good, step = EXPIRED[code]
    codes, found = ask(run, served(*bad), "--store", "root.jks")
    assert codes == [code]
    assert first(found)["what"] == step
    codes, _ = ask(run, served(*good), "--store", "root.jks", status=0)
    assert codes == []


def test_an_expired_leaf_in_an_emergency(run: Commands, agrees: list[str]) -> None:
    agrees.append("import the server's own certificate")
    with servers.nginx(served(leaf(**GONE), mid())) as running:
        walked(run, running, "--store", "root.jks")


def test_an_expired_anchor(run: Commands, agrees: list[str]) -> None:
    """OpenSSL looks at its dates, Java does not."""
    trust(run.folder / "old.jks", root(**GONE))
    write(run.folder / "new.pem", root())
    words = ("--store", "old.jks", "--runtime", "openssl3")
    codes, _ = ask(run, served(leaf(), mid()), "--store", "old.jks", status=0)
    assert codes == []
    with servers.nginx(served(leaf(), mid())) as running:
        codes, found = ask_at(run, running, *words)
        assert codes == ["expired-root"]
        assert "CN=Root expired on" in found["diagnoses"][0]["proofs"][1]
        agrees.append("import the root")
        walked(run, running, *words, "--with", "new.pem")


def test_a_root_the_jdk_distrusts(
    run: Commands, agrees: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The JDK's rule, with the root of the tests in the place of Symantec's."""
    ours = frozenset({Certificate(root()).sha256})
    monkeypatch.setitem(
        jdk_distrust.POLICIES, "SYMANTEC_TLS", (ours, "Symantec", "2019-04-16")
    )  # fmt: skip
    codes, found = ask(run, served(leaf(), mid()), "--store", "root.jks")
    assert codes == ["distrusted-root"]
    assert "distrusted" in found["diagnoses"][0]["proofs"][0]
    assert first(found)["what"] == "the server needs a certificate of another CA"
    assert all(step["emergency"] for step in found["diagnoses"][0]["steps"][1:])
    with servers.nginx(served(leaf(), mid())) as running:
        agrees.append("import the intermediate")
        walked(run, running, "--store", "root.jks")
    other = make("CN=Issuing", key("mid"), "CN=Other", key("o"), *CA, **GOOD)
    trust(run.folder / "both.jks", root(), make("CN=Other", key("o"), "CN=Other", key("o"), *CA,
                                                **GOOD))  # fmt: skip
    codes, _ = ask(run, served(leaf(), other), "--store", "both.jks", status=0)
    assert codes == []


# --- names -------------------------------------------------------------------------------


def test_names(run: Commands) -> None:
    """Another name, no names, an address: each mended by a new certificate, as it says."""
    made = {
        "name-mismatch": (leaf(forge.names(("dns", "other.example"))), "localhost"),
        "missing-san": (make("CN=elsewhere", key("leaf"), "CN=Issuing", key("mid"), **GOOD),
                        "localhost"),
        "ip-without-san": (leaf(), HOST),
    }  # fmt: skip
    both = leaf(forge.names(("dns", "localhost"), ("ip", socket.inet_aton(HOST))))
    for code, (one, host) in made.items():
        codes, found = ask(run, served(one, mid()), "--store", "root.jks", host=host)
        assert codes == [code]
        assert first(found)["what"] == f"a new certificate, with {host} among its alternative names"
        codes, _ = ask(run, served(both, mid()), "--store", "root.jks", host=host, status=0)
        assert codes == []


def test_the_other_name_it_proposes(run: Commands) -> None:
    """The command of the second step, asked of the same server: accepted."""
    with servers.nginx(served(leaf(), mid())) as running:
        said = run("doctor", f"https://{HOST}:{running.port}", "--store", "root.jks", "--json",
                   status=1)  # fmt: skip
        step = first(json.loads(said.out), 1)
        assert step["what"] == "ask for the server by a name its certificate has: localhost"
        run(*shlex.split(step["commands"][0])[1:])


# --- handshakes --------------------------------------------------------------------------


def test_a_protocol_too_old_and_one_too_new(run: Commands) -> None:
    own = key("small", "RSA2048")
    made = served(leaf(own=own), mid(), key=own).but(
        versions=("TLSv1", "TLSv1"), weak=True, ciphers="ALL:!aNULL:@SECLEVEL=0"
    )
    codes, found = ask(run, made, "--store", "root.jks", server=servers.nginx)
    assert codes == ["protocol-too-old"]
    assert first(found)["what"] == "a server that speaks TLS 1.2 or 1.3"
    codes, _ = ask(run, made, "--store", "root.jks", "--runtime", "webmethods-iaik",
                   server=servers.nginx, status=0)  # fmt: skip
    assert codes == []
    today = made.but(versions=("TLSv1.2", "TLSv1.3"), weak=False, ciphers="")
    codes, _ = ask(run, today, "--store", "root.jks", server=servers.nginx, status=0)
    assert codes == []
    codes, found = ask(run, today, "--store", "root.jks", "--runtime", "webmethods-iaik",
                       server=servers.nginx)  # fmt: skip
    assert codes == ["protocol-too-new"]
    assert "JSSE" in first(found)["what"]
    newest = made.but(versions=("TLSv1.3", "TLSv1.3"), weak=False, ciphers="")
    codes, found = ask(run, newest, "--store", "root.jks", "--runtime", "java8u202",
                       server=servers.nginx)  # fmt: skip
    assert codes == ["protocol-too-new"]
    codes, _ = ask(run, newest, "--store", "root.jks", "--runtime", "java8u392",
                   server=servers.nginx, status=0)  # fmt: skip
    assert codes == []


def test_a_cipher_the_jdk_refuses(run: Commands) -> None:
    own = key("small", "RSA2048")
    security = run.folder / "java.security"
    security.write_text("jdk.tls.disabledAlgorithms=TLS_RSA_*\n")
    made = served(leaf(own=own), mid(), key=own).but(
        versions=("TLSv1.2", "TLSv1.2"), ciphers="AES128-GCM-SHA256"
    )
    words = ("--store", "root.jks", "--java-security", str(security), "--runtime", "java25")
    codes, found = ask(run, made, *words, server=servers.nginx)
    assert codes == ["cipher-refused"]
    assert "TLS_RSA_WITH_AES_128_GCM_SHA256" in found["diagnoses"][0]["what"]
    codes, _ = ask(run, made.but(ciphers=""), *words, server=servers.nginx, status=0)
    assert codes == []


def test_a_server_name_is_needed(run: Commands) -> None:
    """A server that ends the handshake without a name it knows; one that sends another chain."""
    strict = served(leaf(), mid()).but(extra=("ssl_reject_handshake on;",))
    codes, found = ask(run, strict, "--store", "root.jks", server=servers.nginx, status=5)
    assert codes == ["sni-needed"]
    assert "unrecognized_name" in found["diagnoses"][0]["proofs"][0]
    other = leaf(forge.names(("dns", "other.example")))
    with two_hosts(served(leaf(), mid()), served(other, mid())) as running:
        codes, found = ask_at(run, running, "--store", "root.jks")
        assert codes == ["sni-needed"]
        assert "java17 sends none for a name without a dot" in found["diagnoses"][0]["what"]
        codes, _ = ask_at(run, running, "--store", "root.jks", "--runtime", "openssl3", status=0)
        assert codes == []
    with two_hosts(served(leaf(), mid()), served(leaf(), mid())) as running:
        codes, _ = ask_at(run, running, "--store", "root.jks", status=0)
        assert codes == []


@contextlib.contextmanager
def two_hosts(named: Setup, default: Setup) -> Iterator[Running]:
    """One port with two certificates: for localhost by name, and for who names nobody."""
    with folder() as where:
        contexts = []
        for number, made in enumerate((named, default)):
            path = where / f"{number}.pem"
            pem_file(path, *made.chain, key=made.key)
            contexts.append(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
            contexts[-1].load_cert_chain(path)

        def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            if name == "localhost":
                connection.context = contexts[0]

        contexts[1].sni_callback = choose
        with answering(contexts[1], where) as running:
            yield running


@contextlib.contextmanager
def answering(context: ssl.SSLContext, where: Path, date: str = "") -> Iterator[Running]:
    """A web server of these few lines, which says this date."""
    listening = socket.create_server((HOST, 0))
    said = f"HTTP/1.1 200 OK\r\n{'Date: ' + date if date else 'X: y'}\r\nContent-Length: 0\r\n\r\n"

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
                    tls.sendall(said.encode())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield Running("python", listening.getsockname()[1], where)
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)


def test_clock_off(run: Commands, tmp_path: Path) -> None:
    made = served(leaf(), mid())
    pem_file(tmp_path / "s.pem", *made.chain, key=made.key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "s.pem")
    for off, expected in ((2 * DAY, ["clock-off"]), (0, [])):
        date = formatdate(time.time() - off, usegmt=True)
        with answering(context, tmp_path, date) as running:
            codes, found = ask_at(run, running, "--store", "root.jks", status=1 if off else 0)
        assert codes == expected
        if off:
            assert "set the clock that is wrong" in first(found)["what"]


def test_an_inspecting_proxy(run: Commands, agrees: list[str]) -> None:
    """Told as what it is; its own leaf is no thing to import, its CA is."""
    inspector = pki.certificate(servers.INSPECTOR)
    write(run.folder / "inspector.pem", inspector)
    with servers.nginx(served(leaf(), mid())) as server, servers.inspecting() as proxy:
        words = ("--store", "root.jks", "--proxy", f"http://{HOST}:{proxy.port}")
        codes, found = ask_at(run, server, *words)
        assert codes == ["inspecting-proxy", "unknown-issuer"]
        assert not any("import the server's own" in step["what"]
                       for one in found["diagnoses"] for step in one["steps"])  # fmt: skip
        agrees.append("import the root")
        said = run("doctor", f"https://localhost:{server.port}", *words, "--with", "inspector.pem",
                   "--apply")  # fmt: skip
    last = said.out.split("for java17, at")[-1]
    assert "[inspecting-proxy]" in last
    assert "java17.0.9 trusts CN=localhost" in last


# --- stores ------------------------------------------------------------------------------


def test_zero_anchors(run: Commands, agrees: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A PKCS12 without Java's attribute, made visible; one behind no password, left in clear."""
    monkeypatch.setenv("PW", "changeit")
    store = Store("PKCS12", (TrustedCert("root", Certificate(root()), attributes=()),))
    (run.folder / "t.p12").write_bytes(formats.write(store, Password("changeit")))
    words = ("--store", "t.p12", "--storepass", "env:PW")
    with servers.nginx(served(leaf(), mid())) as running:
        codes, _ = ask_at(run, running, *words)
        assert codes == ["zero-anchors"]
        agrees.append("Java")
        walked(run, running, *words)
        codes, found = ask_at(run, running, *words, "--null-password")
        assert codes == ["zero-anchors"]
        assert "gives no password" in " ".join(found["diagnoses"][0]["proofs"])
        for line in first(found)["commands"]:
            run(*shlex.split(line)[1:])
        codes, _ = ask_at(run, running, *words, "--null-password", status=0)
        assert codes == []


# --- client certificates -----------------------------------------------------------------


def test_no_client_certificate_sent(
    run: Commands, agrees: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry whose chain ends too soon: the keystore that is built is sent, and taken."""
    monkeypatch.setenv("PW", "changeit")
    write(run.folder / "mid.pem", mid())
    lone = identity(run.folder, client(issuer="CN=Issuing", signer=key("mid")), own=key("me"))
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    words = ("--store", "root.jks", "--identity", Path(lone).name, "--with", "mid.pem",
             "--identity-storepass", "env:PW")  # fmt: skip
    with servers.openssl(made) as running:
        codes, found = ask_at(run, running, *words)
        assert codes == ["no-client-certificate-sent"]
        assert (
            "the certificate of CN=Issuing has to be in the entry"
            in (found["diagnoses"][0]["proofs"][0])
        )
        agrees.append("make a keystore of 'me'")
        walked(run, running, *words)
    assert [one.der for one in run.key("id-new.p12", "me").chain] == [
        client(issuer="CN=Issuing", signer=key("mid")), mid(),
    ]  # fmt: skip


def test_client_certificates_of_nobody_the_server_names(run: Commands) -> None:
    """The request for a new one is offered, and made by the command."""
    stranger = make("CN=me", key("me"), "CN=Other", key("o"), **GOOD)
    file = identity(run.folder, stranger, own=key("me"))
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    codes, found = ask(run, made, "--store", "root.jks", "--identity", Path(file).name,
                       "--identity-storepass", "pass:changeit")  # fmt: skip
    assert codes == ["no-client-certificate-sent"]
    steps = found["diagnoses"][0]["steps"]
    assert "accept CN=Other" in steps[0]["what"]
    assert "one of these CAs: CN=Root" in steps[1]["what"]
    (line,) = steps[1]["commands"]
    words = shlex.split(line.replace("prompt", "pass:changeit"))
    assert "CERTIFICATE REQUEST" in run(*words[1:]).out
    # What the first step says, done: the server accepts the other CA as well.
    other = make("CN=Other", key("o"), "CN=Other", key("o"), *CA, **GOOD)
    codes, _ = ask(run, made.but(authorities=(root(), other)), "--store", "root.jks", "--identity",
                   Path(file).name, "--identity-storepass", "pass:changeit", status=0)  # fmt: skip
    assert codes == []


def test_a_client_certificate_that_is_refused(run: Commands) -> None:
    """Expired, and a good key beside it that Java passes over: built into a store of its own."""
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    old = identity(run.folder, client(**GONE), own=key("me"))
    codes, found = ask(run, made, "--store", "root.jks", "--identity", Path(old).name,
                       "--identity-storepass", "pass:changeit")  # fmt: skip
    assert codes == ["client-certificate-refused"]
    proofs = " ".join(found["diagnoses"][0]["proofs"])
    assert "certificate_expired" in proofs
    assert "expired on" in proofs
    assert "have a new certificate made for the key of 'me'" in first(found)["what"]
    codes, _ = ask(run, made, "--store", "root.jks", "--identity",
                   Path(identity(run.folder, client(), own=key("me"))).name,
                   "--identity-storepass", "pass:changeit", status=0)  # fmt: skip
    assert codes == []
