"""The chain file of a server, judged by OpenSSL with nothing but the root."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storekeeper.change.apply import apply
from storekeeper.change.server_chain import PARTS, part_of, plan_server_chain
from storekeeper.change.target import Target, open_target
from storekeeper.errors import UsageError, WriteRefused
from storekeeper.model import Certificate, PrivateKey
from tests import pki

if TYPE_CHECKING:
    from storekeeper.change.server_chain import Part

ROOT = pki.cert("Sending Root")
TOP = pki.cert("Sending Top", "Sending Root", ca=True)
LOW = pki.cert("Sending Low", "Sending Top", ca=True)
LEAF = pki.cert("server.example", "Sending Low")
OTHER = pki.cert("Other Root")
AT_HAND = (OTHER, ROOT, LOW, TOP)
AT = 1_780_000_000


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def pem(*certificates: Certificate) -> bytes:
    return b"".join(pki.pem("CERTIFICATE", one.der) for one in certificates)


def opened(path: Path) -> Target:
    return open_target(str(path), may_be_new=True)


def verifies(tmp_path: Path, sent: bytes) -> bool:
    """Whether a client with the root alone accepts the first with what follows it."""
    (tmp_path / "sent.pem").write_bytes(sent)
    (tmp_path / "root.pem").write_bytes(pem(ROOT))
    command = ["openssl", "verify", "-CAfile", str(tmp_path / "root.pem"), "-no-CApath"]
    command += ["-untrusted", str(tmp_path / "sent.pem"), str(tmp_path / "sent.pem")]
    return subprocess.run(command, capture_output=True, timeout=30).returncode == 0


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        ("sent", (LEAF, LOW, TOP)),
        ("intermediates", (LOW, TOP)),
        ("issuers", (LOW, TOP, ROOT)),
        ("whole", (LEAF, LOW, TOP, ROOT)),
    ],
)
def test_parts(part: Part, expected: tuple[Certificate, ...]) -> None:
    assert part in PARTS
    assert part_of(LEAF, AT_HAND, part, at=AT)[0] == expected


def test_alone_with_its_root() -> None:
    """A certificate that signed itself is sent, and one from a root needs nothing else."""
    assert part_of(ROOT, (), at=AT)[0] == (ROOT,)
    direct = pki.cert("direct.example", "Sending Root")
    assert part_of(direct, AT_HAND, at=AT)[0] == (direct,)
    assert part_of(direct, AT_HAND, "intermediates", at=AT)[0] == ()


@pytest.mark.parametrize(
    "before",
    [(LEAF,), (LEAF, TOP, LOW), (LOW, LEAF, TOP, ROOT), (LEAF, LOW, OTHER, TOP), ()],
    ids=["alone", "wrong-order", "backwards", "a-stranger", "new"],
)
def test_mended_and_then_nothing(tmp_path: Path, before: tuple[Certificate, ...]) -> None:
    path = tmp_path / "server.pem"
    if before:
        path.write_bytes(b"# kept as it is\n" + pem(*before))
    plan = plan_server_chain(opened(path), LEAF, AT_HAND, at=AT)
    assert not plan.unchanged
    apply(plan)
    text = path.read_bytes()
    assert text.replace(b"# kept as it is\n", b"") == pem(LEAF, LOW, TOP)
    assert verifies(tmp_path, text)
    assert plan_server_chain(opened(path), LEAF, AT_HAND, at=AT).unchanged


def test_what_the_file_has_counts(tmp_path: Path) -> None:
    path = tmp_path / "server.pem"
    path.write_bytes(pem(TOP, LEAF, LOW))
    apply(plan_server_chain(opened(path), LEAF, (ROOT,), at=AT))
    assert path.read_bytes() == pem(LEAF, LOW, TOP)


def test_a_key_in_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "both.pem"
    key = pki.pem("PRIVATE KEY", pki.pkcs8(pki.key("server.example")))
    path.write_bytes(key + pem(LEAF, TOP))
    apply(plan_server_chain(opened(path), LEAF, AT_HAND, at=AT))
    store = opened(path).store
    assert store is not None
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert entry.chain == (LEAF, LOW, TOP)
    assert path.read_bytes() == key + pem(LEAF, LOW, TOP)
    with pytest.raises(UsageError, match="not for this certificate"):
        plan_server_chain(opened(path), OTHER, (), at=AT)


def test_refused(tmp_path: Path) -> None:
    path = tmp_path / "server.pem"
    path.write_bytes(pem(LEAF))
    with pytest.raises(WriteRefused, match="CN=Sending Top is missing") as refused:
        plan_server_chain(opened(path), LEAF, (ROOT, LOW), at=AT)
    assert str(path) in str(refused.value)
    with pytest.raises(UsageError):
        part_of(LEAF, AT_HAND, "half", at=AT)  # type: ignore[arg-type]
    (tmp_path / "leaf.der").write_bytes(LEAF.der)
    with pytest.raises(UsageError, match="expected a PEM file"):
        plan_server_chain(opened(tmp_path / "leaf.der"), LEAF, AT_HAND, at=AT)
