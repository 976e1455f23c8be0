"""The wizard's plans beside those of commands and profiles: one wish, one plan."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change import apply as applying
from storekeeper.change.incoming import Incoming
from storekeeper.change.plan import Plan
from storekeeper.change.target import open_target
from storekeeper.model import Certificate, Password, PrivateKey, Store, TrustedCert
from storekeeper.tls.way import Way
from storekeeper.trust.edits import Edit
from storekeeper.trust.fix import Fix
from storekeeper.wizard.anchoring import mend_of
from storekeeper.wizard.looking import Place
from storekeeper.wizard.systems import System
from storekeeper.wizard.talk import Talk
from tests import servers
from tests.commands import Commands
from tests.forge import key, make
from tests.test_client_cli import LEAF, MID, ROOT, SERVER, key_entry
from tests.wizard_cases import (
    BELOW,
    CA,
    DATES,
    ISSUING,
    NOW,
    OWN,
    ROOT_CA,
    as_before,
    commands_of,
    plans,
    run,
    served,
    unfolded,
)

__all__ = ["plans", "run"]  # fixtures


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


@pytest.mark.slow
def test_a_server_that_is_asked_for_tls(run: Commands, plans: list[Plan]) -> None:
    """Command and profile say how it is asked, too."""
    path = run.folder / "trust.jks"
    pin = ("--store", "trust.jks", "--pin", Certificate(OWN).sha256, "--yes")
    with servers.postgres(served(OWN)) as running:
        bare = f"localhost:{running.port}"
        for server in ((f"postgres://{bare}",), (bare, "--starttls", "postgres")):
            words = ("wizard", "--what", "connection", "--host", *server, *pin)
            with as_before(path):
                said = run(*words, "--profile", "p.yaml").out
            with as_before(path):
                run("apply", "p.yaml")
            with as_before(path):
                ((_, *command),) = commands_of(said)
                run(*command)
            (run.folder / "p.yaml").unlink()
            assert plans[-3] == plans[-2] == plans[-1]
    assert len(plans) == 6


def test_making_certificates_visible_is_the_plan_of_convert(
    run: Commands, plans: list[Plan]
) -> None:
    """A PKCS12 as OpenSSL makes it, in which Java sees nothing."""
    path = run.folder / "hidden.p12"
    entries = (TrustedCert("root", Certificate(ROOT_CA), attributes=()),)
    path.write_bytes(formats.write(Store("PKCS12", entries), Password("of the store")))
    with servers.python_ssl(served(BELOW, ISSUING)) as running:
        words = ("wizard", "--what", "connection", "--store", "hidden.p12", "--yes")
        secret = ("--storepass", "env:PW", "--host", f"localhost:{running.port}")
        with as_before(path):
            said = run(*words, *secret).out
        assert "Tested again: whoever trusts by hidden.p12 accepts" in unfolded(said)
        ((_, *command),) = commands_of(said)
        assert command[-2:] == ["--storepass", "prompt"]
        run(*command[:-1], "env:PW")
    one, other = plans
    assert one == other
    assert one.changes


def test_an_old_anchor_is_exchanged_at_once(run: Commands) -> None:
    """One plan of what takes two commands; both come to the same entries."""
    path = run.folder / "trust.jks"
    old = make("CN=Root", key("old"), "CN=Root", key("old"), *CA, **DATES)
    run.write("old.pem", Certificate(old))
    run("import", "trust.jks", "old.pem")
    edit = Edit("replace-anchor", "", (Certificate(ROOT_CA),), (Certificate(old),))
    fix = Fix((edit,), edit.kind, "", ())
    with servers.python_ssl(served(BELOW, ISSUING, ROOT_CA)) as running:
        place = Place(f"localhost:{running.port}", Way())
        sent = [Incoming(Certificate(one), place.source) for one in (BELOW, ISSUING, ROOT_CA)]
        target, system = open_target("trust.jks"), System("store", "", "", "trust.jks")
        change = mend_of(Talk(now_ms=NOW * 1000), fix, sent, system, target, place, None)
        plan = change.make(target)
        assert [one.state for one in plan.steps] == ["removed", "added"]
        with as_before(path):
            applying.apply(plan)
            by_wizard = run.store("trust.jks").entries
        for command in change.commands:
            run(*shlex.split(command)[1:])
    assert run.store("trust.jks").entries == by_wizard
    assert change.confirm == (Certificate(ROOT_CA),)
    assert not change.profile  # which could not say that the old one goes


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
        with as_before(run.folder / "new.p12"):
            run(*command, "--srcstorepass", "env:OLD")
        profile = (run.folder / "p.yaml").read_text()
        assert "of the store" not in profile + shown
        # That of the target comes first.
        profile = profile.replace("prompt", "env:PW", 1).replace("prompt", "env:OLD")
        (run.folder / "p.yaml").write_text(profile)
        run("apply", "p.yaml")
    for one in plans:
        assert one.steps == plans[0].steps
        assert one.result
        (held,) = one.result.entries
        assert isinstance(held, PrivateKey)
        assert [each.der for each in held.chain] == [LEAF, MID]
        assert (held.alias, held.created_ms) == ("one", NOW * 1000)
    assert len(plans) == 3


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
    with as_before(store):
        run(*command[:-1], "env:PW")
    text = (run.folder / "p.yaml").read_text()
    (run.folder / "p.yaml").write_text(text.replace("env:TRUSTSTORE_PASSWORD", "env:PW"))
    run("apply", "p.yaml")
    by_wizard, by_command, by_profile = plans
    assert by_wizard == by_command == by_profile


def test_what_a_server_should_send(run: Commands, tomcat: Path) -> None:
    with servers.python_ssl(served(BELOW)) as running:
        words = ("--what", "connection", "--system", "tomcat", "--home", tomcat)
        said = run("wizard", *words, "--host", f"localhost:{running.port}", "--side", "server",
                   status=1).out  # fmt: skip
    assert "What would mend it:" in said
    assert "CN=Issuing" in said
    assert "that is for every client to do" in said
