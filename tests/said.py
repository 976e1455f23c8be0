"""What a real JVM says in the situations docs/errors is about, but for verdicts on chains.

Verdicts are asked of JREs by `tests.golden`; here are handshakes that end before any, servers that
refuse a client, stores that do not open, and keytool.

    python -m tests.said

asks the JREs of `tests.jvm` and writes ``tests/vectors/said.json``.
"""

from __future__ import annotations

import contextlib
import functools
import json
import re
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from storekeeper import formats
from storekeeper.model import Store
from storekeeper.tls.words import ALERTS_OF_SERVERS
from tests import changing, java_debug, jvm, pki, servers
from tests.jvm import JavaError, Jvm
from tests.servers.bench import HOST, setup
from tests.servers.scripted import Talk

_SCRIPT = Path(__file__).with_name("java_says.py")
_OPTIONS = (
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Duser.language=en"),
    # To a client that knows groups of RFC 7919 no server offers a small one of its own.
    "-Djdk.tls.namedGroups=secp256r1",
)
CHAIN = ("localhost", "Inter", "Root")
FILES = Path(__file__).parent / "scripts" / "files"
PATH = Path(__file__).parent / "vectors" / "said.json"


class Java:
    """A JVM that is asked, one request after the other."""

    def __init__(self, found: Jvm) -> None:
        library = jvm._library(found.home)
        self._process = subprocess.Popen(
            [sys.executable, str(_SCRIPT), str(library), *_OPTIONS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, op: str, **request: Any) -> list[str]:
        """What is thrown, the outermost first."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the JVM died"
        said: list[str] = json.loads(line)
        return said

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


def everything(found: Jvm, folder: Path) -> dict[str, list[str]]:
    """By situation: the messages."""
    java = Java(found)
    try:
        said = dict(_handshakes(java, folder))
        said |= dict(_stores(java, folder))
        said["no handshake took place"] = java.ask("peer")
    finally:
        java.close()
    said |= dict(_keytool(found, folder))
    place = str(folder)
    return {name: [one.replace(place, "FOLDER") for one in lines] for name, lines in said.items()}


def load() -> dict[str, dict[str, list[str]]]:
    """What is in the file: by release and situation."""
    found: dict[str, dict[str, list[str]]] = json.loads(PATH.read_text(encoding="utf-8"))
    return found


def _alert(number: int, talk: Talk) -> None:
    talk.hear_bytes(5)
    talk.say(bytes((21, 3, 3, 0, 2, 2, number)))


def _old_hello(talk: Talk) -> None:
    """A ServerHello of TLS 1.0."""
    talk.hear_bytes(5)
    body = b"\x03\x01" + bytes(32) + b"\x00" + b"\x00\x2f" + b"\x00"
    message = b"\x02" + struct.pack(">I", len(body))[1:] + body
    talk.say(b"\x16\x03\x01" + struct.pack(">H", len(message)) + message)


def _handshakes(java: Java, folder: Path) -> Iterator[tuple[str, list[str]]]:
    trust = str(java_debug._trust(folder / "trust.p12", pki.certificate("Root")))

    def scripted(behave: Any) -> list[str]:
        with servers.scripted(behave) as server:
            return java.ask("connect", host=HOST, port=server.port, trust=trust)

    for number in ALERTS_OF_SERVERS:
        yield f"alert {number}", scripted(functools.partial(_alert, number))
    yield "plain HTTP", scripted(lambda talk: talk.say(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    yield "the end of the connection", scripted(lambda talk: talk.hear_bytes(5))
    yield "TLS 1.0 from the server", scripted(_old_hello)
    with socket.create_server((HOST, 0)) as unused:
        port = unused.getsockname()[1]
    yield "nobody listens", java.ask("connect", host=HOST, port=port, trust=trust)
    unknown = java.ask("connect", host="gone.invalid", port=443, trust=trust)
    # Why there is no address is the resolver's word, where it has one.
    bare = [re.sub(r"(?<=gone\.invalid): .*", "", one) for one in unknown]
    yield "no such name", bare
    plain = setup(*CHAIN)
    with servers.python_ssl(plain) as server:
        at = {"host": HOST, "port": server.port, "trust": trust}
        yield "TLS 1.1 in the client", java.ask("connect", **at, protocols=["TLSv1.1"])
    with servers.python_ssl(plain.but(versions=("TLSv1.2", "TLSv1.2"))) as server:
        at = {"host": HOST, "port": server.port, "trust": trust}
        yield "TLS 1.3 alone in the client", java.ask("connect", **at, protocols=["TLSv1.3"])
    wants = plain.but(client="required", authorities=(pki.certificate("Client Root"),))
    for version in ("TLSv1.2", "TLSv1.3"):
        with servers.openssl(wants.but(versions=(version, version))) as server:
            at = {"host": HOST, "port": server.port, "trust": trust, "identify": False}
            yield f"no client certificate, {version}", java.ask("connect", **at)
            stranger = java_debug._identity(folder / "stranger.p12", "stranger", "Nobody")
            yield f"a stranger's, {version}", java.ask("connect", **at, identity=str(stranger))
    asks = wants.but(authorities=(pki.certificate("Root"),))
    with servers.python_ssl(asks) as server:  # which names no CA, so that anything is sent
        at = {"host": HOST, "port": server.port, "trust": trust, "identify": False}
        yield "of an unknown CA", java.ask("connect", **at, identity=str(stranger))
    group = folder / "dh.pem"
    group.write_bytes(pki.openssl("dhparam", "512"))
    small = setup(*CHAIN, kind="RSA").but(
        versions=("TLSv1.2", "TLSv1.2"),
        ciphers="NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+DHE-RSA:-GROUP-ALL",
        extra=("--dhparams", str(group)),
    )
    with servers.gnutls(small) as server:
        at = {"host": HOST, "port": server.port, "trust": trust, "identify": False}
        yield "a small group", java.ask("connect", **at)


def _stores(java: Java, folder: Path) -> Iterator[tuple[str, list[str]]]:
    jks, p12 = FILES / "trust-keytool17.jks", FILES / "identity-openssl3.p12"
    pem = FILES / "root.pem"
    wrong = {"password": "not the password"}
    yield "JKS, wrong password", java.ask("load", path=str(jks), type="JKS", **wrong)
    yield "PKCS12, wrong password", java.ask("load", path=str(p12), type="PKCS12", **wrong)
    for type in ("JKS", "JCEKS", "PKCS12"):
        yield f"PEM as {type}", java.ask("load", path=str(pem), type=type, password="changeit")
    yield "JKS as PKCS12", java.ask("load", path=str(jks), type="PKCS12", password="changeit")
    cut = folder / "cut.jks"
    cut.write_bytes(jks.read_bytes()[:700])
    yield "half a JKS", java.ask("load", path=str(cut), type="JKS", password="changeit")
    cut.write_bytes(p12.read_bytes()[:700])
    yield "half a PKCS12", java.ask("load", path=str(cut), type="PKCS12", password="changeit")
    cut.write_bytes(b"")
    for type in ("JKS", "PKCS12"):
        yield f"nothing as {type}", java.ask("load", path=str(cut), type=type, password="changeit")
    yield "no file", java.ask("load", path=str(folder / "gone"), type="JKS", password="changeit")
    yield "no such type", java.ask("load", path=str(jks), type="BKS", password="changeit")
    for type in ("JKS", "PKCS12", "JCEKS"):
        path = folder / f"keys.{type.lower()}"
        path.write_bytes(formats.write(Store(type, changing.usual(type)), changing.PASS))
        asked = {"path": str(path), "type": type, "password": changing.PASS}
        # One wrong password of 256 leaves what looks like padding, and something else is said.
        answers = [
            java.ask("load", **asked, alias="server", keypass=f"not it {n}") for n in range(3)
        ]
        yield f"key of {type}", max(answers, key=answers.count)


def _keytool(found: Jvm, folder: Path) -> Iterator[tuple[str, list[str]]]:
    store = folder / "keys.jks"
    open_it = ("-keystore", store, "-storepass", changing.PASS, "-noprompt")
    take = ("-importcert", *open_it, "-file")
    commands: dict[str, tuple[Any, ...]] = {
        "no such alias": ("-list", "-alias", "gone", *open_it),
        "alias taken": (*take, FILES / "root.pem", "-alias", "corp-root"),
        "no certificate": (*take, FILES / "page.cer", "-alias", "x"),
        "another's reply": (*take, FILES / "leaf.der", "-alias", "server"),
        "no store": ("-list", "-keystore", folder / "gone", "-storepass", "changeit"),
        "page as store": ("-list", "-keystore", FILES / "page.cer", "-storepass", "changeit"),
        "short password": (
            *("-genkeypair", "-alias", "x", "-dname", "CN=x", "-keyalg", "EC"),
            *("-keystore", folder / "new.p12", "-storepass", "short"),
        ),
    }
    for name, words in commands.items():
        with contextlib.suppress(FileNotFoundError):
            (folder / "new.p12").unlink()
        try:
            found.worker.keytool(*words)
        except JavaError as error:
            yield f"keytool: {name}", [str(error), *error.causes]
        else:
            yield f"keytool: {name}", []


def write() -> None:
    """Ask every JRE, and keep what they say."""
    import tempfile

    found = {}
    for version in jvm.VERSIONS:
        with tempfile.TemporaryDirectory() as folder:
            found[version] = everything(jvm.jvm(version), Path(folder))
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
    PATH.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
