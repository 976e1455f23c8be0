"""What happens inside one process: reading stores, against hashing and against size."""

from __future__ import annotations

import gc
import struct
import sys
import time
import tracemalloc
from collections.abc import Callable
from hashlib import sha1, sha256
from pathlib import Path

from storekeeper.formats import jks
from storekeeper.model import Certificate, Password, PrivateKey, Sealed, Store

PASSWORD = Password("changeit")


def best(action: Callable[[], object], times: int = 60) -> float:
    """Milliseconds of the fastest run: the one least disturbed."""
    fastest = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        action()
        fastest = min(fastest, time.perf_counter() - begun)
    return fastest * 1000


def reading_against_hashing(cacerts: bytes) -> tuple[float, float]:
    """Milliseconds to read a JKS cacerts with its digest checked, and to hash it with SHA-1."""
    return best(lambda: jks.read(cacerts, PASSWORD)), best(lambda: sha1(cacerts).digest())


def trusted_store(certificate: bytes, count: int) -> bytes:
    """A JKS of ``count`` trusted entries, made here so that no writer of ours is measured."""
    head = struct.pack(">III", 0xFEEDFEED, 2, count)
    entries = []
    for number in range(count):
        alias = f"entry-{number:06d}".encode()
        # Every certificate differs, as in a real store.
        body = certificate[:-6] + struct.pack(">HI", 0, number)
        entries.append(
            struct.pack(f">IH{len(alias)}sQH5sI", 2, len(alias), alias, 1, 5, b"X.509", len(body))
            + body
        )
    content = head + b"".join(entries)
    salted = "changeit".encode("utf-16-be") + b"Mighty Aphrodite" + content
    return content + sha1(salted).digest()


def key_store(certificate: bytes, count: int) -> tuple[bytes, Sealed]:
    """A JCEKS of ``count`` private keys sealed as JDK 17 does, and one of the keys."""
    pkcs8 = bytes.fromhex("302e020100300506032b657004220420") + bytes(32)
    sealed = jks.seal_private_key(pkcs8, PASSWORD, "JCEKS", iterations=200_000)
    chain = (Certificate(certificate),)
    keys = tuple(PrivateKey(f"key-{number}", chain, sealed, 0) for number in range(count))
    return jks.write(Store("JCEKS", keys), PASSWORD), sealed


def scaling(certificate: bytes) -> tuple[float, float]:
    """Milliseconds per 1,000 entries at 10,000 and at 100,000 entries."""
    costs = []
    for count in (10_000, 100_000):
        data = trusted_store(certificate, count)
        gc.collect()
        costs.append(best(lambda data=data: jks.read(data, PASSWORD), 3) / count * 1000)  # type: ignore[misc]
    return costs[0], costs[1]


def memory(certificate: bytes) -> float:
    """Peak memory while reading 100,000 entries, the file included, in sizes of the file."""
    data = trusted_store(certificate, 100_000)
    tracemalloc.start()
    store = jks.read(data, PASSWORD)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(store.entries) == 100_000
    return (peak + sys.getsizeof(data)) / len(data)


def keys_not_decrypted(certificate: bytes) -> tuple[float, float]:
    """Milliseconds to read 2,000 key entries, and what decrypting them would cost."""
    data, sealed = key_store(certificate, 2_000)
    one = best(lambda: sealed.opener(sealed.data, PASSWORD), 3)
    return best(lambda: jks.read(data, PASSWORD), 5), one * 2_000


def fingerprint(path: Path) -> str:
    """First digits of a file's SHA-256, to say which cacerts was measured."""
    return sha256(path.read_bytes()).hexdigest()[:16]
