"""One TLS connection by a real JVM that talks about it: ``javax.net.debug`` output for the tests.

Run as ``python java_tls.py LIBJVM HOST PORT [JVM OPTION...]``: what JSSE says goes to the
process's own output, together with the stack trace where there is one.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any


def main(library: str, host: str, port: int, options: list[str]) -> None:
    """Connect, ask for a page and read the begin of it."""
    jpype: Any = importlib.import_module("jpype")
    jpype.startJVM(library, *options, convertStrings=True)
    context = jpype.JClass("javax.net.ssl.SSLContext").getDefault()
    try:
        connected = context.getSocketFactory().createSocket(host, port)
        parameters = connected.getSSLParameters()
        parameters.setEndpointIdentificationAlgorithm("HTTPS")
        connected.setSSLParameters(parameters)
        connected.setSoTimeout(5_000)
        connected.startHandshake()
        connected.getOutputStream().write(b"GET / HTTP/1.0\r\n\r\n")
        connected.getInputStream().read()
        connected.close()
    except jpype.JException as error:
        error.printStackTrace()
    jpype.JClass("java.lang.System").out.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
