"""Every command that changes a store, with words that make it do something, in one folder.

Whatever is promised of all of them is tested for each of them by going through `COMMANDS`.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from storekeeper import der, formats
from storekeeper.change.delete import plan_delete
from storekeeper.formats.pkcs12_bags import CRL_BAG, Origin, encode_bag
from storekeeper.model import Certificate, Entry, Opaque, SecretKey, Store, TrustedCert, replace
from storekeeper.pki import keys
from tests import changing, pki
from tests.changing import CORP, KEY, OTHER, PASSWORD
from tests.commands import Authority
from tests.pkcs12_files import attributes, data_safe, pfx

FORMATS = ("JKS", "JCEKS", "PKCS12")
NEW = pki.cert("Mended Root")
EXTRA = pki.cert("Extra Root")
OWN = "mended.example"
SUFFIX = {"JKS": "jks", "JCEKS": "jceks", "PKCS12": "p12", "PEM": "pem"}

COMMANDS: dict[str, str] = {
    "import": "import STORE new.pem",
    "import-new": "import made.p12 new.pem --alias new",
    "import-directory": "import anchors new.pem",
    "delete": "delete STORE corp-other --missing-ok",
    "delete-directory": "delete anchors corp.crt --missing-ok",
    "rename": "rename STORE corp-other other",
    "copy": "copy extra.jks STORE --alias extra",
    "merge": "merge STORE extra.jks -o STORE",
    "sort": "merge STORE -o STORE --sort alias",
    "convert": "convert STORE --storetype OTHER",
    "convert-new": "convert STORE made.OTHER",
    "passwd": "passwd STORE --new-storepass env:NEW",
    "genkey": "genkey STORE --alias made --keyalg EC --dname made.example",
    "reply": "reply STORE answer.pem --incomplete",
    "import-key": "import-key STORE own.key own.pem --alias own",
    "client": "client build --ca-names own.pem -o STORE --from own.key --from own.pem --alias own",
    "undo": "undo --of STORE",
}
"""By a name: the words. STORE is the store of the format, OTHER another format's suffix."""

IN_PLACE = tuple(
    name for name in COMMANDS if not name.endswith(("-new", "-directory")) and name != "undo"
)
"""Those that open STORE with its password and write it."""

ENVIRONMENT = {"NEW": "another one", "WRONG": "not the password"}


def words(name: str, format: str, store: str = "") -> list[str]:
    """The command line."""
    other = "p12" if format != "PKCS12" else "jks"
    stands = {
        "STORE": store or f"store.{SUFFIX[format]}",
        "OTHER": {"p12": "PKCS12", "jks": "JKS"}[other],
        "made.OTHER": f"made.{other}",
    }
    return [stands.get(word, word) for word in COMMANDS[name].split()]


def furnish(folder: Path, format: str, *more: Entry) -> Path:
    """All that the commands need, in a folder; the path of the store, which holds more as well."""
    path = folder / f"store.{SUFFIX[format]}"
    changing.store_file(path, format, *changing.usual(format), *more)
    path.chmod(0o600)
    changing.store_file(folder / "extra.jks", "JKS", changing.trusted("extra", EXTRA))
    ca = Authority(changing.CA)
    answer = ca.issues(changing.LEAF, keys.spki_of(KEY), later=30)
    _pem(folder / "new.pem", NEW)
    _pem(folder / "answer.pem", answer)
    _pem(folder / "own.pem", pki.cert(OWN))
    (folder / "own.key").write_bytes(pki.pem("PRIVATE KEY", pki.pkcs8(pki.key(OWN))))
    (folder / "anchors").mkdir()
    _pem(folder / "anchors" / "corp.crt", CORP)
    _pem(folder / "anchors" / "other.crt", OTHER)
    return path


def something_to_undo(path: Path) -> None:
    """One change of the store, in the journal."""
    changing.change(path, lambda target: plan_delete(target, ["corp-root"]))


def strangers(format: str) -> tuple[Entry, ...]:
    """Entries of a format that are well formed, and that nothing here understands."""
    match format:
        case "PKCS12":
            unknown = encode_bag("1.2.3.4", der.integer(7), attributes("odd"))
            crl = encode_bag(CRL_BAG, der.sequence(der.integer(7)), ())
            return formats.read(pfx(data_safe(unknown, crl)), PASSWORD).entries
        case "JCEKS":
            odd = changing.secret("odd", "JCEKS")
            data = odd.sealed.data.replace(b"SealedObject", b"SealedObjekt")
            return (replace(odd, sealed=replace(odd.sealed, data=data)),)
        case "JKS":
            return (changing.trusted("odd", Certificate(b"of no known encoding", "X509")),)
    request = pki.openssl("req", "-new", "-newkey", "ed25519", "-nodes", "-keyout", os.devnull,
                          "-subj", "/CN=odd")  # fmt: skip
    return formats.read(request + pki.pem("X509 CRL", b"\x30\x03\x02\x01\x01")).entries


def verbatim(store: Store) -> list[bytes]:
    """The bytes of those entries as they lie in the store, unencrypted where they were."""
    found = []
    for entry in store.entries:
        match entry:
            case Opaque(origin=Origin(bag=bag)):
                found.append(bag.raw)
            case Opaque():
                found.append(entry.data)
            case SecretKey(alias="odd"):
                found.append(entry.sealed.data)
            case TrustedCert(alias="odd"):
                found.append(entry.certificate.type.encode() + b" " + entry.certificate.der)
    return found


def everything(folder: Path) -> dict[str, tuple[object, ...]]:
    """All there is below a folder and what is known of it, but not when it was read."""
    found: dict[str, tuple[object, ...]] = {}
    for place, folders, names in os.walk(folder):
        for name in (".", *folders, *names):
            path = Path(place, name)
            status = path.lstat()
            content = b""
            if stat.S_ISREG(status.st_mode):
                content = path.read_bytes()
            identity = (status.st_ino, status.st_mode, status.st_uid, status.st_mtime_ns)
            found[os.path.relpath(path, folder)] = (*identity, content)
    return found


def _pem(path: Path, certificate: Certificate) -> None:
    path.write_bytes(pki.pem("CERTIFICATE", certificate.der))
