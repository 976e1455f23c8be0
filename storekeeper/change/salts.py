"""Salts of a store without any secret: read off what it holds, so that the same gives the same.

A salt keeps a password from being tried against many files at once, and the certificates of a
trust store are public: what the password protects there is that nobody changes them unseen. Who
knows the content could prepare for one guess at the password of this very content, and gains
nothing by it that the file itself would not give. The password takes no part: a hash of it that
costs nothing would be the one way to find it quickly. Where there is a key, salts are random.
"""

from __future__ import annotations

from hashlib import sha256

from ..model import TrustedCert

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Store

__all__ = ["salts_of"]


def salts_of(store: Store) -> Callable[[int], bytes]:
    """A source of bytes in place of ``os.urandom``, the same for every store of this content."""
    content = sha256(b"storekeeper salts 1\0")
    for entry in store.entries:
        assert isinstance(entry, TrustedCert)
        name = entry.alias.encode("utf-8", "surrogatepass")
        content.update(len(name).to_bytes(4, "big") + name)
        content.update(len(entry.certificate.der).to_bytes(4, "big") + entry.certificate.der)
    seed = content.digest()
    drawn = 0

    def random(length: int) -> bytes:
        nonlocal drawn
        found = b""
        while len(found) < length:
            drawn += 1
            found += sha256(seed + drawn.to_bytes(8, "big")).digest()
        return found[:length]

    return random
