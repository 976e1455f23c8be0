"""What there is to audit: the sources as they were named, and every JRE of the machine."""

from __future__ import annotations

import os

from ...errors import StorekeeperError, UsageError
from ...frozen import Frozen
from ...model import Store
from ..anchors import RootList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ...host.jre import Jre
    from ...model import Limits, Password

    Source = Store | RootList | str | os.PathLike[str] | bytes


class Task(Frozen):
    """One store to audit.

    Attributes:
        name: as it was asked for.
        source: what `sources.open_any` takes; a word or path where processes share the work.
        password: the store's, when there is one.
        jre: the JRE it belongs to, where that is known.
        problem, hint: why there is nothing to open, "" where there is.
    """

    name: str
    source: Source
    password: Password | None = None
    jre: Jre | None = None
    problem: str = ""
    hint: str = ""


def every_jre() -> tuple[Task, ...]:
    """A task for each JRE of the machine, and for each whose cacerts is broken.

    Raises:
        UsageError: there is none.
    """
    from ...host.locate import jres

    found = jres()
    tasks = [Task(f"jre:{jre.home}", f"jre:{jre.home}", jre=jre) for jre in found.found]
    tasks += [
        Task(
            one.path,
            one.path,
            problem=f"the JRE that {one.found_by} names: {one.why}",
            hint="without a readable cacerts Java trusts nothing",
        )
        for one in found.skipped
        if one.broken
    ]
    if not tasks:
        raise UsageError(
            "no JRE was found on this machine",
            hint="name a store, as in storekeeper audit trust.jks",
        )
    return tuple(tasks)


def tasks_of(
    sources: Iterable[Source | Task], password: Password | None, limits: Limits
) -> Iterator[Task]:
    """A task for each source; ``scan:PATH`` is all that is below a path."""
    for one in sources:
        if isinstance(one, str) and one.startswith("scan:"):
            from .below import tasks_below

            yield from tasks_below(one.removeprefix("scan:"), password, limits)
        else:
            yield _task(one, password)


def _task(source: Source | Task, password: Password | None) -> Task:
    if isinstance(source, Task):
        return source
    if isinstance(source, str):
        return Task(source, source, password, jre=_named_jre(source))
    if isinstance(source, Store):
        return Task(source.path or "a store", source, password)
    if isinstance(source, RootList):
        return Task(source.name, source, password)
    if isinstance(source, bytes):
        return Task("bytes", source, password)
    return Task(os.fsdecode(source), source, password)


def _named_jre(word: str) -> Jre | None:
    """The JRE that a word names; None for a path, or where opening it will say what is wrong."""
    from ...host.locate import in_use, jre_at

    find: Callable[[], Jre | None] | None = None
    if word == "cacerts":
        find = lambda: in_use()[0]  # noqa: E731
    elif word.startswith("jre:") and len(word) > 4:
        find = lambda: jre_at(os.path.expanduser(word[4:]))  # noqa: E731
    try:
        return find() if find is not None else None
    except StorekeeperError:
        return None
