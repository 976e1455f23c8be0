"""PKCS12 files as NSS (pk12util, which is what Firefox exports) and GnuTLS (certtool) write them.

Read equal to what went in, opened by OpenSSL and Java after we have written them, and
skipped where the tools are not installed (Debian: libnss3-tools, gnutls-bin).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from storekeeper import formats
from storekeeper.errors import LimitExceeded
from storekeeper.model import LIMITS, Certificate, Limits, Password, PrivateKey
from tests import jvm, pki

PASSWORD = "changeit"
LEAF, CA = "leaf.example", "Foreign tools' CA"


def run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr.decode()}"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """leaf.key, leaf.pem and ca.pem."""
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "leaf.key").write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(pki.key(LEAF))))
    (folder / "leaf.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate(LEAF, CA)))
    (folder / "ca.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate(CA)))
    return folder


def needs(tool: str, package: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed (Debian package {package})")


def nss(files: Path, *options: str, password: str = PASSWORD) -> bytes:
    needs("pk12util", "libnss3-tools")
    database, made, given = f"sql:{files}", str(files / "nss.p12"), str(files / "given.p12")
    if not (files / "cert9.db").exists():
        run("certutil", "-N", "-d", database, "--empty-password")
        run("openssl", "pkcs12", "-export", "-inkey", str(files / "leaf.key"), "-in",
            str(files / "leaf.pem"), "-certfile", str(files / "ca.pem"), "-name", "Käse",
            "-passout", f"pass:{PASSWORD}", "-out", given)  # fmt: skip
        run("pk12util", "-i", given, "-d", database, "-W", PASSWORD)
    run("pk12util", "-o", made, "-n", "Käse", "-d", database, "-W", password, *options)
    return Path(made).read_bytes()


def gnutls(files: Path, *options: str, password: str = PASSWORD) -> bytes:
    needs("certtool", "gnutls-bin")
    made = files / "gnutls.p12"
    run("certtool", "--to-p12", "--load-privkey", str(files / "leaf.key"), "--load-certificate",
        str(files / "leaf.pem"), "--load-ca-certificate", str(files / "ca.pem"), "--p12-name",
        "Leaf", "--password", password, "--outder", "--outfile", str(made), *options)  # fmt: skip
    return made.read_bytes()


def same_key(pkcs8: bytes) -> bool:
    """Whether it is the leaf's; its encoding is each tool's own."""
    found = serialization.load_der_private_key(pkcs8, None)
    assert isinstance(found, ec.EllipticCurvePrivateKey)
    wanted = pki.key(LEAF)
    assert isinstance(wanted, ec.EllipticCurvePrivateKey)
    return found.private_numbers() == wanted.private_numbers()


def check(
    data: bytes, given: Password | str, key_password: Password | str, limits: Limits = LIMITS
) -> bytes:
    """The file written again; what is in it is what its tool was given."""
    store = formats.read(data, given, limits=limits)
    assert store.integrity.state == "verified"
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    # GnuTLS 3.7 widens the bytes of UTF-8, so only NSS is given a name beyond ASCII.
    assert entry.alias in ("Käse", "Leaf")
    assert entry.chain == (
        Certificate(pki.certificate(LEAF, CA)),
        Certificate(pki.certificate(CA)),
    )
    assert same_key(entry.pkcs8(key_password))
    written = formats.write(store, given)
    assert formats.read(written, given, limits=limits) == store
    return written


# Opening what these tools write takes many rounds, and three judges open it: the rest is slow.
@pytest.mark.parametrize(
    "options",
    [
        (),
        *(
            pytest.param(options, marks=pytest.mark.slow)
            for options in (
                ("-c", "AES-128-CBC", "-C", "AES-128-CBC"),
                # What Firefox wrote until it took AES.
                ("-c", "PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC",
                 "-C", "PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC"),
                ("-C", "none"),
            )
        ),
    ],
    ids=["default", "aes-128", "3des-rc2", "clear-certificates"],
)  # fmt: skip
def test_nss(files: Path, options: tuple[str, ...], tmp_path: Path) -> None:
    judge(check(nss(files, *options), PASSWORD, PASSWORD), tmp_path)


@pytest.mark.parametrize(
    "cipher",
    [
        "",
        *(
            pytest.param(one, marks=pytest.mark.slow)
            for one in ("3des-pkcs12", "aes-128", "rc2-40", "arcfour")
        ),
    ],
)
def test_gnutls(files: Path, cipher: str, tmp_path: Path) -> None:
    options = ("--pkcs-cipher", cipher) if cipher else ()
    made = gnutls(files, *options)
    limits = LIMITS
    if cipher in ("3des-pkcs12", "rc2-40"):
        # 600,000 iterations for the MAC, and two or three times as many for each safe.
        with pytest.raises(LimitExceeded) as refused:
            formats.read(made, PASSWORD)
        assert "Limits(kdf_iterations=" in refused.value.hint
        limits = Limits(kdf_iterations=10_000_000)
    judge(check(made, PASSWORD, PASSWORD, limits), tmp_path)


@pytest.mark.parametrize("make", [nss, gnutls])
def test_passwords_beyond_ascii(files: Path, make: Callable[..., bytes]) -> None:
    check(make(files, password="pä€ss"), "pä€ss", "pä€ss")


def test_the_empty_password_of_nss(files: Path) -> None:
    check(nss(files, password=""), "", "")


def test_no_password_of_gnutls(files: Path) -> None:
    nobody = Password(None)
    check(gnutls(files, "--null-password", password=""), nobody, nobody)


def judge(written: bytes, folder: Path) -> None:
    """OpenSSL and Java find the key and both certificates."""
    path = folder / "written.p12"
    path.write_bytes(written)
    said = pki.openssl("pkcs12", "-legacy", "-in", str(path), "-nodes", "-passin",
                       f"pass:{PASSWORD}")  # fmt: skip
    assert (said.count(b"BEGIN CERTIFICATE"), said.count(b"BEGIN PRIVATE KEY")) == (2, 1)
    (entry,) = jvm.newest().worker.load(written, PASSWORD, "PKCS12")["entries"]
    assert entry["chain"] == [pki.certificate(LEAF, CA), pki.certificate(CA)]
    assert entry["key"] is not None
    assert same_key(entry["key"])
