"""What all servers of the bench share: what they are given, how they start and end."""

from __future__ import annotations

import atexit
import contextlib
import grp
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests import pki

PACKAGES = (
    *("openssl", "gnutls-bin", "nginx", "apache2-bin", "haproxy", "stunnel4"),
    *("slapd", "postgresql", "mariadb-server", "dovecot-imapd", "dovecot-pop3d"),
    *("dovecot-managesieved", "postfix", "vsftpd", "prosody", "lua-sec", "xrdp"),
    *("tomcat10", "squid", "tinyproxy", "microsocks"),
)
"""Of Debian 12; installed with --no-install-recommends. What is missing is skipped."""

HOST = "127.0.0.1"
SECONDS_TO_START = 30.0
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"


@dataclass(frozen=True)
class Setup:
    """How a server is to be.

    Attributes:
        chain: DER, sent in this order where the server does as it is told.
        key: PKCS#8 of the first of them.
        authorities: DER of the CA certificates that clients are verified with, whose names go
            into the request for a certificate; () for no file at all.
        client: whether clients are asked for a certificate: "none", "optional", "required".
        versions: the oldest and the newest protocol; "SSLv3" is for Java alone.
        ciphers: of TLS 1.2 and before, in OpenSSL's words (GnuTLS: a priority string, Java: its
            names with colons between them); "" for the server's own.
        extra: lines for the server's configuration, or arguments of a command.
        environment: more variables.
        weak: whether what is refused by default today is to work: TLS 1.0 and 1.1, small keys,
            SHA-1 in chains.
    """

    chain: tuple[bytes, ...]
    key: bytes
    authorities: tuple[bytes, ...] = ()
    client: str = "none"
    versions: tuple[str, str] = ("TLSv1.2", "TLSv1.3")
    ciphers: str = ""
    extra: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    weak: bool = False

    def but(self, **changes: object) -> Setup:
        """A copy with the named things changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def protocols(self) -> list[str]:
        """Every protocol from the oldest to the newest."""
        known = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"]
        return known[known.index(self.versions[0]) : known.index(self.versions[1]) + 1]


def setup(*names: str, kind: str = "EC", **more: object) -> Setup:
    """A chain of these names, the leaf first, each issued by the next; the root is not sent.

    ``setup("localhost", "Inter", "Root")`` sends localhost and Inter.
    """
    chain = [
        pki.certificate(name, issuer, ca=at > 0, kind=kind if at == 0 else "EC")
        for at, (name, issuer) in enumerate(itertools.pairwise(names))
    ]
    made = Setup(tuple(chain), pki.pkcs8(pki.key(names[0], kind)))
    return made.but(**more)


class Running:
    """A server that takes connections.

    Attributes:
        name: "nginx", ...
        port: on `HOST`.
        directory: of its own.
        scheme: "https", "smtp", ...: how it is asked for TLS.
        process: None for one within this process.
    """

    def __init__(self, name: str, port: int, directory: Path, scheme: str = "https") -> None:
        self.name = name
        self.port = port
        self.directory = directory
        self.scheme = scheme
        self.process: subprocess.Popen[bytes] | None = None
        self.ports: dict[str, int] = {}

    @property
    def url(self) -> str:
        """For `storekeeper.tls.target`."""
        return f"{self.scheme}://{HOST}:{self.port}"

    @property
    def at(self) -> str:
        """HOST:PORT."""
        return f"{HOST}:{self.port}"

    def log(self) -> str:
        """What it said so far."""
        found = [self.directory / "output", *sorted(self.directory.glob("*.log"))]
        texts = (one.read_text("utf-8", "replace") for one in found if one.exists())
        return "\n".join(texts)


def program(*names: str) -> str | None:
    """The first of these programs that there is, in PATH and where Debian has servers."""
    for name in names:
        path = f"{os.environ.get('PATH', '')}:{_PATH}"
        if found := shutil.which(name, path=path):
            return found
    return None


def missing(name: str, *programs: str) -> str | None:
    """Why a server can't be had, or None."""
    return None if program(*(programs or (name,))) else f"{name} is not installed"


def need(name: str, *programs: str) -> str:
    """The program of a server; skips the test without it."""
    found = program(*(programs or (name,)))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def is_root() -> bool:
    """Whether servers must be told to become somebody else."""
    return os.geteuid() == 0


def account(*names: str) -> str:
    """The first of these users that there is, for servers that refuse to be root."""
    for name in names:
        with contextlib.suppress(KeyError):
            pwd.getpwnam(name)
            return name
    return "nobody"


def myself() -> tuple[str, str]:
    """The user and the group that we are."""
    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def pem_file(path: Path, *ders: bytes, key: bytes | None = None) -> Path:
    """Certificates and a key as a file."""
    blocks = [pki.pem("CERTIFICATE", der) for der in ders]
    blocks += [pki.pem("PRIVATE KEY", key)] if key else []
    path.write_bytes(b"".join(blocks))
    return path


def nginx_folders(where: Path) -> str:
    """Lines that keep what nginx writes on the way in a directory of its own."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"  {kind}_temp_path {where}/{kind};\n" for kind in kinds)


_WEAK_OPENSSL = """openssl_conf = start
[start]
ssl_conf = ssl
[ssl]
system_default = weak
[weak]
MinProtocol = TLSv1
CipherString = ALL:!aNULL:!eNULL:@SECLEVEL=0
"""
_WEAK_JAVA = """jdk.tls.disabledAlgorithms=
jdk.certpath.disabledAlgorithms=
jdk.tls.legacyAlgorithms=
"""


def environment_of(made: Setup, where: Path) -> dict[str, str]:
    """Variables of a server; one of them makes any OpenSSL weak, before it loads certificates."""
    if not made.weak:
        return dict(made.environment)
    (where / "weak.cnf").write_text(_WEAK_OPENSSL)
    return {"OPENSSL_CONF": str(where / "weak.cnf"), **made.environment}


def java_options_of(made: Setup, where: Path) -> list[str]:
    """The same for a JVM, as its options."""
    if not made.weak:
        return []
    (where / "weak.security").write_text(_WEAK_JAVA)
    return [f"-Djava.security.properties={where}/weak.security"]


@dataclass(frozen=True)
class Files:
    """A `Setup` as files: each server wants them cut otherwise."""

    leaf: Path
    rest: Path
    chain: Path
    key: Path
    both: Path
    authorities: Path


def files_of(made: Setup, folder: Path) -> Files:
    """The files; those of nothing are empty."""
    return Files(
        pem_file(folder / "leaf.pem", *made.chain[:1]),
        pem_file(folder / "rest.pem", *made.chain[1:]),
        pem_file(folder / "chain.pem", *made.chain),
        pem_file(folder / "key.pem", key=made.key),
        pem_file(folder / "both.pem", *made.chain, key=made.key),
        pem_file(folder / "authorities.pem", *made.authorities),
    )


_RUNNING: set[int] = set()


@atexit.register
def _end_all() -> None:
    for group in list(_RUNNING):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A directory for a server: its path is short, and whom it becomes may enter it."""
    path = Path(tempfile.mkdtemp(prefix="bench-"))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def give(path: Path, owner: str) -> None:
    """The directory and all in it to a user; nothing where we are not root."""
    if is_root():
        user = pwd.getpwnam(owner)
        for one in (path, *path.rglob("*")):
            os.chown(one, user.pw_uid, user.pw_gid, follow_symlinks=False)


@contextlib.contextmanager
def started(
    name: str,
    where: Path,
    port: int,
    command: Sequence[str],
    *,
    scheme: str = "https",
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
    ports: Mapping[str, int] | None = None,
    stop: signal.Signals = signal.SIGTERM,
    patience: float = 0.5,
) -> Iterator[Running]:
    """A process that answers on a port; ended with all it started when the block ends.

    Args:
        name: for messages.
        where: its directory; what it prints goes to ``output`` there.
        port: that it is waited for on.
        command: what is run.
        scheme: as `Running.scheme`.
        environment: more variables.
        user: to run as, when we are root.
        ports: as `Running.ports`; all of them are waited for.
        stop: with which it is asked to end, all of its processes.
        patience: seconds before they are killed.
    """
    running = Running(name, port, where, scheme)
    running.ports = dict(ports or {})
    kept = {key: value for key, value in os.environ.items() if not key.startswith("OPENSSL")}
    with (where / "output").open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=where,
            env=kept | {"LC_ALL": "C"} | dict(environment or {}),
            start_new_session=True,
            user=user if user and is_root() else None,
            group=pwd.getpwnam(user).pw_gid if user and is_root() else None,
            extra_groups=[] if user and is_root() else None,
        )
    _RUNNING.add(process.pid)
    running.process = process
    try:
        _wait(running, process)
        yield running
    finally:
        _end(process, stop, patience)


def _wait(running: Running, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + SECONDS_TO_START
    waiting = {running.port, *running.ports.values()}
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"{running.name} ended with {process.returncode}:\n{running.log()[-4000:]}")
        waiting = {port for port in waiting if not answers(port)}
        if not waiting:
            return
        time.sleep(0.02)
    pytest.fail(f"{running.name} does not answer:\n{running.log()[-4000:]}")


def answers(port: int) -> bool:
    """Whether somebody takes connections on a port."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), 1):
        return True
    return False


def _end(process: subprocess.Popen[bytes], stop: signal.Signals, patience: float) -> None:
    for number, seconds in ((stop, patience), (signal.SIGKILL, 5.0)):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            if number == signal.SIGKILL or not _group(process.pid):
                break
    _RUNNING.discard(process.pid)


def _group(number: int) -> bool:
    """Whether anybody of a process group is left, a moment later."""
    for _ in range(20):
        try:
            os.killpg(number, 0)
        except (ProcessLookupError, PermissionError):
            return False
        time.sleep(0.02)
    return True
