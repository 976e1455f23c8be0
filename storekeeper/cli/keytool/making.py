"""keytool's commands that make something: keys, requests, certificates."""

from __future__ import annotations

import re
import sys

from ...errors import StorekeeperError, UsageError, WriteRefused
from ...model import PrivateKey
from ...names import Name, printable
from ...x509 import facts
from .. import voice
from . import closing, listing, settling, stores, values
from .java_text import pem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...change.issuer import Issuer
    from ...change.plan import Plan
    from ...change.target import Target
    from ...model import Password, Store
    from ..questions import Answers
    from .prompts import Prompter
    from .settling import Done
    from .words import Request


def genkeypair(request: Request, prompter: Prompter) -> int:
    """``-genkeypair``: a new key, with a certificate of its own or of ``-signer``."""
    from ...change.key_entries import holder_of, plan_key, store_of
    from ...pki import ext_text, issue, keys

    algorithm = request.get("keyalg")
    if algorithm is None:
        raise UsageError("the algorithm of the key is missing", hint="say -keyalg RSA or EC")
    alias = values.alias(request)
    size = values.number(request, "keysize")
    days = values.days(request)
    asked = ext_text.parse_all(request.all("ext"))
    begin = values.begin(request)
    subject = values.name(request)
    format = stores.change_type(request.get("storetype"))
    kept = settling.keystore(request, prompter, may_be_new=True)
    if subject is None:
        subject = _asked_name(prompter)

    def make(target: Target, answers: Answers) -> Plan:
        assert target.password is not None
        password = target.password
        store = store_of(target, None if target.store else format)
        if holder_of(store, alias) is not None:
            raise WriteRefused(
                "no key was made: the alias already exists", alias=alias, path=target.path
            )
        signer = _signer(
            request,
            store,
            password,
            lambda alias: answers.to("signer", lambda: prompter.key_password(alias)),
        )
        keypass = stores.new_key_password(
            request,
            store.format,
            lambda: answers.to(
                "key", lambda: prompter.new_key_password(printable(alias), password)
            ),
        )
        pkcs8 = keys.generate(algorithm, size, request.get("groupname"))
        _tell(pkcs8, subject, days, signer)
        if signer is None:
            made = issue.self_signed(
                pkcs8,
                subject,
                not_before=begin,
                days=days,
                extensions=asked.extensions,
                signature_algorithm=request.get("sigalg"),
            )
        else:
            _judge(signer, begin, days)
            made = issue.issue(
                keys.spki_of(pkcs8),
                subject,
                signer.chain[0],
                signer.pkcs8,
                not_before=begin,
                days=days,
                extensions=asked.extensions,
                signature_algorithm=request.get("sigalg"),
            )
        return plan_key(
            target,
            alias,
            pkcs8,
            (made, *(signer.chain if signer else ())),
            key_password=keypass,
            password=password,
            storetype=format if target.store is None else None,
        )

    done = settling.carry_out(request, kept, make)
    closing.finish(request, kept, done, _closing(request, done, alias))
    return 0


def _closing(request: Request, done: Done | None, alias: str) -> Iterator[str]:
    """What there is to say of the key that was made, and of the way it was asked for."""
    store = done and done.plan.result
    entry = store and store.find(alias)
    if isinstance(entry, PrivateKey):
        yield from closing.of_entry("The generated certificate", entry)
        key = facts(entry.chain[0]).key
        if key.algorithm == "EC" and request.has("keysize"):
            yield (
                "Specifying -keysize for generating EC keys is deprecated, please use "
                f'"-groupname {key.curve}" instead.'
            )


def certreq(request: Request, prompter: Prompter) -> int:
    """``-certreq``: a request for the key of an entry, to a file or standard output."""
    from ...pki import ext_text, requests

    asked = ext_text.parse_all(request.all("ext"))
    subject = values.name(request)
    store, password = stores.read_for_keys(request, prompter)
    entry = stores.key_entry(store, values.alias(request))
    if subject is None:
        subject = facts(entry.chain[0]).subject
    given = stores.key_password(request, store.format)
    pkcs8, _ = stores.key_of(entry, given, password, prompter.key_password)
    made = requests.make(
        pkcs8, subject, asked.extensions, signature_algorithm=request.get("sigalg")
    )
    path = request.get("file")
    write(path, requests.pem(made, newline=b"\r\n"), entry.alias)
    if path is not None and request.has("v"):
        sys.stderr.write(
            f"Certification request stored in file <{printable(path)}>\nSubmit this to your CA\n"
        )
    weak = closing.of_request("The generated certificate request", requests.read(made))
    closing.say(request, (*weak, *closing.proprietary(store, store.path or "")))
    return 0


def gencert(request: Request, prompter: Prompter) -> int:
    """``-gencert``: a certificate out of a request, with its issuers up to the root."""
    from ...change.issuer import Issuer
    from ...host.files import read_file
    from ...pki import ext_text, issue, requests

    asked = ext_text.parse_all(request.all("ext"))
    subject = values.name(request)
    days, begin = values.days(request), values.begin(request)
    store, password = stores.read_for_keys(request, prompter)
    entry = stores.key_entry(store, values.alias(request))
    given = stores.key_password(request, store.format)
    pkcs8, _ = stores.key_of(entry, given, password, prompter.key_password)
    path = request.get("infile")
    try:
        found = requests.read(prompter.rest() if path is None else read_file(path))
    except StorekeeperError as error:
        raise error.at(path="standard input" if path is None else path) from None
    _judge(Issuer(entry.chain, pkcs8), begin, days)
    made = issue.answer(
        found,
        entry.chain[0],
        pkcs8,
        not_before=begin,
        asked=asked,
        subject=subject,
        days=days,
        signature_algorithm=request.get("sigalg"),
    )
    whole = [made, *(one for one in entry.chain if not facts(one).self_issued)]
    if request.has("rfc"):
        content = "".join(pem(one.der) for one in whole).encode()
    else:
        content = b"".join(one.der for one in whole)
    write(request.get("outfile"), content, entry.alias)
    trusted = listing.trusted_by(store)
    closing.say(
        request,
        (
            *closing.of_request("The certificate request", found),
            *closing.of_certificate("The issuer", entry.chain[0], trusted),
            *closing.of_certificate("The generated certificate", made),
            *closing.proprietary(store, store.path or ""),
        ),
    )
    return 0


def _asked_name(prompter: Prompter) -> Name:
    from ...name_text import parse

    def show(parts: tuple[tuple[str, str], ...]) -> str:
        return ", ".join(f"{key}={_quoted(value)}" for key, value in parts)

    return parse(prompter.distinguished_name(show))


def _quoted(value: str) -> str:
    if not re.search(r'[,+="<>#;\\\n]|^ | $', value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def _signer(
    request: Request, store: Store, password: Password, ask: Callable[[str], Password]
) -> Issuer | None:
    from ...change.issuer import Issuer

    alias = request.get("signer")
    if alias is None:
        return None
    entry = stores.key_entry(store, alias)
    pkcs8, _ = stores.key_of(entry, request.password("signerkeypass"), password, ask)
    return Issuer(entry.chain, pkcs8)


def _judge(issuer: Issuer, begin: int, days: int) -> None:
    """Warn of what keytool issues without a word, and nobody will accept."""
    from ...change.issuer import ending

    try:
        _, findings = ending(issuer, begin, days)
    except WriteRefused as error:
        voice.warn(error.message)
        return
    if findings:
        voice.warn("the issuer's own certificate ends before the new one does")


def _tell(pkcs8: bytes, subject: Name, days: int, signer: Issuer | None) -> None:
    from ...pki.keys import spki_of
    from ...x509 import key_info
    from .certificate import described

    by = "a self-signed certificate" if signer is None else "a certificate by the signer"
    sys.stderr.write(
        f"Generating {described(key_info(spki_of(pkcs8)))[0]} pair and {by} with a validity of "
        f"{days} days\n\tfor: {printable(subject.java())}\n"
    )


def write(path: str | None, content: bytes, alias: str) -> None:
    """What was made of an entry, to a file or standard output."""
    if path is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    from ...change import outputs

    product = outputs.Product(path, content, aliases=(alias,))
    for finding in outputs.write(outputs.check([product], file=path, force=True)):
        voice.warn(finding.message)
