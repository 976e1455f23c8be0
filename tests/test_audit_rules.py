"""Each rule of the audit: certificates made for it, and real ones that were looked up by hand."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from storekeeper import der, formats
from storekeeper.formats.reseal import seal_private_key
from storekeeper.model import Certificate, Entry, Finding, Password, PrivateKey, Store, TrustedCert
from storekeeper.times import parse_iso
from storekeeper.trust.anchors import Anchor, RootList
from storekeeper.trust.audit import keys as audit_keys
from storekeeper.trust.audit import lifetimes
from storekeeper.trust.audit.engine import audit, audit_store
from storekeeper.trust.audit.rules import RANK, RULES
from storekeeper.trust.audit.tasks import Task
from storekeeper.trust.audit.values import AuditedStore, AuditFinding
from storekeeper.trust.distrust import Distrust, all_distrust
from storekeeper.trust.lists import SHIPPED, load
from storekeeper.trust.sources import open_store
from tests import forge, jvm, pki

AT = forge.AT
DAY = forge.DAY
CA = (forge.basic(), forge.usage(5, 6))
PUBLIC_POLICY = forge.extension(
    "2.5.29.32",
    der.sequence(der.sequence(der.oid("2.23.140.1.2.1"))),
)
DEBIAN = Path("/etc/ssl/certs/java/cacerts")
# Debian 12's 142 roots and two of a machine's own: facts about it were counted by hand.
PINNED = "3294a088cb6a2439ac402105f207f3f0613c9c63b5662a55f5b4d955350e99ca"


def root(name: str = "CN=Corp Root", *more: bytes, kind: str = "P-256", **how: Any) -> Certificate:
    own = forge.key(name, kind) if kind != "P-256" else forge.key(name)
    how = {"end": AT + 3000 * DAY, **how}
    return Certificate(forge.make(name, own, name, own, *(more or CA), **how))


def leaf(
    name: str = "CN=server.example", *more: bytes, issuer: str = "CN=Corp Root", **how: Any
) -> Certificate:
    extensions = more or (forge.names(("dns", "server.example")),)
    return Certificate(forge.make(name, forge.key(name), issuer, forge.key(issuer), *extensions,
                                  **how))  # fmt: skip


def of(*certificates: Certificate, at: int = AT, **how: Any) -> list[AuditFinding]:
    entries = tuple(TrustedCert(f"a{n}", one) for n, one in enumerate(certificates))
    return list(audit_store(Store("JKS", entries), at=at, **how).findings)


def only(code: str, found: list[AuditFinding]) -> AuditFinding:
    (one,) = [one for one in found if one.code == code]
    return one


def codes(found: list[AuditFinding]) -> set[str]:
    return {one.code for one in found}


def key_entry(
    name: str, chain: tuple[Certificate, ...], format: str = "JKS", password: str = "other secret"
) -> PrivateKey:
    pkcs8 = pki.pkcs8(forge.key(name))
    return PrivateKey("server", chain, seal_private_key(pkcs8, format, Password(password)))


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


# -- entries with keys --------------------------------------------------------------------


def keyed(*chain: Certificate, at: int = AT, trusted: tuple[Certificate, ...] = ()) -> list[
    AuditFinding
]:  # fmt: skip
    others = (TrustedCert(f"t{n}", one) for n, one in enumerate(trusted))
    entries: tuple[Entry, ...] = (key_entry("CN=k", chain), *others)
    return list(audit_store(Store("JKS", entries), at=at).findings)


def test_dates_of_keys() -> None:
    one = only("key-expired", keyed(leaf("CN=k", end=AT - DAY), root()))
    assert (one.severity, one.message) == ("error", "expired 24 hours ago, on 2026-05-31")
    assert "storekeeper csr" in one.hint
    one = only("key-expires-soon", keyed(leaf("CN=k", end=AT + 5 * DAY), root()))
    assert one.severity == "warning"
    assert one.message.startswith("expires in 5 days, on 2026-06-06, of a lifetime of ")
    one = only("key-expired", keyed(leaf("CN=k"), root(end=AT - DAY)))
    assert one.message.startswith("in its chain, CN=Corp Root: expired")
    assert only("not-yet-valid", keyed(leaf("CN=k", start=AT + DAY), root())).severity == "error"


def test_chains_of_keys() -> None:
    own, above = leaf("CN=k"), root()
    one = only("incomplete-chain", keyed(own))
    assert "expected that of its issuer, CN=Corp Root" in one.message
    assert "incomplete-chain" not in codes(keyed(own, above))
    # Its issuer is a root, as the store itself says: servers need not send that.
    assert "incomplete-chain" not in codes(keyed(own, trusted=(above,)))
    stranger = root("CN=Stranger")
    one = only("incomplete-chain", keyed(own, stranger))
    assert one.message == "CN=Stranger is in its chain and issued nothing of it"
    mid = Certificate(
        forge.make("CN=Mid", forge.key("CN=Mid"), "CN=Corp Root", forge.key("CN=Corp Root"), *CA)
    )
    server = leaf("CN=k", issuer="CN=Mid")
    assert "incomplete-chain" not in codes(keyed(server, mid, above))
    assert "out of order" in only("incomplete-chain", keyed(server, above, mid)).message
    empty = key_entry("CN=k", ())
    one = only("incomplete-chain", list(audit_store(Store("PKCS12", (empty,)), at=AT).findings))
    assert one.message == "a private key without a certificate: no program can use it"
    # A file of a key alone is nothing to wonder about.
    assert not audit_store(Store("PEM", (empty,)), at=AT).findings
    # One of a self-signed key is complete by itself.
    assert "incomplete-chain" not in codes(keyed(root("CN=k")))


def test_a_leaf_below_a_root_that_is_trusted_up_to_a_day() -> None:
    """The date is compared with the leaf's own, never with today."""
    entrust = next(
        one for one in jvm_roots() if one.sha256.startswith("db3517d1f6732a2d")
    )  # Entrust G4, distrusted by the JDK after 2024-11-11
    name = entrust_name(entrust)
    for issued, refused in (("2024-11-11", False), ("2024-11-30", False), ("2024-12-01", True)):
        start = parse_iso(issued)
        server = Certificate(
            forge.make("CN=k", forge.key("CN=k"), name, forge.key("forged"), start=start,
                       end=start + 398 * DAY - 1)
        )  # fmt: skip
        at = start + 10 * DAY
        entries = (key_entry("CN=k", (server, entrust)),)
        late = [
            one
            for one in audit_store(Store("JKS", entries), at=at).findings
            if one.code == "distrust-after"
        ]
        dates = {"2024-11-11": 0, "2024-11-30": 1, "2024-12-01": 1}
        assert len(late) == dates[issued], (issued, late)
        if refused:
            assert late[0].severity == "error"
            assert late[0].message.startswith("issued on 2024-12-01 below CN=Entrust")
        # Pinned beside its root, the same; by name, since a root's key can't be borrowed here.
        pinned = of(server, entrust, at=at)
        errors = [o for o in pinned if o.code == "distrust-after" and o.severity == "error"]
        assert len(errors) == dates[issued]


def test_the_root_of_a_key_may_be_trusted_and_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a date for a root of ours: its signatures are real ones."""
    above, mid_key = root(), forge.key("CN=Mid")
    signer = forge.key("CN=Corp Root")
    mid = Certificate(forge.make("CN=Mid", mid_key, "CN=Corp Root", signer, *CA))
    day = Distrust(above.sha256, "Corp", "tls-server", "distrust-after", AT - 200 * DAY,
                   source="Mozilla's list")  # fmt: skip

    def dated(sha256: str) -> tuple[Distrust, ...]:
        return (day,) if sha256 == above.sha256 else ()

    monkeypatch.setattr(audit_keys, "distrust_of", dated)
    server = leaf("CN=k", issuer="CN=Mid", start=AT - 100 * DAY)
    late = [one for one in keyed(server, mid, trusted=(above,)) if one.severity == "error"]
    (one,) = late
    assert one.code == "distrust-after"
    assert "trusted only for certificates issued up to 2025-11-13 (Mozilla)" in one.message
    early = leaf("CN=k", issuer="CN=Mid", start=AT - 201 * DAY)
    assert not [o for o in keyed(early, mid, trusted=(above,)) if o.severity == "error"]
    # A root of that name that did not issue it is no root of it.
    other = Certificate(
        forge.make("CN=Corp Root", forge.key("z"), "CN=Corp Root", forge.key("z"), *CA)
    )
    assert not [o for o in keyed(server, mid, trusted=(other,)) if o.severity == "error"]


def jvm_roots() -> list[Certificate]:
    return list(open_store(str(jvm.by_major(25).cacerts)).certificates())


def entrust_name(certificate: Certificate) -> bytes:
    from storekeeper.x509 import facts

    return facts(certificate).subject.der


# -- passwords and files ------------------------------------------------------------------


def written(path: Path, *entries: Entry, format: str = "JKS", password: str = "changeit") -> str:
    path.write_bytes(formats.write(Store(format, entries), password))
    path.chmod(0o600)
    return str(path)


def test_default_passwords(tmp_path: Path) -> None:
    trusted = written(tmp_path / "t.jks", TrustedCert("a", root()))
    assert only("default-password", list(audit_store(trusted, at=AT).findings)).severity == "info"
    entry = key_entry("CN=k", (leaf("CN=k"), root()), password="changeit")
    keys = written(tmp_path / "k.jks", entry)
    one = only("default-password", list(audit_store(keys, at=AT).findings))
    assert one.severity == "warning"
    assert one.message.endswith("; it holds a key")
    # Said by the user, it is as well known.
    said = audit_store(keys, at=AT, password="changeit").findings
    assert only("default-password", list(said)).severity == "warning"
    own = written(
        tmp_path / "o.jks",
        key_entry("CN=k", (leaf("CN=k"), root()), password="a better one"),
        password="a better one",
    )
    assert "default-password" not in codes(
        list(audit_store(own, at=AT, password="a better one").findings)
    )


def test_a_key_that_is_not_encrypted(tmp_path: Path) -> None:
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        pki.pem("PRIVATE KEY", pki.pkcs8(forge.key("CN=k")))
        + pki.pem("CERTIFICATE", leaf("CN=k").der)
    )
    pem.chmod(0o644)
    found = list(audit_store(str(pem), at=AT).findings)
    assert only("default-password", found).message.startswith("a key is not encrypted")
    assert only("readable-by-others", found).message == (
        "it holds a key, and every user of this machine can read it: mode 0644"
    )
    pem.chmod(0o640)
    assert "readable-by-others" not in codes(list(audit_store(str(pem), at=AT).findings))


def test_who_may_write(tmp_path: Path) -> None:
    path = written(tmp_path / "t.jks", TrustedCert("a", root()))
    assert "world-writable" not in codes(list(audit_store(path, at=AT).findings))
    Path(path).chmod(0o666)
    one = only("world-writable", list(audit_store(path, at=AT).findings))
    assert (one.severity, one.hint) == ("error", f"chmod o-w {path}")
    Path(path).chmod(0o644)
    tmp_path.chmod(0o777)
    assert (
        "can replace it" in only("world-writable", list(audit_store(path, at=AT).findings)).message
    )
    tmp_path.chmod(0o1777)  # as /tmp: nobody can rename another's file
    assert "world-writable" not in codes(list(audit_store(path, at=AT).findings))
    tmp_path.chmod(0o755)
    # The file that a link leads to counts.
    Path(path).chmod(0o666)
    link = tmp_path / "link.jks"
    link.symlink_to(path)
    assert "world-writable" in codes(list(audit_store(str(link), at=AT).findings))


# -- lists of --against -------------------------------------------------------------------


def test_against_a_list(tmp_path: Path) -> None:
    here, there, both = root("CN=Here"), root("CN=There"), root("CN=Both")
    again = root("CN=Here", end=AT + 4000 * DAY)  # its key, another certificate
    listed = tmp_path / "list.pem"
    listed.write_bytes(b"".join(pki.pem("CERTIFICATE", c.der) for c in (there, both, again)))
    store = Store("JKS", (TrustedCert("h", here), TrustedCert("b", both)))
    head, stores = audit([store], against=[str(listed)], at=AT)
    audited = next(stores)
    extra = only("extra", list(audited.findings))
    assert (extra.alias, extra.sha256) == ("h", here.sha256)
    assert extra.message == (
        f"not in {listed}, which has another issue of it: {again.sha256[:16]}..."
    )
    missing = [one for one in audited.findings if one.code == "missing-from-store"]
    assert [one.sha256 for one in missing] == [again.sha256, there.sha256]
    assert missing[0].message.endswith(f"where another issue of it is: {here.sha256[:16]}...")
    assert audited.missing == (
        (str(listed), ((again.sha256, "CN=Here"), (there.sha256, "CN=There"))),
    )
    assert str(listed) in [one.name for one in head.lists]


# -- the store of a JRE -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("major", "policies"),
    [(11, set()), (17, set()), (21, {"ENTRUST_TLS"}), (25, {"ENTRUST_TLS"})],
)
def test_refused_by_its_own_jre(major: int, policies: set[str]) -> None:
    """Against what each release is documented to distrust; the roots are those of its store."""
    java = jvm.by_major(major)
    audited = next(audit([f"jre:{java.home}"], at=AT)[1])
    assert audited.runtime == f"java{java.version.rpartition('.')[0]}"
    refused = [one for one in audited.findings if one.code == "refused-by-this-jre"]
    named = {found[1] for one in refused if (found := re.search(r"\((\w+_TLS)\)", one.message))}
    assert named == policies
    assert all("issued up to 2024-11-11" in one.message for one in refused)
    # By its path it is the same store of the same JRE.
    assert next(audit([str(java.cacerts)], at=AT)[1]).findings == audited.findings


def test_a_root_whose_key_its_jre_disables(tmp_path: Path) -> None:
    home = tmp_path / "jre"
    security = home / "lib" / "security"
    security.mkdir(parents=True)
    (home / "conf" / "security").mkdir(parents=True)
    (home / "release").write_text('JAVA_VERSION="21.0.8"\n')
    small, good = root("CN=Small", kind="RSA2048"), root()
    path = written(security / "cacerts", TrustedCert("s", small), TrustedCert("g", good))
    settings = home / "conf" / "security" / "java.security"
    settings.write_text("jdk.certpath.disabledAlgorithms=RSA keySize < 3072\n")
    audited = next(audit([path], at=AT)[1])
    one = only("refused-by-this-jre", list(audited.findings))
    assert (one.alias, one.severity) == ("s", "warning")
    (security / "blocked.certs").write_text(f"Algorithm=SHA-256\n{good.sha256.upper()}\n")
    from storekeeper.trust.audit.own_jre import own_jre

    own_jre.cache_clear()
    audited = next(audit([path], at=AT)[1])
    refused = [one for one in audited.findings if one.code == "refused-by-this-jre"]
    assert [(one.alias, one.severity) for one in refused] == [("g", "error"), ("s", "warning")]


# -- real stores, counted independently ---------------------------------------------------


@pytest.mark.skipif(
    not DEBIAN.is_file() or sha256(DEBIAN.read_bytes()).hexdigest() != PINNED,
    reason="another cacerts than the one that was counted by hand",
)
def test_debians_cacerts_as_it_was_counted_by_hand() -> None:
    audited = audit_store(str(DEBIAN), at=parse_iso("2026-11-21"))
    found: dict[str, set[str]] = {}
    for one in audited.findings:
        found.setdefault(one.code, set()).add(one.sha256)
    assert len(audited.entries) == 144
    assert len(found["expired"]) == 4
    assert len(found["unknown-root"]) == 2  # the two of its own
    assert len(found["email-only-at-mozilla"]) == 15
    assert len(found["non-positive-serial"]) == 9
    # TrustCor x3, E-Tugra x3, SECOM, Hongkong Post, SwissSign Silver, SecureSign.
    assert len(found["blocked"]) == 10
    assert found["blocked"] <= found["removed-by-mozilla"]
    # Against the same certifi as the shipped list: 92 common, 52 here alone, 25 there alone.
    _, stores = audit([str(DEBIAN)], against=["mozilla"], only=["extra", "missing-from-store"])
    assert Counter(one.code for one in next(stores).findings) == {
        "extra": 52, "missing-from-store": 25,
    }  # fmt: skip
    by_date = {sha256[:8] for sha256 in found["distrust-after"]}
    assert {"73c17643", "c0a6f4dc", "2530cc8e"} <= by_date


@pytest.mark.parametrize("major", [11, 17, 21, 25])
def test_a_jres_store_by_the_lists_themselves(major: int) -> None:
    """What is no longer Mozilla's, counted from the certificates, not by the audit's own table."""
    store = open_store(str(jvm.by_major(major).cacerts))
    mozilla = {anchor.sha256 for anchor in load("mozilla").anchors}
    gone = {one.sha256 for one in store.certificates()} - mozilla
    told: dict[str, set[str]] = {}
    for one in audit_store(store, at=parse_iso("2026-11-21")).findings:
        told.setdefault(one.code, set()).add(one.sha256)
    against = told.get("removed-by-mozilla", set()) | told.get("email-only-at-mozilla", set())
    # Some were never in it: the JDK and Microsoft have roots that Mozilla never took.
    assert against <= gone
    assert len(gone - against) < 30
    assert "unknown-root" not in told


def test_a_clean_list_is_clean() -> None:
    audited = audit_store("certifi", at=parse_iso("2026-11-21"))
    counts = Counter(one.code for one in audited.findings)
    assert not counts.keys() & {"blocked", "unknown-root", "removed-by-mozilla", "expired"}
    assert {entry.trusted_by for entry in audited.entries if "mozilla" not in entry.trusted_by} == (
        set()
    )


def test_an_unreadable_store_is_a_result() -> None:
    audited = next(audit(["/no/such/store.jks"], at=AT)[1])
    assert isinstance(audited, AuditedStore)
    assert (audited.problem, audited.status) == ("no such file", 4)
    _, stores = audit([Task("x", "x", problem="broken", hint="mend it")], at=AT)
    assert next(stores).status == 4
