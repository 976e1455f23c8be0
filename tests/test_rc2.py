"""RC2 against the vectors of RFC 2268 and against cryptography's RC2-128."""

from __future__ import annotations

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import RC2
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import CBC
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.formats import rc2

RFC_2268_SECTION_5 = [
    ("0000000000000000", 63, "0000000000000000", "ebb773f993278eff"),
    ("ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"),
    ("3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"),
    ("88", 64, "0000000000000000", "61a8a244adacccf0"),
    ("88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"),
    ("88bca90e90875a7f0f79c384627bafb2", 64, "0000000000000000", "1a807d272bbe5db1"),
    ("88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"),
    (
        "88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e",
        129,
        "0000000000000000",
        "5b78d3a43dfff1f1",
    ),
]


@pytest.mark.parametrize(("key", "bits", "plain", "sealed"), RFC_2268_SECTION_5)
def test_rfc_2268_section_5(key: str, bits: int, plain: str, sealed: str) -> None:
    words = rc2.expand(bytes.fromhex(key), bits)
    assert rc2.encrypt_block(words, bytes.fromhex(plain)).hex() == sealed
    assert rc2.decrypt_blocks(words, bytes.fromhex(sealed)).hex() == plain


blocks = st.integers(0, 40).flatmap(lambda count: st.binary(min_size=8 * count, max_size=8 * count))


@given(st.binary(min_size=1, max_size=128), st.integers(1, 1024), st.binary(min_size=8, max_size=8),
       blocks)  # fmt: skip
def test_what_is_encrypted_decrypts(key: bytes, bits: int, iv: bytes, data: bytes) -> None:
    sealed = rc2.encrypt_cbc(key, bits, iv, data)
    assert len(sealed) == len(data)
    assert rc2.decrypt_cbc(key, bits, iv, sealed) == data


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=8, max_size=8), blocks)
def test_as_cryptography_with_128_bits(key: bytes, iv: bytes, data: bytes) -> None:
    encryptor = Cipher(RC2(key), CBC(iv)).encryptor()
    assert rc2.encrypt_cbc(key, 128, iv, data) == encryptor.update(data) + encryptor.finalize()


@pytest.mark.parametrize(("key", "bits"), [(b"", 40), (b"x" * 129, 40), (b"x", 0), (b"x", 1025)])
def test_keys_that_are_none(key: bytes, bits: int) -> None:
    with pytest.raises(ValueError, match="RC2"):
        rc2.expand(key, bits)
