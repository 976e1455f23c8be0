"""What the HTML report keeps while stores pass by: each certificate and each finding once.

Stores with the same content (a fleet has hundreds of them) are told once, with all their
places. So memory grows with what is different, not with the number of stores.
"""

from __future__ import annotations

from . import html_text as words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...trust.audit.values import AuditedEntry, AuditedStore, AuditFinding, AuditHead, Waiver

SOON = frozenset({"expires-soon", "key-expires-soon"})
"""Codes that say that the end of a certificate is near."""


def numbers(bits: int) -> list[int]:
    """Which bits are set, lowest first."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found


class Known:
    """A distinct certificate.

    Attributes:
        subject: cut to what is ever shown of it.
        not_after: seconds since 1970 UTC, or None.
        lists: names of the lists that have it.
        trusted: a bit for the number of each content that trusts it.
        held: a bit for the number of each content it is an entry of.
        where: id of its first entry on the page.
        soon: whether some rule says that it expires soon.
    """

    __slots__ = ("held", "lists", "not_after", "soon", "subject", "trusted", "where")

    def __init__(self, subject: str, not_after: int | None, lists: tuple[str, ...], where: str):
        self.subject = subject
        self.not_after = not_after
        self.lists = lists
        self.trusted = 0
        self.held = 0
        self.where = where
        self.soon = False


class Place:
    """One store, as the index of stores tells it."""

    __slots__ = ("content", "counts", "label", "name", "path", "runtime", "waived")

    def __init__(self, store: AuditedStore, content: int) -> None:
        self.name = store.name
        self.path = store.path
        self.label = words.label(store)
        self.runtime = store.runtime
        self.counts = tuple(store.counted(severity) for severity in words.RANK)
        self.waived = sum(one.waived is not None for one in store.findings)
        self.content = content


class Content:
    """What one or more stores hold, entry for entry, and what was found about it.

    Attributes:
        number: its number on the page, from 1.
        entries, trusted: how many entries; how many distinct certificates it trusts.
        at: where its rows lie in the annex, (start, end).
        policy: it is no store, but what the engine found about the policy itself.
    """

    __slots__ = ("at", "entries", "format", "number", "places", "policy", "sha256", "trusted")

    def __init__(self, number: int, store: AuditedStore) -> None:
        self.number = number
        self.format = store.format
        self.sha256 = store.sha256
        self.entries = len(store.entries)
        self.trusted = 0
        self.places: list[Place] = []
        self.at = (0, 0)
        self.policy = store.format == "policy"

    @property
    def label(self) -> str:
        """What the page calls it; not escaped."""
        if self.policy:
            return "the policy"
        others = len(self.places) - 1
        return self.places[0].label + (f" and {others:,} more" if others else "")


class Item:
    """One certificate, entry or store a problem is about: (content, alias) pairs of it."""

    __slots__ = ("finding", "places")

    def __init__(self, finding: AuditFinding) -> None:
        self.finding = finding
        self.places: list[tuple[int, str]] = []


class Problem:
    """All findings of one code, one severity and one waiver."""

    __slots__ = ("code", "items", "severity", "waiver")

    def __init__(self, finding: AuditFinding) -> None:
        self.code = finding.code
        self.severity = finding.severity if finding.severity in words.RANK else "info"
        self.waiver: Waiver | None = finding.waived
        self.items: dict[tuple[str, ...], Item] = {}

    def contents(self) -> list[int]:
        """Numbers of the contents it is found in."""
        return sorted({number for item in self.items.values() for number, _ in item.places})

    def same(self, field: str) -> str:
        """The value of a finding's field where all have the same, else ""."""
        values = {getattr(item.finding, field) for item in self.items.values()}
        return str(values.pop()) if len(values) == 1 else ""


class Collected:
    """Everything but the rows of the stores themselves.

    Attributes:
        known: by SHA-256.
        missing: SHA-256 to (subject, names of lists that have it), for ``--against``.
        unread: stores that could not be read.
    """

    def __init__(self, head: AuditHead) -> None:
        self.head = head
        self.known: dict[str, Known] = {}
        self.contents: list[Content] = []
        self.places: list[Place] = []
        self.problems: dict[tuple[object, ...], Problem] = {}
        self.missing: dict[str, tuple[str, set[str]]] = {}
        self.against: set[str] = set()
        self.unread: list[AuditedStore] = []
        self._lists: dict[tuple[str, ...], tuple[str, ...]] = {}

    def add(self, store: AuditedStore, content: Content) -> None:
        """A content seen for the first time."""
        self.contents.append(content)
        for index, entry in enumerate(store.entries):
            if entry.certificate is not None:
                self._know(entry, content, f"e{content.number}-{index}")
        content.trusted = len(
            {
                entry.certificate.sha256
                for entry in store.entries
                if entry.certificate is not None and entry.kind == "trusted-certificate"
            }
        )
        for finding in store.findings:
            self._find(finding, content.number)
        for listed, roots in store.missing:
            self.against.add(listed)
            for sha256, subject in roots:
                self.missing.setdefault(sha256, (words.shortened(subject), set()))[1].add(listed)

    def _know(self, entry: AuditedEntry, content: Content, where: str) -> None:
        assert entry.certificate is not None
        known = self.known.get(entry.certificate.sha256)
        if known is None:
            lists = self._lists.setdefault(entry.trusted_by, entry.trusted_by)
            subject = words.shortened(entry.subject)
            known = Known(subject, entry.not_after, lists, where)
            self.known[entry.certificate.sha256] = known
        known.held |= 1 << content.number
        if entry.kind == "trusted-certificate":
            known.trusted |= 1 << content.number

    def _find(self, finding: AuditFinding, number: int) -> None:
        key = (finding.code, finding.severity, finding.waived)
        problem = self.problems.get(key)
        if problem is None:
            problem = self.problems[key] = Problem(finding)
        about = finding.sha256 or f"{number} {finding.alias}"
        if not finding.alias and not finding.sha256:
            about = ""  # the same words about several whole stores are one row
        parts = (about, finding.message, finding.hint, finding.source)
        item = problem.items.get(parts)
        if item is None:
            item = problem.items[parts] = Item(finding)
        item.places.append((number, finding.alias))
        if finding.code in SOON and finding.sha256 in self.known:
            self.known[finding.sha256].soon = True

    def subject_of(self, sha256: str) -> str:
        """Subject of a root that only lists have, or ""."""
        return self.missing[sha256][0] if sha256 in self.missing else ""

    def stores_of(self, chosen: list[int] | None = None) -> int:
        """How many stores have one of these contents; all stores that were read without."""
        contents = self.contents if chosen is None else [self.contents[at - 1] for at in chosen]
        return sum(len(one.places) for one in contents if not one.policy)

    def where(self, chosen: list[int] | None = None) -> str:
        """``5 stores and the policy``: the places of these contents in words."""
        stores = self.stores_of(chosen)
        contents = self.contents if chosen is None else [self.contents[at - 1] for at in chosen]
        policy = any(one.policy for one in contents)
        if policy and not stores:
            return "the policy"
        return words.count(stores, "store") + (" and the policy" if policy else "")

    def times(self, problem: Problem) -> int:
        """How many findings a problem stands for, over all stores."""
        return sum(
            len(self.contents[number - 1].places)
            for item in problem.items.values()
            for number, _ in item.places
        )

    def ordered(self, *, waived: bool) -> list[Problem]:
        """Problems, worst and most frequent first."""
        chosen = [one for one in self.problems.values() if (one.waiver is not None) is waived]
        return sorted(
            chosen,
            key=lambda one: (words.RANK[one.severity], -self.times(one), one.code),
        )

    def total(self, severity: str) -> int:
        """How many findings of a severity count, over all stores."""
        at = list(words.RANK).index(severity)
        return sum(place.counts[at] for place in self.places)
