"""Products on the disk: for whom, and over what they may be written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper.change import outputs
from storekeeper.change.export import Exported, Product, export
from storekeeper.errors import (
    Unreadable,
    WriteRefused,
)
from tests import pki
from tests.export_samples import CLEAR, ENTRIES, OPENS, OTHER, ROOT, SEALS, SERVER


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def put(exported: Exported, folder: Path, *, force: bool = False) -> list[str]:
    checked = outputs.check(exported.products, directory=str(folder), force=force)
    outputs.write(checked, directory=str(folder))
    return [output.state for output in checked]


@pytest.mark.parametrize(("umask", "open_mode"), [(0o022, 0o644), (0o077, 0o600), (0, 0o666)])
def test_keys_are_for_their_owner_alone(tmp_path: Path, umask: int, open_mode: int) -> None:
    before = os.umask(umask)
    try:
        put(export(ENTRIES, layout="each"), tmp_path)
        put(export(ENTRIES, layout="each", contents="keys", opens=OPENS, seals=CLEAR), tmp_path)
    finally:
        os.umask(before)
    assert mode(tmp_path / "server.key") == 0o600
    assert mode(tmp_path / "Root.pem") == open_mode


def test_no_file_with_a_key_is_ever_opened_for_others(tmp_path: Path) -> None:
    """Seen at every fsync, with no umask to help: whatever lies there is 0600."""
    script = (
        "import os\n"
        "os.umask(0)\n"
        "from storekeeper.change import outputs\n"
        "from storekeeper.change.outputs import Product\n"
        f"folder = {str(tmp_path)!r}\n"
        "product = Product('k.key', b'secret', private=True)\n"
        "seen = []\n"
        "fsync = os.fsync\n"
        "def look(descriptor):\n"
        "    for name in os.listdir(folder):\n"
        "        seen.append(os.stat(os.path.join(folder, name)).st_mode & 0o777)\n"
        "    fsync(descriptor)\n"
        "os.fsync = look\n"
        "outputs.write(outputs.check([product], directory=folder), directory=folder)\n"
        "print(len(seen) > 0, set(map(oct, seen)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "True {'0o600'}\n"


def test_a_key_closes_the_file_it_replaces(tmp_path: Path) -> None:
    for before, after in ((0o644, 0o600), (0o640, 0o640), (0o666, 0o600)):
        (tmp_path / "server.key").write_bytes(b"old")
        (tmp_path / "server.key").chmod(before)
        exported = export((SERVER,), layout="each", contents="keys", opens=OPENS, seals=SEALS)
        assert put(exported, tmp_path, force=True) == ["replaced"]
        assert mode(tmp_path / "server.key") == after
        assert (tmp_path / "server.key").read_bytes() == exported.products[0].content


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    for layout in ("each", "hashed"):
        exported = export(ENTRIES, layout=layout)
        assert set(put(exported, tmp_path / layout)) == {"new"}
        times = {p: p.lstat().st_mtime_ns for p in (tmp_path / layout).iterdir()}
        assert set(put(exported, tmp_path / layout)) == {"unchanged"}
        assert times == {p: p.lstat().st_mtime_ns for p in (tmp_path / layout).iterdir()}


def test_other_content_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "Root.pem").write_bytes(b"mine")
    exported = export(ENTRIES, layout="each")
    with pytest.raises(WriteRefused, match="holds something else"):
        put(exported, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["Root.pem"]
    assert put(exported, tmp_path, force=True) == ["new", "replaced"]
    assert (tmp_path / "Root.pem").read_bytes() == pki.pem("CERTIFICATE", OTHER.der)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["Root.pem", "server.pem"]


def test_a_link_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    exported = export((ROOT,), layout="hashed")
    link = tmp_path / exported.products[1].name
    link.symlink_to("other.pem")
    with pytest.raises(WriteRefused):
        put(exported, tmp_path)
    assert put(exported, tmp_path, force=True) == ["new", "replaced", "new"]
    assert os.readlink(link) == "Root.pem"


def test_where_there_are_no_links_copies_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "no privilege")

    exported = export((ROOT,), layout="hashed")
    monkeypatch.setattr(os, "symlink", refuse)
    assert put(exported, tmp_path) == ["new", "new", "new"]
    assert {p.read_bytes() for p in tmp_path.iterdir()} == {pki.pem("CERTIFICATE", OTHER.der)}
    assert put(exported, tmp_path) == ["unchanged"] * 3


def test_one_file(tmp_path: Path) -> None:
    products = export(ENTRIES).products
    target = tmp_path / "real.pem"
    target.write_bytes(b"old")
    link = tmp_path / "link.pem"
    link.symlink_to("real.pem")
    outputs.write(outputs.check(products, file=str(link), force=True))
    assert link.is_symlink()
    assert target.read_bytes() == products[0].content


@pytest.mark.parametrize("way", ["directory", "dangling", "loop", "missing", "nul"])
def test_what_can_be_in_the_way(tmp_path: Path, way: str) -> None:
    path = str(tmp_path / "x.pem")
    match way:
        case "directory":
            os.mkdir(path)
        case "dangling":
            os.symlink("nowhere", path)
        case "loop":
            os.symlink("x.pem", path)
        case "missing":
            path = str(tmp_path / "no" / "x.pem")
        case "nul":
            path = "a\0b"
    products = export((ROOT,)).products
    with pytest.raises((WriteRefused, Unreadable)):
        outputs.write(outputs.check(products, file=path, force=True))


def test_pipes_and_devices_are_written_into() -> None:
    reader, writer = os.pipe()
    products = export((ROOT,)).products
    checked = outputs.check(products, file=f"/dev/fd/{writer}")
    assert [output.state for output in checked] == ["stream"]
    outputs.write(checked)
    os.close(writer)
    with open(reader, "rb") as found:
        assert found.read() == products[0].content
    outputs.write(outputs.check(products, file="/dev/null"))
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc/x", "a/b"])
def test_no_product_leaves_its_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(WriteRefused):
        outputs.check([Product(name, b"")], directory=str(tmp_path))
