"""Through a proxy to a server: HTTP CONNECT (RFC 9110 section 9.3.6) and SOCKS 5 (RFC 1928, 1929).

The proxy is told the server's name, not an address that was looked up here: what a name stands
for is often known only on its side.
"""

from __future__ import annotations

import re

from ..errors import LimitExceeded, NetworkError, PasswordRequired, UsageError
from .greetings import looks_like, words
from .stream import Closed, Stream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .proxy import Proxy

_LONGEST_LINE = 8_192
_MOST_HEADERS = 100
_MOST_INTERIM = 5

_SOCKS_REPLIES = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "time to live exceeded",
    7: "command not supported",
    8: "address type not supported",
}


def tunnel(proxy: Proxy, host: str, port: int, seconds: float) -> Stream:
    """A connection to a server through a proxy, at the first byte of the server's.

    Args:
        proxy: it.
        host: of the server: its name.
        port: of the server.
        seconds: for the connection and for everything that is read from it.

    Raises:
        NetworkError: the proxy can't be reached, refuses, or speaks something else; the
            message has the proxy's reason.
        PasswordRequired: it has a user and no password.
    """
    from .connect import addresses, first

    if proxy.user is not None and (proxy.password is None or proxy.password.text is None):
        raise PasswordRequired(
            f"the user {proxy.user!r} of the proxy {proxy.peer} has no password",
            hint="give it with --proxy-password env:NAME, file:PATH, prompt ...",
        )
    stream = first(addresses(proxy.host, proxy.port), seconds, f"the proxy {proxy.peer}")
    try:
        if proxy.scheme == "https":
            stream = _secured(stream, proxy.host)
        if proxy.scheme.startswith("socks"):
            _socks(stream, proxy, host, port)
        else:
            _connect(stream, proxy, host, port)
    except LimitExceeded as much:
        stream.close()
        raise NetworkError(f"{much.message}, expected a proxy's answer") from None
    except BaseException:
        stream.close()
        raise
    named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    stream.peer = f"{named} through {stream.peer}"
    return stream


def _secured(stream: Stream, host: str) -> Stream:
    """The same over TLS, with the proxy's certificate verified: it may get a password."""
    import ssl

    try:
        stream._socket.settimeout(stream.left)
        wrapped = ssl.create_default_context().wrap_socket(stream._socket, server_hostname=host)
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or str(error.reason or error).lower()
        raise NetworkError(
            f"no TLS with {stream.peer}: {reason.replace('_', ' ')}",
            hint="SSL_CERT_FILE names the CA certificates that it is verified with",
        ) from None
    except OSError as error:
        raise NetworkError(f"no TLS with {stream.peer}: {error}") from None
    return Stream(wrapped, stream.left, stream.peer)


def _connect(stream: Stream, proxy: Proxy, host: str, port: int) -> None:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    asked = f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n"
    if proxy.user is not None:
        asked += f"Proxy-Authorization: Basic {_basic(proxy)}\r\n"
    stream.send(asked.encode("ascii") + b"\r\n")
    for _ in range(_MOST_INTERIM):
        code, reason, headers = _answer(stream)
        if code >= 200:
            break
    if 200 <= code < 300:
        return
    said = f"{code} {reason}".strip()
    # What squid knows beyond the status: ERR_ACCESS_DENIED, ERR_DNS_FAIL ...
    if "x-squid-error" in headers:
        said += f" ({headers['x-squid-error'][0]})"
    raise _refused(proxy, place, code, said, headers.get("proxy-authenticate", []))


def _basic(proxy: Proxy) -> str:
    from base64 import b64encode

    assert proxy.user is not None
    assert proxy.password is not None
    if ":" in proxy.user:
        raise UsageError("the name of a proxy's user can't have a colon (RFC 7617)")
    return b64encode(f"{proxy.user}:{proxy.password.text}".encode()).decode("ascii")


def _answer(stream: Stream) -> tuple[int, str, dict[str, list[str]]]:
    """(status, reason, headers by name in lower case) of an answer."""
    try:
        line = stream.line(_LONGEST_LINE)
    except Closed as closed:
        raise _no_proxy(stream, closed.partial, closed) from None
    status = re.match(rb"HTTP/[0-9]\.[0-9] ([1-5][0-9]{2})(?: (.*))?\r?\n", line)
    if status is None:
        raise _no_proxy(stream, line)
    headers: dict[str, list[str]] = {}
    for _ in range(_MOST_HEADERS):
        line = stream.line(_LONGEST_LINE).rstrip(b"\r\n")
        if not line:
            return int(status[1]), words(status[2] or b""), headers
        name, _, value = line.partition(b":")
        headers.setdefault(name.decode("latin-1").strip().lower(), []).append(words(value))
    raise NetworkError(f"{stream.peer} answers with more than {_MOST_HEADERS} headers")


def _no_proxy(stream: Stream, said: bytes, closed: Closed | None = None) -> NetworkError:
    if closed is not None and not said:
        return NetworkError(f"{closed.message}, expected an answer to CONNECT")
    kind = looks_like(said)
    found = f"{kind}: {words(said[:80])}" if kind else repr(words(said[:80]))
    if said[:2] in (b"\x15\x03", b"\x16\x03"):
        found = "TLS"
    return NetworkError(
        f"{stream.peer}: expected an HTTP proxy, found {found}",
        hint="a proxy that is spoken to over TLS is written https://HOST:PORT, one of SOCKS"
        " socks5://HOST:PORT",
    )


def _refused(proxy: Proxy, place: str, code: int, said: str, offers: list[str]) -> NetworkError:
    told = f"the proxy {proxy.peer}"
    if code == 407 or (code == 401 and proxy.user is not None):  # tinyproxy says 401
        return _unauthorised(proxy, told, said, offers)
    if code == 403:
        return NetworkError(
            f"{told} does not let anybody through to {place}: {said}",
            hint="proxies often allow port 443 alone; ask whoever runs it",
        )
    if code == 405 or code == 501 or code == 400:
        return NetworkError(
            f"{told} does not understand CONNECT {place}: {said}",
            hint="is it a web server, or a proxy for plain HTTP alone?",
        )
    if code >= 500:
        return NetworkError(
            f"{told} can't reach {place}: {said}",
            hint="the name has to exist, and the port be open, from where the proxy is",
        )
    return NetworkError(f"{told} refuses CONNECT {place}: {said}")


def _unauthorised(proxy: Proxy, told: str, said: str, offers: list[str]) -> NetworkError:
    schemes = [one.split(" ")[0] for one in offers if one]
    if schemes and "basic" not in map(str.lower, schemes):
        return NetworkError(
            f"{told} wants {' or '.join(schemes)} authentication, which is not spoken here: {said}",
            hint="a local relay such as px or cntlm speaks it: --proxy http://localhost:PORT",
        )
    if proxy.user is not None:
        return NetworkError(
            f"{told} refuses the password of {proxy.user!r}, or the user: {said}",
            hint="--proxy http://USER@HOST:PORT with --proxy-password env:NAME, file:PATH ...",
        )
    return NetworkError(
        f"{told} wants a user and a password: {said}",
        hint="--proxy http://USER@HOST:PORT with --proxy-password env:NAME, file:PATH ...",
    )


def _socks(stream: Stream, proxy: Proxy, host: str, port: int) -> None:
    with_password = proxy.user is not None
    stream.send(b"\x05\x02\x00\x02" if with_password else b"\x05\x01\x00")
    version, method = _socks_bytes(stream, 2)
    if version != 5:
        raise _no_socks(stream, bytes([version, method]))
    if method == 2 and with_password:
        _socks_login(stream, proxy)
    elif method:
        wants = {1: "GSSAPI", 2: "a user and a password"}.get(method, f"method {method}")
        if method == 0xFF:
            wants = "none of the ways to log in that were offered"
        raise NetworkError(
            f"{stream.peer} wants {wants}",
            hint="--proxy socks5://USER@HOST:PORT with --proxy-password env:NAME, file:PATH ...",
        )
    stream.send(b"\x05\x01\x00" + _socks_host(host) + port.to_bytes(2, "big"))
    version, reply, _, kind = _socks_bytes(stream, 4)
    if version != 5:
        raise _no_socks(stream, bytes([version, reply]))
    if reply:
        raise NetworkError(
            f"{stream.peer} can't reach {host} port {port}:"
            f" {_SOCKS_REPLIES.get(reply, f'reply {reply}')}"
        )
    size = {1: 4, 4: 16}.get(kind) or stream.exactly(1)[0]
    stream.exactly(size + 2)


def _socks_login(stream: Stream, proxy: Proxy) -> None:
    assert proxy.user is not None
    assert proxy.password is not None
    user, secret = proxy.user.encode(), (proxy.password.text or "").encode()
    if not 0 < len(user) < 256 or not 0 < len(secret) < 256:
        raise UsageError("SOCKS takes a user and a password of 1 to 255 bytes")
    stream.send(bytes([1, len(user)]) + user + bytes([len(secret)]) + secret)
    _, status = _socks_bytes(stream, 2)
    if status:
        raise NetworkError(f"{stream.peer} refuses the password of {proxy.user!r}, or the user")


def _socks_host(host: str) -> bytes:
    from ipaddress import ip_address

    try:
        packed = ip_address(host).packed
    except ValueError:
        name = host.encode("ascii")
        return b"\x03" + bytes([len(name)]) + name
    return (b"\x01" if len(packed) == 4 else b"\x04") + packed


def _socks_bytes(stream: Stream, count: int) -> bytes:
    try:
        return stream.exactly(count)
    except Closed as closed:
        raise NetworkError(f"{closed.message}, expected SOCKS 5") from None


def _no_socks(stream: Stream, said: bytes) -> NetworkError:
    found = words((said + stream.pending)[:80])
    return NetworkError(
        f"{stream.peer}: expected SOCKS 5, found {found!r}", hint="is it an HTTP proxy?"
    )


__all__ = ["tunnel"]
