"""A store with one key in it, for keytool to work on."""

from __future__ import annotations

from pathlib import Path

from storekeeper import der
from storekeeper.model import Certificate
from storekeeper.names import Name
from storekeeper.pki import issue
from storekeeper.pki.ext_text import parse_all
from tests import jvm

PASSWORD = "changeit"
BEGAN = 1_767_225_600  # 2026-01-01


class Entry:
    """A key entry in a file of its own and a JVM that is asked about it."""

    def __init__(
        self,
        judge: jvm.Jvm,
        folder: Path,
        alias: str,
        pkcs8: bytes,
        subject: Name,
        *,
        ext: tuple[str, ...] = (),
        type: str = "JKS",  # opens without a thousand rounds of a key derivation
        serial: int = 4711,
    ) -> None:
        self.judge = judge
        self.folder = folder
        self.alias = alias
        self.pkcs8 = pkcs8
        self.certificate = issue.self_signed(
            pkcs8,
            subject,
            not_before=BEGAN,
            days=9000,
            serial=serial,
            extensions=parse_all(ext).extensions,
        )
        self.path = folder / f"{alias}-{judge.major}.{type.lower()}"
        entry = {
            "alias": alias,
            "kind": "private",
            "key": pkcs8,
            "chain": [self.certificate.der],
        }
        self.path.write_bytes(judge.worker.store(type, PASSWORD, [entry]))

    def keytool(self, command: str, *words: str | Path) -> str:
        """What keytool prints for a command on this store."""
        return self.judge.worker.keytool(
            command, "-alias", self.alias, "-keystore", self.path, "-storepass", PASSWORD, *words
        )

    def made(self, command: str, option: str, *words: str | Path) -> bytes:
        """The file that keytool wrote for a command."""
        out = self.folder / f"{self.alias}-{self.judge.major}.out"
        out.unlink(missing_ok=True)
        self.keytool(command, option, out, *words)
        return out.read_bytes()


def ext(*texts: str) -> list[str]:
    """The words of a command line for some ``-ext``."""
    return [word for text in texts for word in ("-ext", text)]


def tbs(certificate: Certificate) -> bytes:
    """What the signature of a certificate covers."""
    return der.read(certificate.der).items("certificate")[0].raw
