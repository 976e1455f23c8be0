"""Pages of audits: a small one, a hostile one, and any."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path

from storekeeper.frozen import replace
from storekeeper.report.audit.html import render
from storekeeper.trust.audit.values import (
    AuditedStore,
    AuditHead,
)
from tests import audit_samples as samples


def page(stores: Iterable[AuditedStore], head: AuditHead | None = None) -> str:
    return "".join(render(head or samples.head(), stores))


@functools.cache
def small() -> str:
    return page(samples.small(), samples.head(host="build-07", policy="policy.yaml"))


@functools.cache
def hostile() -> str:
    evil = samples.hostile(1_000_000)
    beacon = (
        '<img src="https://collector.example/a"><link rel=stylesheet href=//collector.example/b>'
    )
    asked = AuditedStore(beacon, beacon, problem=beacon, hint=beacon)
    head = samples.head(host=samples.SCRIPT, policy=samples.IMAGE, version=samples.BIDI)
    head = replace(
        head, lists=(*head.lists, replace(head.lists[0], name=samples.IMAGE, source=beacon))
    )
    plain = replace(evil, runtime="", name=beacon, missing=((samples.IMAGE, (("ff", beacon),)),))
    return page((evil, asked, replace(plain, format=beacon)), head)


def written(folder: Path, markup: str, name: str = "page.html") -> Path:
    path = folder / name
    path.write_text(markup, encoding="utf-8", errors="strict", newline="\n")
    return path
