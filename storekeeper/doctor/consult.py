"""All diagnoses of a case, in the order in which to mend them."""

from __future__ import annotations

from ..frozen import replace
from . import connecting, identifying, loading, pool, trusting
from .values import Consultation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .gathered import Gathered
    from .values import Case, Diagnosis


def consult(case: Case) -> Consultation:
    """What is wrong, with proof, and what is not.

    The network comes first, then whether the client takes the server, then the other way
    round: TLS fails in that order, and each hides what comes after it.
    """
    found = (
        *connecting.diagnose(case),
        *loading.diagnose(case),
        *trusting.diagnose(case),
        *pool.diagnose(case),
        *identifying.diagnose(case),
        *loading.diagnose(case, certain=False),
    )
    notes = () if case.probe is None else case.probe.notes
    verdict = () if case.verdict is None else case.verdict.notes
    return Consultation(
        case,
        found,
        (*trusting.sound(case), *identifying.sound(case)),
        (*trusting.put_up_with(case), *pool.notes(case), *notes, *verdict),
    )


def read(case: Case, found: Gathered) -> Consultation:
    """The same out of evidence: what it shows, and what a verdict on its chain says.

    Raises:
        UnknownFormat: it tells nothing of a connection or a store.
    """
    from ..tls.evidence.values import Note
    from . import reading

    found.expect_something()

    judged = (
        *loading.diagnose(case),
        *trusting.diagnose(case),
        *identifying.of_evidence(case),
        *loading.diagnose(case, certain=False),
    )
    sure = case.verdict is not None
    alone = list(reading.diagnose(found, (), case.at, judged=sure))
    judged = tuple(_placed(one, found, alone) for one in judged)
    known = tuple(one.code for one in judged)
    shown = [
        identifying.unused(case, one)
        for one in reading.diagnose(found, known, case.at, judged=sure)
        if not any(one.code in _echoes(code) for code in known)
    ]
    notes = [f"{one.place}: {one.text}" for one in found.pieces if isinstance(one, Note)]
    verdict = () if case.verdict is None else case.verdict.notes
    return Consultation(
        case,
        (*judged, *shown, *reading.stores(found, case.store)),
        (*trusting.sound(case), *identifying.sound(case)),
        (*trusting.put_up_with(case), *notes, *verdict),
    )


_OF_TRUST = ("unknown-root", "unknown-issuer", "missing-intermediate", "peer-not-authenticated")


def _echoes(code: str) -> tuple[str, ...]:
    """What evidence calls what a verdict calls otherwise."""
    if code in _OF_TRUST:
        return _OF_TRUST
    if code == "no-client-certificate-sent":
        return code, "client-certificate-refused", "certificate-refused"
    for general in ("expired", "not-yet-valid"):
        if code.startswith(general):
            return (general, *_OF_TRUST)
    return (code,)


def _placed(one: Diagnosis, found: Gathered, alone: list[Diagnosis]) -> Diagnosis:
    """A diagnosis with the lines and packets that the evidence has for it."""
    echoes = _echoes(one.code)
    proofs = [proof for other in alone if other.code in echoes for proof in other.proofs]
    if not proofs and found.chain_at is not None and one.code != "store-unreadable":
        proofs = [f"{found.chain_at}: the chain this is about"]
    return replace(one, proofs=tuple(dict.fromkeys((*one.proofs, *proofs))))
