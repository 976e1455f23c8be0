from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.errors import LimitExceeded, Unreadable
from storekeeper.formats import directory
from storekeeper.host.files import read_directory
from storekeeper.model import Certificate, Limits, PrivateKey, Store
from tests import pki

ROOT, OTHER, THIRD = (pki.certificate(name) for name in ("Root", "Other", "Third"))
P_ROOT, P_OTHER, P_THIRD = (pki.pem("CERTIFICATE", der) for der in (ROOT, OTHER, THIRD))


def shown(store: Store) -> list[tuple[str, list[bytes]]]:
    return [
        (e.alias, [c.der for c in Store("", (e,)).certificates()]) for e in store.entries
    ]  # fmt: skip


def findings(store: Store) -> list[tuple[str, str]]:
    return [(finding.code, finding.where) for finding in store.findings]


def test_files_in_any_order_give_the_same_store() -> None:
    files = [("b.pem", P_ROOT), ("a.der", OTHER), ("bundle.crt", P_THIRD + P_ROOT + P_OTHER)]
    store = directory.read(files)
    assert store.format == "directory"
    assert shown(store) == [
        ("a.der", [OTHER]),
        ("b.pem", [ROOT]),
        ("bundle.crt 1", [THIRD]),
    ]
    assert findings(store) == [("repeated-certificates", "bundle.crt")]
    again = directory.read(files[::-1])
    assert again == store
    assert again.findings == store.findings


def test_what_is_skipped_is_said() -> None:
    key = pki.pem("PRIVATE KEY", pki.pkcs8(pki.key("Root")))
    store = directory.read(
        [
            ("README", b"hello\n"),
            ("broken.pem", P_OTHER.replace(b"M", b"*")),
            ("cut.der", OTHER[:100]),
            ("denied.pem", Unreadable("permission denied")),
            ("empty", b""),
            ("good.pem", P_ROOT),
            ("key.pem", key),
            ("page.cer", b"<html>"),
            ("store.jks", b"\xfe\xed\xfe\xed\0\0\0\2"),
        ]
    )
    assert shown(store) == [("good.pem", [ROOT])]
    assert findings(store) == [
        ("skipped-file", "README"),
        ("unreadable-file", "broken.pem"),
        ("unreadable-file", "cut.der"),
        ("unreadable-file", "denied.pem"),
        ("skipped-file", "empty"),
        ("skipped-file", "key.pem"),
        ("skipped-file", "page.cer"),
        ("skipped-file", "store.jks"),
    ]
    assert store.findings[-1].message == "no certificate: JKS"


def test_findings_about_a_file_keep_its_name() -> None:
    store = directory.read([("two.pem", P_ROOT + P_OTHER.replace(b"M", b"*"))])
    assert shown(store) == [("two.pem", [ROOT])]
    assert store.findings[0].code == "unreadable-entry"
    assert store.findings[0].where.startswith("two.pem: line ")


def test_a_key_with_its_certificate_stays_one_entry() -> None:
    key = pki.pem("PRIVATE KEY", pki.pkcs8(pki.key("Root")))
    (entry,) = directory.read([("server.pem", key + P_ROOT)]).entries
    assert isinstance(entry, PrivateKey)
    assert entry.chain == (Certificate(ROOT),)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_a_directory_hashed_by_openssl(tmp_path: Path) -> None:
    for name, text in (("root.pem", P_ROOT), ("other.pem", P_OTHER)):
        (tmp_path / name).write_bytes(text)
    subprocess.run(["openssl", "rehash", str(tmp_path)], check=True)
    assert len(list(tmp_path.iterdir())) == 4
    store = directory.read(read_directory(str(tmp_path)), path=str(tmp_path))
    assert shown(store) == [("other.pem", [OTHER]), ("root.pem", [ROOT])]
    assert store.findings == ()
    assert store.path == str(tmp_path)
    # With hash names only, as on a device, those are the aliases.
    for name in ("root.pem", "other.pem"):
        target = tmp_path / name
        for link in tmp_path.iterdir():
            if link.is_symlink() and link.resolve() == target:
                link.unlink()
                target.rename(link)
                break
    hashed = directory.read(read_directory(str(tmp_path)))
    assert {c.der for c in hashed.certificates()} == {ROOT, OTHER}
    assert all(directory.is_hash_name(entry.alias) for entry in hashed.entries)


def test_the_systems_own_directory() -> None:
    path = Path("/etc/ssl/certs")
    bundle = path / "ca-certificates.crt"
    if not bundle.exists():
        pytest.skip("There is no /etc/ssl/certs/ca-certificates.crt here.")
    store = directory.read(read_directory(str(path)))
    ours = [c.der for c in store.certificates()]
    assert len(ours) == len(set(ours))
    assert {c.der for c in formats.read(bundle.read_bytes()).certificates()} <= set(ours)


def test_limits_hold_for_the_files_together() -> None:
    files = [("a.pem", P_ROOT), ("b.pem", P_OTHER)]
    with pytest.raises(LimitExceeded, match="more than"):
        directory.read(files, limits=Limits(file_size=len(P_ROOT) + 10))
    with pytest.raises(LimitExceeded, match="more than 1 entries"):
        directory.read(files, limits=Limits(entries=1))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("5ed36f99.0", True), ("5ed36f99.12", True), ("5ed36f9.0", False), ("5ed36f99.r0", False),
     ("5ED36F99.0", False), ("5ed36f99", False), ("root.pem", False)],
)  # fmt: skip
def test_hash_names(name: str, expected: bool) -> None:
    assert directory.is_hash_name(name) is expected
