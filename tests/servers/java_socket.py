"""A Java SSLServerSocket, with its keys in memory: any chain in any order can be served.

Run as ``python java_socket.py LIBJVM HOST PORT FOLDER CLIENT PROTOCOLS [JVM OPTION...]``, where
the folder has chain.pem, key.der and authorities.pem, CLIENT is none, optional or required, and
PROTOCOLS are joined by commas; $BENCH_SUITES are cipher suites, by colons.
It answers each connection's first bytes with a line of HTTP.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from pathlib import Path
from typing import Any


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
    context = java("javax.net.ssl.SSLContext").getInstance("TLS")
    context.init(managers.getKeyManagers(), trusting, None)
    address = java("java.net.InetAddress").getByName(host)
    listening = context.getServerSocketFactory().createServerSocket(port, 50, address)
    listening.setEnabledProtocols(jpype.JArray(jpype.JString)(more[0].split(",")))
    if suites := os.environ.get("BENCH_SUITES"):
        listening.setEnabledCipherSuites(jpype.JArray(jpype.JString)(suites.split(":")))
    if client == "required":
        listening.setNeedClientAuth(True)
    elif client == "optional":
        listening.setWantClientAuth(True)

    def answer(connected: Any) -> None:
        try:
            connected.setSoTimeout(10_000)
            connected.startHandshake()
            if connected.getInputStream().read() >= 0:
                connected.getOutputStream().write(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
        except jpype.JException as error:
            print(error, flush=True)
        finally:
            connected.close()

    while True:
        connected = listening.accept()
        threading.Thread(target=answer, args=(connected,), daemon=True).start()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), *sys.argv[5:])
