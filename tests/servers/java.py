"""Servers that run in a JVM; they take a second or more to start."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from storekeeper import formats
from storekeeper.model import Certificate, Store, TrustedCert
from tests import jvm
from tests.servers.bench import (
    HOST,
    Running,
    Setup,
    files_of,
    folder,
    free_port,
    java_options_of,
    need,
    started,
)

_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx128m")
_TOMCAT = Path("/usr/share/tomcat10")
_ENVIRONMENT = {
    "CLASSPATH": "",
    "JAVA_TOOL_OPTIONS": "",
    "PYTHONPATH": str(Path(__file__).parent.parent.parent),
}


@contextlib.contextmanager
def java_store(home: Path, config: Path, *options: str) -> Iterator[Running]:
    """A server on the JRE at ``home`` whose stores its properties name; see `tests.java_store`."""
    if importlib.util.find_spec("jpype") is None:
        pytest.skip("JPype1 is not installed")
    library = next(home.glob("lib/server/libjvm.*"))
    with folder() as where:
        port = free_port()
        command = [sys.executable, *("-P", "-m", "tests.java_store"), str(library)]
        command += [HOST, str(port), str(config), *_OPTIONS, *options]
        with started("java", where, port, command, environment=_ENVIRONMENT) as running:
            yield running


@contextlib.contextmanager
def java_socket(made: Setup, version: str = "17.0.9.2") -> Iterator[Running]:
    """An SSLServerSocket of a JRE of `tests.jvm`; ``extra`` are options of the JVM."""
    if importlib.util.find_spec("jpype") is None:
        pytest.skip("JPype1 is not installed")
    library = next(jvm.jvm(version).home.glob("lib/server/libjvm.*"), None)
    if library is None:
        pytest.skip(f"Java {version} has no JVM library")
    with folder() as where:
        port = free_port()
        files_of(made, where)
        (where / "key.der").write_bytes(made.key)
        command = [sys.executable, *("-P", "-m", "tests.java_socket"), str(library)]
        command += [HOST, str(port), str(where), made.client, ",".join(made.protocols())]
        command += [*_OPTIONS, *java_options_of(made, where), *made.extra]
        environment = {**_ENVIRONMENT, "BENCH_SUITES": made.ciphers, **made.environment}
        with started("java", where, port, command, environment=environment) as running:
            yield running


@contextlib.contextmanager
def tomcat(made: Setup) -> Iterator[Running]:
    """Tomcat 10 with JSSE and no application; ``extra`` are attributes of its SSLHostConfig."""
    with folder() as where:
        files, port = files_of(made, where), free_port()
        words = {"none": "none", "optional": "optional", "required": "required"}
        config = {
            "protocols": "+".join(made.protocols()),
            "certificateVerification": words[made.client],
        }
        if made.authorities:
            # With caCertificateFile JSSE would trust, and name, all of the JDK's own roots.
            entries = [
                TrustedCert(f"ca{number}", Certificate(der), 0)
                for number, der in enumerate(made.authorities)
            ]
            (where / "trust.jks").write_bytes(
                formats.write(Store("JKS", tuple(entries)), "changeit")
            )
            config["truststoreFile"] = str(where / "trust.jks")
            config["truststorePassword"] = "changeit"
            config["truststoreType"] = "JKS"
        if made.ciphers:
            config["ciphers"] = made.ciphers
        attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in config.items())
        host = (
            f"<SSLHostConfig {attributes} {' '.join(made.extra)}>\n"
            f'<Certificate certificateFile="{files.chain}" certificateKeyFile="{files.key}"/>\n'
            "</SSLHostConfig>"
        )
        furnish_tomcat(where, port, host)
        options = java_options_of(made, where)
        with tomcat_at(where, port, *options, environment=made.environment) as running:
            yield running


def furnish_tomcat(base: Path, port: int, host_config: str) -> None:
    """A CATALINA_BASE with one HTTPS connector and no application.

    Args:
        base: the directory.
        port: on `HOST`.
        host_config: the connector's SSLHostConfig, as XML.
    """
    for name in ("conf", "logs", "temp", "webapps", "work"):
        (base / name).mkdir(parents=True, exist_ok=True)
    (base / "conf" / "server.xml").write_text(
        '<Server port="-1"><Service name="Catalina">\n'
        f'<Connector address="{HOST}" port="{port}" SSLEnabled="true" scheme="https"'
        ' secure="true" maxThreads="10" minSpareThreads="2"'
        ' protocol="org.apache.coyote.http11.Http11NioProtocol"\n'
        ' sslImplementationName="org.apache.tomcat.util.net.jsse.JSSEImplementation">\n'
        f"{host_config}</Connector>\n"
        '<Engine name="Catalina" defaultHost="localhost">'
        '<Host name="localhost" appBase="webapps"/></Engine>\n'
        "</Service></Server>\n"
    )
    (base / "conf" / "web.xml").write_text("<web-app/>\n")


@contextlib.contextmanager
def tomcat_at(
    base: Path, port: int, *options: str, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Tomcat 10 with the configuration of a CATALINA_BASE that has its connector on ``port``."""
    java = need("java")
    if not (_TOMCAT / "bin" / "bootstrap.jar").exists():
        pytest.skip("tomcat10 is not installed")
    classes = f"{_TOMCAT}/bin/bootstrap.jar:{_TOMCAT}/bin/tomcat-juli.jar"
    command = [java, *_OPTIONS, *options, "-cp", classes, f"-Dcatalina.home={_TOMCAT}"]
    command += [f"-Dcatalina.base={base}", f"-Djava.io.tmpdir={base}/temp"]
    command += ["org.apache.catalina.startup.Bootstrap", "start"]
    with started("tomcat", base, port, command, environment=environment) as running:
        yield running
