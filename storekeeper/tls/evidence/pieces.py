"""The pieces that a handshake in bytes consists of."""

from __future__ import annotations

from ...errors import StorekeeperError
from .. import ciphers, messages
from ..transcript import Transcript
from ..wire import Alert, Fields
from ..words import TLS13, VERSIONS, scheme_name, version_name
from .values import (
    CLIENT,
    SERVER,
    AlertSeen,
    Chain,
    ClientIdentity,
    Evidence,
    Host,
    Negotiated,
    Note,
    Offered,
    Wanted,
    certified,
    name_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..transcript import Seen
    from .values import Handshake, Place

_CLIENT_HELLO, _SERVER_HELLO, _CERTIFICATE, _REQUEST = 1, 2, 11, 13
_SERVER_NAME, _SIGNATURE_ALGORITHMS, _SUPPORTED_VERSIONS = 0, 13, 43
_SIGNALS = (ciphers.EMPTY_RENEGOTIATION_INFO, ciphers.FALLBACK)


def pieces(handshake: Handshake) -> Iterator[Evidence]:
    """What both sides said, one after the other; a note for what can't be read."""
    transcript = handshake.transcript
    try:
        version = transcript.version
    except StorekeeperError:
        version = 0
    try:
        requests = list(transcript.requests)
    except StorekeeperError:
        requests = []
    for seen, place in zip(handshake.seen, handshake.places, strict=True):
        if isinstance(seen.what, Alert):
            yield AlertSeen(place, CLIENT if seen.ours else SERVER, seen.what)
            continue
        try:
            if not seen.ours and seen.what.type == _REQUEST:
                request = (
                    requests.pop(0)
                    if requests
                    else messages.certificate_request(seen.what.body, version)
                )
                names = tuple(map(name_text, request.authorities))
                yield Wanted(place, request, names, True)
            else:
                yield from _message(seen, place, version, transcript, handshake)
        except StorekeeperError as error:
            yield Note(place, f"the {seen.what.name} message can't be read: {error.message}")


def _message(
    seen: Seen, place: Place, version: int, transcript: Transcript, handshake: Handshake
) -> Iterator[Evidence]:
    message = seen.what
    assert not isinstance(message, Alert)
    if message.type == _CLIENT_HELLO and seen.ours:
        offered = client_hello(message.body, place)
        yield offered
        if offered.server_name:
            port = handshake.server.rpartition(":")[2]
            number = int(port) if port.isascii() and port.isdecimal() else None
            yield Host(place, offered.server_name, number, "sni")
    elif message.type == _SERVER_HELLO and not seen.ours:
        hello = messages.server_hello(message.body)
        if not hello.retry:
            name = ciphers.suite(hello.cipher).name
            yield Negotiated(place, version_name(hello.version), name, _key_exchange(transcript))
    elif message.type == _CERTIFICATE:
        chain = tuple(map(certified, messages.certificates(message.body, version)))
        yield ClientIdentity(place, chain) if seen.ours else Chain(place, SERVER, chain)


def _key_exchange(transcript: Transcript) -> str:
    try:
        found = transcript.key_exchange
    except StorekeeperError:
        return ""
    if found is None:
        return ""
    words = " ".join(filter(None, (found.kind, found.group)))
    return f"{words}, {found.bits} bits" if found.bits else words


def client_hello(body: bytes, place: Place) -> Offered:
    """What a client offers (RFC 8446 section 4.1.2).

    Raises:
        Damaged: the message is cut or malformed.
    """
    fields = Fields(body, "client hello")
    version = fields.number(2)
    fields.take(32)
    fields.vector(1)
    suites = fields.numbers(2, 2)
    fields.vector(1)
    known = dict(messages.extensions(fields)) if len(fields) else {}
    versions: tuple[int, ...] = (version,)
    if _SUPPORTED_VERSIONS in known:
        listed = Fields(known[_SUPPORTED_VERSIONS], "supported versions").numbers(1, 2)
        versions = tuple(one for one in listed if one in VERSIONS and one <= TLS13)
    schemes: tuple[int, ...] = ()
    if _SIGNATURE_ALGORITHMS in known:
        schemes = Fields(known[_SIGNATURE_ALGORITHMS], "signature algorithms").numbers(2, 2)
    names = messages.server_name_list(known.get(_SERVER_NAME, b""))
    return Offered(
        place,
        tuple(map(version_name, versions)),
        tuple(ciphers.suite(one).name for one in suites if one not in _SIGNALS),
        tuple(map(scheme_name, schemes)),
        names[0] if names else "",
    )
