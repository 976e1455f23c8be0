"""BMC Remedy beside the xMatters agent: each trusts the other afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import jvm, pki, presets, servers
from tests.servers.bench import free_port

AGENT = pki.certificate("localhost")
ENVIRON = {"KEYSTORE_PASSWORD": "tomcat store", "KEY_PASSWORD": "of the file"}


def mid_tier(where: Path, port: int) -> Path:
    """The Tomcat of a Mid Tier, with a self-signed certificate."""
    home = where / "apache" / "tomcat9.0"
    secret = ENVIRON["KEYSTORE_PASSWORD"]
    servers.furnish_tomcat(
        home,
        port,
        '<SSLHostConfig><Certificate certificateKeystoreFile="conf/midtier.jks"'
        f' certificateKeystorePassword="{secret}" certificateKeyAlias="midtier"/></SSLHostConfig>',
    )
    presets.keystore(
        home / "conf" / "midtier.jks", "JKS", secret, "localhost", AGENT, alias="midtier"
    )
    return home


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_remedy_trusts_the_agent_it_posts_to(version: str, tmp_path: Path) -> None:
    """Its certificate is one it signed itself."""
    jre = presets.furnish_jre(tmp_path / "jre", int(version.partition(".")[0]))
    home = mid_tier(tmp_path, free_port())
    with servers.python_ssl(servers.setup("localhost", "localhost").but(chain=(AGENT,))) as agent:
        assert "PKIX path building failed" in presets.handshake(jre, agent.port)
        words = presets.settings(
            home=home, jre=jre, agent=f"localhost:{agent.port}", agent_pin=presets.pin(AGENT)
        )
        presets.applied("bmc-remedy", *words)
        assert presets.handshake(jre, agent.port) == ""


@pytest.mark.slow
@pytest.mark.parametrize("way", ["xmatters", "bmc-remedy"])
def test_the_agent_reaches_a_self_signed_mid_tier(way: str, tmp_path: Path) -> None:
    """Either the agent imports its certificate, or the Mid Tier gets one that is trusted."""
    agent = tmp_path / "xmatters" / "integrationagent-5.2.2"
    presets.furnish_jre(agent / "jre")
    (agent / "conf").mkdir()
    cacerts = agent / "jre" / "lib" / "security" / "cacerts"
    (tmp_path / "root.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate("Corp Root")))
    done = presets.storekeeper("import", str(cacerts), str(tmp_path / "root.pem"), "-q")
    assert done.status == 0, done.err
    port = free_port()
    home = mid_tier(tmp_path, port)
    with servers.tomcat_at(home, port):
        assert "PKIX path building failed" in presets.handshake(agent / "jre", port)
        if way == "xmatters":
            words = presets.settings(
                home=agent, host="localhost", port=port, pin=presets.pin(AGENT)
            )
            presets.applied("xmatters", *words)
    if way == "bmc-remedy":
        chain = (
            pki.certificate("localhost", "Corp Inter", ca=False),
            pki.certificate("Corp Inter", "Corp Root", ca=True),
        )
        key = presets.keystore(
            tmp_path / "new.p12", "PKCS12", ENVIRON["KEY_PASSWORD"], "localhost", *chain
        )
        words = presets.settings(home=home, key=key, issuers=tmp_path / "root.pem")
        presets.applied("bmc-remedy", *words, environ=ENVIRON)
    with servers.tomcat_at(home, port):
        assert presets.handshake(agent / "jre", port) == ""
