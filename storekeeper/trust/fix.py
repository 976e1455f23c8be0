"""The smallest change after which a runtime accepts: searched by asking it again.

Nothing is proposed that was not judged; only "a new certificate" can't be, since nobody here
has its issuer's key. What a name forbids no import mends, and that is said instead.
"""

from __future__ import annotations

from ..frozen import Frozen, replace
from ..x509 import facts_or_none
from .arrangement import arrange, leaf_of
from .calling import called, name_text
from .consequences import consequences_of
from .edits import Edit, Hidden, all_issuers, hosts_of, server_edits, store_edits
from .reach import concerned
from .rules import NAME_RULES, RULES, Rule
from .until import MOST_WORK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model import Certificate
    from .question import Question
    from .verdict import Verdict

MOST_TRIALS = 200
"""Questions asked in one search; fewer where each has to do with many certificates."""

_FEWEST = 12
_MOST_VAIN = 5

# Alone they make Java accept, and leave a better way to be looked for.
_LESSER = frozenset({"import-leaf", "import-intermediate"})
_UNKNOWN = Rule("")

_MOST_OF_A_KIND = 3
_MOST_HOSTS = 20
_SHOWN = 8

# The better first: what the server mends is mended for everybody, a root outlives what it
# issued, and a pinned certificate has to be pinned again.
_RANK = {
    "send": 10,
    "reorder": 10,
    "give-password": 11,
    "make-visible": 12,
    "import-root": 20,
    "replace-anchor": 25,
    "import-intermediate": 30,
    "import-issuers": 31,
    "new-certificate": 35,
    "other-host": 36,
    "import-leaf": 40,
}


class Fix(Frozen):
    """One way to mend it.

    Attributes:
        edits: what is done, one edit or two together.
        kind, what: of the first of them, and of all in words.
        consequences: what comes of it, sentences without a full stop.
        emergency: it works and should not stay.
        host: the name to ask for, where that is part of it.
        after: the question afterwards, None for what can't be tried.
        verdict: its answer, which accepts.
    """

    edits: tuple[Edit, ...]
    kind: str
    what: str
    consequences: tuple[str, ...]
    emergency: bool = False
    host: str | None = None
    after: Question | None = None
    verdict: Verdict | None = None


class Mending(Frozen):
    """What there is to do.

    Attributes:
        verdict: the answer as it stands.
        fixes: the best first; () where it accepts already.
        remarks: what no edit changes, and what would have to be had first.
        missing: the issuer whose certificate is needed first, and nobody here has, or "".
        trials: how many questions were asked.
        gave_up: there were more than the bounds allow.
    """

    verdict: Verdict
    fixes: tuple[Fix, ...] = ()
    remarks: tuple[str, ...] = ()
    missing: str = ""
    trials: int = 1
    gave_up: bool = False


def mend(
    question: Question,
    candidates: Iterable[Certificate] = (),
    unseen: Iterable[Certificate] = (),
    *,
    null_password: bool = False,
) -> Mending:
    """Search for the smallest edits after which the answer is yes.

    Args:
        question: what was asked.
        candidates: certificates at hand that are neither sent nor trusted.
        unseen: certificates of the store that Java does not see.
        null_password: it does not see them because the program gives no password.

    Raises:
        UsageError: as `verdict.judge`.
    """
    hidden = Hidden(tuple(unseen), null_password)
    return _Search(question, tuple(candidates), hidden).run()


class _Search:
    def __init__(
        self,
        question: Question,
        candidates: tuple[Certificate, ...],
        hidden: Hidden,
    ) -> None:
        self._question = question
        self._candidates = candidates
        self._hidden = hidden
        self._leaf = leaf_of(question.chain)
        near = concerned((*question.chain, *candidates), question.anchors)
        self._most = max(_FEWEST, min(MOST_TRIALS, MOST_WORK // len(near)))
        self._trials = self._vain = 0
        self._remarks: list[str] = []
        self._missing = ""

    def run(self) -> Mending:
        """The whole search."""
        verdict = self._ask(self._question)
        if verdict is None or verdict.accepts:
            assert verdict is not None
            return Mending(verdict)
        wrong_name = self._wrong_name(verdict)
        if wrong_name is None:
            fixes = self._trust(self._question)
        else:
            fixes = self._name(wrong_name)
        return Mending(
            verdict,
            tuple(self._best(fixes)),
            tuple(dict.fromkeys(self._remarks)),
            self._missing,
            self._trials,
            self._trials >= self._most or self._vain > _MOST_VAIN,
        )

    def _best(self, fixes: list[Fix]) -> list[Fix]:
        """In order, and of one kind no more than anybody reads."""
        fixes.sort(key=_rank)
        counts: dict[str, int] = {}
        best = []
        for fix in fixes:
            counts[fix.kind] = counts.get(fix.kind, 0) + 1
            if counts[fix.kind] <= _MOST_OF_A_KIND:
                best.append(fix)
        left = len(fixes) - len(best)
        if left:
            self._remarks.append(f"{left} more like these would do, and are left out")
        return best

    def _ask(self, question: Question) -> Verdict | None:
        """An answer, or None when enough was asked."""
        if self._trials >= self._most or self._vain > _MOST_VAIN:
            return None
        self._trials += 1
        verdict = question.verdict()
        self._vain += verdict.rule == "gave-up"
        return verdict

    # -- names ------------------------------------------------------------------------

    def _wrong_name(self, verdict: Verdict) -> Verdict | None:
        """The refusal of the host's name, even where trust is what is refused first."""
        if self._question.host is None:
            return None
        # Where nothing but the name is left to judge: with the certificate as its own anchor,
        # which not every runtime takes for one, or with all of its issuers trusted.
        for asked in (self._pinned(), self._question, self._all_trusted()):
            bare = self._ask(replace(asked, host=None))
            if bare is not None and bare.accepts:
                named = self._ask(asked)
                return None if named is None or named.accepts else named
        return verdict if verdict.rule in NAME_RULES else None

    def _pinned(self) -> Question:
        return replace(self._question, chain=(self._leaf,), anchors=(self._leaf,))

    def _all_trusted(self) -> Question:
        own = self._question
        picture = arrange(own.chain, own.anchors, self._candidates)
        return replace(own, chain=picture.order, anchors=(*own.anchors, *picture.path[1:]))

    def _name(self, wrong: Verdict) -> list[Fix]:
        names = hosts_of(self._leaf)
        self._remarks.append(
            f"no import mends a name: {wrong.message or RULES[wrong.rule].meaning}"
        )
        shown = ", ".join(names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")
        self._remarks.append(f"the certificate is for {shown or 'no name at all'}")
        good = []
        trusted = (
            self._pinned() if _accepts(self._ask(replace(self._pinned(), host=None))) else None
        )
        for name in names[:_MOST_HOSTS]:
            found = self._ask(replace(trusted or self._all_trusted(), host=name))
            if found is not None and found.accepts:
                good.append(name)
        fixes = [self._new_certificate(wrong)]
        other = replace(self._question, host=good[0] if good else None)
        verdict = self._ask(other)
        if verdict is None:
            return fixes
        if verdict.accepts:
            return [*fixes, *(self._other_host(name) for name in good[:3])]
        self._remarks.append(f"the name is not all that is wrong: {verdict.message}")
        if not good:
            return fixes
        ask_for = f"ask for the server by a name its certificate has: {good[0]}"
        return [
            *fixes,
            *(
                replace(fix, what=f"{fix.what}; and {ask_for}", host=good[0])
                for fix in self._trust(other)
                if fix.verdict is not None
            ),
        ]

    def _other_host(self, name: str) -> Fix:
        after = replace(self._question, host=name)
        edit = Edit("other-host", f"ask for the server by a name its certificate has: {name}", ())
        return Fix(
            (edit,),
            edit.kind,
            edit.what,
            ("the name has to lead to this server",),
            host=name,
            after=after,
            verdict=after.verdict(),
        )

    # -- trust ------------------------------------------------------------------------

    def _trust(self, question: Question) -> list[Fix]:
        server = list(server_edits(question, self._candidates))
        store = list(store_edits(question, self._candidates, self._hidden))
        fixes = self._tried(question, [(edit,) for edit in (*server, *store)])
        if all(fix.kind in _LESSER for fix in fixes):
            fixes += self._pairs(question, server, store)
        if all(fix.kind == "import-leaf" for fix in fixes):
            issuers = list(all_issuers(question, self._candidates))
            alone = self._tried(question, [(edit,) for edit in issuers])
            both = [] if alone else [(one, edit) for one in server for edit in issuers]
            fixes += alone or self._tried(question, both)
        fixes = _without_needless_replacements(fixes)
        if all(fix.emergency or fix.kind == "import-leaf" for fix in fixes):
            residue = self._residue(question, server, store)
            if residue is not None:
                fixes.append(self._new_certificate(residue))
        self._say_missing(question)
        if not fixes:
            self._remarks.append("nothing that was tried helps")
        return fixes

    def _pairs(self, question: Question, server: list[Edit], store: list[Edit]) -> list[Fix]:
        """What the server mends and what is trusted, both at once."""
        wide = [edit for edit in store if edit.kind not in _LESSER]
        return self._tried(question, [(one, other) for one in server for other in wide])

    def _tried(self, question: Question, trials: Iterable[tuple[Edit, ...]]) -> list[Fix]:
        """Those after which it is accepted."""
        fixes = []
        for edits in trials:
            after = _edited(question, edits)
            verdict = self._ask(after)
            if verdict is None:
                break
            if verdict.accepts:
                fixes.append(self._fix(edits, after, verdict))
        return fixes

    def _residue(self, question: Question, server: list[Edit], store: list[Edit]) -> Verdict | None:
        """What only another certificate mends: refused with all sent and all trusted."""
        roots = [edit for edit in store if edit.kind in ("import-root", "replace-anchor")]
        found = self._ask(_edited(question, (*server[:1], *roots[-1:])))
        if found is None or found.accepts:
            return None
        dated = _out_of_date(self._leaf, question.at)
        if dated and RULES.get(found.rule, _UNKNOWN).fault != "certificate":
            # One message for whatever stops a search hides what is plain to see.
            return replace(found, rule=dated, certificate=self._leaf)
        return found if RULES.get(found.rule, _UNKNOWN).fault == "certificate" else None

    def _say_missing(self, question: Question) -> None:
        picture = arrange(question.chain, question.anchors, self._candidates)
        if picture.missing is None:
            return
        self._missing = name_text(picture.missing)
        where = f"; it may be at {picture.locations[0]}" if picture.locations else ""
        self._remarks.append(
            f"nobody here has the certificate of {self._missing}, which issued "
            f"{called(picture.path[-1])}{where}"
        )

    def _fix(self, edits: tuple[Edit, ...], after: Question, verdict: Verdict) -> Fix:
        consequences: list[str] = []
        emergency = False
        for edit in edits:
            told, urgent = consequences_of(edit, after)
            consequences += told
            emergency |= urgent
        what = "; and ".join(edit.what for edit in edits)
        return Fix(edits, edits[0].kind, what, tuple(consequences), emergency, None, after, verdict)

    def _new_certificate(self, wrong: Verdict) -> Fix:
        certificate = wrong.certificate
        if wrong.rule == "illegal-host":
            what = "give the server a name that is legal, and a certificate for that"
        elif wrong.rule in NAME_RULES:
            what = f"a new certificate, with {self._question.host} among its alternative names"
        elif certificate is None or certificate == self._leaf:
            what = "a new certificate for the server"
        else:
            what = f"a new certificate for {called(certificate)}, and the server sends that"
        why = RULES.get(wrong.rule, _UNKNOWN).meaning or wrong.message
        edit = Edit("new-certificate", what, ())
        return Fix((edit,), edit.kind, what, (f"no other change makes it right: {why}",))


def _accepts(verdict: Verdict | None) -> bool:
    return verdict is not None and bool(verdict.accepts)


def _out_of_date(certificate: Certificate, at: int) -> str:
    """The rule by which its dates are wrong, or ""."""
    facts = facts_or_none(certificate)
    if facts is None:
        return ""
    if facts.not_after is not None and facts.not_after < at:
        return "expired"
    return "not-yet-valid" if facts.not_before is not None and facts.not_before > at else ""


def _edited(question: Question, edits: tuple[Edit, ...]) -> Question:
    for edit in edits:
        if edit.chain is not None:
            question = replace(question, chain=edit.chain)
        if edit.anchors is not None:
            question = replace(question, anchors=edit.anchors)
    return question


def _rank(fix: Fix) -> tuple[int, int]:
    worst = max(_RANK[edit.kind] for edit in fix.edits) + 15 * (len(fix.edits) - 1)
    return 50 + worst if fix.emergency else worst, len(fix.edits)


def _without_needless_replacements(fixes: list[Fix]) -> list[Fix]:
    """An anchor need not go where adding the new one suffices."""
    added = {
        edit.certificates for fix in fixes for edit in fix.edits if edit.kind.startswith("import-")
    }
    return [
        fix
        for fix in fixes
        if not any(
            edit.kind == "replace-anchor" and edit.certificates in added for edit in fix.edits
        )
    ]
