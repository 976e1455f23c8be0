"""docs/systems: one page for each shipped profile, from what the profile itself says.

The worked example of a page is a script of tests/scripts/systems, which the suite runs; a
profile without one gets the commands alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from storekeeper.profile.load import load
from storekeeper.profile.shipped import shipped
from storekeeper.profile.values import Product, Profile, Variable

_TOP = Path(__file__).parent.parent
FOLDER = _TOP / "docs" / "systems"
_SCRIPTS = _TOP / "tests" / "scripts" / "systems"
_MADE = "Made by `python -m tools.make_docs` from `profiles/{name}.yaml`; a test compares the two."
_SIDES = {
    "client": "It connects to others and judges their certificates.",
    "server": "Others connect to it and judge its certificate.",
    "both": "It connects to others, and others connect to it.",
}


def pages() -> dict[Path, str]:
    """The text of every page of docs/systems, by its file."""
    found = {name: load(name, resolve=False) for name in shipped()}
    described = {name: one for name, one in found.items() if one.product}
    made = {FOLDER / "README.md": _index(described)}
    for name, profile in described.items():
        made[FOLDER / f"{name}.md"] = page(name, profile)
    return made


def page(name: str, profile: Profile) -> str:
    """The page of one profile that has a product."""
    product = profile.product
    assert product is not None
    parts = [f"# {profile.title}", "", _MADE.format(name=name), "", profile.about.strip(), ""]
    parts += [_SIDES[product.system], *_judged(product), ""]
    pages = tuple(
        dict.fromkeys([*product.pages, *(rule.source for rule in product.rules if rule.source)])
    )
    parts += _errors(product)
    parts += _mending(name, profile)
    parts += _targets(profile)
    parts += _variables(profile.variables)
    parts += _rules(product, pages)
    parts += _settings(product)
    if pages:
        parts += ["## Where this comes from", ""]
        parts += [*(f"{number}. {_link(one)}" for number, one in enumerate(pages, 1)), ""]
    return "\n".join(parts).rstrip() + "\n"


def _index(described: dict[str, Profile]) -> str:
    parts = [
        "# Systems",
        "",
        "Made by `python -m tools.make_docs` from `profiles/`; a test compares the two.",
        "",
        "What storekeeper knows of each product: where its stores are, what it trusts, what its",
        "messages mean, and a profile that mends it. `storekeeper profiles list` has the same",
        "names; `storekeeper wizard` asks the questions one by one.",
        "",
        "| profile | product | what it is in a connection | rules measured |",
        "|---|---|---|---|",
    ]
    for name, profile in described.items():
        product = profile.product
        assert product is not None
        measured = sum(rule.measured for rule in product.rules)
        parts.append(
            f"| [`{name}`]({name}.md) | {_cell(profile.title)} | {product.system} "
            f"| {measured} of {len(product.rules)} |"
        )
    parts += [
        "",
        "A rule is *measured* when a test of storekeeper runs the real thing: the product itself",
        "where it can be installed, else a Java program with its files and its JRE. The others",
        "are documented by the vendor, and say where.",
    ]
    return "\n".join(parts) + "\n"


def _judged(product: Product) -> list[str]:
    if not product.runtime:
        return []
    return [f"storekeeper judges for it as `{product.runtime}` ([verdicts](../verdicts.md))."]


def _targets(profile: Profile) -> list[str]:
    defaults = {f"${{{one.name}}}": one.default for one in profile.variables if one.default}
    parts = ["## Its stores", "", "| target | where | type | what it is | password |"]
    parts += ["|---|---|---|---|---|"]
    for one in profile.targets:
        kind = _code(one.type) if one.type else "as it is"
        asked = (one.when,) if isinstance(one.when, str) else one.when
        words = [
            f"{'without' if text.startswith('!') else 'with'} {_code(text.removeprefix('!'))}"
            for text in asked
            if "${" in text
        ]
        when = f"; only {' and '.join(words)}" if words else ""
        said = defaults.get(one.password, "" if "${" in one.password else one.password)
        password = _code(said) if said else "its default"
        where = _code(defaults.get(one.path) or one.path)
        parts.append(f"| `{one.name}` | {where} | {kind} | {_cell(one.about)}{when} | {password} |")
    return [*parts, ""]


def _mending(name: str, profile: Profile) -> list[str]:
    parts = ["## Mending it", ""]
    script = _SCRIPTS / f"{name}.txt"
    if script.exists():
        parts += _example(script.read_text(encoding="utf-8"))
    else:
        said = "".join(f" --set {one.name}=..." for one in profile.variables if one.required)
        parts += [
            "```sh",
            f"storekeeper plan {name}{said}     # what would be changed; changes nothing",
            f"storekeeper apply {name}{said}",
            "```",
            "",
        ]
    if profile.restart:
        parts += ["Afterwards:", "", *(f"- {one}" for one in profile.restart), ""]
    return parts


def _example(script: str) -> list[str]:
    """A script as text and blocks: its comments are the text between the commands."""
    parts: list[str] = []
    block: list[str] = []
    for line in [*script.splitlines(), "# "]:
        if line.startswith("# ") or not line.strip():
            if block and line.strip():
                parts += ["```console", *block, "```", ""]
                block = []
            if line.strip("# "):
                parts.append(line[2:])
            elif parts and parts[-1] and not block:
                parts.append("")
            continue
        if line.startswith("$ ") and parts and parts[-1] and not block:
            parts.append("")
        block.append(line)
    return parts


def _variables(variables: tuple[Variable, ...]) -> list[str]:
    if not variables:
        return []
    parts = ["## What can be said", "", "With `--set NAME=VALUE`:", ""]
    parts += ["| name | what it is | when it is not said |", "|---|---|---|"]
    for one in variables:
        parts.append(f"| `{one.name}` | {_cell(one.about)} | {_otherwise(one)} |")
    return [*parts, ""]


def _otherwise(variable: Variable) -> str:
    ways = [f"`{one.key}` of {_code(one.file)}" for one in variable.read]
    if variable.find:
        places = ", ".join(map(_code, variable.find[:4]))
        more = " ..." if len(variable.find) > 4 else ""
        ways.append(f"the newest one found at {places}{more}")
    if variable.default:
        ways.append(_code(variable.default))
    if not ways:
        return "it has to be said" if variable.required or variable.default is None else "nothing"
    return "; else ".join(ways)


def _rules(product: Product, pages: tuple[str, ...]) -> list[str]:
    if not product.rules:
        return []
    parts = ["## Rules", ""]
    for rule in product.rules:
        how = "measured" if rule.measured else "documented, not measured"
        source = f" [{pages.index(rule.source) + 1}]({rule.source})" if rule.source else ""
        parts.append(f"- {' '.join(rule.text.split())} (*{how}*{source})")
    return [*parts, ""]


def _settings(product: Product) -> list[str]:
    if not product.settings:
        return []
    parts = [
        "## Settings",
        "",
        "`storekeeper profiles show` tells what they are on this machine.",
        "",
        "| setting | where | by default | what it does |",
        "|---|---|---|---|",
    ]
    for one in product.settings:
        means = [_cell(one.about)]
        means += [f"{_code(value or 'empty')}: {_cell(meaning)}" for value, meaning in one.values]
        default = _cell(one.default) if one.default else "-"
        parts.append(f"| `{one.key}` | {_code(one.file)} | {default} | {'; '.join(means)} |")
    return [*parts, ""]


def _errors(product: Product) -> list[str]:
    if not product.errors:
        return []
    known = (f"- `{one.message}`: {' '.join(one.means.split())}" for one in product.errors)
    return ["## The message you see", "", *known, ""]


def _code(text: str) -> str:
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().replace("|", "\\|")


def _link(address: str) -> str:
    """An address by its host and what can be read in its last part."""
    split = urlsplit(address)
    if not split.netloc:
        return address
    last = split.path.rstrip("/").rpartition("/")[2]
    last = split.fragment or (last if re.search("[A-Za-z]", last) else split.path.strip("/"))
    words = re.sub(r"^[0-9]+-|\.html?$", "", last).replace("-", " ").replace("_", " ")
    shown = f"{split.netloc.removeprefix('www.')}: {words}" if words else split.netloc
    return f"[{shown}]({address})"
