"""The preset for TIBCO BusinessWorks 5: its folder by the documented rule, its identity by Java."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from storekeeper.profile import installations
from tests import jvm, servers
from tests.commands import Commands
from tests.preset_world import (
    CLIENT,
    CLIENT_CHAIN,
    CLIENT_LOW,
    CLIENT_ROOT,
    SERVER,
    SERVER_CHAIN,
    SERVER_LOW,
    SERVER_ROOT,
    SERVER_TOP,
    UPSTREAM,
    Preset,
    command,
    keystore,
    pem,
    where,
)
from tests.servers.bench import HOST

__all__ = ["command", "where"]  # fixtures


def made(where: Path) -> Path:
    """An installation with a deployed engine whose folder of CAs has the root alone."""
    home = where / "opt" / "tibco"
    (home / "bw" / "5.16").mkdir(parents=True)
    engine = home / "tra" / "domain" / "PROD" / "application" / "orders"
    engine.mkdir(parents=True)
    (where / "trusted cas").mkdir()
    (engine / "orders.tra").write_text(
        "java.heap.size.max=256M\n#tibco.clientVar.BW_GLOBAL_TRUSTED_CA_STORE=file:///nowhere\n"
        f"tibco.clientVar.BW_GLOBAL_TRUSTED_CA_STORE=file://{where}/trusted%20cas\n"
    )
    pem(where / "trusted cas" / "server-root.cer", SERVER_ROOT)
    pem(where / "peer.pem", *SERVER_CHAIN)
    pem(where / "roots.pem", SERVER_ROOT, CLIENT_ROOT)
    return home


def trusts(folder: Path, peer: Path) -> bool:
    """TIBCO's rule by itself: each CA above the first certificate, the root too, is a file."""
    files = [x509.load_pem_x509_certificate(one.read_bytes()) for one in folder.iterdir()]
    at = x509.load_pem_x509_certificates(peer.read_bytes())[0]
    for _ in range(10):
        above = [one for one in files if one.subject == at.issuer]
        if not above:
            return False
        (issuer,) = above
        key = issuer.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)
        at.verify_directly_issued_by(issuer)
        if issuer == at:
            return True
        at = issuer
    return False


def test_every_ca_is_a_file(where: Path, command: Commands) -> None:
    home = made(where)
    folder, peer = where / "trusted cas", where / "peer.pem"
    check = ("check", "--chain", peer, "--store", folder, "--runtime", "tibco-bw")
    assert not trusts(folder, peer)
    said = command(*check, status=1)
    assert "is not a trusted certificate" in said.out
    preset = Preset(command, "tibco", home=home, peer=peer, issuers=where / "roots.pem")
    said = preset.apply()
    assert "process engine" in said.err
    assert trusts(folder, peer)
    command(*check)
    found = {x509.load_pem_x509_certificate(one.read_bytes()) for one in folder.iterdir()}
    expected = {one.der for one in (SERVER_ROOT, SERVER_TOP, SERVER_LOW)}
    assert {one.public_bytes(Encoding.DER) for one in found} == expected
    assert (folder / "server-root.cer").exists()


def test_an_intermediate_that_nobody_has(where: Path, command: Commands) -> None:
    """Nothing is written when the chain would still have a gap."""
    home = made(where)
    pem(where / "peer.pem", SERVER, SERVER_TOP)
    words = [f"--set=home={home}", f"--set=peer={where}/peer.pem"]
    words.append(f"--set=issuers={where}/roots.pem")
    said = command("apply", "tibco", *words, status=6)
    assert "CN=Server Low is missing" in said.err
    assert [one.name for one in (where / "trusted cas").iterdir()] == ["server-root.cer"]


def test_identity(where: Path, command: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PKCS12 that the Java 8 of an engine opens, the chain of its key completed."""
    home = made(where)
    keystore(where / "mine.p12", "client", CLIENT)
    pem(where / "roots.pem", CLIENT_LOW, CLIENT_ROOT)
    monkeypatch.setenv("KEYSTORE_PASSWORD", "engine's own")
    identity = where / "identity.p12"
    Preset(
        command, "tibco", home=home, key=where / "mine.p12", identity=identity,
        issuers=where / "roots.pem",
    ).apply()  # fmt: skip
    assert identity.stat().st_mode & 0o777 == 0o600
    loaded = jvm.oldest().worker.load(
        identity.read_bytes(), "engine's own", "PKCS12", keypass="engine's own"
    )
    (entry,) = loaded["entries"]
    assert entry["chain"][:2] == [one.der for one in CLIENT_CHAIN]


def test_found(where: Path) -> None:
    made(where)
    (found,) = installations("tibco", root=str(where))
    assert found.home == "/opt/tibco"


def test_the_server_is_asked_afterwards(where: Path, command: Commands) -> None:
    """With its host, `apply` ends with what BusinessWorks would say of the server itself."""
    home = made(where)
    words: list[str | Path] = ["tibco", f"--set=home={home}", f"--set=peer={where}/peer.pem"]
    words += [f"--set=issuers={where}/roots.pem"]
    with servers.openssl(UPSTREAM) as running:
        words += [f"--set=host={HOST}", f"--set=port={running.port}"]
        assert "tibco-bw accepts" in command("apply", *words).out
        (where / "trusted cas" / "server-root.cer").unlink()
        command("plan", *words, "--checks", status=1)
