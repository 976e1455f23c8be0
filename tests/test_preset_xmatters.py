"""The xMatters integration agent: its layout, with a real JRE, and the failure of the article."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import jvm, pki, presets, servers
from tests.servers.bench import setup

SELF_SIGNED = pki.certificate("localhost")  # which says it is a CA, as OpenSSL makes them
SERVER = setup("localhost", "localhost").but(chain=(SELF_SIGNED,))
ENVIRON = {"KEYSTORE_PASSWORD": "agent store", "KEY_PASSWORD": "of the file"}


def agent(where: Path, major: int = 17) -> Path:
    """An installation: the JRE, the keystore it is delivered with, the wrapper's configuration."""
    home = where / "xmatters" / "integrationagent-5.2.2"
    (home / "conf").mkdir(parents=True)
    (home / "bin").mkdir()
    presets.furnish_jre(home / "jre", major)
    old = pki.certificate("localhost", "Nobody", ca=False)
    secret = ENVIRON["KEYSTORE_PASSWORD"]
    presets.keystore(home / "conf" / ".keystore", "JKS", secret, "localhost", old, alias="old")
    (home / "conf" / "wrapper.conf").write_text(
        "# the Java\nwrapper.java.command=../jre/bin/java\n"
        "#wrapper.java.additional.9=-Djavax.net.ssl.trustStore=conf/other.jks\n"
    )
    return home


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_the_agent_trusts_a_self_signed_management_system_afterwards(
    version: str, tmp_path: Path
) -> None:
    home = agent(tmp_path, int(version.partition(".")[0]))
    with servers.python_ssl(SERVER) as server:
        before = presets.handshake(home / "jre", server.port)
        assert "PKIX path building failed" in before
        assert "unable to find valid certification path to requested target" in before
        words = presets.settings(
            home=home, host="localhost", port=server.port, pin=presets.pin(SELF_SIGNED)
        )
        told = presets.applied("xmatters", *words)
        assert "stop_daemon.sh" in told.out + told.err
        assert presets.handshake(home / "jre", server.port) == ""
        cacerts = home / "jre" / "lib" / "security" / "cacerts"
        assert list(cacerts.parent.glob("cacerts.*")), "no copy was kept"
        assert presets.storekeeper("undo", "--of", str(cacerts)).status == 0
        assert presets.handshake(home / "jre", server.port) == before


def test_another_trust_store_is_read_from_the_wrapper(tmp_path: Path) -> None:
    from storekeeper.profile.load import load

    home = agent(tmp_path)
    given = {"home": str(home)}
    (trust,) = [one for one in load("xmatters", given).targets if one.name == "trust"]
    assert trust.path == f"jre:{home}/jre"
    with (home / "conf" / "wrapper.conf").open("a") as file:
        file.write("wrapper.java.additional.12=-Djavax.net.ssl.trustStore=conf/other.jks\n")
    (trust,) = [one for one in load("xmatters", given).targets if one.name == "trust"]
    assert trust.path == f"{home}/conf/other.jks"


def test_its_own_certificate_is_one_that_others_accept(tmp_path: Path) -> None:
    home = agent(tmp_path)
    new = setup("localhost", "Agent Inter", "Agent Root")
    root = tmp_path / "root.pem"
    root.write_bytes(pki.pem("CERTIFICATE", pki.certificate("Agent Root")))
    remedy = presets.furnish_jre(tmp_path / "remedy")
    cacerts = str(remedy / "lib" / "security" / "cacerts")
    done = presets.storekeeper("import", cacerts, str(root), "-q")
    assert done.status == 0, done.err
    key = presets.keystore(
        tmp_path / "agent.p12", "PKCS12", ENVIRON["KEY_PASSWORD"], "localhost", *new.chain
    )
    presets.applied(
        "xmatters",
        *presets.settings(home=home, key=key, alias="old", issuers=root),
        environ=ENVIRON,
    )
    # The password of the key is that of the store, or this server would not start.
    config = tmp_path / "agent.properties"
    config.write_text(
        f"ssl.keystore.location={home}/conf/.keystore\n"
        f"ssl.keystore.password={ENVIRON['KEYSTORE_PASSWORD']}\n"
    )
    with servers.java_store(home / "jre", config) as server:
        assert presets.handshake(remedy, server.port) == ""
