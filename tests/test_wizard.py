"""The wizard's paths with real servers, and its plans beside those of commands and profiles."""

from __future__ import annotations

import contextlib
import io
import random
import re
import shlex
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from storekeeper import der, formats
from storekeeper.change import apply as applying
from storekeeper.change.plan import Plan
from storekeeper.errors import StorekeeperError
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.tls.way import Way
from storekeeper.wizard.driver import converse
from storekeeper.wizard.flows import wizard
from storekeeper.wizard.plain import Plain
from tests import forge, pki, servers
from tests.commands import Commands
from tests.forge import DAY, basic, key, make, usage
from tests.servers.bench import Setup
from tests.test_client_cli import LEAF, MID, ROOT, SERVER, key_entry

NOW = int(time.time())
DATES: dict[str, Any] = {"start": NOW - 30 * DAY, "end": NOW + 300 * DAY}
CA = (basic(), usage(5, 6))
SAN = forge.names(("dns", "localhost"))
ROOT_CA = make("CN=Root", key("root"), "CN=Root", key("root"), *CA, **DATES)
ISSUING = make("CN=Issuing", key("mid"), "CN=Root", key("root"), *CA, **DATES)
OWN = make("CN=localhost", key("leaf"), "CN=localhost", key("leaf"), SAN, **DATES)
BELOW = make("CN=localhost", key("leaf"), "CN=Issuing", key("mid"), SAN, **DATES)
PIN = Certificate(OWN).sha256


def served(*chain: bytes) -> Setup:
    return Setup(chain, pki.pkcs8(key("leaf")))


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    commands = Commands(tmp_path, capsys, monkeypatch)
    for name in ("STOREKEEPER_STOREPASS", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW))
    monkeypatch.setenv("PW", "of the store")
    monkeypatch.setenv("OLD", "changeit")
    roots = [TrustedCert(f"ca{n}", Certificate(pki.certificate(f"CA {n}")), 0) for n in (1, 2)]
    trust = formats.write(Store("JKS", tuple(roots)), Password("changeit"))
    (tmp_path / "trust.jks").write_bytes(trust)
    return commands


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Every plan that is applied."""
    found: list[Plan] = []
    real = applying.apply

    def noted(plan: Plan, **options: Any) -> Any:
        found.append(plan)
        return real(plan, **options)

    monkeypatch.setattr(applying, "apply", noted)
    from storekeeper.profile import applying as of_profiles

    monkeypatch.setattr(of_profiles, "apply", noted)
    return found


def typed(*lines: str) -> tuple[int, str]:
    """A conversation with a person."""
    shown: list[str] = []
    waiting = list(lines)

    def read(prompt: str) -> str:
        assert waiting, "\n".join([*shown, prompt])
        shown.append(f"{prompt}{waiting[0]}")
        return waiting.pop(0)

    status = converse(wizard(Way()), Plain(read, shown.append))
    assert not waiting
    return status, "\n".join(shown)


def commands_of(shown: str) -> list[list[str]]:
    """The commands that are printed as doing the same, as a shell takes them."""
    block = shown.partition("The same without questions:\n")[2]
    lines = re.match(r"(?:  .*\n?)+", block)
    assert lines, shown
    text = re.sub(r" \\\n\s*", " ", lines[0])
    return [shlex.split(line) for line in text.splitlines()]


@contextlib.contextmanager
def as_before(*paths: Path) -> Iterator[None]:
    """Give files back the bytes they had."""
    held = {path: path.read_bytes() if path.exists() else None for path in paths}
    yield
    for path, data in held.items():
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)


# -- one plan, whoever makes it -----------------------------------------------------------

CHAINS = {
    "self-signed": ((OWN,), "import-leaf"),
    "root": ((BELOW, ISSUING, ROOT_CA), "import-root"),
    "leaf of a chain": ((BELOW, ISSUING, ROOT_CA), "import-leaf"),
}


@pytest.mark.parametrize(
    ("name", "store"), [*((name, "trust.jks") for name in CHAINS), ("self-signed", "new.pem")]
)
def test_wizard_command_and_profile_make_the_same_plan(
    run: Commands, plans: list[Plan], name: str, store: str
) -> None:
    chain, fix = CHAINS[name]
    path = run.folder / store
    with servers.python_ssl(served(*chain)) as running:
        server = f"localhost:{running.port}"
        chosen = {"import-leaf": OWN if name == "self-signed" else BELOW, "import-root": ROOT_CA}
        words = ("wizard", "--what", "connection", "--store", store, "--host", server)
        pin = Certificate(chosen[fix]).sha256
        with as_before(path):
            shown = run(*words, "--fix", fix, "--pin", pin, "--yes", "--profile", "p.yaml").out
        assert "Tested again" in shown
        ((program, *command),) = commands_of(shown)
        assert program == "storekeeper"
        with as_before(path):
            run(*command)
        with as_before(path):
            run("apply", "p.yaml")
        by_wizard, by_command, by_profile = plans
        assert by_wizard == by_command == by_profile
        assert by_wizard.changes
        run("plan", "p.yaml", status=1)  # the file is as before


def test_taking_back_is_the_plan_of_undo(run: Commands, plans: list[Plan]) -> None:
    path = run.folder / "trust.jks"
    before = path.read_bytes()
    run.write("one.pem", Certificate(OWN))
    run("import", "trust.jks", "one.pem")
    changed = path.read_bytes()
    shown = run("wizard", "--what", "undo", "--yes").out
    assert path.read_bytes() == before
    ((_, *command),) = commands_of(shown)
    path.write_bytes(changed)
    run(*command)
    assert path.read_bytes() == before
    assert plans[1] == plans[2]
    assert "There is no change to take back." in run("wizard", "--what", "undo", status=1).out


def test_a_client_keystore_by_wizard_and_command(run: Commands, plans: list[Plan]) -> None:
    """The key is sealed anew each time, so the plans are alike but for that."""
    store = Store("PKCS12", (key_entry("one", "Client One", LEAF),))
    (run.folder / "old.p12").write_bytes(formats.write(store, Password("changeit")))
    run.write("mid.pem", Certificate(MID))
    made = SERVER.but(authorities=(ROOT,), client="required")
    with servers.openssl(made) as running:
        server = f"https://localhost:{running.port}/"
        answers = ("--from", "old.p12", "--from", "mid.pem", "--output", "new.p12")
        secrets = ("--srcstorepass", "env:OLD", "--storepass", "env:PW")
        words = ("wizard", "--what", "client", "--host", server, *answers, *secrets)
        with as_before(run.folder / "new.p12"):
            shown = run(*words, "--yes", "--profile", "p.yaml").out
            assert "Tested again: the server takes it." in shown
            entry = run.key("new.p12", "one", "of the store")
            assert [one.der for one in entry.chain] == [LEAF, MID]
        ((_, *command),) = commands_of(shown)
        assert command[-2:] == ["--storepass", "prompt"]
        command[-1] = "env:PW"
        run(*command, "--srcstorepass", "env:OLD")
    one, other = plans
    assert one.steps == other.steps
    assert one.result
    assert other.result
    for each, again in zip(one.result.entries, other.result.entries, strict=True):
        assert (each.alias, each.created_ms) == (again.alias, again.created_ms)
    assert "of the store" not in shown
    profile = (run.folder / "p.yaml").read_text()
    assert "of the store" not in profile
    assert "keys:" in profile


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
        (("--answers", "none.yaml"), 4, "none.yaml"),
        (("--answers", "bad.yaml"), 4, "expected answers in YAML"),
        (("--answers", "unknown.yaml"), 2, "no question is answered by 'hots'"),
    ],
)
def test_bad_answers(run: Commands, words: tuple[str, ...], status: int, message: str) -> None:
    (run.folder / "bad.yaml").write_text("a: [1\n")
    (run.folder / "unknown.yaml").write_text("hots: a.example\n")
    before = {path: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}
    assert message in run("wizard", *words, status=status).err
    assert before == {path: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}


def test_answers_of_a_file(run: Commands) -> None:
    (run.folder / "a.yaml").write_text("what: compare\nstore: trust.jks\nlist: mozilla\n")
    assert (
        "With which list of CAs? Mozilla's roots"
        in run("wizard", "--answers", "a.yaml", status=1).out
    )


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


# -- programs that others connect to, and what their profiles know ------------------------


@pytest.fixture
def tomcat(run: Commands) -> Path:
    """A CATALINA_BASE whose connector names a trust store."""
    home = run.folder / "tomcat"
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "server.xml").write_text(
        '<Server><Service><Connector port="8443" SSLEnabled="true"><SSLHostConfig '
        'certificateVerification="required" truststoreFile="conf/clients.p12"/>'
        "</Connector></Service></Server>\n"
    )
    return home


def test_a_server_is_to_take_its_clients(run: Commands, plans: list[Plan], tomcat: Path) -> None:
    run.write("ca.pem", Certificate(ROOT_CA))
    words = ("wizard", "--what", "connection", "--system", "tomcat", "--home", tomcat)
    answers = ("--side", "clients", "--ca", "ca.pem", "--storepass", "env:PW", "--yes")
    store = tomcat / "conf" / "clients.p12"
    refused = run(*words, *answers, status=2)
    assert "--pin" in refused.err
    assert not store.exists()
    pin = ("--pin", Certificate(ROOT_CA).sha256, "--profile", "p.yaml")
    with as_before(store):
        said = run(*words, *answers, *pin).out
        assert "certificateVerification = required (server.xml, line 1)" in unfolded(said)
        assert "restart Tomcat" in said
        kept = formats.read(store.read_bytes(), Password("of the store"))
        assert set(kept.certificates()) == {Certificate(ROOT_CA)}
    ((_, *command),) = commands_of(said)
    assert command[-2:] == ["--storepass", "prompt"]
    run(*command[:-1], "env:PW")
    one, other = plans
    assert one == other


def test_what_a_server_should_send(run: Commands, tomcat: Path) -> None:
    with servers.python_ssl(served(BELOW)) as running:
        words = ("--what", "connection", "--system", "tomcat", "--home", tomcat)
        said = run("wizard", *words, "--host", f"localhost:{running.port}", "--side", "server",
                   status=1).out  # fmt: skip
    assert "What would mend it:" in said
    assert "CN=Issuing" in said
    assert "that is for every client to do" in said


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


def unfolded(text: str) -> str:
    """Folded lines as one."""
    return re.sub(r"\n +", " ", text)


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
