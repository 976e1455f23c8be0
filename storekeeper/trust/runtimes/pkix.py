"""The PKIX trust manager of JSSE: which way it goes, and the validation of a path.

Source: sun.security.validator.PKIXValidator and sun.security.provider.certpath as seen from
outside on JDK 11 to 25, and RFC 5280 section 6 where they agree.
"""

from __future__ import annotations

from ...errors import Damaged
from ...times import iso
from ..signatures import signed
from . import algorithm_checker, subtrees
from .policies import Policies
from .refusal import Refused
from .seen import NO_CA, UNBOUNDED, UNDERSTOOD, Seen, authority_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .algorithm_checker import TlsChecker
    from .algorithms import Rules
    from .anchors import Anchors
    from .jdk import Release, Settings
    from .revocation import RevocationChecker

    # What decides for a path, told to whoever explains.
    Say = Callable[[str], None]

_VALIDATION = "PKIX path validation failed: "
_PATH = "java.security.cert.CertPathValidatorException: "
_VALIDATOR = "sun.security.validator.ValidatorException: "
CURVES = frozenset({"secp256r1", "secp384r1", "secp521r1"})


class Context:
    """One question to a trust manager, and what it depends on.

    Attributes:
        anchors: what is trusted.
        at: seconds since 1970 UTC.
        release, feature: the release, and its line.
        settings: of the release, or of a given ``java.security``.
        certpath, tls: its lists of disabled algorithms.
        supported: signature algorithms the handshake offers; None before TLS 1.2.
        say: told each step.
        untrusted: SHA-256 of the certificates the JDK blocks.
        revocation: what is asked about revocation, None where nothing is.
    """

    def __init__(
        self,
        anchors: Anchors,
        at: int,
        release: Release,
        settings: Settings,
        certpath: Rules,
        tls: Rules,
        supported: tuple[str, ...] | None,
        say: Say,
        untrusted: frozenset[str] = frozenset(),
        revocation: RevocationChecker | None = None,
    ) -> None:
        self.anchors = anchors
        self.at = at
        self.release = release
        self.feature = release.feature
        self.settings = settings
        self.certpath = certpath
        self.tls = tls
        self.supported = supported
        self.say = say
        self.untrusted = untrusted
        self.revocation = revocation

    def situation(self, anchor: Seen) -> algorithm_checker.Situation:
        """What the conditions of rules ask for, below this anchor."""
        return algorithm_checker.Situation(
            self.at, self.feature, jdk_anchor=self.anchors.of_jdk(anchor)
        )

    def tls_checker(self, anchor: Seen) -> TlsChecker:
        """The constraints of the handshake, below this anchor."""
        return algorithm_checker.TlsChecker(
            self.supported, self.tls, self.certpath, self.situation(anchor)
        )

    def check_blocked(self, one: Seen) -> None:
        """Raise for a certificate the JDK itself blocks."""
        if one.certificate.sha256 in self.untrusted:
            raise Refused(f"Untrusted certificate: {one.name}", "blocked", one.certificate)


def trusted_path(chain: Sequence[Seen], context: Context) -> list[Seen]:
    """The path the trust manager accepts: the leaf first, its anchor last.

    Raises:
        Refused: with the message of the ValidatorException.
        GaveUp: the search for a path found no end.
    """
    from .pkix_build import build

    say, anchors = context.say, context.anchors
    if chain[0] in anchors:
        say("the server's own certificate is in the store: trusted at once, whatever it says")
        return [chain[0]]
    for index, one in enumerate(chain[1:], 1):
        if one.subject != chain[index - 1].issuer:
            say(f"certificate {index} is not the issuer of the one before: a path is searched")
            return build(chain, context)
        if one in anchors or anchors.same_key(one):
            how = "is in the store" if one in anchors else "has name and key of one in the store"
            say(f"certificate {index} {how}: what comes before it is validated")
            return validate(chain[:index], context)
    last = chain[-1]
    if anchors.named(last.issuer):
        say("the last issuer's name is in the store: the chain is validated as it was sent")
        return validate(chain, context)
    say("nobody in the store has the last issuer's name: a path is searched")
    return build(chain, context)


def validate(chain: Sequence[Seen], context: Context) -> list[Seen]:
    """A chain in order, validated below each anchor that fits until one accepts.

    Raises:
        Refused: the last anchor's refusal; `Either` when their order decides.
    """
    first = chain[-1]
    fitting = [one for one in context.anchors.named(first.issuer) if _selected(one, first)]
    if not fitting:
        context.say("no anchor of that name fits the authority key identifier")
        raise Refused(
            f"{_VALIDATION}{_PATH}Path does not chain with any of the trust anchors",
            "no-anchor",
            first.certificate,
        )
    refusals: list[Refused] = []
    accepted: list[list[Seen]] = []
    for anchor in fitting:
        try:
            _validate_below(anchor, chain, context)
        except Refused as refused:
            context.say(f"below {anchor.name}: {refused.message}")
            refusals.append(refused)
        else:
            accepted.append([*chain, anchor])
    if not accepted:
        raise one_of(refusals).wrapped(_VALIDATION + _PATH)
    outcomes: list[Refused] = []
    for path in accepted:
        try:
            check_anchor(path[-1], context)
        except Refused as refused:
            outcomes.append(refused)
        else:
            good = path
    if not outcomes:
        return accepted[0]
    told = one_of(outcomes).wrapped(_VALIDATION + _VALIDATOR)
    if len(outcomes) == len(accepted):
        raise told
    raise Either(good, told)


class Either(Exception):
    """Java goes through a set without an order, and the first that it meets decides.

    Attributes:
        accepted: the path, if that one comes first; None where the messages alone differ.
        refused: the refusal otherwise.
    """

    def __init__(self, accepted: list[Seen] | None, refused: Refused) -> None:
        super().__init__(refused.message)
        self.accepted = accepted
        self.refused = refused


def one_of(refusals: list[Refused]) -> Refused:
    """The refusal of several; what else Java may say is kept with it."""
    last = refusals[-1]
    others = dict.fromkeys(one.message for one in refusals)
    last.others = tuple(message for message in others if message != last.message)
    return last


def _selected(anchor: Seen, child: Seen) -> bool:
    """Whether an anchor fits what the child's authority key identifier says of it."""
    key_id, serial = authority_key(child.facts)
    own = anchor.facts.subject_key_id
    if key_id is not None and own is not None and key_id != own:
        return False
    return serial is None or anchor.version < 3 or serial == anchor.facts.serial


def _validate_below(anchor: Seen, chain: Sequence[Seen], context: Context) -> None:
    context.check_blocked(anchor)
    situation = context.situation(anchor)
    tls = context.tls_checker(anchor)
    names: list[subtrees.Subtrees] = []
    length = len(chain)
    room = length
    policies = Policies(length)
    revocation = context.revocation
    path = [anchor]
    above = anchor
    for number, one in enumerate(reversed(chain), 1):
        certificate = one.certificate
        final = number == length
        context.check_blocked(one)
        algorithm_checker.check(one, context.certpath, situation, above, first=number == 1)
        if not final:
            _check_issuer_usage(one)
            room = _check_basic(one, number, room)
        _check_names(one, names, final, context)
        policies.check(one, final=final)
        check_dates(one, context.at)
        if one.issuer != above.subject:
            raise Refused("subject/issuer name chaining check failed", "name-chaining", certificate)
        check_signature(one, above, context)
        if revocation is not None and not revocation.last:
            revocation.check(one, path, context)
        tls.check(one, above, first=number == 1)
        if revocation is not None and revocation.last:
            revocation.check(one, path, context)
        unknown = one.critical - UNDERSTOOD
        if unknown:
            raise Refused("unrecognized critical extension(s)", "critical-extension", certificate)
        path.append(one)
        above = one


def _check_issuer_usage(one: Seen) -> None:
    if one.key_usage is not None and "keyCertSign" not in one.key_usage:
        raise Refused(
            "CA key usage check failed: keyCertSign bit is not set",
            "ca-key-usage",
            one.certificate,
        )


def _check_basic(one: Seen, number: int, room: int) -> int:
    length = one.path_length
    if one.version < 3:
        length = UNBOUNDED if number == 1 and one.self_issued else NO_CA
    if length == NO_CA:
        raise Refused(
            "basic constraints check failed: this is not a CA certificate",
            "not-a-ca",
            one.certificate,
        )
    if not one.self_issued:
        if room <= 0:
            raise Refused(
                "basic constraints check failed: pathLenConstraint violated - this cert must be "
                "the last cert in the certification path",
                "path-length",
                one.certificate,
            )
        room -= 1
    return min(room, length)


def _check_names(one: Seen, names: list[subtrees.Subtrees], final: bool, context: Context) -> None:
    if names and (final or not one.self_issued):
        for name in subtrees.names_of(one):
            if not all(tree.allow(name, context.release) for tree in names):
                raise Refused("name constraints check failed", "name-constraints", one.certificate)
    try:
        own = subtrees.subtrees(one)
    except Damaged:
        own = None
    if own is not None:
        names.append(own)


def check_dates(one: Seen, at: int) -> None:
    """Raise for a certificate that is expired or not yet valid."""
    before, after = one.facts.not_before, one.facts.not_after
    if (before is not None and at < before) or (after is not None and at > after):
        rule = "expired" if after is not None and at > after else "not-yet-valid"
        raise Refused("validity check failed", rule, one.certificate)


def check_signature(one: Seen, issuer: Seen, context: Context) -> None:
    """Raise for a certificate the issuer's key did not sign."""
    if not signed_by(one, issuer, context):
        raise Refused("signature check failed", "signature", one.certificate)


def signed_by(one: Seen, issuer: Seen, context: Context) -> bool:
    """Whether the release can verify the signature, and the issuer's key made it."""
    algorithm, signature = one.facts.signature
    return key_signed(issuer, algorithm, signature, one.facts.tbs, context)


def key_signed(
    issuer: Seen, algorithm: bytes, signature: bytes, data: bytes, context: Context
) -> bool:
    """Whether the release can verify a signature, and the issuer's key made it."""
    key = issuer.facts.key
    curve = key.curve
    if context.feature < 15 and key.algorithm in ("Ed25519", "Ed448"):
        return False
    # SunEC lost all other curves in JDK 16 (JDK-8235710).
    if curve and context.feature >= 16 and curve not in CURVES:
        return False
    return bool(signed(issuer.facts.spki, algorithm, signature, data))


def check_anchor(anchor: Seen, context: Context) -> None:
    """Raise for an anchor that is no CA; versions 1 and 2 pass."""
    if context.settings.allow_non_ca_anchor or anchor.version < 3:
        return
    said = f'TrustAnchor with subject "{anchor.name}" '
    if anchor.path_length == NO_CA:
        raise Refused(said + "is not a CA certificate", "anchor-not-a-ca", anchor.certificate)
    if anchor.key_usage is not None and "keyCertSign" not in anchor.key_usage:
        raise Refused(
            said + "does not have keyCertSign bit set in KeyUsage extension",
            "anchor-key-usage",
            anchor.certificate,
        )


def until(seconds: int | None) -> str:
    """A date for the explanation."""
    return "an unreadable date" if seconds is None else iso(seconds)
