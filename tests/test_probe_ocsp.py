"""Whether a server's certificate is revoked, as OpenSSL's responder says and as it is stapled."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import pki, servers
from tests.probing import codes, look
from tests.servers.bench import HOST, Setup

CONFIG = """
[ca]
default_ca = d
[d]
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = p
default_days = 30
unique_subject = no
[p]
commonName = supplied
[leaf]
authorityInfoAccess = OCSP;URI:http://127.0.0.1:{port}
subjectAltName = DNS:localhost
"""


@pytest.fixture(scope="module")
def responder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A CA of OpenSSL with its OCSP responder, and certificates 'good' and 'bad'."""
    folder = tmp_path_factory.mktemp("ca")
    with socket.create_server((HOST, 0)) as probe_:
        port = probe_.getsockname()[1]
    (folder / "ca.cnf").write_text(CONFIG.format(folder=folder, port=port))
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("1000\n")

    def run(*words_: str) -> None:
        subprocess.run(["openssl", *words_], cwd=folder, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Root",
        "-days", "60")  # fmt: skip
    signing = ("-config", "ca.cnf", "-batch", "-cert", "ca.pem", "-keyfile", "ca.key")
    for name in ("good", "bad"):
        run(
            "req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", "/CN=localhost"
        )
        run("ca", *signing, "-in", f"{name}.csr", "-out", f"{name}.pem", "-extensions", "leaf",
            "-notext")  # fmt: skip
    run("ca", *signing, "-revoke", "bad.pem", "-crl_reason", "keyCompromise")
    process = subprocess.Popen(
        ["openssl", "ocsp", "-index", "index.txt", "-port", str(port), "-rsigner", "ca.pem",
         "-rkey", "ca.key", "-CA", "ca.pem", "-nmin", "60"],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    while line := process.stderr.readline():
        # A connection to see whether it is up would be one that it waits for.
        if "waiting" in line.lower():
            break
    yield folder
    process.kill()
    process.wait()
    process.stderr.close()


def _setup_of(folder: Path, name: str) -> Setup:
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    ders = [
        x509.load_pem_x509_certificate((folder / one).read_bytes()).public_bytes(
            serialization.Encoding.DER
        )
        for one in (f"{name}.pem", "ca.pem")
    ]
    key: Any = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    return Setup(tuple(ders), pki.pkcs8(key))


def test_revocation_as_openssl_answers(responder: Path) -> None:
    with servers.openssl(_setup_of(responder, "good")) as running:
        good = look(running.port, ocsp=True, weak=False, no_name=False)
    assert [one.status for one in good.ocsp] == ["good"]
    with servers.openssl(_setup_of(responder, "bad")) as running:
        bad = look(running.port, ocsp=True, weak=False, no_name=False)
    (found,) = bad.ocsp
    assert (found.status, found.reason) == ("revoked", "KEY_COMPROMISE")
    assert found.revoked_at is not None
    assert "revoked" in codes(bad)


def test_a_stapled_response(responder: Path) -> None:
    url = responder / "good.pem"
    address = subprocess.run(
        ["openssl", "x509", "-in", str(url), "-noout", "-ocsp_uri"], capture_output=True, text=True
    ).stdout.strip()
    pki.openssl("ocsp", "-issuer", str(responder / "ca.pem"), "-cert", str(url), "-url", address,
                "-respout", str(responder / "good.resp"), "-no_nonce")  # fmt: skip
    made = _setup_of(responder, "good").but(extra=("-status_file", str(responder / "good.resp")))
    with servers.openssl(made) as running:
        found = look(running.port, ocsp=True, weak=False, no_name=False)
    assert [(one.how == "stapled", one.status) for one in found.ocsp] == [
        (True, "good"), (False, "good"),
    ]  # fmt: skip
    # In TLS 1.3 alone it is not seen, which is not to say that there is none.
    with servers.openssl(made.but(versions=("TLSv1.3", "TLSv1.3"))) as running:
        found = look(running.port, ocsp=True, weak=False, no_name=False)
    assert (found.ocsp[0].how, found.ocsp[0].status) == ("stapling", "")
    assert "can't be seen" in found.ocsp[0].problem
    assert "bad-staple" not in codes(found)
    # A response about another certificate is none.
    with servers.openssl(_setup_of(responder, "bad").but(extra=made.extra)) as running:
        found = look(running.port, ocsp=True, weak=False, no_name=False)
    assert found.ocsp[0].problem == "the response is about other certificates"
    assert "bad-staple" in codes(found)
