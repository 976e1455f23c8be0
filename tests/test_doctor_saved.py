"""What --save writes for a support desk: all that one asks for, and no secret in it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

import storekeeper
from storekeeper import formats
from storekeeper.formats import jks_keys
from storekeeper.model import Certificate, Password, PrivateKey, Store, TrustedCert
from tests import pki, servers
from tests.commands import Commands, Said
from tests.doctoring import GONE, client, leaf, mid, root, run, served
from tests.forge import key
from tests.servers.bench import Setup

__all__ = ["run"]

SECRETS = {"trust": "trust-Pa55-store", "store": "id-Pa55-store", "key": "id-Pa55-key"}


def stores(folder: Path, *chain: bytes) -> None:
    """A trust store, and a JKS whose key has a password of its own, all different."""
    roots = Store("JKS", (TrustedCert("the root", Certificate(root())),))
    (folder / "t.jks").write_bytes(formats.write(roots, Password(SECRETS["trust"])))
    sealed = jks_keys.seal_private_key(pki.pkcs8(key("me")), Password(SECRETS["key"]), "JKS")
    entry = PrivateKey("me", tuple(map(Certificate, chain)), sealed, 1_700_000_000_000)
    own = Store("JKS", (entry,))
    (folder / "id.jks").write_bytes(formats.write(own, Password(SECRETS["store"])))


def secrets_of() -> list[str]:
    """Everything that must not be anywhere: passwords, and the key in every spelling."""
    pkcs8 = pki.pkcs8(key("me"))
    number = key("me").private_numbers().private_value
    raw = number.to_bytes(32, "big")
    return [
        *SECRETS.values(),
        "PRIVATE KEY",
        pkcs8.hex(),
        base64.b64encode(pkcs8).decode()[4:60],
        raw.hex(),
        raw.hex().upper(),
        str(number),
        base64.b64encode(raw).decode(),
        "t0ken",
    ]


def saved(run: Commands, said: Said) -> Any:
    text = (run.folder / "support.json").read_text()
    for secret in secrets_of():
        for where in (text, said.out, said.err):
            assert secret not in where, secret
    return json.loads(text)


def asked(run: Commands, made: Setup, *words: str, status: int) -> Said:
    with servers.openssl(made) as running:
        return run("doctor", f"https://localhost:{running.port}/x?token=t0ken", "--store", "t.jks",
                   *words, "--save", "support.json", status=status)  # fmt: skip


@pytest.mark.parametrize("how", ["env", "pass"])
def test_no_secret_is_in_it(run: Commands, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Of passwords that were right, wrong or typed, and of keys that were used."""
    stores(run.folder, client(), root())
    specs = {}
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"PW_{name}", value)
        specs[name] = f"env:PW_{name}" if how == "env" else f"pass:{value}"
    made = served(leaf(), mid(), authorities=(root(),), client="required")
    words = ("--storepass", specs["trust"], "--identity", "id.jks")
    with_key = (*words, "--identity-keypass", specs["key"])
    said = asked(run, made, *with_key, "--identity-storepass", specs["store"], status=0)
    found = saved(run, said)
    assert any("sends 'me' of id.jks, and the server takes it" in one for one in found["sound"])
    said = asked(run, made.but(client="none"), *with_key, "--json", "--identity-storepass",
                 specs["store"], status=0)  # fmt: skip
    saved(run, said)
    stores(run.folder, client(**GONE))
    said = asked(run, made, *with_key, "--identity-storepass", specs["store"], status=1)
    assert saved(run, said)["diagnoses"][0]["code"] == "client-certificate-refused"
    # Java opens keys with one password: without theirs it sends nothing.
    said = asked(run, made, *words, "--identity-storepass", specs["store"], status=1)
    (one,) = saved(run, said)["diagnoses"]
    assert "does not open with the password" in one["proofs"][0]
    assert "--key me" in one["steps"][0]["commands"][0]
    for wrong in ("trust", "store"):
        others = {**specs, wrong: specs["key"]}
        with servers.openssl(made) as running:
            said = run("doctor", f"localhost:{running.port}", "--store", "t.jks", "--storepass",
                       others["trust"], "--identity", "id.jks", "--identity-storepass",
                       others["store"], status=3)  # fmt: skip
        for secret in SECRETS.values():
            assert secret not in said.err + said.out


def test_all_a_support_desk_asks_for_is(run: Commands) -> None:
    stores(run.folder, client(), root())
    made = served(leaf(**GONE), mid(), authorities=(root(),), client="required")
    said = asked(run, made, "--storepass", f"pass:{SECRETS['trust']}", "--identity", "id.jks",
                 "--identity-storepass", f"pass:{SECRETS['store']}", status=1)  # fmt: skip
    found = saved(run, said)
    assert found["tool"]["storekeeper"] == storekeeper.__version__
    assert found["name"].endswith("/x")
    assert found["verdict"]["runtime"] == "java17.0.9"
    assert found["diagnoses"][0]["code"] == "expired-leaf"
    assert found["chain_pem"].count("BEGIN CERTIFICATE") == 2
    (anchor,) = found["trust_store"]["anchors"]
    assert anchor["aliases"] == ["the root"]
    assert anchor["sha256"] == Certificate(root()).sha256
    (entry,) = found["client_keystore"]["entries"]
    assert entry["alias"] == "me"
    request = found["probe"]["members"][0]["request"]
    assert request["authorities"][0]["name"] == "CN=Root"
    assert found["text"][0].startswith("https://localhost:")
    assert any("[expired-leaf]" in line for line in found["text"])


def test_a_server_that_is_not_there_and_evidence_are_saved_too(run: Commands) -> None:
    stores(run.folder, client(), root())
    said = run("doctor", "localhost:1", "--store", "t.jks", "--save", "support.json", status=5)
    found = saved(run, said)
    assert (found["probe"], found["trust_store"], found["chain_pem"]) == (None, None, "")
    (run.folder / "x.log").write_text("PKIX path building failed: unable to find it\n")
    said = run("doctor", "--evidence", "x.log", "--save", "support.json", status=1)
    assert saved(run, said)["diagnoses"][0]["proofs"][0].startswith("x.log, line 1: ")
