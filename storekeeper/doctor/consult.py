"""All diagnoses of a case, in the order in which to mend them."""

from __future__ import annotations

from . import connecting, identifying, loading, pool, trusting
from .values import Consultation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .gathered import Gathered
    from .values import Case


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
    shown = reading.diagnose(
        found, tuple(one.code for one in judged), case.at, judged=case.verdict is not None
    )
    notes = [f"{one.place}: {one.text}" for one in found.pieces if isinstance(one, Note)]
    verdict = () if case.verdict is None else case.verdict.notes
    return Consultation(
        case,
        (*judged, *shown, *reading.stores(found, case.store)),
        tuple(trusting.sound(case)),
        (*notes, *verdict),
    )
