"""Servers with one thing wrong with them, stores, and the doctor who is sent there."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from storekeeper import der, formats
from storekeeper.cli import options, voice
from storekeeper.doctor import gathered, reading
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.tls.evidence import read
from tests import forge, pki, servers
from tests.commands import Commands
from tests.forge import DAY, basic, key, make, usage
from tests.servers.bench import Running, Setup

NOW = int(time.time())
GOOD: dict[str, Any] = {"start": NOW - 30 * DAY, "end": NOW + 30 * DAY}
GONE: dict[str, Any] = {"start": NOW - 30 * DAY, "end": NOW - DAY}
LONG = 2_000_000_000  # captures of the tests are of January 2027
CA = (basic(), usage(5, 6))
CLEAN = "nothing is wrong that can be seen from here"
SAN = forge.names(("dns", "localhost"))


def root(**options: Any) -> bytes:
    return make("CN=Root", key("root"), "CN=Root", key("root"), *CA, **(GOOD | options))


def mid(**options: Any) -> bytes:
    return make("CN=Issuing", key("mid"), "CN=Root", key("root"), *CA, **(GOOD | options))


def leaf(*extensions: bytes, **options: Any) -> bytes:
    own = options.pop("own", key("leaf"))
    signer = options.pop("signer", key("mid"))
    chosen = extensions or (SAN,)
    return make("CN=localhost", own, "CN=Issuing", signer, *chosen, **(GOOD | options))


def served(*chain: bytes, **more: Any) -> Setup:
    return Setup(chain, pki.pkcs8(more.pop("key", key("leaf")))).but(**more)


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    commands = Commands(tmp_path, capsys, monkeypatch)
    monkeypatch.delenv("STOREKEEPER_STOREPASS")
    trust(tmp_path / "root.jks", root())
    trust(tmp_path / "other.jks", make("CN=Other", key("o"), "CN=Other", key("o"), *CA, **GOOD))
    return commands


def trust(path: Path, *certificates: bytes, format: str = "JKS") -> None:
    """A trust store of these."""
    entries = (TrustedCert(f"ca{n}", Certificate(one)) for n, one in enumerate(certificates))
    path.write_bytes(formats.write(Store(format, tuple(entries)), Password("changeit")))


def write(path: Path, *certificates: bytes) -> None:
    path.write_bytes(b"".join(pki.pem("CERTIFICATE", one) for one in certificates))


def ask(run: Commands, made: Setup, *words: str, host: str = "localhost", **more: Any) -> Any:
    """The codes of what the doctor finds, and all it says."""
    start = more.pop("server", servers.openssl)
    status = more.pop("status", 1)
    with start(made) as running:
        said = run("doctor", f"https://{host}:{running.port}", *words, "--json", status=status)
    found = json.loads(said.out)
    return [one["code"] for one in found["diagnoses"]], found


AIA = forge.extension(
    "1.3.6.1.5.5.7.1.1",
    der.sequence(
        der.sequence(der.oid("1.3.6.1.5.5.7.48.2"), der.encode(0x86, b"http://127.0.0.1:1/i"))
    ),
)


def identity(folder: Path, *chain: bytes, own: Any) -> str:
    """A client's keystore of these certificates."""
    blocks = [pki.pem("PRIVATE KEY", pki.pkcs8(own))]
    blocks += [pki.pem("CERTIFICATE", one) for one in chain]
    (folder / "id.pem").write_bytes(b"".join(blocks))
    pki.openssl("pkcs12", "-export", "-in", str(folder / "id.pem"), "-out", str(folder / "id.p12"),
                "-name", "me", "-passout", "pass:changeit")  # fmt: skip
    return str(folder / "id.p12")


def client(*extensions: bytes, issuer: str = "CN=Root", signer: Any = None, **more: Any) -> bytes:
    return make("CN=me", key("me"), issuer, signer or key("root"), *extensions, **(GOOD | more))


def ask_at(run: Commands, running: Running, *words: str, status: int = 1) -> Any:
    said = run("doctor", f"https://localhost:{running.port}", *words, "--json", status=status)
    found = json.loads(said.out)
    return [one["code"] for one in found["diagnoses"]], found


@pytest.fixture
def agrees(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A person who agrees to the first question that has one of these words; what was asked."""
    wanted: list[str] = []
    monkeypatch.setattr(options, "can_ask", lambda: True)
    monkeypatch.setattr(voice, "agreed", lambda what: any(word in what for word in wanted))
    return wanted


def walked(run: Commands, running: Running, *words: str, host: str = "localhost") -> None:
    """--apply, with what the person agrees to; after it nothing is wrong."""
    said = run("doctor", f"https://{host}:{running.port}", *words, "--apply")
    assert said.out.rstrip().split("\n\n")[-2].startswith(CLEAN), said.out


def codes(evidence: str | bytes, name: str = "sent") -> list[str]:
    """Those of what the doctor reads out of a file that people send."""
    data = evidence.encode() if isinstance(evidence, str) else evidence
    return [one.code for one in reading.diagnose(gathered.gather(read(data, name)))]


def first(found: Any, number: int = 0) -> Any:
    return found["diagnoses"][0]["steps"][number]


def from_file(path: Path) -> tuple[bytes, ...]:
    entries = formats.read(path.read_bytes()).entries
    return tuple(one.certificate.der for one in entries if isinstance(one, TrustedCert))
