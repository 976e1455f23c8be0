"""The xMatters case: an agent's JRE that does not trust a management system, on one machine.

The agent lies below a directory whose name is as long as ``/opt/xmatters``, so what is folded
at 80 columns is folded alike. The management system answers on port 8443 of a loopback
address of its own, and its name leads there, as a line in ``/etc/hosts`` would have it.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.model import Certificate, Password, Store, TrustedCert
from tests import pki
from tests.terminal import Terminal

TOP = Path(__file__).parent.parent
HERE = TOP / "tests" / "vectors" / "wizard"
NAME, PORT = "mgmt.example.com", 8443
SERVER = f"{NAME}:{PORT}"
HOME = "/opt/xmatters"
AGENT = "integrationagent-5.2.2"
MOMENT = 1_800_000_000  # 2027-01-15
PRESETS = ("finesse", "jre", "webmethods", "xmatters")
CHILD = Path(__file__).with_name("wizard_child.py")


@dataclass
class Case:
    """Where everything is.

    Attributes:
        top: the directory that stands for `HOME`.
        address: of the management system.
        work: the directory the wizard is started in.
    """

    top: Path
    address: str
    work: Path

    @property
    def cacerts(self) -> Path:
        """What the agent trusts."""
        return self.top / AGENT / "jre" / "lib" / "security" / "cacerts"

    def environ(self, **more: str) -> dict[str, str]:
        """The child's environment."""
        return {
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": str(TOP),
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.work),
            "XDG_STATE_HOME": str(self.work / "state"),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
            "SOURCE_DATE_EPOCH": str(MOMENT),
            "WIZARD_HOSTS": f"{NAME}={self.address}",
            "WIZARD_PROFILES": str(self.work / "profiles"),
            **more,
        }

    def start(self, *words: str, powerless: bool = False, **more: str) -> Terminal:
        """The wizard on a terminal; ``powerless``: as somebody whom permissions count for."""
        argv = [sys.executable, str(CHILD), "wizard", *words]
        if powerless and os.getuid() == 0:
            setpriv = shutil.which("setpriv")
            if setpriv is None:
                pytest.skip("root can't lay down its powers without setpriv of util-linux")
            argv = [setpriv, "--bounding-set=-all", "--inh-caps=-all", *argv]
        return Terminal(argv, self.work, self.environ(**more))

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command with nobody there."""
        return subprocess.run(
            [sys.executable, str(CHILD), *words],
            cwd=self.work,
            env=self.environ(**more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def told(self, text: str) -> str:
        """What was shown, with the places and times of every run alike."""
        text = text.replace(str(self.top), HOME).replace(str(self.work), "/home/admin")
        text = re.sub(r"\d{8}T\d{6}Z(?=\.bak)", "20270115T080000Z", text)
        return re.sub(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{4}", "20270115T080000.000000Z-1f00", text)

    def files(self) -> dict[str, bytes]:
        """Everything below the agent and the state, by its path: what must not be touched."""
        found = {}
        for place in (self.top, self.work):
            for path in sorted(place.rglob("*")):
                if path.is_file() and "profiles" not in path.parts:
                    found[str(path)] = path.read_bytes()
        return found


def served() -> tuple[bytes, bytes]:
    """The management system's self-signed certificate and its key, DER."""
    text = (HERE / "management.pem").read_bytes()
    store = formats.read(text, None)
    (certificate,) = {one.der for one in store.certificates()}
    return certificate, text


@contextlib.contextmanager
def management(pem: Path) -> Iterator[str]:
    """The management system; its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                self.request.settimeout(10)
                with context.wrap_socket(self.request, server_side=True) as secure:
                    secure.recv(4096)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    for _ in range(50):
        address = (
            f"127.{1 + os.urandom(1)[0] % 250}.{os.urandom(1)[0]}.{1 + os.urandom(1)[0] % 250}"
        )
        try:
            server = Server((address, PORT), Handler)
            break
        except OSError:
            continue
    else:
        raise AssertionError("no free loopback address")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def xmatters(work: Path, java: str = "1.8.0_392") -> Iterator[Case]:
    """The agent with its JRE, the management system, and profiles that find the agent."""
    top = Path(tempfile.mkdtemp(prefix="", dir="/tmp"))
    top.chmod(0o755)
    try:
        assert len(str(top)) == len(HOME), top
        agent = top / AGENT
        (agent / "conf").mkdir(parents=True)
        (agent / "conf" / "wrapper.conf").write_text("wrapper.java.command=jre/bin/java\n")
        security = agent / "jre" / "lib" / "security"
        security.mkdir(parents=True)
        (agent / "jre" / "bin").mkdir()
        (agent / "jre" / "release").write_text(f'JAVA_VERSION="{java}"\n')
        (security / "cacerts").write_bytes(_cacerts())
        profiles = work / "profiles"
        profiles.mkdir()
        for name in PRESETS:
            shutil.copy(TOP / "profiles" / f"{name}.yaml", profiles)
        text = (profiles / "xmatters.yaml").read_text()
        (profiles / "xmatters.yaml").write_text(
            re.sub(r"      - (/|\"C:).*/integrationagent\*\"?\n", "", text).replace(
                "    find:\n", f"    find:\n      - {top}/integrationagent*\n", 1
            )
        )
        with management(HERE / "management.pem") as address:
            yield Case(top, address, work)
    finally:
        shutil.rmtree(top)


def _cacerts() -> bytes:
    """A real cacerts where there is a JKS, as the agent has, else a few roots."""
    real = Path("/etc/ssl/certs/java/cacerts")
    if real.exists() and (found := real.read_bytes())[:4] == b"\xfe\xed\xfe\xed":
        return found
    entries = tuple(
        TrustedCert(f"root{number}", Certificate(pki.certificate(f"Root {number}")), 0)
        for number in range(3)
    )
    return formats.write(Store("JKS", entries), Password("changeit"))
