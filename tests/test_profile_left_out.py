"""What a profile leaves out while a variable is empty: sources, passwords, directories."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.errors import Damaged
from storekeeper.profile.documents import locate
from storekeeper.profile.load import load
from storekeeper.profile.shipped import shipped_path

TEXT = """storekeeper: 1
variables:
  host: {default: ""}
  ca: {default: ""}
  pass: {default: ""}
  needed: {about: somebody has to say it}
targets:
  - name: trust
    path: /nowhere/trust.p12
    password: "${pass}"
    sources:
      - server: "${host}:443"
        when: "${host}"
        pin: "${needed}"
      - file: "${ca}"
        when: "${ca}"
"""


def sources(**values: str) -> list[tuple[str, str]]:
    (target,) = load(TEXT.encode(), values, environ={}).targets
    return [(one.kind, one.name) for one in target.sources]


def test_a_source_is_left_out_while_its_variable_is_empty() -> None:
    assert sources() == []
    assert sources(ca="/etc/ca.pem") == [("file", "/etc/ca.pem")]
    pin = "ab" * 32
    assert sources(host="h", needed=pin) == [("server", "h:443")]
    assert sources(host="h", needed=pin, ca="/c") == [("server", "h:443"), ("file", "/c")]


@pytest.mark.parametrize("word", ["no", "FALSE", "off", "0", " "])
def test_so_it_is_by_a_word(word: str) -> None:
    text = TEXT.replace('when: "${ca}"', f"when: '{word}'")
    (target,) = load(text.encode(), {"ca": "/c"}, environ={}).targets
    assert target.sources == ()


def test_as_it_is_written_every_source_is_there() -> None:
    (target,) = load(TEXT.encode(), resolve=False).targets
    assert [one.when for one in target.sources] == ["${host}", "${ca}"]


def test_an_empty_password_is_none_and_a_plain_one_is_refused() -> None:
    (target,) = load(TEXT.encode(), environ={}).targets
    assert target.password == ""
    (target,) = load(TEXT.encode(), {"pass": "env:STOREPASS"}, environ={}).targets
    assert target.password == "env:STOREPASS"
    with pytest.raises(Damaged, match="this is no way to give the password") as caught:
        load(TEXT.encode(), {"pass": "hunter2"}, environ={})
    assert "hunter2" not in str(caught.value)


def test_a_directory_hides_no_shipped_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "jre").mkdir()
    assert locate("jre") == shipped_path("jre")
    (tmp_path / "other").mkdir()
    assert locate("other") == "other"
    (tmp_path / "tomcat").touch()
    assert locate("tomcat") == "tomcat", "a file of that name is meant"
