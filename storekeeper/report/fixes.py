"""`fix` as text and as JSON."""

from __future__ import annotations

from ..names import printable
from ..trust.fix_commands import commands
from ..trust.inventory import colons
from .values import certificate_json
from .verdicts import verdict_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..trust.fix import Fix, Mending
    from ..trust.fix_commands import Names

SCHEMA = "storekeeper.fix/1"


def text(found: Mending, names: Names, why: str = "") -> str:
    """What to do, the best first.

    Args:
        found: what was found.
        names: what things are called on the command line.
        why: what stands behind the refusal, or "".
    """
    verdict = found.verdict
    if verdict.accepts:
        return printable(f"nothing to mend: {verdict.runtime} accepts") + "\n"
    lines = [f"{verdict.runtime} refuses: {verdict.message or verdict.rule}"]
    if verdict.accepts is None:
        lines = [f"{verdict.runtime} decides at random: {verdict.message or verdict.rule}"]
    if why:
        lines.append(f"  {why}")
    lines += [f"  {remark}" for remark in found.remarks]
    for number, fix in enumerate(found.fixes, 1):
        lines += ["", *_one(number, fix, names)]
    if not found.fixes:
        lines += ["", "no change that was tried makes it accept"]
    if found.gave_up:
        lines.append(f"gave up after {found.trials} questions; there may be more")
    return "".join(f"{printable(line)}\n" for line in lines)


def _one(number: int, fix: Fix, names: Names) -> Iterator[str]:
    yield f"{number}. {'EMERGENCY ONLY: ' if fix.emergency else ''}{fix.what}"
    for consequence in fix.consequences:
        yield f"     {consequence}"
    for edit in fix.edits:
        if edit.kind.startswith("import-") or edit.kind == "replace-anchor":
            for one in edit.certificates:
                yield f"     SHA-256 {colons(one.sha256)}"
    for line in commands(fix, names):
        yield f"   $ {line}"
    if fix.verdict is None:
        yield "     nobody but the issuer can do that, so it was not tried"
    else:
        yield f"     tried: {fix.verdict.runtime} accepts then"


def json(found: Mending, names: Names, why: str = "") -> dict[str, Any]:
    """The values of ``fix --json``, `SCHEMA` (docs/json.md)."""
    return {
        "schema": SCHEMA,
        "verdict": verdict_json(found.verdict),
        "reason": why or None,
        "remarks": list(found.remarks),
        "trials": found.trials,
        "gave_up": found.gave_up,
        "fixes": [
            {
                "kind": fix.kind,
                "what": fix.what,
                "consequences": list(fix.consequences),
                "emergency": fix.emergency,
                "host": fix.host,
                "proved": fix.verdict is not None,
                "commands": list(commands(fix, names)),
                "edits": [
                    {
                        "kind": edit.kind,
                        "what": edit.what,
                        "certificates": [certificate_json(one) for one in edit.certificates],
                        "removed": [certificate_json(one) for one in edit.removed],
                    }
                    for edit in fix.edits
                ],
            }
            for fix in found.fixes
        ],
    }
