"""The preset for TIBCO BusinessWorks 5: its folder by the documented rule, its identity by Java."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from storekeeper.profile import installations
from tests import jvm, pki, servers
from tests.commands import PASSWORD, Commands
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
    Preset,
    keystore,
    pem,
)
from tests.servers import Setup
from tests.servers.bench import HOST


@pytest.fixture
def command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    return Commands(tmp_path, capsys, monkeypatch)


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


def test_every_ca_is_a_file(tmp_path: Path, command: Commands) -> None:
    home = made(tmp_path)
    folder, peer = tmp_path / "trusted cas", tmp_path / "peer.pem"
    check = ("check", "--chain", peer, "--store", folder, "--runtime", "tibco-bw")
    assert not trusts(folder, peer)
    said = command(*check, status=1)
    assert "is not a trusted certificate" in said.out
    preset = Preset(command, "tibco", home=home, peer=peer, issuers=tmp_path / "roots.pem")
    said = preset.apply()
    assert "process engine" in said.err
    assert trusts(folder, peer)
    command(*check)
    found = {x509.load_pem_x509_certificate(one.read_bytes()) for one in folder.iterdir()}
    expected = {one.der for one in (SERVER_ROOT, SERVER_TOP, SERVER_LOW)}
    assert {one.public_bytes(Encoding.DER) for one in found} == expected
    assert (folder / "server-root.cer").exists()


def test_an_intermediate_that_nobody_has(tmp_path: Path, command: Commands) -> None:
    """Nothing is written when the chain would still have a gap."""
    home = made(tmp_path)
    pem(tmp_path / "peer.pem", SERVER, SERVER_TOP)
    words = [f"--set=home={home}", f"--set=peer={tmp_path}/peer.pem"]
    words.append(f"--set=issuers={tmp_path}/roots.pem")
    said = command("apply", "tibco", *words, status=6)
    assert "CN=Server Low is missing" in said.err
    assert [one.name for one in (tmp_path / "trusted cas").iterdir()] == ["server-root.cer"]


def test_identity(tmp_path: Path, command: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PKCS12 that the Java 8 of an engine opens, the chain of its key completed."""
    home = made(tmp_path)
    keystore(tmp_path / "mine.p12", "client", CLIENT)
    pem(tmp_path / "roots.pem", CLIENT_LOW, CLIENT_ROOT)
    monkeypatch.setenv("KEYSTORE_PASSWORD", "engine's own")
    monkeypatch.setenv("KEY_PASSWORD", PASSWORD)
    identity = tmp_path / "identity.p12"
    Preset(
        command, "tibco", home=home, key=tmp_path / "mine.p12", identity=identity,
        issuers=tmp_path / "roots.pem",
    ).apply()  # fmt: skip
    assert identity.stat().st_mode & 0o777 == 0o600
    loaded = jvm.oldest().worker.load(
        identity.read_bytes(), "engine's own", "PKCS12", keypass="engine's own"
    )
    (entry,) = loaded["entries"]
    assert entry["chain"][:2] == [one.der for one in CLIENT_CHAIN]


def test_found(tmp_path: Path) -> None:
    made(tmp_path)
    (found,) = installations("tibco", root=str(tmp_path))
    assert found.home == "/opt/tibco"


def test_the_server_is_asked_afterwards(tmp_path: Path, command: Commands) -> None:
    """With its host, `apply` ends with what BusinessWorks would say of the server itself."""
    home = made(tmp_path)
    backend = Setup(tuple(one.der for one in SERVER_CHAIN), pki.pkcs8(pki.key("localhost")))
    words: list[str | Path] = ["tibco", f"--set=home={home}", f"--set=peer={tmp_path}/peer.pem"]
    words += [f"--set=issuers={tmp_path}/roots.pem"]
    with servers.openssl(backend) as running:
        words += [f"--set=host={HOST}", f"--set=port={running.port}"]
        assert "tibco-bw accepts" in command("apply", *words).out
        (tmp_path / "trusted cas" / "server-root.cer").unlink()
        command("plan", *words, "--checks", status=1)
