"""The wizard's paths with real servers, with a person and with nobody."""

from __future__ import annotations

import contextlib
import io
import random
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from storekeeper import der, formats
from storekeeper.change.plan import Plan
from storekeeper.errors import StorekeeperError
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.profile import shipped
from storekeeper.tls.way import Way
from storekeeper.wizard.driver import converse
from storekeeper.wizard.flows import wizard
from storekeeper.wizard.plain import Plain
from tests import forge, pki, servers
from tests.commands import Commands
from tests.forge import key, make
from tests.servers.bench import Setup
from tests.wizard_cases import (
    BELOW,
    DATES,
    ISSUING,
    NOW,
    OWN,
    PIN,
    ROOT_CA,
    SAN,
    commands_of,
    plans,
    run,
    served,
    typed,
    unfolded,
)

__all__ = ["plans", "run"]  # fixtures


# -- what people have ---------------------------------------------------------------------

TRACE = """javax.net.ssl.SSLHandshakeException: PKIX path building failed: \
sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification \
path to requested target
    at java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)
"""


def test_a_pasted_error_is_explained(run: Commands) -> None:
    with servers.python_ssl(served(OWN)) as running:
        lines = ("1", "store", "trust.jks", TRACE, f"localhost:{running.port}", "nothing")
        status, shown = typed(*lines)
    assert status == 1
    assert "the client does not trust the CA at the end of the server's chain" in shown
    assert "it does not name the server" in shown


def test_a_log_with_a_chain_stands_for_the_server(run: Commands, plans: list[Plan]) -> None:
    with servers.openssl(served(BELOW, ISSUING, ROOT_CA)) as running:
        words = ("s_client", "-connect", running.at, "-showcerts", "-servername", "localhost")
        (run.folder / "s_client.txt").write_bytes(pki.openssl(*words))
    words = ("--store", "trust.jks", "--host", "s_client.txt", "--fix", "import-root")
    pin = Certificate(ROOT_CA).sha256
    path = run.folder / "trust.jks"
    before = path.read_bytes()
    more = ("--pin", pin, "--yes", "--profile", "p.yaml")
    said = run("wizard", "--what", "connection", *words, *more).out
    assert "The server was not asked" in said
    assert Certificate(ROOT_CA) in set(run.store("trust.jks").certificates())
    after = path.read_bytes()
    path.write_bytes(before)
    (run.folder / "s_client.txt").unlink()
    run("apply", "p.yaml")
    assert path.read_bytes() == after
    assert plans[0].changes == plans[1].changes


def test_a_missing_issuer_is_fetched(run: Commands) -> None:
    """From where the certificate says it is, and only when that is chosen."""
    run.write("root.pem", Certificate(ROOT_CA))
    with http(ISSUING) as (url, asked):
        own = make("CN=localhost", key("leaf"), "CN=Issuing", key("mid"), SAN, aia(url), **DATES)
        with servers.python_ssl(served(own)) as running:
            server = f"localhost:{running.port}"
            status, shown = typed("1", "store", "root.pem", server, "nothing")
            assert (status, asked) == (1, [])
            lines = ("1", "store", "root.pem", server, "", "", "y", "y", "p.yaml")
            status, shown = typed(*lines)
        assert status == 0
        assert len(asked) == 1
    assert "look for the certificate of CN=Issuing on the network" in shown
    assert "let the server send CN=Issuing as well (not done here)" in shown
    found = set(run.store("root.pem", None).certificates())
    assert found == {Certificate(ROOT_CA), Certificate(ISSUING)}
    fetched, piped = commands_of(shown)
    assert fetched[:3] == ["storekeeper", "chain", server]
    assert fetched[-4:] == ["--aia", "--pem", ">", "path.pem"]
    assert piped[-4:] == ["storekeeper", "import", "root.pem", "-"]
    run.write("root.pem", Certificate(ROOT_CA))
    text = (run.folder / "p.yaml").read_text().partition("checks:")[0]
    (run.folder / "p.yaml").write_text(text)
    run("apply", "p.yaml")
    assert set(run.store("root.pem", None).certificates()) == found


@contextlib.contextmanager
def http(body: bytes) -> Iterator[tuple[str, list[str]]]:
    """A web server with one file: its address, and what was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/issuing.cer", asked
        server.shutdown()
        thread.join()


def aia(url: str) -> bytes:
    """Where the issuer's certificate is (RFC 5280 section 4.2.2.1)."""
    where = der.encode(0x86, url.encode())
    access = der.sequence(der.oid("1.3.6.1.5.5.7.48.2"), where)
    return forge.extension("1.3.6.1.5.5.7.1.1", der.sequence(access))


def test_a_log_that_names_nobody(run: Commands) -> None:
    (run.folder / "agent.log").write_text(TRACE)
    words = ("wizard", "--what", "connection", "--store", "trust.jks", "--host", "agent.log")
    assert "neither the server nor what it sends" in run(*words, status=2).err


# -- the other entries --------------------------------------------------------------------


def test_a_servers_certificate_alone(run: Commands) -> None:
    with servers.python_ssl(served(BELOW, ISSUING, ROOT_CA)) as running:
        server = f"localhost:{running.port}"
        words = ("wizard", "--what", "certificate", "--host", server, "--store", "trust.jks")
        refused = run(*words, "--yes", status=2)
        assert "say it with --pin" in refused.err
        shown = run(*words, "--pin", Certificate(BELOW).sha256, "--yes").out
        assert Certificate(BELOW) in set(run.store("trust.jks").certificates())
        assert Certificate(ISSUING) not in set(run.store("trust.jks").certificates())
        assert "Tested again" in shown
        again = run(*words, "--pin", Certificate(BELOW).sha256, "--yes").out
        assert "nothing to change" in again
        other = run(*words, "--only", "root", "--pin", Certificate(BELOW).sha256, status=2)
        assert "--pin: that is not what the server sends" in other.err


def test_a_list_beside_a_store(run: Commands) -> None:
    shown = run("wizard", "--what", "compare", "--store", "trust.jks", "--yes", status=1).out
    assert "storekeeper diff trust.jks mozilla" in shown
    shown = run("wizard", "--what", "compare", "--store", "trust.jks", "--list", "another",
                "--list-file", "trust.jks").out  # fmt: skip
    assert commands_of(shown) == [["storekeeper", "diff", "trust.jks", "trust.jks"]]


def test_an_audit(run: Commands) -> None:
    plain = run("audit", "trust.jks", status=1)
    said = run("wizard", "--what", "audit", "--store", "trust.jks", status=1)
    assert plain.out.splitlines()[0] in said.out
    assert commands_of(said.out) == [["storekeeper", "audit", "trust.jks"]]


# -- bad input ----------------------------------------------------------------------------


def test_what_no_store_mends_is_said(run: Commands) -> None:
    """A name that is not in the certificate: nothing is offered that would not help."""
    run.write("root.pem", Certificate(ROOT_CA))
    with servers.python_ssl(served(BELOW, ISSUING)) as running:
        words = ("wizard", "--what", "connection", "--store", "root.pem", "--yes")
        said = run(*words, "--host", f"127.0.0.1:{running.port}", status=1).out
    assert "no import changes that" in said
    assert "Nothing was changed here. What is to be done:" in said


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (("--what", "dance"), 2, "--what: expected 1 to 6, or one of: connection"),
        (("--what", "connection", "--system", "vax"), 2, "--system: expected 1 to"),
        (("--what", "connection", "--system", "jre", "--home", "/nowhere"), 2, "no directory"),
        (("--what", "connection", "--store", "/nowhere/x.jks"), 2, "no directory /nowhere"),
        (("--what", "connection", "--store", "trust.jks"), 2, "say it with --host"),
        (("--what", "connection", "--store", "trust.jks", "--host", "a:b"), 2, "--host: expected"),
        (("--what", "connection", "--store", "trust.jks", "--host", "./no.log"), 2, "no file"),
    ],
)
def test_bad_answers(run: Commands, words: tuple[str, ...], status: int, message: str) -> None:
    before = {path: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}
    assert message in run("wizard", *words, status=status).err
    assert before == {path: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}


def test_a_file_that_changed_meanwhile(run: Commands) -> None:
    """Somebody else changes the store between the plan and the yes."""
    path = run.folder / "trust.jks"
    run.write("two.pem", Certificate(pki.certificate("Two")))
    with servers.python_ssl(served(OWN)) as running:
        waiting = iter(["1", "store", "trust.jks", f"localhost:{running.port}", "1", "y", "y"])
        shown: list[str] = []

        def read(prompt: str) -> str:
            answer = next(waiting)
            if shown[-1].endswith("tell me the command"):
                run("import", "trust.jks", "two.pem")
            return answer

        from storekeeper.errors import WriteRefused

        with pytest.raises(WriteRefused, match="changed by somebody else meanwhile"):
            converse(wizard(Way()), Plain(read, shown.append))
    assert len(run.store("trust.jks").entries) == 3
    assert path.exists()


def test_a_wrong_password_is_asked_again(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = (TrustedCert("ca", Certificate(pki.certificate("CA 1")), 0),)
    data = formats.write(Store("PKCS12", roots), Password("secret"))
    (run.folder / "own.p12").write_bytes(data)
    given = iter(["?", "wrong", "secret"])
    monkeypatch.setattr("storekeeper.host.passwords.ask", lambda _: next(given))
    status, shown = typed("4", "store", "own.p12", "1")
    assert status == 1
    assert "The password of the store. It is not shown" in shown
    assert shown.count("own.p12: ") == 1
    assert next(given, None) is None
    words = ("wizard", "--what", "compare", "--store", "own.p12", "--list", "mozilla")
    run(*words, "--storepass", "env:PW", status=3)
    run(*words, status=3)


def test_nothing_is_read_from_standard_input(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n1\n"))
    assert "nobody is here to be asked" in run("wizard", status=2).err


def test_what_a_product_says_of_its_messages(run: Commands, tmp_path: Path) -> None:
    home = tmp_path / "integrationagent-1"
    (home / "conf").mkdir(parents=True)
    (home / "jre" / "lib" / "security").mkdir(parents=True)
    (home / "jre" / "bin").mkdir()
    (home / "jre" / "release").write_text('JAVA_VERSION="1.8.0_392"\n')
    (home / "jre" / "lib" / "security" / "cacerts").write_bytes(
        (tmp_path / "trust.jks").read_bytes()
    )
    error = "javax.net.ssl.SSLHandshakeException: Received fatal alert: bad_certificate\n"
    (tmp_path / "agent.log").write_text(f"{error}    at A.b(C.java:1)\n")
    words = ("--what", "connection", "--system", "xmatters", "--home", home)
    said = run("wizard", *words, "--host", "agent.log", status=2)
    assert 'of this product, "Received fatal alert: bad_certificate" means:' in said.out
    assert "which the agent does not have" in unfolded(said.out)


def test_another_password_after_going_back(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan that was shown with the first is not the one that is written."""
    given = iter(["first one", "first one", "second one", "second one"])
    monkeypatch.setattr("storekeeper.host.passwords.ask", lambda _: next(given))
    with servers.python_ssl(served(OWN)) as running:
        server = f"localhost:{running.port}"
        # < at the fingerprint leads to the password, and is followed by a new one.
        status, _ = typed("1", "store", "new.p12", server, "1", "<", "y", "y", "")
    assert status == 0
    made = formats.read((run.folder / "new.p12").read_bytes(), Password("second one"))
    assert len(made.entries) == 1


def test_no_backups_and_no_promise_of_one(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOREKEEPER_BACKUPS", "0")
    with servers.python_ssl(served(OWN)) as running:
        words = ("--what", "connection", "--store", "trust.jks", "--yes", "--pin", PIN)
        said = run("wizard", *words, "--host", f"localhost:{running.port}").out
    assert "is kept beside it" not in said
    assert not list(run.folder.glob("*.bak"))


def test_names_that_move_the_cursor_are_shown_harmless(run: Commands) -> None:
    hostile = make("CN=\x1b[2Jevil", key("leaf"), "CN=\x1b[2Jevil", key("leaf"), SAN, **DATES)
    with servers.python_ssl(served(hostile)) as running:
        words = ("--what", "connection", "--store", "trust.jks", "--yes", "--fix", "nothing")
        said = run("wizard", *words, "--host", f"localhost:{running.port}", status=1)
    assert "\x1b" not in said.out + said.err
    assert "evil" in said.out


@pytest.mark.slow
def test_whatever_is_typed(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but our errors leaves it, and the store is one that can be read."""
    chance, runs = random.Random(20270115), 150
    monkeypatch.setattr("storekeeper.host.passwords.ask", lambda _: chance.choice(["?", "<", "a"]))
    run.write("ca.pem", Certificate(ROOT_CA))
    ended = {"status": 0, "error": 0, "cancelled": 0}
    with servers.python_ssl(served(BELOW, ISSUING)) as running:
        words: list[str] = [*"1234567", "", "", "", "?", "<", "y", "n", "trust.jks", "new.p12"]
        words += [
            f"localhost:{running.port}",
            "localhost:1",
            "ca.pem",
            TRACE,
            "\x1b[A",
            "\x00",
            "{",
            "store",
        ]
        for _ in range(runs):
            left = chance.randrange(4, 40)

            def read(_: str) -> str:
                nonlocal left
                left -= 1
                if not left:
                    raise EOFError
                return chance.choice(words)

            try:
                converse(wizard(Way(seconds=2)), Plain(read, lambda _: None), now_ms=NOW * 1000)
                ended["status"] += 1
            except StorekeeperError:
                ended["error"] += 1
            except KeyboardInterrupt:
                ended["cancelled"] += 1
            assert len(run.store("trust.jks").entries) >= 2
            (run.folder / "new.p12").unlink(missing_ok=True)
    assert sum(ended.values()) == runs


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=() if one == "tibco" else pytest.mark.slow) for one in shipped()],
)
def test_every_product(run: Commands, name: str) -> None:
    """Each has a store or asks for one, and a runtime that judges."""
    home = run.folder / "home"
    (home / "jre/lib/security").mkdir(parents=True)
    (home / "lib/security").mkdir(parents=True)
    for place in ("jre/lib/security", "lib/security"):
        data = (run.folder / "trust.jks").read_bytes()
        (home / place / "cacerts").write_bytes(data)
        (home / place).parents[1].joinpath("release").write_text('JAVA_VERSION="17.0.9"\n')
    words = ("--system", name, "--home", home, "--store", "trust.jks")
    said = run("wizard", "--what", "compare", *words, "--list", "mozilla", status=1).out
    assert "storekeeper diff trust.jks mozilla" in said
    # RSA, as some of them know nothing else.
    own = key("rsa", "RSA2048")
    certificate = make("CN=localhost", own, "CN=localhost", own, SAN, **DATES)
    with servers.python_ssl(Setup((certificate,), pki.pkcs8(own))) as running:
        more = ("--host", f"localhost:{running.port}", "--side", "server", "--fix", "nothing")
        said = run("wizard", "--what", "connection", *words, *more, status=1).out
    assert "What would mend it:" in said, said
