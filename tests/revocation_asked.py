"""Questions in which Java asks the network, which is a server of the test."""

from __future__ import annotations

import base64
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

from storekeeper import der
from storekeeper.host.fetch import fetch
from storekeeper.trust.runtimes.revocation import Revocation
from tests import forge
from tests.forge import AT, DAY, key, make, purposes
from tests.responder import Responder
from tests.revocation_questions import LEAF_ID, MID_ID, of_mid, of_root
from tests.revoking import (
    GOOD,
    OCSP_SIGNING,
    UNKNOWN,
    Question,
    answer,
    line,
    place,
    point,
    points,
    refusal,
    response,
    revoked,
)
from tests.verdict_cases import CA, MID, SAN, leaf, mid, root

NOW = int(time.time())
"""Java compares what a responder answers with the clock, whatever date it was given."""


class _Places:
    """Addresses, each its own: Java remembers for half a minute what it fetched."""

    def __init__(self, server: Responder) -> None:
        self._server = server
        self._count = itertools.count()

    def put(self, content: bytes, status: int = 200, **headers: str) -> str:
        return self._server.put(f"/{next(self._count)}", content, status, **headers)

    def nobody(self) -> str:
        """Nobody listens on port 1."""
        return f"http://127.0.0.1:1/{next(self._count)}"


def _told(status: bytes = GOOD, **options: Any) -> bytes:
    return answer(LEAF_ID, status, **({"this": NOW - DAY, "until": NOW + DAY} | options))


def access(*urls: str) -> bytes:
    """Authority information access with responders."""
    method = der.oid("1.3.6.1.5.5.7.48.1")
    return forge.extension(
        "1.3.6.1.5.5.7.1.1",
        der.sequence(*(der.sequence(method, der.encode(0x86, url.encode())) for url in urls)),
    )


def _question(name: str, chain: tuple[bytes, ...], *crls: bytes, **options: Any) -> Question:
    if "options" in options:
        options["options"] = frozenset(options["options"])
    asked = Revocation(crls=crls, ask=fetch, **options)
    return Question(name, chain, (root(),), asked)


def by_ocsp(places: _Places) -> Iterator[Question]:
    good = response(key("mid"), _told())
    denied = response(key("mid"), _told(revoked(number=1)))
    helper = make("CN=Helper", key("helper"), MID, key("mid"), purposes(OCSP_SIGNING),
                  start=NOW - DAY, end=NOW + DAY)  # fmt: skip
    past = make("CN=Helper", key("helper"), MID, key("mid"), purposes(OCSP_SIGNING),
                start=NOW - 9 * DAY, end=NOW - DAY)  # fmt: skip
    contents: dict[str, tuple[bytes, int]] = {
        "good": (good, 200),
        "revoked": (denied, 200),
        "unknown": (response(key("mid"), _told(UNKNOWN)), 200),
        "of another": (response(key("mid"), answer(MID_ID)), 200),
        "another signer": (response(key("else"), _told()), 200),
        "a helper": (response(key("helper"), _told(), certificates=[helper]), 200),
        "an expired helper": (response(key("helper"), _told(), certificates=[past]), 200),
        "old": (response(key("mid"), _told(this=AT - 9 * DAY, until=AT - DAY)), 200),
        "of its day": (response(key("mid"), _told(this=AT - DAY, until=AT + DAY)), 200),
        "later": (refusal(3), 200),
        "internal": (refusal(2), 200),
        "malformed": (refusal(1), 200),
        "unauthorized": (refusal(6), 200),
        "nothing": (b"", 200),
        "a page": (b"<html>no</html>", 200),
        "an error": (b"<html>no</html>", 500),
        "a good answer as an error": (good, 500),
        "not found": (b"no", 404),
        "cut": (good[:-9], 200),
    }
    lists = (of_root(), of_mid())
    for name, (content, status) in contents.items():

        def chain(content: bytes = content, status: int = status) -> tuple[bytes, ...]:
            return leaf(extensions=(SAN, access(places.put(content, status)))), mid()

        # The intermediate names no responder: lists tell of it.
        yield _question(f"ocsp {name}", chain(), of_root(), ocsp=True)
        yield _question(f"ocsp {name}, lists", chain(), *lists, ocsp=True)
        yield _question(f"ocsp {name}, denied by a list", chain(), of_root(), of_mid(line(1)),
                        ocsp=True)  # fmt: skip
        yield _question(f"ocsp {name}, the end only", chain(), ocsp=True, only_end_entity=True)
        for options in ((), ("NO_FALLBACK",), ("SOFT_FAIL",), ("PREFER_CRLS",),
                        ("NO_FALLBACK", "SOFT_FAIL")):  # fmt: skip
            words = " ".join(options)
            yield _question(f"ocsp {name}, own checker {words}", chain(), of_root(),
                            options=options)  # fmt: skip
    for name, urls in {
        "nobody there": (places.nobody(),),
        "nobody there, then good": (places.nobody(), places.put(good)),
        "good, then nobody": (places.put(good), places.nobody()),
        "moved": (places.put(b"", 302, Location=places.put(good)),),
        "no address": ("not a url",),
        "ldap": ("ldap://127.0.0.1:1/cn=x",),
    }.items():
        sent = (leaf(extensions=(SAN, access(*urls))), mid())
        yield _question(f"ocsp at {name}", sent, of_root(), ocsp=True)
        yield _question(f"ocsp at {name}, own", sent, of_root(), options=("NO_FALLBACK",))
        yield _question(f"ocsp at {name}, soft", sent, of_root(), options=("SOFT_FAIL",))
    for_mid = response(key("root"), answer(MID_ID, this=NOW - DAY, until=NOW + DAY))
    both = (
        leaf(extensions=(SAN, access(places.put(good)))),
        mid(extensions=(*CA, access(places.put(for_mid)))),
    )
    yield _question("ocsp for both", both, ocsp=True)
    yield _question("ocsp for both, own", both, options=("NO_FALLBACK",))


def by_lists(places: _Places) -> Iterator[Question]:
    contents: dict[str, tuple[bytes, int]] = {
        "good": (of_mid(), 200),
        "revoked": (of_mid(line(1)), 200),
        "of another": (of_root(line(1)), 200),
        "old": (of_mid(this=AT - 9 * DAY, until=AT - DAY), 200),
        "broken": (of_mid(broken=True), 200),
        "for CAs": (of_mid(extensions=(point(cas=True),)), 200),
        "nothing": (b"", 200),
        "a page": (b"<html>no</html>", 200),
        "an error": (b"no", 500),
        "not found": (of_mid(), 404),
        "cut": (of_mid()[:-9], 200),
        "pem": (_pem(of_mid()), 200),
    }
    urls: dict[str, Callable[[], str]] = {
        name: lambda content=content, status=status: places.put(content, status)  # type: ignore[misc]
        for name, (content, status) in contents.items()
    }
    urls["nobody"] = places.nobody
    urls["moved"] = lambda: places.put(b"", 302, Location=places.put(of_mid()))
    urls["no address"] = lambda: "not a url"
    for name, url in urls.items():

        def chain(url: Callable[[], str] = url) -> tuple[bytes, ...]:
            return leaf(extensions=(SAN, points(place(("uri", url()))))), mid()

        yield _question(f"list {name}", chain(), of_root(), crl_points=True)
        yield _question(f"list {name}, given good", chain(), of_root(), of_mid(), crl_points=True)
        yield _question(f"list {name}, given revoked", chain(), of_root(), of_mid(line(1)),
                        crl_points=True)  # fmt: skip
        yield _question(f"list {name}, end only", chain(), crl_points=True, only_end_entity=True)
        for options in ((), ("PREFER_CRLS",), ("SOFT_FAIL",), ("PREFER_CRLS", "NO_FALLBACK"),
                        ("PREFER_CRLS", "SOFT_FAIL")):  # fmt: skip
            words = " ".join(options)
            yield _question(f"list {name}, own checker {words}", chain(), of_root(),
                            options=options)  # fmt: skip
    for first in ("good", "revoked", "old", "not found", "nobody", "cut"):
        for second in ("good", "revoked", "old", "not found", "nobody", "cut"):
            apart = points(place(("uri", urls[first]())), place(("uri", urls[second]())))
            yield _question(f"two places: {first}, {second}",
                            (leaf(extensions=(SAN, apart)), mid()), of_root(),
                            crl_points=True)  # fmt: skip
            together = points(place(("uri", urls[first]()), ("uri", urls[second]())))
            yield _question(f"two addresses: {first}, {second}",
                            (leaf(extensions=(SAN, together)), mid()), of_root(),
                            crl_points=True)  # fmt: skip
    responders: dict[str, Callable[[], str]] = {
        "good": lambda: places.put(response(key("mid"), _told())),
        "revoked": lambda: places.put(response(key("mid"), _told(revoked()))),
        "nobody": places.nobody,
    }
    for name, responder in responders.items():
        for listed in ("good", "revoked", "nobody", "old"):

            def told(
                responder: Callable[[], str] = responder, url: Callable[[], str] = urls[listed]
            ) -> tuple[bytes, ...]:
                here = points(place(("uri", url())))
                return leaf(extensions=(SAN, access(responder()), here)), mid()

            yield _question(f"responder {name}, list {listed}", told(), of_root(), ocsp=True,
                            crl_points=True)  # fmt: skip
            yield _question(f"responder {name}, list {listed}, own", told(), of_root(), options=())


def _pem(encoded: bytes) -> bytes:
    body = base64.encodebytes(encoded)
    return b"-----BEGIN X509 CRL-----\n" + body + b"-----END X509 CRL-----\n"


def all_questions(server: Responder) -> Iterator[Question]:
    """Each with answers of its own at that server."""
    places = _Places(server)
    yield from by_ocsp(places)
    yield from by_lists(places)
