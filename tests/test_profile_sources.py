"""Sources of profiles and their filters: what is taken, from whom, and what never."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from storekeeper.change.incoming import Incoming
from storekeeper.errors import NetworkError, StorekeeperError, Unreadable, WriteRefused
from storekeeper.model import Certificate, TrustedCert
from storekeeper.profile.context import Context
from storekeeper.profile.gathering import authentic
from storekeeper.profile.values import SourceWish
from tests import changing, forge, pki, servers
from tests.profiles import MORE, ROOT, Folder, certificates, pem

MADE = servers.setup("localhost", "Profile Inter", "Profile CA")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("PW", "changeit")
    return Folder(tmp_path)


# -- sources and filters ------------------------------------------------------------------


def test_a_store_gives_certificates_and_never_a_key(folder: Folder) -> None:
    changing.store_file(folder.path / "corp.p12", "PKCS12")
    folder.target(sources="store: corp.p12, password: 'env:PW', aliases: 'corp-*'")
    folder.apply()
    assert set(certificates(folder.path / "trust.jks")) == {changing.CORP, changing.OTHER}
    folder.target("all.jks", sources="store: corp.p12, password: 'env:PW'")
    folder.apply()
    entries = changing.read(folder.path / "all.jks").entries
    assert all(isinstance(entry, TrustedCert) for entry in entries)
    assert len(entries) == 4
    folder.target("no.jks", sources="file: corp.p12, password: 'env:PW'")
    with pytest.raises(WriteRefused, match="holds a private key") as caught:
        folder.plan()
    assert "wanted in" in caught.value.hint


def test_a_directory_gives_its_files_and_is_there(folder: Folder) -> None:
    (folder.path / "cas").mkdir()
    folder.write("cas/b.crt", ROOT)
    folder.write("cas/a.pem", MORE, ROOT)
    folder.target(sources="directory: cas")
    folder.apply()
    assert set(certificates(folder.path / "trust.jks")) == {MORE, ROOT}
    folder.target(sources="directory: nowhere")
    with pytest.raises(Unreadable, match="there is no such directory"):
        folder.plan()


def test_lists_give_what_they_have(folder: Folder) -> None:
    """A list of fingerprints alone has no certificate to give, and says so."""
    folder.target(sources="list: certifi")
    folder.apply()
    roots = Path(certifi.where()).read_text(encoding="ascii").count("-----BEGIN CERTIFICATE-----")
    assert len(set(certificates(folder.path / "trust.jks"))) == roots > 100
    folder.target(sources="list: certifi", more="  filters: {on-list: mozilla}\n")
    assert all(plan.unchanged for plan in folder.plan())
    folder.target(sources="list: microsoft")
    with pytest.raises(StorekeeperError, match="fingerprints, not of certificates") as caught:
        folder.plan()
    assert "wanted in" in caught.value.hint


def test_a_certificate_in_the_profile_itself(folder: Folder) -> None:
    block = pem(ROOT).decode().replace("\n", "\n      ")
    folder.profile(
        "targets:\n- path: t.p12\n  password: env:PW\n"
        f"  sources:\n  - certificate: |\n      {block}\n"
    )
    folder.apply()
    assert certificates(folder.path / "t.p12") == [ROOT]


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ("expired: drop", {"Profile Root", "Filtered CA", "Filtered Leaf"}),
        ("non-ca: drop", {"Profile Root", "Filtered CA", "Filtered Old"}),
        pytest.param(f"sha256: '{ROOT.sha256}'", {"Profile Root"}, id="sha256"),
        ("on-list: LIST", {"Profile Root"}),
        ("not-on-list: LIST", {"Filtered CA", "Filtered Leaf", "Filtered Old"}),
    ],
)
def test_filters(folder: Folder, filters: str, kept: set[str]) -> None:
    (folder.path / "more.pem").unlink()
    folder.write("made.pem", *(one for one in filtered().values()))
    (folder.path / "list.txt").write_text(ROOT.sha256)
    filters = filters.replace("LIST", str(folder.path / "list.txt"))
    folder.target(more=f"  alias: '{{cn}}'\n  filters: {{{filters}}}\n")
    (plan,) = folder.plan()
    names = {"profile-root": "Profile Root"} | {
        name.lower().replace(" ", "-"): name for name in filtered()
    }
    assert {names[step.alias] for step in plan.plan.steps if step.state == "added"} == kept
    left = [step for step in plan.plan.steps if step.state == "left-out"]
    assert len(left) == 4 - len(kept)
    assert all(step.message for step in left)


def test_refusing_filters(folder: Folder) -> None:
    folder.write("made.pem", filtered()["Filtered Old"])
    folder.target(more="  filters: {expired: refuse}\n")
    with pytest.raises(WriteRefused, match="refused: expired on"):
        folder.apply()
    assert not (folder.path / "trust.jks").exists()


def filtered() -> dict[str, Certificate]:
    from storekeeper.model import Certificate

    made = {}
    for name, ca, ends in (
        ("Filtered CA", True, 4_000_000_000),
        ("Filtered Leaf", False, 4_000_000_000),
        ("Filtered Old", True, 1_500_000_000),
    ):
        made[name] = Certificate(
            forge.make(
                f"CN={name}",
                forge.key_of_seed(name),
                f"CN={name}",
                forge.key_of_seed(name),
                forge.basic(ca),
                start=1_400_000_000,
                end=ends,
            )
        )  # fmt: skip
    return made


# -- servers ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[servers.Running]:
    with servers.openssl(MADE) as running:
        yield running


def test_pins_and_chains(folder: Folder, server: servers.Running) -> None:
    leaf, inter = map(Certificate, MADE.chain)
    root = Certificate(pki.certificate("Profile CA", None, ca=True))
    at = server.at

    def taken(source: str) -> list[object]:
        folder.target("s.pem", sources=f"server: '{at}', {source}")
        (folder.path / "s.pem").unlink(missing_ok=True)
        folder.apply()
        return certificates(folder.path / "s.pem", None)

    assert taken(f"pin: {leaf.sha256}") == [leaf]
    assert taken(f"pin: {inter.sha256}") == [inter]
    # What issued the pinned one is known by its signature.
    assert taken(f"pin: {leaf.sha256}, only: issuer") == [inter]
    (folder.path / "ca.pem").write_bytes(pem(root))
    assert taken("chains-to: ca.pem, only: leaf, sni: localhost") == [leaf]
    for source, message in (
        (f"pin: {ROOT.sha256}", "sends no certificate with SHA-256"),
        ("chains-to: more.pem", "is not one of .*more.pem: "),
    ):
        folder.target("s.pem", sources=f"server: '{at}', {source}")
        with pytest.raises(WriteRefused, match=message):
            folder.plan()


def test_an_issuer_whose_signature_nobody_can_verify_is_not_taken() -> None:
    leaf = Certificate(MADE.chain[0])
    oid = bytes.fromhex("06082a8648ce3d040302")  # ecdsa-with-SHA256, in the two places it has
    doubtful = Certificate(leaf.der.replace(oid, oid[:-1] + b"\x7f"))
    assert doubtful != leaf
    for first, taken in ((leaf, 2), (doubtful, 1)):
        sent = [Incoming(one, "s") for one in (first, Certificate(MADE.chain[1]))]
        wish = SourceWish("server", "s", pins=(first.sha256,), only="all")
        assert len(authentic(wish, sent, Context())) == taken


def test_around_a_pin_only_what_a_whole_handshake_vouches_for(folder: Folder) -> None:
    """Of TLS 1.2 that ends before the server's Finished, anybody may have changed the chain."""
    made = MADE.but(client="required", versions=("TLSv1.2", "TLSv1.2"))
    leaf = Certificate(MADE.chain[0])
    with servers.openssl(made) as running:
        folder.target("s.pem", sources=f"server: '{running.at}', pin: {leaf.sha256}, only: issuer")
        with pytest.raises(NetworkError, match="did not get far enough"):
            folder.apply()
        folder.target("s.pem", sources=f"server: '{running.at}', pin: {leaf.sha256}")
        folder.apply()
    assert certificates(folder.path / "s.pem", None) == [leaf]


def test_a_chain_for_another_host_is_not_taken(folder: Folder) -> None:
    """Whoever has any certificate of that CA could answer otherwise."""
    made = servers.setup("other.example", "Profile Inter", "Profile CA")
    root = pki.certificate("Profile CA", None, ca=True)
    (folder.path / "ca.pem").write_bytes(pki.pem("CERTIFICATE", root))
    with servers.openssl(made) as running:
        folder.target(sources=f"server: '{running.at}', chains-to: ca.pem, sni: localhost")
        with pytest.raises(WriteRefused, match="No name matching localhost found"):
            folder.plan()


def test_an_unreachable_server_changes_nothing(folder: Folder) -> None:
    """Not even in the target before it."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    folder.profile(
        "targets:\n"
        "- {name: a, path: a.jks, password: env:PW, sources: [{file: root.pem}]}\n"
        f"- {{name: b, path: b.jks, password: env:PW, sources: [{{server: 'localhost:{port}', "
        f"pin: '{ROOT.sha256}'}}]}}\n"
    )
    with pytest.raises(NetworkError, match="refused") as caught:
        folder.apply()
    assert caught.value.exit_status == 5
    assert sorted(os.listdir(folder.path)) == ["more.pem", "p.yaml", "root.pem"]
