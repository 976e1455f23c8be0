"""Killing a process at every system call of an action, to see what it leaves behind.

The action is any callable. It runs in a forked child in which the functions of ``os`` that
reach the file system (and ``fcntl.flock``) are counted; at the chosen one the child kills
itself with SIGKILL: before the call, after it, or, for a write, when half of the bytes are
written. Nothing is undone, flushed or closed: what the parent finds is what a power button,
an OOM killer or ``kill -9`` leaves (short of what the disk loses without fsync).

::

    for moment in moments(action):          # every one; or CHANGES only
        prepare()
        assert killed_at(action, moment.call, moment.how)
        check()

`command` makes an action of a whole command line. `strace_kill` does the same to a real
process from outside, without our counting.
"""

from __future__ import annotations

import builtins
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

How = Literal["before", "middle", "after"]
Action = Callable[[], object]

CHANGES = frozenset(
    {
        *("open", "builtins.open", "write", "pwrite", "writev", "truncate", "ftruncate"),
        *("fsync", "fdatasync", "link", "symlink", "unlink", "remove", "rename", "replace"),
        *("mkdir", "rmdir", "chmod", "fchmod", "lchmod", "chown", "fchown", "lchown", "utime"),
        *("setxattr", "removexattr", "sendfile", "copy_file_range", "posix_fallocate"),
    }
)
"""Calls after which the disk may differ."""

LOOKS = frozenset(
    {
        *("close", "read", "pread", "lseek", "stat", "lstat", "fstat", "statvfs", "access"),
        *("listdir", "scandir", "readlink", "getxattr", "listxattr", "flock"),
    }
)
"""Calls that only look: a kill there tests what was done so far once more."""


class Moment(NamedTuple):
    """Where to kill: the number of the call, its name, and before, in or after it."""

    call: int
    name: str
    how: How


class Failed(AssertionError):
    """The action raised; the text is its traceback."""


def calls(action: Action) -> list[str]:
    """The names of the calls the action makes, in order. It runs to its end, in a child."""
    status, said = _child(action, None, "before")
    assert status == 0, (status, said)
    return said.split()


def points(action: Action) -> int:
    """The number of calls the action makes; `killed_at` takes 1 to this."""
    return len(calls(action))


def moments(action: Action, *, only_changes: bool = False) -> Iterator[Moment]:
    """Every place to kill it at. The action is run once, in a child, to find them.

    With `only_changes`, the places between which the disk can differ: before every
    changing call, in the middle of every write, and after the last.
    """
    names = calls(action)
    last = max((n for n, name in enumerate(names, 1) if name in CHANGES), default=0)
    for number, name in enumerate(names, 1):
        if only_changes and name not in CHANGES:
            continue
        yield Moment(number, name, "before")
        if name == "write":
            yield Moment(number, name, "middle")
        if number == last or not only_changes:
            yield Moment(number, name, "after")


def killed_at(action: Action, number: int, how: How = "before") -> bool:
    """Run the action in a child and kill it at its call of that number, counted from 1.

    "middle" is for ``os.write``: half of the bytes are written; for other calls it is "before".

    Returns:
        True when it was killed, False when it ended before it came so far.

    Raises:
        Failed: the action raised something.
    """
    status, _said = _child(action, number, how)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, status
        return True
    return False


def command(*words: str, status: Sequence[int] = (0,)) -> Action:
    """The action that runs a whole command line of storekeeper, its output thrown away."""

    def action() -> None:
        from storekeeper import cli

        with (
            open(os.devnull, "w", encoding="utf-8") as nowhere,
            contextlib.redirect_stdout(nowhere),
            contextlib.redirect_stderr(nowhere),
        ):
            found = cli.main(words)
        assert found in status, f"{' '.join(words)}: exit status {found}"

    return action


class _Raised(NamedTuple):
    error: BaseException
    after: bool


def raising_at(action: Action, number: int, error: BaseException, *, after: bool = False) -> None:
    """Run the action in a child in which its call of that number raises the error instead.

    With `after`, the call does its work and then raises: as a KeyboardInterrupt may. A close
    always does, as a real one does that fails.

    Raises:
        Failed: the action let out an exception, this one or another.
    """
    status, said = _child(action, number, _Raised(error, after))
    assert status == 0, (status, said)


def in_child(action: Action) -> None:
    """Run the action in a forked child, to its end: as another user, with limits of its own.

    Raises:
        Failed: with the traceback of what it raised.
    """
    status, said = _child(action, None, "before")
    assert status == 0, (status, said)


def can_strace() -> bool:
    """Whether strace is here and may trace."""
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-qq", "true"], capture_output=True).returncode == 0


def strace_kill(argv: Sequence[str], call: str, number: int) -> bool:
    """Run a command under strace, killed when it enters its n-th system call of that name.

    Args:
        argv: for a storekeeper command, ``[sys.executable, "-m", "storekeeper", ...]``.
        call: as strace spells it: "write", "fsync", "rename", "/^link" for a pattern.

    Returns:
        True when it was killed, False when it ended well first.
    """
    inject = f"inject={call}:signal=KILL:when={number}"
    result = subprocess.run(
        ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={call}", "-e", inject, *argv],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if result.returncode == -signal.SIGKILL:
        return True
    assert result.returncode == 0, (argv, call, number, result.returncode, result.stderr)
    return False


def _child(action: Action, number: int | None, how: How | _Raised) -> tuple[int, str]:
    """Its wait status, and what it said: the names of its calls."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # about fork beside threads
        child = os.fork()
    if child == 0:
        _run(action, number, how, reading, writing)
    os.close(writing)
    with open(reading, encoding="utf-8", errors="replace") as pipe:
        said = pipe.read()
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise Failed(said)
    return status, said


def _run(
    action: Action, number: int | None, how: How | _Raised, reading: int, writing: int
) -> None:
    """The child's life; it never returns."""
    write, leave = os.write, os._exit
    text, status = "", 1
    try:
        os.close(reading)
        names = _count_calls(number, how)
        action()
        text, status = " ".join(names), 0
    except BaseException:  # noqa: BLE001  # whatever it is, the parent is told
        text = traceback.format_exc()
    finally:
        data = text.encode()
        while data:
            data = data[write(writing, data) :]
        leave(status)


def _count_calls(number: int | None, how: How | _Raised) -> list[str]:
    """Wrap what reaches the file system; gives the list that fills with names."""
    seen: list[str] = []
    kill, own, write = os.kill, os.getpid(), os.write

    def die() -> None:
        kill(own, signal.SIGKILL)

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            seen.append(name)
            if len(seen) != number:
                return real(*args, **options)
            if isinstance(how, _Raised):
                if how.after or name == "close":
                    real(*args, **options)
                raise how.error
            if how == "middle" and name == "write":
                data = memoryview(args[1])
                write(args[0], data[: len(data) // 2])
            if how != "after":
                die()
            try:
                return real(*args, **options)
            finally:
                die()

        return call

    for name in sorted(CHANGES | LOOKS):
        if hasattr(os, name):
            real = getattr(os, name)
            double = wrapped(name, real)
            setattr(os, name, double)
            for known in (os.supports_follow_symlinks, os.supports_effective_ids, os.supports_fd):
                if real in known:
                    known.add(double)
    setattr(fcntl, "flock", wrapped("flock", fcntl.flock))  # noqa: B010
    setattr(builtins, "open", wrapped("builtins.open", builtins.open))  # noqa: B010
    return seen
