"""Apache httpd judging the certificates of clients.

OpenSSL with the purpose of clients, and ``SSLVerifyDepth``: how many certificates may stand
above the client's own, the root counted (1 by default: those its CA issued itself).
"""

from __future__ import annotations

import re

from ...errors import UsageError
from . import openssl
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from .table import Question

# Its number in the log was AH02039 before.
_FAILED = "AH02276: Certificate Verification: Error "


def judge(question: Question) -> list[Certificate]:
    """The trusted path of a question about Apache.

    Raises:
        Refused: with the line of the error log.
        UsageError: an option has a value it can't have.
    """
    asked = question.asked
    found = re.fullmatch(r"([0-9])\.([0-9]{1,2})", asked.options.get("openssl", "3.0"))
    if found is None:
        raise UsageError(f"expected openssl=VERSION, found {asked.options['openssl']!r}")
    version = int(found[1]), int(found[2])
    depth = asked.number("SSLVerifyDepth", 1)
    question.host = None
    parameters = openssl.Parameters(
        version, question.at, purpose="sslclient", level=2 if version >= (3, 2) else 1
    )
    numbers: list[str] = []
    note, question.note = question.note, numbers.append
    try:
        path = openssl.trusted_path(question, parameters)
    except Refused as refused:
        number = numbers[0].split()[1] if numbers else ""
        said = f"{_FAILED}({number}): {refused.message}"
        raise Refused(said, refused.rule, refused.certificate) from None
    finally:
        question.note = note
    if len(path) - 1 > depth:
        raise Refused(
            f"AH02040: Certificate Verification: Certificate Chain too long (chain has "
            f"{len(path) - 1} certificates, but maximum allowed are only {depth})",
            "path-depth",
            path[-1],
        )
    return path
