"""The words of ``storekeeper keytool``: the table beside each keytool's own help, and parsing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import cli
from storekeeper.cli.keytool import RUNNERS, conf, grammar, helping
from storekeeper.cli.keytool.words import Request, parse
from storekeeper.errors import StorekeeperError, UsageError
from tests import jvm
from tests.our_keytool import TOP, ours, theirs
from tools.make_docs import KEYTOOL_PAGE, keytool_page

MODEL = "17.0.9.2"
HIDDEN = {"gencrl", "keyclone", "selfcert", "identitydb"}


def help_of(version: str, *words: str) -> str:
    done = theirs(jvm.jvm(version), *words, "-help")
    assert done.returncode == 0, done
    return done.stderr


# --- the table -------------------------------------------------------------------------


@pytest.mark.parametrize("version", [MODEL, jvm.VERSIONS[-1]])
def test_commands_are_keytool_s(version: str) -> None:
    listed = set(re.findall(r"^ -(\w+) ", help_of(version), re.MULTILINE))
    ours = {command.name for command in grammar.COMMANDS.values() if command.listed}
    assert ours - listed == ({"version"} if version == MODEL else set())  # new after 17
    assert listed <= ours


@pytest.mark.parametrize("name", sorted(grammar.COMMANDS.keys() - {"version"}))
def test_options_are_keytool_s(name: str) -> None:
    # 25 is the one that has printed no other options than 17 in any command.
    command = grammar.COMMANDS[name]
    said = help_of(MODEL, f"-{command.old or name}")
    assert f"keytool -{name} " in said  # the old name is another for the same
    options = dict(re.findall(r"^ +\[?-(\w+)(?: (<\S+>))?", said, re.MULTILINE))
    assert set(options) - set(command.options) <= {"v", "protected", "providername"}
    assert options == {n: grammar.OPTIONS[n].argument for n in options}
    extra = set(command.options) - set(options)
    assert extra <= {"protected", "v"}, extra


def test_every_row_says_what_it_does_and_has_a_command() -> None:
    used = {name for command in grammar.COMMANDS.values() for name in command.options}
    everywhere = {"help", "conf", "debug", "J...", "rc1", "nowarn", "provider"}
    assert set(grammar.OPTIONS) == used | everywhere
    lines = [command.line for command in grammar.COMMANDS.values()]
    lines += [option.line for option in grammar.OPTIONS.values()]
    assert all(line and not line.endswith(".") for line in lines)
    assert {name for name, option in grammar.OPTIONS.items() if option.password} == {
        name for name in grammar.OPTIONS if name.endswith("pass") or name == "new"
    }


@pytest.mark.parametrize("name", grammar.COMMANDS)
def test_help_of_a_command(name: str) -> None:
    done = ours(f"-{name}", "-help")
    assert (done.returncode, done.stderr) == (0, "")
    for option in grammar.COMMANDS[name].options:
        assert re.search(rf"^  -{option}\b", done.stdout, re.MULTILINE)
    assert "exit status:" in done.stdout


@pytest.mark.parametrize("name", sorted(grammar.COMMANDS.keys() - RUNNERS.keys()))
def test_what_is_not_supported_says_so(name: str) -> None:
    done = ours(f"-{name}")
    assert (done.returncode, done.stdout) == (4, "")
    assert f"keytool -{name} is not supported: " in done.stderr
    assert "not supported: " in ours(f"-{name}", "-h").stdout


def test_options_that_do_nothing_say_so_when_used() -> None:
    done = ours("-printcert", "-jarfile", "some.jar")
    assert done.returncode == 4
    assert "-jarfile is not supported" in done.stderr
    done = ours("-version", "-providerclass", "org.example.Provider", "-providername", "SUN")
    assert "-providerclass org.example.Provider is ignored" in done.stderr
    assert "SUN" not in done.stderr


def test_the_page_is_what_the_table_says() -> None:
    assert KEYTOOL_PAGE.read_text(encoding="utf-8") == keytool_page()
    page = keytool_page()
    for command in grammar.COMMANDS.values():
        assert f"\n## -{command.name}" in page
        if helping.status_of(command) == "unsupported":
            assert f"\n## -{command.name}" in page


# --- parsing ---------------------------------------------------------------------------

# What keytool 17 and 25 take and refuse; the keystore is not there, which comes after.
TAKEN = [
    ("-LIST", "-KeyStore", "nope"),
    ("--list", "--keystore", "nope"),
    ("-keystore", "nope", "-list"),
    ("-list", "-keystore", "other", "-keystore", "nope"),
    ("-list", "-validity", "3", "-keystore", "nope"),
    ("-list", "-keystore:env", "nope"),
    ("-list:x", "-keystore", "nope"),
    ("-list", "-keystore", "nope", "-J-Dx=y"),
    ("-export", "-keystore", "nope"),
]
REFUSED = [
    ("-lis",),
    ("-list", "-alia", "x"),
    ("list",),
    ("-list", "x"),
    ("-list", "-keystore"),
    ("-list", "-alias", "-keystore", "nope"),
    ("-keystore", "nope"),
    ("-list", "-delete"),
    ("-list", "-list"),
    ("-list", "-conf"),
    ("-list", "-storepass:foo", "x"),
]


@pytest.mark.parametrize("words", TAKEN, ids=" ".join)
def test_taken(words: tuple[str, ...]) -> None:
    done = theirs(jvm.jvm(MODEL), *words)
    assert "Keystore file does not exist: nope" in done.stdout
    request = parse(words)
    assert request.command in ("list", "exportcert")
    assert request.get("keystore") == "nope"


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_refused(words: tuple[str, ...]) -> None:
    done = theirs(jvm.jvm(MODEL), *words)
    assert done.returncode == 1
    assert "does not exist" not in done.stdout
    with pytest.raises(UsageError):
        parse(words)


def test_a_request() -> None:
    request = parse(
        ["-genkey", "-ext", "a=b", "--rc1", "-J-Xmx1g", "-ext", "c", "-v", "-storepass", "sesame"]
    )
    assert request.command == "genkeypair"
    assert request.all("ext") == ("a=b", "c")
    assert request.get("ext") == "c"
    assert request.has("v")
    assert not request.has("rfc")
    assert request.java == ("-Xmx1g",)
    password = request.password("storepass")
    assert password is not None
    assert password.text == "sesame"
    assert request.password("keypass") is None
    assert "sesame" not in repr(request)


def test_passwords_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KT_PASS", "from variable")
    (tmp_path / "pass").write_bytes(b" from file \r\nnot this")
    (tmp_path / "pass").chmod(0o600)
    for option in (name for name, row in grammar.OPTIONS.items() if row.password):
        for form, value in (("env", "KT_PASS"), ("FILE", str(tmp_path / "pass"))):
            found = parse(["-list", f"-{option}:{form}", value]).password(option)
            assert found is not None
            assert found.text == ("from variable" if form == "env" else " from file ")
    done = ours("-list", "-storepass:env", "NOPE")
    assert done.returncode == 3
    assert "the environment variable NOPE is not set" in done.stderr


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("-lst",), "did you mean -list?"),
        (("-list", "-kestore", "x"), "did you mean -keystore?"),
        (("-list", "sesame"), "storekeeper keytool -list -help"),
        ((), ""),
    ],
)
def test_hints(words: tuple[str, ...], hint: str) -> None:
    done = ours(*words)
    assert hint in done.stderr
    assert "sesame" not in done.stderr
    assert done.returncode == (2 if words else 0)


def test_rc1() -> None:
    assert ours("-nope").returncode == 2
    assert ours("-nope", "--rc1").returncode == 1
    assert ours("--rc1", "-version").returncode == 0


@given(
    st.lists(
        st.sampled_from(["-list", "-v", "-alias", "-ext", "x", "-storepass", "-h", "--rc1", "-:"])
        | st.text(max_size=5),
        max_size=6,
    )
)
def test_any_words_are_a_request_or_our_error(words: list[str]) -> None:
    try:
        request = parse(words)
    except StorekeeperError:
        return
    assert isinstance(request, Request)
    assert request.command in grammar.COMMANDS or request.help


# --- a file of options -----------------------------------------------------------------

CONF = """\
# a comment
keytool.all = -keystore ${user.dir}${/}nope
keytool.list : -v -alias "two words" \\
   -storepass '\\u0063hange'
keytool.export -rfc
"""


def test_conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "conf").write_text(CONF)
    monkeypatch.chdir(tmp_path)
    request = parse(["-conf", "conf", "-list", "-alias", "mine"])
    assert request.get("keystore") == str(tmp_path / "nope")
    assert request.all("alias") == ("two words", "mine")
    password = request.password("storepass")
    assert password is not None
    assert password.text == "change"
    assert parse(["-exportcert", "-conf", "conf"]).has("rfc")
    assert not parse(["-delete", "-conf", "conf"]).has("rfc")


def test_conf_as_keytool_reads_it(tmp_path: Path) -> None:
    (tmp_path / "conf").write_text(CONF.replace("user.dir", "user.home"))
    done = theirs(jvm.jvm(MODEL), "-conf", tmp_path / "conf", "-list")
    request = parse(["-conf", str(tmp_path / "conf"), "-list"])
    assert f"Keystore file does not exist: {request.get('keystore')}" in done.stdout


@pytest.mark.parametrize(
    "text", ["keytool.import=-v\nkeytool.importcert=-v", "keytool.importcert=${env.HOME}"]
)
def test_a_conf_that_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "conf").write_text(text)
    words = ("-conf", str(tmp_path / "conf"), "-importcert", "-file", "nope")
    assert "keytool error" in theirs(jvm.jvm(MODEL), *words).stdout
    with pytest.raises(UsageError):
        parse(words)


@given(st.text(max_size=80))
def test_any_text_is_a_properties_file(text: str) -> None:
    found = conf.properties(text)
    assert all(isinstance(key, str) for key in found)


def test_it_is_a_command_of_ours() -> None:
    assert "keytool" in cli.COMMANDS
    assert "-importkeystore" in cli.options_of("keytool").format_help()
    assert (TOP / "docs" / "keytool.md").exists()
