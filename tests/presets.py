"""What the tests of the shipped profiles share: JREs, stores, handshakes, the commands.

The two CAs of those that are no Java product, and who judges their connections, are in
`preset_world`.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from storekeeper import cli, formats
from storekeeper.formats.reseal import seal_private_key
from storekeeper.model import Certificate, Password, PrivateKey, Store, TrustedCert
from tests import jvm, pki
from tests.commands import Said

TLS12 = "-Djdk.tls.client.protocols=TLSv1.2"
"""Options of a client that is to speak no newer TLS."""

BORN = 1_700_000_000_000
_CLIENT = Path(__file__).with_name("java_tls.py")
_OPTIONS = (
    *("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx128m"),
    "-Duser.language=en",
)


def furnish_jre(home: Path, major: int = 17) -> Path:
    """A JRE at ``home`` that may be changed: its files are links, its cacerts a copy.

    Hard links, since a JVM follows symbolic ones to find its home.
    """
    runtime = jvm.by_major(major).home

    def link(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:  # on another file system
            shutil.copy2(source, target)

    shutil.copytree(
        runtime, home, copy_function=link, ignore=shutil.ignore_patterns("legal", "cacerts")
    )
    shutil.copyfile(runtime / "lib" / "security" / "cacerts", home / "lib" / "security" / "cacerts")
    return home


def handshake(home: Path, port: int, *options: str, host: str = "localhost") -> str:
    """What a Java program on this JRE says of a server: "" when it is content.

    Else all its stack traces, whose first line is the exception.
    """
    library = next(home.glob("lib/server/libjvm.*"))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("JAVA")}
    done = subprocess.run(
        [sys.executable, str(_CLIENT), str(library), host, str(port), *_OPTIONS, *options],
        env=kept,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = (done.stdout + done.stderr).splitlines()
    # What Java 24 and later say of JPype.
    return "\n".join(line for line in lines if not line.startswith("WARNING: ")).strip()


def refused(said: str) -> bool:
    """Whether a server ended the connection, as one does that wants another certificate.

    A client that was already writing may miss the alert.
    """
    return any(word in said for word in ("Received fatal alert", "Broken pipe", "reset"))


def storekeeper(*words: str, environ: Mapping[str, str] | None = None) -> Said:
    """A command in this process, with these variables besides."""
    out, err = io.StringIO(), io.StringIO()
    before = {name: os.environ.get(name) for name in environ or {}}
    os.environ.update(environ or {})
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = cli.main(list(words))
            except SystemExit as ended:  # of argparse
                status = int(ended.code or 0)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    return Said(status, out.getvalue(), err.getvalue())


def store(path: Path, format: str, password: str, *ders: bytes) -> Path:
    """A trust store with these certificates."""
    entries = [TrustedCert(f"ca{at}", Certificate(der), BORN) for at, der in enumerate(ders)]
    path.write_bytes(formats.write(Store(format, tuple(entries)), password))
    return path


def keystore(
    path: Path,
    format: str,
    password: str,
    owner: str,
    *chain: bytes,
    alias: str = "1",
    kind: str = "EC",
    beside: tuple[bytes, ...] = (),
    more: Mapping[str, tuple[bytes, ...]] | None = None,
) -> Path:
    """A store with the key that `pki.key` has for ``owner``; store and key have one password.

    Args:
        path: of the file.
        format: of the file.
        password: of both.
        owner: whose key it is.
        chain: of the key's entry, DER.
        alias: of it.
        kind: of key.
        beside: certificates that are entries of their own.
        more: entries of the same key with other chains, by alias.
    """
    sealed = seal_private_key(pki.pkcs8(pki.key(owner, kind)), format, Password(password))
    keys = [
        PrivateKey(name, tuple(map(Certificate, ders)), sealed, BORN)
        for name, ders in {alias: chain, **(more or {})}.items()
    ]
    others = [TrustedCert(f"ca{at}", Certificate(der), BORN) for at, der in enumerate(beside)]
    path.write_bytes(formats.write(Store(format, (*keys, *others)), password))
    return path


def settings(**values: object) -> list[str]:
    """``--set`` for each of them; a ``_`` stands for ``-``."""
    words = []
    for name, value in values.items():
        words += ["--set", f"{name.replace('_', '-')}={value}"]
    return words


def pin(der: bytes) -> str:
    """The SHA-256 of a certificate."""
    return hashlib.sha256(der).hexdigest()


def applied(name: str, *words: str, environ: Mapping[str, str] | None = None) -> Said:
    """A profile applied, which has to work; and then again, which must change nothing."""
    first = storekeeper("apply", name, *words, "--detailed-exitcode", environ=environ)
    assert first.status == 2, first.out + first.err
    again = storekeeper("apply", name, *words, "--detailed-exitcode", environ=environ)
    assert again.status == 0, again.out + again.err
    return first
