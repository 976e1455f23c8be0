"""Passwords as keytool's words say them, which mean to us what they mean to keytool."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.errors import UsageError
from storekeeper.host import passwords


@pytest.mark.parametrize(
    ("words", "expanded"),
    [
        (["list", "-storepass:env", "KS"], ["list", "-storepass", "env:KS"]),
        (["--storepass:file", "/run/pw", "x"], ["--storepass", "file:/run/pw", "x"]),
        (["--src-storepass:env", "A", "--destkeypass:env", "B"],
         ["--src-storepass", "env:A", "--destkeypass", "env:B"]),
        (["--storepass:env=KS"], ["--storepass", "env:KS"]),
        (["--keypass:file=a=b"], ["--keypass", "file:a=b"]),
        (["--storepass", "env:KS", "file:x"], ["--storepass", "env:KS", "file:x"]),
        (["--", "--storepass:env", "KS"], ["--", "--storepass:env", "KS"]),
        (["--storepass:prompt", "--alias:env", "storepass:env", "-J-Dx:env"],
         ["--storepass:prompt", "--alias:env", "storepass:env", "-J-Dx:env"]),
        ([], []),
    ],
)  # fmt: skip
def test_keytools_words(words: list[str], expanded: list[str]) -> None:
    assert passwords.expand_keytool_words(words) == expanded


@pytest.mark.parametrize(
    "words", [["--storepass:env"], ["--storepass:file", "--alias"], ["--keypass:env="]]
)
def test_keytools_words_without_a_name(words: list[str]) -> None:
    with pytest.raises(UsageError, match="needs"):
        passwords.expand_keytool_words(words)


def test_keytool_reads_the_same_password(tmp_path: Path) -> None:
    """``-storepass:env`` and ``:file`` mean to a real keytool what they mean to us."""
    from tests.jvm import newest

    keytool = newest().keytool
    file = tmp_path / "pw"
    file.touch(0o600)
    file.write_text("changeit or not\nsecond line\n")
    store = tmp_path / "s.p12"
    words = ["-storepass:file", str(file)]
    keytool("-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=a", "-keystore",
            store, *words)  # fmt: skip
    spec = passwords.expand_keytool_words(words)[1]
    text = passwords.resolve(spec, warn=pytest.fail, prompt=pytest.fail).text
    assert text == "changeit or not"
    listed = keytool(
        "-list", "-keystore", store, "-storepass:env", "KS_PASS", env={"KS_PASS": text}
    )
    assert "Your keystore contains 1 entry" in listed.stdout
