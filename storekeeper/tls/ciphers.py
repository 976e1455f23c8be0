"""Cipher suites by number: their names, how they agree on keys, how old they are."""

from __future__ import annotations

import functools

from ..frozen import Frozen
from ..packaged import packaged

EMPTY_RENEGOTIATION_INFO = 0x00FF
FALLBACK = 0x5600
"""Signals that stand among the suites and are none (RFC 5746, RFC 7507)."""


class Suite(Frozen):
    """A cipher suite.

    Attributes:
        number: as on the wire.
        name: as IANA and the JDK spell it, or the number in hex.
        openssl: as OpenSSL spells it, "" where it has none.
    """

    number: int
    name: str
    openssl: str = ""

    @property
    def key_exchange(self) -> str:
        """One of "DHE", "ECDHE", "RSA", "DH", "ECDH", "PSK"; "" in TLS 1.3, where groups say it."""
        if "_WITH_" not in self.name:
            return ""
        words = self.name.removeprefix("TLS_").partition("_WITH_")[0].split("_")
        return "PSK" if words[0] == "PSK" else words[0]

    @property
    def authentication(self) -> str:
        """One of "RSA", "ECDSA", "DSS", "anon", "PSK"; "" in TLS 1.3."""
        if "_WITH_" not in self.name:
            return ""
        words = self.name.removeprefix("TLS_").partition("_WITH_")[0].split("_")
        if "anon" in words:
            return "anon"
        return words[1] if len(words) > 1 and words[1] != "EXPORT" else words[0]

    @property
    def forward_secret(self) -> bool:
        """Whether the server's key alone does not open what was recorded."""
        return self.key_exchange in ("", "DHE", "ECDHE")

    @property
    def authenticated(self) -> bool:
        """Whether encryption and authentication are one (AEAD)."""
        return any(word in self.name for word in ("_GCM_", "_CCM", "_CHACHA20_"))

    @property
    def weakness(self) -> str:
        """Why nobody should use it: "no encryption", "export", "RC4", ...; "" for no reason."""
        name = self.name
        for part, what in (
            ("_NULL_", "no encryption"),
            ("EXPORT", "export grade"),
            ("anon", "nobody is authenticated"),
            ("RC4", "RC4"),
            ("RC2", "RC2"),
            ("_DES_", "DES"),
            ("DES40", "DES"),
            ("3DES", "3DES"),
            ("_MD5", "MD5"),
        ):
            if part in name:
                return what
        return ""


@functools.cache
def known() -> dict[int, Suite]:
    """All suites that have a name here, by number."""
    found = {}
    for line in packaged("cipher_suites.tsv").decode("ascii").splitlines():
        if line and not line.startswith("#"):
            number, name, openssl = line.split("\t")
            found[int(number, 16)] = Suite(int(number, 16), name, openssl)
    return found


def suite(number: int) -> Suite:
    """The suite of a number, also of an unknown one."""
    return known().get(number) or Suite(number, f"0x{number:04x}")


@functools.cache
def of_version(version: int) -> tuple[int, ...]:
    """Numbers of the suites a protocol can use, those of TLS 1.3 for it alone; the best first."""
    from .words import TLS12, TLS13

    modern = version >= TLS13
    signals = (EMPTY_RENEGOTIATION_INFO, FALLBACK)
    found = [
        one
        for number, one in known().items()
        if number not in signals and number and ("_WITH_" not in one.name) == modern
    ]
    if version < TLS12:
        found = [one for one in found if not _only_tls12(one)]
    return tuple(one.number for one in sorted(found, key=_rank))


def _only_tls12(one: Suite) -> bool:
    """Whether it came with TLS 1.2: AEAD, and the hashes of SHA-2."""
    return one.authenticated or one.name.endswith(("_SHA256", "_SHA384"))


def _rank(one: Suite) -> tuple[bool, bool, bool, bool, int]:
    words = one.key_exchange
    return (
        bool(one.weakness),
        not one.forward_secret,
        not one.authenticated,
        words != "ECDHE",
        one.number,
    )
