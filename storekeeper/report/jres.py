"""`jres` as text and JSON."""

from __future__ import annotations

from ..names import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..host.locate import Jre, Jres

SCHEMA = "storekeeper.jres/1"


def text(found: Jres, in_use: Jre | None) -> str:
    """A paragraph for each JRE; the one in use is marked with ``*``."""
    lines: list[str] = []
    for jre in found.found:
        lines += _paragraph(jre, in_use is not None and jre.home == in_use.home)
    if not found.found:
        lines.append("no JRE found")
    if found.skipped:
        lines += ["", "passed over:"]
        lines += [
            f"  {skipped.path} ({skipped.found_by}): {skipped.why}" for skipped in found.skipped
        ]
    return "\n".join(map(printable, lines)) + "\n"


def _paragraph(jre: Jre, in_use: bool) -> Iterator[str]:
    version = jre.version or "unknown version"
    vendor = f", {jre.implementor}" if jre.implementor else ""
    yield f"{'*' if in_use else ' '} {jre.home}  ({version}{vendor})"
    yield f"    found by  {', '.join(jre.found_by)}"
    for step, link in enumerate(jre.links):
        yield f"              -> {link}" if step else f"    cacerts   {link}"
    if jre.jssecacerts:
        yield f"    used      {jre.jssecacerts}, which Java prefers to cacerts"
    manager = jre.manager
    if manager is not None:
        yield f"    managed   by {manager.name}: rewritten {manager.occasion}"
        yield f"    hint      {manager.hint}"
    if jre.note:
        yield f"    note      {jre.note}"


def json(found: Jres, in_use: Jre | None) -> dict[str, Any]:
    """The values of ``jres --json``, `SCHEMA` (docs/json.md)."""
    return {
        "schema": SCHEMA,
        "jres": [
            _jre_json(jre) | {"in_use": in_use is not None and jre.home == in_use.home}
            for jre in found.found
        ],
        "skipped": [
            {"path": skipped.path, "why": skipped.why, "found_by": skipped.found_by}
            for skipped in found.skipped
        ],
    }


def _jre_json(jre: Jre) -> dict[str, Any]:
    manager = jre.manager
    return {
        "home": jre.home,
        "version": jre.version,
        "implementor": jre.implementor,
        "cacerts": jre.cacerts,
        "links": list(jre.links),
        "jssecacerts": jre.jssecacerts,
        "managed_by": manager
        and {"name": manager.name, "occasion": manager.occasion, "hint": manager.hint},
        "found_by": list(jre.found_by),
        "note": jre.note,
    }
