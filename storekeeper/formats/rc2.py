"""RC2 in CBC mode (RFC 2268), which JDK 8 put around the certificates of every PKCS12.

`cryptography` offers RC2 with 128-bit keys only and the stores have 40-bit ones, so this
is our own. Blocks of a CBC ciphertext decrypt independently of one another: they are
laid side by side in one large integer, 32 bits a block, and go through the cipher
together, thirty times as fast as one by one.
"""

from __future__ import annotations

BLOCK = 8
_SHIFTS = (1, 2, 3, 5)
# A mashing round follows the 5th and the 11th mixing round (RFC 2268 section 3.3).
_MASH_AFTER = (4, 10)


def _pitable() -> bytes:
    # RFC 2268 section 2: a permutation of 0..255 derived from the digits of pi.
    return bytes.fromhex(
        "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2"
        "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82"
        "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
        "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7"
        "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec"
        "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
        "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9"
        "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
    )


def expand(key: bytes, effective_bits: int) -> tuple[int, ...]:
    """The 64 words of the expanded key (RFC 2268 section 2).

    Args:
        key: 1 to 128 bytes.
        effective_bits: 1 to 1024, the size the search space is reduced to.
    """
    table = _pitable()
    size = len(key)
    if not 1 <= size <= 128 or not 1 <= effective_bits <= 1024:
        raise ValueError(f"RC2 with a key of {size} bytes, {effective_bits} bits effective")
    buffer = bytearray(key)
    for at in range(size, 128):
        buffer.append(table[(buffer[at - 1] + buffer[at - size]) & 0xFF])
    effective = (effective_bits + 7) // 8
    mask = 0xFF >> (-effective_bits % 8)
    buffer[128 - effective] = table[buffer[128 - effective] & mask]
    for at in range(127 - effective, -1, -1):
        buffer[at] = table[buffer[at + 1] ^ buffer[at + effective]]
    return tuple(buffer[at] | buffer[at + 1] << 8 for at in range(0, 128, 2))


def encrypt_block(words: tuple[int, ...], block: bytes) -> bytes:
    """One block of 8 bytes, encrypted (RFC 2268 section 3)."""
    state = [int.from_bytes(block[at : at + 2], "little") for at in (0, 2, 4, 6)]
    for turn in range(16):
        for i in range(4):
            last, before, first = state[i - 1], state[i - 2], state[i - 3]
            mixed = state[i] + words[4 * turn + i] + (last & before) + (~last & first) & 0xFFFF
            state[i] = (mixed << _SHIFTS[i] | mixed >> 16 - _SHIFTS[i]) & 0xFFFF
        if turn in _MASH_AFTER:
            for i in range(4):
                state[i] = state[i] + words[state[i - 1] & 63] & 0xFFFF
    return b"".join(word.to_bytes(2, "little") for word in state)


def decrypt_blocks(words: tuple[int, ...], data: bytes) -> bytes:
    """Whole blocks, each decrypted by itself (ECB), all at the same time (RFC 2268 section 4)."""
    count = len(data) // BLOCK
    ones = int.from_bytes(b"\1\0\0\0" * count, "little")
    low16 = ones * 0xFFFF
    # A subtrahend is at most 3 * 0xFFFF; the bias keeps a lane from borrowing of the next one.
    bias = ones * 0x40000
    size = 4 * count
    table_low = bytes(words[at & 63] & 0xFF for at in range(256))
    table_high = bytes(words[at & 63] >> 8 for at in range(256))

    state = []
    for at in (0, 2, 4, 6):
        lanes = bytearray(size)
        lanes[0::4] = data[at::BLOCK]
        lanes[1::4] = data[at + 1 :: BLOCK]
        state.append(int.from_bytes(lanes, "little"))

    def word_at(index: int) -> int:
        """The expanded key word each lane points at with its low six bits."""
        octets = index.to_bytes(size, "little")
        low = int.from_bytes(octets.translate(table_low), "little") & ones * 0xFF
        high = int.from_bytes(octets.translate(table_high), "little") & ones * 0xFF
        return high << 8 | low

    for turn in range(15, -1, -1):
        if turn in _MASH_AFTER:
            for i in (3, 2, 1, 0):
                state[i] = state[i] + bias - word_at(state[i - 1]) & low16
        for i in (3, 2, 1, 0):
            shift = _SHIFTS[i]
            rotated = (state[i] >> shift | state[i] << 16 - shift) & low16
            last = state[i - 1]
            taken = words[4 * turn + i] * ones + (last & state[i - 2])
            state[i] = rotated + bias - taken - ((last ^ low16) & state[i - 3]) & low16

    out = bytearray(len(data))
    for at, lane in zip((0, 2, 4, 6), state, strict=True):
        octets = lane.to_bytes(size, "little")
        out[at::BLOCK] = octets[0::4]
        out[at + 1 :: BLOCK] = octets[1::4]
    return bytes(out)


def decrypt_cbc(key: bytes, effective_bits: int, iv: bytes, data: bytes) -> bytes:
    """CBC, padding left in place; ``data`` is a whole number of blocks."""
    if not data:
        return b""
    plain = decrypt_blocks(expand(key, effective_bits), data)
    chain = iv + data[:-BLOCK]
    size = len(data)
    mixed = int.from_bytes(plain, "big") ^ int.from_bytes(chain, "big")
    return mixed.to_bytes(size, "big")


def encrypt_cbc(key: bytes, effective_bits: int, iv: bytes, data: bytes) -> bytes:
    """CBC without padding; ``data`` is a whole number of blocks."""
    words = expand(key, effective_bits)
    out = []
    last = int.from_bytes(iv, "big")
    for at in range(0, len(data), BLOCK):
        block = int.from_bytes(data[at : at + BLOCK], "big") ^ last
        sealed = encrypt_block(words, block.to_bytes(BLOCK, "big"))
        last = int.from_bytes(sealed, "big")
        out.append(sealed)
    return b"".join(out)
