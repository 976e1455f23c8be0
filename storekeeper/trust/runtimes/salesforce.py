"""Salesforce as a client (outbound messages, callouts): documented, not measured.

It trusts a list of public roots of its own, and no intermediates; the server sends all of
these, in order, its own certificate first. A wildcard stands for one label.
"""

from __future__ import annotations

from .builder import date_problem, extension_problem, names_host, readable, self_signed, signed_by
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from .seen import Seen
    from .table import Question

_SAID = "javax.net.ssl.SSLPeerUnverifiedException: peer not authenticated"


def judge(question: Question) -> list[Certificate]:
    """The trusted path of a question about Salesforce.

    Raises:
        Refused: with what the monitor of outbound messages shows.
    """
    sent = readable(question.chain)
    if len(sent) < len(question.chain):
        raise Refused(_SAID, "unparsable", question.chain[0])
    question.note("what is trusted is Salesforce's own list of public roots, not a store of yours")
    roots = [one for one in readable(question.store) if self_signed(one)]
    path = _path(sent, roots)
    problem = date_problem(path, question.at) or extension_problem(path)
    if problem is not None:
        raise Refused(_SAID, problem.rule, problem.one.certificate)
    if question.host is not None and not names_host(sent[0], question.host):
        raise Refused(_SAID, "host-name", sent[0].certificate)
    return [one.certificate for one in path]


def _path(sent: list[Seen], roots: list[Seen]) -> list[Seen]:
    for index, one in enumerate(sent):
        if one in roots:
            if index == 0:
                return [one]
            break
        root = next(
            (root for root in roots if root.subject == one.issuer and signed_by(one, root)), None
        )
        if root is not None:
            return [*sent[: index + 1], root]
        if index + 1 < len(sent) and not (
            sent[index + 1].subject == one.issuer and signed_by(one, sent[index + 1])
        ):
            raise Refused(_SAID, "wrong-order", sent[index + 1].certificate)
    last = sent[-1]
    raise Refused(_SAID, "no-path", last.certificate)
