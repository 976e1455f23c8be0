"""What our two clients read of real servers, beside what ``openssl s_client`` reads: byte for byte.

The table of who names which authorities, and in what order, is what servers of Debian 12 do.
"""

from __future__ import annotations

import functools
import gc
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from cryptography import x509

from storekeeper.tls.client import Handshake
from storekeeper.tls.firstflight import FirstFlight, first_flight
from storekeeper.tls.offers import offers, weak_dhe
from storekeeper.tls.reach import reach, road
from storekeeper.tls.target import target
from storekeeper.tls.transcript import Transcript
from storekeeper.tls.words import SSL3, TLS10, TLS11, TLS12, TLS13
from tests import jvm, pki, servers
from tests.s_client import s_client
from tests.servers import Running, Setup, setup
from tests.servers.bench import pem_file

Start = Callable[[Setup], AbstractContextManager[Running]]

# The names as they are given, among them a CA that is issued by another.
AUTHORITIES = (
    pki.certificate("Client Root C"),
    pki.certificate("Client Intermediate C1", "Client Root C", ca=True),
    pki.certificate("Client Root D"),
    pki.certificate("A Zeta Root"),
)
AS_GIVEN = [x509.load_der_x509_certificate(der).subject.public_bytes() for der in AUTHORITIES]

SERVERS: dict[str, Start] = {
    **servers.TLS,
    **servers.CLEAR,
    "java": servers.java_socket,
    "tomcat": servers.tomcat,
}
SLOW = {"postgres", "postfix", "tomcat", "java"}
EACH = [
    pytest.param(name, id=name, marks=pytest.mark.slow if name in SLOW else ()) for name in SERVERS
]

IN_ORDER = {"nginx", "openssl", "gnutls", "dovecot", "slapd", "postfix", "postgres", "vsftpd"}
NAMELESS = {"python", "mariadb", "prosody"}

TYPES = {
    **dict.fromkeys(SERVERS, (1, 2, 64)),
    **dict.fromkeys(("gnutls", "slapd"), (1, 64)),
    **dict.fromkeys(("java", "tomcat"), (64, 1, 2)),
}
"""Of keys in TLS 1.2, in order."""

EXTENSIONS = {
    **dict.fromkeys(SERVERS, frozenset({13, 47})),
    **dict.fromkeys(("gnutls", "slapd"), frozenset({5, 13, 47})),
    **dict.fromkeys(("java", "tomcat"), frozenset({13, 47, 50})),
    **dict.fromkeys(NAMELESS, frozenset({13})),
}
"""Of the request in TLS 1.3."""

CERTIFICATE, KEY_EXCHANGE, REQUEST = 11, 12, 13


def handshake(server: Running, scheme: str, version: int) -> Transcript:
    port = server.ports.get(scheme, server.port)
    found = target(f"{scheme}://127.0.0.1:{port}", server_name="localhost")
    with reach(found, seconds=20) as stream:
        done = Handshake(stream, server_name="localhost", versions=(version, version))
        return done.said


def raw(server: Running, scheme: str, version: int = TLS12) -> FirstFlight:
    port = server.ports.get(scheme, server.port)
    found = target(f"{scheme}://127.0.0.1:{port}", server_name="localhost")
    with reach(found, seconds=20) as stream:
        return first_flight(stream, version, server_name="localhost")


@pytest.mark.parametrize("name", EACH)
def test_chain_and_names_are_those_that_openssl_sees(name: str) -> None:
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", authorities=AUTHORITIES).but(
        client="optional"
    )
    with SERVERS[name](made) as server:
        for scheme in server.ports or [server.scheme]:
            for version, word in ((TLS12, "-tls1_2"), (TLS13, "-tls1_3")):
                said = handshake(server, scheme, version)
                assert said.version == version
                assert said.chain == made.chain
                if name == "xrdp":  # s_client can't ask it, and it asks nobody
                    assert said.requests == ()
                    continue
                seen = s_client(server, word, scheme=scheme)
                assert said.chain == seen.chain
                for kind in (CERTIFICATE, REQUEST):
                    assert [one.body for one in said.received(kind)] == seen.bodies(kind)
                (request,) = said.requests
                judge_request(name, request.authorities, seen.names)
                if version == TLS12:
                    assert request.certificate_types == TYPES[name]
                else:
                    assert extensions(seen.bodies(REQUEST)[0]) == EXTENSIONS[name]
            flight = raw(server, scheme)
            assert flight.problem == ""
            assert flight.chain == made.chain
            if name != "xrdp":
                assert flight.request is not None
                assert [one.body for one in flight.messages if one.type == REQUEST] == (
                    s_client(server, "-tls1_2", scheme=scheme).bodies(REQUEST)
                )


def judge_request(name: str, authorities: tuple[bytes, ...], printed: list[str]) -> None:
    """The names are the given ones, in an order that is the server's business."""
    expected = [] if name in NAMELESS else AS_GIVEN
    if name in IN_ORDER:
        assert list(authorities) == expected
    else:
        assert sorted(authorities) == sorted(expected)
    parsed = [x509.Name.from_rfc4514_string(one) for one in printed]
    subjects = {x509.load_der_x509_certificate(der).subject for der in AUTHORITIES}
    assert set(parsed) == (subjects if expected else set())


def extensions(body: bytes) -> frozenset[int]:
    """Numbers in a request of TLS 1.3, read without our code."""
    at, found = 1 + body[0] + 2, set()
    while at < len(body):
        found.add(int.from_bytes(body[at : at + 2], "big"))
        at += 4 + int.from_bytes(body[at + 2 : at + 4], "big")
    return frozenset(found)


@pytest.mark.parametrize("name", ["nginx", "gnutls", "apache"])
def test_a_server_that_asks_nobody_makes_no_request(name: str) -> None:
    with SERVERS[name](setup("localhost", "Bench Inter", "Bench Root", kind="RSA")) as server:
        assert handshake(server, "https", TLS12).requests == ()
        assert handshake(server, "https", TLS13).requests == ()
        assert raw(server, "https").request is None


@pytest.mark.parametrize("name", ["openssl", "python", "gnutls"])
def test_required_and_not_given_is_an_alert(name: str) -> None:
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", authorities=AUTHORITIES)
    with SERVERS[name](made.but(client="required")) as server:
        said = handshake(server, "https", TLS12)
        assert said.alert is not None
        # GnuTLS takes an empty list of certificates for one that can't be read.
        assert said.alert.description == (50 if name == "gnutls" else 40)
        assert (2, said.alert.description) in s_client(server, "-tls1_2").alerts


def test_the_key_exchange_is_the_one_that_openssl_prints() -> None:
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA")
    for ciphers, printed in (("ECDHE", "X25519, 253 bits"), ("kRSA", None)):
        with servers.openssl(made.but(ciphers=ciphers)) as server:
            exchange = raw(server, "https").key_exchange
            assert exchange is not None
            text = s_client(server, "-tls1_2").text
            assert exchange.kind == ("RSA" if printed is None else "ECDHE")
            assert ("Server Temp Key" in text) is (printed is not None)
            assert printed is None or printed in text


def test_java_without_authorities_names_all_that_it_trusts() -> None:
    """An SSLContext without trust managers of its own takes the JDK's roots."""
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", client="optional")
    with servers.java_socket(made) as server:
        for version, word in ((TLS12, "-tls1_2"), (TLS13, "-tls1_3")):
            (request,) = handshake(server, "https", version).requests
            seen = s_client(server, word)
            assert len(request.authorities) == len(seen.names) > 100
            assert [one.body for one in handshake(server, "https", version).received(REQUEST)] == (
                seen.bodies(REQUEST)
            )


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_every_java_is_read_as_openssl_reads_it(version: str) -> None:
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", authorities=AUTHORITIES)
    with servers.java_socket(made.but(client="optional"), version) as server:
        for number, word in ((TLS12, "-tls1_2"), (TLS13, "-tls1_3")):
            said, seen = handshake(server, "https", number), s_client(server, word)
            for kind in (CERTIFICATE, REQUEST):
                assert [one.body for one in said.received(kind)] == seen.bodies(kind)
            assert sorted(said.requests[0].authorities) == sorted(AS_GIVEN)
        assert raw(server, "https").request == handshake(server, "https", TLS12).requests[0]


@pytest.mark.slow
@pytest.mark.parametrize("count", [700, 2_500])
@pytest.mark.parametrize("name", ["openssl", "gnutls", "nginx"])
def test_lists_of_names_that_need_many_records(name: str, count: int) -> None:
    """More than a record holds, up to what a request can: each name has 21 bytes and more."""
    many = tuple(pki.certificate(f"CA {number}") for number in range(count))
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", authorities=many)
    with SERVERS[name](made.but(client="optional")) as server:
        (request,) = handshake(server, "https", TLS12).requests
        assert len(request.authorities) == count
        flight = raw(server, "https")
        assert flight.request is not None
        assert flight.request.authorities == request.authorities
        assert [one.body for one in flight.messages if one.type == REQUEST] == (
            s_client(server, "-tls1_2").bodies(REQUEST)
        )


# -- who asks when, and for what ----------------------------------------------------------


def test_apache_asks_for_one_place_alone_after_the_handshake() -> None:
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", authorities=AUTHORITIES)
    place = ("<Location /secure>", "SSLVerifyClient require", "SSLVerifyDepth 4", "</Location>")
    with servers.apache(made.but(extra=place)) as server:
        for version, when in ((TLS12, "renegotiation"), (TLS13, "post-handshake")):
            with reach(target(server.url), seconds=20) as stream:
                done = Handshake(stream, versions=(version, version))
                assert done.completed, done.problem
                assert not any(done.said.received(REQUEST))
                done.write(b"GET /secure/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
                done.read(10)
                (request,) = done.said.requests
                assert request.when == when
                assert sorted(request.authorities) == sorted(AS_GIVEN)
                assert done.said.alert is not None
                assert done.said.alert.description == (116 if version == TLS13 else 40)


def _listed(name: str, folder: Path) -> tuple[tuple[str, ...], list[bytes]]:
    """Lines that make the list of names another than that of whom is trusted; the names."""
    every = pem_file(folder / "every.pem", *AUTHORITIES)
    one = pem_file(folder / "one.pem", AUTHORITIES[2])
    return {
        "nginx": ((f"ssl_trusted_certificate {every};", "ssl_verify_client optional_no_ca;"), []),
        "apache": ((f"SSLCACertificateFile {every}", f"SSLCADNRequestFile {one}"), AS_GIVEN[2:3]),
        "openssl": (("-verify", "4", "-verifyCAfile", str(every)), []),
        "gnutls": ((), []),
    }[name]


@pytest.mark.parametrize("name", ["nginx", "apache", "openssl", "gnutls"])
def test_the_list_need_not_be_who_is_trusted(name: str, tmp_path: Path) -> None:
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA")
    lines, expected = _listed(name, tmp_path)
    client = "optional" if name in ("apache", "gnutls") else "none"
    with SERVERS[name](made.but(extra=lines, client=client)) as server:
        for version, word in ((TLS12, "-tls1_2"), (TLS13, "-tls1_3")):
            (request,) = handshake(server, "https", version).requests
            assert list(request.authorities) == expected
            assert [one.body for one in handshake(server, "https", version).received(REQUEST)] == (
                s_client(server, word).bodies(REQUEST)
            )


# -- old protocols and small groups -------------------------------------------------------


@pytest.mark.parametrize("version", [TLS10, TLS11])
@pytest.mark.parametrize("name", [*servers.TLS, pytest.param("java", marks=pytest.mark.slow)])
def test_old_protocols_by_both_clients(name: str, version: int) -> None:
    word, option = {TLS10: ("TLSv1", "-tls1"), TLS11: ("TLSv1.1", "-tls1_1")}[version]
    made = setup(
        *("localhost", "Bench Inter", "Bench Root"),
        kind="RSA",
        authorities=AUTHORITIES,
        client="optional",
    )
    with SERVERS[name](made.but(versions=(word, word), weak=True)) as server:
        said = handshake(server, "https", version)
        seen = s_client(server, option, "-cipher", "ALL:!aNULL:@SECLEVEL=0")
        assert said.version == version
        assert said.chain == made.chain == seen.chain
        assert [one.body for one in said.received(REQUEST)] == seen.bodies(REQUEST)
        assert said.requests[0].signature_algorithms == ()
        flight = raw(server, "https", version)
        assert flight.hello is not None
        assert flight.hello.version == version
        assert flight.chain == made.chain
        assert flight.request == said.requests[0]


@pytest.mark.slow
def test_ssl_3_of_java_is_read_raw() -> None:
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", authorities=AUTHORITIES)
    old = made.but(versions=("SSLv3", "SSLv3"), weak=True, client="optional")
    with servers.java_socket(old) as server:
        flight = raw(server, "https", SSL3)
        assert flight.hello is not None
        assert flight.hello.version == SSL3
        assert flight.chain == made.chain
        assert flight.request is not None
        assert sorted(flight.request.authorities) == sorted(AS_GIVEN)


@pytest.mark.parametrize("bits", [512, 768, pytest.param(1024, marks=pytest.mark.slow)])
def test_small_groups_of_a_server_s_own_are_seen_raw(bits: int, tmp_path: Path) -> None:
    parameters = tmp_path / "dh.pem"
    parameters.write_bytes(_group(bits))
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA")
    small = made.but(
        versions=("TLSv1.2", "TLSv1.2"),
        ciphers="NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL",
        extra=("--dhparams", str(parameters)),
    )
    with servers.gnutls(small) as server:
        exchange = raw(server, "https").key_exchange
        assert exchange is not None
        assert (exchange.kind, exchange.bits, exchange.group) == ("DHE", bits, "")
        printed = pki.openssl("asn1parse", "-in", str(parameters)).decode().splitlines()[1]
        assert exchange.prime.hex().upper() == printed.rpartition(":")[2]


@functools.cache
def _group(bits: int) -> bytes:
    return pki.openssl("dhparam", "-2", str(bits))


@pytest.mark.slow
@pytest.mark.parametrize(("option", "bits"), [("1024", 1024), ("legacy", 768)])
def test_small_groups_of_java_are_seen_raw(option: str, bits: int) -> None:
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", weak=True)
    with servers.java_socket(made.but(extra=(f"-Djdk.tls.ephemeralDHKeySize={option}",))) as server:
        port = server.port
        with reach(target(f"https://127.0.0.1:{port}"), seconds=20) as stream:
            flight = first_flight(stream, TLS12, (0x9E, 0x9F, 0x33, 0x39, 0x67, 0x6B))
    assert flight.key_exchange is not None
    assert (flight.key_exchange.kind, flight.key_exchange.bits) == ("DHE", bits)


@pytest.mark.slow
def test_the_group_of_export_grade() -> None:
    """Logjam: a good group for who asks for a good suite, 512 bits for who asks for export."""
    suites = "TLS_DHE_RSA_WITH_AES_128_CBC_SHA:SSL_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", weak=True, ciphers=suites)
    with servers.java_socket(made.but(versions=("TLSv1", "TLSv1.2"))) as server:
        way = road(target(server.url), seconds=20)
        found = weak_dhe(way.open, way.addresses[0], None)
    assert found is not None
    assert (found.kind, found.bits) == ("DHE", 512)


def test_nothing_of_a_handshake_stays() -> None:
    """No circle of objects: OpenSSL's memory, which Python does not count, goes at once."""
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA")
    gc.disable()
    try:
        with servers.openssl(made) as server, reach(target(server.url)) as stream:
            done = Handshake(stream)
            said, gone = done.said, weakref.ref(done)
            context = weakref.ref(done._tls.context)
            del done
            assert (gone(), context()) == (None, None)
            assert said.chain == made.chain
    finally:
        gc.enable()


def test_a_server_that_asks_for_another_hello() -> None:
    """HelloRetryRequest (RFC 8446 section 4.1.4): only the second answer counts."""
    made = setup("localhost", "Bench Inter", "Bench Root", kind="RSA", authorities=AUTHORITIES)
    with servers.openssl(made.but(client="optional", extra=("-groups", "P-384"))) as server:
        said = handshake(server, "https", TLS13)
        assert len(list(said.received(2))) == 2
        assert said.key_exchange is not None
        assert said.key_exchange.group == "secp384r1"
        assert [one.when for one in said.requests] == ["handshake"]
        assert said.chain == made.chain
        assert "Server Temp Key: ECDH, secp384r1, 384 bits" in s_client(server, "-tls1_3").text
        way = road(target(server.url), seconds=20)
        (offer,) = offers(way.open, way.addresses[0], None, versions=(TLS13,))
        assert offer.accepted
        assert offer.key_exchange == said.key_exchange
