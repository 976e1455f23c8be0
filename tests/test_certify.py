"""csr and sign: requests and a small CA, judged by keytool, OpenSSL and cryptography."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509

from storekeeper import der, formats
from storekeeper.model import Certificate, TrustedCert
from storekeeper.pki import requests
from storekeeper.x509 import facts
from tests import jvm, pki
from tests.commands import PASSWORD, Commands

CA = ("genkey", "ca.p12", "--alias", "ca", "--dname", "CN=Lab CA", "--keyalg", "EC")
CA_EXT = ("--ext", "bc:c=ca:true", "--ext", "ku:c=keyCertSign,cRLSign", "--validity", "1000")
KEY = ("genkey", "id.p12", "--alias", "srv", "--dname", "CN=h.example,O=Ex", "--keyalg", "EC")


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    return Commands(tmp_path, capsys, monkeypatch)


def certificates(path: Path) -> list[Certificate]:
    entries = formats.read(path.read_bytes()).entries
    return [one.certificate for one in entries if isinstance(one, TrustedCert)]


# -- requests ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["RSA", "EC", "Ed25519", "RSASSA-PSS", "DSA"])
def test_requests_verify(kind: str, run: Commands) -> None:
    size = ("--keysize", "2048") if kind in ("RSA", "RSASSA-PSS") else ()
    run(*KEY[:-1], kind, "--san", "h.example", *size)
    run("csr", "id.p12", "-o", "x.csr")
    # OpenSSL says it on standard error.
    done = subprocess.run(
        ["openssl", "req", "-in", "x.csr", "-noout", "-verify", "-text"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "verify OK" in done.stderr
    assert "DNS:h.example" in done.stdout
    assert x509.load_pem_x509_csr(Path("x.csr").read_bytes()).is_signature_valid
    for judge in jvm.default_jvms():
        if kind == "Ed25519" and judge.major < 17:
            continue
        said = judge.worker.keytool("-printcertreq", "-file", run.folder / "x.csr")
        assert "CN=h.example, O=Ex" in said
        assert "DNSName: h.example" in said


def test_what_is_asked_for(run: Commands) -> None:
    run(*KEY, "--san", "h.example", "--san", "192.0.2.1")

    def asked(*words: str) -> x509.CertificateSigningRequest:
        run("csr", "id.p12", "-o", "x.csr", "--force", *words)
        return x509.load_pem_x509_csr(Path("x.csr").read_bytes())

    def names(found: x509.CertificateSigningRequest) -> list[str]:
        value = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return [str(name.value) for name in value]

    found = asked()
    assert found.subject.rfc4514_string() == "CN=h.example,O=Ex"
    assert names(found) == ["h.example", "192.0.2.1"]
    found = asked("--dname", "other.example", "--ext", "eku=clientAuth")
    assert found.subject.rfc4514_string() == "CN=other.example"
    assert names(found) == ["h.example", "192.0.2.1"]
    assert found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert names(asked("--san", "new.example")) == ["new.example"]
    assert names(asked("--ext", "san=dns:ext.example")) == ["ext.example"]
    run("csr", "id.p12", "--sigalg", "SHA256withRSA", status=2)


def test_where_a_request_goes(run: Commands) -> None:
    run(*KEY)
    said = run("csr", "id.p12", "-o", "x.csr")
    assert (said.out, said.err) == ("wrote x.csr\n", "")
    first = Path("x.csr").read_bytes()
    assert first.startswith(b"-----BEGIN NEW CERTIFICATE REQUEST-----\n")
    # Another signature of the same wish is no other request.
    assert "unchanged x.csr" in run("csr", "id.p12", "-o", "x.csr").out
    run("csr", "id.p12", "-o", "x.csr", "--check")
    run("csr", "id.p12", "-o", "x.csr", "--san", "new", "--check", "--force", status=1)
    assert "--force" in run("csr", "id.p12", "-o", "x.csr", "--san", "new", status=6).err
    assert "--force" in run("csr", "id.p12", "-o", "x.csr", "--der", status=6).err
    assert Path("x.csr").read_bytes() == first
    run("csr", "id.p12", "-o", "x.csr", "--san", "new", "--force")
    assert Path("x.csr").read_bytes() != first
    run("csr", "id.p12", "-o", "x.der", "--der")
    assert requests.read(Path("x.der").read_bytes()).verified
    assert run("csr", "id.p12", "-o", "no.csr", "--dry-run").out
    assert not Path("no.csr").exists()
    store = Path("id.p12").read_bytes()
    assert "made from" in run("csr", "id.p12", "-o", "id.p12", "--force", status=2).err
    Path("link").symlink_to("id.p12")
    run("csr", "id.p12", "-o", "link", "--force", status=2)
    assert Path("id.p12").read_bytes() == store


def test_which_key(run: Commands) -> None:
    run(*KEY)
    run("genkey", "id.p12", "--alias", "two", "--dname", "two", "--keyalg", "EC")
    said = run("csr", "id.p12", status=2)
    assert "2 private keys" in said.err
    assert "srv, two" in said.err
    assert "private keys here: srv, two" in run("csr", "id.p12", "--alias", "no", status=1).err
    run("csr", "id.p12", "--alias", "TWO", "-o", "x.csr")
    run.write("root.pem", pki.cert("Root"))
    run("import", "id.p12", "root.pem", "--alias", "root")
    assert "trusted certificate" in run("csr", "id.p12", "--alias", "root", status=2).err
    assert "no private key" in run("csr", "root.pem", status=1).err


def test_a_key_with_a_password_of_its_own(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OWN", "another one")
    run("genkey", "id.jks", *KEY[2:], "--keypass", "env:OWN")
    said = run("csr", "id.jks", status=3)
    assert "STOREKEEPER_STOREPASS; --keypass says the key's" in said.err
    assert "another" not in said.err
    run("csr", "id.jks", "-o", "x.csr", "--keypass", "env:OWN")
    monkeypatch.delenv("STOREKEEPER_STOREPASS")
    assert "--keypass" in run("csr", "id.jks", status=3).err
    monkeypatch.setenv("STOREKEEPER_KEYPASS", "another one")
    assert "unchanged" in run("csr", "id.jks", "-o", "x.csr").out


# -- signing -------------------------------------------------------------------------------


@pytest.fixture
def lab(run: Commands) -> Commands:
    """A CA, a key, and its request."""
    run(*CA, *CA_EXT)
    run(*KEY, "--san", "h.example")
    run("csr", "id.p12", "-o", "x.csr", "--ext", "ku=digitalSignature", "--ext", "eku=serverAuth",
        "--ext", "bc=ca:true")  # fmt: skip
    return run


def test_names_and_usages_are_taken_over_and_never_ca(lab: Commands) -> None:
    said = lab("sign", "x.csr", "--ca", "ca.p12", "-o", "x.pem")
    assert "[not-honoured]" in said.err
    assert "left out: BasicConstraints" in said.err
    found = x509.load_pem_x509_certificate(Path("x.pem").read_bytes())
    constraints = found.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca) == (True, False)
    assert found.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert (found.not_valid_after_utc - found.not_valid_before_utc).days == 90
    lab.write("ca.pem", lab.key("ca.p12", "ca").chain[0])
    verified = pki.openssl(
        *("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "h.example"),
        *("-CAfile", "ca.pem", "x.pem"),
    )
    assert b"x.pem: OK" in verified
    root = lab.key("ca.p12", "ca").chain[0].der
    for judge in jvm.default_jvms():
        (own,) = certificates(Path("x.pem"))
        assert judge.worker.call("validate", root=root, chain=[own.der]) == 1


def test_what_is_said_counts_more(lab: Commands) -> None:
    lab("sign", "x.csr", "--ca", "ca.p12", "-o", "x.pem", "--dname", "CN=mine", "--san", "mine",
        "--ext", "bc=ca:true,pathlen:0", "--ext", "eku=clientAuth", "--validity", "7")  # fmt: skip
    found = x509.load_pem_x509_certificate(Path("x.pem").read_bytes())
    assert found.subject.rfc4514_string() == "CN=mine"
    assert found.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mine"]
    purposes = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [one.dotted_string for one in purposes] == ["1.3.6.1.5.5.7.3.2"]


def test_it_ends_with_its_ca(lab: Commands) -> None:
    said = lab("sign", "x.csr", "--ca", "ca.p12", "-o", "x.pem", "--validity", "4000")
    assert "when the CA ends, not for 4000 days [shortened]" in said.err
    (own,) = certificates(Path("x.pem"))
    assert facts(own).not_after == facts(lab.key("ca.p12", "ca").chain[0]).not_after
    said = lab("sign", "x.csr", "--ca", "ca.p12", "-o", "y.pem", "--startdate", "+1001d", status=6)
    assert "before the certificate would begin" in said.err
    assert not Path("y.pem").exists()


def test_a_changed_request_is_refused(lab: Commands) -> None:
    request = requests.read(Path("x.csr").read_bytes()).der
    at = request.index(b"h.example")
    Path("changed.csr").write_bytes(request[:at] + b"g" + request[at + 1 :])
    said = lab("sign", "changed.csr", "--ca", "ca.p12", status=4)
    assert "not signed by the key in it" in said.err
    assert said.out == ""
    lab("sign", "ca.p12", "--ca", "ca.p12", status=4)
    lab("sign", "nosuch.csr", "--ca", "ca.p12", status=4)


def test_a_request_that_can_not_be_checked_is_refused_unless_said(lab: Commands) -> None:
    info, algorithm, signature = der.read(requests.read(Path("x.csr").read_bytes()).der).children()
    fields = list(info.children())
    odd = der.sequence(der.oid("1.2.840.113549.1.1.99"))
    curve = fields[2].raw.replace(der.oid("1.2.840.10045.3.1.7"), der.oid("1.2.840.10045.3.1.6"))
    curve = curve.replace(der.oid("1.3.132.0.34"), der.oid("1.3.132.0.99"))
    assert curve != fields[2].raw
    key = der.sequence(fields[0].raw, fields[1].raw, curve, fields[3].raw)
    for name, parts in {
        "algorithm.csr": (info.raw, odd, signature.raw),
        "curve.csr": (key, algorithm.raw, signature.raw),
    }.items():
        Path(name).write_bytes(der.sequence(*parts))
        said = lab("sign", name, "--ca", "ca.p12", "-o", "x.pem", status=4)
        assert name in said.err
        assert not Path("x.pem").exists()
    assert "[unverified-request]" not in said.err
    said = lab("sign", "algorithm.csr", "--ca", "ca.p12", "-o", "x.pem", "--unverified")
    assert "can't be checked here [unverified-request]" in said.err
    assert len(certificates(Path("x.pem"))) == 1
    # What is known to be wrong is refused whatever is said.
    Path("wrong.csr").write_bytes(der.sequence(info.raw, algorithm.raw, der.bit_string(b"0" * 64)))
    lab("sign", "wrong.csr", "--ca", "ca.p12", "--unverified", status=4)


def test_only_a_ca_signs(lab: Commands) -> None:
    assert "is no CA" in lab("sign", "x.csr", "--ca", "id.p12", status=6).err
    lab("genkey", "half.p12", *CA[2:], "--ext", "bc=ca:true", "--ext", "ku=digitalSignature")
    assert "keyCertSign" in lab("sign", "x.csr", "--ca", "half.p12", status=6).err
    lab("genkey", "old.p12", *CA[2:], "--ext", "bc=ca:true", "--startdate", "-9d", "--validity",
        "3")  # fmt: skip
    assert "renew the CA" in lab("sign", "x.csr", "--ca", "old.p12", status=6).err


def test_where_a_certificate_goes(lab: Commands) -> None:
    lab("sign", "x.csr", "--ca", "ca.p12", "-o", "x.pem", "--chain")
    chain = certificates(Path("x.pem"))
    assert [facts(one).subject.rfc4514() for one in chain] == ["CN=h.example,O=Ex", "CN=Lab CA"]
    lab("sign", "x.csr", "--ca", "ca.p12", "-o", "x.pem", status=6)
    lab("sign", "x.csr", "--ca", "ca.p12", "-o", "x.der", "--der")
    made = x509.load_der_x509_certificate(Path("x.der").read_bytes())
    assert made.subject.rfc4514_string() == "CN=h.example,O=Ex"
    lab("sign", "x.csr", "--ca", "ca.p12", "--der", "--chain", status=2)
    for path in ("ca.p12", "x.csr"):
        before = Path(path).read_bytes()
        lab("sign", "x.csr", "--ca", "ca.p12", "-o", path, "--force", status=2)
        assert Path(path).read_bytes() == before


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_requests_of_keytool(version: str, lab: Commands) -> None:
    judge = jvm.jvm(version)
    common = ("-keystore", lab.folder / "java.p12", "-storetype", "PKCS12", "-storepass", PASSWORD)
    judge.worker.keytool("-genkeypair", "-alias", "srv", "-keyalg", "EC", "-dname", "CN=java",
                         *common)  # fmt: skip
    judge.worker.keytool("-certreq", "-alias", "srv", "-ext", "san=dns:java.example", "-file",
                         lab.folder / "java.csr", *common)  # fmt: skip
    lab("sign", "java.csr", "--ca", "ca.p12", "--chain", "-o", "java.pem")
    judge.worker.keytool("-importcert", "-noprompt", "-alias", "srv", "-file",
                         lab.folder / "java.pem", *common)  # fmt: skip
    chain = [one.der for one in certificates(Path("java.pem"))]
    (found,) = judge.worker.load(Path("java.p12").read_bytes(), PASSWORD)["entries"]
    assert found["chain"] == chain
    assert b"java.example" in chain[0]


@pytest.mark.parametrize("store", ["id.p12", "id.jks"])
def test_the_whole_flow_through_pipes(store: str, run: Commands) -> None:
    run(*CA, *CA_EXT)
    run("genkey", store, *KEY[2:], "--san", "h.example")
    program = f"{sys.executable} -m storekeeper"
    line = (
        f"{program} csr {store} | {program} sign - --ca ca.p12 --chain | {program} reply {store} -"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    entry = run.key(store)
    assert [facts(one).subject.common_name for one in entry.chain] == ["h.example", "Lab CA"]
    for judge in jvm.default_jvms():
        (found,) = judge.worker.load(Path(store).read_bytes(), PASSWORD)["entries"]
        assert found["key"] is not None
        own, root = found["chain"]
        assert judge.worker.call("validate", root=root, chain=[own]) == 1
