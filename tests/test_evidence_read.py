"""Files of any kind and mixture, the excerpts of articles, and files that are broken on purpose."""

from __future__ import annotations

import functools
import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper.tls import evidence
from storekeeper.tls.evidence import text as texts
from storekeeper.tls.evidence.values import (
    AlertSeen,
    Chain,
    ClientIdentity,
    Evidence,
    Failure,
    Handshake,
    Host,
    Listed,
    Negotiated,
    Offered,
    Place,
    Program,
    Wanted,
)
from tests import captures, mutations, pki
from tests.captures import frames
from tests.evidence import every, notes, one
from tests.recorded import talk_of
from tests.test_evidence_apigee import LEAF
from tests.test_evidence_debug_log_8 import LOG, TRUSTED
from tests.test_evidence_iaik_log import NO_CERTIFICATE, PROTOCOL

CERTIFICATES = (pki.certificate("leaf", "Inter"), pki.certificate("Inter", "Root", ca=True))
PEM = "".join(pki.pem("CERTIFICATE", der).decode() for der in CERTIFICATES)
S_CLIENT = """\
CONNECTED(00000003)
---
Certificate chain
 0 s:CN = leaf
   i:CN = Inter
---
Acceptable client certificate CA names
CN = Root
Requested Signature Algorithms: ECDSA+SHA256
---
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
Verify return code: 20 (unable to get local issuer certificate)
"""
TRACE = """\
javax.net.ssl.SSLHandshakeException: PKIX path building failed
\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)
Caused by: sun.security.validator.ValidatorException: PKIX path building failed
\t... 12 more
"""


def _read(text: str) -> tuple[Evidence, ...]:
    return evidence.read(text.encode(), "ticket.txt")


def test_a_ticket_with_everything() -> None:
    parts = ["Hello,\nwe see this:\n", TRACE, "\nand the log\n", LOG, TRUSTED, "\nOpenSSL says\n",
             S_CLIENT, "\nour certificate:\n", PEM, json.dumps(LEAF), "\n", PROTOCOL]  # fmt: skip
    ticket = "".join(parts)
    found = _read(ticket)
    assert [each.place.line for each in found] == sorted(each.place.line for each in found)
    assert {each.place.file for each in found} == {"ticket.txt"}
    sent, printed, ours = every(found, Chain)
    assert [len(each.certificates) for each in (sent, printed, ours)] == [2, 1, 2]
    assert [each.by for each in (sent, printed, ours)] == ["server", "server", ""]
    assert [each.der for each in ours.certificates] == list(CERTIFICATES)
    assert len(every(found, Wanted)) == 2
    assert [each.kind.rpartition(".")[2] for each in every(found, Failure)] == [
        "SSLHandshakeException", "SSLHandshakeException", "SSLException"]  # fmt: skip
    assert {each.alias for each in every(found, Listed)} == {"mykey", LEAF["certName"]}
    for each in every(found, Failure)[:2]:
        assert ticket.splitlines()[each.place.line - 1].count(each.message)


def test_the_parts_alone_tell_the_same() -> None:
    together = _read(LOG + TRUSTED + PROTOCOL + NO_CERTIFICATE)
    alone = [
        *_read(LOG + TRUSTED),
        *_read(PROTOCOL),
        *_read(NO_CERTIFICATE),
    ]
    assert [type(each) for each in together] == [type(each) for each in alone]


def test_certificates_that_stand_apart_are_chains_of_their_own() -> None:
    first, second = every(_read(PEM + "\n" * 40 + PEM), Chain)
    assert first.certificates == second.certificates
    quoted = "\n".join("> " + line for line in PEM.splitlines())
    assert one(_read(quoted), Chain).certificates == first.certificates
    broken = PEM.replace("-----END CERTIFICATE-----", "", 1)
    found = _read(broken)
    assert [each.der for each in one(found, Chain).certificates] == [CERTIFICATES[1]]
    assert notes(found) == ["the certificate in PEM is cut or damaged"]


def test_other_encodings() -> None:
    expected = _read(LOG + TRACE)
    for data in (
        (LOG + TRACE).encode("utf-16"),
        b"\xef\xbb\xbf" + (LOG + TRACE).encode(),
        (LOG + TRACE).replace("\n", "\r\n").encode(),
        (LOG + TRACE).encode("utf-16-le"),
    ):
        assert evidence.read(data, "ticket.txt") == expected
    latin = "Größe: ä\n".encode("latin-1") + TRACE.encode()
    assert one(evidence.read(latin, "x"), Failure).place == Place("x", 2)


def test_files_of_other_kinds() -> None:
    assert notes(evidence.read(b"", "x")) == ["nothing that is known was found in this file"]
    assert notes(_read("just words\n")) == ["nothing that is known was found in this file"]
    assert "gzip" in notes(evidence.read(b"\x1f\x8b\x08\0", "x"))[0]
    assert "zip" in notes(evidence.read(b"PK\x03\x04", "x"))[0]
    der = one(evidence.read(CERTIFICATES[0], "leaf.cer"), Chain)
    assert [each.der for each in der.certificates] == [CERTIFICATES[0]]
    captured = evidence.read(captures.pcap(frames(talk_of("TLSv1.2")[0])), "c")
    assert one(captured, Handshake).place.packet == 4


def test_what_is_said_again_is_told_once() -> None:
    found = _read(TRACE * 50)
    assert len(every(found, Failure)) == 1
    assert one(found, Failure).place.line == 1


def test_long_files_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_BYTES", len(TRACE) * 2)
    found = _read(TRACE * 3)
    assert any("bytes were read" in each for each in notes(found))
    monkeypatch.setattr(evidence, "MOST", 3)
    assert len(_read(LOG)) == 4


# --- what the articles print -------------------------------------------------------------


def test_a_packet_capture_in_words() -> None:
    found = _read(
        "TLSv1 Record Layer: Handshake Protocol: Client Hello\n"
        " - Handshake Protocol: Client Hello\n - Version: TLS 1.0 (0x0301)\n"
        " - Cipher Suite: TLS_RSA_WITH_AES_256_CBC_SHA (0x0035)\n"
        " - Cipher Suite: TLS_DHE_RSA_WITH_AES_256_CBC_SHA (0x0039)\n"
        " - Cipher Suite: TLS_EMPTY_RENEGOTIATION_INFO_SCSV (0x00ff)\n"
        " - Handshake Protocol: Server Hello\n - Version: TLS 1.0 (0x0301)\n"
        " - Cipher Suite: TLS_DHE_RSA_WITH_AES_256_CBC_SHA (0x0039)\n"
        "TLSv1 Record Layer: Alert (Level: Fatal, Description: Internal Error)\n"
        'java version "1.7.0_181"\n'
        "TLSv1.2 Record Layer: Alert (Level: Fatal, Description: Certificate Unknown)\n"
    )
    offered = one(found, Offered)
    assert offered.protocols == ("TLSv1",)
    assert offered.ciphers == ("TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_DHE_RSA_WITH_AES_256_CBC_SHA")
    assert one(found, Negotiated).cipher == "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"
    assert [each.alert.description for each in every(found, AlertSeen)] == [80, 46]
    assert one(found, Program).version == "1.7.0_181"


def test_analyze_ssl() -> None:
    found = _read(
        "* maximum SSL version  : TLSv1_2 (SSLv23)\n* chain on 192.0.2.1\n"
        "  * [0/0] bits=2048, ocsp_uri=http://o.example, /C=US/O=xMatters, inc./CN=* SAN=DNS:*,\n"
        "  * [1/1] bits=2048, ocsp_uri=, /C=US/O=DigiCert Inc/CN=DigiCert SHA2 Secure Server CA\n"
        "  * [-/2] bits=2048, ocsp_uri=, /C=US/O=DigiCert Inc/CN=DigiCert Global Root CA\n"
    )
    chain = one(found, Chain).certificates
    assert len(chain) == 2
    assert chain[1].subject == "CN=DigiCert SHA2 Secure Server CA,O=DigiCert Inc,C=US"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[INFO]  The error is: PKIX path validation failed: timestamp check failed.",
         "PKIX path validation failed: timestamp check failed."),
        ("[SEVERE] DHPublicKey does not comply to algorithm constraints. ",
         "DHPublicKey does not comply to algorithm constraints"),
        ('then the connection will fail with " No subject alternative names present".',
         "No subject alternative names present"),
        (('"There were issues rendering this gadget. javax.net.ssl.SSLPeerUnverifiedException: '
         'peer not authenticated"'), "peer not authenticated"),
        ("java.security.cert.CertificateException: No name matching moodle.example found",
         "No name matching moodle.example found"),
        ("schannel: verifyhost setting prevents Schannel from comparing the supplied target name",
         "schannel: verifyhost setting prevents Schannel from comparing the supplied target name"),
        (("2017-10-23 05:28:57,813 org:o ERROR HTTP.CLIENT - HTTPClient$Context.handshakeFailed() :"
         " SSLClientChannel[C:h:1 # Remote host:h:2 #]@65461 age=529ms handshake failed, message:"
         " Received fatal alert: bad_certificate"), "Received fatal alert: bad_certificate"),
    ],
)  # fmt: skip
def test_a_message_in_a_line_of_its_program(line: str, message: str) -> None:
    assert one(_read(line + "\n"), Failure).message == message


# --- broken on purpose -------------------------------------------------------------------

_MUTATORS = mutations._PLAIN


@functools.cache
def _seeds() -> dict[str, list[bytes]]:
    from tests import java_debug

    debug = java_debug.client("17.0.9.2", "all", "TLSv1.3").text
    packets = [frames(talk_of(version)[0], size=size) for version, size in
               (("TLSv1.2", 1400), ("TLSv1.2", 90), ("TLSv1.3", 500))]  # fmt: skip
    return {
        "pcap": [captures.pcap(one) for one in packets],
        "pcapng": [captures.pcapng(one) for one in packets],
        "debug": [debug],
        "text": [
            (LOG + TRUSTED).encode(),
            (PROTOCOL + NO_CERTIFICATE).encode(),
            (S_CLIENT + PEM).encode(),
            json.dumps(LEAF).encode(),
            TRACE.encode(),
        ],
    }


def _mutated(kind: str, seed: int) -> bytes:
    chance = Random(f"{kind} {seed}")
    data = chance.choice(_seeds()[kind])
    for _ in range(chance.choice((1, 1, 2, 5))):
        if data:
            data = chance.choice(_MUTATORS)(data, chance)
    return data


@pytest.mark.parametrize("kind", ["pcap", "pcapng", "debug", "text"])
@pytest.mark.parametrize(
    "count", [pytest.param(60, id="few"), pytest.param(3_000, id="many", marks=pytest.mark.slow)]
)
def test_broken_files_are_read_as_far_as_they_go(kind: str, count: int) -> None:
    import time

    for seed in range(count):
        data = _mutated(kind, seed)
        started = time.process_time()
        found = evidence.read(data, "x")
        assert time.process_time() - started < 5, seed
        assert found
        assert {each.place.file for each in found} == {"x"}
        for each in every(found, Handshake):
            assert len(each.seen) == len(each.places)
            each.transcript.tickets  # noqa: B018
        repr(found)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for begin in (b"", b"\xd4\xc3\xb2\xa1\2\0\4\0" + b"\0" * 12 + b"\1\0\0\0",
                  b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a", b"\x30\x82"):  # fmt: skip
        assert evidence.read(begin + data, "x")


_WORDS = st.sampled_from(
    [*LOG.splitlines(True), *TRUSTED.splitlines(True), *S_CLIENT.splitlines(True),
     *TRACE.splitlines(True), *PROTOCOL.splitlines(True), *PEM.splitlines(True)[:4],
     '{"certInfo": [', "Alias name: a\n", "Owner: CN=a\n", "Issuer: CN=b\n", "Certificate[1]:\n",
     ("javax.net.ssl|DEBUG|01|main|2026-01-01 00:00:00.000 UTC|a|Produced ClientHello handshake "
     "message (\n"), ")\n", "* Server certificate:\n", "*  subject: CN=a\n"],
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(_WORDS, max_size=30))
def test_any_lines_in_any_order(lines: list[str]) -> None:
    data = "".join(lines)
    found = _read(data)
    assert found
    total = data.count("\n") + 1
    assert all(0 <= each.place.line <= total for each in found)


def test_ten_thousand_names_and_hosts() -> None:
    names = "\n".join(f"CN = CA {number}, O = x" for number in range(10_000))
    found = _read(f"CONNECTED(3)\nAcceptable client certificate CA names\n{names}\n---\n")
    assert len(one(found, Wanted).names) == 10_000
    many = "".join(f"No name matching h{number}.example found\n" for number in range(2_000))
    assert len(every(_read(many), Host)) == 2_000
    assert every(_read("ssl_debug(1): x\n" * 10_000), ClientIdentity) == []
