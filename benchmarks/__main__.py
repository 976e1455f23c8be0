"""``python -m benchmarks``: storekeeper against keytool, in one run, as ratios.

--check   exit 1 when a ratio stays over its limit in five rounds (machines are noisy)
--write   put the results into docs/performance.md
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import audits, changes, identity, inside, probes, scans, verdicts
from benchmarks.measure import Cost, in_turns
from storekeeper.formats import jks
from storekeeper.model import TrustedCert
from tests import jvm

ROUNDS, CHANGES, PEERS = 11, 5, 3


class Ratio:
    """One promise: ours, theirs, and how far apart they have to be."""

    def __init__(self, what: str, ours: float, theirs: float, limit: float, unit: str) -> None:
        self.what = what
        self.ours = ours
        self.theirs = theirs
        self.limit = limit
        self.unit = unit

    @property
    def value(self) -> float:
        return self.ours / self.theirs

    @property
    def kept(self) -> bool:
        return self.value <= self.limit

    def row(self) -> str:
        mark = "" if self.kept else " **over**"
        return (
            f"| {self.what} | {self.ours:.1f} {self.unit} | {self.theirs:.1f} {self.unit} "
            f"| {self.value:.3f}{mark} | {self.limit:.3f} |"
        )


def command_line() -> str:
    """The installed console script beside this interpreter."""
    return str(Path(sys.executable).with_name("storekeeper"))


def processes(folder: Path) -> tuple[list[Ratio], dict[str, Cost]]:
    """The whole-process promises."""
    java = jvm.by_major(17)
    jks_file = folder / "cacerts"
    jks_file.write_bytes(java.cacerts.read_bytes())
    p12 = folder / "cacerts.p12"
    java.keytool(
        *("-importkeystore", "-noprompt", "-srckeystore", jks_file, "-destkeystore", p12),
        *("-srcstorepass", "changeit", "-deststorepass", "changeit", "-deststoretype", "PKCS12"),
    )
    env = dict(os.environ, JAVA_HOME=str(java.home))
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    ours = command_line()
    commands: dict[str, list[str]] = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "storekeeper --help": [ours, "--help"],
        "storekeeper list cacerts": [ours, "list", "cacerts"],
        "storekeeper list cacerts.p12": [
            *(ours, "list", str(p12), "--storepass", "pass:changeit"),
        ],
        "storekeeper diff cacerts certifi": [ours, "diff", "cacerts", "certifi"],
    }
    for found in jvm.jvms():
        tool = str(found.home / "bin" / "keytool")
        for name, file in (("cacerts", jks_file), ("cacerts.p12", p12)):
            commands[f"keytool {found.major} -list {name}"] = [
                *(tool, "-list", "-keystore", str(file), "-storepass", "changeit"),
            ]
    costs = in_turns(commands, env, ROUNDS)
    peers = [cost for name, cost in costs.items() if name.endswith("-list cacerts")]
    p12_peers = [cost for name, cost in costs.items() if name.endswith("-list cacerts.p12")]
    bare = costs["python -c pass"]
    listed = costs["storekeeper list cacerts"]
    listed_p12 = costs["storekeeper list cacerts.p12"]
    compared = costs["storekeeper diff cacerts certifi"]
    cpu = min(cost.cpu for cost in peers)
    wall = min(cost.wall for cost in peers)
    ratios = [
        Ratio(
            "`list cacerts` against the fastest `keytool -list`, CPU", listed.cpu, cpu, 1 / 6, "ms"
        ),
        Ratio("the same, wall", listed.wall, wall, 1 / 4, "ms"),
        Ratio("`list cacerts` against `python -c pass`, CPU", listed.cpu, bare.cpu, 5, "ms"),
        Ratio(
            "`list cacerts.p12` against the fastest `keytool -list` of it, CPU",
            listed_p12.cpu,
            min(cost.cpu for cost in p12_peers),
            1 / 5,
            "ms",
        ),
        Ratio(
            "`diff cacerts certifi` against one `keytool -list`, CPU",
            compared.cpu,
            cpu,
            1 / 2,
            "ms",
        ),
    ]
    return ratios, costs


def changing(folder: Path) -> tuple[list[Ratio], dict[str, Cost]]:
    """The promises about changing stores."""
    costs = changes.costs(folder, command_line(), CHANGES)
    ratios = []
    for type, limit in (("JKS", 1 / 4), ("PKCS12", 1 / 5)):
        peers = [
            cost
            for name, cost in costs.items()
            if name.startswith("keytool") and name.endswith(f", {type}")
        ]
        one = costs[f"storekeeper import, 1 certificate, {type}"]
        ratios.append(
            Ratio(
                f"`import` of one certificate into a {type} against the fastest `keytool "
                "-importcert`, CPU",
                one.cpu,
                min(cost.cpu for cost in peers),
                limit,
                "ms",
            )
        )
        wall = min(cost.wall for cost in peers)
        if type == "JKS":  # keytool derives a PKCS12's keys on several cores: CPU is the promise
            ratios.append(Ratio("the same into a JKS, wall", one.wall, wall, limit, "ms"))
        hundred = costs[f"storekeeper import, 100 certificates, {type}"]
        ratios.append(
            Ratio(
                f"`import` of 100 certificates into a {type} against 100 times that keytool, wall",
                hundred.wall,
                100 * wall,
                1 / 100,
                "ms",
            )
        )
    small, large, memory = changes.ten_thousand(folder, command_line())
    ratios += [
        Ratio("a thousand of 10,000 imported against a thousand of 2,000, CPU", large, small, 1.5,
              "ms"),
        Ratio("peak memory of importing 10,000, beyond the interpreter's, against the file",
              memory, 1, 6, "x"),
    ]  # fmt: skip
    return ratios, costs


def judging(folder: Path) -> tuple[list[Ratio], dict[str, Cost]]:
    """The promises about verdicts."""
    costs = verdicts.command(folder, command_line(), 5)
    ours, java = costs["storekeeper check"], costs["java, the same question"]
    warm, signature = verdicts.warm()
    small, large = verdicts.by_number()
    choice, _ = identity.choosing()
    return [
        Ratio("`check` against a JVM that judges the same once, CPU", ours.cpu, java.cpu, 1 / 4,
              "ms"),
        Ratio("the same, wall", ours.wall, java.wall, 1 / 3, "ms"),
        Ratio("a verdict with 150 anchors, warm, against one RSA-2048 signature", warm, signature,
              8, "ms"),
        Ratio("the same against a warm trust manager of Java, asked over a pipe", warm,
              verdicts.in_java(), 3, "ms"),
        Ratio("a client key chosen among 30 by 145 names, against one RSA-2048 signature", choice,
              signature, 30, "ms"),
        Ratio("a thousand verdicts of 10,000 against 1,000", large, small, 1.5, "ms"),
    ], costs  # fmt: skip


def scanning(folder: Path) -> tuple[list[Ratio], dict[str, Cost]]:
    """The promises about scanning trees."""
    store = jvm.by_major(17).cacerts.read_bytes()
    few = Path("tests/scripts/files/trust-keytool17.jks").read_bytes()
    small = scans.tree(folder / "small", 10_000, few)
    large = scans.tree(folder / "large", 100_000, few)
    ours, bare = scans.walked(large, 100_000)
    two, one = scans.cores(folder / "stores", store)
    return [
        Ratio("`scan` of 100,000 files against a bare loop that reads 4 kB of each, CPU", ours,
              bare, 2, "ms"),
        Ratio("`scan` of 1,000 stores with two processes, CPU on the way, against one", two, one,
              0.7, "ms"),
        Ratio("peak memory of scanning 100,000 files against 10,000", scans.peak(large),
              scans.peak(small), 1.1, "MB"),
    ], {}  # fmt: skip


def auditing(folder: Path) -> tuple[list[Ratio], dict[str, Cost]]:
    """The promises about audits."""
    costs = audits.command(folder, command_line(), 5)
    ours = costs["storekeeper audit cacerts"]
    peers = [cost for name, cost in costs.items() if name.startswith("keytool")]
    two, one = audits.both_cores(folder)
    many, few, memory = audits.by_number(folder)
    return [
        Ratio("`audit cacerts` against the fastest `keytool -list -v`, CPU", ours.cpu,
              min(cost.cpu for cost in peers), 1 / 2, "ms"),
        Ratio("the same, wall", ours.wall, min(cost.wall for cost in peers), 1 / 2, "ms"),
        Ratio("auditing encrypted stores in two processes against one", two, one, 0.9, "ms"),
        Ratio("a thousand stores of 2,000 audited against a thousand of 200", many, few, 1.25,
              "ms"),
        Ratio("peak memory of auditing 2,000 stores against 200", memory, 1, 1.15, "x"),
    ], costs  # fmt: skip


def probing(_folder: Path) -> tuple[list[Ratio], dict[str, Cost]]:
    """The promises about probes."""
    costs = probes.command(command_line(), 9)
    ours, theirs = costs["storekeeper probe"], costs["openssl s_client"]
    found = [
        Ratio("`probe` of a server on loopback against `openssl s_client`, wall", ours.wall,
              theirs.wall, 3, "ms"),
    ]  # fmt: skip
    if probes.many_can_be_had():
        lots, few, memory = probes.many()
        found += [
            Ratio("one of 200 servers probed together against one of 20", lots, few, 1.25, "ms"),
            Ratio("peak memory of probing 200 servers against 20", memory, 1, 1.5, "x"),
        ]
    return found, costs


def internals(_folder: Path) -> tuple[list[Ratio], dict[str, Cost]]:
    """The in-process promises."""
    cacerts = jvm.by_major(17).cacerts.read_bytes()
    certificate = next(
        entry.certificate.der
        for entry in jks.read(cacerts).entries
        if isinstance(entry, TrustedCert)
    )
    read, hashed = inside.reading_against_hashing(cacerts)
    small, large = inside.scaling(certificate)
    keys, opened = inside.keys_not_decrypted(certificate)
    return [
        Ratio("reading cacerts against hashing it with SHA-1", read, hashed, 4, "ms"),
        Ratio("1,000 entries of 100,000 against 1,000 of 10,000", large, small, 1.5, "ms"),
        Ratio(
            "peak memory of 100,000 entries against the file", inside.memory(certificate), 1, 4, "x"
        ),
        Ratio("listing 2,000 JCEKS keys against decrypting them", keys, opened, 1 / 100, "ms"),
    ], {}


def report(ratios: list[Ratio], costs: dict[str, Cost]) -> Iterator[str]:
    """The page docs/performance.md."""
    yield "# Performance"
    yield ""
    yield "Made by `python -m benchmarks --write`: every process in turns in one run, medians of"
    yield f"{ROUNDS} ({CHANGES} where stores are changed, {PEERS} of other tools); in process, the"
    yield "fastest run. Only ratios mean something: machines differ."
    digest = inside.fingerprint(jvm.by_major(17).cacerts)
    yield f"Python {platform.python_version()}, {os.cpu_count()} cores; the cacerts of JRE 17.0.9"
    yield f"(SHA-256 {digest}…). CI runs `python -m benchmarks --check`."
    yield ""
    yield "| what | ours | the other | ratio | limit |"
    yield "|---|---|---|---|---|"
    for ratio in ratios:
        yield ratio.row()
    yield ""
    yield "| process | CPU ms | wall ms |"
    yield "|---|---|---|"
    for name, cost in costs.items():
        yield f"| `{name}` | {cost.cpu:.0f} | {cost.wall:.0f} |"
    yield ""
    yield "Of the other tools, `java_cert` starts keytool four times for a certificate; `trust"
    yield "extract` writes all the roots of the system anew, with no store of anybody's to keep;"
    yield "the jar is what ca-certificates-java's hook ends in, without the triggers of dpkg that"
    yield "lead there. CPU does not count what a tool leaves to a process it does not wait for."
    yield ""
    yield "Installed without bytecode (read-only images, some installers) every start compiles"
    yield "the modules anew: run `python -m compileall` on the installed package once when building"
    yield "such an image."


def main() -> int:
    """Measure, print, and check or write."""
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    best: dict[tuple[str, str], Ratio] = {}
    costs: dict[str, Cost] = {}
    groups = (processes, changing, judging, auditing, scanning, probing, internals)
    over = set(groups)
    page = ""
    for _ in range(5 if args.check else 1):
        for group in [one for one in groups if one in over]:
            with tempfile.TemporaryDirectory() as folder:
                ratios, told = group(Path(folder))
            costs |= told
            # A busy machine makes a ratio worse, never better: the best of the rounds is the
            # true one, and what is kept need not be measured again.
            for ratio in ratios:
                named = group.__name__, ratio.what
                if named not in best or ratio.value < best[named].value:
                    best[named] = ratio
            if all(best[group.__name__, ratio.what].kept for ratio in ratios):
                over.discard(group)
        if args.write:
            with tempfile.TemporaryDirectory() as folder:
                costs |= changes.peers(Path(folder), PEERS)
        page = "\n".join(report(list(best.values()), costs)) + "\n"
        print(page)
        if not over:
            break
    if args.write:
        Path("docs/performance.md").write_text(page, encoding="utf-8")
    return 0 if not args.check or all(ratio.kept for ratio in best.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
