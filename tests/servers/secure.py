"""Servers where TLS begins at once. Each does what it is asked for, and answers HTTP or echoes."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.servers.bench import (
    HOST,
    Files,
    Running,
    Setup,
    account,
    environment_of,
    files_of,
    folder,
    free_port,
    is_root,
    need,
    nginx_folders,
    started,
)

_MODULES = ("mpm_event", "authz_core", "ssl", "rewrite")


Server = Callable[[Setup], AbstractContextManager[Running]]
Configure = Callable[[Setup, Path, Files, int], list[str]]


def _server(*programs: str, scheme: str = "https") -> Callable[[Configure], Server]:
    """A server by what writes its configuration and gives its arguments.

    It is called as the function is, and run as the first of these programs that there is.
    """

    def decorated(configure: Configure) -> Server:
        name = configure.__name__

        @contextlib.contextmanager
        def served(made: Setup) -> Iterator[Running]:
            found = need(name, *programs)
            with folder() as where:
                files, port = files_of(made, where), free_port()
                command = [found, *configure(made, where, files, port)]
                environment = environment_of(made, where)
                with started(
                    name, where, port, command, scheme=scheme, environment=environment
                ) as running:
                    yield running

        served.__name__, served.__doc__ = name, configure.__doc__
        return served

    return decorated


def _ciphers(made: Setup) -> str:
    """In OpenSSL's words; without anonymous ones, which two weak sides would agree on."""
    return made.ciphers or ("ALL:!aNULL:!eNULL:@SECLEVEL=0" if made.weak else "")


@_server()
def nginx(made: Setup, where: Path, files: Files, port: int) -> list[str]:
    """nginx; ``extra`` are lines of its server block, in which {port} is its port."""
    lines = [
        f"listen {HOST}:{port} ssl;",
        f"ssl_certificate {files.chain};",
        f"ssl_certificate_key {files.key};",
        f"ssl_protocols {' '.join(made.protocols())};",
    ]
    if made.authorities:
        lines.append(f"ssl_client_certificate {files.authorities};")
    if made.client != "none":
        word = {"optional": "optional", "required": "on"}[made.client]
        lines += [f"ssl_verify_client {word};", "ssl_verify_depth 4;"]
    if ciphers := _ciphers(made):
        lines.append(f"ssl_ciphers {ciphers};")
    lines += (one.replace("{port}", str(port)) for one in made.extra)
    (where / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {where}/pid; error_log stderr info;\n"
        "events { worker_connections 256; }\n"
        f"http {{ access_log off;\n{nginx_folders(where)}"
        "server {\n" + "\n".join(lines) + "\nlocation / { default_type text/plain;"
        ' return 200 "verify=$ssl_client_verify dn=$ssl_client_s_dn\\n"; }\n} }\n'
    )
    return ["-e", "stderr", "-p", str(where), "-c", str(where / "nginx.conf")]


@_server("apache2", "httpd")
def apache(made: Setup, where: Path, files: Files, port: int) -> list[str]:
    """Apache httpd; ``extra`` are lines of its virtual host."""
    lines = [
        "ServerRoot /usr/lib/apache2",
        *(f"LoadModule {one}_module modules/mod_{one}.so" for one in _MODULES),
        f"ServerName {HOST}",
        f"Listen {HOST}:{port}",
        f"PidFile {where}/pid",
        f"DefaultRuntimeDir {where}",
        f"ErrorLog {where}/error.log",
        "LogLevel info",
        f"DocumentRoot {where}/www",
        # More than one process would start more slowly.
        "StartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25",
        "SSLSessionCache none",
        f"<VirtualHost {HOST}:{port}>",
        "SSLEngine on",
        f"SSLCertificateFile {files.chain}",
        f"SSLCertificateKeyFile {files.key}",
        # Without a plus, each word would replace those before it.
        f"SSLProtocol -all {' '.join('+' + one for one in made.protocols())}",
    ]
    if is_root():
        lines.insert(0, f"User {account('www-data')}\nGroup www-data")
    if made.authorities:
        lines.append(f"SSLCACertificateFile {files.authorities}")
    if made.client != "none":
        word = {"optional": "optional", "required": "require"}[made.client]
        lines += [f"SSLVerifyClient {word}", "SSLVerifyDepth 4"]
    if ciphers := _ciphers(made):
        lines.append(f"SSLCipherSuite {ciphers}")
    lines += [*made.extra, "</VirtualHost>", f"<Directory {where}/www>"]
    lines += ["Require all granted", "</Directory>"]
    (where / "www").mkdir()
    (where / "www" / "index.html").write_text("here\n")
    (where / "www" / "secure").mkdir()
    (where / "www" / "secure" / "index.html").write_text("secret\n")
    (where / "apache.conf").write_text("\n".join(lines) + "\n")
    return ["-DFOREGROUND", "-f", str(where / "apache.conf")]


@_server()
def haproxy(made: Setup, where: Path, files: Files, port: int) -> list[str]:
    """HAProxy, answering by itself; ``extra`` are lines of its frontend."""
    oldest, newest = (one if "." in one else one + ".0" for one in made.versions)
    bind = f"bind {HOST}:{port} ssl crt {files.both} ssl-min-ver {oldest} ssl-max-ver {newest}"
    if made.authorities:
        bind += f" ca-file {files.authorities}"
    if made.client != "none":
        bind += f" verify {made.client}"
    if ciphers := _ciphers(made):
        bind += f" ciphers {ciphers}"
    (where / "haproxy.conf").write_text(
        "global\n  maxconn 100\n  nbthread 1\n"
        "defaults\n  mode http\n  timeout client 20s\n  timeout server 20s\n"
        "  timeout connect 5s\n"
        "frontend bench\n  " + "\n  ".join([bind, *made.extra]) + "\n"
        "  http-request return status 200 content-type text/plain"
        ' lf-string "v=%[ssl_c_verify]"\n'
    )
    return ["-db", "-f", str(where / "haproxy.conf")]


@_server("stunnel4", "stunnel", scheme="tls")
def stunnel(made: Setup, where: Path, files: Files, port: int) -> list[str]:
    """stunnel before cat: it echoes; ``extra`` are lines of its service."""
    lines = [
        "foreground = yes",
        "pid =",
        "debug = info",
        "[bench]",
        f"accept = {HOST}:{port}",
        f"cert = {files.chain}",
        f"key = {files.key}",
        f"sslVersionMin = {made.versions[0]}",
        f"sslVersionMax = {made.versions[1]}",
    ]
    if made.authorities:
        lines.append(f"CAfile = {files.authorities}")
    if made.client != "none":
        lines.append("verifyChain = yes")
        lines.append(f"requireCert = {'yes' if made.client == 'required' else 'no'}")
    if ciphers := _ciphers(made):
        lines.append(f"ciphers = {ciphers}")
    if not any(one.startswith("connect") for one in made.extra):
        lines += ["exec = /bin/cat", "execArgs = cat"]
    (where / "stunnel.conf").write_text("\n".join([*lines, *made.extra]) + "\n")
    return [str(where / "stunnel.conf")]


@_server()
def openssl(made: Setup, _where: Path, files: Files, port: int) -> list[str]:
    """openssl s_server, answering HTTP with a page about the connection; ``extra``: arguments."""
    command = ["s_server", "-accept", f"{HOST}:{port}", "-www", "-quiet"]
    command += ["-cert", str(files.leaf), "-key", str(files.key), "-no_ticket"]
    if made.chain[1:]:
        command += ["-cert_chain", str(files.rest)]
    if made.authorities:
        command += ["-CAfile", str(files.authorities)]
    if made.client != "none":
        command.append("-verify_return_error")
        command += ["-Verify" if made.client == "required" else "-verify", "4"]
    if made.versions[0] == made.versions[1]:
        command.append(f"-{made.versions[0].lower().replace('v', '').replace('.', '_')}")
    else:
        unwanted = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"} - set(made.protocols())
        command += [f"-no_{one.lower().replace('v', '').replace('.', '_')}" for one in unwanted]
    if ciphers := _ciphers(made):
        command += ["-cipher", ciphers]
    command += made.extra
    return command


@_server("gnutls-serv")
def gnutls(made: Setup, _where: Path, files: Files, port: int) -> list[str]:
    """gnutls-serv, answering HTTP with a page about the connection; ``extra``: arguments."""
    priority = made.ciphers or "NORMAL"
    if not made.ciphers.count("VERS-"):
        priority += ":-VERS-ALL" + "".join(
            f":+VERS-{one if '.' in one else one + '.0'}".replace("TLSv", "TLS")
            for one in made.protocols()
        )
    priority += ":%VERIFY_ALLOW_BROKEN" if made.weak else ""
    command = ["--port", str(port), "--http", "--priority", priority]
    command += ["--x509certfile", str(files.chain), "--x509keyfile", str(files.key)]
    if made.authorities:
        command += ["--x509cafile", str(files.authorities)]
    if made.client == "none":
        command.append("--disable-client-cert")
    else:
        command.append("--verify-client-cert")
        command += ["--require-client-cert"] if made.client == "required" else []
    command += made.extra
    return command


class _Echo(socketserver.ThreadingTCPServer):
    """Shakes hands in each connection's own thread, and answers a line of HTTP."""

    daemon_threads = True
    allow_reuse_address = True
    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        with contextlib.suppress(OSError):
            request.settimeout(10)
            with self.context.wrap_socket(request, server_side=True) as secured:
                if secured.recv(4096):
                    secured.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")

    def shutdown_request(self, request: Any) -> None:
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
        request.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """What a client does is its own business."""


@contextlib.contextmanager
def python_ssl(made: Setup) -> Iterator[Running]:
    """Python's ssl in threads of this process: it never names an authority."""
    versions = {
        "TLSv1": ssl.TLSVersion.TLSv1,
        "TLSv1.1": ssl.TLSVersion.TLSv1_1,
        "TLSv1.2": ssl.TLSVersion.TLSv1_2,
        "TLSv1.3": ssl.TLSVersion.TLSv1_3,
    }
    with folder() as where:
        files = files_of(made, where)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if ciphers := _ciphers(made):  # first, as its level decides on certificates, too
            context.set_ciphers(ciphers)
        context.load_cert_chain(files.chain, files.key)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version, context.maximum_version = (
                versions[one] for one in made.versions
            )
        if made.authorities:
            context.load_verify_locations(files.authorities)
        if made.client != "none":
            kinds = {"optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}
            context.verify_mode = kinds[made.client]
        with _Echo((HOST, 0), socketserver.BaseRequestHandler) as server:
            server.context = context
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            try:
                yield Running("python", server.server_address[1], where)
            finally:
                server.shutdown()
                thread.join(5)


TLS: dict[str, Server] = {
    "nginx": nginx,
    "apache": apache,
    "haproxy": haproxy,
    "stunnel": stunnel,
    "openssl": openssl,
    "gnutls": gnutls,
    "python": python_ssl,
}
"""By name; those of Java are apart, as they take seconds to start."""
