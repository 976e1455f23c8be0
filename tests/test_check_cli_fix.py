"""``check --fix``: the commands it gives mend what it found."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import storekeeper
from storekeeper import formats
from storekeeper.model import Certificate, Password, Store, TrustedCert
from tests import forge, jvm
from tests.checking import DAY, OTHER, asked, run, write
from tests.commands import Commands
from tests.forge import key
from tests.oracle import Oracle
from tests.test_arrangement import issuers_at, served
from tests.verdict_cases import EXPIRED, HOST, SAN, leaf, mid, root

__all__ = ["run"]  # fixture


def commands_in(text: str) -> Iterator[list[str]]:
    """The numbered fixes of a text, each as its commands."""
    for block in re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]:
        yield re.findall(r"^   \$ (.*)$", block, re.MULTILINE)


def shell(line: str, folder: Path) -> None:
    """A command line, with this checkout's storekeeper."""
    program = f"{shlex.quote(sys.executable)} -m storekeeper"
    subprocess.run(
        ["sh", "-ec", line.replace("storekeeper", program)],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "PYTHONPATH": str(Path(storekeeper.__file__).parents[1]),
        },
        check=True,
        capture_output=True,
        timeout=60,
    )


WAYS: dict[str, tuple[list[bytes], list[bytes], list[bytes]]] = {
    "missing intermediate": ([leaf()], [root()], [mid()]),
    "unknown root": ([leaf(), mid(), root()], [OTHER], []),
    "another key": ([leaf(), mid(), root()], [root(own=key("root2"))], []),
    "out of order": ([root(), mid(), leaf()], [root()], []),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_commands_do_it(run: Commands, name: str) -> None:
    """Each in a folder of its own, as typed; then our check and a real JVM accept."""
    chain, anchors, candidates = WAYS[name]
    oracle = Oracle(jvm.by_major(17))
    more = ["--with", "more.pem"] if candidates else []

    def fresh(folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        write(folder / "sent.pem", *chain)
        write(folder / "more.pem", *candidates)
        write(folder / "trusted.pem", *anchors)

    fresh(run.folder)
    text = run("fix", *asked("sent.pem", "trusted.pem"), *more, status=1).out
    ways = list(commands_in(text))
    assert ways
    for number, lines in enumerate(ways):
        assert lines, text
        folder = run.folder / str(number)
        fresh(folder)
        for line in lines:
            shell(line, folder)
        changed = folder / "to-send.pem"
        sent = changed if changed.exists() else folder / "sent.pem"
        trusted = folder / "trusted.pem"
        run("check", *asked(str(sent), str(trusted)))
        answer = oracle.judge(
            [one.der for one in formats.read(sent.read_bytes()).certificates()],
            [one.der for one in formats.read(trusted.read_bytes()).certificates()],
            host=HOST,
            at=forge.AT,
        )
        assert answer.accepts, (lines, answer)
    oracle.close()


@pytest.mark.parametrize("format", ["JKS", "PKCS12"])
def test_the_commands_replace_an_anchor_of_a_keystore(run: Commands, format: str) -> None:
    """SunX509 takes either of two roots of one name: the old one has to go."""
    old = Store(format, (TrustedCert("corp", Certificate(root(own=key("root2"))), created_ms=0),))
    path = run.folder / "trust.store"
    path.write_bytes(formats.write(old, Password("changeit")))
    words = [*asked("chain.pem", "trust.store"), "--trust-manager", "SunX509"]
    text = run("fix", *words, "--with", "root.pem", status=1).out
    lines = next(iter(commands_in(text)))
    assert [line.split()[1] for line in lines] == ["delete", "export"]
    for line in lines:
        shell(line, run.folder)
    run("check", *words)
    seen = jvm.by_major(17).worker.load(path.read_bytes(), "changeit", format)["entries"]
    assert [Certificate(one["chain"][0]) for one in seen] == [Certificate(root())]


def test_what_is_fetched_is_shown_and_not_trusted(run: Commands) -> None:
    """chain and fix with --aia beside a server; each fix done as typed, while it is up."""
    pages: dict[str, bytes | str] = {"/mid.cer": mid()}
    with served(pages) as address:
        write(run.folder / "sent.pem", leaf(extensions=(SAN, issuers_at(f"{address}/mid.cer"))))
        write(run.folder / "trusted.pem", root())
        beside = ["sent.pem", "--store", "trusted.pem", "--at", DAY]
        said = run("chain", *beside, status=1).out
        assert f"the missing issuer should be at {address}/mid.cer; --aia fetches it" in said
        said = run("chain", *beside, "--aia", status=1).out
        assert "[intermediate, not sent, from elsewhere, until" in said
        assert f"note: from {address}/mid.cer: O=Example,CN=Issuing, which is not trusted" in said
        assert "SHA-256 " in said
        words = asked("sent.pem", "trusted.pem")
        told = run("fix", *words, status=1)
        assert f"it may be at {address}/mid.cer" in told.out
        assert "--with FILE, or --aia" in told.err
        told = run("fix", *words, "--aia", status=1)
        assert "which is not trusted by that; SHA-256 " in told.err
        ways = list(commands_in(told.out))
        assert len(ways) == 3
        for number, lines in enumerate(ways):
            folder = run.folder / str(number)
            folder.mkdir()
            for name in ("sent.pem", "trusted.pem"):
                (folder / name).write_bytes((run.folder / name).read_bytes())
            for line in lines:
                shell(line, folder)
            changed = folder / "to-send.pem"
            sent = changed if changed.exists() else folder / "sent.pem"
            run("check", *asked(str(sent), str(folder / "trusted.pem")))
    run("chain", "sent.pem", "--aia", status=1)


def test_fix_says_what_to_do(run: Commands) -> None:
    said = run("fix", *asked("leaf.pem"), "--with", "mid.pem", status=1)
    assert said.out.splitlines()[3:] == [
        "1. let the server send O=Example,CN=Issuing as well",
        "     every client gains by it",
        "   $ storekeeper chain leaf.pem --with mid.pem --store root.pem --send > to-send.pem",
        "     tried: java17.0.9 accepts then",
        *said.out.splitlines()[7:],
    ]
    assert "2. import the intermediate: O=Example,CN=Issuing" in said.out
    assert "3. import the server's own certificate" in said.out
    assert "a pinned certificate breaks on renewal, on 2026-09-09 at the latest" in said.out


def test_fix_of_names(run: Commands) -> None:
    words = asked()
    words[words.index("--host") + 1] = "other.example.net"
    said = run("fix", *words, status=1).out
    assert "no import mends a name: No subject alternative DNS name matching" in said
    assert "1. a new certificate, with other.example.net among its alternative names" in said
    assert "storekeeper import" not in said


def test_fix_in_an_emergency(run: Commands) -> None:
    write(run.folder / "late.pem", leaf(**EXPIRED), mid())
    said = run("fix", *asked("late.pem"), status=1).out
    assert "1. a new certificate for the server" in said
    assert "2. EMERGENCY ONLY: import the server's own certificate" in said


def test_fix_when_there_is_nothing_to_mend(run: Commands) -> None:
    assert run("fix", *asked()).out == "nothing to mend: java17.0.9 accepts\n"


def test_fix_json(run: Commands) -> None:
    found = json.loads(run("fix", *asked("leaf.pem"), "--with", "mid.pem", "-j", status=1).out)
    assert found["schema"] == "storekeeper.fix/1"
    assert found["verdict"]["rule"] == "no-path"
    assert [one["kind"] for one in found["fixes"]] == ["send", "import-intermediate", "import-leaf"]
    assert all(one["proved"] and one["commands"] for one in found["fixes"])


def test_passwords_do_not_come_out(run: Commands) -> None:
    store = Store("JKS", (TrustedCert("other", Certificate(OTHER), created_ms=0),))
    (run.folder / "trust.jks").write_bytes(formats.write(store, Password("s3cret")))
    words = asked("full.pem", "trust.jks", "--storepass")
    said = run("fix", *words, "pass:s3cret", status=1)
    assert "s3cret" not in said.out + said.err
    assert "--storepass prompt" in said.out
    (run.folder / "pw").write_text("s3cret\n")
    assert "--storepass file:pw" in run("fix", *words, "file:pw", status=1).out


def test_stores_nobody_can_write_get_no_command(run: Commands) -> None:
    said = run("fix", *asked("full.pem", "certifi"), status=1).out
    assert "1. import the root" in said
    assert "storekeeper import" not in said


def test_fix_judges_for_one_runtime(run: Commands) -> None:
    said = run("fix", *asked("leaf.pem"), "--runtime", "java11,java17", status=2)
    assert "expected one runtime, found 2" in said.err
