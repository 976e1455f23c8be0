"""The command line as a process: bad input, streams, terminals, time and memory.

What commands print is in tests/scripts.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.inside import key_store, trusted_store
from storekeeper import cli
from storekeeper.errors import StorekeeperError
from storekeeper.trust.sources import open_source
from tests import clock
from tests.command_line import COMMAND, ENVIRONMENT, FILES, run
from tests.real_roots import pem_certificates

STORES = (
    "trust-keytool17.jks",
    "identity-openssl3.p12",
    "renamed-keytool17.p12",
    "chain.pem",
    "leaf.der",
    "leaf.key",
)


# --- bad input -------------------------------------------------------------------------

BAD = {
    "empty": ("empty.jks", 4, "the file is empty"),
    "missing": ("nosuch.jks", 4, "no such file"),
    "cut-jks": (
        "truncated.jks",
        4,
        r"trusted entry 2: .*expected 402 bytes, 16 are left \(at byte",
    ),
    "page": ("page.cer", 4, "a web page"),
    "many-entries": ("entries-2-31.jks", 4, r"2147483648 entries, the limit is 1000000"),
    "four-gib": ("four-gib.jks", 4, r"expected 4294967295 bytes, 0 are left \(at byte 38\)"),
    "hostile-mac": ("hostile-mac.p12", 4, "2147483647 iterations, at most 2700000"),
}


@pytest.mark.parametrize("command", ["list", "show", "diff"])
@pytest.mark.parametrize("case", BAD)
def test_bad_input(
    case: str, command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Names the file, what was expected and found; a hint; the status; the file untouched."""
    name, status, message = BAD[case]
    path = tmp_path / name
    before = None
    if (FILES / name).exists():
        shutil.copyfile(FILES / name, path)
        os.utime(path, ns=(1, 1_600_000_000_000_000_007))
        before = path.read_bytes(), path.stat().st_mtime_ns
    words = [command, str(path)] + ["temurin-17"] * (command == "diff")
    started = time.process_time()
    assert cli.main(words) == status
    taken = time.process_time() - started
    said = capsys.readouterr()
    assert re.search(f"^storekeeper: error: {re.escape(str(path))}: .*{message}", said.err)
    assert re.search(r"^hint: [a-z].*[^.]$", said.err, re.MULTILINE)
    assert said.out == ""
    assert clock.units(taken) < 100
    if before:
        assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == ([path] if before else [])


def cuts(name: str) -> Iterator[bytes]:
    data = (FILES / name).read_bytes()
    return (data[:at] for at in range(len(data)))


@pytest.mark.parametrize("name", STORES)
def test_cut_at_every_byte(name: str, tmp_path: Path) -> None:
    """An error with a hint, never a traceback; PEM may lose whole certificates and go on."""
    path = tmp_path / name
    whole = open_source(str(FILES / name))
    wholes = 0
    for data in cuts(name):
        path.write_bytes(data)
        problem, found = None, None
        try:
            found = open_source(str(path))
        except StorekeeperError as error:
            problem = error
        if problem is not None:
            assert problem.exit_status in (3, 4), data[-20:]
            assert problem.hint, str(problem)
            assert problem.path == str(path)
        else:
            assert name.endswith((".pem", ".key")), f"{len(data)} bytes pass for the whole"
            wholes += found == whole
    assert wholes <= len("-----END CERTIFICATE-----\n")


def test_a_wrong_password_is_not_repeated(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASS", "hunter2hunter2")
    for store in ("identity-openssl3.p12", "trust-keytool17.jks"):
        assert cli.main(["list", str(FILES / store), "--storepass", "env:PASS"]) == 3
        said = capsys.readouterr()
        assert "wrong password, or the file was changed" in said.err
        assert "came from environment variable PASS" in said.err
        assert "hunter2" not in said.err + said.out


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Without root's rights, where the tests have them."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("directory", [False, True], ids=["file", "directory"])
def test_no_permission(directory: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "secret.jks"
        if directory:
            path.mkdir()
        else:
            path.write_bytes((FILES / "trust-keytool17.jks").read_bytes())
        path.chmod(0)
        # What is imported when it is needed may lie where nobody can't look.
        import_module("storekeeper.trust.trees")
        with as_nobody():
            assert cli.main(["list", str(path)]) == 4
        path.chmod(0o700)
    said = capsys.readouterr().err
    assert re.search(f"^storekeeper: error: {re.escape(str(path))}: .*permi", said), said
    assert "\nhint: " in said


def test_a_limit_on_iterations_can_be_lifted_and_lowered() -> None:
    store = FILES / "identity-openssl3.p12"
    assert cli.main(["list", str(store), "--max-iterations", "100"]) == 4
    assert cli.main(["list", str(store), "--max-iterations", "100000"]) == 0


# --- time and memory ---------------------------------------------------------------------


def certificate() -> bytes:
    """A root of a size roots have."""
    import certifi

    return pem_certificates(Path(certifi.where()).read_bytes())[3]


# A process inherits the peak of the one it was forked from, so a small one has to fork.
_MEASURE = """
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                     file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, used = os.wait4(pid, 0)
assert status == 0, status
print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
"""


def cost(*words: str | Path) -> tuple[float, int]:
    """CPU seconds and peak memory in bytes of a whole command, its output thrown away."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _MEASURE, *COMMAND, *map(str, words)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=True,
    )
    cpu, peak = done.stdout.split()
    return float(cpu), int(peak)


@pytest.mark.parametrize(
    "output",
    [
        ("--json",),
        *(pytest.param(one, marks=pytest.mark.slow) for one in ((), ("--csv",), ("--rfc",))),
    ],
    ids=str,
)
@pytest.mark.parametrize("count", [20_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_memory_of_a_large_store(count: int, output: tuple[str, ...], tmp_path: Path) -> None:
    """Below four times the file, beside the 30 MiB the program itself may take."""
    path = tmp_path / "large.jks"
    path.write_bytes(trusted_store(certificate(), count))
    _, peak = cost("list", path, *output)
    assert peak < 4 * path.stat().st_size + 30 * 1024 * 1024


@pytest.mark.slow
@pytest.mark.parametrize("output", [(), ("--json",)], ids=str)
def test_time_is_linear(output: tuple[str, ...], tmp_path: Path) -> None:
    per_entry = []
    start, _ = cost("sources")
    for count in (10_000, 100_000):
        path = tmp_path / f"{count}.jks"
        path.write_bytes(trusted_store(certificate(), count))
        per_entry.append((min(cost("list", path, *output)[0] for _ in range(2)) - start) / count)
    # The smaller one is read twice: its digest is tried with the default password.
    assert per_entry[1] < 1.5 * per_entry[0]


def test_keys_are_listed_without_opening_them(tmp_path: Path) -> None:
    """Their protection is rubbish: whoever tried to open one would say so."""
    path = tmp_path / "keys.jks"
    path.write_bytes(key_store(certificate(), 2_000)[0])
    cpu, _ = cost("list", path)
    done = run("list", path)
    assert done.stdout.count(b"\nkey ") == 2_000
    assert cpu < 5


def test_ten_thousand_entries_as_json(tmp_path: Path) -> None:
    path = tmp_path / "large.jks"
    path.write_bytes(trusted_store(certificate(), 10_000))
    (store,) = json.loads(run("list", path, "--json").stdout)["stores"]
    assert len(store["entries"]) == 10_000
    assert store["entries"][-1]["alias"] == "entry-009999"
    assert len({entry["sha256"] for entry in store["entries"]}) == 10_000


# --- words of other tools ------------------------------------------------------------------


def test_options_keep_keytools_words() -> None:
    flags = {flag for name in cli.COMMANDS for flag in cli.options_of(name)._option_string_actions}
    assert {"--alias", "--storepass", "--rfc", "--json", "-j"} <= flags


def test_every_store_after_the_first_begins_after_a_blank_line() -> None:
    shown = run("list", "root.pem", "leaf.der").stdout.decode()
    assert shown.count("\n\n") == 1
    assert "\n\nleaf.der: DER" in shown
