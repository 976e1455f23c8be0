"""`client check` and `client build` as text and as JSON."""

from __future__ import annotations

from ..names import printable
from .probes import authority, request_json
from .values import certificate_json, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..identity.build import Built, Option
    from ..identity.select import Candidate, Selection
    from ..tls.messages import CertificateRequest

CHECK_SCHEMA = "storekeeper.client-check/1"
BUILD_SCHEMA = "storekeeper.client-build/1"
_SHOWN = 10


def text(selection: Selection, request: CertificateRequest, *, tried: str = "") -> str:
    """What is sent, and why each other entry is not."""
    who = f"{selection.runtime} with {selection.key_manager}"
    if selection.alias is None:
        head = f"{who} sends no certificate"
    else:
        number = len(selection.chain)
        count = "1 certificate" if number == 1 else f"{number} certificates"
        head = f"{who} sends {selection.alias!r}, {count}"
    if selection.problem:
        head += f", and the handshake fails: {selection.problem}"
    lines = [head, *_asked(request)]
    lines += [f"  {line}" for one in selection.candidates for line in _candidate(one)]
    if not selection.candidates:
        lines.append("  there is no entry in the store")
    lines += [f"  note: {note}" for note in selection.notes]
    if tried:
        lines.append(f"  tried: {tried}")
    return "".join(f"{printable(line)}\n" for line in lines)


def _asked(request: CertificateRequest) -> Iterator[str]:
    names = request.authorities
    yield f"  asked for in {request.protocol}: " + (
        "a certificate of any CA" if not names else "a certificate of one of these CAs:"
    )
    for one in names[:_SHOWN]:
        yield f"    {authority(one)}"
    if len(names) > _SHOWN:
        yield f"    and {len(names) - _SHOWN} more"


def _candidate(one: Candidate) -> Iterator[str]:
    key = f" ({one.key})" if one.key else ""
    yield f"{'->' if one.chosen else '  '} {one.alias}{key}: {one.message} [{one.code}]"
    for warning in one.warnings:
        yield f"   {warning}"


def json(
    selection: Selection, request: CertificateRequest, store: str, tried: dict[str, Any] | None
) -> dict[str, Any]:
    """The values of ``client check --json``, `CHECK_SCHEMA` (docs/json.md)."""
    return {
        "schema": CHECK_SCHEMA,
        "store": store,
        "runtime": selection.runtime,
        "key_manager": selection.key_manager,
        "at": moment(selection.at),
        "request": request_json(request),
        "alias": selection.alias,
        "chain": [certificate_json(one) for one in selection.chain],
        "kinds": list(selection.kinds),
        "problem": selection.problem or None,
        "candidates": [
            {
                "alias": one.alias,
                "chosen": one.chosen,
                "code": one.code,
                "message": one.message,
                "key": one.key or None,
                "warnings": list(one.warnings),
            }
            for one in selection.candidates
        ],
        "notes": list(selection.notes),
        "tried": tried,
    }


def choice(built: Built) -> list[str]:
    """Which key was chosen, and what speaks against the others, in lines."""
    lines = []
    if built.chosen is not None:
        lines.append(f"{built.chosen.alias!r} is chosen: {built.chosen.why}")
    lines += [f"{one.alias!r} is not: {_why(one)}" for one in built.rejected[:_SHOWN]]
    if len(built.rejected) > _SHOWN:
        lines.append(f"nor are {len(built.rejected) - _SHOWN} more")
    return [printable(line) for line in lines]


def _why(one: Option) -> str:
    return f"another is better ({one.why})" if one.code == "second-best" else one.why


def wanted(built: Built) -> str:
    """What would have to be had, where no key will do."""
    kinds = ", ".join(built.kinds) or "none that Java has"
    lines = ["no key will do; what is wanted:"]
    lines += [f"  {line}" for line in choice(built)]
    lines.append(f"  a key of the kind {kinds}")
    if built.authorities:
        lines.append("  with a certificate for clients (clientAuth) below one of these CAs:")
        lines += [f"    {name}" for name in built.authorities[:_SHOWN]]
        if len(built.authorities) > _SHOWN:
            lines.append(f"    and {len(built.authorities) - _SHOWN} more")
    else:
        lines.append("  with a certificate for clients (clientAuth) of any CA")
    return "".join(f"{printable(line)}\n" for line in lines)


def built_json(built: Built, request: CertificateRequest) -> dict[str, Any]:
    """The values of ``client build --json`` where no key will do, `BUILD_SCHEMA`."""
    return {
        "schema": BUILD_SCHEMA,
        "request": request_json(request),
        "kinds": list(built.kinds),
        "chosen": None if built.chosen is None else _option(built.chosen),
        "rejected": [_option(one) for one in built.rejected],
        "notes": list(built.notes),
    }


def _option(one: Option) -> dict[str, Any]:
    return {
        "alias": one.alias,
        "code": one.code,
        "why": one.why,
        "missing": one.missing or None,
        "chain": [certificate_json(item) for item in one.chain],
    }
