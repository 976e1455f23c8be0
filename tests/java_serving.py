"""What `java_socket` and `java_store` share, each the program of a Java server."""

from __future__ import annotations

import importlib
import threading
from typing import Any


def listening(managers: Any, trusting: Any, host: str, port: int) -> Any:
    """An SSLServerSocket with these keys, and these trust managers or None."""
    jpype: Any = importlib.import_module("jpype")
    java: Any = jpype.JClass
    context = java("javax.net.ssl.SSLContext").getInstance("TLS")
    context.init(managers.getKeyManagers(), trusting, None)
    address = java("java.net.InetAddress").getByName(host)
    return context.getServerSocketFactory().createServerSocket(port, 50, address)


def serve(opened: Any) -> None:
    """Answer each connection's first bytes with a line of HTTP, until killed."""
    jpype: Any = importlib.import_module("jpype")

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
        threading.Thread(target=answer, args=(opened.accept(),), daemon=True).start()
