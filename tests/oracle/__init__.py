"""Java's trust managers and handshakes, asked by the thousand.

`TrustOracle.java` is run by a JVM of its own from ``trust-oracle.jar``, made with

    javac --release 11 -g:none TrustOracle.java && jar --create --file trust-oracle.jar *.class

because a trust manager looks at an `SSLEngine`, which only a Java class can stand in for.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import struct
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.java_client import environment
from tests.jvm import Jvm

HERE = Path(__file__).parent
PROTOCOLS = ("TLSv1.3", "TLSv1.2")


class Answer:
    """What Java said.

    Attributes:
        word: "accept", "reject", "unparsable" (of a chain, before any manager), "failure".
        exceptions: "class: message" from the outermost to the root cause.
    """

    def __init__(self, lines: list[str]) -> None:
        self.word, *self.exceptions = lines

    @property
    def accepts(self) -> bool:
        assert self.word != "failure", self.exceptions
        return self.word == "accept"

    @property
    def message(self) -> str:
        """The outermost exception's, "" where it accepts."""
        return self.exceptions[0].partition(": ")[2] if self.exceptions else ""

    def __repr__(self) -> str:
        return f"{self.word} {self.exceptions}"


class Oracle:
    """A JVM that judges; started at the first question.

    Attributes:
        program: the jar beside this file, and its class.

    Args:
        jvm: which.
        options: more of its own, such as ``-Dname=value`` for what it reads only once.
    """

    program = ("trust-oracle.jar", "TrustOracle")

    def __init__(self, jvm: Jvm, *options: str) -> None:
        self.jvm = jvm
        self.options = options

    @functools.cached_property
    def _process(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [
                str(self.jvm.home / "bin" / "java"),
                *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx512m"),
                *("-Duser.language=en", "-Duser.timezone=UTC", "-Dfile.encoding=UTF-8"),
                "--add-opens=java.base/sun.security.ssl=ALL-UNNAMED",
                "--add-opens=java.base/sun.security.validator=ALL-UNNAMED",
                *self.options,
                *("-cp", str(HERE / self.program[0]), self.program[1]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        atexit.register(self.close)
        return process

    def close(self) -> None:
        """End the JVM."""
        if "_process" in self.__dict__:
            process = self.__dict__.pop("_process")
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()
            process.kill()
            process.wait()

    def ask(self, op: str, fields: Iterable[tuple[str, bytes | str]]) -> Answer:
        """One question, fields as `TrustOracle.java` tells."""
        pairs = [("op", op), *fields]
        parts = [struct.pack(">i", len(pairs))]
        for name, value in pairs:
            data = value.encode() if isinstance(value, str) else value
            word = name.encode()
            parts += [struct.pack(">H", len(word)), word, struct.pack(">i", len(data)), data]
        process = self._process
        assert process.stdin is not None
        process.stdin.write(b"".join(parts))
        process.stdin.flush()
        (count,) = struct.unpack(">i", self._read(4))
        lines = []
        for _ in range(count):
            (length,) = struct.unpack(">i", self._read(4))
            lines.append(self._read(length).decode("utf-8", "replace"))
        return Answer(lines)

    def _read(self, count: int) -> bytes:
        assert self._process.stdout is not None
        found = self._process.stdout.read(count)
        assert len(found) == count, f"the oracle of {self.jvm} died"
        return found

    problem = Answer(["failure", "no handshake was tried"])
    """What the first handshake that failed said, when that of a protocol did."""

    @functools.cached_property
    def schemes(self) -> Mapping[str, tuple[str, ...]]:
        """The signature algorithms of a client's handshake, by protocol, from real handshakes."""
        from tests import pki

        found = {}
        problems = []
        for protocol in PROTOCOLS:
            for kind in ("EC", "RSA"):  # settings may forbid one of them
                certificate, key = pki.oracle_identity(kind)
                answer = self.ask(
                    "schemes",
                    [
                        *(("chain", certificate), ("key", key)),
                        *(("keyalg", kind), ("protocol", protocol)),
                    ],
                )
                if answer.word == "schemes":
                    found[protocol] = tuple(answer.exceptions)
                    break
                problems.append(answer)
        if problems:
            self.problem = problems[0]
        return found

    def judge(
        self,
        chain: Iterable[bytes],
        anchors: Iterable[bytes],
        *,
        host: str | None = None,
        manager: str = "PKIX",
        protocol: str = "TLSv1.3",
        at: int | None = None,
        more: Mapping[str, str] | None = None,
        fields: Iterable[tuple[str, bytes | str]] = (),
    ) -> Answer:
        """What the trust manager says of a server's chain; ``at`` in seconds."""
        if protocol not in self.schemes:
            return self.problem
        asked: list[tuple[str, bytes | str]] = [("chain", one) for one in chain]
        asked += [("anchor", one) for one in anchors]
        asked += [("manager", manager), ("protocol", protocol)]
        if host is not None:
            asked += [("host", host), ("endpoint", "HTTPS")]
        if at is not None:
            asked.append(("at", str(at * 1000)))
        asked += list((more or {}).items())
        return self.ask("manager", [*asked, *fields])
