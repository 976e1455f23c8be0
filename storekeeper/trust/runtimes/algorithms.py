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
        usages: of usage, in lower case.
    """

    kind: str
    operator: str = ""
    number: int = 0
    usages: tuple[str, ...] = ()


class Rule(Frozen):
    """One entry of a list: an algorithm, and conditions all of which must be met to forbid it."""

    algorithm: str
    conditions: tuple[Constraint, ...]

    @property
    def always(self) -> bool:
        """It forbids the algorithm wherever it appears."""
        return self.conditions == (Constraint("always"),)


class Rules:
    """A list of disabled algorithms.

    Attributes:
        entries: in order.
        unknown: entries whose words nobody knows; Java refuses to work with such a list.
    """

    __slots__ = ("_always", "_named", "entries", "unknown")

    def __init__(self, entries: tuple[Rule, ...], unknown: tuple[str, ...] = ()) -> None:
        self.entries = entries
        self.unknown = unknown
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
def rules(text: str, curves: str = "") -> Rules:
    """Read a list.

    Args:
        text: the property's value.
        curves: what ``include jdk.disabled.namedCurves`` stands for.
    """
    entries: list[Rule] = []
    unknown: list[str] = []
    for part in text.split(","):
        words = part.strip().strip('"').strip()
        if not words:
            continue
        if words.lower().startswith("include "):
            if words.split()[1] == "jdk.disabled.namedCurves":
                inner = rules(curves)
                entries += inner.entries
                unknown += inner.unknown
            else:
                unknown.append(words)
            continue
        entry = _rule(words)
        if entry is None:
            unknown.append(words)
        else:
            entries.append(entry)
    return Rules(tuple(entries), tuple(unknown))


_CONDITION = (
    r"(?i)\s*(?:(jdkCA)|(keySize)\s*(<=|<|==|!=|>=|>)\s*([0-9]{1,6})"
    r"|(denyAfter)\s+([0-9]{4})-([0-9]{2})-([0-9]{2})|(usage)((?:\s+\w+)+))\s*"
)


def _rule(words: str) -> Rule | None:
    # "X9.62 c2tnb191v1" is one name with a blank in it.
    first = re.search(r"(?i)\s(?:jdkCA\b|keySize\b|denyAfter\b|usage\b)", words)
    if first is None:
        known = " " not in words or words.startswith("X9.62 ")
        return Rule(words.upper(), (Constraint("always"),)) if known else None
    name, rest = words[: first.start()].strip(), words[first.start() :]
    conditions = []
    for piece in rest.split("&"):
        found = re.fullmatch(_CONDITION, piece)
        if found is None:
            return None
        if found[1]:
            conditions.append(Constraint("jdkCA"))
        elif found[2]:
            conditions.append(Constraint("keySize", found[3], int(found[4])))
        elif found[5]:
            from datetime import UTC, datetime

            try:
                day = datetime(int(found[6]), int(found[7]), int(found[8]), tzinfo=UTC)
            except ValueError:
                return None
            conditions.append(Constraint("denyAfter", number=int(day.timestamp())))
        else:
            usages = tuple(word.lower() for word in found[10].split())
            conditions.append(Constraint("usage", usages=usages))
    return Rule(name.upper(), tuple(conditions))


def decompose(algorithm: str) -> tuple[str, ...]:
    """The parts of a standard name: SHA256withRSA is SHA256, SHA-256 and RSA."""
    found = re.fullmatch(r"(?i)(.+?)with(.+?)(?:and(.+))?", algorithm)
    parts = [algorithm] if found is None else [part for part in found.groups() if part]
    if found is not None and found[2].upper() == "ECDSA":
        parts.append("EC")
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
