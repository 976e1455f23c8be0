"""Apache and nginx as an administrator has them: a home with their own configuration files.

The servers of `secure` are made for one handshake. These are started from files that stay, so
that what a test changes in them counts with the next start, and what reads a configuration finds
one that works.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers.bench import (
    HOST,
    Running,
    account,
    free_port,
    is_root,
    need,
    nginx_folders,
    started,
)

_MODULES = ("mpm_event", "authz_core", "ssl")


def apache_home(where: Path, site: str, *modules: str) -> Path:
    """``etc/apache2`` below a directory, as Debian lays it out, with one virtual host.

    Args:
        where: the tree.
        site: lines of the virtual host; ``{home}`` and ``{port}`` are filled in.
        modules: beside those it needs in any case.
    """
    home = where / "etc" / "apache2"
    (home / "sites-enabled").mkdir(parents=True)
    (where / "www").mkdir()
    (where / "www" / "index.html").write_text("here\n")
    port = free_port()
    lines = [
        f"ServerRoot {home}",
        *(
            f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so"
            for one in (*_MODULES, *modules)
        ),
        f"ServerName {HOST}\nListen {HOST}:{port}",
        f"PidFile {where}/pid\nDefaultRuntimeDir {where}\nErrorLog {where}/error.log",
        f"LogLevel info\nDocumentRoot {where}/www\nSSLSessionCache none",
        "StartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25",
        f"<Directory {where}/www>\nRequire all granted\n</Directory>",
        "IncludeOptional sites-enabled/*.conf",
    ]
    if is_root():
        lines.insert(0, f"User {account('www-data')}\nGroup www-data")
    (home / "apache2.conf").write_text("\n".join(lines) + "\n")
    (home / "sites-enabled" / "site.conf").write_text(
        f"<VirtualHost {HOST}:{port}>\n  SSLEngine on\n"
        + site.format(home=home, port=port)
        + "\n</VirtualHost>\n"
    )
    (where / "port").write_text(str(port))
    return home


@contextlib.contextmanager
def apache_of(where: Path) -> Iterator[Running]:
    """Apache with what `apache_home` made there."""
    program = need("apache2", "apache2", "httpd")
    (where / "error.log").unlink(missing_ok=True)
    command = [program, "-DFOREGROUND", "-f", str(where / "etc" / "apache2" / "apache2.conf")]
    with started("apache", where, int((where / "port").read_text()), command) as running:
        yield running


def nginx_home(where: Path, site: str) -> Path:
    """``etc/nginx`` below a directory, with one server in ``sites-enabled``."""
    home = where / "etc" / "nginx"
    (home / "sites-enabled").mkdir(parents=True)
    port = free_port()
    (home / "nginx.conf").write_text(
        f"daemon off;\nmaster_process off;\npid {where}/pid;\nerror_log stderr info;\n"
        "events {\n  worker_connections 256;\n}\n"
        f"http {{\n  access_log off;\n{nginx_folders(where)}  include sites-enabled/*;\n}}\n"
    )
    (home / "sites-enabled" / "site").write_text(
        f"server {{\n  listen {HOST}:{port} ssl;\n"
        + site.replace("{home}", str(home)).replace("{port}", str(port))
        + "\n}\n"
    )
    (where / "port").write_text(str(port))
    return home


@contextlib.contextmanager
def nginx_of(where: Path) -> Iterator[Running]:
    """The same with what `nginx_home` made there."""
    main = where / "etc" / "nginx" / "nginx.conf"
    command = [need("nginx"), "-e", "stderr", "-p", str(where), "-c", str(main)]
    (where / "output").unlink(missing_ok=True)
    with started("nginx", where, int((where / "port").read_text()), command) as running:
        yield running
