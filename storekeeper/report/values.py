"""The JSON shapes that several reports share (docs/json.md)."""

from __future__ import annotations

from ..model import Certificate
from ..times import iso
from ..x509 import facts_or_none

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..model import Finding
    from ..trust.inventory import Row


def moment(seconds: int | None) -> str | None:
    """ISO 8601 of seconds since 1970 UTC."""
    return None if seconds is None else iso(seconds)


def certificate_json(certificate: Certificate) -> dict[str, Any]:
    """Fingerprint, names and validity of a certificate; nulls where it can't be read."""
    facts = facts_or_none(certificate)
    return {
        "sha256": certificate.sha256,
        "subject": facts and facts.subject.rfc4514(),
        "issuer": facts and facts.issuer.rfc4514(),
        "not_before": moment(facts.not_before if facts else None),
        "not_after": moment(facts.not_after if facts else None),
    }


def row_json(row: Row) -> dict[str, Any]:
    """One entry of ``list --json``."""
    return {
        "alias": row.alias,
        "kind": row.kind,
        "created": moment(None if row.created_ms is None else row.created_ms // 1000),
        "sha256": row.sha256,
        "subject": row.subject,
        "issuer": row.issuer,
        "not_before": moment(row.not_before),
        "not_after": moment(row.not_after),
        "chain": [certificate_json(c) for c in row.chain] if row.kind == "private-key" else [],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding; ``where`` is an alias or ""."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "where": finding.where,
        "message": finding.message,
        "hint": finding.hint,
    }


def dump(values: object) -> str:
    """JSON text, two spaces deep, non-ASCII as it is, with a final newline."""
    import json

    return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
