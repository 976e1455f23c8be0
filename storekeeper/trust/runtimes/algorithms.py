"""`jdk.certpath.disabledAlgorithms` and `jdk.tls.disabledAlgorithms`: what they forbid.

Source: the comments of ``conf/security/java.security`` of JDK 11 to 25 (syntax and meaning),
and JVMs (order and messages).
"""

from __future__ import annotations

import re
from functools import lru_cache

from ...frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .seen import Seen


class Constraint(Frozen):
    """One condition of an entry.

    Attributes:
        kind: "always", "jdkCA", "keySize", "denyAfter", "usage".
        operator: of keySize: <, <=, ==, !=, >, >=.
        number: of keySize bits; of denyAfter seconds since 1970 UTC.
        usages: of usage, as they are spelled.
    """

    kind: str
    operator: str = ""
    number: int = 0
    usages: tuple[str, ...] = ()


class Rule(Frozen):
    """One entry of a list: an algorithm, and conditions all of which must be met to forbid it.

    Attributes:
        algorithm: in upper case.
        conditions: in order.
        spelled: the algorithm as the list spells it, which messages repeat.
    """

    algorithm: str
    conditions: tuple[Constraint, ...]
    spelled: str = ""

    @property
    def always(self) -> bool:
        """It forbids the algorithm wherever it appears."""
        return self.conditions == (Constraint("always"),)


class Rules:
    """A list of disabled algorithms.

    Attributes:
        entries: in order.
        unknown: entries whose words nobody knows.
        error: what Java says of the first of those: it then can't even start a handshake.
    """

    __slots__ = ("_always", "_named", "entries", "error", "unknown")

    def __init__(
        self, entries: tuple[Rule, ...], unknown: tuple[str, ...] = (), error: str = ""
    ) -> None:
        self.entries = entries
        self.unknown = unknown
        self.error = error
        self._always = frozenset(rule.algorithm for rule in entries if rule.always)
        self._named: dict[str, list[Rule]] = {}
        for rule in entries:
            self._named.setdefault(rule.algorithm, []).append(rule)

    def named(self, algorithm: str) -> list[Rule]:
        """The entries for one name."""
        return self._named.get(algorithm.upper(), [])

    def forbids_name(self, algorithm: str) -> bool:
        """Whether a name, or a part of it, is forbidden without conditions."""
        return not self._always.isdisjoint(_upper(algorithm))


@lru_cache(maxsize=256)
def _upper(algorithm: str) -> frozenset[str]:
    return frozenset(part.upper() for part in (*decompose(algorithm), algorithm))


@lru_cache(maxsize=64)
def rules(text: str, curves: str = "", feature: int = 17) -> Rules:
    """Read a list.

    Args:
        text: the property's value.
        curves: what ``include jdk.disabled.namedCurves`` stands for.
        feature: the release line, whose dates differ.
    """
    entries: list[Rule] = []
    unknown: list[str] = []
    error = ""
    for words in _entries(text, curves):
        try:
            entries.append(_rule(words, feature))
        except _Unknown as problem:
            unknown.append(words)
            error = error or str(problem)
    return Rules(tuple(entries), tuple(unknown), error)


class _Unknown(Exception):
    """An entry that Java does not understand, in its words."""


def _entries(text: str, curves: str) -> list[str]:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    found: list[str] = []
    for part in text.split(","):
        words = part.strip()
        if re.match(r"(?i)include jdk\.disabled\.namedCurves", words):
            found += _entries(curves, "")
        elif words:
            found.append(words)
    return found


def _rule(words: str, feature: int) -> Rule:
    name, _, rest = words.partition(" ")
    # Names of curves may have a blank in them.
    if not rest or re.match("(?i)(?:X9\\.62|NIST) ", words):
        words = _digest_name(words)
        return Rule(words.upper(), (Constraint("always"),), words)
    conditions: list[Constraint] = []
    for piece in rest.rstrip("&").split("&"):
        condition = _condition(piece.strip(), feature)
        if condition.kind in ("jdkCA", "denyAfter") and any(
            condition.kind == other.kind for other in conditions
        ):
            raise _Unknown(
                f"Only one {condition.kind} entry allowed in property. Constraint: {words}"
            )
        conditions.append(condition)
    name = _digest_name(name)
    return Rule(name.upper(), tuple(conditions), name)


def _condition(text: str, feature: int) -> Constraint:
    """One condition, as strictly as Java reads it: case and blanks matter but for jdkCA."""
    words = text.split()
    if text.lower() == "jdkca":
        return Constraint("jdkCA")
    if words[:1] == ["keySize"]:
        return _key_size(words[1:])
    day = re.fullmatch(r"denyAfter\s+([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    if day is not None:
        return Constraint(
            "denyAfter", number=_seconds(int(day[1]), int(day[2]), int(day[3]), feature)
        )
    if text.startswith("usage"):
        return Constraint("usage", usages=tuple(text[5:].split()))
    raise _Unknown(f"Error in security property. Constraint unknown: {text}")


def _seconds(year: int, month: int, day: int, feature: int) -> int:
    """The beginning of a day; JDK 11 takes the 31st of every month, others only of its own."""
    from datetime import UTC, datetime, timedelta

    if feature < 17:
        if not 1 <= month <= 12:
            raise _Unknown(f"Invalid month given in constraint: {month}")
        if not 1 <= day <= 31:
            raise _Unknown(f"Invalid Day of Month given in constraint: {day}")
        day, later = 1, timedelta(days=day - 1)
    else:
        later = timedelta()
    try:
        return int((datetime(year, month, day, tzinfo=UTC) + later).timestamp())
    except (ValueError, OverflowError):
        raise _Unknown("Invalid denyAfter date") from None


def _key_size(words: list[str]) -> Constraint:
    operator, number = (*words, "", "")[:2]
    if operator not in ("<", "<=", "==", "!=", ">", ">="):
        raise _Unknown(f"Error in security property. {operator} is not a legal Operator")
    if not re.fullmatch("[-+]?[0-9]{1,10}", number) or abs(int(number)) > MOST_BITS:
        raise _Unknown(f'For input string: "{number}"')
    return Constraint("keySize", operator, int(number))


MOST_BITS = 2**31 - 1
"""An int of Java."""


def _digest_name(name: str) -> str:
    """``SHA-256`` is ``SHA256`` to Java."""
    return re.sub("(?i)^SHA-([0-9])", r"SHA\1", name)


def decompose(algorithm: str) -> tuple[str, ...]:
    """The parts of a standard name: SHA256withRSA is SHA256, SHA-256 and RSA."""
    found = re.fullmatch(r"(?i)(.+?)with(.+?)(?:and(.+))?", algorithm)
    parts = [algorithm] if found is None else [part for part in found.groups() if part]
    digests = []
    for part in parts:
        digest = re.fullmatch(r"(?i)SHA-?([0-9]+)(/[0-9]+)?", part)
        if digest is not None:
            tail = digest[1] + (digest[2] or "")
            digests += [f"SHA{tail}", f"SHA-{tail}"]
    return tuple(dict.fromkeys((*parts, *digests)))


def key_size_forbids(condition: Constraint, bits: int) -> bool:
    """Whether a key of that size meets a keySize condition; a size of 0 always does."""
    if bits < 0:
        return False
    if bits == 0:
        return True
    number = condition.number
    match condition.operator:
        case "<":
            return bits < number
        case "<=":
            return bits <= number
        case "==":
            return bits == number
        case "!=":
            return bits != number
        case ">":
            return bits > number
        case _:
            return bits >= number


def curve_names(one: Seen) -> tuple[str, ...]:
    """Names of the curve of an EC key, as the lists spell them."""
    key = one.facts.key
    if key.algorithm != "EC" or not key.curve:
        return ()
    return (key.curve, *_OTHER_NAMES.get(key.curve, ()))


_OTHER_NAMES = {
    "secp256r1": ("NIST P-256", "X9.62 prime256v1"),
    "secp384r1": ("NIST P-384",),
    "secp521r1": ("NIST P-521",),
    "secp192r1": ("NIST P-192", "X9.62 prime192v1"),
    "secp224r1": ("NIST P-224",),
}
