"""One certificate made trusted under one alias, whatever else the store holds.

Beside `import_`, which knows a certificate by its digest and leaves it where it is: here it
may be there already under another alias, as ``keytool -importcert`` has it.
"""

from __future__ import annotations

from ..errors import WriteRefused
from ..model import Certificate, TrustedCert, replace
from .aliases import legal
from .delete import step_about
from .key_entries import holder_of, store_of
from .plan import now, plan_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .plan import Plan
    from .target import Target

__all__ = ["plan_trusted"]


def plan_trusted(
    target: Target,
    alias: str,
    certificate: Certificate,
    *,
    storetype: str | None = None,
    at: int | None = None,
    now_ms: int | None = None,
) -> Plan:
    """The plan that adds a trusted certificate.

    Args:
        target: the store; a new one is made when there is no file.
        alias: of the new entry; taken as it stands, braces and all.
        certificate: what is to be trusted.
        storetype: of a new store; see `target.format_for`.
        at: when to judge validity, seconds since 1970 UTC; now when None.
        now_ms: the date of the entry, milliseconds since 1970 UTC.

    Raises:
        WriteRefused: the alias is taken, or none the format can keep.
        UsageError: a type of store that is not written, or not the one that is there.
    """
    from ..trust.checks import check

    if at is None:
        import time

        at = int(time.time())
    store = store_of(target, storetype)
    alias = legal(alias, store.format)
    holder = holder_of(store, alias)
    if holder is not None:
        raise WriteRefused(
            "the alias already exists, and is not overwritten",
            alias=holder.alias,
            hint="choose another alias, or delete that entry first",
            path=target.path,
        )
    entry = TrustedCert(alias, certificate, now() if now_ms is None else now_ms)
    findings = check(certificate, at, expected="anchor", where=alias)
    return plan_of(
        target,
        replace(store, entries=(*store.entries, entry)),
        steps=[step_about("added", entry)],
        findings=findings,
        now_ms=now_ms,
    )
