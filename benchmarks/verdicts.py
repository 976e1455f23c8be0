"""Verdicts: in process against one signature, the command against a JVM that judges once."""

from __future__ import annotations

import os
import struct
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.inside import best
from benchmarks.measure import Cost, in_turns
from storekeeper.model import Certificate
from storekeeper.trust.verdict import judge
from tests import forge, jvm, oracle, pki
from tests.verdict_cases import HOST, leaf, mid, root

ANCHORS = 150
NOW = datetime.fromtimestamp(forge.AT, UTC)


def anchors(count: int = ANCHORS) -> list[bytes]:
    """So many roots, the one that is looked for in their middle."""
    own = forge.key("crowd")
    found = [
        forge.make(f"CN=Root {number}", own, f"CN=Root {number}", own, *CA)
        for number in range(count - 1)
    ]
    return [*found[: count // 2], root(), *found[count // 2 :]]


CA = (forge.basic(), forge.usage(5, 6))


def warm() -> tuple[float, float]:
    """Milliseconds of a verdict with 150 anchors, and of one RSA-2048 signature made."""
    chain = [Certificate(leaf()), Certificate(mid())]
    trusted = [Certificate(one) for one in anchors()]
    found = judge(chain, trusted, HOST, at=NOW)
    assert found.accepts, found.message
    private = forge.key("measure", "RSA2048")
    return (
        best(lambda: judge(chain, trusted, HOST, at=NOW), 40),
        best(lambda: forge.sign(private, "SHA256withRSA", b"measure"), 40),
    )


def in_java(calls: int = 200) -> float:
    """Milliseconds of a verdict of a warm JVM: its own trust manager, asked over a pipe."""
    asked = oracle.Oracle(jvm.by_major(17))
    chain, trusted = (leaf(), mid()), anchors()

    def once() -> None:
        found = asked.judge(chain, trusted, host=HOST, at=forge.AT)
        assert found.accepts

    for _ in range(calls):
        once()
    found = best(once, 40)
    asked.close()
    return found


def by_number() -> tuple[float, float]:
    """Milliseconds of a thousand verdicts of 1,000 and of 10,000, each on a chain of its own."""
    trusted = [Certificate(one) for one in anchors()]
    chains = [[leaf(serial=number + 1), mid()] for number in range(10_000)]

    def seconds(some: list[list[bytes]]) -> float:
        begun = time.perf_counter()
        for chain in some:
            judge(chain, trusted, HOST, at=NOW)
        return time.perf_counter() - begun

    small = min(seconds(chains[:1000]) for _ in range(3)) * 1000
    return small, seconds(chains) * 1000 / 10


def command(folder: Path, ours: str, rounds: int) -> dict[str, Cost]:
    """`check` and a JVM that is asked the same once, whole processes."""
    now = int(time.time())
    dates = {"start": now - forge.DAY, "end": now + forge.DAY}
    chain = (leaf(**dates), mid(**dates))
    trusted = [root(**dates), *anchors()]
    sent, store, question = folder / "chain.pem", folder / "trusted.pem", folder / "question"
    sent.write_bytes(b"".join(pki.pem("CERTIFICATE", one) for one in chain))
    store.write_bytes(b"".join(pki.pem("CERTIFICATE", one) for one in trusted))
    fields = [("op", b"manager"), *(("chain", one) for one in chain)]
    fields += [("anchor", one) for one in trusted]
    fields += [("host", HOST.encode()), ("endpoint", b"HTTPS"), ("protocol", b"TLSv1.3")]
    parts = [struct.pack(">i", len(fields))]
    for name, value in fields:
        parts += [struct.pack(">H", len(name)), name.encode(), struct.pack(">i", len(value)), value]
    question.write_bytes(b"".join(parts))
    java = jvm.by_major(17).home / "bin" / "java"
    jar = Path(oracle.__file__).with_name("trust-oracle.jar")
    asking = f"exec {java} -cp {jar} TrustOracle < {question}"
    return in_turns(
        {
            "storekeeper check": [
                *(ours, "check", "--chain", str(sent), "--store", str(store), "--host", HOST),
            ],
            "java, the same question": ["sh", "-c", asking],
        },
        {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        rounds,
    )  # fmt: skip
