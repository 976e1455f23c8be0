"""Converting: what every JVM finds afterwards, and what a format can't take along."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.change.convert import plan_convert
from storekeeper.change.openings import KeyPasswords
from storekeeper.change.plan import Plan
from storekeeper.change.target import Target, open_target
from storekeeper.change.union import Side
from storekeeper.errors import PasswordRequired, UsageError, WriteRefused, WrongPassword
from storekeeper.formats.encryption import ENCRYPTIONS, compatible
from storekeeper.formats.reseal import encrypted_as
from storekeeper.model import Entry, Opaque, Password, TrustedCert, replace
from tests import jvm, pki
from tests.changing import (
    BORN,
    CHAIN,
    CORP,
    KEY,
    OTHER,
    PASS,
    PASSWORD,
    aliases,
    change,
    java,
    opened,
    private,
    read,
    secret,
    store_file,
    trusted,
    usual,
)

FORMATS = ("JKS", "JCEKS", "PKCS12")
NOW = 1_750_000_000_000
FILES = Path(__file__).parent / "scripts" / "files"


@pytest.fixture(autouse=True)
def _state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def side(path: Path, password: str | None = PASS, **keys: Password) -> Side:
    given = None if password is None else Password(password)
    store = formats.read(path.read_bytes(), given, path=str(path))
    return Side(str(path), store, KeyPasswords(given, None, tuple(keys.items())))


def in_place(target: Target, **options: object) -> Plan:
    assert target.store is not None
    own = Side(target.path, target.store, KeyPasswords(target.password), native=True)
    return plan_convert(target, own, now_ms=NOW, **options)  # type: ignore[arg-type]


def to_file(path: Path, source: Side, password: str | None = PASS, **options: object) -> Plan:
    given = None if password is None else Password(password)
    target = open_target(str(path), given, may_be_new=True)
    return plan_convert(target, source, password=given, now_ms=NOW, **options)  # type: ignore[arg-type]


def apply(plan: Plan) -> None:
    from storekeeper.change.apply import apply as carry_out

    carry_out(plan)


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("of", FORMATS)
@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_java_finds_the_same_entries(version: str, of: str, to: str, tmp_path: Path) -> None:
    keys: tuple[Entry, ...] = (secret("aes", of),) if "JKS" not in (of, to) else ()
    path = store_file(tmp_path / "s", of, *usual(of), *keys)
    before = java(version, path, of)
    new = tmp_path / "new"
    apply(to_file(new, side(path), storetype=to))
    assert to_file(new, side(path), storetype=to).unchanged
    change(path, lambda target: in_place(target, storetype=to))
    assert change(path, lambda target: in_place(target, storetype=to)).changed is False
    for file in (new, path):
        after = java(version, file, to)
        for alias, entry in before.items():
            if entry["kind"] == "trusted" and "PKCS12" in (of, to):
                assert to == "PKCS12" or after[alias]["created_ms"] == NOW
                entry["created_ms"] = after[alias]["created_ms"]
            entry["key_class"] = after[alias]["key_class"]
        assert after == before
        assert after["server"]["key"] == KEY
        assert after["server"]["created_ms"] == BORN


@pytest.mark.parametrize("reader", ["java8", "java11", "openssl1", "fips", "windows"])
def test_for_a_reader_in_place(reader: str, tmp_path: Path) -> None:
    path, encryption = store_file(tmp_path / "s", "PKCS12"), compatible(reader)
    before = read(path)
    plan = in_place(opened(path), encryption=encryption)
    renewed = encryption is not ENCRYPTIONS["modern"]
    assert [type(one).__name__ for one in plan.changes] == ["Reformat"] * renewed
    change(path, lambda target: in_place(target, encryption=encryption))
    after = read(path)
    assert encrypted_as(after, encryption)
    assert [e.alias for e in after.entries] == [e.alias for e in before.entries]
    pki.openssl("pkcs12", "-in", str(path), "-passin", f"pass:{PASS}", "-nodes", "-legacy")
    for version in jvm.DEFAULT_VERSIONS:
        assert java(version, path, "PKCS12")["server"]["key"] == KEY
    assert in_place(opened(path), encryption=encryption).unchanged


def test_dates_that_are_lost_and_made_are_said(tmp_path: Path) -> None:
    plan = in_place(opened(store_file(tmp_path / "a", "JKS")), storetype="PKCS12")
    (finding,) = plan.findings
    assert finding.code == "dates-lost"
    assert finding.message.startswith("2 creation dates are not kept")
    plan = in_place(opened(store_file(tmp_path / "b", "PKCS12")), storetype="JKS")
    (finding,) = plan.findings
    assert finding.code == "dates-made"
    assert finding.message.startswith("2 entries have no creation date")


def test_a_pkcs12_has_one_password_for_all(tmp_path: Path) -> None:
    path = store_file(
        tmp_path / "s", "JKS", private("mine", "JKS", "its own"), private("server", "JKS")
    )
    with pytest.raises(WrongPassword) as error:
        to_file(tmp_path / "new", side(path), storetype="PKCS12")
    assert error.value.alias == "mine"
    own = side(path, mine=Password("its own"))
    apply(to_file(tmp_path / "new", own, storetype="PKCS12"))
    assert to_file(tmp_path / "new", own, storetype="PKCS12").unchanged
    for entry in java(jvm.DEFAULT_VERSIONS[0], tmp_path / "new", "PKCS12").values():
        assert entry["key"] == KEY


def test_a_jceks_lets_a_key_keep_its_own(tmp_path: Path) -> None:
    path = store_file(
        tmp_path / "s", "JKS", private("mine", "JKS", "its own"), private("server", "JKS")
    )
    own = side(path, mine=Password("its own"))
    apply(to_file(tmp_path / "new", own, "other password", storetype="JCEKS"))
    found = java(
        jvm.DEFAULT_VERSIONS[0], tmp_path / "new", "JCEKS", "other password", {"mine": "its own"}
    )
    assert found["mine"]["key"] == found["server"]["key"] == KEY


def test_aliases_that_differ_in_case_both_stay(tmp_path: Path) -> None:
    path = store_file(
        tmp_path / "s", "PKCS12", trusted("CA", CORP, None), trusted("b", OTHER, None)
    )
    plan = in_place(opened(path), storetype="JKS")
    assert [(s.state, s.alias, s.message) for s in plan.steps] == [("renamed", "ca", "was 'CA'")]
    both = store_file(tmp_path / "t", "JKS", trusted("CA", CORP), trusted("ca", OTHER))
    change(both, lambda target: in_place(target, storetype="PKCS12"))
    assert aliases(both) == ["CA", "ca-1"]


@pytest.mark.parametrize(
    ("entry", "to", "why"),
    [
        (private("server", "JKS"), "PKCS7", "can't hold a private key"),
        (secret("aes", "JCEKS"), "JKS", "can't hold a secret key"),
        (secret("aes", "JCEKS"), "PEM", "can't hold a secret key"),
    ],
)
def test_what_the_format_has_no_place_for(entry: Entry, to: str, why: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JCEKS", entry, trusted("corp"))
    before = path.read_bytes()
    with pytest.raises(WriteRefused, match=why) as error:
        change(path, lambda target: in_place(target, storetype=to))
    assert error.value.alias == entry.alias
    assert "--skip-unsupported" in error.value.hint
    assert path.read_bytes() == before
    plan = in_place(opened(path), storetype=to, skip_unsupported=True)
    assert [(s.state, s.alias) for s in plan.steps if s.state == "left-out"] == [
        ("left-out", entry.alias)
    ]
    change(path, lambda target: in_place(target, storetype=to, skip_unsupported=True))
    assert [e.certificate for e in read(path).entries if isinstance(e, TrustedCert)] == [CORP]


def test_certificates_java_does_not_list(tmp_path: Path) -> None:
    version, path = jvm.DEFAULT_VERSIONS[0], FILES / "invisible.p12"
    assert java(version, path, "PKCS12") == {}
    apply(to_file(tmp_path / "new.jks", side(path)))
    plan = to_file(tmp_path / "other.jks", side(path))
    assert "made-visible" in {finding.code for finding in plan.findings}
    assert len(java(version, tmp_path / "new.jks", "JKS")) == 1
    same = to_file(tmp_path / "same.p12", side(path))
    assert "java-invisible" in {finding.code for finding in same.findings}
    apply(same)
    assert java(version, tmp_path / "same.p12", "PKCS12") == {}
    assert to_file(tmp_path / "same.p12", side(path)).unchanged
    apply(to_file(tmp_path / "same.p12", side(path), make_visible=True))
    assert len(java(version, tmp_path / "same.p12", "PKCS12")) == 1


def test_a_copy_of_the_same_format_is_the_same_bytes_under_the_same_password(
    tmp_path: Path,
) -> None:
    path = store_file(tmp_path / "s", "JKS")
    apply(to_file(tmp_path / "new.jks", side(path)))
    assert (tmp_path / "new.jks").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("format", FORMATS)
def test_a_copy_of_the_same_format_under_another_password(format: str, tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", format)
    apply(to_file(tmp_path / "new", side(path), "another one", storetype=format))
    found = java(jvm.DEFAULT_VERSIONS[0], tmp_path / "new", format, "another one")
    assert found["server"]["key"] == KEY
    assert found["server"]["created_ms"] == BORN
    assert to_file(tmp_path / "new", side(path), "another one", storetype=format).unchanged


def test_what_the_destination_holds_is_not_dropped(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS")
    new = store_file(tmp_path / "new", "PKCS12", trusted("precious", OTHER, None))
    before = new.read_bytes()
    with pytest.raises(WriteRefused, match="'precious'"):
        to_file(new, side(path))
    with pytest.raises(WriteRefused, match="asked to be a JKS"):
        to_file(new, side(path), storetype="JKS")
    with pytest.raises(WrongPassword):
        to_file(new, side(path), "wrong")
    assert new.read_bytes() == before
    apply(to_file(new, side(path), force=True))
    assert sorted(aliases(new)) == ["corp-other", "corp-root", "server"]


def test_a_bundle_becomes_a_store_and_back(tmp_path: Path) -> None:
    path = tmp_path / "both.pem"
    path.write_bytes(
        pki.pem("PRIVATE KEY", KEY)
        + b"".join(pki.pem("CERTIFICATE", one.der) for one in (*CHAIN, CORP))
    )
    apply(to_file(tmp_path / "new.p12", side(path, None)))
    (key,) = (
        e
        for e in java(jvm.DEFAULT_VERSIONS[0], tmp_path / "new.p12", "PKCS12").values()
        if e["key"]
    )
    assert key["key"] == KEY
    assert key["chain"] == [one.der for one in CHAIN]
    apply(to_file(tmp_path / "back.pem", side(tmp_path / "new.p12")))
    text = (tmp_path / "back.pem").read_bytes()
    assert b"ENCRYPTED PRIVATE KEY" in text
    assert to_file(tmp_path / "back.pem", side(tmp_path / "new.p12")).unchanged
    apply(to_file(tmp_path / "clear.pem", side(tmp_path / "new.p12"), key_password=Password(None)))
    assert pki.pem("PRIVATE KEY", KEY) in (tmp_path / "clear.pem").read_bytes()


def test_der_and_pkcs7(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS", trusted("corp"))
    apply(to_file(tmp_path / "ca.der", side(path), None))
    assert (tmp_path / "ca.der").read_bytes() == CORP.der
    apply(to_file(tmp_path / "ca.p7b", side(path), None))
    shown = pki.openssl("pkcs7", "-inform", "DER", "-in", str(tmp_path / "ca.p7b"), "-print_certs")
    assert shown.count(b"BEGIN CERTIFICATE") == 1
    two = store_file(tmp_path / "t", "JKS", trusted("corp"), trusted("other", OTHER))
    with pytest.raises(WriteRefused, match="one certificate"):
        apply(to_file(tmp_path / "two.der", side(two), None))
    assert not (tmp_path / "two.der").exists()


def test_what_nobody_understands_goes_along_where_it_can(tmp_path: Path) -> None:
    path = tmp_path / "with-crl.pem"
    path.write_bytes(
        pki.pem("CERTIFICATE", CORP.der) + pki.pem("X509 CRL", b"\x30\x03\x02\x01\x01")
    )
    with pytest.raises(WriteRefused, match="no place"):
        to_file(tmp_path / "new.p12", side(path, None))
    plan = to_file(tmp_path / "new.p12", side(path, None), skip_unsupported=True)
    apply(plan)
    assert [s.state for s in plan.steps] == ["left-out", "added"]
    apply(to_file(tmp_path / "new.pem", side(path, None), None))
    assert sum(isinstance(e, Opaque) for e in read(tmp_path / "new.pem", None).entries) == 1
    assert to_file(tmp_path / "new.pem", side(path, None), None).unchanged


def test_bouncy_castle_is_a_source(tmp_path: Path) -> None:
    pytest.importorskip("jks")
    from tests.test_bouncycastle import BKS, CERTIFICATE
    from tests.test_bouncycastle import KEY as BC_KEY

    opens = KeyPasswords(PASSWORD, None, (("key", Password("key password")),))
    source = Side("old.bks", formats.read(BKS, PASS), opens)
    apply(to_file(tmp_path / "new.p12", source))
    assert to_file(tmp_path / "new.p12", source).unchanged
    found = java(jvm.DEFAULT_VERSIONS[0], tmp_path / "new.p12", "PKCS12")
    assert set(found) == {"key", "aes", "grüße 😀"}
    assert (found["key"]["key"], found["key"]["chain"]) == (BC_KEY, [CERTIFICATE])
    assert found["aes"]["key"] is not None


def test_a_password_is_asked_for_where_one_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_bytes(pki.pem("CERTIFICATE", CORP.der))
    for format in FORMATS:
        with pytest.raises(PasswordRequired) as error:
            to_file(tmp_path / "new", side(path, None), None, storetype=format)
        assert "--dest-storepass" in error.value.hint
    encryption = ENCRYPTIONS["passwordless"]
    target = open_target(str(tmp_path / "new.p12"), may_be_new=True)
    plan = plan_convert(target, side(path, None), password=Password(None), encryption=encryption)
    apply(plan)
    found = jvm.jvm(jvm.DEFAULT_VERSIONS[0]).worker.load(plan_bytes(tmp_path), None, "PKCS12")
    assert [e["chain"] for e in found["entries"]] == [[CORP.der]]


def plan_bytes(folder: Path) -> bytes:
    return (folder / "new.p12").read_bytes()


def test_no_key_lies_in_clear_where_java_would_not_list_it(tmp_path: Path) -> None:
    path = store_file(tmp_path / "s", "JKS")
    with pytest.raises(WriteRefused, match="in clear"):
        plan_convert(
            opened(path), replace_native(path), storetype="PKCS12", password=Password(None)
        )


def replace_native(path: Path) -> Side:
    found = side(path)
    return Side(found.name, found.store, found.opens, native=True)


def test_arguments_that_make_no_sense(tmp_path: Path) -> None:
    target = opened(store_file(tmp_path / "s", "JKS"))
    with pytest.raises(UsageError, match="one of PKCS12"):
        in_place(target, encryption=ENCRYPTIONS["java8"])
    with pytest.raises(UsageError, match="that of the store"):
        in_place(target, storetype="PKCS12", key_password=PASSWORD)
    with pytest.raises(UsageError, match="can't be written"):
        in_place(target, storetype="BKS")


def test_an_unknown_serialized_class_is_named(tmp_path: Path) -> None:
    sealed = secret("aes", "JCEKS").sealed
    odd = replace(
        secret("odd", "JCEKS"),
        sealed=replace(sealed, data=sealed.data.replace(b"SealedObject", b"SealedObjekt")),
    )
    path = store_file(tmp_path / "s", "JCEKS", trusted("corp"), odd)
    before = path.read_bytes()
    with pytest.raises(WriteRefused) as error:
        change(path, lambda target: in_place(target, storetype="PKCS12"))
    assert error.value.alias == "odd"
    assert path.read_bytes() == before
    change(path, lambda t: in_place(t, storetype="PKCS12", skip_unsupported=True))
    assert aliases(path) == ["corp"]
