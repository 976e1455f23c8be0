"""A server that is refused, or refuses its clients: what it sends, and whom it trusts."""

from __future__ import annotations

import os

from ..errors import StorekeeperError
from ..model import replace
from . import evidence, layout, systems
from .looking import Place, reached, tell
from .mending import Mend, carried_out, ended, told_commands
from .opening import opened_source, opened_target, unreadable
from .profile_text import Offer, text
from .question import Choice, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..change.plan import Plan
    from ..change.target import Target
    from ..model import Store
    from ..tls.way import Way
    from .systems import System
    from .talk import Talk

__all__ = ["serving"]

_RUNTIME = "java17"
_ROOTS = ("cacerts", "system", "certifi")


def serving(talk: Talk, way: Way, system: System) -> int:
    """The flow for a program that others connect to."""
    systems.tell_settings(talk, system)
    side = talk.ask(
        Question(
            "side",
            "Who refuses whom?",
            "choice",
            "--side",
            "A handshake can fail on either side. Where clients say that the path can't be built "
            "or the peer is not authenticated, they refuse the server. Where they are told "
            "bad_certificate, unknown_ca or handshake_failure, it mostly refuses them.",
            (
                Choice("server", "clients do not accept this server's certificate"),
                Choice("clients", "this server does not accept its clients' certificates"),
            ),
            default="server",
        )
    )
    return _refused(talk, way, system) if side == "server" else _refusing(talk, system)


def _refused(talk: Talk, way: Way, system: System) -> int:
    """What a usual client makes of the server, and what the server should send."""
    from ..change.target import Target
    from ..trust.fix_commands import Names, commands

    named = evidence.server(talk, evidence=False)
    roots, store = talk.once("roots", (), _usual)
    client = replace(system, title=f"Java 17 with {roots}", store=roots, runtime=_RUNTIME)
    target = Target(roots, roots, (roots,), store)
    looked, place = reached(talk, Place(named.server, way), client, target)
    tell(talk, client, looked)
    mending = looked.case.mending
    if mending is None or mending.verdict.accepts:
        return 1 if any(one.certain for one in looked.told.diagnoses) else 0
    talk.tell("", "What would mend it:")
    names = Names(place.source, roots, live=True)
    for number, fix in enumerate(mending.fixes, 1):
        talk.tell(*layout.folded(f"{number}. {fix.what}", "  ", "     "))
        if fix.kind in ("send", "reorder"):
            told_commands(talk, commands(fix, names))
        elif fix.kind.startswith("import"):
            talk.tell(*layout.folded("- that is for every client to do", "     ", "       "))
    for remark in mending.remarks:
        talk.tell(*layout.folded(f"- {remark}", "  ", "    "))
    return 1


def _usual() -> tuple[str, Store]:
    """The roots a client of this machine would have.

    Raises:
        StorekeeperError: there are none.
    """
    from ..trust.sources import open_any, open_store

    for name in _ROOTS[:-1]:
        try:
            return name, open_store(open_any(name))
        except StorekeeperError:
            continue
    return _ROOTS[-1], open_store(open_any(_ROOTS[-1]))


def _refusing(talk: Talk, system: System) -> int:
    """A CA whose certificates the server is to take from clients."""
    from ..change.import_ import plan_import
    from ..change.incoming import choose, gather

    system = systems.with_store(talk, system)
    target, said = opened_target(talk, system.store, system.password)
    name = os.path.abspath(os.path.expanduser(talk.ask(_CA)))
    source, _ = opened_source(talk, name)
    found, skipped = gather(name, source)
    chosen, left = choose(found)
    made = None
    if target.store is None:
        from .anchoring import new_password

        made = new_password(talk, target)

    def make(target: Target) -> Plan:
        if made is not None:
            target = replace(target, password=made)
        return plan_import(
            target,
            chosen,
            password=target.password,
            steps=(*left, *skipped),
            now_ms=talk.now_ms,
        )

    from shlex import join

    words = ["storekeeper", "import", system.store, name]
    words += ["--storepass", "prompt"] if said or made else []
    offer = Offer(
        f"{system.title} takes clients of {os.path.basename(name)}",
        system.store,
        sources=((("file", name),),),
        password=system.password or ("prompt" if said or made else ""),
        restart=system.restart,
    )
    certificates = tuple(one.certificate for one in chosen)
    mend = Mend(system.store, make, (join(words),), certificates, text(offer), said or made)
    if carried_out(talk, target, mend) is None:
        return 1
    talk.tell("", "After the restart the server should name it to clients:")
    talk.tell(*layout.command(["storekeeper", "probe", "HOST:PORT"]))
    ended(talk, system, mend)
    return 0


_CA = Question(
    "ca",
    "Which file has the certificate of the clients' CA?",
    "text",
    "--ca",
    "A PEM file, a bundle or PKCS#7 with the certificate that issued the clients' certificates, "
    "and those above it. Of a chain with a client's own certificate that alone is taken: then "
    "only this one client is trusted.",
    check=unreadable,
)
