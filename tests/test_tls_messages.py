"""What servers say: three layouts of a request, chains, ephemeral keys; damaged ones, too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged, LimitExceeded, StorekeeperError
from storekeeper.tls import messages, words
from storekeeper.tls.messages import CertificateRequest
from storekeeper.tls.wire import vector
from tests import forge

NAMES = (forge.name("CN=A,O=Example"), forge.name("CN=B"))
LISTED = vector(b"".join(vector(one, 2) for one in NAMES), 2)
SCHEMES = (0x0403, 0x0804)
LISTED_SCHEMES = vector(b"".join(one.to_bytes(2, "big") for one in SCHEMES), 2)


def _extension(number: int, content: bytes) -> bytes:
    return number.to_bytes(2, "big") + vector(content, 2)


def test_a_request_of_tls_1_1_has_no_signature_algorithms() -> None:
    body = vector(b"\x01\x02\x40", 1) + LISTED
    found = messages.certificate_request(body, words.TLS11)
    assert found == CertificateRequest("TLSv1.1", NAMES, (1, 2, 64))
    assert found.key_types == ("rsa_sign", "dss_sign", "ecdsa_sign")


def test_a_request_of_tls_1_2() -> None:
    body = vector(b"\x01\x40", 1) + LISTED_SCHEMES + LISTED
    found = messages.certificate_request(body, words.TLS12, "renegotiation")
    assert found == CertificateRequest("TLSv1.2", NAMES, (1, 64), SCHEMES, (), "renegotiation")
    assert found.schemes == ("ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256")


def test_a_request_of_tls_1_3_has_extensions() -> None:
    extensions = _extension(13, LISTED_SCHEMES) + _extension(47, LISTED)
    extensions += _extension(50, LISTED_SCHEMES) + _extension(5, b"")
    found = messages.certificate_request(vector(b"", 1) + vector(extensions, 2), words.TLS13)
    assert found == CertificateRequest("TLSv1.3", NAMES, (), SCHEMES, SCHEMES)
    empty = vector(b"", 1) + vector(_extension(13, LISTED_SCHEMES), 2)
    assert messages.certificate_request(empty, words.TLS13).authorities == ()


def test_as_many_names_as_there_is_room_for() -> None:
    short = b"\x30\x00"
    most = 65_535 // 4
    body = vector(b"\x01", 1) + vector(vector(short, 2) * most, 2)
    assert len(messages.certificate_request(body, words.TLS11).authorities) == most
    with pytest.raises(LimitExceeded, match="acceptable CA names"):
        messages.certificate_request(
            vector(b"\x01", 1) + vector(vector(b"", 2) * 32_000, 2), words.TLS11
        )


def test_chains_with_and_without_extensions() -> None:
    chain = (b"one", b"two", b"not even DER")
    old = vector(b"".join(vector(one, 3) for one in chain), 3)
    new = vector(b"", 1) + vector(b"".join(vector(one, 3) + vector(b"", 2) for one in chain), 3)
    assert messages.certificates(old, words.TLS12) == chain
    assert messages.certificates(new, words.TLS13) == chain
    with pytest.raises(LimitExceeded, match="more than 1000"):
        messages.certificates(vector(vector(b"x", 3) * 1_001, 3), words.TLS12)


def test_stapled_responses() -> None:
    status = b"\x01" + vector(b"response", 3)
    assert messages.stapled(status) == b"response"
    assert messages.stapled(b"\x02" + vector(b"many", 3)) == b""
    entry = vector(b"leaf", 3) + vector(_extension(5, status), 2)
    assert messages.stapled_in(vector(b"", 1) + vector(entry, 3)) == b"response"
    assert messages.stapled_in(vector(b"", 1) + vector(b"", 3)) == b""


def test_ephemeral_keys() -> None:
    prime = (1 << 1023) | 1
    body = vector(b"\0" + prime.to_bytes(128, "big"), 2) + vector(b"\x02", 2)
    found = messages.key_exchange(body, "DHE")
    assert (found.kind, found.group, found.bits) == ("DHE", "", 1024)
    found = messages.key_exchange(b"\x03\x00\x17" + b"rest", "ECDHE")
    assert (found.kind, found.group, found.bits) == ("ECDHE", "secp256r1", 256)
    assert messages.key_exchange(b"\x01rest", "ECDHE").bits is None
    hybrid = messages.of_group(4588)
    assert (hybrid.kind, hybrid.group, hybrid.bits) == ("hybrid", "X25519MLKEM768", None)
    assert messages.of_group(0xABCD).group == "0xabcd"


def test_a_group_of_rfc_7919_is_known_by_its_prime() -> None:
    # RFC 7919 appendix A.1, the first and last 64 bits and what follows the first.
    middle = bytes.fromhex("adf85458a2bb4a9a") + bytes(256 - 24)
    prime = b"\xff" * 8 + middle + b"\xff" * 8
    found = messages.key_exchange(vector(prime, 2) + vector(b"\x02", 2), "DHE")
    assert (found.group, found.bits) == ("ffdhe2048", 2048)


@given(
    st.sampled_from([words.SSL3, words.TLS10, words.TLS12, words.TLS13]),
    st.binary(max_size=400),
)
def test_any_bytes(version: int, data: bytes) -> None:
    readers = (
        lambda: messages.certificate_request(data, version),
        lambda: messages.certificates(data, version),
        lambda: messages.server_hello(data),
        lambda: messages.stapled(data),
        lambda: messages.stapled_in(data),
        lambda: messages.key_exchange(data, "DHE"),
        lambda: messages.key_exchange(data, "ECDHE"),
    )
    for read in readers:
        try:
            read()
        except StorekeeperError:
            continue


def test_a_cut_message_says_where() -> None:
    with pytest.raises(Damaged, match="certificate request: expected 2 bytes, found 0"):
        messages.certificate_request(b"\x00", words.TLS12)
