"""Directives of Apache and nginx: read as the servers themselves do."""

from __future__ import annotations

import shlex
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper.errors import Damaged, LimitExceeded, StorekeeperError, Unreadable, UsageError
from storekeeper.host import directives
from storekeeper.host.directives import Directive, named, read_apache, read_nginx
from storekeeper.host.virtual_hosts import one_of, sites
from tests import pki
from tests.servers.bench import HOST, need

SITE = """
<VirtualHost *:9443>
  ServerName  "{name}.example.net"
  sslverifydepth 2
  SSLCACertificateFile "${{CERTS}}/ca \\"one\\".pem"
  SSLOptions +StdEnvVars \\
     +StrictRequire
  <Directory "{folder}/with blank">
    <IfModule mod_ssl.c>
      Require all granted
    </IfModule>
  </Directory>
</VirtualHost>
"""


@pytest.fixture
def apache(tmp_path: Path) -> Path:
    """The main file of a configuration with most of what the syntax has."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "with blank").mkdir()
    (tmp_path / "with blank" / 'ca "one".pem').write_bytes(
        pki.pem("CERTIFICATE", pki.certificate("Root"))
    )
    for name in ("b", "a"):
        text = SITE.format(name=name, folder=tmp_path)
        (tmp_path / "sites" / f"{name}.conf").write_text(text)
    (tmp_path / "sites" / "left-out.conf.bak").write_text("Nonsense on\n")
    modules = "/usr/lib/apache2/modules"
    main = tmp_path / "apache2.conf"
    main.write_text(
        f"ServerRoot {tmp_path}\n# a comment \\\nNonsense that goes on\n"
        + "".join(
            f"LoadModule {one}_module {modules}/mod_{one}.so\n"
            for one in ("mpm_event", "authz_core", "ssl", "info")
        )
        + f'PidFile pid\nErrorLog {tmp_path}/error.log\nDefine CERTS "{tmp_path}/with blank"\n'
        f"Listen {HOST}:9443\nServerName {HOST}\n"
        "<IfDefine CERTS>\n  SSLSessionCache none\n</IfDefine>\n"
        "<IfDefine !CERTS>\n  <Location /x>\n  Nonsense on\n  </Location>\n</IfDefine>\n"
        "<IfModule !mod_ssl.c>\n  Nonsense on\n</IfModule>\n"
        "IncludeOptional sites/*.conf\nIncludeOptional nothing/*.conf\n"
    )
    return main


def dumped(text: str) -> list[tuple[str, tuple[str, ...], int, str, int]]:
    """What ``apache2 -DDUMP_CONFIG`` prints: name, values, depth, file, line."""
    found = []
    path, line = "", 0
    for said in text.splitlines():
        shown = said.strip()
        if shown.startswith("# In file:"):
            path = shown.partition(": ")[2]
        elif shown.startswith("#"):
            line = int(shown.strip("# :"))
        elif shown and not shown.startswith("<"):
            name, *values = shlex.split(shown)
            found.append((name.lower(), tuple(values), len(said) - len(said.lstrip()), path, line))
    return found


def test_apache_reads_the_same(apache: Path) -> None:
    """Apache tells what it read, where, and within how many blocks."""
    program = need("apache2", "apache2", "httpd")
    done = subprocess.run(
        [program, "-f", str(apache), "-t", "-DDUMP_CONFIG"], capture_output=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    theirs = dumped(done.stdout.decode())
    ours = [
        # Apache counts a directive of several lines by its last.
        (
            *(one.name.lower(), one.values, 2 * len(one.blocks), one.path),
            one.line + (one.name == "SSLOptions"),
        )
        for one in read_apache(str(apache))
        # It does not dump what it does at once, and what is like the default.
        if one.name not in ("LoadModule", "ServerRoot")
    ]
    assert len(theirs) > 10
    assert ours == theirs


def test_values_of_apache(apache: Path) -> None:
    found = read_apache(str(apache))
    (depth, other) = named(found, "SSLVerifyDepth")
    assert (depth.value, depth.blocks) == ("2", (("VirtualHost", "*:9443"),))
    assert depth.path.endswith("sites/a.conf")
    assert other.path.endswith("sites/b.conf")
    (file, _) = named(found, "sslcacertificatefile")
    assert Path(file.file).is_file()
    (pid,) = named(found, "PidFile")
    assert pid.file == str(apache.parent / "pid")
    assert named(found, "Require", "Directory") == named(found, "Require")
    assert named(found, "Require", "Location") == ()


def test_variables_of_apache(tmp_path: Path) -> None:
    """Those of the environment are put in; what nobody knows stays."""
    main = tmp_path / "httpd.conf"
    main.write_text("PidFile ${RUN}/pid\nErrorLog ${LOG}/x\nDefine A\nUndefine A\nX ${A}\n")
    found = read_apache(str(main), environ={"RUN": "/run"})
    assert [one.value for one in found] == ["/run/pid", "${LOG}/x", "${A}"]


NGINX = r"""
# comment { ;
events {}
http {
    server {
        ssl_certificate "chain \"one\".pem"; ssl_certificate_key 'key.pem';
        ssl_verify_depth
            3; # deeper
        set $x "${host}";
        location ~ "^/a{2}$" { return 200 ${x}; }
        include parts/*.conf;
    }
}
"""


def nginx(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "ca.conf").write_text("ssl_client_certificate ca.pem;\n")
    main = tmp_path / "nginx.conf"
    main.write_text(NGINX)
    return main


def test_nginx(tmp_path: Path) -> None:
    found = read_nginx(str(nginx(tmp_path)))
    server = (("http",), ("server",))
    assert [(one.name, one.values, one.line) for one in found if one.blocks == server] == [
        ("ssl_certificate", ('chain "one".pem',), 6),
        ("ssl_certificate_key", ("key.pem",), 6),
        ("ssl_verify_depth", ("3",), 7),
        ("set", ("$x", "${host}"), 9),
        ("ssl_client_certificate", ("ca.pem",), 1),
    ]
    assert named(found, "ssl_client_certificate")[0].file == str(tmp_path / "ca.pem")


def test_nginx_takes_it_too(tmp_path: Path) -> None:
    """The same file, once nginx has its files: so the test's syntax is nginx's."""
    program = need("nginx")
    main = nginx(tmp_path)
    (tmp_path / 'chain "one".pem').write_bytes(pki.pem("CERTIFICATE", pki.certificate("Root")))
    (tmp_path / "key.pem").write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(pki.key("Root"))))
    (tmp_path / "ca.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate("Root")))
    command = [program, "-t", "-e", "stderr", "-p", str(tmp_path), "-c", str(main)]
    command += ["-g", f"pid {tmp_path}/pid;"]
    done = subprocess.run(command, capture_output=True, timeout=30)
    assert b"syntax is ok" in done.stderr, done.stderr
    assert named(read_nginx(str(main)), "return")[0].values == ("200", "${x}")


SITES = """
http {
  ssl_client_certificate all.pem;
  server { server_name one.example; ssl_certificate one.pem; }
  server {
    server_name two.example two.example.net;
    ssl_certificate two.pem; ssl_client_certificate two-ca.pem;
    location /x { ssl_verify_depth 3; }
  }
}
"""


def test_sites(tmp_path: Path) -> None:
    """What holds for one of several, and what is refused to be guessed."""
    main = tmp_path / "nginx.conf"
    main.write_text(SITES)
    found = read_nginx(str(main))

    def value(name: str, site: str = "") -> str | None:
        one = one_of(found, name, site)
        return one.value if one else None

    assert sites(found) == ("one.example", "two.example", "two.example.net")
    assert value("ssl_certificate", "one.example") == "one.pem"
    assert value("ssl_certificate", "TWO.example.net") == "two.pem"
    assert value("ssl_client_certificate", "one.example") == "all.pem"
    assert value("ssl_client_certificate", "two.example") == "two-ca.pem"
    assert value("ssl_verify_depth", "two.example") == value("ssl_verify_depth") == "3"
    assert value("ssl_verify_depth", "one.example") is None
    assert value("ssl_crl") is None
    with pytest.raises(UsageError, match=r"ssl_certificate has 2 different values: .*:4, .*:7"):
        value("ssl_certificate")
    with pytest.raises(UsageError, match=r"no site is called three\.example"):
        value("ssl_certificate", "three.example")


def test_sites_of_apache(apache: Path) -> None:
    """Two virtual hosts with the same words on their block."""
    found = read_apache(str(apache))
    one = one_of(found, "SSLVerifyDepth", "b.example.net")
    assert one is not None
    assert one.path.endswith("b.conf")
    assert one_of(found, "SSLVerifyDepth") is not None


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("<VirtualHost *>\n", Damaged),
        ("</VirtualHost>\n", Damaged),
        ("<A>\n</B>\n", Damaged),
        ("Include missing.conf\n", Unreadable),
        ("Include apache.conf\n", Damaged),
        ("<A>\n" * 100, LimitExceeded),
        ("Define Y aaaaaaaa\n" + "Define Y ${Y}${Y}\n" * 60 + "A ${Y}\n", LimitExceeded),
        (f"Define Y {'a' * 60_000}\n" + "A ${Y}\n" * 1_000, LimitExceeded),
    ],
)
def test_broken_apache(tmp_path: Path, text: str, error: type[StorekeeperError]) -> None:
    (tmp_path / "apache.conf").write_text(text)
    with pytest.raises(error):
        read_apache(str(tmp_path / "apache.conf"))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("http {", Damaged),
        ("}", Damaged),
        ("a 'b", Damaged),
        ("a b", Damaged),
        (";", Damaged),
        ("include missing.conf;", Unreadable),
        ("include nginx.conf;", Damaged),
        ("a {" * 100, LimitExceeded),
    ],
)
def test_broken_nginx(tmp_path: Path, text: str, error: type[StorekeeperError]) -> None:
    (tmp_path / "nginx.conf").write_text(text)
    with pytest.raises(error):
        read_nginx(str(tmp_path / "nginx.conf"))


def test_a_large_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directives, "MAX_SIZE", 1000)
    (tmp_path / "nginx.conf").write_text("a b;\n" * 300)
    with pytest.raises(LimitExceeded):
        read_nginx(str(tmp_path / "nginx.conf"))


def test_a_foreign_tree(tmp_path: Path) -> None:
    """Names of an unpacked image lead into it."""
    home = tmp_path / "etc" / "nginx"
    (home / "sites").mkdir(parents=True)
    (home / "nginx.conf").write_text("include /etc/nginx/sites/*;\ninclude sites/one;\n")
    (home / "sites" / "one").write_text("ssl_certificate a.pem;\n")
    found = read_nginx(str(home / "nginx.conf"), root=str(tmp_path))
    assert [one.file for one in found] == ["/etc/nginx/a.pem"] * 2


@given(st.text(st.sampled_from("ab \"'\\{};#\n<>/$"), max_size=60), st.sampled_from(["a", "n"]))
def test_any_text(tmp_path_factory: pytest.TempPathFactory, text: str, kind: str) -> None:
    """Whatever is in a file, it is read or refused."""
    path = tmp_path_factory.getbasetemp() / "any.conf"
    path.write_text(text)
    found: tuple[Directive, ...] = ()
    try:
        found = read_apache(str(path)) if kind == "a" else read_nginx(str(path))
    except StorekeeperError:
        return
    assert all(1 <= one.line <= text.count("\n") + 1 and one.name is not None for one in found)
