"""SARIF 2.1.0 (OASIS, errata 01), for code scanning.

The place of a finding is the store, its logical place the alias in it. What GitHub needs
beyond the standard is a line, which a binary file has not, and ``primaryLocationLineHash``:
without it all findings of a rule in a file would be one alert.
"""

from __future__ import annotations

from hashlib import sha256

from ...times import iso
from ..values import dump
from .words import about, place, safe, uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ...trust.audit.values import AuditedStore, AuditFinding, AuditHead, Waiver

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_UNREADABLE = "unreadable-store"


def render(head: AuditHead, stores: Iterable[AuditedStore]) -> Iterator[str]:
    """The log: one run, whose results are written as the stores come."""
    log = _Log(head, stores)
    return dump(
        {
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": _driver(head)},
                    "columnKind": "unicodeCodePoints",
                    "results": log.results(),
                    # What these say is known when the results are written.
                    "artifacts": lambda: log.artifacts,
                    "invocations": lambda: [log.invocation()],
                    "properties": {"rootLists": [_list(used) for used in head.lists]},
                }
            ],
        },
        ascii=True,
    )


def _driver(head: AuditHead) -> dict[str, Any]:
    return {
        "name": "storekeeper",
        "version": head.version,
        "rules": [_rule(code) for code in _codes()],
        "notifications": [
            {
                "id": _UNREADABLE,
                "shortDescription": {"text": "a store that could not be read"},
                "defaultConfiguration": {"level": "error"},
            }
        ],
    }


def _codes() -> list[str]:
    from ...trust.audit.rules import RULES

    return list(RULES)


def _rule(code: str) -> dict[str, Any]:
    from ...trust.audit.rules import RULES

    rule = RULES[code]
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in code.split("-")),
        "shortDescription": {"text": rule.meaning},
        "fullDescription": {"text": f"{rule.meaning}. By: {rule.source}."},
        "help": {"text": f"{rule.meaning}. By: {rule.source}. Each result says what to do next."},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["certificates", rule.group]},
    }


def _list(used: Any) -> dict[str, Any]:
    return {
        "name": safe(used.name),
        "title": safe(used.title),
        "date": used.date or None,
        "source": safe(used.source),
        "count": used.count,
        "old": used.old,
    }


class _Log:
    """The results, and what is collected while they are written."""

    def __init__(self, head: AuditHead, stores: Iterable[AuditedStore]) -> None:
        self.head = head
        self.stores = stores
        self.artifacts: list[dict[str, Any]] = []
        self.unread: list[dict[str, Any]] = []
        self._numbers: dict[tuple[object, ...], int] = {}

    def results(self) -> Iterator[dict[str, Any]]:
        numbers = {code: number for number, code in enumerate(_codes())}
        for store in self.stores:
            artifact = {"uri": uri(store), "index": self._index(store)}
            if store.problem:
                self.unread.append(_notification(store, artifact))
            for finding in store.findings:
                yield _result(finding, store, artifact, numbers.get(finding.code))

    def _index(self, store: AuditedStore) -> int:
        """The number of its artifact: no two may be equal, and a store may be named twice."""
        key = (uri(store), store.name, store.sha256, store.format, len(store.entries))
        if key not in self._numbers:
            self._numbers[key] = len(self.artifacts)
            self.artifacts.append(_artifact(store))
        return self._numbers[key]

    def invocation(self) -> dict[str, Any]:
        return {
            "executionSuccessful": not self.unread,
            "endTimeUtc": iso(self.head.at),
            **({"machine": safe(self.head.host)} if self.head.host else {}),
            "toolExecutionNotifications": self.unread,
        }


def _artifact(store: AuditedStore) -> dict[str, Any]:
    known = {"format": store.format, "runtime": safe(store.runtime), "name": safe(store.name)}
    return {
        "location": {"uri": uri(store)},
        "description": {"text": place(store)},
        **({"hashes": {"sha-256": store.sha256}} if store.sha256 else {}),
        "properties": {word: value for word, value in known.items() if value}
        | {"entries": len(store.entries)},
    }


def _notification(store: AuditedStore, artifact: dict[str, Any]) -> dict[str, Any]:
    hint = f"; {safe(store.hint)}" if store.hint else ""
    return {
        "descriptor": {"id": _UNREADABLE, "index": 0},
        "level": "error",
        "message": {"text": f"{place(store)}: {safe(store.problem)}{hint}"},
        "locations": [{"physicalLocation": {"artifactLocation": artifact}}],
    }


def _result(
    finding: AuditFinding, store: AuditedStore, artifact: dict[str, Any], number: int | None
) -> dict[str, Any]:
    physical = {"artifactLocation": artifact, "region": {"startLine": 1}}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.alias:
        alias = safe(finding.alias, 200)
        location["logicalLocations"] = [
            {"name": alias, "fullyQualifiedName": f"{place(store)}!{alias}", "kind": "entry"}
        ]
    text = about(finding) + (f"\nhint: {safe(finding.hint)}" if finding.hint else "")
    return {
        "ruleId": finding.code,
        **({} if number is None else {"ruleIndex": number}),
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": _fingerprints(finding),
        **({"suppressions": [_suppression(finding.waived)]} if finding.waived is not None else {}),
        **({"properties": {"source": safe(finding.source)}} if finding.source else {}),
    }


def _fingerprints(finding: AuditFinding) -> dict[str, str]:
    """What makes it the same finding in the next audit: rule, alias and certificate."""
    identity = f"{finding.code}\0{finding.alias}\0{finding.sha256}"
    digest = sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    prints = {"primaryLocationLineHash": f"{digest[:16]}:1"}
    return prints | ({"certificateSha256/v1": finding.sha256} if finding.sha256 else {})


def _suppression(waiver: Waiver) -> dict[str, Any]:
    known = {"until": waiver.until, "where": waiver.where}
    return {
        "kind": "external",
        "status": "accepted",
        "justification": safe(waiver.reason),
        "properties": {word: safe(value) for word, value in known.items() if value},
    }
