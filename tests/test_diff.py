"""Comparisons against numbers worked out another way, and the laws they keep."""

from __future__ import annotations

import pytest

from storekeeper.model import (
    Certificate,
    Opaque,
    Store,
    TrustedCert,
)
from storekeeper.trust.anchors import Anchor, RootList
from storekeeper.trust.diff import diff
from tests.diff_samples import (
    AT,
    bare,
    certificate,
    keystore,
    private,
    published,
    secret,
    shas,
    trust,
    trusted,
)


def test_nothing_changed() -> None:
    store = trust(certificate("one", 1), certificate("two", 2))
    found = diff(store, store, at=AT)
    assert found.same
    assert shas(found.common) == [entry.certificate.sha256 for entry in trusted(store)]
    assert (found.only_old, found.only_new) == (0, 0)


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
