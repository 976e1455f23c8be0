"""Write ``storekeeper/data/distrust.tsv``: who trusts which root no longer, and since when.

::

    python tools/make_distrust.py --data DIR            # write
    python tools/make_distrust.py --data DIR --check    # compare; exit status 1: differs

DIR has ``certdata-nss-2.86.txt`` (nss-dev/nss 9d75dfd, lib/ckfw/builtins/certdata.txt) and
``observatory`` and ``observatory-certificates`` of nabla-c0d3/trust_stores_observatory 5be93b9.
The JDK's part is the one the verdicts use. Incidents are kept by hand in
``tools/incidents.tsv``; a fingerprint must be one that the other inputs have.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from storekeeper import formats  # noqa: E402
from storekeeper.errors import StorekeeperError  # noqa: E402
from storekeeper.model import TrustedCert  # noqa: E402
from storekeeper.times import iso  # noqa: E402
from storekeeper.trust import certdata, distrust, lists, observatory  # noqa: E402
from storekeeper.trust.anchors import EMAIL, SERVER, Anchor, RootList  # noqa: E402
from storekeeper.trust.runtimes.jdk_blocked import BLOCKED  # noqa: E402
from storekeeper.trust.runtimes.jdk_distrust import POLICIES  # noqa: E402

OUT = ROOT / "storekeeper" / "data" / "distrust.tsv"
INCIDENTS = ROOT / "tools" / "incidents.tsv"

PINS = {
    "certdata-nss-2.86.txt": "77130ef91213772844561fbd3aa31d413b25c2ac7f576fea3bc3bbff7ef93489",
    "observatory/microsoft_windows.yaml": (
        "5beab9079fdd164cac98de1c7902bdec54a6374ab950e8d72877d13cd7dc7c52"
    ),
    "observatory/mozilla_nss.yaml": (
        "2be76e4a8d01733e4f3684159f6e07e3b1e5d6185ea4f22298374ce334bb1c1e"
    ),
    "observatory/openjdk.yaml": "555babe92bf37762d3cd4cea6f0995a98b8a0dc154a70f23eea62cce0d393ee1",
}
# The Observatory's name for what it has no certificate of.
UNNAMED = "CERTIFICATE NOT IN REPO"
# When the file last changed, which is all that it says of its date.
CERTDATA_DATE = "2026-04-09"
SOURCES = {
    "incident": "the record of the incident, see the link",
    "mozilla": f"Mozilla's certdata.txt, builtins 2.86 of {CERTDATA_DATE}",
    "mozilla-list": (
        f"Mozilla's lists: builtins 2.86 of {CERTDATA_DATE}, "
        "the Trust Stores Observatory's of {summer}, certifi's of {newest}"
    ),
    "microsoft": "Microsoft's root report of {date}, by the Trust Stores Observatory",
    "jdk-policy": "the JDK's jdk.security.caDistrustPolicies; which of them depends on its release",
    "jdk-blocked": "the JDK's blocked.certs, the same in 11.0.13, 17.0.9, 21.0.8 and 25.0.2",
}
# Made from Mozilla's list of their day, with nothing added.
OF_MOZILLA = ("temurin-11", "temurin-17", "temurin-21")
_PURPOSES = {SERVER: "tls-server", EMAIL: "email"}

# An attribute of an RFC 4514 name, as our own printer escapes it.
PART = re.compile(r"(?:^|,|\+)(CN|OU|O)=((?:\\.|[^,+\\])*)")

Row = tuple[str, str, str, str, str, str, str, str, str]


def read(folder: Path, name: str) -> bytes:
    """The bytes of an input, the very ones this table is made from."""
    data = (folder / name).read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != PINS[name]:
        raise SystemExit(f"{name}: expected SHA-256 {PINS[name]}, found {found}")
    return data


def unescaped(value: str) -> str:
    """The text of an attribute value."""
    return re.sub(r"\\(.)", r"\1", value)


class Made:
    """The table as it grows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []
        self.sources = dict(SOURCES)
        self.subjects: dict[str, str] = {}
        for name in lists.SHIPPED:
            for anchor in lists.load(name).anchors:
                self.subjects.setdefault(anchor.sha256, anchor.subject)

    def add(
        self,
        anchor: Anchor,
        purpose: str,
        kind: str,
        source: str,
        *,
        until: str = "",
        since: str = "",
        reason: str = "",
    ) -> None:
        """One source's word against one certificate."""
        name = self.name(anchor)
        self.rows.append((anchor.sha256, purpose, kind, until, since, source, name, reason, ""))

    def name(self, anchor: Anchor) -> str:
        """What people call the CA: the name in its subject, and whose it is."""
        self.subjects.setdefault(anchor.sha256, self.subject(anchor))
        subject = self.subjects[anchor.sha256]
        parts = {key: unescaped(value) for key, value in PART.findall(subject)}
        name, owner = parts.get("CN") or parts.get("OU") or subject, parts.get("O", "")
        return name if owner.casefold() in name.casefold() else f"{name}, {owner}"

    def subject(self, anchor: Anchor) -> str:
        """The subject, read in the certificate where there is one."""
        path = self.folder / "observatory-certificates" / f"{anchor.sha256}.pem"
        if anchor.certificate is None and path.is_file():
            store = formats.read(path.read_bytes(), None)
            found = [e.certificate for e in store.entries if isinstance(e, TrustedCert)]
            anchor = Anchor(anchor.sha256, anchor.label, found[0])
        try:
            return anchor.subject or anchor.label
        except StorekeeperError:
            return anchor.label


def of_mozilla(made: Made, nss: RootList) -> None:
    """E-mail only, no trust at all, and dates, as certdata.txt has them."""
    for anchor in (*nss.anchors, *nss.others):
        purposes = anchor.purposes or ()
        if SERVER not in purposes and EMAIL in purposes:
            made.add(anchor, "tls-server", "email-only", "mozilla", since=CERTDATA_DATE)
        elif not purposes:
            made.add(anchor, "any", "no-trust", "mozilla", since=CERTDATA_DATE)
        # Server trust first, then the date: a date that stays behind after it means nothing.
        for purpose, instant in anchor.distrust_after:
            if purpose in purposes:
                made.add(
                    anchor, _PURPOSES[purpose], "distrust-after", "mozilla", until=iso(instant)
                )


def removed_by_mozilla(made: Made, nss: RootList, summer: RootList) -> None:
    """Roots of an older list that a newer one has not, with both dates."""
    newest = lists.load("mozilla")
    made.sources["mozilla-list"] = SOURCES["mozilla-list"].format(
        summer=summer.date, newest=newest.date
    )
    dated = replace_date(nss, CERTDATA_DATE)
    series = [*map(lists.load, OF_MOZILLA), dated, summer, newest]
    listed = {anchor.sha256 for anchor in (*nss.anchors, *nss.others)}
    now = {anchor.sha256 for anchor in newest.anchors}
    # The same subject and key in another certificate is a root issued again, not removed.
    again = {anchor.subject_spki_sha256 for anchor in newest.anchors}
    done: set[str] = set()
    for roots in series[:-1]:
        for anchor in roots.anchors:
            if anchor.sha256 in now | done or (anchor.subject_spki_sha256 or "") in again:
                continue
            done.add(anchor.sha256)
            has = [anchor.sha256 in {a.sha256 for a in one.anchors} for one in series]
            last = max(at for at, there in enumerate(has) if there)
            # That Temurin has a root says that Mozilla had it; that it has it not, nothing.
            first = next(one for one in series[max(last + 1, len(OF_MOZILLA)) :])
            if anchor.sha256 in listed and first is dated:
                continue  # still there, for e-mail or for nothing: said already
            was = series[last]
            reason = f"it was still in the list of {was.date}"
            if was.name in OF_MOZILLA:
                # A copy, made some time before the day of the release it is in.
                reason = f"{was.title} of {was.date}, whose roots are Mozilla's, still had it"
            made.add(
                anchor, "tls-server", "removed", "mozilla-list", since=first.date, reason=reason
            )


def replace_date(roots: RootList, date: str) -> RootList:
    """The list with the date its file does not say."""
    from storekeeper.model import replace

    return replace(roots, date=date)


def of_microsoft(made: Made) -> None:
    """What is in Microsoft's report and not included."""
    roots = observatory.read(read(made.folder, "observatory/microsoft_windows.yaml").decode())
    made.sources["microsoft"] = SOURCES["microsoft"].format(date=roots.date)
    for anchor in roots.others:
        made.add(
            anchor,
            "any",
            "blocked",
            "microsoft",
            since=roots.date,
            reason="listed as disabled, or trusted for older certificates only",
        )


def of_the_jdk(made: Made) -> None:
    """What every JDK refuses, and the policies of newer ones."""
    blocked = observatory.read(read(made.folder, "observatory/openjdk.yaml").decode()).others
    names = {anchor.sha256: anchor for anchor in blocked}
    for sha256 in BLOCKED:
        anchor = names.get(sha256, Anchor(sha256))
        if anchor.label.startswith(UNNAMED):
            anchor = Anchor(sha256, "a certificate all JDKs block")
        made.add(anchor, "any", "blocked", "jdk-blocked", reason="forged, stolen or misissued")
    for policy, (roots, name, last) in POLICIES.items():
        for sha256 in roots:
            made.add(
                Anchor(sha256, name),
                "tls-server",
                "distrust-after",
                "jdk-policy",
                until=f"{last}T23:59:59Z",
                reason=f"policy {policy}",
            )


def incidents(made: Made) -> None:
    """The table kept by hand."""
    known = {row[0] for row in made.rows} | made.subjects.keys()
    known |= {path.stem for path in (made.folder / "observatory-certificates").glob("*.pem")}
    for line in INCIDENTS.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        sha256, purpose, kind, until, since, ca, reason, link = line.split("\t")
        if sha256 not in known:
            raise SystemExit(f"{INCIDENTS.name}: {sha256} ({ca}) is in no list")
        made.rows.append((sha256, purpose, kind, until, since, "incident", ca, reason, link))


def text(folder: Path) -> str:
    """The whole table."""
    made = Made(folder)
    nss = certdata.read(read(folder, "certdata-nss-2.86.txt").decode())
    summer = observatory.read(read(folder, "observatory/mozilla_nss.yaml").decode())
    of_mozilla(made, nss)
    removed_by_mozilla(made, nss, summer)
    of_microsoft(made)
    of_the_jdk(made)
    incidents(made)
    order = list(SOURCES)
    rows = sorted(made.rows, key=lambda row: (row[0], order.index(row[5]), *row[1:]))
    lines = [distrust.FIRST_LINE]
    lines.append("# licence: MPL-2.0 (Mozilla's part), MIT (Trust Stores Observatory); facts only")
    lines += [f"# source\t{key}\t{name}" for key, name in made.sources.items()]
    lines += [f"# columns: {' '.join(distrust.COLUMNS)}", ""]
    for row in rows:
        if any(c in cell for cell in row for c in "\t\n\r") or row[2] not in distrust.KINDS:
            raise ValueError(f"unfit: {row}")
        lines.append("\t".join(row))
    return "\n".join(lines) + "\n"


def main(argv: list[str] | None = None) -> int:
    """Write or check; the exit status is 1 when the table differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, metavar="DIR", required=True)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(argv)
    made = text(options.data)
    if options.check:
        same = OUT.is_file() and OUT.read_text(encoding="utf-8") == made
        print("same" if same else "differs")
        return int(not same)
    OUT.write_text(made, encoding="utf-8", newline="\n")
    print(f"{made.count(chr(10))} lines")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
