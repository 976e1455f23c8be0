"""OpenSSL as a TLS client (or server): the verdict of X509_verify_cert on a chain.

Source: X509_verify_cert(3), openssl-verification-options(1), SSL_CTX_set_security_level(3).
Measured: libcrypto 1.1.1w, 3.0.19 and 3.5.4 answer the same cases, error for error.
"""

from __future__ import annotations

from ...errors import StorekeeperError, UsageError
from ...frozen import Frozen
from . import openssl_build, openssl_checks, openssl_names, openssl_words
from .openssl_build import Failed, Trusted
from .openssl_seen import view
from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ...model import Certificate
    from .openssl_seen import View
    from .table import Question


class Parameters(Frozen):
    """An X509_VERIFY_PARAM.

    Attributes:
        version: (1, 1), (3, 0), (3, 5).
        at: the instant, seconds since 1970 UTC.
        partial_chain: X509_V_FLAG_PARTIAL_CHAIN: anything in the store is trusted.
        strict: X509_V_FLAG_X509_STRICT.
        depth: intermediates at most (SSL_CTX_set_verify_depth; Apache's SSLVerifyDepth).
        purpose: "sslserver", "sslclient" or "any".
        level: security level, 0 to 5.
        partial_wildcards: "a*.example.net" is a wildcard.
        common_name: the common name counts where there is no dNSName.
    """

    version: tuple[int, int]
    at: int
    partial_chain: bool = False
    strict: bool = False
    depth: int = 100
    purpose: str = "sslserver"
    level: int = 0
    partial_wildcards: bool = True
    common_name: bool = True


def judge(question: Question) -> list[Certificate]:
    """The trusted path of a question about OpenSSL.

    Raises:
        Refused: with the words of X509_verify_cert_error_string.
        UsageError: an option has a value it can't have.
    """
    asked = question.asked
    purpose = asked.options.get("purpose", "sslserver")
    if purpose not in ("sslserver", "sslclient", "any"):
        raise UsageError(f"expected purpose sslserver, sslclient or any, found {purpose!r}")
    parameters = Parameters(
        asked.version,
        question.at,
        partial_chain=asked.switch("partial_chain"),
        strict=asked.switch("strict"),
        depth=asked.number("depth", 100),
        purpose=purpose,
        level=asked.number("seclevel", 2 if asked.version >= (3, 2) else 1),
        partial_wildcards=not asked.switch("no_partial_wildcards"),
        common_name=not asked.switch("no_common_name"),
    )
    return trusted_path(question, parameters)


def trusted_path(question: Question, parameters: Parameters) -> list[Certificate]:
    """The trusted path, by given parameters.

    Raises:
        Refused: with the words of X509_verify_cert_error_string.
    """
    for one in question.chain:
        try:
            view(one)
        except StorekeeperError as problem:
            question.say(f"a certificate can't be read: {problem.message}")
            raise Refused("cannot parse a certificate", "unparsable", one) from None
    try:
        path = verify(question.chain, question.store, question.host, parameters, question.say)
    except Failed as failed:
        number, words = openssl_words.said(failed.number, parameters.version)
        name = openssl_words.name_of(failed.number)
        question.note(f"error {number} (X509_V_ERR_{name}) at depth {failed.depth}")
        rule = openssl_words.rule_of(failed.number)
        raise Refused(words, rule, failed.one.certificate) from None
    return [one.certificate for one in path]


def verify(
    chain: Sequence[Certificate],
    store: Iterable[Certificate],
    host: str | None,
    parameters: Parameters,
    say: Callable[[str], None],
) -> list[View]:
    """The chain that X509_verify_cert builds and trusts, of certificates that can be read.

    Raises:
        Failed: with the error and its depth.
    """
    sent = [view(one) for one in chain]
    openssl_checks.check_leaf_key(sent[0], parameters)
    built = openssl_build.build(sent, Trusted(store), parameters, say)
    openssl_checks.check_extensions(built, parameters)
    openssl_checks.check_strength(built, parameters)
    if host:
        _check_host(built.path[0], host, parameters)
    if not built.path[0].kind and parameters.version >= (3, 0):
        raise Failed(1, 0, built.path[0])
    openssl_checks.check_signatures(built, parameters)
    openssl_checks.check_constraints(built, parameters)
    return built.path


def _check_host(leaf: View, host: str, parameters: Parameters) -> None:
    address = openssl_names.address(host, parameters.version)
    if address is not None:
        if not openssl_names.matches_address(leaf, address):
            raise Failed(64, 0, leaf)
    elif not openssl_names.matches_host(
        leaf, host, partial=parameters.partial_wildcards, common_name=parameters.common_name
    ):
        raise Failed(62, 0, leaf)
