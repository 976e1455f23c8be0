"""One JVM behind a pipe: the tests' way to ask Java itself.

Run as ``python -m tests.java_worker LIBJVM [JVM OPTION...]``.  A process can hold a
single JVM only, so every Java release under test gets a process of its own.
Each line on standard input is a JSON request ``{"op": name, ...}``; each line on
standard output the answer, ``{"ok": true, "result": ...}`` or ``{"ok": false,
"error": ..., "causes": [...]}`` where the error is Java's own ``toString()``.
Bytes travel as ``{"base64": "..."}``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import jpype

from tests.java_keytool import keytool, keytool_ended
from tests.java_pipe import decode_bytes, encode_bytes
from tests.java_values import (
    Request,
    java,
    properties_set,
    read_certificate,
    to_bytes,
    to_chars,
    to_java,
    to_text,
)


def open_store(data: bytes, store_type: str | None, password: Any) -> Any:
    """Load a store; without a type let Java probe for it, which it does on files only."""
    key_store = java("java.security.KeyStore")
    if store_type is not None:
        store = key_store.getInstance(store_type)
        store.load(java("java.io.ByteArrayInputStream")(data), password)
        return store
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return key_store.getInstance(java("java.io.File")(file.name), password)


def load(request: Request) -> Any:
    """What Java finds in a store, in the order of its own enumeration."""
    storepass = request.get("storepass")
    with properties_set(request.get("props", {}), request.get("security", {})):
        store = open_store(request["data"], request.get("type"), to_chars(storepass))
        keypass = request.get("keypass", storepass)
        entries = []
        for name in store.aliases():
            alias = to_text(name)
            own = keypass.get(alias, storepass) if isinstance(keypass, dict) else keypass
            entries.append(describe(store, name, own, unseal=request.get("unseal", True)))
        return {"type": to_text(store.getType()), "entries": entries}


def describe(store: Any, name: Any, keypass: str | None, *, unseal: bool) -> Request:
    """One entry; a key which does not open is reported, not raised."""
    created = store.getCreationDate(name)
    trusted = bool(store.isCertificateEntry(name))
    chain: Any = [store.getCertificate(name)] if trusted else store.getCertificateChain(name)
    chain = [] if chain is None else list(chain)
    entry: Request = {
        "alias": to_text(name),
        "kind": "trusted",
        "created_ms": None if created is None else int(created.getTime()),
        "chain": [to_bytes(certificate.getEncoded()) for certificate in chain],
        "certificate_type": to_text(chain[0].getType()) if chain else None,
        "key": None,
        "key_algorithm": None,
        "key_format": None,
        "key_class": None,
        "key_error": None,
    }
    if trusted:
        return entry
    secret = store.entryInstanceOf(name, java("java.security.KeyStore$SecretKeyEntry").class_)
    entry["kind"] = "secret" if secret else "private"
    if not unseal:
        return entry
    try:
        key = store.getKey(name, to_chars(keypass))
        if key is None:
            return entry | {"key_error": "null"}
        entry["key"] = to_bytes(key.getEncoded())
        entry["key_algorithm"] = to_text(key.getAlgorithm())
        entry["key_format"] = to_text(key.getFormat())
        entry["key_class"] = to_text(key.getClass().getName())
    except jpype.JException as problem:
        entry["key_error"] = to_text(problem.toString())
    return entry


def private_key(entry: Request, chain: list[Any]) -> Any:
    """A private key from PKCS#8, by the algorithm given or that of the certificate."""
    algorithm = entry.get("key_algorithm") or chain[0].getPublicKey().getAlgorithm()
    spec = java("java.security.spec.PKCS8EncodedKeySpec")(entry["key"])
    return java("java.security.KeyFactory").getInstance(algorithm).generatePrivate(spec)


def secret_key(entry: Request) -> Any:
    """A secret key: ``SecretKeySpec``, a provider's own class, or a stored password.

    The three serialise differently in a JCEKS store, hence the choice.
    """
    factory = java("javax.crypto.SecretKeyFactory")
    if "password" in entry:  # what keytool -importpass does
        spec = java("javax.crypto.spec.PBEKeySpec")(to_chars(entry["password"]))
        return factory.getInstance("PBE").generateSecret(spec)
    key = java("javax.crypto.spec.SecretKeySpec")(entry["key"], entry["key_algorithm"])
    if entry.get("factory"):
        return factory.getInstance(entry["key_algorithm"]).translateKey(key)
    return key


def store(request: Request) -> bytes:
    """A store with these entries, as Java writes it."""
    storepass = request.get("storepass")
    with properties_set(request.get("props", {}), request.get("security", {})):
        result = java("java.security.KeyStore").getInstance(request["type"])
        result.load(None, None)
        for entry in request["entries"]:
            alias = to_java(entry["alias"])
            chain = [read_certificate(der) for der in entry.get("chain", ())]
            keypass = to_chars(entry.get("keypass", storepass))
            if entry["kind"] == "trusted":
                result.setCertificateEntry(alias, chain[0])
            elif entry["kind"] == "private":
                array = jpype.JArray(java("java.security.cert.Certificate"))(chain)
                result.setKeyEntry(alias, private_key(entry, chain), keypass, array)
            else:
                result.setKeyEntry(alias, secret_key(entry), keypass, None)
        stream = java("java.io.ByteArrayOutputStream")()
        result.store(stream, to_chars(storepass))
        return bytes(stream.toByteArray())


def x500(request: Request) -> Request:
    """The ways Java spells a distinguished name, given as DER or as text.

    With the DER of an ``other`` name also whether the two are ``equal``.
    """
    # Plain bytes would go to the constructor for text: JPype takes them for a string too.
    binary = jpype.JArray(jpype.JByte)
    given = binary(request["der"]) if "der" in request else to_java(request["name"])
    name = java("javax.security.auth.x500.X500Principal")(given)
    result: dict[str, Any] = {
        "der": to_bytes(name.getEncoded()),
        "rfc2253": to_text(name.getName("RFC2253")),
        "rfc1779": to_text(name.getName("RFC1779")),
        "canonical": to_text(name.getName("CANONICAL")),
        "to_string": to_text(name.toString()),
    }
    if "other" in request:
        other = java("javax.security.auth.x500.X500Principal")(binary(request["other"]))
        result["equal"] = bool(name.equals(other))
    # What keytool prints; an internal class, which may be out of reach.
    with contextlib.suppress(jpype.JException, TypeError):
        internal = java("sun.security.x509.X500Name")(name.getEncoded())
        result["x500name"] = to_text(internal.toString())
    return result


def generate(request: Request) -> Request:
    """A fresh key pair: by ``size``, by ``curve``, or as the algorithm has it."""
    generator = java("java.security.KeyPairGenerator").getInstance(request["algorithm"])
    if "curve" in request:
        generator.initialize(java("java.security.spec.ECGenParameterSpec")(request["curve"]))
    elif "size" in request:
        generator.initialize(jpype.JInt(request["size"]))
    pair = generator.generateKeyPair()
    return {
        "pkcs8": to_bytes(pair.getPrivate().getEncoded()),
        "spki": to_bytes(pair.getPublic().getEncoded()),
    }


def certificate(request: Request) -> Request:
    """A certificate as Java's parser sees it."""
    found = read_certificate(request["der"])
    usage, extended = found.getKeyUsage(), found.getExtendedKeyUsage()
    names = found.getSubjectAlternativeNames()
    return {
        "subject": to_text(found.getSubjectX500Principal().getName()),
        "issuer": to_text(found.getIssuerX500Principal().getName()),
        "serial": int(str(found.getSerialNumber())),
        "not_before_ms": int(found.getNotBefore().getTime()),
        "not_after_ms": int(found.getNotAfter().getTime()),
        "sig_alg": to_text(found.getSigAlgName()),
        "version": int(found.getVersion()),
        "key_usage": None if usage is None else [bool(bit) for bit in usage],
        "eku": None if extended is None else [to_text(oid) for oid in extended],
        "basic_constraints": int(found.getBasicConstraints()),
        "san": None if names is None else [general_name(name) for name in names],
    }


def certificate_text(request: Request) -> str | None:
    """A certificate as Java prints it."""
    return to_text(read_certificate(request["data"]).toString())


def general_name(pair: Any) -> list[Any]:
    """A type number and a text or bytes, as ``getSubjectAlternativeNames`` pairs them."""
    value = pair.get(1)
    text = isinstance(value, java("java.lang.String"))
    return [int(pair.get(0)), to_text(value) if text else to_bytes(value)]


def signature(request: Request) -> bool:
    """Whether what a ``key`` (PKCS#8) signs verifies by its certificate (``der``)."""
    found = read_certificate(request["der"])
    key = private_key({"key": request["key"], "key_algorithm": request["key_algorithm"]}, [found])
    maker = java("java.security.Signature").getInstance(request["algorithm"])
    checker = java("java.security.Signature").getInstance(request["algorithm"])
    if request["algorithm"] == "RSASSA-PSS":
        spec = java("java.security.spec.PSSParameterSpec")("SHA-256", "MGF1",
            java("java.security.spec.MGF1ParameterSpec").SHA256, 32, 1)  # fmt: skip
        maker.setParameter(spec)
        checker.setParameter(spec)
    data = jpype.JArray(jpype.JByte)(b"signed")
    maker.initSign(key)
    maker.update(data)
    checker.initVerify(found.getPublicKey())
    checker.update(data)
    return bool(checker.verify(maker.sign()))


def validate(request: Request) -> int:
    """How many certificates PKIX accepts below a ``root``, of a ``chain`` without it."""
    anchor = java("java.security.cert.TrustAnchor")(read_certificate(request["root"]), None)
    parameters = java("java.security.cert.PKIXParameters")(java("java.util.Set").of(anchor))
    parameters.setRevocationEnabled(False)
    chain = java("java.util.ArrayList")()
    for encoded in request["chain"]:
        chain.add(read_certificate(encoded))
    path = (
        java("java.security.cert.CertificateFactory").getInstance("X.509").generateCertPath(chain)
    )
    java("java.security.cert.CertPathValidator").getInstance("PKIX").validate(path, parameters)
    return int(path.getCertificates().size())


def properties(request: Request) -> dict[str, str | None]:
    """Values of ``java.version`` and of the system and security properties asked for."""
    system_class, security_class = java("java.lang.System"), java("java.security.Security")
    result = {
        name: to_text(system_class.getProperty(name))
        for name in ("java.version", *request.get("system", ()))
    }
    result |= {
        name: to_text(security_class.getProperty(name)) for name in request.get("security", ())
    }
    return result


def many(request: Request) -> list[Request]:
    """The answers to many requests, where one trip for each would take too long."""
    return [answered(one) for one in request["requests"]]


OPERATIONS: dict[str, Callable[[Request], Any]] = {
    function.__name__: function
    for function in (
        *(load, store, x500, generate, certificate, certificate_text, signature, validate),
        *(properties, keytool, keytool_ended, many),
    )
}


def causes(problem: Any) -> Iterator[str | None]:
    """The chain of causes below an exception."""
    cause = problem.getCause()
    while cause is not None:
        yield to_text(cause.toString())
        cause = cause.getCause()


def answer(line: bytes) -> Request:
    """Carry out one request, as it came over the pipe."""
    return answered(json.loads(line, object_hook=decode_bytes))


def answered(request: Request) -> Request:
    """Carry out one request; only Java's exceptions are answers without ``worker``."""
    try:
        return {"ok": True, "result": OPERATIONS[request["op"]](request)}
    except jpype.JException as problem:
        return {
            "ok": False,
            "error": to_text(problem.toString()),
            "causes": list(causes(problem)),
        }
    except Exception as problem:  # noqa: BLE001 - a bad request must not end the worker
        return {
            "ok": False,
            "error": f"{type(problem).__name__}: {problem}",
            "causes": [],
            "worker": True,
        }


def main(library: str, *options: str) -> None:
    """Start the JVM and answer until standard input ends."""
    # Whatever Java or JPype prints must not get between the answers.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        jpype.startJVM(*options, jvmpath=library, convertStrings=False, ignoreUnrecognized=True)
        for line in sys.stdin.buffer:
            out.write(json.dumps(answer(line), default=encode_bytes).encode("ascii") + b"\n")
            out.flush()
    os._exit(0)  # taking a JVM down in order takes longer and serves nobody here


if __name__ == "__main__":
    main(*sys.argv[1:])
