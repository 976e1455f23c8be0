"""CycloneDX 1.7: a cryptography bill of materials (CBOM) of what stores hold.

A store is a ``file`` component; certificates, public, private and secret keys and algorithms
are ``cryptographic-asset`` components, each once, however many stores have it; the graph says
which store provides which. Stores that could not be read are in it, with the reason.

Where 1.7 replaced fields of 1.6 (``signatureAlgorithmRef``, ``subjectPublicKeyRef``) both are
given: they are still valid, and they are what readers of today look at.
"""

from __future__ import annotations

from hashlib import sha1, sha256

from ...times import iso
from ..values import dump
from .cyclonedx_assets import (
    algorithm,
    algorithm_ref,
    certificate,
    key_algorithm_name,
    properties,
    public_key,
    spki_digest,
)
from .words import place, safe, uri

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ...model import Certificate
    from ...trust.audit.values import AuditedEntry, AuditedStore, AuditHead

_NAMESPACE = bytes.fromhex("6ba7b8119dad11d180b400c04fd430c8")  # RFC 9562: URLs


def render(head: AuditHead, stores: Iterable[AuditedStore]) -> Iterator[str]:
    """The BOM; components are written as the stores come.

    The serial number is a UUID made from the content (version 5): the same stores audited at
    the same instant, as ``SOURCE_DATE_EPOCH`` can have it, give the same bytes.
    """
    bom = _Bom(head, stores)
    return dump(
        {
            "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.7",
            "version": 1,
            "metadata": _metadata(head),
            "components": bom.components(),
            "dependencies": bom.dependencies(),
            "serialNumber": bom.serial_number,
        },
        ascii=True,
    )


def _metadata(head: AuditHead) -> dict[str, Any]:
    lists = {f"list:{used.name}": used.date or "no date" for used in head.lists}
    return {
        "timestamp": iso(head.at),
        "lifecycles": [{"phase": "operations"}],
        "tools": {
            "components": [{"type": "application", "name": "storekeeper", "version": head.version}]
        },
        "properties": properties(host=head.host, policy=head.policy, **lists),
    }


class _Bom:
    """Components as they come, and the graph that is written after them."""

    def __init__(self, head: AuditHead, stores: Iterable[AuditedStore]) -> None:
        self.head = head
        self.stores = stores
        self.written: set[str] = set()
        self.graph: dict[str, tuple[str, dict[str, None]]] = {}
        self.hashed = sha256(f"{head.version} {head.at} {head.host}".encode())

    def components(self) -> Iterator[dict[str, Any]]:
        for store in self.stores:
            if store.format == "policy":
                continue  # findings about the policy, and no store
            ref = self._new(f"store:{uri(store)}")
            held: dict[str, None] = {}
            self.graph[ref] = ("provides", held)
            self.hashed.update(f"{ref} {store.sha256} {store.problem}".encode())
            yield _file(ref, store)
            for number, entry in enumerate(store.entries):
                yield from self._entry(ref, number, entry, held)

    def _new(self, wanted: str) -> str:
        """A reference nobody has: a store named twice is there twice."""
        ref, number = wanted, 1
        while ref in self.written:
            number += 1
            ref = f"{wanted}#{number}"
        self.written.add(ref)
        return ref

    def _entry(
        self, store: str, number: int, entry: AuditedEntry, held: dict[str, None]
    ) -> Iterator[dict[str, Any]]:
        chain = entry.chain or ((entry.certificate,) if entry.certificate is not None else ())
        for one in chain:
            ref = f"cert:sha256:{one.sha256}"
            held[ref] = None
            if ref not in self.written:
                self.written.add(ref)
                self.hashed.update(ref.encode())
                trusted = entry.trusted_by if one == entry.certificate else ()
                yield from self._certificate(ref, one, trusted)
        if entry.kind in ("private-key", "secret-key"):
            digest = spki_digest(entry.certificate)
            ref = f"{entry.kind}:sha256:{digest}" if digest else f"{store}!{number}"
            held[ref] = None
            if ref not in self.written:
                self.written.add(ref)
                self.hashed.update(ref.encode())
                yield _held_key(ref, entry)
                public = f"key:sha256:{digest}"
                # A key nobody can read is no component.
                needs: dict[str, None] = {public: None} if public in self.written else {}
                self.graph[ref] = ("dependsOn", needs)

    def _certificate(
        self, ref: str, one: Certificate, trusted_by: tuple[str, ...]
    ) -> Iterator[dict[str, Any]]:
        needs: dict[str, None] = {}
        self.graph[ref] = ("dependsOn", needs)
        made, signature = certificate(ref, one, self.head.at, trusted_by)
        yield made
        if signature:
            yield from self._algorithm(signature, needs)
        key = public_key(one)
        if key is None:
            return
        needs[key["bom-ref"]] = None
        if key["bom-ref"] in self.written:
            return
        self.written.add(key["bom-ref"])
        yield key
        of_key: dict[str, None] = {}
        self.graph[key["bom-ref"]] = ("dependsOn", of_key)
        yield from self._algorithm(key_algorithm_name(one), of_key)

    def _algorithm(self, name: str, needs: dict[str, None]) -> Iterator[dict[str, Any]]:
        ref = algorithm_ref(name)
        needs[ref] = None
        if ref not in self.written:
            self.written.add(ref)
            self.graph[ref] = ("dependsOn", {})
            yield algorithm(name)

    def dependencies(self) -> Iterator[dict[str, Any]]:
        for ref, (word, others) in self.graph.items():
            yield {"ref": ref, word: list(others)} if others else {"ref": ref}

    def serial_number(self) -> str:
        digest = bytearray(sha1(_NAMESPACE + self.hashed.digest(), usedforsecurity=False).digest())
        digest[6] = digest[6] & 0x0F | 0x50
        digest[8] = digest[8] & 0x3F | 0x80
        digits = digest[:16].hex()
        parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
        return f"urn:uuid:{'-'.join(parts)}"


def _file(ref: str, store: AuditedStore) -> dict[str, Any]:
    hashes = [{"alg": "SHA-256", "content": store.sha256}] if store.sha256 else []
    return {
        "type": "file",
        "bom-ref": ref,
        "name": place(store),
        **({"hashes": hashes} if hashes else {}),
        "properties": properties(
            name=store.name,
            format=store.format,
            runtime=store.runtime,
            entries="" if store.problem else str(len(store.entries)),
            unreadable=store.problem,
        ),
    }


def _held_key(ref: str, entry: AuditedEntry) -> dict[str, Any]:
    """A private or secret key: that it is there, never what it is."""
    return {
        "type": "cryptographic-asset",
        "bom-ref": ref,
        "name": safe(entry.alias) or entry.kind,
        "cryptoProperties": {
            "assetType": "related-crypto-material",
            "relatedCryptoMaterialProperties": {"type": entry.kind},
        },
        "properties": properties(alias=entry.alias, key=entry.key),
    }
