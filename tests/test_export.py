"""What leaves a store, read by everybody who will read it: OpenSSL, Java, cryptography, us."""

from __future__ import annotations

import contextlib
import os
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    load_der_private_key,
    load_pem_private_key,
    pkcs7,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from storekeeper import der, formats
from storekeeper.change import outputs
from storekeeper.change.export import Exported, Product, export
from storekeeper.change.repeated import says_the_same
from storekeeper.errors import (
    PasswordRequired,
    Unreadable,
    UsageError,
    WriteRefused,
    WrongPassword,
)
from storekeeper.formats import jks
from storekeeper.formats.encryption import named
from storekeeper.model import (
    Certificate,
    Entry,
    Opaque,
    Password,
    PrivateKey,
    Secret,
    SecretKey,
    Store,
    TrustedCert,
)
from storekeeper.trust.sources import open_store
from storekeeper.x509 import Facts
from tests import jvm, pki

OPENS = Password("opens it")
SEALS = Password("seals it")
CLEAR = Password(None)
DATE = 1_700_000_000_000
LEAF = "export.example"
KEY = pki.key(LEAF)
CHAIN = (pki.cert(LEAF, "Export CA"), pki.cert("Export CA"))
OTHER = pki.cert("Export Root")
SERVER = PrivateKey("server", CHAIN, jks.seal_private_key(pki.pkcs8(KEY), OPENS, "JKS"), DATE)
ROOT = TrustedCert("Root", OTHER, DATE)
SECRET = SecretKey("secret", jks.seal_secret(Secret("AES", b"k" * 16), OPENS), DATE)
STRANGE = Opaque("crl", "certificate revocation list", b"\x30\x00")
ENTRIES: tuple[Entry, ...] = (SERVER, ROOT)


def content(exported: Exported) -> bytes:
    (product,) = exported.products
    return product.content


def subjects(text: bytes) -> list[str]:
    """The common names of a PEM's certificates, in order, by cryptography."""
    return [
        str(found.subject.rdns[0].rfc4514_string()).removeprefix("CN=")
        for found in x509.load_pem_x509_certificates(text)
    ]


# -- certificates --------------------------------------------------------------------------


def test_pem_is_clean_and_in_order() -> None:
    text = content(export(ENTRIES))
    assert text == pki.pem("CERTIFICATE", CHAIN[0].der) + pki.pem("CERTIFICATE", OTHER.der)


def test_chains() -> None:
    text = content(export(ENTRIES, contents="chains"))
    assert subjects(text) == [LEAF, "Export CA", "Export Root"]


def test_a_certificate_is_in_a_bundle_once() -> None:
    again = TrustedCert("again", CHAIN[1])
    exported = export((SERVER, again, ROOT, ROOT), contents="chains")
    assert subjects(content(exported)) == [LEAF, "Export CA", "Export Root"]


def test_headers_are_comments_nobody_trips_over() -> None:
    hostile = TrustedCert("a\n-----BEGIN CERTIFICATE-----\x1b[31m", OTHER)
    text = content(export((hostile,), headers=True))
    assert b"subject: CN=Export Root\n# issuer: CN=Export Root\n-----BEGIN" in text
    assert text.count(b"-----BEGIN") == 1
    assert b"\x1b" not in text
    assert subjects(text) == ["Export Root"]
    assert pki.openssl("x509", "-noout", "-subject", stdin=text)
    assert [e.certificate for e in formats.read(text).entries if isinstance(e, TrustedCert)] == [
        OTHER
    ]


def test_der_is_the_certificate() -> None:
    assert content(export((ROOT,), format="DER")) == OTHER.der


@pytest.mark.parametrize(
    ("entries", "options", "says"),
    [
        (ENTRIES, {}, "here are 2"),
        ((SERVER,), {"contents": "chains"}, "not a chain"),
        ((SERVER,), {"contents": "keys+chains"}, "not a chain"),
    ],
)
def test_der_holds_one_thing(
    entries: tuple[Entry, ...], options: dict[str, str], says: str
) -> None:
    with pytest.raises(UsageError, match=says) as caught:
        export(entries, format="DER", opens=OPENS, seals=SEALS, **options)  # type: ignore[arg-type]
    assert caught.value.hint


def test_pkcs7() -> None:
    data = content(export(ENTRIES, format="PKCS7", contents="chains"))
    # In the order of the chain, as OpenSSL writes it, where DER would sort.
    with pytest.warns(UserWarning, match="BER"):
        found = pkcs7.load_der_pkcs7_certificates(data)
    assert [Certificate(c.public_bytes(Encoding.DER)) for c in found] == [*CHAIN, OTHER]
    printed = pki.openssl("pkcs7", "-inform", "DER", "-print_certs", stdin=data)
    assert subjects(printed) == [LEAF, "Export CA", "Export Root"]


def test_a_certificate_nobody_can_parse_leaves_as_it_is() -> None:
    junk = TrustedCert("junk", Certificate(b"\x30\x03\x02\x01\x05"))
    assert content(export((junk,), format="DER")) == junk.certificate.der
    assert content(export((junk,))) == pki.pem("CERTIFICATE", junk.certificate.der)


def by_openssl(text: bytes) -> bytes:
    """The PKCS#8 of an encrypted key."""
    words = ("pkcs8", "-topk8", "-nocrypt", "-passin", "pass:seals it", "-outform", "DER")
    return pki.openssl(*words, stdin=text)


# -- keys ----------------------------------------------------------------------------------


def test_no_key_leaves_unasked() -> None:
    for contents in ("certificates", "chains"):
        for format in ("PEM", "PKCS12", "PKCS7"):
            exported = export(ENTRIES, format=format, contents=contents, seals=SEALS)
            assert not any(product.private or product.keys for product in exported.products)
            store = formats.read(content(exported), SEALS)
            assert all(isinstance(entry, TrustedCert) for entry in store.entries)


def test_a_key_in_pem_is_encrypted() -> None:
    exported = export(ENTRIES, contents="keys", opens=OPENS, seals=SEALS)
    text = content(exported)
    assert exported.products[0].private
    assert text.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert text.count(b"-----BEGIN") == 1
    assert by_openssl(text) == pki.pkcs8(KEY)
    assert load_pem_private_key(text, b"seals it") is not None


def test_a_key_with_its_chain_in_pem() -> None:
    text = content(export(ENTRIES, contents="keys+chains", opens=OPENS, seals=SEALS))
    assert subjects(text) == [LEAF, "Export CA"]
    (entry,) = formats.read(text).entries
    assert isinstance(entry, PrivateKey)
    assert entry.chain == CHAIN
    assert entry.pkcs8(SEALS) == pki.pkcs8(KEY)


def test_a_key_in_clear_when_said() -> None:
    text = content(export((SERVER,), contents="keys", opens=OPENS, seals=CLEAR))
    assert text == pki.pem("PRIVATE KEY", pki.pkcs8(KEY))
    data = content(export((SERVER,), contents="keys", format="DER", opens=OPENS, seals=CLEAR))
    assert data == pki.pkcs8(KEY)


def test_a_key_in_der() -> None:
    data = content(export((SERVER,), contents="keys", format="DER", opens=OPENS, seals=SEALS))
    assert load_der_private_key(data, b"seals it") is not None


@pytest.mark.parametrize("kind", ["RSA", "EC", "DSA", "Ed25519"])
def test_keys_of_every_kind(kind: str) -> None:
    key = pki.key("kinds", kind)
    entry = PrivateKey("k", (), jks.seal_private_key(pki.pkcs8(key), OPENS, "JKS"))
    text = content(export((entry,), contents="keys", opens=OPENS, seals=SEALS))
    assert by_openssl(text) == pki.pkcs8(key)


def test_passwords_are_needed_and_checked() -> None:
    with pytest.raises(PasswordRequired) as unsaid:
        export((SERVER,), contents="keys", opens=OPENS)
    assert unsaid.value.alias is None
    assert "--dest-storepass" in unsaid.value.hint
    with pytest.raises(PasswordRequired) as closed:
        export((SERVER,), contents="keys", seals=SEALS)
    assert closed.value.alias == "server"
    with pytest.raises(WrongPassword) as wrong:
        export((SERVER,), contents="keys", opens=Password("no"), seals=SEALS)
    assert wrong.value.alias == "server"
    with pytest.raises(UsageError, match="empty password"):
        export((SERVER,), contents="keys", opens=OPENS, seals=Password(""))


def test_what_has_no_place_is_said() -> None:
    exported = export((SECRET, STRANGE, ROOT))
    assert [(f.code, f.where) for f in exported.findings] == [
        ("left-out", "secret"),
        ("left-out", "crl"),
    ]
    assert export((SECRET,)).products == ()
    assert export((ROOT,), contents="keys").products == ()
    with pytest.raises(UsageError, match="PKCS#7"):
        export((SERVER,), contents="keys", format="PKCS7", opens=OPENS, seals=CLEAR)
    with pytest.raises(UsageError, match="PKCS12, not of PEM"):
        export((ROOT,), encryption=named("java8"))
    with pytest.raises(UsageError, match="hashed"):
        export((SERVER,), contents="keys", layout="hashed", opens=OPENS, seals=CLEAR)
    with pytest.raises(UsageError, match="nothing is called"):
        export((ROOT,), contents="everything")


# -- PKCS12 --------------------------------------------------------------------------------


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_java_reads_the_pkcs12(version: str) -> None:
    exported = export(
        (SERVER, ROOT, SECRET), format="PKCS12", contents="store", opens=OPENS, seals=SEALS
    )
    assert exported.findings == ()
    store = jvm.jvm(version).worker.load(content(exported), "seals it")
    found = {entry["alias"]: entry for entry in store["entries"]}
    assert set(found) == {"server", "root", "secret"}
    assert found["server"]["chain"] == [c.der for c in CHAIN]
    assert found["server"]["key"] == pki.pkcs8(KEY)
    assert found["server"]["created_ms"] == DATE
    assert found["root"]["chain"] == [OTHER.der]


def test_openssl_and_cryptography_read_the_pkcs12(tmp_path: Path) -> None:
    data = content(export((SERVER,), format="PKCS12", contents="keys", opens=OPENS, seals=SEALS))
    bundle = load_pkcs12(data, b"seals it")
    assert bundle.cert is not None
    assert bundle.cert.friendly_name == b"server"
    assert len(bundle.additional_certs) == 1
    file = tmp_path / "a.p12"
    file.write_bytes(data)
    printed = pki.openssl("pkcs12", "-in", str(file), "-nodes", "-passin", "pass:seals it")
    assert subjects(printed) == [LEAF, "Export CA"]


def test_a_key_entry_gives_trusted_certificates_to_a_pkcs12() -> None:
    data = content(export((SERVER,), format="PKCS12", contents="chains", seals=SEALS))
    entries = formats.read(data, SEALS).entries
    assert [(entry.alias, type(entry)) for entry in entries] == [
        ("server", TrustedCert),
        ("Export CA", TrustedCert),
    ]


def test_aliases_that_meet_in_a_pkcs12_are_told_apart_and_it_is_said() -> None:
    exported = export((ROOT, TrustedCert("ROOT", CHAIN[1])), format="PKCS12", seals=SEALS)
    assert [e.alias for e in formats.read(content(exported), SEALS).entries] == ["Root", "ROOT-1"]
    assert [f.code for f in exported.findings] == ["renamed"]


def test_pkcs12_without_a_password() -> None:
    with pytest.raises(PasswordRequired):
        export((ROOT,), format="PKCS12")
    for options in ({"seals": CLEAR}, {"encryption": named("passwordless")}):
        data = content(export((ROOT,), format="PKCS12", **options))
        assert OTHER.der in data
        loaded = jvm.by_major(17).worker.load(data, None)
        assert [entry["alias"] for entry in loaded["entries"]] == ["root"]
    # A set without a password does not bare a key: that has to be said.
    with pytest.raises(PasswordRequired):
        export(
            (SERVER,),
            format="PKCS12",
            contents="keys",
            opens=OPENS,
            encryption=named("passwordless"),
        )
    exported = export((SERVER,), format="PKCS12", contents="keys", opens=OPENS, seals=CLEAR)
    assert [f.code for f in exported.findings] == ["key-in-clear"]
    assert load_pkcs12(content(exported), None).key is not None


def test_compat_names_are_for_pkcs12() -> None:
    data = content(
        export(
            (SERVER,),
            format="PKCS12",
            contents="keys",
            opens=OPENS,
            seals=SEALS,
            encryption=named("java8"),
        )
    )
    assert der.oid("1.2.840.113549.1.12.1.3") in data  # pbeWithSHAAnd3-KeyTripleDES-CBC
    assert load_pkcs12(data, b"seals it").key is not None


# -- directories ---------------------------------------------------------------------------


def test_each_in_a_file() -> None:
    entries = (SERVER, ROOT, TrustedCert("../../etc/x", CHAIN[1]), TrustedCert("ROOT", CHAIN[0]))
    exported = export(entries, layout="each")
    assert [p.name for p in exported.products] == [
        "server.pem",
        "Root.pem",
        "etc_x.pem",
        "ROOT-1.pem",
    ]
    assert [p.aliases for p in exported.products][2] == ("../../etc/x",)
    keys = export(entries, layout="each", contents="keys", opens=OPENS, seals=SEALS)
    assert [(p.name, p.private) for p in keys.products] == [("server.key", True)]
    named_so = export(entries, layout="each", template="{cn}-{sha256:8}", format="DER")
    assert named_so.products[1].name == f"export-root-{OTHER.sha256[:8]}.der"


@pytest.fixture(scope="module")
def hashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cacerts of a real JRE, and a chain of ours, in a hashed directory."""
    folder = tmp_path_factory.mktemp("hashed") / "certs"
    store = formats.read(jvm.by_major(17).cacerts.read_bytes(), "changeit")
    exported = export((*store.entries, TrustedCert("ca", CHAIN[1]), ROOT), layout="hashed")
    assert exported.findings == ()
    outputs.write(outputs.check(exported.products, directory=str(folder)), directory=str(folder))
    return folder


def links(folder: Path) -> dict[str, str]:
    return {p.name: os.readlink(p) for p in folder.iterdir() if p.is_symlink()}


def test_the_hashed_directory_is_the_one_rehash_makes(hashed: Path, tmp_path: Path) -> None:
    ours = links(hashed)
    files = [p for p in hashed.iterdir() if not p.is_symlink()]
    assert len(files) > 100
    for file in files:
        (tmp_path / file.name).write_bytes(file.read_bytes())
    subprocess.run(
        ["openssl", "rehash", "-compat", str(tmp_path)], check=True, capture_output=True, timeout=60
    )
    assert ours == links(tmp_path)


def test_openssl_verifies_with_the_hashed_directory(hashed: Path, tmp_path: Path) -> None:
    leaf = tmp_path / "leaf.pem"
    leaf.write_bytes(pki.pem("CERTIFICATE", CHAIN[0].der))
    said = pki.openssl("verify", "-no-CAfile", "-no-CAstore", "-CApath", str(hashed), str(leaf))
    assert said.endswith(b": OK\n")


def test_a_client_trusts_by_the_hashed_directory(hashed: Path, tmp_path: Path) -> None:
    identity = tmp_path / "server.pem"
    whole = export((SERVER,), contents="keys+chains", opens=OPENS, seals=SEALS)
    identity.write_bytes(content(whole))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(identity, password="seals it")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False

    def handshake() -> None:
        to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = [client.wrap_bio(to_client, to_server), server.wrap_bio(to_server, to_client, True)]
        for end in ends * 3:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
        assert ends[0].getpeercert(True) == CHAIN[0].der

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake()
    client.load_verify_locations(capath=str(hashed))
    handshake()


def test_the_hashed_directory_is_a_store_again(hashed: Path) -> None:
    store = formats.read(jvm.by_major(17).cacerts.read_bytes(), "changeit")
    assert set(open_store(hashed).certificates()) == {*store.certificates(), CHAIN[1], OTHER}


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_keytool_exports_the_same_bytes(version: str, tmp_path: Path) -> None:
    java = jvm.jvm(version)
    store = formats.read(java.cacerts.read_bytes(), "changeit")
    entry = store.entries[0]
    common = ("-exportcert", "-keystore", java.cacerts, "-storepass", "changeit")
    for format, option in (("DER", ()), ("PEM", ("-rfc",))):
        file = tmp_path / format
        java.keytool(*common, "-alias", entry.alias, "-file", file, *option)
        assert content(export((entry,), format=format)) == file.read_bytes().replace(b"\r\n", b"\n")


# -- files ---------------------------------------------------------------------------------


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def put(exported: Exported, folder: Path, *, force: bool = False) -> list[str]:
    checked = outputs.check(exported.products, directory=str(folder), force=force)
    outputs.write(checked, directory=str(folder))
    return [output.state for output in checked]


@pytest.mark.parametrize(("umask", "open_mode"), [(0o022, 0o644), (0o077, 0o600), (0, 0o666)])
def test_keys_are_for_their_owner_alone(tmp_path: Path, umask: int, open_mode: int) -> None:
    before = os.umask(umask)
    try:
        put(export(ENTRIES, layout="each"), tmp_path)
        put(export(ENTRIES, layout="each", contents="keys", opens=OPENS, seals=CLEAR), tmp_path)
    finally:
        os.umask(before)
    assert mode(tmp_path / "server.key") == 0o600
    assert mode(tmp_path / "Root.pem") == open_mode


def test_no_file_with_a_key_is_ever_opened_for_others(tmp_path: Path) -> None:
    """Seen at every fsync, with no umask to help: whatever lies there is 0600."""
    script = (
        "import os\n"
        "os.umask(0)\n"
        "from storekeeper.change import outputs\n"
        "from storekeeper.change.outputs import Product\n"
        f"folder = {str(tmp_path)!r}\n"
        "product = Product('k.key', b'secret', private=True)\n"
        "seen = []\n"
        "fsync = os.fsync\n"
        "def look(descriptor):\n"
        "    for name in os.listdir(folder):\n"
        "        seen.append(os.stat(os.path.join(folder, name)).st_mode & 0o777)\n"
        "    fsync(descriptor)\n"
        "os.fsync = look\n"
        "outputs.write(outputs.check([product], directory=folder), directory=folder)\n"
        "print(len(seen) > 0, set(map(oct, seen)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "True {'0o600'}\n"


def test_a_key_closes_the_file_it_replaces(tmp_path: Path) -> None:
    for before, after in ((0o644, 0o600), (0o640, 0o640), (0o666, 0o600)):
        (tmp_path / "server.key").write_bytes(b"old")
        (tmp_path / "server.key").chmod(before)
        exported = export((SERVER,), layout="each", contents="keys", opens=OPENS, seals=SEALS)
        assert put(exported, tmp_path, force=True) == ["replaced"]
        assert mode(tmp_path / "server.key") == after
        assert (tmp_path / "server.key").read_bytes() == exported.products[0].content


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    for layout in ("each", "hashed"):
        exported = export(ENTRIES, layout=layout)
        assert set(put(exported, tmp_path / layout)) == {"new"}
        times = {p: p.lstat().st_mtime_ns for p in (tmp_path / layout).iterdir()}
        assert set(put(exported, tmp_path / layout)) == {"unchanged"}
        assert times == {p: p.lstat().st_mtime_ns for p in (tmp_path / layout).iterdir()}


def test_other_content_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "Root.pem").write_bytes(b"mine")
    exported = export(ENTRIES, layout="each")
    with pytest.raises(WriteRefused, match="holds something else"):
        put(exported, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["Root.pem"]
    assert put(exported, tmp_path, force=True) == ["new", "replaced"]
    assert (tmp_path / "Root.pem").read_bytes() == pki.pem("CERTIFICATE", OTHER.der)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["Root.pem", "server.pem"]


def test_a_link_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    exported = export((ROOT,), layout="hashed")
    link = tmp_path / exported.products[1].name
    link.symlink_to("other.pem")
    with pytest.raises(WriteRefused):
        put(exported, tmp_path)
    assert put(exported, tmp_path, force=True) == ["new", "replaced", "new"]
    assert os.readlink(link) == "Root.pem"


def test_where_there_are_no_links_copies_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "no privilege")

    exported = export((ROOT,), layout="hashed")
    monkeypatch.setattr(os, "symlink", refuse)
    assert put(exported, tmp_path) == ["new", "new", "new"]
    assert {p.read_bytes() for p in tmp_path.iterdir()} == {pki.pem("CERTIFICATE", OTHER.der)}
    assert put(exported, tmp_path) == ["unchanged"] * 3


def test_one_file(tmp_path: Path) -> None:
    products = export(ENTRIES).products
    target = tmp_path / "real.pem"
    target.write_bytes(b"old")
    link = tmp_path / "link.pem"
    link.symlink_to("real.pem")
    outputs.write(outputs.check(products, file=str(link), force=True))
    assert link.is_symlink()
    assert target.read_bytes() == products[0].content


@pytest.mark.parametrize("way", ["directory", "dangling", "loop", "missing", "nul"])
def test_what_can_be_in_the_way(tmp_path: Path, way: str) -> None:
    path = str(tmp_path / "x.pem")
    match way:
        case "directory":
            os.mkdir(path)
        case "dangling":
            os.symlink("nowhere", path)
        case "loop":
            os.symlink("x.pem", path)
        case "missing":
            path = str(tmp_path / "no" / "x.pem")
        case "nul":
            path = "a\0b"
    products = export((ROOT,)).products
    with pytest.raises((WriteRefused, Unreadable)):
        outputs.write(outputs.check(products, file=path, force=True))


def test_pipes_and_devices_are_written_into() -> None:
    reader, writer = os.pipe()
    products = export((ROOT,)).products
    checked = outputs.check(products, file=f"/dev/fd/{writer}")
    assert [output.state for output in checked] == ["stream"]
    outputs.write(checked)
    os.close(writer)
    with open(reader, "rb") as found:
        assert found.read() == products[0].content
    outputs.write(outputs.check(products, file="/dev/null"))
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc/x", "a/b"])
def test_no_product_leaves_its_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(WriteRefused):
        outputs.check([Product(name, b"")], directory=str(tmp_path))


@pytest.mark.parametrize("format", ["PEM", "DER", "PKCS12"])
def test_a_key_encrypted_anew_says_the_same(format: str) -> None:
    def made(entry: PrivateKey, seals: Password) -> Product:
        options = {"format": format, "contents": "keys", "opens": OPENS, "seals": seals}
        return export((entry,), **options).products[0]  # type: ignore[arg-type]

    other_key = jks.seal_private_key(pki.pkcs8(pki.key("Export CA")), OPENS, "JKS")
    one, again = made(SERVER, SEALS), made(SERVER, SEALS)
    assert one.content != again.content
    assert says_the_same(one, again.content, SEALS)
    assert not says_the_same(one, made(SERVER, Password("other")).content, SEALS)
    assert not says_the_same(one, made(SERVER, CLEAR).content, SEALS)
    assert not says_the_same(
        one, made(PrivateKey("server", CHAIN, other_key, DATE), SEALS).content, SEALS
    )
    assert not says_the_same(one, again.content[:-1], SEALS)
    if format == "PKCS12":
        assert not says_the_same(one, again.content, SEALS, named("fips"))


def test_facts_are_those_of_the_certificates() -> None:
    """The hashes of a directory's links are those of what the links lead to."""
    exported = export(ENTRIES, contents="chains", layout="hashed")
    by_name = {p.name: p for p in exported.products if not p.link}
    for product in exported.products:
        if product.link:
            assert product.content == by_name[product.link].content
    assert len(by_name) == len({Facts(c.der).subject.der for c in (*CHAIN, OTHER)})


def test_a_secret_key_goes_with_the_whole_store_alone() -> None:
    data = content(export((SECRET,), format="PKCS12", contents="store", opens=OPENS, seals=SEALS))
    (entry,) = formats.read(data, SEALS).entries
    assert isinstance(entry, SecretKey)
    assert entry.secret(SEALS).material == b"k" * 16
    exported = export((SECRET, ROOT), contents="store", opens=OPENS, seals=SEALS)
    assert [f.where for f in exported.findings] == ["secret"]
    assert Store("PEM", formats.read(content(exported)).entries).entries[0].alias == "Export Root"
