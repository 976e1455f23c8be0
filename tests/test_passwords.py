"""Where passwords come from; and that they stay out of messages."""

from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import PasswordRequired, StorekeeperError, Unreadable, UsageError
from storekeeper.host import passwords
from storekeeper.model import Password

SECRET = "Tr0ub4dor&3 ünïcode"


def nobody(what: str) -> NoReturn:
    pytest.fail(f"asked for the {what}")


def resolved(spec: str, *warnings: str, prompt: Callable[[str], str] = nobody) -> Password:
    """The password, with exactly the warnings that contain these words."""
    heard: list[str] = []
    password = passwords.resolve(spec, warn=heard.append, prompt=prompt)
    assert len(heard) == len(warnings), heard
    assert all(words in text for words, text in zip(warnings, heard, strict=True))
    assert SECRET not in repr(password) + str(password) + "".join(heard)
    return password


def refused(spec: str, kind: type[StorekeeperError]) -> StorekeeperError:
    with pytest.raises(kind) as caught:
        passwords.resolve(spec, warn=lambda _: None, prompt=nobody)
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error) + error.hint
    assert SECRET not in shown
    assert error.message[0].islower()
    assert not error.message.endswith(".")
    return error


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), "ascii"))


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KS_PASS", SECRET)
    password = resolved("env:KS_PASS")
    assert password.text == SECRET
    assert password.origin == "environment variable KS_PASS"
    monkeypatch.setenv("KS_PASS", "")
    assert resolved("env:KS_PASS").text == ""  # the empty password, which is not none
    monkeypatch.delenv("KS_PASS")
    error = refused("env:KS_PASS", PasswordRequired)
    assert "KS_PASS is not set" in error.message
    assert error.exit_status == 3


def test_defaults() -> None:
    assert passwords.default(passwords.STOREPASS, {}) is None
    password = passwords.default("STOREKEEPER_KEYPASS", {passwords.KEYPASS: SECRET})
    assert password == Password(SECRET)
    assert password is not None
    assert password.origin == "environment variable STOREKEEPER_KEYPASS"
    assert passwords.default(passwords.STOREPASS, {passwords.STOREPASS: ""}) == Password("")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (f"{SECRET}\n".encode(), SECRET),
        (SECRET.encode(), SECRET),
        (f"{SECRET}\r\nsecond line\r\n".encode(), SECRET),
        (b"\xef\xbb\xbf" + SECRET.encode(), SECRET),
        (b"  inner and outer space  \n", "  inner and outer space  "),
        (b"one\rtwo\n", "one\rtwo"),
        (b"\n", ""),
    ],
    ids=["newline", "bare", "crlf", "byte-order-mark", "spaces", "inner-cr", "empty-line"],
)
def test_file(tmp_path: Path, content: bytes, expected: str) -> None:
    file = tmp_path / "pw"
    file.touch(0o600)
    file.write_bytes(content)
    password = resolved(f"file:{file}")
    assert password.text == expected
    assert password.origin == f"file {file}"


def test_file_that_others_can_read(tmp_path: Path) -> None:
    file = tmp_path / "pw"
    file.write_text(SECRET)
    file.chmod(0o640)
    resolved(f"file:{file}")
    file.chmod(0o604)
    resolved(f"file:{file}", "(mode 0604): chmod 600")


def test_file_refused(tmp_path: Path) -> None:
    assert "no such file" in refused(f"file:{tmp_path}/none", Unreadable).message
    assert "a directory" in refused(f"file:{tmp_path}", Unreadable).message
    (tmp_path / "empty").touch(0o600)
    assert "empty" in refused(f"file:{tmp_path}/empty", PasswordRequired).message
    (tmp_path / "utf16").write_bytes(SECRET.encode("utf-16"))
    assert "UTF-16" in refused(f"file:{tmp_path}/utf16", UsageError).message
    (tmp_path / "latin1").write_bytes(SECRET.encode("latin-1"))
    assert "not valid UTF-8" in refused(f"file:{tmp_path}/latin1", UsageError).message
    refused("file:/dev/zero", Unreadable)


def test_descriptor_gives_a_line_to_each(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, f"{SECRET}\r\nsecond\nlast".encode())
    os.close(write)
    try:
        assert resolved(f"fd:{read}").text == SECRET
        assert resolved(f"fd:{read}").text == "second"
        assert resolved(f"fd:{read}").text == "last"
        assert "ended" in refused(f"fd:{read}", PasswordRequired).message
    finally:
        os.close(read)
    assert "can't be read" in refused(f"fd:{read}", UsageError).message
    for bad in ("fd:x", "fd:-1", "fd:99999999999999999999", "fd:٣٣٣٣٣٣٣٣٣٣"):
        refused(bad, UsageError)


def test_endless_line_is_refused() -> None:
    with open("/dev/zero", "rb", buffering=0) as zero:
        assert "longer than" in refused(f"fd:{zero.fileno()}", UsageError).message


def test_standard_input_is_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    from storekeeper.host.files import read_file

    feed(monkeypatch, f"{SECRET}\nkey password\n".encode() + b"\xfe\xed\xfe\xed")
    store, key = resolved("stdin"), resolved("fd:0")
    assert (store.text, key.text) == (SECRET, "key password")
    assert store.origin == "standard input"
    assert read_file("-") == b"\xfe\xed\xfe\xed"  # data may follow
    assert "ended" in refused("stdin", PasswordRequired).message


def test_no_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    refused("stdin", PasswordRequired)
    closed = io.TextIOWrapper(io.BytesIO(b"x"))
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=closed, isatty=lambda: False))
    closed.close()
    refused("stdin", PasswordRequired)


def test_prompt() -> None:
    password = resolved("prompt", prompt=lambda what: SECRET if what == "password" else "")
    assert password.text == SECRET
    assert password.origin == "the prompt"


ASK = """
import sys
from storekeeper.errors import StorekeeperError
from storekeeper.host.passwords import resolve
try:
    got = resolve(sys.argv[1], warn=print, what="password of conf/.keystore")
    print("GOT", len(got.text), got.origin)
except StorekeeperError as error:
    print(type(error).__name__, error.exit_status, error, "|", error.hint)
"""


def test_prompt_without_a_terminal() -> None:
    """A new session has no /dev/tty; the data on standard input must not be taken."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, "prompt"],
        input="not a password\n",
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
    )
    assert done.stdout.startswith("PasswordRequired 3 the password of conf/.keystore is asked for")
    assert passwords.FORMS in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("spec", ["prompt", "stdin"])
def test_prompt_at_a_real_terminal_does_not_echo(spec: str) -> None:
    pty = pytest.importorskip("pty")
    child, terminal = pty.fork()
    if child == 0:  # the child of the terminal's session
        os.execv(sys.executable, [sys.executable, "-c", ASK, spec])
    shown = b""
    try:
        while b": " not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, b"hunter2hunter2\n")
        while b"GOT" not in shown or not shown.endswith(b"\n"):
            shown += os.read(terminal, 1024)
    except OSError:  # Linux's way to say the other side is closed
        pass
    finally:
        os.waitpid(child, 0)
        os.close(terminal)
    assert shown.startswith(b"Password of conf/.keystore: ")
    assert b"GOT 14" in shown
    assert b"hunter2" not in shown


def test_command(tmp_path: Path) -> None:
    script = tmp_path / "secret tool"
    script.write_text(f'#!/bin/sh\necho "$1" >&2\nprintf "%s\\nrest\\n" "{SECRET}"\n')
    script.chmod(0o700)
    password = resolved(f"cmd:'{script}' 'an argument'")
    assert password.text == SECRET
    assert password.origin == f"command {script}"


def test_command_runs_without_a_shell(tmp_path: Path) -> None:
    assert resolved("cmd:echo $HOME; rm -rf '*' | x").text == "$HOME; rm -rf * | x"


@pytest.mark.parametrize(
    ("command", "kind", "words"),
    [
        ("false", PasswordRequired, "failed with status 1"),
        (f"sh -c 'echo {SECRET}; exit 3'", PasswordRequired, "'?command sh'? failed with status 3"),
        ("true", PasswordRequired, "printed nothing"),
        ("yes", UsageError, "printed more than 65536 bytes"),
        ("storekeeper-no-such-command", UsageError, "no such file"),
        ("echo 'open", UsageError, "never closed"),
        (" ", UsageError, "needs a command"),
    ],
    ids=["false", "status", "nothing", "endless", "missing", "quote", "blank"],
)
def test_command_refused(command: str, kind: type[StorekeeperError], words: str) -> None:
    import re

    assert re.search(words, refused(f"cmd:{command}", kind).message)


def test_command_does_not_eat_our_input(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.write(write, b"data for us")
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe))
        assert "printed nothing" in refused("cmd:cat", PasswordRequired).message
        assert sys.stdin.buffer.read() == b"data for us"


def test_keyring_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # what import does when it is missing
    error = refused("keyring:store/me", UsageError)
    assert "not installed" in error.message
    assert "pip install keyring" in error.hint


def test_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = pytest.importorskip("keyring")

    base: Any = keyring.backend.KeyringBackend

    class Memory(base):  # type: ignore[misc]
        priority = 1

        def __init__(self) -> None:
            super().__init__()
            self.kept = {("https://host/path", "me"): SECRET}

        def get_password(self, service: str, username: str) -> str | None:
            if service == "locked":
                raise keyring.errors.KeyringLocked(SECRET)
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    try:
        password = resolved("keyring:https://host/path/me")
        assert password.text == SECRET
        assert password.origin == "keyring https://host/path/me"
        assert "holds no password" in refused("keyring:store/other", PasswordRequired).message
        assert "KeyringLocked" in refused("keyring:locked/me", PasswordRequired).message
    finally:
        keyring.set_keyring(before)
    for bad in ("keyring:store", "keyring:/me", "keyring:store/"):
        refused(bad, UsageError)


def test_password_on_the_command_line_warns() -> None:
    password = resolved(f"pass:{SECRET}", "seen by every user")
    assert password.text == SECRET
    assert password.origin == "the command line"
    assert resolved("pass:", "seen by").text == ""
    assert resolved("pass:a:b", "seen by").text == "a:b"


@pytest.mark.parametrize(
    "spec", [SECRET, f"{SECRET}:tail", f"vault:{SECRET}", "", "env", f"ENV:{SECRET}", f":{SECRET}"]
)
def test_a_bare_password_is_refused_and_not_repeated(spec: str) -> None:
    error = refused(spec, UsageError)
    assert "pass:TEXT" in error.hint
    assert "vault" not in error.message + error.hint
    assert error.exit_status == 2


def test_keytools_habit_gets_its_own_hint() -> None:
    assert "write pass:changeit, or leave it out" in refused("changeit", UsageError).hint


@pytest.mark.parametrize("kind", ["env", "file", "fd", "keyring", "cmd"])
def test_nothing_after_the_colon(kind: str) -> None:
    assert refused(f"{kind}:", UsageError).message.startswith(f"{kind}: needs")


def test_bytes_that_are_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "KS_PASS", "caf\udce9")  # é in Latin-1, as Python shows it
    assert "not valid UTF-8" in refused("env:KS_PASS", UsageError).message


@given(
    # not fd: and cmd:, which might read what is not theirs
    st.sampled_from(["env:", "file:", "keyring:", "pass:", "prompt", "x:"]),
    st.text(),
)
def test_only_our_errors_leave(prefix: str, rest: str) -> None:
    try:
        password = passwords.resolve(prefix + rest, warn=lambda _: None, prompt=lambda _: "x")
    except StorekeeperError:
        return
    assert isinstance(password.text, str)


@given(st.text(min_size=8).filter(lambda text: text.partition(":")[0] not in passwords.FORMS))
def test_what_may_be_a_password_is_never_repeated(text: str) -> None:
    error = refused(text, UsageError)
    assert text not in f"{error} {error.hint} {error!r}"


def test_passwords_stay_out_of_sight() -> None:
    password = Password(SECRET, "the prompt")
    assert repr(password) == str(password) == f"{password}" == "Password(from the prompt)"
    assert SECRET not in repr({"password": [password]})
    assert pickle.loads(pickle.dumps(password)) == password


def test_candidates_for_reading_are_three_different_things() -> None:
    tried = passwords.candidates_for_reading()
    assert [password.text for password in tried] == [None, "changeit", ""]
    assert len(set(tried)) == 3
    assert [f"opened with {password.origin}" for password in tried] == [
        "opened with no password",
        "opened with the default password 'changeit'",
        "opened with the empty password",
    ]
