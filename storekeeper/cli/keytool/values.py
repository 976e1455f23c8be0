"""What options say: an alias, a number, a time, a name."""

from __future__ import annotations

import re

from ...errors import UsageError
from .grammar import DEFAULT_ALIAS, DEFAULT_VALIDITY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...names import Name
    from .words import Request


def alias(request: Request) -> str:
    """The alias, ``mykey`` if none was given."""
    alias = request.get("alias")
    return DEFAULT_ALIAS if alias is None else alias


def number(request: Request, name: str) -> int | None:
    """The number an option gives, or None; raises `UsageError` for what is none."""
    text = request.get(name)
    if text is None:
        return None
    if not re.fullmatch("[0-9]{1,9}", text):
        raise UsageError(f"-{name}: expected a number, found {text!r}")
    return int(text)


def days(request: Request) -> int:
    """The validity, a day or more."""
    found = number(request, "validity")
    if found == 0:
        raise UsageError("-validity: expected one day or more, found 0")
    return DEFAULT_VALIDITY if found is None else found


def begin(request: Request) -> int:
    """When validity begins, seconds since 1970 UTC: ``-startdate``, or now."""
    import time

    from ...pki.validity import start_date

    now = int(time.time())
    text = request.get("startdate")
    return now if text is None else start_date(text, now)


def name(request: Request) -> Name | None:
    """The name ``-dname`` gives, or None; raises `UsageError` for what is none."""
    from ...name_text import parse

    text = request.get("dname")
    return None if text is None else parse(text)
