"""Installations of products are found where their installers put them, in any tree."""

from __future__ import annotations

from pathlib import Path

import pytest

from storekeeper.profile.installed import installations
from storekeeper.profile.load import load

# Below the tree: what an installation has, the oldest first; and the version that counts.
LAYOUTS = {
    "xmatters": (
        ["opt/xmatters/integrationagent-5.1.8", "opt/xmatters/integrationagent-5.2.10"],
        ["jre/lib/security/cacerts", "conf/wrapper.conf"],
        "5.2.10",
    ),
    "webmethods": (
        ["opt/softwareag"],
        ["IntegrationServer/instances/default/config/server.cnf", "common/conf/keystore.jks"],
        "",
    ),
    "kafka": (
        ["opt/kafka_2.13-2.8.2", "opt/kafka_2.13-3.9.0"],
        ["bin/kafka-server-start.sh", "config/server.properties"],
        "2.13",
    ),
    "apache": (["etc/apache2", "usr/local/apache2"], ["conf/httpd.conf"], "2"),
    "nginx": (["etc/nginx"], ["nginx.conf"], ""),
    "tibco": (["opt/tibco"], ["bw/5.16/bin/bwengine.tra"], ""),
    "iis": (["C:/Windows/System32/inetsrv"], ["config/applicationHost.config"], ""),
    "f5": (["config"], ["bigip.conf", "ssl/ssl.crt/default.crt"], ""),
    "apigee": (["opt/apigee"], ["edge-message-processor/conf/x"], ""),
    "tomcat": (["var/lib/tomcat9", "var/lib/tomcat10"], ["conf/server.xml"], "10"),
    "bmc-remedy": (["opt/apache/tomcat9.0"], ["conf/server.xml"], "9.0"),
    "jre": (
        ["usr/lib/jvm/java-8-openjdk-amd64/jre", "usr/lib/jvm/java-17-openjdk-amd64"],
        ["lib/security/cacerts"],
        "17",
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_it_is_found_and_the_newest_is_the_default(name: str, tmp_path: Path) -> None:
    homes, files, version = LAYOUTS[name]
    assert installations(name, {}, str(tmp_path)) == ()
    for home in homes:
        for file in files:
            (tmp_path / home / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / home / file).touch()
    found = installations(name, {}, str(tmp_path))
    assert {one.home for one in found} == {f"/{home}" for home in homes}
    assert found[0].home == f"/{homes[-1]}"
    assert found[0].version == version
    assert found[0].variables == (("home", f"/{homes[-1]}"),)
    profile = load(name, environ={}, root=str(tmp_path))
    assert f"/{homes[-1]}" in profile.targets[0].path or profile.targets[0].path.startswith("${")


def test_what_lacks_a_part_is_no_installation(tmp_path: Path) -> None:
    (tmp_path / "opt" / "xmatters" / "integrationagent-5.1.8" / "conf").mkdir(parents=True)
    assert installations("xmatters", {}, str(tmp_path)) == ()


def test_the_tomcat_of_this_machine_is_found() -> None:
    if not Path("/var/lib/tomcat10/conf/server.xml").exists():
        pytest.skip("tomcat10 is not installed")
    assert "/var/lib/tomcat10" in {one.home for one in installations("tomcat")}
