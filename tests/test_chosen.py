"""Which entries are meant by aliases, patterns and filters; keys only when keys are named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.change.chosen import choose_entries, entry_named, is_pattern, spared_because
from storekeeper.errors import NoSuchEntry
from storekeeper.model import Opaque, PrivateKey, Store, TrustedCert, replace
from storekeeper.trust.inventory import Filter
from tests.changing import CORP, OTHER, private, trusted

AT = 1_780_000_000
KEY = private("corp-server", "JKS")
STORE = Store(
    "PKCS12",
    (
        trusted("corp-root"),
        trusted("Corp-Other", OTHER),
        KEY,
        Opaque("", "certificate request", b"x"),
        trusted("odd*", OTHER),
    ),
)


def aliases(*words: str, wanted: Filter | None = None) -> list[str]:
    return [entry.alias for entry in choose_entries(STORE, words, wanted or Filter(), AT).entries]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["CORP-ROOT"], ["corp-root"]),
        (["corp-other"], ["Corp-Other"]),
        (["corp-*"], ["corp-root", "Corp-Other"]),
        (["CORP-*"], ["corp-root", "Corp-Other"]),
        (["*"], ["corp-root", "Corp-Other", "odd*"]),
        (["corp-?oot"], ["corp-root"]),
        (["corp-[rx]oot"], ["corp-root"]),
        (["odd*"], ["odd*"]),
        (["corp-server"], ["corp-server"]),
        (["corp-server", "corp-*"], ["corp-root", "Corp-Other", "corp-server"]),
        ([], ["corp-root", "Corp-Other", "odd*"]),
    ],
)
def test_words(words: list[str], expected: list[str]) -> None:
    assert aliases(*words) == expected


def test_filters_narrow_what_words_mean() -> None:
    corp = Filter(sha256=(CORP.sha256[:12],))
    assert aliases(wanted=corp) == ["corp-root"]
    assert aliases("corp-other", wanted=corp) == []
    assert aliases("*", wanted=corp) == ["corp-root"]
    assert aliases(wanted=Filter(kind="private-key")) == ["corp-server"]
    assert aliases("corp-*", wanted=Filter(kind="private-key")) == ["corp-server"]
    assert aliases(wanted=Filter(kind="opaque")) == [""]


def test_what_was_not_found_and_what_was_spared() -> None:
    found = choose_entries(STORE, ["nobody", "none-*", "*"], Filter(), AT)
    assert found.missing == ("nobody",)
    assert found.unmatched == ("none-*",)
    assert found.spared == (KEY, STORE.entries[3])
    assert "name its alias in full, or say --kind private-key" in spared_because(KEY)
    assert spared_because(STORE.entries[3]).startswith("not a certificate")
    # Named beside the pattern, it is meant.
    found = choose_entries(STORE, ["corp-server", "*"], Filter(), AT)
    assert KEY in found.entries
    assert KEY not in found.spared


names = st.sampled_from(["a", "A", "ab", "a*", "b?", "[", "c"])


@given(st.lists(names, max_size=6), st.lists(names, max_size=4), st.booleans())
def test_a_pattern_never_takes_a_key(there: list[str], words: list[str], keys: bool) -> None:
    entries = [
        replace(KEY, alias=name) if number % 2 else trusted(name)
        for number, name in enumerate(there)
    ]
    wanted = Filter(kind="private-key") if keys else Filter()
    found = choose_entries(Store("PKCS12", tuple(entries)), words, wanted, AT)
    named = {word.lower() for word in words}
    for entry in found.entries:
        assert keys or isinstance(entry, TrustedCert) or entry.alias.lower() in named
    # Every one is meant, spared, or neither; never both, and in the order of the store.
    assert not {id(one) for one in found.entries} & {id(one) for one in found.spared}
    order = [id(entry) for entry in entries]
    places = [order.index(id(entry)) for entry in found.entries]
    assert places == sorted(places)
    assert all(word.lower() not in {n.lower() for n in there} for word in found.missing)
    assert not any(is_pattern(word) for word in found.missing)


def test_one_entry_by_its_name() -> None:
    both = Store("PKCS12", (trusted("a"), trusted("A", OTHER), trusted("b"), trusted("B", OTHER)))
    # Spelled exactly so, else as Java: the last of those it can't tell apart.
    assert entry_named(both, "a") is both.entries[0]
    assert entry_named(both, "A") is both.entries[1]
    assert entry_named(STORE, "CORP-server") is KEY
    with pytest.raises(NoSuchEntry) as caught:
        entry_named(STORE, "corp-rot")
    assert caught.value.exit_status == 1
    assert "did you mean 'corp-root'?" in caught.value.hint
    with pytest.raises(NoSuchEntry) as caught:
        entry_named(Store("JKS"), "x")
    assert caught.value.hint == "storekeeper list shows the aliases"
    assert isinstance(KEY, PrivateKey)
