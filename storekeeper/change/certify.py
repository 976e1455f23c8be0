"""Asking for certificates and giving them: requests of a key entry, and a small CA for labs."""

from __future__ import annotations

from ..errors import Damaged, StorekeeperError, Unsupported, UsageError
from ..extensions import (
    BASIC_CONSTRAINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    SUBJECT_ALT_NAME,
    SUBJECT_KEY_IDENTIFIER,
)
from ..model import Certificate, Finding
from ..x509 import facts
from .issuer import Issuer, ending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Password, PrivateKey
    from ..names import Name
    from ..pki.extensions import Extension
    from ..pki.requests import Request

__all__ = ["HONOURED", "asks_the_same", "certify", "request_of"]

HONOURED = (SUBJECT_ALT_NAME, KEY_USAGE, EXTENDED_KEY_USAGE)
"""What is taken over from a request when nothing else is said: names and usages, never CA."""


def request_of(
    entry: PrivateKey,
    password: Password | None,
    *,
    subject: Name | None = None,
    extensions: Iterable[Extension] = (),
    signature_algorithm: str | None = None,
) -> bytes:
    """DER of a certification request for a key entry.

    Args:
        entry: the key.
        password: what opens it.
        subject: the name asked for; that of its certificate when None.
        extensions: to ask for. The alternative names of its certificate are asked for
            unless there are some among these.
        signature_algorithm: keytool's ``-sigalg``.

    Raises:
        UsageError: there is no subject, or the key can't sign so.
        PasswordRequired, WrongPassword: the key can't be opened.
    """
    from ..pki import requests
    from ..pki.extensions import Extension

    asked = list(extensions)
    own = facts(entry.chain[0]) if entry.chain else None
    if subject is None:
        if own is None:
            raise UsageError(
                "the key has no certificate to take the subject from",
                alias=entry.alias,
                hint="say it with --dname",
            )
        subject = own.subject
    if own is not None and all(one.oid != SUBJECT_ALT_NAME for one in asked):
        names = own.extension(SUBJECT_ALT_NAME)
        if names is not None:
            asked.append(Extension(SUBJECT_ALT_NAME, False, names))
    return requests.make(
        entry.pkcs8(password), subject, asked, signature_algorithm=signature_algorithm
    )


def asks_the_same(made: bytes, found: bytes) -> bool:
    """Whether a file holds a request for the same, which another signature may be on.

    Args:
        made: DER or PEM of a request.
        found: what a file holds.
    """
    from ..pki import requests

    try:
        one, other = requests.read(made), requests.read(found)
    except StorekeeperError:
        return False
    return other.verified is True and all(
        getattr(one, what) == getattr(other, what)
        for what in ("subject", "spki", "extensions", "signature_algorithm", "attributes")
    )


def certify(
    request: Request,
    issuer: Issuer,
    *,
    not_before: int,
    days: int,
    extensions: Iterable[Extension] = (),
    subject: Name | None = None,
    signature_algorithm: str | None = None,
    unverified: bool = False,
) -> tuple[Certificate, tuple[Finding, ...]]:
    """A certificate for who made the request, and what to tell of it.

    It ends with its issuer at the latest, since Java refuses a chain of which any part has
    expired. Unless the caller says so, it is no CA.

    Args:
        request: whose key and wishes; see `HONOURED`.
        issuer: the CA.
        not_before: seconds since 1970 UTC.
        days: validity.
        extensions: what to say, in place of what was asked for.
        subject: another subject than the one asked for.
        signature_algorithm: one that fits the issuer's key.
        unverified: sign even what may not be signed by its own key, as its algorithm is unknown.

    Raises:
        Damaged: the request is not signed by its own key.
        Unsupported: that can't be told, and ``unverified`` is not said.
        WriteRefused: the issuer is no CA, or has expired.
        UsageError: extensions or dates that make no certificate.
    """
    from ..pki import extensions as ext
    from ..pki import issue
    from ..pki.ext_text import NAMES

    if request.verified is False:
        raise Damaged(
            "the request is not signed by the key in it",
            hint="it was changed on its way, or made with another key: ask for a new one",
        )
    findings = []
    if request.verified is None:
        if not unverified:
            raise Unsupported(
                f"the request's signature ({request.signature_algorithm}) can't be checked here, "
                "so nothing shows that whoever asks has the key",
                hint="it was damaged, or is of an unknown algorithm: ask for another; "
                "--unverified signs it all the same",
            )
        findings.append(
            Finding(
                "unverified-request",
                "warning",
                "",
                f"the request's signature ({request.signature_algorithm}) can't be checked here",
            )
        )
    end, shortened = ending(issuer, not_before, days)
    findings += shortened
    said = list(extensions)
    known = {one.oid for one in said}
    taken = [one for one in request.extensions if one.oid in HONOURED and one.oid not in known]
    words = {oid: name for name, oid in NAMES.items()}
    left = [
        words.get(one.oid, one.oid)
        for one in request.extensions
        if one.oid not in (*HONOURED, *known, SUBJECT_KEY_IDENTIFIER)
    ]
    if left:
        findings.append(
            Finding(
                "not-honoured",
                "info",
                "",
                f"asked for and left out: {', '.join(dict.fromkeys(left))}",
                "say it with --ext if it is wanted",
            )
        )
    if BASIC_CONSTRAINTS not in known:
        said.append(ext.basic_constraints(ca=False, critical=True))
    made = issue.issue(
        request.spki,
        subject or request.subject,
        issuer.chain[0],
        issuer.pkcs8,
        not_before=not_before,
        not_after=end,
        extensions=(*taken, *said),
        signature_algorithm=signature_algorithm,
    )
    return made, tuple(findings)
