"""What the OpenSSL of this machine says of a server, when it trusts the same anchors."""

from __future__ import annotations

from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .stream import Stream


class Verified(Frozen):
    """Its answer.

    Attributes:
        openssl: "OpenSSL 3.0.22 16 Sep 2025".
        accepts: None where the handshake failed for another reason than the certificates.
        message: in its own words, "" where it accepts.
    """

    openssl: str
    accepts: bool | None
    message: str = ""


def verified(
    stream: Stream, anchors: Iterable[bytes], host: str | None, server_name: str | None
) -> Verified:
    """Shake hands as Python's `ssl` does for its users: chain and host name are verified.

    Args:
        stream: a connection, where TLS is to begin now.
        anchors: DER of what is trusted.
        host: that the certificate has to be for; None to check no name.
        server_name: for server name indication.
    """
    import ssl

    from .stream import Closed, TimedOut

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = host is not None
    for one in anchors:
        try:
            context.load_verify_locations(cadata=one)
        except ssl.SSLError:
            continue  # what it can't read it does not trust
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    openssl = ssl.OPENSSL_VERSION
    try:
        tls = context.wrap_bio(incoming, outgoing, server_hostname=host or server_name)
    except ValueError:  # UnicodeError is one
        return Verified(openssl, None, "it takes no such host name")
    while True:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            try:
                stream.send(outgoing.read())
                piece = stream.some()
            except (Closed, TimedOut) as error:
                return Verified(openssl, None, error.message)
            if not piece:
                return Verified(openssl, None, "the server closed the connection")
            incoming.write(piece)
        except ssl.SSLCertVerificationError as error:
            return Verified(openssl, False, error.verify_message or str(error))
        except ssl.SSLError as error:
            return Verified(openssl, None, str(error.reason or error).lower().replace("_", " "))
        else:
            return Verified(openssl, True)
