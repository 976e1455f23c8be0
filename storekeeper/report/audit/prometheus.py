"""Prometheus' text format, for the textfile collector of node_exporter.

The names and labels of certificates are those of enix's x509-certificate-exporter 4, so that
its dashboards and alerts work, and ``alias`` beside them. Instants are absolute: the time left
is Prometheus' business. By default the certificates of keys, pinned ones that are no CA and
unreadable ones are told: 150 roots on each of a thousand hosts are no help to anybody.

All samples of a metric have to stand together, so the labels of the certificates told, and
no store, are kept until the last store was seen. Write to a file beside and rename it:
the collector may read at any moment.
"""

from __future__ import annotations

import re

from ...x509 import facts_or_none
from .words import place, safe, serial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...names import Name
    from ...trust.audit.values import AuditedEntry, AuditedStore, AuditHead

# Of the subject and issuer, in the order of the labels.
_ATTRIBUTES = {
    "C": "2.5.4.6",
    "ST": "2.5.4.8",
    "L": "2.5.4.7",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "CN": "2.5.4.3",
}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n"}

_HELP = {
    "x509_cert_not_before": "Start of validity, seconds since 1970.",
    "x509_cert_not_after": "End of validity, seconds since 1970.",
    "x509_cert_expired": "Whether it was past its end when the audit was made.",
    "x509_cert_error": "Whether the certificate, or a part of it, could not be read.",
    "x509_source_up": "Whether the store could be read.",
    "storekeeper_store_up": "Whether the store could be read.",
    "storekeeper_store_entries": "Entries of the store.",
    "storekeeper_findings": "Findings that are not waived, by rule and severity.",
    "storekeeper_findings_waived": "Findings that the policy waives.",
    "storekeeper_audit_timestamp_seconds": "When the audit was made, seconds since 1970.",
}


def render(
    head: AuditHead, stores: Iterable[AuditedStore], *, everything: bool = False
) -> Iterator[str]:
    """The metrics, when all stores were seen.

    Args:
        head: what is the same for all stores.
        stores: the stores.
        everything: tell every certificate, roots too.
    """
    told: dict[str, tuple[int | None, int | None, bool]] = {}
    samples: dict[str, dict[str, int]] = {name: {} for name in _HELP if not _of_certificate(name)}
    for store in stores:
        _of_store(store, samples)
        for entry in store.entries:
            if entry.certificate is not None and (everything or _is_told(entry)):
                labels = _labels(_about(store, entry))
                told.setdefault(labels, (entry.not_before, entry.not_after, bool(entry.problem)))
    for name in _HELP:
        if _of_certificate(name):
            yield from _family(name, _certificates(name, head, told))
    samples["storekeeper_audit_timestamp_seconds"] = {_labels({"version": head.version}): head.at}
    for name, found in samples.items():
        yield from _family(name, found.items())


def _of_certificate(name: str) -> bool:
    return name.startswith("x509_cert_")


def _is_told(entry: AuditedEntry) -> bool:
    if entry.kind == "private-key" or entry.problem:
        return True
    facts = None if entry.certificate is None else facts_or_none(entry.certificate)
    return facts is not None and not facts.is_ca


def _certificates(
    name: str, head: AuditHead, told: dict[str, tuple[int | None, int | None, bool]]
) -> Iterator[tuple[str, int]]:
    for labels, (before, after, problem) in told.items():
        if name == "x509_cert_error":
            yield labels, int(problem)
        elif name == "x509_cert_not_before" and before is not None:
            yield labels, before
        elif name == "x509_cert_not_after" and after is not None:
            yield labels, after
        elif name == "x509_cert_expired" and after is not None:
            yield labels, int(head.at > after)


def _of_store(store: AuditedStore, samples: dict[str, dict[str, int]]) -> None:
    file = {"store": safe(store.name), "filepath": place(store) if store.path else ""}
    up = int(not store.problem)
    _findings(store, file, samples)
    if store.format == "policy":
        return  # findings about the policy, and no store
    source = _labels({"source_kind": "file", "source_name": place(store)})
    samples["x509_source_up"][source] = up
    known = {**file, "format": store.format, "runtime": store.runtime}
    samples["storekeeper_store_up"][_labels(known)] = up
    if store.problem:
        return  # nothing is known of it; a zero would say that it is empty
    samples["storekeeper_store_entries"][_labels(file)] = len(store.entries)


def _findings(
    store: AuditedStore, file: dict[str, str], samples: dict[str, dict[str, int]]
) -> None:
    waived = 0
    counts: dict[tuple[str, str], int] = {}
    for finding in store.findings:
        if finding.waived is not None:
            waived += 1
        else:
            key = (finding.code, finding.severity)
            counts[key] = counts.get(key, 0) + 1
    for (code, severity), count in counts.items():
        labels = _labels({**file, "code": code, "severity": severity})
        samples["storekeeper_findings"][labels] = count
    if not store.problem:
        samples["storekeeper_findings_waived"][_labels(file)] = waived


def _about(store: AuditedStore, entry: AuditedEntry) -> dict[str, str]:
    facts = None if entry.certificate is None else facts_or_none(entry.certificate)
    path = place(store)
    found = {
        "filename": re.split(r"[/\\]", path)[-1] if store.path else "",
        "filepath": path if store.path else "",
        "serial_number": "" if entry.serial is None else serial(entry.serial),
    }
    for role, name in (
        ("issuer", facts and facts.issuer),
        ("subject", facts and facts.subject),
    ):
        found |= {f"{role}_{word}": _value(name or None, word) for word in _ATTRIBUTES}
    # With it, two certificates of one alias are two series; enix's discriminator is such a
    # beginning of a SHA-256, too.
    digest = entry.certificate.sha256[:8] if entry.certificate is not None else ""
    return {**found, "alias": entry.alias, "discriminator": digest}


def _value(name: Name | None, word: str) -> str:
    """The first attribute of a kind; of common names the last, as Go has it."""
    from ...errors import StorekeeperError

    if name is None:
        return ""
    try:
        found = [
            attribute.text or ""
            for rdn in name.rdns
            for attribute in rdn
            if attribute.oid == _ATTRIBUTES[word]
        ]
    except StorekeeperError:
        return ""
    return (found[-1] if word == "CN" else found[0]) if found else ""


def _family(name: str, found: Iterable[tuple[str, int]]) -> Iterator[str]:
    yield f"# HELP {name} {_HELP[name]}\n# TYPE {name} gauge\n"
    for labels, value in found:
        yield f"{name}{labels} {value}\n"


def _labels(values: dict[str, str]) -> str:
    inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items())
    return f"{{{inside}}}"


def _escaped(value: str) -> str:
    return re.sub(r'[\\"\n]', lambda found: _ESCAPES[found[0]], safe(value))
