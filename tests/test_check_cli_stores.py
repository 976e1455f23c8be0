"""Stores, chains and JREs given to ``check``: what it makes of each file."""

from __future__ import annotations

import json
import socket
import subprocess
import time

import pytest

from storekeeper import formats
from storekeeper.model import Certificate, Password, Store, TrustedCert
from tests import jvm, pki
from tests.checking import DAY, asked, run, server, write
from tests.commands import Commands
from tests.forge import key, make
from tests.verdict_cases import CA, HOST, leaf, mid, root

__all__ = ["run", "server"]  # fixtures


# -- stores and chains -----------------------------------------------------------------------


def test_a_pkcs12_java_does_not_see(run: Commands) -> None:
    """As ``openssl pkcs12 -export -nokeys`` makes it; a real JVM finds no anchor in it either."""
    pki.openssl("pkcs12", "-export", "-nokeys", "-in", str(run.folder / "root.pem"),
                "-out", str(run.folder / "hidden.p12"), "-passout", "pass:changeit")  # fmt: skip
    said = run("check", *asked("chain.pem", "hidden.p12"), status=1).out
    assert "the trustAnchors parameter must be non-empty" in said
    assert "note        no trust anchors: the store holds 1 certificate, and Java sees none" in said
    fixed = run("fix", *asked("chain.pem", "hidden.p12"), status=1).out
    assert "$ storekeeper convert hidden.p12 --make-visible" in fixed
    run("convert", "hidden.p12", "--make-visible")
    run("check", *asked("chain.pem", "hidden.p12"))


def test_a_pkcs12_opened_without_a_password(run: Commands) -> None:
    store = Store("PKCS12", (TrustedCert("root", Certificate(root())),))
    (run.folder / "trust.p12").write_bytes(formats.write(store, Password("changeit")))
    run("check", *asked("chain.pem", "trust.p12"))
    said = run("check", *asked("chain.pem", "trust.p12", "--null-password"), status=1).out
    assert "no password (null) sees none of them" in said
    worker = jvm.by_major(17).worker
    loaded = worker.load((run.folder / "trust.p12").read_bytes(), None, "PKCS12")
    assert not loaded["entries"]
    fixed = run("fix", *asked("chain.pem", "trust.p12", "--null-password"), status=1).out
    assert "javax.net.ssl.trustStorePassword" in fixed
    assert "--compat passwordless" in fixed


def test_the_chain_of_a_keystore(run: Commands) -> None:
    run("genkey", "id.p12", "--alias", "srv", "--dname", "CN=a.example", "--san",
        "dns:a.example", "--storepass", "pass:changeit")  # fmt: skip
    words = ["--chain", "id.p12", "--chain-storepass", "pass:changeit", "--host", "a.example"]
    said = run("check", *words, "--store", "root.pem", status=1).out
    assert "here        CN=a.example is self-signed, and not in the store" in said


def test_the_chain_openssl_prints(run: Commands) -> None:
    """``openssl s_client -showcerts`` beside a server that sends its root as well."""
    (run.folder / "leaf.key").write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(key("leaf"))))
    write(run.folder / "issuers.pem", mid(), root())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-cert", "leaf.pem",
         "-key", "leaf.key", "-cert_chain", "issuers.pem"],
        cwd=run.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(100):
            client = subprocess.run(
                ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-showcerts"],
                stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=30,
            )  # fmt: skip
            if b"BEGIN CERTIFICATE" in client.stdout:
                break
            time.sleep(0.05)
    finally:
        server.kill()
        server.communicate()
    (run.folder / "printed.txt").write_bytes(client.stdout)
    run("check", *asked("printed.txt"))
    said = run("chain", "printed.txt", "--store", "root.pem", "--at", DAY).out
    assert said.startswith("printed.txt: 3 certificates of O=Example,CN=server.example.net\n")
    assert said.endswith("should be sent: 1, 2\n")


def test_a_file_with_the_key_in_it_is_taken_in_its_order(run: Commands) -> None:
    parts = [pki.pem("PRIVATE KEY", pki.pkcs8(key("leaf")))]
    parts += [pki.pem("CERTIFICATE", one) for one in (root(), leaf(), mid(), leaf())]
    (run.folder / "both.pem").write_bytes(b"".join(parts))
    said = run("chain", "both.pem", "--store", "root.pem", "--at", DAY, status=1).out
    assert "[root, sent as 1, in the store" in said
    assert "[leaf, sent as 2 and 4, " in said
    assert said.endswith("should be sent: 2, 3\n")


def test_one_password_does_not_open_the_other(run: Commands) -> None:
    store = Store("PKCS12", (TrustedCert("root", Certificate(root())),))
    (run.folder / "trust.p12").write_bytes(formats.write(store, Password("secret")))
    run("check", *asked("chain.pem", "trust.p12", "--storepass", "pass:secret"))
    run("check", *asked("chain.pem", "trust.p12"), status=3)


def test_chain_and_store_from_standard_input(run: Commands) -> None:
    said = run("check", *asked("-", "-"), status=2)
    assert "both standard input" in said.err


def test_unparsable_certificates_have_javas_words(run: Commands) -> None:
    write(run.folder / "bad.pem", leaf(), b"\x30\x03\x02\x01\x05", mid())
    said = run("check", *asked("bad.pem"), status=1)
    assert "says        Failed to parse server certificates" in said.out
    write(run.folder / "worse.pem", b"\x30\x03\x02\x01\x05")
    run("check", *asked("worse.pem"), status=4)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--host", ""], "expected a host name, found 0 characters"),
        (["--host", "x" * 2000], "expected a host name, found 2000 characters"),
        (["--host", "https://a.example/"], "expected a host name"),
        (["--host", "a.example:443"], "expected a host name"),
        (["--runtime", "cobol"], "expected a runtime, found 'cobol'"),
        (["--runtime", "java8.1"], "found 'java8.1'"),
        (["--protocol", "SSLv3"], "invalid choice"),
        (["--trust-manager", "IAIK"], "invalid choice"),
        (["--at", "tomorrow"], "expected a date"),
    ],
)
def test_wrong_words(run: Commands, words: list[str], told: str) -> None:
    said = run("check", *asked(), *words, status=2)
    assert told in said.err


def test_chains_without_an_end(run: Commands) -> None:
    """A hundred certificates, a circle, nine issuers of one name and key: clear and bounded."""
    chain, signer, above = [], key("root"), "CN=Root,O=Example"
    for number in range(100):
        own = key(f"long{number % 4}")
        chain.append(make(f"CN=Long {number}", own, above, signer, *CA))
        signer, above = own, f"CN=Long {number}"
    write(run.folder / "long.pem", leaf(issuer=above, signer=signer), *reversed(chain))
    said = run("check", *asked("long.pem"), status=1).out
    assert "says        The certificate chain length (" in said
    assert "exceeds the maximum allowed length (10)" in said
    run("fix", *asked("long.pem"), status=1)
    said = run("chain", "long.pem", "--store", "root.pem", status=1).out
    assert "problem: gave up after 100 certificates, at CN=Long 1" in said

    below = leaf(issuer="CN=A", signer=key("A"))
    circle = [make(f"CN={a}", key(a), f"CN={b}", key(b), *CA) for a, b in ("AB", "BA")]
    write(run.folder / "circle.pem", below, *circle)
    said = run("check", *asked("circle.pem"), status=1).out
    assert "here        the issuers go round in a circle, from CN=B back into the path" in said
    run("chain", "circle.pem", status=1)

    same = [make("CN=A", key("A"), "CN=A", key("A"), *CA, serial=one) for one in range(1, 10)]
    write(run.folder / "same.pem", below, *same)
    said = run("check", *asked("same.pem"), status=1).out
    assert said.startswith("java17.0.9 refuses ")  # the search ends at the second of them
    said = run("check", *asked("same.pem"), "--runtime", "java11", status=1).out
    assert said.startswith("java11.0.13: no answer for ")
    assert "note        gave up after 20000 certificates were tried" in said
    run("fix", *asked("same.pem"), status=1)


def test_files_that_are_not_there(run: Commands) -> None:
    run("check", *asked("none.pem"), status=4)
    run("check", *asked("chain.pem", "none.jks"), status=4)
    run("check", *asked("chain.pem", "root.pem", "--java-security", "none"), status=4)
    (run.folder / "text").write_text("nothing of the kind\n")
    run("check", *asked("text"), status=4)
    run("check", *asked("chain.pem", "mozilla"), status=4)


@pytest.mark.parametrize(
    "host",
    [
        *("my_server.example.net", "bücher.example", "xn--bcher-kva.example", "192.0.2.7"),
        *("3221225991", "[::1]", "::1", "fe80::1%eth0", "::ffff:192.0.2.7", "[::", "0x7f.1"),
        *("a..b", ".", "-x.example", "*.example.net", "ß" * 300, "a" * 1000, "1.2.3.4.5"),
        *("server.example.net\u3002", "\u202egro.elpmaxe", "\x1b[31mred", "\udcff", "a b", "a\nb"),
    ],
)
def test_hosts_of_every_spelling(run: Commands, host: str) -> None:
    """An answer for each, clean for a terminal; the JVM's own words are compared elsewhere."""
    words = [*asked()[:4], f"--host={host}", "--at", DAY]
    for command in ("check", "fix"):
        said = run(command, *words, status=1)
        assert "Traceback" not in said.err
        assert "\x1b" not in said.out
        assert json.loads(run(command, *words, "--json", status=1).out)


# -- a JRE of this machine -------------------------------------------------------------------


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_a_jre_judges_by_its_own_settings(run: Commands, version: str) -> None:
    """Release, java.security, own roots and public suffixes are read from its home."""
    java = jvm.jvm(version)
    home = str(java.home)
    said = run("check", *asked(), "--runtime", f"jre:{home}", "--explain").out
    assert said.startswith(f"java{'.'.join(version.split('.')[:3])} accepts {HOST}")
    assert "a given java.security" in said
    assert "left out what is not known" not in said
    from storekeeper.host.locate import jre_at
    from storekeeper.trust.jre_runtime import of_jre
    from storekeeper.trust.runtimes import jdk

    found = of_jre(jre_at(home))
    assert found.suffixes is not None
    assert found.java_security is not None
    release = jdk.release(found.name)
    assert release is not None
    # The file that travels with the release says what we ship for it.
    assert jdk.read(found.java_security, release) == jdk.defaults(release)
    assert found.blocked == jdk.defaults(release).blocked
    assert bool(found.jdk_roots) == ("[jdk" in java.keytool("-list", "-cacerts").stdout)


def test_a_jre_that_is_none(run: Commands) -> None:
    run("check", *asked(), "--runtime", "jre:/nowhere", status=4)
    home = run.folder / "home"
    (home / "lib" / "security").mkdir(parents=True)
    (home / "lib" / "security" / "cacerts").write_bytes(b"")
    (home / "bin").mkdir()
    (home / "bin" / "java").write_bytes(b"")
    said = run("check", *asked(), "--runtime", f"jre:{home}", status=2)
    assert "does not say which release it is" in said.err
    (home / "release").write_text('JAVA_VERSION="1.8.0_381"\n')
    said = run("check", *asked(), "--runtime", f"jre:{home}")
    assert "java8u381 accepts" in said.out
    # What such a home blocks is in a file of its own, under its old name.
    listed = home / "lib" / "security" / "blacklisted.certs"
    listed.write_text(f"Algorithm=SHA-256\n{Certificate(mid()).sha256.upper()}\n")
    said = run("check", *asked(), "--runtime", f"jre:{home}", status=1)
    assert "Untrusted certificate: O=Example, CN=Issuing" in said.out
    listed.write_text("Algorithm=MD5\nAB\n")
    said = run("check", *asked(), "--runtime", f"jre:{home}", status=4)
    assert "expected fingerprints by SHA-256" in said.err
