"""Trust Stores Observatory YAML: one platform's roots as names and SHA-256 fingerprints.

Source of the keys: the files of nabla-c0d3/trust_stores_observatory. They are read as a
stream of events, so that neither nesting nor aliases of a hostile file cost anything.
"""

from __future__ import annotations

from ..errors import Damaged, LimitExceeded
from ..model import LIMITS
from . import fingerprints
from .anchors import SERVER, Anchor, Published, RootList
from .findings import Findings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Limits

# document > mapping > sequence of roots > mapping of one root
_DEPTH = 4


def is_observatory(head: str) -> bool:
    """Whether a text begins like one of these files."""
    return any(line.startswith("platform:") for line in head.splitlines()[:20]) and (
        "certificates" in head
    )


def read(text: str, *, limits: Limits = LIMITS) -> RootList:
    """The trusted roots of a platform; blocked ones are ``others`` that reject servers.

    Raises:
        Damaged: it is no YAML, or has no root that could be used.
        LimitExceeded: nested deeper than these files are, or more than ``limits.entries`` roots.
    """
    findings = Findings()
    top: dict[str, str] = {}
    trusted: dict[str, Anchor] = {}
    blocked: dict[str, Anchor] = {}
    for section, line, row in _rows(text):
        if not section:
            top.update(row)
            continue
        name = row.get("subject_name", "")
        sha256 = fingerprints.normal(row.get("fingerprint", ""))
        if not sha256:
            findings.add(line, f"expected a SHA-256 fingerprint of {name[:80]!r}")
            continue
        if section == "trusted_certificates":
            trusted.setdefault(sha256, Anchor(sha256, name, published=Published(name)))
        elif section == "blocked_certificates":
            anchor = Anchor(sha256, name, None, Published(name), (), (SERVER,))
            blocked.setdefault(sha256, anchor)
        if len(trusted) + len(blocked) > limits.entries:
            raise LimitExceeded(f"more than {limits.entries} roots")
    if not trusted and not blocked:
        raise Damaged("a list of the Trust Stores Observatory without a root")
    platform = top.get("platform", "").replace("_", " ")
    return RootList(
        "observatory",
        f"{platform} roots (Trust Stores Observatory)".strip(),
        date=top.get("date_fetched", ""),
        source=f"Trust Stores Observatory, from {top.get('url', 'an unnamed place')}",
        anchors=tuple(trusted.values()),
        others=tuple(blocked.values()),
        findings=findings.all(),
        note="it gives names and fingerprints only",
        licence="MIT",
    )


def _rows(text: str) -> Iterator[tuple[str, int, dict[str, str]]]:
    """("", line, {key: value}) for top-level scalars, (section, line, row) for each root."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth, section, key, line = 0, "", "", 0
    row: dict[str, str] = {}
    try:
        for event in yaml.parse(text, Loader=loader):
            here = event.start_mark.line + 1 if event.start_mark else 0
            if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                depth += 1
                if depth > _DEPTH:
                    raise LimitExceeded(f"line {here}: nested deeper than {_DEPTH} levels")
                if depth == 2:
                    section = key
                row, key, line = {}, "", here
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                if depth == 3:
                    yield section, line, row
                depth -= 1
                key = ""
            elif isinstance(event, yaml.ScalarEvent):
                if depth not in (1, 3):
                    continue
                if not key:
                    key = event.value
                    continue
                if depth == 1:
                    yield "", here, {key: event.value}
                row[key] = event.value
                key = ""
    except yaml.YAMLError as error:
        raise Damaged(f"no YAML: {' '.join(str(error).split())[:200]}") from None
