"""What of a source is imported: by who really issued whom, in whatever order."""

from __future__ import annotations

import itertools

import pytest

from storekeeper import formats
from storekeeper.change.incoming import ONLY, Incoming, choose, gather
from storekeeper.errors import Damaged, UnknownFormat, WriteRefused
from storekeeper.model import Certificate, Opaque, Store, TrustedCert
from storekeeper.trust.sources import open_source
from tests import pki
from tests.changing import private, secret

LEAF = pki.cert("www.incoming.example", "Incoming Issuing CA")
ISSUING = pki.cert("Incoming Issuing CA", "Incoming Root", ca=True)
ROOT = pki.cert("Incoming Root")
ALONE = pki.cert("Incoming Other Root")
SELF_SIGNED = pki.cert("device.incoming.example", ca=False)


def incoming(*certificates: Certificate) -> list[Incoming]:
    return [Incoming(one, "source") for one in certificates]


def names(*certificates: Certificate) -> set[Certificate]:
    return set(certificates)


@pytest.mark.parametrize("order", list(itertools.permutations((LEAF, ISSUING, ROOT))))
def test_of_a_servers_chain_the_leaf_alone_in_any_order(order: tuple[Certificate, ...]) -> None:
    taken, steps = choose(incoming(*order))
    assert [one.certificate for one in taken] == [LEAF]
    assert {step.sha256 for step in steps} == {ISSUING.sha256, ROOT.sha256}
    for step in steps:
        assert step.state == "left-out"
        assert step.subject.startswith("CN=Incoming ")
        assert step.message == "an issuer in the server's chain; --only all imports it too"


@pytest.mark.parametrize(
    "bundle",
    [
        pytest.param((ROOT, ALONE), id="roots"),
        pytest.param((ISSUING, ROOT), id="issuer-and-root"),
        pytest.param((LEAF, ALONE), id="leaf-and-stranger"),
        pytest.param((LEAF, ISSUING, ROOT, ALONE), id="chain-and-stranger"),
        pytest.param((SELF_SIGNED, LEAF), id="leaves"),
        pytest.param((SELF_SIGNED,), id="one"),
    ],
)
def test_of_anything_else_everything(bundle: tuple[Certificate, ...]) -> None:
    taken, steps = choose(incoming(*bundle))
    assert [one.certificate for one in taken] == list(bundle)
    assert steps == []


def test_two_servers_of_one_issuer_are_chains() -> None:
    other = pki.cert("mail.incoming.example", "Incoming Issuing CA")
    taken, _ = choose(incoming(ROOT, other, ISSUING, LEAF))
    assert {one.certificate for one in taken} == {LEAF, other}


ROLES = {
    "leaf": {LEAF},
    "issuer": {ISSUING},
    "intermediates": {ISSUING},
    "root": {ROOT},
    "ca": {ISSUING, ROOT},
    "all": {LEAF, ISSUING, ROOT},
}


@pytest.mark.parametrize("only", ONLY)
def test_a_role_that_was_asked_for(only: str) -> None:
    taken, steps = choose(incoming(ROOT, LEAF, ISSUING), only)  # type: ignore[arg-type]
    assert {one.certificate for one in taken} == ROLES[only]
    left = {LEAF, ISSUING, ROOT} - ROLES[only]
    assert {step.sha256 for step in steps} == {one.sha256 for one in left}
    assert all(", and only " in step.message for step in steps)


def test_what_a_server_shows_as_its_own_is_its_leaf_even_if_it_is_a_ca() -> None:
    assert choose(incoming(ALONE), "leaf")[0] == []
    taken, _ = choose(incoming(ALONE), "leaf", ALONE)
    assert [one.certificate for one in taken] == [ALONE]
    taken, steps = choose(incoming(ALONE, ROOT), "leaf", ALONE)
    assert [one.certificate for one in taken] == [ALONE]
    assert [step.sha256 for step in steps] == [ROOT.sha256]
    taken, _ = choose(incoming(LEAF, ISSUING, ROOT), "root", LEAF)
    assert [one.certificate for one in taken] == [ROOT]


def test_a_forged_name_makes_no_issuer() -> None:
    """A CA that only has the issuer's name: the leaf is no chain with it."""
    forged = pki.cert("Incoming Issuing CA", "Incoming Other Root", ca=True)
    stranger = Certificate(forged.der.replace(pki.spki(pki.key("Incoming Issuing CA"))[-64:],
                                              pki.spki(pki.key("Somebody"))[-64:]))  # fmt: skip
    assert stranger != forged
    taken, _ = choose(incoming(LEAF, stranger))
    assert {one.certificate for one in taken} == {LEAF, stranger}


@pytest.mark.parametrize("entry", [private("key", "JKS"), secret("key", "JCEKS")])
def test_keys_are_refused_and_named(entry: object) -> None:
    store = Store("JCEKS", (TrustedCert("a", ROOT), entry))  # type: ignore[arg-type]
    with pytest.raises(WriteRefused, match="key, and importing certificates never") as caught:
        gather("both.jks", store)
    assert caught.value.alias == "key"
    assert caught.value.path == "both.jks"
    assert "import-key" in caught.value.hint


def test_one_unreadable_certificate_stops_all_or_is_skipped() -> None:
    text = pki.pem("CERTIFICATE", ROOT.der) + pki.pem("CERTIFICATE", b"\x30\x03\x02\x01\x01")
    text += pki.pem("CERTIFICATE", ALONE.der)
    store = formats.read(text)
    with pytest.raises(Damaged, match="1 of 3 certificates can't be read") as caught:
        gather("bundle.pem", store)
    assert caught.value.hint == "--skip-bad imports the other 2"
    found, steps = gather("bundle.pem", store, skip_bad=True)
    assert [one.certificate for one in found] == [ROOT, ALONE]
    (step,) = steps
    assert (step.state, step.message) == ("skipped", "it can't be read")


def test_nothing_but_unreadable() -> None:
    with pytest.raises(Damaged):
        gather("x", Store("JKS", (TrustedCert("a", Certificate(b"nonsense")),)))


def test_nothing_at_all() -> None:
    with pytest.raises(UnknownFormat, match="no certificate in it"):
        gather("empty.jks", Store("JKS"))


def test_other_things_are_left_out_and_named() -> None:
    store = Store("PEM", (TrustedCert("a", ROOT), Opaque("", "public key", b"x")))
    found, (step,) = gather("mixed.pem", store)
    assert [one.certificate for one in found] == [ROOT]
    assert (step.state, step.subject, step.message) == (
        "left-out",
        "public key",
        "not a certificate",
    )


def test_fingerprints_are_no_certificates() -> None:
    with pytest.raises(UnknownFormat, match="fingerprints, not of certificates"):
        gather("temurin-21", open_source("temurin-21"))


def test_a_plain_bundle_verifies_no_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand CAs would take a minute, and `cryptography` is not needed for one."""
    from storekeeper.trust import signatures

    def never(*_: object) -> bool:
        raise AssertionError("a signature was verified")

    monkeypatch.setattr(signatures, "signed", never)
    bundle = (ROOT, ALONE, ISSUING)
    taken, _ = choose(incoming(*bundle))
    assert len(taken) == len(bundle)
    # With a leaf whose issuer is elsewhere, names alone say that it is no chain.
    taken, _ = choose(incoming(*bundle, SELF_SIGNED))
    assert len(taken) == 4
