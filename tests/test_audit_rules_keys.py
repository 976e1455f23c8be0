"""Audit rules about entries with keys, passwords and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.model import Certificate, Entry, Store, TrustedCert
from storekeeper.times import parse_iso
from storekeeper.trust.audit import keys as audit_keys
from storekeeper.trust.audit.engine import audit_store
from storekeeper.trust.audit.values import AuditFinding
from storekeeper.trust.distrust import Distrust
from storekeeper.trust.sources import open_store
from tests import forge, jvm, pki
from tests.rule_samples import AT, CA, DAY, codes, key_entry, leaf, of, only, root, written


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
