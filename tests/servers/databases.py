"""Databases, which are asked for TLS in their own protocols: PostgreSQL and MariaDB."""

from __future__ import annotations

import contextlib
import functools
import glob
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.bench import (
    HOST,
    Running,
    Setup,
    account,
    files_of,
    folder,
    free_port,
    give,
    is_root,
    need,
    started,
)


def _postgres() -> Path:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
    if not found:
        pytest.skip("postgresql is not installed")
    return Path(found[-1]).parent


@functools.cache
def _cluster() -> Path:
    """A database directory as initdb leaves it; made once a run, as it takes a second."""
    kept = tempfile.TemporaryDirectory(prefix="bench-")
    where = Path(kept.name)
    _KEPT.append(kept)
    where.chmod(0o755)
    (where / "data").mkdir(mode=0o700)
    owner = account("postgres")
    give(where, owner)
    command = [str(_postgres() / "initdb"), "-D", str(where / "data"), "-N", "-A", "trust"]
    done = subprocess.run(
        [*command, "-U", "bench", "--locale=C", "-E", "UTF8"],
        capture_output=True,
        user=owner if is_root() else None,
        extra_groups=[] if is_root() else None,
        cwd=where,
        timeout=60,
    )
    if done.returncode:
        pytest.skip(f"initdb does not work here: {done.stderr.decode()[-500:]}")
    return where / "data"


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


@contextlib.contextmanager
def postgres(made: Setup) -> Iterator[Running]:
    """PostgreSQL; ``extra`` are lines of postgresql.conf."""
    found, owner = _postgres() / "postgres", account("postgres")
    with folder() as where:
        files, port = files_of(made, where), free_port()
        data = where / "data"
        shutil.copytree(_cluster(), data)
        data.chmod(0o700)
        lines = [
            f"listen_addresses = '{HOST}'\nport = {port}\nunix_socket_directories = ''",
            "fsync = off\nautovacuum = off\nshared_buffers = '1MB'\nmax_connections = 10",
            "max_wal_senders = 0\nwal_level = minimal\nlogging_collector = off",
        ]
        if made.chain:
            lines += ["ssl = on", f"ssl_cert_file = '{files.chain}'"]
            lines += [f"ssl_key_file = '{files.key}'"]
            lines += [f"ssl_min_protocol_version = '{made.versions[0]}'"]
            lines += [f"ssl_max_protocol_version = '{made.versions[1]}'"]
        if made.authorities:
            lines.append(f"ssl_ca_file = '{files.authorities}'")
        if made.ciphers:
            lines.append(f"ssl_ciphers = '{made.ciphers}'")
        with (data / "postgresql.conf").open("a") as file:
            file.write("\n".join([*lines, *made.extra]) + "\n")
        wanted = " clientcert=verify-ca" if made.client == "required" else ""
        (data / "pg_hba.conf").write_text(f"hostssl all all all trust{wanted}\n")
        give(where, owner)
        files.key.chmod(0o600)
        command = [str(found), "-D", str(data)]
        # Killed, it would leave a segment of shared memory; SIGINT is its fast shutdown.
        with started(
            "postgres",
            where,
            port,
            command,
            scheme="postgres",
            user=owner,
            stop=signal.SIGINT,
            patience=5,
        ) as running:
            yield running


@contextlib.contextmanager
def mariadb(made: Setup) -> Iterator[Running]:
    """MariaDB, which asks every client for a certificate; ``extra`` are arguments."""
    found, owner = need("mariadbd", "mariadbd", "mysqld"), account("mysql")
    with folder() as where:
        files, port = files_of(made, where), free_port()
        (where / "data").mkdir()
        command = [found, "--no-defaults", "--skip-grant-tables", f"--datadir={where}/data"]
        command += [f"--port={port}", f"--bind-address={HOST}", "--skip-networking=0"]
        command += [f"--socket={where}/s", f"--pid-file={where}/pid", "--skip-log-bin"]
        command += ["--innodb=OFF", "--default-storage-engine=Aria", f"--tmpdir={where}"]
        command += [f"--aria-log-dir-path={where}/data", "--performance-schema=OFF"]
        if made.chain:
            command += [f"--ssl-cert={files.chain}", f"--ssl-key={files.key}"]
            command.append(f"--tls-version={','.join(made.protocols())}")
        else:
            command.append("--skip-ssl")
        if made.authorities:
            command.append(f"--ssl-ca={files.authorities}")
        command += made.extra
        give(where, owner)
        with started("mariadb", where, port, command, scheme="mysql", user=owner) as running:
            yield running
