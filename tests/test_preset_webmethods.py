"""webMethods Integration Server: its layout, its settings, and JSSE with its stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.profile import configuration
from storekeeper.profile.load import load
from tests import jvm, pki, presets, servers
from tests.servers.bench import setup

SERVER = setup("localhost", "Partner CA", "Partner Root")
ENVIRON = {
    "TRUSTSTORE_PASSWORD": "manage",
    "KEYSTORE_PASSWORD": "manage",
    "KEY_PASSWORD": "of the file",
}


def installation(where: Path) -> Path:
    """The directories and files of version 10, with the default stores."""
    home = where / "softwareag"
    config = home / "IntegrationServer" / "instances" / "default" / "config"
    config.mkdir(parents=True)
    (home / "common" / "conf").mkdir(parents=True)
    (config / "server.cnf").write_text(
        "watt.server.port=5555\nwatt.net.ssl.client.useJSSE=true\n"
        "watt.net.jsse.client.enabledProtocols=TLSv1.2\n"
        "watt.security.ssl.client.ignoreEmptyAuthoritiesList=false\n"
        "watt.security.cert.wmChainVerifier.trustByDefault=true\n"
        "watt.security.ssl.ignoreExpiredChains=true\n"
    )
    presets.store(
        home / "common" / "conf" / "platform_truststore.jks",
        "JKS",
        "manage",
        pki.certificate("Somebody Else"),
    )
    presets.keystore(
        home / "common" / "conf" / "keystore.jks",
        "JKS",
        "manage",
        "is.example",
        pki.certificate("is.example", "Delivered CA", ca=False),
        alias="ssos",
    )
    return home


def stores_of(home: Path) -> list[str]:
    """How JSSE is given the stores behind the aliases."""
    folder = home / "common" / "conf"
    return [
        f"-Djavax.net.ssl.trustStore={folder}/platform_truststore.jks",
        "-Djavax.net.ssl.trustStorePassword=manage",
        f"-Djavax.net.ssl.keyStore={folder}/keystore.jks",
        "-Djavax.net.ssl.keyStorePassword=manage",
    ]


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_a_partner_is_trusted_and_gets_a_certificate_it_accepts(
    version: str, tmp_path: Path
) -> None:
    runtime = presets.furnish_jre(tmp_path / "jre", int(version.partition(".")[0]))
    home = installation(tmp_path)
    partner = SERVER.but(client="required", authorities=(pki.certificate("Clients CA"),))
    (tmp_path / "root.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate("Partner Root")))
    with servers.openssl(partner) as server:
        said = presets.handshake(runtime, server.port, *stores_of(home))
        assert "PKIX path building failed" in said
        trusting = presets.settings(home=home, certificates=tmp_path / "root.pem")
        presets.applied("webmethods", *trusting, environ=ENVIRON)
        said = presets.handshake(runtime, server.port, *stores_of(home))
        assert presets.refused(said), "it has no certificate from Clients CA"
        old, new = (
            (pki.certificate("is.example", issuer, ca=False), pki.certificate(issuer))
            for issuer in ("Old Clients CA", "Clients CA")
        )
        secret = ENVIRON["KEY_PASSWORD"]
        key = presets.keystore(
            *(tmp_path / "mine.p12", "PKCS12", secret, "is.example", *old), more={"2": new}
        )
        words = [*trusting, *presets.settings(key=key), "--set", f"for=localhost:{server.port}"]
        told = presets.applied("webmethods", *words, environ=ENVIRON)
        assert "'ssos' is sent" in told.out
        assert presets.handshake(runtime, server.port, *stores_of(home)) == ""


def test_its_settings_are_read_and_explained(tmp_path: Path) -> None:
    home = installation(tmp_path)
    product = load("webmethods", {"home": str(home)}).product
    assert product is not None
    told = {}
    for setting in product.settings:
        found = configuration.looked_up(setting.file, setting.key)
        if found is not None:
            told[setting.key] = found.value, dict(setting.values).get(found.value, "")
    assert told["watt.net.ssl.client.useJSSE"][1].startswith("JSSE")
    assert told["watt.net.jsse.client.enabledProtocols"][0] == "TLSv1.2"
    ignored = told["watt.security.ssl.client.ignoreEmptyAuthoritiesList"]
    assert ignored == ("false", "no certificate, and the server ends the handshake")
    assert told["watt.security.cert.wmChainVerifier.trustByDefault"][0] == "true"
    assert "from everybody" in told["watt.security.ssl.ignoreExpiredChains"][1]


def test_its_settings_are_told_in_json(tmp_path: Path) -> None:
    home = installation(tmp_path)
    shown = presets.storekeeper("profiles", "show", "webmethods", "--json", "--set", f"home={home}")
    found = {one["key"]: one for one in shown.document["settings"]}
    assert found["watt.net.ssl.client.useJSSE"] == {
        "key": "watt.net.ssl.client.useJSSE",
        "value": "true",
        "path": f"{home}/IntegrationServer/instances/default/config/server.cnf",
        "line": 2,
        "says": "JSSE, with TLS 1.2 and 1.3 and server names",
    }
    unset = found["watt.security.cert.wmChainVerifier.enforceExtensionsChecks"]
    assert (unset["value"], unset["path"]) == ("false", None)
    assert unset["says"] == "they are not"


def test_iaik_is_asked_where_the_profile_is_told_so(tmp_path: Path) -> None:
    home = installation(tmp_path)
    with servers.python_ssl(SERVER) as server:
        asked = presets.settings(
            home=home, host="localhost", port=server.port, runtime="webmethods-iaik"
        )
        done = presets.storekeeper("plan", "webmethods", *asked, "--checks", environ=ENVIRON)
        assert done.status == 1
        assert "Server certificate rejected by ChainVerifier" in done.out
        words = [*asked, *presets.settings(pin=presets.pin(SERVER.chain[0]))]
        told = presets.applied("webmethods", *words, environ=ENVIRON)
        assert "webmethods-iaik accepts the server" in told.out
