"""A Java SSLServerSocket, with its keys in memory: any chain in any order can be served.

Run as ``python -m tests.java_socket LIBJVM HOST PORT FOLDER CLIENT PROTOCOLS [JVM OPTION...]``,
where the folder has chain.pem, key.der and authorities.pem, CLIENT is none, optional or required,
and PROTOCOLS are joined by commas; $BENCH_SUITES are cipher suites, by colons.
It answers each connection's first bytes with a line of HTTP.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from typing import Any

from tests.java_serving import listening, serve


def main(library: str, host: str, port: int, folder: Path, client: str, *more: str) -> None:
    """Serve until killed."""
    jpype: Any = importlib.import_module("jpype")
    jpype.startJVM(library, *more[1:], convertStrings=True)
    java: Any = jpype.JClass

    def certificates(name: str) -> Any:
        content = jpype.JArray(jpype.JByte)((folder / name).read_bytes())
        stream = java("java.io.ByteArrayInputStream")(content)
        factory = java("java.security.cert.CertificateFactory").getInstance("X.509")
        return factory.generateCertificates(stream)

    def store() -> Any:
        made = java("java.security.KeyStore").getInstance("JKS")
        made.load(None, None)
        return made

    password = jpype.JString("changeit").toCharArray()
    chain = list(certificates("chain.pem"))
    spec = java("java.security.spec.PKCS8EncodedKeySpec")(
        jpype.JArray(jpype.JByte)((folder / "key.der").read_bytes())
    )
    algorithm = str(chain[0].getPublicKey().getAlgorithm())
    key = java("java.security.KeyFactory").getInstance(algorithm).generatePrivate(spec)
    keys = store()
    keys.setKeyEntry(
        "bench", key, password, jpype.JArray(java("java.security.cert.Certificate"))(chain)
    )
    managers = java("javax.net.ssl.KeyManagerFactory").getInstance("SunX509")
    managers.init(keys, password)
    trusting = None
    if (folder / "authorities.pem").stat().st_size:
        trusted = store()
        for number, one in enumerate(certificates("authorities.pem")):
            trusted.setCertificateEntry(f"ca{number}", one)
        factory = java("javax.net.ssl.TrustManagerFactory").getInstance("PKIX")
        factory.init(trusted)
        trusting = factory.getTrustManagers()
    opened = listening(managers, trusting, host, port)
    opened.setEnabledProtocols(jpype.JArray(jpype.JString)(more[0].split(",")))
    if suites := os.environ.get("BENCH_SUITES"):
        opened.setEnabledCipherSuites(jpype.JArray(jpype.JString)(suites.split(":")))
    if client == "required":
        opened.setNeedClientAuth(True)
    elif client == "optional":
        opened.setWantClientAuth(True)

    serve(opened)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), *sys.argv[5:])
