"""Each rule of the audit: certificates made for it, and real ones that were looked up by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from storekeeper import der, formats
from storekeeper.model import Certificate, Entry, Finding, Store, TrustedCert
from storekeeper.times import parse_iso
from storekeeper.trust.anchors import Anchor, RootList
from storekeeper.trust.audit import lifetimes
from storekeeper.trust.audit.engine import audit_store
from storekeeper.trust.audit.rules import RANK, RULES
from storekeeper.trust.distrust import all_distrust
from storekeeper.trust.lists import SHIPPED, load
from tests import forge
from tests.rule_samples import AT, CA, DAY, codes, key_entry, leaf, of, only, root

PUBLIC_POLICY = forge.extension(
    "2.5.29.32",
    der.sequence(der.sequence(der.oid("2.23.140.1.2.1"))),
)


# -- the table ----------------------------------------------------------------------------


def test_every_rule_says_what_and_whence() -> None:
    for code, rule in RULES.items():
        assert re.fullmatch("[a-z]+(-[a-z]+)*", code)
        assert rule.severity in RANK
        assert rule.meaning
        assert rule.source
        assert rule.group in {"trust", "certificate", "key", "file", "reading", "policy"}


def test_what_readers_notice_has_a_rule() -> None:
    """Every code in the sources of the formats; some stand in a line of their own."""
    top = Path(formats.__file__).parent
    found: set[str] = set()
    for path in [*top.rglob("*.py"), top.parent / "trust" / "sources.py"]:
        for call in re.findall(r"Finding\(\s*\"([a-z-]+)\"", path.read_text()):
            found.add(call)
    assert {"duplicate-alias", "java-invisible", "default-password"} <= found
    assert found <= set(RULES)


def test_a_finding_nobody_expected_is_told_with_its_code() -> None:
    store = Store("PEM", findings=(Finding("new-thing", "warning", "line 3", "odd", "look"),))
    one = only("noticed", list(audit_store(store, at=AT).findings))
    assert (one.message, one.hint) == ("line 3: odd [new-thing]", "look")


# -- dates --------------------------------------------------------------------------------


def test_expired_and_not_yet_valid() -> None:
    one = only("expired", of(root(end=AT - 10 * DAY)))
    assert one.severity == "warning"
    assert one.message == "expired 10 days ago, on 2026-05-22"
    one = only("not-yet-valid", of(root(start=AT + 10 * DAY)))
    assert one.message == "not valid yet: it begins in 10 days, on 2026-06-11"
    assert not codes(of(root())) & {"expired", "not-yet-valid", "expires-soon"}


@pytest.mark.parametrize(
    ("lifetime", "left", "soon"),
    [
        (47, 16, False), (47, 15, True),  # a third of 47 days
        (90, 31, False), (90, 29, True),
        (730, 61, False), (730, 59, True),  # no earlier than sixty days
    ],
)  # fmt: skip
def test_a_leaf_expires_soon_by_its_share_of_life(lifetime: int, left: int, soon: bool) -> None:
    end = AT + left * DAY
    found = of(leaf(start=end - lifetime * DAY, end=end))
    assert ("expires-soon" in codes(found)) is soon


def test_a_ca_expires_soon_a_year_before() -> None:
    assert "expires-soon" not in codes(of(root(end=AT + 366 * DAY)))
    one = only("expires-soon", of(root(end=AT + 364 * DAY)))
    assert one.message == "expires in 364 days, on 2027-05-31"
    assert "expires-soon" not in codes(of(root(end=AT - DAY)))  # it is told as expired


# -- keys and signatures ------------------------------------------------------------------


def test_weak_keys() -> None:
    assert only("weak-key", of(root("CN=Small", kind="RSA1024"))).severity == "warning"
    assert only("weak-key", of(root("CN=Curve", kind="P-192"))).severity == "error"
    assert "weak-key" not in codes(of(root()))


def test_weak_signatures_are_not_those_of_roots() -> None:
    assert "weak-signature" not in codes(of(root("CN=Old", kind="RSA2048", called="SHA1withRSA")))
    issuer, own = forge.key("CN=Old", "RSA2048"), forge.key("CN=Mid")
    mid = Certificate(
        forge.make("CN=Mid", own, "CN=Old", issuer, *CA, called="SHA1withRSA", end=AT + 999 * DAY)
    )
    # Trusted directly nobody checks it; in the chain of a key everybody does.
    assert only("weak-signature", of(mid)).severity == "info"
    server = leaf("CN=k", issuer="CN=Mid")
    store = Store("JKS", (key_entry("CN=k", (server, mid)),))
    one = only("weak-signature", list(audit_store(store, at=AT).findings))
    assert (one.severity, one.alias) == ("warning", "server")
    assert one.message.startswith("in its chain, CN=Mid: signed with SHA-1")


def test_serials_and_what_cannot_be_read() -> None:
    assert only("non-positive-serial", of(root(serial=0))).severity == "info"
    store = Store("JKS", (TrustedCert("odd", Certificate(b"\x30\x03\x02\x01\x01")),))
    audited = audit_store(store, at=AT)
    assert only("unreadable-certificate", list(audited.findings)).severity == "error"
    assert audited.entries[0].problem


def test_a_serial_of_megabytes_is_no_number_to_print() -> None:
    entry = audit_store(Store("JKS", (TrustedCert("a", root(serial=1 << 80_000)),)), at=AT)
    assert entry.entries[0].serial is None


def test_the_inventory_is_one_line_a_store() -> None:
    found = of(root(), root("CN=B", kind="RSA2048"), root("CN=C", kind="Ed25519"))
    one = only("quantum-vulnerable", found)
    assert one.severity == "info"
    assert one.message == (
        "a quantum computer breaks 3 of 3 keys: 1 EC secp256r1, 1 Ed25519, 1 RSA 2048"
    )
    assert not one.alias


# -- what is trusted ----------------------------------------------------------------------


def test_no_ca() -> None:
    one = only("not-a-ca", of(leaf()))
    assert one.severity == "warning"
    own = root("CN=self.example", forge.names(("dns", "self.example")))
    assert only("not-a-ca", of(own)).severity == "info"
    assert "not-a-ca" not in codes(of(root()))


def test_duplicates_are_told_once_whatever_the_order() -> None:
    one, other = root(), root("CN=Other")
    entries = [TrustedCert("b", one), TrustedCert("x", other), TrustedCert("a", one)]
    told = only(
        "duplicate-certificate", list(audit_store(Store("JKS", tuple(entries)), at=AT).findings)
    )
    assert told.message == "one certificate under 2 aliases: 'a', 'b'"
    assert told.sha256 == one.sha256


def test_no_rule_depends_on_the_order_of_the_file() -> None:
    entries: list[Entry] = [
        TrustedCert("a", root(end=AT - DAY)),
        TrustedCert("b", leaf()),
        TrustedCert("c", root()),
        TrustedCert("d", root()),
        key_entry("CN=k", (leaf("CN=k"),)),
    ]
    forward = audit_store(Store("JKS", tuple(entries)), at=AT).findings
    back = audit_store(Store("JKS", tuple(reversed(entries))), at=AT).findings
    assert forward == back
    assert len(forward) > 5


def test_an_unknown_root_and_one_under_a_known_name() -> None:
    one = only("unknown-root", of(root()))
    assert one.severity == "warning"
    assert f"none of {len(SHIPPED)} root lists" in one.message
    assert "private or rogue" in one.message
    real = next(a for a in load("mozilla").anchors if "ISRG Root X1" in a.subject)
    # The name of a real root, byte for byte in the canonical sense, and a key of ours.
    own = forge.key("rogue")
    name = forge.name("C=US,O=Internet Security Research Group,CN=ISRG Root X1")
    rogue = Certificate(forge.make(name, own, name, own, *CA, end=AT + 999 * DAY))
    assert Anchor(rogue.sha256, certificate=rogue).subject_sha256 == real.subject_sha256
    one = only("unknown-root", of(rogue))
    assert one.severity == "error"
    assert "a root of this very name with another key" in one.message


def test_an_intermediate_that_is_trusted_says_who_issued_it() -> None:
    mid = Certificate(
        forge.make("CN=Mid", forge.key("CN=Mid"), "CN=Corp Root", forge.key("CN=Corp Root"), *CA)
    )
    assert "issued by CN=Corp Root, in none of" in only("unknown-root", of(mid)).message
    above = forge.name("C=US,O=Internet Security Research Group,CN=ISRG Root X1")
    public_mid = Certificate(forge.make("CN=R99", forge.key("CN=R99"), above, forge.key("x"), *CA))
    one = only("unknown-root", of(public_mid))
    assert one.severity == "warning"
    assert "by its name a root of " in one.message
    assert "private or rogue" not in one.message


@pytest.mark.parametrize(
    ("pages", "code", "severity", "word"),
    [
        # Each looked up by hand in the list that is named.
        ("5a885db19c01d912c5759388938cafbbdf031ab2d48e91ee15589b42971d039c",  # TrustCor ECA-1
         "removed-by-mozilla", "error", "2022-11-30"),
        ("5a885db19c01d912c5759388938cafbbdf031ab2d48e91ee15589b42971d039c",
         "blocked", "warning", "Microsoft"),
        ("c3846bf24b9e93ca64274c0ec67c1ecc5e024ffcacd2d74019350e81fe546ae4",  # Go Daddy Class 2
         "removed-by-mozilla", "warning", "trusts it for nothing"),
        ("d7a7a0fb5d7e2731d771e9484ebcdef71d5f0c3e0a2948782bc83ee0ea699ef4",  # AAA
         "email-only-at-mozilla", "warning", "for e-mail only"),
        ("73c176434f1bc6d5adf45b0e76e727287c8de57616c1e6e6141a2b2cbc7d8e4c",  # Entrust
         "distrust-after", "warning", "2024-11-11 (JDKs with ENTRUST_TLS)"),
        ("c0a6f4dc63a24bfdcf54ef2a6a082a0a72de35803e2ff5ff527ae5d87206dfd5",  # ePKI
         "distrust-after", "warning", "2025-04-15 (Mozilla) or 2026-03-17 (JDKs with CHUNGHWA_TLS"),
        ("2530cc8e98321502bad96f9b1fba1b099e2d299e0f4548bb914f363bc0d4531f",  # Izenpe
         "distrust-after", "warning", "2026-04-15 (Mozilla)"),
    ],
)  # fmt: skip
def test_roots_that_somebody_does_not_trust(
    pages: str, code: str, severity: str, word: str
) -> None:
    """By fingerprint alone: the finding needs no certificate."""
    roots = RootList("given", anchors=(Anchor(pages, "label"),))
    one = only(code, list(audit_store(roots, at=AT).findings))
    assert (one.severity, one.alias, one.sha256) == (severity, "label", pages)
    assert word in one.message
    assert one.source
    assert "distrusted" not in one.message


def test_a_list_of_fingerprints_says_what_it_can() -> None:
    audited = audit_store("mozilla", at=parse_iso("2026-11-21"))
    assert audited.format == "root-list"
    one = only("distrust-after", list(audited.findings))
    assert one.alias.startswith("CN=Izenpe.com")  # that list has no labels
    microsoft = audit_store("microsoft", at=parse_iso("2026-11-21"))
    assert sum(one.code == "expired" for one in microsoft.findings) == 2
    assert all(entry.alias and entry.not_after for entry in microsoft.entries)


def test_what_the_jdk_blocks_is_an_error() -> None:
    blocked = next(one for one in all_distrust() if one.source.startswith("the JDK's blocked"))
    roots = RootList("given", anchors=(Anchor(blocked.sha256, "stolen"),))
    assert only("blocked", list(audit_store(roots, at=AT).findings)).severity == "error"


# -- the 47-day rule ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issued", "most"),
    [
        ("2018-02-28", None), ("2018-03-01", 825), ("2020-08-31", 825), ("2020-09-01", 398),
        ("2026-03-14", 398), ("2026-03-15", 200), ("2027-03-15", 100), ("2029-03-14", 100),
        ("2029-03-15", 47),
    ],
)  # fmt: skip
def test_steps_of_the_ballots(issued: str, most: int | None) -> None:
    assert lifetimes.most_days(parse_iso(issued)) == most


def public(start: int, days: int) -> Certificate:
    # notAfter is the last second that counts.
    end = start + days * DAY - 1
    return leaf("CN=www.example.org", PUBLIC_POLICY, issuer="CN=Public CA", start=start, end=end)


def test_a_pinned_public_leaf_and_its_lifetime() -> None:
    start = parse_iso("2026-05-01")
    found = of(public(start, 200))
    one = only("public-leaf-pinned", found)
    assert "on 2026-11-16 (in 168 days) at the latest, and from then on every 200 days" in (
        one.message
    )
    assert not codes(found) & {"lifetime-too-long", "not-a-ca"}
    one = only("lifetime-too-long", of(public(start, 201)))
    assert one.message == (
        "lives 201 days; of public certificates issued on 2026-05-01 at most 200 were allowed"
    )
    # Private CAs may do as they like.
    assert not codes(of(leaf(start=start, end=start + 3000 * DAY))) & {
        "lifetime-too-long", "public-leaf-pinned",
    }  # fmt: skip
