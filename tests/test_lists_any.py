"""Lists of every kind, damaged, large or hostile: a clear error or a list, and soon."""

from __future__ import annotations

import contextlib
import os
import time
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storekeeper.errors import (
    InputError,
    LimitExceeded,
)
from storekeeper.model import LIMITS, replace
from storekeeper.trust import lists
from tests import clock
from tests.list_samples import SAMPLES, check, read


@given(
    st.sampled_from(SAMPLES), st.integers(0, 1 << 30), st.binary(max_size=12), st.integers(0, 40)
)
@example(SAMPLES[0], 0, b"", 0)
def test_only_our_errors_leave_the_readers(sample: bytes, at: int, junk: bytes, cut: int) -> None:
    at %= len(sample) + 1
    check(sample[:at] + junk + sample[at + cut :])


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode()))
def test_only_our_errors_leave_on_any_bytes(data: bytes) -> None:
    check(data)


@pytest.mark.slow
def test_mutation_sweep() -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")  # shown when the test fails
    random = Random(seed)
    for _ in range(30_000):
        sample = bytearray(random.choice(SAMPLES))
        for _ in range(random.randint(1, 6)):
            at = random.randrange(len(sample) + 1)
            match random.randrange(4):
                case 0:
                    sample[at : at + random.randint(1, 80)] = b""
                case 1:
                    sample[at : at + 1] = random.randbytes(random.randint(1, 3))
                case 2:
                    other = random.choice(SAMPLES)
                    start = random.randrange(len(other))
                    sample[at:at] = other[start : start + random.randint(1, 200)]
                case 3:
                    sample[at : at + 1] = bytes([random.choice(b"\n\t,\"'<>&:-\\#[]{}*")])
        started = time.process_time()
        check(bytes(sample))
        assert clock.units(time.process_time() - started) < 100


@pytest.mark.parametrize("index", range(len(SAMPLES)))
def test_limits_hold_for_every_kind(index: int) -> None:
    with pytest.raises(LimitExceeded):
        lists.read(SAMPLES[index], limits=replace(LIMITS, file_size=100))
    with pytest.raises(LimitExceeded):
        lists.read(SAMPLES[index], limits=replace(LIMITS, entries=0))


HOSTILE = {
    "angles": "<" * 2_000_000,
    "tags": "<html>" + "<a" * 1_000_000,
    "colons": "AB:" * 700_000,
    "blanks": "ab " * 700_000,
    "hex": "a" * 2_000_000,
    "begins": "-----BEGIN CERTIFICATE-----\n" * 70_000,
    "objects": "CKA_CLASS x y\nCKA_VALUE MULTILINE_OCTAL\n" * 40_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_take_linear_time(text: str) -> None:
    started = time.process_time()
    with contextlib.suppress(InputError):
        read(text)
    assert clock.units(time.process_time() - started) < 200
