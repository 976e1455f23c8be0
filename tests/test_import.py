"""Importing certificates: what becomes of each, and that every Java finds what was planned."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.change.apply import apply
from storekeeper.change.import_ import ON_CONFLICT, plan_import
from storekeeper.change.incoming import Incoming
from storekeeper.change.plan import Plan
from storekeeper.change.target import Target, open_target
from storekeeper.errors import StorekeeperError, UsageError, WriteRefused
from storekeeper.formats.encryption import compatible
from storekeeper.model import Certificate, Password, PrivateKey, Store, TrustedCert, replace
from tests import changing, jvm, pki
from tests.changing import BORN, CORP, PASS, PASSWORD
from tests.importing import AT, NEW, NEWER, NOW, importing, store

__all__ = ["store"]  # fixture


def states(plan: Plan) -> list[tuple[str, str]]:
    return [(step.state, step.alias) for step in plan.steps]


# -- states -------------------------------------------------------------------------------


def test_new_ones_are_added_and_the_rest_stays(store: Path) -> None:
    before = changing.read(store)
    plan = importing(NEW, CORP, NEWER)(changing.opened(store))
    assert [state for state, _ in states(plan)] == ["added", "unchanged", "added"]
    assert not apply(plan).findings
    after = changing.read(store)
    assert after.entries[:3] == before.entries
    assert [e.certificate for e in after.entries[3:] if isinstance(e, TrustedCert)] == [NEW, NEWER]
    for entry in after.entries[3:]:
        assert entry.created_ms == (NOW if before.format != "PKCS12" else None)


def test_a_second_time_nothing_is_touched(store: Path) -> None:
    changing.change(store, importing(NEW))
    stat = store.stat()
    plan = importing(NEW)(changing.opened(store))
    assert plan.unchanged
    assert not apply(plan).changed
    assert (store.stat().st_mtime_ns, store.stat().st_ino) == (stat.st_mtime_ns, stat.st_ino)


def test_there_under_another_alias(store: Path) -> None:
    plan = importing(CORP, alias="mine")(changing.opened(store))
    assert states(plan) == [("present", "corp-root")]
    assert plan.unchanged
    assert "'mine' is not added" in plan.steps[0].message


def test_two_of_one_alias_are_both_added(store: Path) -> None:
    plan = importing(NEW, NEWER, NEW, alias="ca")(changing.opened(store))
    assert states(plan) == [("added", "ca"), ("added", "ca-1")]
    assert plan.steps[1].message == "'ca' is taken by another"


@pytest.mark.parametrize("policy", [None, *ON_CONFLICT])
def test_a_taken_alias(store: Path, policy: str | None) -> None:
    make = importing(NEW, alias="corp-root", on_conflict=policy)
    if policy in (None, "fail"):
        with pytest.raises(WriteRefused, match="taken by another certificate: CN=Corp Root"):
            make(changing.opened(store))
        return
    order = changing.aliases(store)
    plan = make(changing.opened(store))
    expected = {
        "skip": ("conflict", "corp-root"),
        "rename": ("added", "corp-root-1"),
        "replace": ("replaced", "corp-root"),
    }[policy or ""]
    assert states(plan) == [expected]
    apply(plan)
    found = changing.read(store)
    entry = found.find("corp-root")
    assert isinstance(entry, TrustedCert)
    assert entry.certificate == (NEW if policy == "replace" else CORP)
    assert len(found.entries) == (4 if policy == "rename" else 3)
    assert [e.alias for e in found.entries][:3] == order


@pytest.mark.parametrize("policy", [None, *ON_CONFLICT])
@pytest.mark.parametrize("alias", ["corp-root", "corp-{n}"])
def test_those_wanted_together_do_not_take_each_others_alias(
    store: Path, policy: str | None, alias: str
) -> None:
    changing.change(store, importing(NEWER, alias="corp-1"))
    make = importing(NEW, CORP, NEWER, alias=alias, on_conflict=policy)
    plan = make(changing.opened(store))
    made = "corp-root-1" if alias == "corp-root" else "corp-1-1"
    assert states(plan)[0] == ("added", made)
    assert "is taken by another" in plan.steps[0].message
    assert {state for state, _ in states(plan)[1:]} <= {"unchanged", "present"}
    apply(plan)
    entries = changing.read(store).entries
    found = {e.certificate for e in entries if isinstance(e, TrustedCert)}
    assert found == {NEW, CORP, NEWER, changing.OTHER}
    assert make(changing.opened(store)).unchanged


@pytest.mark.parametrize("policy", [None, "fail", "replace"])
def test_a_key_is_never_overwritten(store: Path, policy: str | None) -> None:
    before = store.read_bytes()
    with pytest.raises(WriteRefused, match="belongs to a private-key") as caught:
        importing(NEW, alias="server", on_conflict=policy)(changing.opened(store))
    assert "storekeeper reply" in caught.value.hint
    plan = importing(NEW, alias="server", on_conflict="skip")(changing.opened(store))
    assert plan.unchanged
    assert store.read_bytes() == before
    changing.change(store, importing(NEW, alias="server", on_conflict="rename"))
    assert isinstance(changing.read(store).find("server"), PrivateKey)
    assert changing.aliases(store)[-1] == "server-1"


def test_templates_name_certificates(store: Path) -> None:
    template = "{o}{cn}_{serial}-{not_after}-{sha256:6}-{n}"
    plan = importing(NEW, NEWER, alias=template)(changing.opened(store))
    serial = f"{1 + sum(b'New Root'):x}"
    assert plan.steps[0].alias == f"new-root_{serial}-2046-01-01-{NEW.sha256[:6]}-1"
    assert plan.steps[1].alias.endswith("-2")


@pytest.mark.parametrize("alias", ["{nobody}", "{sha256:x}", "{cn", "cn}", "{sha256:65}"])
def test_templates_that_make_no_sense(store: Path, alias: str) -> None:
    with pytest.raises(UsageError, match="template"):
        importing(NEW, alias=alias)(changing.opened(store))


@pytest.mark.parametrize(
    "alias", ["", " a", "a ", "a\nb", "a\x00b", "\x1b[31mred", "\ud800", "a\u202eb"]
)
def test_aliases_no_tool_could_ask_for(store: Path, alias: str) -> None:
    before = store.read_bytes()
    make = importing(NEW, alias=alias) if alias else None
    if make is None:
        return
    with pytest.raises(WriteRefused):
        changing.change(store, make)
    assert store.read_bytes() == before


@pytest.mark.parametrize(
    "alias", ["UPPER Case", "grün-ß", "🔑 emoji", "中文", "a'b\"c`d$e", "-option"]
)
@pytest.mark.parametrize("version", jvm.VERSION_PARAMS[-1:])
def test_unusual_aliases_are_what_java_finds(store: Path, alias: str, version: str) -> None:
    format = changing.read(store).format
    changing.change(store, importing(NEW, alias=alias))
    expected = alias.lower() if format != "PKCS12" else alias
    assert changing.aliases(store)[-1] == expected
    # Java shows PKCS12 aliases in lower case, and looks all of them up so.
    assert expected.lower() in changing.java(version, store, format)


def test_capitals_are_the_same_alias(store: Path) -> None:
    with pytest.raises(WriteRefused, match="taken by another"):
        importing(NEW, alias="CORP-root")(changing.opened(store))


# -- Java ---------------------------------------------------------------------------------


@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
@pytest.mark.parametrize("compat", [None, "java8", "passwordless", "JKS", "JCEKS"])
def test_every_java_lists_exactly_what_was_planned(
    tmp_path: Path, version: str, compat: str | None
) -> None:
    """The JVM's own cacerts, converted by its keytool where it has to be, and one more."""
    java = jvm.jvm(version)
    path = tmp_path / "cacerts"
    format = compat if compat in ("JKS", "JCEKS") else "PKCS12"
    encryption = None
    given: Password = PASSWORD
    if compat is None:
        path.write_bytes(java.cacerts.read_bytes())
        format = formats.read(path.read_bytes(), PASS).format
    else:
        original = java.worker.load(java.cacerts.read_bytes(), PASS)
        if compat in ("JKS", "JCEKS"):
            path.write_bytes(java.worker.store(compat, PASS, original["entries"]))
        else:
            encryption = compatible(compat)
            entries = tuple(
                TrustedCert(e["alias"], Certificate(e["chain"][0])) for e in original["entries"]
            )
            if compat == "passwordless":
                given = Password(None)
            path.write_bytes(formats.write(Store("PKCS12", entries), given, encryption=encryption))
    storepass = given.text
    before = {e["alias"] for e in java.worker.load(path.read_bytes(), storepass, format)["entries"]}
    plan = importing(NEW, NEWER)(open_target(str(path), given))
    apply(plan)
    after = java.worker.load(path.read_bytes(), storepass, format)["entries"]
    assert plan.result is not None
    assert {e["alias"] for e in after} == {e.alias.lower() for e in plan.result.entries}
    added = [e for e in after if e["alias"] not in before]
    assert {e["chain"][0] for e in added} == {NEW.der, NEWER.der}
    assert {e["kind"] for e in added} == {"trusted"}
    assert len(after) == len(before) + 2


# -- laws ---------------------------------------------------------------------------------

POOL = [pki.cert(f"Pool {number}") for number in range(6)]


@given(
    st.lists(st.sampled_from(POOL), max_size=6),
    st.lists(st.sampled_from(POOL), min_size=1, max_size=8),
    st.sampled_from([None, "ca", "{cn}", "{n}", "Pool"]),
    st.sampled_from([None, *ON_CONFLICT]),
    st.sampled_from(["JKS", "PKCS12", "PEM"]),
)
def test_an_import_loses_nothing_and_is_done_after_once(
    there: list[Certificate], given_: list[Certificate], alias: str | None, policy: str | None,
    format: str,
) -> None:  # fmt: skip
    entries = [TrustedCert(f"e{n}", one, BORN) for n, one in enumerate(dict.fromkeys(there))]
    target = Target("x", "x", store=Store(format, tuple(entries)), password=PASSWORD)
    incoming = [Incoming(one, "x") for one in given_]

    def plan(target: Target) -> Plan:
        return plan_import(target, incoming, alias=alias, on_conflict=policy, at=AT, now_ms=NOW)  # type: ignore[arg-type]

    try:
        first = plan(target)
    except StorekeeperError:
        assert policy in (None, "fail")
        return
    assert first == plan(target)
    assert first.result is not None
    found = {e.certificate for e in first.result.entries if isinstance(e, TrustedCert)}
    if policy != "replace":
        assert found >= set(there)
    left = [step for step in first.steps if step.state == "conflict"]
    assert not left or policy == "skip"
    assert found >= set(given_) - {one for one in given_ for s in left if s.sha256 == one.sha256}
    for step in first.steps:
        entry = first.result.find(step.alias)
        assert isinstance(entry, TrustedCert)
        assert (entry.certificate.sha256 == step.sha256) == (step.state != "conflict")
    names = [entry.alias.lower() for entry in first.result.entries]
    assert len(names) == len(set(names))
    assert plan(replace(target, store=first.result)).unchanged


def test_the_library_and_the_command_make_the_same_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storekeeper.cli import main, mending

    path = changing.store_file(tmp_path / "store.jks", "JKS")
    (tmp_path / "new.pem").write_bytes(pki.pem("CERTIFICATE", NEW.der))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOW // 1000))
    monkeypatch.setenv("PASS", PASS)
    seen: list[Plan] = []

    def told(_args: object, plan: Plan, **_: object) -> int:
        seen.append(plan)
        return 0

    monkeypatch.setattr(mending, "told", told)
    words = ["import", str(path), str(tmp_path / "new.pem"), "--storepass", "env:PASS"]
    assert main([*words, "--at", "2026-06-01"]) == 0
    given = [Incoming(NEW, str(tmp_path / "new.pem"))]
    assert seen == [plan_import(changing.opened(path), given, at=AT)]


def test_nothing_to_import(store: Path) -> None:
    with pytest.raises(UsageError, match="nothing to import"):
        importing()(changing.opened(store))
