"""What ``openssl s_client`` sees of a server: the judge of our own clients and of the bench."""

from __future__ import annotations

import re
import ssl
import subprocess
from dataclasses import dataclass

from tests.servers.bench import HOST, Running

STARTTLS = (
    *("smtp", "imap", "pop3", "ldap", "postgres", "mysql", "ftp", "xmpp", "xmpp-server"),
    *("nntp", "sieve", "lmtp"),
)
"""What it can ask for; not RDP and not SQL Server."""


@dataclass(frozen=True)
class Seen:
    """One connection.

    Attributes:
        messages: (type, body) of the server's handshake messages, decrypted, in order.
        alerts: (level, description) that the server sent.
        chain: DER as printed.
        text: all that it printed.
    """

    messages: tuple[tuple[int, bytes], ...]
    alerts: tuple[tuple[int, int], ...]
    chain: tuple[bytes, ...]
    text: str

    def bodies(self, kind: int) -> list[bytes]:
        """Of the messages of a type."""
        return [body for one, body in self.messages if one == kind]

    @property
    def names(self) -> list[str]:
        """Acceptable client certificate CA names, as it prints them."""
        found = re.search(
            r"^Acceptable client certificate CA names\n(.*?)\n(?:Client Cert|Requested)",
            self.text,
            re.MULTILINE | re.DOTALL,
        )
        return found[1].splitlines() if found else []


def s_client(server: Running, *args: str, scheme: str = "", name: str = "localhost") -> Seen:
    """Connect, and go when the handshake is over.

    Args:
        server: of the bench.
        args: more of the command's.
        scheme: one of the server's ``ports``; its own where not given.
        name: for server name indication, and XMPP's domain.
    """
    scheme = scheme or server.scheme
    port = server.ports.get(scheme, server.port)
    command = ["openssl", "s_client", "-connect", f"{HOST}:{port}", "-showcerts", "-msg"]
    command += ["-servername", name, "-nameopt", "RFC2253,-esc_msb,utf8", *args]
    if scheme in STARTTLS:
        command += ["-starttls", scheme, "-xmpphost", name][: 4 if "xmpp" in scheme else 2]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=30)
    return read((done.stdout + b"\n" + done.stderr).decode("utf-8", "replace"))


def read(text: str) -> Seen:
    """Its output, understood."""
    messages, alerts = [], []
    for found in re.finditer(
        r"^<<< [^,\n]*, (Handshake|Alert) [^\n]*\n((?: {4}[0-9a-f ]+\n)+)", text, re.MULTILINE
    ):
        data = bytes.fromhex(found[2])
        if found[1] == "Alert":
            alerts.append((data[0], data[1]))
        else:
            assert int.from_bytes(data[1:4], "big") == len(data) - 4
            messages.append((data[0], data[4:]))
    pem = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.DOTALL)
    chain = tuple(map(ssl.PEM_cert_to_DER_cert, pem))
    return Seen(tuple(messages), tuple(alerts), chain, text)
