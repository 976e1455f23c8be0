"""The wizard on a real terminal: keys typed, screens read, and files that stay as they are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.model import Certificate, Password
from tests import pki, wizard_transcript
from tests.terminal import COLUMNS, CTRL_B, CTRL_C, DOWN, ENTER, UP, Terminal, plain
from tests.wizard_bench import SERVER, Case, served, xmatters
from tests.wizard_transcript import QUESTIONS


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    with xmatters(tmp_path) as made:
        yield made


def trusts(case: Case) -> bool:
    """Whether the agent's JRE has the management system's certificate."""
    store = formats.read(case.cacerts.read_bytes(), Password("changeit"))
    return Certificate(served()[0]) in set(store.certificates())


def path_to(terminal: Terminal, last: str, *, arrows: bool = False) -> None:
    """Answer every question before the one that asks for ``last``, and read that."""
    for question, answer in QUESTIONS:
        terminal.reads(question)
        if re.search(last, question):
            return
        if not arrows:
            terminal.reads(r"> $")
        terminal.answers(answer)
    raise AssertionError(last)


# -- the whole path -----------------------------------------------------------------------


def test_the_page_has_the_conversation_as_it_goes() -> None:
    text = wizard_transcript.PAGE.read_text(encoding="utf-8")
    assert text == wizard_transcript.page(), "run python -m tests.wizard_transcript"
    shown = text.partition("```text\n")[2].partition("\n```")[0]
    assert len(QUESTIONS) <= 8
    assert [answer for _, answer in QUESTIONS if answer] == [SERVER]
    paths = r"backup: |\$ "
    assert all(len(one) < COLUMNS for one in shown.splitlines() if not re.search(paths, one))


def test_arrow_keys_help_and_going_back(case: Case) -> None:
    terminal = case.start()
    terminal.reads(r"doesn't work\? \(\? explains, < goes back\)")
    terminal.types("?")
    terminal.reads("The first is for whoever sees an error")
    terminal.reads("unasked: --what; Enter: a connection fails")
    terminal.reads(r"goes back\)")
    terminal.types("<")
    terminal.reads("this is the first question; Ctrl-C ends")
    terminal.reads(r"goes back\)")
    terminal.types(DOWN + UP + ENTER)
    terminal.reads(r"What doesn't work\? a connection fails")
    terminal.reads(r"Which program .*\(\? explains, < goes back\)")
    assert any(line.startswith(" » xMatters integration agent in") for line in terminal.screen())
    terminal.types("<")
    terminal.reads(r"What doesn't work\? \(")
    terminal.types(ENTER)
    terminal.reads(r"Which program .*goes back\)")
    terminal.types(ENTER)
    terminal.reads(r"Which server\?.*\n>")
    terminal.types(CTRL_B)
    terminal.reads(r"Which program .*goes back\)")
    terminal.types("1")
    terminal.reads(r"Which server\?.*\n>")
    terminal.answers("no such host!")
    terminal.reads("nothing that is known was found")
    terminal.reads(r"Which server\?\s*\n>")
    terminal.answers("?")
    terminal.reads("as the program is told it")
    terminal.reads(r"Which server\?\s*\n>")
    terminal.answers(SERVER)
    terminal.reads(r"What shall be done\? \(")
    assert not trusts(case)
    assert all(len(line) <= COLUMNS for line in terminal.screen())
    terminal.types(ENTER)
    for question in (r"owner told you\? \(", r"written now\? \("):
        terminal.reads(question)
        terminal.types(ENTER)
    terminal.reads("Tested again: xMatters integration agent accepts")
    terminal.reads(r"Save a profile .*\n>")
    terminal.answers("agent.yaml")
    terminal.reads(r"storekeeper apply agent\.yaml")
    assert terminal.ends() == 0
    assert trusts(case)
    assert case.run("plan", "agent.yaml").returncode == 0  # nothing is left to do


@pytest.mark.slow
def test_without_colour_there_are_plain_lines(case: Case) -> None:
    terminal = case.start(NO_COLOR="1")
    path_to(terminal, "written now")
    terminal.answers("n")
    assert terminal.ends() == 1
    assert "\x1b[3" not in terminal.text
    assert "Nothing was written. This would do it:" in plain(terminal.text)
    assert not trusts(case)


# -- nothing half done --------------------------------------------------------------------


def cancelled(case: Case, number: int, *, arrows: bool) -> None:
    """Ctrl-C at one of the questions."""
    before = case.files()
    terminal = case.start(TERM="xterm" if arrows else "dumb")
    for question, answer in QUESTIONS[:number]:
        terminal.reads(question)
        if not arrows:
            terminal.reads(r"> $")
        terminal.answers(answer)
    terminal.reads(QUESTIONS[number][0])
    terminal.reads(r"> $|goes back\)|>")
    terminal.types(CTRL_C)
    done = number > 5
    terminal.reads("what was written stays" if done else "ended here: nothing was changed")
    assert terminal.ends() == 130
    assert "Traceback" not in terminal.text
    if done:
        assert trusts(case)
    else:
        assert case.files() == before


def test_cancelling_before_the_last_yes_changes_nothing(case: Case) -> None:
    cancelled(case, 5, arrows=False)


@pytest.mark.slow
@pytest.mark.parametrize("arrows", [False, True], ids=["lines", "arrows"])
@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_cancelling_at_any_question_changes_nothing(case: Case, number: int, arrows: bool) -> None:
    cancelled(case, number, arrows=arrows)


@pytest.mark.slow
def test_the_end_of_the_terminals_input_is_like_cancelling(case: Case) -> None:
    before = case.files()
    terminal = case.start(TERM="dumb")
    path_to(terminal, "shall be done")
    terminal.reads(r"> $")
    terminal.types("\x04")
    assert terminal.ends() == 130
    assert case.files() == before


@pytest.mark.slow
def test_a_fingerprint_that_is_not_confirmed_ends_it(case: Case) -> None:
    before = case.files()
    terminal = case.start("--plain")
    path_to(terminal, "owner told you")
    terminal.answers("2")
    terminal.reads("not confirmed, and nothing was changed")
    assert terminal.ends() == 6
    assert case.files() == before


# -- what is in the way -------------------------------------------------------------------


def test_nobody_answers(case: Case) -> None:
    before = case.files()
    terminal = case.start("--plain", "--what", "connection", "--system", "xmatters")
    terminal.reads(r"Which server\?")
    terminal.answers(f"{case.address}:8444")
    terminal.reads("refused")
    terminal.reads(r"Another name or port for it\? \(Enter ends\)")
    terminal.answers("nonsense:port")
    terminal.reads("expected a port")
    terminal.answers()
    terminal.reads("error: .*")
    terminal.reads("hint: run this where the server can be reached, or with --proxy URL")
    assert terminal.ends() == 5
    assert case.files() == before


def test_no_permission(case: Case) -> None:
    """It prints the command for somebody who may, and leaves everything alone."""
    before = case.files()
    case.cacerts.parent.chmod(0o555)
    terminal = case.start("--plain", powerless=True)
    path_to(terminal, "owner told you")
    terminal.answers("y")
    terminal.reads(r"This user may not write in .*security\.")
    terminal.reads(r"sudo storekeeper import jre:")
    terminal.reads(r"--pin [0-9a-f]{64}")
    terminal.reads("no permission to write here, and nothing was changed")
    assert terminal.ends() == 6
    case.cacerts.parent.chmod(0o755)
    assert case.files() == before


def test_a_password_is_asked_once_and_not_shown(case: Case) -> None:
    words = ("--what", "connection", "--store", "trust.p12", "--host", SERVER, "--profile", "")
    terminal = case.start(*words)
    terminal.reads(r"What shall be done\? \(")
    terminal.types(ENTER)
    terminal.reads("Password of the new store: ")
    terminal.answers("?")
    terminal.reads("The store does not exist yet")
    terminal.reads("Password of the new store: ")
    terminal.answers("hunter22")
    terminal.reads("again: ")
    terminal.answers("hunter23")
    terminal.reads("the two are not the same")
    for again in ("store: ", "again: "):
        terminal.reads(again)
        terminal.answers("hunter22")
    for question in (r"owner told you\? \(", r"written now\? \("):
        terminal.reads(question)
        terminal.types(ENTER)
    terminal.reads("Tested again")
    terminal.reads("--storepass prompt")
    assert terminal.ends() == 0
    assert "hunter" not in terminal.text
    made = formats.read((case.work / "trust.p12").read_bytes(), Password("hunter22"))
    assert len(made.entries) == 1


# -- every other path ---------------------------------------------------------------------

PATHS: dict[str, tuple[tuple[tuple[str, str], ...], int, str]] = {
    "certificate": (
        (
            (r"doesn't work\?", "2"),
            (r"Which server\?", SERVER),
            (r"Which program", ""),
            (r"owner told you\?", ""),
            (r"written now\?", ""),
            (r"Save a profile", ""),
        ),
        0,
        "Tested again: xMatters integration agent accepts",
    ),
    "compare": (
        ((r"doesn't work\?", "4"), (r"Which program", ""), (r"With which list", "")),
        1,
        r"storekeeper diff jre:",
    ),
    "audit": (
        ((r"doesn't work\?", "5"), (r"Which program", "")),
        1,
        r"storekeeper audit jre:",
    ),
    "undo": (
        (
            (r"doesn't work\?", "6"),
            (r"Which change", ""),
            (r"written now\?", ""),
        ),
        0,
        r"restored as before",
    ),
    "client": (
        (
            (r"doesn't work\?", "3"),
            (r"Which server\?", SERVER),
        ),
        5,
        "asks for no client certificate",
    ),
    "another store": (
        (
            (r"doesn't work\?", ""),
            (r"Which program", "3"),
            (r"Which trust store\?", "/nowhere/x.jks"),
            (r"there is no directory /nowhere", "roots.pem"),
            (r"Which server\?", SERVER),
            (r"What shall be done\?", "nothing"),
        ),
        1,
        "Nothing was changed.",
    ),
    "a product installed elsewhere": (
        (
            (r"doesn't work\?", ""),
            (r"Which program", "2"),
            (r"Which product\?", "webmethods"),
            (r"Where is it installed\?", "/nowhere"),
            (r"there is no directory /nowhere", "<"),
            (r"Which product\?", "<"),
            (r"Which program", "1"),
            (r"Which server\?", SERVER),
            (r"What shall be done\?", "2"),
        ),
        1,
        "Nothing was changed.",
    ),
}


@pytest.mark.parametrize(
    ("name", "arrows"),
    [
        pytest.param(name, arrows, marks=pytest.mark.slow)
        for name in PATHS
        for arrows in (False, True)
    ],
)
def test_every_path(case: Case, name: str, arrows: bool) -> None:
    questions, status, last = PATHS[name]
    if name == "undo":
        (case.work / "one.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate("One")))
        assert case.run("import", str(case.cacerts), "one.pem").returncode == 0
    terminal = case.start(TERM="xterm" if arrows else "dumb")
    for question, answer in questions:
        terminal.reads(question)
        terminal.reads(r"goes back\)|\n>" if arrows else r"> $")
        if arrows and answer == "<":
            terminal.types(CTRL_B)
        elif arrows and len(answer) == 1:
            terminal.types(answer)  # a number chooses at once
        elif arrows and answer == "nothing":
            terminal.types(UP + ENTER)  # the last of the list
        elif arrows and answer == "webmethods":
            terminal.types(UP + UP + ENTER)
        else:
            terminal.answers(answer)
    assert terminal.ends() == status
    assert re.search(last, plain(terminal.text)), terminal.text
    assert all(len(line) <= COLUMNS for line in terminal.screen())
    assert "Traceback" not in terminal.text


PASTED = (
    "javax.net.ssl.SSLHandshakeException: No subject alternative names present",
    "    at java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)",
    "Caused by: java.security.cert.CertificateException: No subject alternative names present",
)


@pytest.mark.slow
@pytest.mark.parametrize("arrows", [False, True])
def test_a_pasted_text_of_several_lines_is_one_answer(case: Case, arrows: bool) -> None:
    words = ("--what", "connection", "--store", str(case.cacerts))
    terminal = case.start(*words, TERM="xterm" if arrows else "dumb")
    terminal.reads(r"Which server\?.*\n>")
    text = "\n".join(PASTED)
    terminal.types(f"\x1b[200~{text}\x1b[201~\r" if arrows else f"{text}\n")
    terminal.reads("it does not name the server")
    terminal.reads(r"Which server\?\s*\n>")
    terminal.types(CTRL_C)
    assert terminal.ends() == 130


@pytest.mark.slow
def test_a_store_that_may_not_be_read(case: Case) -> None:
    before = case.files()
    case.cacerts.chmod(0)
    terminal = case.start("--plain", "--what", "connection", "--host", SERVER, powerless=True)
    terminal.reads("Which program")
    terminal.reads(r"> $")
    terminal.answers()
    terminal.reads("this user may not read it")
    terminal.reads("sudo storekeeper wizard")
    assert terminal.ends() == 6
    case.cacerts.chmod(0o644)
    assert case.files() == before


def test_what_the_page_says_about_scripts(case: Case) -> None:
    """Its command and its file of answers, with nobody there, and the same file in the end."""
    page = wizard_transcript.PAGE.read_text(encoding="utf-8")
    _, _, scripts = page.partition("## Without anybody")
    first, second = re.findall(r"```sh\n(.*?)```", scripts, re.DOTALL)
    (answers,) = re.findall(r"```yaml\n(.*?)```", scripts, re.DOTALL)
    (case.work / "answers.yaml").write_text(answers)
    before, after = case.cacerts.read_bytes(), []
    for command in (first, second):
        words = shlex.split(command.replace("\\\n", " "))
        done = case.run(*words[1:])
        assert done.returncode == 0, done.stderr
        assert "Tested again: xMatters integration agent accepts" in done.stdout
        after.append(case.cacerts.read_bytes())
        case.cacerts.write_bytes(before)
    assert after[0] == after[1] != before
