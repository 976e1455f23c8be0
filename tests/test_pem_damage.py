"""Damaged and hostile PEM: one broken block hides nothing, and time stays linear."""

from __future__ import annotations

import re
import time

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from storekeeper import formats
from storekeeper.errors import (
    Damaged,
    LimitExceeded,
)
from storekeeper.model import (
    Limits,
    PrivateKey,
)
from tests import clock, pki
from tests.pem_samples import BROKEN, OTHER, P_CA, P_KEY, P_LEAF, P_OTHER, P_ROOT, ROOT, ders


@pytest.mark.parametrize("name", BROKEN)
def test_one_broken_block_hides_nothing(name: str) -> None:
    block, said = BROKEN[name]
    text = P_ROOT + b"# a comment\n" + block + P_OTHER
    store = formats.read(text)
    assert ders(store)[0] == ROOT
    assert ders(store)[-1] == OTHER
    assert len(store.entries) == 3
    (finding,) = store.findings
    assert finding.code == "unreadable-entry"
    offset = len(P_ROOT) + len(b"# a comment\n")
    assert finding.where == f"line {P_ROOT.count(bytes((10,))) + 2}, byte {offset}"
    assert re.search(said, finding.message)
    assert formats.write(store) == text
    if name not in {"no END", "BEGIN cut", "END cut", "labels differ"}:  # the content is whole
        with pytest.raises(Damaged, match=said):
            formats.read(block)


def test_bytes_after_a_certificate_inside_its_block() -> None:
    text = pki.pem("CERTIFICATE", ROOT + b"more")
    store = formats.read(text)
    assert ders(store) == [ROOT]
    assert store.findings[0].code == "trailing-bytes"
    assert "4 bytes follow" in store.findings[0].message
    assert formats.write(store) == text


def test_too_many_blocks() -> None:
    with pytest.raises(LimitExceeded, match="more than 3 armoured blocks"):
        formats.read(P_ROOT * 4, limits=Limits(entries=3))


@pytest.mark.parametrize(
    "unit",
    [b"-----BEGIN ", b"-----BEGIN A-----", b"\n-----BEGIN A-----\n", P_ROOT, b"\n-----END A-----",
     b"\n-----BEGIN A-----\nfriendlyName: x\n-----END A-----"],
)  # fmt: skip
def test_hostile_texts_take_linear_time(unit: bytes) -> None:
    text = P_OTHER + unit * (1_000_000 // len(unit))
    started = time.process_time()
    formats.read(text, limits=Limits(unreadable=1_000_000))
    assert clock.units(time.process_time() - started) < 500


def test_many_locked_keys_take_linear_time() -> None:
    key = pki.key("Leaf").private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")
    )
    started = time.process_time()
    store = formats.read((key + P_LEAF) * 2_000 + P_CA * 2_000)
    assert clock.units(time.process_time() - started) < 500
    assert len(store.entries) == 2_000


def test_many_keys_that_share_their_names_take_linear_time() -> None:
    named = b"localKeyID: 01 00 00 00\n"  # as Windows writes it into every export
    started = time.process_time()
    store = formats.read((named + P_KEY) * 8_000 + (named + P_LEAF + P_CA) * 8_000)
    assert clock.units(time.process_time() - started) < 800
    assert len(store.entries) == 8_000
    assert [len(e.chain) for e in store.entries if isinstance(e, PrivateKey)] == [2] * 8_000


def test_thousands_of_broken_blocks_are_refused_early() -> None:
    with pytest.raises(LimitExceeded, match="more than 1000 blocks"):
        formats.read(b"-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n" * 1_001)
