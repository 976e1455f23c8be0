"""Root lists of every kind, damaged, large or hostile: a clear error or a list, and soon."""

from __future__ import annotations

import base64
import contextlib
import os
import time
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import InputError, LimitExceeded
from storekeeper.model import LIMITS, replace
from storekeeper.trust import lists
from tests import clock, test_p11_kit, test_program_roots
from tests.list_samples import SAMPLES, check, damaged, read, root
from tests.test_nss_database import SCHEMA, TRUSTED, made, number

SEED = 20


def openssl_trusted() -> bytes:
    """A certificate with trust settings, put together by hand."""
    settings = der.sequence(
        der.sequence(der.oid("1.3.6.1.5.5.7.3.1")),
        der.explicit(0, der.oid("1.3.6.1.5.5.7.3.4")),
        der.encode(der.UTF8_STRING, b"alias"),
    )
    body = base64.encodebytes(root("settings")[0] + settings).decode()
    label = "TRUSTED CERTIFICATE"
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


@cache
def samples(folder: Path) -> tuple[bytes, ...]:
    rows: list[tuple[object, ...]] = []
    for at in range(4):
        encoded, serial = root(f"damaged {at}")[0], bytes([2, 1, at])
        rows.append((2 * at, number(1), b"sample", encoded, b"i", serial, None, None, None))
        rows.append((2 * at + 1, number(0xB), None, None, b"i", serial, TRUSTED, None, None))
    return (
        *(text.encode() for text in test_program_roots.SAMPLES),
        test_p11_kit.SAMPLE.encode(),
        openssl_trusted(),
        test_program_roots.BUNDLE,
        made(folder, SCHEMA, rows=tuple(rows)),
    )


def test_the_samples_are_read_whole(tmp_path: Path) -> None:
    kinds = [lists.sniff(sample) for sample in samples(tmp_path)]
    assert kinds == ["go", "literals", "chrome", "p11-kit", "openssl-trust", "go-der", "nss"]
    for sample in samples(tmp_path):
        assert lists.read(sample).anchors


@pytest.mark.parametrize(
    "count", [4_000, pytest.param(200_000, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_only_our_errors_leave_and_soon(tmp_path: Path, count: int) -> None:
    random = Random(SEED)
    known = samples(tmp_path)
    for index in range(count):
        data = damaged(random, known)
        started = time.process_time()
        check(data)
        assert clock.units(time.process_time() - started) < 100, index


def test_cut_off_anywhere(tmp_path: Path) -> None:
    for sample in samples(tmp_path):
        for at in range(0, len(sample), max(1, len(sample) // 150)):
            check(sample[:at])


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
        sample = damaged(random, SAMPLES)
        started = time.process_time()
        check(sample)
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
