"""Values of Python as Java's and back, inside `java_worker`.

Classes are reached through ``JClass`` alone: ``jpype.imports`` needs the module
``jdk.zipfs``, which small runtimes leave out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import jpype

Request = dict[str, Any]


def java(name: str) -> Any:
    """The Java class of that name."""
    return jpype.JClass(name)


def to_java(text: str | None) -> Any:
    """A Java string of the same UTF-16 units, lone surrogates included."""
    if text is None:
        return None
    raw = text.encode("utf-16-be", "surrogatepass")
    units = [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]
    return java("java.lang.String")(jpype.JArray(jpype.JChar)(units))


def to_text(string: Any) -> str | None:
    """A Java string as Python text; JPype's own way fails on lone surrogates."""
    if string is None:
        return None
    raw = b"".join(ord(unit).to_bytes(2, "big") for unit in string.toCharArray())
    return raw.decode("utf-16-be", "surrogatepass")


def to_chars(password: str | None) -> Any:
    """A password as Java wants it: ``char[]`` or null, of that type lest overloads clash."""
    if password is None:
        return jpype.JObject(None, jpype.JArray(jpype.JChar))
    return to_java(password).toCharArray()


def to_bytes(array: Any) -> bytes | None:
    """A ``byte[]`` or null as bytes or None."""
    return None if array is None else bytes(array)


def read_certificate(der: bytes) -> Any:
    """The ``X509Certificate`` Java makes of these bytes."""
    factory = java("java.security.cert.CertificateFactory").getInstance("X.509")
    return factory.generateCertificate(java("java.io.ByteArrayInputStream")(der))


@contextlib.contextmanager
def properties_set(system: dict[str, str], security: dict[str, str]) -> Iterator[None]:
    """Set system and security properties for one call and put the old ones back."""
    system_class, security_class = java("java.lang.System"), java("java.security.Security")
    for name in security:
        if security_class.getProperty(name) is None:
            raise ValueError(
                f"the security property {name} has no value here and could not be unset again"
            )
    old_system = {name: system_class.getProperty(name) for name in system}
    old_security = {name: security_class.getProperty(name) for name in security}
    try:
        for name, value in system.items():
            system_class.setProperty(name, value)
        for name, value in security.items():
            security_class.setProperty(name, value)
        yield
    finally:
        for name, value in old_system.items():
            if value is None:
                system_class.clearProperty(name)
            else:
                system_class.setProperty(name, value)
        for name, value in old_security.items():
            security_class.setProperty(name, value)
