"""Asking for TLS in protocols of packets: LDAP, PostgreSQL, MySQL, SQL Server, RDP.

Sources: RFC 4511 section 4.14; PostgreSQL's documentation, "Message Formats"; MySQL's
documentation, "Connection Phase"; MS-TDS sections 2.2.6.5 and 2.2.7; MS-RDPBCGR
sections 2.2.1.1 and 2.2.1.2.
"""

from __future__ import annotations

from .. import der
from ..errors import InputError, NetworkError
from .greetings import Refused, strange, words
from .tds import Tds, prelogin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .stream import Stream

_LONGEST = 65_536

_START_TLS = b"1.3.6.1.4.1.1466.20037"
_EXTENDED_REQUEST, _EXTENDED_RESPONSE, _REQUEST_NAME, _ENUMERATED = 0x77, 0x78, 0x80, 0x0A
_LDAP_RESULTS = {
    1: "operationsError",
    2: "protocolError",
    8: "strongerAuthRequired",
    12: "unavailableCriticalExtension",
    13: "confidentialityRequired",
    51: "busy",
    52: "unavailable",
    53: "unwillingToPerform",
}

_SSL_REQUEST = (80_877_103).to_bytes(4, "big")

_LONG_PASSWORD, _PROTOCOL_41, _SSL, _SECURE, _PLUGIN = 0x1, 0x200, 0x800, 0x8000, 0x80000
_UTF8 = 33

_RDP_REASONS = {
    1: "it requires TLS of another kind (SSL_REQUIRED_BY_SERVER)",
    2: "it has no TLS (SSL_NOT_ALLOWED_BY_SERVER)",
    3: "it has no certificate (SSL_CERT_NOT_ON_SERVER)",
    4: "inconsistent flags",
    5: "it wants network level authentication (HYBRID_REQUIRED_BY_SERVER)",
    6: "it wants a user's certificate (SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER)",
}


def ldap(stream: Stream) -> Stream:
    """The StartTLS operation."""
    request = der.sequence(
        der.integer(1),
        der.encode(_EXTENDED_REQUEST, der.encode(_REQUEST_NAME, _START_TLS)),
    )
    stream.send(request)
    head = _first(stream, "ldap", b"\x30") + stream.exactly(1)
    size = head[1]
    if size & 0x80:
        count = size & 0x7F
        # Active Directory writes lengths of four bytes whatever they are.
        if not 0 < count <= 4:
            raise strange(stream, "ldap", head)
        head += stream.exactly(count)
        size = int.from_bytes(head[2:], "big")
    if size > _LONGEST:
        raise NetworkError(f"{stream.peer} announces an LDAP message of {size} bytes")
    message = head + stream.exactly(size)
    try:
        number, operation, *_ = der.read(message).items("LDAP message", at_least=2)
        if operation.tag != _EXTENDED_RESPONSE:
            raise strange(stream, "ldap", message)
        result, _, text, *_ = operation.items("extended response", at_least=3)
        unsolicited = number.count("message number") == 0
        code = int.from_bytes(result.expect(_ENUMERATED, "result").content[:4], "big")
    except InputError as damaged:
        raise NetworkError(f"{stream.peer} answers in LDAP that can't be read: {damaged}") from None
    said = f"{code} {_LDAP_RESULTS.get(code, '')}".rstrip() + f" {words(text.content)}".rstrip()
    stream.said += (said,)
    if code or unsolicited:
        raise Refused(f"{stream.peer} refuses TLS: {said}")
    return stream


def postgres(stream: Stream) -> Stream:
    """The SSLRequest, answered with one byte."""
    stream.send((8).to_bytes(4, "big") + _SSL_REQUEST)
    answer = stream.exactly(1)
    if answer == b"E":
        size = int.from_bytes(stream.exactly(4), "big")
        if not 4 <= size <= _LONGEST:
            raise strange(stream, "postgres", answer + size.to_bytes(4, "big"))
        fields = stream.exactly(size - 4).split(b"\0")
        text = [one[1:] for one in fields if one[:1] == b"M"] or fields[:1]
        raise Refused(f"{stream.peer} refuses TLS: {words(text[0])}")
    if answer not in (b"S", b"N"):
        raise strange(stream, "postgres", answer + stream.pending[:200])
    stream.said += (answer.decode("ascii"),)
    if answer == b"N":
        raise Refused(
            f"{stream.peer} has no TLS", hint="ssl = on in postgresql.conf switches it on"
        )
    return stream


def mysql(stream: Stream) -> Stream:
    """The server's greeting, answered with an SSLRequest; TLS follows at once."""
    head = stream.exactly(4)
    size = int.from_bytes(head[:3], "little")
    if head[3] > 1 or not 0 < size <= _LONGEST:
        raise strange(stream, "mysql", head + stream.pending[:200])
    packet = stream.exactly(size)
    if packet[0] == 0xFF:
        raise Refused(f"{stream.peer} refuses: {words(packet[3:])}")
    version, zero, rest = packet[1:].partition(b"\0")
    if packet[0] != 10 or not zero or len(rest) < 15:
        raise strange(stream, "mysql", head + packet)
    stream.said += (words(version),)
    if not int.from_bytes(rest[13:15], "little") & _SSL:
        raise Refused(
            f"{stream.peer} has no TLS (version {words(version)})",
            hint="ssl_cert and ssl_key in its configuration switch it on",
        )
    if stream.pending:
        return stream  # told by who called
    wanted = _LONG_PASSWORD | _PROTOCOL_41 | _SSL | _SECURE | _PLUGIN
    body = wanted.to_bytes(4, "little") + (1 << 24).to_bytes(4, "little") + bytes([_UTF8])
    body += bytes(23)
    stream.send(len(body).to_bytes(3, "little") + bytes([head[3] + 1]) + body)
    return stream


def rdp(stream: Stream) -> Stream:
    """The X.224 connection request with a negotiation of TLS."""
    stream.send(bytes.fromhex("030000130ee000000000000100080001000000"))
    head = _first(stream, "rdp", b"\x03") + stream.exactly(3)
    size = int.from_bytes(head[2:], "big")
    if head[1] or not 11 <= size <= 512:
        raise strange(stream, "rdp", head + stream.pending[:200])
    answer = stream.exactly(size - 4)
    if answer[1] & 0xF0 != 0xD0:
        raise strange(stream, "rdp", head + answer)
    negotiated = answer[7:]
    if len(negotiated) < 8 or negotiated[0] not in (2, 3):
        raise Refused(f"{stream.peer} negotiates nothing: it has standard RDP security alone")
    chosen = int.from_bytes(negotiated[4:8], "little")
    if negotiated[0] == 3:
        raise Refused(f"{stream.peer} refuses TLS: {_RDP_REASONS.get(chosen, f'failure {chosen}')}")
    stream.said += (f"protocol {chosen}",)
    if not chosen & 1:
        raise Refused(f"{stream.peer} chooses standard RDP security, without TLS")
    return stream


def mssql(stream: Stream) -> Stream:
    """PRELOGIN, after which the handshake travels in packets of TDS."""
    prelogin(stream)
    return Tds(stream) if not stream.pending else stream  # told by who called


def _first(stream: Stream, protocol: str, expected: bytes) -> bytes:
    found = stream.exactly(1)
    if found != expected:
        raise strange(stream, protocol, found + stream.pending[:200])
    return found


PROTOCOLS: dict[str, Callable[[Stream], Stream]] = {
    "ldap": ldap,
    "postgres": postgres,
    "mysql": mysql,
    "rdp": rdp,
    "mssql": mssql,
}

__all__ = ["PROTOCOLS"]
