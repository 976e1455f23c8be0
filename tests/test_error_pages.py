"""docs/errors: every message has an entry, and every entry's message is really said by somebody."""

from __future__ import annotations

import ast
import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest

from storekeeper.doctor import told, trusting
from storekeeper.model import Certificate
from storekeeper.tls.words import ALERTS_OF_SERVERS
from storekeeper.trust.rules import NAME_RULES, RULES
from storekeeper.trust.runtimes import gnutls, openssl_words, table
from storekeeper.trust.verdict import judge
from tests import browser, golden, jvm, model_messages, pages, said
from tests.test_verdict import AT, verdict_on
from tools import error_pages

DOCTOR = Path(trusting.__file__).parent
ENTRIES = error_pages.every()
SILENT = {"trusted"}
"""Rules nobody is told of by a message."""

FORWARDED = {
    "AH02276: Certificate Verification: Error (…): …",
    "AH02276: Certificate Verification: Error (): …",
    "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: …",
    "tls: failed to verify certificate: …",
    " (possibly because of … while trying to verify candidate authority certificate …)",
}
"""Words of the model that stand around a message which has an entry of its own."""


def about(message: str) -> list[dict[str, Any]]:
    return [entry for _, entry in ENTRIES if error_pages.fits(message, entry)]


# -- the pages ------------------------------------------------------------------------


def test_pages_are_what_the_tables_say() -> None:
    for path, text in error_pages.made().items():
        assert path.read_text(encoding="utf-8") == text, path.name
    assert error_pages.strangers() == []


def test_every_message_is_on_the_first_page_under_its_own_heading() -> None:
    index = error_pages.index()
    for name in error_pages.PAGES:
        titles = [entry["title"] for entry in error_pages.entries(name)]
        anchors = [error_pages.anchor(title) for title in titles]
        assert len(set(anchors)) == len(anchors), f"{name}: two headings alike"
        assert all(f"]({name}.md#{anchor})" in index for anchor in anchors)


def test_every_entry_says_what_it_means_and_what_to_do() -> None:
    known = {"title", "says", "by", "rules", "codes", "means", "do", "source", "documented"}
    for name, entry in ENTRIES:
        assert set(entry) <= known, f"{name}: {entry['title']}"
        assert entry["says"], entry["title"]
        assert entry["means"].strip().endswith("."), entry["title"]
        assert entry["do"], entry["title"]
        assert set(entry.get("rules", ())) <= {*RULES, "any"}, entry["title"]


def test_commands_in_the_tables_can_be_typed() -> None:
    texts = [one for _, entry in ENTRIES for one in (entry["means"], *entry["do"])]
    texts += [error_pages.table(name)["intro"] for name in error_pages.PAGES]
    codes = error_pages.table("diagnoses")["codes"]
    texts += [one for entry in codes.values() for one in entry.get("do", ())]
    seen = 0
    for text in texts:
        for command in re.findall(r"`storekeeper ([^`]+)`", re.sub(r"\s+", " ", text)):
            (words,) = pages.commands(command)
            if len(words) > 1 and words[-1] != "--runtime":
                pages.parsed(words)
                seen += 1
    assert seen > 60


def has_entry(template: str) -> bool:
    """Whether an entry has the words of a template, or they are a part of an entry's."""
    if about(template):
        return True
    own = error_pages.pattern(template)
    return any(own.search(one) for _, entry in ENTRIES for one in entry["says"])


def tells(template: str) -> bool:
    """Whether it has words to be known by, and is not another refusal's message as it came."""
    return len(template.replace("x509: ", "").replace("…", "").strip()) >= 8


# -- everything that is said has an entry ---------------------------------------------


def test_every_message_of_the_model_has_an_entry() -> None:
    found = model_messages.templates()
    assert len(found) > 120
    missing = [
        f"{one.where}: {one.text}"
        for one in found
        if tells(one.text) and one.text not in FORWARDED and not has_entry(one.text)
    ]
    assert missing == []
    assert {one.text for one in found} >= FORWARDED, "not said any more"


def test_every_error_of_openssl_and_gnutls_has_an_entry() -> None:
    for number, (_, words) in openssl_words.ERRORS.items():
        for version in ((1, 1), (3, 0)):
            assert about(openssl_words.said(number, version)[1]), words
        rules = {rule for entry in about(words) for rule in entry.get("rules", ())}
        assert openssl_words.rule_of(number) in rules, words
    for rule, words in gnutls._WORDS.items():
        assert any(rule in entry["rules"] for entry in about(words.strip())), words


def test_what_jres_said_of_chains_has_an_entry_with_its_rule() -> None:
    """Of all the cases that are kept: 900 chains, four JREs."""
    cache: dict[tuple[str, str], bool] = {}
    for judged in golden.load():
        for version, (word, message) in judged.answers.items():
            if word != "reject" or not message:
                continue
            rule = verdict_on(judged.case, version).rule
            if (message, rule) not in cache:
                rules = {one for entry in about(message) for one in entry.get("rules", ())}
                cache[message, rule] = rule in rules
                assert cache[message, rule], f"{judged.case.name}: {message}: {rule}"
    assert len(cache) > 60


@functools.cache
def swept(runtime: str) -> frozenset[tuple[str, str]]:
    """Messages and rules of a runtime for a part of the same cases."""
    seen = set()
    for judged in list(golden.load())[::12]:
        case = judged.case
        verdict = judge(case.chain, map(Certificate, case.anchors), case.host, runtime, at=AT)
        if verdict.accepts is False and verdict.message:
            number = r"^AH02276: Certificate Verification: Error \(\d+\): "
            seen.add((re.sub(number, "", verdict.message), verdict.rule))
    return frozenset(seen)


@pytest.mark.parametrize("runtime", [one.name for one in table.RUNTIMES])
def test_what_other_runtimes_say_has_an_entry_with_its_rule(runtime: str) -> None:
    assert swept(runtime)
    for message, rule in swept(runtime):
        found = about(message)
        assert found, message
        rules = {one for entry in found for one in entry.get("rules", ())}
        assert rules & {rule, "any"}, f"{message}: {rule}"


def test_every_rule_has_an_entry() -> None:
    named = {rule for _, entry in ENTRIES for rule in entry.get("rules", ())}
    # One that stands behind "peer not authenticated" alone: a signature Finesse can't read.
    assert set(RULES) - named == SILENT | {"signature-algorithm", "wrong-order"}


def test_every_alert_has_an_entry() -> None:
    assert set(error_pages.table("alerts")["alerts"]) == set(ALERTS_OF_SERVERS)


def test_every_diagnosis_has_an_entry() -> None:
    listed = error_pages.codes()
    assert set(listed) == diagnoses()
    for code, entry in listed.items():
        assert error_pages.sentence(code, entry)
        assert error_pages.steps(code, entry), code
    named = {code for _, entry in ENTRIES for code in entry.get("codes", ())}
    assert named <= set(listed)


def test_the_doctor_takes_each_message_for_what_its_entry_says() -> None:
    others = []
    for name, entry in ENTRIES:
        for message in entry["says"]:
            code = told.code_of(message.replace("…", "x"))
            if code and code not in entry.get("codes", ()) and name != "no-answer":
                others.append(f"{name}: {message}: {code}")
    assert others == []


def diagnoses() -> set[str]:
    """Every code the doctor can give: its tables, and what stands in its source."""
    found = {*told.WORDS, *told._MESSAGES, *told._NUMBERS.values(), *told.STEPS}
    found |= {*trusting._CODES.values(), *trusting._BY_FIX.values(), *trusting._WORDS}
    dated = {"expired", "not-yet-valid"}
    found |= {f"{rule}-{role}" for rule in dated for role in ("leaf", "intermediate", "root")}
    found |= set(RULES) - set(trusting._CODES) - set(trusting._SEARCHES) - NAME_RULES - SILENT
    for path in DOCTOR.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Diagnosis":
                first = node.args[0]
            elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                first = node.value.elts[0]
            else:
                continue
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


# -- every entry is about something that is said ----------------------------------------


def spoken() -> list[str]:
    """All that was heard: of JREs, of the model, of the tables of OpenSSL and GnuTLS."""
    heard = {one.text for one in model_messages.templates() if tells(one.text)} - FORWARDED
    heard |= {message for one in table.RUNTIMES for message, _ in swept(one.name)}
    for judged in golden.load():
        heard |= {message for word, message in judged.answers.values() if word == "reject"}
    for situations in said.load().values():
        heard |= {line for lines in situations.values() for line in lines}
    for number in openssl_words.ERRORS:
        heard |= {openssl_words.said(number, version)[1] for version in ((1, 1), (3, 0))}
    return [*heard, *gnutls._WORDS.values()]


def test_every_entry_is_about_a_message_that_is_really_said() -> None:
    heard = "\n".join(spoken())
    nobody = []
    for name, entry in ENTRIES:
        for message in entry["says"]:
            if "source" in entry or message in entry.get("documented", ()):
                continue
            lines = error_pages.pattern(message).pattern.replace(".*?", "[^\n]*?")
            if not re.search(lines, heard):
                nobody.append(f"{name}: {message}")
    assert nobody == []


def test_what_jres_say_of_handshakes_and_stores_has_an_entry() -> None:
    for version, situations in said.load().items():
        for name, lines in situations.items():
            if name != "JKS as PKCS12":  # each takes the other's
                assert lines, f"{version}, {name}"
                assert about(lines[0]), f"{version}, {name}: {lines[0]}"


def differences(version: str, folder: Path) -> dict[str, tuple[list[str], list[str]]]:
    kept, now = said.load()[version], said.everything(jvm.jvm(version), folder)
    assert set(kept) == set(now)
    return {name: (kept[name], now[name]) for name in kept if kept[name] != now[name]}


def test_the_file_is_what_a_jre_says_today(tmp_path: Path) -> None:
    assert differences("17.0.9.2", tmp_path) == {}


@pytest.mark.slow
@pytest.mark.parametrize("version", jvm.VERSIONS)
def test_the_file_is_what_jres_say_today(version: str, tmp_path: Path) -> None:
    assert differences(version, tmp_path) == {}


def test_a_message_nobody_knows_has_no_entry() -> None:
    assert about("PKIX path painting failed") == []
    assert not has_entry("PKIX path painting failed")


# -- the finder of the site ---------------------------------------------------------------


ASK = """(function () {
  const area = page.getElementById("finder-text");
  const first = function (text) {
    area.value = text;
    area.dispatchEvent(new view.Event("input"));
    const link = page.querySelector(".finder li a");
    return link ? link.getAttribute("href") : "";
  };
  return %s.map(first);
})()"""


def test_the_finder_of_the_site_finds_each_message(tmp_path: Path) -> None:
    """In Chromium, with the page's own scripts: what is pasted leads to an entry that has it."""
    for name in ("errors.js", "finder.js"):
        (tmp_path / name).write_bytes((error_pages.SCRIPT.parent / name).read_bytes())
    page = tmp_path / "index.html"
    page.write_text(
        "<!DOCTYPE html><meta charset=utf-8><script src=errors.js></script>"
        "<script src=finder.js></script>"
        "<section id=what-the-error-means><section>x</section></section>",
        encoding="utf-8",
    )
    asked = [
        (f"{name}.html#{error_pages.anchor(entry['title'])}", message.replace("…", "what it was"))
        for name, entry in ENTRIES
        for message in entry["says"]
    ]
    whole = [f"Exception in thread x\n\tat a.b.C: {message}\n" for _, message in asked]
    odd = ["", "abc", "nothing of the kind", "path building failed", "<img> validity check failed"]
    found = browser.ask(page, ASK % json.dumps([*whole, *odd]))
    missed = []
    for (link, message), hit in zip(asked, found, strict=False):
        pages_of = {
            f"{name}.html#{error_pages.anchor(entry['title'])}"
            for name, entry in ENTRIES
            if error_pages.fits(message, entry)
        }
        if hit not in pages_of:
            missed.append(f"{message}: {hit} instead of {link}")
    assert missed == []
    assert found[-5:-2] == ["", "", ""]
    assert found[-2].endswith("#unable-to-find-valid-certification-path-to-requested-target")
    assert found[-1].endswith("#validity-check-failed")


# -- reasons of client keys ---------------------------------------------------------------


def test_every_reason_why_a_key_is_sent_or_not_has_its_row() -> None:
    """docs/client-keys.md against the source."""
    text = pages.read("docs/client-keys.md").partition("\n## Codes\n")[2].partition("\n## ")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    told_of = {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}
    given = set()
    for path in (DOCTOR.parent / "identity").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Tuple(elts=[ast.Constant(value=str(code)), ast.JoinedStr() | ast.Name()]):
                    given.add(code)
                case ast.Tuple(elts=[ast.Constant(value=str(code)), ast.Constant(value=str(why))]):
                    if " " in why:
                        given.add(code)
    codes = {code for code in given if re.fullmatch(r"[a-z]+(-[a-z]+)*", code)}
    assert len(codes) > 8
    assert codes - told_of == {"fits"}, "which is told as chosen or second-best"
