"""Policies of an audit: what they change, and what is said of one that is wrong."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged, LimitExceeded, StorekeeperError, Unreadable, Unsupported
from storekeeper.host.yaml_tree import MOST_BYTES
from storekeeper.model import Store, TrustedCert
from storekeeper.times import parse_iso
from storekeeper.trust.audit.engine import audit, exit_status
from storekeeper.trust.audit.policy import DAY, Judge, Policy, Soon, Waived, fails
from storekeeper.trust.audit.policy_file import parse_policy, read_policy
from storekeeper.trust.audit.rules import RULES
from storekeeper.trust.audit.values import AuditFinding, Waiver
from tests import forge, pki

AT = forge.AT

WHOLE = """\
# how this house judges
fails_on: error
lists: [mozilla, apple]
rules:
  non-positive-serial: off
  expired: error
  unknown-root: info
expires_soon: {leaf_share: 20%, leaf_days: 30, ca_days: 90d}
waive:
  - code: unknown-root
    alias: "corp-*"
    reason: our own root
    until: 2027-03-31
  - code: [expired, expires-soon]
    sha256: "AB:CD:EF:01:23"
    store: "*/legacy.jks"
    reason: gone with the old server
"""


def parsed(text: str) -> Policy:
    return parse_policy(text.encode(), "p.yaml")


def test_all_of_it() -> None:
    policy = parsed(WHOLE)
    assert policy.fails_on == "error"
    assert policy.lists == ("mozilla", "apple")
    assert dict(policy.severities) == {
        "non-positive-serial": "off", "expired": "error", "unknown-root": "info",
    }  # fmt: skip
    assert policy.soon == Soon(0.2, 30, 90)
    first, second = policy.waived
    assert first.waiver == Waiver("our own root", "2027-03-31", "p.yaml:10")
    assert first.ends == parse_iso("2027-04-01")
    assert (first.codes, first.alias) == (("unknown-root",), "corp-*")
    assert second.codes == ("expired", "expires-soon")
    assert (second.sha256, second.store, second.ends) == ("abcdef0123", "*/legacy.jks", None)


@pytest.mark.parametrize("text", ["", "# nothing\n", "rules:\n", "waive: []\n", "\ufeff{}\n"])
def test_one_that_says_nothing_is_the_default(text: str) -> None:
    assert parsed(text) == Policy("p.yaml")


@pytest.mark.parametrize("share", ["1/3", "0.3333333333333333", "1 / 3"])
def test_shares(share: str) -> None:
    assert parsed(f"expires_soon: {{leaf_share: {share}}}").soon.leaf_share == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("rule:\n", "1:1", "there is no field 'rule' in the policy", "did you mean 'rules'?"),
        ("rules:\n  expird: off\n", "2:3", "there is no rule 'expird' in rules",
         "did you mean 'expired'?"),
        ("rules:\n  expired: fatal\n", "2:12",
         "expected one of error, warning, info, off, found 'fatal'", ""),
        ("fails_on: always\n", "1:11",
         "expected one of error, warning, info, never, found 'always'", ""),
        ("fails_on: [error]\n", "1:11", "expected text, found a list", ""),
        ("- rules\n", "1:1", "expected fields (fails_on, lists, rules, ...), found a list", ""),
        ("rules:\n  expired: off\n  expired: error\n", "3:3", "expired is said twice",
         "first in line 2"),
        ("expires_soon:\n  leaf_days: soon\n", "2:14", "expected a number of days, found 'soon'",
         ""),
        ("expires_soon:\n  leaf_share: 3\n", "2:15",
         "expected a share such as 1/3, 0.33 or 33%, found '3'", ""),
        ("expires_soon:\n  leaf_share: 1/0\n", "2:15",
         "expected a share such as 1/3, 0.33 or 33%, found '1/0'", ""),
        ("waive:\n  - code: expired\n", "2:5", "a waiver without a reason",
         "reason: why this does not count here"),
        ("waive:\n  - reason: all is well\n", "2:5", "a waiver of everything",
         "say what it is for: code, sha256, alias or store"),
        ("waive:\n  - code: exprd\n    reason: r\n", "2:11", "there is no rule 'exprd'",
         "did you mean 'expired'?"),
        ("waive:\n  - {code: expired, reason: r, until: tomorrow}\n", "2:39",
         "expected a date such as 2027-03-31, found 'tomorrow'", ""),
        ("waive:\n  - {sha256: xyz, reason: r}\n", "2:14", "'xyz' is no SHA-256 fingerprint",
         "write all or at least the first 8 of its 64 hex digits, with or without colons"),
        ("waive: all\n", "1:8", "expected a list of waivers, found a text", ""),
        ("lists: [mozila]\n", "1:9", "there is no list 'mozila'", None),
        ("rules: &a {}\nexpires_soon: *a\n", "1:8",
         "an anchor: a policy says everything where it stands", ""),
        ("waive: *b\n", "1:8", "an alias: a policy says everything where it stands", ""),
        ("rules: !!python/object:os.system {}\n", "1:8",
         "a tag (tag:yaml.org,2002:python/object:os.system): a policy has none", ""),
        ("rules: {\n", "2:1", None, ""),
        ("a\0b", "1:1", None, ""),
        ("rules: {}\n---\nrules: {}\n", "2:1", "expected one document, found a second", ""),
        ("rules: [[[[[[[[[[]]]]]]]]]]\n", "1:14", "expected at most 6 levels, found more", ""),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(
    text: str, place: str, message: str | None, hint: str | None
) -> None:
    with pytest.raises(Damaged) as caught:
        parsed(text)
    assert caught.value.path == f"p.yaml:{place}"
    assert message is None or caught.value.message == message
    assert hint is None or caught.value.hint == hint


def test_other_programs_files(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read_policy(str(tmp_path / "none.yaml"))
    with pytest.raises(Damaged, match="expected UTF-8, found byte 0xff") as caught:
        parse_policy(b"\xff\xfe", "p.yaml")
    assert caught.value.hint == "if this is the policy, save it as UTF-8"
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (MOST_BYTES + 1))
    with pytest.raises(LimitExceeded):
        read_policy(str(large))


def test_small_files_stay_small() -> None:
    """Aliases that double each time, brackets by the hundred thousand, values by the million."""
    bomb = "a: &a [x]\n" + "".join(f"b{n}: &b{n} [*a, *a]\n" for n in range(99))
    with pytest.raises(Damaged, match="a policy says everything"):
        parsed(bomb)
    with pytest.raises(StorekeeperError):
        parsed("[" * 100_000)
    with pytest.raises(LimitExceeded):
        parsed("lists: [" + "a," * 60_000 + "a]")


@given(st.text(max_size=200) | st.sampled_from([WHOLE]).flatmap(
    lambda text: st.integers(0, len(text)).map(lambda cut: text[:cut] + "\t{" + text[cut:])
))  # fmt: skip
def test_any_text_is_a_policy_or_our_error(text: str) -> None:
    try:
        found = parse_policy(text.encode("utf-8", "surrogatepass"), "p.yaml")
    except StorekeeperError:
        return
    assert isinstance(found, Policy)


def test_without_yaml_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(
        name: str,
        globals: Mapping[str, object] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        if name == "yaml":
            raise ImportError(name)
        return real(name, globals, locals, fromlist, level)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(Unsupported, match="PyYAML is not installed"):
        parsed("rules: {}")


# -- at work ------------------------------------------------------------------------------


def finding(code: str = "expired", *, alias: str = "", sha256: str = "") -> AuditFinding:
    return AuditFinding(code, "warning", "m", alias=alias, sha256=sha256)


def test_severities() -> None:
    judge = Judge(parsed("rules: {expired: error, extra: off}"), AT)
    weighed = judge.weighed(finding(), ())
    assert weighed is not None
    assert weighed.severity == "error"
    assert judge.weighed(finding("extra"), ()) is None
    assert Judge(Policy(), AT, ("extra",)).weighed(finding(), ()) is None
    assert Judge(Policy(), AT, (), "error").weighed(finding(), ()) is None


@pytest.mark.parametrize(
    ("waived", "covered"),
    [
        (Waived(Waiver("r")), True),
        (Waived(Waiver("r"), codes=("expired",)), True),
        (Waived(Waiver("r"), codes=("extra",)), False),
        (Waived(Waiver("r"), sha256="abcd"), True),
        (Waived(Waiver("r"), sha256="bcd"), False),
        (Waived(Waiver("r"), alias="CORP-*"), True),
        (Waived(Waiver("r"), alias="corp"), False),
        (Waived(Waiver("r"), alias="c?rp-r*t"), True),
        (Waived(Waiver("r"), store="*/trust.jks"), True),
        (Waived(Waiver("r"), store="cacerts"), True),
        (Waived(Waiver("r"), store="*/other.jks"), False),
        (Waived(Waiver("r"), codes=("expired",), store="*/other.jks"), False),
    ],
)
def test_what_a_waiver_covers(waived: Waived, covered: bool) -> None:
    one = finding(alias="corp-root", sha256="abcdef")
    assert waived.covers(one, ("cacerts", "/opt/trust.jks")) is covered


def test_many_stars_take_no_time() -> None:
    one = finding(alias="a" * 3000)
    assert not Waived(Waiver("r"), alias="*a" * 300 + "b").covers(one, ())
    assert Waived(Waiver("r"), alias="*a" * 300 + "*").covers(one, ())


def test_what_fails() -> None:
    one = finding()
    assert [fails(one, level) for level in ("error", "warning", "info", "never")] == [
        False, True, True, False,
    ]  # fmt: skip
    assert not fails(AuditFinding("expired", "error", "m", waived=Waiver("r")), "info")


def test_a_waiver_in_its_time_past_it_and_for_nothing() -> None:
    certificate = pki.cert("Waived Root")
    store = Store("JKS", (TrustedCert("corp-root", certificate),))
    day = parse_iso("2027-03-31")
    policy = parsed(
        "rules: {quantum-vulnerable: off, expires-soon: off}\n"
        "waive:\n"
        "  - {code: unknown-root, alias: corp-*, reason: our own, until: 2027-03-31}\n"
        "  - {code: expired, reason: nothing of it}\n"
    )
    for at, waived in ((day, True), (day + DAY - 1, True), (day + DAY, False)):
        head, stores = audit([store], policy, at=at)
        one, about = stores
        (unknown,) = one.findings
        assert (unknown.waived is not None) is waived
        assert exit_status(head, one) == (0 if waived else 1)
        assert (about.name, about.format) == ("p.yaml", "policy")
        if waived:
            (unused,) = about.findings
        else:
            ended, unused = about.findings
            assert (ended.code, ended.severity, ended.source) == (
                "waiver-ended", "warning", "p.yaml:3",
            )  # fmt: skip
            assert "ended on 2027-03-31" in ended.message
        assert (unused.code, unused.severity, unused.source) == (
            "waiver-unused",
            "info",
            "p.yaml:4",
        )
    # All used and in time: no store but those that were named.
    used = parsed("waive: [{code: [unknown-root, quantum-vulnerable], reason: ours}]")
    assert len(list(audit([store], used, at=day)[1])) == 1


def test_lists_of_a_policy(tmp_path: Path) -> None:
    """A house's own roots as a list: known, and nothing else is."""
    (tmp_path / "corp.pem").write_bytes(pki.pem("CERTIFICATE", pki.cert("Listed Root").der))
    path = tmp_path / "policy.yaml"
    path.write_text("lists: [corp.pem]\n")
    store = Store(
        "JKS",
        (
            TrustedCert("a", pki.cert("Listed Root")),
            TrustedCert("b", pki.cert("Waived Root")),
        ),
    )
    head, stores = audit([store], str(path), at=AT)
    assert [one.name for one in head.lists] == [str(tmp_path / "corp.pem")]
    (audited,) = stores
    assert [one.alias for one in audited.findings if one.code == "unknown-root"] == ["b"]
    assert audited.entries[0].trusted_by == (str(tmp_path / "corp.pem"),)
    shipped = next(audit(["certifi"], parsed("lists: [apple]"), at=AT)[1])
    assert {one for entry in shipped.entries for one in entry.trusted_by} == {"apple"}


def test_every_rule_can_be_turned_off() -> None:
    lines = "".join(f"  {code}: off\n" for code in RULES)
    store = Store("JKS", (TrustedCert("a", pki.cert("Waived Root")),))
    assert next(audit([store], parsed(f"rules:\n{lines}"), at=AT)[1]).findings == ()
