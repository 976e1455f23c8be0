"""Words of the HTML report: text from files and servers, made safe and short enough to read.

Whoever made a certificate chose its names. Nothing here reaches the page but through `text`
or `attribute`: control and direction characters become visible, markup becomes text, what is
very long is cut and its length said.
"""

from __future__ import annotations

import re

from ...names import printable
from ...times import iso_date

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...trust.audit.values import AuditedStore

LONGEST = 240
"""Characters of one value; a distinguished name of a real root has at most 180."""

LONGEST_MESSAGE = 1200

_RDN = r"(?:[^,\\]|\\.)+"
_ESCAPED = r'\\([ #"+,;<>\\=])'

NONE = "&#8211;"
"""An en dash, where a table has nothing to say."""

# What each severity is called on the page, worst first, and the ordinals it sorts by.
RANK = {"error": 0, "warning": 1, "info": 2}
WORDS = {"error": "error", "warning": "warning", "info": "note"}


def escaped(value: str) -> str:
    """Markup as text, fit for element content and for quoted attributes."""
    if "&" in value:
        value = value.replace("&", "&amp;")
    for char, entity in (("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;")):
        if char in value:
            value = value.replace(char, entity)
    return value


class Shortened(str):
    """The beginning of a text, as much as is ever shown, that knows how long it was."""

    __slots__ = ("length",)
    length: int


def shortened(value: str) -> str:
    """A text to keep: itself, or a `Shortened` one that is still cut, and its length said."""
    if len(value) <= LONGEST:
        return value
    kept = Shortened(value[: LONGEST + 1])
    kept.length = value.length if isinstance(value, Shortened) else len(value)
    return kept


def _cut(value: str) -> str:
    length = value.length if isinstance(value, Shortened) else len(value)
    return f"({length:,} characters)"


def text(value: str, longest: int = LONGEST) -> str:
    """A value as element content, isolated from the direction of what stands around it."""
    kept = escaped(printable(value[:longest]))
    if len(value) > longest:
        kept += f'…</bdi><span class="cut"> {_cut(value)}</span>'
        return f"<bdi>{kept}"
    return f"<bdi>{kept}</bdi>"


def attribute(value: str, longest: int = LONGEST) -> str:
    """A value between double quotes."""
    kept = escaped(printable(value[:longest]))
    return f"{kept}… {_cut(value)}" if len(value) > longest else kept


def message(value: str) -> str:
    """What a finding says, begun as a sentence is; a command to type stays as it is."""
    if re.match(r"(?!storekeeper |keytool |openssl )[a-z]+[ ,;:]", value):
        value = value[0].upper() + value[1:]
    return text(value, LONGEST_MESSAGE) if value else ""


def _parts(subject: str) -> tuple[str, list[str]]:
    """What a name is called by, unescaped, and its other parts as they are."""
    parts: list[str] = re.findall(_RDN, subject) if len(subject) <= LONGEST else []
    if not parts:
        return subject, []
    # Some CAs write a name from the country down, others from the common name up.
    for keyword in ("CN=", "OU=", "O=", ""):
        chosen = next((at for at, part in enumerate(parts) if part.startswith(keyword)), None)
        if chosen is not None and parts[chosen] != keyword:
            break
    assert chosen is not None
    strong = re.sub(_ESCAPED, r"\1", parts[chosen].partition("=")[2])
    return strong or subject, parts[:chosen] + parts[chosen + 1 :]


def name(subject: str, missing: str = "(no readable subject)") -> str:
    """A distinguished name: what tells it from others first and strong, the rest after it."""
    if not subject:
        return f'<span class="quiet">{escaped(missing)}</span>'
    strong, rest = _parts(subject)
    tail = f' <span class="dn">{text(", ".join(map(_quoted, rest)))}</span>' if rest else ""
    return f"<b>{text(strong)}</b>{tail}"


def _quoted(part: str) -> str:
    r"""``O="Entrust, Inc."`` of ``O=Entrust\, Inc.``, as Java has it: nobody mistakes a comma."""
    keyword, _, value = part.partition("=")
    plain = re.sub(r"\\([ #+,;<>=])", r"\1", value)
    return part if plain == value else f'{keyword}="{plain}"'


def short_name(subject: str) -> str:
    """The strong part of `name` as plain text, for titles; to be escaped still."""
    return _parts(subject)[0]


def colons(sha256: str) -> str:
    """``AA:BB:…``, or what it is if it is no SHA-256; not escaped."""
    if len(sha256) != 64:
        return sha256
    return ":".join(sha256[at : at + 2].upper() for at in range(0, 64, 2))


def fingerprint(sha256: str) -> str:
    """A SHA-256 fingerprint in full, selected as a whole by one click."""
    whole = colons(sha256)
    return f'<code class="fp">{text(whole[:48])}<wbr>{text(whole[48:])}</code>' if whole else ""


def linked_fingerprint(sha256: str, where: str) -> str:
    """Its first eight octets, as a link to the entry if there is one; the rest in the title."""
    short, whole = text(colons(sha256)[:23] + "…"), attribute(colons(sha256))
    if where:
        return f'<a class="fp" href="#{where}" title="{whole}">{short}</a>'
    return f'<span class="fp" title="{whole}">{short}</span>'


def date(seconds: int | None) -> str:
    """ISO date in a ``time`` element, or what to say without one."""
    if seconds is None:
        return '<span class="quiet">unreadable</span>'
    if not -62_135_596_800 <= seconds < 253_402_300_800:  # outside the years 1 to 9999
        return '<span class="quiet">beyond the calendar</span>'
    day = iso_date(seconds)
    return f'<time datetime="{day}">{day}</time>'


def mark(severity: str, label: str = "") -> str:
    """A severity as shape, colour and word; ``label`` in place of the word, escaped already."""
    known = severity if severity in RANK else "info"
    return (
        f'<span class="mark {known}"><svg class="i" aria-hidden="true"><use href="#i-{known}"/>'
        f"</svg>{label or WORDS[known]}</span>"
    )


def count(number: int, one: str, many: str = "") -> str:
    """``1 store``, ``1,204 stores``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def label(store: AuditedStore) -> str:
    """The few words a store is told by: its runtime, or the end of its path; not escaped."""
    full = store.path or store.name
    parts = [part for part in re.split(r"[/\\]", full[-200:]) if part]
    tail = "/".join(parts[-2:]) if len(parts) > 1 else full
    if len(tail) > 44:
        tail = "…" + tail[-43:]
    if store.runtime:
        return store.runtime[:44]
    return tail


def listed(items: list[str]) -> str:
    """``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
