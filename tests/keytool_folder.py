"""The folder every script of tests/scripts/keytool starts in."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from storekeeper import formats
from storekeeper.formats import reseal
from storekeeper.model import Certificate, Entry, Password, PrivateKey, Store, TrustedCert
from tests import jvm, pki

TOP = Path(__file__).parent.parent
CREATED = 1_600_000_000_000
"""The date of every entry that is there: years before anything a script makes."""

ROOT = pki.certificate("Corp Root", ca=True)
MIDDLE = pki.certificate("Corp Issuing", "Corp Root", ca=True)
SERVER = pki.certificate("server.example", "Corp Issuing")
PROXY = pki.certificate("Proxy CA", ca=True)
RENEWED = pki.certificate("Renewed CA", ca=True)
PARTNER = pki.certificate("Partner CA", ca=True)
GIVEN = frozenset({ROOT, MIDDLE, SERVER, PROXY, RENEWED, PARTNER})
SERVER_KEY = pki.pkcs8(pki.key("server.example"))


def _trusted(alias: str, der: bytes) -> TrustedCert:
    return TrustedCert(alias, Certificate(der), CREATED)


def _key(alias: str, format: str, password: str) -> PrivateKey:
    sealed = reseal.seal_private_key(SERVER_KEY, format, Password(password))
    chain = tuple(Certificate(der) for der in (SERVER, MIDDLE, ROOT))
    return PrivateKey(alias, chain, sealed, CREATED)


def make(folder: Path) -> None:
    """Certificates, keys and stores in a new folder."""
    certs = folder / "certs"
    certs.mkdir(parents=True)

    def pem(name: str, *ders: bytes, before: str = "") -> None:
        blocks = (before.encode() + pki.pem("CERTIFICATE", der) for der in ders)
        (folder / name).write_bytes(b"".join(blocks))

    def store(name: str, format: str, password: str, *entries: Entry) -> None:
        content = formats.write(Store(format, entries), Password(password))
        (folder / name).write_bytes(content)

    def key(name: str, of: str) -> None:
        (folder / name).write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(pki.key(of))))

    pem("certs/root.crt", ROOT)
    pem("certs/middle.crt", MIDDLE)
    pem("certs/proxy.pem", PROXY)
    (certs / "partner ca.crt").write_bytes(PARTNER)
    pem("renewed.crt", RENEWED)
    pem("server.crt", SERVER)
    pem("chain.pem", SERVER, MIDDLE, ROOT)
    pem("bundle.pem", ROOT, PROXY, PARTNER, before="# a CA of ours\n")
    key("server.key", "server.example")
    key("issuing.key", "Corp Issuing")
    root, proxy = _trusted("root", ROOT), _trusted("proxy", PROXY)
    store("trust.jks", "JKS", "changeit", root, proxy)
    store("old.jks", "JKS", "changeit", root, _key("server", "JKS", "changeit"), proxy)
    store("legacy.jks", "JKS", "storepass1", _key("app", "JKS", "keypass1"), root)
    store("server.p12", "PKCS12", "changeit", _key("server", "PKCS12", "changeit"))
    more = (_trusted("partner", PARTNER), _trusted("proxy", RENEWED))
    store("more.p12", "PKCS12", "changeit", *more)


def runtime(home: Path, to: Path) -> None:
    """A JRE of one's own: its files are the same ones, only lib/security is a copy."""

    def copy(source: str, target: str) -> None:
        try:
            os.link(source, target)
        except OSError:  # on another disk
            shutil.copy2(source, target)

    shutil.copytree(home, to, symlinks=True, copy_function=copy)
    shutil.rmtree(to / "lib" / "security")
    shutil.copytree(home / "lib" / "security", to / "lib" / "security")


def program(path: Path, java: jvm.Jvm | None) -> None:
    """A ``keytool``: that of the JRE in JAVA_HOME, in English, or ours."""
    if java is None:
        text = f'exec "{sys.executable}" -m storekeeper keytool --rc1 "$@"'
    else:
        quick = "-J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 -J-Xshare:auto"
        text = f'exec "$JAVA_HOME/bin/keytool" "$@" -J-Duser.language=en {quick}'
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
