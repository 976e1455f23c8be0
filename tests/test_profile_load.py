"""Loading profiles: what is understood, and errors that say where and what was meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storekeeper.errors import LimitExceeded, StorekeeperError
from storekeeper.profile.load import load, parse, validate
from storekeeper.profile.values import Profile

HEAD = "storekeeper: 1\n"


def profile(text: str, **variables: str) -> Profile:
    return load((HEAD + text).encode(), variables, environ={"HOME": "/home/me", "EMPTY": ""})


def error(text: str, **variables: str) -> StorekeeperError:
    with pytest.raises(StorekeeperError) as caught:
        profile(text, **variables)
    said = caught.value
    assert said.message[0].islower() or said.message.startswith("'")
    assert not said.message.endswith(".")
    return said


# -- what is understood -------------------------------------------------------------------


def test_everything_that_can_be_said() -> None:
    found = profile(
        """
title: an agent
about: |
  As *Markdown*.
variables:
  home: {about: where, default: /opt/agent}
  port: 8443
targets:
  - name: trust
    path: ${home}/trust.jks
    type: JKS
    password: env:PW
    alias: "{cn}"
    on-conflict: rename
    state: exact
    mode: 0640
    backups: 2
    sources:
      - {file: certs/*.pem, only: root}
      - {store: corp.p12, password: "file:secret", aliases: corp-*}
      - {server: "agent.example:${port}", pin: PIN}
      - list: certifi
    filters: {expired: drop, on-list: mozilla}
  - path: jre:${home}/jre
    when: ""
    sources: []
checks:
  - {server: "agent.example:${port}", store: trust}
restart: systemctl restart agent
product: {name: Agent, trust: trust, rules: [one, {text: two, measured: true}]}
""".replace("PIN", "40:d1:" * 15 + "40:d1")
    )
    trust, other = found.targets
    assert (trust.path, trust.type, trust.password) == ("/opt/agent/trust.jks", "JKS", "env:PW")
    assert (trust.mode, trust.backups, trust.state) == ("0640", 2, "exact")
    file, store, server, words = trust.sources
    assert (file.kind, file.name, file.only) == ("file", "certs/*.pem", "root")
    assert (store.aliases, store.password) == (("corp-*",), "file:secret")
    assert server.name == "agent.example:8443"
    assert server.pins == ("40d1" * 16,)
    assert (words.kind, words.name) == ("list", "certifi")
    assert trust.filters.on_list == ("mozilla",)
    assert (other.name, other.wanted) == ("jre:${home}/jre", False)
    assert found.checks[0].store == "trust"
    assert found.restart == ("systemctl restart agent",)
    assert found.about == "As *Markdown*.\n"
    assert found.product is not None
    assert [(rule.text, rule.measured) for rule in found.product.rules] == [
        ("one", False),
        ("two", True),
    ]
    assert dict(found.values) == {"home": "/opt/agent", "port": "8443"}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("${a}", "one"),
        ("$${a}", "${a}"),
        ("x${a}${a}", "xoneone"),
        ("${none:-two}", "two"),
        ("${none:-}", ""),
        ("${EMPTY:-three}", "three"),
        ("${HOME}", "/home/me"),
        ("$HOME", "$HOME"),
        ("${b}", "b-one"),
        ("100$", "100$"),
    ],
)
def test_variables(text: str, becomes: str) -> None:
    found = profile(f"variables: {{a: one, b: 'b-${{a}}'}}\nrestart: ['{text}']")
    assert found.restart == (becomes,)


def test_what_is_said_wins_over_everything(tmp_path: Path) -> None:
    (tmp_path / "opt/agent9/jre").mkdir(parents=True)
    (tmp_path / "opt/agent10/jre").mkdir(parents=True)
    (tmp_path / "opt/agent11").mkdir()
    (tmp_path / "opt/agent10/wrapper.conf").write_text(
        "#wrapper.java.additional.3=-Djavax.net.ssl.trustStore=/no\n"
        "wrapper.java.additional.4=-Djavax.net.ssl.trustStore=../own.jks -Dmore=1\n"
    )
    text = f"""
variables:
  home: {{find: ["/nowhere*", "{tmp_path}/opt/agent*"], has: [jre], default: /default}}
  store:
    read: [{{file: "${{home}}/wrapper.conf", key: javax.net.ssl.trustStore, base: "${{home}}/bin"}}]
    default: jre:${{home}}/jre
targets:
  - {{path: "${{store}}", sources: []}}
"""
    home = tmp_path / "opt/agent10"
    assert profile(text).targets[0].path == f"{home}/own.jks"  # the newest that has a jre
    assert profile(text, store="mine.jks").targets[0].path == "mine.jks"
    (home / "wrapper.conf").unlink()
    assert profile(text).targets[0].path == f"jre:{home}/jre"
    assert profile(text.replace("has: [jre]", "has: [jdk]")).targets[0].path == "jre:/default/jre"
    assert (
        load((HEAD + text).encode(), root=str(tmp_path / "x"))
        .targets[0]
        .path.endswith("/default/jre")
    )


def test_paths_are_relative_to_the_file_they_stand_in(tmp_path: Path) -> None:
    """Wherever the command is typed; but what is typed is relative to where it is typed."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base/b.yaml").write_text(
        HEAD + "variables: {store: own.jks}\n"
        "targets: [{name: t, path: '${store}', password: 'file:pw', sources: [{file: c.pem}]}]\n"
    )
    (tmp_path / "p.yaml").write_text(HEAD + "extends: base/b.yaml\n")
    (one,) = load(tmp_path / "p.yaml").targets
    base = str(tmp_path / "base")
    assert one.path == os.path.join(base, "own.jks")
    assert one.sources[0].name == os.path.join(base, "c.pem")
    assert one.password == f"file:{base}/pw"
    (two,) = load(tmp_path / "p.yaml", {"store": "here.jks"}).targets
    assert two.path == "here.jks"


def test_a_file_called_like_a_word_stays_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.yaml").write_text(
        HEAD + "targets: [{path: cacerts, sources: [{file: cacerts}, {list: cacerts}]}]"
    )
    (one,) = load("p.yaml").targets
    assert one.path == "cacerts"
    assert [source.name for source in one.sources] == ["./cacerts", "cacerts"]


# -- extends ------------------------------------------------------------------------------


def test_extends_merges_tables_and_replaces_lists(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        HEAD + "title: a\nvariables: {x: {about: an x, find: [/opt/x*], default: 1}, y: 2}\n"
        "targets:\n- {name: t, path: t.jks, mode: '0600', sources: [{list: certifi}]}\n"
        "- {name: u, path: u.jks, sources: []}\nproduct: {name: P, pages: [a, b]}\n"
    )
    (tmp_path / "b.yaml").write_text(HEAD + "title: b\nrestart: [b]\n")
    (tmp_path / "c.yaml").write_text(
        HEAD + "extends: [a.yaml, b.yaml]\nvariables: {x: three}\n"
        "targets:\n- {name: t, sources: [{list: system}]}\n- {name: v, path: v.jks}\n"
        "product: {pages: [c]}\n"
    )
    found = load(tmp_path / "c.yaml")
    assert (found.title, found.restart) == ("b", ("b",))
    assert [one.name for one in found.targets] == ["t", "u", "v"]
    assert found.targets[0].mode == "0600"
    assert [source.name for source in found.targets[0].sources] == ["system"]
    x, y = found.variables
    assert (x.default, x.about, x.find, y.default) == ("three", "an x", (), "2")
    assert found.product is not None
    assert (found.product.name, found.product.pages) == ("P", ("c",))
    assert found.extends == (str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml"))


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        ({"a": "a"}, "a.yaml -> a.yaml"),
        ({"a": "b", "b": "c", "c": "a"}, "a.yaml -> b.yaml -> c.yaml -> a.yaml"),
    ],
)
def test_a_circle_is_told(tmp_path: Path, files: dict[str, str], circle: str) -> None:
    for name, other in files.items():
        (tmp_path / f"{name}.yaml").write_text(f"{HEAD}extends: {other}.yaml\n")
    with pytest.raises(StorekeeperError, match=circle) as caught:
        load(tmp_path / "a.yaml")
    assert caught.value.path is not None
    assert caught.value.path.endswith(".yaml:2:10")


def test_extending_many_times_over_is_bounded(tmp_path: Path) -> None:
    """Ten files, each twice the one before: 1024 readings without a bound."""
    for number in range(10):
        (tmp_path / f"{number}.yaml").write_text(
            f"{HEAD}extends: [{number + 1}.yaml, {number + 1}.yaml]\n"
        )
    (tmp_path / "10.yaml").write_text(HEAD)
    with pytest.raises(LimitExceeded, match="extends more than"):
        load(tmp_path / "0.yaml")


# -- errors -------------------------------------------------------------------------------

ERRORS = {
    "unknown": ("tagets: []", "2:1", "there is no key 'tagets' in the profile", "'targets'"),
    "unknown-below": (
        "targets:\n  - path: x\n    sorces: []",
        "4:5",
        "there is no key 'sorces' in a target",
        "'sources'",
    ),
    "twice": ("title: a\ntitle: b", "3:1", "title is said twice", "first in line 2"),
    "no-list": ("targets: x", "2:10", "expected a list for targets, found the text 'x'", "hyphen"),
    "no-table": ("targets: [x]", "2:11", "expected a target: keys", ""),
    "no-text": ("title: [a]", "2:8", "expected text for title, found a list", ""),
    "choice": (
        "targets: [{path: x, state: exakt}]",
        "2:28",
        "expected one of present, absent, exact for state, found 'exakt'",
        "'exact'",
    ),
    "number": ("targets: [{path: x, backups: many}]", "2:30", "expected a number for backups", ""),
    "mode": ("targets: [{path: x, mode: rw}]", "2:27", "expected permissions in octal", ""),
    "missing": ("targets: [{name: x}]", "2:11", "a target without 'path'", "path: a file"),
    "kinds": (
        "targets: [{path: x, sources: [{file: a, store: b}]}]",
        "2:31",
        "in a source, found file and store",
        "",
    ),
    "no-kind": ("targets: [{path: x, sources: [{only: ca}]}]", "2:31", "found none", ""),
    "no-pin": (
        "targets: [{path: x, sources: [{server: a.example}]}]",
        "2:31",
        "without a pin",
        "storekeeper fetch",
    ),
    "short-pin": (
        "targets: [{path: x, sources: [{server: a, pin: 40d1f100}]}]",
        "2:48",
        "expected a whole SHA-256 fingerprint for pin, found 8 digits",
        "forged",
    ),
    "pin-of-file": (
        "targets: [{path: x, sources: [{file: a, starttls: smtp}]}]",
        "2:51",
        "starttls is for a server",
        "",
    ),
    "password": (
        "targets: [{path: x, password: hunter2}]",
        "2:31",
        "no way to give the password",
        "env:NAME",
    ),
    "variable": ("restart: ['${hots}']\nvariables: {host: a}", "2:11",
                 "no variable 'hots'", "'host'"),
    "open": ("restart: ['${host']", "2:11", "is never closed", ""),
    "variable-name": ("variables: {a b: 1}", "2:13", "expected a name of letters", ""),
    "itself": (
        "variables: {a: '${b}', b: '${a}'}\nrestart: ['${a}']",
        "2:13",
        "defined by itself: a -> b -> a",
        "",
    ),
    "unsaid": (
        "variables: {host: {required: true, about: the server}}",
        "2:13",
        "the variable host has no value",
        "--set host=VALUE (the server)",
    ),
    "two-of-a-name": (
        "targets:\n - {name: a, path: x}\n - {name: a, path: y}",
        "4:4",
        "a second target of the name 'a'",
        "line 3",
    ),
    "keys": ("targets: [{path: x, keys: [{alias: a}]}]", "2:28", "from, files in a key", ""),
    "keys-exact": (
        "targets: [{path: x, state: exact, keys: [{from: a}]}]",
        "2:28",
        "has the state present",
        "",
    ),
    "extends": ("extends: nothere.yaml", "2:10", "there is no profile 'nothere.yaml'", ""),
    "version": ("storekeeper: 2", "2:1", "storekeeper is said twice", ""),
    "tag": ("targets: !!python/object/apply:os.system [id]", "2:10", "a profile has none", ""),
    "tag-own": ("title: !env HOME", "2:8", "a tag (!env)", ""),
    "tag-directive": ("a: !<tag:yaml.org,2002:python/name:os.system> x", "2:4", "a tag", ""),
    "tab": ("targets:\n\t- path: x", "3:1", "this is no YAML", ""),
    "documents": ("---\nstorekeeper: 1", "2:1", "found a second", ""),
    "alias": ("title: *nothing", "2:8", "an alias without an anchor", ""),
    "alias-in-itself": ("targets: &a [*a]", "2:14", "within what it stands for", ""),
    "key-list": ("[a]: b", "2:1", "expected the name of a key", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors_say_where_what_and_what_was_meant(name: str) -> None:
    text, place, message, hint = ERRORS[name]
    said = error(text)
    assert said.path == f"profile:{place}", str(said)
    assert message in said.message
    assert hint in said.hint
    assert "hunter2" not in f"{said}{said.hint}"
    assert said.exit_status == (2 if name == "unsaid" else 4)


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "[]", "a", "1: 2", "storekeeper: 2", "\x00", "{"]
)
def test_what_is_no_profile_at_all(text: str) -> None:
    with pytest.raises(StorekeeperError) as caught:
        load(text.encode(), environ={})
    assert caught.value.exit_status == 4
    assert str(caught.value.path).startswith("profile:1:") or "byte" in caught.value.message


def test_anchors_are_allowed_and_bombs_are_not() -> None:
    found = profile(
        "targets:\n- {path: a, sources: &s [{list: certifi}]}\n- {path: b, sources: *s}"
    )
    assert found.targets[0].sources == found.targets[1].sources
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(LimitExceeded, match="a profile of more than 50000 values"):
        load("\n".join(rows).encode())
    with pytest.raises(StorekeeperError, match="at most 16 levels"):
        load(("[" * 5000 + "]" * 5000).encode())
    doubled = "".join(f"  v{n}: ${{v{n - 1}}}${{v{n - 1}}}\n" for n in range(1, 40))
    with pytest.raises(LimitExceeded, match="too long"):
        profile(f"variables:\n  v0: xxxxxxxxxx\n{doubled}restart: ['${{v39}}']")


def test_a_long_chain_of_variables_is_no_stack(tmp_path: Path) -> None:
    text = "".join(f"  v{n}: ${{v{n + 1}}}\n" for n in range(5000))
    with pytest.raises(LimitExceeded, match="more than 64 deep"):
        profile(f"variables:\n{text}restart: ['${{v0}}']")


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(LimitExceeded, match="expected at most 1048576 bytes"):
        load(path)


def test_unknown_words_of_the_command_line() -> None:
    with pytest.raises(StorekeeperError, match="no variable 'hots'") as caught:
        profile("variables: {host: a}", hots="b")
    assert caught.value.hint == "did you mean 'host'?"
    assert caught.value.exit_status == 2


# -- validate and parse -------------------------------------------------------------------


def test_validating_needs_no_values_and_finds_mistakes() -> None:
    text = HEAD + "variables: {host: {required: true}}\nrestart: ['${host}']\n"
    assert validate(text.encode()).restart == ("${host}",)
    assert validate((text + "title: '${nothing}'").encode()).title == "${nothing}"
    validate((text + "about: x").encode().replace(b"${host}", b"${SOME_VARIABLE}"))
    with pytest.raises(StorekeeperError, match="no variable 'hots'"):
        validate(text.replace("${host}", "${hots}").encode())
    with pytest.raises(StorekeeperError, match="no target is called so") as caught:
        validate((HEAD + "targets: [{name: t, path: x}]\nproduct: {name: P, trust: tt}").encode())
    assert caught.value.hint == "did you mean 't'?"


def test_parsing_keeps_variables_as_they_are_written() -> None:
    text = HEAD + "variables: {n: {}}\ntargets: [{path: '${n}', backups: '${n}', state: '${n}'}]"
    (one,) = parse(text).targets
    assert one.path == "${n}"
