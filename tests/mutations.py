"""Damaged stores by the hundred thousand: what the readers make of them.

Run as ``python -m tests.mutations GROUP SEED FIRST COUNT``. Inputs FIRST to FIRST + COUNT of a
group are made, each from the group's seeds by a generator seeded with group, seed and its own
number, so one input can be made again alone (``COUNT`` 1, add ``--save FILE`` to keep it). Each
is read with the right password, a wrong one and none; of what opens, two keys are unsealed and
the store is written again. The process allows itself `MEMORY` bytes more than it has when it
starts. It prints what went wrong, as JSON.
"""

from __future__ import annotations

import functools
import hashlib
import json
import resource
import sys
import time
import traceback
from collections.abc import Callable
from hashlib import sha1
from pathlib import Path
from random import Random

from storekeeper import der, formats
from storekeeper.errors import StorekeeperError
from storekeeper.formats import armor, pem_keys
from storekeeper.model import PrivateKey, SecretKey, Store
from tests.mutation_seeds import GROUPS, PASSWORD, private_key

SECONDS = 1.0
A_SECOND = 4_000_000  # iterations of PBKDF2 with HMAC-SHA-256, where SECONDS were chosen
MEMORY = 200 * 1024 * 1024

WRONG = "wrong"

# --- mutators ----------------------------------------------------------------------------

_EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0xF4240,
          0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)  # fmt: skip


def _flip(data: bytes, rng: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(changed))
        changed[at] = rng.choice(
            (changed[at] ^ (1 << rng.randrange(8)), rng.randrange(256), 0, 255)
        )
    return bytes(changed)


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _slice(data: bytes, rng: Random) -> tuple[int, int]:
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.choice((1, 2, 4, 16, 64, 300)))


def _insert(data: bytes, rng: Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.randbytes(rng.choice((1, 2, 4, 20, 300))) + data[at:]


def _drop(data: bytes, rng: Random) -> bytes:
    start, end = _slice(data, rng)
    return data[:start] + data[end:]


def _repeat(data: bytes, rng: Random) -> bytes:
    start, end = _slice(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 2, 40)) + data[end:]


def _run(data: bytes, rng: Random) -> bytes:
    start, end = _slice(data, rng)
    return data[:start] + rng.choice((b"\xff", b"\0", b"\x80", b"0")) * (end - start) + data[end:]


def _number(data: bytes, rng: Random) -> bytes:
    """A big-endian length or count."""
    size = rng.choice((1, 2, 4, 4, 8))
    at = rng.randrange(len(data))
    value: int = rng.choice((*_EDGES, len(data), len(data) - at, len(data) - at + 1))
    return data[:at] + (value & ((1 << 8 * size) - 1)).to_bytes(size, "big") + data[at + size :]


def _length(data: bytes, rng: Random) -> bytes:
    """The length field after something that looks like a tag."""
    places = [at for at in range(len(data) - 1) if data[at] in b"\x30\x31\x04\x02\x06\xa0\xa1\x03"]
    if not places:
        return _flip(data, rng)
    at = rng.choice(places) + 1
    field = rng.choice((
        b"\0", b"\x01", b"\x80", b"\x7f", b"\x81\xff", b"\x82\xff\xff", b"\x84\xff\xff\xff\xff",
        b"\x84\x7f\xff\xff\xff", b"\x88" + b"\xff" * 8, b"\xff", bytes(((data[at] + 1) % 256,)),
        bytes(((data[at] - 1) % 256,)),
    ))  # fmt: skip
    return data[:at] + field + data[at + 1 :]


# A tree lets one value change and every length around it still fit.
Tree = tuple[int, "bytes | list[Tree]"]


def _tree(data: bytes, depth: int = 0) -> list[Tree] | None:
    found: list[Tree] = []
    at = 0
    try:
        while at < len(data):
            value = der.read(data, at)
            inner = None
            if depth < 16 and (value.tag & 0x20 or value.tag == der.OCTET_STRING):
                inner = _tree(value.content, depth + 1) if value.content else None
            found.append((value.tag, value.content if inner is None else inner))
            at = value.after
    except StorekeeperError:
        return None
    return found


def _encoded(trees: list[Tree]) -> bytes:
    return b"".join(
        der.encode(tag, body if isinstance(body, bytes) else _encoded(body)) for tag, body in trees
    )


def _nodes(trees: list[Tree]) -> list[tuple[list[Tree], int]]:
    found = []
    for number, (_, body) in enumerate(trees):
        found.append((trees, number))
        if isinstance(body, list):
            found += _nodes(body)
    return found


def _structure(data: bytes, rng: Random) -> bytes:
    trees = _tree(data)
    if not trees:
        return _length(data, rng)
    nodes = _nodes(trees)
    siblings, number = rng.choice(nodes)
    tag, body = siblings[number]
    match rng.randrange(7):
        case 0:
            siblings[number] = (rng.choice(_TAGS), body)
        case 1:
            del siblings[number]
        case 2:
            siblings.insert(number, siblings[number])
        case 3:
            others, index = rng.choice(nodes)
            # Not into itself: encoded first, it is a value and no part of the tree.
            siblings[number] = (tag, _encoded([others[index]]))
        case 4:
            integers = [node for node in nodes if node[0][node[1]][0] == der.INTEGER]
            if integers:
                siblings, number = rng.choice(integers)
                value = rng.choice((*_EDGES, -1, -(2**31), 2**63, 2**64, 1 << 4096, 999_999))
                siblings[number] = (der.INTEGER, der.read(der.integer(value)).content)
        case 5:
            for _ in range(rng.choice((3, 70))):
                siblings[number] = (rng.choice((0x30, 0xA0, 0x04)), [siblings[number]])
        case _:
            raw = body if isinstance(body, bytes) else _encoded(body)
            siblings[number] = (tag, _flip(raw, rng) if raw else rng.randbytes(3))
    return _encoded(trees)


def _base64(data: bytes, rng: Random) -> bytes:
    """A mutation inside one armoured block."""
    from storekeeper.model import LIMITS

    try:
        blocks, tail = armor.scan(data, LIMITS)
    except StorekeeperError:
        return _flip(data, rng)
    if not blocks:
        return _flip(data, rng)
    chosen = rng.choice(blocks)
    parts = []
    for block in blocks:
        text = block.text
        if block is chosen and block.der:
            mutate = rng.choice((_structure, _structure, _length, _flip, _cut))
            label = block.label if rng.random() < 0.8 else rng.choice(blocks).label
            text = armor.armour(label, mutate(block.der, rng))
        parts.append(block.preface + text)
    return b"".join(parts) + tail


_TAGS = (2, 3, 4, 5, 6, 12, 30, 0x30, 0x31, 0x80, 0xA0, 0xA1, 0x24)
_PLAIN = (_flip, _flip, _cut, _insert, _drop, _repeat, _run, _number, _number, _length)


def make(group: str, seed: int, index: int) -> bytes:
    """Input ``index`` of a group."""
    rng = Random(f"{group} {seed} {index}")
    data = rng.choice(_seeds(group))
    structured = {"PEM": _base64}.get(group, _structure)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not data:
            break
        binary = group in ("JKS", "JCEKS", "BKS")
        chosen = rng.choice(_PLAIN) if binary or rng.random() < 0.45 else structured
        if binary and rng.random() < 0.25:
            chosen = _inside
        data = chosen(data, rng)
    if group in ("JKS", "JCEKS") and rng.random() < 0.7 and len(data) > 20:
        data = data[:-20] + _jks_digest(data[:-20])
    return data


def _inside(data: bytes, rng: Random) -> bytes:
    """A structural mutation of one DER value somewhere in the bytes, its outer length kept."""
    places = [at for at in range(len(data) - 4) if data[at] == 0x30 and data[at + 1] in b"\x81\x82"]
    if not places:
        return _number(data, rng)
    at = rng.choice(places)
    try:
        value = der.read(data, at)
    except StorekeeperError:
        return _number(data, rng)
    changed = _structure(value.raw, rng)
    size = len(value.raw)
    return data[:at] + changed[:size].ljust(size, b"\0") + data[at + size :]


def _jks_digest(content: bytes) -> bytes:
    return sha1(PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + content).digest()


@functools.cache
def _seeds(group: str) -> list[bytes]:
    return GROUPS[group]()


# --- trying ------------------------------------------------------------------------------


def too_long(spent: float) -> bool:
    """Whether the CPU seconds are over the limit, and not because the machine is slow now."""
    if spent <= SECONDS:
        return False
    started = time.process_time()
    hashlib.pbkdf2_hmac("sha256", b"changeit", b"salt", A_SECOND // 10)
    return spent > 10 * (time.process_time() - started)


def attempt(data: bytes) -> list[str]:
    """What is wrong about how the bytes are read; most of the time nothing."""
    wrong: list[str] = []

    def run(step: str, work: Callable[[], object]) -> object:
        started = time.process_time()
        result: object = None
        try:
            result = work()
        except StorekeeperError as error:
            str(error)
        except BaseException:  # noqa: BLE001 - that there is none is what is tested
            wrong.append(f"{step}: {traceback.format_exc(limit=-6)}")
        spent = time.process_time() - started
        if too_long(spent):
            wrong.append(f"{step}: {spent:.2f} s of CPU time")
        return result

    for password in (None, WRONG, PASSWORD):
        step = f"read with {'no' if password is None else repr(password)} password"
        store = run(step, functools.partial(formats.read, data, password, path="x.p12"))
        if not isinstance(store, Store):
            continue
        keys = [e for e in store.entries if isinstance(e, PrivateKey | SecretKey)][:2]
        for key in keys:
            opened = key.pkcs8 if isinstance(key, PrivateKey) else key.secret
            for word in (None, WRONG, PASSWORD):
                run(f"unseal with {word!r}", functools.partial(opened, word))
        if hasattr(formats._codec(store.format), "write"):
            run("write", functools.partial(formats.write, store, password))
    return wrong


def main(group: str, seed: int, first: int, count: int) -> dict[str, object]:
    """Try inputs ``first`` to ``first + count``; at most ten failures are told."""
    attempt(_seeds(group)[0])  # imports what there is to import
    pem_keys.public_bits(pem_keys.from_der(private_key()))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        allowed = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    failures = []
    slowest = 0.0
    for index in range(first, first + count):
        started = time.process_time()
        wrong = attempt(make(group, seed, index))
        slowest = max(slowest, time.process_time() - started)
        if wrong:
            failures.append({"index": index, "wrong": wrong})
            if len(failures) == 10:
                break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"failures": failures, "grown_kib": peak - before, "slowest": slowest}


if __name__ == "__main__":
    name, *numbers = sys.argv[1:5]
    chosen_seed, first_index, number_of = map(int, numbers)
    if sys.argv[5:6] == ["--save"]:
        Path(sys.argv[6]).write_bytes(make(name, chosen_seed, first_index))
    print(json.dumps(main(name, chosen_seed, first_index, number_of)))
