"""The audit: stores one after another, or in several processes, in the order they were named."""

from __future__ import annotations

import os
from itertools import islice

from ...errors import Damaged, StorekeeperError, UsageError, WrongPassword
from ...frozen import Frozen, replace
from ...model import LIMITS, Password, Store
from ..anchors import RootList
from ..sources import open_any
from .against import Against
from .asked import Asked, asked_of, list_used, opened_list
from .certificates import Certificates
from .entries import Entries
from .files import file_sha256
from .own_jre import jre_of_path, own_jre
from .policy import FAILS_ON, Judge, Policy, check_codes, fails
from .rules import RANK, RULES
from .stores import Auditing
from .tasks import Task, every_jre, tasks_of
from .values import SEVERITIES, AuditedStore, AuditFinding, AuditHead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...model import Limits, Severity
    from .tasks import Source

FIRST_LOOK = 4
PAYS_FROM = 0.4
PAYS_FOR = 12
"""After each so many stores, and when they took so many seconds, several processes take over
if there are so many more."""


class Settings(Frozen):
    """What is the same for all stores; it goes to every process once.

    Attributes:
        policy, at, only, least: as `Judge` takes them.
        asked: the root lists.
        against: the lists of ``--against``.
        limits: how much an input may ask for.
    """

    policy: Policy
    at: int
    asked: Asked
    only: tuple[str, ...] = ()
    least: Severity = "info"
    against: tuple[Against, ...] = ()
    limits: Limits = LIMITS


class Auditor:
    """Audits one store after another in this process.

    Args:
        settings: what is the same for all.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._judge = Judge(settings.policy, settings.at, settings.only, settings.least)
        self._entries = Entries(Certificates(settings.asked, settings.policy.soon, settings.at))

    def audited(self, task: Task) -> AuditedStore:
        """One store; why it could not be read is a result like another."""
        if task.problem:
            return AuditedStore(task.name, None, problem=task.problem, hint=task.hint, status=4)
        notes: list[str] = []
        try:
            source, password = self._opened(task, notes)
        except StorekeeperError as error:
            return _unread(task, error)
        except (RecursionError, MemoryError) as error:  # one file must not end the others
            said = f"reading it needs too much: {type(error).__name__}"
            return _unread(task, Damaged(said, hint="look at it by itself: storekeeper show"))
        return self._judged(task, source, password, notes)

    def _opened(self, task: Task, notes: list[str]) -> tuple[Store | RootList, Password | None]:
        limits = self._settings.limits
        try:
            source = open_any(task.source, task.password, limits=limits, say=notes.append)
            return source, task.password
        except WrongPassword as wrong:
            # One password is said for many stores; that another opens without it is a finding.
            try:
                source = open_any(task.source, None, limits=limits, say=notes.append)
            except StorekeeperError:
                raise wrong from None
            notes.append("read without the password that was given, which is not its own")
            return source, None

    def _judged(
        self, task: Task, source: Store | RootList, password: Password | None, notes: list[str]
    ) -> AuditedStore:
        settings = self._settings
        path = source.path
        jre = task.jre or (jre_of_path(path) if path else None)
        own = own_jre(jre) if jre is not None else None
        at_work = Auditing(source, self._entries, own, settings.against, password)
        names = (task.name, path or task.name)
        found = at_work.findings()
        found += [AuditFinding("source-note", "info", note, source="the search") for note in notes]
        weighed = [one for each in found if (one := self._judge.weighed(each, names)) is not None]
        if settings.policy.severities:
            weighed.sort(key=lambda one: RANK[one.severity])
        return AuditedStore(
            task.name,
            path,
            source.format if isinstance(source, Store) else "root-list",
            file_sha256(path, settings.limits) if path else "",
            own.name if own is not None else "",
            tuple(at_work.entries),
            tuple(weighed),
            at_work.missing(),
        )


def audit_store(
    source: Source,
    policy: Policy | None = None,
    *,
    password: Password | str | None = None,
    at: int | None = None,
    limits: Limits = LIMITS,
) -> AuditedStore:
    """One store, audited against all shipped lists.

    Args:
        source: as `sources.open_any` takes it.
        policy: how to judge; None for the default rules.
        password: the store's, when there is one.
        at: the instant to judge by, seconds since 1970 UTC; None for now.
        limits: how much the input may ask for.

    Raises:
        StorekeeperError: a list of the policy can't be read. What the store's own bytes do
            wrong is in the result.
    """
    _, stores = audit([source], policy, password=password, at=at, limits=limits)
    return next(stores)


def audit(
    sources: Iterable[Source | Task] | None = None,
    policy: Policy | str | os.PathLike[str] | None = None,
    *,
    against: Iterable[str] = (),
    password: Password | str | None = None,
    at: int | None = None,
    fail_on: str | None = None,
    only: Iterable[str] = (),
    skip: Iterable[str] = (),
    least: Severity = "info",
    jobs: int | None = None,
    limits: Limits = LIMITS,
    host: str = "",
) -> tuple[AuditHead, Iterator[AuditedStore]]:
    """Audit stores: what is the same for all, and each of them in the order of the input.

    Nothing is opened before it is its turn, and nothing is kept: the stores may be many.
    After the last store there is one more of the format "policy" when the policy has waivers
    that ended or covered nothing.

    Args:
        sources: words, paths, opened stores or `Task`; None for every JRE of the machine.
        policy: a `Policy`, or the path of one; None for the default rules.
        against: words or paths of lists to compare with.
        password: of the stores, when there is one.
        at: the instant to judge by, seconds since 1970 UTC; None for now.
        fail_on: in place of the policy's.
        only: codes of rules: no others.
        skip: codes of rules: all others.
        least: the mildest severity that is told.
        jobs: processes; None for as many as this one has cores, where it is worth it.
        limits: how much one input may ask for.
        host: name of the machine, for reports that tell it.

    Raises:
        UsageError: there is no rule of a code, or no such severity.
        StorekeeperError: the policy or a list can't be read.
    """
    from ... import __version__

    chosen = _policy(policy)
    if fail_on is not None:
        if fail_on not in FAILS_ON:
            raise UsageError(f"expected one of {', '.join(FAILS_ON)}, found {fail_on!r}")
        chosen = replace(chosen, fails_on=fail_on)
    if least not in SEVERITIES:
        raise UsageError(f"expected one of {', '.join(SEVERITIES)}, found {least!r}")
    chosen = chosen.without(check_codes(tuple(skip)))
    moment = _now() if at is None else at
    asked = asked_of(chosen.lists, limits)
    compared = tuple(opened_list(name, limits) for name in against)
    settings = Settings(
        chosen, moment, asked, check_codes(tuple(only)), least, tuple(map(Against, compared)),
        limits,
    )  # fmt: skip
    used = asked.used(moment)
    known = {one.name for one in used}
    used += tuple(list_used(one, moment) for one in compared if one.name not in known)
    judge = Judge(chosen, moment, settings.only, least)
    off = tuple(code for code in RULES if not judge.on(code))
    head = AuditHead(moment, __version__, used, chosen.path, chosen.fails_on, host, off)
    given = Password(password) if isinstance(password, str) else password
    tasks = iter(every_jre()) if sources is None else tasks_of(sources, given, limits)
    return head, _stores(tasks, settings, jobs)


def exit_status(head: AuditHead, store: AuditedStore) -> int:
    """What one store adds to the exit status of a run: the largest of all counts."""
    if store.problem:
        return store.status or 4
    return int(any(fails(one, head.fails_on) for one in store.findings))


def _stores(tasks: Iterable[Task], settings: Settings, jobs: int | None) -> Iterator[AuditedStore]:
    used: set[str] = set()
    for store in _run(tasks, settings, jobs):
        if settings.policy.waived:
            used.update(one.waived.where for one in store.findings if one.waived is not None)
        yield store
    left = _waivers(settings, used)
    if left:
        yield AuditedStore(
            settings.policy.path, settings.policy.path, "policy",
            findings=tuple(left),
        )  # fmt: skip


def _run(tasks: Iterable[Task], settings: Settings, jobs: int | None) -> Iterator[AuditedStore]:
    from time import monotonic

    rest = iter(tasks)
    count = jobs or _cores()
    auditor = Auditor(settings)
    begun = monotonic()
    next_look = 0 if jobs else FIRST_LOOK
    done = 0
    while count > 1:
        # Most stores take a millisecond or two: whether processes pay is known by trying.
        if done == next_look:
            if jobs or monotonic() - begun > PAYS_FROM:
                ahead = list(islice(rest, PAYS_FOR))
                rest = _chained(ahead, rest)
                if len(ahead) == PAYS_FOR or jobs:
                    from .workers import audited

                    yield from audited(rest, settings, count)
                    return
                break
            next_look += FIRST_LOOK
        task = next(rest, None)
        if task is None:
            return
        yield auditor.audited(task)
        done += 1
    for task in rest:
        yield auditor.audited(task)


def _chained(first: Iterable[Task], rest: Iterable[Task]) -> Iterator[Task]:
    yield from first
    yield from rest


def _waivers(settings: Settings, used: set[str]) -> list[AuditFinding]:
    judge = Judge(settings.policy, settings.at, settings.only, settings.least)
    found = []
    for one in settings.policy.waived:
        waiver = one.waiver
        about = ", ".join((*one.codes, *filter(None, (one.sha256[:16], one.alias, one.store))))
        if one.ended(settings.at):
            finding = AuditFinding(
                "waiver-ended", "warning",
                f"the waiver of {about} ({waiver.reason}) ended on {waiver.until}: it covers "
                "nothing any more",
                "decide again: a new date, or what it hid", source=waiver.where,
            )  # fmt: skip
        elif waiver.where not in used:
            finding = AuditFinding(
                "waiver-unused", "info",
                f"the waiver of {about} ({waiver.reason}) covered nothing",
                "take it out if what it waived is gone", source=waiver.where,
            )  # fmt: skip
        else:
            continue
        if (weighed := judge.weighed(finding, (settings.policy.path,))) is not None:
            found.append(weighed)
    return sorted(found, key=lambda finding: RANK[finding.severity])


def _unread(task: Task, error: StorekeeperError) -> AuditedStore:
    path = error.path if error.path and isinstance(task.source, str) else None
    return AuditedStore(
        task.name, path, problem=_said(error), hint=error.hint, status=error.exit_status
    )


def _said(error: StorekeeperError) -> str:
    return error.message + (f" (at byte {error.offset})" if error.offset is not None else "")


def _policy(given: Policy | str | os.PathLike[str] | None) -> Policy:
    if given is None:
        return Policy()
    if isinstance(given, Policy):
        return given
    from .policy_file import read_policy

    return read_policy(os.fsdecode(given))


def _now() -> int:
    import time

    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(epoch) if epoch.isdecimal() and len(epoch) < 12 else int(time.time())


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
