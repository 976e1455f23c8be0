"""A headless Chromium, to look at pages as their readers do."""

from __future__ import annotations

import functools
import json
import re
import shutil
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    # Nobody answers, whatever is asked for; the net log tells what was.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)

_ASK = """<!DOCTYPE html><meta charset="utf-8">
<iframe id="page" %s width="%d" height="900" src="%s"></iframe><pre id="said"></pre><script>
addEventListener("load", function () {
  var frame = document.getElementById("page"), page = frame.contentDocument;
  var view = frame.contentWindow, ask = function (page, view) { return %s; };
  Promise.resolve(ask(page, view)).then(function (said) {
    document.getElementById("said").textContent = JSON.stringify(said);
  });
});</script>"""


@functools.cache
def chromium() -> str:
    """Its path; skips the test where there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.skip("no Chromium is installed: the HTML report is not looked at")
    return found


def _run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [chromium(), *_QUIET, f"--user-data-dir={folder / 'profile'}", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def dom(page: Path, fragment: str = "") -> str:
    """The page's markup once it has loaded and its script has run."""
    return _run(page.parent, "--dump-dom", page.as_uri() + fragment)


def ask(
    page: Path,
    expression: str,
    *,
    width: int = 1280,
    fragment: str = "",
    dark: bool = False,
    script: bool = True,
    timers: bool = False,
) -> Any:
    """What a JavaScript expression over ``page`` (its document) and ``view`` (its window) gives.

    The page is loaded as the content of a frame ``width`` pixels wide; without ``script``, in
    one that runs none. With ``timers``, the
    expression may be a promise of up to five seconds, which take no time.
    """
    sandbox = "" if script else 'sandbox="allow-same-origin"'
    asking = page.with_name(f"ask-{page.name}")
    asking.write_text(_ASK % (sandbox, width, page.name + fragment, expression), encoding="utf-8")
    settings = ["--blink-settings=preferredColorScheme=0"] if dark else []
    settings += ["--virtual-time-budget=5000"] if timers else []
    said = _run(
        page.parent, "--allow-file-access-from-files", *settings, "--dump-dom", asking.as_uri()
    )
    found = re.search(r'<pre id="said">(.*?)</pre>', said, re.DOTALL)
    assert found is not None, said[-2000:]
    text = found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return json.loads(text)


def fetched(page: Path) -> set[str]:
    """Every address that was asked for while the page loaded, but Chromium's own."""
    log = page.with_name("net.json")
    _run(page.parent, f"--log-net-log={log}", "--dump-dom", page.as_uri())
    text = log.read_text(encoding="utf-8", errors="replace")
    assert '"constants"' in text
    found = set(re.findall(r'"url":"([^"]+)"', text))
    found |= set(re.findall(r'"host":"([^"]+)"', text))
    # What the rule above makes of them, and what Chromium asks for by itself.
    own = re.compile(r"(?:\w+://)?(?:~notfound|(?:[\w-]+\.)*(?:google|googleapis)\.com)\b")
    return {one for one in found if not own.match(one)}


def screenshot(page: Path, width: int, height: int) -> tuple[int, int, int]:
    """Width and height of a picture of the page, and how many of its octets say anything.

    Counted after PNG's filters, which turn an even surface into zeros.
    """
    picture = page.with_suffix(".png")
    _run(page.parent, f"--window-size={width},{height}", f"--screenshot={picture}", page.as_uri())
    data = picture.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            packed += data[at + 8 : at + 8 + length]
        at += 12 + length
    pixels = zlib.decompress(packed)
    size: tuple[int, int] = struct.unpack_from(">II", data, 16)
    return *size, len(pixels) - pixels.count(0)


def pages(page: Path) -> int:
    """How many sheets it prints on."""
    sheet = page.with_suffix(".pdf")
    _run(page.parent, "--no-pdf-header-footer", f"--print-to-pdf={sheet}", page.as_uri())
    return len(re.findall(rb"/Type\s*/Page\b", sheet.read_bytes()))
