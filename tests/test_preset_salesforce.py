"""The preset for Salesforce: an Apache is the endpoint, and a client with a chain is Salesforce."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from storekeeper.model import Certificate
from storekeeper.name_text import parse
from storekeeper.pki import issue, keys
from storekeeper.pki.ext_text import parse_all
from tests import jvm, pki
from tests.commands import Commands
from tests.preset_world import (
    CLIENT,
    CLIENT_CHAIN,
    CLIENT_LOW,
    CLIENT_ROOT,
    OTHER,
    SERVER,
    SERVER_LOW,
    SERVER_ROOT,
    SERVER_TOP,
    Preset,
    asked,
    command,
    key_file,
    keystore,
    names_of,
    pem,
    where,
)
from tests.servers.installed import apache_home, apache_of

__all__ = ["command", "where"]  # fixtures

# As in the forum: SSLCACertificatePath, and a depth of 2 for one intermediate.
SITE = """  SSLCertificateFile {home}/endpoint.pem
  SSLCertificateKeyFile {home}/endpoint.key
  SSLCACertificatePath {home}/cas
  SSLVerifyClient require
  SSLVerifyDepth 2"""
RSA_CLIENT = Certificate(pki.certificate("api", "Client Low", kind="RSA"))


@pytest.fixture(autouse=True)
def password_for_salesforce(
    command: Commands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of what is made for it; another one than that of the keystore that is read."""
    monkeypatch.setenv("KEYSTORE_PASSWORD", "for salesforce")


def made(where: Path) -> Path:
    home = apache_home(where, SITE)
    pem(home / "endpoint.pem", SERVER, SERVER_TOP, SERVER_ROOT)  # one missing, the root needless
    key_file(home / "endpoint.key", "localhost")
    (home / "cas").mkdir()
    pem(home / "cas" / "client.crt", CLIENT)  # the downloaded certificate itself
    pem(where / "proxy.salesforce.com.crt", CLIENT)
    pem(where / "cas.pem", SERVER_ROOT, SERVER_LOW, SERVER_TOP, CLIENT_LOW, CLIENT_ROOT)
    return home


def test_both_directions(where: Path, command: Commands) -> None:
    home = made(where)
    check: list[str | Path] = [
        "check",
        "--chain",
        home / "endpoint.pem",
        "--store",
        where / "root.pem",
    ]
    check += ["--runtime", "salesforce", "--host", "localhost"]
    pem(where / "root.pem", SERVER_ROOT)
    said = command(*check, status=1)
    assert "javax.net.ssl.SSLPeerUnverifiedException: peer not authenticated" in said.out
    with apache_of(where) as running:
        assert "unable to get local issuer" in asked(
            running, where, *CLIENT_CHAIN, trusting=SERVER_ROOT
        )
        assert "200 OK" not in asked(running, where, *CLIENT_CHAIN)
    Preset(
        command, "salesforce", certificate=home / "endpoint.pem", issuers=where / "cas.pem",
        client=where / "proxy.salesforce.com.crt", clients_path=home / "cas",
    ).apply()  # fmt: skip
    assert (home / "endpoint.pem").read_bytes() == pem(
        where / "x", SERVER, SERVER_LOW, SERVER_TOP
    ).read_bytes()
    command(*check)
    with apache_of(where) as running:
        said_by = asked(running, where, *CLIENT_CHAIN, trusting=SERVER_ROOT)
        assert "200 OK" in said_by
        assert "Verify return code: 0 (ok)" in said_by
        # What vouches for the endpoint vouches for nobody who calls. (Apache names every file of
        # the directory, trusted or not.)
        assert names_of(said_by) == {"CN = Client Root", "CN = Client Low", "CN = client"}


def test_a_name_out_of_old_instructions(where: Path, command: Commands) -> None:
    """The forum names the file 7651b327.0, and OpenSSL has looked for another name since 2010."""
    own, key = pki.pkcs8(pki.key("Class 3")), pki.pkcs8(pki.key("client"))
    began = 1_767_225_600
    root = issue.self_signed(
        own,
        parse("OU=Class 3 Public Primary Certification Authority,O=VeriSign\\, Inc.,C=US"),
        not_before=began,
        days=9000,
        extensions=parse_all(["bc=ca:true"]).extensions,
    )
    client = issue.issue(
        keys.spki_of(key), parse("CN=client"), root, own, not_before=began, days=8000
    )
    home = made(where)
    pem(home / "cas" / "7651b327.0", root)
    with apache_of(where) as running:
        assert "200 OK" not in asked(running, where, client)
    pem(where / "cas.pem", root)
    pem(where / "client.crt", client)
    Preset(
        command, "salesforce", client=where / "client.crt", issuers=where / "cas.pem",
        clients_path=home / "cas",
    ).apply()  # fmt: skip
    assert (home / "cas" / "415660c1.0").is_symlink()
    with apache_of(where) as running:
        assert "200 OK" in asked(running, where, client)


PAGE = """<html><body><h1>Salesforce Outbound Messaging CA Certificates</h1>
<p>serverroot, Jan 1 2026, trustedCertEntry,</p><pre>{pem}</pre></body></html>
"""


def test_its_list_of_cas(where: Path, command: Commands) -> None:
    """A root that is not on the page of Salesforce is nothing it will ever trust."""
    page = where / "cacerts.jsp.html"
    page.write_text(PAGE.format(pem=pem(where / "x", OTHER).read_text().replace("+", "&#43;")))
    pem(where / "cas.pem", SERVER_ROOT, SERVER_LOW, SERVER_TOP)
    words = {"list": page, "issuers": where / "cas.pem", "roots": where / "roots.pem"}
    said = command("apply", "salesforce", *(f"--set={k}={v}" for k, v in words.items()), status=6)
    assert "nothing is left to trust" in said.err
    assert not (where / "roots.pem").exists()
    page.write_text(PAGE.format(pem=pem(where / "x", OTHER, SERVER_ROOT).read_text()))
    Preset(command, "salesforce", **words).apply()
    assert list(command.store("roots.pem").certificates()) == [SERVER_ROOT]


def test_a_key_for_salesforce(where: Path, command: Commands) -> None:
    """A JKS as it demands: one key, RSA, one password, a whole chain, a legal name."""
    keystore(where / "mine.p12", "api", RSA_CLIENT, alias="API Client (2026)", kind="RSA")
    pem(where / "cas.pem", CLIENT_ROOT, CLIENT_LOW)
    words = {"key": where / "mine.p12", "issuers": where / "cas.pem"}
    words["keystore"] = where / "salesforce.jks"
    Preset(command, "salesforce", **words).apply()
    loaded = jvm.oldest().worker.load(
        (where / "salesforce.jks").read_bytes(), "for salesforce", "JKS", keypass="for salesforce"
    )
    (entry,) = loaded["entries"]
    assert re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", entry["alias"])
    assert entry["chain"] == [RSA_CLIENT.der, CLIENT_LOW.der, CLIENT_ROOT.der]
    assert entry["key"] is not None
    key = load_der_private_key(entry["key"], None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size in (2048, 3072, 4096)


def test_a_client_of_its_api(where: Path, command: Commands) -> None:
    """What is presented on port 8443: leaf and intermediate, in order, as OpenSSL reads it."""
    keystore(where / "mine.p12", "client", CLIENT)
    pem(where / "cas.pem", CLIENT_ROOT, CLIENT_LOW)
    Preset(
        command, "salesforce", key=where / "mine.p12", issuers=where / "cas.pem",
        presented=where / "api.p12", name="api_client",
    ).apply()  # fmt: skip
    out = pki.openssl(
        "pkcs12", "-in", str(where / "api.p12"), "-nokeys", "-passin", "pass:for salesforce"
    )
    assert out.count(b"BEGIN CERTIFICATE") == 3
    assert b"friendlyName: api_client" in out
    assert not (where / "salesforce.jks").exists()


@pytest.mark.parametrize("name", ["API-client", "1api", "api__client", "api_", "api client", "ä"])
def test_names_that_salesforce_refuses(where: Path, command: Commands, name: str) -> None:
    keystore(where / "mine.p12", "client", CLIENT)
    said = command(
        "apply", "salesforce", f"--set=key={where}/mine.p12", f"--set=name={name}", status=2
    )
    assert "expected letters, digits and single underscores" in said.err
    assert "its unique name in Salesforce" in said.err
