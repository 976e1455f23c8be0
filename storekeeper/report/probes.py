"""`probe` as text and as JSON."""

from __future__ import annotations

from ..names import Name, printable
from ..times import iso, iso_date
from ..tls import ciphers
from ..tls.probed import STATES
from ..tls.words import ALERTS_OF_SERVERS, alert_name, scheme_name, version_name
from ..trust.calling import called
from ..trust.inventory import colons
from ..x509 import facts_or_none
from .table import folded
from .values import certificate_json, finding_json, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..errors import StorekeeperError
    from ..tls.messages import CertificateRequest, KeyExchange
    from ..tls.probed import Member, Offer, Probe
    from ..tls.wire import Alert
    from ..trust.ocsp import OcspAnswer

SCHEMA = "storekeeper.probe/1"
_INDENT = 14


def text(probe: Probe, *, all_names: bool = False, width: int | None = None) -> str:
    """A probe for people, folded at so many columns; None: not at all."""
    lines = [_headline(probe)]
    member = probe.member
    lines += _labelled("protocol", [_agreed(member)] if member.spoke else [])
    lines += _labelled("key", _keys(probe))
    lines += _labelled("chain", list(_chain(member)))
    lines += _labelled("client", [f"{STATES[member.client]}: {member.why}"])
    if member.request is not None:
        lines += _labelled("", list(_request(member.request, all_names)))
    lines += _labelled("alert", [_alert(member.alert)] if member.alert else [])
    lines += _labelled("ocsp", [_ocsp(one) for one in probe.ocsp])
    lines += _labelled("offers", [line for one in probe.offers for line in _offer(one)])
    if len(probe.members) > 1:
        lines += _labelled("addresses", [_member(one) for one in probe.members])
    lines += _labelled("note", probe.notes)
    for one in probe.findings:
        where = f"{one.where}: " if one.where else ""
        lines += [f"  {one.severity:11} {where}{one.message} [{one.code}]"]
        if one.hint and one.severity != "info":
            lines += [f"  {'':11} hint: {one.hint}"]
    printed = (folded(printable(line), width, _INDENT) for line in lines)
    return "".join(f"{line}\n" for several in printed for line in several)


def _headline(probe: Probe) -> str:
    member = probe.member
    where = "" if member.address is None else f" at {member.address}"
    sent = "no server name sent" if probe.server_name is None else f"as {probe.server_name}"
    through = f", through {probe.proxy}" if probe.proxy else ""
    return f"{probe.name}{where}, {sent}{through}, {member.connect_ms:.0f} ms"


def _labelled(label: str, values: tuple[str, ...] | list[str]) -> Iterator[str]:
    for number, value in enumerate(values):
        yield f"  {'' if number else label:11} {value}"


def _agreed(member: Member) -> str:
    told = f"{version_name(member.version)}, {ciphers.suite(member.cipher).name}"
    if member.alpn:
        told += f", {member.alpn}"
    return told + (f" (not completed: {member.problem})" if member.problem else "")


def _keys(probe: Probe) -> list[str]:
    own, weak = probe.member.key_exchange, probe.weak_dhe
    found = [] if own is None else [_exchange(own)]
    if weak is not None and weak != own:
        found.append(f"{_exchange(weak)}, with Diffie-Hellman alone")
    return found


def _alert(found: Alert) -> str:
    meaning = ALERTS_OF_SERVERS.get(found.description, "")
    return alert_name(found.description) + (f": {meaning}" if meaning else "")


def _exchange(found: KeyExchange) -> str:
    parts = [found.kind, found.group or ("a group of its own" if found.kind == "DHE" else "")]
    bits = "" if found.bits is None else f"{found.bits} bits"
    return ", ".join(filter(None, (*parts, bits)))


def _chain(member: Member) -> Iterator[str]:
    for number, one in enumerate(member.chain, 1):
        facts = facts_or_none(one)
        if facts is None:
            yield f"{number} a certificate that can't be read, SHA-256 {colons(one.sha256)}"
            continue
        ends = "" if facts.not_after is None else f", until {iso_date(facts.not_after)}"
        key = facts.key
        size = f"{key.algorithm} {key.curve or key.bits or ''}".rstrip()
        yield f"{number} {called(one)}{ends}, {size}, {facts.signature_algorithm}"
        if number == 1:
            yield f"  SHA-256 {colons(one.sha256)}"


def _request(request: CertificateRequest, all_names: bool) -> Iterator[str]:
    if request.key_types:
        yield f"types {', '.join(request.key_types)}"
    if request.signature_algorithms:
        yield f"signatures {', '.join(request.schemes)}"
    names = request.authorities
    if not names:
        yield "acceptable CAs: none named, any may do"
        return
    yield f"acceptable CAs: {len(names)}"
    shown = names if all_names else names[:10]
    for one in shown:
        yield f"  {authority(one)}"
    if len(names) > len(shown):
        yield f"  and {len(names) - len(shown)} more; --all-names shows them"


def authority(encoded: bytes) -> str:
    """An acceptable CA's name, as `list` prints subjects."""
    from ..errors import StorekeeperError as Unreadable

    try:
        return Name(encoded).rfc4514() or "(an empty name)"
    except Unreadable:
        return f"a name that can't be read: {encoded[:40].hex()}"


def _ocsp(one: OcspAnswer) -> str:
    how = one.how or "not asked"
    if one.problem:
        return f"{how}: {one.problem}"
    until = "" if one.next_update is None else f", until {iso(one.next_update)}"
    since = "" if one.revoked_at is None else f" since {iso(one.revoked_at)}, {one.reason}"
    return f"{how}: {one.status}{since}{until}"


def _offer(one: Offer) -> Iterator[str]:
    name = version_name(one.version)
    if not one.accepted:
        answer = "no" if one.accepted is False else "can't be told"
        why = f"alert {alert_name(one.alert.description)}" if one.alert else one.problem
        yield f"{name}: {answer}" + (f", {why}" if why else "")
        return
    order = {True: ", the server's order", False: ", the client's order", None: ""}
    suites = [_suite(number) for number in one.ciphers]
    first = f", {suites[0]}" if len(suites) == 1 else ""
    exchange = f", {_exchange(one.key_exchange)}" if one.key_exchange else ""
    yield f"{name}: yes{first}{exchange}{order[one.server_orders]}"
    if len(suites) > 1:
        yield from (f"  {suite}" for suite in suites)
    if one.problem:
        yield f"  not all: {one.problem}"


def _suite(number: int) -> str:
    one = ciphers.suite(number)
    return f"{one.name} ({one.weakness})" if one.weakness else one.name


def _member(one: Member) -> str:
    if not one.spoke:
        return f"{one.address}: {one.problem or 'no answer'}"
    leaf = colons(one.chain[0].sha256)[:23] + "..." if one.chain else "no certificate"
    return f"{one.address}: {version_name(one.version)}, {leaf}, {one.connect_ms:.0f} ms"


def json(probe: Probe) -> dict[str, Any]:
    """The values of ``probe --json``, `SCHEMA` (docs/json.md)."""
    plain = probe.plain
    return {
        "schema": SCHEMA,
        "name": probe.name,
        "host": probe.host,
        "port": probe.port,
        "server_name": probe.server_name,
        "proxy": probe.proxy or None,
        "at": moment(probe.at),
        "members": [_member_json(one) for one in probe.members],
        "without_server_name": None if plain is None else [certificate_json(one) for one in plain],
        "offers": [_offer_json(one) for one in probe.offers],
        "ocsp": [_ocsp_json(one) for one in probe.ocsp],
        "dhe": None if probe.weak_dhe is None else _exchange_json(probe.weak_dhe),
        "notes": list(probe.notes),
        "findings": [finding_json(one) for one in probe.findings],
    }


def failed_json(name: str, error: StorekeeperError) -> dict[str, Any]:
    """In place of a probe: why there is none."""
    return {"schema": SCHEMA, "name": name, "error": error.message, "hint": error.hint or None}


def several_json(values: list[dict[str, Any]]) -> dict[str, Any]:
    """The probes of several servers."""
    return {"schema": SCHEMA, "probes": values}


def _member_json(one: Member) -> dict[str, Any]:
    exchange, request, alert = one.key_exchange, one.request, one.alert
    return {
        "address": None if one.address is None else str(one.address),
        "connect_ms": round(one.connect_ms),
        "problem": one.problem or None,
        "protocol": version_name(one.version) if one.version else None,
        "cipher": ciphers.suite(one.cipher).name if one.cipher else None,
        "key_exchange": None if exchange is None else _exchange_json(exchange),
        "chain": [certificate_json(item) for item in one.chain],
        "client_certificate": one.client,
        "why": one.why or None,
        "request": None if request is None else request_json(request),
        "alert": None if alert is None else alert_name(alert.description),
        "alpn": one.alpn or None,
        "first_flight_only": one.raw,
        "key_proved": one.proved,
    }


def _exchange_json(found: KeyExchange) -> dict[str, Any]:
    return {"kind": found.kind, "group": found.group or None, "bits": found.bits}


def request_json(request: CertificateRequest) -> dict[str, Any]:
    """A CertificateRequest: names as text and as DER in hex, in the order sent."""
    return {
        "protocol": request.protocol,
        "when": request.when,
        "authorities": [{"name": authority(one), "der": one.hex()} for one in request.authorities],
        "certificate_types": list(request.certificate_types),
        "key_types": list(request.key_types),
        "signature_algorithms": list(request.signature_algorithms),
        "schemes": list(request.schemes),
        "signature_algorithms_cert": [
            scheme_name(one) for one in request.signature_algorithms_cert
        ],
    }


def _ocsp_json(one: OcspAnswer) -> dict[str, Any]:
    return {
        "how": one.how or None,
        "status": one.status or None,
        "problem": one.problem or None,
        "this_update": moment(one.this_update),
        "next_update": moment(one.next_update),
        "revoked_at": moment(one.revoked_at),
        "reason": one.reason or None,
    }


def _offer_json(one: Offer) -> dict[str, Any]:
    return {
        "protocol": version_name(one.version),
        "accepted": one.accepted,
        "ciphers": [ciphers.suite(number).name for number in one.ciphers],
        "key_exchange": None if one.key_exchange is None else _exchange_json(one.key_exchange),
        "server_orders": one.server_orders,
        "alert": None if one.alert is None else alert_name(one.alert.description),
        "problem": one.problem or None,
    }
