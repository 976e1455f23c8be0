"""The programs that are offered, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.wizard import systems
from storekeeper.wizard.driver import Nobody
from storekeeper.wizard.talk import Talk, Unanswered

LAYOUT = {
    "etc/nginx/nginx.conf": "events {}\n",
    "etc/apache2/apache2.conf": "",
    "var/lib/tomcat10/conf/server.xml": "<Server/>",
    "opt/xmatters/integrationagent-5.2.2/conf/wrapper.conf": "",
    "opt/xmatters/integrationagent-5.2.2/jre/lib/security/cacerts": "",
    "opt/kafka_2.13-3.9.0/bin/kafka-server-start.sh": "",
    "opt/kafka_2.13-3.9.0/config/server.properties": "",
    "usr/lib/jvm/java-17-openjdk-amd64/lib/security/cacerts": "",
    "usr/lib/jvm/java-17-openjdk-amd64/release": 'JAVA_VERSION="17.0.9"\n',
    "usr/lib/jvm/java-17-openjdk-amd64/bin/java": "",
}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, content in LAYOUT.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    (tmp_path / "usr/lib/jvm/java-17-openjdk-amd64/bin/java").chmod(0o755)
    monkeypatch.setattr(systems, "ROOT", str(tmp_path))


def _offered(*, java: bool = False) -> list[str]:
    """The names of what is offered; the first is the default."""
    with pytest.raises(Unanswered) as pause:
        systems.pick(Talk(person=Nobody.person), java=java)
    question = pause.value.question
    assert question.default == question.shown[0].value
    return [one.value.partition("@")[0] for one in question.shown]


@pytest.mark.usefixtures("machine")
def test_who_connects_to_others_stands_before_servers_and_those_before_jres() -> None:
    offered = _offered()
    places = {name: offered.index(name) for name in offered}
    assert {*offered[:2]} == {"kafka", "xmatters"}
    assert places["nginx"] < min(places["apache"], places["tomcat"])
    assert max(places["apache"], places["tomcat"]) < places["jre"]
    assert offered[-2:] == ["product", "store"]


@pytest.mark.usefixtures("machine")
def test_where_java_is_looked_at_jres_stand_first() -> None:
    offered = _offered(java=True)
    assert offered[0] == "jre"
    assert sorted(offered) == sorted(_offered())
