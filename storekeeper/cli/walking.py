"""Walking through the steps of the doctor: each is asked about, and done when it is agreed to."""

from __future__ import annotations

import sys

from . import voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from ..doctor.values import Consultation, Step

_MENDS = frozenset({"import", "convert", "delete", "client"})
_GIVES = frozenset({"export", "chain"})
_MARKS = "|>"


class Walk:
    """What was asked about already; a question is put once."""

    def __init__(self) -> None:
        self._asked: set[Step] = set()

    def on(self, found: Consultation, args: Namespace) -> bool:
        """Go on to the first step that a person agrees to; False where none is left.

        A step that makes a file for the server's side is done, and the walk goes on from there:
        nothing is mended by it yet.
        """
        for diagnosis in found.diagnoses:
            for step in diagnosis.steps:
                lines = [_parts(line) for line in step.commands]
                if step in self._asked or not lines or not all(lines):
                    continue
                self._asked.add(step)
                if not voice.agreed(f"{step.what}: do it?"):
                    continue
                if not all(_carried_out(line) for line in lines):
                    continue
                if all(line[-1][0] == ">" for line in lines):
                    voice.note(f"{lines[-1][-1][1]} is for who runs the server")
                    continue
                _follow(lines, args)
                return True
        return False


def _parts(line: str) -> list[list[str]]:
    """A command line as words, at most one command behind another or a file; [] for any other.

    Only commands of ours are carried out: the last changes a store, or has its output written
    to a file, which comes as [">", name].
    """
    import shlex

    lexer = shlex.shlex(line, posix=True, punctuation_chars=_MARKS)
    lexer.whitespace_split = True
    found: list[list[str]] = [[]]
    for word in lexer:
        if word in ("|", ">"):
            found.append([word] if word == ">" else [])
        else:
            found[-1].append(word)
    *before, last = found
    if len(found) > 2 or any(word in ("FILE", "NAME", "STORE", "HOST") for word in line.split()):
        return []
    if not all(_ours(words, _GIVES) for words in before):
        return []
    if last[:1] == [">"]:
        return found if len(last) == 2 else []
    return found if _ours(last, _MENDS) else []


def _ours(words: list[str], verbs: frozenset[str]) -> bool:
    return words[:1] == ["storekeeper"] and len(words) > 1 and words[1] in verbs


def _carried_out(parts: list[list[str]]) -> bool:
    """Whether a line of commands came to a good end."""
    from . import main

    *before, last = parts
    if not before:
        return main(last[1:]) == 0
    data = _output(before[0][1:])
    if data is None:
        return False
    if last[0] == ">":
        return _written(last[1], data)
    return _with_input(data, last[1:])


def _output(words: list[str]) -> bytes | None:
    """What a command of ours prints; None where it fails."""
    import contextlib
    import io

    from . import main

    taken = io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n", write_through=True)
    with contextlib.redirect_stdout(taken):
        status = main(words)
    taken.flush()
    return taken.detach().getvalue() if status == 0 else None


def _with_input(data: bytes, words: list[str]) -> bool:
    import io

    from . import main

    kept = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(data), "utf-8")
    try:
        return main(words) == 0
    finally:
        sys.stdin = kept


def _written(name: str, data: bytes) -> bool:
    from ..change import outputs
    from ..errors import StorekeeperError
    from ..report import exports

    try:
        files = outputs.check([outputs.Product("", data)], file=name)
        voice.said(outputs.write(files))
    except StorekeeperError as error:
        voice.warn(str(error))
        return False
    for line in exports.lines(files, looking=False):
        voice.note(line.rstrip())
    return True


def _follow(lines: list[list[list[str]]], args: Namespace) -> None:
    """A keystore that was built is the client's from now on."""
    for words in (line[-1] for line in lines):
        if words[1] == "client" and "-o" in words:
            args.identity = words[words.index("-o") + 1]
