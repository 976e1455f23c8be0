"""The SunX509 trust manager of JSSE, which takes the chain as it was sent.

Source: sun.security.validator.SimpleValidator as seen from outside on JDK 11 to 25.
"""

from __future__ import annotations

from . import algorithm_checker
from .end_entity import netscape_ca
from .pkix import Either, one_of, signed_by
from .refusal import Refused
from .seen import NO_CA

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .pkix import Context
    from .seen import Seen

_BASIC, _KU, _EKU, _NETSCAPE = "2.5.29.19", "2.5.29.15", "2.5.29.37", "2.16.840.1.113730.1.1"


def trusted_path(chain: Sequence[Seen], context: Context) -> list[Seen]:
    """The chain with its anchor last, after all that SunX509 checks of it.

    Raises:
        Refused: with the message of the ValidatorException or CertificateException.
    """
    refusals: list[Refused] = []
    accepted: list[list[Seen]] = []
    for path in _with_anchor(chain, context):
        try:
            _validate(path, context)
        except Refused as refused:
            refusals.append(refused)
        else:
            accepted.append(path)
    if not accepted:
        raise one_of(refusals)
    if refusals:
        raise Either(accepted[0], one_of(refusals))
    return accepted[0]


def _validate(path: list[Seen], context: Context) -> None:
    anchor = path[-1]
    context.check_blocked(anchor)
    situation = context.situation(anchor)
    tls = context.tls_checker(anchor)
    room = len(path) - 1
    for index in range(len(path) - 2, -1, -1):
        one, issuer = path[index], path[index + 1]
        certificate = one.certificate
        context.check_blocked(one)
        try:
            first = index == len(path) - 2
            algorithm_checker.check(one, context.certpath, situation, issuer, first=first)
            tls.check(one, issuer, first=first)
        except Refused as refused:
            context.say(refused.message)
            raise Refused(
                "Certificate signature algorithm disabled", refused.rule, certificate
            ) from None
        _check_dates(one, context.at)
        if one.issuer != issuer.subject:
            raise Refused("Certificate chaining error", "name-chaining", certificate)
        if not signed_by(one, issuer, context):
            raise Refused("Certificate signature validation failed", "signature", certificate)
        if index:
            room = _check_issuer(one, room)


def _with_anchor(chain: Sequence[Seen], context: Context) -> list[list[Seen]]:
    """The chain with the anchor it is judged below; several where Java has no order of them."""
    found: list[Seen] = []
    for one in chain:
        for anchor in context.anchors.named(one.subject):
            if anchor == one or (anchor.issuer == one.issuer and anchor.key == one.key):
                context.say(f"{one.name} is in the store, or one of the same name, issuer and key")
                return [[*found, anchor]]
        found.append(one)
    last = chain[-1]
    named = context.anchors.named(last.issuer)
    if not named:
        raise Refused("No trusted certificate found", "no-anchor", last.certificate)
    wanted = last.facts.authority_key_id
    fitting = [one for one in named if wanted is not None and one.facts.subject_key_id == wanted]
    context.say("the last issuer's name is in the store")
    return [[*found, one] for one in fitting or named]


def _check_dates(one: Seen, at: int) -> None:
    before, after = one.facts.not_before, one.facts.not_after
    if before is not None and at < before:
        raise Refused(f"NotBefore: {java_date(before)}", "not-yet-valid", one.certificate)
    if after is not None and at > after:
        raise Refused(f"NotAfter: {java_date(after)}", "expired", one.certificate)


def java_date(seconds: int) -> str:
    """As java.util.Date prints it in UTC."""
    from datetime import UTC, datetime

    when = datetime.fromtimestamp(seconds, UTC)
    return when.strftime("%a %b %d %H:%M:%S UTC %Y")


def _check_issuer(one: Seen, room: int) -> int:
    certificate = one.certificate
    if one.path_length == NO_CA:
        raise Refused("End user tried to act as a CA", "not-a-ca", certificate)
    if not one.self_issued:
        if room <= 0:
            raise Refused("Violated path length constraints", "path-length", certificate)
        room -= 1
    room = min(room, one.path_length)
    if one.key_usage is not None and "keyCertSign" not in one.key_usage:
        raise Refused("Wrong key usage: expected keyCertSign", "ca-key-usage", certificate)
    if not netscape_ca(one):
        raise Refused(
            "Invalid Netscape CertType extension for SSL CA certificate",
            "netscape-type",
            certificate,
        )
    left = one.critical - {_BASIC, _KU, _EKU, _NETSCAPE}
    if left:
        raise Refused(
            f"Certificate contains unknown critical extensions: [{', '.join(sorted(left))}]",
            "critical-extension",
            certificate,
        )
    return room
