"""One address of a server: a whole handshake, and whether it wants a client certificate.

Whether one is required can't be read from the handshake alone: who asks may go on without one,
refuse in TLS 1.3 only after the handshake is over, or leave it to the application. So it is
tried: without a certificate, then with a request that the application understands.
"""

from __future__ import annotations

import time

from ..der import GENERALIZED_TIME
from ..errors import Damaged, NetworkError, StorekeeperError, UnknownFormat, UsageError
from ..frozen import Frozen
from ..model import Certificate
from ..times import parse_time
from .application import dislikes, first_words, refusal
from .client import Handshake
from .firstflight import first_flight
from .probed import Member
from .words import SSL3, TLS10, TLS11, TLS12, TLS13, alert_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .application import Question
    from .client import Identity
    from .connect import Address
    from .stream import Stream

    Open = Callable[[Address | None], Stream]

SETTLE = 0.3
"""Seconds to wait for what follows a handshake, at least; a slow connection gets three times
the time it took."""

_ANSWER = 5.0
_WHO = {"http": "the web server", "postgres": "PostgreSQL"}
_MONTHS = (
    *(b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun"),
    *(b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"),
)


class Manner(Frozen):
    """How to shake hands.

    Attributes:
        server_name: for server name indication, or None.
        versions: the oldest and the newest that are offered.
        identity: what to answer a request for a certificate with.
        question: for the application, whose answer, or asking, may be about a certificate.
        alpn: protocols that are offered.
    """

    server_name: str | None = None
    versions: tuple[int, int] = (TLS10, TLS13)
    identity: Identity | None = None
    question: Question | None = None
    alpn: tuple[str, ...] = ()


def meet(open_: Open, address: Address | None, manner: Manner) -> Member:
    """What one address does; every failure of its own is part of the answer.

    Raises:
        UsageError: an identity that OpenSSL does not take.
    """
    begun = time.perf_counter()
    try:
        stream = open_(address)
    except NetworkError as error:
        return Member(address, problem=error.message, hint=error.hint)
    took = (time.perf_counter() - begun) * 1000
    with stream:
        try:
            done = _whole(stream, manner, max(SETTLE, 3 * took / 1000))
        except UsageError:
            raise  # of the client's own certificate: it is not about the server
        except StorekeeperError as error:
            return Member(address, took, error.message)
    found = _member(done, address, took)
    if found.chain and (done.handshake.completed or found.request is not None):
        return found
    # OpenSSL may have been too modern for this server: its first words are read raw.
    raw = _raw(open_, address, manner, found)
    return raw if raw.request is not None or not found.chain else found


class _Done(Frozen):
    """A handshake and what came of it.

    Attributes:
        handshake: it.
        given: whether there was a certificate to answer with.
        closed: the server ended it before the application was asked.
        asked: the application's name where it was asked, else "".
        answer: of the application.
    """

    handshake: Handshake
    given: bool
    closed: bool = False
    asked: str = ""
    answer: bytes = b""


def _whole(stream: Stream, manner: Manner, settle: float) -> _Done:
    shaken = Handshake(
        stream,
        server_name=manner.server_name,
        versions=manner.versions,
        identity=manner.identity,
        alpn=manner.alpn,
    )
    given = manner.identity is not None
    if not shaken.completed:
        return _Done(shaken, given, closed=shaken.ended)
    requested = bool(shaken.said.requests)
    if requested:
        # Only who asked can be disappointed; in TLS 1.3 that is said after the handshake.
        shaken.settle(settle)
    if shaken.ended or shaken.said.alert is not None:
        return _Done(shaken, given, closed=True)
    question = manner.question
    if question is None or not (requested or question.always):
        return _Done(shaken, given)
    return _Done(shaken, given, asked=question.application, answer=_answer(shaken, question))


def _answer(shaken: Handshake, question: Question) -> bytes:
    """The last that the application says."""
    answer = b""
    for step in question.steps:
        shaken.write(step)
        answer = shaken.read(_ANSWER, question.ends) or answer
        if shaken.ended:
            return answer
    shaken.write(question.bye)
    return answer


def _member(done: _Done, address: Address | None, took: float) -> Member:
    said, shaken = done.handshake.said, done.handshake
    try:
        hello = said.hello
        requests = said.requests
        chain = tuple(map(Certificate, said.chain))
        exchange = said.key_exchange
        stapled = said.stapled
        proved = shaken.proved
    except StorekeeperError as error:
        return Member(address, took, f"what the server sent can't be read: {error.message}")
    request = requests[0] if requests else None
    state, why = _client_state(done, request is not None)
    problem = "" if shaken.completed else shaken.problem
    if problem and said.alert is not None and said.alert.fatal:
        # OpenSSL's words for it begin with sslv3 whatever the protocol is.
        problem = f"alert {alert_name(said.alert.description)}"
    return Member(
        address,
        took,
        problem,
        0 if hello is None else hello.version,
        0 if hello is None else hello.cipher,
        exchange,
        chain,
        request,
        state,
        why,
        stapled,
        said.alert,
        shaken.alpn or "" if shaken.completed else "",
        _server_time(done.answer),
        proved=proved,
    )


def _server_time(answer: bytes) -> int | None:
    """The Date of an HTTP answer, as RFC 9110 section 5.6.7 wants it to be written."""
    import re

    found = re.search(
        rb"(?im)^Date:[ \t]*[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT",
        answer[:8192],
    )
    if found is None or found[2] not in _MONTHS:
        return None
    day, name, year, *clock = found.groups()
    written = b"%s%02d%s%s" % (year, _MONTHS.index(name) + 1, day, b"".join(clock))
    try:
        return parse_time(GENERALIZED_TIME, written + b"Z")
    except Damaged:
        return None


def _client_state(done: _Done, asked: bool) -> tuple[str, str]:
    """One of `probed.STATES`, and what it rests on."""
    said = done.handshake.said
    alert, answer = said.alert, done.answer
    later = asked and any(one.when != "handshake" for one in said.requests)
    without = "with the one that was given" if done.given else "without one"
    if asked and alert is not None and alert.fatal:
        how = "when the request came" if later and not done.given else without
        return _missed(done, later), (
            f"the server asks for a certificate and ends {how} with alert "
            f"{alert_name(alert.description)}"
        )
    if missed := refusal(done.asked, answer):
        return "required-later", f'{_WHO.get(done.asked, "the server")} answers "{missed}"'
    if dislikes(done.asked, answer):
        return "refused", 'the web server answers "The SSL certificate error"'
    if later and answer.startswith(b"HTTP/1.1 403"):
        return "required-later", "the web server asks for one with the request, and answers 403"
    if not asked:
        if not done.handshake.completed:
            return "unknown", "the handshake did not get that far"
        return "not-asked", "the server does not ask for a certificate"
    if done.closed:
        return _missed(done, later), f"the server asks for a certificate, and closes {without}"
    if not done.handshake.completed:
        return "unknown", f"the server asks for a certificate; then: {done.handshake.problem}"
    if done.asked and not answer and done.handshake.ended:
        problem = done.handshake.problem or "it closes when it is talked to"
        return "unknown", f"the server asks for a certificate: {problem}"
    what = f"answers {first_words(done.asked, answer)!r}" if answer else "goes on"
    limit = "" if done.asked else "; its application was not asked"
    return "requested", f"the server asks for a certificate and {what} {without}{limit}"


def _missed(done: _Done, later: bool) -> str:
    return "refused" if done.given else "required-later" if later else "required"


def _raw(open_: Open, address: Address | None, manner: Manner, whole: Member) -> Member:
    """The first flight of a server that a whole handshake did not get far with."""
    oldest, newest = manner.versions
    for version in (TLS12, TLS11, TLS10, SSL3):
        if version > newest or (version < oldest and oldest > TLS10):
            continue
        try:
            with open_(address) as stream:
                flight = first_flight(stream, version, server_name=manner.server_name)
                late = stream.late
        except UnknownFormat as error:
            return Member(address, whole.connect_ms, error.message, hint=error.hint)
        except StorekeeperError as error:
            if not whole.problem:
                return Member(address, whole.connect_ms, error.message, hint=error.hint)
            continue
        if flight.hello is not None and flight.chain:
            asked = flight.request is not None
            return Member(
                address,
                whole.connect_ms,
                whole.problem or flight.problem,
                flight.hello.version,
                flight.hello.cipher,
                flight.key_exchange,
                tuple(map(Certificate, flight.chain)),
                flight.request,
                "unknown" if asked else "not-asked",
                "the server asks for a certificate; whether it wants one, its first words don't say"
                if asked
                else "the server does not ask for a certificate in its first words",
                flight.stapled,
                flight.alert or whole.alert,
                raw=True,
            )
        if late:
            break  # an older hello is not answered either, and has to be waited for as long
    return whole
