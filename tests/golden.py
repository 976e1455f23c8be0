"""What real JREs said of every case, kept so that the fast tests need no JVM.

    python -m tests.golden

asks the JREs of `tests.jvm` and writes ``tests/vectors/verdicts.json.xz``: the certificates,
each once, and for every case its question and the answers by release.
"""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import forge, jvm, pki, verdict_cases
from tests.oracle import Answer, Oracle
from tests.verdict_cases import Case

PATH = Path(__file__).parent / "vectors" / "verdicts.json.xz"


@dataclass(frozen=True)
class Judged:
    """A case and what each release said: its word and the outermost message."""

    case: Case
    answers: dict[str, tuple[str, str]]


def ask(oracle: Oracle, case: Case) -> tuple[str, str] | None:
    """What a JRE says: its trust manager, or its handshake where that refuses the key before.

    None where neither can be asked: a key that this JRE can't even serve with.
    """
    private = forge.key_of(case.chain[0])
    if oracle.jvm.major < 15 and type(private).__name__.startswith("Ed"):
        return None
    # The server has no way to prove such a key: the trust manager is not asked.
    whole = shaken(oracle, case) if unusual_key(case) else None
    if whole is not None and "the server: " in whole.message:
        return whole.word, ""
    answer = oracle.judge(
        case.chain,
        case.anchors,
        host=case.host,
        manager=case.manager,
        protocol=case.protocol,
        at=forge.AT,
        more=case.more,
    )
    return answer.word, answer.message


def unusual_key(case: Case) -> bool:
    """Whether the leaf's key is one of ours that some release may have no scheme for."""
    private = forge.key_of(case.chain[0])
    curve = getattr(private, "curve", None)
    return private is not None and (curve is None or curve.name != "secp256r1")


def shaken(oracle: Oracle, case: Case) -> Answer | None:
    """What a whole handshake says; None where the key is not ours or Java can't read it."""
    private = forge.key_of(case.chain[0])
    if private is None:
        return None
    kind = type(private).__name__.lower()
    named = (("ed", "EdDSA"), ("rsa", "RSA"), ("dsa", "DSA"), ("ec", "EC"))
    algorithm = next(word for start, word in named if kind.startswith(start))
    fields: list[tuple[str, bytes | str]] = [("chain", one) for one in case.chain]
    fields += [("anchor", one) for one in case.anchors]
    fields += [("manager", case.manager), ("protocol", case.protocol)]
    fields += [("at", str(forge.AT * 1000)), ("key", pki.pkcs8(private)), ("keyalg", algorithm)]
    if case.host is not None:
        fields += [("host", case.host), ("endpoint", "HTTPS")]
    answer = oracle.ask("handshake", [*fields, *case.more.items()])
    return None if answer.word == "failure" else answer


def load() -> Iterator[Judged]:
    """Every case of the file."""
    found: dict[str, Any] = json.loads(lzma.decompress(PATH.read_bytes()))
    table = [base64.b64decode(one) for one in found["certificates"]]
    for row in found["cases"]:
        case = Case(
            row["name"],
            tuple(table[number] for number in row["chain"]),
            tuple(table[number] for number in row["anchors"]),
            row["host"],
            row["manager"],
            row["protocol"],
        )
        yield Judged(case, {release: (one[0], one[1]) for release, one in row["answers"].items()})


def main() -> None:
    table: dict[bytes, int] = {}
    oracles = {version: Oracle(jvm.jvm(version)) for version in jvm.VERSIONS}
    rows = []
    for case in verdict_cases.all_cases():
        for one in (*case.chain, *case.anchors):
            table.setdefault(one, len(table))
        rows.append(
            {
                "name": case.name,
                "chain": [table[one] for one in case.chain],
                "anchors": [table[one] for one in case.anchors],
                "host": case.host,
                "manager": case.manager,
                "protocol": case.protocol,
                "answers": {
                    version: answer
                    for version, oracle in oracles.items()
                    if (answer := ask(oracle, case)) is not None
                },
            }
        )
    certificates = [base64.b64encode(one).decode("ascii") for one in table]
    text = json.dumps({"at": forge.AT, "certificates": certificates, "cases": rows}, indent=0)
    PATH.write_bytes(lzma.compress(text.encode(), preset=9))
    print(f"{len(rows)} cases, {len(table)} certificates, {PATH.stat().st_size} bytes")


if __name__ == "__main__":
    main()
