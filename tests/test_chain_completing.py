"""Chains completed from what is at hand, and what that costs."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from storekeeper import der
from storekeeper.model import Certificate
from storekeeper.trust.chain import complete, issuance
from storekeeper.x509 import facts
from tests import pki
from tests.chain_samples import LEAF, MIDDLE, ROOT, made, unverifiable

# --- completing --------------------------------------------------------------------------


def test_a_reply_in_any_order_closes_with_what_is_trusted() -> None:
    for reply in itertools.permutations((MIDDLE, LEAF, made("Other"))):
        done = complete(LEAF, reply, [made("Unrelated"), ROOT])
        assert done.chain == (LEAF, MIDDLE, ROOT)
        assert done.closed
        assert done.anchored
        assert done.missing is None
        assert done.origins == ("own", "candidates", "anchors")
        assert done.from_candidates == (MIDDLE,)
        assert done.from_anchors == (ROOT,)
        assert set(done.unused) == {made("Other")}
        assert done.doubts == ()


def test_a_chain_that_does_not_close_says_who_is_missing() -> None:
    done = complete(LEAF, [MIDDLE], [made("Unrelated")])
    assert (done.chain, done.closed, done.anchored) == ((LEAF, MIDDLE), False, False)
    assert str(done.missing) == "CN=Root"
    done = complete(LEAF, [], [])
    assert (done.chain, str(done.missing)) == ((LEAF,), "CN=Middle")


def test_where_a_chain_may_end() -> None:
    # At a root nobody trusts: closed, and not anchored.
    done = complete(LEAF, [ROOT, MIDDLE], [])
    assert (done.closed, done.anchored, done.chain) == (True, False, (LEAF, MIDDLE, ROOT))
    assert done.rooted
    # At an anchor that is no root.
    done = complete(LEAF, [], [MIDDLE])
    assert (done.closed, done.anchored, done.chain) == (True, True, (LEAF, MIDDLE))
    assert not done.rooted
    assert done.missing is None
    # Trust in the leaf itself is no end of its chain.
    done = complete(LEAF, [MIDDLE], [LEAF])
    assert (done.closed, done.anchored, done.chain) == (False, True, (LEAF, MIDDLE))
    assert not complete(LEAF, [], [LEAF]).closed
    # A root known to both came with the reply.
    assert complete(LEAF, [ROOT, MIDDLE], [ROOT]).origins == ("own", "candidates", "candidates")
    # The leaf itself is trusted, and self-signed.
    lonely = made("lonely", ca=False)
    assert complete(lonely, [], []).closed
    assert complete(lonely, [], [lonely]).anchored


def test_the_root_that_is_trusted_is_preferred() -> None:
    new, cross = made("New", until=2090), made("New", "Old", until=2060)
    old, child = made("Old", until=2030), made("crossed", "New", ca=False)
    for reply in itertools.permutations((new, cross, old)):
        assert complete(child, reply, []).chain == (child, new)
        assert complete(child, reply, [new]).chain == (child, new)
        assert complete(child, reply, [old]).chain == (child, cross, old)


def test_a_member_that_can_not_be_verified_is_told() -> None:
    vague = unverifiable(MIDDLE)
    done = complete(LEAF, [vague], [ROOT])
    assert done.chain == (LEAF, vague, ROOT)
    assert len(done.doubts) == 1


# --- cost --------------------------------------------------------------------------------


def many(count: int, shared: str = "") -> list[Certificate]:
    """As many CAs: each signed by itself, or of one name, or of one name with one key."""
    found = []
    parts = der.read(facts(made("many")).tbs).items("tbs", at_least=7)
    algorithm = facts(made("many")).signature[0]
    private = pki.key("many")
    assert isinstance(private, ec.EllipticCurvePrivateKey)

    def name(text: str) -> bytes:
        value = der.encode(der.UTF8_STRING, text.encode())
        return der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"), value)))

    for number in range(count):
        serial = der.integer(number + 1)
        subject = issuer = name("localhost" if shared else f"CA {number}")
        spki = parts[6].raw
        if shared == "name":  # points of no curve: whatever is tried, nothing can be told
            spki = spki[:-64] + number.to_bytes(32, "big") + bytes(32)
        elif shared == "key":  # half of them issued the other half, and nobody issued those
            issuer = name("nobody")
            subject, issuer = (subject, issuer) if number % 2 else (name(f"{number}"), subject)
        rest = (part.raw for part in parts[7:])
        body = (parts[0].raw, serial, algorithm, issuer, parts[4].raw, subject, spki, *rest)
        tbs = der.sequence(*body)
        signature = b"none" if shared == "name" else private.sign(tbs, ec.ECDSA(SHA256()))
        found.append(Certificate(der.sequence(tbs, algorithm, der.bit_string(signature))))
    return found


def asked(certificates: list[Certificate]) -> float:
    start = time.process_time()
    found = issuance(certificates)
    assert len(found.leaves) + len(found.intermediates) + len(found.roots) == len(certificates)
    assert not found.is_chain
    assert all(found.path(one)[0] == one for one in certificates)
    return time.process_time() - start


@pytest.mark.parametrize(
    ("shared", "count"),
    [
        ("", 2_000),
        pytest.param("", 10_000, marks=pytest.mark.slow),
        ("name", 2_000),
        ("key", 2_000),
    ],
)
def test_ten_times_as_many_take_ten_times_as_long(shared: str, count: int) -> None:
    certificates = many(count, shared)

    def fresh(size: int) -> list[Certificate]:
        return [Certificate(one.der) for one in certificates[:size]]

    tenth = min(asked(fresh(count // 10)) for _ in range(3))
    # A hundred times it would be if each looked at each; the machine may be busy.
    assert min(asked(fresh(count)) for _ in range(2)) < 30 * tenth


def test_cryptography_is_imported_when_a_name_fits_and_not_before() -> None:
    program = (
        "import sys\n"
        "from storekeeper.model import Certificate\n"
        "from storekeeper.trust.chain import complete, issuance\n"
        "found = issuance(Certificate(bytes.fromhex(one)) for one in sys.argv[1:])\n"
        "print(len(found.leaves), found.is_chain, 'cryptography' in sys.modules)\n"
    )

    def said(*certificates: Certificate) -> str:
        command = [sys.executable, "-c", program, *(one.der.hex() for one in certificates)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert said(LEAF, made("child", "lonely", ca=False)) == "2 False False"
    assert said(LEAF, MIDDLE) == "1 True True"
