"""Fingerprints in any spelling, pages that show them, and the Trust Stores Observatory's lists."""

from __future__ import annotations

import html
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import (
    InputError,
    UnknownFormat,
)
from storekeeper.trust import lists
from storekeeper.trust.anchors import SERVER
from tests import clock
from tests.list_samples import OBSERVATORY, ONE, THREE, TWO, colons, page, pem, read, root, sha256


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
