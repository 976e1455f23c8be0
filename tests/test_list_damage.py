"""Root lists of every newer kind, damaged at random: a clear error or a list, and soon."""

from __future__ import annotations

import base64
import time
from functools import cache
from pathlib import Path
from random import Random

import pytest

from storekeeper import der
from storekeeper.errors import InputError
from storekeeper.trust import lists
from tests import clock, test_p11_kit, test_program_roots
from tests.list_samples import root
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


def damaged(random: Random, known: tuple[bytes, ...]) -> bytes:
    data = bytearray(random.choice(known))
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(data) + 1)
        match random.randrange(4):
            case 0:
                data[at : at + random.randint(1, 80)] = b""
            case 1:
                data[at : at + 1] = random.randbytes(random.randint(1, 3))
            case 2:
                other = random.choice(known)
                start = random.randrange(len(other))
                data[at:at] = other[start : start + random.randint(1, 200)]
            case 3:
                data[at : at + 1] = bytes([random.choice(b"\n\t,\"'<>&:-\\#[]{}*%")])
    return bytes(data)


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
        failure = None
        try:
            roots = lists.read(data, path="x")
        except InputError as error:
            failure = error
        if failure is not None:
            assert failure.path == "x", index
            continue
        for anchor in (*roots.anchors, *roots.others):
            assert bytes.fromhex(anchor.sha256).hex() == anchor.sha256, index
            assert isinstance(anchor.subject, str), index
            assert anchor.subject_spki_sha256 is None or len(anchor.subject_spki_sha256) == 64
        assert clock.units(time.process_time() - started) < 100, index


def test_cut_off_anywhere(tmp_path: Path) -> None:
    for sample in samples(tmp_path):
        for at in range(0, len(sample), max(1, len(sample) // 150)):
            failure = None
            try:
                lists.read(sample[:at], path="x")
            except InputError as error:
                failure = error
            assert failure is None or (failure.path == "x" and str(failure))
