"""A real JVM in the situations people have error messages from; it says what it says.

Run as ``python java_says.py LIBJVM [JVM OPTION...]``: a request a line on standard input, as JSON,
and for each a line of JSON: what was thrown, the outermost first, as "class: message"; [] where
nothing was.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any


def thrown(error: Any) -> list[str]:
    """An exception and its causes."""
    found: list[str] = []
    while error is not None and len(found) < 10:
        message = error.getMessage()
        name = str(error.getClass().getName())
        found.append(name if message is None else f"{name}: {message}")
        error = error.getCause()
    return found


def keystore(java: Any, path: str | None, type: str, password: str | None) -> Any:
    """A loaded store; an empty one for no path."""
    store = java("java.security.KeyStore").getInstance(type)
    stream = None if path is None else java("java.io.FileInputStream")(path)
    store.load(
        stream, None if password is None else java("java.lang.String")(password).toCharArray()
    )
    return store


def context(java: Any, asked: dict[str, Any]) -> Any:
    """An SSLContext with a trust store and perhaps a key."""
    managers = java("javax.net.ssl.TrustManagerFactory").getInstance("PKIX")
    managers.init(keystore(java, asked["trust"], "PKCS12", "changeit"))
    keys = None
    if "identity" in asked:
        factory = java("javax.net.ssl.KeyManagerFactory").getInstance("SunX509")
        secret = java("java.lang.String")("changeit").toCharArray()
        factory.init(keystore(java, asked["identity"], "PKCS12", "changeit"), secret)
        keys = factory.getKeyManagers()
    made = java("javax.net.ssl.SSLContext").getInstance("TLS")
    made.init(keys, managers.getTrustManagers(), None)
    return made


def connect(java: Any, asked: dict[str, Any]) -> None:
    """One TLS connection, and what is read from it."""
    sockets = context(java, asked).getSocketFactory()
    connected = sockets.createSocket(asked["host"], asked["port"])
    parameters = connected.getSSLParameters()
    if asked.get("identify", True):
        parameters.setEndpointIdentificationAlgorithm("HTTPS")
    if "protocols" in asked:
        parameters.setProtocols(asked["protocols"])
    connected.setSSLParameters(parameters)
    connected.setSoTimeout(5_000)
    connected.startHandshake()
    # In TLS 1.3 a server refuses a client after the handshake: what it says is read.
    connected.getInputStream().read()
    connected.close()


def peer(java: Any, asked: dict[str, Any]) -> None:
    """Ask for the certificates of a server there was no handshake with."""
    engine = java("javax.net.ssl.SSLContext").getDefault().createSSLEngine()
    engine.getSession().getPeerCertificates()


def load(java: Any, asked: dict[str, Any]) -> None:
    """Load a store, and take a key out if one is named."""
    store = keystore(java, asked["path"], asked["type"], asked.get("password"))
    if "alias" in asked:
        secret = java("java.lang.String")(asked["keypass"]).toCharArray()
        store.getKey(asked["alias"], secret)


OPERATIONS = {"connect": connect, "peer": peer, "load": load}


def main(library: str, options: list[str]) -> None:
    """Answer requests until there are no more."""
    jpype: Any = importlib.import_module("jpype")
    jpype.startJVM(library, *options, convertStrings=True)
    java = jpype.JClass
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            OPERATIONS[asked["op"]](java, asked)
            said = []
        except jpype.JException as error:
            said = thrown(error)
        print(json.dumps([str(one) for one in said]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
