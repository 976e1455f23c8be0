"""Where a certificate says that revocation lists are, and what is found there.

Source: as `revocation`; sun.security.provider.certpath.URICertStore.
"""

from __future__ import annotations

import binascii
import re

from ... import der
from ...errors import NetworkError, StorekeeperError, UsageError
from . import revocation_lists
from .refusal import NotAsked, Unsure
from .revocation_lists import point_name, reason_bits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .pkix import Context
    from .revocation_lists import RevocationList
    from .seen import Seen

    # Full names, whether there is a relative one, flags of reasons, whether others sign it.
    Place = tuple[tuple[bytes, ...], bool, int | None, bool]

NETWORK = "Unable to determine revocation status due to network error"

_POINTS = "2.5.29.31"
_DIRECTORY = 0xA4
_URI = 0x86
_NO_LIST = "sun.security.provider.certpath.PKIX$CertStoreTypeException: java.security.cert."


def is_uri(text: str) -> bool:
    """Whether java.net.URI takes it, roughly: one that it does not spoils the whole extension."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+$", text) is not None


def places(one: Seen) -> list[Place]:
    """The distribution points a certificate names; one of its issuer's name without any."""
    encoded = one.facts.extension(_POINTS)
    if encoded is None:
        return [((der.encode(_DIRECTORY, one.facts.issuer.der),), False, None, False)]
    found: list[Place] = []
    for point in der.read(encoded).items("distribution points"):
        names: tuple[bytes, ...] = ()
        relative = others = False
        reasons: int | None = None
        for part in point.children():
            if part.tag == 0xA0:
                names, relative = point_name(part)
            elif part.tag == 0x81:
                reasons = reason_bits(part.content)
            else:
                others = True
        found.append((names, relative, reasons, others))
    return found


def urls(one: Seen) -> tuple[str, ...]:
    """The addresses of a certificate's lists; none where Java can't read one of them."""
    found = one.facts.crl_urls
    return found if all(map(is_uri, found)) else ()


def fetched(
    place: Place, ask: Callable[[str, bytes | None], bytes], one: Seen, context: Context
) -> list[RevocationList]:
    """The lists at one distribution point, from each of its addresses.

    Raises:
        Unsure: it has addresses, and none of them gives a list.
        NotAsked: an address is of another kind than http.
    """
    found: list[RevocationList] = []
    failures: list[Unsure] = []
    for name in place[0]:
        value = der.read(name)
        if value.tag != _URI:
            continue
        url = value.content.decode("latin-1")
        context.say(f"{url} is fetched to see whether {one.name} is revoked")
        try:
            found.append(revocation_lists.read(_list_in(ask(url, None))))
        except UsageError:
            raise NotAsked(f"Java fetches {url}, which is not asked from here") from None
        except NetworkError as problem:
            context.say(problem.message)
            failures.append(Unsure(NETWORK, soft=True))
        except _NoList:
            context.say(f"there is no revocation list at {url}")
            failures.append(Unsure(f"{_NO_LIST}CRLException: Empty input"))
        except StorekeeperError as problem:
            context.say(f"the list at {url} can't be read: {problem.message}")
            failures.append(Unsure(f"{_NO_LIST}CRLException: Incomplete BER/DER data"))
    if failures and not found:
        # JDK 17 tells of the last one, 21 of the first.
        raise failures[-1 if context.feature < 21 else 0]
    return found


class _NoList(Exception):
    pass


def _list_in(content: bytes) -> bytes:
    """The DER of a list that may be armoured."""
    if content[:1] == b"\x30":
        return content
    _, begin, rest = content.partition(b"-----BEGIN ")
    _, _, body = rest.partition(b"\n")
    text, end, _ = body.partition(b"-----END ")
    if not begin or not end:
        raise _NoList
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        raise _NoList from None
