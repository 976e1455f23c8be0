from __future__ import annotations

import contextlib
import struct
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import (
    Damaged,
    InputError,
    LimitExceeded,
    PasswordError,
    Unsupported,
    WrongPassword,
)
from storekeeper.formats import jks, jks_keys, jks_layout
from storekeeper.model import (
    Certificate,
    Entry,
    Limits,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
)
from tests import clock
from tests.jks_samples import (
    FORMATS,
    PW,
    small,
    trusted,
)

# --- bytes that are no store ---


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("password", [None, PW])
def test_truncated_at_every_byte_is_damaged(format: str, password: Password | None) -> None:
    data = small(format)
    jks.read(data, password)
    for size in range(len(data)):
        with pytest.raises(Damaged) as raised:
            jks.read(data[:size], password)
        assert raised.value.offset is not None
        assert 0 <= raised.value.offset <= size


def test_the_message_names_the_step() -> None:
    data = small("JCEKS")
    last = data.rindex(b"cert")
    steps = {
        6: "JCEKS store: its version",
        data.index(b"cert") + 2: "trusted entry 1: the certificate:",
        last + 2: "private key entry 2: certificate 2 of the chain:",
        last - 12: "private key entry 2: certificate 1 of the chain:",
        last + 7: "entry 3: its kind",
        last + 60: "secret key entry 3: a serialised Java object",
        len(data) - 25: "secret key entry 3: a serialised Java object",
        len(data) - 1: "JCEKS store: the digest",
    }
    for size, step in steps.items():
        with pytest.raises(Damaged) as raised:
            jks.read(data[:size])
        assert step in raised.value.message, (size, raised.value.message)


@pytest.mark.parametrize("format", FORMATS)
def test_every_byte_changed_gives_our_errors(format: str) -> None:
    data = small(format)
    for at in range(len(data)):
        for value in {0, 0x7F, 0x80, 0xFF, data[at] ^ 1, data[at] ^ 0x20} - {data[at]}:
            changed = data[:at] + bytes((value,)) + data[at + 1 :]
            with pytest.raises((InputError, WrongPassword)):
                jks.read(changed, PW)
            try:
                store = jks.read(changed)
            except InputError:
                continue
            assert jks.write(store) == changed


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
def test_every_value_of_every_byte_gives_our_errors(format: str) -> None:
    data = small(format)
    for at in range(len(data)):
        for value in range(256):
            changed = data[:at] + bytes((value,)) + data[at + 1 :]
            try:
                store = jks.read(changed)
            except InputError:
                continue
            assert jks.write(store) == changed
            for entry in store.entries:
                if isinstance(entry, (PrivateKey, SecretKey)):
                    with contextlib.suppress(InputError, PasswordError):
                        entry.sealed.opener(entry.sealed.data, PW)


@given(st.sampled_from(FORMATS), st.binary(max_size=120), st.integers(1, 2), st.integers(0, 4))
def test_any_bytes_give_our_errors(format: str, rest: bytes, version: int, count: int) -> None:
    data = jks_layout.MAGIC[format] + struct.pack(">II", version, count) + rest
    try:
        store = jks.read(data)
    except InputError:
        return
    assert jks.write(store) == data


_TRUSTED = struct.pack(">IH", 2, 1) + b"a" + bytes(8) + b"\0\5X.509"
_KEY = struct.pack(">IH", 1, 1) + b"a" + bytes(8)


@pytest.mark.parametrize(
    ("rest", "error", "words"),
    [
        (struct.pack(">II", 2, 2**31) + bytes(200), LimitExceeded,
         "2147483648 entries, the limit is 1000000"),
        (struct.pack(">II", 2, 2**32 - 1) + bytes(200), LimitExceeded, "4294967295 entries"),
        (struct.pack(">II", 2, 1) + _TRUSTED + b"\xff\xff\xff\xff" + bytes(99), Damaged,
         "the certificate: expected 4294967295 bytes"),
        (struct.pack(">II", 2, 1) + _KEY + b"\xff\xff\xff\xff" + bytes(99), Damaged,
         "the sealed key: expected 4294967295 bytes"),
        (struct.pack(">II", 2, 1) + _KEY + bytes(4) + b"\x7f\xff\xff\xff" + bytes(99),
         LimitExceeded, "a chain of 2147483647 certificates, the limit is 1000"),
        (struct.pack(">II", 2, 1) + struct.pack(">I", 9) + bytes(99), Damaged,
         "expected kind 1 or 2, found 9"),
        (struct.pack(">II", 2, 1) + struct.pack(">I", 3) + bytes(99), Damaged,
         "expected kind 1 or 2, found 3"),
        (struct.pack(">II", 3, 0) + bytes(20), Unsupported, "JKS version 3, expected 1 or 2"),
    ],
)  # fmt: skip
def test_hostile_numbers(rest: bytes, error: type[InputError], words: str) -> None:
    data = b"\xfe\xed\xfe\xed" + rest
    tracemalloc.start()
    start = time.process_time()
    with pytest.raises(error, match=words) as raised:
        jks.read(data, PW)
    assert clock.units(time.process_time() - start) < 5
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    assert raised.value.offset is not None


def test_limits_are_the_caller_s() -> None:
    data = trusted(["a", "b", "c"])
    assert len(jks.read(data, limits=Limits(entries=3)).entries) == 3
    with pytest.raises(LimitExceeded, match="3 entries, the limit is 2"):
        jks.read(data, limits=Limits(entries=2))


@pytest.mark.parametrize("data", [b"", b"\xfe\xed", b"PK\3\4", b"<!DOCTYPE html>"])
def test_other_files(data: bytes) -> None:
    with pytest.raises(Damaged, match="expected the magic number"):
        jks.read(data)


# --- speed and memory ---


def _large(count: int) -> bytes:
    body = bytes(900)
    certificates = [Certificate(struct.pack(">I", i) + body) for i in range(count)]
    entries = tuple(TrustedCert(f"alias{i}", c, i) for i, c in enumerate(certificates))
    return jks.write(Store("JKS", entries), PW)


@pytest.mark.parametrize("count", [20_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_many_entries_in_linear_time(count: int) -> None:
    def took(data: bytes) -> float:
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            jks.read(data, PW)
            best = min(best, time.process_time() - start)
        return best

    # tenfold the entries; quadratic would be a hundredfold
    assert took(_large(count)) < 30 * took(_large(count // 10))


@pytest.mark.slow
def test_100_000_entries_in_less_than_four_times_their_memory() -> None:
    data = _large(100_000)
    tracemalloc.start()
    store = jks.read(data, PW)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(store.entries) == 100_000
    assert peak + len(data) < 4 * len(data)


def test_2_000_keys_are_listed_without_opening_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = jks.seal_private_key(b"key", PW, "JCEKS", iterations=1)
    secret = jks.seal_secret(Secret("AES", b"k"), PW, iterations=1)
    entries: tuple[Entry, ...] = (
        *(PrivateKey(f"k{i}", (Certificate(b"c"),), sealed, i) for i in range(2000)),
        *(SecretKey(f"s{i}", secret, i) for i in range(2000)),
    )
    data = jks.write(Store("JCEKS", entries), PW)

    def never(*_: object) -> None:
        raise AssertionError("a key was opened")

    monkeypatch.setattr(jks_keys, "_derive", never)
    monkeypatch.setattr(jks_keys, "_open_jks", never)
    start = time.process_time()
    assert len(jks.read(data, PW).entries) == 4000
    assert clock.units(time.process_time() - start) < 200
