"""A server that no handshake is had with: nobody there, another language, or an alert at once."""

from __future__ import annotations

from ..tls.words import ALERTS_OF_SERVERS, TLS12, alert_name, version_name
from . import clients
from .values import Diagnosis, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .values import Case

_UNRECOGNIZED_NAME = 112
_VERSIONS = (70, 86)
_TELLS = "storekeeper probe {name} --protocols --ciphers tells what it takes"


def unreached(case: Case) -> Iterator[Diagnosis]:
    """Why there is no handshake at all."""
    member = case.silent
    steps = (Step(case.hint),) if case.hint else ()
    if member is None or not member.connect_ms:
        yield Diagnosis("unreachable", case.problem, (), steps)
    elif member.alert is not None:
        yield _alert(case, member.alert.description, member.problem)
    elif "expected TLS, found" in case.problem:
        yield Diagnosis(
            "not-tls",
            "what answers on that port does not speak TLS",
            (member.problem,),
            (Step("look at the port: it may be that of plain HTTP"), *steps),
        )
    else:
        yield Diagnosis("handshake-refused", case.problem, (), steps)


def _alert(case: Case, number: int, problem: str) -> Diagnosis:
    told = tuple(filter(None, (f"alert {alert_name(number)}", ALERTS_OF_SERVERS.get(number, ""))))
    if number == _UNRECOGNIZED_NAME:
        return Diagnosis(
            "sni-needed",
            "the server wants to be told the host name, and does not know this one",
            told,
            (
                Step("ask for the server by the name its certificate has"),
                Step(
                    "try a name by hand, wherever it leads to",
                    (f"storekeeper probe {_quoted(case)} --sni NAME",),
                ),
            ),
        )
    if number in _VERSIONS:
        return Diagnosis(
            "protocol-too-old",
            "the server speaks no protocol between TLS 1.0 and 1.3",
            told,
            (Step("a server that speaks TLS 1.2 or 1.3"),),
        )
    return Diagnosis(
        "handshake-refused",
        f"the server ends the handshake with alert {alert_name(number)}",
        tuple(filter(None, (*told[1:], problem))),
        (Step(_TELLS.format(name=_quoted(case))),),
    )


def too_new(case: Case) -> Iterator[Diagnosis]:
    """A server that speaks nothing as old as this client."""
    if not case.refused_old:
        return
    assert case.probe is not None
    newest = version_name(clients.protocols(case.runtime)[1])
    yield Diagnosis(
        "protocol-too-new",
        f"the client, {case.runtime}, speaks {newest} at most, and the server nothing so old",
        (
            f"the server agrees on {version_name(case.probe.member.version)}",
            f"asked for {newest} at most: {case.refused_old}",
        ),
        (
            Step(_newer(case.runtime)),
            Step(f"let the server speak {newest} as well",
                 consequences=("every other client may then use it, too",),
                 emergency=clients.protocols(case.runtime)[1] < TLS12),
        ),
    )  # fmt: skip


def _newer(runtime: str) -> str:
    if runtime.startswith("webmethods-iaik"):
        return (
            "let Integration Server use JSSE: useJSSE=yes in pub.client:http, or "
            "watt.net.ssl.client.useJSSE=true, with watt.net.jsse.client.enabledProtocols=TLSv1.2"
        )
    return (
        "update the client's Java; from 8u261 on -Djdk.tls.client.protocols=TLSv1.2,TLSv1.3 will do"
    )


def _quoted(case: Case) -> str:
    from shlex import quote

    return quote(case.name)
