"""Stack traces of Java and .NET with their causes, in lines of their own or in one.

Only what has to do with TLS, certificates, stores or the network is taken: tickets are full of
other exceptions.
"""

from __future__ import annotations

import re

from . import messages_known
from .values import Cause, Evidence, Failure, Program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .text import Text

_KIND = r"(?:[A-Za-z_][\w$]{0,80}[./]){1,12}[A-Z][\w$]{0,80}(?:Exception|Error|Fault)"
_THROWN = re.compile(rf"(?<![\w$.@/])({_KIND})(?![\w$.])(?:: ?|(?=\s|$))")
_FRAME = re.compile(r"\s{0,40}at [\w$.<>/@ -]{1,300}\(")
_INLINE_FRAME = re.compile(r"\s(?:at [\w$.<>/@-]{3,300}\((?:[\w$]{1,80}\.java|Native|Unknown))")
_CAUSED = re.compile(r"\s{0,40}(?:Caused by|Wrapped by|Suppressed): ")
_INNER = re.compile(r"\s{0,40}-{3}> ")
_MORE = re.compile(r"\s{0,40}(?:\.\.\. \d{1,6} (?:more|common frames omitted)|--- End of)")
_VERSION = re.compile(r"\[(?:na|\?):(1\.\d(?:\.\d{1,3})?(?:_\d{1,4})?|\d{1,2}(?:\.\d{1,4}){1,4})\]")
_PYTHON = ("ssl.", "requests.", "urllib3.", "aiohttp.", "httpx.", "httpcore.")
_LONGEST_LINE = 32_768
_MOST_FRAMES = 5_000
_MOST_CAUSES = 50
_LONGEST_MESSAGE = 4_096
_OURS = re.compile(
    r"(?i)ssl|tls|cert|security|keystore|crypto|java\.net\.|iaik|authentication|handshake|pkix"
    r"|socket|webexception|httprequest"
)


def read(text: Text) -> Iterator[Evidence]:
    """Failures, and the Java that frames name."""
    lines = text.lines
    at = 1
    while at < len(lines):
        line = lines[at][:_LONGEST_LINE]
        found = None
        if at not in text.claimed and ("Exception" in line or "Error" in line or "Fault" in line):
            found = _THROWN.search(line)
        if found is None or _FRAME.match(line):
            at += 1
            continue
        begin = at
        chain = _inline(line[found.start() :])
        at += 1
        at, version = _follow(lines, at, chain)
        version = version or _version(line)
        if version:
            yield Program(text.place(begin), "java", version)
        if any(_relevant(cause) for cause in chain):
            for number in range(begin, at):
                text.claimed.add(number)
            outer = chain[0]
            failure = Failure(
                text.place(begin), outer.kind, outer.message, tuple(chain[1:]), _stack(chain)
            )
            yield failure
            yield from messages_known.told(failure)


def _follow(lines: list[str], at: int, chain: list[Cause]) -> tuple[int, str]:
    """(the line behind a trace, the Java it names); the causes in it are added."""
    version = ""
    for _ in range(_MOST_FRAMES):
        if at >= len(lines):
            break
        line = lines[at][:_LONGEST_LINE]
        if marked := _CAUSED.match(line) or _INNER.match(line):
            chain += _inline(line[marked.end() :])[: _MOST_CAUSES - len(chain)]
        elif not (_FRAME.match(line) or _MORE.match(line)):
            # JSSE's log puts an exception in a block, a frame behind the other.
            break
        version = version or _version(line)
        at += 1
    return at, version


def _inline(text: str) -> list[Cause]:
    """The exceptions of a line that begins with one."""
    found: list[Cause] = []
    for part in re.split(r"\s?(?:Caused by: |-{3}> )", text)[:_MOST_CAUSES]:
        named = _THROWN.match(part)
        if named is None and found:
            found[-1] = Cause(found[-1].kind, found[-1].message)
            continue
        kind = named[1] if named else ""
        message = part[named.end() :] if named else part
        if frame := _INLINE_FRAME.search(message):
            message = message[: frame.start()]
        message = re.sub(r" \(\s*$", "", message).strip()[:_LONGEST_MESSAGE]
        # A frame without a message stands behind the class at once.
        if message.startswith("at ") and "(" in message:
            message = ""
        found.append(Cause(kind, messages_known.tidy(message.removesuffix("}"))))
    return found


def _version(line: str) -> str:
    found = _VERSION.search(line)
    return found[1] if found else ""


def _relevant(cause: Cause) -> bool:
    if _OURS.search(cause.kind):
        return True
    return messages_known.known(cause.message)


def _stack(chain: list[Cause]) -> str:
    for cause in chain:
        if cause.kind.startswith(("System.", "Microsoft.")):
            return "dotnet"
        if cause.kind.startswith(
            ("ssl.", "requests.", "urllib3.", "aiohttp.", "httpx.", "httpcore.")
        ):
            return "python"
        if cause.kind.startswith("iaik."):
            return "iaik"
    if any("_ssl.c:" in cause.message for cause in chain):
        return "python"
    return "java"
