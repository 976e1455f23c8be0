"""A connection that fails: probed, explained, mended at its smallest, and tried again."""

from __future__ import annotations

from . import evidence, layout, systems
from .anchoring import FETCHED, HERE, mend_of
from .looking import Place, look, reached, tell
from .mending import carried_out, ended, told_commands
from .opening import opened_target
from .question import Choice, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..change.incoming import Incoming
    from ..change.target import Target
    from ..doctor.values import Case
    from ..model import Password
    from ..tls.way import Way
    from ..trust.fix import Fix
    from .evidence import Named
    from .looking import Looked
    from .mending import Mend
    from .systems import System
    from .talk import Talk

__all__ = ["connection", "tested"]

_LABEL = 66
_NOTHING, _ISSUERS = "nothing", "fetch"


def connection(talk: Talk, way: Way) -> int:
    """The flow; 0 when the client accepts the server in the end."""
    system = systems.pick(talk, store=False)
    if system.serves:
        from .serving import serving

        return serving(talk, way, system)
    system = systems.with_store(talk, system)
    systems.tell_settings(talk, system)
    named = evidence.server(talk, known=system.errors)
    target, said = opened_target(talk, system.store, system.password)
    if not named.server:
        return _from_evidence(talk, system, named, target, said)
    looked, place = reached(talk, Place(named.server, way), system, target)
    tell(talk, system, looked)
    if _accepted(looked):
        return _no_change(talk, looked)
    fix = _fix(talk, looked.case)
    if fix == _ISSUERS:
        looked = look(talk, place, system, target, issuers=True)
        tell(talk, system, looked)
        fix = _fix(talk, looked.case, id="fix-2")
    if isinstance(fix, str):
        talk.tell("", "Nothing was changed.")
        return 1
    if not {one.kind for one in fix.edits} <= HERE:
        return _advised(talk, fix, place, system)
    mend = mend_of(talk, fix, _sent(looked, place, fix), system, target, place, said)
    if carried_out(talk, target, mend) is None:
        return 1
    return tested(talk, place, system, mend)


def _accepted(looked: Looked) -> bool:
    verdict = looked.case.verdict
    return verdict is None or bool(verdict.accepts)


def _no_change(talk: Talk, looked: Looked) -> int:
    """What no trust store mends."""
    wrong = [one for one in looked.told.diagnoses if one.certain]
    steps = [step for one in looked.told.diagnoses for step in one.steps]
    if steps:
        talk.tell("", "No change of the trust store mends that. What does:")
        for step in steps:
            talk.tell(*layout.folded(f"- {step.what}", "  ", "    "))
            told_commands(talk, step.commands)
    _client_hint(talk, looked)
    return 1 if wrong else 0


def _client_hint(talk: Talk, looked: Looked) -> None:
    """Where the server wants a certificate of the client: what leads to one."""
    if any(one.code.startswith("client-certificate") for one in looked.told.diagnoses):
        talk.tell("", "To build a keystore with a certificate the server takes:")
        talk.tell(*layout.command(["storekeeper", "wizard", "--what", "client"]))


def _sent(looked: Looked, place: Place, fix: Fix) -> list[Incoming]:
    """The certificates at hand, those the server sends by its name."""
    from ..change.incoming import Incoming, gather
    from ..tls.way import chain_store

    assert looked.case.probe is not None
    sent, _ = gather(place.source, chain_store(looked.case.probe))
    there = {one.certificate for one in sent}
    fetched = [one for edit in fix.edits for one in edit.certificates if one not in there]
    return [*sent, *(Incoming(one, FETCHED) for one in fetched)]


def _can_be_fetched(case: Case) -> bool:
    """Whether an issuer is missing, and a certificate says where it is."""
    from ..trust.arrangement import arrange

    if case.mending is None or not case.mending.missing or case.question is None:
        return False
    return bool(arrange(case.question.chain, case.question.anchors).locations)


def _fix(talk: Talk, case: Case, id: str = "fix") -> Fix | str:
    """What is to be done: one of the fixes, or a word."""
    mending = case.mending
    assert mending is not None
    choices: list[Choice] = []
    known: dict[str, Fix] = {}
    if mending.fixes:
        talk.tell("", "What would mend it:")
    for number, fix in enumerate(mending.fixes, 1):
        urgent = "for an emergency only: " if fix.emergency else ""
        here = {one.kind for one in fix.edits} <= HERE
        where = "" if here else " (not done here)"
        talk.tell(*layout.folded(f"{number}. {urgent}{fix.what}{where}", "  ", "     "))
        for line in fix.consequences:
            talk.tell(*layout.folded(f"- {line}", "     ", "       "))
        value = fix.kind if fix.kind not in known else f"{fix.kind}-{number}"
        known[value] = fix
        choices.append(Choice(value, layout.cut(_label(fix, here), _LABEL)))
    fetch = id == "fix" and _can_be_fetched(case)
    if fetch:
        label = f"look for the certificate of {mending.missing} on the network"
        choices.append(Choice(_ISSUERS, layout.cut(label, _LABEL)))
    if not choices:
        return _NOTHING
    choices.append(Choice(_NOTHING, "nothing: only show it"))
    best = [value for value, fix in known.items() if {e.kind for e in fix.edits} <= HERE]
    calm = [value for value in best if not known[value].emergency]
    others = [_ISSUERS] if fetch else []
    answer = talk.ask(
        Question(
            id,
            "What shall be done?",
            "choice",
            "--fix",
            "Each of these was tried by judging again: with it, this client accepts the server. "
            "The smallest that can be done here is the default; what the server's owner can do "
            "is better for everybody else who connects.",
            tuple(choices),
            # A missing issuer is better found than done without.
            default=[*others, *calm, *best, choices[0].value][0],
        )
    )
    return known.get(answer, answer)


_LABELS = {
    "import-root": "trust the root of the server's chain",
    "import-intermediate": "trust the intermediate that issued the server's certificate",
    "import-leaf": "trust the server's own certificate",
    "import-issuers": "trust the issuers of the server's certificate",
    "replace-anchor": "replace the old certificate of this CA",
    "make-visible": "make the certificates of this store visible to Java",
    "give-password": "have the program give the store's password",
    "send": "have the server send what is missing",
    "reorder": "have the server send its certificates in order",
    "other-host": "ask for the server by another name",
    "new-certificate": "get a new certificate for the server",
}


def _label(fix: Fix, here: bool) -> str:
    label = _LABELS.get(fix.kind, fix.what)
    if len(fix.edits) > 1:
        label = fix.what
    return label if here else f"{label}: tell me how"


def _advised(talk: Talk, fix: Fix, place: Place, system: System) -> int:
    """What others have to do, with what helps them."""
    from ..trust.fix_commands import Names, commands

    talk.tell("", "Nothing was changed here. What is to be done:")
    talk.tell(*layout.folded(fix.what, "  ", "    "))
    names = Names(place.source, system.store, live=True)
    lines = commands(fix, names)
    if lines:
        talk.tell("", "This helps:")
        told_commands(talk, lines)
    return 1


def tested(talk: Talk, place: Place, system: System, mend: Mend) -> int:
    """Ask again after a change, and tell what is left to do."""
    target, _ = opened_target(talk, system.store, system.password, said=mend.password, when="after")
    looked = look(talk, place, system, target, when="after")
    verdict = looked.case.verdict
    good = verdict is not None and bool(verdict.accepts)
    if good:
        talk.tell("", *layout.folded(f"Tested again: {system.title} accepts {place.name}.", ""))
    if not good or looked.told.diagnoses:
        tell(talk, system, looked)
        _client_hint(talk, looked)
    ended(talk, system, mend)
    certain = any(one.certain for one in looked.told.diagnoses)
    return 0 if good and not certain else 1


def _from_evidence(
    talk: Talk, system: System, named: Named, target: Target, said: Password | None
) -> int:
    """The same by a chain on record, where the server can't be asked."""
    from ..change.incoming import Incoming
    from ..doctor.consult import read
    from ..doctor.values import Case
    from ..model import Store
    from ..trust.asked import Served, questions
    from ..trust.fix import mend
    from ..trust.java_trust import trust_of
    from .looking import Looked

    found = named.gathered
    assert found is not None
    trust = trust_of(target.store or Store("PKCS12", ()))
    served = Served(found.chain, found.host or None, "TLSv1.2", "java17", talk.at)
    question = questions(served, trust, talk.at, runtimes=(system.runtime,))[0]
    mending = mend(question, (), trust.unseen)
    case = Case(
        found.host or "the server",
        question.runtime,
        talk.at,
        store=system.store,
        question=question,
        verdict=mending.verdict,
        mending=mending,
        commands=tuple(() for _ in mending.fixes),
        trust=trust,
    )
    looked = Looked(case, read(case, found))
    tell(talk, system, looked)
    if mending.verdict.accepts:
        return 1 if looked.told.diagnoses else 0
    fix = _fix(talk, case, id="fix")
    if isinstance(fix, str) or not {one.kind for one in fix.edits} <= HERE:
        talk.tell("", "Nothing was changed here.")
        return 1
    sent = [Incoming(one, named.path or "chain.pem") for one in found.chain]
    change = mend_of(talk, fix, sent, system, target, None, said)
    if carried_out(talk, target, change) is None:
        return 1
    talk.tell("", "The server was not asked: try the program itself again.")
    ended(talk, system, change)
    return 0
