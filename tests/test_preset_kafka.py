"""The profile of Kafka: a Java server and client with stores opened as Kafka opens them.

There is no broker in Debian; tests/servers/java_store.py reads server.properties instead.
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
TYPES = [
    pytest.param("PKCS12", id="pkcs12"),
    pytest.param("JKS", id="jks", marks=pytest.mark.slow),
]


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


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_broker_and_client_trust_each_other_afterwards(
    version: str, kind: str, tmp_path: Path
) -> None:
    runtime = presets.furnish_jre(tmp_path / "jre", int(version.partition(".")[0]))
    home = broker(tmp_path, kind)
    config = home / "config" / "server.properties"
    trusted = presets.store(tmp_path / "client.p12", "PKCS12", "changeit", CA)
    mine = presets.keystore(
        tmp_path / "me.p12",
        "PKCS12",
        "changeit",
        "producer",
        pki.certificate("producer", "Kafka CA", ca=False),
    )
    options = [
        *(f"-Djavax.net.ssl.trustStore={trusted}", "-Djavax.net.ssl.trustStorePassword=changeit"),
        *(f"-Djavax.net.ssl.keyStore={mine}", "-Djavax.net.ssl.keyStorePassword=changeit"),
    ]
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
        if version.startswith("17."):  # who has no certificate is still refused
            assert "Received fatal alert" in presets.handshake(runtime, server.port, *options[:2])


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
        *("-v2", "aes-256-cbc", "-passout", "pass:of the key"),
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
    trusted = presets.store(tmp_path / "client.p12", "PKCS12", "changeit", CA)
    mine = presets.keystore(
        tmp_path / "me.p12",
        "PKCS12",
        "changeit",
        "producer",
        pki.certificate("producer", "Kafka CA", ca=False),
    )
    options = [
        *(f"-Djavax.net.ssl.trustStore={trusted}", "-Djavax.net.ssl.trustStorePassword=changeit"),
        *(f"-Djavax.net.ssl.keyStore={mine}", "-Djavax.net.ssl.keyStorePassword=changeit"),
    ]
    with servers.java_store(runtime, config) as server:
        assert "Received fatal alert" in presets.handshake(runtime, server.port, *options)
    words = presets.settings(
        home=home, certificates=tmp_path / "ca.pem", truststore_password="none"
    )
    presets.applied("kafka", *words)
    with servers.java_store(runtime, config) as server:
        assert presets.handshake(runtime, server.port, *options) == ""
