"""Chrome's root store: ``root_store.textproto``, fingerprints with constraints.

Source of the fields: net/cert/root_store.proto of Chromium. An anchor's constraint sets are
alternatives; all fields of one set must hold. ``sct_not_after_sec`` is compared with the
first log entry (SCT) of the server's certificate, which is about its day of issue. A set
with ``max_version_exclusive`` is for older Chromes: it trusts nothing today.
"""

from __future__ import annotations

import re

from ..errors import Damaged, LimitExceeded
from ..model import LIMITS
from . import fingerprints
from .anchors import SERVER, Anchor, Published, RootList, by_trust
from .findings import Findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Limits

    Fields = list[tuple[str, str]]

__all__ = ["read"]

_TOKEN = (
    r'(?P<comment>\#[^\n]{0,2000})|(?P<text>"(?:[^"\\\n]|\\.){0,4000}")'
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]{0,99}|-?[0-9][0-9.]{0,39})|(?P<mark>[{}<>])"
)
_DEPTH = 6


def read(text: str, *, limits: Limits = LIMITS) -> RootList:
    """The anchors of a root store.

    Raises:
        Damaged: no anchor could be used.
        LimitExceeded: nested deeper than these files are, or more than ``limits.entries``.
    """
    findings = Findings()
    found: list[Anchor] = []
    version = ""
    for line, comment, path, fields, sets in _messages(text, findings):
        if not path:
            version = dict(fields).get("version_major", version)
            continue
        if path not in ("trust_anchors", "additional_certs"):
            continue
        values = dict(fields)
        sha256 = fingerprints.normal(values.get("sha256_hex", ""))
        if not sha256:
            findings.add(line, f"expected a SHA-256 fingerprint of {comment[:80]!r}")
            continue
        name = values.get("display_name", "") or comment
        if path == "additional_certs" and values.get("tls_trust_anchor") != "true":
            found.append(Anchor(sha256, "", published=Published(name), purposes=()))
        else:
            found.append(_anchor(sha256, name, sets, line, findings))
        if len(found) > limits.entries:
            raise LimitExceeded(f"more than {limits.entries} roots")
    if not found:
        raise Damaged("Chrome's root store without a trust anchor that has a SHA-256")
    anchors, others = by_trust(found)
    return RootList(
        "chrome",
        f"Chrome's root store{f', version {version}' if version else ''}",
        source="Chromium's root_store.textproto",
        anchors=anchors,
        others=others,
        findings=findings.all(),
        note="a distrust date is compared with the first log entry (SCT) of the server's "
        "certificate; names and other conditions are not in it",
        licence="BSD-3-Clause",
    )


def _anchor(sha256: str, name: str, sets: list[Fields], line: int, findings: Findings) -> Anchor:
    """An anchor as far as its constraint sets trust it in today's Chrome."""
    today = [dict(one) for one in sets if "max_version_exclusive" not in dict(one)]
    purposes = (SERVER,) if today or not sets else ()
    dates: tuple[tuple[str, int], ...] = ()
    said = [one.get("sct_not_after_sec", "") for one in today]
    if said and all(said):
        try:
            # 15 digits are the year 31,690,000, and no work for anybody.
            dates = ((SERVER, max(int(one[:15]) for one in said)),)
        except ValueError:
            findings.add(line, f"sct_not_after_sec: expected a number, found {said[0][:40]!r}")
    return Anchor(
        sha256, "", published=Published(name), purposes=purposes, distrust_after=dates
    )  # fmt: skip


def _messages(
    text: str, findings: Findings
) -> Iterator[tuple[int, str, str, Fields, list[Fields]]]:
    """(line, comment before it, name, fields, constraint sets) of each message.

    The fields of the file itself come first to last with the name "", one a time.
    """
    stack: list[tuple[str, Fields, list[Fields]]] = []
    key = comment = about = ""
    line, counted, began = 1, 0, 1
    for token in re.finditer(_TOKEN, text):
        line += text.count("\n", counted, token.start())
        counted = token.start()
        kind, said = token.lastgroup, token[0]
        if kind == "comment":
            comment = said[1:].strip()
        elif kind == "mark" and said in "{<":
            if len(stack) >= _DEPTH:
                raise LimitExceeded(f"line {line}: nested deeper than {_DEPTH} levels")
            if not stack:
                began, about, comment = line, comment, ""
            stack.append((key, [], []))
            key = ""
        elif kind == "mark":
            if not stack:
                findings.add(line, f"{said!r} closes nothing")
                continue
            name, fields, sets = stack.pop()
            if stack and name == "constraints":
                stack[-1][2].append(fields)
            elif not stack:
                yield began, about, name, fields, sets
            key = ""
        elif not key:
            key = said
        else:
            value = said[1:-1] if kind == "text" else said
            if stack:
                stack[-1][1].append((key, value))
            else:
                yield line, "", "", [(key, value)], []
            key = ""
    if stack:
        findings.add(began, "the text ends within a message")
