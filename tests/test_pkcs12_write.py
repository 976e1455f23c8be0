"""Writing PKCS12: what is written is read again, and editing one entry changes nothing else."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.errors import PasswordRequired, Unsupported, WriteRefused
from storekeeper.formats import pkcs12
from storekeeper.formats.encryption import ENCRYPTIONS, MODERN, with_iterations
from storekeeper.formats.mac import MacRecipe
from storekeeper.formats.pkcs12_bags import (
    CERT_BAG,
    JAVA_TRUSTED,
    SAFE_CONTENTS_BAG,
    SHROUDED_KEY_BAG,
    TRUSTED_KEY_USAGE,
    Bag,
    Layout,
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
    pkcs8,
)

SETS = [with_iterations(one, 2) for one in ENCRYPTIONS.values()]
CHAINS: tuple[list[bytes], ...] = (
    [LEAF, INTERMEDIATE, ROOT],
    [OTHER, INTERMEDIATE, ROOT],
    [ROOT],
    [],
)
TRUSTED = [LEAF, OTHER, INTERMEDIATE, ROOT, certificate("Else", "Else"), b"no certificate"]

aliases = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
dates = st.one_of(st.none(), st.integers(0, 4_102_444_800_000))
unknown = st.builds(
    lambda arc, number: Attribute(f"1.3.6.1.4.1.{arc}", (der.integer(number),)),
    st.integers(1, 500),
    st.integers(),
)
SEALED = {
    name: pkcs12.seal_private_key(pkcs8(name), Password(f"{name}!"), FAST)
    for name in ("leaf", "other")
}
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


def in_order(found: Sequence[Entry]) -> list[tuple[str, Entry]]:
    return sorted(((entry.alias, entry) for entry in found), key=lambda pair: pair[0])


def bags(store: Store) -> Iterator[Bag]:
    assert isinstance(store.layout, Layout)
    for safe in store.layout.safes:
        yield from safe.bags


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


def _chained() -> Store:
    """Two keys that share their chain, one trusted root, in a file as Java lays it out."""
    found: tuple[Entry, ...] = (
        PrivateKey("a", tuple(map(Certificate, CHAINS[0])), SEALED["leaf"], 11),
        PrivateKey("b", tuple(map(Certificate, CHAINS[1])), SEALED["other"], 22),
        TrustedCert("root", Certificate(ROOT)),
    )
    return pkcs12.read(pkcs12.write(Store("PKCS12", found), PASSWORD, encryption=FAST), PASSWORD)


def _written(store: Store) -> Store:
    return pkcs12.read(pkcs12.write(store, PASSWORD), PASSWORD)


def _without(store: Store, alias: str) -> Store:
    kept = tuple(entry for entry in store.entries if entry.alias != alias)
    return replace(store, entries=kept)


def test_a_shared_chain_stays_with_the_other_key() -> None:
    store = _chained()
    left = _written(_without(store, "a"))
    assert left.entries == store.entries[1:]
    assert LEAF not in {examine(bag).content for bag in bags(left)}
    last = _written(_without(left, "b"))
    assert [examine(bag).content for bag in bags(last)] == [ROOT]


def test_a_deleted_root_stays_in_the_chains_and_leaves_the_list() -> None:
    left = _written(_without(_chained(), "root"))
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
    left = _written(_without(store, "root"))
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
    after = _written(replace(store, entries=(store.entries[0], new)))
    assert after.entries == (store.entries[0], new)


def test_a_renewed_certificate_takes_the_place_of_the_old() -> None:
    store = _chained()
    first = store.entries[0]
    assert isinstance(first, PrivateKey)
    chain = (Certificate(LEAF_RENEWED), *first.chain[1:])
    renewed = _written(replace(store, entries=(replace(first, chain=chain), *store.entries[1:])))
    assert renewed.entries == (replace(first, chain=chain), *store.entries[1:])
    assert len(list(bags(renewed))) == len(list(bags(store)))


def test_a_key_gets_its_chain_later() -> None:
    made = Store("PKCS12", (PrivateKey("k", (), SEALED["leaf"], 5),))
    store = _written(_written(made))
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    assert entry.chain == ()
    chain = tuple(map(Certificate, CHAINS[0]))
    full = _written(replace(store, entries=(replace(entry, chain=chain),)))
    assert full.entries == (replace(entry, chain=chain),)
    short = replace(full, entries=(replace(entry, chain=chain[:1], origin=full.entries[0].origin),))
    assert _written(short).entries == (replace(entry, chain=chain[:1]),)


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
    store = _chained()
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


def test_unknown_bags_move_to_another_file() -> None:
    strange = encode_bag("1.2.3.4", der.integer(7), attributes("odd"))
    store = pkcs12.read(pfx(data_safe(strange)), PASSWORD)
    moved = _written(Store("PKCS12", (*store.entries, TrustedCert("r", Certificate(ROOT)))))
    assert strange in list(bags(moved))
    renamed = replace(store, entries=(replace(store.entries[0], alias="even"),))
    assert _written(renamed).entries == renamed.entries


def test_entries_of_one_file_in_another_are_new_there() -> None:
    first, second = _chained(), _chained()
    both = tuple(replace(one, alias=f"{one.alias}2") for one in second.entries)
    merged = _written(replace(first, entries=(*first.entries, *both)))
    assert in_order(merged.entries) == in_order((*first.entries, *both))


def test_one_entry_twice() -> None:
    store = _chained()
    twice = (*store.entries, replace(store.entries[2], alias="root again"))
    assert _written(replace(store, entries=twice)).entries == twice


def test_nested_bags_stay_nested() -> None:
    inner = [cert_bag(one, *attributes(name)) for one, name in ((ROOT, "r"), (CROSS, "c"))]
    nest = encode_bag(SAFE_CONTENTS_BAG, der.sequence(*(bag.raw for bag in inner)), attributes("n"))
    store = pkcs12.read(pfx(data_safe(nest)), PASSWORD)
    assert [entry.alias for entry in store.entries] == ["r", "c"]
    assert next(bags(_written(store))).raw == nest.raw
    left = _written(_without(store, "r"))
    assert [entry.alias for entry in left.entries] == ["c"]
    (kept,) = bags(left)
    assert [bag.raw for bag in kept.inner] == [inner[1].raw]
    assert [finding.code for finding in left.findings] == ["java-invisible"]
    assert list(bags(_written(_without(left, "c")))) == []


def test_invented_aliases_do_not_shift() -> None:
    ones = [certificate(f"R{at}", f"R{at}") for at in range(4)]
    data = pfx(data_safe(*(cert_bag(one, *attributes(None, None, True)) for one in ones)))
    store = pkcs12.read(data, PASSWORD)
    assert [entry.alias for entry in store.entries] == ["1", "2", "3", "4"]
    left = _written(_without(store, "2"))
    assert left.entries == (store.entries[0], *store.entries[2:])
    # The first kept its place, so its bag is as it was.
    assert next(bags(left)) == next(bags(store))


@pytest.mark.parametrize("encryption", SETS, ids=lambda one: one.name)
def test_a_file_keeps_its_parameters(encryption: pkcs12.Encryption) -> None:
    first = pkcs12.read(pkcs12.write(_chained(), PASSWORD, encryption=encryption), PASSWORD)
    kept = _written(_without(first, "root")).layout
    assert isinstance(kept, Layout)
    assert kept.mac == encryption.mac
    assert {safe.recipe for safe in kept.safes} == {None, encryption.certificates}


def test_other_parameters_are_taken_when_named() -> None:
    store = _chained()
    for encryption in SETS:
        data = pkcs12.write(store, PASSWORD, encryption=encryption)
        store = pkcs12.read(data, PASSWORD)
        assert isinstance(store.layout, Layout)
        assert store.layout.mac == encryption.mac
        assert {safe.recipe for safe in store.layout.safes} == {None, encryption.certificates}
    assert store.entries == _chained().entries


def test_a_key_in_clear_does_not_leave_its_encrypted_safe() -> None:
    plain = pkcs12.seal_private_key(pkcs8("leaf"), Password(None))
    store = Store("PKCS12", (PrivateKey("k", (Certificate(ROOT),), plain),))
    with pytest.raises(WriteRefused, match="in clear"):
        pkcs12.write(store, PASSWORD, encryption=FAST)
    data = pkcs12.write(store, Password(None), encryption=FAST)
    read = pkcs12.read(data, Password(None))
    assert isinstance(read.layout, Layout)
    together = Layout(
        read.layout.token,
        (replace(read.layout.safes[1], bags=tuple(bags(read))),),
        read.layout.mac,
    )
    hidden = pkcs12.write(
        replace(read, layout=together),
        PASSWORD,
        encryption=with_iterations(ENCRYPTIONS["passwordless"], 1),
    )
    assert pkcs8("leaf") not in hidden
    assert pkcs8("leaf") in data


def test_everything_but_the_salts_is_determined() -> None:
    def zeros(size: int) -> bytes:
        return bytes(size)

    store = _chained()
    first = pkcs12.write(store, PASSWORD, random=zeros)
    assert first == pkcs12.write(store, PASSWORD, random=zeros)
    clear = pkcs12.write(_without(store, "a"), None, encryption=ENCRYPTIONS["passwordless"])
    assert clear == pkcs12.write(_without(store, "a"), None, encryption=ENCRYPTIONS["passwordless"])
    assert first != pkcs12.write(store, PASSWORD)


def test_a_password_is_asked_for() -> None:
    store = Store("PKCS12", (TrustedCert("r", Certificate(ROOT)),))
    with pytest.raises(PasswordRequired, match="certificates are to be encrypted"):
        pkcs12.write(store, None)
    with pytest.raises(PasswordRequired, match="MAC"):
        pkcs12.write(Store("PKCS12"), None)
    with pytest.raises(PasswordRequired):
        pkcs12.seal_private_key(pkcs8("leaf"), None)
    with pytest.raises(PasswordRequired):
        pkcs12.seal_secret(Secret("AES", b""), Password(None))
    with pytest.raises(Unsupported, match="Rot13"):
        pkcs12.seal_secret(Secret("Rot13", b""), PASSWORD)


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_java_opens_every_edit(version: str) -> None:
    java = jvm.jvm(version)
    store = _chained()
    secret = pkcs12.seal_secret(Secret("HmacSHA512", b"12345"), PASSWORD, FAST)
    renamed = tuple(replace(one, alias=f"{one.alias} größer") for one in store.entries)
    for changed in (
        store.entries[1:],
        renamed,
        (*store.entries, SecretKey("mac", secret, 33)),
        (*store.entries, TrustedCert("neu", Certificate(CROSS))),
        (),
    ):
        data = pkcs12.write(replace(store, entries=changed), PASSWORD)
        theirs = java.worker.load(data, "changeit", "PKCS12", keypass={"a": "leaf!", "b": "other!"})
        listed = {one["alias"]: one for one in theirs["entries"]}
        assert listed.keys() == {one.alias.lower() for one in changed}
        for entry in changed:
            one = listed[entry.alias.lower()]
            if isinstance(entry, PrivateKey):
                assert one["chain"] == [each.der for each in entry.chain]
                assert one["created_ms"] == entry.created_ms
            elif isinstance(entry, SecretKey):
                assert (one["key"], one["created_ms"]) == (b"12345", 33)


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_java_knows_the_secret_keys_we_name(version: str) -> None:
    java = jvm.jvm(version)
    from storekeeper.formats.pkcs12_secrets import ALGORITHMS

    found = tuple(
        SecretKey(name, pkcs12.seal_secret(Secret(name, b"x" * 16), PASSWORD, FAST))
        for name in ALGORITHMS.values()
    )
    data = pkcs12.write(Store("PKCS12", found), PASSWORD, encryption=FAST)
    for one in java.worker.load(data, "changeit", "PKCS12")["entries"]:
        assert one["key_error"] is None or java.major < 17, one
        if java.major >= 21:
            assert (one["key_algorithm"] or "").lower() == one["alias"]
            assert one["key"] == b"x" * 16


def test_keys_of_any_algorithm_survive() -> None:
    # An ML-DSA seed, and an algorithm nobody has heard of: nothing looks inside.
    for oid in ("2.16.840.1.101.3.4.3.17", "1.2.643.7.1.1.1.1", "1.2.3.4"):
        odd = der.sequence(
            der.integer(0), der.sequence(der.oid(oid)), der.octet_string(bytes(range(32)))
        )
        sealed = pkcs12.seal_private_key(odd, PASSWORD, FAST)
        store = _written(Store("PKCS12", (PrivateKey("k", (), sealed),)))
        (entry,) = store.entries
        assert isinstance(entry, PrivateKey)
        assert entry.pkcs8("changeit") == odd


def test_modern_is_the_default() -> None:
    store = _written(Store("PKCS12", (TrustedCert("r", Certificate(ROOT)),)))
    assert isinstance(store.layout, Layout)
    assert (store.layout.safes[0].recipe, store.layout.mac) == (MODERN.certificates, MODERN.mac)


@pytest.mark.parametrize("recipe", [None, FAST.mac], ids=["no MAC", "MAC"])
def test_a_bag_that_cannot_be_read_is_kept_beside_a_new_entry(recipe: MacRecipe | None) -> None:
    broken = encode_bag(CERT_BAG, der.sequence(b"\x30\x50abc"), attributes("broken"))
    store = pkcs12.read(pfx(data_safe(broken, cert_bag(LEAF)), recipe=recipe), PASSWORD)
    assert isinstance(store.entries[0], Opaque)
    new = TrustedCert("new", Certificate(ROOT), attributes=JAVA_TRUSTED)
    changed = replace(store, entries=(*store.entries, new))
    written = pkcs12.write(changed, PASSWORD, encryption=FAST)
    again = pkcs12.read(written, PASSWORD)
    assert again.entries == changed.entries
    assert [entry.data for entry in again.entries if isinstance(entry, Opaque)] == [broken.raw]
