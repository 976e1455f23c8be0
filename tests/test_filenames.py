"""File names made of aliases: safe on every system, and none twice."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.change.filenames import Filenames, safe

# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
DEVICES = {"CON", "PRN", "AUX", "NUL"} | {
    f"{d}{n}" for d in ("COM", "LPT") for n in "0123456789¹²³"
}

hostile = st.one_of(
    st.text(max_size=40),
    st.text("./\\:*?\"<>| \t\n\0~-$`'&;cCoOnN1\u202e\u0301\udc80ß", max_size=12),
    st.sampled_from(["con", "NUL", "com1", "LPT9", "aux", "prn"]).flatmap(
        lambda word: st.sampled_from([word, f"{word}.x", f" {word}", f"../{word}"])
    ),
)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("corp-root", "corp-root"),
        ("../../etc/x", "etc_x"),
        ("..\\..\\windows\\win.ini", "windows_win.ini"),
        ("/etc/passwd", "etc_passwd"),
        ("C:\\boot", "C_boot"),
        ("-rf", "rf"),
        (".bashrc", "bashrc"),
        ("..", "entry"),
        ("", "entry"),
        ("a\0b\nc", "a_b_c"),
        ("a\u202eb", "a_b"),
        ("nul", "_nul"),
        ("Com1.old", "_Com1.old"),
        ("console", "console"),
        ("digicertglobalrootg2 [jdk]", "digicertglobalrootg2_jdk"),
        ("Zażółć gęślą jaźń", "Zażółć_gęślą_jaźń"),
        ("हिन्दी", "हिन्दी"),
        ("cafe\u0301", "café"),
        ("$(reboot); 'x'", "reboot_x"),
    ],
)
def test_names(alias: str, name: str) -> None:
    assert safe(alias) == name


@given(hostile)
def test_a_name_is_one_harmless_component(alias: str) -> None:
    name = safe(alias)
    assert name == os.path.basename(name)
    assert name[0] not in ".-~ "
    assert name[-1] not in ". "
    assert name.isprintable()
    assert len(name.encode()) <= 201
    assert not set(name) & set("/\\:*?\"<>|$`'&;!()[]{} ")
    assert name.partition(".")[0].upper() not in DEVICES
    assert safe(name) == name


def folded(name: str) -> set[str]:
    """What file systems that fold make of a name: HFS+, APFS, NTFS, ext4 with casefold."""
    return {unicodedata.normalize(form, name).casefold() for form in ("NFC", "NFD", "NFKD")} | {
        name.upper(),
        name.lower(),
    }


@given(
    st.lists(hostile | st.sampled_from(["a", "A", "a-1", "ß", "SS", "é", "e\u0301"]), max_size=12)
)
def test_no_two_names_fall_together(aliases: list[str]) -> None:
    names = Filenames()
    given_out = [names.claim(alias, ".pem") for alias in aliases]
    for number, name in enumerate(given_out):
        assert name.endswith(".pem")
        assert all(not folded(name) & folded(other) for other in given_out[:number])


def test_collisions_are_numbered() -> None:
    names = Filenames()
    claimed = [names.claim(alias, ".pem") for alias in ("A/b", "a_B", "a_b-1", "a b", "x")]
    assert claimed == ["A_b.pem", "a_B-1.pem", "a_b-1-1.pem", "a_b-2.pem", "x.pem"]


def test_a_suffix_of_the_alias_is_not_doubled() -> None:
    names = Filenames()
    assert names.claim("debian:Amazon_Root_CA_1.pem", ".pem") == "debian_Amazon_Root_CA_1.pem"
    assert names.claim("server.crt.key", ".der") == "server.der"
    assert names.claim(".pem", ".pem") == "pem.pem"


def test_many_of_one_name_take_no_longer_each() -> None:
    names = Filenames()
    claimed = {names.claim("root", ".pem") for _ in range(5_000)}
    assert len(claimed) == 5_000


def test_a_real_file_system_takes_them(tmp_path: Path) -> None:
    for alias in ("../../x", "a" * 5_000, "日本" * 500, "con", "\u0301" * 50_000, "é/é"):
        (tmp_path / f"{safe(alias)}-4711.pem").write_bytes(b"")
    assert sum(1 for _ in tmp_path.iterdir()) == 6
    assert not re.findall(r"\.\.", " ".join(p.name for p in tmp_path.iterdir()))
