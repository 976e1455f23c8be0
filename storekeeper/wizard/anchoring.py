"""A fix as a change: the plan that the command it prints would make."""

from __future__ import annotations

from ..model import replace
from .mending import Mend
from .profile_text import Offer, text
from .question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..change.incoming import Incoming
    from ..change.plan import Plan
    from ..change.target import Target
    from ..model import Certificate, Password
    from ..trust.fix import Fix
    from .looking import Place
    from .systems import System
    from .talk import Talk

__all__ = ["FETCHED", "HERE", "importing", "mend_of", "new_password"]

HERE = frozenset(
    {
        *("import-root", "import-intermediate", "import-leaf", "import-issuers"),
        *("replace-anchor", "make-visible"),
    }
)
"""Kinds of a fix that change the store."""

FETCHED = "path.pem"
"""What the file is called that fetched certificates would be in."""


def mend_of(
    talk: Talk,
    fix: Fix,
    sent: Sequence[Incoming],
    system: System,
    target: Target,
    place: Place | None,
    said: Password | None,
) -> Mend:
    """The change that carries out a fix.

    Args:
        talk: the conversation.
        fix: whose kinds are all of `HERE`.
        sent: the certificates at hand, as they came.
        system: whose store it is.
        target: the store, opened.
        place: the server that sent them; None for a file.
        said: the password somebody said for the store.
    """
    if fix.kind == "make-visible":
        return _visible(talk, system, said)
    wanted = [one for edit in fix.edits for one in edit.certificates]
    removed = tuple(one for edit in fix.edits for one in edit.removed)
    by_content = {one.certificate: one for one in sent}
    chosen = [by_content[one] for one in dict.fromkeys(wanted)]
    return importing(talk, chosen, system, target, place, said, removed=removed)


def importing(
    talk: Talk,
    chosen: Sequence[Incoming],
    system: System,
    target: Target,
    place: Place | None,
    said: Password | None,
    *,
    removed: Sequence[Certificate] = (),
) -> Mend:
    """The change that trusts certificates, and no longer trusts those that are removed."""
    from ..change.import_ import plan_import

    made = new_password(talk, target) if target.store is None else None

    def make(target: Target) -> Plan:
        if made is not None:
            target = replace(target, password=made)
        if removed:
            return _exchanged(target, chosen, removed, talk.now_ms)
        return plan_import(target, chosen, password=target.password, now_ms=talk.now_ms)

    commands = [_deleting(one, system.store, said) for one in removed]
    sources = dict.fromkeys(one.source for one in chosen)
    for source in sources:
        group = [one for one in chosen if one.source == source]
        if source == FETCHED and place is not None:
            words = ["storekeeper", "chain", place.source, "--store", system.store, *place.options]
            commands.append(f"{_joined(words)} --aia --pem > {FETCHED}")
        commands.append(_import(source, group, system.store, place, said or made))
    who = system.title if system.home else system.store
    offer = Offer(
        f"{who} trusts {', '.join(calls(one) for one in chosen)}",
        system.store,
        sources=tuple(_source(one, place) for one in chosen),
        password=system.password or ("prompt" if said or made else ""),
        server="" if place is None else place.name,
        reach=() if place is None else place.reach,
        runtime=system.runtime,
        restart=system.restart,
    )
    return Mend(
        system.store,
        make,
        tuple(commands),
        tuple(one.certificate for one in chosen),
        # What a profile would have to delete it does not: it only says what there should be.
        "" if removed else text(offer),
        said or made,
    )


def _exchanged(
    target: Target, chosen: Sequence[Incoming], removed: Sequence[Certificate], now_ms: int
) -> Plan:
    """One plan of both: nobody is left with the old one gone and the new one not there."""
    from ..change.delete import plan_delete
    from ..change.import_ import plan_import
    from ..change.plan import plan_of
    from ..trust.inventory import Filter

    gone = plan_delete(target, (), Filter(sha256=tuple(one.sha256 for one in removed)))
    there = plan_import(replace(target, store=gone.result), chosen, now_ms=now_ms)
    assert there.result is not None
    return plan_of(
        target,
        there.result,
        steps=(*gone.steps, *there.steps),
        findings=there.findings,
        now_ms=now_ms,
    )


def _visible(talk: Talk, system: System, said: Password | None) -> Mend:
    from ..change.convert import plan_convert
    from ..change.openings import KeyPasswords
    from ..change.union import Side

    def make(target: Target) -> Plan:
        assert target.store is not None
        side = Side(system.store, target.store, KeyPasswords(target.password), native=True)
        return plan_convert(target, side, make_visible=True, now_ms=talk.now_ms)

    words = ["storekeeper", "convert", system.store, "--make-visible", *_password(said)]
    return Mend(system.store, make, (_joined(words),), password=said)


def new_password(talk: Talk, target: Target) -> Password | None:
    """The password of a store that is to be made, None for a format that has none."""
    from ..change.target import format_for

    if format_for(target.path) not in ("PKCS12", "JKS", "JCEKS"):
        return None
    return target.password or talk.ask_password(
        Question(
            "newpass",
            "Password of the new store",
            "secret",
            "--storepass",
            "The store does not exist yet, and gets this password. The program that uses it has "
            "to be told the same one. Java's own trust stores have changeit.",
            new=True,
        )
    )


def _import(
    source: str,
    group: Sequence[Incoming],
    store: str,
    place: Place | None,
    said: Password | None,
) -> str:
    if place is not None and source == place.source:
        words = ["storekeeper", "import", store, source]
        for one in group:
            words += ["--pin", one.certificate.sha256]
        return _joined([*words, *place.options, *_password(said)])
    words = ["storekeeper", "export", source]
    for one in group:
        words += ["--sha256", one.certificate.sha256]
    return f"{_joined(words)} | {_joined(['storekeeper', 'import', store, '-', *_password(said)])}"


def _deleting(one: Certificate, store: str, said: Password | None) -> str:
    words = ["storekeeper", "delete", store, "--sha256", one.sha256, *_password(said)]
    return _joined(words)


def _password(said: Password | None) -> list[str]:
    return [] if said is None else ["--storepass", "prompt"]


def _source(one: Incoming, place: Place | None) -> tuple[tuple[str, str], ...]:
    if place is not None and one.source == place.source:
        pairs = [("server", one.source), ("pin", one.certificate.sha256)]
        pairs += place.reach
        pairs += [("sni", place.way.sni)] if place.way.sni else []
        return tuple(pairs)
    from ..report.arrangements import pem

    # By its content: a log may go, and holds others as well.
    return (("certificate", pem((one.certificate,))),)


def calls(one: Incoming) -> str:
    """A certificate in a title."""
    from ..trust.calling import called

    return called(one.certificate)


def _joined(words: Sequence[str]) -> str:
    from shlex import quote

    return " ".join(map(quote, words))
