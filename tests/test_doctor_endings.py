"""How handshakes end, on captures: alerts by who sent them, and ends without an alert."""

from __future__ import annotations

import socket
import subprocess
import threading
from pathlib import Path

import pytest

from storekeeper.doctor import gathered, reading
from storekeeper.doctor.values import Diagnosis
from storekeeper.tls.evidence import read
from storekeeper.tls.evidence.values import AlertSeen, Chain, Place, Wanted, certified
from storekeeper.tls.messages import CertificateRequest
from storekeeper.tls.wire import Alert
from storekeeper.tls.words import ALERTS
from tests import captures, pki, servers
from tests.captures import Talk, frames, pcap, relay
from tests.doctoring import GONE, LONG, SAN, leaf, mid, root, served
from tests.forge import key, make
from tests.servers.bench import HOST, Setup

ALONE = make("CN=localhost", key("leaf"), "CN=localhost", key("leaf"), SAN, end=LONG)


def diagnosed(data: bytes) -> list[Diagnosis]:
    return list(reading.diagnose(gathered.gather(read(data, "x.pcap"))))


def refused_by_client(setup: Setup, folder: Path) -> bytes:
    """A capture of OpenSSL's client, which trusts the root and gives up at the first error."""
    (folder / "root.pem").write_bytes(pki.pem("CERTIFICATE", root()))
    made = setup.but(versions=("TLSv1.2", "TLSv1.2"))
    with servers.openssl(made) as running, relay(HOST, running.port) as (port, talks):
        subprocess.run(
            ["openssl", "s_client", "-connect", f"{HOST}:{port}", "-servername", "localhost",
             "-CAfile", str(folder / "root.pem"), "-verify_return_error"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        )  # fmt: skip
    return pcap(frames(talks[0]))


@pytest.mark.parametrize(
    ("chain", "code"),
    [
        ((leaf(end=LONG), mid(end=LONG)), ""),
        ((leaf(**GONE), mid()), "expired"),
        ((leaf(end=LONG),), "missing-intermediate"),
        ((ALONE,), "unknown-root"),
    ],
)
def test_a_client_that_refuses_the_server(
    chain: tuple[bytes, ...], code: str, tmp_path: Path
) -> None:
    """The alert of the client is in the clear, and says what it says; no store is needed."""
    found = diagnosed(refused_by_client(served(*chain), tmp_path))
    told = {one.code: one for one in found}
    if not code:
        assert not told
        return
    assert code in told
    assert any("the client sends alert" in proof for proof in told[code].proofs)
    assert all(proof.startswith("x.pcap, packet ") for one in found for proof in one.proofs)


def seen(number: int, by: str, *more: Wanted | Chain) -> list[str]:
    alert = AlertSeen(Place("x", 1), by, Alert(2, number))
    return [one.code for one in reading.diagnose(gathered.gather([*more, alert]))]


ASKED = Wanted(Place("x", 1), CertificateRequest("TLSv1.2"))
SENT = Chain(Place("x", 1), "server", (certified(root()),))


@pytest.mark.parametrize("number", ALERTS)
def test_no_alert_that_ends_a_handshake_goes_unsaid(number: int) -> None:
    normal = number in (0, 90, 100)
    for by in ("client", "server", ""):
        for more in ((), (ASKED,), (SENT,)):
            found = seen(number, by, *more)
            assert bool(found) is not normal, (by, more)
            assert len(found) <= 1


def test_who_sends_it_makes_the_difference() -> None:
    assert seen(48, "client") == ["unknown-root"]
    assert seen(48, "server") == ["client-certificate-refused"]
    assert seen(40, "server") == ["handshake-refused"]
    assert seen(40, "server", ASKED) == ["client-certificate-refused"]
    assert seen(40, "client") == ["client-gave-up"]
    assert seen(46, "") == ["certificate-refused"]
    assert seen(46, "", ASKED) == ["client-certificate-refused"]
    assert seen(112, "server") == ["sni-needed"]
    assert seen(70, "client") == ["protocol-too-old"]
    assert seen(10, "server") == ["handshake-refused"]


def hello() -> tuple[bool, bytes]:
    """A real ClientHello."""
    with socket.create_server((HOST, 0)) as listening:
        got: list[bytes] = []

        def take() -> None:
            with listening.accept()[0] as one:
                got.append(one.recv(65_536))

        thread = threading.Thread(target=take)
        thread.start()
        subprocess.run(
            ["openssl", "s_client", "-connect", f"{HOST}:{listening.getsockname()[1]}"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        )  # fmt: skip
        thread.join(20)
    return True, got[0]


def test_ends_without_an_alert() -> None:
    """Plain HTTP on the port, no answer, nobody there: each with its packet."""
    first = hello()
    plain = Talk([first, (False, b"HTTP/1.1 400 Bad Request\r\n\r\n")])
    (one,) = diagnosed(pcap(frames(plain)))
    assert one.code == "not-tls"
    assert "'HTTP/1.1 400 Bad Request'" in one.proofs[0]
    (one,) = diagnosed(pcap(frames(Talk([first]), end=captures.RST)))
    assert one.code == "unreachable"
    assert one.proofs[0].startswith("x.pcap, packet ")
    syn, *_ = frames(Talk([first]))
    back = refusal(syn)
    (one,) = diagnosed(pcap([syn, back]))
    assert one.code == "unreachable"
    assert one.proofs == (
        "x.pcap, packet 2: the server refuses the connection: no program listens on that port",
    )


def refusal(syn: bytes) -> bytes:
    """A reset in answer to a packet that opens a connection."""
    sent = int.from_bytes(syn[38:42], "big")
    back = bytearray(syn)
    back[0:6], back[6:12] = syn[6:12], syn[0:6]
    back[26:30], back[30:34] = syn[30:34], syn[26:30]
    back[34:36], back[36:38] = syn[36:38], syn[34:36]
    back[38:42], back[42:46] = bytes(4), (sent + 1).to_bytes(4, "big")
    back[47] = captures.RST | captures.ACK
    return bytes(back)


def test_a_server_that_resets_or_hangs_up() -> None:
    first = hello()
    packets = frames(Talk([first]))
    syn, answer = packets[0], packets[1]
    for flag, words in ((captures.RST, "resets"), (captures.FIN, "ends")):
        end = bytearray(answer)
        after = (int.from_bytes(answer[38:42], "big") + 1).to_bytes(4, "big")
        end[38:42], end[47] = after, flag | captures.ACK
        (one,) = diagnosed(pcap([syn, answer, *packets[2:4], bytes(end)]))
        assert one.code == "handshake-refused", words
        assert f"the server {words} the connection after the ClientHello" in one.proofs[0]
