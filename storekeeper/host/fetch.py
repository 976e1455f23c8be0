"""One small file by HTTP, when somebody asked for it: bounded in size, time and redirections."""

from __future__ import annotations

import time

from ..errors import NetworkError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from http.client import HTTPResponse
    from urllib.request import OpenerDirector, Request

MOST_BYTES = 1024 * 1024
"""An issuer's certificate has two thousand bytes, a PKCS#7 of all of a CA's a hundred thousand."""

SECONDS = 10.0
"""For all of it; each wait for the network is shorter."""

_MOST_REDIRECTIONS = 3
_PIECE = 65_536


def fetch(
    url: str, content: bytes | None = None, *, most: int = MOST_BYTES, seconds: float = SECONDS
) -> bytes:
    """The content of a URL, or the answer to an OCSP request.

    Plain HTTP only, as authority information access has it (RFC 5280 section 4.2.2.1): what is
    fetched is signed, and asking by HTTPS would need the very trust that is looked for.

    Args:
        url: an ``http:`` address; redirections are followed to such alone.
        content: an OCSP request that is posted (RFC 6960 appendix A.1); None to get the URL.
        most: bytes that are taken.
        seconds: for the whole of it.

    Raises:
        UsageError: another kind of address.
        NetworkError: no answer in time, an error as answer, or more bytes.
    """
    from http.client import HTTPException
    from urllib.error import HTTPError

    if url[:7].lower() != "http://":
        raise UsageError(f"expected an http address, found {url[:80]!r}")
    until = time.monotonic() + seconds
    try:
        with _opener().open(_request(url, content), timeout=min(seconds, 5.0)) as answer:
            return _read(answer, url, most, until)
    except (OSError, HTTPException, ValueError) as problem:
        reason = getattr(problem, "reason", None) or problem
        if isinstance(problem, HTTPError):
            problem.close()  # it is an answer, too, with a connection
            reason = f"{problem.code} {reason}"
        raise NetworkError(
            f"can't fetch {url}: {str(reason) or type(problem).__name__}",
            hint="fetch it by other means, and give the file",
        ) from None


def _request(url: str, content: bytes | None) -> Request:
    from urllib.request import Request

    headers = {} if content is None else {"Content-Type": "application/ocsp-request"}
    return Request(url, content, headers)  # noqa: S310 - the opener has no other scheme


def _opener() -> OpenerDirector:
    from urllib.error import HTTPError
    from urllib.request import (
        HTTPDefaultErrorHandler,
        HTTPErrorProcessor,
        HTTPHandler,
        HTTPRedirectHandler,
        OpenerDirector,
        ProxyHandler,
    )

    class Redirected(HTTPRedirectHandler):
        max_redirections = _MOST_REDIRECTIONS

        def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
            if newurl[:7].lower() != "http://":
                raise HTTPError(newurl, code, "redirected to what is no http address", headers, fp)
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    opener = OpenerDirector()
    # No handler for file:, ftp: or data:, whatever an address leads to.
    for handler in (ProxyHandler, HTTPHandler, Redirected, HTTPErrorProcessor):
        opener.add_handler(handler())
    opener.add_handler(HTTPDefaultErrorHandler())
    return opener


def _read(answer: HTTPResponse, url: str, most: int, until: float) -> bytes:
    found = bytearray()
    while piece := answer.read1(_PIECE):
        found += piece
        if len(found) > most:
            raise NetworkError(f"can't fetch {url}: expected at most {most} bytes, found more")
        if time.monotonic() > until:
            raise NetworkError(f"can't fetch {url}: it takes too long")
    return bytes(found)
