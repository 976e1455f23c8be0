"""`jres` as text and JSON, over a machine made up for it."""

from __future__ import annotations

import json

from storekeeper.host.jre import Jre, Skipped
from storekeeper.host.locate import Jres
from storekeeper.report import jres
from storekeeper.report.values import dump

DEBIAN = Jre(
    home="/nonexistent/jvm/java-17",
    version="17.0.15",
    implementor="Debian",
    cacerts="/nonexistent/jvm/java-17/lib/security/cacerts",
    links=("/nonexistent/jvm/java-17/lib/security/cacerts", "/etc/ssl/certs/java/cacerts"),
    found_by=("JAVA_HOME", "PATH"),
)
AGENT = Jre(
    home="/nonexistent/agent/j\x1bre",
    version=None,
    implementor=None,
    cacerts="/nonexistent/agent/jre/lib/security/cacerts",
    links=("/nonexistent/agent/jre/lib/security/cacerts",),
    jssecacerts="/nonexistent/agent/jre/lib/security/jssecacerts",
    found_by=("agent",),
    note="the release file is unreadable",
)
FOUND = Jres((DEBIAN, AGENT), (Skipped("/nonexistent/broken", "no cacerts", "PATH"),))


def test_text() -> None:
    shown = jres.text(FOUND, DEBIAN)
    first, second = shown.split("\n  /nonexistent/agent")
    assert first.startswith("* /nonexistent/jvm/java-17  (17.0.15, Debian)\n")
    assert "    found by  JAVA_HOME, PATH\n" in first
    assert "    cacerts   /nonexistent/jvm/java-17/lib/security/cacerts\n" in first
    assert "              -> /etc/ssl/certs/java/cacerts\n" in f"{first}\n"
    assert "\x1b" not in shown
    assert "(unknown version)" in second
    assert "jssecacerts, which Java prefers to cacerts" in second
    assert "    note      the release file is unreadable\n" in second
    assert shown.endswith("\npassed over:\n  /nonexistent/broken (PATH): no cacerts\n")


def test_none_found() -> None:
    assert jres.text(Jres(()), None) == "no JRE found\n"


def test_json() -> None:
    found = json.loads("".join(dump(jres.json(FOUND, DEBIAN))))
    assert [one["in_use"] for one in found["jres"]] == [True, False]
    assert found["jres"][1]["home"] == AGENT.home
    assert found["jres"][1]["version"] is None
    assert found["jres"][0]["links"] == list(DEBIAN.links)
    assert found["skipped"] == [
        {"path": "/nonexistent/broken", "why": "no cacerts", "found_by": "PATH"}
    ]
