"""Making a key in a store: the key, a certificate for it, and nothing when it is there already."""

from __future__ import annotations

from .. import der
from ..errors import StorekeeperError
from ..extensions import SUBJECT_ALT_NAME, SUBJECT_KEY_IDENTIFIER
from ..frozen import Frozen
from ..model import PrivateKey
from ..names import Name
from ..x509 import facts_or_none
from .aliases import legal
from .changes import Step
from .issuer import Issuer, ending
from .key_entries import holder_of, plan_key, store_of, taken
from .plan import plan_of, subject_of
from .sealing import sealing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..formats.encryption import Encryption
    from ..model import Finding, Password, Store
    from ..pki.extensions import Extension
    from .plan import Plan
    from .target import Target

__all__ = ["Issuer", "Wanted", "plan_genkey"]


class Wanted(Frozen):
    """The key and certificate somebody asks for.

    Attributes:
        subject: its name.
        algorithm, size, curve: as `pki.keys.generate` takes them.
        extensions: of the certificate.
        not_before: seconds since 1970 UTC.
        days: validity.
        signature_algorithm: keytool's ``-sigalg``, or None for the default.
        generation: the Java whose defaults count.
    """

    subject: Name
    algorithm: str
    size: int | None
    curve: str | None
    extensions: tuple[Extension, ...]
    not_before: int
    days: int
    signature_algorithm: str | None = None
    generation: int = 25


def plan_genkey(
    target: Target,
    alias: str,
    wanted: Wanted,
    *,
    issuer: Issuer | None = None,
    key_password: Password | None = None,
    password: Password | None = None,
    storetype: str | None = None,
    encryption: Encryption | None = None,
    replace_existing: bool = False,
    in_clear: bool = False,
    now_ms: int | None = None,
    at: int | None = None,
) -> Plan:
    """The plan that makes a store hold a key of that kind for that subject.

    A key that is there under the alias and is what was asked for stays. So does one whose
    certificate a CA has issued since, for the same common name and at least the alternative
    names asked for: what else it says is the CA's business.

    Args:
        target: the store; a new one is made when there is no file.
        alias: of the entry.
        wanted: the key and its certificate.
        issuer: who signs the certificate; None has it self-signed.
        key_password: of the entry; that of the store when None.
        password: of a new store.
        storetype: of a new store.
        encryption: of a PKCS12.
        replace_existing: what has the alias may go.
        in_clear: the key may lie unencrypted in a store that has no password.
        now_ms: the date of the entry, milliseconds since 1970 UTC.
        at: when to judge a key that is there, seconds since 1970 UTC; now when None.

    Raises:
        WriteRefused: the alias is taken by something else, or the issuer may not issue.
        UsageError: an algorithm, size or extension that makes no certificate.
        PasswordRequired: there is no password for the key.
    """
    from ..pki import issue, keys

    store = store_of(target, storetype)
    alias = legal(alias, store.format)
    holder = holder_of(store, alias)
    kind = keys.kind(wanted.algorithm, wanted.size, wanted.curve, generation=wanted.generation)
    if isinstance(holder, PrivateKey) and _is_wanted(holder, wanted, kind):
        return _there(target, store, holder, at)
    if holder is not None and not replace_existing:
        raise taken(holder).at(path=target.path)
    # Before a key is made: a large one takes seconds.
    sealing(target, store, key_password, password, in_clear=in_clear)
    findings: tuple[Finding, ...] = ()
    end = None
    if issuer is not None:
        end, findings = ending(issuer, wanted.not_before, wanted.days)
    pkcs8 = keys.generate(wanted.algorithm, wanted.size, wanted.curve, generation=wanted.generation)
    if issuer is None:
        own = issue.self_signed(
            pkcs8,
            wanted.subject,
            not_before=wanted.not_before,
            days=wanted.days,
            extensions=wanted.extensions,
            signature_algorithm=wanted.signature_algorithm,
            generation=wanted.generation,
        )
    else:
        own = issue.issue(
            keys.spki_of(pkcs8),
            wanted.subject,
            issuer.chain[0],
            issuer.pkcs8,
            not_before=wanted.not_before,
            not_after=end,
            extensions=wanted.extensions,
            signature_algorithm=wanted.signature_algorithm,
            generation=wanted.generation,
        )
    return plan_key(
        target,
        alias,
        pkcs8,
        (own, *(issuer.chain if issuer else ())),
        key_password=key_password,
        password=password,
        storetype=storetype,
        encryption=encryption,
        replace_existing=replace_existing,
        in_clear=in_clear,
        findings=findings,
        now_ms=now_ms,
    )


def _there(target: Target, store: Store, holder: PrivateKey, at: int | None) -> Plan:
    """The plan that leaves a key as it is; an expired certificate is told of."""
    import time

    from ..trust.checks import check

    own = holder.chain[0]
    at = int(time.time()) if at is None else at
    found = check(own, at, expected="presented", where=holder.alias)
    step = Step("unchanged", holder.alias, subject_of(own), own.sha256, "such a key is there")
    warnings = (one for one in found if one.severity != "info")
    return plan_of(target, store, steps=(step,), findings=warnings)


def _is_wanted(entry: PrivateKey, wanted: Wanted, kind: str) -> bool:
    facts = facts_or_none(entry.chain[0]) if entry.chain else None
    if facts is None or str(facts.key) != kind:
        return False
    if facts.subject.matches(wanted.subject) and all(
        facts.extension(one.oid) == one.value
        for one in wanted.extensions
        if one.oid != SUBJECT_KEY_IDENTIFIER
    ):
        return True
    if facts.self_issued or facts.subject.common_name != wanted.subject.common_name:
        return False
    asked = next((e.value for e in wanted.extensions if e.oid == SUBJECT_ALT_NAME), None)
    return asked is None or _names(asked) <= _names(facts.extension(SUBJECT_ALT_NAME))


def _names(extension: bytes | None) -> set[bytes]:
    """DER of each of some alternative names."""
    if extension is None:
        return set()
    try:
        return {name.raw for name in der.read(extension).children()}
    except StorekeeperError:
        return set()
