"""Who issued whom: judged by cryptography, OpenSSL and keytool, whatever the order."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.model import Certificate
from storekeeper.trust import paths
from storekeeper.trust.chain import complete, issuance, matches_key
from storekeeper.trust.issuance import MOST_KEYS
from storekeeper.x509 import facts
from tests import pki
from tests.chain_samples import LEAF, MIDDLE, ROOT, made, really_signed, until, unverifiable


@pytest.mark.parametrize("order", list(itertools.permutations((LEAF, MIDDLE, ROOT))))
def test_roles_do_not_depend_on_order(order: tuple[Certificate, ...]) -> None:
    found = issuance(order)
    assert found.certificates == order
    assert (found.leaves, found.intermediates, found.roots) == ((LEAF,), (MIDDLE,), (ROOT,))
    assert found.path(LEAF) == (LEAF, MIDDLE, ROOT)
    assert found.issuers_of(LEAF) == (MIDDLE,)
    assert found.issuers_of(ROOT) == (ROOT,)
    assert found.missing_issuer(LEAF) is None
    assert found.is_chain
    assert found.unverified == ()


def test_one_given_twice_counts_once() -> None:
    assert issuance([LEAF, ROOT, Certificate(LEAF.der)]).certificates == (LEAF, ROOT)


def test_a_missing_issuer_is_named() -> None:
    found = issuance([LEAF, MIDDLE])
    assert found.path(LEAF) == (LEAF, MIDDLE)
    assert str(found.missing_issuer(LEAF)) == "CN=Root"
    assert found.is_chain
    found = issuance([LEAF, ROOT])
    assert found.path(LEAF) == (LEAF,)
    assert str(found.missing_issuer(LEAF)) == "CN=Middle"
    assert not found.is_chain


def test_self_signed_certificates_and_what_makes_them_roots() -> None:
    lonely = made("lonely", ca=False)
    found = issuance([lonely])
    assert found.role(lonely) == "leaf"
    assert found.is_self_signed(lonely)
    assert found.path(lonely) == (lonely,)
    assert found.missing_issuer(lonely) is None
    assert not found.is_chain
    # Renewed with the same key: its key signed the other, and neither is an issuer.
    renewed = made("lonely", ca=False, until=2050)
    assert issuance([lonely, renewed]).leaves == (lonely, renewed)
    assert set(issuance([lonely, renewed]).issuers_of(lonely)) == {lonely, renewed}
    assert issuance([lonely, renewed]).path(lonely) == (lonely,)
    # It signed another: a root, whatever it says of itself.
    child = made("child", "lonely", ca=False)
    assert issuance([child, lonely]).role(lonely) == "root"
    # The same for an intermediate.
    middle = made("odd middle", "lonely", ca=False)
    last = made("last", "odd middle", ca=False)
    assert issuance([last, middle]).role(middle) == "intermediate"
    assert issuance([middle]).role(middle) == "leaf"


def test_a_request_answered_beside_its_self_signed_draft() -> None:
    draft = made("leaf", ca=False)  # the same name and key, as keytool makes it first
    found = issuance([draft, LEAF, MIDDLE])
    assert found.leaves == (draft, LEAF)
    assert found.path(LEAF) == (LEAF, MIDDLE)


def test_bundles_are_no_chains() -> None:
    other = made("Other")
    assert not issuance([ROOT, other]).is_chain
    assert not issuance([LEAF, MIDDLE, other]).is_chain
    assert not issuance([MIDDLE, ROOT]).is_chain
    assert not issuance([LEAF]).is_chain
    assert not issuance([]).is_chain
    second = made("second", "Other", ca=False)
    assert issuance([other, LEAF, second, MIDDLE]).is_chain


def test_two_roots_of_one_name_and_only_one_signed() -> None:
    old, new = made("Twin", key="old"), made("Twin", key="new")
    child = made("of twin", "Twin", signer="old", ca=False)
    for order in itertools.permutations((old, new, child)):
        found = issuance(order)
        assert found.issuers_of(child) == (old,)
        assert found.path(child) == (child, old)
        assert found.issuers_of(new) == (new,)
        assert not found.is_chain
    assert issuance([new, child]).issuers_of(child) == ()
    assert str(issuance([new, child]).missing_issuer(child)) == "CN=Twin"


def test_an_impostor_that_names_itself_its_issuer() -> None:
    impostor = made("Root", "Root", key="impostor", signer="Root")
    found = issuance([impostor, ROOT])
    assert not found.is_self_signed(impostor)
    assert found.role(impostor) == "intermediate"
    assert found.path(impostor) == (impostor, ROOT)
    alone = issuance([impostor])
    assert alone.issuers_of(impostor) == ()
    assert str(alone.missing_issuer(impostor)) == "CN=Root"


def test_a_key_identifier_is_a_hint_only() -> None:
    signer = made("Hinted", key="k1", ids=True)
    other = made("Hinted", key="k2", ids=True)
    # Its authority key identifier is that of k2's certificate, its signature is k1's.
    child = made("hint", "Hinted", signer="k2", ca=False, ids=True)
    honest = made("hint", "Hinted", signer="k1", ca=False, ids=True)
    parts = der.read(honest.der).items("certificate", at_least=3)
    assert issuance([signer, other, honest]).issuers_of(honest) == (signer,)
    assert issuance([signer, other, child]).issuers_of(child) == (other,)
    unsigned = Certificate(
        der.sequence(*(p.raw for p in der.read(child.der).items("", 3)[:2]), parts[2].raw)
    )
    assert issuance([signer, other, unsigned]).issuers_of(unsigned) == ()


def test_more_keys_of_one_name_than_are_tried() -> None:
    count = 3 * MOST_KEYS
    lonely = [made("localhost", key=f"l{number}") for number in range(count)]
    found = issuance(lonely)
    assert found.roots == tuple(lonely)
    assert all(found.issuers_of(one) == (one,) for one in lonely)
    named = [made("localhost", key=f"l{number}", ids=True) for number in range(count)]
    children = [
        made(f"of {number}", "localhost", signer=f"l{number}", ca=False, ids=True)
        for number in range(count)
    ]
    found = issuance([*named, *children])
    for child, issuer in zip(children, named, strict=True):
        assert found.issuers_of(child) == (issuer,)


def test_names_that_java_takes_for_one() -> None:
    issuer = made("Some  CA", printable=True)
    child = made("of some", "some ca", signer="Some  CA", ca=False)
    found = issuance([child, issuer])
    assert found.path(child) == (child, issuer)
    twin = made("SOME CA", key="Some  CA", until=2050)
    assert set(issuance([child, issuer, twin]).issuers_of(child)) == {issuer, twin}
    assert issuance([child, issuer, twin]).path(child) == (child, twin)


# --- which of several paths --------------------------------------------------------------


def test_cross_signed_roots() -> None:
    new = made("New")
    cross = made("New", "Old", until=2060)
    child = made("crossed", "New", ca=False)
    old = made("Old", until=2030)
    # Both certificates of New signed the child; only one closes.
    for order in itertools.permutations((child, cross, new)):
        assert set(issuance(order).issuers_of(child)) == {new, cross}
        assert issuance(order).path(child) == (child, new)
        assert issuance(order).is_chain
    # Both close: the one that is valid longest as a whole.
    assert issuance([child, cross, old, new]).path(child) == (child, new)
    lasting = made("Old", until=2080)
    assert issuance([child, new, cross, lasting]).path(child) == (child, cross, lasting)
    # The root that lasts longest is no use behind an issuer that does not.
    short = made("New", "Old", until=2040)
    assert issuance([child, new, short, lasting]).path(child) == (child, new)
    # Neither closes.
    assert issuance([child, cross]).path(child) == (child, cross)


def test_loops_end() -> None:
    a, b = made("A", "B"), made("B", "A")
    child = made("looped", "A", ca=False)
    found = issuance([a, b, child])
    assert found.path(child) == (child, a, b)
    assert str(found.missing_issuer(child)) == "CN=A"
    assert found.path(a) == (a, b)
    assert found.is_chain
    assert found.roots == ()
    # One way out of the loop.
    out = made("B")
    assert issuance([a, b, child, out]).path(child) == (child, a, out)


def test_a_path_has_a_limit() -> None:
    names = [f"level {number}" for number in range(paths.LONGEST + 20)]
    certificates = [made(names[0])]
    certificates += [made(low, high) for high, low in itertools.pairwise(names)]
    found = issuance(reversed(certificates))
    assert len(found.path(certificates[-1])) == paths.LONGEST
    assert found.path(certificates[50]) == tuple(reversed(certificates[:51]))


# --- against a brute force ---------------------------------------------------------------

_NAMES = st.sampled_from(["P", "Q", "R"])
_CERTIFICATES = st.builds(
    made,
    _NAMES,
    _NAMES,
    key=st.sampled_from(["p", "q"]),
    signer=st.sampled_from(["p", "q"]),
    ca=st.booleans(),
    until=st.sampled_from([2030, 2040]),
    ids=st.booleans(),
)
_signed_by = functools.cache(really_signed)


def closing_paths(
    path: tuple[Certificate, ...], among: tuple[Certificate, ...]
) -> Iterator[tuple[Certificate, ...]]:
    last = path[-1]
    if _signed_by(last, last):
        yield path
        return
    for one in among:
        if one not in path and _signed_by(one, last):
            yield from closing_paths((*path, one), among)


@given(st.lists(_CERTIFICATES, max_size=7, unique=True), st.randoms())
def test_every_link_is_proven_and_no_way_is_missed(certificates: list[Certificate], random) -> None:  # type: ignore[no-untyped-def]
    found = issuance(certificates)
    shuffled = certificates[:]
    random.shuffle(shuffled)
    again = issuance(shuffled)
    for one in certificates:
        signers = {other for other in certificates if _signed_by(other, one)}
        assert set(found.issuers_of(one)) == signers
        assert again.issuers_of(one) == found.issuers_of(one)
        assert found.is_self_signed(one) == _signed_by(one, one)
        path = found.path(one)
        assert again.path(one) == path
        assert again.role(one) == found.role(one)
        assert path[0] == one
        assert len(set(path)) == len(path)
        assert all(_signed_by(high, low) for low, high in itertools.pairwise(path))
        closing = list(closing_paths((one,), tuple(certificates)))
        closed = _signed_by(path[-1], path[-1])
        assert closed == bool(closing)
        if closed:
            assert until(path) == max(map(until, closing))
            assert found.missing_issuer(one) is None
        else:
            assert found.missing_issuer(one) == facts(path[-1]).issuer
            further = {other for other in certificates if _signed_by(other, path[-1])}
            held = {(facts(other).subject, facts(other).spki) for other in path[1:]}
            assert all((facts(o).subject, facts(o).spki) in held or o in path for o in further)
    assert again.is_chain == found.is_chain


# --- what can't be verified, or read -----------------------------------------------------


def test_an_unknown_signature_falls_back_to_names_and_key_identifiers_and_says_so() -> None:
    right = made("Vague", key="v1", ids=True)
    wrong = made("Vague", key="v2", ids=True)
    child = unverifiable(made("doubtful", "Vague", signer="v1", ca=False, ids=True))
    for order in itertools.permutations((right, wrong, child)):
        found = issuance(order)
        assert found.issuers_of(child) == (right,)
        assert found.unverified == (child,)
        assert "1.3.6.1.4.1.99999.1" in found.doubt(child)
        assert found.doubt(right) == ""
    # A key identifier that is another's: no issuer.
    assert issuance([wrong, child]).issuers_of(child) == ()
    # None at all: whoever has the name.
    silent = unverifiable(made("doubtful", "Vague", signer="v1", ca=False))
    assert set(issuance([right, wrong, silent]).issuers_of(silent)) == {right, wrong}
    # One that names itself is taken to have signed itself.
    root = unverifiable(ROOT)
    assert issuance([root]).is_self_signed(root)
    assert issuance([]).is_self_signed(root)
    assert issuance([root, MIDDLE]).path(MIDDLE) == (MIDDLE, root)


def test_bytes_that_are_no_certificate() -> None:
    junk = Certificate(b"\x30\x03\x02\x01\x01")
    found = issuance([junk, LEAF, MIDDLE])
    assert found.role(junk) == "leaf"
    assert found.path(junk) == (junk,)
    assert found.issuers_of(junk) == ()
    assert found.missing_issuer(junk) is None
    assert found.path(LEAF) == (LEAF, MIDDLE)
    assert not matches_key(junk, pki.spki(pki.key()))
    assert not complete(junk, [ROOT], [ROOT]).closed


@given(st.integers(0, len(MIDDLE.der) - 1), st.integers(1, 255))
def test_a_changed_octet_is_survived_and_breaks_the_signature(at: int, change: int) -> None:
    octets = bytearray(MIDDLE.der)
    octets[at] ^= change
    changed = Certificate(bytes(octets))
    found = issuance([changed, LEAF, ROOT])
    for one in found.certificates:
        found.role(one)
        found.path(one)
        found.missing_issuer(one)
    parts = der.read(MIDDLE.der).items("certificate", at_least=3)
    if parts[0].start <= at < parts[0].after:
        assert found.issuers_of(changed) == ()
    complete(LEAF, [changed], [ROOT])
