"""The side of the tests of a JVM in a process of its own, asked over a pipe."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypedDict, cast

from tests.java_pipe import decode_bytes, encode_bytes

_FOREIGN_OPTIONS = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")


class JavaError(Exception):
    """An exception thrown in Java."""

    def __init__(self, text: str, causes: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.java_class, _, self.message = text.partition(": ")
        self.causes = list(causes)


class WorkerError(Exception):
    """The worker died, hung, or did not understand the request."""


class Entry(TypedDict):
    """An entry of a store as Java sees it.

    ``key`` is None for trusted entries, when not unsealed, and when ``key_error``
    says why the key did not open.
    """

    alias: str
    kind: str
    created_ms: int | None
    chain: list[bytes]
    certificate_type: str | None
    key: bytes | None
    key_algorithm: str | None
    key_format: str | None
    key_class: str | None
    key_error: str | None


class Store(TypedDict):
    """A store as Java sees it, its entries in the order of ``aliases()``."""

    type: str
    entries: list[Entry]


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a JVM: UTF-8, and without options meant for other JVMs."""
    kept = {name: value for name, value in os.environ.items() if name not in _FOREIGN_OPTIONS}
    return kept | {"LC_ALL": "C.UTF-8"} | dict(extra or {})


class JavaWorker:
    """A JVM in a process of its own, asked over a pipe; see ``java_worker.py``.

    It starts with the first call, and again with the next one after a crash.
    """

    def __init__(self, library: Path, options: Sequence[str]) -> None:
        self._command = [
            *(sys.executable, "-P", "-m", "tests.java_worker"),
            str(library),
            *options,
        ]
        self._process: subprocess.Popen[bytes] | None = None
        self._stderr: IO[bytes]
        atexit.register(self.close)

    def call(self, op: str, *, timeout: float = 120, **request: Any) -> Any:
        """Send one request and give its result; bytes go in and out as bytes.

        Raises `JavaError` for an exception in Java, `WorkerError` for anything else.
        """
        line = json.dumps({"op": op, **request}, default=encode_bytes).encode("ascii") + b"\n"
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        started = time.monotonic()
        timer = threading.Timer(timeout, process.kill)
        timer.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            reply = process.stdout.readline()
        except OSError:
            reply = b""
        except BaseException:  # or the next request would be given this one's answer
            process.kill()
            self._end(process)
            raise
        finally:
            timer.cancel()
        if not reply.endswith(b"\n"):
            late = time.monotonic() - started >= timeout
            what = f"no answer in {timeout:g} s" if late else "the worker died"
            raise WorkerError(f"{op}: {what}\n{self._end(process)}".strip())
        answer = json.loads(reply, object_hook=decode_bytes)
        if answer["ok"]:
            return answer["result"]
        if answer.get("worker"):
            raise WorkerError(f"{op}: {answer['error']}")
        raise JavaError(answer["error"], answer["causes"])

    def load(
        self,
        data: bytes,
        storepass: str | None,
        type: str | None = None,
        *,
        unseal: bool = True,
        **options: Any,
    ) -> Store:
        """What Java finds in a store; without a type Java probes for it.

        Keys are opened with the store's password, or with ``keypass=``: one password
        or a dict by alias.  ``props=`` and ``security=`` set properties for this call.
        """
        result = self.call(
            "load", data=data, storepass=storepass, type=type, unseal=unseal, **options
        )
        return cast(Store, result)

    def store(
        self,
        type: str,
        storepass: str | None,
        entries: Sequence[Mapping[str, Any]],
        **options: Any,
    ) -> bytes:
        """A store as Java writes it.

        An entry has ``alias``, ``kind`` and, by kind: trusted ``chain`` (one
        certificate); private ``chain``, ``key`` (PKCS#8) and perhaps
        ``key_algorithm``; secret ``key`` and ``key_algorithm`` (``factory=True`` for
        the provider's own key class) or ``password`` alone, as ``keytool -importpass``
        stores it.  ``keypass`` defaults to the store's password.
        """
        result = self.call("store", type=type, storepass=storepass, entries=entries, **options)
        return cast(bytes, result)

    def keytool(self, *args: str | os.PathLike[str]) -> str:
        """What keytool prints on both streams; `JavaError` when it fails."""
        return cast(str, self.call("keytool", args=[os.fspath(arg) for arg in args]))

    def keytool_ended(
        self, *args: str | os.PathLike[str], input: bytes = b""
    ) -> tuple[int, bytes, bytes]:
        """How keytool ends: status, standard output and standard error, as of a process.

        Only in the traces of ``-v`` another caller stands; `test_jvm` compares.
        """
        words = [os.fspath(arg) for arg in args]
        status, out, err = self.call("keytool_ended", timeout=300, args=words, input=input)
        return status, out, err

    def close(self) -> None:
        """End the process, if it runs."""
        if self._process is not None:
            self._end(self._process)

    def _end(self, process: subprocess.Popen[bytes]) -> str:
        """Wait until the process is gone; gives what it said on standard error."""
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = None
        with contextlib.suppress(OSError):
            process.stdin.close()  # the end of its input ends the worker
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        with self._stderr as stderr:
            stderr.seek(0)
            return stderr.read().decode("utf-8", "replace").strip()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            # Not a pipe: nobody reads it until something is wrong, so it would fill up.
            self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=environment({"PYTHONPATH": str(Path(__file__).parent.parent)}),
            )
        return self._process
