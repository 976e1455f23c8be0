"""Other addresses of the same name: who reaches one of those may fare otherwise."""

from __future__ import annotations

from ..frozen import replace
from ..trust.calling import called
from ..trust.reasons import reason
from .values import Diagnosis, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..tls.probed import Member
    from ..trust.verdict import Verdict
    from .values import Case


def diagnose(case: Case) -> Iterator[Diagnosis]:
    """Addresses that don't answer, or whose chain the client takes otherwise than the first's."""
    first = case.verdict
    for member, verdict in case.others:
        if verdict is None:
            yield Diagnosis(
                "member-silent",
                f"one address of the server, {member.address}, does not speak TLS",
                (member.problem or "it gives no answer",),
                (Step("take it out of the name's addresses, or start what should run there"),),
            )
        elif first is not None and bool(verdict.accepts) is not bool(first.accepts):
            yield _differs(case, member, verdict)


def _differs(case: Case, member: Member, verdict: Verdict) -> Diagnosis:
    assert case.probe is not None
    assert case.question is not None
    used = case.probe.member.address
    good, bad = (used, member.address) if not verdict.accepts else (member.address, used)
    why = reason(replace(case.question, chain=member.chain), verdict)
    return Diagnosis(
        "members-differ",
        f"the addresses of the server differ: {case.runtime} takes what {good} sends, and "
        f"refuses what {bad} sends",
        tuple(
            filter(
                None, (f"{member.address} sends {called(member.chain[0])}", verdict.message, why)
            )
        ),
        (Step("let all of them send the same certificates: what one sends, another lacks"),),
    )


def notes(case: Case) -> Iterator[str]:
    """Other chains that make no difference to this client."""
    for member, verdict in case.others:
        if verdict is None or case.verdict is None or not member.chain:
            continue
        if bool(verdict.accepts) is bool(case.verdict.accepts):
            yield f"{member.address} sends another chain than the first address does"
