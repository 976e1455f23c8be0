"""What the reader and the writer of JKS and JCEKS share: constants, digest, and notes."""

from __future__ import annotations

from hashlib import sha1

from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

FORMATS = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
"""The format a file's first four bytes stand for."""

MAGIC = {name: magic for magic, name in FORMATS.items()}

PRIVATE, TRUSTED, SECRET = 1, 2, 3
KINDS = {PRIVATE: "private key entry", TRUSTED: "trusted entry", SECRET: "secret key entry"}
DIGEST = 20
X509 = "X.509"


class Layout(Frozen):
    """How a store lay in its file: `Store.layout` of these formats.

    The bytes read are kept, not copied: a store that was not changed is written as it was.

    Attributes:
        format: "JKS" or "JCEKS".
        version: 1 or 2.
        data: the whole file.
        content: length of what comes before the digest.
    """

    format: str
    version: int
    data: bytes
    content: int

    _hidden: ClassVar[frozenset[str]] = frozenset({"data"})

    @property
    def trailing(self) -> bytes:
        """What follows the digest."""
        return self.data[self.content + DIGEST :]


class Spelling(Frozen):
    """`origin` of an entry whose strings are not written as Java writes them.

    Text and bytes of the alias and of each certificate's type; the bytes are used again
    for as long as the text is the same.
    """

    alias: tuple[str, bytes]
    types: tuple[tuple[str, bytes], ...] = ()


def digest(content: bytes | memoryview, text: str) -> bytes:
    """SHA-1 over the password in UTF-16, two words of the JDK's choice, and the content."""
    hasher = sha1(text.encode("utf-16-be", "surrogatepass") + b"Mighty Aphrodite")
    hasher.update(content)
    return hasher.digest()
