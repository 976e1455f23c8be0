"""An audit as JSON: `SCHEMA`, described in docs/json.md; written store by store."""

from __future__ import annotations

from ..values import dump, moment
from .words import serial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ...trust.audit.values import AuditedEntry, AuditedStore, AuditFinding, AuditHead

SCHEMA = "storekeeper.audit/1"


def render(
    head: AuditHead, stores: Iterable[AuditedStore], *, ascii: bool = False
) -> Iterator[str]:
    """The text in pieces.

    Args:
        head: what is the same for all.
        stores: the audited stores.
        ascii: escape what is not ASCII, for a stream that can't carry it.
    """
    values = {
        "schema": SCHEMA,
        "version": head.version,
        "at": moment(head.at),
        "host": head.host or None,
        "policy": head.policy or None,
        "fails_on": head.fails_on,
        "off": list(head.off),
        "lists": [
            {
                "name": one.name,
                "title": one.title,
                "date": one.date or None,
                "source": one.source or None,
                "count": one.count,
                "old": one.old,
            }
            for one in head.lists
        ],
        "stores": map(_store, stores),
    }
    return dump(values, ascii=ascii)


def _store(store: AuditedStore) -> dict[str, Any]:
    error = {"message": store.problem, "hint": store.hint, "exit_status": store.status or 4}
    return {
        "name": store.name,
        "path": store.path,
        "format": store.format or None,
        "sha256": store.sha256 or None,
        "runtime": store.runtime or None,
        "error": error if store.problem else None,
        "findings": map(_finding, store.findings),
        "missing": [
            {
                "list": name,
                "roots": [{"sha256": sha256, "subject": subject} for sha256, subject in roots],
            }
            for name, roots in store.missing
        ],
        "entries": map(_entry, store.entries),
    }


def _finding(one: AuditFinding) -> dict[str, Any]:
    waived = one.waived
    return {
        "code": one.code,
        "severity": one.severity,
        "alias": one.alias,
        "sha256": one.sha256 or None,
        "message": one.message,
        "hint": one.hint,
        "source": one.source,
        "waived": waived
        and {"reason": waived.reason, "until": waived.until or None, "where": waived.where},
    }


def _entry(one: AuditedEntry) -> dict[str, Any]:
    return {
        "alias": one.alias,
        "kind": one.kind,
        "sha256": None if one.certificate is None else one.certificate.sha256,
        "subject": one.subject or None,
        "issuer": one.issuer or None,
        # Text: many readers of JSON take large numbers for floating point.
        "serial": None if one.serial is None else serial(one.serial),
        "not_before": moment(one.not_before),
        "not_after": moment(one.not_after),
        "key": one.key or None,
        "signature": one.signature or None,
        "quantum_vulnerable": one.quantum_vulnerable,
        "trusted_by": list(one.trusted_by),
        "chain": [certificate.sha256 for certificate in one.chain],
        "problem": one.problem or None,
    }
