"""What of a PKCS12 file is kept as it was when it is written: bags, parameters, unknown things."""

from __future__ import annotations

import pytest

from storekeeper import der
from storekeeper.errors import PasswordRequired, Unsupported, WriteRefused
from storekeeper.formats import pkcs12
from storekeeper.formats.encryption import ENCRYPTIONS, MODERN, with_iterations
from storekeeper.formats.mac import MacRecipe
from storekeeper.formats.pkcs12_bags import (
    CERT_BAG,
    JAVA_TRUSTED,
    SAFE_CONTENTS_BAG,
    Layout,
    encode_bag,
)
from storekeeper.frozen import replace
from storekeeper.model import (
    Certificate,
    Opaque,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
)
from tests import jvm
from tests.pkcs12_files import (
    CROSS,
    FAST,
    LEAF,
    PASSWORD,
    ROOT,
    attributes,
    cert_bag,
    certificate,
    data_safe,
    pfx,
    pkcs8,
)
from tests.pkcs12_written import SETS, bags, chained, in_order, without, written


def test_unknown_bags_move_to_another_file() -> None:
    strange = encode_bag("1.2.3.4", der.integer(7), attributes("odd"))
    store = pkcs12.read(pfx(data_safe(strange)), PASSWORD)
    moved = written(Store("PKCS12", (*store.entries, TrustedCert("r", Certificate(ROOT)))))
    assert strange in list(bags(moved))
    renamed = replace(store, entries=(replace(store.entries[0], alias="even"),))
    assert written(renamed).entries == renamed.entries


def test_entries_of_one_file_in_another_are_new_there() -> None:
    first, second = chained(), chained()
    both = tuple(replace(one, alias=f"{one.alias}2") for one in second.entries)
    merged = written(replace(first, entries=(*first.entries, *both)))
    assert in_order(merged.entries) == in_order((*first.entries, *both))


def test_one_entry_twice() -> None:
    store = chained()
    twice = (*store.entries, replace(store.entries[2], alias="root again"))
    assert written(replace(store, entries=twice)).entries == twice


def test_nested_bags_stay_nested() -> None:
    inner = [cert_bag(one, *attributes(name)) for one, name in ((ROOT, "r"), (CROSS, "c"))]
    nest = encode_bag(SAFE_CONTENTS_BAG, der.sequence(*(bag.raw for bag in inner)), attributes("n"))
    store = pkcs12.read(pfx(data_safe(nest)), PASSWORD)
    assert [entry.alias for entry in store.entries] == ["r", "c"]
    assert next(bags(written(store))).raw == nest.raw
    left = written(without(store, "r"))
    assert [entry.alias for entry in left.entries] == ["c"]
    (kept,) = bags(left)
    assert [bag.raw for bag in kept.inner] == [inner[1].raw]
    assert [finding.code for finding in left.findings] == ["java-invisible"]
    assert list(bags(written(without(left, "c")))) == []


def test_invented_aliases_do_not_shift() -> None:
    ones = [certificate(f"R{at}", f"R{at}") for at in range(4)]
    data = pfx(data_safe(*(cert_bag(one, *attributes(None, None, True)) for one in ones)))
    store = pkcs12.read(data, PASSWORD)
    assert [entry.alias for entry in store.entries] == ["1", "2", "3", "4"]
    left = written(without(store, "2"))
    assert left.entries == (store.entries[0], *store.entries[2:])
    # The first kept its place, so its bag is as it was.
    assert next(bags(left)) == next(bags(store))


@pytest.mark.parametrize("encryption", SETS, ids=lambda one: one.name)
def test_a_file_keeps_its_parameters(encryption: pkcs12.Encryption) -> None:
    first = pkcs12.read(pkcs12.write(chained(), PASSWORD, encryption=encryption), PASSWORD)
    kept = written(without(first, "root")).layout
    assert isinstance(kept, Layout)
    assert kept.mac == encryption.mac
    assert {safe.recipe for safe in kept.safes} == {None, encryption.certificates}


def test_other_parameters_are_taken_when_named() -> None:
    store = chained()
    for encryption in SETS:
        data = pkcs12.write(store, PASSWORD, encryption=encryption)
        store = pkcs12.read(data, PASSWORD)
        assert isinstance(store.layout, Layout)
        assert store.layout.mac == encryption.mac
        assert {safe.recipe for safe in store.layout.safes} == {None, encryption.certificates}
    assert store.entries == chained().entries


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

    store = chained()
    first = pkcs12.write(store, PASSWORD, random=zeros)
    assert first == pkcs12.write(store, PASSWORD, random=zeros)
    clear = pkcs12.write(without(store, "a"), None, encryption=ENCRYPTIONS["passwordless"])
    assert clear == pkcs12.write(without(store, "a"), None, encryption=ENCRYPTIONS["passwordless"])
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
    store = chained()
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
        store = written(Store("PKCS12", (PrivateKey("k", (), sealed),)))
        (entry,) = store.entries
        assert isinstance(entry, PrivateKey)
        assert entry.pkcs8("changeit") == odd


def test_modern_is_the_default() -> None:
    store = written(Store("PKCS12", (TrustedCert("r", Certificate(ROOT)),)))
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
