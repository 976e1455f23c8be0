"""What keytool cannot list, and the dates it writes."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.cli.keytool import java_text
from tests import jvm, pki
from tests.keytool_listed import GIVEN, MODEL, PASSWORD, entries
from tests.our_keytool import ours, theirs

# --- failures --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    (folder / "store.p12").write_bytes(formats.write(entries("PKCS12"), PASSWORD))
    (folder / "root.pem").write_bytes(pki.pem("CERTIFICATE", pki.certificate("root")))
    (folder / "empty").touch()
    (folder / "text").write_text("hello\n")
    return folder


FAILURES = {
    "alias": (("-list", "-alias", "nope", "-keystore", "store.p12", *GIVEN), 1,
              "alias 'nope': the entry does not exist"),
    "secret": (("-exportcert", "-alias", "secret", "-keystore", "store.p12", *GIVEN), 1,
               "the entry has no certificate"),
    "default alias": (("-exportcert", "-keystore", "store.p12", *GIVEN), 1,
                      "alias 'mykey': the entry does not exist"),
    "password": (("-list", "-keystore", "store.p12", "-storepass", "wrongwrong"), 3,
                 "wrong password"),
    "absent": (("-list", "-keystore", "nope", *GIVEN), 4, "nope: the keystore does not exist"),
    "empty": (("-list", "-keystore", "empty", *GIVEN), 4, "exists, but is empty"),
    "text": (("-list", "-keystore", "text", *GIVEN), 4, "text"),
    "certificate": (("-list", "-keystore", "root.pem", *GIVEN), 4, "expected a keystore"),
    "store": (("-printcert", "-file", "store.p12"), 4, "found a keystore (PKCS12)"),
    "nothing": (("-printcert",), 4, "expected a certificate, found nothing"),
    "no file": (("-printcert", "-file", "nope"), 4, "no such file"),
    "no request": (("-printcertreq", "-file", "root.pem"), 4, "expected a certificate request"),
    "no list": (("-printcrl", "-file", "root.pem"), 4, "expected a revocation list"),
    "v and rfc": (("-list", "-v", "-rfc", "-keystore", "store.p12"), 2, "-v and -rfc"),
    "cacerts": (("-list", "-cacerts", "-keystore", "x"), 2, "-cacerts can't be used"),
    "token": (("-list", "-keystore", "NONE", "-storetype", "PKCS11"), 4, "kept by a token"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAILURES)
def test_failures(case: str, bad: Path) -> None:
    words, status, message = FAILURES[case]
    done = ours(*words, cwd=bad)
    assert (done.returncode, done.stdout) == (status, "")
    assert "storekeeper: error: " in done.stderr
    assert message in done.stderr
    assert PASSWORD not in done.stderr
    assert ours(*words, "--rc1", cwd=bad).returncode == 1


@pytest.mark.slow
def test_keytool_fails_where_we_do(bad: Path) -> None:
    java = jvm.jvm(MODEL)
    for case, (words, _, _) in FAILURES.items():
        placed = [str(bad / word) if (bad / word).exists() else word for word in words]
        assert theirs(java, *placed).returncode == 1, case


def test_a_broken_certificate_does_not_hide_the_others(tmp_path: Path) -> None:
    good = pki.pem("CERTIFICATE", pki.certificate("root"))
    (tmp_path / "some.pem").write_bytes(good + pki.pem("CERTIFICATE", b"0\x03\x02\x01") + good)
    done = ours("-printcert", "-file", tmp_path / "some.pem")
    assert done.returncode == 4  # keytool prints none of them, and fails
    assert done.stdout.count("Owner: CN=root") == 2


# --- dates -----------------------------------------------------------------------------

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney")


@pytest.fixture
def zone() -> Iterator[None]:
    yield
    time.tzset()


@pytest.mark.parametrize("name", ZONES)
@given(seconds=st.integers(-(10**9), 4 * 10**9))
def test_dates_are_those_of_the_date_command(name: str, seconds: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", name)
        time.tzset()
        text = java_text.date_time(seconds)
        day = java_text.date(seconds)
    time.tzset()
    assert re.fullmatch(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d [A-Z]+ \d{4}", text)
    assert day == f"{text[4:7]} {int(text[8:10])}, {text[-4:]}"


@pytest.mark.parametrize("name", ZONES)
def test_zones_are_java_s(name: str, tmp_path: Path) -> None:
    (tmp_path / "one.der").write_bytes(pki.certificate("root"))
    home = jvm.jvm(MODEL).home
    words = ("-printcert", "-file", str(tmp_path / "one.der"))
    command = [str(home / "bin" / "keytool"), *words]
    command += [f"-J-Duser.timezone={name}", "-J-Duser.language=en"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ours(*words, env={"TZ": name}).stdout == done.stdout
