"""Who signs a certificate, and for how long it may."""

from __future__ import annotations

from ..errors import WriteRefused
from ..frozen import Frozen
from ..model import Certificate, Finding
from ..times import iso_date
from ..x509 import facts
from .plan import subject_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

__all__ = ["Issuer", "ending"]


class Issuer(Frozen):
    """A CA with its key.

    Attributes:
        chain: the issuer's certificate and its issuers.
        pkcs8: the issuer's private key.
    """

    chain: tuple[Certificate, ...]
    pkcs8: bytes

    _hidden: ClassVar[frozenset[str]] = frozenset({"pkcs8"})


def ending(issuer: Issuer, not_before: int, days: int) -> tuple[int, tuple[Finding, ...]]:
    """When a certificate of that issuer ends, seconds since 1970 UTC, and what to tell of it.

    It ends with its issuer at the latest: Java refuses a chain of which any part has expired.

    Raises:
        WriteRefused: nobody would accept what it signs: it is no CA, may not sign
            certificates, or ends before the certificate begins.
        UsageError: a validity that makes no certificate.
    """
    from ..pki.validity import end_of

    if not issuer.chain:
        raise WriteRefused(
            "the issuer has a key and no certificate",
            hint="make one with storekeeper genkey --ext bc:c=ca:true",
        )
    ca = issuer.chain[0]
    about = facts(ca)
    if not about.is_ca:
        raise WriteRefused(
            f"{subject_of(ca)} is no CA: what it signs is refused everywhere",
            hint="make one with storekeeper genkey --ext bc:c=ca:true",
        )
    usage = about.key_usage
    if usage is not None and "keyCertSign" not in usage:
        raise WriteRefused(
            f"{subject_of(ca)} may not sign certificates: expected the key usage keyCertSign, "
            f"found {', '.join(usage) or 'none'}",
            hint="make a CA with storekeeper genkey --ext bc:c=ca:true --ext ku=keyCertSign",
        )
    end = end_of(not_before, days)
    if about.not_after is None or end <= about.not_after:
        return end, ()
    if about.not_after <= not_before:
        raise WriteRefused(
            f"the CA {subject_of(ca)} ends on {iso_date(about.not_after)}, before the "
            "certificate would begin",
            hint="renew the CA first",
        )
    found = Finding(
        "shortened",
        "info",
        "",
        f"valid until {iso_date(about.not_after)}, when the CA ends, not for {days} days",
    )
    return about.not_after, (found,)
