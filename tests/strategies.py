"""Hypothesis strategies for stores and what is in them, for the laws of every codec."""

from __future__ import annotations

from hypothesis import strategies as st

from storekeeper import der
from storekeeper.formats import jks
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

KEY_PASSWORD = Password("key password")
"""What the sealed keys below open with."""


def _joined(text: str) -> str:
    """A high and a low surrogate side by side are one character, in Java as in here."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


any_text = st.text(st.characters(codec=None), max_size=24).map(_joined)
"""Full Unicode: NUL, beyond the BMP, lone surrogates."""

unicode_text = st.text(st.characters(codec="utf-8"), max_size=24)
"""Full Unicode without surrogates."""

passwords = st.text(st.characters(codec="utf-8"), max_size=16).map(Password)

dates = st.one_of(
    st.integers(0, 4_102_444_800_000), st.integers(-(2**63), 2**63 - 1), st.sampled_from([0, -1])
)
"""Milliseconds since 1970, sensible or anything of 64 bits."""

ders = st.one_of(
    st.binary(max_size=80),
    st.lists(st.binary(max_size=40), max_size=4).map(
        lambda parts: der.sequence(*map(der.octet_string, parts))
    ),
)
"""Stand-ins for certificates; no codec of stores looks into one."""

certificates = st.builds(Certificate, ders)

odd_certificates = st.builds(
    Certificate, ders, st.one_of(st.just("X.509"), st.just("X509"), any_text)
)
"""Also of other certificate types, which JKS has room for."""


pkcs8s = st.builds(
    lambda algorithm, key: der.sequence(
        der.integer(0), der.sequence(der.oid(algorithm)), der.octet_string(key)
    ),
    st.sampled_from(["1.2.840.113549.1.1.1", "1.3.101.112", "2.16.840.1.101.3.4.3.17"]),
    st.binary(min_size=1, max_size=60),
)
"""PKCS#8 of known and unknown algorithms with nonsense for keys."""


def jks_sealed(format: str) -> st.SearchStrategy[Sealed]:
    """A private key sealed as that format does, as cheaply as it allows."""
    return st.builds(
        lambda pkcs8, salt: jks.seal_private_key(
            pkcs8,
            KEY_PASSWORD,
            "JKS" if format == "JKS" else "JCEKS",
            random=lambda size: salt[:size],
            iterations=2,
        ),
        pkcs8s,
        st.binary(min_size=20, max_size=20),
    )


secrets = st.builds(
    Secret,
    st.one_of(st.sampled_from(["AES", "HmacSHA256", "DESede"]), any_text.filter(bool)),
    st.binary(min_size=1, max_size=64),
)

jceks_secrets = st.builds(
    lambda secret, salt: jks.seal_secret(
        secret, KEY_PASSWORD, random=lambda size: salt[:size], iterations=2
    ),
    secrets,
    st.binary(min_size=8, max_size=8),
)


def trusted_certs(
    aliases: st.SearchStrategy[str] = any_text,
    created: st.SearchStrategy[int] | st.SearchStrategy[int | None] = dates,
    certificate: st.SearchStrategy[Certificate] = certificates,
) -> st.SearchStrategy[TrustedCert]:
    """Trusted entries; a format without dates passes ``st.none()``."""
    return st.builds(TrustedCert, aliases, certificate, created)


def private_keys(
    sealed: st.SearchStrategy[Sealed],
    aliases: st.SearchStrategy[str] = any_text,
    created: st.SearchStrategy[int] | st.SearchStrategy[int | None] = dates,
    certificate: st.SearchStrategy[Certificate] = certificates,
) -> st.SearchStrategy[PrivateKey]:
    """Private keys with chains of none to three certificates."""
    chains = st.lists(certificate, max_size=3).map(tuple)
    return st.builds(PrivateKey, aliases, chains, sealed, created)


def secret_keys(
    sealed: st.SearchStrategy[Sealed],
    aliases: st.SearchStrategy[str] = any_text,
    created: st.SearchStrategy[int] | st.SearchStrategy[int | None] = dates,
) -> st.SearchStrategy[SecretKey]:
    """Secret keys."""
    return st.builds(SecretKey, aliases, sealed, created)


def stores(format: str, *entries: st.SearchStrategy[Entry]) -> st.SearchStrategy[Store]:
    """Stores of these kinds of entries, duplicates of aliases included."""
    return st.builds(Store, st.just(format), st.lists(st.one_of(*entries), max_size=6).map(tuple))


jks_stores = stores(
    "JKS",
    trusted_certs(certificate=odd_certificates),
    private_keys(jks_sealed("JKS"), certificate=odd_certificates),
)
jceks_stores = stores(
    "JCEKS",
    trusted_certs(),
    private_keys(st.one_of(jks_sealed("JKS"), jks_sealed("JCEKS"))),
    secret_keys(jceks_secrets),
)
