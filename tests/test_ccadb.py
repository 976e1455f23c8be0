"""Reports of the CCADB, Mozilla's and Microsoft's."""

from __future__ import annotations

import time

import pytest

from storekeeper.errors import (
    Damaged,
    LimitExceeded,
)
from storekeeper.trust.anchors import EMAIL, SERVER, parse_date
from tests import clock
from tests.list_samples import INCLUDED, colons, csv_row, pem, read, root, sha256


def test_mozilla_included_roots_report() -> None:
    der, _ = root("both")
    other = root("other")[0]
    second = "AB" * 32
    text = (
        INCLUDED
        + csv_row("A, Inc.", "both", sha256(der).upper(), second, "2024.01.01", "2033.12.29",
                  "Email;Websites", "2025.04.15", "", "'" + pem(der) + "'")
        + csv_row("B", 'says ""hi""', colons("12" * 32), "", "2020 Jan 02", "2030 Jan 02",
                  "Websites", "", "", "")
        + csv_row("C", "mail", "34" * 32, "", "2020-01-02", "", "Email", "", "2024.05.06", "")
        + csv_row("D", "wrong pem", "56" * 32, "", "", "", "Websites", "", "", pem(other))
        + csv_row("E", "short", "1234", "", "", "", "Websites", "", "", "")
    )  # fmt: skip
    roots = read("\ufeff" + text.replace("\n", "\r\n"), path="report.csv")
    both, says, wrong = roots.anchors
    assert both.certificate is not None
    assert both.certificate.der == der
    assert both.subject == "CN=both"
    assert both.subject_spki_sha256 == second.lower()
    assert both.distrusted_after(SERVER) == parse_date("2025-04-16") - 1  # type: ignore[operator]
    assert both.purposes == (EMAIL, SERVER) or both.purposes == (SERVER, EMAIL)
    assert (says.sha256, says.certificate, says.subject) == ("12" * 32, None, 'says ""hi""')
    assert says.not_before == 1577923200
    assert says.not_after == 1893542400 + 86_399
    assert (wrong.sha256, wrong.certificate) == ("56" * 32, None)
    (mail,) = roots.others
    assert (mail.label, mail.purposes) == ("mail", (EMAIL,))
    assert mail.distrusted_after(EMAIL) is not None
    messages = [f"{finding.where}: {finding.message}" for finding in roots.findings]
    assert any("another certificate" in message for message in messages)
    last = text.count("\n")
    assert messages[-1] == f"line {last}: '1234' is no SHA-256 fingerprint (short)"


def test_all_certificate_records_report() -> None:
    text = csv_row(
        "CA Owner", "Certificate Name", "Certificate Record Type", "SHA-256 Fingerprint",
        "Parent SHA-256 Fingerprint", "Apple Status", "Mozilla Status", "Derived Trust Bits",
        "Valid From (GMT)", "Valid To (GMT)",
    )  # fmt: skip
    fields = ("Root Certificate", "", "2020.01.01", "2040.01.01")
    rows = {
        "in": ("Root Certificate", "Included", "Removed", "Server Authentication;Secure Email"),
        "both": ("Root Certificate", "Included", "Change Requested", "Server Authentication"),
        "gone": ("Root Certificate", "Not Included", "Removed", "Server Authentication"),
        "mail": ("Root Certificate", "Included", "Included", "Secure Email"),
        "sub": ("Intermediate Certificate", "Included", "Included", "Server Authentication"),
    }
    for index, (name, (kind, apple, mozilla, bits)) in enumerate(rows.items()):
        text += csv_row(
            "X", name, kind, f"{index:02d}" * 32, "ff" * 32, apple, mozilla, bits, *fields[2:]
        )
    roots = read(text)
    assert [(a.label, a.programs) for a in roots.anchors] == [
        ("in", ("Apple",)),
        ("both", ("Apple", "Mozilla")),
    ]
    assert [a.label for a in roots.others] == ["gone", "mail", "sub"]
    assert not any(a.sha256 == "ff" * 32 for a in roots.anchors + roots.others)


def test_microsoft_report() -> None:
    text = csv_row(
        "Microsoft Status", "CA Owner", "CA Common Name or Certificate Name",
        "SHA-1 Fingerprint", "SHA-256 Fingerprint", "Microsoft EKUs", "Valid From [GMT]",
        "Valid To [GMT]",
    )  # fmt: skip
    for index, (status, ekus) in enumerate(
        [
            ("Included", "Client Authentication;Server Authentication"),
            ("NotBefore", "Server Authentication"),
            ("Disabled", "Server Authentication"),
            ("Included", "Document Signing"),
        ]
    ):
        fingerprint = f"{index:02d}" * 32
        text += csv_row(
            status, "X", f"root {index}", "ab" * 20, fingerprint, ekus, "2020 Jan 02", ""
        )
    roots = read(text)
    assert not roots.findings
    assert [(a.subject, a.programs) for a in roots.anchors] == [
        ("root 0", ("Microsoft",)),
        ("root 1", ("Microsoft",)),
    ]
    assert [(a.label, a.purposes) for a in roots.others] == [
        ("root 2", (SERVER,)),
        ("root 3", ()),
    ]


def test_report_without_a_usable_row() -> None:
    with pytest.raises(Damaged, match="CCADB"):
        read(INCLUDED + csv_row("A", "b", "none"), path="x.csv")


def test_report_with_a_field_of_many_megabytes_is_refused() -> None:
    started = time.process_time()
    with pytest.raises(LimitExceeded, match="field"):
        read(INCLUDED + '"' + "x" * 5_000_000)
    assert clock.units(time.process_time() - started) < 200
