"""A server on loopback that answers as it is told: what Java and we are asked to fetch."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Responder:
    """Answers by path; every request is kept.

    Attributes:
        url: of the server, without a slash at its end.
        answers: (status, headers, content) by path; of others 404.
        requests: (method, path, content) as they came.
    """

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.requests: list[tuple[str, str, bytes]] = []
        ours = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                ours.requests.append((self.command, self.path, self.rfile.read(length)))
                # An OCSP request by GET has itself behind the path (RFC 6960 appendix A.1).
                path = "/" + self.path.strip("/").partition("/")[0]
                status, headers, content = ours.answers.get(path, (404, {}, b"nothing here"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hung up is none of ours."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def put(self, path: str, content: bytes, status: int = 200, **headers: str) -> str:
        """Answer so at a path; its URL."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, named, content)
        return self.url + path

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
