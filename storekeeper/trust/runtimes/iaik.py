"""webMethods Integration Server with the Entrust (IAIK) library: documented, not measured.

An empty trust store trusts everybody while ``trustByDefault`` is true, as it is by default;
extensions are looked at only with ``enforceExtensionsChecks``.
"""

from __future__ import annotations

from .builder import PathBuilder, date_problem, extension_problem, readable
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from .table import Question

_REJECTED = "Server certificate rejected by ChainVerifier"
_VERIFIER = "watt.security.cert.wmChainVerifier."


def judge(question: Question) -> list[Certificate]:
    """The trusted path of a question about IAIK.

    Raises:
        Refused: with the line that its debugging output has.
        GaveUp: the search for a path found no end.
    """
    asked = question.asked
    sent, store = readable(question.chain), readable(question.store)
    if len(sent) < len(question.chain):
        raise Refused(_REJECTED, "unparsable", question.chain[0])
    question.note("IAIK speaks TLS 1.0 at most: a server of today is reached with JSSE")
    if question.host is not None:
        question.note("nothing is documented of a comparison of host names")
    if not store:
        by_default = f"{_VERIFIER}trustByDefault"
        if by_default not in asked.options or asked.switch(by_default):
            question.say("the trust store is empty, and trustByDefault is true")
            question.note("an empty trust store trusts every server")
            return [question.chain[0]]
        raise Refused(_REJECTED, "no-anchors", question.chain[0])
    rule, culprit = "no-path", sent[-1]
    for path in PathBuilder(store, sent[1:]).paths(sent[0]):
        problem = None
        if not asked.switch("watt.security.ssl.ignoreExpiredChains"):
            problem = date_problem(path, question.at)
        if problem is None and asked.switch(f"{_VERIFIER}enforceExtensionsChecks"):
            problem = extension_problem(path)
        if problem is None:
            return [one.certificate for one in path]
        rule, culprit = problem.rule, problem.one
    raise Refused(_REJECTED, rule, culprit.certificate)
