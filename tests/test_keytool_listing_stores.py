"""Stores as ``keytool -list`` and ``-exportcert`` show them."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper import formats
from tests import jvm, pki
from tests.keytool_listed import FEW, GIVEN, MODEL, PASSWORD, as_17, entries, same
from tests.our_keytool import ours, theirs


@pytest.fixture(scope="module", params=["JKS", "JCEKS", "PKCS12"])
def keystore(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keystore") / f"store.{request.param}"
    path.write_bytes(formats.write(entries(request.param), PASSWORD))
    return path


@pytest.mark.parametrize("style", [(), ("-v",), ("-rfc",)], ids=["short", "v", "rfc"])
@pytest.mark.parametrize("version", FEW)
def test_list(version: str, style: tuple[str, ...], keystore: Path) -> None:
    shown = same(version, "-list", *style, "-keystore", keystore, *GIVEN)
    assert f"contains {4 if keystore.suffix == '.JKS' else 5} entries" in shown


@pytest.mark.parametrize(
    ("alias", "style"), [("one", ("-v",)), ("Z Trust", ("-rfc",)), ("secret", ()), ("B", ())]
)
def test_list_of_one_entry(alias: str, style: tuple[str, ...], keystore: Path) -> None:
    if alias == "secret" and keystore.suffix == ".JKS":
        pytest.skip("A JKS has no secret keys.")
    shown = same(MODEL, "-list", *style, "-alias", alias, "-keystore", keystore, *GIVEN)
    assert alias in shown  # as it was asked for


@pytest.mark.parametrize("version", FEW)
def test_exportcert(version: str, keystore: Path, tmp_path: Path) -> None:
    words = ("-exportcert", "-alias", "one", "-keystore", keystore, *GIVEN)
    same(version, *words, "-rfc")
    done = ours(*words, "-file", tmp_path / "one.cer", "-nowarn")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "one.cer").read_bytes() == pki.certificate("leaf", "root")
    assert done.stderr == f"Certificate stored in file <{tmp_path / 'one.cer'}>\n"


@pytest.mark.parametrize("type", ["PKCS12", "jks", "JKS", "pkcs12"])
def test_the_type_that_was_asked_for_is_in_the_heading(type: str, tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    path.write_bytes(formats.write(entries("JKS"), PASSWORD))
    words = ("-list", "-keystore", path, "-storetype", type, *GIVEN)
    assert type.upper() in same(MODEL, *words).splitlines()[0]


@pytest.mark.parametrize("version", jvm.ENDS_PARAMS)
def test_list_of_a_real_cacerts(version: str) -> None:
    # Another JVM's as well: a JKS, or a PKCS12 without a password and its question.
    for other in (MODEL, "21.0.8.2"):
        same(version, "-list", "-keystore", jvm.jvm(other).cacerts)
    one = jvm.jvm(version)
    words = ("-list", "-v", "-cacerts", *GIVEN)
    done = ours(*words, env={"JAVA_HOME": str(one.home)})
    assert done.returncode == 0
    assert done.stdout == as_17(theirs(one, *words).stdout, one.major)


def test_without_a_password_a_jks_is_listed_and_the_banner_shown(tmp_path: Path) -> None:
    path = tmp_path / "store.jks"
    path.write_bytes(formats.write(entries("JKS"), PASSWORD))
    version = MODEL
    for answer in (b"", b"\n", b"\nchangeit\n"):
        same(version, "-list", "-keystore", path, input=answer)
    expected = theirs(jvm.jvm(version), "-list", "-keystore", path, "-protected")
    # A JKS gets more: a wish to have it converted.
    assert expected.stderr.startswith(ours("-list", "-keystore", path, "-protected").stderr)
    same(version, "-list", "-keystore", path, input=b"changeit")
    assert "NOT been verified" not in ours("-list", "-keystore", path, input=b"changeit").stderr


def test_an_encrypted_pkcs12_is_not_half_listed(tmp_path: Path) -> None:
    path = tmp_path / "store.p12"
    path.write_bytes(formats.write(entries("PKCS12"), PASSWORD))
    java = jvm.jvm(MODEL)
    assert "contains 2 entries" in theirs(java, "-list", "-keystore", path).stdout
    done = ours("-list", "-keystore", path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "its certificates are encrypted, and no password was given" in done.stderr


def test_what_keytool_leaves_out_is_left_out_and_said(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate("root")))
    path = tmp_path / "openssl.p12"
    pki.openssl("pkcs12", "-export", "-nokeys", "-in", str(tmp_path / "root.pem"),
                "-caname", "root", "-out", str(path), "-passout", f"pass:{PASSWORD}")  # fmt: skip
    shown = same(MODEL, "-list", "-keystore", path, *GIVEN)
    assert "contains 0 entries" in shown
    done = ours("-list", "-keystore", path, *GIVEN)
    assert "no trustedKeyUsage attribute" in done.stderr
