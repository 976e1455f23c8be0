"""Where every conversation begins: what is it about?"""

from __future__ import annotations

from ..lazy import load
from .question import Choice, Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..tls.way import Way
    from .driver import Flow
    from .talk import Talk

__all__ = ["FLOWS", "wizard"]

FLOWS = {
    "connection": ("connection", "connection", "a connection fails"),
    "certificate": ("certificate", "certificate", "a server's certificate is to be trusted"),
    "client": ("client", "client", "a server wants a certificate of the client"),
    "compare": ("looks", "comparing", "compare a trust store with a list of CAs"),
    "audit": ("looks", "auditing", "look what is wrong with the trust store of a JRE"),
    "undo": ("undoing", "undoing", "take a change back"),
}
"""What is asked for: (module, function, label)."""


def wizard(way: Way) -> Flow:
    """The flow of everything, by a way to servers."""

    def flow(talk: Talk) -> int:
        if talk.person and not talk.given("what"):
            talk.tell("Nothing is changed before you say yes. ? explains a question, < goes back,")
            talk.tell("Ctrl-C ends.")
        what = talk.ask(
            Question(
                "what",
                "What doesn't work?",
                "choice",
                "--what",
                "The first is for whoever sees an error and does not know more: the server is "
                "asked, what is wrong is said in plain words, and the smallest change that mends "
                "it is proposed. The others are for who knows already.",
                tuple(Choice(name, label) for name, (_, _, label) in FLOWS.items()),
                default="connection",
            )
        )
        module, name, _ = FLOWS[what]
        status: int = getattr(load(f"wizard.{module}"), name)(talk, way)
        return status

    return flow
