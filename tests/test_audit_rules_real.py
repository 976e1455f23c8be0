"""Audit rules on real stores, those of JREs, and against lists."""

from __future__ import annotations

import re
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from storekeeper.model import Store, TrustedCert
from storekeeper.times import parse_iso
from storekeeper.trust.audit.engine import audit, audit_store
from storekeeper.trust.audit.tasks import Task
from storekeeper.trust.audit.values import AuditedStore
from storekeeper.trust.lists import load
from storekeeper.trust.sources import open_store
from tests import jvm, pki
from tests.rule_samples import AT, DAY, only, root, written

DEBIAN = Path("/etc/ssl/certs/java/cacerts")
# Debian 12's 142 roots and two of a machine's own: facts about it were counted by hand.
PINNED = "3294a088cb6a2439ac402105f207f3f0613c9c63b5662a55f5b4d955350e99ca"


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
