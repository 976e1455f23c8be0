"""Ten thousand certificates in one go: time in proportion, memory by the file that is written."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from storekeeper import formats
from tests import pki

PLACE = "########"
CHILD = """
import resource, sys
from storekeeper.cli import main
status = main(sys.argv[1:])
usage = resource.getrusage(resource.RUSAGE_SELF)
print(status, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), usage.ru_utime)
"""


@pytest.fixture(scope="module")
def root() -> bytes:
    """DER of a CA of a usual size (RSA 4096), with `PLACE` in its name."""
    key = rsa.generate_private_key(65537, 4096)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Example Trust Services"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Root {PLACE}"),
        ]
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )


def bundle(root: bytes, path: Path, count: int) -> Path:
    """A PEM file of so many CAs, told apart by their names.

    Only one is signed rightly, and nothing here looks at that.
    """
    with path.open("wb") as file:
        for number in range(count):
            file.write(pki.pem("CERTIFICATE", root.replace(PLACE.encode(), b"%08d" % number)))
    return path


def imported(bundle: Path, store: Path, format: str) -> tuple[int, float]:
    """Bytes of memory at most, and CPU seconds, of one import into a new store."""
    done = subprocess.run(
        [
            *(sys.executable, "-c", CHILD, "import", str(store), str(bundle), "-q"),
            *("--storetype", format, "--storepass", "env:PASS"),
        ],
        env={**os.environ, "PASS": "changeit", "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    status, memory, seconds = done.stdout.split()
    assert status == "0", done.stderr
    return int(memory), float(seconds)


@pytest.mark.parametrize("format", [pytest.param("JKS", marks=pytest.mark.slow), "PKCS12"])
def test_time_is_in_proportion(root: bytes, tmp_path: Path, format: str) -> None:
    """Twice as many take twice as long, not four times; the best of two, machines are busy."""

    def best(count: int) -> float:
        source = bundle(root, tmp_path / "source.pem", count)
        return min(imported(source, tmp_path / f"{count}-{n}", format)[1] for n in (1, 2))

    nothing = best(1)
    assert best(2000) - nothing < 3 * (best(1000) - nothing)


@pytest.mark.slow
@pytest.mark.parametrize("format", ["JKS", "PKCS12"])
def test_memory_is_at_most_six_times_the_file(root: bytes, tmp_path: Path, format: str) -> None:
    """Beyond what the same command takes for one certificate: the interpreter and its modules."""
    source = tmp_path / "source.pem"
    one, _ = imported(bundle(root, source, 1), tmp_path / "one", format)
    many, _ = imported(bundle(root, source, 10_000), tmp_path / "many", format)
    content = (tmp_path / "many").read_bytes()
    assert len(formats.read(content, "changeit").entries) == 10_000
    assert many - one < 6 * len(content), f"{(many - one) / len(content):.2f} times the file"
