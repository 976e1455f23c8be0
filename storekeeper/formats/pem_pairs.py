"""Which certificates of a PEM text belong to which of its private keys.

The key's own certificate is, in this order, the one with

1. the same ``localKeyID`` line before it (``openssl pkcs12`` writes them);
2. the key's public key, when the key is not encrypted;
3. for an encrypted key nothing is certain: the first certificate that is no CA's, or just
   the first, if there is one key in the file; the first between this key and the next if
   there are several. A finding says so.

The chain goes on by name, subject to issuer, with the certificates that follow in the
file looked at first. A certificate in a chain is not an entry of its own.
"""

from __future__ import annotations

from bisect import bisect

from ..errors import StorekeeperError
from ..key_info import spki_bits
from ..model import Certificate, Finding, Sealed
from ..x509 import facts_or_none
from . import pem_keys
from .pem import preface_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Limits
    from ..names import Name
    from ..x509 import Facts
    from .pem import Piece


def pair(
    keys: list[Piece], certificates: list[Piece], findings: list[Finding], limits: Limits
) -> tuple[dict[int, list[Piece]], list[Piece]]:
    """Chains by the block number of their key, and the certificates in none of them."""
    book = _Book(certificates)
    leaves: dict[int, Piece] = {}
    used: set[int] = set()
    unsure: list[int] = []
    for number, key in enumerate(keys):
        leaf = book.stated(key, used)
        if leaf is None:
            unsure.append(number)
        else:
            leaves[number] = leaf
            used.add(id(leaf))
    for number in unsure:
        key = keys[number]
        if not _locked(key):
            continue  # its public key is known, and no certificate has it
        following = keys[number + 1].block.index if number + 1 < len(keys) else None
        leaf = book.guessed(key, following, len(keys) == 1, used)
        if leaf is not None:
            leaves[number] = leaf
            used.add(id(leaf))
            findings.append(
                Finding("key-pairing-assumed", "info", "",
                        "the private key is encrypted, so the certificate it belongs to is "
                        "assumed from its place in the file")
            )  # fmt: skip
    chains: dict[int, list[Piece]] = {}
    for number, leaf in leaves.items():
        chain = book.chain(leaf, used, limits)
        used.update(map(id, chain))
        chains[keys[number].block.index] = chain
    return chains, [piece for piece in certificates if id(piece) not in used]


def _locked(key: Piece) -> bool:
    assert isinstance(key.value, Sealed)
    return pem_keys.is_locked(key.value)


class _Book:
    """The certificates of a file by what they are looked up for."""

    __slots__ = ("_by_bits", "_by_id", "_by_name", "_by_subject", "_facts", "_pieces", "_skips")

    def __init__(self, pieces: list[Piece]) -> None:
        self._pieces = pieces
        self._facts: dict[int, Facts | None] = {}
        self._by_id: dict[str, list[Piece]] = {}
        self._by_bits: dict[bytes, list[Piece]] = {}
        self._by_subject: dict[bytes, list[Piece]] = {}
        self._by_name: dict[str, list[Piece]] | None = None
        self._skips: dict[int, dict[int, int]] = {}
        for piece in pieces:
            assert isinstance(piece.value, Certificate)
            known = self._facts[id(piece)] = facts_or_none(piece.value)
            if piece.position == 0 and (local := preface_value(piece.block.preface, b"localKeyID")):
                self._by_id.setdefault(local, []).append(piece)
            if known is None:
                continue
            bits = spki_bits(known.spki)
            if bits:
                self._by_bits.setdefault(bits, []).append(piece)
            self._by_subject.setdefault(known.subject.der, []).append(piece)

    def stated(self, key: Piece, used: set[int]) -> Piece | None:
        """The certificate that names the key or holds its public key."""
        local = preface_value(key.block.preface, b"localKeyID")
        if local and (found := self._next(self._by_id.get(local, []), key, used)):
            return found
        assert isinstance(key.value, Sealed)
        bits = pem_keys.public_bits(key.value) if self._pieces else None
        return self._next(self._by_bits.get(bits, []), key, used) if bits else None

    def guessed(
        self, key: Piece, following: int | None, alone: bool, used: set[int]
    ) -> Piece | None:
        """The certificate an encrypted key probably belongs to."""
        if alone:
            ends = (p for p in self._pieces if (f := self._facts[id(p)]) and not _is_ca(f))
            return next(ends, self._pieces[0] if self._pieces else None)
        first = bisect(self._pieces, (key.block.index, -1), key=_place)
        piece = self._unused(self._pieces, first, used)
        if piece is None or (following is not None and piece.block.index > following):
            return None
        return piece

    def chain(self, leaf: Piece, used: set[int], limits: Limits) -> list[Piece]:
        """The leaf and its issuers, as far as the file has them."""
        chain = [leaf]
        seen = {leaf.value}
        while len(chain) < limits.chain:
            known = self._facts[id(chain[-1])]
            if known is None or known.issuer.der == known.subject.der:
                break
            candidates = self._owners(known.issuer)
            issuer = self._next(candidates, chain[-1], used)
            if issuer is None or issuer.value in seen:
                # Every copy is in some chain already: two keys may share one.
                issuer = next((p for p in candidates[:64] if p.value not in seen), None)
            if issuer is None:
                break
            chain.append(issuer)
            seen.add(issuer.value)
        return chain

    def _owners(self, name: Name) -> list[Piece]:
        """The certificates of that subject: in those very bytes, else the same in others."""
        found = self._by_subject.get(name.der)
        if found:
            return found
        if self._by_name is None:
            self._by_name = {}
            for pieces in self._by_subject.values():
                facts = self._facts[id(pieces[0])]
                known = _canonical(facts.subject) if facts else None
                if known is not None:
                    self._by_name.setdefault(known, []).extend(pieces)
            for pieces in self._by_name.values():
                pieces.sort(key=_place)
        wanted = _canonical(name)
        return self._by_name.get(wanted, []) if wanted is not None else []

    def _next(self, pieces: list[Piece], after: Piece, used: set[int]) -> Piece | None:
        """The first unused one after a place in the file, else the first unused one."""
        here = bisect(pieces, _place(after), key=_place)
        return self._unused(pieces, here, used) or self._unused(pieces, 0, used)

    def _unused(self, pieces: list[Piece], start: int, used: set[int]) -> Piece | None:
        """The first unused one from an index on.

        Used ones stay used, so how far they reach is noted and they are passed over at once
        the next time: thousands of keys may share one list.
        """
        if not pieces:
            return None
        skips = self._skips.setdefault(id(pieces), {})
        passed = []
        at = start
        while at < len(pieces) and id(pieces[at]) in used:
            passed.append(at)
            at = skips.get(at, at + 1)
        skips.update(dict.fromkeys(passed, at))
        return pieces[at] if at < len(pieces) else None


def _place(piece: Piece) -> tuple[int, int]:
    return piece.block.index, piece.position


def _canonical(name: Name) -> str | None:
    try:
        return name.canonical()
    except StorekeeperError:
        return None


def _is_ca(facts: Facts) -> bool:
    try:
        return facts.is_ca
    except StorekeeperError:
        return False
