"""keytool's ``-ext``: ``name[:critical][=value]``, understood as keytool understands it.

Names and words may be shortened to their beginning or to their first letter and capitals
(``san``, ``cRLS``), in any case, as long as one candidate is left. Where keytool quietly makes
something else of a slip (any word after the colon but "critical" means not critical, ``0x``
and letters inside hex are left out, ``ip:1.2.3.4/24``, ``bc=pathlen:1``), this refuses.
"""

from __future__ import annotations

import re

from ..errors import UsageError
from ..extensions import (
    AUTHORITY_INFO_ACCESS,
    AUTHORITY_KEY_IDENTIFIER,
    BASIC_CONSTRAINTS,
    CRL_DISTRIBUTION_POINTS,
    EXTENDED_KEY_USAGE,
    KEY_USAGE,
    SUBJECT_ALT_NAME,
)
from ..frozen import Frozen
from . import extensions as ext
from .extensions import Extension
from .words import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NAMES = {
    "BasicConstraints": BASIC_CONSTRAINTS,
    "KeyUsage": KEY_USAGE,
    "ExtendedKeyUsage": EXTENDED_KEY_USAGE,
    "SubjectAlternativeName": SUBJECT_ALT_NAME,
    "IssuerAlternativeName": ext.ISSUER_ALT_NAME,
    "SubjectInfoAccess": ext.SUBJECT_INFO_ACCESS,
    "AuthorityInfoAccess": AUTHORITY_INFO_ACCESS,
    "CRLDistributionPoints": CRL_DISTRIBUTION_POINTS,
}
_HINT = "for instance san=dns:host.example.com,ip:192.0.2.1 or bc:critical=ca:true,pathlen:0"
_LONGEST = 100_000  # characters of one argument


class Honour(Frozen):
    """One rule of ``honored=``.

    Attributes:
        oid: the extension, or "" for all of them.
        take: whether it is taken over from the request.
        critical: made critical or not; None as requested.
    """

    oid: str
    take: bool = True
    critical: bool | None = None


class Asked(Frozen):
    """What all ``-ext`` of a command ask for.

    Attributes:
        extensions: one of each kind, the last asked for, in keytool's order.
        honoured: the rules of the first ``honored=``; () when there is none.
    """

    extensions: tuple[Extension, ...] = ()
    honoured: tuple[Honour, ...] = ()


def parse_all(texts: Iterable[str]) -> Asked:
    """Every ``-ext`` of a command line; raises as `parse_ext`."""
    found: list[Extension] = []
    honoured: tuple[Honour, ...] = ()
    for text in texts:
        name, _, value = text.partition("=")
        if name.strip().lower() == "honored":
            honoured = honoured or _honoured(value)
        else:
            found.append(parse_ext(text))
    return Asked(ext.ordered(found), honoured)


def parse_ext(text: str) -> Extension:
    """The extension of one ``-ext``.

    Raises:
        UsageError: an unknown or ambiguous word, or a value that is none of its kind.
    """
    if len(text) > _LONGEST:
        raise UsageError(f"an extension of {len(text)} characters")
    head, equals, value = text.partition("=")
    word, colon, flag = head.partition(":")
    try:
        oid = name_oid(word)
        critical = bool(colon) and _critical(flag)
        if equals and not value and oid in NAMES.values() and not _is_oid(word):
            raise UsageError("nothing follows the equals sign")
        if _is_oid(word):
            return Extension(oid, critical, _hex(value))
        return _READERS[oid](value, critical)
    except UsageError as error:
        raise UsageError(
            f"extension {text[:200]!r}: {error.message}", hint=error.hint or _HINT
        ) from None


def name_oid(word: str) -> str:
    """The OID of an extension named as in ``-ext``; `UsageError` when there is none."""
    if _is_oid(word):
        ext.oid_value(word)
        return word
    if word.lower() == "honored":
        raise UsageError("honored is no extension, but says which to take over from a request")
    return NAMES[one_of(word, tuple(NAMES), "extension")]


def one_of(word: str, known: tuple[str, ...], what: str) -> str:
    """The one word that is meant by it, its beginning or its capitals (JDK class keytool.Main).

    Where several fit, one that fits in its case too is meant: ``dE`` is dataEncipherment and
    ``de`` decipherOnly.

    Raises:
        UsageError: none or several.
    """
    asked = word.lower()
    near, exact = [], []
    for name in known:
        if asked == name.lower():
            return name
        initials = name[0] + "".join(char for char in name[1:] if not char.islower())
        if name.lower().startswith(asked) or initials.lower() == asked:
            near.append(name)
            exact += [name] if name.startswith(word) or initials == word else []
    near = exact if len(exact) == 1 else near
    if len(near) == 1 and asked:
        return near[0]
    if near and asked:
        raise UsageError(f"{word!r} may be {' or '.join(near)}", hint="write more of it")
    raise UsageError(
        f"{word!r} is no {what}", hint=meant(word, known) or f"one of {', '.join(known)}"
    )


def honour(requested: Iterable[Extension], rules: Iterable[Honour]) -> tuple[Extension, ...]:
    """What of a request's extensions goes into the certificate: nothing without a rule for it.

    A rule for one extension counts more than the one for all, a later more than an earlier.
    ``all`` leaves out the authority key identifier, which only the issuer knows; keytool takes
    even that.
    """
    everything = False
    single = {AUTHORITY_KEY_IDENTIFIER: Honour(AUTHORITY_KEY_IDENTIFIER, False)}
    for rule in rules:
        if rule.oid:
            single[rule.oid] = rule
        else:
            everything = rule.take
    taken = []
    for extension in requested:
        rule = single.get(extension.oid, Honour(extension.oid, everything))
        if rule.take:
            critical = extension.critical if rule.critical is None else rule.critical
            taken.append(Extension(extension.oid, critical, extension.value))
    return tuple(taken)


# -- words --------------------------------------------------------------------------------


def _is_oid(word: str) -> bool:
    return re.fullmatch(r"[0-9]+(?:\.[0-9]*)*", word) is not None


def _critical(flag: str) -> bool:
    if "critical".startswith(flag.lower()):
        return True
    if flag.lower() in ("noncritical", "false") or "non-critical".startswith(flag.lower()):
        return False
    raise UsageError(
        f"expected critical after the colon, found {flag!r}",
        hint=meant(flag, ("critical", "non-critical")),
    )


def _hex(value: str) -> bytes:
    try:
        return bytes.fromhex(re.sub("[: ]", "", value))
    except ValueError:
        raise UsageError(
            f"{value[:40]!r} is no hex", hint="two digits a byte, as 04:02:05:00 or 04020500"
        ) from None


def _items(value: str) -> list[str]:
    if not value:
        raise UsageError("it needs a value")
    return value.rstrip(",").split(",")


def _honoured(value: str) -> tuple[Honour, ...]:
    rules = []
    try:
        for item in _items(value):
            word, colon, flag = item.removeprefix("-").partition(":")
            if word.lower() == "all" and not colon:
                rules.append(Honour("", not item.startswith("-")))
                continue
            critical = _critical(flag or "?") if colon else None
            rules.append(Honour(name_oid(word), not item.startswith("-"), critical))
    except UsageError as error:
        raise UsageError(
            f"honored={value[:200]}: {error.message}",
            hint=error.hint or "as honored=all,-ku,san:critical",
        ) from None
    return tuple(rules)


# -- values -------------------------------------------------------------------------------


def _basic_constraints(value: str, critical: bool) -> Extension:
    if not value:
        return ext.basic_constraints(True, critical=critical)
    if re.fullmatch(r"[+-]?[0-9]{1,10}", value):
        return ext.basic_constraints(True, _path_length(value), critical=critical)
    ca: bool | None = None
    path_length: int | None = None
    for item in _items(value):
        word, _, said = item.partition(":")
        if word.lower() == "ca" and said.lower() in ("true", "false"):
            ca = said.lower() == "true"
        elif word.lower() == "pathlen":
            path_length = _path_length(said)
        else:
            raise UsageError(
                f"{item!r} is not understood", hint="ca:true, ca:false, pathlen:NUMBER"
            )
    if ca is None:
        raise UsageError(
            "a path length without ca:true counts for nothing", hint=f"bc=ca:true,{value}"
        )
    return ext.basic_constraints(ca, path_length, critical=critical)


def _path_length(text: str) -> int | None:
    if not re.fullmatch(r"[+-]?[0-9]{1,10}", text) or abs(int(text)) >= 1 << 31:
        raise UsageError(f"{text!r} is no path length", hint="a number, 0 for a CA of leaves")
    return None if int(text) < 0 else int(text)


def _key_usage(value: str, critical: bool) -> Extension:
    usages = (*ext.KEY_USAGES, "contentCommitment")  # RFC 5280's other word for a bit
    names = [one_of(item, usages, "key usage") for item in _items(value)]
    return ext.key_usage(
        ("nonRepudiation" if name == "contentCommitment" else name for name in names),
        critical=critical,
    )


def _extended_key_usage(value: str, critical: bool) -> Extension:
    purposes = [_word_or_oid(item, tuple(ext.PURPOSES), "purpose") for item in _items(value)]
    return ext.extended_key_usage(purposes, critical=critical)


def _word_or_oid(item: str, known: tuple[str, ...], what: str) -> str:
    if not _is_oid(item):
        return one_of(item, known, what)
    ext.oid_value(item)
    return item


def _names(value: str) -> list[bytes]:
    return [_name(item) for item in _items(value)]


def _name(item: str) -> bytes:
    kind, colon, value = item.partition(":")
    if not colon:
        raise UsageError(f"{item!r} has no kind", hint=f"dns:{item or 'host'}, ip:..., email:...")
    if kind.lower() == "dn" and value[:1] == "/":
        return ext.general_name("dn", value)
    return ext.general_name(one_of(kind, ext.NAME_KINDS, "kind of name"), value)


def _access(value: str, critical: bool, *, subject: bool) -> Extension:
    if critical:
        raise UsageError("it must not be critical", hint="leave out :critical (RFC 5280)")
    locations = []
    for item in _items(value):
        method, colon, name = item.partition(":")
        if not colon or ":" not in name:
            raise UsageError(f"{item!r} is not METHOD:KIND:VALUE", hint="ocsp:uri:http://...")
        word = _word_or_oid(method, tuple(ext.ACCESS_METHODS), "access method")
        locations.append((word, _name(name)))
    return ext.information_access(locations, subject=subject)


_READERS: dict[str, Callable[[str, bool], Extension]] = {
    BASIC_CONSTRAINTS: _basic_constraints,
    KEY_USAGE: _key_usage,
    EXTENDED_KEY_USAGE: _extended_key_usage,
    SUBJECT_ALT_NAME: lambda value, critical: ext.alt_names(_names(value), critical=critical),
    ext.ISSUER_ALT_NAME: lambda value, critical: ext.alt_names(
        _names(value), issuer=True, critical=critical
    ),
    ext.SUBJECT_INFO_ACCESS: lambda value, critical: _access(value, critical, subject=True),
    AUTHORITY_INFO_ACCESS: lambda value, critical: _access(value, critical, subject=False),
    CRL_DISTRIBUTION_POINTS: lambda value, critical: ext.crl_distribution_points(
        _names(value), critical=critical
    ),
}
