"""PKCS12 files made by OpenSSL or put together by hand."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path
from typing import Any

import pytest

from storekeeper import der
from storekeeper.formats import pkcs12
from storekeeper.model import (
    Secret,
)
from tests.pkcs12_files import (
    FAST,
    INTERMEDIATE,
    LEAF,
    PASSWORD,
    ROOT,
    pkcs8,
)

EPKI = pkcs12.seal_private_key(pkcs8("leaf"), PASSWORD, FAST).data
SECRET = pkcs12.seal_secret(Secret("AES", bytes(16)), PASSWORD, FAST).data


def codes(store: Any) -> list[str]:
    return [finding.code for finding in store.findings]


def _pem(label: str, data: bytes) -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(data).decode()}-----END {label}-----\n"


@pytest.fixture
def pems(tmp_path: Path) -> Path:
    (tmp_path / "key.pem").write_text(_pem("PRIVATE KEY", pkcs8("leaf")))
    (tmp_path / "leaf.pem").write_text(_pem("CERTIFICATE", LEAF))
    (tmp_path / "chain.pem").write_text(
        _pem("CERTIFICATE", INTERMEDIATE) + _pem("CERTIFICATE", ROOT)
    )
    return tmp_path


def openssl_export(folder: Path, *words: str, password: str = "changeit") -> bytes:
    command = ["openssl", "pkcs12", "-export", "-out", "out.p12", "-passout", f"pass:{password}"]
    done = subprocess.run([*command, *words], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder.joinpath("out.p12").read_bytes()


WITH_KEY = ("-inkey", "key.pem", "-in", "leaf.pem", "-certfile", "chain.pem", "-name", "Náme")


def indefinite(value: der.Value) -> bytes:
    """The same in BER: indefinite lengths, strings in pieces of seven bytes."""
    if value.tag & 0x20:
        inner = b"".join(indefinite(child) for child in value.children())
        return bytes((value.tag, 0x80)) + inner + b"\0\0"
    if value.tag in (der.OCTET_STRING, 0x80):
        text = value.content
        pieces = [der.octet_string(text[at : at + 7]) for at in range(0, len(text), 7)]
        return bytes((value.tag | 0x20, 0x80)) + b"".join(pieces) + b"\0\0"
    return value.raw


def ber(data: bytes) -> bytes:
    """A whole file in BER, what is inside its safes in clear too."""
    return indefinite(der.read(data))
