"""Reading back: whatever is lost, added or altered between the plan and the bytes is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from storekeeper import formats
from storekeeper.change.readback import compare
from storekeeper.errors import StorekeeperError, WriteRefused
from storekeeper.formats.pkcs12_bags import JAVA_TRUSTED
from storekeeper.formats.reseal import seal_private_key
from storekeeper.model import (
    Attribute,
    Certificate,
    Entry,
    Opaque,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
    replace,
)
from tests import changing, mended, mutation_seeds, mutations, pki
from tests.changing import CHAIN, CORP, KEY, OTHER, PASSWORD, private, secret, trusted

FORMATS = ("JKS", "JCEKS", "PKCS12", "PEM")
NOTE = Attribute("1.2.3.4", (b"\x02\x01\x07",))


def planned(format: str) -> Store:
    """A store with every kind of entry the format has a place for."""
    date = 7 if format in ("JKS", "JCEKS") else None
    entries: list[Entry] = [
        trusted("corp", CORP, date),
        trusted("other", OTHER, date),
        private("server", format),
    ]
    if format in ("JCEKS", "PKCS12"):
        entries.append(secret("aes", format))
    if format == "PKCS12":
        entries.append(replace(entries[1], alias="noted", attributes=(*JAVA_TRUSTED, NOTE)))
    if format == "PEM":
        entries[2] = replace(entries[2], created_ms=None)
    entries += mended.strangers(format)
    return Store(format, tuple(entries))


def read_back(store: Store) -> Store:
    return formats.read(formats.write(store, PASSWORD), PASSWORD)


def altered(entry: Entry, format: str) -> Iterator[tuple[str, Entry]]:
    """The entry with something about it lost, by the name of what is."""
    if format in ("JKS", "JCEKS") or (
        format == "PKCS12" and isinstance(entry, PrivateKey | SecretKey)
    ):
        yield "date", replace(entry, created_ms=None)
        yield "date", replace(entry, created_ms=(entry.created_ms or 0) + 1)
    if not isinstance(entry, Opaque) or entry.alias:
        yield "alias", replace(entry, alias=entry.alias + "x")
        yield "alias", replace(entry, alias=entry.alias.upper())
        yield "alias", replace(entry, alias="")
    if format == "PKCS12" and entry.attributes:
        yield "attribute", replace(entry, attributes=entry.attributes[1:])
        yield "attribute", replace(entry, attributes=())
        yield "attribute", replace(entry, attributes=(*entry.attributes, Attribute("1.2.3.5")))
    match entry:
        case TrustedCert(certificate=Certificate(der=der)):
            yield "certificate", replace(entry, certificate=Certificate(der[:-1] + b"\0"))
            yield "kind", Opaque(entry.alias, "certificate", der, entry.created_ms)
            if format in ("JKS", "JCEKS"):
                typed = Certificate(der, "X509" if entry.certificate.type == "X.509" else "X.509")
                yield "type", replace(entry, certificate=typed)
        case PrivateKey(chain=chain):
            yield "chain", replace(entry, chain=chain[:1])
            yield "chain", replace(entry, chain=())
            yield "chain", replace(entry, chain=chain[::-1])
            yield "chain", replace(entry, chain=(chain[0], OTHER))
            yield "key", replace(entry, sealed=another_key(format))
            yield "kind", TrustedCert(entry.alias, chain[0], entry.created_ms)
        case SecretKey():
            changed = entry.sealed.data[:-1] + bytes([entry.sealed.data[-1] ^ 1])
            yield "key", replace(entry, sealed=replace(entry.sealed, data=changed))
        case Opaque():
            yield "content", replace(entry, data=entry.data[:-1])


def another_key(format: str) -> object:
    return seal_private_key(pki.pkcs8(pki.key("another")), format, PASSWORD)


@pytest.mark.parametrize("format", FORMATS)
def test_each_loss_is_noticed(format: str) -> None:
    store = planned(format)
    found = read_back(store)
    assert compare(store, found) == ()
    names: set[str] = set()
    for number, entry in enumerate(found.entries):
        others = found.entries[:number], found.entries[number + 1 :]
        for name, other in altered(entry, format):
            with pytest.raises(WriteRefused) as caught:
                compare(store, replace(found, entries=(*others[0], other, *others[1])))
            assert caught.value.exit_status == 6, name
            names.add(name)
        lost = replace(found, entries=(*others[0], *others[1]))
        with pytest.raises(WriteRefused):
            compare(store, lost)
        more = replace(found, entries=(*found.entries, entry))
        with pytest.raises(WriteRefused, match="that was not planned") as caught:
            compare(store, more)
        assert caught.value.alias == entry.alias
    wanted = {"alias", "certificate", "kind", "chain", "key"}
    wanted |= {"date", "type"} if format in ("JKS", "JCEKS") else {"content"}
    wanted |= {"date", "attribute"} if format == "PKCS12" else set()
    assert names == wanted


@pytest.mark.parametrize("format", ["JKS", pytest.param("JCEKS", marks=pytest.mark.slow)])
def test_the_order_is_part_of_it(format: str) -> None:
    store = planned(format)
    found = read_back(store)
    with pytest.raises(WriteRefused, match="another order"):
        compare(store, replace(found, entries=found.entries[::-1]))


def test_another_format() -> None:
    store = Store("JKS", (trusted("corp"),))
    with pytest.raises(WriteRefused, match="reads as JCEKS, not JKS"):
        compare(store, replace(read_back(store), format="JCEKS"))


def test_a_new_trusted_entry_is_one_that_java_lists() -> None:
    store = Store("PKCS12", (trusted("corp", CORP, None),))
    found = read_back(store)
    (entry,) = found.entries
    for attributes in ((), (NOTE,)):
        hidden = replace(found, entries=(replace(entry, attributes=attributes),))
        with pytest.raises(WriteRefused):
            compare(store, hidden)


@pytest.mark.parametrize("format", ["DER", "PKCS7"])
def test_where_aliases_are_made_up_certificates_count(format: str) -> None:
    store = Store(format, (trusted("mine", CORP, None),))
    found = read_back(store)
    assert compare(store, found) == ()
    with pytest.raises(WriteRefused):
        compare(store, replace(found, entries=()))
    with pytest.raises(WriteRefused):
        compare(store, Store(format, (trusted("mine", OTHER, None),)))
    with pytest.raises(WriteRefused):
        compare(store, replace(found, entries=(*found.entries, trusted("more", OTHER, None))))


def test_a_chain_that_goes_on_through_trusted_certificates_is_told() -> None:
    """In a PKCS12 Java follows the chain through every certificate of the file."""
    leaf, ca = changing.CHAIN
    key = replace(private("server", "PKCS12"), chain=(leaf,))
    store = Store("PKCS12", (key, trusted("ca", ca, None)))
    (note,) = compare(store, read_back(store))
    assert (note.code, note.severity, note.where) == ("chain-completed", "info", "server")
    assert "with 2 certificates from now on, not 1" in note.message


def test_a_bundle_does_not_say_whose_an_encrypted_key_is() -> None:
    """It is told by its place. What would be taken for another's is not written."""
    sealed = seal_private_key(KEY, "PEM", PASSWORD)
    # Alone in a bundle, a key would be given the first certificate that is no CA.
    leaf = pki.cert("of another", "another CA")
    store = Store("PEM", (trusted("of another", leaf, None), PrivateKey("k", CHAIN[1:], sealed)))
    with pytest.raises(WriteRefused, match="is not what was planned") as caught:
        compare(store, read_back(store))
    assert "convert the bundle to PKCS12" in caught.value.hint


def test_the_same_key_encoded_in_another_way_is_the_same() -> None:
    """A PKCS12 writer encodes in DER what it read in BER, and nothing else about it changes."""
    store = Store("PKCS12", (private("server", "PKCS12"),))
    (entry,) = store.entries
    assert isinstance(entry, PrivateKey)
    data = entry.sealed.data
    assert data[1] == 0x81
    long = b"\x30\x83\0\0" + data[2:]
    ber = replace(entry, sealed=replace(entry.sealed, data=long))
    assert ber.pkcs8(PASSWORD) == KEY
    assert compare(replace(store, entries=(ber,)), read_back(store)) == ()


# -- whatever happens to the bytes -----------------------------------------------------------------


def damaged(group: str, count: int) -> Iterator[tuple[Store, Store]]:
    """Seeds as planned, with what was read of bytes that somebody changed."""
    seeds = [formats.read(data, mutation_seeds.PASSWORD) for data in mutation_seeds.GROUPS[group]()]
    for index in range(count):
        data = mutations.make(group, 5, index)
        for password in (mutation_seeds.PASSWORD, None):
            try:
                found = formats.read(data, password)
            except StorekeeperError:
                continue
            for seed in seeds:
                yield seed, found
            break


@pytest.mark.parametrize("group", ["JKS", "JCEKS", "PKCS12-passwordless", "PKCS12-modern", "PEM"])
@pytest.mark.parametrize("count", [300, pytest.param(6000, marks=pytest.mark.slow)])
def test_changed_bytes_are_noticed_or_say_the_same(group: str, count: int) -> None:
    noticed = 0
    for seed, found in damaged(group, count):
        try:
            notes = compare(seed, found)
        except WriteRefused:
            noticed += 1
            continue
        if not notes:
            assert _sorted(found) == _sorted(seed)
    assert noticed > count / 20


def _sorted(store: Store) -> list[str]:
    key: Callable[[Entry], str] = lambda entry: f"{entry!r}{_bytes(entry)!r}"  # noqa: E731
    return sorted(key(replace(entry, origin=None)) for entry in store.entries)


def _bytes(entry: Entry) -> object:
    match entry:
        case TrustedCert():
            return entry.certificate.der
        case PrivateKey():
            return [one.der for one in entry.chain], entry.sealed.data
        case SecretKey():
            return entry.sealed.data
        case Opaque():
            return entry.data


def test_secrets_are_compared_by_value() -> None:
    assert Secret("AES", b"1") != Secret("AES", b"2")
