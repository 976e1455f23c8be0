"""What a server's application is asked first, and what its answer says of client certificates.

A server may ask for a certificate, go on without one, and leave the refusal to what is behind
it: nginx to a page, Postfix to its first reply, PostgreSQL to pg_hba.conf, Dovecot to the login.
So one thing is asked that changes nothing. No user is named and no password given; mailboxes
are asked to begin a login, which is given up at once.

Sources: RFC 9110, RFC 5321, RFC 9051, RFC 5034, RFC 5804, PostgreSQL's "Message Formats"; the
answers are those of nginx 1.22, Apache 2.4, Postfix 3.7, Dovecot 2.3 and PostgreSQL 15.
"""

from __future__ import annotations

import re

from ..frozen import Frozen
from .greetings import words
from .starttls_lines import OWN_NAME

_REPLY = rb"(?m)^[0-9]{3} .*\n"
_IMAP = rb"(?m)^(A1|\+|\* (OK|PREAUTH|BYE)) .*\n"
_POP3 = rb"(?m)^(\+|-ERR).*\n"
_SIEVE = rb'(?mi)^(OK|NO|BYE|"").*\n'
_BACKEND = rb"(?s)^[A-Z].{4}"
_MISSED = re.compile(
    rb"client certificate|(no required|valid) ssl certificate|certificate required", re.IGNORECASE
)
_NGINX_ERROR = b"The SSL certificate error"


class Question(Frozen):
    """What an application is asked.

    Attributes:
        application: "http", "smtp", ...
        steps: bytes, each after the answer to the one before; b"" only waits for a greeting.
        ends: a regular expression of bytes: where it matches, an answer is whole.
        bye: what is said at the end.
        always: asked also where no certificate was: the server may want one for this alone.
    """

    application: str
    steps: tuple[bytes, ...]
    ends: bytes = rb"(?!)"
    bye: bytes = b""
    always: bool = False


def question(
    application: str, *, host: str = "", path: str = "/", greets: bool = False
) -> Question | None:
    """The question for an application; None for one that is not spoken here.

    Args:
        application: as `target.Target.application`.
        host: for HTTP, with its port where that is not 443.
        path: for HTTP, as `target.path_of` gives it.
        greets: whether the server speaks first under TLS, as it does where TLS began at once.
    """
    if application == "http":
        text = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: storekeeper\r\n"
            "Accept: */*\r\nConnection: close\r\n\r\n"
        )
        return Question("http", (text.encode("ascii"),), always=True)
    if application == "postgres":
        start = (196_608).to_bytes(4, "big") + b"user\0storekeeper\0database\0postgres\0\0"
        return Question(
            application, ((len(start) + 4).to_bytes(4, "big") + start,), _BACKEND, b"X\0\0\0\4"
        )
    found = {
        "smtp": (f"EHLO {OWN_NAME}", _REPLY, "QUIT"),
        "lmtp": (f"LHLO {OWN_NAME}", _REPLY, "QUIT"),
        "imap": ("A1 AUTHENTICATE PLAIN", _IMAP, "*\r\nA2 LOGOUT"),
        "pop3": ("AUTH PLAIN", _POP3, "*\r\nQUIT"),
        "sieve": ('AUTHENTICATE "PLAIN"', _SIEVE, '"*"\r\nLOGOUT'),
    }.get(application)
    if found is None:
        return None
    line, ends, bye = found
    # ManageSieve tells its capabilities anew after STARTTLS (RFC 5804 section 2.2).
    greeting = (b"",) if greets or application == "sieve" else ()
    return Question(application, (*greeting, f"{line}\r\n".encode()), ends, f"{bye}\r\n".encode())


def refusal(application: str, answer: bytes) -> str:
    """The words with which an application misses a client certificate; "" when it does not."""
    if application == "http":
        status, _, body = answer.partition(b"\n")
        wrong = re.match(rb"HTTP/[0-9.]+ (40[013]|49[56])", status) is not None
        missed = _MISSED.search(body[:8192]) if wrong and _NGINX_ERROR not in answer else None
        if missed is None:
            return ""
        line = body[body.rfind(b"\n", 0, missed.start()) + 1 :].partition(b"\n")[0]
        return words(re.sub(rb"<[^>]*>", b" ", line)) or words(status)
    wrong = re.match(rb"[45][0-9]{2}|E\0|A1 (NO|BAD)|\* BYE|-ERR|NO", answer) is not None
    return first_words(application, answer) if wrong and _MISSED.search(answer) else ""


def dislikes(application: str, answer: bytes) -> bool:
    """Whether it says that the certificate it got is no good."""
    return application == "http" and _NGINX_ERROR in answer


def first_words(application: str, answer: bytes) -> str:
    """The beginning of an answer, for people."""
    if application == "postgres":
        fields = answer[5:].split(b"\0") if answer[:1] == b"E" else []
        return words(next((one[1:] for one in fields if one[:1] == b"M"), b""))
    return words(answer.partition(b"\n")[0])


__all__ = ["Question", "dislikes", "first_words", "question", "refusal"]
