"""keytool's questions: the same answers in a pipe, given to real keytools and to ours.

A keytool is judged by the store it leaves; `Prompter` by what it returns.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from storekeeper import formats
from storekeeper.errors import WrongPassword
from storekeeper.model import PrivateKey, Store
from tests import jvm, pki
from tests.our_keytool import TOP, Done, theirs
from tests.prompting import ANY_PROMPT, at_terminal

MODEL = "17.0.9.2"
GIVEN = ("-storepass", "changeit")
DRIVER = """
import json, sys
from storekeeper.cli.keytool.prompts import Prompter
from storekeeper.errors import StorekeeperError
from storekeeper.model import Password
said = []
p = Prompter(said.append)
STORE = Password("changeit")
name = lambda pairs: ", ".join(f"{key}={value}" for key, value in pairs)
results = []
try:
    for call in sys.argv[1:]:
        found = eval(call)
        results.append(getattr(found, "text", found))
except StorekeeperError as error:
    results.append(type(error).__name__)
print(json.dumps([results, said]))
"""


class Asked(NamedTuple):
    """What the calls returned, what was said about lost lines, and standard error."""

    results: list[Any]
    said: list[str]
    shown: str


def asked(answers: str | bytes, *calls: str) -> Asked:
    """Call methods of a `Prompter` called ``p``, with answers in a pipe."""
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *calls],
        input=answers if isinstance(answers, bytes) else answers.encode(),
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TOP), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        timeout=60,
        start_new_session=True,
        check=True,
    )
    results, said = json.loads(done.stdout)
    return Asked(results, said, done.stderr.decode())


def keytool(answers: str, *words: str | Path, version: str = MODEL) -> Done:
    return theirs(jvm.jvm(version), *words, input=answers.encode())


def opened(path: Path, password: str) -> Store:
    return formats.read(path.read_bytes(), password)


# --- a new keystore, a yes or a no -----------------------------------------------------

NEW_STORE = {
    "all right": "abcdef\nabcdef\nyes\n",
    "no line end": "abcdef\nabcdef\ny",
    "Windows line ends": "abcdef\r\nabcdef\r\nYES\r\n",
    "too short first": "abc\nabcdef\nabcdef\nyes\n",
    "not the same first": "abcdef\nabcdex\nabcdef\nabcdef\nyes\n",
    "a no": "abcdef\nabcdef\nno\n",
    "an empty answer": "abcdef\nabcdef\n\n",
    "no answer": "abcdef\nabcdef\n",
    "lost second answer": "abcdef\nabcdef\nmaybe\ny\n",
    "three too short": "abc\nabc\nabc\nabcdef\nabcdef\nyes\n",
    "not the same thrice": "abcdef\nx\nabcdef\nx\nabcdef\nx\nabcdef\nabcdef\nyes\n",
    "nothing": "",
}


@pytest.mark.parametrize("case", NEW_STORE)
def test_importing_into_a_new_keystore(case: str, tmp_path: Path) -> None:
    answers, store = NEW_STORE[case], tmp_path / "new.p12"
    (tmp_path / "root.der").write_bytes(pki.certificate("root"))
    keytool(answers, "-importcert", "-alias", "x", "-file", tmp_path / "root.der",
            "-keystore", store)  # fmt: skip
    found = asked(answers, "p.writing_password(new=True)", "p.trust()")
    assert store.exists() is (found.results[-1] is True)
    if store.exists():
        assert opened(store, found.results[0]).find("x") is not None
    assert bool(found.said) is (case == "lost second answer")


def test_a_password_for_reading() -> None:
    for answers, password in (("changeit\nrest", "changeit"), ("\nchangeit\n", None), ("", None)):
        assert asked(answers, "p.store_password()").results == [password]


def test_data_may_follow_a_password(tmp_path: Path) -> None:
    store = tmp_path / "new.p12"
    certificate = pki.pem("CERTIFICATE", pki.certificate("root")).decode()
    answers = f"abcdef\nabcdef\n{certificate}"
    keytool(answers, "-importcert", "-noprompt", "-alias", "x", "-keystore", store)
    assert opened(store, "abcdef").find("x") is not None
    found = asked(answers, "p.writing_password(new=True)", "p.rest().decode()")
    assert found.results == ["abcdef", certificate]
    assert asked(b"\xff\xfe", "p.rest()[:1] == b'\\xff'").results == [True]


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_bytes_of_a_password_are_characters(version: str, tmp_path: Path) -> None:
    answers, store = "pässword\n" * 2, tmp_path / "new.jks"
    (tmp_path / "root.der").write_bytes(pki.certificate("root"))
    keytool(answers, "-importcert", "-noprompt", "-alias", "x", "-file", tmp_path / "root.der",
            "-keystore", store, "-storetype", "JKS", version=version)  # fmt: skip
    found = asked(answers, "p.writing_password(new=True)")
    assert opened(store, found.results[0]).find("x") is not None
    assert "give it with :env or :file" in found.said[0]


def test_other_answers_are_utf8() -> None:
    assert asked("ä\n", "p.new_alias()").results == ["ä"]
    assert asked(b"\xff\xfe\n", "p.trust()").results == ["UsageError"]


# --- names -----------------------------------------------------------------------------

NAMES = {
    "all": "Jane\nUnit\nOrg\nCity\nState\nUS\nyes\n",
    "defaults": "\n\n\n\n\n\ny\n",
    "second thoughts": "A\n\n\n\n\n\nno\n\nB\n\n\n\nDE\nYES\n",
    "ends": "A\nB\n",
    "nothing": "",
}


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[1:])
@pytest.mark.parametrize("case", NAMES)
def test_names(case: str, version: str, tmp_path: Path) -> None:
    words = ("-genkeypair", "-alias", "x", "-keyalg", "EC", "-keystore", tmp_path / "new.p12")
    done = keytool(NAMES[case], *words, *GIVEN, version=version)
    shown = re.search(r"^\tfor: (.*)$", done.stderr, re.MULTILINE)
    found = asked(NAMES[case], "p.distinguished_name(name)")
    assert found.results == [shown[1] if shown else "UsageError"]
    rounds = done.stderr.count("What is your first and last name?")
    assert found.shown.count("What is your first and last name?") == rounds
    assert bool(shown) is (case in ("all", "defaults", "second thoughts"))


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[2:])
def test_a_dot_leaves_a_part_out(version: str, tmp_path: Path) -> None:
    answers = "A\n.\n.\n\n.\n.\nyes\n"
    words = ("-genkeypair", "-alias", "x", "-keyalg", "EC", "-keystore", tmp_path / "new.p12")
    done = keytool(answers, *words, *GIVEN, version=version)
    assert "\tfor: CN=A, L=Unknown\n" in done.stderr
    assert asked(answers, "p.distinguished_name(name)").results == ["CN=A, L=Unknown"]


# --- passwords of keys -----------------------------------------------------------------

KEY_PASSWORDS = {
    "the keystore's": "\n",
    "nothing": "",
    "another": "keypas\nkeypas\n",
    "not the same, short, the keystore's": "keypas\nkeypaz\nkey\n\n",
    "three too short": "key\nkey\nkey\nkeypas\nkeypas\n",
}


def generate(store: Path, answers: str, *more: str) -> Done:
    words = ("-genkeypair", "-alias", "k", "-keyalg", "EC", "-storetype", "JKS", *GIVEN)
    return keytool(answers, *words, "-keystore", store, *more)


def opens(store: Path, storepass: str, keypass: str) -> bool:
    entry = opened(store, storepass).find("k")
    assert isinstance(entry, PrivateKey)
    try:
        return bool(entry.pkcs8(keypass))
    except WrongPassword:
        return False


@pytest.mark.parametrize("case", KEY_PASSWORDS)
def test_the_password_of_a_new_key(case: str, tmp_path: Path) -> None:
    answers, store = KEY_PASSWORDS[case], tmp_path / "new.jks"
    generate(store, answers, "-dname", "CN=k")
    (found,) = asked(answers, "p.new_key_password('k', STORE)").results
    if found == "PasswordRequired":
        assert not store.exists()
    else:
        assert opens(store, "changeit", found)


def test_what_follows_an_answer_is_lost_and_that_is_said(tmp_path: Path) -> None:
    answers, store = "Jane\n\n\n\n\n\nyes\nkeypas\nkeypas\n", tmp_path / "new.jks"
    generate(store, answers)
    found = asked(answers, "p.distinguished_name(name)", "p.new_key_password('k', STORE)")
    assert found.results[1] == "changeit"
    assert opens(store, "changeit", "changeit")
    assert len(found.said) == 1
    assert "2 more lines of standard input dropped" in found.said[0]
    assert "keypas" not in found.said[0]


def test_what_is_typed_later_is_not_lost() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, "p.overwrite('a')", "p.new_alias()"],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TOP)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stderr is not None
    shown = b""
    for answer, prompt in ((b"no\n", b"overwrite? [no]:  "), (b"b\n", b"for this entry):  ")):
        while not shown.endswith(prompt):
            byte = process.stderr.read(1)
            assert byte, shown
            shown += byte
        process.stdin.write(answer)
        process.stdin.flush()
    out, _ = process.communicate(timeout=60)
    assert json.loads(out) == [[False, "b"], []]


CHANGED = {
    "all right": "changeit\nkeypas\nkeypas\n",
    "the same, short, then right": "changeit\nchangeit\nkey\nkeypas\nkeypas\n",
    "never the same": "changeit\nkeypas\n1\nkeypas\n2\nkeypas\n3\nkeypas\nkeypas\n",
    "nothing new": "changeit\n",
}


@pytest.mark.parametrize("case", CHANGED)
def test_another_password(case: str, tmp_path: Path) -> None:
    answers, store = CHANGED[case], tmp_path / "store.jks"
    generate(store, "\n", "-dname", "CN=k")
    before = store.read_bytes()
    done = keytool(answers, "-storepasswd", "-keystore", store)
    calls = ("p.writing_password(new=False)", "p.new_password('keystore password', STORE)")
    found = asked(answers, *calls)
    assert found.results[0] == "changeit"
    if found.results[1] == "PasswordRequired":
        assert done.returncode == 1
        assert store.read_bytes() == before
    else:
        assert opens(store, found.results[1], "changeit")


def test_the_password_of_a_key_that_is_there() -> None:
    assert asked("\n\nkeypas\n", "p.key_password('k')").results == ["keypas"]
    assert asked("\n\n\nkeypas\n", "p.key_password('k')").results == ["PasswordRequired"]
    with_other = "p.key_password('k', other=STORE, other_alias='o')"
    assert asked("\n", with_other).results == ["changeit"]
    assert asked("x\n", with_other).results == ["x"]


def test_a_yes_or_a_no() -> None:
    for answers, answer in (("y\n", True), ("Yes", True), ("N\n", False), ("\n", False)):
        for call in ("trust()", "overwrite('a')", "add_again('a')", "install_reply()"):
            assert asked(answers, f"p.{call}").results == [answer]


def test_a_secret_in_a_pipe_is_one_line() -> None:
    assert asked("swordfish\nother\n", "p.secret()").results == ["swordfish"]


# --- at a terminal ---------------------------------------------------------------------


def prompted(answers: list[bytes], *calls: str) -> str:
    """What the terminal shows; an answer is typed whenever something was asked."""
    command = [sys.executable, "-c", DRIVER, *calls]
    environ = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(TOP), "LC_ALL": "C.UTF-8"}
    _, shown = at_terminal(command, TOP, environ, answers, prompt=ANY_PROMPT)
    return shown


def test_passwords_are_not_shown_and_answers_are() -> None:
    shown = prompted([b"swordfish\n", b"yes\n"], "p.store_password().text[:2]", "p.trust()")
    assert shown.count("Enter keystore password:  ") == 1
    assert "swordfish" not in shown
    assert "Trust this certificate? [no]:  yes" in shown
    assert '[["sw", true], []]' in shown


def test_the_end_of_input_at_a_terminal_is_no_password() -> None:
    assert "[[null], []]" in prompted([b"\x04"], "p.store_password()")
