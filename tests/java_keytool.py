"""keytool inside `java_worker`: many times faster than a process for each run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jpype

from tests.java_values import Request, java, to_bytes, to_java, to_text


def keytool(request: Request) -> str:
    """What keytool prints on both streams for ``args``; its exception when it fails."""
    printed = java("java.io.ByteArrayOutputStream")()
    _run(request["args"], b"", printed, printed)
    return to_text(printed.toString("UTF-8")) or ""


def keytool_ended(request: Request) -> list[Any]:
    """Exit status, standard output and standard error of keytool for ``args`` and ``input``."""
    out, err = (java("java.io.ByteArrayOutputStream")() for _ in range(2))
    try:
        status = _run(request["args"], request["input"], out, err)
    except jpype.JException as problem:
        status = 1
        if "NO BIG ERROR" in str(problem.getMessage()):
            out.reset()  # it ends after its help, and a process says no more
    return [status, to_bytes(out.toByteArray()), to_bytes(err.toByteArray())]


def _run(words: list[str], given: bytes, out: Any, err: Any) -> int:
    """Run keytool; its exit status, or the exception it fails with.

    Where it would end the JVM it throws if ``debug`` is set, but that changes what it prints. So
    it is set when keytool has said that it fails, which is just before it looks.
    """
    main = java("java.lang.Class").forName("sun.security.tools.keytool.Main")
    maker = main.getDeclaredConstructor()
    run = next(one for one in main.getDeclaredMethods() if str(one.getName()) == "run")
    debug = main.getDeclaredField("debug")
    for one in (maker, run, debug):
        one.setAccessible(True)
    tool = maker.newInstance()

    def overheard(to: Any, word: bytes) -> Any:
        channel = _Overheard(to, word, lambda: debug.setBoolean(tool, True))
        proxy = jpype.JProxy("java.nio.channels.WritableByteChannel", inst=channel)
        return _print_stream(java("java.nio.channels.Channels").newOutputStream(proxy))

    system = java("java.lang.System")
    before = system.in_, system.out, system.err
    array = jpype.JArray(java("java.lang.String"))([to_java(word) for word in words])
    arguments = jpype.JArray(java("java.lang.Object"))([array, _print_stream(out)])
    system.setIn(java("java.io.ByteArrayInputStream")(given))
    system.setOut(overheard(out, b"keytool error: "))
    system.setErr(overheard(err, b"--help"))
    try:
        ended = run.invoke(tool, arguments)
    except jpype.JException as problem:
        raise (problem.getCause() or problem) from None
    finally:
        system.setIn(before[0])
        system.setOut(before[1])
        system.setErr(before[2])
    return 0 if ended is None else int(ended.intValue())


def _print_stream(to: Any) -> Any:
    return java("java.io.PrintStream")(to, True, "UTF-8")


class _Overheard:
    """A ``WritableByteChannel`` that hands on what is written, and calls back at a word."""

    def __init__(self, to: Any, word: bytes, heard: Callable[[], None]) -> None:
        self._to, self._word, self._heard = to, word, heard

    def write(self, buffer: Any) -> int:
        written = jpype.JArray(jpype.JByte)(int(buffer.remaining()))
        buffer.get(written)
        self._to.write(written)
        if self._word in bytes(written):
            self._heard()
        return len(written)

    def isOpen(self) -> bool:  # noqa: N802 - the name in Java
        return True

    def close(self) -> None:
        """Nothing is held."""
