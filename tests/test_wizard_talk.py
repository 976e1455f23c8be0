"""The conversation as a function of its answers: replayed, gone back in, unattended."""

from __future__ import annotations

import ast
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.cli import options_of
from storekeeper.errors import NetworkError, StorekeeperError, UsageError
from storekeeper.model import Password
from storekeeper.names import printable
from storekeeper.profile.load import load
from storekeeper.wizard import layout, profile_text
from storekeeper.wizard.driver import Nobody, converse
from storekeeper.wizard.plain import FIRST, Plain
from storekeeper.wizard.question import NO, YES, Choice, Question, yes_or_no
from storekeeper.wizard.talk import Answered, Facts, Talk, Unanswered

NAME = Question("name", "What name?", "text", "--name", "The name of it.", default="anna")
KIND = Question(
    "kind",
    "Which kind?",
    "choice",
    "--kind",
    "One of two.",
    (Choice("old", "an old one"), Choice("new", "a new one"), Choice("secret", "s", shown=False)),
    default="new",
)
SURE = Question(
    "sure", "Sure?", "choice", "--sure", "Think.", yes_or_no("yes", "no"), default=YES, careful=True
)


def flow(talk: Talk) -> int:
    """Three questions, one of them only for some answers."""
    talk.tell("begins")
    name = talk.ask(NAME)
    talk.tell(f"hello {name}")
    kind = talk.ask(KIND)
    found = talk.once("look", (name, kind), lambda: f"{kind} {name}", "looking ...")
    talk.tell(found)
    if kind == "new":
        talk.ask(SURE)
    return len(found)


def talk_with(*lines: str, flow: Callable[[Talk], int] = flow) -> tuple[int, list[str]]:
    """A conversation in plain lines: the status, and everything that was shown."""
    shown: list[str] = []
    waiting = list(lines)

    def read(prompt: str) -> str:
        shown.append(f"{prompt}{waiting[0]}" if waiting else prompt)
        if not waiting:
            raise EOFError
        return waiting.pop(0)

    status = converse(flow, Plain(read, shown.append), now_ms=0)
    assert not waiting
    return status, shown


def test_answers_and_defaults() -> None:
    status, shown = talk_with("bert", "", "")
    assert status == len("new bert")
    assert [line for line in shown if line in ("begins", "hello bert", "looking ...")] == [
        "begins",
        "hello bert",
        "looking ...",
    ]
    assert "[anna] > bert" in shown
    assert "[2] > " in shown


@pytest.mark.parametrize("word", ["<", "back", "\x02"])
def test_going_back_asks_again_and_looks_again(word: str) -> None:
    status, shown = talk_with("bert", "old", flow=flow)
    assert status == len("old bert")
    status, shown = talk_with("bert", word, "carl", word, word, "dora", "1", flow=flow)
    assert status == len("old dora")
    assert [line for line in shown if line.startswith("hello")] == [
        "hello bert",
        "hello carl",
        "hello dora",
    ]
    assert FIRST in talk_with("<", "bert", "old")[1]


def test_a_look_is_taken_once_for_the_same_answers() -> None:
    looks: list[str] = []

    def looking(talk: Talk) -> int:
        name = talk.ask(NAME)
        talk.once("look", (name,), lambda: looks.append(name))
        talk.ask(KIND)
        talk.ask(SURE)
        return 0

    talk_with("a", "1", "<", "<", "a", "1", "<", "<", "b", "2", "y", flow=looking)
    assert looks == ["a", "b"]


def test_an_error_of_a_look_is_the_same_again() -> None:
    facts = Facts()

    def fails() -> None:
        raise NetworkError(f"once {facts.knows(('x',))}")

    for _ in range(2):
        with pytest.raises(NetworkError, match="once False"):
            facts.once(("x",), fails)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [("", "an answer is needed"), ("3", "expected 1 to 2"), ("nonsense", "found 'nonsense'")],
)
def test_a_wrong_answer_is_asked_again(typed: str, problem: str) -> None:
    def needs(talk: Talk) -> int:
        talk.ask(Question("k", "Which?", "choice", "--k", "h", KIND.choices))
        return 0

    _, shown = talk_with(typed, "1", flow=needs)
    assert any(problem in line for line in shown)


def test_help_says_what_is_meant_and_which_flag_answers() -> None:
    _, shown = talk_with("?", "x", "1")
    assert "  The name of it." in shown
    assert "  unasked: --name; Enter: anna" in shown
    assert shown.count("What name?") == 2


def test_the_end_of_input_is_no_answer() -> None:
    with pytest.raises(KeyboardInterrupt):
        talk_with("bert")


def test_what_was_carried_out_is_not_gone_back_behind() -> None:
    def commits(talk: Talk) -> int:
        talk.ask(NAME)
        talk.once("write", (), lambda: None)
        talk.commit()
        talk.ask(KIND)
        return 0

    _, shown = talk_with("a", "<", "1", flow=commits)
    assert FIRST in shown
    assert shown.count("What name?") == 1


def test_flags_answer_in_place_of_a_person() -> None:
    shown: list[str] = []
    given: dict[str, str | Password] = {"name": "eve", "kind": "new", "sure": "yes"}
    assert converse(flow, Nobody(shown.append), given, now_ms=0) == len("new eve")
    assert "Which kind? a new one" in shown


@pytest.mark.parametrize(
    ("given", "accept", "flag"),
    [
        ({}, False, "--name"),
        ({"name": "x"}, False, "--kind"),
        ({"name": "x", "kind": "new"}, True, "--sure"),
    ],
)
def test_nobody_is_asked_and_the_flag_is_named(
    given: dict[str, str | Password], accept: bool, flag: str
) -> None:
    with pytest.raises(UsageError) as error:
        converse(flow, Nobody(lambda _: None), given, accept=accept, now_ms=0)
    assert error.value.exit_status == 2
    assert flag in error.value.hint


def test_a_flag_with_a_wrong_answer_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--kind: expected 1 to 2, or one of: old, new"):
        converse(flow, Nobody(lambda _: None), {"name": "x", "kind": "green"}, now_ms=0)


def test_a_default_is_taken_when_that_is_said_but_for_what_wants_care() -> None:
    given: dict[str, str | Password] = {"sure": "no"}
    assert converse(flow, Nobody(lambda _: None), given, accept=True, now_ms=0) == len("new anna")


def test_passwords_are_in_no_flag_and_no_line() -> None:
    shown: list[str] = []

    def asks(talk: Talk) -> int:
        question = Question("pw", "Password", "secret", "--storepass", "h")
        assert talk.ask_password(question).text == "hunter2"
        assert talk.ask(NAME) == "anna"
        return 0

    given = {"pw": Password("hunter2", "environment variable PW")}
    converse(asks, Nobody(shown.append), given, accept=True, now_ms=0)
    assert not any("hunter2" in line for line in shown)


@given(st.text(max_size=30))
def test_a_choice_reads_to_one_of_its_values_or_says_why_not(text: str) -> None:
    value, problem = KIND.read(text)
    assert bool(value) != bool(problem)
    assert not value or value in {one.value for one in KIND.choices}


@given(st.lists(st.sampled_from(["a", "b", "<", "1", "2", "y", "n"]), max_size=12))
def test_however_one_goes_back_the_answers_alone_count(keys: list[str]) -> None:
    """Replaying the answers that are left gives what the conversation came to."""
    kept: list[Answered] = []

    def noted(talk: Talk) -> int:
        status = flow(talk)
        kept[:] = talk.answered
        return status

    try:
        status, _ = talk_with(*keys, flow=noted)
    except (KeyboardInterrupt, AssertionError):
        return  # ended early, or with keys left
    talk = Talk(kept)
    assert flow(talk) == status
    with pytest.raises(Unanswered):
        flow(Talk(kept[:-1]))


WORDS = st.text(
    st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=1, max_size=90
)


@given(st.lists(WORDS, min_size=1, max_size=12), st.integers(20, 100))
def test_a_folded_command_is_the_same_command(words: list[str], width: int) -> None:
    lines = layout.command(words, width=width)
    assert shlex.split("\n".join(lines).replace("\\\n", "")) == words


@given(st.lists(st.text(min_size=1, max_size=12), max_size=30), st.integers(20, 100))
def test_folded_lines_fit_unless_a_word_does_not(words: list[str], width: int) -> None:
    text = " ".join(words)
    for line in layout.folded(text, "  ", "    ", width):
        assert len(line) <= width or len(line.split()) == 1
    assert " ".join(layout.folded(text, width=width)).split() == printable(text).split()


@given(st.text(max_size=200), st.integers(10, 80))
def test_a_label_is_cut_in_its_middle(text: str, width: int) -> None:
    shown = layout.cut(text, width)
    assert len(shown) <= width
    assert shown == printable(text) or "..." in shown


@given(st.text(max_size=60))
def test_a_profile_says_any_value(value: str) -> None:
    made = profile_text.text(profile_text.Offer(value, value, sources=((("file", value),),)))
    read = yaml.safe_load(made)
    assert read["title"] == value.replace("$", "$$")
    target = read["targets"][0]
    if not value.startswith(("jre:", "scan:", "~")):
        placed = os.path.join(os.getcwd(), value).replace("$", "$$")
        assert target["sources"] == [{"file": placed}]
        assert target["path"] in (placed, value)  # a word stays as it is


def test_a_profile_means_the_same_store_wherever_it_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    keys = ((("from", "id.p12"), ("as", "client")),)
    sources = ((("store", "a.p12"),), (("file", "b.pem"),), (("store", "cacerts"),))
    for store, path in (("t.p12", f"{tmp_path}/t.p12"), ("jre:/opt/j", "jre:/opt/j")):
        made = profile_text.text(profile_text.Offer("x", store, sources, keys))
        (tmp_path / "other" / "p.yaml").write_text(made)
        (target,) = load("other/p.yaml").targets
        assert target.path == path
        names = [one.name for one in target.sources]
        assert names == [f"{tmp_path}/a.p12", f"{tmp_path}/b.pem", "cacerts"]
        assert target.keys[0].source == f"{tmp_path}/id.p12"


def questions() -> list[ast.Call]:
    """Every question that the flows ask, as it is written."""
    room = Path(layout.__file__).parent
    calls = [
        node
        for path in room.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Question"
    ]
    assert len(calls) > 15
    return calls


def test_every_question_has_help_and_an_option_that_answers_it() -> None:
    options = {one for action in options_of("wizard")._actions for one in action.option_strings}
    for call in questions():
        _, text, _, flag, about, *_ = map(ast.unparse, call.args)
        name = flag.strip("'f\"")
        known = [one for one in options if re.fullmatch(re.sub(r"{\w+}", ".*", name), one)]
        assert known, f"{text}: {flag}"
        assert len(about) > 40 or "fingerprint that was told" in text, text


def test_no_error_but_ours_is_kept() -> None:
    facts = Facts()
    with pytest.raises(ZeroDivisionError):
        facts.once(("a",), lambda: 1 // 0)
    assert not facts.knows(("a",))
    assert issubclass(NetworkError, StorekeeperError)
    assert NO != YES
