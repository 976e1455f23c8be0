"""A server and a trust store, looked at together, and told in plain words."""

from __future__ import annotations

from ..errors import NetworkError
from ..frozen import Frozen
from . import evidence, layout
from .question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..change.target import Target
    from ..doctor.values import Case, Consultation
    from ..model import Certificate
    from ..tls.way import Way
    from ..trust.question import Question as Asked
    from .systems import System
    from .talk import Talk

__all__ = ["Looked", "Place", "look", "reached", "tell"]

_TRIES = 6
_SHOWN = 4


class Place(Frozen):
    """A server and the way to it.

    Attributes:
        name: as `tls.target.target` takes it.
        way: how it is reached.
    """

    name: str
    way: Way

    @property
    def source(self) -> str:
        """What a command calls it: HOST:PORT, or the URL where TLS is asked for in the clear."""
        from ..tls.target import target

        found = target(self.name, starttls=self.way.starttls)
        return self.name if "://" in self.name and found.starttls else found.peer

    @property
    def reach(self) -> tuple[tuple[str, str], ...]:
        """The keys of a profile that reach it so."""
        found = (("starttls", self.way.starttls), ("proxy", self.way.proxy))
        return tuple((key, value) for key, value in found if value)

    @property
    def options(self) -> list[str]:
        """The options of a command that reaches it so."""
        way = self.way
        words = ["--starttls", way.starttls] if way.starttls else []
        words += ["--proxy", way.proxy] if way.proxy else []
        words += ["--sni", way.sni] if way.sni else []
        return words


class Looked(Frozen):
    """What was found."""

    case: Case
    told: Consultation


def look(
    talk: Talk,
    place: Place,
    system: System,
    target: Target,
    *,
    when: str = "before",
    issuers: bool = False,
) -> Looked:
    """Probe and judge; once for the same server, store and time.

    Args:
        talk: the conversation.
        place: the server.
        system: the client.
        target: its trust store, opened.
        when: "before" a change or "after" it.
        issuers: fetch missing issuers from where certificates say they are.
    """
    from ..doctor.consult import consult
    from ..doctor.examine import Aids, examine
    from ..model import Store
    from ..trust.java_trust import trust_of

    def make() -> Looked:
        trust = trust_of(target.store or Store("PKCS12", ()))
        case = examine(
            place.name,
            trust,
            way=place.way,
            at=talk.at,
            store=system.store,
            runtime=system.runtime,
            aids=Aids(issuers=_fetched if issuers else None),
        )
        return Looked(case, consult(case))

    doing = f"asking {place.name}{'' if when == 'before' else ' again'} ..."
    depends = (place.name, system.store, system.runtime, target.sha256, when, issuers)
    if not talk.knows("look", depends):
        talk.tell("")
    return talk.once("look", depends, make, doing)


def _fetched(question: Asked, more: tuple[Certificate, ...]) -> tuple[Certificate, ...]:
    from ..trust.aia import complete_by_fetching

    _, asked = complete_by_fetching(question.chain, question.anchors, more)
    return tuple(one for found in asked for one in found.certificates)


def reached(talk: Talk, place: Place, system: System, target: Target) -> tuple[Looked, Place]:
    """What is found there; where nobody answers, another server may be named.

    Raises:
        NetworkError: nobody answers, and nobody names another.
    """
    for attempt in range(2, _TRIES + 1):
        looked = look(talk, place, system, target)
        case = looked.case
        if case.probe is not None:
            return looked, place
        talk.tell(*layout.folded(case.problem, "  ", "    "))
        error = NetworkError(
            case.problem,
            hint="run this where the server can be reached, or with --proxy URL; or name what "
            "the program logged: --host agent.log",
        )
        if not talk.person or attempt == _TRIES:
            raise error
        if case.hint:
            talk.tell(*layout.folded(case.hint, "  ", "    "))
        name = talk.ask(
            Question(
                f"host-again-{attempt}",
                "Another name or port for it? (Enter ends)",
                "text",
                "--host",
                "Perhaps it was written wrong, or stands on another port. Where this machine "
                "can't reach it at all, start again on one that can, or with a log that the "
                "program wrote in place of the server.",
                default="",
                check=_problem,
            )
        )
        if not name:
            raise error
        place = Place(name, place.way)
    raise AssertionError("not reached")  # pragma: no cover


def _problem(text: str) -> str:
    return evidence.problem_of(text) if text else ""


def tell(talk: Talk, system: System, looked: Looked) -> None:
    """What was found, in plain words: what the server sends, what is wrong, the proof."""
    from ..times import iso_date
    from ..trust.calling import called
    from ..x509 import facts_or_none

    case = looked.case
    if case.probe is not None:
        chain = case.probe.member.chain
        count = "one certificate" if len(chain) == 1 else f"{len(chain)} certificates"
        talk.tell(f"  it sends {count}:" if chain else "  it sends no certificate")
        for one in chain[:_SHOWN]:
            facts = facts_or_none(one)
            text = called(one)
            if facts is not None and facts.not_after is not None:
                text += f", until {iso_date(facts.not_after)}"
            talk.tell(*layout.folded(text, "    ", "      "))
        if len(chain) > _SHOWN:
            talk.tell(f"    and {len(chain) - _SHOWN} more")
    if not looked.told.diagnoses:
        talk.tell("", *layout.folded(f"{system.title} would accept it: nothing is wrong", ""))
    for wrong in looked.told.diagnoses:
        perhaps = "" if wrong.certain else "perhaps: "
        talk.tell("", *layout.folded(f"{perhaps}{wrong.what}", "  ", "    "))
        for proof in wrong.proofs:
            talk.tell(*layout.folded(proof, "    ", "      "))
    for line in looked.told.sound:
        talk.tell(*layout.folded(f"in order: {line}", "  ", "    "))
