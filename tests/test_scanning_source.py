"""A scan as a source: for ``list``, ``diff`` and ``audit``."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storekeeper import open_store
from storekeeper.errors import StorekeeperError, UnknownFormat, Unreadable
from storekeeper.model import LIMITS, TrustedCert, replace
from storekeeper.trust.audit.engine import audit
from storekeeper.trust.store_files import stores_below, union
from tests.scanned_files import AT, FILES, SECRET, p12


def test_scan_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    shutil.copy(FILES / "chain.pem", tmp_path / "a")
    shutil.copy(FILES / "trust-keytool17.jks", tmp_path / "t.jks")
    (tmp_path / "other.jks").symlink_to("t.jks")
    (tmp_path / "locked.p12").write_bytes(p12())
    store = open_store(f"scan:{tmp_path}")
    assert [entry.alias for entry in store.entries] == [
        *("t.jks:corp-root", "t.jks:old-root"),
        *("a/chain.pem:server.example.net", "a/chain.pem:Corp CA 1", "a/chain.pem:Corp Root"),
    ]
    expected = [*open_store(tmp_path / "t.jks").certificates(),
                *open_store(tmp_path / "a" / "chain.pem").certificates()]  # fmt: skip
    assert list(store.certificates()) == expected
    assert ("unreadable-file", "locked.p12") in {(f.code, f.where) for f in store.findings}
    opened = open_store(f"scan:{tmp_path}", SECRET)
    assert "locked.p12:server" in [entry.alias for entry in opened.entries]
    assert all(isinstance(entry, TrustedCert) for entry in store.entries)


def test_a_source_of_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("words")
    with pytest.raises(UnknownFormat, match="no store and no certificate"):
        open_store(f"scan:{tmp_path}")
    with pytest.raises(Unreadable, match="no such file"):
        open_store(f"scan:{tmp_path}/nowhere")
    many_roots = replace(LIMITS, entries=2)
    with pytest.raises(StorekeeperError, match=r"more than 2 entries|limit is 2"):
        union(str(FILES), limits=many_roots)


def test_an_audit_takes_each_store_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("chain.pem", "trust-keytool17.jks", "truncated.jks", "leaf.key", "prints.txt"):
        shutil.copy(FILES / name, tmp_path)
    (tmp_path / "locked.p12").write_bytes(p12())
    (tmp_path / "link").symlink_to("chain.pem")
    below = [Path(met.path).name for met in stores_below(str(tmp_path))]
    assert below == ["chain.pem", "locked.p12", "truncated.jks", "trust-keytool17.jks"]
    _, stores = audit([f"scan:{tmp_path}"], at=AT, password=SECRET)
    found = {Path(store.name).name: store for store in stores}
    assert list(found) == below
    assert found["truncated.jks"].problem
    assert len(found["locked.p12"].entries) == 1, found["locked.p12"].problem
    assert len(found["trust-keytool17.jks"].entries) == 2, "its own password was tried"
    (tmp_path / "empty").mkdir()
    _, stores = audit([f"scan:{tmp_path / 'empty'}"], at=AT)
    (nothing,) = stores
    shutil.copy(FILES / "root.pem", tmp_path / "cacerts")
    monkeypatch.chdir(tmp_path)
    _, stores = audit(["scan:cacerts"], at=AT)
    assert [len(store.entries) for store in stores] == [1], "the file, not the word"
    assert nothing.problem == "no store and no certificate is below it"
