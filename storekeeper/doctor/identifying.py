"""Whether the server gets a client certificate that it takes."""

from __future__ import annotations

from ..frozen import replace
from ..tls.words import ALERTS_OF_SERVERS, alert_name
from ..x509 import facts_or_none
from .loading import hidden
from .values import Diagnosis, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..identity.select import Selection
    from .values import Case

_SHOWN = 3
_OF_THE_KEY = ("key-type", "signature-algorithm", "no-scheme")


def diagnose(case: Case) -> Iterator[Diagnosis]:
    """Why the server refuses the client."""
    from shlex import quote

    probe = case.probe
    if probe is None:
        return
    member = probe.member
    if member.client in ("not-asked", "unknown"):
        return
    wanted = member.client in ("required", "required-later")
    if case.selection is None:
        if wanted:
            named = f"storekeeper doctor {quote(case.name)} --store {quote(case.store)}"
            yield Diagnosis(
                "client-certificate-required",
                "the server wants a certificate of the client, and none was named here",
                (member.why,),
                (Step("name the client's keystore", (f"{named} --identity FILE",)),),
            )
        return
    selection = case.selection
    if selection.alias is None:
        yield _none(case, selection, wanted=wanted)
        return
    tried = case.tried
    if tried is None or not _refused(case):
        return
    chosen = next(one for one in selection.candidates if one.chosen)
    said = "" if tried.alert is None else ALERTS_OF_SERVERS.get(tried.alert.description, "")
    alert = "" if tried.alert is None else f"alert {alert_name(tried.alert.description)}"
    yield Diagnosis(
        "client-certificate-refused",
        f"the server refuses the certificate of {selection.alias!r}",
        tuple(filter(None, (alert or tried.why, said, *chosen.warnings))),
        (
            *_another(case, chosen.alias),
            *(_renewed(case, chosen.alias) if chosen.warnings else ()),
            Step("ask who runs the server which CAs it trusts, and what its log says; its list of "
                 "names need not be those it trusts"),
        ),
    )  # fmt: skip


def of_evidence(case: Case) -> Iterator[Diagnosis]:
    """The same without a server to ask: which key is sent in answer to a request on record."""
    if case.selection is not None and case.selection.alias is None:
        yield _none(case, case.selection, wanted=True)


def unused(case: Case, one: Diagnosis) -> Diagnosis:
    """Where none was sent on record, and one of the keystore would have been: it is not in use."""
    selection = case.selection
    if one.code != "no-client-certificate-sent" or selection is None or selection.alias is None:
        return one
    step = Step(
        f"have the program use {case.identity}, from which {selection.alias!r} would be sent: "
        f"-Djavax.net.ssl.keyStore={case.identity}"
    )
    return replace(one, steps=(step, *one.steps))


def _none(case: Case, selection: Selection, *, wanted: bool) -> Diagnosis:
    locked = tuple(_locked(case, selection))
    fits = locked or tuple(_another(case, ""))
    # A new certificate helps a key that is of a kind the server takes.
    keys = [one for one in selection.candidates if one.key and one.code not in _OF_THE_KEY]
    return Diagnosis(
        "no-client-certificate-sent",
        f"{selection.runtime} sends no certificate from {case.identity}"
        + ("" if wanted else ", which this server does not insist on"),
        (
            *(
                tuple(f"{one.alias}: {one.message}" for one in selection.candidates)
                or ("there is no key in it",)
            ),
            *(note for note in selection.notes if "public roots" in note),
        ),
        fits or ((*_accepted(case), *_renewed(case, keys[0].alias)) if keys else (*_first(case),)),
        certain=wanted,
    )


def _locked(case: Case, selection: Selection) -> Iterator[Step]:
    """Keys with a password of their own, which Java is not given."""
    from shlex import quote

    store = case.identity_password or "prompt"
    for one in selection.candidates:
        if one.code == "key-password":
            line = f"storekeeper passwd {quote(case.identity)} --key {quote(one.alias)}"
            words = f"--storepass {quote(store)} --keypass prompt --new-keypass {quote(store)}"
            yield Step(
                f"give the key {one.alias!r} the password of its store, which Java opens it with",
                (f"{line} {words}",),
            )


def _another(case: Case, refused: str) -> Iterator[Step]:
    """A keystore that will do, out of what is there."""
    from shlex import quote

    chosen = None if case.built is None else case.built.chosen
    if chosen is None or chosen.alias == refused:
        return
    new = _new_name(case.identity)
    sources = "".join(f" --from {quote(one)}" for one in (case.identity, *case.more))
    word = case.identity_password
    passwords = f" --storepass {quote(word)} --srcstorepass {quote(word)}" if word else ""
    if case.key_password:
        passwords += f" --srckeypass {quote(case.key_password)}"
    yield Step(
        f"make a keystore of {chosen.alias!r} and its whole chain, which the server accepts and "
        f"Java sends, and name it to the program: -Djavax.net.ssl.keyStore={new}",
        (f"storekeeper client build {case.asking} -o {quote(new)}{sources}{passwords}",),
    )


def _new_name(name: str) -> str:
    import os

    stem, suffix = os.path.splitext(name)
    return f"{stem}-new{suffix if suffix.lower() in ('.p12', '.pfx', '.jks') else '.p12'}"


def _renewed(case: Case, alias: str) -> Iterator[Step]:
    from shlex import quote

    word = f" --storepass {quote(case.identity_password)}" if case.identity_password else ""
    if case.key_password:
        word += f" --keypass {quote(case.key_password)}"
    whom = "; ".join(case.built.authorities[:_SHOWN]) if case.built is not None else ""
    yield Step(
        f"have a new certificate made for the key of {alias!r}"
        + (f", by one of these CAs: {whom}" if whom else "")
        + "; storekeeper reply takes what the CA sends back",
        (f"storekeeper csr {quote(case.identity)} --alias {quote(alias)}{word}",),
    )


def _accepted(case: Case) -> Iterator[Step]:
    """The other way round: the server accepts who issued what there is."""
    chains = [one.chain for one in case.built.rejected if one.chain] if case.built else []
    issuers = dict.fromkeys(
        facts.issuer.rfc4514() for chain in chains if (facts := facts_or_none(chain[-1]))
    )
    if issuers:
        yield Step(
            "ask who runs the server to accept "
            f"{' or '.join(list(issuers)[:_SHOWN])}, which issued what is there, and to name it"
        )


def _first(case: Case) -> Iterator[Step]:
    from shlex import quote

    file = quote(case.identity)
    kinds = () if case.built is None else case.built.kinds
    kind = next((one for one in kinds if one in ("EC", "RSA")), "EC")
    yield Step(
        "make a key, and the request for a certificate to send to a CA the server accepts",
        (
            f"storekeeper genkey {file} --alias client --keyalg {kind} --dname NAME",
            f"storekeeper csr {file} --alias client --ext eku=clientAuth",
        ),
    )


def _refused(case: Case) -> bool:
    tried = case.tried
    if tried is None:
        return False
    ended = tried.alert is not None and tried.alert.fatal
    return ended or tried.client in ("required", "required-later", "refused")


def sound(case: Case) -> Iterator[str]:
    """What of it is in order."""
    probe = case.probe
    if probe is not None and probe.member.client == "not-asked":
        yield "the server does not ask for a client certificate"
    elif case.selection is not None and case.selection.alias is not None:
        sends = "would send" if probe is None or hidden(case, "client") else "sends"
        told = f"{case.selection.runtime} {sends} {case.selection.alias!r} of {case.identity}"
        if case.tried is not None and not _refused(case):
            told += ", and the server takes it"
        yield told
