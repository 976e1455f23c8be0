"""Who is connected to: a host, or what people have instead, an error text or a log."""

from __future__ import annotations

import os
import re

from ..errors import InputError, StorekeeperError, UsageError
from ..frozen import Frozen, replace
from .layout import folded
from .question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..doctor.gathered import Gathered
    from .talk import Talk

__all__ = ["Named", "problem_of", "server"]

_LONGEST = 2_000_000
_TRIES = 6


class Named(Frozen):
    """What was said about the other side.

    Attributes:
        server: as `tls.target.target` takes it; "" where only evidence is there.
        gathered: evidence, None without.
        path: the file it came from, "" for a pasted text.
    """

    server: str
    gathered: Gathered | None = None
    path: str = ""


def server(talk: Talk, *, evidence: bool = True, known: tuple[tuple[str, str], ...] = ()) -> Named:
    """Ask for the server; evidence can name it, and stand for it where it holds a chain.

    Args:
        talk: the conversation.
        evidence: an error or a log is an answer, too.
        known: (message, what it means) of the product it is about.

    Raises:
        UsageError: nobody is there, and the evidence names no server.
        InputError: nobody is there, and the evidence can't be read.
    """
    found: Named | None = None
    text = talk.ask(_question("host", None, evidence=evidence))
    for attempt in range(2, _TRIES + 1):
        if not evidence or not _is_evidence(text):
            break
        try:
            found = _read(talk, text)
        except InputError as error:
            if not talk.person:
                raise
            talk.tell(*folded(error.message, "  ", "    "))
            talk.tell(*folded(error.hint, "  ", "    "))
            _tell_known(talk, text, known)
            text = talk.ask(_question(f"host-{attempt}", None, evidence=True))
            continue
        _tell(talk, found)
        _tell_known(talk, text, known)
        if not talk.person:
            return _unattended(found)
        chain = bool(found.gathered and found.gathered.chain)
        text = talk.ask(_again(attempt, found, chain=chain))
        if not text and chain:
            return found
    if found is None:
        return Named(text.strip())
    return Named(text.strip(), found.gathered, found.path)


def _tell_known(talk: Talk, text: str, known: tuple[tuple[str, str], ...]) -> None:
    """What the product's own documentation says of a message."""
    path = os.path.expanduser(text)
    if os.path.isfile(path):
        from ..host.files import read_file

        try:
            text = read_file(path)[:_LONGEST].decode("utf-8", "replace")
        except InputError:
            return
    folded_text = " ".join(text.split()).lower()
    for message, means in known:
        if " ".join(message.split()).lower() in folded_text:
            talk.tell("", *folded(f'of this product, "{message}" means:', "  ", "  "))
            talk.tell(*folded(means, "    ", "    "))


def _unattended(found: Named) -> Named:
    """What evidence alone leads to.

    Raises:
        UsageError: neither a server nor its chain.
    """
    assert found.gathered is not None
    if found.gathered.chain:
        return found
    if not found.gathered.host:
        raise UsageError(
            "neither the server nor what it sends is in the evidence",
            hint="name the server: --host HOST:PORT",
            path=found.path or None,
        )
    return replace(found, server=found.gathered.host)


def _again(attempt: int, found: Named, *, chain: bool) -> Question:
    """Which server to ask, after evidence was read."""
    assert found.gathered is not None
    named = found.gathered.host
    question = _question(f"host-{attempt}", named, evidence=True)
    if not chain:
        return question
    return replace(
        question,
        text="Which server shall be asked? (Enter: none, by this chain)",
        default="",
        help="What was read holds the certificates the server sent, and they can be judged "
        "without it. Name the server to have it asked now.",
        check=lambda text: problem_of(text, evidence=True) if text else "",
    )


def _question(id: str, default: str | None, *, evidence: bool) -> Question:
    first = id == "host"
    what = " (Or paste the error, or name a log file)" if evidence and first else ""
    return Question(
        id,
        f"Which server?{what}",
        "text",
        "--host",
        "HOST or HOST:PORT or a URL, as the program is told it: api.example.com, "
        "api.example.com:8443, smtp://mail.example.com. Without a port it is 443."
        + (
            " Or paste what the program printed, a stack trace for instance, or name a file: a "
            "log with javax.net.debug, the output of openssl s_client, a packet capture. What is "
            "in it names the server."
            if evidence
            else ""
        ),
        default=default or None,
        check=lambda text: problem_of(text, evidence=evidence),
        several_lines=evidence,
    )


def _is_evidence(text: str) -> bool:
    """Whether it is a text or a file, and no server's name."""
    if re.search(r"\s", text.strip()):
        return True
    return os.path.isfile(os.path.expanduser(text)) and "://" not in text


def problem_of(text: str, *, evidence: bool = False) -> str:
    """What is wrong with an answer, or ""."""
    from ..tls.target import target

    if not text.strip():
        return "an answer is needed"
    if evidence and _is_evidence(text):
        return "" if len(text) <= _LONGEST else "that is more text than an error has"
    if text.startswith(("/", "./", "../", "~")):
        return f"there is no file {os.path.expanduser(text)}"
    try:
        target(text)
    except StorekeeperError as error:
        return f"{error.message}; {error.hint}" if error.hint else error.message
    return ""


def _read(talk: Talk, text: str) -> Named:
    from ..doctor.gathered import gather
    from ..host.files import read_file
    from ..tls.evidence import read

    path = os.path.expanduser(text)
    is_file = os.path.isfile(path)

    def look() -> Gathered:
        data = read_file(path) if is_file else text.encode("utf-8", "replace")
        found = gather(read(data, path if is_file else "what was pasted"))
        if not found.host:
            found.expect_something()
        return found

    doing = f"reading {path} ..." if is_file else "reading what was pasted ..."
    found = talk.once("evidence", (text,), look, doing)
    return Named("", found, path if is_file else "")


def _tell(talk: Talk, found: Named) -> None:
    """What evidence says, in plain words."""
    from ..doctor import consult
    from ..doctor.values import Case

    gathered = found.gathered
    assert gathered is not None
    case = Case(gathered.host or "the server", gathered.runtime or "java17", gathered.at or talk.at)
    try:
        diagnoses = consult.read(case, gathered).diagnoses
    except InputError:  # a name, and nothing else
        diagnoses = ()
    if not diagnoses:
        talk.tell("  nothing in it says what went wrong")
    for one in diagnoses:
        talk.tell("", *folded(one.what, "  ", "    "))
        for proof in one.proofs[:2]:
            talk.tell(*folded(proof, "    ", "      "))
    if gathered.host:
        talk.tell("", f"  the server was {gathered.host}")
    else:
        talk.tell("", "  it does not name the server")
