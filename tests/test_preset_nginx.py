"""The preset for nginx: as a server, and as a proxy that verifies the servers behind it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from storekeeper.profile import installations, load, settings
from tests import servers
from tests.commands import Commands
from tests.preset_world import (
    CLIENT,
    CLIENT_CHAIN,
    CLIENT_LOW,
    CLIENT_ROOT,
    OTHER,
    SERVER,
    SERVER_LOW,
    SERVER_ROOT,
    SERVER_TOP,
    UPSTREAM,
    Preset,
    asked,
    authority_files,
    command,
    key_file,
    names_of,
    pem,
    where,
)
from tests.servers.bench import need
from tests.servers.installed import nginx_home, nginx_of

__all__ = ["command", "where"]  # fixtures

SITE = """  ssl_certificate tls/server.pem;
  ssl_certificate_key tls/server.key;
  location / { return 200 "verify=$ssl_client_verify"; }
"""
CLIENTS = """  ssl_verify_client on;
  ssl_verify_depth 2;
"""


def made(where: Path, site: str) -> Path:
    home = nginx_home(where, SITE + site)
    (home / "tls").mkdir()
    pem(home / "tls" / "server.pem", SERVER)
    key_file(home / "tls" / "server.key", "localhost")
    pem(home / "tls" / "clients.pem", OTHER)
    authority_files(where)
    return home


def test_clients_and_the_chain(where: Path, command: Commands) -> None:
    home = made(where, CLIENTS + "  ssl_client_certificate tls/clients.pem;")
    with nginx_of(where) as running:
        assert "unable to get local issuer" in asked(
            running, where, *CLIENT_CHAIN, trusting=SERVER_ROOT
        )
        said = asked(running, where, *CLIENT_CHAIN)
        assert "The SSL certificate error" in said
        assert "No required SSL certificate was sent" in asked(running, where)
        assert names_of(said) == {"CN = Other Root"}
    preset = Preset(
        command, "nginx", home=home, issuers=where / "server-cas.pem",
        clients=where / "client-cas.pem",
    )  # fmt: skip
    preset.apply()
    with nginx_of(where) as running:
        said = asked(running, where, *CLIENT_CHAIN, trusting=SERVER_ROOT)
        assert "verify=SUCCESS" in said
        assert names_of(said) == {"CN = Other Root", "CN = Client Root", "CN = Client Low"}


def test_it_reads_its_files_once(where: Path, command: Commands) -> None:
    """Without a reload nothing is different; with one it is."""
    home = made(where, CLIENTS + "  ssl_client_certificate tls/clients.pem;")
    with nginx_of(where) as running:
        Preset(command, "nginx", home=home, clients=where / "client-cas.pem").apply()
        assert "The SSL certificate error" in asked(running, where, *CLIENT_CHAIN)
    with nginx_of(where) as running:
        assert "verify=SUCCESS" in asked(running, where, *CLIENT_CHAIN)


def test_trusted_and_not_named(where: Path, command: Commands) -> None:
    """ssl_trusted_certificate, with optional_no_ca: verified, and no names are sent."""
    home = made(
        where,
        "  ssl_verify_client optional_no_ca;\n  ssl_verify_depth 2;\n"
        "  ssl_trusted_certificate tls/clients.pem;",
    )
    preset = Preset(command, "nginx", home=home, clients=where / "client-cas.pem")
    with nginx_of(where) as running:
        assert "verify=FAILED" in asked(running, where, *CLIENT_CHAIN)
    preset.apply()
    with nginx_of(where) as running:
        said = asked(running, where, *CLIENT_CHAIN)
        assert "verify=SUCCESS" in said
        assert "No client certificate CA names sent" in said


def test_an_intermediate_alone_verifies_nobody(where: Path) -> None:
    """Why the preset puts the root there as well."""
    home = made(where, CLIENTS + "  ssl_client_certificate tls/clients.pem;")
    pem(home / "tls" / "clients.pem", CLIENT_LOW)
    with nginx_of(where) as running:
        assert "The SSL certificate error" in asked(running, where, *CLIENT_CHAIN)


def test_a_chain_in_the_wrong_order(where: Path, command: Commands) -> None:
    """nginx does not even start; with the certificate first it does."""
    home = made(where, "")
    pem(home / "tls" / "server.pem", SERVER_TOP, SERVER_LOW, SERVER)
    main = home / "nginx.conf"
    test = [need("nginx"), "-t", "-e", "stderr", "-p", str(where), "-c", str(main)]
    done = subprocess.run(test, capture_output=True, timeout=30)
    assert b"key values mismatch" in done.stderr
    Preset(command, "nginx", home=home, issuers=where / "server-cas.pem").apply()
    with nginx_of(where) as running:
        assert "verify=NONE" in asked(running, where, trusting=SERVER_ROOT)


@pytest.mark.parametrize("verify", ["on", "off"])
def test_a_proxy(where: Path, command: Commands, verify: str) -> None:
    """502 until the root of the server behind it is known; without verifying anybody passes."""
    with servers.openssl(UPSTREAM) as upstream:
        home = made(
            where,
            f"  location /index.html {{\n    proxy_pass {upstream.url};\n"
            f"    proxy_ssl_verify {verify};\n    proxy_ssl_verify_depth 3;\n"
            "    proxy_ssl_name localhost;\n"
            "    proxy_ssl_trusted_certificate tls/clients.pem;\n  }",
        )
        with nginx_of(where) as running:
            said = asked(running, where)
            if verify == "off":
                assert "200 ok" in said.lower()
                return
            assert "502 Bad Gateway" in said
            assert "upstream SSL certificate verify error: (2" in running.log()
        Preset(command, "nginx", home=home, upstreams=where / "server-cas.pem").apply()
        with nginx_of(where) as running:
            assert "200 ok" in asked(running, where).lower()


def test_what_a_proxy_shows(where: Path, command: Commands) -> None:
    """The server behind it knows the root alone, so nginx has to send the intermediate."""
    wanting = UPSTREAM.but(authorities=(CLIENT_ROOT.der,), client="required")
    with servers.openssl(wanting) as upstream:
        home = made(
            where,
            f"  location /index.html {{\n    proxy_pass {upstream.url};\n"
            "    proxy_ssl_certificate tls/mine.pem;\n"
            "    proxy_ssl_certificate_key tls/mine.key;\n  }",
        )
        pem(home / "tls" / "mine.pem", CLIENT)
        key_file(home / "tls" / "mine.key", "client")
        with nginx_of(where) as running:
            assert "200 ok" not in asked(running, where).lower()
            assert "alert unknown ca" in running.log()
        words = {"home": home, "proxy_issuers": where / "client-cas.pem"}
        Preset(command, "nginx", **words).apply()
        with nginx_of(where) as running:
            assert "200 ok" in asked(running, where).lower()


def test_what_is_said_for_nothing(where: Path, command: Commands) -> None:
    """The configuration names no file for it: that is an error, and not "nothing to do"."""
    home = made(where, "")
    words = [f"--set=home={home}", f"--set=clients={where}/client-cas.pem"]
    said = command("apply", "nginx", *words, status=2)
    assert (
        "clients is said, and nothing comes of it: the target clients is left out, as clients-file "
        "has none (the file of CAs that clients are verified with, and told of)"
    ) in said.err
    command("apply", "nginx", *words, f"--set=clients-file={home}/tls/clients.pem")
    said = command("apply", "nginx", f"--set=home={home}")
    assert "nothing is asked for, and none of its targets takes part" in said.err


def test_what_its_configuration_says(where: Path) -> None:
    home = made(where, CLIENTS + "  ssl_client_certificate tls/clients.pem;")
    read = {one.setting.key: one for one in settings(load("nginx", {"home": str(home)}))}
    assert read["ssl_verify_client"].value == "on"
    assert "400" in read["ssl_verify_client"].says
    assert read["proxy_ssl_verify"].says == "whoever answers is believed"
    assert read["proxy_ssl_verify"].path == ""
    (found,) = installations("nginx", root=str(where))
    assert found.home == "/etc/nginx"
