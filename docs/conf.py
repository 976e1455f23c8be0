"""The site: Sphinx reads the pages as they lie here, in Markdown, through MyST.

``python -m tools.site`` builds it; docs/decisions/0004-site.md says why by these tools.
"""

from __future__ import annotations

import glob
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "storekeeper"
author = "the storekeeper authors"
project_copyright = "the storekeeper authors, Apache-2.0"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["build"]

# Anchors of headings as GitHub makes them, so that the same links work there and here.
myst_heading_anchors = 4
myst_linkify_fuzzy_links = False
nitpicky = True
# Two dashes are two dashes.
smartquotes = False

html_theme = "furo"
html_title = "storekeeper"
html_static_path = ["assets"]
html_css_files = ["site.css"]
html_js_files = ["errors.js", "finder.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_permalinks_icon = "#"
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "default"
pygments_dark_style = "monokai"

NAVIGATION: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Start", ("start/agent", "start/provisioning", "start/auditor")),
    (
        "When it fails",
        ("errors/index", "verdicts", "client-keys", "probe", "systems/README"),
    ),
    (
        "Work with stores",
        ("wizard", "profiles", "audit", "audit-outputs", "scan"),
    ),
    (
        "Coming from",
        ("migrating/keytool", "migrating/keystore-explorer", "migrating/*"),
    ),
    ("Reference", ("cli", "keytool", "json", "library", "reference")),
    ("Inside", ("architecture", "performance", "decisions/README")),
)
"""A caption, and the pages below it in order; ``*`` takes in what a directory has besides.
A name without a page is passed over."""


def pages(names: tuple[str, ...], folder: str) -> list[str]:
    """The pages of one caption that are there, each once."""
    found: dict[str, None] = {}
    for name in names:
        for path in sorted(glob.glob(os.path.join(folder, name + ".md"))):
            found[os.path.relpath(path, folder).removesuffix(".md").replace(os.sep, "/")] = None
    return list(found)


def navigation(folder: str) -> str:
    """The table above as Sphinx wants it, hidden: the first page has links of its own."""
    parts = []
    for caption, names in NAVIGATION:
        if found := pages(names, folder):
            lines = "\n".join(found)
            parts.append(f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{lines}\n```")
    return "\n\n".join(parts)


def with_navigation(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the navigation at the end of the first page."""
    folder = str(app.srcdir)
    if page == root_doc:
        source[0] += f"\n\n{navigation(folder)}\n"
    below = os.path.dirname(page)
    if not below or os.path.basename(page) not in ("index", "README"):
        return
    # A directory's own first page leads to the others of it, in the order in which it names them.
    rest = [os.path.basename(one) for one in pages((f"{below}/*",), folder) if one != page]
    if rest and not any(f"{below}/*" in names for _, names in NAVIGATION):
        text = source[0]
        rest.sort(key=lambda name: (text.find(f"({name}.md") % (len(text) + 1), name))
        lines = "\n".join(rest)
        source[0] += f"\n\n```{{toctree}}\n:hidden:\n\n{lines}\n```\n"


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", with_navigation)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
