"""``storekeeper keytool -importkeystore`` beside each JVM's keytool: the same entries after it."""

from __future__ import annotations

import shutil
from os import PathLike
from pathlib import Path
from typing import Any

import pytest

from storekeeper import formats
from storekeeper.model import Password
from tests import jvm, pki
from tests.our_keytool import ours, theirs

MODEL = "17.0.9.2"
FEW = jvm.FEW_PARAMS
SOURCE, KEY, DESTINATION = "source1", "keykey1", "dest123"
CREATED = 1_600_000_000_000
PASSWORDS = ("-srcstorepass", SOURCE, "-deststorepass", DESTINATION)


def source(path: Path, type: str) -> Path:
    """Two trusted certificates and a key, whose password in a JKS is its own."""
    root = pki.cert("Root")
    own = pki.cert("Leaf")
    entries: list[dict[str, Any]] = [
        {"alias": "one", "kind": "trusted", "chain": [root.der]},
        {"alias": "two", "kind": "trusted", "chain": [pki.cert("Other").der]},
        {
            "alias": "key",
            "kind": "private",
            "chain": [own.der],
            "key": pki.pkcs8(pki.key("Leaf")),
            "keypass": SOURCE if type == "PKCS12" else KEY,
        },
    ]
    for entry in entries:
        entry["created_ms"] = CREATED
    path.write_bytes(jvm.jvm(MODEL).worker.store(type, SOURCE, entries))
    return path


def seen(java: jvm.Jvm, path: Path, keypass: str | None = None) -> list[tuple[object, ...]]:
    """The entries of a store with all but their dates, keys opened."""
    loaded = java.worker.load(path.read_bytes(), DESTINATION, keypass=keypass or DESTINATION)
    return sorted(
        (one["alias"], one["kind"], tuple(one["chain"]), one["key"], one["key_error"])
        for one in loaded["entries"]
    )


def both(
    version: str, tmp_path: Path, *words: str, of: Path, there: Path | None = None
) -> tuple[Path, Path]:
    """The same words run by both; the two destinations."""
    made = []
    for name in ("theirs", "ours"):
        to = tmp_path / name
        if there is not None:
            shutil.copy(there, to)
        command: tuple[str | PathLike[str], ...]
        command = ("-importkeystore", "-srckeystore", of, "-destkeystore", to, *PASSWORDS, *words)
        java = jvm.jvm(version)
        done = theirs(java, *command) if name == "theirs" else ours(*command)
        assert done.returncode == 0, done
        made.append(to)
    return made[0], made[1]


@pytest.mark.parametrize("version", FEW)
@pytest.mark.parametrize("into", ["PKCS12", "JKS"])
def test_whole_store(version: str, into: str, tmp_path: Path) -> None:
    found = source(tmp_path / "source", "PKCS12")
    expected, made = both(version, tmp_path, "-deststoretype", into, "-noprompt", of=found)
    java = jvm.jvm(version)
    keypass = DESTINATION if into == "PKCS12" else SOURCE
    assert seen(java, made, keypass) == seen(java, expected, keypass)
    assert len(seen(java, made, keypass)) == 3
    assert formats.read(made.read_bytes(), Password(DESTINATION)).format == into


@pytest.mark.parametrize("version", FEW)
@pytest.mark.parametrize("extra", [(), ("-destkeypass", "another1")])
def test_one_key_under_another_alias(version: str, extra: tuple[str, ...], tmp_path: Path) -> None:
    found = source(tmp_path / "source", "JKS")
    words = ("-srcalias", "key", "-destalias", "new", "-srckeypass", KEY, "-deststoretype", "JKS")
    expected, made = both(version, tmp_path, *words, *extra, of=found)
    java = jvm.jvm(version)
    keypass = extra[1] if extra else KEY
    assert [one[0] for one in seen(java, made, keypass)] == ["new"]
    assert seen(java, made, keypass) == seen(java, expected, keypass)
    assert seen(java, made, keypass)[0][3] == pki.pkcs8(pki.key("Leaf"))


@pytest.mark.parametrize("version", FEW)
def test_overwrites_without_a_question(version: str, tmp_path: Path) -> None:
    there = tmp_path / "there.p12"
    entry = {"alias": "one", "kind": "trusted", "chain": [pki.cert("Before").der]}
    stays = {"alias": "stays", "kind": "trusted", "chain": [pki.cert("Stays").der]}
    there.write_bytes(jvm.jvm(MODEL).worker.store("PKCS12", DESTINATION, [entry, stays]))
    found = source(tmp_path / "source", "PKCS12")
    expected, made = both(version, tmp_path, "-noprompt", of=found, there=there)
    java = jvm.jvm(version)
    assert seen(java, made) == seen(java, expected)
    assert {one[0]: one[2] for one in seen(java, made)}["one"] == (pki.cert("Root").der,)


def test_dates_stay(tmp_path: Path) -> None:
    found = source(tmp_path / "source", "JKS")
    _, made = both(MODEL, tmp_path, "-deststoretype", "JKS", "-srcalias", "one", of=found)
    (entry,) = formats.read(made.read_bytes(), Password(DESTINATION)).entries
    (before,) = [
        one
        for one in formats.read(found.read_bytes(), Password(SOURCE)).entries
        if one.alias == "one"
    ]
    assert entry.created_ms == before.created_ms is not None


def test_asks_as_keytool_does(tmp_path: Path) -> None:
    found = source(tmp_path / "source", "JKS")
    answers = f"{DESTINATION}\n{DESTINATION}\n{SOURCE}\n{KEY}\n".encode()
    words = ("-importkeystore", "-srckeystore", found, "-destkeystore")
    java = jvm.jvm(MODEL)
    assert theirs(java, *words, tmp_path / "a", input=answers).returncode == 0
    done = ours(*words, tmp_path / "b", input=answers)
    assert done.returncode == 0, done
    assert seen(java, tmp_path / "b") == seen(java, tmp_path / "a")


def test_an_alias_that_is_there_is_asked_about(tmp_path: Path) -> None:
    found = source(tmp_path / "source", "PKCS12")
    there = tmp_path / "there.p12"
    words = ("-importkeystore", "-srckeystore", found, "-destkeystore", there, *PASSWORDS)
    assert ours(*words).returncode == 0
    before = there.read_bytes()
    done = ours(*words, "-srcalias", "one", input=b"no\n")
    assert "Existing entry alias one exists, overwrite? [no]:" in done.stderr
    assert "Entry for alias one not imported." in done.stderr
    assert there.read_bytes() == before


def test_in_place_changes_the_type(tmp_path: Path) -> None:
    path = source(tmp_path / "source.jks", "JKS")
    old = path.read_bytes()
    words = ("-importkeystore", "-srckeystore", path, "-destkeystore", path)
    done = ours(*words, "-srcstorepass", SOURCE, input=f"{KEY}\n".encode())
    assert done.returncode == 0, done
    loaded = jvm.jvm(MODEL).worker.load(path.read_bytes(), SOURCE, "PKCS12")
    assert sorted(one["alias"] for one in loaded["entries"]) == ["key", "one", "two"]
    assert all(one["key_error"] is None for one in loaded["entries"])
    kept = [one for one in tmp_path.iterdir() if one != path and one.is_file()]
    assert {one.read_bytes() for one in kept} == {old}


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("-destalias", "x"), 2),
        (("-srckeypass", KEY), 2),
        (("-srcalias", "nobody"), None),
        (("-srcalias", "key", "-srckeypass", "wrong-one"), 3),
        (("-srcstorepass", "wrong-one"), 3),
        (("-deststorepass", "short"), 2),
    ],
)
def test_errors_write_nothing(words: tuple[str, ...], status: int | None, tmp_path: Path) -> None:
    found = source(tmp_path / "source", "JKS")
    to = tmp_path / "new.p12"
    command: tuple[str | PathLike[str], ...]
    command = ("-importkeystore", "-srckeystore", found, "-destkeystore", to, *PASSWORDS, *words)
    done = ours(*command)
    assert done.returncode == (done.returncode if status is None else status) != 0, done
    assert not to.exists()
    assert ours(*command, "--rc1").returncode == 1


def test_overwrites_when_told_so(tmp_path: Path) -> None:
    there = tmp_path / "there.p12"
    entry = {"alias": "ONE", "kind": "trusted", "chain": [pki.cert("Before").der]}
    stays = {"alias": "stays", "kind": "trusted", "chain": [pki.cert("Stays").der]}
    there.write_bytes(jvm.jvm(MODEL).worker.store("PKCS12", DESTINATION, [entry, stays]))
    found = source(tmp_path / "source", "PKCS12")
    java = jvm.jvm(MODEL)
    for name in ("theirs", "ours"):
        to = tmp_path / name
        shutil.copy(there, to)
        command: tuple[str | PathLike[str], ...]
        command = ("-importkeystore", "-srckeystore", found, "-destkeystore", to, *PASSWORDS)
        typed = (*command, "-srcalias", "one")
        run = ours(*typed, input=b"YES\n") if name == "ours" else theirs(
            java, *typed, input=b"YES\n"
        )  # fmt: skip
        assert run.returncode == 0, run
    assert seen(java, tmp_path / "ours") == seen(java, tmp_path / "theirs")
    assert {one[0]: one[2] for one in seen(java, tmp_path / "ours")} == {
        "one": (pki.cert("Root").der,),
        "stays": (pki.cert("Stays").der,),
    }


@pytest.mark.parametrize("last", ["first12", "wrong-one"])
def test_each_key_s_own_password_is_asked_for(last: str, tmp_path: Path) -> None:
    entries = [
        {
            "alias": alias,
            "kind": "private",
            "chain": [pki.cert("Leaf").der],
            "key": pki.pkcs8(pki.key("Leaf")),
            "keypass": password,
        }
        for alias, password in (("a", "first12"), ("b", "second12"), ("c", SOURCE))
    ]
    found = tmp_path / "source.jks"
    java = jvm.jvm(MODEL)
    found.write_bytes(java.worker.store("JKS", SOURCE, entries))
    # Java's table has b before a, and so has the file.
    typed = f"second12\n{last}\n".encode()
    command: tuple[str | PathLike[str], ...]
    command = ("-importkeystore", "-srckeystore", found, *PASSWORDS, "-destkeystore")
    expected = theirs(java, *command, tmp_path / "theirs", input=typed)
    done = ours(*command, tmp_path / "ours", input=typed)
    # Whatever was planned again was said once.
    assert done.stderr.count("Importing keystore") == 1
    if last == "wrong-one":
        assert (done.returncode, expected.returncode) == (3, 1)
        assert [one.name for one in tmp_path.iterdir()] == ["source.jks"]
        return
    assert (done.returncode, expected.returncode) == (0, 0), (done, expected)
    assert seen(java, tmp_path / "ours") == seen(java, tmp_path / "theirs")
    assert len(seen(java, tmp_path / "ours")) == 3
    (counted,) = [line for line in done.stderr.splitlines() if "Import command" in line]
    assert counted in expected.stderr
