"""The commands that carry out a fix, as somebody types them."""

from __future__ import annotations

from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Certificate
    from .edits import Edit
    from .fix import Fix

_DIGITS = 16
"""Of a fingerprint: enough for a command, and still to be read."""


class Names(Frozen):
    """What things are called on the command line.

    Attributes:
        chain: the source of the chain, or the server that sent it.
        store: that of the store.
        candidates: other sources of certificates.
        places: (SHA-256, source) of certificates in the chain and the candidates.
        password: a word for ``--storepass``, or "".
        aia: missing certificates were fetched.
        live: ``chain`` is a server.
    """

    chain: str
    store: str
    candidates: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    password: str = ""
    aia: bool = False
    live: bool = False


# Sources that no command of ours writes to.
_READ_ONLY = frozenset({"-", "certifi", "system"})


def commands(fix: Fix, names: Names) -> tuple[str, ...]:
    """What to run, in order; () where no command of ours does it."""
    return tuple(line for edit in fix.edits for line in _of(edit, fix, names))


def _of(edit: Edit, fix: Fix, names: Names) -> Iterator[str]:
    from shlex import quote

    password = f" --storepass {quote(names.password)}" if names.password else ""
    store = quote(names.store)
    writable = names.store not in _READ_ONLY and not _is_list(names.store)
    if edit.kind in ("send", "reorder"):
        if names.chain != "-":
            words = [f"--with {quote(one)}" for one in names.candidates if one != "-"]
            words += [f"--store {store}{password}"] if names.store != "-" else []
            words += ["--aia"] if names.aia else []
            options = "".join(f" {word}" for word in words)
            yield f"storekeeper chain {quote(names.chain)}{options} --send > to-send.pem"
    elif edit.kind == "make-visible" and writable:
        yield f"storekeeper convert {store} --make-visible{password}"
    elif edit.kind == "give-password" and writable:
        yield f"storekeeper convert {store} --compat passwordless{password}"
    elif edit.kind.startswith("import-") and writable:
        for one in edit.certificates:
            yield from _import(one, store, password, names)
    elif edit.kind == "replace-anchor" and writable:
        for one in edit.removed:
            yield f"storekeeper delete {store} --sha256 {one.sha256[:_DIGITS]}{password}"
        yield from _import(edit.certificates[0], store, password, names)
    elif edit.kind == "other-host" and fix.host is not None:
        asked = quote(names.chain) if names.live else f"--chain {quote(names.chain)}"
        yield f"storekeeper check {asked} --store {store} --host {fix.host}"


def _import(one: Certificate, store: str, password: str, names: Names) -> Iterator[str]:
    from shlex import quote

    where = next((source for sha256, source in names.places if sha256 == one.sha256), "")
    if where and where == names.chain and names.live:
        yield f"storekeeper import {store} {quote(where)} --pin {one.sha256}{password}"
    elif where and where != "-":
        wanted = f"storekeeper export {quote(where)} --sha256 {one.sha256[:_DIGITS]}"
        yield f"{wanted} | storekeeper import {store} -{password}"
    elif names.aia and names.chain != "-":
        beside = f" --store {store}{password}" if names.store != "-" else ""
        yield f"storekeeper chain {quote(names.chain)}{beside} --aia --pem > path.pem"
        wanted = f"storekeeper export path.pem --sha256 {one.sha256[:_DIGITS]}"
        yield f"{wanted} | storekeeper import {store} -{password}"


def _is_list(name: str) -> bool:
    from . import lists

    return name in lists.SHIPPED
