"""Debug logs of real JVMs of 11 to 25: what is printed, and the bytes in them."""

from __future__ import annotations

import re
import time

import pytest

from storekeeper.model import Certificate
from storekeeper.tls.evidence import debug_log, read
from storekeeper.tls.evidence.text import Text
from storekeeper.tls.evidence.values import (
    AlertSeen,
    Anchors,
    Chain,
    ClientIdentity,
    Evidence,
    Failure,
    Handshake,
    Host,
    Listed,
    Moment,
    Negotiated,
    Offered,
    StorePath,
    Wanted,
    certified,
)
from storekeeper.x509 import facts
from tests import java_debug, jvm, servers
from tests.evidence import every, one
from tests.java_debug import AUTHORITIES, CHAIN, Logged
from tests.recorded import s_client
from tests.servers.bench import setup

PROTOCOLS = ("TLSv1.2", "TLSv1.3")
DEFAULT = (
    ("java11", "all", "TLSv1.3"),
    ("java17", "ssl:handshake", "TLSv1.2"),
    ("java25", "all", "TLSv1.3"),
)
CASES = [
    pytest.param(
        *version.values,
        debug,
        protocol,
        id=f"{version.id}-{debug.partition(':')[0]}-{protocol}",
        marks=[*version.marks]
        + ([] if (version.id, debug, protocol) in DEFAULT else [pytest.mark.slow]),
    )
    for version in jvm.VERSION_PARAMS
    for debug in ("all", "ssl:handshake")
    for protocol in PROTOCOLS
]


def _log(data: bytes) -> list[Evidence]:
    return list(debug_log.read(Text(data, "java.log")))


def _names(said: str) -> tuple[str, ...]:
    found = re.search(r"CA names\n(.*?)\n(?:Client|Requested)", said, re.DOTALL)
    assert found
    return tuple(found[1].splitlines())


def _same(printed: tuple[object, ...], ders: tuple[bytes, ...]) -> None:
    """Everything that Java prints of certificates is as in their bytes."""
    from dataclasses import is_dataclass

    assert not is_dataclass(printed)
    expected = [certified(der) for der in ders]
    for shown, known in zip(printed, expected, strict=True):
        for field in ("subject", "issuer", "serial", "not_before", "not_after",
                      "signature_algorithm", "names"):  # fmt: skip
            assert getattr(shown, field) == getattr(known, field), field


@pytest.mark.parametrize(("version", "debug", "protocol"), CASES)
def test_a_handshake_as_a_java_client_logs_it(version: str, debug: str, protocol: str) -> None:
    logged = java_debug.client(version, debug, protocol)
    found = _log(logged.text)
    chain = one(found, Chain)
    wanted = one(found, Wanted)
    sent = one(found, ClientIdentity)
    if debug == "all":
        assert tuple(each.der for each in chain.certificates) == logged.chain
        assert wanted.exact
        subjects = tuple(facts(certified_one).subject.der for certified_one in _certs())
        assert wanted.request.authorities == subjects
        assert one(found, Handshake).transcript.chain == logged.chain
    else:
        _same(chain.certificates, logged.chain)
    assert chain.complete
    assert chain.by == "server"
    assert wanted.names == _names(logged.said)
    assert wanted.request.protocol == protocol
    assert wanted.request.signature_algorithms[:3] == (0x0403, 0x0503, 0x0603)
    if protocol == "TLSv1.2":
        assert wanted.request.key_types == ("rsa_sign", "dss_sign", "ecdsa_sign")
    assert sent.sent
    assert sent.certificates[0].subject == "CN=client"
    # Older ones tell of their key managers only when everything is logged.
    told = debug == "all" or version.startswith("25.")
    assert sent.alias == ("client" if told else "")
    assert one(found, Negotiated).protocol == protocol
    assert one(found, Negotiated).cipher.startswith("TLS_")
    offered = one(found, Offered)
    assert offered.protocols == ("TLSv1.3", "TLSv1.2")
    assert "TLS_AES_256_GCM_SHA384" in offered.ciphers
    assert abs(one(found, Moment).at - time.time()) < 3600
    fatal = [each for each in every(found, AlertSeen) if each.alert.fatal]
    assert fatal == []
    if debug == "all":
        stores = {store.use: store for store in every(found, StorePath)}
        assert stores["trust"].path.endswith("/trust.p12")
        assert stores["key"].path.endswith("/id.p12")
        assert stores["trust"].type == stores["key"].type == "pkcs12"
        anchors = one(found, Anchors)
        assert [each.subject for each in anchors.certificates] == ["CN=Root"]
        assert one(found, Listed).alias == "client"


def _certs() -> list[Certificate]:
    return [Certificate(der) for der in AUTHORITIES]


@pytest.mark.parametrize(("debug", "protocol"), [("all", "TLSv1.2"), ("ssl:handshake", "TLSv1.3")])
def test_no_client_certificate_fits(debug: str, protocol: str) -> None:
    logged = java_debug.client("17.0.9.2", debug, protocol, issuer="Nobody")
    found = read(logged.text, "java.log")
    assert not one(found, ClientIdentity).sent
    (alert,) = [
        each for each in every(found, AlertSeen) if each.by == "server" and each.alert.fatal
    ]
    assert alert.alert.description == (40 if protocol == "TLSv1.2" else 116)
    failure = every(found, Failure)[-1]
    assert failure.kind == "javax.net.ssl.SSLHandshakeException"
    assert failure.message.startswith("Received fatal alert: ")


@pytest.mark.parametrize(("debug", "protocol"), [("all", "TLSv1.3"), ("ssl:handshake", "TLSv1.2")])
def test_a_server_that_is_not_trusted(debug: str, protocol: str) -> None:
    logged = java_debug.client("17.0.9.2", debug, protocol, trusted=False)
    found = read(logged.text, "java.log")
    assert [each.alert.description for each in every(found, AlertSeen)] == [46]
    assert one(found, AlertSeen).by == "client"
    outer = [each for each in every(found, Failure) if each.kind.endswith("HandshakeException")]
    assert len(outer) == 1
    assert [cause.kind.rpartition(".")[2] for cause in outer[0].causes] == [
        "ValidatorException",
        "SunCertPathBuilderException",
    ]
    assert outer[0].causes[-1].message == (
        "unable to find valid certification path to requested target"
    )
    lines = logged.text.decode().splitlines()
    assert lines[outer[0].place.line - 1].startswith("javax.net.ssl.SSLHandshakeException: PKIX")
    assert len(one(found, Chain).certificates) == 2


def test_a_server_that_asks_for_another_hello() -> None:
    logged = java_debug.client("17.0.9.2", "all", "TLSv1.3", extra=("-groups", "secp384r1"))
    found = _log(logged.text)
    handshake = one(found, Handshake)
    assert len([each for each in handshake.seen if each.ours]) >= 4
    assert one(found, Negotiated).key_exchange == "ECDHE secp384r1, 384 bits"
    assert tuple(each.der for each in one(found, Chain).certificates) == logged.chain
    assert len(every(found, Offered)) == 2


@pytest.mark.parametrize("debug", ["all", "ssl:handshake"])
def test_a_java_server(debug: str) -> None:
    made = setup(*CHAIN, authorities=AUTHORITIES, client="required",
                 versions=("TLSv1.2", "TLSv1.2"))  # fmt: skip
    made = made.but(extra=(f"-Djavax.net.debug={debug}",))
    with servers.java_socket(made) as server:
        said = s_client(server.port, "-servername", "www.example.net", "-nameopt", "RFC2253")
        assert "alert number 42" in said
        text = _log_of(server, b"Fatal (BAD_CERTIFICATE)")
    found = _log(text)
    assert one(found, Host).name == "www.example.net"
    assert one(found, Offered).server_name == "www.example.net"
    assert not one(found, ClientIdentity).sent
    assert set(one(found, Wanted).names) == set(_names(said))
    # Another connection is the bench's, which looks whether the port is open.
    alerts = [(each.by, each.alert.description) for each in every(found, AlertSeen)]
    assert alerts.count(("server", 42)) == 1
    chain = one(found, Chain)
    if debug == "all":
        assert tuple(each.der for each in chain.certificates) == made.chain
    else:
        _same(chain.certificates, made.chain)


def _log_of(server: servers.Running, until: bytes) -> bytes:
    for _ in range(100):
        data = (server.directory / "output").read_bytes()
        if until in data:
            return data
        time.sleep(0.05)
    raise AssertionError(data[-2000:])


def test_a_log_that_is_cut_anywhere_gives_what_is_there() -> None:
    logged = java_debug.client("17.0.9.2", "ssl:handshake", "TLSv1.2")
    lines = logged.text.split(b"\n")
    sizes = []
    for end in range(0, len(lines), 11):
        found = _log(b"\n".join(lines[:end]))
        sizes.append(len(found))
        for chain in every(found, Chain):
            assert len(chain.certificates) <= 2
    assert sizes[0] == 0
    assert sizes[-1] >= 6


def test_lines_with_a_prefix_of_a_wrapper() -> None:
    logged = java_debug.client("17.0.9.2", "ssl:handshake", "TLSv1.2")
    lines = logged.text.split(b"\n")
    for prefix in (b"jvm 1    | ", b"INFO   | jvm 1    | 2026/03/16 18:51:40 | "):
        wrapped = b"\n".join(prefix + line for line in lines)
        assert _log(wrapped) == _log(logged.text)
    behind = Logged(b"2026-01-01 12:00:00 [main] " + logged.text, (), "")
    assert len(_log(behind.text)) == len(_log(logged.text))


def test_names_in_one_list_are_told_apart_by_their_order() -> None:
    from storekeeper.tls.evidence import name_lists

    listed = 'CN=A, O="x, y", C=US, CN=B, CN=C, DC=b, DC=c, OU=u, O=o, EMAILADDRESS=a@b, O=p'
    assert name_lists.java(listed) == (
        "CN=A,O=x\\, y,C=US", "CN=B", "CN=C,DC=b,DC=c", "OU=u,O=o", "emailAddress=a@b,O=p",
    )  # fmt: skip
