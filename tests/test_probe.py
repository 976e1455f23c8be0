"""Probing real servers on loopback: what they send, ask for and take, and what goes wrong."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from storekeeper.errors import NetworkError
from storekeeper.tls import ciphers, client, offers, words
from storekeeper.tls.connect import Address
from storekeeper.tls.probe import probe, wish_of
from storekeeper.tls.reach import road
from storekeeper.tls.target import Target, target
from tests import pki, servers
from tests.probing import ASKING, CA, MADE, NAMES, OTHER, codes, look, names, open_
from tests.servers.bench import HOST, need
from tests.servers.scripted import Talk, scripted

SECURE = [
    pytest.param(one, id=one.__name__)
    for one in (servers.openssl, servers.python_ssl, servers.nginx, servers.apache,
                servers.haproxy, servers.stunnel, servers.gnutls)
]  # fmt: skip


@pytest.mark.parametrize("server", SECURE)
@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_client_certificate_that_is_required(server: Any, version: str) -> None:
    with server(ASKING.but(versions=(version, version))) as running:
        found = look(running.port, http=True, weak=False, no_name=False)
    member = found.member
    assert tuple(one.der for one in member.chain) == ASKING.chain
    assert words.version_name(member.version) == version
    assert member.request is not None
    assert member.request.protocol == version
    # Python's server verifies and never names its CAs.
    assert names(found) == (set() if running.name == "python" else NAMES)
    later = running.name == "nginx"
    assert member.client == ("required-later" if later else "required"), member.why


@pytest.mark.parametrize("server", SECURE)
def test_a_client_certificate_that_is_welcome(server: Any) -> None:
    with server(ASKING.but(client="optional")) as running:
        found = look(running.port, http=True, weak=False, no_name=False)
    assert found.member.client == "requested", found.member.why
    assert found.member.request is not None


@pytest.mark.parametrize("server", SECURE)
def test_none_is_asked_for(server: Any) -> None:
    with server(MADE) as running:
        found = look(running.port, http=True, weak=False, no_name=False)
    assert found.member.client == "not-asked", found.member.why
    assert found.member.request is None
    assert [one.code for one in found.findings if one.severity == "error"] == []


def test_a_place_of_a_web_server_asks_for_one() -> None:
    """Apache's <Location>: by post-handshake authentication, and in TLS 1.2 by renegotiation."""
    lines = ('<Location "/secured">', "SSLVerifyClient require", "</Location>")
    made = MADE.but(authorities=(CA,), extra=lines)
    for version, when in (("TLSv1.3", "post-handshake"), ("TLSv1.2", "renegotiation")):
        with servers.apache(made.but(versions=(version, version))) as running:
            at_root = look(running.port, http=True, weak=False, no_name=False)
            secured = look(running.port, http=True, path="/secured", weak=False, no_name=False)
        assert at_root.member.client == "not-asked"
        assert secured.member.client == "required-later", secured.member.why
        assert secured.member.request is not None
        assert secured.member.request.when == when
        assert names(secured) == {"CN=Client Root"}


def test_ca_names_are_those_openssl_prints() -> None:
    with servers.openssl(ASKING) as running:
        found = look(running.port, weak=False, no_name=False)
        said = subprocess.run(
            ["openssl", "s_client", "-connect", running.at, "-nameopt", "RFC2253"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
        ).stdout  # fmt: skip
    _, _, rest = said.partition("Acceptable client certificate CA names\n")
    theirs = rest.partition("\nRequested")[0].splitlines()
    assert set(theirs) == names(found)
    assert found.member.request is not None
    assert len(found.member.request.authorities) == 2


@pytest.mark.parametrize("server", SECURE)
def test_protocols(server: Any) -> None:
    with server(MADE) as running:
        found = look(running.port, protocols=True, weak=False, no_name=False)
    answers = {words.version_name(one.version): one.accepted for one in found.offers}
    assert answers == {
        "TLSv1.3": True, "TLSv1.2": True, "TLSv1.1": False, "TLSv1": False, "SSLv3": False,
    }  # fmt: skip
    assert all(len(one.ciphers) == 1 for one in found.offers if one.accepted)


def test_every_cipher_as_the_server_has_them() -> None:
    wanted = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-SHA"
    made = MADE.but(versions=("TLSv1.2", "TLSv1.2"), ciphers=wanted)
    for extra, orders in (((), False), (("-serverpref",), True)):
        with servers.openssl(made.but(extra=extra)) as running:
            (found,) = offers.offers(
                open_, Address(HOST, running.port), "localhost",
                every_cipher=True, versions=(words.TLS12,),
            )  # fmt: skip
        assert found.server_orders is orders
        assert {ciphers.suite(one).openssl for one in found.ciphers} == set(wanted.split(":"))


@pytest.mark.parametrize("bits", [512, 1024])
def test_the_group_of_diffie_hellman(bits: int, tmp_path: Path) -> None:
    """Logjam: gnutls-serv has groups that OpenSSL refuses to serve or to shake hands with."""
    need("gnutls-serv")
    path = tmp_path / "dh.pem"
    path.write_bytes(pki.openssl("dhparam", str(bits)))
    made = servers.setup("localhost", "Inter", "Root", kind="RSA").but(
        versions=("TLSv1.2", "TLSv1.2"),
        ciphers="NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL",
        extra=("--dhparams", str(path)),
        authorities=(CA,),
        client="optional",
    )
    with servers.gnutls(made) as running:
        found = look(running.port, no_name=False)
    # No handshake of OpenSSL gets far enough to find out what is wanted of a client.
    assert found.member.client == "unknown", found.member.why
    assert found.member.request is not None
    assert found.weak_dhe is not None
    assert (found.weak_dhe.kind, found.weak_dhe.bits) == ("DHE", bits)
    severity = {512: "error", 1024: "warning"}[bits]
    assert [one.severity for one in found.findings if one.code == "weak-dhe"] == [severity]
    assert tuple(one.der for one in found.member.chain) == made.chain


def test_a_server_too_old_for_openssl(tmp_path: Path) -> None:
    config = tmp_path / "weak.cnf"
    config.write_text(
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n"
        "MinProtocol = TLSv1\nCipherString = ALL:!aNULL:@SECLEVEL=0\n"
    )
    made = servers.setup("localhost", "Inter", "Root", kind="RSA").but(
        versions=("TLSv1", "TLSv1"),
        ciphers="ALL:!aNULL:@SECLEVEL=0",
        environment={"OPENSSL_CONF": str(config)},
    )
    with servers.openssl(made) as running:
        found = look(running.port, weak=False, no_name=False)
    assert words.version_name(found.member.version) == "TLSv1"
    assert "old-protocol" in codes(found)


def test_a_server_that_wants_to_be_named() -> None:
    """One whose default is another certificate, and one that refuses."""
    second = servers.setup("other.example", "Inter", "Root")
    with servers.openssl(MADE) as first, servers.openssl(second) as other:
        same = look(first.port, weak=False)
        assert same.plain == same.member.chain
        assert "sni-matters" not in codes(same)
        both = look(first.port, other.port, weak=False, no_name=False)
    assert "members-differ" in codes(both)
    assert [one.chain[0].der for one in both.members] == [MADE.chain[0], second.chain[0]]


def test_what_members_of_a_pool_do_otherwise() -> None:
    """Each of them a server of its own: protocol, suite, chain, names of CAs, their treatment."""
    first = ASKING.but(client="optional")
    fewer = first.but(authorities=(CA,))
    shorter = first.but(chain=first.chain[:1])
    older = first.but(versions=("TLSv1.2", "TLSv1.2"))
    strict = first.but(client="required")
    made = (first, first, fewer, shorter, older, strict)
    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(servers.openssl(one)).port for one in made]
        found = look(*ports, weak=False, no_name=False)
    told = {
        ports.index(int(one.where.rpartition(":")[2])): one.message
        for one in found.findings
        if one.code == "members-differ"
    }
    assert sorted(told) == [2, 3, 4, 5]
    assert "names 1 acceptable CAs (0 more, 1 missing)" in told[2]
    assert "sends 1 certificates behind the same one, not 2" in told[3]
    assert "speaks TLSv1.2, not TLSv1.3" in told[4]
    assert "otherwise: required, not asked for, not required by TLS" in told[5]


def test_addresses_are_asked_at_once() -> None:
    """None of these answers before all of them were asked."""
    barrier = threading.Barrier(4)

    def behave(talk: Talk) -> None:
        talk.hear_bytes(11)
        barrier.wait(10)
        talk.say(b"SSH-2.0-OpenSSH\r\n")

    with contextlib.ExitStack() as stack:
        ports = [stack.enter_context(scripted(behave)).port for _ in range(4)]
        with pytest.raises(NetworkError, match="found SSH"):
            look(*ports)
    assert not barrier.broken


def test_a_python_that_shows_no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """`SSLContext._msg_callback` is CPython's own: elsewhere the first flight is read."""
    monkeypatch.setattr(client, "observes", lambda: False)
    with servers.openssl(ASKING) as running:
        found = look(running.port, weak=False, no_name=False)
    assert found.member.raw
    assert tuple(one.der for one in found.member.chain) == ASKING.chain
    assert names(found) == NAMES
    assert any("does not show the messages" in note for note in found.notes)


def test_a_silent_member_of_a_pool() -> None:
    with servers.openssl(MADE) as running:
        found = look(1, running.port, weak=False, no_name=False)
    assert found.member.address == Address(HOST, running.port)
    (silent,) = [one for one in found.findings if one.code == "member-silent"]
    assert "connection refused" in silent.message


def test_an_inspecting_proxy_is_not_taken_for_the_server() -> None:
    """It asks for no client certificate, whatever the server behind it does."""
    with servers.nginx(ASKING) as server, servers.inspecting(server) as between:
        found = look(between.port, http=True, weak=False, no_name=False)
        assert found.member.request is None
        assert found.member.client == "required-later"
        assert any("TLS-inspecting" in note for note in found.notes)
        wish = wish_of(Target("localhost", 443), server_name="localhost", weak=False, no_name=False)
        at = (Address(HOST, between.port),)
        found = probe("localhost", "localhost", 443, open_, at, wish, proxy="http://proxy:3128")
    assert found.member.client == "unknown"
    assert "not seen" in found.member.why
    assert any("TLS-inspecting" in note for note in found.notes)


def test_who_answers_through_a_proxy_is_not_always_known() -> None:
    """A certificate without a public trace may be a proxy's: no "not asked for" then."""
    with servers.nginx(MADE) as server, servers.tinyproxy() as between:
        way = road(target(server.url), proxy=between.url, seconds=10)
        wish = wish_of(way.target, server_name="localhost", asks=True, weak=False, no_name=False)
        found = probe("x", HOST, server.port, way.open, way.addresses, wish, proxy=way.proxy)
    assert found.member.client == "unknown"
    assert not any("TLS-inspecting" in note for note in found.notes)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ((1, 0), "chain-out-of-order"),
        ((0,), "chain-missing"),
        ((0, 1, 1), "chain-duplicate"),
        ((0, 1, 2), "chain-root-sent"),
        ((0, 1, 3), "chain-unrelated"),
    ],
)
def test_chains_as_they_are_sent(sent: tuple[int, ...], code: str) -> None:
    pool = (*MADE.chain, pki.certificate("Root", None, ca=True), OTHER)
    chain = tuple(pool[number] for number in sent)
    first = sent[0]
    made = MADE.but(chain=chain)
    if first != 0:
        made = made.but(chain=(pool[0], *chain, pool[0]))
        code = "chain-duplicate"
    with servers.openssl(made) as running:
        found = look(running.port, weak=False, no_name=False)
    assert tuple(one.der for one in found.member.chain) == made.chain
    assert code in codes(found)
