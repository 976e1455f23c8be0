"""A ClientHello that offers what it is told to, for reading a server's first answer.

One of TLS 1.3 has a key share of random bytes: whatever the server does with it, its
ServerHello, which is plain, tells the protocol, the cipher suite and the group.

Source: RFC 5246 section 7.4.1.2, RFC 8446 section 4.1.2 and the RFCs of the extensions.
"""

from __future__ import annotations

from ..errors import UsageError
from .ciphers import EMPTY_RENEGOTIATION_INFO
from .wire import HANDSHAKE, Message, Record, vector
from .words import SSL3, TLS10, TLS12, TLS13

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CLIENT_HELLO = 1

X25519 = 29
CURVES = (X25519, 23, 24, 25, 30, 22, 26, 27, 28, 21, 20, 19)
"""Groups that are offered: none of RFC 7919, as these hide a server's own weak one (of DHE)."""

FINITE_FIELDS = (256, 257, 258, 259, 260)

SCHEMES = (
    *(0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B),
    *(0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602),
    *(0x0203, 0x0201, 0x0202, 0x0101),
)
"""Signature schemes that are offered: all that a chain may be signed with."""

_LONGEST_NAME = 255


def client_hello(
    version: int,
    suites: Sequence[int],
    *,
    server_name: str | None = None,
    groups: Iterable[int] = CURVES,
    schemes: Iterable[int] = SCHEMES,
    random: bytes | None = None,
    status_request: bool = False,
) -> bytes:
    """A record with a ClientHello.

    Args:
        version: the newest that is offered, and the only one where servers go by it.
        suites: numbers of cipher suites, the preferred one first.
        server_name: for server name indication; None to send none.
        groups: of elliptic curves; none leave out the extension.
        schemes: of signatures; sent in TLS 1.2.
        random: 32 bytes; fresh ones when not given.
        status_request: ask for a stapled OCSP response.

    Raises:
        UsageError: a name that is too long or not ASCII.
    """
    import os

    fresh = os.urandom(32) if random is None else random
    offered = [*suites, EMPTY_RENEGOTIATION_INFO]
    ciphers = b"".join(number.to_bytes(2, "big") for number in offered)
    legacy = min(version, TLS12)
    session = b"" if version < TLS13 else os.urandom(32)  # as middleboxes like it
    body = legacy.to_bytes(2, "big") + fresh + vector(session, 1) + vector(ciphers, 2) + b"\x01\x00"
    parts = []
    if server_name is not None:
        name = _ascii(server_name)
        parts.append(_extension(0, vector(b"\0" + vector(name, 2), 2)))
    if status_request:
        parts.append(_extension(5, b"\x01" + vector(b"", 2) + vector(b"", 2)))
    if version >= TLS13:
        parts.append(_extension(43, vector(version.to_bytes(2, "big"), 1)))
        share = X25519.to_bytes(2, "big") + vector(os.urandom(32), 2)
        parts.append(_extension(51, vector(share, 2)))
    curves = b"".join(number.to_bytes(2, "big") for number in groups)
    if curves:
        parts.append(_extension(10, vector(curves, 2)))
        parts.append(_extension(11, vector(b"\0", 1)))
    if version >= TLS12:
        numbers = b"".join(number.to_bytes(2, "big") for number in schemes)
        parts.append(_extension(13, vector(numbers, 2)))
    # SSL 3.0 has no extensions, and servers of that age may fail on them.
    if version > SSL3 and parts:
        body += vector(b"".join(parts), 2)
    return Record(HANDSHAKE, min(version, TLS10), Message(CLIENT_HELLO, body).encode()).encode()


def _ascii(name: str) -> bytes:
    try:
        encoded = name.encode("ascii")
    except UnicodeEncodeError:
        raise UsageError(
            f"expected a host name in ASCII, found {name!r}",
            hint="internationalised names are sent in their xn-- form",
        ) from None
    if not 0 < len(encoded) <= _LONGEST_NAME:
        raise UsageError(f"expected a host name of 1 to {_LONGEST_NAME} characters")
    return encoded


def _extension(number: int, content: bytes) -> bytes:
    return number.to_bytes(2, "big") + vector(content, 2)
