"""The runtimes other than Java whose verdicts are known: what each is called, its options, and
how what is said of it was proved.

A runtime is named as in ``openssl3``, ``openssl1.1``, ``python3.13``, ``go1.23``; options follow
after commas, as in ``openssl3,partial_chain,seclevel=2``.
"""

from __future__ import annotations

import re

from ...errors import StorekeeperError, UsageError
from ...frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...model import Certificate


class Runtime(Frozen):
    """One runtime.

    Attributes:
        name: what names of it begin with.
        title: what it is.
        module: file in this room; its ``judge`` takes a `Question`.
        options: what may follow the name, each with its meaning.
        version: taken when the name has none.
        measured: versions that answer our cases alike, verdict and message; () for none.
        proof: how that was proved, in words.
        sources: where its rules are described.
    """

    name: str
    title: str
    module: str
    options: dict[str, str]
    version: tuple[int, int]
    measured: tuple[tuple[int, int], ...]
    proof: str
    sources: tuple[str, ...]


class Asked(Frozen):
    """A runtime as somebody named it.

    Attributes:
        runtime: which.
        version: (3, 0).
        options: as given; a switch is "".
    """

    runtime: Runtime
    version: tuple[int, int]
    options: dict[str, str]

    @property
    def name(self) -> str:
        """As in ``openssl3.0,partial_chain``."""
        number = ".".join(map(str, self.version)) if self.version != (0, 0) else ""
        given = "".join(f",{key}={value}" if value else f",{key}" for key, value in
                        self.options.items())  # fmt: skip
        return f"{self.runtime.name}{number}{given}"

    @property
    def note(self) -> str:
        """What limits an answer; "" where it was measured for this version."""
        if self.version in self.runtime.measured:
            return ""
        sources = "; ".join(self.runtime.sources)
        if self.runtime.measured:
            known = ", ".join(f"{major}.{minor}" for major, minor in self.runtime.measured)
            return f"this version was not measured ({known} were); {sources}"
        return f"documented, not measured: {sources}"

    def switch(self, option: str) -> bool:
        """Whether a switch is set.

        Raises:
            UsageError: its value is no yes or no.
        """
        value = self.options.get(option)
        if value is None:
            return False
        if value.lower() in ("", "1", "yes", "true", "on"):
            return True
        if value.lower() in ("0", "no", "false", "off"):
            return False
        raise UsageError(f"expected {option}=yes or {option}=no, found {value!r}")

    def number(self, option: str, default: int) -> int:
        """The value of an option, at most six digits.

        Raises:
            UsageError: it is no number.
        """
        value = self.options.get(option)
        if value is None:
            return default
        if re.fullmatch("[0-9]{1,6}", value) is None:
            raise UsageError(f"expected {option}=NUMBER, found {value!r}")
        return int(value)


class Question:
    """What a runtime is asked.

    Attributes:
        chain: as sent, the server's certificate first.
        store: what is trusted.
        host: the name to identify the server by, or None.
        at: seconds since 1970 UTC.
        asked: the runtime and its options.
        say: takes each step of the walk.
        note: takes what limits the answer.
    """

    __slots__ = ("asked", "at", "chain", "host", "note", "say", "store")

    def __init__(
        self,
        chain: list[Certificate],
        store: list[Certificate],
        host: str | None,
        at: int,
        asked: Asked,
        say: Callable[[str], None],
        note: Callable[[str], None],
    ) -> None:
        self.chain = chain
        self.store = store
        self.host = host
        self.at = at
        self.asked = asked
        self.say = say
        self.note = note


_LEVEL = "security level, 0 to 5; by default that of TLS, `openssl verify` has 0"

RUNTIMES = (
    Runtime(
        "openssl",
        "OpenSSL as a TLS client",
        "openssl",
        {
            "partial_chain": "whatever is in the store is trusted, root or not",
            "strict": "X509_V_FLAG_X509_STRICT",
            "depth": "intermediates at most, 100 by default",
            "purpose": "sslserver, sslclient or any",
            "seclevel": _LEVEL,
            "no_partial_wildcards": "a*.example.net is no wildcard",
            "no_common_name": "the common name is never looked at",
        },
        (3, 0),
        ((1, 1), (3, 0), (3, 5)),
        "X509_verify_cert of libcrypto 1.1.1w, 3.0.19 and 3.5.4: every verdict, error number, "
        "depth and text equal in twelve settings, over hand-made cases, random worlds and names",
        ("openssl-verification-options(1)", "X509_check_host(3)", "SSL_CTX_set_security_level(3)"),
    ),
    Runtime(
        "python",
        "Python's ssl.create_default_context()",
        "python_ssl",
        {
            "openssl": "version of the OpenSSL it was built with, 3.0 by default",
            "seclevel": "security level of its ciphers, 2 by default",
            "no_common_name": "hostname_checks_common_name = False, as urllib3 2 sets it",
        },
        (3, 13),
        ((3, 11), (3, 12), (3, 13)),
        "handshakes of CPython 3.11 in memory, with the flags of 3.13 and without; and "
        "X509_verify_cert with the same flags",
        ("docs.python.org: ssl.create_default_context", "ssl.SSLContext.verify_flags"),
    ),
    Runtime(
        "go",
        "Go's crypto/tls and crypto/x509",
        "go",
        {},
        (1, 23),
        ((1, 19), (1, 23), (1, 27)),
        "Certificate.Verify as crypto/tls calls it, of Go 1.19.8, 1.23.9 and 1.27.3: "
        "every verdict, error and path equal",
        ("pkg.go.dev/crypto/x509#Certificate.Verify", "go.dev/doc/devel/release"),
    ),
    Runtime(
        "gnutls",
        "GnuTLS as a TLS client",
        "gnutls",
        {},
        (3, 7),
        ((3, 7),),
        "gnutls_x509_trust_list_verify_crt2 of GnuTLS 3.7.9: every verdict and text equal",
        ("gnutls.org manual: Verifying X.509 certificate paths",),
    ),
    Runtime(
        "dotnet",
        ".NET and SChannel on Windows",
        "dotnet",
        {"custom_root_trust": "X509ChainTrustMode.CustomRootTrust: the store is what is trusted"},
        (0, 0),
        (),
        "",
        (
            "learn.microsoft.com: X509ChainPolicy.TrustMode, X509ChainStatusFlags",
            "learn.microsoft.com: SslStream troubleshooting (intermediate certificates)",
        ),
    ),
    Runtime(
        "tibco-bw",
        "TIBCO BusinessWorks 5",
        "tibco",
        {"verify_host_name": "the switch of that name"},
        (0, 0),
        (),
        "",
        ("TIBCO KB0086162: certificate trust behavior in BW 5",),
    ),
    Runtime(
        "webmethods-iaik",
        "webMethods Integration Server with Entrust IAIK",
        "iaik",
        {
            "watt.security.cert.wmChainVerifier.trustByDefault": "true by default",
            "watt.security.cert.wmChainVerifier.enforceExtensionsChecks": "false by default",
            "watt.security.ssl.ignoreExpiredChains": "false by default",
        },
        (0, 0),
        (),
        "",
        (
            "webMethods Integration Server Administrator's Guide: watt.security properties",
            "Software AG knowledge base: troubleshooting SSL/TLS in Integration Server",
        ),
    ),
    Runtime(
        "webmethods-jsse",
        "webMethods Integration Server with JSSE",
        "java_based",
        {"java": "release of its JVM, java11 by default"},
        (0, 0),
        (),
        "",
        ("Software AG knowledge base: troubleshooting SSL/TLS in Integration Server",),
    ),
    Runtime(
        "salesforce",
        "Salesforce callouts and outbound messages",
        "salesforce",
        {},
        (0, 0),
        (),
        "",
        (
            "Salesforce developer forum: peer not authenticated",
            "developer.salesforce.com: Outbound Messaging SSL CA Certificates",
        ),
    ),
    Runtime(
        "apache",
        "Apache httpd judging client certificates (mod_ssl)",
        "apache",
        {"SSLVerifyDepth": "1 by default", "openssl": "version of its OpenSSL, 3.0 by default"},
        (0, 0),
        ((0, 0),),
        "Apache 2.4.71 with OpenSSL 3.0: who is let in, and the line of its log where there is one "
        "reason, for eleven chains, six stores and depths from 0 to 3",
        ("httpd.apache.org: SSLVerifyDepth, SSLCACertificateFile",),
    ),
    Runtime(
        "finesse",
        "Cisco Finesse and UCCX, gadgets from other servers",
        "java_based",
        {"java": "release of its JVM, java8 by default"},
        (0, 0),
        (),
        "",
        ("Cisco: Troubleshoot Finesse error SSLPeerUnverifiedException",
         "Oracle: JDK providers, SunMSCAPI"),
    ),
)  # fmt: skip


def find(name: str) -> Asked | None:
    """The runtime a name stands for; None when it is none of these.

    Raises:
        UsageError: the runtime has no such option.
    """
    word, *given = name.split(",")
    word = word.strip().lower()
    for runtime in RUNTIMES:
        if not word.startswith(runtime.name):
            continue
        found = re.fullmatch(r"-?(?:([0-9]{1,2})(?:\.([0-9]{1,3}))?(?:\.[0-9a-z]{1,4})*)?",
                             word[len(runtime.name) :])  # fmt: skip
        if found is None:
            continue
        version = runtime.version
        if found[1] is not None:
            least = (int(found[1]), int(found[2] or 0))
            version = least if found[2] or least[0] != version[0] else version
        options = {}
        for part in given:
            key, _, value = part.strip().partition("=")
            if key not in runtime.options:
                known = ", ".join(runtime.options) or "none"
                raise UsageError(
                    f"expected an option of {runtime.name}, found {key!r}",
                    hint=f"its options are: {known}",
                )
            options[key] = value
        return Asked(runtime, version, options)
    return None


def judge(question: Question) -> list[Certificate]:
    """The trusted path, leaf first, as the runtime asked for finds it.

    Raises:
        Refused: with the runtime's message.
        GaveUp: a search was not finished, or a part of a certificate can't be read.
        UsageError: an option has a value it can't have.
    """
    from importlib import import_module

    from .refusal import GaveUp

    module: Any = import_module(f".{question.asked.runtime.module}", __package__)
    try:
        path: list[Certificate] = module.judge(question)
    except UsageError:
        raise
    except StorekeeperError as problem:
        # A part that nobody had to read before.
        gave_up = GaveUp(f"a certificate can't be read: {problem.message}")
        gave_up.rule = "unreadable"
        raise gave_up from None
    return path
