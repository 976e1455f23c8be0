"""Certificates from a server: never taken without a fingerprint that somebody looked at."""

from __future__ import annotations

import re

from . import options, voice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace, _ActionsContainer
    from collections.abc import Iterable

    from ..model import Certificate, Store
    from ..tls.probed import Probe

_HOST_PORT = r"(\[[0-9A-Fa-f:.%]+\]|[^/\\:\s]+):[0-9]{1,5}"


def is_server(text: str) -> bool:
    """Whether a source names a server: HOST:PORT or a URL, and no file is called so."""
    import os

    if os.path.exists(text) or text.startswith("jre:"):
        return False
    return "://" in text or re.fullmatch(_HOST_PORT, text) is not None


def add_pin(parser: _ActionsContainer) -> None:
    """``--pin``."""
    parser.add_argument(
        "--pin",
        metavar="SHA256",
        action="append",
        default=[],
        help="of a server's certificates, take only one with this fingerprint, and do not ask",
    )


def fetch(name: str, args: Namespace) -> Probe:
    """What a server sends, for its chain alone.

    Raises:
        NetworkError: it can't be reached, or sends none.
        UsageError: it is no server's name.
    """
    from ..errors import NetworkError
    from . import servers

    found = servers.probe_one(name, args, brief=True)
    if not found.member.chain:
        raise NetworkError(f"{name} sends no certificate: {found.member.problem or 'no reason'}")
    if not found.member.proved:
        voice.warn(
            f"{name}: the handshake did not get far enough to prove that the server has the key of "
            f"its certificate ({found.member.problem or 'no reason'})"
        )
    return found


def store_of(found: Probe) -> Store:
    """The chain of a server as a store, as a file of it would be read."""
    from ..model import Store, TrustedCert

    entries = tuple(TrustedCert("", one) for one in found.member.chain)
    return Store("PEM", entries, path=found.name)


def confirm(name: str, certificates: Iterable[Certificate]) -> None:
    """Have a person look at what is about to be trusted.

    Raises:
        WriteRefused: the answer was no.
        UsageError: nobody can be asked.
    """
    from ..errors import UsageError, WriteRefused
    from ..trust.calling import called
    from ..trust.inventory import colons

    asked = tuple(dict.fromkeys(certificates))
    for one in asked:
        voice.note(f"{name} sends {called(one)}, SHA-256 {colons(one.sha256)}")
    if not asked:
        return
    if not options.can_ask():
        raise UsageError(
            f"nobody is here to confirm what {name} sends",
            hint="compare the fingerprint with what its owner tells you, and say it: --pin SHA256",
        )
    if not voice.agreed("is this the fingerprint you were told? trust it?"):
        raise WriteRefused("not confirmed, and nothing was changed")
