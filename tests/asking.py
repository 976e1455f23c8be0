"""A JVM whose client has a keystore, and is asked for whatever certificate a test wants asked for.

No server of others sends a `CertificateRequest` of one's choice: that of `asking_server` does.
"""

from __future__ import annotations

import atexit
import functools
import os
import socket
import tempfile
from dataclasses import dataclass

from storekeeper.tls.messages import CertificateRequest
from tests.asking_server import Server, server_for
from tests.jvm import Jvm
from tests.oracle import Answer, Oracle


@dataclass(frozen=True)
class Sent:
    """What a client did when it was asked.

    Attributes:
        alias: what its key manager chose, "" for none.
        chain: its Certificate message; () an empty one; None when there was none at all.
        given: the chain its key manager gave.
        problem: "class: message" of what ended the handshake on the client's side.
        types: the key types it asked its key manager for.
        unloadable: the store or its keys could not be loaded: what Java said.
    """

    alias: str
    chain: tuple[bytes, ...] | None
    given: tuple[bytes, ...] = ()
    problem: str = ""
    types: tuple[str, ...] = ()
    unloadable: str = ""


class KeyOracle(Oracle):
    """A JVM with a client that has a keystore."""

    program = ("key-oracle.jar", "KeyOracle")

    def send(
        self,
        store: bytes,
        storetype: str,
        request: CertificateRequest,
        *,
        manager: str = "SunX509",
        storepass: str = "changeit",
        keypass: str = "changeit",
        at: int | None = None,
    ) -> Sent:
        """What its client sends to a server that asks so; ``at`` counts for PKIX alone."""
        fields: list[tuple[str, bytes | str]] = [
            ("keystore", store),
            ("storetype", storetype),
            ("storepass", storepass),
            ("keypass", keypass),
            ("manager", manager),
            ("protocol", request.protocol),
        ]
        if at is not None:
            fields.append(("at", str(at * 1000)))
        answer = self.ask("begin", fields)
        if answer.word == "unloadable":
            return Sent("", None, unloadable=answer.exceptions[0])
        assert answer.word == "hello", answer
        server = server_for(request, bytes.fromhex(answer.exceptions[0]))
        flight = server.flight()
        return self._finished(server, self.ask("continue", [("data", flight)]))

    def meet(
        self,
        port: int,
        store: bytes,
        storetype: str,
        protocol: str,
        *,
        manager: str = "SunX509",
        password: str = "changeit",
    ) -> Sent:
        """What its client does with a real server on this machine, up to its Certificate."""
        fields: list[tuple[str, bytes | str]] = [
            ("keystore", store),
            ("storetype", storetype),
            ("storepass", password),
            ("keypass", password),
            ("manager", manager),
            ("protocol", protocol),
        ]
        answer = self.ask("begin", fields)
        assert answer.word == "hello", answer
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.settimeout(10)
            connection.sendall(bytes.fromhex(answer.exceptions[0]))
            kept = b""
            while True:
                kept += (received := connection.recv(65_536))
                assert received, "the server ended the connection"
                whole = _whole(kept)
                ready, kept = kept[:whole], kept[whole:]
                answer = self.ask("continue", [("data", ready)])
                said, alias, types, asked, chain, *problem = answer.exceptions
                if int(asked) or problem:
                    break
                connection.sendall(bytes.fromhex(said))
        given = tuple(bytes.fromhex(one) for one in chain.split(",") if one)
        return Sent(alias, given, given, problem[0] if problem else "", tuple(types.split()))

    def _finished(self, server: Server, answer: Answer) -> Sent:
        assert answer.word == "said", answer
        said, alias, types, _, chain, *problem = answer.exceptions
        return Sent(
            alias,
            server.chain(bytes.fromhex(said)),
            tuple(bytes.fromhex(one) for one in chain.split(",") if one),
            problem[0] if problem else "",
            tuple(types.split()),
        )


@functools.cache
def oracle(jvm: Jvm) -> KeyOracle:
    """One for each JVM and run."""
    return KeyOracle(jvm)


@functools.cache
def old_oracle(jvm: Jvm) -> KeyOracle:
    """One that still speaks TLS 1.0 and 1.1, with nothing disabled for TLS."""
    handle, name = tempfile.mkstemp(suffix=".properties")
    os.write(handle, b"jdk.tls.disabledAlgorithms=\njdk.tls.legacyAlgorithms=\n")
    os.close(handle)
    atexit.register(os.unlink, name)
    return KeyOracle(jvm, f"-Djava.security.properties={name}")


def _whole(data: bytes) -> int:
    """How many bytes at the beginning are whole records."""
    at = 0
    while at + 5 <= len(data):
        end = at + 5 + int.from_bytes(data[at + 3 : at + 5], "big")
        if end > len(data):
            break
        at = end
    return at
