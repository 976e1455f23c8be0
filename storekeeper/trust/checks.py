"""What is wrong, or worth knowing, about one certificate in the place it is meant for.

Names and dates, no signatures and no other certificates. What a JVM refuses is what
``jdk.certpath.disabledAlgorithms`` of JDK 11 to 25 says by default: MD2, MD5, RSA and DSA
keys below 1024 bits, elliptic curves below 224.
"""

from __future__ import annotations

from ..errors import Damaged, StorekeeperError
from ..key_info import spki_bits
from ..model import Finding, replace
from ..times import distance, iso, iso_date
from ..x509 import facts as facts_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from ..model import Certificate
    from ..x509 import Facts

    Expected = Literal["anchor", "leaf", "any", "presented"]

# Algorithm: (the JDK refuses smaller keys, smaller ones are thought weak; NIST SP 800-131A).
_SIZES = {"RSA": (1024, 2048), "RSASSA-PSS": (1024, 2048), "DSA": (1024, 2048), "EC": (224, 224)}
_WEAK_DIGESTS = {"MD2": "MD2", "MD5": "MD5", "SHA1": "SHA-1"}
_PSS = "RSASSA-PSS with "


def check(
    certificate: Certificate, at: int, *, expected: Expected = "any", where: str = ""
) -> tuple[Finding, ...]:
    """The findings about a certificate, in the order of the table below.

    ======================  ================  =============================================
    unreadable-certificate  error or warning  it, or only a part of it, can't be parsed
    expired                 warning
    not-yet-valid           warning
    non-ca-as-anchor        warning or info   no other certificate is trusted through it;
                                              info when it is self-issued or a leaf is expected
    pinned-leaf-renewal     info              a leaf issued by another, trusted directly
    weak-key                error or warning  error where the JDK refuses it
    weak-signature          warning           MD2, MD5, SHA-1; not where it is self-issued
    non-positive-serial     info
    ======================  ================  =============================================

    Args:
        certificate: the certificate.
        at: the instant to judge by, seconds since 1970 UTC.
        expected: what it is meant to be: "anchor", a trusted CA; "leaf", a server or client
            that is trusted directly; "any", trusted, whatever it is; "presented", not
            trusted but shown to others (a key's own certificate and its issuers).
        where: the alias or place for the findings.
    """
    try:
        facts = facts_of(certificate)
    except Damaged as error:
        found = [_unreadable(error)]
    else:
        found = [*_readable(facts), *_dates(facts, at)]
        if expected != "presented":
            found += _trusted_for(facts, at, expected)
        found += [*_key(facts), *_signature(facts), *_serial(facts)]
    return tuple(replace(one, where=where) for one in found)


def _unreadable(error: Damaged) -> Finding:
    at = "" if error.offset is None else f" (at byte {error.offset})"
    hint = "get the certificate again from where it came, as PEM or DER"
    return Finding("unreadable-certificate", "error", "", error.message + at, hint)


def _readable(facts: Facts) -> Iterator[Finding]:
    if problems := facts.problems:
        message = f"parts of the certificate can't be read: {'; '.join(problems)}"
        hint = "it is kept as it is; Java may refuse it where it needs that part"
        yield Finding("unreadable-certificate", "warning", "", message, hint)


def _dates(facts: Facts, at: int) -> Iterator[Finding]:
    before, after = facts.not_before, facts.not_after
    if after is not None and at > after:
        message = f"expired {distance(after, at)}: valid until {iso(after)}, judged at {iso(at)}"
        hint = (
            "get its successor; Java does not look at the dates of what it trusts directly, "
            "OpenSSL, Python and Go do"
        )
        yield Finding("expired", "warning", "", message, hint)
    if before is not None and at < before:
        message = (
            f"not valid yet, it begins {distance(before, at)}: valid from {iso(before)}, "
            f"judged at {iso(at)}"
        )
        hint = "check the clock of this machine, or wait"
        yield Finding("not-yet-valid", "warning", "", message, hint)


def _trusted_for(facts: Facts, at: int, expected: Expected) -> Iterator[Finding]:
    if facts.is_ca:
        yield from _signing(facts)
        return
    constraints = facts.basic_constraints
    said = "no basic constraints" if constraints is None else "basic constraints without CA"
    message = (
        f"no CA (version {facts.version}, {said}): it is trusted only for itself, no other "
        "certificate is accepted through it"
    )
    if expected == "leaf":
        message = f"a server's or client's own certificate ({said}): trusted only for itself"
    if facts.self_issued or expected == "leaf":
        hint = "nothing to do if this one server or client is meant"
        yield Finding("non-ca-as-anchor", "info", "", message, hint)
    else:
        hint = "trust its issuer instead, unless this one server or client is meant"
        yield Finding("non-ca-as-anchor", "warning", "", message, hint)
    after = facts.not_after
    if not facts.self_issued and after is not None and at <= after:
        message = (
            f"issued by {facts.issuer} and trusted directly: this pin breaks when the server "
            f"renews, at the latest on {iso_date(after)} ({distance(after, at)})"
        )
        hint = "import the renewed certificate before the server changes over, or trust its issuer"
        yield Finding("pinned-leaf-renewal", "info", "", message, hint)


def _signing(facts: Facts) -> Iterator[Finding]:
    usage = facts.key_usage
    if usage is not None and "keyCertSign" not in usage:
        message = (
            "a CA that may not sign certificates: expected the key usage keyCertSign, found "
            f"{', '.join(usage) or 'none'}; Java refuses chains that end at it"
        )
        hint = "trust the CA's certificate that may sign certificates"
        yield Finding("non-ca-as-anchor", "warning", "", message, hint)


def _key(facts: Facts) -> Iterator[Finding]:
    try:
        key = facts.key
    except StorekeeperError:
        return  # one of the problems told above
    least, enough = _SIZES.get(key.algorithm, (0, 0))
    bits = key.bits
    if bits is None and key.algorithm == "EC":
        bits = _curve_bits(facts.spki)
    if bits is None or bits >= enough:
        return
    what = f"{key} ({bits} bits)" if key.curve else f"{key}"
    message = f"weak key: {what}, expected at least {enough} bits"
    hint = f"ask its issuer for a certificate with a key of {enough} bits or more"
    if bits < least:
        message += f"; Java refuses chains with less than {least}"
        yield Finding("weak-key", "error", "", message, hint)
    else:
        yield Finding("weak-key", "warning", "", message, hint)


def _curve_bits(spki: bytes) -> int | None:
    """Size of the field of a curve without a name here, from an uncompressed point."""
    point = spki_bits(spki)
    if point is None or len(point) < 3 or point[0] not in (4, 6, 7):
        return None
    return (len(point) - 1) // 2 * 8


def _signature(facts: Facts) -> Iterator[Finding]:
    if facts.self_issued:
        return  # nobody relies on what a certificate says of itself
    algorithm = facts.signature_algorithm
    digest = algorithm.partition("with")[0]
    if algorithm.startswith(_PSS):
        digest = algorithm.removeprefix(_PSS).replace("-", "")
    if (name := _WEAK_DIGESTS.get(digest)) is None:
        return
    refused = "many refuse" if name == "SHA-1" else "Java refuses"
    message = (
        f"signed with {name} ({algorithm}), expected SHA-256 or better: {refused} it in a "
        "chain, though not where it is trusted directly"
    )
    yield Finding("weak-signature", "warning", "", message, "ask its issuer to sign it anew")


def _serial(facts: Facts) -> Iterator[Finding]:
    if facts.serial > 0:
        return
    # In hex: Python refuses to print decimal numbers of thousands of digits.
    number = f"{facts.serial:#x}" if facts.serial else "0"
    number = number if len(number) <= 44 else f"{number[:40]}..."
    message = f"serial number {number}, expected a positive one (RFC 5280 section 4.1.2.2)"
    hint = "nothing to do for Java; strict libraries refuse it"
    yield Finding("non-positive-serial", "info", "", message, hint)
