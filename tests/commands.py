"""Commands run in this process, and keys with certificates for them to work on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from storekeeper import cli, formats
from storekeeper.model import Certificate, Password, PrivateKey, Store
from storekeeper.name_text import parse
from storekeeper.pki import issue, keys
from storekeeper.pki.ext_text import parse_all
from tests import pki

PASSWORD = "changeit"
OPENS = Password(PASSWORD)


class Said:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    @property
    def document(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


class Commands:
    """Runs commands in a folder, with the password of the stores in the environment."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.folder = folder
        self._capsys = capsys
        monkeypatch.chdir(folder)
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
        monkeypatch.setenv("STOREKEEPER_STOREPASS", PASSWORD)

    def __call__(self, *words: str | Path, status: int = 0) -> Said:
        """Run one, and expect that exit status."""
        self._capsys.readouterr()
        found = cli.main([str(word) for word in words])
        out, err = self._capsys.readouterr()
        assert found == status, f"{words}\n{out}{err}"
        return Said(found, out, err)

    def store(self, name: str, password: str | None = PASSWORD) -> Store:
        """A store of the folder, opened."""
        return formats.read((self.folder / name).read_bytes(), Password(password))

    def key(self, name: str, alias: str = "srv", password: str = PASSWORD) -> PrivateKey:
        """A key entry of a store."""
        entry = self.store(name, password).find(alias)
        assert isinstance(entry, PrivateKey)
        return entry

    def write(self, name: str, *parts: Certificate | bytes) -> Path:
        """A file of PEM certificates and other bytes."""
        path = self.folder / name
        path.write_bytes(
            b"".join(
                pki.pem("CERTIFICATE", one.der) if isinstance(one, Certificate) else one
                for one in parts
            )
        )
        return path


class Authority:
    """A CA of the tests, with a key by its name and certificates for whom it likes."""

    def __init__(
        self,
        name: str,
        above: Authority | None = None,
        *,
        days: int = 9000,
        ext: str = "bc=ca:true",
    ) -> None:
        self.pkcs8 = pki.pkcs8(pki.key(name))
        self.name = name
        self.days = days
        self.above = above
        if above is None:
            self.certificate = issue.self_signed(
                self.pkcs8,
                parse(f"CN={name}"),
                not_before=BEGAN,
                days=days,
                extensions=parse_all([ext]).extensions,
            )
        else:
            self.certificate = above.issues(name, keys.spki_of(self.pkcs8), ext=(ext,), days=days)

    def issues(
        self,
        subject: str,
        spki: bytes,
        *,
        ext: tuple[str, ...] = (),
        days: int = 8000,
        later: int = 0,
    ) -> Certificate:
        """A certificate of this CA; ``later`` days after others."""
        return issue.issue(
            spki,
            parse(f"CN={subject}"),
            self.certificate,
            self.pkcs8,
            not_before=BEGAN + later * 86_400,
            days=days,
            extensions=parse_all(ext).extensions,
        )


BEGAN = 1_767_225_600  # 2026-01-01
