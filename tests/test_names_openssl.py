"""Names printed as OpenSSL does."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import subprocess

import pytest
from hypothesis import example, given, settings

from storekeeper import der
from storekeeper.names import Name
from storekeeper.x509 import Facts
from tests.name_samples import O, name, root_names
from tests.real_roots import real_roots
from tests.strategies_names import names


@functools.cache
def libcrypto() -> ctypes.CDLL:
    """The machine's OpenSSL as a library: ten thousand names take no ten thousand processes."""
    path = ctypes.util.find_library("crypto")
    if path is None:
        pytest.skip("OpenSSL's library is not installed.")
    library = ctypes.CDLL(path)
    library.d2i_X509_NAME.restype = ctypes.c_void_p
    library.X509_NAME_oneline.restype = ctypes.c_void_p
    library.X509_NAME_oneline.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    library.X509_NAME_free.argtypes = [ctypes.c_void_p]
    library.CRYPTO_free.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    return library


def openssl_oneline(encoded: bytes) -> str | None:
    """X509_NAME_oneline of a name; None where OpenSSL refuses it."""
    library = libcrypto()
    start = ctypes.c_char_p(encoded)
    parsed = library.d2i_X509_NAME(None, ctypes.byref(start), ctypes.c_long(len(encoded)))
    if not parsed:
        library.ERR_clear_error()
        return None
    text = library.X509_NAME_oneline(parsed, None, 0)
    try:
        return ctypes.string_at(text).decode("ascii")
    finally:
        library.CRYPTO_free(text, None, 0)
        library.X509_NAME_free(parsed)


def test_root_names_are_printed_as_openssl_does() -> None:
    for encoded in root_names():
        assert Name(encoded).oneline() == openssl_oneline(encoded)


def test_the_command_line_says_what_the_library_says() -> None:
    for encoded in real_roots()[:12]:
        said = subprocess.run(
            ["openssl", "x509", "-inform", "DER", "-noout", "-subject", "-nameopt", "compat"],
            input=encoded,
            capture_output=True,
            check=True,
        ).stdout.decode()
        assert said.removeprefix("subject=").strip() == Facts(encoded).subject.oneline()


@settings(max_examples=500, deadline=None)
@given(names())
@example(name((O, 0x1B, b"\0\0\0a\0\0\0b")).der)
@example(name((O, 0x1B, b"\0\0\0a\0\0\1b")).der)
@example(name((O, der.BIT_STRING, b"\x04\xa0")).der)
def test_any_name_is_printed_as_openssl_does(encoded: bytes) -> None:
    said = openssl_oneline(encoded)
    if said is not None:
        assert Name(encoded).oneline() == said
