"""IAIK's ssl_debug logs, as webMethods Integration Server writes them."""

from __future__ import annotations

import pytest

from storekeeper.times import iso
from storekeeper.tls.evidence import iaik_log, read
from storekeeper.tls.evidence.text import Text
from storekeeper.tls.evidence.values import (
    AlertSeen,
    ClientIdentity,
    Evidence,
    Failure,
    Host,
    Moment,
    Offered,
    Program,
    Wanted,
)
from tests.evidence import every, notes, one

PROTOCOL = """\
ssl_debug(3): Starting handshake (iSaSiLk 3.03)…
ssl_debug(3): Remote client:151.193.164.20:443, Timestamp:Wed Mar 16 18:51:40 IST 2016
ssl_debug(3): Sending secure renegotiation cipher suite
ssl_debug(3): Sending v3 client_hello message, requesting version 3.1…
ssl_debug(3): Received alert message: Alert Fatal: handshake failure
ssl_debug(3): SSLException while handshaking: Peer sent alert: Alert Fatal: handshake failure
ssl_debug(3): Shutting down SSL layer…
"""
REJECTED = """\
ssl_debug(1): Received certificate handshake message with server certificate.
ssl_debug(1): Server sent a 2048 bit RSA certificate, chain has 2 elements.
ssl_debug(1): Sending alert: Alert Fatal: bad certificate
ssl_debug(1): SSLException while handshaking: Server certificate rejected by ChainVerifier
"""
NO_CERTIFICATE = """\
ssl_debug(4): Received certificate_request handshake message.
ssl_debug(4): Accepted certificate types: RSA, DSS
ssl_debug(4): Accepted certificate authorities:
ssl_debug(4): cn=ca,ou=ca,o=ca,l=BLR,st=KA,c=IN
ssl_debug(9): Sending v3 client_hello message, requesting version 3.1...
ssl_debug(4): cn=leaf,ou=leaf,o=leaf,l=BLR,st=KA,c=IN
ssl_debug(4): Received server_hello_done handshake message.
ssl_debug(4): No client certificate available, sending empty certificate message...
"""
SERVER = """\
ssl_debug(5): Received certificate handshake message with client certificate.
ssl_debug(5): Certificate message is empty, client has no certificate.
ssl_debug(5): Sending alert: Alert Fatal: bad certificate
"""


def _read(text: str, prefix: str = "jvm 1 | ") -> list[Evidence]:
    lines = "\n".join(prefix + line for line in text.splitlines())
    return list(iaik_log.read(Text(lines.encode(), "wrapper.log")))


@pytest.mark.parametrize("prefix", ["", "jvm 1 | ", "INFO   | jvm 1    | 2016/03/16 18:51:40 | "])
def test_a_server_that_wants_a_newer_protocol(prefix: str) -> None:
    found = _read(PROTOCOL, prefix)
    assert one(found, Program).name == "IAIK"
    assert one(found, Program).version == "3.03"
    assert (one(found, Host).name, one(found, Host).port) == ("151.193.164.20", 443)
    assert iso(one(found, Moment).at) == "2016-03-16T13:21:40Z"
    assert one(found, Offered).protocols == ("TLSv1",)
    alert = one(found, AlertSeen)
    assert (alert.by, alert.alert.description, alert.place.line) == ("server", 40, 5)
    assert one(found, Failure).message == "Peer sent alert: Alert Fatal: handshake failure"


def test_a_server_certificate_that_is_rejected() -> None:
    found = _read(REJECTED)
    alert = one(found, AlertSeen)
    assert (alert.by, alert.alert.description) == ("client", 42)
    assert one(found, Failure).message == "Server certificate rejected by ChainVerifier"
    assert one(found, Failure).stack == "iaik"
    assert "sent 2 certificates" in notes(found)[0]


def test_no_client_certificate() -> None:
    found = _read(NO_CERTIFICATE)
    wanted = one(found, Wanted)
    assert wanted.names == (
        "CN=ca,OU=ca,O=ca,L=BLR,ST=KA,C=IN",
        "CN=leaf,OU=leaf,O=leaf,L=BLR,ST=KA,C=IN",
    )
    assert wanted.request.key_types == ("rsa_sign", "dss_sign")
    assert wanted.place.line == 1
    assert not one(found, ClientIdentity).sent


def test_as_a_server() -> None:
    found = _read(SERVER)
    assert not one(found, ClientIdentity).sent
    assert one(found, AlertSeen).by == "server"


def test_an_empty_list_is_a_list() -> None:
    text = NO_CERTIFICATE.replace("ssl_debug(4): cn=", "ssl_debug(8): cn=")
    assert one(_read(text), Wanted).names == ()
    assert one(_read(text), Wanted).listed


def test_all_of_them_in_one_file() -> None:
    found = read((PROTOCOL + REJECTED + NO_CERTIFICATE + SERVER).encode(), "w")
    assert len(every(found, AlertSeen)) == 3
    assert len(every(found, Failure)) == 2
