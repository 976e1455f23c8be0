"""Distrust by fingerprint: the shipped table against its sources, and cases counted by hand."""

from __future__ import annotations

import collections
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from storekeeper.times import iso, iso_date
from storekeeper.trust import lists
from storekeeper.trust.distrust import KINDS, PURPOSES, Distrust, all_distrust, distrust_of
from storekeeper.trust.runtimes.jdk_blocked import BLOCKED
from storekeeper.trust.runtimes.jdk_distrust import POLICIES
from tests import clock

ROOT = Path(__file__).parents[1]
DEBIAN = Path("/usr/share/ca-certificates/mozilla")
MOZILLA = "Mozilla's certdata.txt"

# By SHA-256: in Debian 12's cacerts of 2023, gone from Mozilla's list, and blocked by Microsoft.
GONE = (
    *("5a885db1", "d40e9c86", "0753e940"),  # TrustCor
    *("b0bfd52b", "873f4685", "ef66b0b1"),  # E-Tugra
    *("e75e72ed", "f9e67d33", "be6c4da2", "bf0feefb"),  # SECOM, Hongkong Post, SwissSign, JCSI
)


@pytest.fixture(scope="module")
def table() -> dict[str, tuple[Distrust, ...]]:
    made: dict[str, list[Distrust]] = {}
    for one in all_distrust():
        made.setdefault(one.sha256, []).append(one)
    return {sha256: tuple(found) for sha256, found in made.items()}


def full(table: dict[str, tuple[Distrust, ...]], prefix: str) -> str:
    (found,) = (sha256 for sha256 in table if sha256.startswith(prefix))
    return found


def test_every_line_is_whole(table: dict[str, tuple[Distrust, ...]]) -> None:
    assert len(table) > 300
    for sha256, found in table.items():
        assert bytes.fromhex(sha256).hex() == sha256
        assert len(sha256) == 64
        assert distrust_of(sha256) == found
        assert len(set(found)) == len(found)
        for one in found:
            assert one.kind in KINDS
            assert one.purpose in PURPOSES
            assert one.ca
            assert one.source
            assert (one.issued_until is None) == (one.kind != "distrust-after")
            assert one.since == "" or iso_date(_seconds(one.since)) == one.since
            assert one.link == "" or one.link.startswith("https://")


def _seconds(date: str) -> int:
    from storekeeper.trust.anchors import parse_date

    found = parse_date(date)
    assert found is not None
    return found


def test_as_many_of_each_kind_as_the_sources_have() -> None:
    counted = collections.Counter(
        (one.kind, one.purpose) for one in all_distrust() if one.source.startswith(MOZILLA)
    )
    # Of 167 trust objects: 44 e-mail only, 2 with no trust; 6 dates, 3 of them behind a lost bit.
    assert counted == {
        ("email-only", "tls-server"): 44,
        ("no-trust", "any"): 2,
        ("distrust-after", "tls-server"): 3,
    }
    microsoft = [one for one in all_distrust() if one.source.startswith("Microsoft")]
    assert (len(microsoft), {one.kind for one in microsoft}) == (218, {"blocked"})


def test_mozillas_dates_and_the_bit_that_is_read_first(
    table: dict[str, tuple[Distrust, ...]],
) -> None:
    dates = {
        one.sha256[:8]: iso(one.issued_until or 0)
        for one in all_distrust()
        if one.source.startswith(MOZILLA) and one.kind == "distrust-after"
    }
    assert dates == {
        "73c17643": "2024-11-30T23:59:59Z",
        "c0a6f4dc": "2025-04-15T23:59:59Z",
        "2530cc8e": "2026-04-15T23:59:59Z",  # in the trust object only
    }
    # These keep an old date in certdata.txt but have lost the bit it belongs to.
    for prefix in ("6dc47172", "43df5774", "02ed0eb2"):
        kinds = [one.kind for one in table[full(table, prefix)] if one.source.startswith(MOZILLA)]
        assert kinds == ["email-only"]


def test_the_jdks_own_part_is_the_one_verdicts_use(
    table: dict[str, tuple[Distrust, ...]],
) -> None:
    for sha256 in BLOCKED:
        assert any(one.source.startswith("the JDK's blocked.certs") for one in table[sha256])
    for policy, (roots, _, last) in POLICIES.items():
        for sha256 in roots:
            (found,) = (one for one in table[sha256] if policy in one.reason)
            assert (found.kind, found.purpose) == ("distrust-after", "tls-server")
            assert iso(found.issued_until or 0) == f"{last}T23:59:59Z"


def test_what_left_mozillas_list_is_blocked_by_microsoft_too(
    table: dict[str, tuple[Distrust, ...]],
) -> None:
    mozilla = {anchor.sha256 for anchor in lists.load("mozilla").anchors}
    for prefix in GONE:
        sha256 = full(table, prefix)
        assert sha256 not in mozilla
        assert "blocked" in {one.kind for one in table[sha256]}


def test_nothing_of_the_newest_list_was_removed_or_is_blocked(
    table: dict[str, tuple[Distrust, ...]],
) -> None:
    for anchor in lists.load("mozilla").anchors:
        for one in table.get(anchor.sha256, ()):
            assert one.kind not in ("removed", "no-trust", "email-only"), (anchor.subject, one)
            assert not (one.kind == "blocked" and one.purpose == "any"), (anchor.subject, one)


def test_a_root_issued_again_was_not_removed(table: dict[str, tuple[Distrust, ...]]) -> None:
    keys = {anchor.subject_spki_sha256 for anchor in lists.load("mozilla").anchors}
    old = [a for a in lists.load("temurin-11").anchors if a.subject_spki_sha256 in keys]
    for anchor in old:
        kinds = {one.kind for one in table.get(anchor.sha256, ())}
        assert "removed" not in kinds, anchor.subject


@pytest.mark.parametrize(
    ("prefix", "ca", "kind"),
    [
        ("4fee0163", "DigiNotar", "blocked"),
        ("ec30c9c3", "eDellRoot", "blocked"),
        ("e2839377", "CNNIC", "removed"),
        ("4b22d5a6", "WoSign", "removed"),
        ("c766a9be", "StartCom", "removed"),
        ("9acfab7e", "Symantec", "removed"),
        ("063e4afa", "Camerfirma", "removed"),
        ("d40e9c86", "TrustCor", "removed"),
        ("b0bfd52b", "E-Tugra", "removed"),
        ("9a296a51", "GLOBALTRUST", "distrust-after"),
        ("0376ab1d", "Entrust and AffirmTrust", "distrust-after"),
        ("c0a6f4dc", "Chunghwa Telecom ePKI", "distrust-after"),
    ],
)
def test_incidents_come_first_and_can_be_read_up(
    table: dict[str, tuple[Distrust, ...]], prefix: str, ca: str, kind: str
) -> None:
    first = distrust_of(full(table, prefix))[0]
    assert (first.ca, first.kind) == (ca, kind)
    assert first.link
    assert first.reason


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="no /usr/share/ca-certificates here")
def test_classes_of_debians_roots_as_counted_by_hand() -> None:
    """Debian's list of 2023-03 against NSS 2.86: counted once by other code."""
    found = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path in DEBIAN.glob("*.crt"):
            read = x509.load_pem_x509_certificate(path.read_bytes())
            found.add(read.fingerprint(hashes.SHA256()).hex())
    if len(found) != 142 or not any(one.startswith("d40e9c86") for one in found):
        pytest.skip("another release of ca-certificates is installed")
    counted = collections.Counter(
        one.kind
        for sha256 in found
        for one in distrust_of(sha256)
        if one.source.startswith(MOZILLA)
    )
    assert counted == {"email-only": 15, "no-trust": 2, "distrust-after": 3}
    assert len({one for one in found for prefix in GONE if one.startswith(prefix)}) == 10


def test_what_nobody_said_anything_about() -> None:
    isrg = "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6"
    for sha256 in (isrg, "", "0" * 64, "sha256", "# source"):
        assert distrust_of(sha256) == ()


def test_looking_up_costs_nothing_to_speak_of(table: dict[str, tuple[Distrust, ...]]) -> None:
    started = time.process_time()
    for sha256 in list(table) * 5:
        distrust_of(sha256)
    assert clock.units(time.process_time() - started) < 5  # some 1,700 of them


@pytest.mark.skipif(
    "STOREKEEPER_LIST_DATA" not in os.environ, reason="STOREKEEPER_LIST_DATA names no folder"
)
def test_the_tools_make_the_shipped_files_again() -> None:
    folder = os.environ["STOREKEEPER_LIST_DATA"]
    observed = ("microsoft", "apple", "aosp", "openjdk-17", "oracle-13")
    for tool, names in (("make_distrust.py", ()), ("make_lists.py", observed)):
        done = subprocess.run(
            [sys.executable, str(ROOT / "tools" / tool), "--data", folder, "--check", *names],
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr
