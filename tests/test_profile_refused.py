"""What fails in one target of a profile changes none."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.errors import StorekeeperError, WriteRefused
from storekeeper.host.locks import lock
from storekeeper.profile.applying import apply_profile
from tests import changing
from tests.profiles import MORE, ROOT, Folder, certificates


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("PW", "changeit")
    return Folder(tmp_path)


# -- refusals -----------------------------------------------------------------------------


def two_targets(folder: Folder, second: str) -> None:
    folder.profile(
        "targets:\n- {name: a, path: a.jks, password: env:PW, sources: [{file: root.pem}]}\n"
        f"- {second}\n"
    )


@pytest.mark.parametrize(
    ("second", "status", "message"),
    [
        ("{path: there.jks, password: env:OTHER, sources: [{file: root.pem}]}", 3, "wrong"),
        ("{path: there.jks, password: env:NOT_SET_AT_ALL, sources: [{file: root.pem}]}", 3,
         "NOT_SET_AT_ALL is not set"),
        ("{path: new.jks, sources: [{file: root.pem}]}", 3, "a password is needed"),
        ("{path: broken.jks, password: env:PW, sources: [{file: root.pem}]}", 4, ""),
        ("{path: there.jks, type: PKCS12, password: env:PW, sources: [{file: root.pem}]}", 2,
         "is a JKS, not a PKCS12"),
        ("{path: there.jks, password: env:PW, sources: [{file: no-such-*.pem}]}", 4,
         "no file matches"),
        ("{path: no/such/x.jks, password: env:PW, sources: [{file: root.pem}]}", 6,
         "there is no directory"),
        ("{path: there.jks, password: env:PW, sources: [{file: p.yaml}]}", 4, ""),
        ("{path: new.der, type: DER, sources: [{file: '*.pem'}]}", 6, "DER"),
        ("{path: there.jks, password: env:PW, alias: corp-root, sources: [{file: root.pem}]}", 6,
         "the alias is taken"),
    ],
)  # fmt: skip
def test_what_fails_in_one_target_changes_none(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, second: str, status: int, message: str
) -> None:
    monkeypatch.setenv("OTHER", "not this one")
    changing.store_file(folder.path / "there.jks", "JKS")
    (folder.path / "broken.jks").write_bytes(b"\xfe\xed\xfe\xed\0\0\0\2\0\0")
    two_targets(folder, second)
    before = {name: (folder.path / name).read_bytes() for name in os.listdir(folder.path)}
    with pytest.raises(StorekeeperError) as caught:
        folder.apply()
    said = caught.value
    assert said.exit_status == status, str(said)
    assert message in said.message
    assert "p.yaml:4:" in f"{said} {said.hint}"
    assert "not this one" not in f"{said}{said.hint}{said!r}"
    after = {name: (folder.path / name).read_bytes() for name in os.listdir(folder.path)}
    assert after == before


@pytest.mark.skipif(os.geteuid() == 0 and not os.path.exists("/usr/bin/setpriv"), reason="root may")
def test_a_directory_without_permission(folder: Folder) -> None:
    """Known before the first target is written, by somebody who is not root."""
    shut = folder.path / "shut"
    shut.mkdir()
    two_targets(folder, "{path: shut/x.jks, password: env:PW, sources: [{file: root.pem}]}")
    shut.chmod(0o555)
    environment = {**os.environ, "PYTHONPATH": str(Path(formats.__file__).parents[2])}
    words = [sys.executable, "-m", "storekeeper", "apply", str(folder.path / "p.yaml")]
    if os.geteuid() == 0:
        folder.path.chmod(0o777)
        for parent in folder.path.parents[:3]:
            with contextlib.suppress(OSError):
                parent.chmod(parent.stat().st_mode | 0o055)
        words = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", *words]
        environment |= {"HOME": str(folder.path), "XDG_STATE_HOME": str(folder.path / "state")}
    done = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=60)
    if "No module named" in done.stderr or "Permission denied" in done.stderr:
        pytest.skip("nobody can't read the checkout")
    assert done.returncode == 6, done.stderr
    assert "p.yaml:4:" in done.stderr
    assert "shut/x.jks: no permission to write" in done.stderr
    assert not (folder.path / "a.jks").exists()


def test_a_target_in_use(folder: Folder) -> None:
    """It is not the first one, and the first is not written either."""
    (folder.path / "sub").mkdir()
    folder.profile(
        "targets:\n- {path: sub/first.jks, password: env:PW, sources: [{file: root.pem}]}\n"
        "- {path: trust.jks, password: env:PW, sources: [{file: root.pem}]}\n"
    )
    pid = os.fork()
    if pid == 0:
        with lock(str(folder.path / "trust.jks")):
            (folder.path / "held").touch()
            time.sleep(60)
        os._exit(0)
    try:
        while not (folder.path / "held").exists():
            time.sleep(0.01)
        with pytest.raises(WriteRefused, match="is changing files in its directory"):
            list(apply_profile(folder.plan(), timeout=0.1))
        assert not (folder.path / "trust.jks").exists()
        assert not (folder.path / "sub/first.jks").exists()
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def test_a_target_that_changes_meanwhile_is_planned_again(folder: Folder) -> None:
    changing.store_file(folder.path / "trust.jks", "JKS", changing.trusted("a"))
    folder.target()
    plans = folder.plan()
    changing.store_file(folder.path / "trust.jks", "JKS", changing.trusted("b", changing.OTHER))
    list(apply_profile(plans))
    assert set(certificates(folder.path / "trust.jks")) == {changing.OTHER, ROOT, MORE}
