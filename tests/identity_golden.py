"""What real JREs sent in every case, kept so that the fast tests need no JVM.

    python -m tests.identity_golden

asks the JREs of `tests.jvm`, and the machine's own where it is another, and writes
``tests/vectors/identity.json.xz``: the certificates, each once; the keystores as we read them,
without their keys; the requests; and by release what went over the wire.
"""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storekeeper.errors import WriteRefused, WrongPassword
from storekeeper.model import Certificate, Entry, PrivateKey, Sealed, Store, TrustedCert
from storekeeper.tls.messages import CertificateRequest
from tests import asking, forge, identity_cases, jvm
from tests.identity_cases import PASSWORD, Case

PATH = Path(__file__).parent / "vectors" / "identity.json.xz"
RANDOM = 250


@dataclass(frozen=True)
class Answer:
    """What a release did.

    Attributes:
        alias: chosen by its key manager, "" for none.
        chain: of its Certificate message, None where it sent none.
        failed: it ended the handshake.
        unloadable: its key manager could not be made.
    """

    alias: str
    chain: tuple[bytes, ...] | None
    failed: bool = False
    unloadable: bool = False


@dataclass(frozen=True)
class Asked:
    """A keystore, a request, a key manager, and the answers by release."""

    name: str
    store: Store
    request: CertificateRequest
    manager: str
    answers: dict[str, Answer]


def questions(cases: Iterator[Case]) -> Iterator[tuple[Case, str, str, str]]:
    """Every case in every form: with format, key manager and protocol."""
    for case in cases:
        for format in case.formats:
            try:
                case.file(format)
            except WriteRefused:  # a PKCS12 has no chains in any other order
                continue
            for manager in case.managers:
                for protocol in case.protocols:
                    yield case, format, manager, protocol


def ask(oracle: asking.KeyOracle, case: Case, format: str, manager: str, protocol: str) -> Answer:
    """What one JRE does."""
    sent = oracle.send(
        case.file(format), format, case.request(protocol), manager=manager, at=forge.AT
    )
    alias = sent.alias.partition(".0.")[2] if manager == "PKIX" else sent.alias
    chain = sent.chain
    if chain is None and sent.alias:
        assert sent.problem, sent  # it had a chain, and found no way to sign
        chain = sent.given
    return Answer(alias, chain, bool(sent.problem), bool(sent.unloadable))


def opens(data: bytes, password: object) -> bytes:
    """Of a key kept here, which has the algorithm of its certificate."""
    return data


def stays_closed(data: bytes, password: object) -> bytes:
    raise WrongPassword("another password")


def load() -> Iterator[Asked]:
    """Every case of the file."""
    found: dict[str, Any] = json.loads(lzma.decompress(PATH.read_bytes()))
    table = [base64.b64decode(one) for one in found["certificates"]]
    for row in found["cases"]:
        entries: list[Entry] = []
        for alias, chain, algorithm in row["entries"]:
            made = tuple(Certificate(table[one]) for one in chain)
            if algorithm is None:
                entries.append(TrustedCert(alias, made[0]))
            else:
                opener = stays_closed if algorithm == "" else opens
                entries.append(
                    PrivateKey(alias, made, Sealed("", bytes.fromhex(algorithm), opener))
                )
        request = CertificateRequest(
            row["protocol"],
            tuple(bytes.fromhex(one) for one in row["authorities"]),
            tuple(row["types"]),
            tuple(row["schemes"]),
            tuple(row["for_chain"]),
        )
        yield Asked(
            row["name"],
            Store(row["format"], tuple(entries)),
            request,
            row["manager"],
            {
                release: Answer(
                    one[0],
                    None if one[1] is None else tuple(table[number] for number in one[1]),
                    one[2],
                    one[3],
                )
                for release, one in row["answers"].items()
            },
        )


def _algorithm(entry: PrivateKey) -> str:
    """The head of a PKCS#8 without its key; "" of a key that the store's password does not open."""
    from storekeeper import der

    try:
        fields = der.read(entry.pkcs8(PASSWORD)).items("key", 3)
    except WrongPassword:
        return ""
    return der.sequence(fields[0].raw, fields[1].raw, der.octet_string(b"")).hex()


def main() -> None:
    machine = jvm._machine()
    jvms = [jvm.jvm(version) for version in jvm.VERSIONS]
    if machine is not None and machine.version not in {one.version for one in jvms}:
        jvms.append(machine)
    table: dict[bytes, int] = {}

    def number(one: bytes) -> int:
        return table.setdefault(one, len(table))

    def cases() -> Iterator[Case]:
        yield from identity_cases.cases()
        yield from map(identity_cases.random_case, range(RANDOM))

    rows = []
    for case, format, manager, protocol in questions(cases()):
        request = case.request(protocol)
        answers = {}
        for one in jvms:
            if protocol not in identity_cases.PROTOCOLS:
                oracle = asking.old_oracle(one)
            else:
                oracle = asking.oracle(one)
            said = ask(oracle, case, format, manager, protocol)
            chain = None if said.chain is None else [number(der) for der in said.chain]
            answers[one.version] = [said.alias, chain, said.failed, said.unloadable]
        rows.append(
            {
                "name": case.name,
                "format": format,
                "manager": manager,
                "protocol": protocol,
                "authorities": [one.hex() for one in request.authorities],
                "types": request.certificate_types,
                "schemes": request.signature_algorithms,
                "for_chain": request.signature_algorithms_cert,
                "entries": [
                    [
                        entry.alias,
                        [number(one.der) for one in entry.chain],
                        _algorithm(entry),
                    ]
                    if isinstance(entry, PrivateKey)
                    else [entry.alias, [number(next(entry_certificates(entry)))], None]
                    for entry in case.store(format).entries
                ],
                "answers": answers,
            }
        )
    certificates = [base64.b64encode(one).decode("ascii") for one in table]
    text = json.dumps({"at": forge.AT, "certificates": certificates, "cases": rows}, indent=0)
    PATH.write_bytes(lzma.compress(text.encode(), preset=9))
    print(f"{len(rows)} cases, {len(table)} certificates, {PATH.stat().st_size} bytes")


def entry_certificates(entry: Entry) -> Iterator[bytes]:
    """The DER of a trusted certificate."""
    assert isinstance(entry, TrustedCert)
    yield entry.certificate.der


if __name__ == "__main__":
    main()
