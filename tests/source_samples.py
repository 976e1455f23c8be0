"""Roots, stores and a JRE to be named as sources."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path

import certifi
import pytest

from storekeeper.model import Store, TrustedCert
from storekeeper.trust.anchors import RootList
from tests.jvm import newest

ROOT = Path(__file__).resolve().parent.parent
SHA256 = "0a" * 32


def sha256s(found: Store | RootList) -> set[str]:
    if isinstance(found, RootList):
        return {anchor.sha256 for anchor in found.anchors}
    return {e.certificate.sha256 for e in found.entries if isinstance(e, TrustedCert)}


@pytest.fixture
def roots() -> list[bytes]:
    """DER of some real roots."""
    text = Path(certifi.where()).read_text()
    blocks = text.split("-----BEGIN CERTIFICATE-----")[1:6]
    return [base64.b64decode(block.split("-----END")[0]) for block in blocks]


def pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A JRE as far as its trust store goes, with a copy of a real cacerts."""
    made = tmp_path / "jre"
    security = made / "lib" / "security"
    security.mkdir(parents=True)
    shutil.copy(newest().cacerts, security / "cacerts")
    (made / "bin").mkdir()
    (made / "bin" / "java").write_text("#!/bin/sh\n")
    (made / "bin" / "java").chmod(0o755)
    return made
