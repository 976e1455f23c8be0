"""The search for the smallest fix: every proposal is tried on a real JVM, before and after."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

import pytest

from storekeeper.errors import UsageError
from storekeeper.frozen import replace
from storekeeper.model import Certificate, Store, TrustedCert
from storekeeper.report import arrangements, fixes, verdicts
from storekeeper.trust.arrangement import arrange
from storekeeper.trust.fix import MOST_TRIALS, Fix, Mending, mend
from storekeeper.trust.fix_commands import Names
from storekeeper.trust.java_trust import Trust, trust_of
from storekeeper.trust.question import Question
from storekeeper.trust.reasons import reason
from storekeeper.trust.rules import NAME_RULES
from storekeeper.trust.until import until
from tests import forge, golden, jvm, verdict_cases, verdict_random
from tests.forge import key, make
from tests.oracle import Oracle
from tests.verdict_cases import CA, EXPIRED, FUTURE, HOST, LEAF, SAN, Case, leaf, mid, root


def question(
    chain: Iterable[bytes], anchors: Iterable[bytes], host: str | None = HOST, **more: Any
) -> Question:
    return Question(
        tuple(map(Certificate, chain)), tuple(map(Certificate, anchors)), forge.AT, host, **more
    )


def kinds(found: Mending) -> list[str]:
    """What is proposed, the best first; two edits at once with a plus."""
    return ["+".join(edit.kind for edit in fix.edits) for fix in found.fixes]


def as_case(asked: Question, name: str = "") -> Case:
    return Case(
        name,
        tuple(one.der for one in asked.chain),
        tuple(one.der for one in asked.anchors),
        asked.host,
        asked.trust_manager,
        asked.protocol,
    )


SELF_SIGNED = make(LEAF, key("leaf"), LEAF, key("leaf"), SAN)
RENEWED = make(LEAF, key("leaf"), LEAF, key("leaf"), SAN, serial=2)
OTHER = root(subject="CN=Other", own=key("other"))
ROOT_2 = root(own=key("root2"))
LATE = leaf(**EXPIRED)
WITH_ID = root(extensions=(*CA, forge.subject_id(b"one")))
NAMED = mid(extensions=(*CA, forge.authority_id(b"one")))
OTHER_ID = root(own=key("root2"), extensions=(*CA, forge.subject_id(b"two")))

# name: chain, anchors, candidates, host, what has to come out.
TABLE = {
    "missing intermediate": (
        [leaf()], [root()], [mid()], HOST, ["send", "import-intermediate", "import-leaf"]),
    "missing intermediate that nobody has": ([leaf()], [root()], [], HOST, ["import-leaf"]),
    "unknown root, sent": (
        [leaf(), mid(), root()], [OTHER], [], HOST,
        ["import-root", "import-intermediate", "import-leaf"]),
    "unknown root, at hand": (
        [leaf(), mid()], [OTHER], [root()], HOST,
        ["import-root", "import-intermediate", "import-leaf"]),
    "unknown root that nobody has": (
        [leaf(), mid()], [OTHER], [], HOST, ["import-intermediate", "import-leaf"]),
    "unknown root and a missing intermediate": (
        [leaf()], [OTHER], [mid(), root()], HOST,
        ["import-intermediate", "send+import-root", "import-leaf"]),
    "empty store": (
        [leaf(), mid(), root()], [], [], HOST,
        ["import-root", "import-intermediate", "import-leaf"]),
    "same name, another key": (
        [leaf(), mid(), root()], [ROOT_2], [], HOST,
        ["import-root", "import-intermediate", "import-leaf"]),
    "same name, another key identifier": (
        [leaf(), NAMED], [OTHER_ID], [WITH_ID], HOST,
        ["import-root", "import-intermediate", "import-leaf"]),
    "anchor is no CA": ([RENEWED], [SELF_SIGNED], [], HOST, ["import-leaf"]),
    "self-signed": ([SELF_SIGNED], [root()], [], HOST, ["import-leaf"]),
    "root first": ([root(), mid(), leaf()], [root()], [], HOST, ["reorder"]),
    "unreadable certificate sent": ([leaf(), b"\x30\x00", mid()], [root()], [], HOST, ["reorder"]),
    "another host": (
        [leaf(), mid()], [root()], [], "other.example.net", ["new-certificate", "other-host"]),
    "an address": (
        [leaf(), mid()], [root()], [], "192.0.2.7", ["new-certificate", "other-host"]),
    "an underscore": (
        [leaf(), mid()], [root()], [], "my_server", ["new-certificate", "other-host"]),
    "no names at all": (
        [leaf(subject="O=Example", extensions=()), mid()], [root()], [], HOST,
        ["new-certificate"]),
    "another host and an unknown root": (
        [leaf(), mid(), root()], [OTHER], [], "other.example.net",
        ["import-root", "import-intermediate", "new-certificate", "import-leaf"]),
    "expired leaf": ([LATE, mid()], [root()], [], HOST, ["new-certificate", "import-leaf"]),
    "expired leaf and a missing intermediate": (
        [LATE], [root()], [], HOST, ["new-certificate", "import-leaf"]),
    "leaf of tomorrow": (
        [leaf(**FUTURE), mid()], [root()], [], HOST, ["new-certificate", "import-leaf"]),
    "expired intermediate": (
        [leaf(), mid(**EXPIRED)], [root()], [], HOST,
        ["new-certificate", "import-leaf", "import-intermediate"]),
    "not for servers": (
        [leaf(extensions=(SAN, forge.purposes(forge.CLIENT))), mid()], [root()], [], HOST,
        ["new-certificate", "import-leaf"]),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_what_comes_out(name: str) -> None:
    chain, anchors, candidates, host, expected = TABLE[name]
    found = mend(question(chain, anchors, host), map(Certificate, candidates))
    assert found.verdict.accepts is False
    assert kinds(found) == expected
    assert not found.gave_up
    for fix in found.fixes:
        assert fix.consequences
        # What can be tried was tried.
        assert (fix.verdict is None) == (fix.kind == "new-certificate")


def proved(asked: Question, found: Mending, oracle: Oracle, name: str) -> int:
    """The JVM refuses before, and accepts after each fix; how many there were."""
    before = golden.ask(oracle, as_case(asked))
    if before is None:
        return 0
    assert before[0] != "accept", name
    count = 0
    for fix in found.fixes:
        if fix.after is None:
            continue
        after = golden.ask(oracle, as_case(fix.after, f"{name}: {fix.what}"))
        if after is not None:
            count += 1
            assert after == ("accept", ""), f"{name}: {fix.what}"
    return count


def test_the_jvm_agrees_with_the_table() -> None:
    oracle = Oracle(jvm.by_major(17))
    count = 0
    for name, (chain, anchors, candidates, host, _) in TABLE.items():
        asked = question(chain, anchors, host)
        count += proved(asked, mend(asked, map(Certificate, candidates)), oracle, name)
    oracle.close()
    assert count >= 40


def _every(cases: Iterable[Case], version: str) -> int:
    oracle = Oracle(jvm.jvm(version))
    count = 0
    for case in cases:
        asked = question(
            case.chain,
            case.anchors,
            case.host,
            runtime=f"java{version.partition('.')[0]}",
            trust_manager=case.manager,
            protocol=case.protocol,
        )
        found = mend(asked)
        assert found.trials <= MOST_TRIALS
        if found.verdict.accepts is False:
            count += proved(asked, found, oracle, case.name)
    oracle.close()
    return count


def test_fixes_of_everyday_cases_work() -> None:
    assert _every(list(verdict_cases.all_cases())[::25], "17.0.9.2") > 10


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_fixes_of_every_case_work(version: str) -> None:
    cases = [*verdict_cases.all_cases(), *map(verdict_random.case, range(500))]
    assert _every(cases, version) > 300


def test_no_import_mends_a_name() -> None:
    for host in ("other.example.net", "192.0.2.7", "my_server"):
        found = mend(question([leaf(), mid(), root()], [root()], host))
        assert found.verdict.rule in NAME_RULES
        assert any(remark.startswith("no import mends a name: ") for remark in found.remarks)
        assert not any(kind.startswith("import") for kind in kinds(found))


def test_a_name_that_is_wrong_beside_the_trust_is_told() -> None:
    found = mend(question([leaf(), mid(), root()], [OTHER], "other.example.net"))
    assert found.verdict.rule == "no-path"
    assert any(
        "No subject alternative DNS name matching other.example.net" in one for one in found.remarks
    )
    for fix in found.fixes:
        if fix.after is not None:
            assert fix.host == HOST
            assert fix.what.endswith(
                f"; and ask for the server by a name its certificate has: {HOST}"
            )


def fix_of(found: Mending, kind: str) -> Fix:
    return next(fix for fix in found.fixes if fix.kind == kind)


def test_consequences_have_dates() -> None:
    found = mend(question([leaf()], [root()]), [Certificate(mid())])
    (pin, why) = fix_of(found, "import-leaf").consequences
    assert pin == "a pinned certificate breaks on renewal, on 2026-09-09 at the latest"
    assert "not at dates" in why
    told = fix_of(found, "import-intermediate").consequences
    assert (
        told[-1] == "the answer changes on 2026-09-09: O=Example,CN=server.example.net has expired"
    )


def test_importing_what_has_expired_is_for_an_emergency() -> None:
    pin = fix_of(mend(question([LATE, mid()], [root()])), "import-leaf")
    assert pin.emergency
    assert "emergency" in pin.consequences[0]
    assert "2026-05-31" in pin.consequences[0]
    below = fix_of(mend(question([leaf(), mid(**EXPIRED)], [root()])), "import-intermediate")
    assert below.emergency
    assert not fix_of(mend(question([leaf()], [OTHER])), "import-leaf").emergency


def test_an_anchor_is_replaced_only_where_adding_does_not_do() -> None:
    """Two roots of one name without key identifiers: SunX509 takes either, at random."""
    asked = question([leaf(), mid()], [ROOT_2], trust_manager="SunX509")
    found = mend(asked, [Certificate(root())])
    replaced = [fix for fix in found.fixes if fix.kind == "replace-anchor"]
    added = [fix for fix in found.fixes if fix.kind == "import-root"]
    assert (len(replaced), len(added)) == (1, 0)
    assert replaced[0].edits[0].removed == (Certificate(ROOT_2),)
    both = replace(asked, anchors=(Certificate(ROOT_2), Certificate(root())))
    assert both.verdict().accepts is None


def test_nothing_to_mend() -> None:
    found = mend(question([leaf(), mid()], [root()]))
    assert found.verdict.accepts is True
    assert (found.fixes, found.remarks, found.trials) == ((), (), 1)


def test_certificates_java_does_not_see_are_made_visible() -> None:
    hidden = TrustedCert("root", Certificate(root()), attributes=())
    trust = trust_of(Store("PKCS12", (hidden,)))
    assert trust.anchors == ()
    assert trust.unseen == (Certificate(root()),)
    assert "trustedKeyUsage" in trust.why_none
    asked = Question((Certificate(leaf()), Certificate(mid())), trust.anchors, forge.AT, HOST)
    found = mend(asked, unseen=trust.unseen)
    assert found.verdict.rule == "no-anchors"
    assert kinds(found)[0] == "make-visible"
    locked = mend(asked, unseen=trust.unseen, null_password=True)
    assert kinds(locked)[0] == "give-password"


def test_the_search_is_bounded() -> None:
    crossed = [
        make(f"CN=X{one}", key(f"X{one}"), f"CN=X{(one + 1) % 4}", key(f"X{(one + 1) % 4}"),
             *CA, serial=serial)
        for serial in range(1, 26) for one in range(4)
    ]  # fmt: skip
    below = leaf(issuer="CN=X0", signer=key("X0"))
    found = mend(question([below], [root()]), map(Certificate, crossed))
    assert found.trials <= MOST_TRIALS
    assert len(found.fixes) <= 8
    assert any("are left out" in remark for remark in found.remarks)


def test_an_unknown_runtime_is_a_usage_error() -> None:
    with pytest.raises(UsageError):
        mend(question([leaf()], [root()], runtime="cobol"))


@pytest.mark.parametrize("runtime", ["openssl3", "openssl3,partial_chain", "python3.12"])
def test_other_runtimes_are_mended_too(runtime: str) -> None:
    """Their verdicts are proved elsewhere; what they have no use for is not proposed."""
    partial = runtime.endswith("partial_chain")
    found = mend(question([leaf()], [root()], runtime=runtime), [Certificate(mid())])
    assert kinds(found)[:2] == ["send", "import-intermediate"]
    assert ("import-leaf" in kinds(found)) == partial
    unknown = mend(question([leaf(), mid(), root()], [OTHER], runtime=runtime))
    assert kinds(unknown)[0] == "import-root"
    named = mend(question([leaf(), mid()], [root()], "other.example.net", runtime=runtime))
    assert kinds(named) == ["new-certificate", "other-host"]
    both = mend(question([leaf(), mid(), root()], [OTHER], "other.example.net", runtime=runtime))
    assert kinds(both)[0] == "import-root"
    assert "new-certificate" in kinds(both)
    assert both.fixes[0].host == HOST


def test_where_every_issuer_has_to_be_trusted() -> None:
    """TIBCO BW 5, as its vendor documents it."""
    asked = question([leaf(), mid(), root()], [OTHER], runtime="tibco-bw")
    assert kinds(mend(asked)) == ["import-issuers"]
    (fix,) = mend(asked).fixes
    assert fix.edits[0].certificates == (Certificate(mid()), Certificate(root()))
    half = question([leaf(), mid()], [root()], runtime="tibco-bw")
    assert kinds(mend(half)) == ["import-intermediate"]


def damaged(pick: random.Random, certificate: bytes) -> bytes:
    """A certificate with some of its bytes changed, left out or put in."""
    made = bytearray(certificate)
    for _ in range(pick.choice((1, 1, 2, 4))):
        at = pick.randrange(len(made))
        match pick.choice("ccccdi"):
            case "c":
                made[at] = pick.randrange(256)
            case "d":
                del made[at : at + pick.randrange(1, 4)]
            case _:
                made[at:at] = pick.randbytes(pick.randrange(1, 4))
    return bytes(made)


def test_damaged_certificates_get_answers() -> None:
    """Whatever is wrong with them: a verdict, a picture, a search, and text of all three."""
    pick = random.Random(4)
    cases = list(verdict_cases.all_cases())
    runtimes = ["java8", "java11", "java17", "java25", "openssl3", "go1.23", "gnutls", "tibco-bw"]
    for _ in range(150):
        case = pick.choice(cases)
        chain = [damaged(pick, one) if pick.random() < 0.5 else one for one in case.chain]
        anchors = [damaged(pick, one) if pick.random() < 0.4 else one for one in case.anchors]
        asked = question(
            chain, anchors, case.host, runtime=pick.choice(runtimes), trust_manager=case.manager
        )
        changes = until(asked)
        why = reason(asked, changes.now)
        trust = Trust(asked.anchors)
        assert verdicts.text(asked, changes.now, trust, why=why, explain=True, until=changes)
        assert verdicts.json([(asked, changes.now, why, changes)], explain=True)
        picture = arrange(asked.chain, asked.anchors)
        assert arrangements.text("sent", picture, forge.AT)
        assert arrangements.json(picture)
        found = mend(asked)
        assert fixes.text(found, Names("sent", "trusted"), why)
        assert fixes.json(found, Names("sent", "trusted"), why)
