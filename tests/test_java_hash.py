"""Orders of Java's hash tables and sorted sets, which decide what it looks at first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.model import Store, TrustedCert
from storekeeper.trust.runtimes.java_hash import (
    bytes_hash,
    hash_order,
    hashtable_order,
    string_hash,
    tree_set,
)
from tests import jvm, pki


def test_string_hash() -> None:
    assert string_hash("") == 0
    assert string_hash("hello") == 99162322
    assert string_hash("polygenelubricants") == 0x80000000


def test_order_of_a_table() -> None:
    names = [f"alias{number}" for number in range(40)]
    assert sorted(hash_order(names)) == sorted(names)
    assert hash_order(["2.5.29.24", "1.2.3.4", "2.5.29.21"]) == [
        "1.2.3.4",
        "2.5.29.21",
        "2.5.29.24",
    ]


def test_hash_of_bytes_as_arrays_hashcode() -> None:
    # Arrays.hashCode(new byte[] {}) and of {1, 2, (byte) 0xff} in jshell 17.
    assert bytes_hash(b"") == 1
    assert bytes_hash(b"\x01\x02\xff") == 30_813


@given(st.lists(st.integers()))
def test_an_order_that_is_one_sorts(values: list[int]) -> None:
    assert tree_set(values, lambda new, old: new < old) == sorted(set(values))


@given(st.sets(st.integers()))
def test_where_all_are_equal_the_last_is_first(values: set[int]) -> None:
    added = list(values)
    assert tree_set(added, lambda _new, _old: True) == added[::-1]


def test_a_value_may_be_there_twice() -> None:
    """After two turns of the tree the first one is out of the way of the search."""
    assert tree_set([1, 2, 1], lambda _new, _old: True) == [2, 1]
    added = [1, 2, 3, 4, 5, 6, 7, 3, 1, 5, 7, 8, 9, 2, 1]
    # A TreeSet of jshell 17 with such a comparator.
    expected = [1, 2, 9, 8, 7, 5, 1, 3, 7, 6, 5, 4, 3, 2, 1]
    assert tree_set(added, lambda _new, _old: True) == expected


@given(st.lists(st.text(max_size=8), max_size=60))
def test_a_hashtable_has_each_once(texts: list[str]) -> None:
    assert sorted(hashtable_order(texts)) == sorted(set(texts))


def test_a_hashtable_as_java_has_it() -> None:
    """The aliases of a JKS, in the order in which a JVM lists them."""
    worker = jvm.jvm(jvm.VERSIONS[1]).worker
    certificate = pki.cert("one")
    for count in (1, 8, 9, 17, 18, 60, 300):
        aliases = [f"alias {number * 7919 % 1000} {'é' * (number % 3)}" for number in range(count)]
        store = Store("JKS", tuple(TrustedCert(alias, certificate) for alias in aliases))
        found = worker.load(formats.write(store, "changeit"), "changeit", "JKS")
        assert [entry["alias"] for entry in found["entries"]] == hashtable_order(aliases)
