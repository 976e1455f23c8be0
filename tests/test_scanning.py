"""What a scan finds: each file by its content, and what can't be read is told like the rest."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import scans
from storekeeper import open_store
from storekeeper.errors import StorekeeperError, UnknownFormat
from storekeeper.formats import heads
from storekeeper.host.scan import Met, Tally, walk
from storekeeper.model import LIMITS, Password, replace
from storekeeper.trust import store_files
from storekeeper.trust.scanning import Found, examine, scan
from storekeeper.trust.store_files import union
from tests import jvm, pki
from tests.scanned_files import AT, FILES, SECRET, at_once, p12, scanned

__all__ = ["at_once"]  # a fixture

VECTORS = Path(__file__).parent / "vectors"


def test_what_is_found_is_what_each_file_opens_as() -> None:
    """Against `open_store` file by file: the scan leaves out nothing, and adds nothing."""
    found = scanned(FILES)
    for path in sorted(FILES.iterdir()):
        error: StorekeeperError | None = None
        try:
            store = open_store(path)
        except UnknownFormat:
            assert path.name not in found, path.name
            continue
        except StorekeeperError as problem:
            error = problem
        if error is not None:
            assert found[path.name].problem.startswith(error.message), path.name
            assert found[path.name].status == error.exit_status
            continue
        row = found.get(path.name)
        certificates = len(list(store.certificates()))
        if path.name in ("ccadb.csv", "certdata.txt", "prints.txt"):
            assert row is None
            continue
        assert row is not None, path.name
        assert (row.format, row.entries, row.certificates, row.problem) == (
            store.format, len(store.entries), certificates, "",
        ), path.name  # fmt: skip
        assert row.size == path.stat().st_size
        assert row.mode == stat.S_IMODE(path.stat().st_mode)


def test_kinds_and_dates() -> None:
    found = scanned(FILES)
    kinds = {name: row.kind for name, row in found.items()}
    assert kinds["chain.pem"] == kinds["leaf.der"] == "certificates"
    assert kinds["leaf.key"] == "key"
    assert kinds["really-pkcs12.jks"] == "store"
    trust = found["trust-keytool17.jks"]
    assert (trust.entries, trust.expired, trust.expires) == (2, 1, 2_208_988_800)  # 2040-01-01
    assert found["expired.pem"].expires is None
    chain = found["chain.pem"]
    assert (chain.certificates, chain.expires) == (3, 1_811_808_000)  # 2027-06-01, the next of 3


def test_requests_lists_and_public_keys_are_no_stores(tmp_path: Path) -> None:
    (tmp_path / "request.pem").write_bytes(pki.pem("CERTIFICATE REQUEST", b"0\0"))
    spki = pki.spki(pki.key())
    (tmp_path / "key.pub").write_bytes(pki.pem("PUBLIC KEY", spki))
    (tmp_path / "page.html").write_bytes(
        b"<html><body>\n" + pki.pem("CERTIFICATE", pki.certificate("Quoted")) + b"</body></html>"
    )
    (tmp_path / "list").write_bytes(
        b"CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\n"
        + pki.pem("CERTIFICATE", pki.certificate("Quoted"))
        + (FILES / "certdata.txt").read_bytes()
    )
    shutil.copy(FILES / "certdata.txt", tmp_path)
    (tmp_path / "link").symlink_to("page.html")
    os.link(tmp_path / "page.html", tmp_path / "hard")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "link-to-a-second-name").symlink_to("../page.html")
    assert scanned(tmp_path) == {}


def test_armour_in_texts_that_could_be_lists(tmp_path: Path) -> None:
    """What `open_any` takes for a list for its other words, a scan reads for its armour."""
    block = pki.pem("CERTIFICATE", pki.certificate("Quoted"))
    quoted = b'root = "-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----"\n'
    for name, before in (
        ("values.yaml", b"platform: linux\ncertificates:\n  - |\n"),
        ("roots.py", quoted + b'other = """\n'),
        ("notes.txt", b"words\n"),
    ):
        (tmp_path / name).write_bytes(before + block)
    (tmp_path / "config.json").write_bytes(quoted)
    found = scanned(tmp_path)
    told = {name: (row.certificates, row.problem) for name, row in found.items()}
    assert told == dict.fromkeys(("values.yaml", "roots.py", "notes.txt"), (1, ""))
    assert len(union(str(tmp_path)).entries) == 3


def test_a_store_that_needs_a_password_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "a.p12").write_bytes(p12())
    (tmp_path / "b.jks").write_bytes((FILES / "trust-keytool17.jks").read_bytes())
    found = scanned(tmp_path)
    row = found["a.p12"]
    assert (row.kind, row.format, row.entries, row.status) == ("store", "PKCS12", None, 3)
    assert "a password is needed" in row.problem
    assert "--storepass" in row.hint
    assert row.sha256
    assert found["b.jks"].problem == ""
    opened = scanned(tmp_path, password=Password(SECRET))
    assert (opened["a.p12"].keys, opened["a.p12"].problem) == (1, "")
    assert opened["b.jks"] == found["b.jks"], "a password said for one store spoils no other"
    wrong = scanned(tmp_path, password=Password("wrong"))["a.p12"]
    assert wrong.status == 3
    assert SECRET not in repr([opened, found])


def test_modes_are_findings(tmp_path: Path) -> None:
    key = pki.pem("PRIVATE KEY", pki.pkcs8(pki.key()))
    for name, mode, data in (
        ("open.key", 0o644, key),
        ("closed.key", 0o600, key),
        ("sealed.p12", 0o604, p12("changeit")),
        ("trust.pem", 0o666, (FILES / "root.pem").read_bytes()),
    ):
        (tmp_path / name).write_bytes(data)
        (tmp_path / name).chmod(mode)
    found = {
        name: {(one.code, one.severity) for one in row.findings}
        for name, row in scanned(tmp_path).items()
    }
    assert found["open.key"] == {("readable-by-others", "error")}
    assert found["closed.key"] == set()
    assert ("readable-by-others", "warning") in found["sealed.p12"]
    assert found["trust.pem"] == {("world-writable", "error")}


def test_a_jre_is_told_with_its_trust_store(tmp_path: Path) -> None:
    java = jvm.by_major(17)
    home = tmp_path / "opt" / "jre"
    (home / "lib" / "security").mkdir(parents=True)
    shutil.copy(java.cacerts, home / "lib" / "security" / "cacerts")
    shutil.copy(java.home / "release", home)
    (tmp_path / "opt" / "other" / "lib" / "security").mkdir(parents=True)
    (tmp_path / "opt" / "other" / "release").write_text('JAVA_VERSION="99"\n')
    other = tmp_path / "opt" / "other" / "lib" / "security" / "cacerts"
    other.symlink_to(home / "lib" / "security" / "cacerts")
    found = scanned(tmp_path)
    row = found["opt/jre/lib/security/cacerts"]
    assert (row.runtime, row.version, row.entries) == (str(home), "17.0.9", 143)
    link = found["opt/other/lib/security/cacerts"]
    assert (link.kind, link.version, link.real) == ("link", "99", row.path)


def test_other_names_come_last_and_lead_to_rows(tmp_path: Path) -> None:
    (tmp_path / "b.pem").write_bytes((FILES / "root.pem").read_bytes())
    os.link(tmp_path / "b.pem", tmp_path / "c.pem")
    (tmp_path / "a.0").symlink_to("c.pem")
    rows = list(scan([str(tmp_path)], at=AT))
    assert [(row.kind, Path(row.path).name, Path(row.real).name) for row in rows] == [
        ("certificates", "b.pem", ""), ("link", "c.pem", "b.pem"), ("link", "a.0", "c.pem"),
    ]  # fmt: skip


def test_strangers_are_rows(tmp_path: Path) -> None:
    shutil.copy(VECTORS / "bouncycastle" / "1.72.bcfks", tmp_path / "x")
    (row,) = scanned(tmp_path).values()
    assert (row.kind, row.format, row.status) == ("store", "BCFKS", 4)
    assert "BCFKS" in row.problem


def test_nss_databases(tmp_path: Path) -> None:
    if shutil.which("certutil") is None:
        pytest.skip("no certutil")
    certificate = tmp_path / "ca.der"
    certificate.write_bytes(pki.certificate("Firefox Corp"))
    profile = tmp_path / "profile"
    profile.mkdir()
    tool = ["certutil", "-d", f"sql:{profile}"]
    subprocess.run([*tool, "-N", "--empty-password"], check=True)
    subprocess.run([*tool, "-A", "-n", "corp", "-t", "C,,", "-i", certificate], check=True)
    (profile / "cert9.db").rename(profile / "renamed")
    found = scanned(profile)
    assert (found["renamed"].kind, found["renamed"].format) == ("store", "NSS")
    assert found["renamed"].certificates == 1
    assert (found["key4.db"].kind, found["key4.db"].problem) == ("key", "")
    assert [entry.alias for entry in union(str(profile)).entries] == ["renamed:corp"]


def test_an_sqlite_file_of_somebody_else_is_none(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("CREATE TABLE t (words TEXT)")
        connection.execute("INSERT INTO t VALUES ('nssPublic'), ('-----BEGIN CERTIFICATE-----')")
    connection.close()
    assert not [row for row in scanned(tmp_path).values() if not row.problem]


# -- bad input ------------------------------------------------------------------------------


def test_a_file_that_changes_between_walk_and_reading(tmp_path: Path) -> None:
    path = tmp_path / "x.pem"
    path.write_bytes((FILES / "root.pem").read_bytes())
    (one,) = walk([str(tmp_path)])
    look = partial(examine, password=None, at=AT, limits=LIMITS)
    path.write_bytes(b"words")
    assert look(one) is None, "no store any more"
    path.unlink()
    gone = look(one)
    assert isinstance(gone, Found)
    assert (gone.kind, gone.status) == ("unreadable", 4)
    assert "gone" in gone.problem
    os.mkfifo(path)
    pipe = look(one)
    assert isinstance(pipe, Found)
    assert "no regular file" in pipe.problem


def test_a_store_that_grows_is_read_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bundle.pem"
    path.write_bytes((FILES / "root.pem").read_bytes())
    (one,) = walk([str(tmp_path)])
    real = os.fstat

    def slow(descriptor: int) -> os.stat_result:
        found = real(descriptor)
        with path.open("ab") as file:
            file.write((FILES / "chain.pem").read_bytes())
        return found

    monkeypatch.setattr("storekeeper.host.scan.os.fstat", slow)
    row = examine(one, password=None, at=AT, limits=LIMITS)
    assert isinstance(row, Found)
    assert (row.entries, [one.code for one in row.findings]) == (1, ["growing"])


def test_what_is_too_large_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_bytes((FILES / "chain.pem").read_bytes())
    (row,) = scanned(tmp_path, limits=replace(LIMITS, file_size=1_000)).values()
    assert (row.status, row.entries) == (4, None)
    assert "--max-size" in row.hint


@settings(deadline=None, max_examples=80)
@given(
    st.sampled_from(["root.pem", "trust-keytool17.jks", "leaf.der", "identity-openssl3.p12"]),
    st.data(),
)
def test_damage_never_escapes(tmp_path_factory: pytest.TempPathFactory, name: str,
                              data: st.DataObject) -> None:  # fmt: skip
    content = bytearray((FILES / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(1, len(content)))
    folder = tmp_path_factory.mktemp("damage")
    (folder / "x").write_bytes(content[:cut])
    (folder / "whole.pem").write_bytes((FILES / "root.pem").read_bytes())
    found = scanned(folder)
    assert found["whole.pem"].entries == 1
    if "x" in found and found["x"].problem:
        assert found["x"].status in (3, 4)


# -- several processes --------------------------------------------------------------------


def many(folder: Path, count: int = 60) -> Path:
    samples = ["root.pem", "trust-keytool17.jks", "truncated.jks", "leaf.der", "leaf.key"]
    for number in range(count):
        inner = folder / f"d{number % 7}"
        inner.mkdir(exist_ok=True)
        shutil.copy(FILES / samples[number % len(samples)], inner / f"f{number}")
    return folder


@pytest.mark.parametrize("jobs", [2, 5])
@pytest.mark.usefixtures("at_once")
def test_the_number_of_processes_changes_nothing(tmp_path: Path, jobs: int) -> None:
    folder = many(tmp_path)
    alone = list(scan([str(folder)], at=AT))
    assert len(alone) == 60
    assert list(scan([str(folder)], at=AT, jobs=jobs)) == alone


# -- large ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_hundred_thousand_files(tmp_path: Path) -> None:
    store = (FILES / "trust-keytool17.jks").read_bytes()
    small = scans.tree(tmp_path / "small", 10_000, store)
    large = scans.tree(tmp_path / "large", 100_000, store)
    tally = Tally()
    found = list(scan([str(large)], tally=tally, at=AT))
    assert (tally.files, len(found)) == (100_000, 100)
    assert tally.directories == 1_000 + 10 + 1
    assert scans.peak(large) < 1.1 * scans.peak(small)


def test_heads_and_words_agree() -> None:
    """What a scan reads whole as a store of strangers was promising by its head."""
    for path in (VECTORS / "bouncycastle").iterdir():
        data = path.read_bytes()
        if store_files.word_of(data):
            assert heads.promising(data[: heads.FIRST], len(data))


def test_nothing_heavy_is_imported_for_a_scan_of_few() -> None:
    program = (
        "import sys\n"
        "from storekeeper.cli import main\n"
        f"main(['scan', {str(FILES / 'root.pem')!r}])\n"
        "print(*({'multiprocessing', 'cryptography', 'subprocess'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == ""
    assert "Met" not in done.stderr


def test_values_pickle() -> None:
    import pickle

    row = Found("a", "store", findings=())
    assert pickle.loads(pickle.dumps(row)) == row
    one = Met("a", "file", "a", 1, 0o644)
    assert pickle.loads(pickle.dumps(one)) == one
