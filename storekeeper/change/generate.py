"""Making a key in a store: the key, a certificate for it, and nothing when it is there already."""

from __future__ import annotations

from ..extensions import SUBJECT_ALT_NAME
from ..frozen import Frozen
from ..model import PrivateKey
from ..names import Name
from ..x509 import facts_or_none
from .aliases import Aliases, legal
from .changes import Step
from .key_entries import plan_key, store_of
from .plan import plan_of, subject_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar

    from ..formats.encryption import Encryption
    from ..model import Certificate, Password
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


class Issuer(Frozen):
    """Who signs the certificate, when the key does not do it itself.

    Attributes:
        chain: the issuer's certificate and its issuers.
        pkcs8: the issuer's private key.
    """

    chain: tuple[Certificate, ...]
    pkcs8: bytes

    _hidden: ClassVar[frozenset[str]] = frozenset({"pkcs8"})


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
    now_ms: int | None = None,
) -> Plan:
    """The plan that makes a store hold a key of that kind for that subject.

    A key that is there under the alias, of the same algorithm and size, for the same subject
    and alternative names, is what was asked for, and stays.

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
        now_ms: the date of the entry, milliseconds since 1970 UTC.

    Raises:
        WriteRefused: the alias is taken by something else.
        UsageError: an algorithm, size or extension that makes no certificate.
    """
    from ..pki import issue, keys

    store = store_of(target, storetype)
    holder = Aliases(store.entries, store.format).holder(legal(alias, store.format))
    if isinstance(holder, PrivateKey) and _is_wanted(holder, wanted):
        own = holder.chain[0]
        step = Step("unchanged", holder.alias, subject_of(own), own.sha256, "such a key is there")
        return plan_of(target, store, steps=(step,))
    pkcs8 = keys.generate(wanted.algorithm, wanted.size, wanted.curve, generation=wanted.generation)
    common = {
        "not_before": wanted.not_before,
        "days": wanted.days,
        "extensions": wanted.extensions,
        "signature_algorithm": wanted.signature_algorithm,
        "generation": wanted.generation,
    }
    if issuer is None:
        chain: tuple[Certificate, ...] = (issue.self_signed(pkcs8, wanted.subject, **common),)  # type: ignore[arg-type]
    else:
        own = issue.issue(
            keys.spki_of(pkcs8),
            wanted.subject,
            issuer.chain[0],
            issuer.pkcs8,
            **common,  # type: ignore[arg-type]
        )
        chain = (own, *issuer.chain)
    return plan_key(
        target,
        alias,
        pkcs8,
        chain,
        key_password=key_password,
        password=password,
        storetype=storetype,
        encryption=encryption,
        replace_existing=replace_existing,
        now_ms=now_ms,
    )


def _is_wanted(entry: PrivateKey, wanted: Wanted) -> bool:
    facts = facts_or_none(entry.chain[0]) if entry.chain else None
    if facts is None or not facts.subject.matches(wanted.subject):
        return False
    from ..pki import keys

    asked = next((e.value for e in wanted.extensions if e.oid == SUBJECT_ALT_NAME), None)
    if asked is not None and facts.extension(SUBJECT_ALT_NAME) != asked:
        return False
    kind = keys.kind(wanted.algorithm, wanted.size, wanted.curve, generation=wanted.generation)
    return str(facts.key) == kind
