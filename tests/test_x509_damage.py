"""Certificates of damaged or any bytes: only our errors."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storekeeper.errors import StorekeeperError
from storekeeper.x509 import Facts
from tests.x509_judges import NAME, encoded, everything, made


@functools.cache
def seeds() -> tuple[bytes, ...]:
    rich = made(
        (x509.BasicConstraints(True, 3), True),
        (x509.SubjectAlternativeName([x509.DNSName("a.b"), x509.DirectoryName(NAME)]), False),
        (x509.NameConstraints([x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))], None), True),
        (x509.ExtendedKeyUsage([Purpose.SERVER_AUTH]), False),
        (x509.SubjectKeyIdentifier(b"id"), False),
        (x509.AuthorityKeyIdentifier(b"id", None, None), False),
        (
            x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("1.2"), None)]),
            False,
        ),
    )
    pss = made(
        kind="rsa2048",
        digest=hashes.SHA256(),
        rsa_padding=padding.PSS(padding.MGF1(hashes.SHA256()), 32),
    )
    return (*map(encoded, (rich, pss, made(kind="secp256r1", digest=hashes.SHA256()))),)


def survives(data: bytes) -> None:
    try:
        found = Facts(data)
    except StorekeeperError:
        return
    assert everything(found)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_changed_bytes_raise_only_our_errors(data: st.DataObject) -> None:
    found = bytearray(data.draw(st.sampled_from(seeds())))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(found) - 1))
        found[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
        if not found:
            break
    survives(bytes(found))


@settings(max_examples=200)
@given(st.binary(max_size=200))
@example(b"\x30\x80" * 100)
def test_any_bytes_raise_only_our_errors(data: bytes) -> None:
    survives(data)


def test_every_cut_raises_only_our_errors() -> None:
    for seed in seeds():
        for length in range(len(seed)):
            with pytest.raises(StorekeeperError):
                Facts(seed[:length])


def single_changes(seed: bytes) -> Iterator[bytes]:
    for at in range(len(seed)):
        for octet in (0, 0x7F, 0x80, 0xFF, seed[at] ^ 1, seed[at] ^ 0x20):
            yield seed[:at] + bytes([octet]) + seed[at + 1 :]


@pytest.mark.slow
def test_every_single_change_raises_only_our_errors() -> None:
    for seed in seeds():
        for changed in single_changes(seed):
            survives(changed)
