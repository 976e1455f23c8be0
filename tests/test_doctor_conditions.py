"""Every condition of chains, names and stores the doctor tells apart, on real servers: the
diagnosis, and that the first step it proposes is the end of it, walked through with --apply or
done on the server's side.
"""

from __future__ import annotations

import json
import shlex
import socket

import pytest

from storekeeper import formats
from storekeeper.model import Certificate, Password, Store, TrustedCert
from storekeeper.trust.runtimes import jdk_distrust
from tests import forge, servers
from tests.commands import Commands
from tests.doctoring import (
    AIA,
    CA,
    GONE,
    GOOD,
    NOW,
    SAN,
    agrees,
    ask,
    ask_at,
    first,
    from_file,
    leaf,
    mid,
    root,
    run,
    served,
    trust,
    walked,
    write,
)
from tests.forge import DAY, key, make
from tests.servers.bench import HOST

__all__ = ["agrees", "run"]


def test_unknown_root(run: Commands, agrees: list[str]) -> None:
    """Not the server's fault: it sends all it should. With the root at hand, that is imported."""
    words = ("--store", "other.jks")
    codes, found = ask(run, served(leaf(), mid()), *words)
    assert codes == ["unknown-root"]
    assert "CN=Root, which is neither sent nor in the store" in found["diagnoses"][0]["proofs"][1]
    write(run.folder / "root.pem", root())
    agrees.append("import the root")
    with servers.nginx(served(leaf(), mid())) as running:
        walked(run, running, *words, "--with", "root.pem")


def test_missing_intermediate_that_the_server_mends(run: Commands, agrees: list[str]) -> None:
    write(run.folder / "mid.pem", mid())
    words = ("--store", "root.jks")
    codes, found = ask(run, served(leaf(SAN, AIA)), *words)
    assert codes == ["missing-intermediate"]
    with servers.nginx(served(leaf())) as running:
        codes, found = ask_at(run, running, *words, "--with", "mid.pem")
        assert codes == ["missing-intermediate"]
        assert first(found)["what"] == "let the server send CN=Issuing as well"
        # --apply writes what the server is to send, and goes on: nothing is mended by that here.
        agrees.append("let the server send")
        run("doctor", f"https://localhost:{running.port}", *words, "--with", "mid.pem", "--apply",
            status=1)  # fmt: skip
    sent = from_file(run.folder / "to-send.pem")
    assert sent == (leaf(), mid())
    codes, _ = ask(run, served(*sent), *words, status=0)
    assert codes == []


def test_missing_intermediate_that_the_client_mends(run: Commands, agrees: list[str]) -> None:
    write(run.folder / "mid.pem", mid())
    agrees.append("import the intermediate")
    with servers.nginx(served(leaf())) as running:
        walked(run, running, "--store", "root.jks", "--with", "mid.pem")


def test_wrong_order(run: Commands) -> None:
    """Java's PKIX sorts it, which is told; SunX509 does not, and then it is the diagnosis."""
    upper = make("CN=Upper", key("u"), "CN=Root", key("root"), *CA, **GOOD)
    lower = make("CN=Issuing", key("mid"), "CN=Upper", key("u"), *CA, **GOOD)
    made = served(leaf(), upper, lower)
    codes, found = ask(run, made, "--store", "root.jks", status=0)
    assert codes == []
    (note,) = [one for one in found["notes"] if "puts up with it" in one]
    assert "not in order: what was sent as 1, 3, 2 should come in that order" in note
    simple = ("--store", "root.jks", "--trust-manager", "SunX509")
    with servers.openssl(made) as running:
        codes, found = ask_at(run, running, *simple)
        assert codes == ["wrong-order"]
        assert any("1 CN=localhost; 2 CN=Upper; 3 CN=Issuing" in proof
                   for proof in found["diagnoses"][0]["proofs"])  # fmt: skip
        line = first(found)["commands"][0]
        assert line.endswith(" > to-send.pem")
        said = run(*shlex.split(line.partition(" > ")[0])[1:])
    (run.folder / "to-send.pem").write_text(said.out)
    sent = from_file(run.folder / "to-send.pem")
    assert sent == (leaf(), lower, upper)
    codes, _ = ask(run, served(*sent), *simple, status=0)
    assert codes == []


EXPIRED: dict[str, tuple[tuple[bytes, ...], tuple[bytes, ...], str]] = {
    "expired-leaf": ((leaf(**GONE), mid()), (leaf(), mid()), "a new certificate for the server"),
    "expired-intermediate": (
        (leaf(), mid(**GONE)),
        (leaf(), mid()),
        "a new certificate for CN=Issuing, and the server sends that",
    ),
    "not-yet-valid-leaf": (
        (leaf(start=NOW + DAY, end=NOW + 9 * DAY), mid()),
        (leaf(), mid()),
        "a new certificate for the server",
    ),
}


@pytest.mark.parametrize("code", EXPIRED)
def test_dates(run: Commands, code: str) -> None:
    bad, good, step = EXPIRED[code]
    codes, found = ask(run, served(*bad), "--store", "root.jks")
    assert codes == [code]
    assert first(found)["what"] == step
    codes, _ = ask(run, served(*good), "--store", "root.jks", status=0)
    assert codes == []


def test_an_expired_leaf_in_an_emergency(run: Commands, agrees: list[str]) -> None:
    agrees.append("import the server's own certificate")
    with servers.nginx(served(leaf(**GONE), mid())) as running:
        walked(run, running, "--store", "root.jks")


def test_an_expired_anchor(run: Commands, agrees: list[str]) -> None:
    """OpenSSL looks at its dates, Java does not."""
    trust(run.folder / "old.jks", root(**GONE))
    write(run.folder / "new.pem", root())
    words = ("--store", "old.jks", "--runtime", "openssl3")
    codes, _ = ask(run, served(leaf(), mid()), "--store", "old.jks", status=0)
    assert codes == []
    with servers.nginx(served(leaf(), mid())) as running:
        codes, found = ask_at(run, running, *words)
        assert codes == ["expired-root"]
        assert "CN=Root expired on" in found["diagnoses"][0]["proofs"][1]
        agrees.append("import the root")
        walked(run, running, *words, "--with", "new.pem")


def test_a_root_the_jdk_distrusts(
    run: Commands, agrees: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The JDK's rule, with the root of the tests in the place of Symantec's."""
    ours = frozenset({Certificate(root()).sha256})
    monkeypatch.setitem(
        jdk_distrust.POLICIES, "SYMANTEC_TLS", (ours, "Symantec", "2019-04-16")
    )  # fmt: skip
    codes, found = ask(run, served(leaf(), mid()), "--store", "root.jks")
    assert codes == ["distrusted-root"]
    assert "distrusted" in found["diagnoses"][0]["proofs"][0]
    assert first(found)["what"] == "the server needs a certificate of another CA"
    assert all(step["emergency"] for step in found["diagnoses"][0]["steps"][1:])
    with servers.nginx(served(leaf(), mid())) as running:
        agrees.append("import the intermediate")
        walked(run, running, "--store", "root.jks")
    other = make("CN=Issuing", key("mid"), "CN=Other", key("o"), *CA, **GOOD)
    trust(run.folder / "both.jks", root(), make("CN=Other", key("o"), "CN=Other", key("o"), *CA,
                                                **GOOD))  # fmt: skip
    codes, _ = ask(run, served(leaf(), other), "--store", "both.jks", status=0)
    assert codes == []


def test_names(run: Commands) -> None:
    """Another name, no names, an address: each mended by a new certificate, as it says."""
    made = {
        "name-mismatch": (leaf(forge.names(("dns", "other.example"))), "localhost"),
        "missing-san": (make("CN=elsewhere", key("leaf"), "CN=Issuing", key("mid"), **GOOD),
                        "localhost"),
        "ip-without-san": (leaf(), HOST),
    }  # fmt: skip
    both = leaf(forge.names(("dns", "localhost"), ("ip", socket.inet_aton(HOST))))
    for code, (one, host) in made.items():
        codes, found = ask(run, served(one, mid()), "--store", "root.jks", host=host)
        assert codes == [code]
        assert first(found)["what"] == f"a new certificate, with {host} among its alternative names"
        codes, _ = ask(run, served(both, mid()), "--store", "root.jks", host=host, status=0)
        assert codes == []


def test_the_other_name_it_proposes(run: Commands) -> None:
    """The command of the second step, asked of the same server: accepted."""
    with servers.nginx(served(leaf(), mid())) as running:
        said = run("doctor", f"https://{HOST}:{running.port}", "--store", "root.jks", "--json",
                   status=1)  # fmt: skip
        step = first(json.loads(said.out), 1)
        assert step["what"] == "ask for the server by a name its certificate has: localhost"
        run(*shlex.split(step["commands"][0])[1:])


def test_zero_anchors(run: Commands, agrees: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A PKCS12 without Java's attribute, made visible; one behind no password, left in clear."""
    monkeypatch.setenv("PW", "changeit")
    store = Store("PKCS12", (TrustedCert("root", Certificate(root()), attributes=()),))
    (run.folder / "t.p12").write_bytes(formats.write(store, Password("changeit")))
    words = ("--store", "t.p12", "--storepass", "env:PW")
    with servers.nginx(served(leaf(), mid())) as running:
        codes, _ = ask_at(run, running, *words)
        assert codes == ["zero-anchors"]
        agrees.append("Java")
        walked(run, running, *words)
        codes, found = ask_at(run, running, *words, "--null-password")
        assert codes == ["zero-anchors"]
        assert "gives no password" in " ".join(found["diagnoses"][0]["proofs"])
        for line in first(found)["commands"]:
            run(*shlex.split(line)[1:])
        codes, _ = ask_at(run, running, *words, "--null-password", status=0)
        assert codes == []
