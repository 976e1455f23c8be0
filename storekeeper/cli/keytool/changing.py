"""The commands of keytool about entries that are there: their names and passwords."""

from __future__ import annotations

from ...change.chosen import no_such_entry
from ...change.delete import plan_delete
from ...change.openings import KeyPasswords
from ...change.passwords import plan_key_password, plan_store_password
from ...change.rename import plan_rename
from ...errors import PasswordError, UsageError, WriteRefused
from ...model import Password, PrivateKey, SecretKey
from . import closing, settling
from .grammar import DEFAULT_ALIAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...change.plan import Plan
    from ...change.target import Target
    from ...model import Entry
    from ..questions import Answers
    from .prompts import Prompter
    from .words import Request


def delete(request: Request, prompter: Prompter) -> int:
    """``-delete``: one entry goes."""
    kept = settling.keystore(request, prompter)
    alias = request.get("alias")
    alias = _said(prompter.alias(), "alias") if alias is None else alias

    def plan(target: Target, _answers: Answers) -> Plan:
        _entry(target, alias)
        return plan_delete(target, [alias])

    closing.finish(request, kept, settling.carry_out(request, kept, plan))
    return 0


def changealias(request: Request, prompter: Prompter) -> int:
    """``-changealias``: the entry stays as it is, its key sealed and its date old."""
    kept = settling.keystore(request, prompter)
    old = _alias(request)
    new = request.get("destalias")
    new = _said(prompter.destination_alias(), "destalias") if new is None else new

    def plan(target: Target, _answers: Answers) -> Plan:
        assert target.store is not None
        _entry(target, old)
        there = target.store.find(new)
        if there is not None:
            raise WriteRefused(
                "the destination alias already exists",
                alias=there.alias,
                hint="choose another -destalias, or -delete that entry first",
                path=target.path,
            )
        return plan_rename(target, old, new)

    closing.finish(request, kept, settling.carry_out(request, kept, plan))
    return 0


def storepasswd(request: Request, prompter: Prompter) -> int:
    """``-storepasswd``: in a PKCS12 the keys follow, in a JKS or JCEKS they do not."""
    kept = settling.keystore(request, prompter)

    def plan(target: Target, answers: Answers) -> Plan:
        assert target.store is not None
        new = request.password("new") or answers.to(
            "new", lambda: prompter.new_password("keystore password", target.password)
        )
        return plan_store_password(
            target,
            new,
            keys=KeyPasswords(every=request.password("keypass")),
            store_only=target.store.format != "PKCS12",
        )

    closing.finish(request, kept, settling.carry_out(request, kept, plan))
    return 0


def keypasswd(request: Request, prompter: Prompter) -> int:
    """``-keypasswd``: of one key, in a JKS or JCEKS."""
    kept = settling.keystore(request, prompter)
    alias = _alias(request)

    def plan(target: Target, answers: Answers) -> Plan:
        assert target.store is not None
        if target.store.format == "PKCS12":
            raise WriteRefused(
                "-keypasswd is not for a PKCS12, whose keys have the password of the store",
                hint="-storepasswd changes that, and the keys follow",
                path=target.path,
            )
        entry = _entry(target, alias)
        if not isinstance(entry, PrivateKey | SecretKey):
            raise UsageError("the entry has no key", alias=entry.alias, path=target.path)
        old = request.password("keypass") or target.password
        if request.password("keypass") is None and not _opens(entry, old):
            old = answers.to("old", lambda: prompter.key_password(alias))
        new = request.password("new") or answers.to(
            "new", lambda: prompter.new_password(f"key password for <{alias}>", old)
        )
        keys = KeyPasswords(own=((entry.alias.lower(), old),) if old is not None else ())
        return plan_key_password(target, entry.alias, new, keys=keys)

    closing.finish(request, kept, settling.carry_out(request, kept, plan))
    return 0


def _alias(request: Request) -> str:
    alias = request.get("alias")
    return DEFAULT_ALIAS if alias is None else alias


def _said(answer: str, option: str) -> str:
    if not answer:
        raise UsageError("no alias was given", hint=f"-{option} names it")
    return answer


def _entry(target: Target, alias: str) -> Entry:
    """The entry of that very alias; an asterisk in it is an asterisk."""
    assert target.store is not None
    found = target.store.find(alias)
    if found is None:
        error = no_such_entry(target.store, alias, "keytool -list shows the aliases")
        error.message = "the entry does not exist"  # as scripts look for it
        raise error
    return found


def _opens(entry: PrivateKey | SecretKey, password: Password | None) -> bool:
    try:
        entry.sealed.opener(entry.sealed.data, password)
    except PasswordError:
        return False
    return True
