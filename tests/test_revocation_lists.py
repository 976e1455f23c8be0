"""Revocation lists by themselves: their lines, their size, and what is none."""

from __future__ import annotations

import time

import pytest

from storekeeper.errors import LimitExceeded
from storekeeper.frozen import replace
from storekeeper.model import LIMITS
from storekeeper.trust.runtimes import revocation_lists
from tests.forge import AT, DAY
from tests.revocation_questions import of_mid
from tests.revoking import line, point


def test_lines_of_a_list() -> None:
    entries = [line(number, AT - DAY * number) for number in range(1, 6)]
    read = revocation_lists.read(of_mid(*entries, extensions=(point(users=True),)))
    assert len(read.lines) == 5
    assert {serial for _, serial in read.lines} == {1, 2, 3, 4, 5}
    assert {issuer for issuer, _ in read.lines} == {"O=Example, CN=Issuing"}
    assert read.point is not None
    assert read.point.only_users
    assert not read.point.only_cas
    assert read.next_update == AT + DAY
    assert read.critical == {"2.5.29.28"}


def test_a_large_list_is_read_once_and_by_its_size() -> None:
    """A line is found without going through the list."""

    def seconds(count: int) -> float:
        data = of_mid(*(line(number) for number in range(2, count + 2)))
        started = time.process_time()
        revocation_lists.read(data)
        return time.process_time() - started

    small = min(seconds(2_000 + n) for n in range(3))
    large = min(seconds(20_000 + n) for n in range(2))
    assert large < small * 10 * 3


def test_too_many_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation_lists, "LIMITS", replace(LIMITS, entries=3))
    with pytest.raises(LimitExceeded, match="more than 3"):
        revocation_lists.read(of_mid(*(line(number) for number in range(9_000, 9_004))))
