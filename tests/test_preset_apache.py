"""The preset for Apache: its own configuration is read, and a real Apache judges what was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.profile import installations, load, settings
from tests import asking, jvm, servers
from tests.commands import Commands
from tests.preset_world import (
    CLIENT_CHAIN,
    CLIENT_LOW,
    CLIENT_ROOT,
    OTHER,
    SERVER,
    SERVER_LOW,
    SERVER_ROOT,
    SERVER_TOP,
    UPSTREAM,
    Preset,
    asked,
    authority_files,
    command,
    key_file,
    keystore,
    names_of,
    pem,
    where,
)
from tests.servers.installed import apache_home, apache_of

__all__ = ["command", "where"]  # fixtures

SITE = """  SSLCertificateFile tls/server.pem
  SSLCertificateKeyFile {home}/tls/server.key
  SSLVerifyClient require
  SSLVerifyDepth 2"""


def made(where: Path, site: str, *modules: str) -> Path:
    """An installation whose certificate file lacks the intermediates."""
    home = apache_home(where, SITE + "\n" + site, *modules)
    tls = home / "tls"
    (tls / "clients").mkdir(parents=True)
    pem(tls / "server.pem", SERVER)
    key_file(tls / "server.key", "localhost")
    pem(tls / "clients" / "other.pem", OTHER)
    pem(tls / "clients.pem", OTHER)
    authority_files(where)
    return home


def test_a_directory_by_hash_and_the_chain(where: Path, command: Commands) -> None:
    """As in the support forum: the chain is not sent, and the client's root is not found."""
    home = made(where, "  SSLCACertificatePath tls/clients")
    (home / "tls" / "clients" / "root.pem").write_bytes(
        pem(where / "x", CLIENT_ROOT).read_bytes()
    )  # there, without the name that OpenSSL looks for
    with apache_of(where) as running:
        said = asked(running, where, *CLIENT_CHAIN, trusting=SERVER_ROOT)
        assert "unable to get local issuer certificate" in said
        assert "200 OK" not in asked(running, where, *CLIENT_CHAIN)
    preset = Preset(
        command, "apache", home=home, issuers=where / "server-cas.pem",
        clients=where / "client-cas.pem",
    )  # fmt: skip
    preset.apply()
    text = (home / "tls" / "server.pem").read_bytes()
    assert text == pem(where / "x", SERVER, SERVER_LOW, SERVER_TOP).read_bytes()
    with apache_of(where) as running:
        said = asked(running, where, *CLIENT_CHAIN, trusting=SERVER_ROOT)
        assert "200 OK" in said, said + running.log()
        assert "Verify return code: 0 (ok)" in said
        assert "200 OK" not in asked(running, where, trusting=SERVER_ROOT)
        assert names_of(said) >= {"CN = Client Root", "CN = Client Low", "CN = Other Root"}


def test_files_of_their_own(where: Path, command: Commands) -> None:
    """SSLCertificateChainFile, SSLCACertificateFile, and names of their own."""
    home = made(
        where,
        "  SSLCertificateChainFile tls/chain.pem\n  SSLCACertificateFile tls/clients.pem\n"
        "  SSLCADNRequestFile tls/names.pem",
    )
    pem(home / "tls" / "chain.pem", SERVER_ROOT, SERVER_TOP)  # the root, and one missing
    pem(home / "tls" / "names.pem", OTHER)
    preset = Preset(
        command, "apache", home=home, issuers=where / "server-cas.pem",
        clients=where / "client-cas.pem",
    )  # fmt: skip
    with apache_of(where) as running:
        assert "200 OK" not in asked(running, where, *CLIENT_CHAIN)
        assert "unable to get local issuer" in running.log()
    preset.apply()
    assert (home / "tls" / "server.pem").read_bytes() == pem(where / "x", SERVER).read_bytes()
    with apache_of(where) as running:
        said = asked(running, where, *CLIENT_CHAIN, trusting=SERVER_ROOT)
        assert "200 OK" in said
        assert names_of(said) >= {"CN = Client Root", "CN = Other Root"}


@pytest.mark.parametrize(("depth", "passes"), [(1, False), (3, True)])
def test_a_proxy(where: Path, command: Commands, depth: int, passes: bool) -> None:
    """A server behind it: not verified by default, then refused, then known by its root."""
    with servers.openssl(UPSTREAM) as upstream:
        lines = [
            "SSLVerifyClient none",
            "SSLProxyEngine on",
            f"ProxyPass /index.html https://localhost:{upstream.port}/",
            "SSLProxyCheckPeerName off",
            "SSLProxyCACertificateFile tls/clients.pem",
            f"SSLProxyVerifyDepth {depth}",
        ]
        modules = ("proxy", "proxy_http")
        site = "\n".join(f"  {one}" for one in lines)
        home = made(where, site, *modules)
        with apache_of(where) as running:
            assert "200 ok" in asked(running, where).lower()
        conf = home / "sites-enabled" / "site.conf"
        conf.write_text(
            conf.read_text().replace("SSLProxyEngine", "SSLProxyVerify require\n  SSLProxyEngine")
        )
        with apache_of(where) as running:
            got = asked(running, where)
            assert "Proxy Error" in got
            assert "AH00898: Error during SSL Handshake with remote server" in running.log()
            assert "Certificate Verification: " in running.log()
        Preset(command, "apache", home=home, upstreams=where / "server-cas.pem").apply()
        with apache_of(where) as running:
            assert ("200 ok" in asked(running, where).lower()) is passes


@pytest.mark.parametrize("by_hash", [False, True])
def test_when_it_reads_them(where: Path, command: Commands, by_hash: bool) -> None:
    """A file once, when it starts; in a directory it looks for what it does not know yet."""
    line = "SSLCACertificatePath tls/clients" if by_hash else "SSLCACertificateFile tls/clients.pem"
    home = made(where, f"  {line}")
    with apache_of(where) as running:
        assert "200 OK" not in asked(running, where, *CLIENT_CHAIN)
        Preset(command, "apache", home=home, clients=where / "client-cas.pem").apply()
        said = asked(running, where, *CLIENT_CHAIN)
        assert ("200 OK" in said) is by_hash
        # The names it tells stay as they were, and a Java client goes by them.
        assert names_of(said) == {"CN = Other Root"}
    with apache_of(where) as running:
        said = asked(running, where, *CLIENT_CHAIN)
        assert "200 OK" in said
        assert "CN = Client Root" in names_of(said)


@pytest.mark.slow
def test_java_sends_what_is_named(where: Path, command: Commands) -> None:
    """The client is trusted already, and a Java client sends nothing until its CA is named too."""
    home = made(
        where,
        "  SSLCACertificateFile tls/clients.pem\n  SSLCADNRequestFile tls/names.pem\n"
        "  SSLProtocol -all +TLSv1.2",
    )
    pem(home / "tls" / "clients.pem", CLIENT_ROOT, CLIENT_LOW)
    pem(home / "tls" / "names.pem", OTHER)
    keys = keystore(where / "client.p12", "client", *CLIENT_CHAIN).read_bytes()
    oracle = asking.oracle(jvm.by_major(17))
    with apache_of(where) as running:
        assert oracle.meet(running.port, keys, "PKCS12", "TLSv1.2").chain == ()
    Preset(command, "apache", home=home, clients=where / "client-cas.pem").apply()
    with apache_of(where) as running:
        sent = oracle.meet(running.port, keys, "PKCS12", "TLSv1.2")
        assert sent.chain == tuple(one.der for one in CLIENT_CHAIN)


def test_what_its_configuration_says(where: Path, command: Commands) -> None:
    home = made(where, "  SSLCACertificateFile tls/clients.pem")
    read = {one.setting.key: one for one in settings(load("apache", {"home": str(home)}))}
    depth = read["SSLVerifyDepth"]
    assert (depth.value, depth.path) == ("2", str(home / "sites-enabled" / "site.conf"))
    assert "one intermediate" in depth.says
    assert read["SSLVerifyClient"].value == "require"
    assert read["SSLCertificateChainFile"].path == ""
    product = load("apache", {"home": str(home)}).product
    assert product is not None
    assert product.runtime == "apache,SSLVerifyDepth=2"
    # Two sites that differ have to be told apart.
    other = home / "sites-enabled" / "zz.conf"
    text = (home / "sites-enabled" / "site.conf").read_text()
    other.write_text(
        text.replace("clients.pem", "other.pem").replace(
            "SSLEngine", "ServerName b.example\n SSLEngine"
        )
    )
    said = command("plan", "apache", f"--set=home={home}", f"--set=clients={home}/x", status=2)
    assert "SSLCACertificateFile has 2 different values" in said.err


def test_found(where: Path) -> None:
    home = made(where, "")
    (found,) = installations("apache", root=str(where))
    assert found.home == "/" + str(home.relative_to(where))


def test_depth(where: Path, command: Commands) -> None:
    """A depth of 1 lets nobody in behind an intermediate, whatever is trusted."""
    home = made(where, "  SSLCACertificateFile tls/clients.pem\n  SSLVerifyDepth 1")
    Preset(command, "apache", home=home, clients=where / "client-cas.pem").apply()
    with apache_of(where) as running:
        assert "200 OK" not in asked(running, where, *CLIENT_CHAIN)
        assert "AH02040: Certificate Verification: Certificate Chain too long" in running.log()
    says = {one.setting.key: one.says for one in settings(load("apache", {"home": str(home)}))}
    assert "Certificate Chain too long" in says["SSLVerifyDepth"]
