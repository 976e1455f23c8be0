"""``keytool -importcert``: a certificate to trust, or a CA's answer for a key."""

from __future__ import annotations

import sys

from ...change.key_chains import subjects
from ...change.key_entries import plan_reply
from ...change.trusted import plan_trusted
from ...errors import WriteRefused
from ...model import PrivateKey, Store, TrustedCert
from ...names import printable
from ...trust.chain import complete
from ...trust.issuance import issuance
from .. import voice
from . import closing, listing, opening, settling
from .certificate import readable_form
from .grammar import DEFAULT_ALIAS
from .looking import certificates_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...change.plan import Plan
    from ...change.target import Target
    from ...model import Certificate, Entry
    from ..questions import Answers
    from .prompts import Prompter
    from .words import Request


def importcert(request: Request, prompter: Prompter) -> int:
    """``-importcert``: what comes in depends on what the alias stands for."""
    kept = settling.keystore(request, prompter, may_be_new=True)
    source = certificates_of(request.get("file"), prompter)
    given = list(source.certificates())
    wanted = _Import(request, prompter, given)
    done = settling.carry_out(request, kept, wanted.plan)
    what = (
        "Certificate reply was{} installed in" if wanted.is_reply else "Certificate was{} added to"
    )
    sys.stderr.write(f"{what.format('' if done else ' not')} keystore\n")
    if done and not wanted.is_reply and len(given) > 1:
        voice.warn(
            f"{source.path}: of {len(given)} certificates only the first is imported, as by "
            f"keytool, which does not say so; left out: {subjects(given[1:])}"
        )
        voice.hint("storekeeper import takes all of them")
    closing.finish(request, kept, done, wanted.weak() if done else ())
    return 0


class _Import:
    """What is known of one import before the keystore is."""

    def __init__(self, request: Request, prompter: Prompter, given: Sequence[Certificate]) -> None:
        self.request = request
        self.prompter = prompter
        self.given = given
        alias = request.get("alias")
        self.alias = DEFAULT_ALIAS if alias is None else alias
        self.noprompt = request.has("noprompt")
        self.cacerts = _cacerts() if request.has("trustcacerts") else Store("PKCS12")
        self.is_reply = False
        self.trusted: frozenset[Certificate] = frozenset()
        self.issuers: list[tuple[str, Certificate]] = []

    def plan(self, target: Target, answers: Answers) -> Plan | None:
        """The plan; None when somebody said no."""
        found = None if target.store is None else listing.find(target.store, self.alias)
        self.is_reply = isinstance(found, PrivateKey)
        known = frozenset() if target.store is None else listing.trusted_by(target.store)
        self.trusted = known.union(_certificates(self.cacerts))
        if isinstance(found, PrivateKey):
            return self._reply(target, found, answers)
        kind = self.request.get("storetype") or "PKCS12"
        if target.store is not None:
            kind = target.store.format
        # An alias that is taken comes before any question.
        plan = plan_trusted(target, self.alias, self.given[0], storetype=kind)
        store = target.store or Store(kind)
        return plan if self.noprompt or self._agreed(store, answers) else None

    def weak(self) -> Iterator[str]:
        """What there is to say of what came in, and of the issuers found for it."""
        for alias, issuer in self.issuers:
            yield from closing.of_certificate(f"Issuer <{printable(alias)}>", issuer, self.trusted)
        if self.is_reply and len(self.given) > 1:
            yield from closing.of_certificates("Reply", self.given, self.trusted)
        else:
            yield from closing.of_certificate("The input", self.given[0], self.trusted)

    def _named(self, store: Store, issuers: Sequence[Certificate]) -> list[tuple[str, Certificate]]:
        """Certificates with their aliases, those that have one."""
        aliases = [_alias_of(store, one) or _alias_of(self.cacerts, one) for one in issuers]
        return [(a, one) for a, one in zip(aliases, issuers, strict=True) if a is not None]

    def _agreed(self, store: Store, answers: Answers) -> bool:
        certificate = self.given[0]
        there = _alias_of(store, certificate)
        if there is not None:
            return answers.to("again", lambda: self.prompter.add_again(there))
        if issuance([certificate]).is_self_signed(certificate):
            known = _alias_of(self.cacerts, certificate)
            if known is not None:
                return answers.to("again", lambda: self.prompter.add_again(known, system=True))
        else:
            anchors = [*_certificates(store), *_certificates(self.cacerts)]
            completed = complete(certificate, (), anchors)
            if completed.closed:
                self.issuers = self._named(store, completed.chain[1:])
                return True
        return answers.to("trust", self._ask)

    def _ask(self) -> bool:
        sys.stdout.write(readable_form(self.given[0]))
        return self.prompter.trust()

    def _reply(self, target: Target, entry: PrivateKey, answers: Answers) -> Plan | None:
        assert target.store is not None
        alone = len(self.given) == 1
        if alone and entry.chain[:1] == tuple(self.given):
            raise WriteRefused(
                "the certificate in the answer is the one the entry has already",
                alias=entry.alias,
                path=target.path,
            )
        try:
            plan = plan_reply(
                target,
                entry.alias,
                self.given,
                trusted=_certificates(self.cacerts),
                key_password=self.request.password("keypass"),
                incomplete=not alone,
            )
        except WriteRefused as error:
            if "--trust" in error.hint:
                error.hint = _MISSING
            raise
        assert plan.result is not None
        changed = plan.result.find(entry.alias)
        assert isinstance(changed, PrivateKey)
        top = changed.chain[-1]
        if alone:
            self.issuers = self._named(target.store, changed.chain[1:])
        others = [one for one in target.store.entries if one is not entry]
        known = {*filter(None, map(_own, others)), *_certificates(self.cacerts)}
        if alone or self.noprompt or top in known:
            return plan
        return plan if answers.to("reply", lambda: self._ask_reply(top)) else None

    def _ask_reply(self, top: Certificate) -> bool:
        sys.stderr.write("\nTop-level certificate in reply:\n\n")
        sys.stderr.flush()
        sys.stdout.write(readable_form(top))
        sys.stdout.flush()
        sys.stderr.write("\n... is not trusted. ")
        return self.prompter.install_reply()


_MISSING = (
    "give the issuers in the same file, import them first under aliases of their own, or say "
    "-trustcacerts if cacerts has them"
)


def _cacerts() -> Store:
    from ...trust.sources import open_store

    return open_store(opening.cacerts())


def _certificates(store: Store) -> list[Certificate]:
    """The certificate Java finds under each alias."""
    return [one for one in map(_own, store.entries) if one is not None]


def _alias_of(store: Store, certificate: Certificate) -> str | None:
    return next((one.alias for one in store.entries if _own(one) == certificate), None)


def _own(entry: Entry) -> Certificate | None:
    match entry:
        case TrustedCert():
            return entry.certificate
        case PrivateKey(chain=(own, *_)):
            return own
    return None
