"""`probe`, `fetch` and everything else that asks a server, as commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper.cli.servers import MOST_AT_ONCE
from storekeeper.model import Certificate
from tests import jvm, pki, servers
from tests.commands import Commands
from tests.probing import MADE, OTHER
from tests.servers.bench import HOST, Running


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Commands(tmp_path, capsys, monkeypatch)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with servers.openssl(
        MADE.but(chain=(*MADE.chain, pki.certificate("Root", None, ca=True)))
    ) as on:
        yield on


def test_probing_several_servers_at_once(run: Commands, server: Running) -> None:
    one = json.loads(run("probe", server.at, "--json").out)
    assert one["schema"] == "storekeeper.probe/1"
    assert len(one["members"][0]["chain"]) == 3
    many = [f"{HOST}:1", server.at, f"https://{server.at}"]
    found = json.loads(run("probe", *many, "--json", status=5).out)
    assert [sorted(one)[:2] for one in found["probes"]] == [
        ["error", "hint"], ["at", "dhe"], ["at", "dhe"],
    ]  # fmt: skip
    assert MOST_AT_ONCE > 1
    said = run("probe", *many, status=5)
    assert said.out.count("  protocol    TLSv1.3") == 2
    assert "connection refused" in said.err


def test_fetching_the_leaf(run: Commands, server: Running) -> None:
    said = run("fetch", server.at)
    assert said.out.count("BEGIN CERTIFICATE") == 1
    sha256 = Certificate(MADE.chain[0]).sha256
    assert bytes.fromhex(sha256).hex(":").upper() in said.err
    assert run("fetch", server.at, "--only", "all").out.count("BEGIN CERTIFICATE") == 3
    run("fetch", server.at, "--der", "-o", "leaf.der", "--pin", sha256)
    assert (run.folder / "leaf.der").read_bytes() == MADE.chain[0]
    wrong = run("fetch", server.at, "--pin", "00" * 32, status=6)
    assert "sends no certificate with SHA-256 00:00" in wrong.err
    assert "expected a whole SHA-256" in run("fetch", server.at, "--pin", sha256[:16], status=2).err


def test_importing_what_a_server_sends(
    run: Commands, server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not without a look at the fingerprint; the pinned one wherever it stands in the chain."""
    refused = run("import", "t.p12", server.at, status=2)
    assert "nobody is here to confirm" in refused.err
    assert not (run.folder / "t.p12").exists()
    leaf, root = Certificate(MADE.chain[0]).sha256, Certificate(MADE.chain[1]).sha256
    run("import", "t.p12", server.at, "--pin", leaf)
    assert [one.sha256 for one in run.store("t.p12").certificates()] == [leaf]
    assert "unchanged" in run("import", "t.p12", server.at, "--pin", leaf).out
    run("import", "t.p12", server.at, "--pin", root)
    assert {one.sha256 for one in run.store("t.p12").certificates()} == {leaf, root}
    run("import", "t.p12", server.at, "--pin", "00" * 32, status=6)
    # A person at a terminal is asked, and "no" changes nothing.
    from storekeeper.cli import options, voice

    monkeypatch.setattr(options, "can_ask", lambda: True)
    monkeypatch.setattr(voice, "agreed", lambda _question: False)
    run("import", "u.p12", server.at, status=6)
    assert not (run.folder / "u.p12").exists()
    monkeypatch.setattr(voice, "agreed", lambda _question: True)
    run("import", "u.p12", server.at)
    assert [one.sha256 for one in run.store("u.p12").certificates()] == [leaf]


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_printcert_of_a_server_as_keytool_prints_it(
    run: Commands, server: Running, version: str
) -> None:
    java = jvm.jvm(version)
    for options in ((), ("-rfc",)):
        words_ = ("-printcert", *options, "-sslserver", server.at)
        ours = run("keytool", *words_).out
        theirs = java.keytool("-J-Duser.language=en", *words_).stdout
        # JDK 11 prints a path length that is not limited as a number.
        theirs = theirs.replace("\r\n", "\n").replace("PathLen:2147483647", "PathLen: no limit")
        assert ours.replace("\r\n", "\n") == theirs
    assert "can't connect" in run("keytool", "-printcert", "-sslserver", f"{HOST}:1", status=5).err


def test_checking_a_server_itself(run: Commands, server: Running) -> None:
    root = pki.certificate("Root", None, ca=True)
    (run.folder / "root.pem").write_bytes(pki.pem("CERTIFICATE", root))
    (run.folder / "other.pem").write_bytes(pki.pem("CERTIFICATE", OTHER))
    name = f"localhost:{server.port}"
    good = run("check", name, "--store", "root.pem")
    assert "java17.0.9 accepts localhost" in good.out
    assert "openssl     OpenSSL" in good.out
    assert good.out.rstrip().endswith("here accepts")
    bad = json.loads(run("check", name, "--store", "other.pem", "--json", status=1).out)
    assert bad["rule"] == "no-path"
    assert bad["openssl"]["accepts"] is False
    assert "self-signed certificate in certificate chain" in bad["openssl"]["message"]
    fix = run("fix", name, "--store", "other.pem", status=1).out
    pinned = Certificate(root).sha256
    assert f"storekeeper import other.pem {name} --pin {pinned}" in fix
    run("import", "other.pem", name, "--pin", pinned)
    run("check", name, "--store", "other.pem")
    run("chain", name, "--store", "root.pem")
    assert "expected a server or --chain" in run("check", "--store", "root.pem", status=2).err
