"""Client certificates, on real servers: why none is sent or it is refused, and the end of it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from storekeeper import formats
from storekeeper.formats import jks_keys
from storekeeper.model import Certificate, Password, PrivateKey, Store
from tests import pki, servers
from tests.commands import Commands
from tests.doctoring import (
    CA,
    GONE,
    GOOD,
    agrees,
    ask,
    ask_at,
    client,
    first,
    identity,
    leaf,
    mid,
    root,
    run,
    served,
    walked,
    write,
)
from tests.forge import key, make

__all__ = ["agrees", "run"]


def test_no_client_certificate_sent(
    run: Commands, agrees: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry whose chain ends too soon: the keystore that is built is sent, and taken."""
    monkeypatch.setenv("PW", "changeit")
    write(run.folder / "mid.pem", mid())
    lone = identity(run.folder, client(issuer="CN=Issuing", signer=key("mid")), own=key("me"))
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    words = ("--store", "root.jks", "--identity", Path(lone).name, "--with", "mid.pem",
             "--identity-storepass", "env:PW")  # fmt: skip
    with servers.openssl(made) as running:
        codes, found = ask_at(run, running, *words)
        assert codes == ["no-client-certificate-sent"]
        assert (
            "the certificate of CN=Issuing has to be in the entry"
            in (found["diagnoses"][0]["proofs"][0])
        )
        agrees.append("make a keystore of 'me'")
        walked(run, running, *words)
    assert [one.der for one in run.key("id-new.p12", "me").chain] == [
        client(issuer="CN=Issuing", signer=key("mid")), mid(),
    ]  # fmt: skip


def test_a_key_with_a_password_of_its_own(run: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step's command, with the password that nobody told the doctor."""
    monkeypatch.setenv("PW", "changeit")
    monkeypatch.setenv("OWN", "another")
    sealed = jks_keys.seal_private_key(pki.pkcs8(key("me")), Password("another"), "JKS")
    entry = PrivateKey("me", (Certificate(client()),), sealed, 1_700_000_000_000)
    (run.folder / "id.jks").write_bytes(formats.write(Store("JKS", (entry,)), Password("changeit")))
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    words = ("--store", "root.jks", "--identity", "id.jks", "--identity-storepass", "env:PW")
    codes, found = ask(run, made, *words)
    assert codes == ["no-client-certificate-sent"]
    (line,) = first(found)["commands"]
    run(*shlex.split(line.replace("--keypass prompt", "--keypass env:OWN"))[1:])
    codes, found = ask(run, made, *words, status=0)
    assert codes == []
    assert any("the server takes it" in one for one in found["sound"])


def test_client_certificates_of_nobody_the_server_names(run: Commands) -> None:
    """The request for a new one is offered, and made by the command."""
    stranger = make("CN=me", key("me"), "CN=Other", key("o"), **GOOD)
    file = identity(run.folder, stranger, own=key("me"))
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    codes, found = ask(run, made, "--store", "root.jks", "--identity", Path(file).name,
                       "--identity-storepass", "pass:changeit")  # fmt: skip
    assert codes == ["no-client-certificate-sent"]
    steps = found["diagnoses"][0]["steps"]
    assert "accept CN=Other" in steps[0]["what"]
    assert "one of these CAs: CN=Root" in steps[1]["what"]
    (line,) = steps[1]["commands"]
    words = shlex.split(line.replace("prompt", "pass:changeit"))
    assert "CERTIFICATE REQUEST" in run(*words[1:]).out
    # What the first step says, done: the server accepts the other CA as well.
    other = make("CN=Other", key("o"), "CN=Other", key("o"), *CA, **GOOD)
    codes, _ = ask(run, made.but(authorities=(root(), other)), "--store", "root.jks", "--identity",
                   Path(file).name, "--identity-storepass", "pass:changeit", status=0)  # fmt: skip
    assert codes == []


def test_a_client_certificate_that_is_refused(run: Commands) -> None:
    """Expired, and a good key beside it that Java passes over: built into a store of its own."""
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    old = identity(run.folder, client(**GONE), own=key("me"))
    codes, found = ask(run, made, "--store", "root.jks", "--identity", Path(old).name,
                       "--identity-storepass", "pass:changeit")  # fmt: skip
    assert codes == ["client-certificate-refused"]
    proofs = " ".join(found["diagnoses"][0]["proofs"])
    assert "certificate_expired" in proofs
    assert "expired on" in proofs
    assert "have a new certificate made for the key of 'me'" in first(found)["what"]
    codes, _ = ask(run, made, "--store", "root.jks", "--identity",
                   Path(identity(run.folder, client(), own=key("me"))).name,
                   "--identity-storepass", "pass:changeit", status=0)  # fmt: skip
    assert codes == []


def test_a_password_that_is_missing_is_asked_for_by_its_own_option(run: Commands) -> None:
    file = identity(run.folder, client(), own=key("me"))
    store = formats.read(Path(file).read_bytes(), "changeit")
    Path(file).write_bytes(formats.write(store, Password("another")))
    with servers.openssl(
        served(leaf(), mid(), authorities=(root(),), client="required")
    ) as running:
        said = run("doctor", f"https://localhost:{running.port}", "--store", "root.jks",
                   "--identity", Path(file).name, status=3)  # fmt: skip
    assert "hint: give it with --identity-storepass env:NAME" in said.err
