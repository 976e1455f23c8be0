"""`doctor` as text and as JSON."""

from __future__ import annotations

from ..names import printable
from ..times import iso
from .probes import json as probe_json
from .values import certificate_json
from .verdicts import verdict_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..doctor.values import Case, Consultation, Diagnosis, Step

SCHEMA = "storekeeper.doctor/1"


def text(found: Consultation) -> str:
    """For people: what is wrong, the proof, and what to try in order."""
    case = found.case
    lines = [f"{case.name}, for {case.runtime}, at {iso(case.at)}"]
    for number, one in enumerate(found.diagnoses, 1):
        lines += ["", *_one(number, one)]
    if not found.diagnoses:
        where = "in what was sent" if case.probe is None else "from here"
        lines += ["", f"nothing is wrong that can be seen {where}"]
    if found.sound:
        lines += ["", *(f"in order: {one}" for one in found.sound)]
    lines += [f"note: {one}" for one in found.notes]
    return "".join(f"{printable(line)}\n" for line in lines)


def _one(number: int, found: Diagnosis) -> Iterator[str]:
    perhaps = "" if found.certain else "perhaps: "
    yield f"{number}. {perhaps}{found.what} [{found.code}]"
    for proof in found.proofs:
        yield f"   because  {proof}"
    for at, step in enumerate(found.steps):
        yield f"   {'try' if at == 0 else 'or':8} {'EMERGENCY ONLY: ' * step.emergency}{step.what}"
        for line in step.commands:
            yield f"          $ {line}"
        for consequence in step.consequences:
            yield f"            {consequence}"


def json(found: Consultation) -> dict[str, Any]:
    """The values of ``doctor --json``, `SCHEMA` (docs/json.md)."""
    case = found.case
    return {
        "schema": SCHEMA,
        "name": case.name,
        "runtime": case.runtime,
        "at": iso(case.at),
        "diagnoses": [
            {
                "code": one.code,
                "what": one.what,
                "certain": one.certain,
                "proofs": list(one.proofs),
                "steps": [_step_json(step) for step in one.steps],
            }
            for one in found.diagnoses
        ],
        "sound": list(found.sound),
        "notes": list(found.notes),
        "probe": None if case.probe is None else probe_json(case.probe),
        "verdict": None if case.verdict is None else verdict_json(case.verdict),
    }


def saved(found: Consultation) -> dict[str, Any]:
    """The same with what a support desk asks for: chain, stores, versions, the text for people."""
    import platform
    import ssl
    import sys

    from .. import __version__
    from .arrangements import pem

    case = found.case
    chain = case.question.chain if case.question is not None else ()
    if not chain and case.probe is not None:
        chain = case.probe.member.chain
    return json(found) | {
        "tool": {
            "storekeeper": __version__,
            "python": sys.version.split()[0],
            "openssl": ssl.OPENSSL_VERSION,
            "platform": platform.platform(),
        },
        "chain_pem": pem(chain),
        "trust_store": _trust_json(case),
        "client_keystore": _identity_json(case),
        "text": text(found).splitlines(),
    }


def _trust_json(case: Case) -> dict[str, Any] | None:
    if case.trust is None:
        return None
    aliases = case.trust.aliases
    return {
        "name": case.store,
        "anchors": [
            {"aliases": [alias for sha256, alias in aliases if sha256 == one.sha256]}
            | certificate_json(one)
            for one in case.trust.anchors
        ],
        "unseen": [certificate_json(one) for one in case.trust.unseen],
    }


def _identity_json(case: Case) -> dict[str, Any] | None:
    if case.selection is None:
        return None
    return {
        "name": case.identity,
        "entries": [
            {
                "alias": one.alias,
                "chosen": one.chosen,
                "code": one.code,
                "message": one.message,
                "key": one.key or None,
                "warnings": list(one.warnings),
            }
            for one in case.selection.candidates
        ],
        "chain": [certificate_json(one) for one in case.selection.chain],
    }


def _step_json(step: Step) -> dict[str, Any]:
    return {
        "what": step.what,
        "commands": list(step.commands),
        "consequences": list(step.consequences),
        "emergency": step.emergency,
    }
