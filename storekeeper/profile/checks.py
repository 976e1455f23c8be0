"""The checks of a profile: what a server sends, judged by the store; what it says to the key."""

from __future__ import annotations

import os
import time

from ..change.target import locate
from ..errors import PasswordError, StorekeeperError, UsageError
from ..frozen import Frozen
from ..model import PrivateKey, Store
from .context import placed
from .words import meant

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..identity.select import Selection
    from ..model import Password
    from ..tls.client import Identity
    from ..tls.messages import CertificateRequest
    from ..tls.probed import Probe
    from ..trust.verdict import Verdict
    from .context import Context
    from .planning import TargetPlan
    from .values import CheckWish, Profile, TargetWish

__all__ = ["Checked", "check_profile"]


class Checked(Frozen):
    """The answer to one check.

    Attributes:
        wish: the check.
        passed: whether all of it is as it should be; None where it could not be asked.
        verdict: what the runtime says of the server's chain, or None.
        sent: alias of the key that is sent, "" for none.
        said: in words, what the server made of it, and why no key is sent; or "".
        error: why it could not be asked, or None.
    """

    wish: CheckWish
    passed: bool | None
    verdict: Verdict | None = None
    sent: str = ""
    said: str = ""
    error: StorekeeperError | None = None


def check_profile(
    profile: Profile, context: Context, plans: Sequence[TargetPlan] = ()
) -> tuple[Checked, ...]:
    """Every check of a profile that takes part. Nothing is changed.

    Args:
        profile: loaded.
        context: the one its plans were made with.
        plans: plans that are not carried out: their targets are taken as they would be.
    """
    found: list[Checked] = []
    for wish in profile.checks:
        if not wish.wanted:
            continue
        try:
            found.append(_Check(profile, context, plans, wish).answer())
        except StorekeeperError as error:
            found.append(Checked(wish, None, error=placed(error, wish.mark)))
    return tuple(found)


class _Check:
    def __init__(
        self,
        profile: Profile,
        context: Context,
        plans: Sequence[TargetPlan],
        wish: CheckWish,
    ) -> None:
        self.profile = profile
        self.context = context
        self.planned = {one.wish.name: one.plan.result for one in plans}
        self.wish = wish

    def answer(self) -> Checked:
        from ..tls.client import Identity

        wish = self.wish
        found = self._met(None)
        verdict = self._verdict(found)
        if not wish.identity:
            return Checked(wish, verdict.accepts is True, verdict)
        request = found.member.request
        if request is None:
            said = f"it asks for no client certificate: {found.member.why}"
            return Checked(wish, False, verdict, said=said)
        store, password = self._identity()
        selection = self._selected(store, password, request)
        entry = None if selection.alias is None else store.find(selection.alias)
        if not isinstance(entry, PrivateKey) or selection.problem:
            why = selection.problem or "; ".join(
                f"{one.alias}: {one.message}" for one in selection.candidates[:3]
            )
            return Checked(wish, False, verdict, said=f"no certificate is sent: {why}")
        try:
            pkcs8 = entry.pkcs8(password)
        except PasswordError as error:
            raise error.at(alias=entry.alias) from None
        identity = Identity(tuple(one.der for one in selection.chain), pkcs8)
        member = self._met(identity).member
        said = member.why or member.problem or member.client
        passed = verdict.accepts is True and member.client not in ("refused", "rejected")
        return Checked(wish, passed, verdict, entry.alias, said)

    def _met(self, identity: Identity | None) -> Probe:
        from .servers import met

        return met(
            self.wish.server,
            self.context,
            starttls=self.wish.starttls,
            proxy=self.wish.proxy,
            identity=identity,
            asks=bool(self.wish.identity),
        )

    def _verdict(self, found: Probe) -> Verdict:
        from ..errors import NetworkError
        from ..tls.probed import served_by
        from ..trust.asked import questions
        from ..trust.java_trust import trust_of

        if not found.member.chain:
            why = found.member.problem or "no reason"
            raise NetworkError(f"{self.wish.server} sends no certificate: {why}")
        runtime = self.wish.runtime or self._runtime()
        trust = trust_of(self._trusted(runtime)[0])
        at = int(time.time()) if self.context.at is None else self.context.at
        host = self.wish.host or None
        asked = questions(served_by(found), trust, at, runtimes=(runtime,), host=host)
        return asked[0].verdict()

    def _runtime(self) -> str:
        product = self.profile.product
        if product is not None and product.runtime and "${" not in product.runtime:
            return product.runtime
        return "java17"

    def _trusted(self, runtime: str) -> tuple[Store, Password | None]:
        if self.wish.store:
            return self._store(self.wish.store, "")
        product = self.profile.product
        if product is not None and product.trust:
            return self._store(product.trust, "")
        if runtime.startswith("jre:"):
            return self._store(runtime, "")
        without = [one.name for one in self.profile.targets if one.wanted and not one.keys]
        return self._store(without[0] if without else "cacerts", "")

    def _identity(self) -> tuple[Store, Password | None]:
        return self._store(self.wish.identity, self.wish.password)

    def _store(self, name: str, specification: str) -> tuple[Store, Password | None]:
        """A target as it is or would be, or what a path or word stands for."""
        target = self._target(name)
        if target is not None:
            password = self.context.password(target.password, target.path, target.mark)
            planned = self.planned.get(target.name)
            path = locate(target.path, environ=self.context.environ).path
            store = self._opened(path, password) if planned is None else planned
            if target.key_password:
                what = f"the keys of {target.path}"
                password = self.context.password(target.key_password, what, target.mark)
            return store, password
        if os.sep not in name and "." not in name and ":" not in name:
            close = meant(name, [one.name for one in self.profile.targets])
            if close.startswith("did you"):
                raise UsageError(f"there is no target {name[:80]!r}", hint=close)
        password = self.context.password(specification, name, self.wish.mark)
        return self._opened(name, password), password

    def _opened(self, path: str, password: Password | None) -> Store:
        from ..trust.sources import open_store

        found = self.context.open(path, password)
        return open_store(found)

    def _target(self, name: str) -> TargetWish | None:
        """The target of that name, or of that path."""
        found = self.profile.target(name)
        if found is not None:
            return found
        return next((one for one in self.profile.targets if one.path == name), None)

    def _selected(
        self, store: Store, password: Password | None, request: CertificateRequest
    ) -> Selection:
        from ..identity.select import select_client_key, speaking_for
        from ..trust.jre_runtime import of_word
        from .identities import instant

        named = of_word(self.wish.runtime or self._runtime()).name
        runtime = speaking_for(named, self.context.say)
        return select_client_key(
            store, request, runtime, "SunX509", instant(self.context), password=password
        )
