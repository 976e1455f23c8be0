"""Exceptions and one-line errors: real ones of Python, OpenSSL and curl, and every message that
the verdict model gives; of .NET, Go and Node as they are documented.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from storekeeper.tls.evidence import messages_known, programs, read, stack_trace
from storekeeper.tls.evidence.text import Text
from storekeeper.tls.evidence.values import (
    AlertSeen,
    Cause,
    Evidence,
    Failure,
    Host,
    Program,
    StorePath,
)
from tests import servers
from tests.evidence import every, one
from tests.servers.bench import HOST, setup

RUNTIMES = Path(__file__).parents[1] / "storekeeper" / "trust" / "runtimes"
# Of sentences that never stand alone, and of words that could be of anything.
FRAGMENTS = ("signature algorithm:", "disabled algorithm:", " with size of ", "signature and ",
             "incorrect KeyUsage", "non-null policy tree", "server_hostname", "Index 0 out of",
             "cannot parse", "Violated path length", "Invalid Netscape")  # fmt: skip


def _traces(text: str) -> list[Evidence]:
    return list(stack_trace.read(Text(text.encode(), "x.log")))


def _all(text: str) -> tuple[Evidence, ...]:
    return read(text.encode(), "x.log")


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(one) for one in node.values)
    return "something1"


def _messages() -> list[str]:
    return sorted(
        {
            text
            for path in RUNTIMES.glob("*.py")
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "Refused"
            and node.args
            and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
            and (text := _text(node.args[0])) not in ("", "something1")
            and not any(part in text for part in FRAGMENTS)
        }
    )


@pytest.mark.parametrize("message", _messages())
def test_every_message_of_the_verdict_model_is_known(message: str) -> None:
    found = _all(f"2026-01-01 12:00:00 ERROR [main] something failed: {message}")
    assert one(found, Failure).message in message
    thrown = _all(f"javax.net.ssl.SSLHandshakeException: {message}\n\tat a.b.C.d(C.java:1)")
    assert one(thrown, Failure).message == messages_known.tidy(message)


def test_java_with_causes_and_its_version() -> None:
    found = _traces(
        "12:00:01,234 ERROR c.e.Client - call failed\n"
        "org.example.ClientException: I/O error on POST request: certificate\n"
        "\tat org.example.Client.call(Client.java:11) ~[client-1.0.jar:1.0]\n"
        "Caused by: javax.net.ssl.SSLHandshakeException: java.security.cert."
        "CertificateException: No name matching api.example.net found\n"
        "\tat sun.security.ssl.Alerts.getSSLException(Alerts.java:192) ~[na:1.8.0_181]\n"
        "\t... 12 common frames omitted\n"
        "Caused by: java.security.cert.CertificateException: No name matching api.example.net "
        "found\n"
        "\tat sun.security.util.HostnameChecker.matchDNS(HostnameChecker.java:221)\n"
        "\t... 20 more\n"
        "12:00:02,000 INFO c.e.Client - java.lang.IllegalStateException: other\n"
    )
    failure = one(found, Failure)
    assert failure.place.line == 2
    assert failure.kind == "org.example.ClientException"
    assert failure.causes[-1] == Cause(
        "java.security.cert.CertificateException", "No name matching api.example.net found"
    )
    assert len(failure.causes) == 2
    assert one(found, Program).version == "1.8.0_181"
    assert one(found, Host).name == "api.example.net"


def test_java_in_one_line() -> None:
    found = _all(
        "2017-10-23 05:28:57,814 org:o env:e ERROR ADAPTORS.HTTP.FLOW - RequestWriteListener."
        "onException() : RequestWriteListener.onException(HTTPRequest@6071a73d) "
        "javax.net.ssl.SSLException: Received fatal alert: bad_certificate at "
        "sun.security.ssl.Alerts.getSSLException(Alerts.java:208) ~[na:1.8.0_101] at "
        "sun.security.ssl.SSLEngineImpl.fatal(SSLEngineImpl.java:1666) ~[na:1.8.0_101]"
    )
    failure = one(found, Failure)
    assert (failure.kind, failure.message) == (
        "javax.net.ssl.SSLException",
        "Received fatal alert: bad_certificate",
    )
    assert one(found, AlertSeen).alert.description == 42
    assert one(found, Program) == Program(failure.place, "java", "1.8.0_101")


def test_what_has_nothing_to_do_with_tls_is_left_out() -> None:
    assert _traces("java.lang.NullPointerException: x\n\tat a.b.C(D.java:1)\n") == []
    assert _traces("com.example.OrderException\n") == []
    (found,) = _traces("java.net.ConnectException: Connection refused\n")
    assert isinstance(found, Failure)


def test_dotnet_with_inner_exceptions() -> None:
    found = _all(
        "System.Net.Http.HttpRequestException: The SSL connection could not be established, see "
        "inner exception.\n"
        " ---> System.Security.Authentication.AuthenticationException: The remote certificate is "
        "invalid because of errors in the certificate chain: UntrustedRoot\n"
        "   at System.Net.Security.SslStream.SendAuthResetSignal(ProtocolToken message)\n"
        "   --- End of inner exception stack trace ---\n"
        "   at System.Net.Http.ConnectHelper.EstablishSslConnectionAsync(SslClient o)\n"
    )
    failure = one(found, Failure)
    assert failure.stack == "dotnet"
    assert failure.causes[0].message.endswith("certificate chain: UntrustedRoot")
    old = _all(
        "System.Net.WebException: The underlying connection was closed: Could not establish trust "
        "relationship for the SSL/TLS secure channel. ---> System.Security.Authentication."
        "AuthenticationException: The remote certificate is invalid according to the validation "
        "procedure."
    )
    assert one(old, Failure).causes[0].kind.endswith("AuthenticationException")


@pytest.mark.parametrize(
    ("line", "stack", "message"),
    [
        (('Get "https://a.example/": tls: failed to verify certificate: x509: certificate signed '
         "by unknown authority"), "go",
         "tls: failed to verify certificate: x509: certificate signed by unknown authority"),
        ("remote error: tls: bad certificate", "go", "remote error: tls: bad certificate"),
        ("x509: certificate is valid for a.example, not b.example", "go",
         "x509: certificate is valid for a.example, not b.example"),
        ("Error: unable to verify the first certificate", "node",
         "unable to verify the first certificate"),
        ("  code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'", "node", ""),
        (("Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's "
         "altnames: Host: b."), "node",
         "Hostname/IP does not match certificate's altnames: Host: b."),
        ("schannel: SNI or certificate check failed: SEC_E_WRONG_PRINCIPAL (0x80090322)",
         "schannel", ("schannel: SNI or certificate check failed: SEC_E_WRONG_PRINCIPAL "
         "(0x80090322)")),
        ("The certificate is NOT trusted. The certificate issuer is unknown.", "gnutls",
         "The certificate is NOT trusted. The certificate issuer is unknown."),
    ],
)  # fmt: skip
def test_one_line_of_others(line: str, stack: str, message: str) -> None:
    failure = one(_all(f"12:00 worker[7]: {line}\n"), Failure)
    assert (failure.stack, failure.message) == (stack, message)


def test_real_python_openssl_and_curl() -> None:
    script = "import ssl,socket;ssl.create_default_context().wrap_socket(socket.create_connection(('127.0.0.1',{port})),server_hostname='localhost')"  # noqa: E501
    with servers.openssl(setup("localhost", "Inter", "Root")) as server:
        said = subprocess.run(
            [sys.executable, "-c", script.format(port=server.port)], capture_output=True, timeout=60
        ).stderr
        failure = one(read(said, "python.txt"), Failure)
        assert failure.kind == "ssl.SSLCertVerificationError"
        assert failure.stack == "python"
        assert "unable to get local issuer certificate" in failure.message
        lines = said.decode().splitlines()
        assert lines[failure.place.line - 1].startswith("ssl.SSLCertVerificationError: ")
        verified = subprocess.run(
            ["openssl", "s_client", "-connect", f"{HOST}:{server.port}"],
            input=b"", capture_output=True, timeout=60,
        ).stderr  # fmt: skip
        numbers = [each.number for each in every(read(verified, "x"), Failure)]
        assert numbers[0] == 20
        if shutil.which("curl"):
            shown = subprocess.run(
                ["curl", "-sS", f"https://{HOST}:{server.port}/"], capture_output=True, timeout=60
            ).stderr
            failure = one(read(shown, "curl.txt"), Failure)
            assert (failure.kind, failure.stack) == ("curl: (60)", "openssl")
            assert failure.message.startswith("SSL certificate problem: ")


def test_alert_numbers_of_openssl_and_names_of_java() -> None:
    found = _all(
        "error:14094410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:"
        "../s3_pkt.c:1544:SSL alert number 40\n"
    )
    assert one(found, AlertSeen).alert.description == 40
    found = _all("x: Received fatal alert: certificate_unknown")
    assert (one(found, AlertSeen).alert.description, one(found, AlertSeen).by) == (46, "")
    found = _all("javax.net.ssl.SSLProtocolException: handshake alert:  unrecognized_name\n")
    assert (one(found, AlertSeen).alert.level, one(found, AlertSeen).alert.description) == (1, 112)


def test_programs_and_stores_but_no_passwords() -> None:
    text = Text(
        b'java version "1.7.0_181"\nOpenJDK Runtime Environment (build 1.7.0_181)\n'
        b"java -Djavax.net.ssl.trustStore=/opt/a/cacerts -Djavax.net.ssl.trustStoreType=jks "
        b'-Djavax.net.ssl.trustStorePassword=hidden1 -Djavax.net.ssl.keyStore="C:\\My Keys\\id.p12"'
        b" -Djavax.net.ssl.keyStorePassword=hidden2 -jar x.jar\n"
        b"curl 8.5.0 (x86_64-pc-linux-gnu) libcurl/8.5.0 OpenSSL/3.0.13 zlib/1.3\n"
        b"Python 3.11.2\ngo version go1.21.3 linux/amd64\nNode.js v18.19.0\n",
        "x",
    )
    found = list(programs.read(text))
    named = {each.name: each.version for each in every(found, Program)}
    assert named == {"java": "1.7.0_181", "curl": "8.5.0", "OpenSSL": "3.0.13", "Python": "3.11.2",
                     "Go": "1.21.3", "Node.js": "18.19.0"}  # fmt: skip
    assert [(each.use, each.path, each.type) for each in every(found, StorePath)] == [
        ("trust", "/opt/a/cacerts", "jks"),
        ("key", "C:\\My Keys\\id.p12", ""),
    ]
    assert "hidden" not in repr(found)


def test_long_lines_and_many_causes_are_bounded() -> None:
    line = "a.b.SSLException: x " + "Caused by: a.b.SSLException: y " * 100_000
    found = _traces(line)
    assert len(one(found, Failure).causes) < 60
    deep = "a.b.SSLException: x\n" + "Caused by: a.b.SSLException: y\n" * 20_000
    assert all(len(each.causes) <= 60 for each in every(_traces(deep), Failure))
    assert _all("x." * 500_000 + "Exception") is not None
