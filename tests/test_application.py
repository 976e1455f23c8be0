"""Who wants a client certificate only once the application is talked to: real servers, tried."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.names import printable
from storekeeper.tls.application import first_words, question, refusal
from storekeeper.tls.client import Identity
from storekeeper.tls.probe import probe, wish_of
from storekeeper.tls.probed import Member
from storekeeper.tls.reach import road
from storekeeper.tls.target import SCHEMES, Target, target
from tests import pki, servers
from tests.servers.bench import HOST, Running

CA = pki.certificate("Client Root", None, ca=True)
MADE = servers.setup("localhost", "Inter", "Root", kind="RSA", authorities=(CA,))
APPLICATIONS = ("http", "smtp", "lmtp", "imap", "pop3", "sieve", "postgres")


def seen(running: Running, scheme: str = "", **more: Any) -> Member:
    """What is found out about a server, as the command line asks it."""
    name = scheme or running.scheme
    at = f"{name}://{HOST}:{running.ports.get(name, running.port)}"
    way = road(target(at, server_name="localhost"), seconds=20)
    more = {"server_name": "localhost", "no_name": False, "weak": False, **more}
    wish = wish_of(way.target, asks=True, **more)
    return probe(at, HOST, running.port, way.open, way.addresses, wish).member


OPTIONAL = pytest.param("optional", "requested", marks=pytest.mark.slow)
SCHEMES_OF_DOVECOT = ("imap", "pop3", "sieve", "imaps")


def test_dovecot_leaves_it_to_the_login() -> None:
    with servers.dovecot(MADE.but(client="required")) as running:
        for scheme in SCHEMES_OF_DOVECOT:
            found = seen(running, scheme)
            assert found.client == "required-later", (scheme, found.why)
            assert "Client didn't present valid SSL certificate" in found.why


def test_dovecot_that_would_like_one() -> None:
    with servers.dovecot(MADE.but(client="optional")) as running:
        for scheme in SCHEMES_OF_DOVECOT:
            found = seen(running, scheme)
            assert found.client == "requested", (scheme, found.why)
        log = running.log()
    assert "user=<>" in log or "user=" not in log  # nobody was named


@pytest.mark.parametrize(("client", "state"), [("required", "required-later"), OPTIONAL])
def test_postfix_leaves_it_to_its_first_reply(client: str, state: str) -> None:
    with servers.postfix(MADE.but(client=client)) as running:
        found = seen(running)
    assert found.client == state, found.why
    assert ("421 4.7.1" in found.why) is (client == "required")
    assert ("No client certificate presented" in found.why) is (client == "required")


@pytest.mark.parametrize(("client", "state"), [("required", "required-later"), OPTIONAL])
def test_postgresql_leaves_it_to_its_rules(client: str, state: str) -> None:
    with servers.postgres(MADE.but(client=client)) as running:
        for _ in range(100):  # it takes connections before it is ready to judge them
            found = seen(running)
            if "starting up" not in found.why:
                break
            time.sleep(0.1)
    assert found.client == state, found.why
    assert ("connection requires a valid client certificate" in found.why) is (client == "required")


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_slapd_closes_without_a_word(version: str) -> None:
    """No alert in either version; in TLS 1.3 after a handshake that was complete."""
    with servers.slapd(MADE.but(client="required", extra=_only(version))) as running:
        for scheme in ("ldap", "ldaps"):
            found = seen(running, scheme)
            assert found.client == "required", found.why
            assert "closes without one" in found.why
            assert found.alert is None


def _only(version: str) -> tuple[str, ...]:
    return ("TLSCipherSuite NORMAL:-VERS-ALL:+VERS-" + version.replace("v", ""),)


@pytest.mark.parametrize("version", ["TLSv1.2", "TLSv1.3"])
def test_a_certificate_that_is_refused_is_not_missed(version: str) -> None:
    """Who was given one and ends did not want it; who goes on may."""
    private = pki.key("Nobody")
    wrong = Identity((pki.certificate("Nobody", "Elsewhere"),), pki.pkcs8(private))
    made = MADE.but(client="required", versions=(version, version))
    for server in (servers.openssl, servers.gnutls, servers.haproxy):
        with server(made) as running:
            found = seen(running, identity=wrong)
        assert found.client == "refused", (running.name, found.why)
        assert "the one that was given" in found.why
        assert "without" not in found.why
    with servers.nginx(made) as running:
        assert seen(running, identity=wrong).client == "refused"


@pytest.mark.parametrize(
    ("server", "expected"),
    [
        (Target("api.example.com", 443), "api.example.com"),
        (Target("api.example.com", 8443), "api.example.com:8443"),
        (Target("192.0.2.7", 443), "192.0.2.7"),
        (Target("2001:db8::1", 443), "[2001:db8::1]"),
        (Target("2001:db8::1", 8443), "[2001:db8::1]:8443"),
    ],
)
def test_the_host_of_a_request(server: Target, expected: str) -> None:
    """With its port where that is not https's own (RFC 9110 section 7.2)."""
    assert server.host_header == expected


def test_a_web_server_is_asked_for_the_name_that_was_indicated() -> None:
    """Many refuse a Host that is another than the name the handshake was about."""
    strict = MADE.but(extra=('if ($host != "api.example.com") { return 421; }',), client="optional")
    with servers.nginx(strict) as running:
        assert "200 OK" in seen(running, server_name="api.example.com").why
        assert "421" in seen(running, server_name="other.example.com").why


@given(st.sampled_from(APPLICATIONS), st.binary(max_size=300))
def test_any_answer_is_understood_somehow(application: str, answer: bytes) -> None:
    said = refusal(application, answer), first_words(application, answer)
    assert all(one == printable(one) for one in said)


def test_every_application_has_a_question_or_none() -> None:
    for _, _, application in SCHEMES.values():
        found = question(application, host="h")
        assert (found is not None) is (application in APPLICATIONS)
