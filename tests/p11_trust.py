"""What p11-kit's own trust module makes of a directory: the judge of `trust.p11_kit` and `trees`.

``python -m tests.p11_trust MODULE DIRECTORY`` prints JSON: for every certificate the word
(a number, CKT_NSS_...) about each purpose. A process of its own, since it is C.
"""

from __future__ import annotations

import ctypes as c
import hashlib
import json
import sys
from pathlib import Path

MODULES = (
    "/usr/lib/x86_64-linux-gnu/pkcs11/p11-kit-trust.so",
    "/usr/lib/aarch64-linux-gnu/pkcs11/p11-kit-trust.so",
    "/usr/lib64/pkcs11/p11-kit-trust.so",
    "/usr/lib/pkcs11/p11-kit-trust.so",
)
# As a CA, or as the certificate it is where its extensions do not call it a CA.
TRUSTED = (0xCE534352, 0xCE534351)
REJECTED = 0xCE53435A
_CLASS, _VALUE, _ISSUER, _SERIAL = 0x0, 0x11, 0x81, 0x82
_CERTIFICATE, _TRUST = 0x1, 0xCE534353
PURPOSES = {"server-auth": 0xCE536358, "email": 0xCE53635B, "code-signing": 0xCE53635A}


class _Arguments(c.Structure):
    _fields_ = (
        *((name, c.c_void_p) for name in ("create", "destroy", "lock", "unlock")),
        ("flags", c.c_ulong),
        ("reserved", c.c_char_p),
    )


class _Attribute(c.Structure):
    _fields_ = (("type", c.c_ulong), ("value", c.c_void_p), ("length", c.c_ulong))


def module() -> str | None:
    """Where the module is, if p11-kit is installed."""
    return next((path for path in MODULES if Path(path).is_file()), None)


class _Token:
    """One directory, through the module's table of functions."""

    def __init__(self, library: str, directory: str) -> None:
        table = c.c_void_p()
        assert c.CDLL(library).C_GetFunctionList(c.byref(table)) == 0
        assert table.value
        # CK_VERSION, padded to a pointer, and then the functions.
        self.functions = (c.c_void_p * 30).from_address(table.value + c.sizeof(c.c_void_p))
        reserved = f"paths='{directory}'".encode()
        self.call(0, c.byref(_Arguments(None, None, None, None, 0x2, reserved)))
        slots, count = (c.c_ulong * 8)(), c.c_ulong(8)
        self.call(4, c.c_ubyte(1), slots, c.byref(count))
        assert count.value == 1, f"{count.value} tokens"
        self.session = c.c_ulong()
        self.call(12, slots[0], c.c_ulong(0x4), None, None, c.byref(self.session))

    def call(self, index: int, *arguments: object) -> None:
        function = c.CFUNCTYPE(c.c_ulong)(self.functions[index] or 0)
        function.argtypes = None  # type: ignore[assignment]
        result = function(*arguments)
        assert result == 0, f"function {index}: error {result:#x}"

    def objects(self, kind: int) -> list[int]:
        wanted = c.c_ulong(kind)
        template = _Attribute(_CLASS, c.addressof(wanted), c.sizeof(wanted))
        self.call(26, self.session, c.byref(template), c.c_ulong(1))
        found, count = (c.c_ulong * 1000)(), c.c_ulong()
        self.call(27, self.session, found, c.c_ulong(1000), c.byref(count))
        self.call(28, self.session)
        return list(found[: count.value])

    def octets(self, handle: int, attribute: int) -> bytes:
        room = c.create_string_buffer(65536)
        asked = _Attribute(attribute, c.addressof(room), len(room))
        self.call(24, self.session, c.c_ulong(handle), c.byref(asked), c.c_ulong(1))
        return room.raw[: asked.length]


def main(library: str, directory: str) -> dict[str, dict[str, int]]:
    """SHA-256 of a certificate: {purpose: CKT_NSS_... number}."""
    token = _Token(library, directory)
    trusts = {
        (token.octets(one, _ISSUER), token.octets(one, _SERIAL)): {
            purpose: int.from_bytes(token.octets(one, attribute), sys.byteorder)
            for purpose, attribute in PURPOSES.items()
        }
        for one in token.objects(_TRUST)
    }
    return {
        hashlib.sha256(token.octets(one, _VALUE)).hexdigest(): trusts.get(
            (token.octets(one, _ISSUER), token.octets(one, _SERIAL)), {}
        )
        for one in token.objects(_CERTIFICATE)
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))
