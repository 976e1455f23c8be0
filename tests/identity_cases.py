"""Keystores and requests: which of several keys a client sends, in every way it may turn out."""

from __future__ import annotations

import functools
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from storekeeper import der, formats
from storekeeper.formats import reseal
from storekeeper.model import Certificate, Entry, Password, PrivateKey, Store, TrustedCert
from storekeeper.tls.messages import CertificateRequest
from tests import forge, pki
from tests.forge import AT, CLIENT, DAY, SERVER, basic, make, name, purposes, usage
from tests.forge import key_of_seed as key

PASSWORD = "changeit"
PROTOCOLS = ("TLSv1.2", "TLSv1.3")
FORMATS = ("JKS", "PKCS12")
MANAGERS = ("SunX509", "PKIX")

ALL = (0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080A, 0x080B, 0x0804, 0x0805, 0x0806,
       0x0401, 0x0501, 0x0601, 0x0303, 0x0301, 0x0302, 0x0402)  # fmt: skip
"""What OpenSSL 3 asks for, in its order."""
SHA1 = (0x0203, 0x0201, 0x0202)
JAVA = (0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B,
        0x0401, 0x0501, 0x0601, 0x0402, 0x0303, 0x0301, 0x0302, *SHA1)  # fmt: skip
TYPES = (1, 2, 64)


@dataclass(frozen=True)
class Key:
    """A key entry to be made."""

    alias: str
    private: bytes
    chain: tuple[bytes, ...]
    password: str = PASSWORD


@dataclass(frozen=True)
class Trusted:
    """A trusted certificate to be made."""

    alias: str
    certificate: bytes


@dataclass(frozen=True)
class Case:
    """A keystore, and what a server asks of the client that has it.

    Attributes:
        entries: in the order of the file.
        formats: those that can hold them.
    """

    name: str
    entries: tuple[Key | Trusted, ...]
    authorities: tuple[bytes, ...] = ()
    types: tuple[int, ...] = TYPES
    schemes: tuple[int, ...] = ALL
    for_chain: tuple[int, ...] = ()
    formats: tuple[str, ...] = FORMATS
    managers: tuple[str, ...] = MANAGERS
    protocols: tuple[str, ...] = PROTOCOLS
    more: dict[str, Any] = field(default_factory=dict)

    def request(self, protocol: str) -> CertificateRequest:
        """The request, in one of the protocols."""
        old = protocol != "TLSv1.3"
        return CertificateRequest(
            protocol,
            self.authorities,
            self.types if old else (),
            self.schemes if protocol in PROTOCOLS else (),
            () if old else self.for_chain,
        )

    def file(self, format: str) -> bytes:
        """The keystore."""
        return _file(self.entries, format)

    def store(self, format: str) -> Store:
        """The keystore as we read it."""
        return formats.read(self.file(format), PASSWORD)


@functools.lru_cache(maxsize=256)
def _file(entries: tuple[Key | Trusted, ...], format: str) -> bytes:
    made: list[Entry] = []
    for one in entries:
        if isinstance(one, Trusted):
            made.append(TrustedCert(one.alias, Certificate(one.certificate)))
            continue
        sealed = reseal.seal_private_key(one.private, format, Password(one.password))
        made.append(PrivateKey(one.alias, tuple(map(Certificate, one.chain)), sealed))
    return formats.write(Store(format, tuple(made)), Password(PASSWORD))


def private(own: Any) -> bytes:
    """PKCS#8 of a key."""
    made: bytes = own.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return made


CA = (basic(), usage(5, 6))
ROOT, MID, OTHER = "CN=Client Root,O=Example", "CN=Client Issuing,O=Example", "CN=Other,O=Example"


@functools.cache
def root(subject: str = ROOT, kind: str = "P-256", **options: Any) -> bytes:
    own = key(f"r{_number(subject)}", kind)
    return make(subject, own, subject, own, *CA, **options)


@functools.cache
def mid(subject: str = MID, issuer: str = ROOT, kind: str = "P-256", **options: Any) -> bytes:
    signer = key(f"r{_number(issuer)}", options.pop("above", "P-256"))
    return make(subject, key(f"r{_number(subject)}", kind), issuer, signer, *CA, **options)


def _number(text: str) -> int:
    return {ROOT: 0, MID: 1, OTHER: 2}.get(text, 3)


def leaf(number: int = 0, kind: str = "P-256", issuer: str = MID, *extensions: bytes,
         above: str = "P-256", **options: Any) -> bytes:  # fmt: skip
    own = options.pop("own", None) or key(f"r{number % 5}", kind)
    return make(f"CN=client {number},O=Example", own, issuer, key(f"r{_number(issuer)}", above),
                *extensions, serial=100 + number, **options)  # fmt: skip


def entry(
    alias: str,
    number: int = 0,
    kind: str = "P-256",
    issuer: str = MID,
    *extensions: bytes,
    links: Iterable[bytes] = (),
    password: str = PASSWORD,
    **options: Any,
) -> Key:
    """A key entry; extensions and options are those of its certificate."""
    certificate = leaf(number, kind, issuer, *extensions, **options)
    return Key(alias, private(key(f"r{number % 5}", kind)), (certificate, *links), password)


def dsa(alias: str) -> Key:
    own = pki.key("dsa", "DSA")
    return Key(alias, pki.pkcs8(own), (leaf(7, own=own),))


def pss(alias: str) -> Key:
    """A key whose algorithm is RSASSA-PSS itself."""
    own = key("r4", "RSA2048")
    algorithm = der.sequence(der.oid("1.2.840.113549.1.1.10"))
    bits = der.read(forge.spki(own)).items("key", 2)[1].raw
    numbers = own.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    pkcs8 = der.sequence(der.integer(0), algorithm, der.octet_string(numbers))
    return Key(alias, pkcs8, (leaf(8, own=der.sequence(algorithm, bits)),))


EXPIRED: dict[str, Any] = {"start": AT - 200 * DAY, "end": AT - 100 * DAY}
FUTURE: dict[str, Any] = {"start": AT + 100 * DAY, "end": AT + 200 * DAY}
_IS = name(MID)
_ROOT = name(ROOT)
_OTHER = name(OTHER)


def cases() -> Iterator[Case]:
    """Every scenario by name."""
    yield Case("no entries", (), (_IS,))
    yield Case("trusted certificate alone", (Trusted("ca", mid()),), (_IS,))
    yield Case("one key, no list", (entry("one"),))
    yield Case("one key, its issuer listed", (entry("one"),), (_IS,))
    yield Case("one key, another issuer listed", (entry("one"),), (_OTHER,))
    yield Case("leaf alone, root listed", (entry("one"), Trusted("mid", mid())), (_ROOT,),
               formats=("JKS",))  # fmt: skip
    yield Case("leaf alone, root listed, nothing known", (entry("one"),), (_ROOT,))
    yield Case("leaf and issuer, root listed", (entry("one", links=(mid(),)),), (_ROOT,))
    yield Case("whole chain, root listed", (entry("one", links=(mid(), root())),), (_ROOT,))
    yield Case("whole chain, issuer listed", (entry("one", links=(mid(), root())),), (_IS,))
    yield Case("wrong order", (entry("one", links=(root(), mid())),), (_ROOT,))
    yield Case("unrelated in the chain", (entry("one", links=(root(OTHER),)),), (_OTHER,),
               formats=("JKS",))  # fmt: skip
    yield Case("own subject listed", (entry("one"),), (name("CN=client 0,O=Example"),))
    own = Key("self", private(key("r0")), (root("CN=self"),))
    yield Case("self-signed, its own name listed", (own,), (name("CN=self"),))
    yield Case("name in other case", (entry("one"),), (name(MID.upper().replace("CN=", "CN=")),))
    yield Case("name as PrintableString", (entry("one"),), (name(MID, tag=der.PRINTABLE_STRING),))
    yield Case("name with more blanks", (entry("one"),), (name("CN= Client   Issuing ,O=Example"),))
    yield Case("name in other order", (entry("one"),), (name("O=Example,CN=Client Issuing"),))
    yield Case("name as T61String", (entry("one"),), (name(MID, tag=der.T61_STRING),))
    yield Case("expired", (entry("one", **EXPIRED),), (_IS,))
    yield Case("not yet valid", (entry("one", **FUTURE),), (_IS,))
    yield Case("for servers only", (entry("one", 0, "P-256", MID, purposes(SERVER)),), (_IS,))
    yield Case("key agreement only", (entry("one", 0, "P-256", MID, usage(4)),), (_IS,))
    yield Case("key encipherment only", (entry("one", 0, "RSA2048", MID, usage(2)),), (_IS,))
    yield Case("nonRepudiation only, Ed25519", (entry("one", 0, "Ed25519", MID, usage(1)),), (_IS,))
    yield Case("for any purpose", (entry("a", 0, "P-256", MID, purposes(SERVER)),
               entry("b", 1, "P-256", MID, purposes(forge.ANY))), (_IS,))  # fmt: skip
    torn = forge.extension("2.5.29.37", b"\x30\x03\x02\x01")
    yield Case("purposes that can't be read", (entry("a", 0, "P-256", MID, torn), entry("b", 1)),
               (_IS,))  # fmt: skip
    unknown = forge.extension("1.2.3.4", b"\x05\x00", critical=True)
    yield Case("critical extension nobody knows", (entry("a", 0, "P-256", MID, unknown),), (_IS,))
    yield Case("version 1", (entry("a", version=1),), (_IS,))
    yield Case("twelve in the chain", (entry("a", links=[mid(f"CN={n},O=Example", f"CN={n + 1}")
               for n in range(11)]),), (_IS, name("CN=11")), formats=("JKS",))  # fmt: skip
    two = (entry("old", 0, **EXPIRED), entry("new", 1))
    yield Case("expired and valid", two, (_IS,))
    yield Case("valid and expired", two[::-1], (_IS,))
    yield Case("expired and for servers", (entry("server", 0, "P-256", MID, purposes(SERVER)),
               entry("old", 1, **EXPIRED)), (_IS,))  # fmt: skip
    yield Case("for servers and for clients", (entry("a", 0, "P-256", MID, purposes(SERVER)),
               entry("b", 1, "P-256", MID, purposes(CLIENT))), (_IS,))  # fmt: skip
    years = tuple(entry(f"client-{year}", number) for number, year in enumerate((2023, 2025, 2024)))
    yield Case("by the year", years, (_IS,))
    yield Case("thirty keys", tuple(entry(f"k{n}", n % 5) for n in range(30)), (_IS,))
    yield Case("twenty, one fits", tuple(entry(f"id {n}", n, issuer=MID if n == 13 else OTHER)
               for n in range(20)), (_IS,))  # fmt: skip
    ec, rsa = entry("ec"), entry("rsa", 1, "RSA2048")
    yield Case("EC and RSA", (ec, rsa), (_IS,))
    yield Case("RSA and EC", (rsa, ec), (_IS,))
    yield Case("EC and RSA, RSA preferred", (ec, rsa), (_IS,), schemes=(0x0804, 0x0401, 0x0403))
    yield Case("EC and RSA, Java's order", (ec, rsa), (_IS,), schemes=JAVA)
    yield Case("EC and RSA, only RSA types", (ec, rsa), (_IS,), types=(1,))
    yield Case("EC and RSA, only EC types", (rsa, ec), (_IS,), types=(64,))
    yield Case("no types that fit", (ec, rsa), (_IS,), types=(2, 3, 4))
    yield Case("EC and RSA, only RSA schemes", (ec, rsa), (_IS,), schemes=(0x0804, 0x0401))
    yield Case("RSA, only PKCS#1", (rsa,), (_IS,), schemes=(0x0401, 0x0403))
    yield Case("expired EC, valid RSA", (entry("ec", **EXPIRED), rsa), (_IS,))
    yield Case(
        "expired EC, RSA for servers",
        (entry("ec", **EXPIRED), entry("rsa", 1, "RSA2048", MID, purposes(SERVER))),
        (_IS,),
    )
    yield Case(
        "valid RSA of another issuer, EC for servers",
        (entry("rsa", 1, "RSA2048", OTHER), entry("ec", 0, "P-256", MID, purposes(SERVER))),
        (_IS,),
    )
    yield Case("good RSA before good EC", (rsa, entry("e2", 2), ec), (_IS,))
    yield Case("Ed25519", (entry("ed", 0, "Ed25519"),), (_IS,), managers=("SunX509",))
    yield Case("Ed25519 before EC", (entry("ed", 0, "Ed25519"), entry("e", 1)), (_IS,),
               schemes=(0x0807, 0x0403))  # fmt: skip
    yield Case("RSASSA-PSS key", (pss("p"),), (_IS,))
    yield Case("DSA", (dsa("d"),), (_IS,))
    yield Case("P-384, SHA-384 alone", (entry("e", 0, "P-384"),), (_IS,), schemes=(0x0503,))
    yield Case("P-384, SHA-256 alone", (entry("e", 0, "P-384"),), (_IS,), schemes=(0x0403,))
    yield Case("P-384 and P-256, SHA-384 alone", (entry("e", 0), entry("f", 1, "P-384")), (_IS,),
               schemes=(0x0503,))  # fmt: skip
    yield Case("secp256k1", (entry("k", 0, "secp256k1"),), (_IS,))
    yield Case("brainpool", (entry("k", 0, "brainpoolP256r1"),), (_IS,))
    yield Case("P-224", (entry("k", 0, "P-224"),), (_IS,))
    yield Case("RSA 1024, SHA-512 alone", (entry("r", 0, "RSA1024"),), (_IS,), schemes=(0x0806,))
    yield Case("RSA 1024", (entry("r", 0, "RSA1024"),), (_IS,))
    sha1 = Key("s", private(key("r0")), (leaf(0, above="RSA2048", called="SHA1withRSA"),))
    yield Case("signed with SHA-1", (sha1,), (_IS,), schemes=(*ALL, *SHA1))
    yield Case("signed with SHA-1, not asked for", (sha1,), (_IS,))
    yield Case("signed with MD5", (Key("s", private(key("r0")),
               (leaf(0, above="RSA2048", called="MD5withRSA"),)),), (_IS,))  # fmt: skip
    old = root(kind="RSA2048", called="SHA1withRSA")
    yield Case("root signed with SHA-1", (entry("one", 0, issuer=ROOT, above="RSA2048",
               links=(old,)),), (_ROOT,))  # fmt: skip
    signed = Key("r", private(key("r0")), (leaf(0, above="RSA2048"),))
    yield Case("EC key below RSA, only ECDSA", (signed,), (_IS,), schemes=(0x0403,))
    yield Case("EC key below RSA, RSA for the chain", (signed,), (_IS,), schemes=(0x0403,),
               for_chain=(0x0401, 0x0403))  # fmt: skip
    yield Case("for the chain RSA alone", (signed, rsa), (_IS,), schemes=(0x0403, 0x0804),
               for_chain=(0x0401,))  # fmt: skip
    yield Case("only SHA-1", (ec, rsa), (_IS,), schemes=(0x0203, 0x0201))
    yield Case("only unknown schemes", (ec, rsa), (_IS,), schemes=(0x0904, 0x1234))
    yield Case(
        "MD5 first, and RSA with SHA-384", (ec, rsa), (_IS,), schemes=(0x0101, 0x0403, 0x0805)
    )
    yield Case("aliases in capitals", (entry("One"), entry("TWO", 1)), (_IS,))
    yield Case("aliases alike in lower case", (entry("one"), entry("ONE", 1)), (_IS,),
               formats=("JKS",))  # fmt: skip
    others = (entry("schlüssel 1"), entry("ключ", 1), entry("鍵", 2))
    yield Case("umlauts and blanks", others, (_IS,))
    yield Case("another key password", (entry("one", password="othersecret"),), (_IS,))
    yield Case(
        "one of two with another password",
        (entry("one", password="othersecret"), entry("two", 1)),
        (_IS,),
    )
    yield Case(
        "EC with another password, RSA with the store's",
        (entry("one", password="othersecret"), rsa),
        (_IS,),
    )
    yield Case("not the certificate's key", (Key("x", private(key("r1", "RSA2048")), (leaf(),)),),
               (_IS,), formats=("JKS",))  # fmt: skip
    yield Case("three names, two keys", (entry("o", 1, issuer=OTHER), entry("one")),
               (_OTHER, _IS, _ROOT))  # fmt: skip
    many = tuple(name(f"CN=Root {number},O=Example") for number in range(144))
    yield Case("144 names, none fits", (ec, rsa), many)
    yield Case("144 names and the one", (ec, rsa), (*many, _IS))
    yield Case("a malformed name", (ec,), (b"\x30\x03\x02\x01", _IS))
    yield Case("a name that is none", (ec,), (b"\x04\x01a", _IS))
    yield Case("an empty name", (ec,), (b"\x30\x00",))
    for protocol in ("TLSv1", "TLSv1.1"):
        for types in ((1, 2, 64), (64, 1), (1,), (3, 2)):
            yield Case(f"{protocol} {types}", (ec, rsa, dsa("d")), (_IS,), types, (),
                       protocols=(protocol,))  # fmt: skip


_KINDS = ("P-256",) * 4 + ("RSA2048",) * 4 + ("P-384", "RSA1024", "Ed25519", "P-521")
_SCHEMES = (*ALL, *SHA1, 0x0101, 0x0904)


def random_case(seed: int) -> Case:
    """One world: several keys of several kinds, and a request."""
    pick = random.Random(seed)
    subjects = [ROOT, MID, OTHER]
    above = {one: pick.choice(("P-256", "P-256", "RSA2048")) for one in subjects}
    called = {one: pick.choice((None,) * 5 + ("SHA1withRSA", "SHA384withRSA", "RSASSA-PSS"))
              if above[one] == "RSA2048" else pick.choice((None,) * 5 + ("SHA1withECDSA",))
              for one in subjects}  # fmt: skip
    format = pick.choice(FORMATS)
    # A PKCS12 has no chains of its own: what is in it for one key is there for all.
    all_mid, all_root = pick.random() < 0.6, pick.random() < 0.5
    entries: list[Key | Trusted] = []
    kinds = pick.sample(_KINDS, pick.choice((2, 4, 8)))
    for number in range(pick.choice((1, 2, 3, 4, 6, 9, 14))):
        alias = "".join(pick.choice("abcxyzABC-_ 0123456789é") for _ in range(pick.randint(1, 9)))
        alias = alias.strip() or "a"
        if pick.random() < 0.1 and format == "JKS":
            entries.append(Trusted(f"{alias} t{number}", mid() if number % 2 else root()))
            continue
        extensions = []
        if pick.random() < 0.4:
            extensions.append(purposes(*pick.choice(((CLIENT,), (SERVER,), (CLIENT, SERVER)))))
        if pick.random() < 0.4:
            extensions.append(usage(*pick.choice(((0,), (0, 2), (2,), (4,), (1,)))))
        dates = pick.choice(({}, {}, {}, EXPIRED, FUTURE))
        issuer = pick.choice(subjects)
        signer = above[issuer]
        links: list[bytes] = []
        if issuer == MID and (pick.random() < 0.6 if format == "JKS" else all_mid):
            links.append(mid(kind=above[MID], above=above[ROOT], called=called[ROOT]))
        if issuer == ROOT and format == "PKCS12" and pick.random() < 0.5:
            issuer, signer = OTHER, above[OTHER]
        elif issuer != OTHER and (pick.random() < 0.5 if format == "JKS" else all_mid and all_root):
            links.append(root(kind=above[ROOT], called=called[ROOT]))
        if pick.random() < 0.1 and format == "JKS":
            links.reverse()
        kind = pick.choice(kinds)
        entries.append(entry(f"{alias}{number if pick.random() < 0.9 else ''}", number, kind,
                             issuer, *extensions, links=links, above=signer,
                             called=called[issuer], **dates))  # fmt: skip
    authorities = [name(one) for one in pick.sample(subjects, pick.choice((0, 1, 1, 2)))]
    schemes = pick.sample(_SCHEMES, pick.choice((1, 2, 4, 8, len(_SCHEMES))))
    schemes = pick.choice((list(ALL), list(JAVA), schemes, schemes))
    for_chain = pick.sample(_SCHEMES, 6) if pick.random() < 0.15 else []
    return Case(
        f"random {seed}",
        _alone(entries),
        tuple(authorities),
        pick.choice((TYPES, TYPES, (64, 1, 2), (1,), (64,), (1, 64), (2, 1))),
        tuple(schemes),
        tuple(for_chain),
        (format,),
        (pick.choice(MANAGERS),),
        (pick.choice(PROTOCOLS),),
    )


def _alone(entries: list[Key | Trusted]) -> tuple[Key | Trusted, ...]:
    """Those whose aliases differ in more than case: no format of ours writes others."""
    return tuple({one.alias.lower(): one for one in entries}.values())
