"""The servers that a profile names: what they send, ask for and answer."""

from __future__ import annotations

from ..errors import NetworkError
from ..model import Store, TrustedCert

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..tls.client import Identity
    from ..tls.messages import CertificateRequest
    from ..tls.probed import Probe
    from .context import Context
    from .values import SourceWish

__all__ = ["chain_of", "met", "request_of"]


def met(
    name: str,
    context: Context,
    *,
    starttls: str = "",
    proxy: str = "",
    sni: str = "",
    identity: Identity | None = None,
    asks: bool = False,
) -> Probe:
    """One handshake with a server.

    Args:
        name: HOST:PORT or a URL.
        context: seconds and environment.
        starttls: how TLS is asked for, or "".
        proxy: to go through, or "".
        sni: the server name to send, or "".
        identity: what it is answered when it asks for a certificate.
        asks: a web server is asked for something, too.

    Raises:
        NetworkError: it can't be reached, or does not speak TLS.
        UsageError: it is no server's name.
    """
    from ..tls.way import Way

    way = Way(
        sni or None,
        starttls=starttls or None,
        proxy=proxy or None,
        seconds=context.seconds,
        environ=context.environ,
    )
    return way.probe(name, identity, brief=True, asks=asks, say=context.say)


def chain_of(wish: SourceWish, context: Context) -> Store:
    """What a server sends, as a file of it would be read.

    Raises:
        NetworkError: it can't be reached, or sends no certificate.
        UsageError: it is no server's name.
    """
    found = met(wish.name, context, starttls=wish.starttls, proxy=wish.proxy, sni=wish.sni)
    chain = found.member.chain
    unproved = found.member.raw or found.member.problem
    if chain and unproved and wish.pins and wish.only is not None:
        # What stands around a pinned certificate is then anybody's word.
        raise NetworkError(
            f"the handshake with {wish.name} did not get far enough to prove that it has the key",
            hint="pin the very certificate that is wanted, and leave out only",
        )
    if not chain:
        reason = found.member.problem or "no reason"
        raise NetworkError(f"{wish.name} sends no certificate: {reason}")
    return Store("PEM", tuple(TrustedCert("", one) for one in chain), path=wish.name)


def request_of(name: str, context: Context) -> CertificateRequest:
    """What a server asks of its clients.

    Raises:
        NetworkError: it can't be reached, or asks for no certificate.
    """
    member = met(name, context, asks=True).member
    if member.request is None:
        raise NetworkError(
            f"{name} asks for no client certificate: {member.why}",
            hint="it may ask on some paths only: name the URL",
        )
    return member.request
