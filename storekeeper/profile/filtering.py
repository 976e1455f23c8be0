"""Filters of a target: which of the gathered certificates count."""

from __future__ import annotations

import time

from ..change.changes import Step
from ..change.plan import subject_of
from ..errors import StorekeeperError, WriteRefused
from ..x509 import facts_or_none
from .context import placed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..change.incoming import Incoming
    from ..model import Certificate
    from .context import Context
    from .values import Filters

__all__ = ["filtered"]


def filtered(
    incoming: Sequence[Incoming], filters: Filters, context: Context
) -> tuple[list[Incoming], list[Step]]:
    """Those that are let through, and a step for each that is not.

    Raises:
        WriteRefused: a filter says refuse.
        StorekeeperError: a root list can't be read.
    """
    at = int(time.time()) if context.at is None else context.at
    try:
        listed = [(name, _on(name, context)) for name in filters.on_list]
        unlisted = [(name, _on(name, context)) for name in filters.not_on_list]
    except StorekeeperError as error:
        raise placed(error, filters.mark) from None
    kept: list[Incoming] = []
    steps: list[Step] = []
    for one in incoming:
        certificate = one.certificate
        said = [
            (filters.expired, _expired(certificate, at)),
            (filters.non_ca, _no_ca(certificate)),
            (filters.distrusted, _distrusted(certificate)),
        ]
        reasons = [why for treatment, why in said if why and treatment == "drop"]
        refused = [why for treatment, why in said if why and treatment == "refuse"]
        if refused:
            raise placed(
                WriteRefused(
                    f"{one.source} holds {subject_of(certificate)}, which is refused: {refused[0]}",
                    hint="drop leaves such certificates out",
                ),
                filters.mark,
            )
        sha256 = certificate.sha256
        reasons += [f"not on the list {name}" for name, found in listed if sha256 not in found]
        reasons += [f"on the list {name}" for name, found in unlisted if sha256 in found]
        if filters.sha256 and sha256 not in filters.sha256:
            reasons.append("not one of the fingerprints that are wanted")
        if reasons:
            subject = subject_of(certificate)
            steps.append(Step("left-out", "", subject, sha256, reasons[0], one.source))
        else:
            kept.append(one)
    return kept, steps


def _on(name: str, context: Context) -> frozenset[str]:
    """The fingerprints on a root list, or in a store."""
    from ..model import Store

    found = context.open(name)
    if isinstance(found, Store):
        return frozenset(one.sha256 for one in found.certificates())
    return frozenset(anchor.sha256 for anchor in found.anchors)


def _expired(certificate: Certificate, at: int) -> str:
    facts = facts_or_none(certificate)
    if facts is None or facts.not_after is None or facts.not_after >= at:
        return ""
    from ..times import iso_date

    return f"expired on {iso_date(facts.not_after)}"


def _no_ca(certificate: Certificate) -> str:
    facts = facts_or_none(certificate)
    return "" if facts is not None and facts.is_ca else "not a CA"


def _distrusted(certificate: Certificate) -> str:
    from ..trust.distrust import distrust_of

    for one in distrust_of(certificate.sha256):
        if one.kind in ("blocked", "removed", "no-trust"):
            return f"distrusted: {one.kind} by {one.source}"
    return ""
