"""What entries are called: templates, what a format keeps of a name, and who has it already.

An alias is a label, and every format treats it in its own way. Java looks up JKS and
JCEKS aliases in lower case, so one with capitals is listed and never found; PKCS12 keeps
capitals and compares without them; PEM has comments at best.
"""

from __future__ import annotations

from ..errors import UsageError, WriteRefused
from ..formats import mutf8
from ..formats.labels import subject_label
from ..names import printable
from ..times import iso_date
from ..x509 import passing_facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Certificate, Entry
    from ..x509 import Facts

__all__ = ["TEMPLATE", "Aliases", "expand", "legal"]

TEMPLATE = "{cn}-{sha256:8}"
"""The alias of a certificate nobody named: readable, and the same on every host."""

FIELDS = {
    "cn": "common name of the subject, else its organizational unit or organization",
    "o": "organization",
    "ou": "organizational unit",
    "issuer": "common name of the issuer",
    "serial": "serial number in hex",
    "sha256": "fingerprint; {sha256:8} is its first 8 digits",
    "sha1": "SHA-1 fingerprint, likewise",
    "not_after": "the day it expires, as 2027-03-01",
    "label": "the alias, file name or comment it had in its source",
    "n": "1, 2, 3 ... in the order of import",
}
"""The words of a template, and what they stand for."""

_LONGEST = 200  # of an alias made by a template: a line of a terminal, and any file name
_UNITS = {"o": "2.5.4.10", "ou": "2.5.4.11"}


def expand(template: str, certificate: Certificate, *, label: str = "", number: int = 1) -> str:
    """The alias a template gives a certificate.

    Names are written in lower case, with ``-`` for whatever is neither letter nor digit;
    the text around the words stays as it is.

    Raises:
        UsageError: an unknown word, or braces that don't fit.
    """
    import re

    facts: Facts | None = None

    def value(found: re.Match[str]) -> str:
        nonlocal facts
        word, _, length = found[1].partition(":")
        if word not in FIELDS:
            raise UsageError(
                f"the template {template!r} has an unknown word {found[0]}",
                hint=f"there are: {', '.join(f'{{{name}}}' for name in FIELDS)}",
            )
        if length and not (length.isdecimal() and 0 < int(length) <= 64):
            raise UsageError(
                f"the template {template!r}: expected a length after the colon, found {found[0]}"
            )
        if facts is None and word not in ("sha256", "sha1", "n", "label"):
            facts = passing_facts(certificate)
        text = _field(word, certificate, facts, label, number)
        return text[: int(length)] if length else text

    text = re.sub(r"\{([^{}]*)\}", value, template)
    if "{" in text or "}" in text:
        raise UsageError(f"the template {template!r} has a brace without its other half")
    text = text[:_LONGEST].strip("-_ .")
    return text or certificate.sha256[:16]


def is_template(text: str) -> bool:
    """Whether an alias somebody typed is one for several certificates."""
    return "{" in text or "}" in text


def legal(alias: str, format: str) -> str:
    """The alias as the format keeps it.

    Raises:
        WriteRefused: the format would lose it, or lose a part of it.
    """
    if format in ("JKS", "JCEKS"):
        alias = alias.lower()
    problem = ""
    if not alias:
        problem = "an empty alias can't be asked for by any tool"
    elif alias != alias.strip():
        problem = "blanks around an alias are lost by the tools that print it"
    elif any("\ud800" <= c <= "\udfff" for c in alias):
        problem = "the alias is not valid Unicode"
    elif not alias.isprintable():
        problem = f"the alias has a character that can't be printed: {printable(alias)}"
    elif format in ("JKS", "JCEKS") and len(mutf8.encode(alias)) > 0xFFFF:
        problem = "the alias is longer than the format allows"
        alias = f"{alias[:40]}..."
    if problem:
        raise WriteRefused(problem, alias=alias, hint="give another one with --alias")
    return alias


class Aliases:
    """The aliases of a store, as Java tells them apart, and room for new ones."""

    def __init__(self, entries: Iterable[Entry], format: str) -> None:
        self.format = format
        self._taken = {entry.alias.lower(): entry for entry in entries}
        self._given: set[str] = set()
        self._next: dict[str, int] = {}

    def legal(self, alias: str) -> str:
        """The alias as the store keeps it; raises `WriteRefused`, as the function does."""
        return legal(alias, self.format)

    def holder(self, alias: str) -> Entry | None:
        """The entry of the store that has this alias."""
        return self._taken.get(alias.lower())

    def is_given(self, alias: str) -> bool:
        """Whether `give` or `free` has handed it out already."""
        return alias.lower() in self._given

    def give(self, alias: str) -> str:
        """Note an alias as taken from now on."""
        self._given.add(alias.lower())
        return alias

    def free(self, alias: str) -> str:
        """The alias, or with ``-1``, ``-2`` … the first that nobody has; noted as taken."""
        folded = alias.lower()
        candidate = alias
        number = self._next.get(folded, 1)
        while candidate.lower() in self._taken or candidate.lower() in self._given:
            candidate = f"{alias}-{number}"
            number += 1
        # The next of the same name need not try the same numbers again.
        self._next[folded] = number
        return self.give(candidate)

    def drop(self, alias: str) -> None:
        """The entry of this alias has gone."""
        self._taken.pop(alias.lower(), None)


def slug(text: str) -> str:
    """Lower case, letters and digits of any script, ``-`` between the words."""
    spaced = "".join(c if c.isalnum() else " " for c in text.lower())
    return "-".join(spaced.split())


def _field(
    word: str, certificate: Certificate, facts: Facts | None, label: str, number: int
) -> str:
    match word:
        case "sha256":
            return certificate.sha256
        case "sha1":
            return certificate.sha1
        case "n":
            return str(number)
        case "label":
            return slug(label)
    if facts is None:
        return ""
    match word:
        case "cn":
            return slug(subject_label(facts.subject))
        case "serial":
            return f"{facts.serial:x}".replace("-", "m")
        case "not_after":
            return "" if facts.not_after is None else iso_date(facts.not_after)
        case "issuer":
            return slug(facts.issuer.common_name or "")
    return slug(facts.subject.first(_UNITS[word]) or "")
