"""The roots this machine can show: its own, certifi's, and those of each JVM."""

from __future__ import annotations

import base64
import functools
import re
from pathlib import Path

from tests import jvm

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def pem_certificates(data: bytes) -> list[bytes]:
    """The DER of every certificate of a bundle."""
    return [base64.b64decode(body) for body in _PEM.findall(data)]


@functools.cache
def real_roots() -> tuple[bytes, ...]:
    """The DER of every root found, each once."""
    import certifi

    found: dict[bytes, None] = {}
    for path in (certifi.where(), *_SYSTEM):
        if Path(path).exists():
            found |= dict.fromkeys(pem_certificates(Path(path).read_bytes()))
    for java in jvm.default_jvms():
        store = java.worker.load(java.cacerts.read_bytes(), "changeit")
        found |= dict.fromkeys(der for entry in store["entries"] for der in entry["chain"])
    return tuple(found)
