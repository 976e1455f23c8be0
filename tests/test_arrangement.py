"""Chains as they are sent and as they should be; the gap, from a real server; and bad input."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import NetworkError, UsageError
from storekeeper.host.fetch import fetch
from storekeeper.model import Certificate
from storekeeper.trust.aia import MOST_FETCHES, complete_by_fetching
from storekeeper.trust.arrangement import Arrangement, arrange, leaf_of
from tests import forge
from tests.forge import key, make
from tests.verdict_cases import CA, EXPIRED, LEAF, MID, ROOT, SAN, leaf, mid, root

E, M, R = Certificate(leaf()), Certificate(mid()), Certificate(root())
CROSS = Certificate(make(ROOT, key("root"), "CN=Old", key("old"), *CA))
OLD = Certificate(root(subject="CN=Old", own=key("old")))
STRANGER = Certificate(root(subject="CN=Stranger", own=key("stranger")))
SIBLING = Certificate(leaf(subject="CN=other.example.net", own=key("sibling")))
BAD = Certificate(b"\x30\x03\x02\x01\x05")


def codes(picture: Arrangement, *, faults: bool = False) -> list[str]:
    return [one.code for one in picture.remarks if one.fault or not faults]


def test_as_it_should_be() -> None:
    picture = arrange([E, M], [R])
    assert (picture.leaf, picture.path, picture.order) == (E, (E, M, R), (E, M))
    assert picture.in_order
    assert picture.good
    assert picture.closed
    assert picture.anchored
    assert picture.missing is None
    assert picture.remarks == ()
    assert [one.role for one in picture.members] == ["leaf", "intermediate", "root"]
    assert [one.where for one in picture.members] == ["sent", "sent", "store"]
    assert [one.places for one in picture.members] == [(0,), (1,), ()]


def test_whatever_the_order() -> None:
    """Another server's certificate may come first, so only where ours does it is the leaf."""
    for sent in itertools.permutations([E, M, R, STRANGER, SIBLING]):
        picture = arrange(sent, [R])
        own, other = (E, SIBLING) if sent.index(E) < sent.index(SIBLING) else (SIBLING, E)
        assert picture.leaf == own
        assert picture.order == (own, M)
        assert not picture.good
        assert not picture.in_order
        found = codes(picture)
        assert {"root-sent", "second-leaf", "unrelated"} <= set(found)
        assert picture.remarks[found.index("second-leaf")].certificate == other
        disordered = sent[0] != own or sent.index(M) < sent.index(own)
        assert ("out-of-order" in found) == disordered


def test_a_root_that_is_sent_is_no_mistake() -> None:
    picture = arrange([E, M, R])
    assert codes(picture) == ["root-sent"]
    assert picture.good
    assert not picture.in_order
    assert picture.order == (E, M)
    assert picture.anchored is None


def test_what_comes_again() -> None:
    picture = arrange([E, M, E, M], [R])
    assert codes(picture) == ["duplicate", "duplicate"]
    assert picture.remarks[1].message == "certificate 2 comes again as 4"
    assert picture.order == (E, M)


def test_a_missing_intermediate() -> None:
    picture = arrange([E], [R])
    assert str(picture.missing) == "O=Example,CN=Issuing"
    assert codes(picture, faults=True) == ["missing"]
    assert not picture.anchored
    assert not picture.closed


def test_an_intermediate_that_only_the_store_has() -> None:
    picture = arrange([E], [M, R])
    assert picture.path == (E, M, R)
    assert picture.order == (E, M)
    assert codes(picture, faults=True) == ["missing"]
    assert "the store has it" in picture.remarks[0].message


def test_a_root_nobody_sent_is_missing_and_no_mistake() -> None:
    picture = arrange([E, M])
    assert codes(picture) == ["missing"]
    assert picture.good
    assert str(picture.missing) == "O=Example,CN=Root"


def test_an_unknown_root() -> None:
    picture = arrange([E, M, R], [STRANGER])
    assert not picture.anchored
    assert "unknown-root" in codes(picture)


def test_cross_signed() -> None:
    picture = arrange([E, M, CROSS], [R])
    assert picture.path == (E, M, R)
    assert picture.order == (E, M, CROSS)
    assert picture.in_order
    assert codes(picture) == ["cross-signed"]
    assert "CN=Old" in picture.remarks[0].message
    other = arrange([E, M, CROSS], [OLD])
    assert other.path == (E, M, CROSS, OLD)
    assert other.remarks == ()


def test_an_expired_cross_is_still_only_another_way() -> None:
    late = Certificate(make(ROOT, key("root"), "CN=Old", key("old"), *CA, **EXPIRED))
    assert codes(arrange([E, M, late], [R])) == ["cross-signed"]


def test_what_cannot_be_read() -> None:
    picture = arrange([E, BAD, M], [R])
    assert codes(picture) == ["unreadable"]
    assert picture.order == (E, M)
    alone = arrange([BAD], [R])
    assert alone.path == (BAD,)
    assert alone.missing is None


def test_a_name_that_cannot_be_read() -> None:
    """Its frame is a certificate's; the subject inside is no name."""
    odd = Certificate(make(der.sequence(der.null()), key("leaf"), MID, key("mid"), SAN))
    picture = arrange([odd, M], [R])
    assert picture.path == (odd, M, R)


def test_only_issuers() -> None:
    assert leaf_of([R, M]) == M
    assert arrange([M, R]).path == (M, R)


def test_a_chain_has_certificates() -> None:
    with pytest.raises(UsageError, match="no certificate"):
        arrange([])


def test_a_circle() -> None:
    a = Certificate(make("CN=A", key("A"), "CN=B", key("B"), *CA))
    b = Certificate(make("CN=B", key("B"), "CN=A", key("A"), *CA))
    below = Certificate(leaf(issuer="CN=A", signer=key("A")))
    picture = arrange([below, a, b], [R])
    assert picture.path == (below, a, b)
    assert picture.missing is None
    assert codes(picture) == ["loop"]


def test_a_hundred_certificates() -> None:
    chain, signer, above = [], key("root"), ROOT
    for number in range(110):
        own = key(f"long{number % 4}")
        chain.append(Certificate(make(f"CN=Long {number}", own, above, signer, *CA)))
        signer, above = own, f"CN=Long {number}"
    below = Certificate(leaf(issuer=above, signer=signer))
    picture = arrange([below, *reversed(chain)], [R])
    assert len(picture.path) == 100
    assert any("gave up after 100" in one.message for one in picture.remarks)


def crossed(count: int) -> list[Certificate]:
    """Four CAs that issue certificates to one another, over and over."""
    return [
        Certificate(
            make(f"CN=X{one}", key(f"X{one}"), f"CN=X{(one + 1) % 4}",
                 key(f"X{(one + 1) % 4}"), *CA, serial=serial)
        )
        for serial in range(1, count // 4 + 1) for one in range(4)
    ]  # fmt: skip


def test_a_thousand_crossed_certificates_take_linear_time() -> None:
    below = Certificate(leaf(issuer="CN=X0", signer=key("X0")))
    seconds = {}
    for count in (240, 960):
        sent = [below, *crossed(count)]
        started = time.process_time()
        picture = arrange(sent, [R])
        seconds[count] = time.process_time() - started
        assert len(picture.path) <= 100
        assert len(picture.members) == count + 1
    # Fourfold input; quadratic would be sixteenfold.
    assert seconds[960] < 10 * seconds[240] + 0.1


POOL = [E, M, R, CROSS, OLD, STRANGER, SIBLING, BAD]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(POOL), min_size=1, max_size=12),
    st.lists(st.sampled_from([R, OLD, STRANGER, BAD]), max_size=4),
)
def test_what_it_says_holds_of_itself(sent: list[Certificate], anchors: list[Certificate]) -> None:
    picture = arrange(sent, anchors)
    assert picture.path[0] == picture.leaf == picture.order[0]
    assert len(set(picture.order)) == len(picture.order)
    assert {one.certificate for one in picture.members} >= {*sent, *picture.path}
    # What should be sent is, once it is sent, as it should be.
    again = arrange(picture.order, anchors)
    assert again.order == picture.order
    assert again.in_order
    assert set(codes(again, faults=True)) <= {"missing", "unreadable"}
    if picture.in_order:
        assert set(codes(picture, faults=True)) <= {"missing", "unreadable"}


# -- fetching -----------------------------------------------------------------------------


@contextmanager
def served(pages: dict[str, bytes | str]) -> Iterator[str]:
    """A web server of these pages (text: a redirection); its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            self.send_response(404 if page is None else 302 if isinstance(page, str) else 200)
            if isinstance(page, str):
                self.send_header("Location", page)
            self.end_headers()
            if isinstance(page, bytes):
                self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def issuers_at(url: str) -> bytes:
    """Authority information access with a CA issuers address (RFC 5280 section 4.2.2.1)."""
    where = der.sequence(der.oid("1.3.6.1.5.5.7.48.2"), der.encode(0x86, url.encode()))
    return forge.extension("1.3.6.1.5.5.7.1.1", der.sequence(where))


def test_the_gap_is_filled_from_the_network() -> None:
    pages: dict[str, bytes | str] = {}
    with served(pages) as address:
        middle = Certificate(mid(extensions=(*CA, issuers_at(f"{address}/root.cer"))))
        below = Certificate(leaf(extensions=(SAN, issuers_at(f"{address}/moved"))))
        pages |= {"/moved": "/mid.cer", "/mid.cer": middle.der, "/root.cer": R.der}
        assert arrange([below]).locations == (f"{address}/moved",)
        picture, asked = complete_by_fetching([below])
    assert picture.path == (below, middle, R)
    assert picture.order == (below, middle)
    assert [one.certificates for one in asked] == [(middle,), (R,)]
    assert [one.where for one in picture.members] == ["sent", "elsewhere", "elsewhere"]
    assert not any(one.anchor for one in picture.members)


def test_what_is_fetched_and_did_not_sign_is_left_out() -> None:
    with served({"/mid.cer": STRANGER.der, "/none.cer": b"<html>no</html>"}) as address:
        for page, count in (("mid.cer", 1), ("none.cer", 0), ("nothing.cer", 0)):
            below = Certificate(leaf(extensions=(SAN, issuers_at(f"{address}/{page}"))))
            picture, asked = complete_by_fetching([below], [R])
            assert picture.path == (below,)
            assert len(asked) == 1
            assert len(asked[0].certificates) == count
            assert bool(asked[0].problem) == (count == 0)


def test_fetching_ends() -> None:
    """Each issuer names another: no more than so many are asked for."""
    below = Certificate(
        make(LEAF, key("leaf"), "CN=Step 0", key("step0"), SAN, issuers_at("http://a.invalid/0"))
    )

    def step(url: str) -> bytes:
        number = int(url.rpartition("/")[2])
        return make(
            f"CN=Step {number}", key(f"step{number % 2}"),
            f"CN=Step {number + 1}", key(f"step{(number + 1) % 2}"),
            *CA, issuers_at(f"http://a.invalid/{number + 1}"),
        )  # fmt: skip

    picture, asked = complete_by_fetching([below], fetch=step)
    assert len(asked) == MOST_FETCHES
    assert len(picture.path) == MOST_FETCHES + 1


def test_fetching_is_http_and_small() -> None:
    endless = b"x" * 5000
    with served({"/big": endless, "/file": "file:///etc/passwd", "/again": "/again"}) as address:
        assert fetch(f"{address}/big", most=5000) == endless
        with pytest.raises(NetworkError, match="expected at most 4999 bytes"):
            fetch(f"{address}/big", most=4999)
        for page in ("file", "again", "nothing"):
            with pytest.raises(NetworkError, match="can't fetch"):
                fetch(f"{address}/{page}")
    for odd in ("http://[bad/", "http:///x", "http://a b/", "http://\0/", "http://127.0.0.1:1/"):
        with pytest.raises(NetworkError):
            fetch(odd)
    for other in ("https://a.invalid/", "file:///etc/passwd", "ldap://a.invalid/", ""):
        with pytest.raises(UsageError, match="expected an http address"):
            fetch(other)


def test_a_server_that_dawdles_is_left() -> None:
    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            try:
                for _ in range(200):
                    self.wfile.write(b"x")
                    time.sleep(0.05)
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Slow)
    Thread(target=server.serve_forever, daemon=True).start()
    with pytest.raises(NetworkError, match="too long"):
        fetch(f"http://127.0.0.1:{server.server_port}/", seconds=0.3)
    server.shutdown()
    server.server_close()
