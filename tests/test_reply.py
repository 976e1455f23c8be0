"""reply: a CA's answer put in, in any order and shape, judged by keytool and Java."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.change.key_entries import plan_reply
from storekeeper.errors import UsageError, WriteRefused
from storekeeper.formats import jks
from storekeeper.model import Certificate, PrivateKey, TrustedCert
from storekeeper.name_text import parse
from storekeeper.pki import issue
from storekeeper.pki.ext_text import parse_all
from storekeeper.x509 import facts
from tests import pki
from tests.commands import BEGAN, OPENS
from tests.reply_lab import DATE, OWN, lab, target


def chain_after(
    answer: tuple[Certificate, ...], *entries: PrivateKey | TrustedCert, **options: object
) -> tuple[Certificate, ...]:
    plan = plan_reply(target(*(entries or (lab().entry(),))), "srv", answer, **options)  # type: ignore[arg-type]
    assert plan.result is not None
    entry = plan.result.find("srv")
    assert isinstance(entry, PrivateKey)
    assert entry.created_ms == DATE
    return entry.chain


@given(st.permutations([*lab().answer, lab().unrelated, lab().leaf]))
def test_order_decides_nothing(answer: list[Certificate]) -> None:
    assert chain_after(tuple(answer)) == lab().answer


@given(st.permutations([lab().leaf, lab().renewed, lab().placeholder, *lab().answer[1:]]))
def test_the_newest_of_a_key_counts(answer: list[Certificate]) -> None:
    assert chain_after(tuple(answer)) == (lab().renewed, *lab().answer[1:])


@given(st.data())
def test_issuers_may_be_anywhere(data: st.DataObject) -> None:
    """Wherever the issuers are, the chain is the same, or one of them is missing."""
    places = data.draw(st.tuples(*[st.sampled_from(["answer", "store", "trust", "old", "no"])] * 2))
    where: dict[str, list[Certificate]] = {"answer": [lab().leaf], "old": [lab().placeholder]}
    for place, one in zip(places, lab().answer[1:], strict=True):
        where.setdefault(place, []).append(one)
    entries = [TrustedCert(str(n), one, DATE) for n, one in enumerate(where.get("store", ()))]
    answer, trust = tuple(where["answer"]), where.get("trust", ())
    entry = lab().entry(*where["old"])
    # An intermediate that is trusted is an end.
    if places[0] == "no" or (places[1] == "no" and places[0] not in ("store", "trust")):
        missing = "Reply Int" if places[0] == "no" else "Reply Root"
        with pytest.raises(WriteRefused, match=f"issuer CN={missing} is missing"):
            chain_after(answer, entry, *entries, trusted=trust)
        return
    chain = chain_after(answer, entry, *entries, trusted=trust)
    assert chain == (lab().answer[:2] if places[1] == "no" else lab().answer)


def test_a_ca_of_the_same_store_is_known() -> None:
    """As keytool has it: the CA's key lies beside the one it signs for."""
    sealed = jks.seal_private_key(lab().issuing.pkcs8, OWN, "JKS")
    authority = PrivateKey("ca", lab().answer[1:], sealed, DATE)
    assert chain_after((lab().leaf,), lab().entry(), authority) == lab().answer


def test_of_two_ways_the_trusted_one_is_taken() -> None:
    both = (lab().leaf, lab().issuing.certificate, lab().crossed, lab().root.certificate)
    old = lab().answer
    new = (lab().leaf, lab().crossed, lab().other.certificate)
    assert chain_after((*both, lab().other.certificate), trusted=[lab().root.certificate]) == old
    assert chain_after((*both, lab().other.certificate), trusted=[lab().other.certificate]) == new
    assert chain_after(both, trusted=[lab().other.certificate]) == new


def test_what_is_told() -> None:
    plan = plan_reply(target(lab().entry()), "srv", (*lab().answer, lab().unrelated))
    assert [(one.state, one.subject) for one in plan.steps] == [
        ("replaced", "CN=reply.example"),
        ("left-out", "CN=Unrelated"),
    ]
    assert [one.code for one in plan.findings] == ["root-not-trusted"]
    root = bytes.fromhex(lab().root.certificate.sha256).hex(":").upper()
    assert root in plan.findings[0].message
    again = plan_reply(target(lab().entry(*lab().answer)), "srv", lab().answer)
    assert again.unchanged
    assert again.findings == ()
    trusted = plan_reply(
        target(lab().entry()), "srv", [lab().leaf], trusted=lab().answer[1:]
    ).findings
    assert [(one.code, one.message) for one in trusted] == [
        (
            "chain-completed",
            "completed with CN=Reply Int; CN=Reply Root, known from the store or what is trusted",
        )
    ]


def test_dates_are_told() -> None:
    late = facts(lab().leaf).not_after
    assert late is not None
    plan = plan_reply(target(lab().entry()), "srv", lab().answer, at=late + 1)
    assert [(one.code, one.where) for one in plan.findings if one.severity != "info"] == [
        ("expired", "srv")
    ]
    later = facts(lab().issuing.certificate).not_after
    assert later is not None
    messages = [
        one.message
        for one in plan_reply(target(lab().entry()), "srv", lab().answer, at=later + 1).findings
        if one.code == "expired"
    ]
    assert len(messages) == 2
    assert messages[1].startswith("its issuer CN=Reply Int: expired")


def test_an_incomplete_chain() -> None:
    with pytest.raises(WriteRefused, match="issuer CN=Reply Root is missing") as caught:
        chain_after(lab().answer[:2])
    assert "--trust cacerts" in caught.value.hint
    plan = plan_reply(target(lab().entry()), "srv", lab().answer[:2], incomplete=True)
    assert [(one.code, one.severity) for one in plan.findings] == [("incomplete-chain", "warning")]
    # What is wrong is said as long as it is.
    again = plan_reply(
        target(lab().entry(*lab().answer[:2])), "srv", lab().answer[:2], incomplete=True
    )
    assert again.unchanged
    assert [one.code for one in again.findings] == ["incomplete-chain"]


@pytest.mark.parametrize("answer", [lab().answer[1:], (lab().unrelated,), ()])
def test_an_answer_for_another_key(answer: tuple[Certificate, ...]) -> None:
    with pytest.raises(WriteRefused, match="for this key") as caught:
        plan_reply(target(lab().entry()), "srv", answer)
    assert "storekeeper csr" in caught.value.hint


def test_a_name_alone_is_no_issuer() -> None:
    other = pki.pkcs8(pki.key("an impostor"))
    impostors = [
        issue.self_signed(other, parse(f"CN={name}"), not_before=BEGAN, days=9999,
                          extensions=parse_all(["bc=ca:true"]).extensions)
        for name in ("Reply Int", "Reply Root")
    ]  # fmt: skip
    assert chain_after((*impostors, *lab().answer)) == lab().answer
    with pytest.raises(WriteRefused, match="Reply Root is missing"):
        chain_after((*impostors, *lab().answer[:2]))
    with pytest.raises(WriteRefused, match="Reply Int is missing"):
        chain_after((*impostors, lab().leaf), trusted=impostors)


def test_a_key_without_a_certificate() -> None:
    sealed = jks.seal_private_key(lab().pkcs8, OPENS, "JKS")
    bare = PrivateKey("srv", (), sealed, DATE)
    assert chain_after(lab().answer, bare) == lab().answer


def test_the_alias_of_something_else() -> None:
    with pytest.raises(UsageError, match="trusted certificate"):
        plan_reply(target(TrustedCert("srv", lab().unrelated, DATE)), "srv", lab().answer)
