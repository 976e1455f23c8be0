"""First bytes: what may be a store is told from what is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.errors import StorekeeperError
from storekeeper.formats.heads import FIRST, TEXT, promising
from tests import pki
from tests.walking import FILES

VECTORS = Path(__file__).parent / "vectors"


def asked(data: bytes) -> bool:
    """As a walk asks: first bytes, then more if they are wanted."""
    found = promising(data[:FIRST], len(data))
    if found is None:
        assert len(data) > FIRST
        found = promising(data[:TEXT], len(data[:TEXT]))
    assert found is not None
    return found


STORES = sorted(
    path
    for folder in (FILES, VECTORS / "bouncycastle", VECTORS / "pkcs8")
    for path in folder.iterdir()
    if path.is_file()
)


@pytest.mark.parametrize("path", STORES, ids=lambda path: path.name)
def test_what_opens_is_promising(path: Path) -> None:
    data = path.read_bytes()
    try:
        store = formats.read(data, "changeit")
    except StorekeeperError:
        expected = formats.sniff(data) in formats.FORMATS or formats.sniff(data) == "bcfks"
    else:
        expected = bool(store.entries)
    assert asked(data) >= expected if data else True


PEM = b"-----BEGIN CERTIFICATE-----\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (PEM, True),
        (b"words\n  " + PEM, True),
        (b"words " + PEM, False),
        (b"x" * 4090 + b"\n" + PEM, True),
        (b"x" * 4095 + b"\n" + PEM, True),
        (b"x\n" * 32_000 + PEM, True),
        (b"x\n" * 33_000 + PEM, False),
        (PEM.replace(b"CERTIFICATE", b"RSA PRIVATE KEY"), True),
        (PEM.replace(b"CERTIFICATE", b"ENCRYPTED PRIVATE KEY"), True),
        (PEM.replace(b"CERTIFICATE", b"TRUSTED CERTIFICATE"), True),
        (PEM.replace(b"CERTIFICATE", b"PKCS7"), True),
        (PEM.replace(b"CERTIFICATE", b"OPENSSH PRIVATE KEY"), False),
        (PEM.replace(b"CERTIFICATE", b"PGP PRIVATE KEY BLOCK"), False),
        (PEM.replace(b"CERTIFICATE", b"PUBLIC KEY"), False),
        (PEM.replace(b"CERTIFICATE", b"CERTIFICATE REQUEST"), False),
        (PEM.replace(b"CERTIFICATE", b"DH PARAMETERS") + PEM, True),
        (b"\xff\xfe" + PEM.decode().encode("utf-16-le"), True),
        (b"\xff\xfe" + "words".encode("utf-16-le"), False),
        (b"\xfe\xed\xfe\xed\0\0\0\2" + bytes(20), True),
        (b"\xfe\xed\xfe\xed\0\0\0\7" + bytes(20), False),
        (b"\xce" * 100, False),
        (b"\xce\xce\xce\xce\0\0\0\2" + bytes(20), True),
        (b"\0\0\0\1\x67\x42\0\x1e" + bytes(200), False),  # H.264
        (b"\0\0\0\x14" * 100, False),
        (b"\0\0\0\1\0\0\0\x14" + bytes(200), False),
        (b"\0\0\0\1\0\0\0\x14" + bytes(20) + b"\0\0\4\0" + bytes(160), False),
        (b"\0\0\0\1\0\0\0\x14" + b"salt!" * 4 + b"\xff\0\4\0" + bytes(160), False),
        (b"\0\0\0\1\0\0\0\x14" + b"salt!" * 4 + b"\0\0\4\0" + b"\xaa" * 161, False),
        (b"\0\0\0\1\0\0\0\x14" + b"salt!" * 4 + b"\0\0\4\0" + b"\xaa" * 160, True),
        (b"0 degrees\n", False),
        (b"\x7fELF" + bytes(100) + PEM, False),
        (b"SQLite format 3\0" + bytes(100), False),
        (b"SQLite format 3\0" + bytes(5000) + b"CREATE TABLE nssPublic (id", True),
        (b"MIT License\n\nCopyright", False),
        (b"M" * 100, False),
        (b"", False),
    ],
)
def test_first_bytes(data: bytes, expected: bool) -> None:
    assert asked(data) is expected


def test_base64_without_armour_is_promising() -> None:
    from base64 import encodebytes

    assert asked(encodebytes(pki.certificate("Scanned")))
    assert asked(b"\r\n" + encodebytes(pki.certificate("Scanned")).replace(b"\n", b"\r\n"))


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data: bytes) -> None:
    asked(data)
    for start in (b"\0\0\0\1", b"\0\0\0\2", b"0\x82", b"SQLite format 3\0", b"\xfe\xed\xfe\xed"):
        asked(start + data)
