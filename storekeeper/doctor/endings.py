"""How handshakes on record ended: what alerts stand for, by who sent them, and silent ends."""

from __future__ import annotations

from ..tls.words import ALERTS_OF_SERVERS, alert_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..tls.evidence.values import AlertSeen
    from .gathered import Gathered

FINITE = ("TLS_DHE_", "SSL_DHE_", "DHE-")
_OLD = ("SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1")
_NORMAL = (0, 90, 100)
_REFUSES_CLIENT = (41, 42, 43, 44, 45, 46, 48, 49, 116)
"""Alerts by which a server refuses a client's certificate, or that there is none."""
_OF_CLIENTS = {
    42: "peer-not-authenticated",
    43: "peer-not-authenticated",
    44: "revoked",
    45: "expired",
    46: "peer-not-authenticated",
    48: "unknown-root",
    49: "peer-not-authenticated",
    70: "protocol-too-old",
    113: "revoked",
}
"""What a client says by an alert, once it has seen the server's certificate."""
_ABOUT_NAMES = (40, 80, 112)
_ENDS = {"refused": "unreachable", "silent": "unreachable", "not-tls": "not-tls"}


def alerts(found: Gathered) -> Iterator[tuple[str, str]]:
    """(code, proof) of each alert that ends a handshake."""
    for one in found.alerts:
        number = one.alert.description
        if number in _NORMAL or number < 0:
            continue
        code = _of_client(number, found) if one.by == "client" else _of_server(number, one, found)
        if code:
            meaning = "" if one.by == "client" else ALERTS_OF_SERVERS.get(number, "")
            told = f" ({meaning})" if meaning else ""
            yield code, f"{one.place}: {_who(one)} alert {alert_name(number)}{told}"


def _of_client(number: int, found: Gathered) -> str:
    if number in _OF_CLIENTS:
        return _OF_CLIENTS[number]
    # At a group that is too small a client ends the handshake by many an alert.
    return "" if _dhe(found) else "client-gave-up"


def _of_server(number: int, one: AlertSeen, found: Gathered) -> str:
    if number in (70, 71, 86):
        return "protocol-too-old"
    if number == 112:
        return "sni-needed"
    if _about_client(number, one, found):
        return "client-certificate-refused"
    if not one.by and number in _REFUSES_CLIENT:
        return "certificate-refused"
    if _dhe(found):
        return ""
    return _unexplained(found) if number in (40, 80) else "handshake-refused"


def _about_client(number: int, one: AlertSeen, found: Gathered) -> bool:
    """Whether a server's alert is about the client's certificate."""
    if number == 40:
        return bool(found.wanted)
    return number in _REFUSES_CLIENT and bool(found.wanted or one.by)


def _dhe(found: Gathered) -> bool:
    return any(one.cipher.startswith(FINITE) for one in found.negotiated)


def _unexplained(found: Gathered) -> str:
    """What a handshake_failure means when the client offered old protocols alone."""
    offered = [protocol for one in found.offered for protocol in one.protocols]
    return "protocol-too-old" if offered and set(offered) <= set(_OLD) else "handshake-refused"


def unnamed(found: Gathered) -> Iterator[str]:
    """Proofs that the client did not say whom it wants, where the server refused it at once."""
    refused = any(one.by != "client" and one.alert.description in _ABOUT_NAMES
                  for one in found.alerts)  # fmt: skip
    known = [one for one in found.offered if one.ciphers]
    if refused and known and not any(one.server_name for one in known):
        yield f"{known[0].place}: the client names no server in its hello (no server_name)"


def _who(one: AlertSeen) -> str:
    return {"server": "the server sends", "client": "the client sends"}.get(one.by, "there is")


def ended(found: Gathered) -> Iterator[tuple[str, str]]:
    """(code, proof) of connections that ended without an alert."""
    if found.chain or found.negotiated:
        return  # another one of the same evidence came further
    for one in found.ended:
        yield _ENDS.get(one.how, "handshake-refused"), f"{one.place}: {one}"
