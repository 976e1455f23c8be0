"""Certificates, keys and lists made to be compared, and the sum of a comparison."""

from __future__ import annotations

import datetime as dt
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import strategies as st

from storekeeper.model import (
    Certificate,
    Entry,
    Password,
    PrivateKey,
    Sealed,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
)
from storekeeper.trust.anchors import Anchor, Published, RootList
from storekeeper.trust.diff import Diff, Item

AT = 1_790_000_000  # 2026-09-21


def one_side(found: Diff, side: str) -> set[str]:
    """Every certificate that is on one side only, wherever the result lists it."""
    pairs = [*found.reissued, *found.new_key, *found.same_key_new_name]
    told = [getattr(pair, side) for pair in pairs if side == "new" or not pair.old_stays]
    alone = [*(found.removed if side == "old" else found.added), *told]
    assert len({item.sha256 for item in alone}) == len(alone)  # each told once
    return {item.sha256 for item in alone}


Summary = dict[str, set[tuple[str, ...]]]


def summary(found: Diff) -> Summary:
    """What a comparison says, without order and aliases."""
    made: Summary = {
        name: {(item.kind, item.sha256) for item in getattr(found, name)}
        for name in ("common", "added", "removed", "expired")
    }
    for name in ("reissued", "new_key", "same_key_new_name"):
        made[name] = {
            (pair.kind, pair.old.sha256, pair.new.sha256, str(pair.old_stays))
            for pair in getattr(found, name)
        }
    return made


# --- made-up certificates ---------------------------------------------------------------


@cache
def key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number + 1, ec.SECP256R1())


def certificate(name: str, number: int, serial: int = 1, utf8: bool = True) -> Certificate:
    """A certificate for a name and a key; two serials are two issues of it."""
    return _certificate(name, number, serial, utf8)


@cache
def _certificate(name: str, number: int, serial: int, utf8: bool) -> Certificate:
    kind = x509.name._ASN1Type.UTF8String if utf8 else x509.name._ASN1Type.PrintableString
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name, kind)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key(number).public_key())
        .serial_number(serial)
        .not_valid_before(dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2040 if serial < 90 else 2021, 1, 1, tzinfo=dt.UTC))
        .sign(key(0), hashes.SHA256())
    )
    return Certificate(made.public_bytes(serialization.Encoding.DER))


def trust(*certificates: Certificate, format: str = "JKS", prefix: str = "a") -> Store:
    return Store(
        format, tuple(TrustedCert(f"{prefix}{i}", one) for i, one in enumerate(certificates))
    )


def shas(items: tuple[Item, ...]) -> list[str]:
    return [item.sha256 for item in items]


def trusted(store: Store) -> list[TrustedCert]:
    return [entry for entry in store.entries if isinstance(entry, TrustedCert)]


# --- keys -------------------------------------------------------------------------------


def _never(data: bytes, password: Password | None) -> bytes | Secret:
    raise AssertionError("a comparison opens no key")


def private(alias: str, *chain: Certificate, sealed: bytes = b"sealed") -> PrivateKey:
    return PrivateKey(alias, chain, Sealed("test", sealed, _never))


def secret(alias: str, sealed: bytes) -> SecretKey:
    return SecretKey(alias, Sealed("test", sealed, _never))


def keystore(*entries: Entry) -> Store:
    return Store("JCEKS", entries)


# --- lists ------------------------------------------------------------------------------


def bare(*certificates: Certificate) -> RootList:
    """A list of fingerprints only."""
    return RootList("bare", anchors=tuple(Anchor(one.sha256) for one in certificates))


def published(*certificates: Certificate, whole: bool) -> RootList:
    """A list with hashes in place of certificates; all of them, or CCADB's second identity."""
    anchors = []
    for one in certificates:
        full = Anchor(one.sha256, certificate=one)
        if whole:
            said = Published(full.subject, full.subject_sha256, full.spki_sha256)
        else:
            said = Published(subject_spki_sha256=full.subject_spki_sha256)
        anchors.append(Anchor(one.sha256, published=said))
    return RootList("published", anchors=tuple(anchors))


# --- laws -------------------------------------------------------------------------------

CERTIFICATES = [
    certificate(name, number, serial, utf8)
    for name in ("a", "b")
    for number in (1, 2)
    for serial in (1, 2, 90)
    for utf8 in (True, False)
]
entries = st.one_of(
    st.builds(TrustedCert, st.sampled_from("abcdefgh"), st.sampled_from(CERTIFICATES)),
    st.builds(
        lambda alias, chain: private(alias, *chain),
        st.sampled_from("abcd"),
        st.lists(st.sampled_from(CERTIFICATES), max_size=2),
    ),
    st.builds(secret, st.sampled_from("abcd"), st.sampled_from([b"1", b"2", b"3"])),
)
stores = st.builds(
    lambda kind, found: Store(kind, tuple(found)),
    st.sampled_from(["JKS", "PKCS12", "PEM"]),
    st.lists(entries, max_size=12),
)
