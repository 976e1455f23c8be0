"""`client` with the request out of evidence: captures, logs and s_client's output of real servers;
what it offers when no key will do; and a server that lists the JDK's own roots.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import certifi
import pytest
from cryptography import x509

from storekeeper import formats
from storekeeper.identity.public import public_list
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.x509 import facts
from tests import jvm, pki, servers
from tests.captures import frames, pcap, relay
from tests.commands import PASSWORD, Commands
from tests.servers.bench import HOST, folder
from tests.test_client_cli import LEAF, MID, OTHER, ROOT, SERVER, run

__all__ = ["run"]

MADE = SERVER.but(authorities=(OTHER, ROOT), client="optional", versions=("TLSv1.2", "TLSv1.2"))


def capture() -> bytes:
    with servers.openssl(MADE) as running, relay(HOST, running.port) as (port, talks):
        subprocess.run(
            ["openssl", "s_client", "-connect", f"{HOST}:{port}", "-servername", "localhost"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        )  # fmt: skip
    return pcap(frames(talks[0]))


def printed() -> bytes:
    with servers.openssl(MADE) as running:
        return subprocess.run(
            ["openssl", "s_client", "-connect", running.at, "-servername", "localhost",
             "-showcerts"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=20,
        ).stdout  # fmt: skip


def logged() -> bytes:
    java = jvm.by_major(17)
    library = next(java.home.rglob("libjvm.so"))
    script = Path(__file__).with_name("java_tls.py")
    root = Store("JKS", (TrustedCert("root", Certificate(pki.certificate("Root", ca=True))),))
    with servers.openssl(MADE) as running, folder() as where:
        (where / "t.jks").write_bytes(formats.write(root, Password(PASSWORD)))
        done = subprocess.run(
            [sys.executable, str(script), str(library), "localhost", str(running.port),
             "-Djavax.net.debug=all", "-Djdk.tls.client.protocols=TLSv1.2",
             f"-Djavax.net.ssl.trustStore={where / 't.jks'}"],
            capture_output=True, timeout=90,
        )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.parametrize("make", [capture, printed, logged])
def test_the_request_of_evidence(run: Commands, make: object) -> None:
    """The same answer as from the server itself; a bundle of its own chain it is not taken for."""
    assert callable(make)
    (run.folder / "seen").write_bytes(make())
    words = ("client", "check", "--request", "seen", "--store")
    found = json.loads(run(*words, "both.p12", "--json").out)
    assert found["request"]["protocol"] == "TLSv1.2"
    assert sorted(one["name"] for one in found["request"]["authorities"]) == [
        "CN=Client Other", "CN=Client Root",
    ]  # fmt: skip
    assert found["alias"] == "two"
    assert "sends no certificate" in run(*words, "leaf.p12", status=1).out
    run("client", "build", "--request", "seen", "-o", "new.p12", "--from", "leaf.p12", "--from",
        "mid.pem", "--srcstorepass", f"pass:{PASSWORD}")  # fmt: skip
    assert [one.der for one in run.key("new.p12", "one").chain] == [LEAF, MID]


def test_what_is_offered_when_no_key_will_do(run: Commands) -> None:
    """A request for the key there is, as the hint has it; for a new key where there is none."""
    words = ("client", "build", "--ca-names", "other.pem", "-o", "new.p12", "--from")
    hint = run(*words, "leaf.p12", status=1).err.partition("hint: ")[2]
    found = re.match(r"(storekeeper csr .*?) makes the request", hint)
    assert found is not None, hint
    asked = run(*shlex.split(found[1])[1:]).out
    said = subprocess.run(
        ["openssl", "req", "-verify", "-noout", "-subject"], input=asked.encode(),
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert b"Client One" in said
    hint = run(*words, "mid.pem", status=1).err.partition("hint: ")[2]
    found = re.match(r"(storekeeper genkey .*?) makes a key, and (storekeeper csr .*?) the", hint)
    assert found is not None, hint
    run(*shlex.split(found[1].replace("NAME", "'CN=me,O=Example'"))[1:])
    asked = run(*shlex.split(found[2])[1:]).out
    said = subprocess.run(
        ["openssl", "req", "-verify", "-noout", "-text"], input=asked.encode(),
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    assert b"O = Example" in said
    assert b"TLS Web Client Authentication" in said


def test_a_server_that_lists_the_roots_of_the_jdk(run: Commands) -> None:
    """A Java server without a trust store: what it lists was chosen by nobody, and that is told."""
    made = SERVER.but(client="required")
    with servers.java_socket(made) as running:
        said = run("client", "check", running.at, "--sni", "localhost", "--store", "whole.p12",
                   "--json", status=1)  # fmt: skip
    found = json.loads(said.out)
    count = len(found["request"]["authorities"])
    assert count > 100
    (note,) = [one for one in found["notes"] if "public roots" in one]
    assert note.startswith(f"{count} of the {count} names the server lists are public roots")


def test_a_list_somebody_chose() -> None:
    names = [bytes.fromhex(pki.certificate(f"CA {n}").hex())[:60] for n in range(50)]
    assert public_list(names) == ""
    assert public_list(()) == ""


def test_a_list_of_public_roots_with_a_few_others() -> None:
    """One in five may be private: an administrator who added their own CAs chose no other."""
    bundle = formats.read(Path(certifi.where()).read_bytes())
    roots = [facts(one).subject.der for one in bundle.certificates()][:80]
    own = [x509.Name.from_rfc4514_string(f"CN=Own CA {n}").public_bytes() for n in range(21)]
    assert public_list([*roots, *own[:20]]).startswith("80 of the 100 names")
    assert public_list([*own[:20], *roots]).startswith("80 of the 100 names")
    assert public_list([*roots[:79], *own]) == ""
