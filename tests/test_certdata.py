"""NSS' certdata.txt: purposes, dates and damage, and Debian's own copy."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storekeeper.errors import (
    Damaged,
    InputError,
)
from storekeeper.trust import lists
from storekeeper.trust.anchors import EMAIL, SERVER
from tests.list_samples import HEADER, NEITHER, REJECTED, TRUSTED, nss_root, read, root, sha256


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
