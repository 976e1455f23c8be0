"""reply: a CA's answer put in, in any order and shape, judged by keytool and Java."""

from __future__ import annotations

import functools
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storekeeper import formats
from storekeeper.change.key_entries import plan_reply
from storekeeper.change.target import Target, open_target
from storekeeper.errors import UsageError, WriteRefused
from storekeeper.formats import jks
from storekeeper.model import Certificate, Entry, Password, PrivateKey, Store, TrustedCert
from storekeeper.name_text import parse
from storekeeper.pki import issue, keys
from storekeeper.pki.ext_text import parse_all
from storekeeper.x509 import facts
from tests import jvm, pki
from tests.commands import BEGAN, OPENS, PASSWORD, Authority, Commands

DATE = 1_700_000_000_000
OWN = Password("another one")


class Lab:
    """A root, a second root, an intermediate of both, and a key that has a certificate of it."""

    def __init__(self) -> None:
        self.root = Authority("Reply Root")
        self.other = Authority("Other Root", days=9500)
        self.issuing = Authority("Reply Int", self.root)
        self.pkcs8 = pki.pkcs8(pki.key("reply.example"))
        self.spki = keys.spki_of(self.pkcs8)
        self.leaf = self.issuing.issues("reply.example", self.spki)
        self.renewed = self.issuing.issues("reply.example", self.spki, later=30)
        # The same intermediate under the other root.
        self.crossed = self.other.issues(
            "Reply Int", keys.spki_of(self.issuing.pkcs8), ext=("bc:c=ca:true",)
        )
        self.placeholder = pki.cert("reply.example")
        self.unrelated = pki.cert("Unrelated")

    @property
    def answer(self) -> tuple[Certificate, Certificate, Certificate]:
        return self.leaf, self.issuing.certificate, self.root.certificate

    def entry(self, *chain: Certificate) -> PrivateKey:
        sealed = jks.seal_private_key(self.pkcs8, OWN, "JKS")
        return PrivateKey("srv", chain or (self.placeholder,), sealed, DATE)


@functools.cache
def lab() -> Lab:
    return Lab()


def target(*entries: PrivateKey | TrustedCert) -> Target:
    return Target("x.jks", "x.jks", store=Store("JKS", entries), password=OPENS)


def chain_after(
    answer: tuple[Certificate, ...], *entries: PrivateKey | TrustedCert, **options: object
) -> tuple[Certificate, ...]:
    plan = plan_reply(target(*(entries or (lab().entry(),))), "srv", answer, **options)  # type: ignore[arg-type]
    assert plan.result is not None
    entry = plan.result.find("srv")
    assert isinstance(entry, PrivateKey)
    assert entry.created_ms == DATE
    return entry.chain


@pytest.fixture
def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Commands:
    return Commands(tmp_path, capsys, monkeypatch)


# -- the chain -----------------------------------------------------------------------------


@given(st.permutations([*lab().answer, lab().unrelated, lab().leaf]))
def test_order_decides_nothing(answer: list[Certificate]) -> None:
    assert chain_after(tuple(answer)) == lab().answer


@given(st.permutations([lab().leaf, lab().renewed, lab().placeholder, *lab().answer[1:]]))
def test_the_newest_of_a_key_counts(answer: list[Certificate]) -> None:
    assert chain_after(tuple(answer)) == (lab().renewed, *lab().answer[1:])


@given(st.data())
def test_issuers_may_be_anywhere(data: st.DataObject) -> None:
    """Wherever the issuers are, the chain is the same, or one of them is missing."""
    places = data.draw(st.tuples(*[st.sampled_from(["answer", "store", "trust", "old", "no"])] * 2))
    where: dict[str, list[Certificate]] = {"answer": [lab().leaf], "old": [lab().placeholder]}
    for place, one in zip(places, lab().answer[1:], strict=True):
        where.setdefault(place, []).append(one)
    entries = [TrustedCert(str(n), one, DATE) for n, one in enumerate(where.get("store", ()))]
    answer, trust = tuple(where["answer"]), where.get("trust", ())
    entry = lab().entry(*where["old"])
    # An intermediate that is trusted is an end.
    if places[0] == "no" or (places[1] == "no" and places[0] not in ("store", "trust")):
        missing = "Reply Int" if places[0] == "no" else "Reply Root"
        with pytest.raises(WriteRefused, match=f"issuer CN={missing} is missing"):
            chain_after(answer, entry, *entries, trusted=trust)
        return
    chain = chain_after(answer, entry, *entries, trusted=trust)
    assert chain == (lab().answer[:2] if places[1] == "no" else lab().answer)


def test_a_ca_of_the_same_store_is_known() -> None:
    """As keytool has it: the CA's key lies beside the one it signs for."""
    sealed = jks.seal_private_key(lab().issuing.pkcs8, OWN, "JKS")
    authority = PrivateKey("ca", lab().answer[1:], sealed, DATE)
    assert chain_after((lab().leaf,), lab().entry(), authority) == lab().answer


def test_of_two_ways_the_trusted_one_is_taken() -> None:
    both = (lab().leaf, lab().issuing.certificate, lab().crossed, lab().root.certificate)
    old = lab().answer
    new = (lab().leaf, lab().crossed, lab().other.certificate)
    assert chain_after((*both, lab().other.certificate), trusted=[lab().root.certificate]) == old
    assert chain_after((*both, lab().other.certificate), trusted=[lab().other.certificate]) == new
    assert chain_after(both, trusted=[lab().other.certificate]) == new


def test_what_is_told() -> None:
    plan = plan_reply(target(lab().entry()), "srv", (*lab().answer, lab().unrelated))
    assert [(one.state, one.subject) for one in plan.steps] == [
        ("replaced", "CN=reply.example"),
        ("left-out", "CN=Unrelated"),
    ]
    assert [one.code for one in plan.findings] == ["root-not-trusted"]
    root = bytes.fromhex(lab().root.certificate.sha256).hex(":").upper()
    assert root in plan.findings[0].message
    again = plan_reply(target(lab().entry(*lab().answer)), "srv", lab().answer)
    assert again.unchanged
    assert again.findings == ()
    trusted = plan_reply(
        target(lab().entry()), "srv", [lab().leaf], trusted=lab().answer[1:]
    ).findings
    assert [(one.code, one.message) for one in trusted] == [
        (
            "chain-completed",
            "completed with CN=Reply Int; CN=Reply Root, known from the store or what is trusted",
        )
    ]


def test_dates_are_told() -> None:
    late = facts(lab().leaf).not_after
    assert late is not None
    plan = plan_reply(target(lab().entry()), "srv", lab().answer, at=late + 1)
    assert [(one.code, one.where) for one in plan.findings if one.severity != "info"] == [
        ("expired", "srv")
    ]
    later = facts(lab().issuing.certificate).not_after
    assert later is not None
    messages = [
        one.message
        for one in plan_reply(target(lab().entry()), "srv", lab().answer, at=later + 1).findings
        if one.code == "expired"
    ]
    assert len(messages) == 2
    assert messages[1].startswith("its issuer CN=Reply Int: expired")


def test_an_incomplete_chain() -> None:
    with pytest.raises(WriteRefused, match="issuer CN=Reply Root is missing") as caught:
        chain_after(lab().answer[:2])
    assert "--trust cacerts" in caught.value.hint
    plan = plan_reply(target(lab().entry()), "srv", lab().answer[:2], incomplete=True)
    assert [(one.code, one.severity) for one in plan.findings] == [("incomplete-chain", "warning")]
    # What is wrong is said as long as it is.
    again = plan_reply(
        target(lab().entry(*lab().answer[:2])), "srv", lab().answer[:2], incomplete=True
    )
    assert again.unchanged
    assert [one.code for one in again.findings] == ["incomplete-chain"]


@pytest.mark.parametrize("answer", [lab().answer[1:], (lab().unrelated,), ()])
def test_an_answer_for_another_key(answer: tuple[Certificate, ...]) -> None:
    with pytest.raises(WriteRefused, match="for this key") as caught:
        plan_reply(target(lab().entry()), "srv", answer)
    assert "storekeeper csr" in caught.value.hint


def test_a_name_alone_is_no_issuer() -> None:
    other = pki.pkcs8(pki.key("an impostor"))
    impostors = [
        issue.self_signed(other, parse(f"CN={name}"), not_before=BEGAN, days=9999,
                          extensions=parse_all(["bc=ca:true"]).extensions)
        for name in ("Reply Int", "Reply Root")
    ]  # fmt: skip
    assert chain_after((*impostors, *lab().answer)) == lab().answer
    with pytest.raises(WriteRefused, match="Reply Root is missing"):
        chain_after((*impostors, *lab().answer[:2]))
    with pytest.raises(WriteRefused, match="Reply Int is missing"):
        chain_after((*impostors, lab().leaf), trusted=impostors)


def test_a_key_without_a_certificate() -> None:
    sealed = jks.seal_private_key(lab().pkcs8, OPENS, "JKS")
    bare = PrivateKey("srv", (), sealed, DATE)
    assert chain_after(lab().answer, bare) == lab().answer


def test_the_alias_of_something_else() -> None:
    with pytest.raises(UsageError, match="trusted certificate"):
        plan_reply(target(TrustedCert("srv", lab().unrelated, DATE)), "srv", lab().answer)


# -- files ---------------------------------------------------------------------------------


def made(run: Commands, name: str, *more: TrustedCert) -> Path:
    """A store with the key under a password of its own (JKS), and other entries around it."""
    path = run.folder / name
    around: tuple[Entry, ...] = (
        TrustedCert("first", lab().unrelated, DATE - 5),
        lab().entry(),
        *more,
    )
    if name.endswith(".jks"):
        path.write_bytes(formats.write(Store("JKS", around), OPENS))
    else:
        entries: list[dict[str, object]] = [
            {"alias": "first", "kind": "trusted", "chain": [lab().unrelated.der]},
            {
                "alias": "srv",
                "kind": "private",
                "key": lab().pkcs8,
                "chain": [lab().placeholder.der],
            },
        ]
        path.write_bytes(jvm.newest().worker.store("PKCS12", PASSWORD, entries))
    path.chmod(0o600)
    return path


def answers(run: Commands) -> dict[str, list[str]]:
    """One answer in the shapes CAs send it."""
    leaf, issuing, root = lab().answer
    run.write("all.pem", root, b"some text\n", leaf, issuing)
    run.write("crlf.pem", b"".join(pki.pem("CERTIFICATE", c.der).replace(b"\n", b"\r\n")
                                   for c in lab().answer))  # fmt: skip
    run.write("leaf.pem", leaf)
    run.write("ca.pem", issuing, root)
    for form in ("DER", "PEM"):
        words = ["crl2pkcs7", "-nocrl", "-certfile", "all.pem", "-outform", form]
        (run.folder / f"{form.lower()}.p7b").write_bytes(pki.openssl(*words))
    (run.folder / "leaf.der").write_bytes(leaf.der)
    return {
        "pem": ["all.pem"],
        "crlf": ["crlf.pem"],
        "files": ["ca.pem", "leaf.pem"],
        "pkcs7": ["der.p7b"],
        "pkcs7 in pem": ["pem.p7b"],
        "der and trust": ["leaf.der", "--trust", "ca.pem"],
        "folder of trust": ["leaf.pem", "--trust", "folder"],
    }


@pytest.mark.parametrize("store", ["id.jks", "id.p12"])
def test_every_shape_of_an_answer(store: str, run: Commands) -> None:
    shapes = answers(run)
    (run.folder / "folder").mkdir()
    (run.folder / "folder" / "ca.crt").write_bytes((run.folder / "ca.pem").read_bytes())
    for shape, words in shapes.items():
        path = made(run, store)
        before = run.store(store)
        run("reply", store, *words)
        after = run.store(store)
        entry = after.find("srv")
        assert isinstance(entry, PrivateKey)
        assert entry.chain == lab().answer, shape
        # Nothing else is different: the other entry, the sealed key, its date.
        old = before.find("srv")
        assert isinstance(old, PrivateKey)
        assert (old.sealed.data, old.created_ms) == (entry.sealed.data, entry.created_ms)
        assert before.find("first") == after.find("first")
        content = path.read_bytes()
        said = run("reply", store, *words)
        assert "unchanged" in said.out
        assert said.err == ""
        assert path.read_bytes() == content


def test_java_opens_what_was_answered(run: Commands) -> None:
    words = answers(run)["pkcs7"]
    for name, own in (("id.jks", "another one"), ("id.p12", PASSWORD)):
        path = made(run, name)
        run("reply", name, *words)
        for judge in jvm.default_jvms():
            opened = judge.worker.load(path.read_bytes(), PASSWORD, keypass=own)["entries"]
            found = next(one for one in opened if one["alias"] == "srv")
            assert found["chain"] == [one.der for one in lab().answer]
            assert found["key"] == lab().pkcs8
            if name == "id.jks":
                assert found["created_ms"] == DATE
            root, chain = found["chain"][-1], found["chain"][:-1]
            assert judge.worker.call("validate", root=root, chain=chain) == 2


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["leaf.pem"], 6, "issuer CN=Reply Int is missing"),
        (["ca.pem"], 6, "for this key"),
        (["leaf.pem", "--trust", "nothing"], 4, "nothing"),
        (["x.txt"], 4, "x.txt"),
        (["all.pem", "--alias", "first"], 2, "trusted certificate"),
        (["all.pem", "--alias", "nobody"], 1, "no such entry"),
        (["all.pem", "--storepass", "env:WRONG"], 3, "environment variable WRONG"),
    ],
)
def test_refusals_leave_the_store_alone(
    words: list[str], status: int, says: str, run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRONG", "not it")
    answers(run)
    path = made(run, "id.jks")
    (run.folder / "x.txt").write_text("no certificate\n")
    before, names = path.read_bytes(), set(run.folder.iterdir())
    assert says in run("reply", "id.jks", *words, status=status).err
    assert path.read_bytes() == before
    assert set(run.folder.iterdir()) <= names | {run.folder / "state"}


def test_incomplete_and_then_complete(run: Commands) -> None:
    answers(run)
    made(run, "id.jks")
    said = run("reply", "id.jks", "leaf.pem", "--incomplete")
    assert "warning" in said.err
    assert "[incomplete-chain]" in said.err
    assert "replaced" in run("reply", "id.jks", "ca.pem", "leaf.pem").out
    # A renewal, for which the CA sent one file: the chain there was knows the way.
    run.write("renewed.pem", lab().renewed)
    run("reply", "id.jks", "renewed.pem")
    assert run.key("id.jks").chain == (lab().renewed, *lab().answer[1:])


def test_looking_changes_nothing(run: Commands) -> None:
    answers(run)
    path = made(run, "id.jks")
    before = path.read_bytes()
    assert "planned: 1 replaced" in run("reply", "id.jks", "all.pem", "--dry-run").out
    run("reply", "id.jks", "all.pem", "--check", status=1)
    assert path.read_bytes() == before
    run("reply", "id.jks", "all.pem")
    run("reply", "id.jks", "all.pem", "--check")
    assert "restored" in run("undo").out
    assert path.read_bytes() == before


# -- keytool -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_keytool_does_the_same(version: str, run: Commands) -> None:
    """The same answers to the same requests: where keytool takes one, the chain is the same."""
    judge = jvm.jvm(version)
    answers(run)
    for store, (shape, trusts) in itertools.product(
        ("id.jks", "id.p12"),
        (("all.pem", False), ("der.p7b", False), ("leaf.pem", True)),
    ):
        more = [TrustedCert("root", lab().root.certificate, DATE)] if trusts else []
        more += [TrustedCert("int", lab().issuing.certificate, DATE)] if trusts else []
        made(run, store, *more)
        if trusts and store == "id.p12":
            for alias, one in (("root", lab().root), ("int", lab().issuing)):
                run.write(f"{alias}.pem", one.certificate)
                run("import", store, f"{alias}.pem", "--alias", alias)
        theirs = run.folder / f"theirs-{store}"
        theirs.write_bytes((run.folder / store).read_bytes())
        own = ["-keypass", "another one"] if store == "id.jks" else []
        judge.worker.keytool("-importcert", "-noprompt", "-alias", "srv", "-file",
                             run.folder / shape, "-keystore", theirs, "-storepass", PASSWORD,
                             *own)  # fmt: skip
        run("reply", store, shape)
        assert run.key(store).chain == run.key(theirs.name).chain == lab().answer
        theirs.unlink()


@pytest.mark.parametrize("version", jvm.VERSION_PARAMS)
def test_what_keytool_makes_and_signs(version: str, run: Commands) -> None:
    judge = jvm.jvm(version)
    store: list[str | Path] = ["-keystore", run.folder / "k.jks", "-storepass", PASSWORD]
    keypass = ("-storetype", "JKS", "-keypass", PASSWORD)  # which Java 11 asks for otherwise

    def keytool(*words: str | Path) -> None:
        judge.worker.keytool(*words, *store)

    keytool(
        "-genkeypair", "-alias", "ca", "-keyalg", "EC", "-dname", "CN=CA", "-ext", "bc:c", *keypass
    )
    keytool("-genkeypair", "-alias", "srv", "-keyalg", "EC", "-dname", "CN=srv", *keypass)
    keytool("-certreq", "-alias", "srv", "-file", run.folder / "k.csr")
    keytool("-gencert", "-rfc", "-alias", "ca", "-infile", run.folder / "k.csr", "-outfile",
            run.folder / "k.pem")  # fmt: skip
    ours = run.folder / "ours.jks"
    ours.write_bytes((run.folder / "k.jks").read_bytes())
    keytool("-importcert", "-noprompt", "-alias", "srv", "-file", run.folder / "k.pem")
    run("reply", "ours.jks", "k.pem", "--alias", "srv")
    assert run.key("ours.jks").chain == run.key("k.jks").chain
    assert [facts(one).subject.common_name for one in run.key("k.jks").chain] == ["srv", "CA"]


def test_targets_opened_for_real(run: Commands) -> None:
    path = made(run, "id.jks")
    opened = open_target(str(path), OPENS)
    plan = plan_reply(opened, "srv", lab().answer)
    assert [type(one).__name__ for one in plan.changes] == ["Replace"]
