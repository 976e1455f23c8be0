"""The keystore with the key that a server accepts, as a plan."""

from __future__ import annotations

from ..errors import UsageError
from ..identity.select import select_client_key
from ..model import Finding, replace
from ..trust.chain import matches_key
from .key_entries import plan_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from ..formats.encryption import Encryption
    from ..identity.build import Built
    from ..model import Password
    from ..tls.messages import CertificateRequest
    from .plan import Plan
    from .target import Target

__all__ = ["plan_client_keystore"]


def plan_client_keystore(
    target: Target,
    built: Built,
    pkcs8: bytes,
    request: CertificateRequest,
    *,
    alias: str | None = None,
    password: Password | None = None,
    key_password: Password | None = None,
    storetype: str | None = None,
    encryption: Encryption | None = None,
    replace_existing: bool = False,
    in_clear: bool = False,
    runtime: str = "java17",
    key_manager: str = "SunX509",
    at: datetime | None = None,
    now_ms: int | None = None,
) -> Plan:
    """The plan that puts the chosen key with its chain into a store.

    A warning says so when Java would send another entry of the store, or none.

    Args:
        target: the store; a new one is made when there is no file.
        built: what was chosen, by `identity.build.build_client_key`.
        pkcs8: the chosen key, opened.
        request: what the server asks for.
        alias: of the entry; that of the source when None.
        password: of a new store.
        key_password: of the entry; that of the store when None.
        storetype: of a new store.
        encryption: of a PKCS12.
        replace_existing: another key, or a certificate, under the alias may go.
        in_clear: the key may lie unencrypted in a store that has no password.
        runtime: the Java release that is to send it.
        key_manager: its key manager.
        at: the instant to judge by; now when None.
        now_ms: the date of the entry, milliseconds since 1970 UTC.

    Raises:
        UsageError: nothing was chosen, or the key is another one.
        WriteRefused, PasswordRequired: as `plan_key`.
    """
    from ..pki.keys import spki_of

    chosen = built.chosen
    if chosen is None:
        raise UsageError("there is no key that the server would accept")
    if not matches_key(chosen.chain[0], spki_of(pkcs8)):
        raise UsageError("the key that was opened is not that of the certificate that was chosen")
    plan = plan_key(
        target,
        alias or chosen.alias,
        pkcs8,
        chosen.chain,
        key_password=key_password,
        password=password,
        storetype=storetype,
        encryption=encryption,
        replace_existing=replace_existing,
        in_clear=in_clear,
        now_ms=now_ms,
    )
    if plan.result is None:
        return plan
    selection = select_client_key(plan.result, request, runtime, key_manager, at)
    leaf = chosen.chain[0]
    if selection.chain and selection.chain[0] == leaf and not selection.problem:
        return plan
    said = f"{selection.runtime} with {selection.key_manager}"
    if selection.chain and selection.chain[0] != leaf:
        message = f"{said} would send {selection.alias!r} of this store, and not this key"
        hint = "put the key into a store of its own, or take the other out"
    else:
        message = f"{said} would send nothing: {selection.problem or _why(selection.candidates)}"
        hint = "storekeeper client check tells more"
    finding = Finding("not-sent", "warning", alias or chosen.alias, message, hint)
    return replace(plan, findings=(*plan.findings, finding))


def _why(candidates: tuple[object, ...]) -> str:
    return "; ".join(str(getattr(one, "message", "")) for one in candidates[:3])
