"""The one private key in what somebody gave, and what to call it."""

from __future__ import annotations

from ..errors import UsageError
from ..model import Certificate, PrivateKey, Store
from ..trust.chain import matches_key
from .aliases import expand
from .key_chains import newest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["alias_of", "one_key"]


def one_key(stores: Sequence[Store], alias: str | None = None) -> tuple[PrivateKey, Store]:
    """The private key among several sources, and the source it is in.

    Args:
        stores: what was read.
        alias: of the key in its source, where there are several; ``key#2`` is the second
            of the keys that are all called ``key``.

    Raises:
        UsageError: there is none, or several.
    """
    keys = [
        (entry, store)
        for store in stores
        for entry in store.entries
        if isinstance(entry, PrivateKey)
    ]
    labels = _labels([entry for entry, _ in keys])
    wanted = [
        one
        for one, label in zip(keys, labels, strict=True)
        if alias is None or alias.lower() in (one[0].alias.lower(), label.lower())
    ]
    if len(wanted) == 1:
        return wanted[0]
    names = ", ".join(map(repr, labels[:5]))
    names += ", ..." if len(keys) > 5 else ""
    if not keys:
        raise UsageError(
            "expected one private key in the sources, found none",
            hint="give the file with the key as well",
        )
    if not wanted:
        raise UsageError(
            f"none of the private keys in the sources is {alias!r}", hint=f"there are: {names}"
        )
    raise UsageError(
        f"expected one private key in the sources, found {len(wanted)}: {names}",
        hint="--srcalias says which",
    )


def _labels(keys: Sequence[PrivateKey]) -> list[str]:
    """What to call each by: its alias, with a number where several have the same."""
    every = [key.alias.lower() for key in keys]
    return [
        f"{key.alias}#{every[: at + 1].count(every[at])}" if every.count(every[at]) > 1
        else key.alias
        for at, key in enumerate(keys)
    ]  # fmt: skip


def alias_of(
    entry: PrivateKey, store: Store, pkcs8: bytes, certificates: Iterable[Certificate]
) -> str:
    """What to call a key nobody named: as its source does, else by its certificate's subject.

    In PEM a ``friendlyName`` line is a name, and a file of DER has none.
    """
    from ..formats.pem import Origin
    from ..pki.keys import spki_of

    unnamed = store.format == "DER" or (isinstance(entry.origin, Origin) and not entry.origin.named)
    if entry.alias and not unnamed:
        return entry.alias
    public = spki_of(pkcs8)
    own = [one for one in certificates if matches_key(one, public)]
    return expand("{cn}", newest(own)) if own else entry.alias
