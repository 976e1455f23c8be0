"""Rows and filters over stores and lists."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import UnknownFormat, UsageError
from storekeeper.model import (
    Certificate,
    Opaque,
    PrivateKey,
    Sealed,
    SecretKey,
    Store,
    TrustedCert,
)
from storekeeper.trust import lists
from storekeeper.trust.inventory import (
    UNREADABLE,
    Filter,
    bare_keys,
    colons,
    comparable,
    fingerprint,
    rows,
    select,
    unreadable,
)
from storekeeper.trust.sources import open_store
from storekeeper.x509 import Facts

FILES = Path(__file__).parent / "scripts" / "files"
CHAIN = open_store(FILES / "chain.pem")
LEAF, INTERMEDIATE, ROOT = (
    entry.certificate for entry in CHAIN.entries if isinstance(entry, TrustedCert)
)
EXPIRY = {c: Facts(c.der).not_after or 0 for c in (LEAF, INTERMEDIATE, ROOT)}


def opened(data: bytes, password: object) -> bytes:
    raise AssertionError("nobody opens a key to list it")


SEALED = Sealed("JKS key protector", b"rubbish", opened)
MIXED = Store(
    "PKCS12",
    (
        TrustedCert("Corp-Root", ROOT, 1_700_000_000_123),
        PrivateKey("server", (LEAF, INTERMEDIATE), SEALED, 5),
        PrivateKey("bare", (), SEALED),
        SecretKey("secret", SEALED),
        Opaque("crl", "CRL bag", b"..."),
        TrustedCert("bad", Certificate(b"0\x03bad")),
        TrustedCert("[x]", INTERMEDIATE),
    ),
)


def aliases(wanted: Filter, now: int = 0) -> list[str]:
    return [row.alias for row in select(rows(MIXED), wanted, now)]


def test_every_kind_has_something_to_say() -> None:
    described = [row.read().describe for row in rows(MIXED)]
    assert described == [
        "CN=Corp Root,O=Example Corp,C=NL",
        "CN=server.example.net,O=Example Corp,C=NL",
        "(no certificate)",
        "(secret key, JKS key protector)",
        "(CRL bag)",
        UNREADABLE,
        "CN=Corp CA 1,O=Example Corp,C=NL",
    ]
    assert [row.sha256 for row in rows(MIXED)][:3] == [ROOT.sha256, LEAF.sha256, None]
    assert rows(MIXED)[1].chain == (LEAF, INTERMEDIATE)


def test_an_unreadable_certificate_is_a_finding_once_it_was_tried() -> None:
    every = rows(MIXED)
    assert list(unreadable(every)) == []
    for row in every:
        row.read()
    (finding,) = unreadable(every)
    assert (finding.code, finding.where, finding.severity) == (
        "unreadable-certificate",
        "bad",
        "warning",
    )
    assert finding.hint


def test_an_empty_subject_is_not_an_unreadable_one() -> None:
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization

    from tests import pki

    key = pki.key()
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )
    (row,) = rows(Store("DER", (TrustedCert("", Certificate(made)),)))
    assert (row.read().describe, row.read().subject, row.problem) == ("(empty subject)", "", "")


def test_rows_keep_no_facts() -> None:
    """A listing of 100,000 certificates must not hold what it has printed."""
    fresh = Certificate(ROOT.der)
    (row,) = rows(Store("JKS", (TrustedCert("a", fresh),)))
    row.read()
    assert fresh._cache is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), ["Corp-Root", "server", "bare", "secret", "crl", "bad", "[x]"]),
        (Filter(kind="private-key"), ["server", "bare"]),
        (Filter(kind="opaque"), ["crl"]),
        (Filter(aliases=("CORP-*",)), ["Corp-Root"]),
        (Filter(aliases=("s*", "crl")), ["server", "secret", "crl"]),
        (Filter(aliases=("[x]",)), ["[x]"]),
        (Filter(subject="corp ca"), ["[x]"]),
        (Filter(subject="/C=NL/O=Example Corp/CN=Corp"), ["Corp-Root", "[x]"]),
        (Filter(subject="CN=Corp CA 1, O="), ["[x]"]),
        (Filter(issuer="cn=corp ca 1"), ["server"]),
        (Filter(subject="corp", issuer="root"), ["Corp-Root", "[x]"]),
        (Filter(sha256=(ROOT.sha256[:8],)), ["Corp-Root"]),
        (Filter(sha256=(ROOT.sha256, LEAF.sha256[:9])), ["Corp-Root", "server"]),
        (Filter(sha256=("00000000",)), []),
    ],
)
def test_filters(wanted: Filter, found: list[str]) -> None:
    assert aliases(wanted) == found


@pytest.mark.parametrize("certificate", [LEAF, ROOT], ids=["leaf", "root"])
def test_expiry_to_the_second(certificate: Certificate) -> None:
    alias = {LEAF: "server", ROOT: "Corp-Root"}[certificate]
    end = EXPIRY[certificate]
    assert alias not in aliases(Filter(expired=True), end)
    assert alias in aliases(Filter(expired=True), end + 1)
    assert alias in aliases(Filter(expires_in=10), end - 10)
    assert alias not in aliases(Filter(expires_in=10), end - 11)
    assert alias not in aliases(Filter(expires_in=10), end + 1), "it has expired, it does not"
    either = Filter(expired=True, expires_in=10)
    assert alias in aliases(either, end + 1)
    assert alias in aliases(either, end - 10)


def test_what_has_no_date_never_expires() -> None:
    assert "bad" not in aliases(Filter(expired=True), 2**40)


def test_lists_are_rows_as_well() -> None:
    listed = rows(lists.load("mozilla"))
    assert len(listed) > 100
    (amazon,) = select(listed, Filter(subject="Amazon Root CA 3"), 0)
    assert amazon.read().subject == "CN=Amazon Root CA 3,O=Amazon,C=US"
    assert amazon.certificate is None
    assert amazon.created_ms is None
    assert select(listed, Filter(expired=True), 2**40) == listed


@given(st.binary(min_size=32, max_size=32), st.integers(4, 32), st.booleans())
def test_fingerprints_as_people_paste_them(digest: bytes, octets: int, upper: bool) -> None:
    digits = digest.hex()[: 2 * octets]
    text = digits.upper() if upper else digits
    assert fingerprint(text) == digits
    assert fingerprint(colons(text)) == digits
    assert fingerprint(f"SHA256:{colons(text)}") == digits
    assert fingerprint(colons(text).replace(":", " ")) == digits


@pytest.mark.parametrize("text", ["", "abcdefg1", "1234567", "a" * 65, "AA:BB:CC", "zz:" * 32])
def test_what_is_no_fingerprint(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        fingerprint(text)
    assert caught.value.hint


def test_a_bare_key_is_no_certificate() -> None:
    key = open_store(FILES / "leaf.key")
    assert (bare_keys(key), bare_keys(CHAIN), bare_keys(MIXED)) == (1, 0, 0)
    for old, new in ((key, CHAIN), (CHAIN, key), (key, lists.load("mozilla"))):
        with pytest.raises(UnknownFormat, match="found a private key") as caught:
            comparable("old", old, "new", new)
        assert caught.value.path == str(FILES / "leaf.key")
        assert ".crt" in caught.value.hint
    comparable("old", key, "new", key)
    comparable("old", CHAIN, "new", MIXED)
