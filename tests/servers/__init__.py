"""Real servers on loopback: the test bench of everything that speaks TLS.

Each server is a context manager that takes a `Setup` and gives a `Running`, or skips the test
when the server is not installed or can't run here. They run in the foreground, in a temporary
directory of their own, and none survives its block::

    with servers.nginx(Setup(chain, key, authorities=(ca,), client="required")) as server:
        ... server.port, server.url, server.log()

`TLS` are those where TLS begins at once, `CLEAR` those that are asked for it, `proxies` those
on the way.
"""

from __future__ import annotations

from tests.servers.bench import PACKAGES, Running, Setup, missing, setup
from tests.servers.clear import (
    CLEAR,
    dovecot,
    postfix,
    prosody,
    slapd,
    vsftpd,
    xrdp,
)
from tests.servers.databases import mariadb, postgres
from tests.servers.inspecting import INSPECTOR, inspecting
from tests.servers.java import furnish_tomcat, java_socket, java_store, tomcat, tomcat_at
from tests.servers.proxies import microsocks, squid, tinyproxy
from tests.servers.scripted import Scripted, scripted
from tests.servers.secure import (
    TLS,
    apache,
    gnutls,
    haproxy,
    nginx,
    openssl,
    python_ssl,
    stunnel,
)

__all__ = [
    "CLEAR",
    "INSPECTOR",
    "PACKAGES",
    "TLS",
    "Running",
    "Scripted",
    "Setup",
    "apache",
    "dovecot",
    "furnish_tomcat",
    "gnutls",
    "haproxy",
    "inspecting",
    "java_socket",
    "java_store",
    "mariadb",
    "microsocks",
    "missing",
    "nginx",
    "openssl",
    "postfix",
    "postgres",
    "prosody",
    "python_ssl",
    "scripted",
    "setup",
    "slapd",
    "squid",
    "stunnel",
    "tinyproxy",
    "tomcat",
    "tomcat_at",
    "vsftpd",
    "xrdp",
]
