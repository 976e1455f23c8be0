"""A Java TLS server with its stores in files, opened as Kafka's brokers open them.

Run as ``python -m tests.java_store LIBJVM HOST PORT PROPERTIES [JVM OPTION...]``. The properties
are those of a broker (ssl.keystore.location, .type, .password, ssl.key.password, the same of the
trust store, ssl.client.auth); a type is JKS where nothing is said, and PEM means one file with
an encrypted key and its chain. Other products' stores are described in the same words.
"""

from __future__ import annotations

import importlib
import re
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

from tests.java_serving import listening, serve


def main(library: str, host: str, port: int, config: Path, options: list[str]) -> None:
    """Serve until killed."""
    jpype: Any = importlib.import_module("jpype")
    jpype.startJVM(library, *options, convertStrings=True)
    java: Any = jpype.JClass
    said: dict[str, str] = {}
    for line in config.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.lstrip().startswith("#"):
            said[name.strip()] = value.strip()

    def characters(text: str) -> Any:
        return jpype.JString(text).toCharArray()

    def bytes_of(content: bytes) -> Any:
        return jpype.JArray(jpype.JByte)(content)

    def blocks(path: str, label: str) -> list[bytes]:
        found = re.findall(
            rf"-----BEGIN {label}-----(.*?)-----END {label}-----",
            Path(path).read_text(encoding="ascii"),
            re.DOTALL,
        )
        return [b64decode(one) for one in found]

    def certificates(path: str) -> list[Any]:
        factory = java("java.security.cert.CertificateFactory").getInstance("X.509")
        stream = java("java.io.ByteArrayInputStream")
        return [
            factory.generateCertificate(stream(bytes_of(der)))
            for der in blocks(path, "CERTIFICATE")
        ]

    def pem_key(path: str, password: str, algorithm: str) -> Any:
        info = java("javax.crypto.EncryptedPrivateKeyInfo")(
            bytes_of(blocks(path, "ENCRYPTED PRIVATE KEY")[0])
        )
        spec = java("javax.crypto.spec.PBEKeySpec")(characters(password))
        name = info.getAlgName()
        secret = java("javax.crypto.SecretKeyFactory").getInstance(name).generateSecret(spec)
        cipher = java("javax.crypto.Cipher").getInstance(name)
        cipher.init(2, secret, info.getAlgParameters())
        factory = java("java.security.KeyFactory").getInstance(algorithm)
        return factory.generatePrivate(info.getKeySpec(cipher))

    def empty() -> Any:
        made = java("java.security.KeyStore").getInstance("PKCS12")
        made.load(None, None)
        return made

    def store(kind: str) -> Any:
        path = said[f"ssl.{kind}.location"]
        password = said.get(f"ssl.{kind}.password")
        if said.get(f"ssl.{kind}.type") == "PEM":
            if password is not None:
                raise SystemExit(f"ssl.{kind}.password cannot be specified with PEM format")
            made, chain = empty(), certificates(path)
            if kind == "truststore":
                for number, one in enumerate(chain):
                    made.setCertificateEntry(f"kafka{number}", one)
            else:
                secret = said["ssl.key.password"]
                key = pem_key(path, secret, str(chain[0].getPublicKey().getAlgorithm()))
                array = jpype.JArray(java("java.security.cert.Certificate"))(chain)
                made.setKeyEntry("kafka", key, characters(secret), array)
            return made
        made = java("java.security.KeyStore").getInstance(said.get(f"ssl.{kind}.type", "JKS"))
        made.load(java("java.io.FileInputStream")(path), characters(password or ""))
        return made

    managers = java("javax.net.ssl.KeyManagerFactory").getInstance("SunX509")
    secret = said.get("ssl.key.password") or said.get("ssl.keystore.password", "")
    managers.init(store("keystore"), characters(secret))
    trusting = None
    if "ssl.truststore.location" in said:
        factory = java("javax.net.ssl.TrustManagerFactory").getInstance("PKIX")
        factory.init(store("truststore"))
        trusting = factory.getTrustManagers()
    opened = listening(managers, trusting, host, port)
    if said.get("ssl.client.auth") == "required":
        opened.setNeedClientAuth(True)

    serve(opened)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), sys.argv[5:])
