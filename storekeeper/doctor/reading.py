"""Diagnoses out of evidence: each points to the line or the packet it rests on."""

from __future__ import annotations

import re

from ..times import iso_date
from ..tls.words import alert_name
from . import endings, told
from .values import Diagnosis, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..tls.evidence.values import AlertSeen, Certified, Wanted
    from .gathered import Gathered

_WEAK_BITS = 1024
_FEW_LISTED = 5
_ALERT = re.compile(r"(?i)fatal alert: |alert number|handshake alert: |Peer sent alert")
_ENDS = (40, 47, 71, 80)
"""Alerts by which clients end a handshake at a key exchange they don't like."""


_ORDER = (
    ("unreachable", "proxy-refuses", "not-tls"),
    ("protocol-too-old", "sni-needed", "weak-dhe", "store-unreadable", "store-password"),
    (
        *("zero-anchors", "missing-intermediate", "wrong-order", "unknown-issuer", "unknown-root"),
        *("expired", "not-yet-valid", "algorithm-refused", "rsassa-pss", "distrusted-root"),
        *("blocked-certificate", "revoked", "not-for-servers", "unreadable-certificate"),
        *("chain-too-long", "peer-not-authenticated", "name-mismatch", "ip-without-san"),
    ),
)
"""TLS fails in that order; what is not here is about the client's own certificate."""

_VAGUE = (
    *("unexplained", "certificate-refused", "handshake-refused", "client-gave-up"),
    "peer-not-authenticated",
)


def diagnose(
    found: Gathered, known: tuple[str, ...] = (), at: int | None = None, *, judged: bool = False
) -> Iterator[Diagnosis]:
    """What the evidence shows.

    Args:
        found: the evidence.
        known: codes that a verdict on the same chain gave already, with better proof.
        at: when it was, where the evidence does not tell.
        judged: whether there is a verdict on the chain, so that another program's with another
            store does not count.
    """
    collected: dict[str, list[str]] = {}
    for code, proof in (
        *_failures(found),
        *endings.alerts(found),
        *endings.ended(found),
        *_identities(found),
        *_agreed(found),
        *_verified(found, judged=judged),
        *_chain(found),
        *_entries(found, found.at if found.at is not None else at),
    ):
        collected.setdefault(code, []).append(proof)
    for code in ("unknown-root", "peer-not-authenticated"):
        if code in collected:
            collected[code] += _not_trusted(found)
    if "handshake-refused" in collected:
        collected["handshake-refused"] += endings.unnamed(found)
    _drop_echoes(collected, known)
    for code, proofs in sorted(collected.items(), key=lambda one: _rank(one[0])):
        step = told.STEPS.get(code)
        yield Diagnosis(
            code,
            told.WORDS.get(code, code),
            tuple(dict.fromkeys(proofs)),
            (Step(step),) if step else (),
        )


def _rank(code: str) -> int:
    """In which order to look: who can't be reached hides all else, and so on."""
    return next((at for at, codes in enumerate(_ORDER) if code in codes), len(_ORDER))


def stores(found: Gathered, store: str) -> Iterator[Diagnosis]:
    """A program that uses another trust store than the one that was named."""
    import os

    if not store or not os.path.exists(store):
        return
    for one in found.stores:
        if one.use == "trust" and os.path.basename(one.path) and not _same(one.path, store):
            yield Diagnosis(
                "wrong-store-in-use",
                f"the program trusts what is in {one.path}, not what is in {store}",
                (f"{one.place}: {one.path}",),
                (Step(f"change {one.path}, or have the program use {store}"),),
            )
            return


def _same(named: str, store: str) -> bool:
    """Whether a path of another machine may be that file."""
    import os

    return os.path.realpath(named) == os.path.realpath(store) or (
        not os.path.exists(named) and os.path.basename(named) == os.path.basename(store)
    )


def _drop_echoes(collected: dict[str, list[str]], known: tuple[str, ...]) -> None:
    """Leave out what only says again that something else is wrong."""
    for code in known:
        collected.pop(code, None)
    about_trust = ("unknown-root", "unknown-issuer", "peer-not-authenticated")
    behind = [code for code in ("missing-intermediate", "wrong-order") if code in collected]
    if behind or known:
        for code in about_trust:
            # What the client said of it is a proof of what is behind it.
            said = collected.pop(code, [])
            if behind:
                collected[behind[0]] += said
    if "unknown-issuer" in collected:
        # The client's alert calls both so.
        collected["unknown-issuer"] += collected.pop("unknown-root", [])
    if "empty-list-and-iaik" in collected:
        collected["empty-list-and-iaik"] += collected.pop("no-client-certificate-sent", [])
        collected.pop("client-certificate-refused", None)
    if "no-client-certificate-sent" in collected:
        # A refused one and none at all end in the same alerts.
        collected["no-client-certificate-sent"] += collected.pop("client-certificate-refused", [])
    # The vaguer a word is, the less it says beside another.
    for code in _VAGUE:
        if len(collected) > 1 or known:
            collected.pop(code, None)


def _failures(found: Gathered) -> Iterator[tuple[str, str]]:
    for one in found.failures:
        kinds = [one.kind, *(cause.kind for cause in one.causes)]
        messages = [one.message, *(cause.message for cause in one.causes)]
        said = [f"{kind}: {text}" for kind, text in zip(kinds, messages, strict=True)]
        codes = list(filter(None, (told.code_of(each, one.number) for each in said)))
        code = codes[0] if codes else ""
        if "not-yet-valid" in codes:
            code = "not-yet-valid"  # Java's outer words are those of any wrong date
        if not code and (_ALERT.search(one.message) or told.harmless(one.message)):
            continue  # what alerts stand for is told elsewhere
        kind = f"{one.kind}: " if one.kind else ""
        yield code or "unexplained", f"{one.place}: {kind}{one.message or one.kind}"


def _verified(found: Gathered, *, judged: bool) -> Iterator[tuple[str, str]]:
    """OpenSSL's result for the whole chain, which depends on the CAs it was given."""
    for one in found.verified:
        code = told.code_of("", one.number) if one.number else ""
        if code and not (judged and code in ("unknown-root", "unknown-issuer")):
            yield code, f"{one.place}: OpenSSL says {one.number} ({one.message})"


def _entries(found: Gathered, at: int | None) -> Iterator[tuple[str, str]]:
    """Entries of a listed store whose certificate is out of date."""
    for one in found.listed:
        leaf = one.certificates[0] if one.certificates else None
        ends = None if leaf is None else leaf.not_after
        if at is None or ends is None or ends >= at:
            continue
        # Of the hundred roots of a JRE some always are, and Java minds none of them.
        if one.kind == "trustedCertEntry" and len(found.listed) > _FEW_LISTED:
            continue
        code = "expired-anchor" if one.kind == "trustedCertEntry" else "expired-entry"
        until = f"the certificate of {one.alias or 'the entry'} was good until {iso_date(ends)}"
        yield code, f"{one.place}: {until}"


def _not_trusted(found: Gathered) -> Iterator[str]:
    """That none of the certificates a program says it trusts is one the chain leads to."""
    trusted = {_plain(item.subject) for one in found.anchors for item in one.certificates}
    names = [name for one in found.printed for name in (one.issuer, one.subject) if name]
    if trusted and names and not any(_plain(name) in trusted for name in names):
        last = found.printed[-1]
        yield (
            f"{found.anchors[0].place}: the program lists what it trusts, and "
            f"{last.issuer or last.subject} is not among it"
        )


def _identities(found: Gathered) -> Iterator[tuple[str, str]]:
    """A client that was asked for a certificate, and has none to send."""
    for one in found.identities:
        if not one.sent:
            yield "no-client-certificate-sent", f"{one.place}: the client sends no certificate"
            yield from _why_none(found)
            empty = [each for each in found.wanted if each.listed and not each.names]
            if empty and found.iaik:
                proof = f"{empty[0].place}: the server lists no CA, and then IAIK sends nothing"
                yield "empty-list-and-iaik", proof
            return
    names = [name for one in found.wanted for name in one.names]
    if not found.identities and names and found.listed:
        yield from _why_none(found)


def _why_none(found: Gathered) -> Iterator[tuple[str, str]]:
    """Entries of a listed keystore beside the names of the CAs the server accepts."""
    names = {_plain(name) for one in found.wanted for name in one.names}
    if not names:
        return
    wanted: Wanted = found.wanted[0]
    for entry in found.listed:
        issuers = [one.issuer or one.subject for one in entry.certificates]
        if entry.kind not in ("", "PrivateKeyEntry") or not issuers:
            continue
        if not any(_plain(one) in names for one in issuers):
            told_of = f"{entry.alias or 'the entry'} was issued by {issuers[-1]}"
            proof = f"{entry.place}: {told_of}, which the server does not name ({wanted.place})"
            yield "no-client-certificate-sent", proof


def _plain(name: str) -> frozenset[str]:
    """A distinguished name as printed by anybody: its parts, in any order."""
    parts = name.replace("/", ",").split(",")
    cleaned = (part.strip().replace(" = ", "=").replace("= ", "=") for part in parts)
    return frozenset(part.lower() for part in cleaned if "=" in part)


def _agreed(found: Gathered) -> Iterator[tuple[str, str]]:
    """A key exchange that is too small, or that a client ends the handshake at."""
    ends = [one for one in found.alerts if one.alert.description in _ENDS and one.by != "server"]
    for one in found.negotiated:
        exchange = one.key_exchange
        bits = next((int(word) for word in exchange.split() if word.isdigit()), None)
        finite = "DH" in exchange and "EC" not in exchange
        if finite and bits is not None and bits < _WEAK_BITS:
            yield "weak-dhe", f"{one.place}: the server's prime has {bits} bits"
        elif one.cipher.startswith(endings.FINITE) and ends:
            yield "weak-dhe", f"{one.place}: the server chooses {one.cipher}"
            yield "weak-dhe", f"{ends[0].place}: then there is alert {_named(ends[0])}"


def _named(one: AlertSeen) -> str:
    return alert_name(one.alert.description)


def _chain(found: Gathered) -> Iterator[tuple[str, str]]:
    """What the chain itself shows, with no store to judge by."""
    where = found.chain_at
    for number, one in enumerate(found.printed, 1):
        if "PSS" in one.signature_algorithm.upper():
            yield "rsassa-pss", f"{where}: certificate {number} is signed with RSASSA-PSS"
        if found.at is not None and one.not_after is not None and one.not_after < found.at:
            yield "expired", f"{where}: certificate {number}, {one.subject}, was out of date then"
    if found.chain:
        from ..trust.arrangement import arrange

        for remark in arrange(found.chain).remarks:
            if remark.code == "out-of-order":
                yield "wrong-order", f"{where}: {remark.message}"
            elif remark.code == "missing" and remark.fault:
                yield "missing-intermediate", f"{where}: {remark.message}"
    elif len(found.printed) == 1 and _issued_by_another(found.printed[0]):
        yield "missing-intermediate", f"{where}: the server sends one certificate, not its issuers"


def _issued_by_another(one: Certified) -> bool:
    return bool(one.issuer) and _plain(one.issuer) != _plain(one.subject)
