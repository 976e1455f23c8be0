"""Random sequences of edits against a dictionary: what the file holds, and that undo works."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.change import journal
from storekeeper.change.apply import apply
from storekeeper.change.convert import plan_convert
from storekeeper.change.copy import plan_copy
from storekeeper.change.delete import plan_delete
from storekeeper.change.import_ import plan_import
from storekeeper.change.incoming import Incoming
from storekeeper.change.merge import plan_merge
from storekeeper.change.openings import KeyPasswords
from storekeeper.change.passwords import plan_key_password, plan_store_password
from storekeeper.change.plan import Plan
from storekeeper.change.rename import plan_rename
from storekeeper.change.target import Target, open_target
from storekeeper.change.union import Side
from storekeeper.errors import NoSuchEntry, WriteRefused
from storekeeper.formats.reseal import seal_private_key
from storekeeper.model import Certificate, Password, PrivateKey, SecretKey, Store, TrustedCert
from tests import pki

NOW = 1_750_000_000_000
BORN = 1_700_000_000_000
ALIASES = ("alpha", "Beta", "beta-1", "gamma ü", "Δelta")
PASSWORDS = ("changeit", "second one", "$3 '\"")  # a JCEKS key takes ASCII only
CERTIFICATES = tuple(pki.cert(f"Edits CA {number}") for number in range(3))
KEYS = ("edits one", "edits two")
CHAINS = {
    name: (pki.cert(name, "Edits CA 0"), CERTIFICATES[0]) if name == KEYS[0] else (pki.cert(name),)
    for name in KEYS
}
SOURCE_PASSWORD = Password("where they come from")
SOURCE = Side(
    "source",
    Store(
        "JKS",
        tuple(
            PrivateKey(
                name,
                CHAINS[name],
                seal_private_key(pki.pkcs8(pki.key(name)), "JKS", SOURCE_PASSWORD),
                BORN + number,
            )
            for number, name in enumerate(KEYS)
        ),
    ),
    KeyPasswords(SOURCE_PASSWORD),
)


class Item:
    """What the dictionary says of an alias."""

    def __init__(
        self, alias: str, content: object, created: int | None, password: str = ""
    ) -> None:
        self.alias = alias
        self.content = content  # a certificate, or the name of a key
        self.created = created
        self.password = password

    @property
    def is_key(self) -> bool:
        return isinstance(self.content, str)

    def shown(self) -> tuple[object, ...]:
        return self.alias, self.content, self.created


class Bench:
    """A store in a file, and the dictionary of what it should hold."""

    def __init__(self, folder: Path, format: str) -> None:
        self.path = folder / "store"
        self.format = format
        self.password = PASSWORDS[0]
        self.items: dict[str, Item] = {}
        self.path.write_bytes(formats.write(Store(format), self.password))

    def target(self) -> Target:
        return open_target(str(self.path), Password(self.password))

    def lower(self, alias: str) -> str:
        return alias if self.format == "PKCS12" else alias.lower()

    def dated(self, created: int | None, *, key: bool) -> int | None:
        if self.format == "PKCS12" and not key:
            return None
        return NOW if created is None else created

    def opens(self) -> KeyPasswords:
        own = [(folded, Password(item.password)) for folded, item in self.items.items()]
        return KeyPasswords(Password(self.password), None, tuple(own))

    # -- edits: each changes the dictionary, and gives the constructor of the plan --------------

    def import_(self, alias: str, number: int) -> Callable[[Target], Plan]:
        certificate = CERTIFICATES[number]
        folded = alias.lower()
        holder = self.items.get(folded)

        def make(target: Target) -> Plan:
            incoming = [Incoming(certificate, "x")]
            return plan_import(
                target, incoming, alias=alias, on_conflict="replace", at=NOW // 1000, now_ms=NOW
            )

        if any(item.content == certificate for item in self.items.values()):
            return make
        if holder is not None and holder.is_key:
            return refused(make)
        name = holder.alias if holder else self.lower(alias)
        self.items[folded] = Item(name, certificate, self.dated(None, key=False))
        return make

    def copy(self, alias: str, number: int) -> Callable[[Target], Plan]:
        name, folded = KEYS[number], alias.lower()
        opens = self.opens()

        def make(target: Target) -> Plan:
            return plan_copy(target, SOURCE, [name], rename=alias, keys=opens, now_ms=NOW)

        holder = self.items.get(folded)
        if holder is not None:
            return make if holder.content == name else refused(make)
        self.items[folded] = Item(self.lower(alias), name, BORN + number, self.password)
        return make

    def delete(self, alias: str, _: int) -> Callable[[Target], Plan]:
        self.items.pop(alias.lower(), None)
        return lambda target: plan_delete(target, [alias], missing_ok=True)

    def rename(self, alias: str, number: int) -> Callable[[Target], Plan]:
        new = ALIASES[number]

        def make(target: Target) -> Plan:
            return plan_rename(target, alias, new)

        item = self.items.get(alias.lower())
        if item is None:
            return make if new.lower() in self.items else missing(make)
        if alias.lower() != new.lower() and new.lower() in self.items:
            return refused(make)
        del self.items[alias.lower()]
        self.items[new.lower()] = Item(self.lower(new), item.content, item.created, item.password)
        return make

    def passwd(self, _: str, number: int) -> Callable[[Target], Plan]:
        old, new = self.password, PASSWORDS[number]
        keys = self.opens()
        for item in self.items.values():
            if item.is_key and (self.format == "PKCS12" or item.password == old):
                item.password = new
        self.password = new
        return lambda target: plan_store_password(target, Password(new), keys=keys)

    def keypass(self, alias: str, number: int) -> Callable[[Target], Plan]:
        new = Password(PASSWORDS[number])
        item = self.items.get(alias.lower())
        keys = self.opens()

        def make(target: Target) -> Plan:
            return plan_key_password(target, alias, new, keys=keys)

        if item is None or not item.is_key:
            return lambda target: plan_delete(target, ["nothing"], missing_ok=True)
        if self.format == "PKCS12" and new.text != self.password:
            return refused(make)
        item.password = new.text or ""
        return make

    def convert(self, _: str, number: int) -> Callable[[Target], Plan]:
        format = ("PKCS12", "JKS", "JCEKS")[number]
        opens, old = self.opens(), self.format
        self.format = format
        for item in self.items.values():
            item.alias = self.lower(item.alias)
            item.created = self.dated(item.created, key=item.is_key)
            if item.is_key and format == "PKCS12" != old:
                item.password = self.password

        def make(target: Target) -> Plan:
            assert target.store is not None
            side = Side("x", target.store, opens, native=True)
            return plan_convert(target, side, storetype=format, now_ms=NOW)

        return make

    def sort(self, _: str, number: int) -> Callable[[Target], Plan]:
        by = ("alias", "expiry", "subject")[number]

        def make(target: Target) -> Plan:
            assert target.store is not None
            side = Side("x", target.store, self.opens(), native=True)
            return plan_merge(target, [side], sort=by, dedupe=True, now_ms=NOW)

        return make

    # -- what is there ------------------------------------------------------------------------

    def check(self) -> None:
        store = formats.read(self.path.read_bytes(), self.password)
        assert store.format == self.format
        found: list[tuple[object, ...]] = []
        for entry in store.entries:
            match entry:
                case TrustedCert():
                    found.append((entry.alias, entry.certificate, entry.created_ms))
                case PrivateKey():
                    item = self.items[entry.alias.lower()]
                    name = str(item.content)
                    assert entry.chain == CHAINS[name]
                    assert entry.pkcs8(item.password) == pki.pkcs8(pki.key(name))
                    found.append((entry.alias, name, entry.created_ms))
        assert sorted(found, key=str) == sorted((i.shown() for i in self.items.values()), key=str)


def refused(make: Callable[[Target], Plan]) -> Callable[[Target], Plan]:
    return _raising(make, WriteRefused)


def missing(make: Callable[[Target], Plan]) -> Callable[[Target], Plan]:
    return _raising(make, NoSuchEntry)


def _raising(make: Callable[[Target], Plan], error: type[Exception]) -> Callable[[Target], Plan]:
    def raising(target: Target) -> Plan:
        assert target.store is not None
        with pytest.raises(error):
            make(target)
        return Plan(target, target.store)

    return raising


EDITS = st.tuples(
    st.sampled_from(
        [
            "import_",
            "import_",
            "copy",
            "copy",
            "delete",
            "rename",
            "passwd",
            "keypass",
            "convert",
            "sort",
        ]
    ),
    st.sampled_from(ALIASES),
    st.integers(0, 2),
)


@contextlib.contextmanager
def bench(format: str) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", folder)
        yield Bench(Path(folder), format)


def run(one: Bench, kind: str, alias: str, number: int) -> None:
    """One edit: the file holds what it should, and undo and redo give the exact bytes."""
    before, opened = one.path.read_bytes(), one.target()
    make = getattr(one, kind)(alias, number % 2 if kind == "copy" else number)
    applied = apply(make(opened), backups=50)
    after = one.path.read_bytes()
    assert applied.changed == (before != after)
    one.check()
    again = make(one.target())
    assert again.unchanged, f"{kind} twice: {again.changes}"
    if applied.changed:
        undone = apply(
            journal.undo(journal.last(str(one.path))), backups=50, undoes=applied.id or ""
        )
        assert one.path.read_bytes() == before
        apply(journal.undo(journal.named(undone.id or "")), backups=50, undoes=undone.id or "")
        assert one.path.read_bytes() == after


def run_all(format: str, edits: list[tuple[str, str, int]]) -> None:
    with bench(format) as one:
        for kind, alias, number in edits:
            run(one, kind, alias, number)


@given(edits=st.lists(EDITS, min_size=1, max_size=8))
@settings(max_examples=6)  # its keys take 200,000 rounds each
def test_edits_of_a_jceks(edits: list[tuple[str, str, int]]) -> None:
    run_all("JCEKS", edits)


@pytest.mark.parametrize("format", ["PKCS12", "JKS"])
@given(edits=st.lists(EDITS, min_size=1, max_size=8))
@settings(max_examples=20)
def test_edits(format: str, edits: list[tuple[str, str, int]]) -> None:
    run_all(format, edits)


def test_every_kind_of_edit_does_something() -> None:
    """Guards the property above against edits that never change a thing."""
    with bench("JKS") as one:
        for kind, alias, number in (
            ("import_", "alpha", 1),
            ("copy", "Beta", 0),
            ("rename", "alpha", 2),
            ("keypass", "beta", 2),
            ("passwd", "", 1),
            ("sort", "", 1),
            ("convert", "", 0),
            ("delete", "beta-1", 0),
        ):
            before = one.path.read_bytes()
            run(one, kind, alias, number)
            assert one.path.read_bytes() != before, kind
        assert list(one.items) == ["beta"]


def test_the_dictionary_can_disagree() -> None:
    with bench("JKS") as one:
        run(one, "import_", "alpha", 1)
        one.items["alpha"].content = Certificate(b"another")
        with pytest.raises(AssertionError):
            one.check()


def test_secret_keys_follow_the_store_too() -> None:
    from storekeeper.formats.reseal import seal_secret
    from storekeeper.model import Secret

    with bench("JCEKS") as one:
        sealed = seal_secret(Secret("AES", bytes(16)), "JCEKS", Password("changeit"))
        store = Store("JCEKS", (SecretKey("aes", sealed, BORN),))
        one.path.write_bytes(formats.write(store, "changeit"))
        apply(plan_store_password(one.target(), Password("new one")))
        (entry,) = formats.read(one.path.read_bytes(), "new one").entries
        assert isinstance(entry, SecretKey)
        assert entry.secret("new one").material == bytes(16)
        assert entry.created_ms == BORN
