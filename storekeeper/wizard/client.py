"""A keystore for a client whose server wants a certificate: the key it accepts, out of many."""

from __future__ import annotations

import os

from ..errors import NetworkError, PasswordError
from ..names import printable
from . import evidence, layout
from .anchoring import new_password
from .looking import Place
from .mending import Mend, carried_out, ended, told_commands
from .opening import opened_source, opened_target
from .profile_text import Offer, text
from .question import Question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ..change.plan import Plan
    from ..change.target import Target
    from ..identity.build import Built
    from ..model import Password, Store
    from ..tls.messages import CertificateRequest
    from ..tls.way import Way
    from .talk import Talk

__all__ = ["client"]

_RUNTIME = "java17"
_PROMPT = (("password", "prompt"),)
_TRIES = 4


def client(talk: Talk, way: Way) -> int:
    """The flow; 0 when the server takes the key."""
    from ..identity.build import build_client_key
    from ..report import clients as report

    place = Place(evidence.server(talk, evidence=False).server, way)
    request = _request(talk, place)
    names = _sources(talk)
    opened = [opened_source(talk, name) for name in names]
    stores = [store for store, _ in opened]
    built = build_client_key(stores, request, runtime=_RUNTIME, at=_moment(talk))
    if built.chosen is None:
        for line in report.wanted(built).splitlines():
            talk.tell(*layout.folded(line, "  ", "    "))
        talk.tell("", "Nothing was changed. A key and the request to send to a CA are made by:")
        told_commands(talk, _MAKES)
        return 1
    talk.tell("")
    for line in (*report.choice(built), *built.notes):
        talk.tell(*layout.folded(line, "  ", "    "))
    pkcs8 = _key(talk, built, opened[built.chosen.source][1])
    output = _output(talk)
    target, said = opened_target(talk, output)
    made = new_password(talk, target) if target.store is None else None
    secrets = [password is not None for _, password in opened]
    mend = _mend(
        talk, place, request, built, pkcs8, stores, names, secrets, output, said or made, made
    )
    if carried_out(talk, target, mend) is None:
        return 1
    return _tried(talk, place, mend, output)


_MAKES = (
    "storekeeper genkey id.p12 --alias client --dname NAME --ext eku=clientAuth",
    "storekeeper csr id.p12 --alias client -o client.csr",
)


def _moment(talk: Talk) -> datetime:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(talk.at, UTC)


def _request(talk: Talk, place: Place) -> CertificateRequest:
    """What the server asks for."""
    from ..report.probes import authority

    def ask() -> CertificateRequest:
        member = place.way.probe(place.name, brief=True, asks=True).member
        if member.request is None:
            raise NetworkError(
                f"{place.name} asks for no client certificate: {member.why}",
                hint="it may ask on some paths only: name the whole address, https://HOST/PATH",
            )
        return member.request

    if not talk.knows("request", (place.name,)):
        talk.tell("")
    request = talk.once("request", (place.name,), ask, f"asking {place.name} ...")
    if not request.authorities:
        talk.tell("  it takes a certificate of any CA")
    else:
        talk.tell("  it takes certificates of these CAs:")
        for one in request.authorities[:5]:
            talk.tell(*layout.folded(authority(one), "    ", "      "))
        if len(request.authorities) > 5:
            talk.tell(f"    and {len(request.authorities) - 5} more")
    return request


def _sources(talk: Talk) -> list[str]:
    import shlex

    said = talk.ask(
        Question(
            "from",
            "Where are keys and certificates? (files, with spaces)",
            "text",
            "--from",
            "Any number of keystores and PEM files: the one that was used before, the key and "
            "the certificate the CA sent, its intermediates. The key whose certificate the "
            "server accepts is chosen, and its chain is completed out of all of them.",
            check=_files,
        )
    )
    return [os.path.expanduser(one) for one in shlex.split(said)]


def _files(said: str) -> str:
    import shlex

    try:
        names = shlex.split(said)
    except ValueError:
        return "a quote is never closed"
    missing = [one for one in names if not os.path.exists(os.path.expanduser(one))]
    if missing:
        return f"there is no file {missing[0]}"
    return "" if names else "an answer is needed"


def _key(talk: Talk, built: Built, password: Password | None) -> bytes:
    """The chosen key, opened with its store's password or its own."""
    chosen = built.chosen
    assert chosen is not None
    given = password
    for attempt in range(1, _TRIES + 1):
        try:
            return chosen.entry.pkcs8(given)
        except PasswordError as error:
            id = "keypass" if attempt == 1 else f"keypass-{attempt}"
            if attempt == _TRIES or not (talk.person or (attempt == 1 and talk.given("keypass"))):
                raise error.at(alias=chosen.entry.alias) from None
            if attempt > 1:
                talk.tell("", error.message)
        given = talk.ask_password(
            Question(
                id,
                printable(f"Password of the key {chosen.entry.alias}"),
                "secret",
                "--srckeypass",
                "The key has a password of its own, which is not that of its store.",
            )
        )
    raise AssertionError("not reached")  # pragma: no cover


def _output(talk: Talk) -> str:
    said = talk.ask(
        Question(
            "output",
            "Which keystore shall it be put into?",
            "text",
            "--output",
            "The keystore the client uses. A file that is not there is made, a PKCS12 unless its "
            "name ends in .jks; what is in one that is there stays.",
            default="client.p12",
            check=_writable,
        )
    )
    return os.path.expanduser(said)


def _writable(path: str) -> str:
    folder = os.path.dirname(os.path.abspath(os.path.expanduser(path)))
    if os.path.isdir(os.path.expanduser(path)):
        return f"{path} is a directory"
    return "" if os.path.isdir(folder) else f"there is no directory {folder}"


def _mend(
    talk: Talk,
    place: Place,
    request: CertificateRequest,
    built: Built,
    pkcs8: bytes,
    stores: Sequence[Store],
    names: Sequence[str],
    secrets: Sequence[bool],
    output: str,
    password: Password | None,
    made: Password | None,
) -> Mend:
    from ..change.client_keystore import plan_client_keystore
    from ..change.key_sources import alias_of

    chosen = built.chosen
    assert chosen is not None
    alias = alias_of(chosen.entry, stores[chosen.source], pkcs8, chosen.chain)

    def make(target: Target) -> Plan:
        return plan_client_keystore(
            target,
            built,
            pkcs8,
            request,
            alias=alias,
            password=made,
            runtime=_RUNTIME,
            at=_moment(talk),
            now_ms=talk.now_ms,
        )

    from shlex import join

    words = ["storekeeper", "client", "build", place.name, "-o", output]
    for name in names:
        words += ["--from", name]
    words += [*place.options, *(["--storepass", "prompt"] if password else [])]
    offer = Offer(
        f"the key that {place.source} accepts",
        output,
        sources=tuple(
            (("store", name), *_PROMPT[:secret])
            for name, secret in zip(names, secrets, strict=True)
        ),
        keys=(
            (
                ("from", names[chosen.source]),
                *_PROMPT[: secrets[chosen.source]],
                ("for", place.name),
                ("as", alias),
            ),
        ),
        password="prompt" if password else "",
        # No check: whom the client trusts nobody has said.
    )
    return Mend(output, make, (join(words),), profile=text(offer), password=password)


def _tried(talk: Talk, place: Place, mend: Mend, output: str) -> int:
    """Connect with the new keystore, as its client does."""
    from ..doctor.examine import Client, identified, seen
    from ..doctor.identifying import diagnose
    from ..doctor.values import Case

    target, _ = opened_target(talk, output, said=mend.password, when="after")
    assert target.store is not None
    own = Client(target.store, output, mend.password or target.password)

    def look() -> Case:
        case = seen(place.name, place.way, _RUNTIME, talk.at)
        return identified(case, own, place.way)

    depends = (place.name, target.sha256)
    if not talk.knows("try", depends):
        talk.tell("")
    case = talk.once("try", depends, look, f"connecting to {place.name} with it ...")
    wrong = list(diagnose(case))
    talk.tell("")
    if not wrong and case.tried is not None:
        talk.tell("Tested again: the server takes it.")
    for one in wrong:
        talk.tell(*layout.folded(one.what, "  ", "    "))
        for proof in one.proofs:
            talk.tell(*layout.folded(proof, "    ", "      "))
    ended(talk, None, mend)
    return 1 if wrong or case.tried is None else 0
