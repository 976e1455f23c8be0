"""What `doctor` finds out about the client's own keystore: what is sent, and what would do."""

from __future__ import annotations

from ..frozen import replace
from . import judging, options, servers, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from datetime import datetime

    from ..doctor.loading import Loading
    from ..doctor.values import Case
    from ..identity.build import Built
    from ..identity.select import Selection
    from ..model import Password, Store
    from ..tls.messages import CertificateRequest
    from ..tls.probed import Member
    from ..trust.anchors import RootList


def unloaded(
    args: Namespace, source: Store | RootList, runtime: str, use: str = "trust"
) -> tuple[Loading, ...]:
    """What keeps the client from loading a store; of words that are no file nothing is said."""
    import os

    from ..doctor.loading import loading
    from ..model import Store

    name = args.store if use == "trust" else args.identity
    if not isinstance(source, Store) or not os.path.exists(name):
        return ()
    spec = args.storepass if use == "trust" else args.identity_storepass
    found = loading(source, name, runtime, use=use, password=_printable(spec))
    return () if found is None else (found,)


def _printable(spec: str | None) -> str:
    """A password specification for a command that is shown: what was typed is not printed."""
    return "prompt" if spec is not None and spec.startswith("pass:") else spec or ""


def presented(
    args: Namespace, case: Case, request: CertificateRequest, *, live: bool = False
) -> Case:
    """The case with what ``--identity`` has for a request; ``live``: and what the server says."""
    from ..identity.select import select_client_key
    from ..trust.runtimes import jdk
    from ..trust.sources import open_store

    runtime = case.runtime
    if jdk.release(runtime) is None:
        voice.note(f"which key {runtime} sends is not known; as Java 17 would")
        runtime = "java17"
    said = options.password(args, "identity_storepass") if args.identity_storepass else None
    source, given = options.opened_source(args.identity, said, args)
    if args.identity_keypass:
        given = options.password(args, "identity_keypass")
    store = open_store(source)
    known = judging.candidates(args)
    selection = select_client_key(
        store, request, runtime, args.keymanager, _date(case.at), password=given, known=known
    )
    tried = None
    if live and selection.alias is not None and not args.no_try:
        tried = _tried(args, store, given, selection)
    return replace(
        case,
        selection=selection,
        tried=tried,
        built=_built(args, store, request, runtime, case.at),
        more=tuple(one for one in args.more if one != "-"),
        identity_password=_printable(args.identity_storepass),
        key_password=_printable(args.identity_keypass),
        unloaded=(*case.unloaded, *unloaded(args, store, case.runtime, "client")),
    )


def _date(at: int) -> datetime:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC)


def _built(
    args: Namespace, store: Store, request: CertificateRequest, runtime: str, at: int
) -> Built:
    from ..identity.build import build_client_key
    from ..trust.sources import open_store

    more = [open_store(options.open_source(name, None, args)) for name in args.more]
    return build_client_key(
        [store, *more], request, runtime=runtime, key_manager=args.keymanager, at=_date(at)
    )


def _tried(
    args: Namespace, store: Store, given: Password | None, selection: Selection
) -> Member | None:
    """A handshake with the key that would be sent; None where it can't be opened."""
    from ..errors import StorekeeperError
    from ..model import PrivateKey
    from ..tls.client import Identity

    entry = store.find(selection.alias or "")
    if not isinstance(entry, PrivateKey):
        return None
    try:
        identity = Identity(tuple(one.der for one in selection.chain), entry.pkcs8(given))
        return servers.probe_one(args.server, args, identity, brief=True, asks=True).member
    except StorekeeperError as error:
        voice.warn(f"the key was not tried: {error.message}")
        return None
