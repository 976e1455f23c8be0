"""``BEGIN TRUSTED CERTIFICATE``: certificates with OpenSSL's trust settings behind them.

Fedora and Red Hat have them in ``/etc/pki/ca-trust/extracted/openssl``; ``openssl x509
-trustout`` writes them. What follows the certificate is ``SEQUENCE { SEQUENCE OF purpose
OPTIONAL, [0] SEQUENCE OF rejected purpose OPTIONAL, alias UTF8String OPTIONAL, ... }``
(X509_CERT_AUX, crypto/x509/x_x509a.c). A list of purposes, even an empty one, means these
and no others; without one all are meant that are not rejected.
"""

from __future__ import annotations

from .. import der
from ..errors import Damaged, LimitExceeded, StorekeeperError
from ..model import LIMITS, Certificate
from .anchors import CODE_SIGNING, EMAIL, SERVER, Anchor, RootList, by_trust, titled
from .findings import Findings
from .pem import blocks_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Limits

__all__ = ["TRUSTED", "anchor", "is_trusted", "purposes_of", "read"]

TRUSTED = "TRUSTED CERTIFICATE"
_ALL = (SERVER, EMAIL, CODE_SIGNING)
_ANY = "2.5.29.37.0"
_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": SERVER,
    "1.3.6.1.5.5.7.3.4": EMAIL,
    "1.3.6.1.5.5.7.3.3": CODE_SIGNING,
}


def is_trusted(text: str) -> bool:
    """Whether a text has a certificate with such settings, and no key."""
    return f"-----BEGIN {TRUSTED}-----" in text and "PRIVATE KEY-----" not in text


def purposes_of(oids: Iterable[str]) -> tuple[str, ...]:
    """Our words for extended key usages; those we have no word for are left out."""
    known = list(oids)
    return (
        _ALL
        if _ANY in known
        else tuple(dict.fromkeys(_PURPOSES[o] for o in known if o in _PURPOSES))
    )


def anchor(encoded: bytes, label: str = "") -> Anchor:
    """The anchor in a block: a certificate, and perhaps settings behind it.

    Raises:
        Damaged: it begins with no certificate, or something else follows.
    """
    value = der.read(encoded).expect(der.SEQUENCE, "certificate")
    certificate = Certificate(encoded[: value.after])
    purposes: tuple[str, ...] | None = None
    rejected: tuple[str, ...] = ()
    if encoded[value.after :]:
        settings = der.only(encoded[value.after :], "trust settings")
        for part in settings.expect(der.SEQUENCE, "trust settings").items("trust settings"):
            if part.tag == der.SEQUENCE:
                purposes = purposes_of(one.oid("purpose") for one in part.children())
            elif part.tag == 0xA0:
                rejected = purposes_of(one.oid("purpose") for one in part.children())
            elif part.tag == der.UTF8_STRING and not label:
                label = part.content[:400].decode("utf-8", "replace")
    if rejected:
        purposes = tuple(p for p in (_ALL if purposes is None else purposes) if p not in rejected)
    return Anchor(certificate.sha256, label, certificate, purposes=purposes, rejected=rejected)


def read(text: str, *, limits: Limits = LIMITS) -> RootList:
    """The certificates in a text, plain ones among them, each with its purposes.

    Raises:
        Damaged: none could be read.
        LimitExceeded: more of them than ``limits.entries``.
    """
    findings = Findings()
    found: list[Anchor] = []
    for line, label, encoded in blocks_in(text, (TRUSTED, "CERTIFICATE", "X509 CERTIFICATE")):
        try:
            if encoded is None:
                raise Damaged("the block can't be decoded")
            found.append(anchor(encoded))
        except StorekeeperError as error:
            findings.add(line, f"{label.lower()}: {error.message}")
        if len(found) > limits.entries:
            raise LimitExceeded(f"more than {limits.entries} certificates")
    if not found:
        raise Damaged(f"BEGIN {TRUSTED} without a certificate that could be read")
    anchors, others = by_trust(found)
    return RootList(
        "trusted-certificates",
        titled("certificates with OpenSSL's trust settings", others),
        source="a text with BEGIN TRUSTED CERTIFICATE, as OpenSSL and Red Hat write it",
        anchors=anchors,
        others=others,
        findings=findings.all(),
    )
