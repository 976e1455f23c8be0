"""Whether the client trusts the server: the verdict in plain words, and what mends it."""

from __future__ import annotations

from ..frozen import replace
from ..tls.oddities import inspecting
from ..trust.arrangement import arrange
from ..trust.calling import called
from ..trust.issuance import issuance
from ..trust.reasons import reason
from ..trust.rules import NAME_RULES, meaning
from ..x509 import facts_or_none
from .loading import hidden
from .told import STEPS
from .values import Diagnosis, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .values import Case

_CODES = {
    "distrusted-root": "distrusted-root",
    "blocked": "blocked-certificate",
    "no-anchors": "zero-anchors",
    "disabled-algorithm": "algorithm-refused",
    "disabled-curve": "algorithm-refused",
    "tls-signature-algorithm": "algorithm-refused",
    "tls-key": "algorithm-refused",
    "no-signature-scheme": "algorithm-refused",
    "signature-algorithm": "algorithm-refused",
    "security-level": "algorithm-refused",
    "chain-length": "chain-too-long",
    "message-size": "chain-too-long",
    "extended-key-usage": "not-for-servers",
    "key-usage": "not-for-servers",
    "untrusted-issuer": "intermediate-not-trusted",
    "wrong-order": "wrong-order",
}
_SEARCHES = ("no-path", "no-anchor", "signature", "name-chaining")
# By what mends it: a search has one message for all of them.
_BY_FIX = {
    "send": "missing-intermediate",
    "reorder": "wrong-order",
    "make-visible": "zero-anchors",
    "give-password": "zero-anchors",
    "replace-anchor": "other-key-of-root",
    "import-root": "unknown-root",
    "import-issuers": "unknown-root",
    "import-intermediate": "unknown-root",
    "import-leaf": "unknown-root",
}
_WORDS = {
    "missing-intermediate": "the server does not send an intermediate certificate clients need",
    "unknown-issuer": "who issued the server's certificate is neither sent nor trusted: an "
    "intermediate that the server should send, or a CA of its owner's",
    "intermediate-not-trusted": "this client wants every CA of the chain among what it trusts, the "
    "intermediates as well as the root",
    "wrong-order": "the server sends its certificates in the wrong order, or others among them",
    "unknown-root": "the client does not trust the CA at the end of the server's chain",
    "other-key-of-root": "the client trusts a CA of that name with another key",
    "zero-anchors": "the client's trust store gives the program no certificate at all",
    "expired-leaf": "the server's own certificate is out of date",
    "expired-intermediate": "an intermediate certificate of the server's chain is out of date",
    "expired-root": "the CA certificate at the end of the chain is out of date",
    "not-yet-valid-leaf": "the server's own certificate is not valid yet, or a clock is wrong",
    "name-mismatch": "the server's certificate is for other names than the one it is asked for by",
    "missing-san": "the server's certificate has no subject alternative names",
    "ip-without-san": "the server is asked for by its address, which its certificate does not have",
}


def diagnose(case: Case) -> Iterator[Diagnosis]:
    """Why the client refuses the server."""
    verdict, question = case.verdict, case.question
    if verdict is None or question is None or verdict.accepts:
        return
    why = reason(question, verdict)
    code = code_of(case)
    what = _WORDS.get(code) or meaning(verdict.rule) or verdict.rule
    proofs = [verdict.message] if verdict.message else []
    proofs += [why] if why else []
    if code == "zero-anchors" and case.trust is not None and case.trust.why_none:
        proofs.append(case.trust.why_none)
    if code == "wrong-order":
        sent = "; ".join(f"{number} {called(one)}" for number, one in enumerate(question.chain, 1))
        proofs += [*_mistakes(case), f"sent were, in this order: {sent}"]
    if case.mending is not None:
        proofs += [one for one in case.mending.remarks if not _said(one, proofs)]
    yield Diagnosis(code, what, tuple(proofs), _steps(case, code), verdict.accepts is False)


def _said(remark: str, proofs: list[str]) -> bool:
    """Whether a remark only repeats what was said."""
    if remark.startswith("nobody here has the certificate of"):
        return any("which is neither sent nor in the store" in one for one in proofs)
    told = remark.removeprefix("no import mends a name: ").removeprefix("the certificate is for ")
    return any(told in one for one in proofs)


def code_of(case: Case) -> str:
    """The diagnosis a verdict stands for."""
    verdict, question = case.verdict, case.question
    assert verdict is not None
    assert question is not None
    rule = verdict.rule
    if rule in ("expired", "not-yet-valid") and verdict.certificate is not None:
        role = issuance((*question.chain, *question.anchors)).role(verdict.certificate)
        return f"{rule}-{role}"
    if rule in NAME_RULES:
        return _name_code(case)
    if rule in _SEARCHES:
        return _search_code(case)
    return _CODES.get(rule, rule)


def _name_code(case: Case) -> str:
    from ..tls.hosts import is_address

    assert case.question is not None
    facts = facts_or_none(case.question.chain[0])
    names = () if facts is None else facts.subject_alt_names
    if is_address(case.question.host or ""):
        return "ip-without-san"
    if not any(one.kind == "dns" for one in names):
        return "missing-san"
    return "name-mismatch"


def _search_code(case: Case) -> str:
    question, mending = case.question, case.mending
    assert question is not None
    picture = arrange(question.chain, question.anchors)
    dated = [one for one in picture.path if _out_of_date(one, question.at)]
    if dated:
        role = issuance((*question.chain, *question.anchors)).role(dated[0])
        return f"expired-{role}"
    kinds = [] if mending is None else [fix.kind for fix in mending.fixes]
    if "send" in kinds or not kinds:
        return _BY_FIX["send"] if kinds else "unknown-root"
    if kinds[0].startswith("import-") and picture.missing is not None and not picture.anchored:
        last = facts_or_none(picture.path[-1])
        if last is not None and not last.is_ca:
            # Public CAs say where an intermediate is; who has a CA of their own mostly do not.
            return "missing-intermediate" if picture.locations else "unknown-issuer"
    return _BY_FIX.get(kinds[0], "unknown-root")


def _out_of_date(one: object, at: int) -> bool:
    facts = facts_or_none(one)  # type: ignore[arg-type]
    after = None if facts is None else facts.not_after
    return after is not None and at > after


def _steps(case: Case, code: str) -> tuple[Step, ...]:
    if case.mending is None:
        return ()
    # Who opens the connection on the way makes a new certificate for each.
    fleeting = case.probe is not None and bool(inspecting(case.probe))
    steps = [
        Step(fix.what, lines, fix.consequences, fix.emergency)
        for fix, lines in zip(case.mending.fixes, case.commands, strict=True)
        if not (fleeting and fix.kind == "import-leaf")
    ]
    if code == "distrusted-root":
        around = [_around(step) for step in steps if step.commands]
        return (Step(STEPS[code]), *around)
    if case.mending.missing:
        steps.append(_more(case, case.mending.missing))
    return tuple(steps)


def _around(step: Step) -> Step:
    """What goes round the JDK's decision about a CA."""
    told = "it goes round what the JDK decided about this CA"
    return replace(step, consequences=(told, *step.consequences), emergency=True)


def _more(case: Case, missing: str) -> Step:
    """How to come by a certificate that nobody here has."""
    from shlex import quote

    assert case.question is not None
    picture = arrange(case.question.chain, case.question.anchors)
    again = f"storekeeper doctor {quote(case.name)} --store {quote(case.store)}"
    if picture.locations:
        what = f"fetch the certificate of {missing} from {picture.locations[0]}, and ask again"
        return Step(what, (f"{again} --aia",))
    return Step(
        f"get the certificate of {missing} from who runs that CA, and ask again with it",
        (f"{again} --with FILE",),
    )


def sound(case: Case) -> Iterator[str]:
    """What of it is in order."""
    if case.verdict is not None and case.verdict.accepts:
        leaf = case.verdict.path[0]
        trusts = "would trust" if hidden(case, "trust") else "trusts"
        yield f"{case.verdict.runtime} {trusts} {called(leaf)} with {case.store}"


def put_up_with(case: Case) -> Iterator[str]:
    """Mistakes of the server that this client does not mind, and others will."""
    if case.verdict is None or not case.verdict.accepts:
        return
    for one in _mistakes(case):
        yield f"{case.runtime} puts up with it, others do not: {one}"


def _mistakes(case: Case) -> list[str]:
    assert case.question is not None
    picture = arrange(case.question.chain, case.question.anchors)
    return [one.message for one in picture.remarks if one.fault]
