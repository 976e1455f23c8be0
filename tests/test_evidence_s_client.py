"""What openssl s_client and curl print of real servers."""

from __future__ import annotations

import functools
import shutil
import subprocess

import pytest

from storekeeper.tls.evidence import read
from storekeeper.tls.evidence.values import (
    AlertSeen,
    Chain,
    ClientIdentity,
    Failure,
    Host,
    Negotiated,
    StorePath,
    Verified,
    Wanted,
    certified,
)
from tests import pki, servers
from tests.evidence import every, notes, one
from tests.servers.bench import HOST, setup

AUTHORITIES = (pki.certificate("Client Root"), pki.certificate("Zeta Root"))


@functools.cache
def _said(
    protocol: str, *args: str, client: str = "required", program: str = "s_client"
) -> tuple[str, tuple[bytes, ...], int]:
    made = setup("localhost", "Inter", "Root", authorities=AUTHORITIES, client=client)
    with servers.openssl(made.but(versions=(protocol, protocol))) as server:
        if program == "curl":
            command = ["curl", "-v", "-o", "/dev/null", *args, f"https://{HOST}:{server.port}/"]
        else:
            command = ["openssl", "s_client", "-connect", f"{HOST}:{server.port}", *args]
        done = subprocess.run(
            command, input=b"", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60
        )
    return done.stdout.decode(), made.chain, server.port


@pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
@pytest.mark.parametrize("options", [(), ("-nameopt", "RFC2253"), ("-nameopt", "compat")])
def test_a_chain_with_all_its_certificates(protocol: str, options: tuple[str, ...]) -> None:
    said, chain, _ = _said(protocol, "-showcerts", *options)
    found = read(said.encode(), "x.txt")
    sent = one(found, Chain)
    assert tuple(each.der for each in sent.certificates) == chain
    assert sent.by == "server"
    assert sent.complete
    assert said.splitlines()[sent.place.line - 1] == "Certificate chain"
    wanted = one(found, Wanted)
    assert wanted.names == ("CN=Client Root", "CN=Zeta Root")
    assert wanted.request.signature_algorithms[:5] == (0x0403, 0x0503, 0x0603, 0x0807, 0x0808)
    if protocol == "TLSv1.2":
        assert wanted.request.key_types == ("rsa_sign", "dss_sign", "ecdsa_sign")
    agreed = one(found, Negotiated)
    assert agreed.protocol == protocol
    assert agreed.key_exchange == "X25519, 253 bits"
    assert one(found, Verified).number == 20
    assert [each.number for each in every(found, Failure) if each.number] == [20]


def test_without_showcerts_only_the_leaf_has_its_bytes() -> None:
    said, chain, _ = _said("TLSv1.2")
    (leaf, inter) = one(read(said.encode(), "x.txt"), Chain).certificates
    known = [certified(der) for der in chain]
    assert leaf == known[0]
    assert inter.der == b""
    assert (inter.subject, inter.issuer) == (known[1].subject, known[1].issuer)
    if "NotBefore" in said:
        assert (inter.not_before, inter.not_after) == (known[1].not_before, known[1].not_after)


def test_a_server_that_asks_nobody() -> None:
    said, _, _ = _said("TLSv1.2", client="none")
    assert "No client certificate CA names sent" in said
    found = read(said.encode(), "x.txt")
    assert every(found, Wanted) == []


def test_a_list_without_names_is_a_request() -> None:
    made = setup("localhost", "Root", client="optional", versions=("TLSv1.2", "TLSv1.2"))
    with servers.openssl(made) as server:
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"{HOST}:{server.port}"],
            input=b"", capture_output=True, timeout=60,
        )  # fmt: skip
    wanted = one(read(done.stdout, "x.txt"), Wanted)
    assert wanted.names == ()
    assert wanted.request.key_types == ("rsa_sign", "dss_sign", "ecdsa_sign")


def test_no_secret_is_taken() -> None:
    said, _, _ = _said("TLSv1.2", client="optional")
    (key,) = [line.split()[-1] for line in said.splitlines() if "Master-Key:" in line]
    assert len(key) == 96
    assert key not in repr(read(said.encode(), "x.txt"))


def test_the_command_before_it_names_the_host() -> None:
    said, _, _ = _said("TLSv1.2", "-showcerts")
    command = "$ openssl s_client -connect db.example:8443 -servername www.example -showcerts\n"
    hosts = every(read((command + said).encode(), "x.txt"), Host)
    assert [(each.name, each.port, each.how) for each in hosts] == [
        ("db.example", 8443, "connect"),
        ("www.example", 8443, "sni"),
    ]
    assert every(read(command.encode(), "x.txt"), Host) == []


def test_a_page_that_lost_its_line_ends() -> None:
    found = read(
        b"Acceptable client certificate CA names /C=AU/ST=VIC/O=MyCompany/OU=ITS/CN=a.example "
        b"/C=AU/O=Other, Inc./CN=Root CA\n",
        "x.txt",
    )
    assert one(found, Wanted).names == (
        "CN=a.example,OU=ITS,O=MyCompany,ST=VIC,C=AU",
        "CN=Root CA,O=Other\\, Inc.,C=AU",
    )


def test_the_words_of_old_versions() -> None:
    found = read(
        b"CONNECTED(00000003)\n---\nCertificate chain\n"
        b" 0 s:/C=US/O=Acme, Inc./CN=*.example\n   i:/C=US/O=CA/CN=Inter\n"
        b" 1 s:/C=US/O=CA/CN=Inter\n   i:/C=US/O=CA/CN=Root\n---\n"
        b"no peer certificate available\n---\nServer Temp Key: DH, 1024 bits\n---\n"
        b"New, TLSv1/SSLv3, Cipher is DHE-RSA-AES256-SHA\n"
        b"SSL-Session:\n    Protocol  : TLSv1\n    Cipher    : DHE-RSA-AES256-SHA\n"
        b"    Verify return code: 0 (ok)\n---\n",
        "x.txt",
    )
    assert [each.subject for each in one(found, Chain).certificates] == [
        "CN=*.example,O=Acme\\, Inc.,C=US",
        "CN=Inter,O=CA,C=US",
    ]
    agreed = one(found, Negotiated)
    assert (agreed.protocol, agreed.cipher) == ("TLSv1", "DHE-RSA-AES256-SHA")
    assert agreed.key_exchange == "DH, 1024 bits"
    assert one(found, Verified).number == 0
    assert notes(found) == ["the server sent no certificate"]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("protocol", ["TLSv1.2", "TLSv1.3"])
def test_curl(protocol: str) -> None:
    # In TLS 1.2 nothing is printed of a handshake that fails.
    client = "required" if protocol == "TLSv1.3" else "optional"
    said, chain, port = _said(protocol, "-k", program="curl", client=client)
    found = read(said.encode(), "curl.txt")
    host = one(found, Host)
    assert (host.name, host.port) == (HOST, port)
    assert one(found, Negotiated).protocol == protocol
    (leaf,) = one(found, Chain).certificates
    known = certified(chain[0])
    assert (leaf.subject, leaf.issuer) == (known.subject, known.issuer)
    assert (leaf.not_before, leaf.not_after) == (known.not_before, known.not_after)
    assert not one(found, Chain).complete
    assert one(found, Verified).number == 20
    assert not one(found, ClientIdentity).sent
    assert not one(found, Wanted).listed
    alerts = [(each.by, each.alert.description) for each in every(found, AlertSeen)]
    assert (("server", 116) in alerts) == (protocol == "TLSv1.3")


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_that_trusts_nobody() -> None:
    said, _, _ = _said("TLSv1.3", program="curl", client="none")
    found = read(said.encode(), "curl.txt")
    alert = one(found, AlertSeen)
    assert (alert.by, alert.alert.description) == ("client", 48)
    assert any(each.kind == "curl: (60)" for each in every(found, Failure))
    assert every(found, StorePath)[0].use == "trust"
