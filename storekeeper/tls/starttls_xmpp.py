"""STARTTLS of XMPP, of clients and between servers (RFC 6120 sections 4 and 5)."""

from __future__ import annotations

import re

from .greetings import Refused, strange, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .stream import Stream

NAMESPACES = {"xmpp": "jabber:client", "xmpp-server": "jabber:server"}

_LONGEST = 32_768
# XML is not read by lines; elements end where their end tag or "/>" does.
_PREFIX = rb"(?:[A-Za-z][\w.-]*:)?"
_OPENED = rb"<stream:stream\b[^>]*>"
_ERROR = rb"</stream:error\s*>|</stream:stream\s*>"
_FEATURES = rb"</stream:features\s*>|<stream:features[^>]*/>|" + _ERROR
_ANSWER = (
    rb"<%b(?:proceed|failure)\b[^>]*/>|</%b(?:proceed|failure)\s*>|" % (_PREFIX, _PREFIX) + _ERROR
)


def ask(stream: Stream, protocol: str, name: str) -> None:
    """Open a stream and ask for TLS in it.

    Args:
        stream: a new connection.
        protocol: one of `NAMESPACES`.
        name: the domain that is asked for, which is not always the host's name.

    Raises:
        Refused, NetworkError: as `starttls.starttls`.
    """
    escaped = re.sub("[^A-Za-z0-9.:-]", lambda one: f"&#{ord(one[0])};", name)
    stream.send(
        f"<?xml version='1.0'?><stream:stream xmlns='{NAMESPACES[protocol]}'"
        f" xmlns:stream='http://etherx.jabber.org/streams' to='{escaped}' version='1.0'>".encode()
    )
    # Other protocols greet with a line that has no such beginning: they are not waited for.
    begun = stream.until(rb"[^\s]", _LONGEST).lstrip()
    if begun != b"<":
        raise strange(stream, protocol, begun + stream.pending[:200])
    said = begun + stream.until(_FEATURES, _LONGEST)
    stream.said += (words(said),)
    if re.search(_ERROR, said) or not re.search(_OPENED, said):
        raise _refused(stream, said)
    if not re.search(rb"<%bstarttls\b" % _PREFIX, said):
        raise Refused(
            f"{stream.peer} does not offer STARTTLS for {name}: {words(said)}",
            hint="TLS may be switched off there, or begin at once on another port",
        )
    stream.send(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    said = stream.until(_ANSWER, _LONGEST)
    stream.said += (words(said),)
    if not re.search(rb"<%bproceed\b" % _PREFIX, said):
        raise _refused(stream, said)


def _refused(stream: Stream, said: bytes) -> Refused:
    text = re.search(rb"<text\b[^>]*>([^<]*)</text>", said)
    condition = re.search(rb"<([a-z-]+) xmlns=['\"]urn:ietf:params:xml:ns:xmpp-streams", said)
    found = [words(one[1]) for one in (condition, text) if one]
    hint = ""
    if condition and condition[1] == b"host-unknown":
        hint = "the domain is not the host's name: --sni DOMAIN names it"
    return Refused(f"{stream.peer} refuses TLS: {': '.join(found) or words(said)}", hint=hint)


__all__ = ["NAMESPACES", "ask"]
