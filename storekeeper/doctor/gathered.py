"""What pieces of evidence say together: who connected to whom, with what, and how it ended."""

from __future__ import annotations

from ..errors import StorekeeperError
from ..frozen import Frozen
from ..model import Certificate
from ..tls.evidence import values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..tls.evidence.values import (
        AlertSeen,
        Anchors,
        Certified,
        ClientIdentity,
        Ended,
        Evidence,
        Failure,
        Listed,
        Negotiated,
        Offered,
        Place,
        StorePath,
        Verified,
        Wanted,
    )


_HINT = (
    "what tells: javax.net.debug=ssl:handshake of the Java, its stack trace, openssl s_client "
    "-showcerts, curl -v, keytool -list -v, or a capture from before the connection begins"
)


class Gathered(Frozen):
    """Evidence, sorted.

    Attributes:
        pieces: all of it.
        chain: of the server, as sent; () where its bytes are not there.
        printed: the same as printed, with whatever is known of it.
        chain_at: where that is.
        host: the server, by the name it was asked for; "" when nobody tells.
        runtime: "java17.0.9", "java8u101"; "" when nobody tells.
        at: when it was, seconds since 1970 UTC; None when nobody tells.
        failures, alerts, wanted, identities, listed, stores, offered, negotiated, ended,
            verified, anchors: pieces.
    """

    pieces: tuple[Evidence, ...]
    chain: tuple[Certificate, ...] = ()
    printed: tuple[Certified, ...] = ()
    chain_at: Place | None = None
    host: str = ""
    runtime: str = ""
    at: int | None = None
    failures: tuple[Failure, ...] = ()
    alerts: tuple[AlertSeen, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    identities: tuple[ClientIdentity, ...] = ()
    listed: tuple[Listed, ...] = ()
    stores: tuple[StorePath, ...] = ()
    offered: tuple[Offered, ...] = ()
    negotiated: tuple[Negotiated, ...] = ()
    ended: tuple[Ended, ...] = ()
    verified: tuple[Verified, ...] = ()
    anchors: tuple[Anchors, ...] = ()

    @property
    def iaik(self) -> bool:
        """Whether the client is one of Entrust's IAIK library."""
        return any(isinstance(one, values.Program) and one.name == "IAIK" for one in self.pieces)

    def expect_something(self) -> None:
        """Whether any of it is about a connection or a store, not about the machine alone.

        Raises:
            UnknownFormat: nothing is.
        """
        idle = (values.Note, values.Program, values.Host, values.Moment)
        if any(not isinstance(one, idle) for one in self.pieces):
            return
        from ..errors import UnknownFormat

        files = list(dict.fromkeys(one.place.file for one in self.pieces))
        notes = dict.fromkeys(one.text for one in self.pieces if isinstance(one, values.Note))
        which = "this file" if len(files) == 1 else f"these {len(files)} files"
        message = f"nothing in {which} tells of a TLS connection, a certificate or a store"
        if len(files) == 1 and notes:
            message = "; ".join(notes)
        raise UnknownFormat(message, hint=_HINT, path=files[0] if files else None)


def gather(pieces: Iterable[Evidence]) -> Gathered:
    """Sort evidence; handshakes of captures are taken apart."""
    found: list[Evidence] = []
    for one in pieces:
        found.append(one)
        if isinstance(one, values.Handshake):
            found += _of_handshake(one)
    chains = [one for one in found if isinstance(one, values.Chain) and one.by == "server"]
    # One whose bytes are known is worth more than one that is printed.
    chains.sort(key=lambda one: not all(item.der for item in one.certificates))
    printed = chains[0].certificates if chains else ()
    hosts = [one for one in found if isinstance(one, values.Host)]
    hosts.sort(key=lambda one: one.how != "sni")
    moments = [one.at for one in found if isinstance(one, values.Moment)]
    moments += [one.at for one in found if isinstance(one, values.Handshake) and one.at]
    programs = [
        one for one in found if isinstance(one, values.Program) and one.name.lower() == "java"
    ]
    return Gathered(
        tuple(found),
        tuple(Certificate(one.der) for one in printed if all(each.der for each in printed)),
        printed,
        chains[0].place if chains else None,
        hosts[0].name if hosts else "",
        _runtime(programs[0].version) if programs else "",
        moments[0] if moments else None,
        tuple(one for one in found if isinstance(one, values.Failure)),
        tuple(one for one in found if isinstance(one, values.AlertSeen)),
        tuple(one for one in found if isinstance(one, values.Wanted)),
        tuple(one for one in found if isinstance(one, values.ClientIdentity)),
        tuple(one for one in found if isinstance(one, values.Listed)),
        tuple(one for one in found if isinstance(one, values.StorePath)),
        tuple(one for one in found if isinstance(one, values.Offered)),
        tuple(one for one in found if isinstance(one, values.Negotiated)),
        tuple(one for one in found if isinstance(one, values.Ended)),
        tuple(one for one in found if isinstance(one, values.Verified)),
        tuple(one for one in found if isinstance(one, values.Anchors)),
    )


def _of_handshake(one: values.Handshake) -> list[Evidence]:
    """What a log would have told of the same handshake."""
    from ..tls import ciphers
    from ..tls.wire import Alert
    from ..tls.words import version_name

    said = one.transcript
    found: list[Evidence] = []
    try:
        version = said.version
    except StorekeeperError:
        version = 0  # the server's hello can't be read, which is told below
    for seen, place in zip(one.seen, one.places, strict=True):
        by = "client" if seen.ours else "server"
        if isinstance(seen.what, Alert):
            found.append(values.AlertSeen(place, by, seen.what))
        elif seen.what.type == 11 and seen.ours:
            found.append(values.ClientIdentity(place, _client_chain(seen.what.body, version)))
    try:
        chain = tuple(map(values.certified, said.chain))
        hello, requests, exchange = said.hello, said.requests, said.key_exchange
    except StorekeeperError as error:
        return [*found, values.Note(one.place, error.message)]
    if chain:
        found.append(values.Chain(one.place, "server", chain))
    if hello is not None:
        told = "" if exchange is None else f"{exchange.kind}, {exchange.bits} bits"
        found.append(
            values.Negotiated(
                one.place, version_name(hello.version), ciphers.suite(hello.cipher).name, told
            )
        )
    for request in requests:
        names = tuple(map(values.name_text, request.authorities))
        found.append(values.Wanted(one.place, request, names, exact=True))
    return found


def _client_chain(body: bytes, version: int) -> tuple[Certified, ...]:
    from ..tls import messages

    try:
        return tuple(map(values.certified, messages.certificates(body, version)))
    except StorekeeperError:
        return ()


def _runtime(version: str) -> str:
    """A runtime's name for ``java.version``: "1.8.0_101" is java8u101."""
    import re

    old = re.match(r"1\.(\d+)\.0(?:_(\d+))?", version)
    if old is not None:
        feature, update = int(old[1]), old[2]
        if feature < 8:
            return ""  # nothing is known of them
        return f"java8u{update}" if update else "java8"
    new = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", version)
    if new is None or int(new[1]) < 9:
        return ""
    return "java" + ".".join(part for part in new.groups() if part is not None)
