"""Verdicts on clients' chains, beside Apache and nginx that judge the same ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.model import Certificate
from storekeeper.pki import keys
from storekeeper.trust.verdict import judge
from tests import pki
from tests.commands import Authority
from tests.preset_world import OTHER, asked, key_file, pem
from tests.servers.bench import folder
from tests.servers.installed import apache_home, apache_of, nginx_home, nginx_of

_CA = Authority("Depth Root")
ROOT = _CA.certificate
TOP = pki.cert("Depth Top", "Depth Root", ca=True)
LOW = pki.cert("Depth Low", "Depth Top", ca=True)
OF_ROOT, OF_TOP, OF_LOW = (pki.cert("client", f"Depth {one}") for one in ("Root", "Top", "Low"))
OWN = pki.cert("client", ca=False)

_KEY = keys.spki_of(pki.pkcs8(pki.key("client")))

# What a client sends, and what the server has.
SENT = {
    "of the root": (OF_ROOT,),
    "of one below": (OF_TOP, TOP),
    "of two below": (OF_LOW, LOW, TOP),
    "of two below, the root sent too": (OF_LOW, LOW, TOP, ROOT),
    "of one below, alone": (OF_TOP,),
    "of two below, with a gap": (OF_LOW, TOP),
    "of two below, unordered": (OF_LOW, TOP, LOW),
    "its own": (OWN,),
    "for servers": (_CA.issues("client", _KEY, ext=("eku=sA",)),),
    "expired": (_CA.issues("client", _KEY, days=30),),
    "somebody else's": (pki.cert("client", "Other Root"),),
}
TRUSTED = {
    "the root": (ROOT,),
    "all": (ROOT, TOP, LOW),
    "the intermediates": (TOP, LOW),
    "the root and the upper one": (TOP, ROOT),
    "the client's own": (OWN, ROOT),
    "another": (OTHER,),
}
SOME = ("all", "the client's own")


@pytest.fixture(params=["apache", "nginx"])
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def furnish(where: Path, server: str, depth: int, trusted: tuple[Certificate, ...]) -> None:
    if server == "apache":
        home = apache_home(
            where,
            "  SSLCertificateFile {home}/server.pem\n  SSLCertificateKeyFile {home}/server.key\n"
            "  SSLCACertificateFile {home}/cas.pem\n  SSLVerifyClient require\n"
            f"  SSLVerifyDepth {depth}",
        )
    else:
        home = nginx_home(
            where,
            "  ssl_certificate server.pem;\n  ssl_certificate_key server.key;\n"
            "  ssl_client_certificate cas.pem;\n  ssl_verify_client on;\n"
            f'  ssl_verify_depth {depth};\n  location / {{ return 200 "200 OK"; }}',
        )
    pem(home / "server.pem", pki.cert("localhost"))
    key_file(home / "server.key", "localhost")
    pem(home / "cas.pem", *trusted)


def runtime(server: str, depth: int) -> str:
    return {
        "apache": f"apache,SSLVerifyDepth={depth}",
        "nginx": f"openssl,purpose=sslclient,depth={depth}",
    }[server]


@pytest.mark.parametrize(
    "depth",
    [pytest.param(one, marks=() if one in (1, 2) else pytest.mark.slow) for one in range(4)],
)
@pytest.mark.parametrize(
    "trusted",
    [pytest.param(one, marks=() if one in SOME else pytest.mark.slow) for one in TRUSTED],
)
def test_who_is_let_in(server: str, depth: int, trusted: str) -> None:
    run = {"apache": apache_of, "nginx": nginx_of}[server]
    with folder() as where:
        furnish(where, server, depth, TRUSTED[trusted])
        with run(where) as running:
            log = 0
            for name, chain in SENT.items():
                said = judge(chain, TRUSTED[trusted], runtime=runtime(server, depth))
                got = asked(running, where, *chain)
                assert said.accepts == ("200 OK" in got), (name, said.rule, said.message, got)
                told, log = running.log()[log:], len(running.log())
                if server == "apache":  # nginx tells the last of several errors, not the first
                    # What has expired is found after what is too deep, and we stop at the date.
                    deep = said.rule == "expired" and "Certificate Chain too long" in told
                    assert said.message in told or deep, (name, told)
