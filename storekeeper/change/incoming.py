"""Certificates that somebody wants imported: gathered from sources, sorted by role.

Roles come from who really issued whom, never from the order of a file. Of what one
server sends, its own certificate alone is wanted unless somebody says otherwise; of a
bundle of CAs, all are.
"""

from __future__ import annotations

from ..errors import Damaged, UnknownFormat, UsageError, WriteRefused
from ..frozen import Frozen, replace
from ..model import Certificate, Opaque, PrivateKey, SecretKey, Store, TrustedCert
from ..x509 import passing_facts
from .changes import Step
from .plan import subject_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Literal

    from ..trust.anchors import RootList
    from ..trust.chain import Issuance

    Only = Literal["leaf", "issuer", "intermediates", "root", "ca", "all"]

__all__ = ["ONLY", "Incoming", "choose", "gather", "pinned"]

ONLY = ("leaf", "issuer", "intermediates", "root", "ca", "all")
"""Which of a source's certificates are wanted."""


class Incoming(Frozen):
    """One certificate to be imported.

    Attributes:
        certificate: it.
        source: the file or word it came from.
        label: the alias, comment or file name it had there, or "".
        as_leaf: it was chosen for being the end of a chain, and nobody takes it for a CA.
    """

    certificate: Certificate
    source: str
    label: str = ""
    as_leaf: bool = False


def gather(
    source: str, store: Store | RootList, *, skip_bad: bool = False
) -> tuple[list[Incoming], list[Step]]:
    """The certificates of an opened source, and a step for what is no certificate.

    Args:
        source: what to call it.
        store: what was read.
        skip_bad: leave out what can't be read, where else nothing would be imported.

    Raises:
        WriteRefused: it holds a private or secret key, which no trust store takes.
        Damaged: some of it can't be read; the message counts what can.
        UnknownFormat: it holds no certificate at all, or fingerprints only.
    """
    if not isinstance(store, Store):
        found = [
            Incoming(anchor.certificate, source, anchor.label)
            for anchor in store.anchors
            if anchor.certificate is not None
        ]
        if len(found) < len(store.anchors):
            raise UnknownFormat(
                f"a list of {len(store.anchors)} fingerprints, not of certificates",
                hint="import the certificates themselves: the vendor's PEM bundle, for instance",
                path=source,
            )
        return found, []
    certificates: list[Incoming] = []
    steps: list[Step] = []
    bad: list[str] = []
    for entry in store.entries:
        match entry:
            case TrustedCert():
                given = entry.certificate
                if passing_facts(given) is not None:
                    # A copy, so that nothing a reader kept with it is kept along.
                    given = Certificate(given.der, given.type)
                    certificates.append(Incoming(given, source, entry.alias))
                else:
                    bad.append(entry.alias)
            case PrivateKey() | SecretKey():
                raise _no_keys(entry, source)
            case Opaque():
                if entry.what.startswith("unreadable"):
                    bad.append(entry.what)
                else:
                    steps.append(_other(entry, source))
    bad += [f.where or f.message for f in store.findings if f.code == "unreadable-file"]
    if store.format == "PEM":
        # Where it stands tells more than a label made of its bytes.
        places = dict.fromkeys(f.where for f in store.findings if f.code == "unreadable-entry")
        bad = list(places) if len(places) == len(bad) else bad
    if bad and not skip_bad:
        raise Damaged(
            f"{len(bad)} of {len(bad) + len(certificates)} certificates can't be read: "
            f"{', '.join(bad[:3])}{', ...' if len(bad) > 3 else ''}",
            hint=f"--skip-bad imports the other {len(certificates)}"
            if certificates
            else "compare its size or checksum with the original",
            path=source,
        )
    steps += [Step("skipped", "", what, "", "it can't be read", source) for what in bad]
    if not certificates and not bad:
        raise _nothing(store, source)
    return certificates, steps


def _nothing(store: Store, source: str) -> UnknownFormat:
    others = [entry.what for entry in store.entries if isinstance(entry, Opaque)]
    hint = "name the file that holds the certificates"
    if "certificate request" in others:
        hint = "a request goes to a CA; storekeeper reply puts in what the CA answers"
    only = f", only a {others[0]}" if others else ": it is empty"
    return UnknownFormat(f"there is no certificate in it{only}", hint=hint, path=source)


def choose(
    incoming: Iterable[Incoming], only: Only | None = None, own: Certificate | None = None
) -> tuple[list[Incoming], list[Step]]:
    """Those of ONE source that are wanted, and a step for each that is left out.

    Args:
        incoming: the certificates of the source, in any order.
        only: a role; None takes a server's own certificate out of its chain, and
            everything of a bundle.
        own: the one a server showed as its own. That is its leaf even if it says it is a CA,
            as self-signed ones mostly do.
    """
    given = list(incoming)
    if only == "all" or (only is None and len(given) < 2):
        return given, []
    if only is None and not _may_be_chain([one.certificate for one in given]):
        return given, []
    from ..trust.chain import issuance

    known = issuance(one.certificate for one in given)
    if only is None:
        if not known.is_chain:
            return given, []
        only = "leaf"
        why = "an issuer in the server's chain; --only all imports it too"
    else:
        why = ""
    wanted = {own} if own is not None and only == "leaf" else _wanted(known, only)
    taken: list[Incoming] = []
    steps: list[Step] = []
    for one in given:
        if one.certificate in wanted:
            taken.append(replace(one, as_leaf=True) if only == "leaf" else one)
            continue
        certificate = one.certificate
        message = why or f"{_article(known.role(certificate))}, and only {_PHRASES[only]} wanted"
        steps.append(
            Step(
                "left-out",
                "",
                subject_of(certificate),
                certificate.sha256,
                message,
                one.source,
            )
        )
    return taken, steps


def pinned(name: str, incoming: Sequence[Incoming], pins: Iterable[str]) -> list[Incoming]:
    """The certificates of a server that pins name, wherever they stand in its chain.

    Args:
        name: of the server.
        incoming: what it sends, its own certificate first.
        pins: whole SHA-256 fingerprints.

    Raises:
        UsageError: a pin is no whole fingerprint.
        WriteRefused: the server does not send one that is pinned.
    """
    from ..trust.calling import called
    from ..trust.inventory import colons, fingerprint

    by_sha256 = {one.certificate.sha256: one for one in incoming}
    found = []
    for pin in map(fingerprint, pins):
        if len(pin) != 64:
            raise UsageError(
                f"expected a whole SHA-256 fingerprint to pin, found {len(pin)} digits",
                hint="a part of one can be forged",
            )
        if pin not in by_sha256:
            first = incoming[0].certificate
            raise WriteRefused(
                f"{name} sends no certificate with SHA-256 {colons(pin)}; its own is "
                f"{called(first)}, {colons(first.sha256)}",
                hint="either it was renewed, or somebody else answers: ask who runs the server",
            )
        found.append(by_sha256[pin])
    return found


_PHRASES = {
    "leaf": "the leaf is",
    "issuer": "the leaf's issuer is",
    "intermediates": "intermediates are",
    "root": "roots are",
    "ca": "CAs are",
}


def _wanted(known: Issuance, only: Only) -> set[Certificate]:
    match only:
        case "leaf":
            return set(known.leaves)
        case "intermediates":
            return set(known.intermediates)
        case "root":
            return set(known.roots)
        case "ca":
            return {*known.intermediates, *known.roots}
    paths = [known.path(leaf) for leaf in known.leaves]
    return {path[1] for path in paths if len(path) > 1}


def _article(role: str) -> str:
    return f"an {role}" if role == "intermediate" else f"a {role}"


def _may_be_chain(certificates: Sequence[Certificate]) -> bool:
    """Whether names alone allow a server's chain: its leaves lead to everything else.

    Of most bundles they don't, and then no signature has to be verified.
    """
    facts = (passing_facts(certificate) for certificate in certificates)
    if all(one is not None and one.is_ca for one in facts):
        return False
    waiting: list[str] = []
    issuers: dict[str, list[str]] = {}
    for certificate in certificates:
        one = passing_facts(certificate)
        if one is None:
            continue
        if one.is_ca:
            issuers.setdefault(one.subject.canonical(), []).append(one.issuer.canonical())
        else:
            waiting.append(one.issuer.canonical())
    while waiting and issuers:
        waiting += issuers.pop(waiting.pop(), ())
    return not issuers


def _no_keys(entry: PrivateKey | SecretKey, source: str) -> WriteRefused:
    what = "private" if isinstance(entry, PrivateKey) else "secret"
    return WriteRefused(
        f"it holds a {what} key, and importing certificates never takes a key along",
        hint="storekeeper import-key imports a key with its chain; storekeeper export takes the "
        "certificate out alone",
        path=source,
        alias=entry.alias,
    )


def _other(entry: Opaque, source: str) -> Step:
    return Step("left-out", entry.alias, entry.what, "", "not a certificate", source)
