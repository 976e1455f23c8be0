"""NSS databases: what certutil wrote is read back, object by object, and hostile files are not."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper.errors import (
    Damaged,
    InputError,
    LimitExceeded,
    StorekeeperError,
    UnknownFormat,
    Unsupported,
)
from storekeeper.model import LIMITS, replace
from storekeeper.trust import lists, nss_database
from storekeeper.trust.anchors import CODE_SIGNING, EMAIL, SERVER, RootList
from storekeeper.trust.sources import open_source
from tests import clock
from tests.list_samples import pem, root

CERTUTIL = shutil.which("certutil")
needs_certutil = pytest.mark.skipif(CERTUTIL is None, reason="NSS's certutil is not installed")

# certutil -t: what it trusts for, what it rejects for. "p" and "P" are for TLS here.
FLAGS = {
    "C,,": ((SERVER,), ()),
    "CT,,": ((SERVER,), ()),
    "T,,": ((), ()),
    ",C,": ((EMAIL,), ()),
    ",,C": ((CODE_SIGNING,), ()),
    "C,C,": ((SERVER, EMAIL), ()),
    "CT,C,C": ((SERVER, EMAIL, CODE_SIGNING), ()),
    "p,,": ((), (SERVER,)),
    "p,p,p": ((), (SERVER, EMAIL, CODE_SIGNING)),
    "P,,": ((SERVER,), ()),
    "c,,": ((), ()),
    ",,": ((), ()),
}


def certutil(folder: Path, *words: str, data: bytes = b"") -> str:
    assert CERTUTIL
    done = subprocess.run(
        [CERTUTIL, *words, "-d", f"sql:{folder}"], input=data, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a certificate for each set of flags, named by them."""
    folder = tmp_path_factory.mktemp("nss")
    certutil(folder, "-N", "--empty-password")
    for flags in FLAGS:
        certificate = pem(root(f"nss {flags}")[0]).encode()
        certutil(folder, "-A", "-a", "-n", f"of {flags}", "-t", flags, data=certificate)
    return folder


@needs_certutil
def test_what_certutil_wrote(database: Path) -> None:
    roots = nss_database.read((database / "cert9.db").read_bytes())
    found = {a.label: (a.purposes, a.rejected) for a in (*roots.anchors, *roots.others)}
    assert found == {f"of {flags}": expected for flags, expected in FLAGS.items()}
    for anchor in (*roots.anchors, *roots.others):
        der, _ = root(f"nss {anchor.label.removeprefix('of ')}")
        assert anchor.sha256 == hashlib.sha256(der).hexdigest()
        assert anchor.certificate is not None
        assert anchor.certificate.der == der
    assert {a.label for a in roots.anchors} == {
        f"of {flags}" for flags, (purposes, _) in FLAGS.items() if SERVER in purposes
    }
    (peer,) = roots.findings
    assert "'of P,,'" in peer.message


@needs_certutil
def test_trust_that_is_changed_later(database: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(database, folder)
    certutil(folder, "-M", "-n", "of C,,", "-t", "p,,")
    certutil(folder, "-M", "-n", "of ,,", "-t", "C,,")
    certutil(folder, "-D", "-n", "of ,C,")
    roots = nss_database.read((folder / "cert9.db").read_bytes())
    labels = {a.label for a in roots.anchors}
    assert "of ,," in labels
    assert "of C,," not in labels
    assert "of ,C," not in {a.label for a in roots.others}
    # certutil leaves the trust object of what it deletes where it is, or takes it away too.
    assert all(f.severity == "info" for f in roots.findings)


@needs_certutil
def test_by_file_by_folder_and_without_touching_it(database: Path) -> None:
    file = database / "cert9.db"
    before = (file.read_bytes(), file.stat().st_mtime_ns, sorted(os.listdir(database)))
    by_file = open_source(str(file))
    by_folder = open_source(str(database))
    assert isinstance(by_file, RootList)
    assert by_folder == by_file
    assert by_file.path == str(file)
    assert lists.sniff(file.read_bytes()) == "nss"
    after = (file.read_bytes(), file.stat().st_mtime_ns, sorted(os.listdir(database)))
    assert after == before


@needs_certutil
def test_a_database_somebody_holds_locked_is_read_all_the_same(
    database: Path, tmp_path: Path
) -> None:
    file = tmp_path / "cert9.db"
    shutil.copy(database / "cert9.db", file)
    with contextlib.closing(sqlite3.connect(file)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        found = open_source(str(file))
    assert isinstance(found, RootList)
    assert len(found.anchors) + len(found.others) == len(FLAGS)


@needs_certutil
def test_a_database_with_a_write_ahead_log(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "cert9.db"
    shutil.copy(database / "cert9.db", file)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    assert file.read_bytes()[18:20] == b"\x02\x02"
    roots = nss_database.read(file.read_bytes())
    assert len(roots.anchors) + len(roots.others) == len(FLAGS)
    assert any("-wal" in finding.message for finding in roots.findings)


@needs_certutil
def test_an_empty_one_and_its_keys(tmp_path: Path) -> None:
    certutil(tmp_path, "-N", "--empty-password")
    roots = open_source(str(tmp_path / "cert9.db"))
    assert isinstance(roots, RootList)
    assert roots.anchors == roots.others == ()
    with pytest.raises(UnknownFormat, match=r"key4\.db") as caught:
        open_source(str(tmp_path / "key4.db"))
    assert "cert9.db" in caught.value.hint


def made(tmp_path: Path, *statements: str, rows: tuple[tuple[object, ...], ...] = ()) -> bytes:
    """An SQLite file of one's own making."""
    file = tmp_path / "made.db"
    file.unlink(missing_ok=True)
    with contextlib.closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        for row in rows:
            connection.execute(f"INSERT INTO nssPublic VALUES ({','.join('?' * len(row))})", row)
        connection.commit()
    return file.read_bytes()


def number(value: int) -> bytes:
    return value.to_bytes(4, "big")


SCHEMA = "CREATE TABLE nssPublic (id, a0, a3, a11, a81, a82, a62c, a62f, a62e)"
TRUSTED, REJECTED, MUST_VERIFY = number(2), number(3), number(4)


def test_trust_objects_as_pkcs11_3_2_has_them(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = []
    for at, (server, email) in enumerate(
        ((TRUSTED, TRUSTED), (MUST_VERIFY, TRUSTED), (REJECTED, None))
    ):
        der, serial = root(f"new {at}")[0], bytes([2, 1, at])
        rows.append((2 * at, number(1), b"new", der, b"issuer", serial, None, None, None))
        rows.append((2 * at + 1, number(0xB), None, None, b"issuer", serial, server, email, None))
    roots = nss_database.read(made(tmp_path, SCHEMA, rows=tuple(rows)))
    assert [(a.purposes, a.rejected) for a in roots.anchors] == [((SERVER, EMAIL), ())]
    assert [(a.purposes, a.rejected) for a in roots.others] == [((EMAIL,), ()), ((), (SERVER,))]


def test_objects_without_their_other_half_and_values_of_another_kind(tmp_path: Path) -> None:
    der = root("half")[0]
    rows = (
        (1, number(1), "a text", der, b"i", b"1", None, None, None),
        (2, number(1), b"none", None, b"i", b"2", None, None, None),
        (3, number(1), b"null", b"\xa5\0\x5a", b"i", b"3", None, None, None),
        (4, number(1), b"number", 17, b"i", b"4", None, None, None),
        (5, number(0xB), b"alone", None, b"i", b"5", TRUSTED, 2, "2"),
        (6, 1, b"no class", der, b"i", b"6", None, None, None),
        (7, b"\1", b"short class", der, b"i", b"7", None, None, None),
        (8, None, None, None, None, None, None, None, None),
    )
    roots = nss_database.read(made(tmp_path, SCHEMA, rows=rows))
    assert [a.sha256 for a in roots.others] == [hashlib.sha256(der).hexdigest()]
    assert not roots.anchors
    assert len(roots.findings) == 4


ENDLESS = (
    "CREATE VIEW nssPublic (a0, a11, a81, a82) AS WITH RECURSIVE n(x) AS "
    "(SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x, x, x, x FROM n"
)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE urls (url)",
        "CREATE TABLE nssPublic (id, a0)",
        "CREATE VIEW nssPublic AS SELECT 1 AS a0, 1 AS a11, 1 AS a81, 1 AS a82",
        ENDLESS,
    ],
    ids=["history", "columns", "view", "endless view"],
)
def test_a_database_of_another_program(tmp_path: Path, statement: str) -> None:
    with pytest.raises(UnknownFormat, match="another program"):
        nss_database.read(made(tmp_path, statement))


def test_a_table_that_computes_without_end(tmp_path: Path) -> None:
    """A generated column may call functions; the work is counted."""
    slow = "length(hex(zeroblob(3000000)))"
    data = made(
        tmp_path,
        "CREATE TABLE nssPublic (id, a0, a3, a81, a82, "
        f"a11 GENERATED ALWAYS AS ({'+'.join([slow] * 20)}) VIRTUAL)",
        "INSERT INTO nssPublic (id) VALUES (1)",
    )
    started = time.process_time()
    with contextlib.suppress(InputError):
        nss_database.read(data)
    assert clock.units(time.process_time() - started) < 400


def test_more_objects_than_allowed(tmp_path: Path) -> None:
    rows = tuple((at, number(1), b"x", b"0", b"i", number(at), None, None, None) for at in range(9))
    with pytest.raises(LimitExceeded):
        nss_database.read(made(tmp_path, SCHEMA, rows=rows), limits=replace(LIMITS, entries=8))


def test_the_old_database(tmp_path: Path) -> None:
    (tmp_path / "cert8.db").write_bytes(b"\x00\x06\x15\x61" + bytes(16380))
    with pytest.raises(Unsupported, match=r"cert8\.db") as caught:
        open_source(str(tmp_path / "cert8.db"))
    assert caught.value.path == str(tmp_path / "cert8.db")


def test_a_python_without_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    with pytest.raises(Unsupported, match="without SQLite"):
        lists.read(nss_database.MAGIC + bytes(4096))


def test_no_database_at_all(tmp_path: Path) -> None:
    data = made(tmp_path, SCHEMA)
    for broken in (
        nss_database.MAGIC,
        nss_database.MAGIC + bytes(84),
        data[:100],
        data[: len(data) // 2],
        nss_database.MAGIC + b"\xff" * 5000,
        data[:100] + bytes(len(data) - 100),
    ):
        with pytest.raises((Damaged, UnknownFormat, LimitExceeded)) as caught:
            lists.read(broken, path="x.db")
        assert caught.value.path == "x.db"
        assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    rows: list[tuple[object, ...]] = []
    for at in range(12):
        der, serial = root(f"sample {at % 3}")[0], bytes([2, 1, at])
        rows.append((2 * at, number(1), b"sample", der, b"issuer", serial, None, None, None))
        rows.append((2 * at + 1, number(0xB), None, None, b"issuer", serial, TRUSTED, None, None))
    indices = ("CREATE INDEX issuer ON nssPublic (a81)", "CREATE INDEX label ON nssPublic (a3)")
    return made(tmp_path_factory.mktemp("sample"), SCHEMA, *indices, rows=tuple(rows))


def attempt(data: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(StorekeeperError):
        roots = nss_database.read(data)
        for anchor in (*roots.anchors, *roots.others):
            assert len(anchor.sha256) == 64
            str(anchor.subject)
    assert clock.units(time.process_time() - started) < 100


@given(cut=st.integers(0, 40_000), junk=st.binary(max_size=40), skip=st.integers(0, 60))
@settings(max_examples=150)
def test_only_our_errors_leave(sample: bytes, cut: int, junk: bytes, skip: int) -> None:
    cut %= len(sample)
    attempt(sample[:cut] + junk + sample[cut + skip :])


@pytest.mark.slow
def test_mutation_sweep(sample: bytes) -> None:
    random = Random(19)
    for _ in range(20_000):
        data = bytearray(sample)
        for _ in range(random.randint(1, 8)):
            at = random.choice((random.randrange(200), random.randrange(len(data))))
            data[at] = random.randrange(256)
        attempt(bytes(data))
