"""A server's certificate into a trust store: its own alone, unless more is asked for."""

from __future__ import annotations

from ..errors import NetworkError
from . import evidence, layout, systems
from .anchoring import importing
from .connection import tested
from .looking import Place
from .mending import carried_out, ended
from .opening import opened_target
from .question import Choice, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..change.incoming import Incoming
    from ..tls.probed import Probe
    from ..tls.way import Way
    from .talk import Talk

__all__ = ["certificate"]

_LABELS = {
    "leaf": "its own certificate (leaf): breaks when it is renewed",
    "issuer": "the certificate that issued it",
    "intermediates": "every intermediate it sends",
    "root": "the root it sends",
    "all": "everything it sends",
}


def certificate(talk: Talk, way: Way) -> int:
    """The flow; 0 when the certificate is in the store."""
    named = evidence.server(talk, evidence=False)
    place = Place(named.server, way)
    found = _asked(talk, place)
    chosen = _chosen(talk, place, found)
    system = systems.pick(talk)
    target, said = opened_target(talk, system.store, system.password)
    mend = importing(talk, chosen, system, target, place, said)
    if carried_out(talk, target, mend) is None:
        plan = mend.make(target)
        if not plan.unchanged:
            return 1
        ended(talk, None, mend)
        return 0
    return tested(talk, place, system, mend)


def _asked(talk: Talk, place: Place) -> Probe:
    def probe() -> Probe:
        found = place.way.probe(place.name, brief=True)
        if not found.member.chain:
            reason = found.member.problem or "no reason"
            raise NetworkError(f"{place.name} sends no certificate: {reason}")
        return found

    talk.tell("") if not talk.knows("fetch", (place.name,)) else None
    return talk.once("fetch", (place.name,), probe, f"asking {place.name} ...")


def _chosen(talk: Talk, place: Place, found: Probe) -> list[Incoming]:
    """Which of the chain, as ``import`` would choose."""
    from ..change.incoming import choose, gather
    from ..tls.way import chain_store

    sent, _ = gather(place.source, chain_store(found))
    talk.tell(f"  it sends {'one certificate' if len(sent) == 1 else f'{len(sent)} certificates'}:")
    for one in sent:
        talk.tell(*layout.of_certificate(one.certificate))
    if len(sent) == 1:
        return sent
    kinds = {only: choose(sent, only)[0] for only in _LABELS}  # type: ignore[arg-type]
    choices = tuple(Choice(only, _LABELS[only]) for only, some in kinds.items() if some)
    only = talk.ask(
        Question(
            "only",
            "Which of them is to be trusted?",
            "choice",
            "--only",
            "Java needs one certificate to hold on to. The server's own is the narrowest: nothing "
            "else is trusted by it, and it has to be imported again when the server gets another. "
            "A root is trusted with everything it will ever issue.",
            choices,
            default="leaf" if any(one.value == "leaf" for one in choices) else choices[0].value,
        )
    )
    # As with --pin: each is named by itself.
    return kinds[only]
