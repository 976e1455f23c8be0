"""The file java.security, read as Java reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.errors import Damaged
from storekeeper.model import Certificate
from storekeeper.trust.runtimes import jdk, properties
from storekeeper.trust.runtimes.revocation import Revocation
from storekeeper.trust.verdict import judge
from tests import jvm
from tests.jdk_judged import NOW, cases, release, verdict_on
from tests.oracle import Oracle
from tests.revocation_questions import of_mid
from tests.verdict_cases import leaf, mid, root

TEXTS = [
    "a=b",
    "a b",
    "a : b",
    "  a = b\\\n   c",
    "a=b\\\\\n   c",
    "a\\=b=c",
    "a\\ b=c",
    "# a=b\n!c=d\n e=f",
    "a",
    "a=",
    "=a",
    "a=1\na=2",
    "a=\\u0041\\t\\n\\q",
    "a=b\r\nc=d\re=f",
    "a=b\\\n# c",
    "a=b\\",
    "\\\na=b",
    "a==b",
    "a:=b",
    "a\t\f=\fb ",
    "",
]


def test_properties_as_java_reads_them(tmp_path: Path) -> None:
    """Judged by what a security property of that name is, in one JVM."""
    oracle = Oracle(jvm.jvm("17.0.9.2"))
    for text in TEXTS:
        answer = oracle.ask("properties", [("text", text)])
        assert answer.word == "properties", answer
        pairs = answer.exceptions
        found = properties.read(text)
        assert found == dict(zip(pairs[::2], pairs[1::2], strict=True)), text
    assert oracle.ask("properties", [("text", "a=\\u12g4")]).word == "failure"
    oracle.close()
    with pytest.raises(Damaged, match="malformed"):
        properties.read("a=\\u12g4")


def test_what_a_file_does_not_say_is_as_shipped() -> None:
    of = release("21.0.8.2")
    assert jdk.read("", of) == jdk.defaults(of)
    found = jdk.read("jdk.security.caDistrustPolicies=symantec_tls, FOO,\nocsp.enable=TRUE\n", of)
    assert found.distrust == ("SYMANTEC_TLS", "FOO")
    assert found.ocsp
    assert not found.only_end_entity


def test_a_file_that_includes_another() -> None:
    """Another file may say anything: the verdict tells that it was not read."""
    for name, said in (("25.0.2.1", True), ("21.0.8.2", False)):
        settings = jdk.read("include more.security\n", release(name))
        notes = verdict_on(cases(17)[0], name, settings).notes
        assert ("java.security includes more.security, which is not read" in notes) is said


def test_settings_about_revocation() -> None:
    """What an application asks, and what ``java.security`` adds to it."""
    anchors, chain = [Certificate(root())], [leaf(), mid()]

    def message(text: str) -> str:
        settings = jdk.read(text, release("17.0.9.2"))
        asked = Revocation(crls=(of_mid(),))
        return judge(chain, anchors, None, at=NOW, settings=settings, revocation=asked).message

    assert message("").endswith("Could not determine revocation status")
    assert message("com.sun.security.onlyCheckRevocationOfEECert=true") == ""
    assert message("ocsp.enable=true").endswith("Certificate does not specify OCSP responder")
