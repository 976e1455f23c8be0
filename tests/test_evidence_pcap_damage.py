"""Captures that are not whole: cut, lost, out of order, or stopped too early; and bounds."""

from __future__ import annotations

import random
import re

import pytest

from storekeeper.tls.evidence import pcap
from storekeeper.tls.evidence.values import AlertSeen, Chain, Handshake, Negotiated, Wanted
from tests import captures
from tests.captures import Talk, frames
from tests.evidence import notes as _notes
from tests.evidence import one as _one
from tests.recorded import read, talk_of


def test_segments_in_any_order_twice_and_of_any_size() -> None:
    talk, _ = talk_of("TLSv1.2")
    expected = _one(read(captures.pcap(frames(talk))), Chain).certificates
    chance = random.Random(6)
    for size in (1, 7, 100, 536, 9_000):
        packets = frames(talk, size=size)
        assert _one(read(captures.pcap(packets)), Chain).certificates == expected
        mixed = packets[3:-2]
        mixed += chance.sample(mixed, len(mixed) // 3)
        chance.shuffle(mixed)
        found = read(captures.pcap([*packets[:3], *mixed, *packets[-2:]]))
        assert _one(found, Chain).certificates == expected
        assert len(_one(found, Wanted).names) == 2
        assert _one(found, AlertSeen).alert.description == 40


def test_a_lost_packet_costs_its_record_alone() -> None:
    talk, _ = talk_of("TLSv1.2")
    packets = frames(talk, size=300)
    whole = _one(read(captures.pcap(packets)), Chain)
    assert whole.place.packet > 5
    without = packets[: whole.place.packet - 2] + packets[whole.place.packet - 1 :]
    found = read(captures.pcap(without))
    assert not any(isinstance(one, Chain) for one in found)
    assert any(re.fullmatch(r"300 bytes of the server are missing in the capture", one)
               for one in _notes(found))  # fmt: skip
    assert _one(found, AlertSeen).alert.description == 40
    assert _one(found, Negotiated).protocol == "TLSv1.2"


def test_packets_that_were_cut_when_captured() -> None:
    talk, _ = talk_of("TLSv1.2")
    found = read(captures.pcap(frames(talk), snap=160))
    assert not any(isinstance(one, Chain) for one in found)
    assert any("missing in the capture" in one for one in _notes(found))
    assert _one(found, AlertSeen).alert.description == 40


def test_a_cut_file_gives_what_is_there() -> None:
    talk, _ = talk_of("TLSv1.2")
    packets = frames(talk)
    for made in (captures.pcap(packets), captures.pcapng(packets)):
        sizes = [len(read(made[:length])) for length in range(0, len(made), 97)]
        assert max(sizes) > 6
        cut = read(made[:-3])
        assert any("cut" in one for one in _notes(cut))
        assert any(isinstance(one, Chain) for one in cut)
    assert _notes(read(made[:2])) == [
        "this is no capture",
        "no TLS handshake was found in 0 TCP connections",
    ]


def test_capture_that_begins_in_the_middle() -> None:
    talk, _ = talk_of("TLSv1.2")
    packets = frames(talk)[4:]
    found = read(captures.pcap(packets))
    assert _one(found, Chain).by == "server"
    assert _one(found, AlertSeen).by == "server"
    assert "the capture begins in the middle of the connection" in _notes(found)


def test_a_capture_that_was_stopped_early() -> None:
    packets = frames(talk_of("TLSv1.2")[0], size=300)
    whole = _one(read(captures.pcap(packets)), Chain).place.packet
    found = read(captures.pcap(packets[: whole - 1]))
    assert _notes(found) == ["the capture ends in the middle of what the server says"]
    assert _one(found, Negotiated).protocol == "TLSv1.2"


def test_many_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pcap, "MOST_CONNECTIONS", 4)
    talk, _ = talk_of("TLSv1.2")
    empty = Talk([(True, b"GET / HTTP/1.0\r\n\r\n")])
    plain = [frames(empty, client=("192.0.2.77", 1_000 + number)) for number in range(9)]
    secure = [frames(talk, client=("192.0.2.78", 1_000 + number)) for number in range(6)]
    found = read(captures.pcap([one for made in (*plain, *secure) for one in made]))
    assert len([one for one in found if isinstance(one, Handshake)]) == 4
    assert any("2 connections more" in one for one in _notes(found))


def test_fragments_and_unknown_links_are_counted() -> None:
    talk, _ = talk_of("TLSv1.2")
    piece = captures.ip4("192.0.2.1", "192.0.2.2", b"x" * 40, fragment=0x2000)
    packets = [*frames(talk), b"\1" * 12 + b"\x08\0" + piece]
    assert _notes(read(captures.pcap(packets))) == [
        "1 packets are fragments of IP packets, which are not put together"
    ]
    made = captures.pcap(packets)
    odd = made[:20] + (147).to_bytes(4, "little") + made[24:]
    assert any("link-layer type 147" in one for one in _notes(read(odd)))
