"""What a probe of a real server tells about it: names, protocols, signatures, alerts."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from storekeeper.errors import NetworkError
from storekeeper.tls import offers, words
from storekeeper.tls.ciphers import suite
from storekeeper.tls.client import Identity
from storekeeper.tls.connect import Address
from storekeeper.tls.words import ALERTS_OF_SERVERS
from tests import forge, pki, servers
from tests.forge import DAY, basic, key, make, purposes, usage
from tests.probing import MADE, codes, look, open_
from tests.servers.bench import HOST, Setup, pem_file

NOW = int(time.time())
GOOD: dict[str, Any] = {"start": NOW - 30 * DAY, "end": NOW + 30 * DAY}
GONE: dict[str, Any] = {"start": NOW - 30 * DAY, "end": NOW - DAY}

# -- server name indication -----------------------------------------------------------------


def test_who_is_asked_by_name_sends_another_certificate(tmp_path: Path) -> None:
    other = servers.setup("other.example", "Inter", "Root")
    own, private = pem_file(tmp_path / "c", MADE.chain[0]), pem_file(tmp_path / "k", key=MADE.key)
    second = ("-servername", "localhost", "-cert2", str(own), "-key2", str(private))
    with servers.openssl(other.but(extra=second)) as running:
        found = look(running.port, weak=False)
    assert found.member.chain[0].der == MADE.chain[0]
    assert found.plain is not None
    assert found.plain[0].der == other.chain[0]
    (told,) = [one for one in found.findings if one.code == "sni-matters"]
    assert "CN=other.example" in told.message


def test_who_is_not_asked_by_name_refuses() -> None:
    """nginx, whose first server rejects: alert unrecognized_name."""
    lines = (
        "ssl_reject_handshake on; }",
        f"server {{ listen {HOST}:{{port}} ssl; server_name localhost;",
    )
    with servers.nginx(MADE.but(extra=lines)) as running:
        found = look(running.port, weak=False)
        with pytest.raises(NetworkError, match=r"alert unrecognized_name \(112\)") as caught:
            look(running.port, weak=False, server_name=None)
    assert found.member.chain
    assert found.plain == ()
    assert "sni-needed" in codes(found)
    assert "the server does not know the host name, or wants one" in caught.value.hint


# -- protocols ------------------------------------------------------------------------------


def _chosen(port: int, *options: str) -> str:
    """The suite that a server chooses, as OpenSSL's client prints it."""
    said = subprocess.run(
        ["openssl", "s_client", "-connect", f"{HOST}:{port}", *options],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20,
    ).stdout  # fmt: skip
    return said.partition(", Cipher is ")[2].partition("\n")[0]


def test_each_protocol_with_the_suite_that_the_server_prefers() -> None:
    """A server that has its own order chooses the same for us and for OpenSSL."""
    made = servers.setup("localhost", "Inter", "Root", kind="RSA", weak=True).but(
        versions=("TLSv1", "TLSv1.3"), extra=("-serverpref",),
        ciphers="AES128-SHA:ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0",
    )  # fmt: skip
    with servers.openssl(made) as running:
        found = offers.offers(open_, Address(HOST, running.port), "localhost")
        told = {words.version_name(one.version): one for one in found}
        for name in ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1"):
            option = f"-{name.lower().replace('v', '').replace('.', '_')}"
            ours = suite(told[name].ciphers[0])
            assert (ours.openssl or ours.name) == _chosen(
                running.port, option, "-cipher", "ALL:@SECLEVEL=0"
            )
            assert told[name].accepted is True
            assert told[name].server_orders is True
    assert told["SSLv3"].accepted is False


@pytest.mark.slow
def test_ssl_3_of_java() -> None:
    made = servers.setup("localhost", "Inter", "Root", kind="RSA", weak=True)
    with servers.java_socket(made.but(versions=("SSLv3", "TLSv1.2"))) as running:
        found = offers.offers(open_, Address(HOST, running.port), "localhost")
        assert {words.version_name(one.version): one.accepted for one in found} == {
            "TLSv1.3": False, "TLSv1.2": True, "TLSv1.1": True, "TLSv1": True, "SSLv3": True,
        }  # fmt: skip
    with servers.java_socket(made.but(versions=("SSLv3", "SSLv3"))) as running:
        whole = look(running.port, no_name=False)
    assert whole.member.raw
    assert words.version_name(whole.member.version) == "SSLv3"
    assert tuple(one.der for one in whole.member.chain) == made.chain
    assert "old-protocol" in codes(whole)


# -- signatures along the chain -------------------------------------------------------------


@pytest.mark.parametrize(
    ("called", "code"),
    [
        ("SHA256withRSA", None),
        ("RSASSA-PSS", "rsassa-pss"),
        ("SHA1withRSA", "weak-signature"),
        ("MD5withRSA", "weak-signature"),
    ],
)
def test_how_the_chain_is_signed(called: str, code: str | None) -> None:
    made = _signed(called)
    with servers.openssl(made) as running:
        found = look(running.port, no_name=False, weak=False)
    assert tuple(one.der for one in found.member.chain) == made.chain
    about = {one.where for one in found.findings if one.code in ("rsassa-pss", "weak-signature")}
    assert about == ({"certificate 1", "certificate 2"} if code else set())
    assert code is None or code in codes(found)


def test_a_certificate_that_is_out_of_date() -> None:
    """The server's own is an error; one above it may be replaced by what clients have."""
    root, mid, own = (key(name, "RSA2048") for name in ("signing", "between", "signed"))
    san = forge.names(("dns", "localhost"))
    for leaf_dates, mid_dates, expected in (
        (GONE, GOOD, {("certificate 1", "error")}),
        (GOOD, GONE, {("certificate 2", "warning")}),
    ):
        above = make("CN=Mid", mid, "CN=Top", root, basic(), usage(5, 6), **mid_dates)
        leaf = make("CN=localhost", own, "CN=Mid", mid, san, **leaf_dates)
        with servers.openssl(Setup((leaf, above), pki.pkcs8(own))) as running:
            found = look(running.port, no_name=False, weak=False)
        told = {(one.where, one.severity) for one in found.findings if one.code == "expired"}
        assert told == expected


def _signed(called: str) -> Setup:
    root, mid, own = (key(name, "RSA2048") for name in ("signing", "between", "signed"))
    ca = (basic(), usage(5, 6))
    san = forge.names(("dns", "localhost"))
    above = make("CN=Mid", mid, "CN=Top", root, *ca, called=called)
    leaf = make("CN=localhost", own, "CN=Mid", mid, san, called=called)
    return Setup((leaf, above), pki.pkcs8(own), weak=True)


# -- alerts, and which stack means what by them ---------------------------------------------

CA, CA_KEY = "CN=Client CA", key("client-ca", "RSA2048")
ROOT = make(CA, CA_KEY, CA, CA_KEY, basic(), usage(5, 6), **GOOD)
CLIENT = "1.3.6.1.5.5.7.3.2"
SERVER = "1.3.6.1.5.5.7.3.1"


def _identity(kind: str) -> Identity | None:
    """None, or the certificate of a client: right, of a stranger, expired, for servers alone."""
    own = key("client", "RSA2048")
    if kind == "none":
        return None
    dates = GONE if kind == "expired" else GOOD
    purpose = purposes(SERVER if kind == "purpose" else CLIENT)
    issuer, signer = (CA, CA_KEY) if kind != "stranger" else ("CN=Strange", key("strange"))
    one = make("CN=client", own, issuer, signer, purpose, **dates)
    return Identity((one,), pki.pkcs8(own))


ALERTS = {
    # server: what TLS 1.2 and 1.3 say to nobody, then to a stranger, expired, wrong purpose
    "openssl": (40, 116, 48, 45, 43),
    "haproxy": (40, 116, 48, 45, 43),
    "stunnel": (40, 116, 48, 45, 43),
    "apache": (40, 116, 48, 45, 43),
    "gnutls": (50, 116, 49, 49, None),
    "java": (42, 42, 46, 46, 46),
}
WORDS = {
    40: "no client certificate came",
    42: "from a Java server",
    43: "not for clients by its purposes",
    45: "out of date",
    46: "from a Java server",
    48: "does not trust who issued",
    49: "from GnuTLS",
    50: "from GnuTLS",
    116: "no client certificate came",
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=pytest.mark.slow if one == "java" else ()) for one in ALERTS],
)
def test_what_each_stack_says_to_clients(name: str) -> None:
    start: Any = servers.java_socket if name == "java" else servers.TLS[name]
    made = MADE.but(authorities=(ROOT,), client="required")
    for version, nobody in zip(("TLSv1.2", "TLSv1.3"), ALERTS[name][:2], strict=True):
        expected = {"none": nobody, "right": None} | dict(
            zip(("stranger", "expired", "purpose"), ALERTS[name][2:], strict=True)
        )
        with start(made.but(versions=(version, version))) as running:
            for kind, number in expected.items():
                member = look(
                    running.port, no_name=False, weak=False, identity=_identity(kind)
                ).member
                if number is None:
                    assert member.alert is None, (name, version, kind, member.why)
                    assert member.client == "requested", (name, version, kind, member.why)
                    continue
                assert member.alert is not None, (name, version, kind, member.why)
                assert member.alert.description == number, (name, version, kind)
                assert member.client == ("required" if kind == "none" else "refused")
                assert WORDS[number] in ALERTS_OF_SERVERS[number]
