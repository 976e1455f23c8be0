"""`show`: everything a person asks about a certificate or an entry, as text and as JSON."""

from __future__ import annotations

from itertools import chain

from ..extensions import BASIC_CONSTRAINTS, KEY_USAGE
from ..model import Opaque, PrivateKey, SecretKey
from ..names import printable
from ..times import distance, iso
from ..trust.inventory import colons, unreadable
from ..x509 import facts
from .values import certificate_json, finding_json, row_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..model import Certificate, Store
    from ..trust.inventory import Row
    from ..trust.lists import RootList
    from ..x509 import Facts

SCHEMA = "storekeeper.show/1"


def certificate_text(certificate: Certificate, now: int, indent: str = "  ") -> str:
    """Label and value lines of one certificate; an unreadable one says why."""
    from ..errors import Damaged

    lines: list[tuple[str, str]] = []
    try:
        read = facts(certificate)
    except Damaged as error:
        lines.append(("problem", str(error)))
        lines.append(("size", f"{len(certificate.der)} bytes"))
    else:
        lines += _names(read)
        lines += _validity(read, now)
        lines += _keys(read)
        lines += _extensions(read)
    lines.append(("SHA-256", colons(certificate.sha256)))
    lines.append(("SHA-1", colons(certificate.sha1)))
    return "".join(f"{indent}{label + ':':18} {printable(value)}\n" for label, value in lines)


def _names(read: Facts) -> list[tuple[str, str]]:
    lines = [
        ("subject", read.subject.rfc4514() or "(empty)"),
        ("  OpenSSL", read.subject.oneline()),
        ("  Java", read.subject.java()),
    ]
    if read.self_issued:
        lines.append(("issuer", "(the same: self-issued)"))
    else:
        lines.append(("issuer", read.issuer.rfc4514() or "(empty)"))
        lines.append(("  OpenSSL", read.issuer.oneline()))
        lines.append(("  Java", read.issuer.java()))
    lines.append(("serial number", _serial(read.serial)))
    return lines


def _serial(serial: int) -> str:
    digits = f"{abs(serial):x}"
    text = f"{'-' if serial < 0 else ''}0x{'0' * (len(digits) % 2)}{digits}"
    return text if serial > 0 else f"{text} (not positive; RFC 5280 forbids it, old roots have it)"


def _validity(read: Facts, now: int) -> list[tuple[str, str]]:
    def one(seconds: int | None) -> str:
        return "unreadable" if seconds is None else f"{iso(seconds)} ({distance(seconds, now)})"

    end = one(read.not_after)
    if read.not_after is not None and read.not_after < now:
        end += ", EXPIRED"
    start = one(read.not_before)
    if read.not_before is not None and read.not_before > now:
        start += ", NOT YET VALID"
    return [("valid from", start), ("valid to", end)]


def _keys(read: Facts) -> list[tuple[str, str]]:
    return [
        ("version", str(read.version)),
        ("key", _or_unreadable(lambda: str(read.key))),
        ("signature", read.signature_algorithm),
    ]


def _or_unreadable(get: Callable[[], str]) -> str:
    from ..errors import StorekeeperError

    try:
        return get()
    except StorekeeperError as error:
        return f"unreadable: {error}"


def _critical(read: Facts, oid: str) -> str:
    from ..errors import StorekeeperError

    try:
        return " (critical)" if read.extensions.get(oid, (False, b""))[0] else ""
    except StorekeeperError:
        return ""


def _extensions(read: Facts) -> list[tuple[str, str]]:
    lines: list[tuple[str, str]] = []
    constraints = read.basic_constraints
    if constraints is None:
        ca = "no statement (version 1)" if read.version == 1 else "no (no basicConstraints)"
    elif constraints[0]:
        limit = constraints[1]
        ca = "yes" if limit is None else f"yes, at most {limit} intermediate CAs below it"
    else:
        ca = "no"
    lines.append(("CA", ca + _critical(read, BASIC_CONSTRAINTS)))
    if read.key_usage is not None:
        lines.append(("key usage", ", ".join(read.key_usage) + _critical(read, KEY_USAGE)))
    if read.extended_key_usage is not None:
        lines.append(("extended usage", ", ".join(read.extended_key_usage)))
    names = read.subject_alt_names
    if names:
        lines.append(("names (SAN)", ", ".join(map(str, names))))
    for label, identifier in (
        ("subject key id", read.subject_key_id),
        ("issuer key id", read.authority_key_id),
    ):
        if identifier:
            lines.append((label, colons(identifier.hex())))
    for label, values in (
        ("policies", read.certificate_policies),
        ("issuer at", read.ca_issuer_urls),
        ("OCSP at", read.ocsp_urls),
        ("CRL at", read.crl_urls),
    ):
        if values:
            lines.append((label, ", ".join(values)))
    for kind, constrained in (
        ("permitted", read.permitted_names),
        ("excluded", read.excluded_names),
    ):
        if constrained:
            lines.append((f"names {kind}", ", ".join(map(str, constrained))))
    lines += [("problem", problem) for problem in read.problems]
    return lines


def entry_text(row: Row, now: int) -> str:
    """An entry: alias, kind, date, then every certificate it holds."""
    name = f"alias '{printable(row.alias)}'" if row.alias else "(no alias)"
    lines = [f"{name}: {row.kind.replace('-', ' ')}"]
    if row.created_ms is not None:
        lines[0] += f", created {iso(row.created_ms // 1000)}"
    source = row.source
    if isinstance(source, PrivateKey | SecretKey):
        scheme = source.sealed.scheme
        lines.append("  key not encrypted" if scheme == "none" else f"  key sealed by {scheme}")
    if isinstance(source, Opaque):
        lines.append(f"  {printable(source.what)}, {len(source.data)} bytes")
    if isinstance(source, PrivateKey) and not row.chain:
        lines.append("  no certificate")
    text = "\n".join(lines) + "\n"
    if row.certificate is None and row.sha256 is not None:
        read = row.read()
        text += f"  {'subject:':18} {printable(read.subject or '(not in the list)')}\n"
        if read.not_after is not None:
            text += f"  {'valid to:':18} {iso(read.not_after)} ({distance(read.not_after, now)})\n"
        text += f"  {'SHA-256:':18} {colons(row.sha256)}\n"
    for place, certificate in enumerate(row.chain):
        if len(row.chain) > 1:
            text += f"\n  certificate {place + 1} of {len(row.chain)} in the chain\n"
        text += certificate_text(certificate, now)
    return text


def json(
    path: str, source: Store | RootList, rows: Sequence[Row], readers: Sequence[str]
) -> dict[str, Any]:
    """The values of ``show --json``, `SCHEMA` (docs/json.md)."""
    return {
        "schema": SCHEMA,
        "path": path,
        "format": getattr(source, "format", "root-list"),
        "readers": list(readers),
        "entries": (row_json(row) | {"certificates": map(detail_json, row.chain)} for row in rows),
        # Which certificates can't be read is known when the entries have been written.
        "findings": map(finding_json, chain(source.findings, unreadable(rows))),
    }


def detail_json(certificate: Certificate) -> dict[str, Any]:
    """Every fact of a certificate; {"error": …} beside the fingerprints of an unreadable one."""
    from ..errors import Damaged

    out = certificate_json(certificate) | {"sha1": certificate.sha1}
    try:
        read = facts(certificate)
    except Damaged as error:
        return out | {"error": str(error)}
    constraints = read.basic_constraints
    return out | {
        "subject_oneline": read.subject.oneline(),
        "subject_java": read.subject.java(),
        "serial": str(read.serial),
        "version": read.version,
        "key": _or_unreadable(lambda: str(read.key)),
        "signature_algorithm": read.signature_algorithm,
        "ca": read.is_ca,
        "path_length": constraints[1] if constraints else None,
        "key_usage": read.key_usage,
        "extended_key_usage": read.extended_key_usage,
        "subject_alt_names": [{"kind": n.kind, "value": n.value} for n in read.subject_alt_names],
        "subject_key_id": read.subject_key_id.hex() if read.subject_key_id else None,
        "authority_key_id": read.authority_key_id.hex() if read.authority_key_id else None,
        "policies": read.certificate_policies,
        "ca_issuers": read.ca_issuer_urls,
        "ocsp": read.ocsp_urls,
        "crl": read.crl_urls,
        "problems": read.problems,
    }
