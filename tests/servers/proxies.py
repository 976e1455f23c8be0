"""Proxies between client and server."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.bench import (
    HOST,
    Running,
    account,
    folder,
    free_port,
    give,
    is_root,
    need,
    started,
)

USER, PASSWORD = "bench", "geheim: @/é"
"""Who may pass where somebody must log in; the password has all that breaks URLs."""


@contextlib.contextmanager
def squid(*, login: bool = False, extra: tuple[str, ...] = ()) -> Iterator[Running]:
    """Squid, which resolves ``server.test`` as loopback and nothing else by that name.

    Args:
        login: Basic authentication as `USER`.
        extra: lines of its configuration, before access is allowed.
    """
    found = need("squid")
    with folder() as where:
        port, owner = free_port(), account("proxy", "squid")
        (where / "hosts").write_text(f"{HOST} server.test localhost\n")
        helper = where / "helper"
        # Squid sends "user password" with %-escapes; its own helpers want a database.
        helper.write_text(
            "#!/usr/bin/env python3\n"
            "import sys, urllib.parse\n"
            "for line in sys.stdin:\n"
            "    said = [urllib.parse.unquote(one) for one in line.split()]\n"
            f"    print('OK' if said == [{USER!r}, {PASSWORD!r}] else 'ERR', flush=True)\n",
            "utf-8",
        )
        helper.chmod(0o755)
        lines = [
            f"http_port {HOST}:{port}",
            f"pid_filename {where}/pid\ncoredump_dir {where}\ncache deny all\ncache_mem 1 MB",
            f"access_log none\ncache_log {where}/cache.log\nnetdb_filename none",
            f"hosts_file {where}/hosts\nvisible_hostname localhost\nshutdown_lifetime 0 seconds",
            "dns_nameservers 127.0.0.1\ndns_timeout 1 second\nconnect_timeout 5 seconds",
            "pinger_enable off\nmax_filedescriptors 256\nworkers 1",
        ]
        if is_root():
            lines.append(f"cache_effective_user {owner}")
        if login:
            lines += [
                f"auth_param basic program {helper}\nauth_param basic children 1 startup=1",
                "auth_param basic realm bench\nauth_param basic utf8 on",
                "acl known proxy_auth REQUIRED",
            ]
        lines += [*extra, "http_access allow known" if login else "http_access allow all"]
        lines += ["http_access deny all"]
        (where / "squid.conf").write_text("\n".join(lines) + "\n")
        give(where, owner)
        # Its shared memory is named after the service: two without a name are in each other's way.
        name = "".join(filter(str.isalnum, where.name))
        command = [found, "-N", "-n", name, "-f", str(where / "squid.conf")]
        try:
            with started("squid", where, port, command, scheme="http") as running:
                yield running
        finally:
            for left in Path("/dev/shm").glob(f"{name}-*"):
                left.unlink(missing_ok=True)


@contextlib.contextmanager
def tinyproxy(*, login: bool = False, extra: tuple[str, ...] = ()) -> Iterator[Running]:
    """Tinyproxy; with ``login`` its user is `USER` and the password "plain"."""
    found = need("tinyproxy")
    with folder() as where:
        port = free_port()
        lines = [f"Port {port}", f"Listen {HOST}", "Timeout 20", "MaxClients 20", "LogLevel Info"]
        lines += [f'LogFile "{where}/tinyproxy.log"', f"Allow {HOST}"]
        lines += [f"BasicAuth {USER} plain"] if login else []
        (where / "tinyproxy.conf").write_text("\n".join([*lines, *extra]) + "\n")
        command = [found, "-d", "-c", str(where / "tinyproxy.conf")]
        with started("tinyproxy", where, port, command, scheme="http") as running:
            yield running


@contextlib.contextmanager
def microsocks(*, login: bool = False) -> Iterator[Running]:
    """A SOCKS 5 proxy; with ``login`` its user is `USER` and the password "plain"."""
    found = need("microsocks")
    with folder() as where:
        port = free_port()
        command = [found, "-i", HOST, "-p", str(port)]
        command += ["-u", USER, "-P", "plain"] if login else []
        with started("microsocks", where, port, command, scheme="socks5") as running:
            yield running


__all__ = ["PASSWORD", "USER", "microsocks", "squid", "tinyproxy"]
