"""What a Java program trusts once it has loaded a store: each kind of store, beside the JREs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from storekeeper.model import Certificate, Password
from storekeeper.trust.java_trust import Trust, trust_of
from storekeeper.trust.sources import open_store
from storekeeper.trust.verdict import judge
from tests import jvm, pki
from tests.forge import DAY, key
from tests.oracle import Oracle
from tests.verdict_cases import HOST, leaf, mid, root

NOW = int(time.time())
DATES = {"start": NOW - 30 * DAY, "end": NOW + 30 * DAY}
ROOT, MID, LEAF = root(**DATES), mid(**DATES), leaf(**DATES)
OTHER = root(subject="CN=Other", own=key("other"), **DATES)


class Loading:
    """A store, its type, and the password a program gives (None: null)."""

    def __init__(self, name: str, data: bytes, type: str, password: str | None) -> None:
        self.name = name
        self.data = data
        self.type = type
        self.password = password

    def trust(self) -> Trust:
        store = open_store(self.data, Password("changeit"))
        return trust_of(store, null_password=self.password is None)


def openssl_stores(folder: Path) -> Iterator[Loading]:
    for name, data in (("root", ROOT), ("mid", MID), ("leaf", LEAF), ("other", OTHER)):
        (folder / f"{name}.pem").write_bytes(pki.pem("CERTIFICATE", data))
    (folder / "leaf.key").write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(key("leaf"))))
    (folder / "all.pem").write_bytes(
        b"".join((folder / f"{name}.pem").read_bytes() for name in ("leaf", "mid", "root"))
    )
    export = ("pkcs12", "-export", "-passout", "pass:changeit")

    def made(name: str, *words: str) -> bytes:
        pki.openssl(*export, *words, "-out", str(folder / name))
        return (folder / name).read_bytes()

    bare = made("bare.p12", "-nokeys", "-in", str(folder / "root.pem"))
    yield Loading("openssl -nokeys", bare, "PKCS12", "changeit")
    yield Loading("openssl -nokeys, null", bare, "PKCS12", None)
    named = made("named.p12", "-nokeys", "-in", str(folder / "root.pem"), "-caname", "root")
    yield Loading("openssl -nokeys -caname", named, "PKCS12", "changeit")
    own = ("-inkey", str(folder / "leaf.key"), "-name", "server")
    full = made("full.p12", *own, "-in", str(folder / "all.pem"))
    yield Loading("openssl, key and chain", full, "PKCS12", "changeit")
    yield Loading("openssl, key and chain, null", full, "PKCS12", None)
    beside = made(
        *("beside.p12", *own, "-in", str(folder / "leaf.pem")),
        *("-certfile", str(folder / "other.pem")),
    )
    yield Loading("openssl, key and an unrelated certificate", beside, "PKCS12", "changeit")
    plain = made("plain.p12", "-nokeys", "-in", str(folder / "root.pem"), "-certpbe", "NONE")
    yield Loading("openssl -certpbe NONE", plain, "PKCS12", "changeit")
    yield Loading("openssl -certpbe NONE, null", plain, "PKCS12", None)


def keytool_stores(version: str, folder: Path) -> Iterator[Loading]:
    """As the JRE of that line writes them itself."""
    java = jvm.jvm(version)
    for name, data in (("root", ROOT), ("other", OTHER)):
        (folder / f"{name}.der").write_bytes(data)
    for type in ("PKCS12", "JKS"):
        file = folder / f"trust.{type}"
        for alias in ("root", "other"):
            java.keytool(
                *("-importcert", "-noprompt", "-alias", alias, "-file", folder / f"{alias}.der"),
                *("-keystore", file, "-storetype", type, "-storepass", "changeit"),
            )
        data = file.read_bytes()
        for password in ("changeit", None):
            yield Loading(f"keytool {type}, {password}", data, type, password)
        keyed = folder / f"key.{type}"
        java.keytool(
            *("-importkeystore", "-noprompt", "-srckeystore", folder / "full.p12"),
            *("-srcstorepass", "changeit", "-deststorepass", "changeit"),
            *("-destkeystore", keyed, "-deststoretype", type),
        )
        for password in ("changeit", None):
            yield Loading(f"keytool key in {type}, {password}", keyed.read_bytes(), type, password)
    if java.major >= 18:
        file = folder / "open.p12"
        java.keytool(
            *("-importcert", "-noprompt", "-alias", "root", "-file", folder / "root.der"),
            *("-keystore", file, "-storetype", "PKCS12", "-storepass", "changeit"),
            props={"keystore.pkcs12.certPbeIterationCount": "1",
                   "keystore.pkcs12.certProtectionAlgorithm": "NONE",
                   "keystore.pkcs12.macAlgorithm": "NONE"},
        )  # fmt: skip
        for password in ("changeit", None):
            yield Loading(f"password-less, {password}", file.read_bytes(), "PKCS12", password)


CHAINS = {
    "leaf and intermediate": (LEAF, MID),
    "leaf alone": (LEAF,),
    "whole chain": (LEAF, MID, ROOT),
    "another root": (OTHER,),
}


def differences(loadings: Iterator[Loading], version: str) -> tuple[list[str], int]:
    oracle = Oracle(jvm.jvm(version))
    assert oracle.schemes
    found, empty = [], 0
    for one in loadings:
        trust = one.trust()
        empty += not trust.anchors
        assert bool(trust.why_none) is (not trust.anchors), one.name
        for what, chain in CHAINS.items():
            for manager in ("PKIX", "SunX509"):
                fields: list[tuple[str, bytes | str]] = [("chain", each) for each in chain]
                fields += [("keystore", one.data), ("storetype", one.type), ("manager", manager)]
                fields += [("protocol", "TLSv1.3")]
                if one.password is not None:
                    fields.append(("storepass", one.password))
                said = oracle.ask("manager", fields)
                ours = judge(
                    chain,
                    trust.anchors,
                    None,
                    "java" + version.rpartition(".")[0],
                    manager,
                )
                if (ours.accepts, ours.message) != (said.accepts, said.message):
                    found.append(f"{one.name}, {what}, {manager}: Java {said}, we {ours.message!r}")
    oracle.close()
    return found, empty


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(version, marks=() if version == "17.0.9.2" else pytest.mark.slow)
        for version in jvm.VERSIONS
    ],
)
def test_as_java_loads_them(version: str, tmp_path: Path) -> None:
    found, empty = differences(
        (one for group in (openssl_stores(tmp_path), keytool_stores(version, tmp_path))
         for one in group),
        version,
    )  # fmt: skip
    assert found == []
    # Without the attribute, and without a password: nothing is trusted, and it is said why.
    assert empty >= 5


def test_the_cause_is_named(tmp_path: Path) -> None:
    causes = {one.name: one.trust().why_none for one in openssl_stores(tmp_path)}
    assert "trustedKeyUsage" in causes["openssl -nokeys"]
    assert "no password (null)" in causes["openssl -nokeys, null"]
    assert causes["openssl, key and chain"] == ""


def test_the_certificate_of_a_key_is_an_anchor_and_its_chain_is_not(tmp_path: Path) -> None:
    (found,) = [
        one.trust() for one in openssl_stores(tmp_path) if one.name == "openssl, key and chain"
    ]
    assert found.anchors == (Certificate(LEAF),)
    assert judge([LEAF], found.anchors, HOST).accepts
    assert not judge([MID], found.anchors).accepts
