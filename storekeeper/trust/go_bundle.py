"""Go's fallback roots (golang.org/x/crypto/x509roots/fallback), index and certificates.

``bundle.go`` lists name, SHA-256, place and perhaps a distrust date of each certificate in
``bundle.der``, which is nothing but certificates in DER one after the other. Older versions
are PEM in a Go string, which is read as any text with PEM is.
"""

from __future__ import annotations

import re

from .. import der
from ..errors import Damaged, LimitExceeded, StorekeeperError
from ..model import LIMITS, Certificate
from . import fingerprints
from .anchors import SERVER, Anchor, Published, RootList, parse_date
from .findings import Findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Limits

__all__ = ["is_certificates", "read_certificates", "read_index"]

_FIELD = r'(cn|sha256Hash|distrustAfter):\s*"((?:\\.|[^"\\]){0,4096})"'


def read_index(text: str, *, limits: Limits = LIMITS) -> RootList:
    """The roots of a ``bundle.go``: names, fingerprints and dates.

    Raises:
        Damaged: no row could be used.
        LimitExceeded: more rows than ``limits.entries``.
    """
    findings = Findings()
    anchors: dict[str, Anchor] = {}
    row: dict[str, str] = {}
    began = 0
    for number, line in enumerate(text.split("\n"), 1):
        word = line.strip()
        if word == "{":
            row, began = {}, number
        elif word == "}," and began:
            anchor = _anchor(row, began, findings)
            if anchor is not None:
                anchors.setdefault(anchor.sha256, anchor)
            began = 0
            if len(anchors) > limits.entries:
                raise LimitExceeded(f"more than {limits.entries} roots")
        elif found := re.match(_FIELD, word):
            row[found[1]] = re.sub(r"\\(.)", r"\1", found[2])
    if began:
        findings.add(began, "the text ends within a row")
    if not anchors:
        raise Damaged("Go's bundle.go without a row that has a SHA-256 fingerprint")
    return RootList(
        "bundle.go",
        "Go's fallback roots (x509roots)",
        source="bundle.go of golang.org/x/crypto/x509roots/fallback, made from Mozilla's list",
        anchors=tuple(anchors.values()),
        findings=findings.all(),
        note="a distrust date is compared with the issue date of the server's certificate",
        licence="BSD-3-Clause",
    )


def _anchor(row: dict[str, str], line: int, findings: Findings) -> Anchor | None:
    name = row.get("cn", "")
    sha256 = fingerprints.normal(row.get("sha256Hash", ""))
    if not sha256:
        findings.add(line, f"expected a SHA-256 fingerprint of {name[:80]!r}")
        return None
    dates: tuple[tuple[str, int], ...] = ()
    if said := row.get("distrustAfter", ""):
        instant = parse_date(said)
        if instant is None:
            findings.add(line, f"expected a date, found {said[:40]!r}")
        else:
            dates = ((SERVER, instant),)
    return Anchor(
        sha256, published=Published(name), purposes=(SERVER,), distrust_after=dates
    )  # fmt: skip


def is_certificates(data: bytes) -> bool:
    """Whether bytes begin with two certificates in DER, one right after the other."""
    try:
        first = der.read(data)
        for value in (first, der.read(data, first.after)):
            inside = next(value.children(), None)
            if value.tag != der.SEQUENCE or inside is None or inside.tag != der.SEQUENCE:
                return False
    except StorekeeperError:
        return False
    return True


def read_certificates(data: bytes, *, limits: Limits = LIMITS) -> RootList:
    """The certificates of a ``bundle.der``.

    Raises:
        Damaged: none could be read.
        LimitExceeded: more of them than ``limits.entries``.
    """
    findings = Findings()
    anchors: dict[str, Anchor] = {}
    at = 0
    while at < len(data):
        try:
            value = der.read(data, at).expect(der.SEQUENCE, "certificate")
        except StorekeeperError as error:
            findings.add(None, f"reading stopped at byte {at}: {error.message}")
            break
        certificate = Certificate(data[at : value.after])
        anchors.setdefault(certificate.sha256, Anchor(certificate.sha256, "", certificate))
        at = value.after
        if len(anchors) > limits.entries:
            raise LimitExceeded(f"more than {limits.entries} certificates")
    if not anchors:
        raise Damaged("certificates one after the other, none of which could be read")
    return RootList(
        "bundle.der",
        "certificates in DER one after the other (as Go's x509roots)",
        source="DER certificates one after the other, as Go's bundle.der has them",
        anchors=tuple(anchors.values()),
        findings=findings.all(),
        note="up to which date a root is trusted is in the bundle.go beside it",
    )
