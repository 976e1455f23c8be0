"""The profile of Kafka: a Java server and client with stores opened as Kafka opens them.

There is no broker in Debian; tests/java_store.py reads server.properties instead.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.profile import configuration
from tests import jvm, pki, presets, servers

CA = pki.certificate("Kafka CA")
BROKER = pki.certificate("localhost", "Kafka CA", ca=False)
ENVIRON = {
    "TRUSTSTORE_PASSWORD": "trust secret",
    "KEYSTORE_PASSWORD": "store secret",
    "KEY_PASSWORD": "of the file",
}


def broker(where: Path, kind: str) -> Path:
    """An installation whose configuration names stores that hold the wrong things."""
    home = where / "kafka_2.13-3.9.0"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "kafka-server-start.sh").touch()
    (home / "config").mkdir()
    said = "" if kind == "JKS" else f"ssl.truststore.type={kind}\nssl.keystore.type={kind}\n"
    (home / "config" / "server.properties").write_text(
        "broker.id=0\n#ssl.truststore.location=/etc/old.jks\n"
        f"ssl.truststore.location = {home}/config/trust.store\n"
        f"ssl.keystore.location={home}/config/key.store\n{said}"
        "ssl.client.auth=required\n"
        f"ssl.truststore.password={ENVIRON['TRUSTSTORE_PASSWORD']}\n"
        f"ssl.keystore.password={ENVIRON['KEYSTORE_PASSWORD']}\n"
    )
    presets.store(
        home / "config" / "trust.store",
        kind,
        ENVIRON["TRUSTSTORE_PASSWORD"],
        pki.certificate("Old Kafka CA"),
    )
    presets.keystore(
        home / "config" / "key.store",
        kind,
        ENVIRON["KEYSTORE_PASSWORD"],
        "localhost",
        pki.certificate("localhost", "Old Kafka CA", ca=False),
        alias="kafka",
    )
    return home


def client_options(where: Path) -> list[str]:
    """A client that trusts the CA, and has a certificate from it."""
    trusted = presets.store(where / "client.p12", "PKCS12", "changeit", CA)
    issued = pki.certificate("producer", "Kafka CA", ca=False)
    mine = presets.keystore(where / "me.p12", "PKCS12", "changeit", "producer", issued)
    return [
        *(f"-Djavax.net.ssl.trustStore={trusted}", "-Djavax.net.ssl.trustStorePassword=changeit"),
        *(f"-Djavax.net.ssl.keyStore={mine}", "-Djavax.net.ssl.keyStorePassword=changeit"),
    ]


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_a_client_and_its_broker_trust_each_other_afterwards(version: str, tmp_path: Path) -> None:
    """What is mended is the client, by its own properties; the broker asks for a certificate."""
    runtime = presets.furnish_jre(tmp_path / "jre", int(version.partition(".")[0]))
    home = broker(tmp_path, "PKCS12")
    client = home / "config" / "client.properties"
    client.write_text(
        "security.protocol=SSL\nssl.truststore.location=config/mine.p12\n"
        f"ssl.keystore.location={tmp_path}/key.p12\n"
    )
    options = [
        f"-Djavax.net.ssl.trustStore={home}/config/mine.p12",
        f"-Djavax.net.ssl.trustStorePassword={ENVIRON['TRUSTSTORE_PASSWORD']}",
        f"-Djavax.net.ssl.keyStore={tmp_path}/key.p12",
        f"-Djavax.net.ssl.keyStorePassword={ENVIRON['KEYSTORE_PASSWORD']}",
    ]
    other = pki.certificate("Old Kafka CA")
    secret = ENVIRON["TRUSTSTORE_PASSWORD"]
    presets.store(home / "config" / "mine.p12", "PKCS12", secret, other)
    secret = ENVIRON["KEYSTORE_PASSWORD"]
    issued = pki.certificate("producer", "Old Kafka CA", ca=False)
    presets.keystore(tmp_path / "key.p12", "PKCS12", secret, "producer", issued, alias="kafka")
    (tmp_path / "ca.pem").write_bytes(pki.pem("CERTIFICATE", CA))
    key = presets.keystore(
        tmp_path / "new.p12",
        "PKCS12",
        ENVIRON["KEY_PASSWORD"],
        "producer",
        pki.certificate("producer", "Kafka CA", ca=False),
    )
    # The broker is right from the start.
    chain = (BROKER, CA)
    presets.keystore(home / "config" / "key.store", "PKCS12", secret, "localhost", *chain)
    presets.store(home / "config" / "trust.store", "PKCS12", ENVIRON["TRUSTSTORE_PASSWORD"], CA)
    with servers.java_store(runtime, home / "config" / "server.properties") as server:
        assert "PKIX path building failed" in presets.handshake(runtime, server.port, *options)
        words = presets.settings(
            home=home, config=client, certificates=tmp_path / "ca.pem", key=key
        )
        presets.applied("kafka", *words, environ=ENVIRON)
        assert presets.handshake(runtime, server.port, *options) == ""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["PKCS12", "JKS"])
def test_a_broker_accepts_and_is_accepted_afterwards(kind: str, tmp_path: Path) -> None:
    runtime = presets.furnish_jre(tmp_path / "jre")
    home = broker(tmp_path, kind)
    config = home / "config" / "server.properties"
    options = client_options(tmp_path)
    with servers.java_store(runtime, config) as server:
        assert "PKIX path building failed" in presets.handshake(runtime, server.port, *options)
    (tmp_path / "ca.pem").write_bytes(pki.pem("CERTIFICATE", CA))
    key = presets.keystore(
        tmp_path / "new.p12", "PKCS12", ENVIRON["KEY_PASSWORD"], "localhost", BROKER, CA
    )
    words = presets.settings(home=home, certificates=tmp_path / "ca.pem", key=key)
    presets.applied("kafka", *words, environ=ENVIRON)
    with servers.java_store(runtime, config) as server:
        assert presets.handshake(runtime, server.port, *options) == ""
        said = presets.handshake(runtime, server.port, *options[:2])
        assert presets.refused(said), "who has no certificate is still refused"


def test_its_settings_are_explained(tmp_path: Path) -> None:
    from storekeeper.profile.load import load

    home = broker(tmp_path, "PKCS12")
    profile = load("kafka", {"home": str(home)})
    assert profile.target("trust").path == f"{home}/config/trust.store"  # type: ignore[union-attr]
    assert profile.product is not None
    (setting,) = [one for one in profile.product.settings if one.key == "ssl.client.auth"]
    found = configuration.looked_up(setting.file, setting.key)
    assert found is not None
    assert found.value == "required"
    assert "refused" in dict(setting.values)["required"]


@pytest.mark.slow
def test_pem_files_are_what_kafka_opens(tmp_path: Path) -> None:
    """A trust store in PEM converges; the server opens it, and a key encrypted with OpenSSL."""
    runtime = presets.furnish_jre(tmp_path / "jre")
    home = tmp_path / "kafka"
    (home / "config").mkdir(parents=True)
    (tmp_path / "key.der").write_bytes(pki.pkcs8(pki.key("localhost")))
    key = pki.openssl(
        *("pkcs8", "-topk8", "-inform", "DER", "-in", str(tmp_path / "key.der")),
        *("-v1", "PBE-SHA1-3DES", "-passout", "pass:of the key"),
    )
    (home / "config" / "key.pem").write_bytes(key + pki.pem("CERTIFICATE", BROKER))
    (home / "config" / "trust.pem").write_bytes(
        pki.pem("CERTIFICATE", pki.certificate("Old Kafka CA"))
    )
    config = home / "config" / "server.properties"
    config.write_text(
        f"ssl.truststore.location={home}/config/trust.pem\nssl.truststore.type=PEM\n"
        f"ssl.keystore.location={home}/config/key.pem\nssl.keystore.type=PEM\n"
        "ssl.key.password=of the key\nssl.client.auth=required\n"
    )
    (tmp_path / "ca.pem").write_bytes(pki.pem("CERTIFICATE", CA))
    options = client_options(tmp_path)
    with servers.java_store(runtime, config) as server:
        assert presets.refused(presets.handshake(runtime, server.port, *options))
    words = presets.settings(
        home=home, certificates=tmp_path / "ca.pem", truststore_password="none"
    )
    presets.applied("kafka", *words)
    with servers.java_store(runtime, config) as server:
        assert presets.handshake(runtime, server.port, *options) == ""
