"""Builds the site out of docs/ and follows every link of it.

    python -m tools.site [FOLDER]

writes to ``build/site`` unless told otherwise. A warning of Sphinx is an error, and so are a link
that leads nowhere, an anchor that is not there, and anything a page would load from elsewhere:
the site has to work without a network, and opened as a file.
"""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DOCS = os.path.join(TOP, "docs")
_LOADS = {
    "script": "src", "img": "src", "iframe": "src", "source": "src", "audio": "src",
    "video": "src", "embed": "src", "object": "data", "use": "href",
}  # fmt: skip
_FETCHED = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch"}


class Page(HTMLParser):
    """What a page links to, loads and has as anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = {"", "top"}
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each tag."""
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.anchors.add(found["id"])
        if tag == "a":
            self.anchors.add(found.get("name", ""))
            if "href" in found:
                self.links.append(found["href"])
        elif tag == "link":
            fetched = set(found.get("rel", "").lower().split()) & _FETCHED
            (self.loads if fetched else self.links).append(found.get("href", ""))
        elif tag in _LOADS and found.get(_LOADS[tag]):
            self.loads.append(found[_LOADS[tag]])


def problems(folder: str) -> list[str]:
    """What is wrong with the links of a site, one line each."""
    texts = {}
    for below, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".html"):
                path = os.path.join(below, name)
                with open(path, encoding="utf-8") as file:
                    texts[os.path.realpath(path)] = Page(file.read())
    found = []
    for path, page in sorted(texts.items()):
        name = os.path.relpath(path, os.path.realpath(folder))
        found += [
            f"{name}: loads {link} from elsewhere"
            for link in page.loads
            if urlsplit(link).scheme not in ("", "data") or link.startswith("//")
        ]
        links = dict.fromkeys([*page.links, *page.loads])
        reasons = {link: _problem(path, link, texts) for link in links}
        found += [f"{name}: {link!r}: {why}" for link, why in reasons.items() if why]
    if not texts:
        found.append(f"{folder}: no page")
    for path in _styles(folder):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if "url(http" in text or "url(//" in text or "@import" in text:
            found.append(f"{os.path.relpath(path, folder)}: loads from elsewhere")
    return found


def _styles(folder: str) -> list[str]:
    return [
        os.path.join(below, name)
        for below, _, names in os.walk(folder)
        for name in sorted(names)
        if name.endswith(".css")
    ]


def _problem(path: str, link: str, texts: dict[str, Page]) -> str:
    """What is wrong with one link of a page; "" for nothing."""
    try:
        parts = urlsplit(link)
    except ValueError as error:
        return f"no URL: {error}"
    if parts.scheme == "data":
        return ""
    if parts.scheme == "mailto":
        return "" if "@" in parts.path else "no address"
    if parts.scheme or parts.netloc:
        # Not fetched: whether it is well formed is all that can be told here.
        whole = parts.scheme in ("http", "https") and "." in parts.netloc and " " not in link
        return "" if whole else "expected http:// or https:// and a host"
    target = path
    if parts.path:
        target = os.path.realpath(os.path.join(os.path.dirname(path), unquote(parts.path)))
    if not os.path.isfile(target):
        return "there is no such file"
    page = texts.get(target)
    if page is not None and unquote(parts.fragment) not in page.anchors:
        return "the page has no such anchor"
    return ""


def build(folder: str) -> int:
    """Run Sphinx; its exit status."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-E", "-b", "html"]
    command += ["-d", os.path.join(folder, ".doctrees"), DOCS, folder]
    return subprocess.run(command, check=False).returncode


def main(folder: str = os.path.join(TOP, "build", "site")) -> int:
    """Build and check; an exit status."""
    if status := build(folder):
        return status
    found = problems(folder)
    for line in found:
        print(line)
    if not found:
        print(f"{os.path.join(folder, 'index.html')}: every link leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
