"""PKCS12 stores made to be edited and written, and what is in the file then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from storekeeper.formats import pkcs12
from storekeeper.formats.encryption import ENCRYPTIONS, with_iterations
from storekeeper.formats.pkcs12_bags import (
    Bag,
    Layout,
)
from storekeeper.frozen import replace
from storekeeper.model import (
    Certificate,
    Entry,
    Password,
    PrivateKey,
    Store,
    TrustedCert,
)
from tests.pkcs12_files import (
    FAST,
    INTERMEDIATE,
    LEAF,
    OTHER,
    PASSWORD,
    ROOT,
    pkcs8,
)

SETS = [with_iterations(one, 2) for one in ENCRYPTIONS.values()]
CHAINS: tuple[list[bytes], ...] = (
    [LEAF, INTERMEDIATE, ROOT],
    [OTHER, INTERMEDIATE, ROOT],
    [ROOT],
    [],
)
SEALED = {
    name: pkcs12.seal_private_key(pkcs8(name), Password(f"{name}!"), FAST)
    for name in ("leaf", "other")
}


def in_order(found: Sequence[Entry]) -> list[tuple[str, Entry]]:
    return sorted(((entry.alias, entry) for entry in found), key=lambda pair: pair[0])


def bags(store: Store) -> Iterator[Bag]:
    assert isinstance(store.layout, Layout)
    for safe in store.layout.safes:
        yield from safe.bags


def chained() -> Store:
    """Two keys that share their chain, one trusted root, in a file as Java lays it out."""
    found: tuple[Entry, ...] = (
        PrivateKey("a", tuple(map(Certificate, CHAINS[0])), SEALED["leaf"], 11),
        PrivateKey("b", tuple(map(Certificate, CHAINS[1])), SEALED["other"], 22),
        TrustedCert("root", Certificate(ROOT)),
    )
    return pkcs12.read(pkcs12.write(Store("PKCS12", found), PASSWORD, encryption=FAST), PASSWORD)


def written(store: Store) -> Store:
    return pkcs12.read(pkcs12.write(store, PASSWORD), PASSWORD)


def without(store: Store, alias: str) -> Store:
    kept = tuple(entry for entry in store.entries if entry.alias != alias)
    return replace(store, entries=kept)
