"""Python's ssl module, as `ssl.create_default_context` sets it up.

Since 3.13 that is with VERIFY_X509_PARTIAL_CHAIN and VERIFY_X509_STRICT; the ciphers of
CPython carry security level 2 since 3.10; wildcards stand for whole labels since 3.7.
The common name still counts where there is no dNSName, unless the application sets
`hostname_checks_common_name` (urllib3 2 does). Source: the documentation of the ssl module
("What's new in Python 3.7", 3.10 and 3.13), OpenSSL's as in `openssl`.
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

_FAILED = "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "


def judge(question: Question) -> list[Certificate]:
    """The trusted path of a question about Python.

    Raises:
        Refused: with the message of the SSLCertVerificationError, less the line of C in it, or
            of the ValueError of a host that is none.
        UsageError: an option has a value it can't have.
    """
    asked = question.asked
    version = asked.options.get("openssl", "3.0")
    found = re.fullmatch(r"([0-9])\.([0-9]{1,2})(?:\.[0-9a-z]+)?", version)
    if found is None:
        raise UsageError(f"expected openssl=VERSION such as 3.0, found {version!r}")
    strict = asked.version >= (3, 13)
    library = (int(found[1]), int(found[2]))
    default = 2 if asked.version >= (3, 10) or library >= (3, 2) else 1
    parameters = openssl.Parameters(
        library,
        question.at,
        partial_chain=strict,
        strict=strict,
        level=asked.number("seclevel", default),
        partial_wildcards=False,
        common_name=not asked.switch("no_common_name"),
    )
    said = question.host
    question.host = _encoded(said)
    try:
        return openssl.trusted_path(question, parameters)
    except Refused as refused:
        words = refused.message
        if refused.rule == "host-name" and words.startswith("IP"):
            words = f"IP address mismatch, certificate is not valid for '{question.host}'."
        elif refused.rule == "host-name":
            words = f"Hostname mismatch, certificate is not valid for '{question.host}'."
        raise Refused(_FAILED + words, refused.rule, refused.certificate) from None


def _encoded(host: str | None) -> str | None:
    if host is None:
        return None
    if not host or host.startswith("."):
        raise Refused(
            "server_hostname cannot be an empty string or start with a leading dot.", "illegal-host"
        )
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Refused(f"{error}", "illegal-host") from None
