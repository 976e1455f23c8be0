"""Writes the pages that are made: of commands, errors, systems, profiles, and tables of others.

``--check`` only compares. docs/cli.md is the commands' own ``--help``, docs/keytool.md the table of
keytool's commands, docs/errors is made from the tables that lie there (`tools.error_pages`),
docs/systems from the shipped profiles, the rest from what runtimes, rules, lists and keys say of
themselves.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from storekeeper import cli
from tools import system_pages

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
KEYTOOL_PAGE = PAGE.with_name("keytool.md")
VERDICTS_PAGE = PAGE.with_name("verdicts.md")
AUDIT_PAGE = PAGE.with_name("audit.md")
PROFILES_PAGE = PAGE.with_name("profiles.md")
PROFILE_SCHEMA = PAGE.with_name("profile.schema.json")


def page() -> str:
    """The text of docs/cli.md."""
    os.environ["COLUMNS"] = "88"
    parts = [
        "# Command line",
        "",
        "Made by `python -m tools.make_docs` from `--help`; a test compares the two.",
        "",
        "```text",
        cli.help_text().rstrip(),
        "```",
    ]
    for name in cli.COMMANDS:
        shown = cli.options_of(name).format_help().rstrip()
        parts += ["", f"## storekeeper {name}", "", "```text", shown, "```"]
    return "\n".join(parts) + "\n"


def keytool_page() -> str:
    """The text of docs/keytool.md."""
    from storekeeper.cli.keytool.grammar import COMMANDS, DIFFERENCES, OPTIONS
    from storekeeper.cli.keytool.helping import status_of

    parts = [
        "# keytool",
        "",
        "Made by `python -m tools.make_docs` from `storekeeper/cli/keytool/grammar.py`; a test",
        "compares the two, and the table with the help of real keytools.",
        "",
        "`storekeeper keytool` takes the commands and options of the keytool of JDK 17 to 25, so",
        "`alias keytool='storekeeper keytool'` runs people's scripts. What keytool prints on",
        "standard output is printed there, as keytool 17 prints it; errors go to standard error,",
        "and end with storekeeper's exit statuses, or with 1 if `--rc1` is given. Every password",
        "option takes `:env NAME` and `:file PATH`.",
        "",
        "Where it differs:",
        "",
        *(f"- {difference}." for difference in DIFFERENCES),
    ]
    for command in COMMANDS.values():
        old = f" (also -{command.old})" if command.old else ""
        parts += ["", f"## -{command.name}{old}", "", f"{status_of(command)}: {command.line}"]
        if status_of(command) == "unsupported":
            continue
        parts += ["", "| option | here | what it does |", "|---|---|---|"]
        for option in (OPTIONS[name] for name in command.options):
            words = f"-{option.name} {option.argument}".rstrip()
            parts.append(f"| `{words}` | {option.status} | {option.line} |")
    parts += ["", "## With every command", "", "| option | here | what it does |", "|---|---|---|"]
    used = {name for command in COMMANDS.values() for name in command.options}
    for option in (option for name, option in OPTIONS.items() if name not in used):
        words = f"{'--' if option.name == 'rc1' else '-'}{option.name} {option.argument}".rstrip()
        parts.append(f"| `{words}` | {option.status} | {option.line} |")
    return "\n".join(parts) + "\n"


def verdicts_page() -> str:
    """The text of docs/verdicts.md, its tables made anew."""
    from storekeeper.trust.rules import RULES
    from storekeeper.trust.runtimes.table import RUNTIMES

    text = VERDICTS_PAGE.read_text(encoding="utf-8")
    runtimes = ["| name | what it is | options | how it was proved, or where it is described |"]
    runtimes += ["|---|---|---|---|"]
    java = "`java8u392`, `java11`, `java17`, `java21`, `java25` ..."
    how = "see `storekeeper check --help` | see above"
    runtimes.append(f"| {java} | JSSE of OpenJDK | {how} |")
    for one in RUNTIMES:
        options = "; ".join(f"`{name}`: {meaning}" for name, meaning in one.options.items())
        sources = "; ".join(one.sources)
        proof = one.proof or f"documented, not measured: {sources}"
        runtimes.append(f"| `{one.name}` | {one.title} | {options or '-'} | {proof} |")
    rules = ["| rule | what it says | who mends it |", "|---|---|---|"]
    rules += [
        f"| `{name}` | {about.meaning} | {about.fault or '-'} |" for name, about in RULES.items()
    ]
    return _with_tables(text, {"runtimes": runtimes, "rules": rules})


def audit_page() -> str:
    """The text of docs/audit.md, its tables made anew."""
    from storekeeper.trust.audit.rules import RULES
    from storekeeper.trust.lists import SHIPPED, load

    rules = ["| code | severity | what it says | by |", "|---|---|---|---|"]
    rules += [
        f"| `{code}` | {rule.severity} | {rule.meaning} | {rule.source} |"
        for code, rule in RULES.items()
    ]
    lists = ["| name | what it is | date | roots |", "|---|---|---|---|"]
    for name in SHIPPED:
        found = load(name)
        lists.append(f"| `{name}` | {found.title} | {found.date} | {len(found.anchors)} |")
    text = AUDIT_PAGE.read_text(encoding="utf-8")
    return _with_tables(text, {"audit rules": rules, "audit lists": lists})


def profiles_page() -> str:
    """The text of docs/profiles.md, its tables made anew."""
    from storekeeper.profile.keys import TABLES

    lines: list[str] = []
    for name, keys in TABLES.items():
        title = "The profile" if name == "profile" else f"`{name}`"
        lines += [f"### {title}", "", "| key | what | what it says |", "|---|---|---|"]
        for key in keys:
            shape, _, inner = key.shape.partition(" ")
            what = {
                "table": f"a [{inner}](#{inner})",
                "tables": f"a list of [{inner}](#{inner})",
                "named": f"[{inner}](#{inner}) by name",
                "choice": " ".join(f"`{one}`" for one in key.choices),
            }.get(shape, shape)
            about = key.about.replace("|", "\\|")
            lines.append(f"| `{key.name}`{'*' if key.required else ''} | {what} | {about} |")
        lines += [""]
    text = PROFILES_PAGE.read_text(encoding="utf-8")
    return _with_tables(text, {"profile keys": [*lines, "A key with a * can't be left out."]})


def profile_schema() -> str:
    """The text of docs/profile.schema.json."""
    import json

    from storekeeper.profile.schema import schema

    return json.dumps(schema(), indent=2) + "\n"


def _with_tables(text: str, tables: dict[str, list[str]]) -> str:
    """A page with the lines between its marks made anew."""
    for name, lines in tables.items():
        begin, end = (
            f"<!-- {name}: made by python -m tools.make_docs -->",
            f"<!-- end of {name} -->",
        )
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = "\n".join([f"{before}{begin}", "", *lines, "", f"{end}{after}"])
    return text


if __name__ == "__main__":
    from tools import error_pages, reference_page

    pages = (
        (PAGE, page()),
        (KEYTOOL_PAGE, keytool_page()),
        (VERDICTS_PAGE, verdicts_page()),
        (AUDIT_PAGE, audit_page()),
        *error_pages.made().items(),
        (reference_page.PAGE, reference_page.page()),
        *system_pages.pages().items(),
        (PROFILES_PAGE, profiles_page()),
        (PROFILE_SCHEMA, profile_schema()),
    )
    for path, made in pages:
        if "--check" not in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(made, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != made:
            sys.exit(f"docs/{path.name} is out of date: run python -m tools.make_docs")
