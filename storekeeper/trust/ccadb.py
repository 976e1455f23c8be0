"""CSV reports of the CCADB: all certificate records, and those of single root programs.

Columns are found by their names, which is what the reports keep between versions; order and
number change. Names read: SHA-256 Fingerprint, Subject + SPKI SHA256, Certificate Name,
Common Name or Certificate Name, Certificate Record Type, Valid From/To, every ... Trust Bits
and ... EKUs, Distrust for TLS/S-MIME After Date, <program> Status, PEM Info. Resources: https://www.ccadb.org/resources.
"""

from __future__ import annotations

from ..errors import Damaged, LimitExceeded
from ..model import LIMITS, Certificate
from ..times import DAY
from . import fingerprints
from .anchors import CODE_SIGNING, EMAIL, SERVER, Anchor, Published, RootList, parse_date
from .findings import Findings
from .pem import certificates_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from ..model import Limits

    class _Reader(Protocol):
        @property
        def line_num(self) -> int: ...


_TRUST_WORDS = (
    ("websites", SERVER),
    ("server authentication", SERVER),
    ("email", EMAIL),
    ("code signing", CODE_SIGNING),
)
_PROGRAMS = (
    ("Apple", "applestatus"),
    ("Chrome", "chromestatus"),
    ("Chrome", "googlechromestatus"),
    ("Microsoft", "microsoftstatus"),
    ("Mozilla", "mozillastatus"),
)
_NAMES = (
    "commonnameorcertificatename",
    "cacommonnameorcertificatename",
    "certificatename",
    "caownercertificatename",
)
# "Change Requested" roots are in; Microsoft's "NotBefore" trusts what was issued up to a date.
_INCLUDED = ("included", "changerequested", "notbefore")
# PEM Info of one certificate is 1 to 3 KB; partitioned CRL lists reach some 100 KB.
_FIELD_SIZE = 4 * 1024 * 1024


def is_report(header: str) -> bool:
    """Whether a first line names the columns of such a report."""
    return "sha256fingerprint" in [_plain(name) for name in header.split(",")]


def read(text: str, *, limits: Limits = LIMITS) -> RootList:
    """The roots of a report; intermediates and roots without TLS trust go to ``others``.

    Raises:
        Damaged: no row could be used.
        LimitExceeded: more rows than ``limits.entries``, or a field of over 4 MiB.
    """
    import csv
    from io import StringIO

    findings = Findings()
    anchors: dict[str, Anchor] = {}
    others: dict[str, Anchor] = {}
    rows = csv.reader(StringIO(text, newline=""))
    # The limit is the csv module's, for the whole process: put back what was there.
    before = csv.field_size_limit(_FIELD_SIZE)
    try:
        columns = [_plain(name) for name in next(rows, [])]
        for count, values in enumerate(rows):
            if count >= limits.entries:
                raise LimitExceeded(f"a report of more than {limits.entries} rows")
            if not any(value.strip() for value in values):
                continue
            anchor, trusted = _row(dict(zip(columns, values, strict=False)), rows, findings)
            if anchor is not None:
                (anchors if trusted else others).setdefault(anchor.sha256, anchor)
    except csv.Error as error:
        if "field limit" in str(error):
            raise LimitExceeded(
                f"line {rows.line_num}: a field of more than {_FIELD_SIZE} characters"
            ) from None
        findings.add(rows.line_num, f"reading stopped: {error}")
    finally:
        csv.field_size_limit(before)
    if not anchors and not others:
        raise Damaged("a CCADB report without a row that has a SHA-256 fingerprint")
    return RootList(
        "ccadb",
        "CCADB report",
        source="a CSV report of the Common CA Database",
        anchors=tuple(anchors.values()),
        others=tuple(other for sha256, other in others.items() if sha256 not in anchors),
        findings=findings.all(),
        note=_note(columns),
    )


def _row(row: dict[str, str], rows: _Reader, findings: Findings) -> tuple[Anchor | None, bool]:
    """The anchor of one row, and whether the report says it is trusted for TLS servers."""
    name = _first(row, *_NAMES)
    found = _first(row, "sha256fingerprint")
    sha256 = fingerprints.normal(found)
    if not sha256:
        what = f"{found[:80]!r} is no SHA-256 fingerprint" if found else "no SHA-256 fingerprint"
        findings.add(rows.line_num, f"{what} ({name[:80]})" if name else what)
        return None, False
    certificate = _certificate(row, sha256, rows, findings)
    not_after = parse_date(_first(row, "validto"))
    # "Trust Bits", "Derived Trust Bits", "Apple Trust Bits", "Microsoft EKUs", ...
    bits = ";".join(row[name] for name in row if "trustbits" in name or "ekus" in name).lower()
    purposes = tuple(dict.fromkeys(purpose for word, purpose in _TRUST_WORDS if word in bits))
    statuses = {program: column for program, column in _PROGRAMS if column in row}
    programs = tuple(p for p in statuses if _plain(row[statuses[p]]).startswith(_INCLUDED))
    anchor = Anchor(
        sha256,
        name,
        certificate=certificate,
        published=Published(
            "" if certificate else name,
            subject_spki_sha256=fingerprints.normal(_first(row, "subjectspkisha256")) or None,
            not_before=parse_date(_first(row, "validfrom")),
            # The report gives days; the certificate ends some time during the last one.
            not_after=None if not_after is None else not_after + DAY - 1,
        ),
        purposes=purposes if bits.strip("; ") else None,
        distrust_after=_distrust(row),
        programs=programs,
    )
    root = _plain(_first(row, "certificaterecordtype")) in ("", "rootcertificate")
    serves = anchor.purposes is None or SERVER in anchor.purposes
    trusted = root and serves and (bool(programs) or not statuses)
    return anchor, trusted


def _distrust(row: dict[str, str]) -> tuple[tuple[str, int], ...]:
    found = []
    for column, purpose in (
        ("distrustforsmimeafterdate", EMAIL),
        ("distrustfortlsafterdate", SERVER),
    ):
        day = parse_date(_first(row, column))
        if day is not None:
            found.append((purpose, day + DAY - 1))
    return tuple(found)


def _certificate(
    row: dict[str, str], sha256: str, rows: _Reader, findings: Findings
) -> Certificate | None:
    pem = _first(row, "peminfo", "x509certificatepem", "pem")
    for _, encoded in certificates_in(pem):
        if encoded is not None:
            certificate = Certificate(encoded)
            if certificate.sha256 == sha256:
                return certificate
            findings.add(
                rows.line_num, f"the PEM is another certificate than the fingerprint {sha256}"
            )
            return None
    if "BEGIN CERTIFICATE" in pem:
        findings.add(rows.line_num, f"unreadable PEM of {sha256}")
    return None


def _note(columns: list[str]) -> str:
    if "certificaterecordtype" in columns:
        return "roots that at least one root program includes; intermediates are not compared"
    return ""


def _first(row: dict[str, str], *columns: str) -> str:
    for column in columns:
        value = row.get(column, "").strip()
        if value:
            return value
    return ""


def _plain(name: str) -> str:
    # "Valid From [GMT]", "Valid From (GMT)" and "Valid From" are one column.
    letters = "".join(c for c in name.lower() if c.isalnum())
    return letters.removesuffix("gmt")
