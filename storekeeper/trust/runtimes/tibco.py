"""TIBCO BusinessWorks 5: documented, not measured.

Each certificate above the server's own, up to and with the root, must be in the folder of
trusted certificates; the server's own need not be, and does not help.
"""

from __future__ import annotations

from .builder import (
    PathBuilder,
    as_far_as_known,
    date_problem,
    extension_problem,
    readable,
    self_signed,
)
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from .seen import Seen
    from .table import Question


def judge(question: Question) -> list[Certificate]:
    """The trusted path of a question about BusinessWorks.

    Raises:
        Refused: with the message that is documented for an untrusted issuer, or none.
        GaveUp: the search for a path found no end.
    """
    sent, folder = readable(question.chain), readable(question.store)
    if len(sent) < len(question.chain):
        raise Refused("", "unparsable", question.chain[0])
    question.note("of its messages only that for an untrusted issuer is documented")
    question.note("dates, CA flags and signatures are judged as RFC 5280 says, not as documented")
    leaf = sent[0]
    roots = {one: None for one in folder if self_signed(one)}
    builder = PathBuilder(roots, [one for one in folder if one not in roots and one != leaf])
    for path in builder.paths(leaf):
        problem = date_problem(path, question.at) or extension_problem(path)
        if problem is not None:
            raise Refused("", problem.rule, problem.one.certificate)
        if question.asked.switch("verify_host_name") and question.host is not None:
            _check_host(leaf, question.host)
        return [one.certificate for one in path]
    one = _untrusted(sent, set(folder))
    raise Refused(
        f"CA certificate with issuer {one.facts.issuer.rfc4514()} is not a trusted certificate",
        "untrusted-issuer",
        one.certificate,
    )


def _untrusted(sent: list[Seen], folder: set[Seen]) -> Seen:
    """The first above the server's own that is not in the folder, as far as it is known."""
    path = as_far_as_known(sent[0], [*folder, *sent[1:]])
    return next((one for one in path[1:] if one not in folder), path[-1])


def _check_host(leaf: Seen, host: str) -> None:
    names = {name.value.lower() for name in leaf.facts.subject_alt_names if name.kind == "dns"}
    names.add((leaf.facts.subject.common_name or "").lower())
    if host.lower() not in names:
        raise Refused("", "host-name", leaf.certificate)
