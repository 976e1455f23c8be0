"""What is worth telling about a probed server: old protocols, weak keys, a chain out of order."""

from __future__ import annotations

from ..errors import StorekeeperError
from ..model import Finding, replace
from ..trust.arrangement import arrange
from ..trust.calling import called
from ..trust.checks import check
from ..x509 import facts_or_none
from . import ciphers
from .probed import STATES
from .words import TLS12, version_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Certificate, Severity
    from .probed import Member, Probe

WEAK_DHE = 2048
"""Bits of a prime below which a Diffie-Hellman group is thought weak (RFC 7919, NIST SP 800-131A);
768 and less are broken by anybody (Logjam), 1024 by states."""

_REFUSED_DHE = 1024
"""OpenSSL 1.1 and later, and the JDK by default, refuse smaller ones."""

_EXPLAINED = ("required", "required-later", "refused")
_DATES = ("expired", "not-yet-valid")
_SIGNED_TIMESTAMPS = "1.3.6.1.4.1.11129.2.4.2"  # RFC 6962 section 3.3
_FRESH = 3 * 86_400
_INSPECTING = (
    "mitmproxy", "zscaler", "netskope", "fortinet", "fortigate", "blue coat", "bluecoat",
    "palo alto", "checkpoint", "check point", "sophos", "websense", "forcepoint", "mcafee",
    "cisco umbrella", "squid", "untangle", "barracuda", "kaspersky", "avast", "eset ssl",
)  # fmt: skip


def findings(probe: Probe) -> tuple[Finding, ...]:
    """What is odd, the worst first."""
    found = [
        *_members(probe),
        *_chain(probe),
        *_names(probe),
        *_exchange(probe),
        *_offers(probe),
        *_revoked(probe),
        *_request(probe.member),
    ]
    order = {"error": 0, "warning": 1, "info": 2}
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda one: order[one.severity]))


def notes(probe: Probe) -> tuple[str, ...]:
    """What limits the answer."""
    member = probe.member
    told = []
    if member.raw:
        why = f" ({member.problem})" if member.problem else ""
        told.append(f"only the first words of this server were read{why}, see docs/probe.md")
    if why := inspecting(probe):
        told.append(
            f"a TLS-inspecting proxy seems to answer ({why}): what the server itself sends and "
            "asks for is not seen from here, a request for a client certificate least of all"
        )
    return tuple(told)


def inspecting(probe: Probe) -> str:
    """Why somebody on the way seems to answer for the server; "" when nothing points to it."""
    chain = probe.member.chain
    if not chain:
        return ""
    if probe.member.client == "required-later" and probe.member.request is None:
        return "the web server misses a client certificate that nobody here was asked for"
    facts = facts_or_none(chain[0])
    if facts is None:
        return ""
    issuer = facts.issuer.rfc4514().lower()
    for word in _INSPECTING:
        if word in issuer:
            return f"the issuer is {facts.issuer.rfc4514()}"
    started = facts.not_before
    fresh = started is not None and 0 <= probe.at - started < _FRESH
    if fresh and hidden(probe) and not facts.self_issued:
        return "behind a proxy, a certificate that was made a moment ago and never published"
    return ""


def hidden(probe: Probe) -> bool:
    """Whether a proxy may answer for the server, for all that the certificate says.

    Those that public CAs issue say where they are logged or revoked; a proxy's own do not, as
    those of many companies' own servers.
    """
    facts = facts_or_none(probe.member.chain[0]) if probe.member.chain else None
    if not probe.proxy or facts is None:
        return False
    try:
        return not (facts.ocsp_urls or facts.crl_urls or _SIGNED_TIMESTAMPS in facts.extensions)
    except StorekeeperError:
        return True


def _members(probe: Probe) -> Iterator[Finding]:
    silent = [one for one in probe.members if not one.spoke]
    for one in silent:
        yield Finding(
            "member-silent", "warning", str(one.address or ""),
            f"no TLS handshake with this address: {one.problem or 'no answer'}",
            "who reaches this address fails, others do not",
        )  # fmt: skip
    first = probe.member
    for one in probe.members:
        for told in _differences(first, one) if one.spoke else ():
            yield Finding(
                "members-differ", "warning", str(one.address or ""),
                f"unlike {first.address}, it {told}",
                "members of a pool should do the same; clients meet one or the other",
            )  # fmt: skip


def _differences(first: Member, other: Member) -> Iterator[str]:
    """What another address of the same name does otherwise."""
    if other.chain != first.chain:
        yield f"sends {_sent(first, other)}"
    if other.version != first.version:
        yield f"speaks {version_name(other.version)}, not {version_name(first.version)}"
    elif other.cipher != first.cipher:
        chosen = [ciphers.suite(one.cipher).name for one in (other, first)]
        yield f"chooses {chosen[0]}, not {chosen[1]}"
    if other.client != first.client:
        told = [STATES[one.client] for one in (other, first)]
        yield f"treats client certificates otherwise: {told[0]}, not {told[1]}"
    names = [frozenset(one.request.authorities) for one in (first, other) if one.request]
    if len(names) == 2 and names[0] != names[1]:
        more, less = len(names[1] - names[0]), len(names[0] - names[1])
        yield f"names {len(names[1])} acceptable CAs ({more} more, {less} missing)"


def _sent(first: Member, other: Member) -> str:
    if not other.chain:
        return "no certificate"
    if other.chain[:1] != first.chain[:1]:
        return f"{called(other.chain[0])}, SHA-256 {other.chain[0].sha256[:16]}..."
    return f"{len(other.chain)} certificates behind the same one, not {len(first.chain)}"


def _chain(probe: Probe) -> Iterator[Finding]:
    chain = probe.member.chain
    if not chain:
        why = f": {probe.member.problem}" if probe.member.problem else ""
        yield Finding("no-chain", "error", "", f"the server sends no certificate{why}")
        return
    for number, one in enumerate(chain, 1):
        for found in check(one, probe.at, expected="presented", where=f"certificate {number}"):
            if _root_signature(found, one):
                found = replace(found, severity="info")
            elif number == 1 and found.code in _DATES:  # which nobody gets around
                found = replace(found, severity="error")
            yield found
        yield from _pss(number, one)
    try:
        picture = arrange(chain)
    except StorekeeperError as error:
        yield Finding("chain", "warning", "", error.message)
        return
    for remark in picture.remarks:
        worst: Severity = "warning" if remark.fault else "info"
        yield Finding(f"chain-{remark.code}", worst, "", remark.message)


def _root_signature(found: Finding, one: Certificate) -> bool:
    facts = facts_or_none(one)
    return found.code == "weak-signature" and facts is not None and facts.self_issued


def _pss(number: int, one: Certificate) -> Iterator[Finding]:
    facts = facts_or_none(one)
    if facts is not None and facts.signature_oid == "1.2.840.113549.1.1.10":
        yield Finding(
            "rsassa-pss", "info", f"certificate {number}",
            "it is signed with RSASSA-PSS, which older products can't read (Cisco Finesse, "
            "Java before 8u251)",
            "ask the CA for a PKCS#1 v1.5 signature (SHA256withRSA) if one of them has to connect",
        )  # fmt: skip


def _names(probe: Probe) -> Iterator[Finding]:
    if probe.plain is None or probe.plain == probe.member.chain:
        return
    if not probe.plain:
        yield Finding(
            "sni-needed", "info", "",
            "without server name indication there is no handshake",
            "Java sends it for names with a dot, and not for addresses",
        )  # fmt: skip
    else:
        yield Finding(
            "sni-matters", "info", "",
            f"without server name indication it sends another one: {called(probe.plain[0])}",
            "a client that does not send the name gets that one",
        )  # fmt: skip


def _exchange(probe: Probe) -> Iterator[Finding]:
    for found in (probe.weak_dhe, probe.member.key_exchange):
        if found is None or found.kind != "DHE" or found.bits is None or found.bits >= WEAK_DHE:
            continue
        refused = found.bits < _REFUSED_DHE
        yield Finding(
            "weak-dhe", "error" if refused else "warning", "",
            f"ephemeral Diffie-Hellman with a prime of {found.bits} bits"
            + (", which the JDK and OpenSSL refuse" if refused else ", which is weak (Logjam)"),
            "give the server a group of 2048 bits or more (RFC 7919), or ECDHE alone",
        )  # fmt: skip
        break
    one = ciphers.suite(probe.member.cipher)
    if probe.member.cipher and one.weakness:
        yield Finding("weak-cipher", "warning", "", f"it chooses {one.name}: {one.weakness}")
    elif probe.member.cipher and not one.forward_secret:
        yield Finding(
            "no-forward-secrecy", "info", "",
            f"it chooses {one.name}: who has the server's key can read what was recorded",
        )  # fmt: skip


def _offers(probe: Probe) -> Iterator[Finding]:
    newest = probe.member.version
    if newest and newest < TLS12:
        yield Finding(
            "old-protocol", "error", "",
            f"it speaks {version_name(newest)} at best, which the JDK, OpenSSL and browsers refuse",
            "the server needs TLS 1.2; meanwhile jdk.tls.disabledAlgorithms of the client decides",
        )  # fmt: skip
    for one in probe.offers:
        if one.accepted and one.version < TLS12:
            yield Finding(
                "old-protocol", "warning", version_name(one.version),
                f"it still speaks {version_name(one.version)}",
            )  # fmt: skip
        for number in one.ciphers:
            weak = ciphers.suite(number).weakness
            if weak and one.accepted:
                yield Finding(
                    "weak-cipher", "warning", version_name(one.version),
                    f"it takes {ciphers.suite(number).name}: {weak}",
                )  # fmt: skip


def _revoked(probe: Probe) -> Iterator[Finding]:
    for one in probe.ocsp:
        if one.status == "revoked":
            yield Finding(
                "revoked", "error", one.how,
                f"the server's certificate is revoked: {one.reason or 'no reason given'}",
                "get a new certificate; Java does not look unless told to, others do",
            )  # fmt: skip
        elif one.problem and one.how == "stapled":
            yield Finding(
                "bad-staple", "warning", "", f"the stapled OCSP response is no good: {one.problem}",
                "the server has to fetch a new one; strict clients refuse the old",
            )  # fmt: skip


def _request(member: Member) -> Iterator[Finding]:
    if member.request is not None and not member.request.authorities:
        yield Finding(
            "empty-authorities", "info", "",
            "it asks for a client certificate and does not say of which CAs",
            "any may do; which one the server trusts has to be known from elsewhere",
        )  # fmt: skip
    if member.problem and member.chain and member.client not in _EXPLAINED:
        what = "does not complete" if member.alert is None else "is not let complete"
        yield Finding(
            "not-completed", "warning", "",
            f"OpenSSL here {what} a handshake with this server: {member.problem}",
            "clients with other settings may",
        )  # fmt: skip
