"""Servers, stores and a person at the keyboard, for what the wizard is tested with."""

from __future__ import annotations

import contextlib
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storekeeper import formats
from storekeeper.change import apply as applying
from storekeeper.change.plan import Plan
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.tls.way import Way
from storekeeper.wizard.driver import converse
from storekeeper.wizard.flows import wizard
from storekeeper.wizard.plain import Plain
from tests import forge, pki
from tests.commands import Commands
from tests.forge import DAY, basic, key, make, usage
from tests.servers.bench import Setup

NOW = int(time.time())
DATES: dict[str, Any] = {"start": NOW - 30 * DAY, "end": NOW + 300 * DAY}
CA = (basic(), usage(5, 6))
SAN = forge.names(("dns", "localhost"))
ROOT_CA = make("CN=Root", key("root"), "CN=Root", key("root"), *CA, **DATES)
ISSUING = make("CN=Issuing", key("mid"), "CN=Root", key("root"), *CA, **DATES)
OWN = make("CN=localhost", key("leaf"), "CN=localhost", key("leaf"), SAN, **DATES)
BELOW = make("CN=localhost", key("leaf"), "CN=Issuing", key("mid"), SAN, **DATES)
PIN = Certificate(OWN).sha256


def served(*chain: bytes) -> Setup:
    return Setup(chain, pki.pkcs8(key("leaf")))


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """Commands in a folder with a trust store, whatever the environment says."""
    commands = Commands(tmp_path, capsys, monkeypatch)
    for name in ("STOREKEEPER_STOREPASS", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW))
    monkeypatch.setenv("PW", "of the store")
    monkeypatch.setenv("OLD", "changeit")
    roots = [TrustedCert(f"ca{n}", Certificate(pki.certificate(f"CA {n}")), 0) for n in (1, 2)]
    trust = formats.write(Store("JKS", tuple(roots)), Password("changeit"))
    (tmp_path / "trust.jks").write_bytes(trust)
    return commands


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Plan]:
    """Every plan that is applied."""
    found: list[Plan] = []
    real = applying.apply

    def noted(plan: Plan, **options: Any) -> Any:
        found.append(plan)
        return real(plan, **options)

    monkeypatch.setattr(applying, "apply", noted)
    from storekeeper.profile import applying as of_profiles

    monkeypatch.setattr(of_profiles, "apply", noted)
    return found


def typed(*lines: str) -> tuple[int, str]:
    """A conversation with a person."""
    shown: list[str] = []
    waiting = list(lines)

    def read(prompt: str) -> str:
        assert waiting, "\n".join([*shown, prompt])
        shown.append(f"{prompt}{waiting[0]}")
        return waiting.pop(0)

    status = converse(wizard(Way()), Plain(read, shown.append))
    assert not waiting
    return status, "\n".join(shown)


def commands_of(shown: str) -> list[list[str]]:
    """The commands that are printed as doing the same, as a shell takes them."""
    block = shown.partition("The same without questions:\n")[2]
    lines = re.match(r"(?:  .*\n?)+", block)
    assert lines, shown
    text = re.sub(r" \\\n\s*", " ", lines[0])
    return [shlex.split(line) for line in text.splitlines()]


@contextlib.contextmanager
def as_before(*paths: Path) -> Iterator[None]:
    """Give files back the bytes they had."""
    held = {path: path.read_bytes() if path.exists() else None for path in paths}
    yield
    for path, data in held.items():
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)


def unfolded(text: str) -> str:
    """Folded lines as one."""
    return re.sub(r"\n +", " ", text)
