"""What the OpenSSL of this machine says of a server, when it trusts the same anchors."""

from __future__ import annotations

from ..frozen import Frozen
from .client import Handshake
from .words import alert_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .stream import Stream


class Verified(Frozen):
    """Its answer.

    Attributes:
        openssl: "OpenSSL 3.0.22 16 Sep 2025".
        accepts: None where the handshake failed before the certificates were judged.
        message: in its own words, "" where it accepts.
        host: the name it was to be for; None where that was not looked at.
        chain: DER of what it was sent; members of a pool may send another than a probe saw.
    """

    openssl: str
    accepts: bool | None
    message: str = ""
    host: str | None = None
    chain: tuple[bytes, ...] = ()


def verified(
    stream: Stream, anchors: Iterable[bytes], host: str | None, server_name: str | None
) -> Verified:
    """Shake hands as Python's `ssl` does for its users: chain and host name are verified.

    The host name is left out where another is indicated to the server: `ssl` has one for both.

    Args:
        stream: a connection, where TLS is to begin now.
        anchors: DER of what is trusted.
        host: that the certificate has to be for; None to check no name.
        server_name: for server name indication.

    Raises:
        UsageError: a name that can't be one.
    """
    import ssl

    from .hosts import is_address

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    name = host if host == server_name or (host and is_address(host)) else server_name
    checked = host if name == host else None
    context.check_hostname = checked is not None
    for one in anchors:
        try:
            context.load_verify_locations(cadata=one)
        except ssl.SSLError:
            continue  # what it can't read it does not trust
    done = Handshake(stream, server_name=name, context=context)
    error, alert = done.error, done.said.alert
    accepts, message = None, done.problem
    if isinstance(error, ssl.SSLCertVerificationError):
        accepts, message = False, error.verify_message or str(error)
    elif done.judged:
        accepts, message = True, ""
    elif alert is not None:
        message = f"alert {alert_name(alert.description)}"
    chain = () if accepts is None else done.said.chain
    return Verified(ssl.OPENSSL_VERSION, accepts, message, checked, chain)
