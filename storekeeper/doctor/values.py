"""What a consultation gives: diagnoses with their proof, and steps in the order to try."""

from __future__ import annotations

from ..frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..identity.build import Built
    from ..identity.select import Selection
    from ..tls.probed import Member, Probe
    from ..trust.fix import Mending
    from ..trust.java_trust import Trust
    from ..trust.question import Question
    from ..trust.verdict import Verdict
    from .loading import Loading


class Step(Frozen):
    """One thing to do.

    Attributes:
        what: in words.
        commands: that do it, () where none of ours does.
        consequences: what comes of it.
        emergency: it works and should not stay.
    """

    what: str
    commands: tuple[str, ...] = ()
    consequences: tuple[str, ...] = ()
    emergency: bool = False


class Diagnosis(Frozen):
    """One thing that is wrong.

    Attributes:
        code: stable identifier.
        what: one sentence, in plain words.
        proofs: what it rests on.
        steps: what mends it, the best first.
        certain: whether the proof leaves no other cause.
    """

    code: str
    what: str
    proofs: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    certain: bool = True


class Case(Frozen):
    """All that is known of a connection that should be made.

    Attributes:
        name: the server, as it was asked for.
        runtime: of the client ("java17.0.9").
        at: seconds since 1970 UTC.
        probe: what the server does; None when it can't be reached.
        problem, hint: why it can't be, and what to do about that.
        silent: what its first address did then; None when there is none.
        refused_old: why the server does not speak what this client speaks; "" where it does.
        store: what the trust store is called.
        question: that was asked about the server's chain; None without a store.
        verdict: its answer.
        mending: what makes it accept.
        commands: for each fix of ``mending``, the command lines.
        trust: what the runtime takes from the store.
        identity: what the client's keystore is called, "" for none.
        selection: which key is sent, and why no other; None where nobody asks or none was given.
        built: which key would be sent and accepted out of ``identity`` and ``more``; None where
            one is sent and taken.
        asking: how a command is told what the server asks for: its name, or ``--request FILE``.
        more: files with certificates at hand.
        identity_password: a word for ``--storepass`` of the client's keystore, or "".
        key_password: likewise of its keys, "" where it is that of the store.
        tried: a handshake with that key; None when it was not tried.
        unloaded: stores that the client can't load as they are.
        others: further addresses of the name that do otherwise than the first, each with the
            verdict on its chain; None where it did not speak TLS.
    """

    name: str
    runtime: str
    at: int
    probe: Probe | None = None
    problem: str = ""
    hint: str = ""
    silent: Member | None = None
    refused_old: str = ""
    store: str = ""
    question: Question | None = None
    verdict: Verdict | None = None
    mending: Mending | None = None
    commands: tuple[tuple[str, ...], ...] = ()
    trust: Trust | None = None
    identity: str = ""
    selection: Selection | None = None
    built: Built | None = None
    asking: str = ""
    more: tuple[str, ...] = ()
    identity_password: str = ""
    key_password: str = ""
    tried: Member | None = None
    unloaded: tuple[Loading, ...] = ()
    others: tuple[tuple[Member, Verdict | None], ...] = ()


class Consultation(Frozen):
    """The answer.

    Attributes:
        case: what it is about.
        diagnoses: what is wrong, in the order in which to mend it.
        sound: what was looked at and is in order.
        notes: what limits the answer.
    """

    case: Case
    diagnoses: tuple[Diagnosis, ...] = ()
    sound: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
