"""Whether an export that is repeated would only draw new salts."""

from __future__ import annotations

from .. import formats
from ..errors import StorekeeperError
from ..formats.encryption import MODERN
from ..formats.reseal import encrypted_as
from ..model import Password, PrivateKey, SecretKey, Store, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..formats.encryption import Encryption
    from .outputs import Product

__all__ = ["says_the_same"]


def says_the_same(
    product: Product, found: bytes, seals: Password | None, encryption: Encryption | None = None
) -> bool:
    """Whether a file that is there is the product but for its salts.

    Args:
        product: holds a key, or is a PKCS12; no two of those are alike in their bytes.
        found: what the file holds.
        seals: as given to `export`.
        encryption: likewise.
    """
    if seals is None or seals.text is None or len(found) != len(product.content):
        return False
    try:
        old, new = formats.read(found, seals), formats.read(product.content, seals)
        if old.format == "PKCS12" and not encrypted_as(old, encryption or MODERN):
            return False
        return old.format == new.format and _opened(old, seals) == _opened(new, seals)
    except StorekeeperError:
        return False


def _opened(store: Store, seals: Password) -> list[object]:
    return [
        replace(entry, sealed=(entry.sealed.scheme, entry.sealed.opener(entry.sealed.data, seals)))
        if isinstance(entry, PrivateKey | SecretKey)
        else entry
        for entry in store.entries
    ]
