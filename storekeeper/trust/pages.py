"""Vendors' pages and plain lists: PEM blocks and SHA-256 fingerprints in text or HTML.

Read this way: one fingerprint a line with an optional label beside it and ``#`` comments,
the output of ``sha256sum``, ``openssl x509 -fingerprint -sha256`` or ``keytool -list``, and
web pages such as an organisation's ``cacerts.jsp``, where ``<br>`` ends the lines and ``+``
is written ``&#43;``.
"""

from __future__ import annotations

import re

from ..errors import LimitExceeded, UnknownFormat
from ..model import LIMITS, Certificate
from . import fingerprints
from .anchors import Anchor, Published, RootList
from .findings import Findings
from .keytool_text import Listing
from .pem import certificates_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Limits

_HTML = ("<!doctype html", "<html", "<head", "<body", "<pre", "<table", "<div", "<p>", "<br")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)[^<>]{0,4096}>")
_INLINE = ("a", "b", "code", "em", "i", "font", "small", "span", "strong", "tt", "u", "wbr")

# How far a label or a comment may reach from its fingerprint, characters.
_LINE = 400

# How many lines from a SHA-256 the other digests of its certificate stand: MD5 and SHA-1, each
# perhaps below its name, and the SHA-256's own name.
_BESIDE = 5


def is_html(head: str) -> bool:
    """Whether a text begins like an HTML page."""
    start = head[:4096].lstrip().lower()
    return start.startswith(_HTML) or ("<html" in start and start.startswith(("<!", "<?xml")))


def read(text: str, *, limits: Limits = LIMITS) -> RootList:
    """The certificates, else the fingerprints, in a text or an HTML page.

    Raises:
        UnknownFormat: neither is in it.
        LimitExceeded: more of them than ``limits.entries``.
    """
    html = is_html(text)
    if html:
        text = _plain(text)
    findings = Findings()
    anchors: dict[str, Anchor] = {}
    for line, encoded in certificates_in(text):
        if encoded is None:
            findings.add(line, "a certificate in PEM that can't be decoded")
            continue
        certificate = Certificate(encoded)
        anchors[certificate.sha256] = Anchor(certificate.sha256, certificate=certificate)
        _bounded(anchors, limits)
    what = "certificates"
    keys: tuple[str, ...] = ()
    if not anchors:
        keys = _fingerprints(text, anchors, findings, limits, prose=html)
        what = "SHA-256 fingerprints"
    if not anchors:
        raise _nothing(html, keys, findings)
    for alias in keys:
        findings.add(None, f"the key entry {alias!r} is left out: only what is trusted is compared")
    return RootList(
        "page" if html else "fingerprints",
        f"{what} {'on a page' if html else 'in a text'}",
        source="an HTML page" if html else f"a text with {what}",
        anchors=tuple(anchors.values()),
        findings=findings.all(),
        note="" if what == "certificates" else "it gives fingerprints only",
    )


def _fingerprints(
    text: str, anchors: dict[str, Anchor], findings: Findings, limits: Limits, *, prose: bool
) -> tuple[str, ...]:
    """Collect the anchors; returns the aliases of the keys in a listing."""
    line, counted, last = 1, 0, 0
    # openssl x509 -text: its serial numbers, key identifiers and signatures are no fingerprints.
    quiet = "Signature Algorithm:" in text
    listing = Listing()
    keys: dict[str, None] = {}
    for found in fingerprints.find_all(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        between = text[last : found.start()].split("\n")
        listing.follow(between[:-1])
        if not (quiet or listing.verbose):
            _strange(between, line, findings, after=last > 0, before=True)
        # No further than a label can reach: a hostile line may be the whole file.
        floor, ceiling = max(0, found.start() - _LINE), min(len(text), found.end() + _LINE)
        start = max(text.rfind("\n", floor, found.start()) + 1, floor)
        end = text.find("\n", found.end(), ceiling)
        end = ceiling if end < 0 else end
        last = max(last, found.end())
        # A comment may quote a fingerprint that was taken out.
        if not prose and text[start : found.start()].lstrip().startswith("#"):
            continue
        sha256 = fingerprints.normal("".join(found["sha256"].split()))
        if listing.is_key:
            keys[listing.alias] = None
            continue
        label = _label(text[found.end() : end]) or _label(text[start : found.start()])
        published = Published(listing.subject or label)
        anchors.setdefault(sha256, Anchor(sha256, listing.alias or label, published=published))
        _bounded(anchors, limits)
    if not (quiet or listing.verbose):
        rest = text[last:].split("\n")
        line += text.count("\n", counted)
        _strange(rest, line, findings, after=last > 0, before=False)
    return tuple(keys)


def _strange(
    lines: list[str], last_line: int, findings: Findings, *, after: bool, before: bool
) -> None:
    """Hex that is no SHA-256 is worth a word; prose is not.

    Args:
        lines: what stands between two fingerprints.
        last_line: the number of the last of them.
        findings: told of them.
        after: a fingerprint stands before the lines.
        before: a fingerprint follows them.
    """
    filled = [number for number, line in enumerate(lines) if line.strip(" \t<>/")]
    # Beside a SHA-256, a line named SHA-1 or MD5 is of the same certificate.
    beside = {*(filled[:_BESIDE] if after else ()), *(filled[-_BESIDE:] if before else ())}
    above = ""
    for number in filled:
        line = lines[number]
        own = fingerprints.named(line) or fingerprints.named(above)
        above = line[:_LINE]
        if len(line) < 32 or line.lstrip().startswith("#") or (own and number in beside):
            continue
        what = fingerprints.other_digest(line)
        if what:
            at = last_line - len(lines) + 1 + number
            findings.add(at, f"expected a SHA-256 fingerprint, found {what}")


def _label(text: str) -> str:
    text = re.sub(r"(?i)\bsha-?256\b|\b(certificate )?fingerprint\b", " ", text)
    return " ".join(text.split()).strip(" \t,;:|=()*#\"'")


def _bounded(anchors: dict[str, Anchor], limits: Limits) -> None:
    if len(anchors) > limits.entries:
        raise LimitExceeded(f"more than {limits.entries} certificates or fingerprints")


def _plain(page: str) -> str:
    """The text of a page; tags that break lines become line ends, in place."""
    from html import unescape

    return unescape(_TAG.sub(lambda tag: "" if tag[1].lower() in _INLINE else "\n", page))


def _nothing(html: bool, keys: tuple[str, ...], findings: Findings) -> UnknownFormat:
    if keys:
        return UnknownFormat(
            f"expected trusted certificates, found a listing of keys only ({keys[0]!r})",
            hint="name the keystore itself: keys are compared between stores",
        )
    first = findings.all()[:1]
    seen = f"; {first[0].where}: {first[0].message}" if first else ""
    if html:
        return UnknownFormat(
            f"expected certificates, found an HTML page with none in it{seen}",
            hint="was a log-in or error page saved in place of the file",
        )
    hint = "openssl x509 -fingerprint -sha256 prints SHA-256, as keytool -list does since Java 9"
    return UnknownFormat(
        f"expected certificates or SHA-256 fingerprints, found neither{seen}",
        hint=hint if first else "",
    )
