"""What must be said beside a comparison: what it could not judge, and the age of lists."""

from __future__ import annotations

from ..model import Finding
from .anchors import RootList, age_finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model import Store
    from .diff import Item
    from .sides import Held, Side

# When most labels differ, the two sides are labelled by different programs.
_SCHEME_LEAST = 10


def notes(
    old: Store | RootList,
    new: Store | RootList,
    only_old: list[Held],
    only_new: list[Held],
    at: int,
) -> tuple[Finding, ...]:
    """Findings about the two sides; the lists are what was left without a partner."""
    found = []
    for source, mine, theirs in ((old, only_old, only_new), (new, only_new, only_old)):
        if not isinstance(source, RootList):
            continue
        if source.note:
            found.append(Finding("list-note", "info", "", f"{source.name}: {source.note}"))
        if (old_list := age_finding(source, at)) is not None:
            found.append(old_list)
        if mine and theirs and any(not _key_known(held) for held in mine):
            found.append(
                Finding(
                    "keys-unknown",
                    "info",
                    "",
                    f"{source.name}: it does not give the keys of all its roots, so one that was "
                    "re-issued, or whose name has a new key, shows as one removed and one added",
                )
            )
        if (listed := _listed(source, theirs)) is not None:
            found.append(listed)
    return tuple(found)


def alias_scheme(renamed: tuple[Item, ...], common: int, old: Side, new: Side) -> list[Finding]:
    """One finding when most aliases differ, as between Debian's cacerts and the JDK's own."""
    trusted = [item for item in renamed if item.old_aliases and item.new_aliases]
    if len(trusted) < _SCHEME_LEAST or 2 * len(trusted) < common:
        return []
    first = trusted[0]
    return [
        Finding(
            "alias-scheme",
            "info",
            "",
            f"{len(trusted)} of {common} common entries have other aliases: {old.name} says "
            f"{first.old_aliases[0]!r} where {new.name} says {first.new_aliases[0]!r}",
        )
    ]


def _key_known(held: Held) -> bool:
    return bool(held.anchor.spki_sha256 or held.anchor.subject_spki_sha256)


def _listed(source: RootList, absent: list[Held]) -> Finding | None:
    """What the list does know, and does not trust for TLS servers."""
    others = {other.sha256: other for other in source.others}
    known = [held for held in absent if held.anchor.sha256 in others]
    if not known:
        return None
    rejected = sum(bool(others[held.anchor.sha256].rejected) for held in known)
    said = f", {rejected} of them as rejected" if rejected else ""
    return Finding(
        "listed-not-trusted",
        "warning",
        "",
        f"{source.name}: {len(known)} of the certificates missing here "
        f"{'is' if len(known) == 1 else 'are'} listed, but not "
        f"trusted for TLS servers{said}",
    )
