"""Which key is chosen for a server, out of stores and files, and how its chain is completed."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from storekeeper import Built, build_client_key, formats, request_for
from storekeeper.model import Certificate, PrivateKey, Store
from tests import asking, forge, identity_cases, jvm, pki
from tests.forge import CLIENT, DAY, SERVER, purposes, usage
from tests.identity_cases import EXPIRED, MID, OTHER, PASSWORD, ROOT, Case, Key, entry

AT = datetime.fromtimestamp(forge.AT, UTC)
ROOT_ASKED = request_for([forge.name(ROOT)])
MID_ASKED = request_for([forge.name(MID)])


def store_of(*entries: Any, format: str = "JKS") -> Store:
    return Case("made here", entries).store(format)


def pem(*parts: bytes) -> Store:
    return formats.read(b"".join(pki.pem("CERTIFICATE", one) for one in parts))


def build(*stores: Store, request: Any = MID_ASKED, **options: Any) -> Built:
    return build_client_key(stores, request, at=AT, **options)


def codes(built: Built) -> list[tuple[str, str]]:
    return [(one.alias, one.code) for one in built.rejected]


def test_the_intermediate_is_put_in() -> None:
    """A leaf alone, its issuer in a bundle, and only the root in the server's list."""
    built = build(store_of(entry("one")), pem(identity_cases.root(), identity_cases.mid()),
                  request=ROOT_ASKED)  # fmt: skip
    assert built.chosen is not None
    assert [one.der for one in built.chain] == [identity_cases.leaf(), identity_cases.mid()]


def test_no_root_and_no_stranger_is_sent() -> None:
    links = (identity_cases.root(), identity_cases.mid(), identity_cases.root(OTHER))
    built = build(store_of(entry("one", links=links)), request=ROOT_ASKED)
    assert [one.der for one in built.chain] == [identity_cases.leaf(), identity_cases.mid()]


def test_cut_chains_are_told() -> None:
    built = build(store_of(entry("one")), request=ROOT_ASKED)
    assert built.chosen is None
    assert built.chain == ()
    assert codes(built) == [("one", "issuer-not-listed")]
    assert "CN=Client Issuing" in built.rejected[0].why
    assert built.authorities == ("O=Example,CN=Client Root",)


def test_a_key_whose_certificate_lies_elsewhere() -> None:
    """PEM files as a CA's web page gives them: the key in one, the certificate in another."""
    lone = entry("x", 3)
    key = formats.read(pki.pem("PRIVATE KEY", lone.private))
    built = build(key, pem(*lone.chain), pem(identity_cases.mid()), request=ROOT_ASKED)
    assert built.chosen is not None
    assert built.chosen.source == 0
    assert [one.der for one in built.chain] == [lone.chain[0], identity_cases.mid()]
    assert codes(build(key)) == [(built.chosen.alias, "no-certificate")]


def test_a_renewed_certificate_of_the_same_key() -> None:
    """The store has the old one, a file the new."""
    new = identity_cases.leaf(0, "P-256", MID, start=forge.AT - DAY, end=forge.AT + 300 * DAY)
    built = build(store_of(entry("one", **EXPIRED)), pem(new))
    assert built.chosen is not None
    assert built.chain == (Certificate(new),)
    assert codes(built) == [("one", "expired")]


RANKED = [
    entry("strong", 0, "P-384", MID, purposes(CLIENT), usage(0)),
    entry("newer", 1, "P-256", MID, start=forge.AT - DAY),
    entry("older", 2, "P-256", MID, start=forge.AT - 90 * DAY),
    entry("rsa 2048", 3, "RSA2048"),
    entry("rsa 1024", 4, "RSA1024"),
    entry("expired", 5, **EXPIRED),
    entry("future", 6, "P-256", MID, **identity_cases.FUTURE),
    entry("for servers", 7, "P-256", MID, purposes(SERVER)),
    entry("no signing", 8, "RSA2048", MID, usage(2)),
    entry("foreign", 9, "P-256", OTHER),
]


def test_the_better_first() -> None:
    """Valid, for clients, stronger, newer; whatever the order in which they come."""
    for seed in range(5):
        shuffled = random.Random(seed).sample(RANKED, len(RANKED))
        built = build(*(store_of(one) for one in shuffled))
        assert built.chosen is not None
        found = [built.chosen.alias, *(one.alias for one in built.rejected)]
        assert found[:7] == [one.alias for one in RANKED[:7]]
        assert set(found[7:9]) == {"for servers", "no signing"}
        assert dict(codes(built)) == {
            **dict.fromkeys(["newer", "older", "rsa 2048", "rsa 1024"], "second-best"),
            "expired": "expired",
            "future": "not-yet-valid",
            "for servers": "purpose",
            "no signing": "purpose",
            "foreign": "issuer-not-listed",
        }


def test_unfit_ones_only_when_said() -> None:
    stores = (store_of(entry("expired", **EXPIRED)), store_of(entry("foreign", 9, issuer=OTHER)))
    assert build(*stores).chosen is None
    chosen = build(*stores, unfit=True).chosen
    assert chosen is not None
    assert chosen.alias == "expired"


def test_the_kind_of_key_that_is_asked_for() -> None:
    stores = (store_of(entry("ec")), store_of(entry("rsa", 1, "RSA2048")))
    request = request_for([forge.name(MID)], "TLSv1.2", certificate_types=["RSA"])
    built = build(*stores, request=request)
    assert built.chosen is not None
    assert built.chosen.alias == "rsa"
    assert codes(built) == [("ec", "key-type")]
    assert built.kinds == ("RSA",)


def test_what_java_can_not_send() -> None:
    """A curve no release has a scheme for."""
    built = build(store_of(entry("k", 0, "secp256k1")))
    assert built.chosen is None
    assert codes(built) == [("k", "refused-by-java")]


def test_anybody_will_do() -> None:
    built = build(store_of(entry("one")), request=request_for())
    assert built.chosen is not None
    assert built.authorities == ()


def test_two_ways_up() -> None:
    """A cross-signed issuer: the way that leads to the listed CA is taken."""
    cross = identity_cases.mid(MID, OTHER)
    files = pem(identity_cases.mid(), identity_cases.root(), cross, identity_cases.root(OTHER))
    for listed, link in ((ROOT, identity_cases.mid()), (OTHER, cross)):
        built = build(store_of(entry("one")), files, request=request_for([forge.name(listed)]))
        assert built.chosen is not None, listed
        assert [one.der for one in built.chain] == [identity_cases.leaf(), link]


def test_bad_input() -> None:
    """Stores with nothing that can be read, names that are none, none at all."""
    broken = Store("PEM", (PrivateKey("b", (Certificate(b"\x30"),), store_of(entry("x")).entries[0]
             .sealed),))  # type: ignore[union-attr]  # fmt: skip
    assert codes(build(broken)) == [("b", "no-certificate")]
    assert build().chosen is None
    assert build(Store("PEM")).rejected == ()
    odd = request_for([b"\x04\x01a"])
    assert build(store_of(entry("one")), request=odd).chosen is None


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_a_jvm_sends_what_was_built(version: str) -> None:
    """The point of it all, with both key managers."""
    key = Key("id", entry("one").private, (identity_cases.leaf(),))
    built = build(store_of(key), pem(identity_cases.mid()), request=ROOT_ASKED)
    assert built.chosen is not None
    real = asking.oracle(jvm.jvm(version))
    chain = tuple(one.der for one in built.chain)
    for format in identity_cases.FORMATS:
        whole = Case("x", (Key("id", key.private, chain),), ROOT_ASKED.authorities)
        for manager in identity_cases.MANAGERS:
            for protocol in identity_cases.PROTOCOLS:
                sent = real.send(whole.file(format), format, whole.request(protocol),
                                 manager=manager, at=forge.AT)  # fmt: skip
                assert sent.chain == chain
                before = Case("y", (key,), ROOT_ASKED.authorities)
                asked = before.request(protocol)
                assert real.send(before.file(format), format, asked, manager=manager).chain == ()


def test_opening_is_left_to_the_caller() -> None:
    """No key is opened on the way: the password of one is not even known."""
    locked = store_of(entry("one", password="nobody knows"))
    built = build(locked)
    assert built.chosen is not None
    assert PASSWORD not in repr(built)
