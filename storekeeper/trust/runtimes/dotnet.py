""".NET (SslStream, HttpClient) on SChannel: documented, not measured.

A chain ends at a self-signed certificate of the root store; what else is in the store helps to
build it, and so does what the authority information access of a certificate names,
which Windows fetches. Dates are checked up to the root.
"""

from __future__ import annotations

from .builder import (
    PathBuilder,
    as_far_as_known,
    date_problem,
    extension_problem,
    names_host,
    readable,
    self_signed,
)
from .refusal import GaveUp, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from .builder import Problem
    from .table import Question

_CHAIN = "The remote certificate is invalid because of errors in the certificate chain: "
_POLICY = "The remote certificate is invalid according to the validation procedure: "
_FLAGS = {
    "expired": "NotTimeValid",
    "not-yet-valid": "NotTimeValid",
    "not-a-ca": "InvalidBasicConstraints",
    "path-length": "InvalidBasicConstraints",
    "ca-key-usage": "NotValidForUsage",
    "key-usage": "NotValidForUsage",
    "extended-key-usage": "NotValidForUsage",
    "critical-extension": "HasNotSupportedCriticalExtension",
}


def judge(question: Question) -> list[Certificate]:
    """The trusted path of a question about .NET.

    Raises:
        Refused: with the message of the AuthenticationException.
        GaveUp: Windows would fetch a certificate, and that decides.
    """
    sent = readable(question.chain)
    if len(sent) < len(question.chain):
        raise Refused(_CHAIN + "PartialChain", "unparsable", question.chain[0])
    store = readable(question.store)
    if question.asked.switch("custom_root_trust"):
        question.note("self-signed certificates of the store are roots, the others only help")
    else:
        question.note(
            "for the store that is meant, Windows has its root store and its intermediates"
        )
    roots = {one: None for one in store if self_signed(one)}
    builder = PathBuilder(roots, [*sent[1:], *(one for one in store if one not in roots)])
    problem: Problem | None = None
    for path in builder.paths(sent[0]):
        found = date_problem(path, question.at) or extension_problem(path)
        if found is None:
            if question.host is not None and not names_host(sent[0], question.host):
                raise Refused(
                    _POLICY + "RemoteCertificateNameMismatch", "host-name", sent[0].certificate
                )
            return [one.certificate for one in path]
        problem = problem or found
    if problem is not None:
        flag = _FLAGS[problem.rule]
        raise Refused(_CHAIN + flag, problem.rule, problem.one.certificate)
    last = as_far_as_known(sent[0], [*store, *sent[1:]])[-1]
    if self_signed(last):
        raise Refused(_CHAIN + "UntrustedRoot", "no-path", last.certificate)
    urls = last.facts.ca_issuer_urls
    if urls:
        gave_up = GaveUp(
            f"Windows would fetch {urls[0]} to find the issuer of {last.name}, and that decides"
        )
        gave_up.rule = "aia-unasked"
        raise gave_up
    raise Refused(_CHAIN + "PartialChain", "no-path", last.certificate)
