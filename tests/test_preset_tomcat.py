"""The profile of Tomcat: the real one, its keystore mended, and a Java program as its client."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import jvm, pki, presets, servers
from tests.servers.bench import free_port

LEAF = pki.certificate("localhost", "Tomcat Inter", ca=False)
INTER = pki.certificate("Tomcat Inter", "Tomcat Root", ca=True)
ROOT = pki.certificate("Tomcat Root")
ENVIRON = {
    "KEYSTORE_PASSWORD": "tomcat store",
    "KEY_PASSWORD": "of the file",
    "TRUSTSTORE_PASSWORD": "changeit",
}


def pem(path: Path, *ders: bytes) -> Path:
    path.write_bytes(b"".join(pki.pem("CERTIFICATE", der) for der in ders))
    return path


def base(where: Path, port: int, *, more: str = "") -> Path:
    """A CATALINA_BASE whose keystore has the intermediate, but not in the chain of the key."""
    servers.furnish_tomcat(
        where,
        port,
        '<!-- <Certificate certificateKeystoreFile="conf/not-this.jks"/> -->'
        f"<SSLHostConfig {more}>"
        '<Certificate certificateKeystoreFile="conf/server.jks"'
        f' certificateKeystorePassword="{ENVIRON["KEYSTORE_PASSWORD"]}"/></SSLHostConfig>',
    )
    mine = where / "conf" / "server.jks"
    presets.keystore(mine, "JKS", ENVIRON["KEYSTORE_PASSWORD"], "localhost", LEAF, alias="tomcat",
                     beside=(INTER,))  # fmt: skip
    return where


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_a_missing_intermediate_is_sent_afterwards(version: str, tmp_path: Path) -> None:
    client = presets.furnish_jre(tmp_path / "jre", int(version.partition(".")[0]))
    cacerts = str(client / "lib" / "security" / "cacerts")
    root = pem(tmp_path / "root.pem", ROOT)
    assert presets.storekeeper("import", cacerts, str(root), "-q").status == 0
    port = free_port()
    home = base(tmp_path / "tomcat", port)
    with servers.tomcat_at(home, port):
        assert "PKIX path building failed" in presets.handshake(client, port)
    issuers = pem(tmp_path / "issuers.pem", INTER, ROOT)
    key = presets.keystore(
        tmp_path / "new.p12", "PKCS12", ENVIRON["KEY_PASSWORD"], "localhost", LEAF
    )
    words = presets.settings(home=home, key=key, issuers=issuers)
    presets.applied("tomcat", *words, environ=ENVIRON)
    assert not (home / "conf" / "keystore.p12").exists(), "server.xml names another file"
    with servers.tomcat_at(home, port):
        assert presets.handshake(client, port) == ""


@pytest.mark.slow
def test_clients_are_accepted_afterwards(tmp_path: Path) -> None:
    client = presets.furnish_jre(tmp_path / "jre")
    trust = str(client / "lib" / "security" / "cacerts")
    assert presets.storekeeper("import", trust, str(pem(tmp_path / "r", ROOT)), "-q").status == 0
    mine = pki.certificate("agent", "Agents CA", ca=False)
    presets.keystore(tmp_path / "agent.p12", "PKCS12", "changeit", "agent", mine)
    options = [f"-Djavax.net.ssl.keyStore={tmp_path}/agent.p12"]
    options.append("-Djavax.net.ssl.keyStorePassword=changeit")
    port = free_port()
    home = base(
        tmp_path / "tomcat",
        port,
        more='certificateVerification="required" truststoreFile="conf/clients.jks"'
        ' truststoreType="JKS" truststorePassword="changeit"',
    )
    conf = home / "conf"
    presets.store(conf / "clients.jks", "JKS", "changeit", pki.certificate("Other CA"))
    secret = ENVIRON["KEYSTORE_PASSWORD"]
    presets.keystore(conf / "server.jks", "JKS", secret, "localhost", LEAF, INTER)
    with servers.tomcat_at(home, port):
        assert presets.refused(presets.handshake(client, port, *options))
    authority = pem(tmp_path / "agents.pem", pki.certificate("Agents CA"))
    words = presets.settings(home=home, clients=authority)
    presets.applied("tomcat", *words, environ=ENVIRON)
    with servers.tomcat_at(home, port):
        assert presets.handshake(client, port, *options) == ""
