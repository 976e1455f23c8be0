"""Entries exported into directories, plain and hashed."""

from __future__ import annotations

import contextlib
import os
import ssl
import subprocess
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change import outputs
from storekeeper.change.export import export
from storekeeper.model import (
    TrustedCert,
)
from storekeeper.trust.sources import open_store
from tests import jvm, pki
from tests.export_samples import CHAIN, OPENS, OTHER, ROOT, SEALS, SERVER, content


def test_each_in_a_file() -> None:
    entries = (SERVER, ROOT, TrustedCert("../../etc/x", CHAIN[1]), TrustedCert("ROOT", CHAIN[0]))
    exported = export(entries, layout="each")
    assert [p.name for p in exported.products] == [
        "server.pem",
        "Root.pem",
        "etc_x.pem",
        "ROOT-1.pem",
    ]
    assert [p.aliases for p in exported.products][2] == ("../../etc/x",)
    keys = export(entries, layout="each", contents="keys", opens=OPENS, seals=SEALS)
    assert [(p.name, p.private) for p in keys.products] == [("server.key", True)]
    named_so = export(entries, layout="each", template="{cn}-{sha256:8}", format="DER")
    assert named_so.products[1].name == f"export-root-{OTHER.sha256[:8]}.der"


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cacerts of a real JRE, and a chain of ours, in a hashed directory."""
    folder = tmp_path_factory.mktemp("hashed") / "certs"
    store = formats.read(jvm.by_major(17).cacerts.read_bytes(), "changeit")
    exported = export((*store.entries, TrustedCert("ca", CHAIN[1]), ROOT), layout="hashed")
    assert exported.findings == ()
    outputs.write(outputs.check(exported.products, directory=str(folder)), directory=str(folder))
    return folder


def links(folder: Path) -> dict[str, str]:
    return {p.name: os.readlink(p) for p in folder.iterdir() if p.is_symlink()}


def test_the_hashed_directory_is_the_one_rehash_makes(hashed: Path, tmp_path: Path) -> None:
    ours = links(hashed)
    files = [p for p in hashed.iterdir() if not p.is_symlink()]
    assert len(files) > 100
    for file in files:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    subprocess.run(
        ["openssl", "rehash", "-compat", str(tmp_path)], check=True, capture_output=True, timeout=60
    )
    assert ours == links(tmp_path)


def test_openssl_verifies_with_the_hashed_directory(hashed: Path, tmp_path: Path) -> None:
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(pki.pem("CERTIFICATE", CHAIN[0].der))
    said = pki.openssl("verify", "-no-CAfile", "-no-CAstore", "-CApath", str(hashed), str(leaf))
    assert said.endswith(b": OK\n")


def test_a_client_trusts_by_the_hashed_directory(hashed: Path, tmp_path: Path) -> None:
    identity = tmp_path / "server.pem"
    whole = export((SERVER,), contents="keys+chains", opens=OPENS, seals=SEALS)
    identity.write_bytes(content(whole))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(identity, password="seals it")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False

    def handshake() -> None:
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = [client.wrap_bio(to_client, to_server), server.wrap_bio(to_server, to_client, True)]
        for end in ends * 3:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
        assert ends[0].getpeercert(True) == CHAIN[0].der

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake()
    client.load_verify_locations(capath=str(hashed))
    handshake()


def test_the_hashed_directory_is_a_store_again(hashed: Path) -> None:
    store = formats.read(jvm.by_major(17).cacerts.read_bytes(), "changeit")
    assert set(open_store(hashed).certificates()) == {*store.certificates(), CHAIN[1], OTHER}


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_keytool_exports_the_same_bytes(version: str, tmp_path: Path) -> None:
    java = jvm.jvm(version)
    store = formats.read(java.cacerts.read_bytes(), "changeit")
    entry = store.entries[0]
    common = ("-exportcert", "-keystore", java.cacerts, "-storepass", "changeit")
    for format, option in (("DER", ()), ("PEM", ("-rfc",))):
        file = tmp_path / format
        java.keytool(*common, "-alias", entry.alias, "-file", file, *option)
        assert content(export((entry,), format=format)) == file.read_bytes().replace(b"\r\n", b"\n")
