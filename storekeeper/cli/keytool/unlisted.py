"""Commands of keytool its help does not list: ``-gencrl``, ``-keyclone``, ``-selfcert``."""

from __future__ import annotations

import time

from ...errors import NoSuchEntry, UsageError, WriteRefused
from ...extensions import AUTHORITY_KEY_IDENTIFIER, SUBJECT_KEY_IDENTIFIER
from ...model import PrivateKey
from ...names import printable
from ...x509 import facts
from . import closing, settling, stores, values
from .making import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...change.plan import Plan
    from ...change.target import Target
    from ...model import Certificate
    from ...pki.extensions import Extension
    from ..questions import Answers
    from .prompts import Prompter
    from .words import Request


def gencrl(request: Request, prompter: Prompter) -> int:
    """``-gencrl``: a revocation list, to a file or standard output."""
    from ...pki import crl

    days, begin = values.days(request), values.begin(request)
    now = int(time.time())
    revoked = [crl.parse_id(text, now) for text in request.all("id")]
    store, password = stores.read_for_keys(request, prompter)
    entry = stores.key_entry(store, values.alias(request))
    given = stores.key_password(request, store.format)
    pkcs8, _ = stores.key_of(entry, given, password, prompter.key_password)
    made = crl.make(
        entry.chain[0],
        pkcs8,
        revoked,
        this_update=begin,
        next_update=begin + days * 86_400,
        signature_algorithm=request.get("sigalg"),
    )
    content = crl.pem(made) if request.has("rfc") else made
    write(request.get("file"), content, entry.alias)
    (listed,) = crl.read_all(made)
    label = "The generated CRL"
    closing.say(
        request,
        (
            *closing.of_signature(label, listed.signature_algorithm),
            *closing.of_key(label, facts(entry.chain[0]).key),
            *closing.proprietary(store, store.path or ""),
        ),
    )
    return 0


def keyclone(request: Request, prompter: Prompter) -> int:
    """``-keyclone``: a copy of a private key, under another name and, in a JKS, password."""
    from ...change.transfer import Transfer

    kept = settling.keystore(request, prompter)
    old = values.alias(request)
    wanted = request.get("destalias")
    new = prompter.destination_alias() if wanted is None else wanted
    if not new:
        raise UsageError("no alias was given", hint="-destalias names it")

    def plan(target: Target, answers: Answers) -> Plan:
        entry, password = _entry(target, old), target.password
        assert target.store is not None
        assert password is not None
        if target.store.find(new) is not None:
            raise WriteRefused("the destination alias already exists", alias=new, path=target.path)
        given = stores.key_password(request, target.store.format)
        _, opens = stores.key_of(
            entry, given, password, lambda alias: answers.to("old", lambda: _ask(alias))
        )
        seals = opens
        if target.store.format != "PKCS12":
            seals = request.password("new") or answers.to(
                "new",
                lambda: prompter.new_key_password(
                    printable(new), opens, same_as=printable(entry.alias)
                ),
            )
        into = Transfer(target, target.store.format, password)
        into.put(entry, target.store.format, new, opens=opens, seals=seals)
        return into.plan()

    _ask = prompter.key_password
    done = settling.carry_out(request, kept, plan)
    closing.finish(request, kept, done)
    return 0


def selfcert(request: Request, prompter: Prompter) -> int:
    """``-selfcert``: a new self-signed certificate in the place of the chain of a key.

    What the old one says of its owner stays, unless it is said anew.
    """
    from ...change.key_entries import plan_key
    from ...pki import ext_text, issue

    asked = ext_text.parse_all(request.all("ext"))
    days, begin = values.days(request), values.begin(request)
    named = values.name(request)
    kept = settling.keystore(request, prompter)

    def plan(target: Target, answers: Answers) -> Plan:
        entry, password = _entry(target, values.alias(request)), target.password
        assert target.store is not None
        assert password is not None
        pkcs8, opens = stores.key_of(
            entry,
            stores.key_password(request, target.store.format),
            password,
            lambda alias: answers.to("old", lambda: prompter.key_password(alias)),
        )
        made = issue.self_signed(
            pkcs8,
            named or facts(entry.chain[0]).subject,
            not_before=begin,
            days=days,
            extensions=(*_extensions(entry.chain[0]), *asked.extensions),
            signature_algorithm=request.get("sigalg"),
        )
        own = opens if opens.text != password.text else None
        return plan_key(target, entry.alias, pkcs8, (made,), key_password=own)

    done = settling.carry_out(request, kept, plan)
    closing.finish(request, kept, done)
    return 0


def _extensions(old: Certificate) -> list[Extension]:
    """Those of a certificate, without what identifies its key and that of its issuer."""
    from ...pki.extensions import Extension

    found = facts(old).extensions.items()
    keys = (SUBJECT_KEY_IDENTIFIER, AUTHORITY_KEY_IDENTIFIER)
    return [Extension(oid, critical, value) for oid, (critical, value) in found if oid not in keys]


def _entry(target: Target, alias: str) -> PrivateKey:
    assert target.store is not None
    entry = target.store.find(alias)
    if entry is None:
        raise NoSuchEntry("the entry does not exist", alias=alias, path=target.path)
    return stores.key_entry(target.store, alias)
