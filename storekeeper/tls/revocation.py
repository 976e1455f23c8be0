"""Whether a server's certificate is revoked: what it staples, and what its responder says."""

from __future__ import annotations

from ..errors import StorekeeperError
from ..trust import ocsp
from ..trust.issuance import issuance
from ..x509 import facts_or_none
from .firstflight import first_flight
from .words import TLS12

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Certificate
    from ..trust.ocsp import OcspAnswer
    from .handshaking import Open
    from .probed import Probe


_UNSEEN = "can't be seen here: it is asked for in TLS 1.2, which this server does not speak"


def revocation(
    open_: Open, probe: Probe, ask: Callable[[str, bytes | None], bytes] | None = None
) -> tuple[OcspAnswer, ...]:
    """The answers there are; each says what is wrong with it.

    A stapled response is asked for in TLS 1.2, since the handshake of `client` can't.

    Args:
        open_: makes a connection.
        probe: of that server.
        ask: as `Revocation.ask`; asks by http when not given.
    """
    chain = probe.member.chain
    if not chain:
        return ()
    leaf = chain[0]
    issuer = _issuer(leaf, chain)
    if issuer is None:
        return (ocsp.OcspAnswer("", problem="nobody can be asked without the issuer, not sent"),)
    found = []
    stapled = probe.member.stapled or _stapled(open_, probe)
    if stapled is None:
        found.append(ocsp.OcspAnswer("stapling", problem=_UNSEEN))
    elif stapled:
        found.append(ocsp.read("stapled", stapled, leaf, issuer, probe.at))
    facts = facts_or_none(leaf)
    urls = () if facts is None else facts.ocsp_urls
    if not urls:
        return tuple(found)
    if ask is None:
        from ..host.asking import Asker

        ask = Asker(ocsp=True, lists=False)
    try:
        answer = ask(urls[0], ocsp.request(leaf, issuer))
        found.append(ocsp.read(urls[0], answer, leaf, issuer, probe.at))
    except StorekeeperError as error:
        found.append(ocsp.OcspAnswer(urls[0], problem=error.message))
    return tuple(found)


def _stapled(open_: Open, probe: Probe) -> bytes | None:
    """A response, b"" for none, None where that can't be seen."""
    try:
        with open_(probe.member.address) as stream:
            flight = first_flight(stream, TLS12, server_name=probe.server_name, status_request=True)
    except StorekeeperError:
        return None
    if not flight.chain:
        return None
    # Of another certificate, as servers have one for each kind of key, it says nothing of this.
    same = flight.chain[:1] == tuple(one.der for one in probe.member.chain[:1])
    return flight.stapled if same else b""


def _issuer(leaf: Certificate, chain: tuple[Certificate, ...]) -> Certificate | None:
    return next((one for one in issuance(chain).issuers_of(leaf) if one != leaf), None)
