"""Whether the server gets a client certificate that it takes."""

from __future__ import annotations

from ..tls.words import ALERTS_OF_SERVERS, alert_name
from .loading import hidden
from .values import Diagnosis, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..identity.select import Selection
    from .values import Case


def diagnose(case: Case) -> Iterator[Diagnosis]:
    """Why the server refuses the client."""
    probe = case.probe
    if probe is None:
        return
    member = probe.member
    if member.client in ("not-asked", "unknown"):
        return
    wanted = member.client in ("required", "required-later")
    if case.selection is None:
        if wanted:
            yield Diagnosis(
                "client-certificate-required",
                "the server wants a certificate of the client, and none was named here",
                (member.why,),
                (
                    Step(
                        "name the client's keystore",
                        (f"storekeeper doctor {case.name} --store {case.store} --identity FILE",),
                    ),
                ),
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
        (Step("ask who runs the server which CAs it trusts; its list of names need not be those"),),
    )


def of_evidence(case: Case) -> Iterator[Diagnosis]:
    """The same without a server to ask: which key is sent in answer to a request on record."""
    if case.selection is not None and case.selection.alias is None:
        yield _none(case, case.selection, wanted=True)


def _none(case: Case, selection: Selection, *, wanted: bool) -> Diagnosis:
    return Diagnosis(
        "no-client-certificate-sent",
        f"{selection.runtime} sends no certificate from {case.identity}"
        + ("" if wanted else ", which this server does not insist on"),
        tuple(f"{one.alias}: {one.message}" for one in selection.candidates)
        or ("there is no key in it",),
        (
            Step(
                "build a keystore the server accepts, out of the keys and chains there are",
                (f"storekeeper client build {case.name} -o id.p12 --from {case.identity}",),
            ),
        ),
        certain=wanted,
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
    if probe is None:
        return
    if probe.member.client == "not-asked":
        yield "the server does not ask for a client certificate"
    elif case.selection is not None and case.selection.alias is not None:
        sends = "would send" if hidden(case, "client") else "sends"
        told = f"{case.selection.runtime} {sends} {case.selection.alias!r} of {case.identity}"
        if case.tried is not None and not _refused(case):
            told += ", and the server takes it"
        yield told
