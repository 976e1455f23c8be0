"""docs/errors: what an error message means, made from the tables beside the pages.

A table is YAML: a title, an introduction and entries, each with the messages it is about (``says``,
with … for what differs), the rules and diagnoses behind them, what they mean and what to do. Where
nobody here could make the program say it, ``source`` tells where it is documented, and
``documented`` which of several messages are that of a release that could not be had.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent.parent / "docs" / "errors"
SCRIPT = FOLDER.parent / "assets" / "errors.js"
PAGES = (
    "path",
    "names",
    "algorithms",
    "handshake",
    "alerts",
    "stores",
    "keytool",
    "revocation",
    "openssl",
    "others",
    "no-answer",
    "diagnoses",
)
"""In the order of the first page."""

WITH_MESSAGES = tuple(name for name in PAGES if name != "diagnoses")

GAP = "…"
_NOTE = "<!-- made by python -m tools.make_docs from docs/errors/{}.yaml -->"
_RULES = "../verdicts.md#rules"


@cache
def table(name: str) -> dict[str, Any]:
    """The table of a page."""
    with open(FOLDER / f"{name}.yaml", encoding="utf-8") as file:
        found: dict[str, Any] = yaml.safe_load(file)
    return found


def entries(name: str) -> list[dict[str, Any]]:
    """The entries of a page; of an alert, made from what is known of it."""
    found = table(name)
    if "alerts" in found:
        return [_alert(number, about) for number, about in found["alerts"].items()]
    listed: list[dict[str, Any]] = found.get("entries", [])
    return listed


def _alert(number: int, about: dict[str, Any]) -> dict[str, Any]:
    from storekeeper.tls.words import ALERTS, ALERTS_OF_SERVERS

    meant = ALERTS_OF_SERVERS[number]
    return {
        "title": f"{ALERTS[number]} ({number})",
        "says": [f"Received fatal alert: {ALERTS[number]}"],
        "codes": about["codes"],
        "means": f"{meant[0].upper()}{meant[1:]}.\n",
        "do": about["do"],
    }


def every() -> list[tuple[str, dict[str, Any]]]:
    """Page and entry, of all pages."""
    return [(name, entry) for name in PAGES for entry in entries(name)]


def pattern(message: str) -> re.Pattern[str]:
    """What fits a message of a table: each … stands for any text."""
    parts = (re.escape(one) for one in message.split(GAP))
    return re.compile(".*?".join(parts), re.DOTALL)


def fits(message: str, entry: dict[str, Any]) -> bool:
    """Whether an entry is about a message, whatever stands around it."""
    return any(pattern(one).search(message) for one in entry["says"])


def anchor(title: str) -> str:
    """As a code host and MyST make it of a heading."""
    kept = re.sub(r"[^\w\- ]", "", title.strip().lower())
    return kept.replace(" ", "-")


def page(name: str) -> str:
    """The text of one page."""
    found = table(name)
    parts = [f"# {found['title']}", "", _NOTE.format(name), "", found["intro"].strip(), ""]
    if name == "diagnoses":
        for code, about in codes().items():
            parts += _diagnosis(code, about)
    for entry in entries(name):
        parts += _entry(entry, found)
    return "\n".join(parts).rstrip() + "\n"


def _entry(entry: dict[str, Any], found: dict[str, Any]) -> list[str]:
    parts = [f"## {entry['title']}", "", "```output", *entry["says"], "```", ""]
    if entry.get("by", found["by"]) != found["by"]:
        parts += [f"Said by {entry['by']}.", ""]
    parts += [entry["means"].strip(), "", *(f"- {one}" for one in entry["do"]), ""]
    about = []
    if rules := entry.get("rules"):
        about.append(f"[rule]({_RULES}) " + ", ".join(f"`{one}`" for one in rules))
    if codes := entry.get("codes"):
        about.append(
            "diagnosis " + ", ".join(f"[`{one}`](diagnoses.md#{anchor(one)})" for one in codes)
        )
    if "source" in entry:
        about.append(f"documented, not measured: {entry['source']}")
    if about:
        parts += [_sentence("; ".join(about)), ""]
    if older := entry.get("documented"):
        parts += [f"Documented, not measured: {'; '.join(f'`{one}`' for one in older)}.", ""]
    return parts


def _sentence(text: str) -> str:
    if not text.startswith("["):
        return f"{text[0].upper()}{text[1:]}."
    return f"[{text[1].upper()}{text[2:]}."


def codes() -> dict[str, dict[str, Any]]:
    """Every diagnosis by its code: those of the table, and those the doctor tells all of."""
    from storekeeper.doctor import told, trusting

    listed: dict[str, dict[str, Any]] = table("diagnoses")["codes"]
    known = {code for code in {*told.WORDS, *trusting._WORDS} if code in told.STEPS}
    return {code: listed.get(code, {}) for code in sorted({*listed, *known})}


def sentence(code: str, about: dict[str, Any]) -> str:
    """What the doctor prints for a diagnosis, or the like where that has a name or a number in it.

    Raises:
        StopIteration: there is none.
    """
    from storekeeper.doctor import told, trusting
    from storekeeper.trust.rules import meaning

    known = (
        about.get("what"), told.WORDS.get(code), trusting._WORDS.get(code), meaning(code)
    )  # fmt: skip
    found: str = next(filter(None, known))
    return found


def steps(code: str, about: dict[str, Any]) -> list[str]:
    """What mends it."""
    from storekeeper.doctor import told

    found = [told.STEPS[code]] if code in told.STEPS else []
    return [*(f"{one[0].upper()}{one[1:]}." for one in found), *about.get("do", [])]


def _diagnosis(code: str, about: dict[str, Any]) -> list[str]:
    parts = [f"## {code}", ""]
    parts += [_sentence(sentence(code, about)), ""]
    parts += [*(f"- {one}" for one in steps(code, about)), ""]
    named = [
        f"[{_plain(entry['title'])}]({name}.md#{anchor(entry['title'])})"
        for name, entry in every()
        if code in entry.get("codes", ())
    ]
    if named:
        parts += [f"Messages: {', '.join(named)}.", ""]
    return parts


def _plain(title: str) -> str:
    return title.replace("[", "\\[").replace("]", "\\]")


def index() -> str:
    """The first page: every message, by page."""
    parts = [
        "# What the error means",
        "",
        "<!-- made by python -m tools.make_docs from docs/errors/*.yaml -->",
        "",
        "Paste the message here on the site, or search for a few of its words. Each entry has the",
        "message word for word, what stands behind it, and what mends it.",
        "",
        "Or have it read: a whole log says more than one line of it.",
        "",
        "```sh",
        "storekeeper doctor --evidence agent.log --store STORE",
        "```",
        "",
        "The messages of Java, OpenSSL, Go and GnuTLS about chains are those of the verdict model,",
        "which is compared with the real programs",
        "([what is measured](../verdicts.md#what-is-measured)); those of handshakes, stores and",
        "keytool are said by real JREs in the tests. Where a message is only documented, its entry",
        "says so.",
        "",
    ]
    for name in PAGES:
        found = table(name)
        parts += [f"## {found['title']}", ""]
        if name == "diagnoses":
            parts += [f"All codes of `storekeeper doctor`: [{found['title']}](diagnoses.md).", ""]
            continue
        parts += [
            f"- [{_plain(entry['title'])}]({name}.md#{anchor(entry['title'])})"
            for entry in entries(name)
        ]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def data() -> str:
    """What the site's finder reads, as a script: it works from a file, where JSON is not loaded."""
    found = [
        {
            "title": entry["title"],
            "says": entry["says"],
            "page": f"{name}.html#{anchor(entry['title'])}",
        }
        for name, entry in every()
    ]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in found)
    return (
        "// made by python -m tools.make_docs from docs/errors/*.yaml\n"
        f"window.storekeeperErrors = [\n{lines}\n];\n"
    )


def made() -> dict[Path, str]:
    """Every page of the folder, and the script with the messages, by its path."""
    found = {FOLDER / f"{name}.md": page(name) for name in PAGES}
    found[FOLDER / "index.md"] = index()
    found[SCRIPT] = data()
    return found


def strangers() -> list[str]:
    """Files of the folder that nobody makes."""
    known = {path.name for path in made()} | {f"{name}.yaml" for name in PAGES}
    return sorted(set(os.listdir(FOLDER)) - known)
