"""Changing stores: storekeeper against keytool and its peers, each run on a fresh copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.measure import Cost, once
from tests import jvm, pki

Prepare = Callable[[], object]


class Timed:
    """A command and what has to be put in place before each run of it."""

    def __init__(self, command: Sequence[str | Path], prepare: Prepare = lambda: None) -> None:
        self.command = [str(word) for word in command]
        self.prepare = prepare


def fresh(original: Path, copy: Path) -> Prepare:
    """Puts the copy back to what the original is, and forgets its backups."""

    def prepare() -> None:
        for leftover in copy.parent.glob(f"{copy.name}*"):
            leftover.unlink()
        shutil.copy(original, copy)

    return prepare


def in_turns(commands: Mapping[str, Timed], env: Mapping[str, str], rounds: int) -> dict[str, Cost]:
    """The cost of each, run round by round; the first round only warms caches."""
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, timed in commands.items():
            timed.prepare()
            run = once(timed.command, env)
            if turn:
                runs[name].append(run)
    return {name: Cost(measured) for name, measured in runs.items()}


def bundle(path: Path, count: int) -> Path:
    """A PEM file of so many root certificates, as large as those of a cacerts (1.1 KB)."""
    key = pki.key("benchmark")
    with path.open("wb") as file:
        for number in range(count):
            file.write(pki.pem("CERTIFICATE", _root(f"Benchmark CA {number}", key)))
    return path


def _root(subject: str, key: pki.AnyKey) -> bytes:
    from datetime import UTC, datetime

    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    filling = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.99"), bytes(700))
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(filling, critical=False)
        .sign(key, SHA256())
        .public_bytes(Encoding.DER)
    )


def environment(folder: Path) -> dict[str, str]:
    env = dict(os.environ, XDG_STATE_HOME=str(folder / "state"))
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    return env


def costs(folder: Path, ours: str, rounds: int) -> dict[str, Cost]:
    """One import and a hundred, into copies of cacerts as JKS and as PKCS12."""
    java = jvm.by_major(17)
    stores = {"JKS": folder / "cacerts.jks", "PKCS12": folder / "cacerts.p12"}
    stores["JKS"].write_bytes(java.cacerts.read_bytes())
    java.keytool(
        *("-importkeystore", "-noprompt", "-srckeystore", stores["JKS"]),
        *("-destkeystore", stores["PKCS12"], "-deststoretype", "PKCS12"),
        *("-srcstorepass", "changeit", "-deststorepass", "changeit"),
    )
    one, hundred = bundle(folder / "one.pem", 1), bundle(folder / "hundred.pem", 100)
    commands: dict[str, Timed] = {}
    for type, store in stores.items():
        copy = folder / f"copy-{type}"
        prepare = fresh(store, copy)
        password = ("--storepass", "pass:changeit", "--quiet")
        commands[f"storekeeper import, 1 certificate, {type}"] = Timed(
            [ours, "import", copy, one, *password], prepare
        )
        commands[f"storekeeper import, 100 certificates, {type}"] = Timed(
            [ours, "import", copy, hundred, *password], prepare
        )
        for found in jvm.jvms():
            commands[f"keytool {found.major} -importcert, {type}"] = Timed(
                [
                    *(found.home / "bin" / "keytool", "-importcert", "-noprompt"),
                    *("-alias", "benchmark", "-file", one),
                    *("-keystore", copy, "-storepass", "changeit"),
                ],
                prepare,
            )
    return in_turns(commands, environment(folder), rounds)


def ten_thousand(folder: Path, ours: str) -> tuple[float, float, float]:
    """Importing 10,000 certificates in one go.

    Returns:
        milliseconds a thousand of 2,000 and of 10,000 takes, and peak memory beyond the
        interpreter's in sizes of the file written.
    """
    env = environment(folder)
    large = bundle(folder / "large.pem", 10_000)
    blocks = large.read_bytes().split(b"-----BEGIN")
    small = folder / "small.pem"
    small.write_bytes(b"-----BEGIN".join(blocks[:2_001]))
    store = folder / "ten-thousand.jks"

    def run(source: Path) -> list[str]:
        store.unlink(missing_ok=True)
        words = ["import", str(store), str(source), "--storepass", "pass:changeit", "--quiet"]
        return [ours, *words]

    milliseconds = []
    for source, thousands in ((small, 2), (large, 10)):
        fastest = min(once(run(source), env)[0] for _ in range(3))
        milliseconds.append(fastest / thousands)
    peak = resident(run(large), env)
    bare = resident([sys.executable, "-c", "pass"], env)
    return milliseconds[0], milliseconds[1], (peak - bare) / store.stat().st_size


# Linux counts into a process's peak what its parent held when it forked, and we hold a lot:
# a small interpreter in between is asked about its child.
_RESIDENT = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def resident(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Peak resident memory of a process, bytes."""
    asked = [sys.executable, "-S", "-c", _RESIDENT, *command]
    done = subprocess.run(asked, env=dict(env), capture_output=True, text=True, check=True)
    return int(done.stdout) * 1024


def peers(folder: Path, rounds: int) -> dict[str, Cost]:
    """What others need for one certificate (or, where they can't, all): those that are here.

    ``ansible`` with the collection community.general; p11-kit's ``trust``, which always writes
    all the roots it knows; and what the hook of Debian's ca-certificates-java runs.
    """
    java = jvm.by_major(17)
    original = folder / "peer-cacerts"
    original.write_bytes(java.cacerts.read_bytes())
    copy = folder / "peer-copy"
    one = bundle(folder / "peer.pem", 1)
    commands: dict[str, Timed] = {}
    env = environment(folder)
    env["PATH"] = f"{java.home / 'bin'}:{env['PATH']}"
    ansible = shutil.which("ansible")
    if ansible and _has_java_cert(ansible):
        words = f"cert_path={one} keystore_path={copy} keystore_pass=changeit cert_alias=benchmark"
        commands["ansible, community.general.java_cert, 1 certificate"] = Timed(
            [ansible, "localhost", "-m", "community.general.java_cert", "-a", words],
            fresh(original, copy),
        )
    trust = shutil.which("trust")
    if trust:
        extracted = folder / "extracted"
        commands["p11-kit: trust extract --format=java-cacerts, all roots"] = Timed(
            [trust, "extract", "--overwrite", "--format=java-cacerts", "--filter=ca-anchors",
             "--purpose=server-auth", extracted],
        )  # fmt: skip
    if _may_mount() and _JAR.exists():
        commands["ca-certificates-java: its jar, 1 certificate"] = _hook(folder, original, one)
    return in_turns(commands, env, rounds) if commands else {}


_JAR = Path("/usr/share/ca-certificates-java/ca-certificates-java.jar")
_JAR_WRITES = Path("/etc/ssl/certs/java")


def _hook(folder: Path, original: Path, certificate: Path) -> Timed:
    """The jar knows one path only; it gets another directory there, which nobody else sees."""
    place = folder / "java"
    place.mkdir(exist_ok=True)
    wanted = folder / "wanted"
    wanted.write_text(f"+{certificate}\n")
    script = 'mount --bind "$1" "$2" && exec java -Xmx64m -jar "$3" -storepass changeit < "$4"'
    words = [place, _JAR_WRITES, _JAR, wanted]
    return Timed(
        ["unshare", "--mount", "sh", "-c", script, "sh", *words], fresh(original, place / "cacerts")
    )


def _may_mount() -> bool:
    """Whether a file system can be mounted that only one process sees."""
    if not (shutil.which("unshare") and _JAR_WRITES.is_dir()):
        return False
    here = ["unshare", "--mount", "mount", "--bind", str(_JAR_WRITES), str(_JAR_WRITES)]
    return subprocess.run(here, check=False, capture_output=True).returncode == 0


def _has_java_cert(ansible: str) -> bool:
    asked = [str(Path(ansible).with_name("ansible-doc")), "-l", "community.general"]
    done = subprocess.run(asked, check=False, capture_output=True, text=True)
    return "community.general.java_cert" in done.stdout
