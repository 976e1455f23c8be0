"""Whether an OCSP response says that a certificate is revoked, and whether it may say so.

Source: as `revocation`.
"""

from __future__ import annotations

import hashlib

from ...errors import NetworkError, StorekeeperError, UsageError
from ...key_info import spki_bits
from ...oids import SIGNATURES
from . import algorithm_checker, ocsp_responses
from .pkix import key_signed, signed_by
from .refusal import NotAsked, Refused, Unsure
from .revocation_lists import revoked
from .seen import Seen, seen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .ocsp_responses import Response
    from .pkix import Context

SKEW = 15 * 60
"""Seconds an answer may be off its dates (``com.sun.security.ocsp.clockSkew``)."""

_NETWORK = "Unable to determine revocation status due to network error"
_SIGNING = "OCSPSigning"
_KNOWN_TO_JAVA = ("http", "https", "ftp", "file", "jar")


def check(
    encoded: bytes, one: Seen, above: Sequence[Seen], context: Context, at: int | None = None
) -> None:
    """One certificate, given a response and the path above it, the anchor first.

    The response has to hold ``at``, in seconds, or when it is None at the date of the path.

    Raises:
        Refused: it is revoked.
        Unsure: the response does not tell, or is not to be believed.
    """
    try:
        response = ocsp_responses.read(encoded)
        certificates = [seen(sent) for sent in response.certificates]
    except StorekeeperError as problem:
        context.say(problem.message)
        raise Unsure(_NETWORK, soft=True) from None
    if response.status != "SUCCESSFUL":
        raise Unsure(
            f"OCSP response error: {response.status}",
            soft=response.status in ("TRY_LATER", "INTERNAL_ERROR"),
        )
    issuer = above[-1]
    wanted = ocsp_responses.cert_id(
        issuer.facts.subject.der, spki_bits(issuer.facts.spki) or b"", one.facts.serial
    )
    answers = dict(response.answers)
    if wanted not in answers:
        raise Unsure(
            "OCSP response does not include a response for a certificate supplied in the OCSP "
            "request"
        )
    signer = _signer(response, [*certificates, issuer])
    instant = context.at if at is None else at
    _check_signer(signer, response, issuer, above[0], context, instant)
    assert signer is not None
    for answer in answers.values():
        last = answer.this_update if answer.next_update is None else answer.next_update
        if instant + SKEW < answer.this_update or instant - SKEW > last:
            raise Unsure("Response is unreliable: its validity interval is out-of-date")
    found = answers[wanted]
    if found.line is not None and found.line.date < context.at:
        raise revoked(found.line, signer.name, one)
    if found.status == "unknown":
        raise Unsure("Certificate's revocation status is unknown", soft=True)


def asked(
    url: str,
    ask: Callable[[str, bytes | None], bytes],
    one: Seen,
    above: Sequence[Seen],
    context: Context,
) -> bytes:
    """The response of the responder a certificate names.

    Raises:
        Unsure: it can't be reached.
        NotAsked: its address is of another kind than http.
    """
    issuer = above[-1]
    request = ocsp_responses.request(
        issuer.facts.subject.der, spki_bits(issuer.facts.spki) or b"", one.facts.serial
    )
    context.say(f"{url} is asked whether {one.name} is revoked")
    try:
        return ask(url, request)
    except UsageError:
        if url.partition(":")[0].lower() in _KNOWN_TO_JAVA:
            raise NotAsked(f"Java asks {url}, which is not asked from here") from None
        raise Unsure(_NETWORK, soft=True) from None
    except NetworkError as problem:
        context.say(problem.message)
        raise Unsure(_NETWORK, soft=True) from None


def _signer(response: Response, certificates: list[Seen]) -> Seen | None:
    """Whose certificate the responder names."""
    named = response.responder
    for one in certificates:
        if isinstance(named, bytes):
            own = hashlib.sha1(spki_bits(one.facts.spki) or b"", usedforsecurity=False).digest()
            if named in (one.facts.subject_key_id, own):
                return one
        elif one.subject == named:
            return one
    return None


def _check_signer(
    signer: Seen | None,
    response: Response,
    issuer: Seen,
    anchor: Seen,
    context: Context,
    at: int,
) -> None:
    if signer is None:
        raise Unsure("Unable to verify OCSP Response's signature")
    if (signer.subject, signer.key) != (issuer.subject, issuer.key):
        if signer.issuer != issuer.subject:
            raise Unsure("Responder's certificate is not authorized to sign OCSP responses")
        if _SIGNING not in (signer.facts.extended_key_usage or ()):
            raise Unsure("Responder's certificate not valid for signing OCSP responses")
        try:
            situation = context.situation(anchor)
            algorithm_checker.check(signer, context.certpath, situation, anchor, first=True)
        except Refused as refused:
            raise Unsure(refused.message) from None
        before, after = signer.facts.not_before, signer.facts.not_after
        if (before is not None and at < before) or (after is not None and at > after):
            raise Unsure("Responder's certificate not within the validity period")
        if not signed_by(signer, issuer, context):
            raise Unsure("Unable to verify OCSP Response's signature")
    algorithm = SIGNATURES.get(_oid(response), "")
    if context.certpath.forbids_name(algorithm) or not algorithm_checker.permits_key(
        signer, (context.certpath,), context.situation(anchor)
    ):
        raise Unsure(f"Algorithm constraints check failed on signature algorithm: {algorithm}")
    if not key_signed(signer, response.algorithm, response.signature, response.tbs, context):
        raise Unsure("Error verifying OCSP Response's signature")


def _oid(response: Response) -> str:
    from ... import der

    parts = der.read(response.algorithm).items("signature algorithm", at_least=1)
    return parts[0].oid("signature algorithm")
