"""What people have in their files: the output of keytool and openssl, as a list of roots."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.errors import UnknownFormat
from storekeeper.model import TrustedCert
from storekeeper.trust import lists
from storekeeper.trust.anchors import RootList, from_store
from storekeeper.trust.sources import open_any
from tests.jvm import newest

ONE, TWO = "0a" * 32, "1b" * 32


def read(text: str) -> RootList:
    return lists.read(text.encode())


def colons(digits: str) -> str:
    return bytes.fromhex(digits).hex(":").upper()


def _files(name: str) -> Path:
    return Path(__file__).parent / "scripts" / "files" / name


@pytest.mark.parametrize("verbose", [False, True], ids=["list", "list-v"])
def test_what_keytool_prints_is_a_side_of_a_comparison(verbose: bool) -> None:
    """The real thing, all roots of a JRE: nothing lost, each under its alias, no warnings."""
    java = newest()
    command = ["-list", *(["-v"] if verbose else []), "-storepass", "changeit"]
    printed = java.keytool(*command, "-keystore", java.cacerts).stdout
    roots = read(printed)
    store = formats.read(java.cacerts.read_bytes(), "changeit")
    assert {(a.sha256, a.label) for a in roots.anchors} == {
        (entry.certificate.sha256, entry.alias)
        for entry in store.entries
        if isinstance(entry, TrustedCert)
    }
    assert not roots.findings
    assert lists.sniff(printed.encode()) == "fingerprints"
    if verbose:
        subjects = {a.sha256: a.subject for a in from_store(store).anchors}
        same = sum(anchor.subject == subjects[anchor.sha256] for anchor in roots.anchors)
        # keytool prints e-mail addresses and unusual attributes its own way.
        assert same > 0.9 * len(subjects)


@pytest.mark.parametrize("verbose", [False, True], ids=["list", "list-v"])
def test_keys_in_what_keytool_prints_are_no_roots(verbose: bool) -> None:
    command = ["-list", *(["-v"] if verbose else []), "-storepass", "changeit"]
    printed = newest().keytool(*command, "-keystore", _files("identity-openssl3.p12")).stdout
    with pytest.raises(UnknownFormat, match=r"a listing of keys only \('server'\)") as caught:
        read(printed)
    assert "keystore" in (caught.value.hint or "")
    mixed = read(f"{printed}\nroot, Nov 21, 2026, trustedCertEntry, \nSHA-256: {colons(ONE)}\n")
    assert [(anchor.sha256, anchor.label) for anchor in mixed.anchors] == [(ONE, "root")]
    assert [finding.message for finding in mixed.findings] == [
        "the key entry 'server' is left out: only what is trusted is compared"
    ]


def test_listing_in_german_of_jdk_17() -> None:
    text = f"a, b, 21.11.2026, PrivateKeyEntry, \nZertifikat-Fingerprint (SHA-256): {colons(ONE)}\n"
    text += f"wurzel, 21.11.2026, trustedCertEntry, \nZertifikat (SHA-256): {colons(TWO)}\n"
    assert [(a.sha256, a.label) for a in read(text).anchors] == [(TWO, "wurzel")]


@pytest.mark.parametrize("file", ["root.pem", "expired.pem"])
def test_what_openssl_prints_is_one_fingerprint(file: str) -> None:
    """-text prints serial number, key identifiers and signature too: none is a fingerprint."""
    pem = _files(file)
    command = ["openssl", "x509", "-in", str(pem), "-noout"]

    def printed(*options: str) -> str:
        return subprocess.run([*command, *options], capture_output=True, text=True).stdout

    digest = read(pem.read_text()).anchors[0].sha256
    for options in (("-fingerprint", "-sha256"), ("-text", "-fingerprint", "-sha256")):
        roots = read(printed(*options))
        assert [anchor.sha256 for anchor in roots.anchors] == [digest]
        assert not roots.findings
    with pytest.raises(UnknownFormat, match="found a SHA-1 fingerprint") as caught:
        open_any(printed("-fingerprint", "-sha1").encode())
    assert "-sha256" in (caught.value.hint or "")


@pytest.mark.parametrize("pairs", [15, 16, 18, 32])
@pytest.mark.parametrize("octets", [64, 128, 256, 384, 512])
def test_keys_and_signatures_are_not_fingerprints(pairs: int, octets: int) -> None:
    """Lines of 15 (openssl's keys), 18 (its signatures) and 16 pairs (certtool's)."""
    digits = [f"{number % 251:02x}" for number in range(octets)]
    rows = [digits[at : at + pairs] for at in range(0, octets, pairs)]
    block = ":\n".join("        " + ":".join(row) for row in rows)
    roots = read(f"Modulus:\n{block}\nSHA-256: {colons(ONE)}\n")
    assert [anchor.sha256 for anchor in roots.anchors] == [ONE]


def test_other_digests_of_the_same_certificate_are_no_finding() -> None:
    md5, sha1 = colons("ab" * 16), colons("cd" * 20)
    one = f"MD5: {md5}\nSHA1: {sha1}\nSHA256: {colons(ONE)}\n"
    below = f"SHA-256 Fingerprint\n{colons(TWO)}\nSHA-1 Fingerprint\n{sha1}\n"
    roots = read(f"{one}\n\n{below}")
    assert [anchor.sha256 for anchor in roots.anchors] == [ONE, TWO]
    assert not roots.findings
    # Far from every SHA-256 it is a root that cannot be compared.
    roots = read("\n".join([one, *["word"] * 12, f"SHA1: {sha1}", *["word"] * 12]))
    assert [finding.message for finding in roots.findings] == [
        "expected a SHA-256 fingerprint, found a SHA-1 fingerprint"
    ]
