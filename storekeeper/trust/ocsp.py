"""What an OCSP response says of a certificate, and whether it may say so (RFC 6960 section 3.2).

For people who look at a server; what a Java release makes of a response is in `runtimes`.
"""

from __future__ import annotations

import hashlib

from ..errors import StorekeeperError
from ..frozen import Frozen
from ..key_info import spki_bits
from ..x509 import facts, facts_or_none
from .issuance import match_key
from .runtimes import ocsp_responses
from .signatures import signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Certificate
    from .runtimes.ocsp_responses import CertId, Response, Single

SKEW = 5 * 60
"""Seconds a response may be off its dates."""

_DIGESTS = {
    "1.3.14.3.2.26": "sha1",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_SIGNING = "OCSPSigning"


class OcspAnswer(Frozen):
    """What is known of a certificate's revocation.

    Attributes:
        how: "stapled", the address that was asked, "stapling" where that can't be seen, or "".
        status: "good", "revoked" or "unknown"; "" when there is no answer that can be believed.
        problem: why there is none, or "".
        this_update: since when it holds, seconds since 1970 UTC; None without an answer.
        next_update: until when; None when it is not said.
        revoked_at: when it was revoked, or None.
        reason: of the revocation, as in "KEY_COMPROMISE"; "".
    """

    how: str
    status: str = ""
    problem: str = ""
    this_update: int | None = None
    next_update: int | None = None
    revoked_at: int | None = None
    reason: str = ""


def read(how: str, encoded: bytes, one: Certificate, issuer: Certificate, at: int) -> OcspAnswer:
    """A response about a certificate, believed as far as its signature and dates go.

    Args:
        how: as `OcspAnswer.how`.
        encoded: DER of the response.
        one: the certificate.
        issuer: of it.
        at: the instant to judge by, seconds since 1970 UTC.
    """
    try:
        response = ocsp_responses.read(encoded)
        if response.status != "SUCCESSFUL":
            return OcspAnswer(how, problem=f"the responder refuses: {response.status}")
        found = _about(response, one, issuer)
        if found is None:
            return OcspAnswer(how, problem="the response is about other certificates")
        problem = _unbelieved(response, issuer, at)
    except StorekeeperError as error:
        return OcspAnswer(how, problem=error.message)
    if at + SKEW < found.this_update:
        problem = problem or "the response is of the future"
    if found.next_update is not None and at - SKEW > found.next_update:
        problem = problem or "the response is out of date"
    line = found.line
    return OcspAnswer(
        how,
        "" if problem else found.status,
        problem,
        found.this_update,
        found.next_update,
        None if line is None else line.date,
        "" if line is None else line.reason,
    )


def request(one: Certificate, issuer: Certificate) -> bytes:
    """The DER of a question about a certificate.

    Raises:
        Damaged: one of them can't be read.
    """
    above = facts(issuer)
    return ocsp_responses.request(
        above.subject.der, spki_bits(above.spki) or b"", facts(one).serial
    )


def _about(response: Response, one: Certificate, issuer: Certificate) -> Single | None:
    above, serial = facts(issuer), facts(one).serial
    for named, single in response.answers:
        if _names(named, above.subject.der, spki_bits(above.spki) or b"", serial):
            return single
    return None


def _names(named: CertId, issuer_name: bytes, bits: bytes, serial: int) -> bool:
    algorithm, name, key, number = named
    if algorithm not in _DIGESTS or number != serial:
        return False

    def digest(data: bytes) -> bytes:
        return hashlib.new(_DIGESTS[algorithm], data, usedforsecurity=False).digest()

    return name == digest(issuer_name) and key == digest(bits)


def _unbelieved(response: Response, issuer: Certificate, at: int) -> str:
    """Why the response is not believed; "" when it is."""
    for signer in (issuer, *response.certificates):
        read = facts_or_none(signer)
        if read is None or not _is_responder(response, signer):
            continue
        if not signed(read.spki, response.algorithm, response.signature, response.tbs):
            return "its signature is wrong"
        return "" if signer == issuer else _not_delegated(signer, issuer, at)
    return "nobody here can have signed it"


def _is_responder(response: Response, signer: Certificate) -> bool:
    read = facts(signer)
    if isinstance(response.responder, bytes):
        own = hashlib.sha1(spki_bits(read.spki) or b"", usedforsecurity=False).digest()
        return response.responder == own
    return match_key(read.subject) == response.responder


def _not_delegated(signer: Certificate, issuer: Certificate, at: int) -> str:
    """Why a certificate may not answer for its issuer; "" when it may."""
    read, above = facts(signer), facts(issuer)
    if read.spki == above.spki:
        return ""
    if _SIGNING not in (read.extended_key_usage or ()):
        return "its signer is not meant for OCSP"
    if match_key(read.issuer) != match_key(above.subject):
        return "its signer was not appointed by the issuer"
    algorithm, signature = read.signature
    if not signed(above.spki, algorithm, signature, read.tbs):
        return "its signer was not appointed by the issuer"
    before, after = read.not_before, read.not_after
    if (before is not None and at < before) or (after is not None and at > after):
        return "its signer's certificate is out of date"
    return ""
