"""Who issued whom: judged by cryptography, OpenSSL and keytool, whatever the order."""

from __future__ import annotations

import functools
import itertools
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import der
from storekeeper.formats import pem_keys
from storekeeper.key_info import spki_bits
from storekeeper.model import Certificate
from storekeeper.trust import paths, signatures
from storekeeper.trust.chain import complete, issuance, matches_key
from storekeeper.trust.issuance import MOST_KEYS
from storekeeper.x509 import facts
from tests import jvm, pki, real_roots

PASSWORD = "changeit"


@functools.cache
def made(
    subject: str,
    issuer: str | None = None,
    *,
    key: str | None = None,
    signer: str | None = None,
    ca: bool = True,
    until: int = 2046,
    ids: bool = False,
    printable: bool = False,
) -> Certificate:
    """A certificate; key and signer are called after subject and issuer unless given."""
    issuer = subject if issuer is None else issuer
    key, signer = key or subject, signer or (key if issuer == subject and key else issuer)
    kind = _ASN1Type.PrintableString if printable else _ASN1Type.UTF8String

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, kind)])

    public = pki.key(key).public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(public)
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(until, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if ids:
        theirs = x509.AuthorityKeyIdentifier.from_issuer_public_key(pki.key(signer).public_key())
        builder = builder.add_extension(theirs, critical=False)
        own = x509.SubjectKeyIdentifier.from_public_key(public)
        builder = builder.add_extension(own, critical=False)
    private = pki.key(signer)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return Certificate(builder.sign(private, SHA256()).public_bytes(Encoding.DER))


def unverifiable(certificate: Certificate) -> Certificate:
    """The same, signed with an algorithm nobody knows."""
    parts = der.read(certificate.der).items("certificate", at_least=3)
    odd = der.sequence(der.oid("1.3.6.1.4.1.99999.1"))
    return Certificate(der.sequence(parts[0].raw, odd, parts[2].raw))


def really_signed(issuer: Certificate, certificate: Certificate) -> bool:
    """What cryptography says; both names compared byte for byte."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, own = (x509.load_der_x509_certificate(one.der) for one in (issuer, certificate))
        try:
            own.verify_directly_issued_by(theirs)
        except (InvalidSignature, ValueError, TypeError):
            return False
    return True


# --- roles and paths ---------------------------------------------------------------------

ROOT, MIDDLE = made("Root"), made("Middle", "Root")
LEAF = made("leaf", "Middle", ca=False)


@pytest.mark.parametrize("order", list(itertools.permutations((LEAF, MIDDLE, ROOT))))
def test_roles_do_not_depend_on_order(order: tuple[Certificate, ...]) -> None:
    found = issuance(order)
    assert found.certificates == order
    assert (found.leaves, found.intermediates, found.roots) == ((LEAF,), (MIDDLE,), (ROOT,))
    assert found.path(LEAF) == (LEAF, MIDDLE, ROOT)
    assert found.issuers_of(LEAF) == (MIDDLE,)
    assert found.issuers_of(ROOT) == (ROOT,)
    assert found.missing_issuer(LEAF) is None
    assert found.is_chain
    assert found.unverified == ()


def test_one_given_twice_counts_once() -> None:
    assert issuance([LEAF, ROOT, Certificate(LEAF.der)]).certificates == (LEAF, ROOT)


def test_a_missing_issuer_is_named() -> None:
    found = issuance([LEAF, MIDDLE])
    assert found.path(LEAF) == (LEAF, MIDDLE)
    assert str(found.missing_issuer(LEAF)) == "CN=Root"
    assert found.is_chain
    found = issuance([LEAF, ROOT])
    assert found.path(LEAF) == (LEAF,)
    assert str(found.missing_issuer(LEAF)) == "CN=Middle"
    assert not found.is_chain


def test_self_signed_certificates_and_what_makes_them_roots() -> None:
    lonely = made("lonely", ca=False)
    found = issuance([lonely])
    assert found.role(lonely) == "leaf"
    assert found.is_self_signed(lonely)
    assert found.path(lonely) == (lonely,)
    assert found.missing_issuer(lonely) is None
    assert not found.is_chain
    # Renewed with the same key: its key signed the other, and neither is an issuer.
    renewed = made("lonely", ca=False, until=2050)
    assert issuance([lonely, renewed]).leaves == (lonely, renewed)
    assert set(issuance([lonely, renewed]).issuers_of(lonely)) == {lonely, renewed}
    assert issuance([lonely, renewed]).path(lonely) == (lonely,)
    # It signed another: a root, whatever it says of itself.
    child = made("child", "lonely", ca=False)
    assert issuance([child, lonely]).role(lonely) == "root"
    # The same for an intermediate.
    middle = made("odd middle", "lonely", ca=False)
    last = made("last", "odd middle", ca=False)
    assert issuance([last, middle]).role(middle) == "intermediate"
    assert issuance([middle]).role(middle) == "leaf"


def test_a_request_answered_beside_its_self_signed_draft() -> None:
    draft = made("leaf", ca=False)  # the same name and key, as keytool makes it first
    found = issuance([draft, LEAF, MIDDLE])
    assert found.leaves == (draft, LEAF)
    assert found.path(LEAF) == (LEAF, MIDDLE)


def test_bundles_are_no_chains() -> None:
    other = made("Other")
    assert not issuance([ROOT, other]).is_chain
    assert not issuance([LEAF, MIDDLE, other]).is_chain
    assert not issuance([MIDDLE, ROOT]).is_chain
    assert not issuance([LEAF]).is_chain
    assert not issuance([]).is_chain
    second = made("second", "Other", ca=False)
    assert issuance([other, LEAF, second, MIDDLE]).is_chain


def test_two_roots_of_one_name_and_only_one_signed() -> None:
    old, new = made("Twin", key="old"), made("Twin", key="new")
    child = made("of twin", "Twin", signer="old", ca=False)
    for order in itertools.permutations((old, new, child)):
        found = issuance(order)
        assert found.issuers_of(child) == (old,)
        assert found.path(child) == (child, old)
        assert found.issuers_of(new) == (new,)
        assert not found.is_chain
    assert issuance([new, child]).issuers_of(child) == ()
    assert str(issuance([new, child]).missing_issuer(child)) == "CN=Twin"


def test_an_impostor_that_names_itself_its_issuer() -> None:
    impostor = made("Root", "Root", key="impostor", signer="Root")
    found = issuance([impostor, ROOT])
    assert not found.is_self_signed(impostor)
    assert found.role(impostor) == "intermediate"
    assert found.path(impostor) == (impostor, ROOT)
    alone = issuance([impostor])
    assert alone.issuers_of(impostor) == ()
    assert str(alone.missing_issuer(impostor)) == "CN=Root"


def test_a_key_identifier_is_a_hint_only() -> None:
    signer = made("Hinted", key="k1", ids=True)
    other = made("Hinted", key="k2", ids=True)
    # Its authority key identifier is that of k2's certificate, its signature is k1's.
    child = made("hint", "Hinted", signer="k2", ca=False, ids=True)
    honest = made("hint", "Hinted", signer="k1", ca=False, ids=True)
    parts = der.read(honest.der).items("certificate", at_least=3)
    assert issuance([signer, other, honest]).issuers_of(honest) == (signer,)
    assert issuance([signer, other, child]).issuers_of(child) == (other,)
    unsigned = Certificate(
        der.sequence(*(p.raw for p in der.read(child.der).items("", 3)[:2]), parts[2].raw)
    )
    assert issuance([signer, other, unsigned]).issuers_of(unsigned) == ()


def test_more_keys_of_one_name_than_are_tried() -> None:
    count = 3 * MOST_KEYS
    lonely = [made("localhost", key=f"l{number}") for number in range(count)]
    found = issuance(lonely)
    assert found.roots == tuple(lonely)
    assert all(found.issuers_of(one) == (one,) for one in lonely)
    named = [made("localhost", key=f"l{number}", ids=True) for number in range(count)]
    children = [
        made(f"of {number}", "localhost", signer=f"l{number}", ca=False, ids=True)
        for number in range(count)
    ]
    found = issuance([*named, *children])
    for child, issuer in zip(children, named, strict=True):
        assert found.issuers_of(child) == (issuer,)


def test_names_that_java_takes_for_one() -> None:
    issuer = made("Some  CA", printable=True)
    child = made("of some", "some ca", signer="Some  CA", ca=False)
    found = issuance([child, issuer])
    assert found.path(child) == (child, issuer)
    twin = made("SOME CA", key="Some  CA", until=2050)
    assert set(issuance([child, issuer, twin]).issuers_of(child)) == {issuer, twin}
    assert issuance([child, issuer, twin]).path(child) == (child, twin)


# --- which of several paths --------------------------------------------------------------


def test_cross_signed_roots() -> None:
    new = made("New")
    cross = made("New", "Old", until=2060)
    child = made("crossed", "New", ca=False)
    old = made("Old", until=2030)
    # Both certificates of New signed the child; only one closes.
    for order in itertools.permutations((child, cross, new)):
        assert set(issuance(order).issuers_of(child)) == {new, cross}
        assert issuance(order).path(child) == (child, new)
        assert issuance(order).is_chain
    # Both close: the one that is valid longest as a whole.
    assert issuance([child, cross, old, new]).path(child) == (child, new)
    lasting = made("Old", until=2080)
    assert issuance([child, new, cross, lasting]).path(child) == (child, cross, lasting)
    # The root that lasts longest is no use behind an issuer that does not.
    short = made("New", "Old", until=2040)
    assert issuance([child, new, short, lasting]).path(child) == (child, new)
    # Neither closes.
    assert issuance([child, cross]).path(child) == (child, cross)


def test_loops_end() -> None:
    a, b = made("A", "B"), made("B", "A")
    child = made("looped", "A", ca=False)
    found = issuance([a, b, child])
    assert found.path(child) == (child, a, b)
    assert str(found.missing_issuer(child)) == "CN=A"
    assert found.path(a) == (a, b)
    assert found.is_chain
    assert found.roots == ()
    # One way out of the loop.
    out = made("B")
    assert issuance([a, b, child, out]).path(child) == (child, a, out)


def test_a_path_has_a_limit() -> None:
    names = [f"level {number}" for number in range(paths.LONGEST + 20)]
    certificates = [made(names[0])]
    certificates += [made(low, high) for high, low in itertools.pairwise(names)]
    found = issuance(reversed(certificates))
    assert len(found.path(certificates[-1])) == paths.LONGEST
    assert found.path(certificates[50]) == tuple(reversed(certificates[:51]))


# --- against a brute force ---------------------------------------------------------------

_NAMES = st.sampled_from(["P", "Q", "R"])
_CERTIFICATES = st.builds(
    made,
    _NAMES,
    _NAMES,
    key=st.sampled_from(["p", "q"]),
    signer=st.sampled_from(["p", "q"]),
    ca=st.booleans(),
    until=st.sampled_from([2030, 2040]),
    ids=st.booleans(),
)
_signed_by = functools.cache(really_signed)


def closing_paths(
    path: tuple[Certificate, ...], among: tuple[Certificate, ...]
) -> Iterator[tuple[Certificate, ...]]:
    last = path[-1]
    if _signed_by(last, last):
        yield path
        return
    for one in among:
        if one not in path and _signed_by(one, last):
            yield from closing_paths((*path, one), among)


@given(st.lists(_CERTIFICATES, max_size=7, unique=True), st.randoms())
def test_every_link_is_proven_and_no_way_is_missed(certificates: list[Certificate], random) -> None:  # type: ignore[no-untyped-def]
    found = issuance(certificates)
    shuffled = certificates[:]
    random.shuffle(shuffled)
    again = issuance(shuffled)
    for one in certificates:
        signers = {other for other in certificates if _signed_by(other, one)}
        assert set(found.issuers_of(one)) == signers
        assert again.issuers_of(one) == found.issuers_of(one)
        assert found.is_self_signed(one) == _signed_by(one, one)
        path = found.path(one)
        assert again.path(one) == path
        assert again.role(one) == found.role(one)
        assert path[0] == one
        assert len(set(path)) == len(path)
        assert all(_signed_by(high, low) for low, high in itertools.pairwise(path))
        closing = list(closing_paths((one,), tuple(certificates)))
        closed = _signed_by(path[-1], path[-1])
        assert closed == bool(closing)
        if closed:
            assert until(path) == max(map(until, closing))
            assert found.missing_issuer(one) is None
        else:
            assert found.missing_issuer(one) == facts(path[-1]).issuer
            further = {other for other in certificates if _signed_by(other, path[-1])}
            held = {(facts(other).subject, facts(other).spki) for other in path[1:]}
            assert all((facts(o).subject, facts(o).spki) in held or o in path for o in further)
    assert again.is_chain == found.is_chain


def until(path: tuple[Certificate, ...]) -> int:
    return min(facts(one).not_after or 0 for one in path)


# --- what can't be verified, or read -----------------------------------------------------


def test_an_unknown_signature_falls_back_to_names_and_key_identifiers_and_says_so() -> None:
    right = made("Vague", key="v1", ids=True)
    wrong = made("Vague", key="v2", ids=True)
    child = unverifiable(made("doubtful", "Vague", signer="v1", ca=False, ids=True))
    for order in itertools.permutations((right, wrong, child)):
        found = issuance(order)
        assert found.issuers_of(child) == (right,)
        assert found.unverified == (child,)
        assert "1.3.6.1.4.1.99999.1" in found.doubt(child)
        assert found.doubt(right) == ""
    # A key identifier that is another's: no issuer.
    assert issuance([wrong, child]).issuers_of(child) == ()
    # None at all: whoever has the name.
    silent = unverifiable(made("doubtful", "Vague", signer="v1", ca=False))
    assert set(issuance([right, wrong, silent]).issuers_of(silent)) == {right, wrong}
    # One that names itself is taken to have signed itself.
    root = unverifiable(ROOT)
    assert issuance([root]).is_self_signed(root)
    assert issuance([]).is_self_signed(root)
    assert issuance([root, MIDDLE]).path(MIDDLE) == (MIDDLE, root)


def test_bytes_that_are_no_certificate() -> None:
    junk = Certificate(b"\x30\x03\x02\x01\x01")
    found = issuance([junk, LEAF, MIDDLE])
    assert found.role(junk) == "leaf"
    assert found.path(junk) == (junk,)
    assert found.issuers_of(junk) == ()
    assert found.missing_issuer(junk) is None
    assert found.path(LEAF) == (LEAF, MIDDLE)
    assert not matches_key(junk, pki.spki(pki.key()))
    assert not complete(junk, [ROOT], [ROOT]).closed


@given(st.integers(0, len(MIDDLE.der) - 1), st.integers(1, 255))
def test_a_changed_octet_is_survived_and_breaks_the_signature(at: int, change: int) -> None:
    octets = bytearray(MIDDLE.der)
    octets[at] ^= change
    changed = Certificate(bytes(octets))
    found = issuance([changed, LEAF, ROOT])
    for one in found.certificates:
        found.role(one)
        found.path(one)
        found.missing_issuer(one)
    parts = der.read(MIDDLE.der).items("certificate", at_least=3)
    if parts[0].start <= at < parts[0].after:
        assert found.issuers_of(changed) == ()
    complete(LEAF, [changed], [ROOT])


# --- real certificates -------------------------------------------------------------------


def test_every_real_root_signed_itself() -> None:
    roots = [Certificate(encoded) for encoded in real_roots.real_roots()]
    found = issuance(roots)
    assert found.unverified == ()
    assert len(roots) > 100
    for one in roots:
        assert found.issuers_of(one)[0] == one
        assert found.is_self_signed(one)
        assert found.role(one) == "root"
        octets = bytearray(one.der)
        octets[-1] ^= 1
        broken = Certificate(bytes(octets))
        assert not issuance([broken]).is_self_signed(broken)
        assert issuance([broken]).issuers_of(broken) == ()


def test_openssl_agrees_about_the_roots_of_java(tmp_path: Path) -> None:
    store = jvm.by_major(17).worker.load(jvm.by_major(17).cacerts.read_bytes(), PASSWORD)
    roots = [Certificate(one) for entry in store["entries"] for one in entry["chain"]]
    found = issuance(roots)
    bundle = tmp_path / "all.pem"
    bundle.write_bytes(b"".join(pki.pem("CERTIFICATE", one.der) for one in roots))
    options = ["-partial_chain", "-no_check_time", "-check_ss_sig", "-no-CApath", "-no-CAstore"]
    files = []
    for number, one in enumerate(roots):
        files.append(str(tmp_path / f"{number}.pem"))
        Path(files[-1]).write_bytes(pki.pem("CERTIFICATE", one.der))
    said = pki.openssl("verify", *options, "-CAfile", str(bundle), *files).decode()
    assert said.count(": OK") == len(roots) == len(found.roots)


ALGORITHMS = {
    "dsa": ["-keyalg", "DSA"],
    "dsa-sha1": ["-keyalg", "DSA", "-keysize", "1024", "-sigalg", "SHA1withDSA"],
    "dsa-sha3": ["-keyalg", "DSA", "-sigalg", "SHA3-256withDSA"],
    "ec": ["-keyalg", "EC"],
    "ec-sha3": ["-keyalg", "EC", "-sigalg", "SHA3-256withECDSA"],
    "ed25519": ["-keyalg", "Ed25519"],
    "ed448": ["-keyalg", "Ed448"],
    "pss": ["-keyalg", "RSASSA-PSS"],
    "rsa-md2": ["-keyalg", "RSA", "-sigalg", "MD2withRSA"],
    "rsa-md5": ["-keyalg", "RSA", "-sigalg", "MD5withRSA"],
    "rsa-pss": ["-keyalg", "RSA", "-sigalg", "RSASSA-PSS"],
    "rsa-sha1": ["-keyalg", "RSA", "-sigalg", "SHA1withRSA"],
    "rsa-sha512/256": ["-keyalg", "RSA", "-sigalg", "SHA512/256withRSA"],
}


@pytest.mark.parametrize(
    "algorithm",
    [
        pytest.param(one, marks=() if one in ("dsa", "pss", "rsa-md2") else pytest.mark.slow)
        for one in ALGORITHMS
    ],
)
def test_what_keytool_signs(algorithm: str, tmp_path: Path) -> None:
    """A CA of each algorithm and a leaf it issued; the same for keys of the same name."""
    java, options = jvm.by_major(17), ALGORITHMS[algorithm]
    store, request, out = (str(tmp_path / name) for name in ("store", "request", "leaf"))
    passed = ["-keystore", store, "-storepass", PASSWORD, "-alias"]
    for alias in ("ca", "twin"):
        named = ["-dname", "CN=ca", "-ext", "bc=ca:true"]
        java.keytool("-genkeypair", *passed, alias, *named, *options)
    new = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    pki.openssl(*new, "-subj", "/CN=leaf", "-keyout", str(tmp_path / "key"), "-out", request)
    sigalg = options[options.index("-sigalg") :] if "-sigalg" in options else []
    java.keytool("-gencert", *passed, "ca", "-infile", request, "-outfile", out, *sigalg)
    entries = java.worker.load(Path(store).read_bytes(), PASSWORD, unseal=False)["entries"]
    held = {entry["alias"]: Certificate(entry["chain"][0]) for entry in entries}
    ca, twin, leaf = held["ca"], held["twin"], Certificate(Path(out).read_bytes())
    found = issuance([twin, leaf, ca])
    assert found.path(leaf) == (leaf, ca)
    assert found.path(twin) == (twin,)
    assert set(found.roots) == {ca, twin}
    assert found.leaves == (leaf,)
    # The JDK alone still knows MD2; there the key identifiers decide, and that is said.
    unproven = {leaf, ca, twin} if algorithm == "rsa-md2" else set()
    assert set(found.unverified) == unproven
    if not unproven:
        assert issuance([twin, leaf]).issuers_of(leaf) == ()


@pytest.mark.parametrize(
    ("new", "digest"),
    [
        (["ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"], ["-sha512"]),
        (["ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit"], []),
        (["rsa:2048"], ["-md5"]),
        (["rsa:2048"], ["-sha384", "-sigopt", "rsa_padding_mode:pss"]),
        (["rsa:2048"], ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:7"]),
        # All of its parameters are the defaults, which DER leaves out.
        (
            ["rsa:2048"],
            ["-sha1", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:20"],
        ),
        (["rsa-pss", "-pkeyopt", "rsa_pss_keygen_md:sha256"], []),
        (
            ["rsa:2048"],
            ["-sha1", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_mgf1_md:sha256"],
        ),
    ],
)
def test_what_openssl_signs(new: list[str], digest: list[str], tmp_path: Path) -> None:
    def root(number: int) -> Certificate:
        file = str(tmp_path / str(number))
        options = ["-nodes", "-subj", "/CN=one", "-outform", "DER", "-keyout", "/dev/null"]
        pki.openssl("req", "-x509", "-newkey", *new, *digest, *options, "-out", file)
        return Certificate(Path(file).read_bytes())

    first, second = root(1), root(2)
    found = issuance([first, second])
    assert found.issuers_of(first) == (first,)
    assert found.issuers_of(second) == (second,)
    if "ec_param_enc:explicit" not in new:  # which cryptography 44 does not read
        assert found.unverified == ()


def test_a_key_of_another_kind_signed_nothing() -> None:
    parts = [der.read(facts(ROOT).tbs)]
    algorithm, signature = facts(ROOT).signature
    for kind in ("RSA", "DSA", "Ed25519"):
        other = pki.spki(pki.key("other", kind))
        assert signatures.signed(other, algorithm, signature, parts[0].raw) is False
    own = facts(ROOT).spki
    assert signatures.signed(own, algorithm, signature, parts[0].raw) is True
    assert signatures.signed(own, algorithm, signature, parts[0].raw + b"\0") is False
    assert signatures.signed(b"junk", algorithm, signature, parts[0].raw) is None
    assert signatures.signed(own, b"junk", signature, parts[0].raw) is None


# --- completing --------------------------------------------------------------------------


def test_a_reply_in_any_order_closes_with_what_is_trusted() -> None:
    for reply in itertools.permutations((MIDDLE, LEAF, made("Other"))):
        done = complete(LEAF, reply, [made("Unrelated"), ROOT])
        assert done.chain == (LEAF, MIDDLE, ROOT)
        assert done.closed
        assert done.anchored
        assert done.missing is None
        assert done.origins == ("own", "candidates", "anchors")
        assert done.from_candidates == (MIDDLE,)
        assert done.from_anchors == (ROOT,)
        assert set(done.unused) == {made("Other")}
        assert done.doubts == ()


def test_a_chain_that_does_not_close_says_who_is_missing() -> None:
    done = complete(LEAF, [MIDDLE], [made("Unrelated")])
    assert (done.chain, done.closed, done.anchored) == ((LEAF, MIDDLE), False, False)
    assert str(done.missing) == "CN=Root"
    done = complete(LEAF, [], [])
    assert (done.chain, str(done.missing)) == ((LEAF,), "CN=Middle")


def test_where_a_chain_may_end() -> None:
    # At a root nobody trusts: closed, and not anchored.
    done = complete(LEAF, [ROOT, MIDDLE], [])
    assert (done.closed, done.anchored, done.chain) == (True, False, (LEAF, MIDDLE, ROOT))
    assert done.rooted
    # At an anchor that is no root.
    done = complete(LEAF, [], [MIDDLE])
    assert (done.closed, done.anchored, done.chain) == (True, True, (LEAF, MIDDLE))
    assert not done.rooted
    assert done.missing is None
    # Trust in the leaf itself is no end of its chain.
    done = complete(LEAF, [MIDDLE], [LEAF])
    assert (done.closed, done.anchored, done.chain) == (False, True, (LEAF, MIDDLE))
    assert not complete(LEAF, [], [LEAF]).closed
    # A root known to both came with the reply.
    assert complete(LEAF, [ROOT, MIDDLE], [ROOT]).origins == ("own", "candidates", "candidates")
    # The leaf itself is trusted, and self-signed.
    lonely = made("lonely", ca=False)
    assert complete(lonely, [], []).closed
    assert complete(lonely, [], [lonely]).anchored


def test_the_root_that_is_trusted_is_preferred() -> None:
    new, cross = made("New", until=2090), made("New", "Old", until=2060)
    old, child = made("Old", until=2030), made("crossed", "New", ca=False)
    for reply in itertools.permutations((new, cross, old)):
        assert complete(child, reply, []).chain == (child, new)
        assert complete(child, reply, [new]).chain == (child, new)
        assert complete(child, reply, [old]).chain == (child, cross, old)


def test_a_member_that_can_not_be_verified_is_told() -> None:
    vague = unverifiable(MIDDLE)
    done = complete(LEAF, [vague], [ROOT])
    assert done.chain == (LEAF, vague, ROOT)
    assert len(done.doubts) == 1


# --- keys --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["EC", "RSA", "DSA", "Ed25519"])
def test_a_key_is_that_of_its_certificate(kind: str) -> None:
    certificate = Certificate(pki.certificate("keyed", kind=kind))
    own, other = pki.key("keyed", kind), pki.key("unkeyed", kind)
    for key, same in ((own, True), (other, False)):
        assert matches_key(certificate, pki.spki(key)) == same
        bits = pem_keys.public_bits(pem_keys.from_der(pki.pkcs8(key)))
        assert bits is not None
        assert matches_key(certificate, bits) == same
    assert not matches_key(certificate, b"")


def test_how_a_key_is_written_does_not_matter() -> None:
    rsa = Certificate(pki.certificate("keyed", kind="RSA"))
    bits = spki_bits(facts(rsa).spki)
    assert bits is not None
    bare = der.sequence(der.sequence(der.oid("1.2.840.113549.1.1.1")), der.bit_string(bits))
    assert bare != facts(rsa).spki
    assert matches_key(rsa, bare)
    curve = Certificate(pki.certificate("keyed", kind="EC"))
    point = load_der_public_key(facts(curve).spki)
    assert isinstance(point, ec.EllipticCurvePublicKey)
    short = point.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    assert matches_key(curve, short)
    assert matches_key(curve, point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    assert not matches_key(curve, bytes((short[0] ^ 1,)) + short[1:])
    # The same point on another curve is another key.
    whole = der.read(facts(curve).spki).items("", 2)
    moved = der.sequence(der.oid("1.2.840.10045.2.1"), der.oid("1.3.132.0.10"))
    assert not matches_key(curve, der.sequence(moved, whole[1].raw))


# --- cost --------------------------------------------------------------------------------


def many(count: int, shared: str = "") -> list[Certificate]:
    """As many CAs: each signed by itself, or of one name, or of one name with one key."""
    found = []
    parts = der.read(facts(made("many")).tbs).items("tbs", at_least=7)
    algorithm = facts(made("many")).signature[0]
    private = pki.key("many")
    assert isinstance(private, ec.EllipticCurvePrivateKey)

    def name(text: str) -> bytes:
        value = der.encode(der.UTF8_STRING, text.encode())
        return der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"), value)))

    for number in range(count):
        serial = der.integer(number + 1)
        subject = issuer = name("localhost" if shared else f"CA {number}")
        spki = parts[6].raw
        if shared == "name":  # points of no curve: whatever is tried, nothing can be told
            spki = spki[:-64] + number.to_bytes(32, "big") + bytes(32)
        elif shared == "key":  # half of them issued the other half, and nobody issued those
            issuer = name("nobody")
            subject, issuer = (subject, issuer) if number % 2 else (name(f"{number}"), subject)
        rest = (part.raw for part in parts[7:])
        body = (parts[0].raw, serial, algorithm, issuer, parts[4].raw, subject, spki, *rest)
        tbs = der.sequence(*body)
        signature = b"none" if shared == "name" else private.sign(tbs, ec.ECDSA(SHA256()))
        found.append(Certificate(der.sequence(tbs, algorithm, der.bit_string(signature))))
    return found


def asked(certificates: list[Certificate]) -> float:
    start = time.process_time()
    found = issuance(certificates)
    assert len(found.leaves) + len(found.intermediates) + len(found.roots) == len(certificates)
    assert not found.is_chain
    assert all(found.path(one)[0] == one for one in certificates)
    return time.process_time() - start


@pytest.mark.parametrize(("shared", "count"), [("", 10_000), ("name", 2_000), ("key", 3_000)])
def test_ten_times_as_many_take_ten_times_as_long(shared: str, count: int) -> None:
    certificates = many(count, shared)

    def fresh(size: int) -> list[Certificate]:
        return [Certificate(one.der) for one in certificates[:size]]

    tenth = min(asked(fresh(count // 10)) for _ in range(3))
    # A hundred times it would be if each looked at each; the machine may be busy.
    assert min(asked(fresh(count)) for _ in range(2)) < 30 * tenth


def test_cryptography_is_imported_when_a_name_fits_and_not_before() -> None:
    program = (
        "import sys\n"
        "from storekeeper.model import Certificate\n"
        "from storekeeper.trust.chain import complete, issuance\n"
        "found = issuance(Certificate(bytes.fromhex(one)) for one in sys.argv[1:])\n"
        "print(len(found.leaves), found.is_chain, 'cryptography' in sys.modules)\n"
    )

    def said(*certificates: Certificate) -> str:
        command = [sys.executable, "-c", program, *(one.der.hex() for one in certificates)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert said(LEAF, made("child", "lonely", ca=False)) == "2 False False"
    assert said(LEAF, MIDDLE) == "1 True True"
