"""Laws of any comparison: the mirror image, nothing lost, each told once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storekeeper.model import (
    Store,
)
from storekeeper.trust import lists
from storekeeper.trust.anchors import RootList
from storekeeper.trust.diff import diff
from tests.diff_samples import (
    AT,
    CERTIFICATES,
    bare,
    one_side,
    published,
    shas,
    stores,
    summary,
    trust,
    trusted,
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
