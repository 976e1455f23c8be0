"""What is found below a path: stores, files of certificates, private keys.

`host.scan` walks and looks at first bytes, here what looked like a store is opened. Each
file is a value by itself, read in a process of its own where there are many, and given in the
order of the walk. What can't be read is a value, too.
"""

from __future__ import annotations

import os
from functools import partial
from hashlib import sha256

from ..errors import StorekeeperError, UnknownFormat
from ..formats.heads import is_nss_keys
from ..frozen import Frozen
from ..host.scan import Tally, read_whole, walk
from ..model import LIMITS, Finding, PrivateKey, SecretKey, replace
from ..x509 import passing_facts
from .store_files import BARE, opened, said, word_of
from .workers import in_order

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..host.scan import Met
    from ..model import Limits, Password, Store

KINDS = ("store", "certificates", "key", "link", "unreadable")

_FOREIGN = {"bcfks": "BCFKS", "sst": "SST", "macos-keychain": "keychain", "nss": "NSS"}


class Found(Frozen):
    """One file that is a store, or can't be told not to be.

    Attributes:
        path: below the path that was asked for.
        kind: one of `KINDS`: a keystore or trust store; certificates in PEM, DER or PKCS#7;
            private keys alone; another name of a file that is found; something that could
            not be read, so that nobody knows.
        format: as `Store.format`, or "NSS", "p11-kit", "BCFKS", "SST", "keychain"; "" when
            unknown.
        size: bytes, or None.
        mode: permission bits, or None.
        sha256: of the file, 64 hex digits, or "".
        entries, certificates, keys, secrets: how many; None where a password, or a reader, is
            missing. Certificates are counted with those of key chains.
        expires: the next end of a certificate that has not ended, seconds since 1970 UTC.
        expired: how many certificates have ended.
        real: of a link, the name under which the file is found.
        runtime: home of the JRE whose trust store it is, or "".
        version: of that JRE, or "".
        findings: about the file: its mode, its password, what its reader noticed.
        problem: why it could not be read, "" when it was.
        hint: what to do about ``problem``.
        status: the exit status that ``problem`` stands for; 0.
    """

    path: str
    kind: str
    format: str = ""
    size: int | None = None
    mode: int | None = None
    sha256: str = ""
    entries: int | None = None
    certificates: int | None = None
    keys: int | None = None
    secrets: int | None = None
    expires: int | None = None
    expired: int | None = None
    real: str = ""
    runtime: str = ""
    version: str = ""
    findings: tuple[Finding, ...] = ()
    problem: str = ""
    hint: str = ""
    status: int = 0


def scan(
    paths: Sequence[str],
    *,
    password: Password | None = None,
    at: int | None = None,
    jobs: int = 1,
    follow: bool = True,
    one_file_system: bool = False,
    exclude: Sequence[str] = (),
    limits: Limits = LIMITS,
    tally: Tally | None = None,
    progress: Callable[[Tally], None] | None = None,
) -> Iterator[Found]:
    """Everything found below the paths, the same in the same order for any number of jobs.

    Links come last, when it is known which files are stores.

    Args:
        paths: directories or files.
        password: is tried on each store that opens neither without nor with a default one.
        at: the moment at which certificates have expired or not, seconds since 1970 UTC; now.
        jobs: processes that read what may be a store, beside this one that walks. Where
            processes can't be forked, the caller's program must bear being imported, as
            `multiprocessing` says.
        follow: as for `host.scan.walk`, like the next two, and the last two.
        one_file_system: enters no other file system.
        exclude: shell patterns.
        tally: is counted up.
        progress: is called now and then.
        limits: how much one file may ask for; larger ones are told, and not read.
    """
    if at is None:
        import time

        at = int(time.time())
    links: list[Found] = []
    names: set[str] = set()

    def met() -> Iterator[Met]:
        for one in walk(
            paths,
            follow=follow,
            one_file_system=one_file_system,
            exclude=exclude,
            tally=tally,
            progress=progress,
        ):
            if one.what == "link":
                links.append(_with_runtime(Found(one.path, "link", real=one.real)))
            else:
                yield one

    work = partial(examine, password=password, at=at, limits=limits)
    for found in in_order(met(), work, jobs=jobs, lost=_lost):
        if found is not None:
            names.add(found.path)
            yield found
    # A symbolic link may lead to the second name of what is hard-linked.
    names.update([link.path for link in links if link.real in names])
    for link in links:
        if link.real in names:
            yield link


def examine(met: Met, *, password: Password | None, at: int, limits: Limits) -> Found | None:
    """A file that was met, opened; None when it is no store after all."""
    if met.what == "unreadable":
        return Found(
            met.path, "unreadable", problem=met.message, hint=met.hint, status=4, mode=met.mode
        )
    known = Found(met.path, "unreadable", size=met.size, mode=met.mode)
    word = ""
    try:
        data, grown = read_whole(met.real, limits.file_size)
        word = word_of(data)
        known = replace(
            known,
            kind="certificates" if word in BARE else "store",
            format=_FOREIGN.get(word, word.rpartition(" ")[2]),
            size=len(data),
            sha256=sha256(data).hexdigest(),
        )
        if is_nss_keys(data):
            return replace(known, kind="key")
        store = opened(data, password, limits)
        if store is None:
            return None
        found = _counted(known, store, at)
        if grown:
            message = "it grew while it was read: what came later is not looked at"
            found = replace(
                found,
                findings=(*found.findings, Finding("growing", "warning", "", message)),
            )
    except UnknownFormat as error:
        if not word:
            return None
        return _with_runtime(_failed(known, error))
    except StorekeeperError as error:
        return _with_runtime(_failed(known, error))
    except (MemoryError, RecursionError):
        return replace(known, problem="there is not enough memory to read it", status=4)
    if not (found.certificates or found.keys or found.kind == "store"):
        # Requests, revocation lists, public keys: unless something in it is broken.
        broken = [one for one in found.findings if one.code.startswith("unreadable")]
        if not broken:
            return None
        return replace(found, problem=broken[0].message, hint=broken[0].hint, status=4)
    return _with_runtime(replace(found, findings=(*found.findings, *_by_mode(found, store))))


def _counted(known: Found, store: Store, at: int) -> Found:
    certificates = expired = 0
    expires: int | None = None
    for certificate in store.certificates():
        certificates += 1
        facts = passing_facts(certificate)
        end = None if facts is None else facts.not_after
        if end is None:
            continue
        if end < at:
            expired += 1
        elif expires is None or end < expires:
            expires = end
    keys = sum(isinstance(entry, PrivateKey) for entry in store.entries)
    kind = "store"
    if store.format in BARE:
        # What holds neither is told apart by the caller.
        kind = "certificates" if certificates or not keys else "key"
    return replace(
        known,
        kind=kind,
        format=store.format,
        entries=len(store.entries),
        certificates=certificates,
        keys=keys,
        secrets=sum(isinstance(entry, SecretKey) for entry in store.entries),
        expires=expires,
        expired=expired,
        findings=store.findings,
    )


def _by_mode(found: Found, store: Store | None = None) -> Iterator[Finding]:
    """What others on this machine may do with it."""
    if found.mode is None or os.name == "nt":
        return
    mode = f"mode {found.mode:04o}"
    if found.mode & 0o002:
        yield Finding(
            "world-writable",
            "error",
            "",
            f"every user of the machine can write it ({mode})",
            "chmod o-w, and look at who owns its directory",
        )
    entries = () if store is None else store.entries
    keys = [entry for entry in entries if isinstance(entry, PrivateKey)]
    if keys and found.mode & 0o004:
        bare = any(entry.sealed.scheme == "none" for entry in keys)
        what = "a private key that is not encrypted" if bare else "a private key, encrypted"
        yield Finding(
            "readable-by-others",
            "error" if bare else "warning",
            "",
            f"every user of the machine can read {what} ({mode})",
            "chmod 600, or 640 with a group of those who need it",
        )


def _with_runtime(found: Found) -> Found:
    """The same, with the JRE it belongs to: its own trust store has a place and a name."""
    folder, name = os.path.split(found.path)
    if name not in ("cacerts", "jssecacerts") or not folder.endswith("lib/security"):
        return found
    from ..host.jre import Jre, look
    from ..host.tree import Tree

    home = os.path.dirname(os.path.dirname(folder)) or "/"
    jre = look(Tree("/", {}), home, "scan")
    if not isinstance(jre, Jre):
        return found
    return replace(found, runtime=home, version=jre.version or "")


def _failed(known: Found, error: StorekeeperError) -> Found:
    return replace(
        known,
        kind=known.kind if known.format else "unreadable",
        findings=tuple(_by_mode(known)),
        problem=said(error),
        hint=error.hint,
        status=error.exit_status,
    )


def _lost(met: Met) -> Found:
    return Found(
        met.path,
        "unreadable",
        size=met.size,
        mode=met.mode,
        problem="the process that read it ended: killed for its memory, or crashed",
        hint="storekeeper list on it alone says more",
        status=4,
    )
