"""Writing PKCS12: what is written is read again, and editing one entry changes nothing else."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import WriteRefused
from storekeeper.formats import pkcs12
from storekeeper.formats.pkcs12_bags import (
    JAVA_TRUSTED,
    SHROUDED_KEY_BAG,
    TRUSTED_KEY_USAGE,
    encode_attribute,
    encode_bag,
    examine,
)
from storekeeper.frozen import replace
from storekeeper.model import (
    Attribute,
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
)
from tests import jvm
from tests.pkcs12_files import (
    CROSS,
    FAST,
    INTERMEDIATE,
    LEAF,
    LEAF_RENEWED,
    OTHER,
    PASSWORD,
    ROOT,
    attributes,
    cert_bag,
    certificate,
    data_safe,
    pfx,
)
from tests.pkcs12_written import CHAINS, SEALED, SETS, bags, chained, in_order, without, written

TRUSTED = [LEAF, OTHER, INTERMEDIATE, ROOT, certificate("Else", "Else"), b"no certificate"]
aliases = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
dates = st.one_of(st.none(), st.integers(0, 4_102_444_800_000))
unknown = st.builds(
    lambda arc, number: Attribute(f"1.3.6.1.4.1.{arc}", (der.integer(number),)),
    st.integers(1, 500),
    st.integers(),
)
SECRET = pkcs12.seal_secret(Secret("AES", bytes(16)), PASSWORD, FAST)


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    """Entries as Java can have them, keys first, as they are laid out in a new file."""
    names = draw(st.lists(aliases, min_size=1, max_size=7, unique_by=lambda name: name.lower()))
    keys: list[Entry] = []
    trusted: list[Entry] = []
    for at, name in enumerate(names):
        extra = tuple(sorted(draw(st.lists(unknown, max_size=2)), key=encode_attribute))
        match draw(st.sampled_from("kkst" if at < 4 else "t")):
            case "k":
                chain = tuple(map(Certificate, draw(st.sampled_from(CHAINS))))
                sealed = SEALED[draw(st.sampled_from(sorted(SEALED)))]
                # Two keys of the same moment and alias spelling are told apart by alias alone.
                keys.append(PrivateKey(name, chain, sealed, draw(dates), extra))
            case "s":
                keys.append(SecretKey(name, SECRET, draw(dates), extra))
            case _:
                found = Certificate(draw(st.sampled_from(TRUSTED)))
                usage = JAVA_TRUSTED if draw(st.booleans()) else ()
                both = tuple(sorted(usage + extra, key=encode_attribute))
                trusted.append(TrustedCert(name, found, None, both))
    return keys + trusted


def _plausible(found: Sequence[Entry]) -> None:
    # A chain goes on through whatever is in the store: without certificates there is none,
    # and a certificate that is no entry of its own vanishes into a chain.
    chained = {one.der for key in found if isinstance(key, PrivateKey) for one in key.chain}
    for entry in found:
        if isinstance(entry, TrustedCert):
            has = any(one.oid == TRUSTED_KEY_USAGE for one in entry.attributes or ())
            assume(has or entry.certificate.der not in chained)
    names = [entry.alias.lower() for entry in found]
    assume(len(set(names)) == len(names))
    lonely = {
        entry.alias.lower() for entry in found if isinstance(entry, PrivateKey) and not entry.chain
    }
    assume(not lonely or len(lonely) == sum(isinstance(one, PrivateKey) for one in found))


@given(entries(), st.sampled_from(SETS))
def test_what_is_written_is_read(found: list[Entry], encryption: pkcs12.Encryption) -> None:
    _plausible(found)
    store = Store("PKCS12", tuple(found))
    data = pkcs12.write(store, PASSWORD, encryption=encryption)
    read = pkcs12.read(data, PASSWORD)
    assert in_order(read.entries) == in_order(found)
    again = pkcs12.read(pkcs12.write(read, PASSWORD), PASSWORD)
    assert again == read
    assert list(bags(again)) == list(bags(read))
    assert pickle.loads(pickle.dumps(read)) == read


@given(entries(), st.data())
def test_editing_one_entry_changes_nothing_else(found: list[Entry], data: st.DataObject) -> None:
    _plausible(found)
    read = pkcs12.read(
        pkcs12.write(Store("PKCS12", tuple(found)), PASSWORD, encryption=FAST), PASSWORD
    )
    at = data.draw(st.integers(0, len(read.entries) - 1))
    entry = read.entries[at]
    before = list(read.entries)
    match data.draw(st.sampled_from(["delete", "rename", "date", "attributes"])):
        case "delete":
            changed = before[:at] + before[at + 1 :]
        case "rename":
            changed = [*before[:at], replace(entry, alias=data.draw(aliases)), *before[at + 1 :]]
        case "date":
            if not isinstance(entry, PrivateKey | SecretKey):
                return
            changed = [*before[:at], replace(entry, created_ms=5), *before[at + 1 :]]
        case _:
            extra: tuple[Attribute, ...] = (Attribute("1.2.3", (der.null(),)),)
            if isinstance(entry, TrustedCert):
                extra += JAVA_TRUSTED
            changed = [*before[:at], replace(entry, attributes=extra), *before[at + 1 :]]
    names = [one.alias.lower() for one in changed]
    assume(len(set(names)) == len(names))
    _plausible(changed)
    after = pkcs12.read(pkcs12.write(replace(read, entries=tuple(changed)), PASSWORD), PASSWORD)
    assert list(after.entries) == changed
    untouched = {
        one.origin.bag.raw  # type: ignore[attr-defined]
        for place, one in enumerate(before)
        if place != at
    }
    assert untouched <= {bag.raw for bag in bags(after)}


def test_a_shared_chain_stays_with_the_other_key() -> None:
    store = chained()
    left = written(without(store, "a"))
    assert left.entries == store.entries[1:]
    assert LEAF not in {examine(bag).content for bag in bags(left)}
    last = written(without(left, "b"))
    assert [examine(bag).content for bag in bags(last)] == [ROOT]


def test_a_deleted_root_stays_in_the_chains_and_leaves_the_list() -> None:
    left = written(without(chained(), "root"))
    assert [entry.alias for entry in left.entries] == ["a", "b"]
    assert all(isinstance(one, PrivateKey) and len(one.chain) == 3 for one in left.entries)
    theirs = jvm.newest().worker.load(pkcs12.write(left, PASSWORD), "changeit", unseal=False)
    assert [len(one["chain"]) for one in theirs["entries"]] == [3, 3]


def test_a_root_only_one_chain_and_a_trusted_entry_share() -> None:
    own = encode_bag(SHROUDED_KEY_BAG, SEALED["leaf"].data, attributes("k", b"1"))
    shared = cert_bag(ROOT, *attributes("root", None, True))
    middle = cert_bag(INTERMEDIATE)
    data = pfx(data_safe(own, cert_bag(LEAF, *attributes("k", b"1")), middle, shared))
    store = pkcs12.read(data, PASSWORD)
    left = written(without(store, "root"))
    (entry,) = left.entries
    assert isinstance(entry, PrivateKey)
    assert [one.der for one in entry.chain] == [LEAF, INTERMEDIATE, ROOT]
    assert not any(examine(bag).trusted for bag in bags(left))


def test_a_trusted_certificate_is_exchanged_and_a_chain_keeps_the_old() -> None:
    own = encode_bag(SHROUDED_KEY_BAG, SEALED["leaf"].data, attributes("k", b"1"))
    shared = cert_bag(ROOT, *attributes("root", None, True))
    leaf = cert_bag(LEAF, *attributes("k", b"1"))
    store = pkcs12.read(pfx(data_safe(own, leaf, cert_bag(INTERMEDIATE), shared)), PASSWORD)
    new = replace(store.entries[1], certificate=Certificate(certificate("New", "New")))
    after = written(replace(store, entries=(store.entries[0], new)))
    assert after.entries == (store.entries[0], new)


def test_a_renewed_certificate_takes_the_place_of_the_old() -> None:
    store = chained()
    first = store.entries[0]
    assert isinstance(first, PrivateKey)
    chain = (Certificate(LEAF_RENEWED), *first.chain[1:])
    renewed = written(replace(store, entries=(replace(first, chain=chain), *store.entries[1:])))
    assert renewed.entries == (replace(first, chain=chain), *store.entries[1:])
    assert len(list(bags(renewed))) == len(list(bags(store)))


def test_a_key_gets_its_chain_later() -> None:
    made = Store("PKCS12", (PrivateKey("k", (), SEALED["leaf"], 5),))
    store = written(written(made))
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert entry.chain == ()
    chain = tuple(map(Certificate, CHAINS[0]))
    full = written(replace(store, entries=(replace(entry, chain=chain),)))
    assert full.entries == (replace(entry, chain=chain),)
    short = replace(full, entries=(replace(entry, chain=chain[:1], origin=full.entries[0].origin),))
    assert written(short).entries == (replace(entry, chain=chain[:1]),)


@pytest.mark.parametrize(
    "chain",
    [[LEAF, ROOT], [LEAF, ROOT, INTERMEDIATE], [LEAF, CROSS, INTERMEDIATE]],
    ids=["a gap", "out of order", "two of one name"],
)
def test_a_chain_a_pkcs12_cannot_hold_is_refused(chain: list[bytes]) -> None:
    entry = PrivateKey("k", tuple(map(Certificate, chain)), SEALED["leaf"], 5)
    with pytest.raises(WriteRefused, match="chain") as caught:
        pkcs12.write(Store("PKCS12", (entry,)), PASSWORD)
    assert caught.value.alias == "k"


def test_another_certificate_of_a_name_that_is_taken_is_refused() -> None:
    store = chained()
    other = tuple(map(Certificate, [certificate("New", "Intermediate"), CROSS]))
    with pytest.raises(WriteRefused):
        pkcs12.write(
            replace(store, entries=(*store.entries, PrivateKey("c", other, SEALED["leaf"]))),
            PASSWORD,
        )


def test_keys_sealed_for_another_format_are_refused() -> None:
    def opener(data: bytes, password: Password | None) -> bytes:
        raise AssertionError("writing opens nothing")

    sealed = Sealed("JKS key protector", b"0", opener)
    for entry in (PrivateKey("k", (), sealed), SecretKey("k", sealed)):
        with pytest.raises(WriteRefused, match="JKS key protector") as caught:
            pkcs12.write(Store("PKCS12", (entry,)), PASSWORD)
        assert "seal it again" in caught.value.hint


def test_what_only_another_format_understands_is_refused() -> None:
    with pytest.raises(WriteRefused, match="CRL of JKS"):
        pkcs12.write(Store("PKCS12", (Opaque("x", "CRL of JKS", b""),)), PASSWORD)
