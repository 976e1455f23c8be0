"""What keytool says below ``Warning:``, word for word, and its commands that no help lists."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from cryptography import x509

from storekeeper import formats
from storekeeper.model import Certificate, Password, Store, TrustedCert
from tests import jvm, pki
from tests.our_keytool import Done, ours, theirs

MODEL = "17.0.9.2"
PASSWORD, OTHER = "changeit", "another1"
GIVEN = ("-storepass", PASSWORD)
OLD = ("-sigalg", "SHA1withRSA")
SAN = ("-ext", "san=dns:a.example")
Word = str | os.PathLike[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stores of each kind with good and bad keys, certificates out of them, requests."""
    there = tmp_path_factory.mktemp("stores")
    for kind in ("PKCS12", "JKS"):
        store = ("-keystore", there / kind, *GIVEN, "-storetype", kind, "-keypass", PASSWORD)
        made = (
            ("weak", "1024", "-sigalg", "SHA1withRSA"),
            ("ok", "2048", "-sigalg", "SHA256withRSA"),
            ("below", "2048", "-sigalg", "SHA1withRSA", "-signer", "weak"),
        )
        for alias, size, *more in made:
            key = ("-genkeypair", "-keyalg", "RSA", "-keysize", size, "-dname", f"CN={alias}", *SAN)
            run_ours(*key, "-alias", alias, *more, *store)
    own: tuple[Word, ...] = ("-keystore", there / "PKCS12", *GIVEN)
    bad = ("-keyalg", "RSA", "-keysize", "512", "-sigalg", "MD5withRSA", "-dname", "CN=bad")
    jvm.jvm(MODEL).worker.keytool("-genkeypair", "-alias", "bad", *bad, *own)
    for alias in ("weak", "ok", "bad"):
        run_ours("-exportcert", "-alias", alias, "-rfc", "-file", there / f"{alias}.crt", *own)
        run_ours("-importcert", "-noprompt", "-alias", alias, "-file", there / f"{alias}.crt",
                 "-keystore", there / "trust", *GIVEN)  # fmt: skip
    both = (there / "weak.crt").read_bytes() + (there / "ok.crt").read_bytes()
    (there / "both.crt").write_bytes(both)
    for alias in ("weak", "ok", "below"):
        run_ours("-certreq", "-alias", alias, "-file", there / f"{alias}.csr", *OLD, *own)
    files = ("-infile", there / "below.csr", "-outfile", there / "below.crt")
    run_ours("-gencert", "-alias", "weak", "-rfc", *OLD, *files, *own)
    return there


def run_ours(*words: Word) -> Done:
    done = ours(*words)
    assert done.returncode == 0, done
    return done


def warned(text: str, path: Path) -> list[str]:
    """The lines below ``Warning:``, wherever the stores are."""
    _, _, said = text.partition("\nWarning:\n")
    return [line for line in said.replace(str(path), "HERE").splitlines() if line]


COMMANDS = {
    "list": "-list -keystore PKCS12",
    "list-v": "-list -v -keystore PKCS12",
    "list-rfc": "-list -rfc -keystore PKCS12",
    "list-trust": "-list -keystore trust",
    "list-jks": "-list -keystore JKS",
    "list-one": "-list -alias below -keystore JKS",
    "list-one-v": "-list -v -alias below -keystore PKCS12",
    "list-ok": "-list -alias ok -keystore PKCS12",
    "export": "-exportcert -alias weak -rfc -keystore JKS",
    "export-trusted": "-exportcert -alias weak -rfc -keystore trust",
    "print": "-printcert -file bad.crt",
    "print-both": "-printcert -file both.crt",
    "request": "-certreq -alias weak -sigalg SHA1withRSA -keystore PKCS12",
    "print-request": "-printcertreq -file weak.csr",
    "answer": "-gencert -alias weak -sigalg SHA1withRSA -infile ok.csr -rfc -keystore PKCS12",
    "answer-weak": "-gencert -alias ok -infile weak.csr -rfc -sigalg SHA256withRSA -keystore JKS",
    "revoke": "-gencrl -alias weak -id 5 -sigalg SHA1withRSA -rfc -keystore PKCS12",
    "make": "-genkeypair -alias n -keyalg RSA -keysize 1024 -dname CN=n -sigalg SHA1withRSA "
    "-signer weak -keystore PKCS12",
    "make-ec": "-genkeypair -alias n -keyalg EC -keysize 384 -dname CN=n -keystore PKCS12",
    "make-jks": "-genkeypair -alias n -keyalg EC -groupname secp256r1 -dname CN=n -keystore JKS",
    "import": "-importcert -noprompt -alias n -file weak.crt -keystore PKCS12",
    "import-bad": "-importcert -noprompt -alias n -file bad.crt -keystore trust",
    "import-ok": "-importcert -noprompt -alias n -file ok.crt -keystore JKS",
    "reply": "-importcert -noprompt -alias below -file below.crt -keystore PKCS12",
    "import-issued": "-importcert -noprompt -alias n -file below.crt -keystore trust",
    "import-closed": "-importcert -alias n -file below.crt -keystore trust",
    "rename": "-changealias -alias weak -destalias n -keystore JKS",
    "delete": "-delete -alias weak -keystore JKS",
    "delete-trusted": "-delete -alias weak -keystore trust",
    "password": "-storepasswd -new another1 -keystore JKS",
    "key-password": "-keypasswd -alias weak -new another1 -keystore JKS",
    "quiet": "-list -nowarn -keystore JKS",
}


FEW = ("list-v", "list-one", "list-trust", "print-both", "answer", "make-ec", "reply", "quiet")


@pytest.mark.parametrize(
    "name",
    [pytest.param(one, marks=() if one in FEW else pytest.mark.slow) for one in COMMANDS],
)
def test_says_what_keytool_says(name: str, folder: Path, tmp_path: Path) -> None:
    said = {}
    for who in ("theirs", "ours"):
        here = tmp_path / who
        shutil.copytree(folder, here)
        names = {one.name for one in here.iterdir()}
        words = [str(here / one) if one in names else one for one in COMMANDS[name].split()]
        words += [] if words[0].startswith("-print") else [*GIVEN, "-keypass", PASSWORD]
        if who == "ours":
            done = run_ours(*words)
            said[who] = warned(done.stderr, here)
            assert "\nWarning:" not in done.stdout
        else:
            said[who] = warned(theirs(jvm.jvm(MODEL), *words).stderr, here)
    assert said["ours"] == said["theirs"]
    assert bool(said["ours"]) == (name not in ("list-ok", "delete-trusted", "quiet"))


@pytest.mark.parametrize("kind", ["JKS", "PKCS12"])
def test_importkeystore_says_it_of_what_came(kind: str, folder: Path, tmp_path: Path) -> None:
    said = {}
    for who in ("theirs", "ours"):
        words: tuple[Word, ...]
        words = ("-importkeystore", "-srckeystore", folder / "PKCS12", "-srcstorepass", PASSWORD)
        to: tuple[Word, ...]
        to = ("-destkeystore", tmp_path / who, "-deststorepass", PASSWORD, "-deststoretype", kind)
        text = (
            run_ours(*words, *to).stderr
            if who == "ours"
            else jvm.jvm(MODEL).worker.keytool(*words, *to)
        )
        said[who] = sorted(warned(text, tmp_path / who))
    assert said["ours"] == said["theirs"]
    assert len(said["ours"]) == 5 + (kind == "JKS")


IGNORED = "Ignoring user-specified -keypass value."


@pytest.mark.parametrize(
    "words",
    [
        "-list",
        "-exportcert -alias ok -rfc",
        "-certreq -alias ok",
        "-gencert -alias ok -infile ok.csr -rfc",
        "-importcert -noprompt -alias n -file ok.crt",
        "-delete -alias ok",
        "-changealias -alias ok -destalias n",
        "-storepasswd -new another1",
        "-selfcert -alias ok",
        "-keyclone -alias ok -destalias n",
        "-gencrl -alias ok -id 1 -rfc",
    ],
)
def test_a_key_password_is_not_for_a_pkcs12(words: str, folder: Path, tmp_path: Path) -> None:
    for who in ("theirs", "ours"):
        path = tmp_path / who
        shutil.copy(folder / "PKCS12", path)
        given = [str(folder / one) if (folder / one).exists() else one for one in words.split()]
        command: tuple[Word, ...] = (*given, "-keystore", path, *GIVEN, "-keypass", OTHER)
        if who == "theirs":
            text = jvm.jvm(MODEL).worker.keytool(*command)
        else:
            text = run_ours(*command).stderr
        assert text.count(IGNORED) == 1, who


# --- commands no help lists ----------------------------------------------------------------


def entries(path: Path, password: str = PASSWORD, **keypass: str) -> dict[str, object]:
    loaded = jvm.jvm(MODEL).worker.load(path.read_bytes(), password, keypass=keypass or None)
    return {
        one["alias"]: (one["kind"], one["chain"], one["key"], one["key_error"])
        for one in loaded["entries"]
    }


def copies(folder: Path, kind: str, tmp_path: Path, *words: Word) -> list[Path]:
    """Two copies of a store, after keytool's run and ours."""
    made = [tmp_path / "theirs", tmp_path / "ours"]
    for path in made:
        shutil.copy(folder / kind, path)
        command = (*words, "-keystore", path, *GIVEN)
        if path.name == "ours":
            run_ours(*command)
        else:
            jvm.jvm(MODEL).worker.keytool(*command)
    return made


@pytest.mark.parametrize("kind", ["PKCS12", "JKS"])
def test_keyclone(kind: str, folder: Path, tmp_path: Path) -> None:
    new = () if kind == "PKCS12" else ("-new", OTHER)
    words = ("-keyclone", "-alias", "below", "-destalias", "copy", *new)
    expected, made = copies(folder, kind, tmp_path, *words)
    password = PASSWORD if kind == "PKCS12" else OTHER
    aliases = dict.fromkeys(("weak", "ok", "below", "bad"), PASSWORD)
    found = entries(made, **aliases, copy=password)
    assert found == entries(expected, **aliases, copy=password)
    assert found["copy"] == found["below"]
    again = ours(*words, "-keystore", made, *GIVEN)
    assert again.returncode == 6
    assert ours("-keyclone", "-destalias", "x", "-keystore", made, *GIVEN).returncode == 1


def test_selfcert(folder: Path, tmp_path: Path) -> None:
    words = ("-selfcert", "-alias", "ok", "-dname", "CN=New", "-validity", "5")
    found = []
    for path in copies(folder, "JKS", tmp_path, *words, "-ext", "bc=ca:true"):
        (chain,) = [one["chain"] for one in jvm.jvm(MODEL).worker.load(
            path.read_bytes(), PASSWORD)["entries"] if one["alias"] == "ok"]  # fmt: skip
        (der,) = chain
        one = x509.load_der_x509_certificate(der)
        one.verify_directly_issued_by(one)
        validity = one.not_valid_after_utc - one.not_valid_before_utc
        found.append((one.subject, validity, [str(e) for e in one.extensions], one.public_key()))
    assert found[0] == found[1]
    assert found[0][1].days == 5
    assert len(found[0][2]) == 3


def test_gencrl(folder: Path, tmp_path: Path) -> None:
    words = ("-gencrl", "-alias", "ok", "-id", "5", "-id", "0x1F:4", "-validity", "7")
    path = tmp_path / "list.crl"
    run_ours(*words, "-rfc", "-file", path, "-keystore", folder / "PKCS12", *GIVEN)
    made = x509.load_pem_x509_crl(path.read_bytes())
    own = x509.load_pem_x509_certificate((folder / "ok.crt").read_bytes())
    assert made.is_signature_valid(own.public_key())  # type: ignore[arg-type]
    assert [one.serial_number for one in made] == [5, 31]
    assert made.next_update_utc is not None
    assert (made.next_update_utc - made.last_update_utc).days == 7
    shown = jvm.jvm(MODEL).worker.keytool(
        "-printcrl", "-file", path, "-keystore", folder / "PKCS12", *GIVEN
    )
    assert "Verified by ok in keystore" in shown


def test_a_certificate_that_can_t_be_read_is_listed_all_the_same(tmp_path: Path) -> None:
    damaged = bytearray(pki.certificate("odd"))
    at = damaged.index(bytes.fromhex("06072a8648ce3d0201"))  # the OID of EC keys
    damaged[at] = 0x04
    entry = TrustedCert("odd", Certificate(bytes(damaged)), 1)
    path = tmp_path / "odd.jks"
    path.write_bytes(formats.write(Store("JKS", (entry,)), Password(PASSWORD)))
    done = run_ours("-list", "-keystore", path, *GIVEN)
    assert "odd, Jan 1, 1970, trustedCertEntry, " in done.stdout
    assert done.stderr == ""
