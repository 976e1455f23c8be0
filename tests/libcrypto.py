"""OpenSSL's own X509_verify_cert, called in its library: the judge of our model of it.

The library of the machine is asked by default. Others come with the wheels of psycopg2-binary
on PyPI, which bring a libcrypto of their own; they are fetched into the cache of
`tests.jvm`, once per machine.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from ctypes import c_char_p, c_int, c_long, c_size_t, c_uint, c_ulong, c_void_p
from pathlib import Path
from typing import Any, NamedTuple

PARTIAL_CHAIN, STRICT, TRUSTED_FIRST = 0x80000, 0x20, 0x8000
NO_PARTIAL_WILDCARDS, NEVER_CHECK_SUBJECT = 0x4, 0x20
SSL_SERVER, SSL_CLIENT = 2, 1

WHEELS = {"1.1.1": "2.9.10", "3.5": "2.9.11"}
"""OpenSSL, and the version of psycopg2-binary that brings it."""


class Unavailable(Exception):
    """A library which cannot be had; the text is a sentence saying why."""


class Answer(NamedTuple):
    """What the library says: 0 and "ok", or an error, its depth, and its own words."""

    error: int
    depth: int
    message: str

    @property
    def accepts(self) -> bool:
        return self.error == 0


class SharedObject:
    """One libcrypto."""

    def __init__(self, path: str) -> None:
        self._lib = lib = ctypes.CDLL(path)
        for name, result, arguments in (
            ("OpenSSL_version", c_char_p, [c_int]),
            ("d2i_X509", c_void_p, [c_void_p, c_void_p, c_long]),
            ("X509_free", None, [c_void_p]),
            ("X509_STORE_new", c_void_p, []),
            ("X509_STORE_free", None, [c_void_p]),
            ("X509_STORE_add_cert", c_int, [c_void_p, c_void_p]),
            ("OPENSSL_sk_new_null", c_void_p, []),
            ("OPENSSL_sk_push", c_int, [c_void_p, c_void_p]),
            ("OPENSSL_sk_free", None, [c_void_p]),
            ("X509_STORE_CTX_new", c_void_p, []),
            ("X509_STORE_CTX_init", c_int, [c_void_p] * 4),
            ("X509_STORE_CTX_free", None, [c_void_p]),
            ("X509_STORE_CTX_get0_param", c_void_p, [c_void_p]),
            ("X509_STORE_CTX_set_default", c_int, [c_void_p, c_char_p]),
            ("X509_STORE_CTX_get_error", c_int, [c_void_p]),
            ("X509_STORE_CTX_get_error_depth", c_int, [c_void_p]),
            ("X509_VERIFY_PARAM_set_flags", c_int, [c_void_p, c_ulong]),
            ("X509_VERIFY_PARAM_set_purpose", c_int, [c_void_p, c_int]),
            ("X509_VERIFY_PARAM_set_depth", None, [c_void_p, c_int]),
            ("X509_VERIFY_PARAM_set_auth_level", None, [c_void_p, c_int]),
            ("X509_VERIFY_PARAM_set_time", None, [c_void_p, c_long]),
            ("X509_VERIFY_PARAM_set_hostflags", None, [c_void_p, c_uint]),
            ("X509_VERIFY_PARAM_set1_host", c_int, [c_void_p, c_char_p, c_size_t]),
            ("X509_VERIFY_PARAM_set1_ip_asc", c_int, [c_void_p, c_char_p]),
            ("X509_verify_cert", c_int, [c_void_p]),
            ("X509_verify_cert_error_string", c_char_p, [c_long]),
            ("ERR_clear_error", None, []),
        ):
            function = getattr(lib, name)
            function.restype, function.argtypes = result, arguments

    @property
    def version(self) -> str:
        """As in "3.0.19"."""
        return bytes(self._lib.OpenSSL_version(0)).decode().split()[1]

    def words(self, error: int) -> str:
        """X509_verify_cert_error_string."""
        return bytes(self._lib.X509_verify_cert_error_string(error)).decode()

    def judge(
        self,
        chain: Sequence[bytes],
        anchors: Sequence[bytes],
        *,
        at: int,
        host: str | None = None,
        flags: int = 0,
        purpose: int | None = SSL_SERVER,
        depth: int | None = None,
        level: int | None = None,
        hostflags: int = 0,
    ) -> Answer | None:
        """The verdict on a chain; None where a certificate can't be read at all."""
        lib: Any = self._lib
        certificates = [self._parsed(one) for one in chain]
        trusted = [self._parsed(one) for one in anchors]
        store, stack, ctx = lib.X509_STORE_new(), lib.OPENSSL_sk_new_null(), None
        try:
            if not all(certificates) or not all(trusted):
                return None
            for one in trusted:
                lib.X509_STORE_add_cert(store, one)
            for one in certificates:
                lib.OPENSSL_sk_push(stack, one)
            ctx = lib.X509_STORE_CTX_new()
            assert lib.X509_STORE_CTX_init(ctx, store, certificates[0], stack) == 1
            if purpose == SSL_SERVER:
                lib.X509_STORE_CTX_set_default(ctx, b"ssl_server")
            param = lib.X509_STORE_CTX_get0_param(ctx)
            if purpose not in (None, SSL_SERVER):
                lib.X509_VERIFY_PARAM_set_purpose(param, purpose)
            lib.X509_VERIFY_PARAM_set_flags(param, flags | TRUSTED_FIRST)
            lib.X509_VERIFY_PARAM_set_time(param, at)
            if depth is not None:
                lib.X509_VERIFY_PARAM_set_depth(param, depth)
            if level is not None:
                lib.X509_VERIFY_PARAM_set_auth_level(param, level)
            if hostflags:
                lib.X509_VERIFY_PARAM_set_hostflags(param, hostflags)
            if host is not None and not lib.X509_VERIFY_PARAM_set1_ip_asc(param, host.encode()):
                lib.X509_VERIFY_PARAM_set1_host(param, host.encode(), len(host.encode()))
            done = lib.X509_verify_cert(ctx)
            error = lib.X509_STORE_CTX_get_error(ctx)
            assert (done == 1) == (error == 0), (done, error)
            return Answer(error, lib.X509_STORE_CTX_get_error_depth(ctx), self.words(error))
        finally:
            if ctx:
                lib.X509_STORE_CTX_free(ctx)
            lib.OPENSSL_sk_free(stack)
            lib.X509_STORE_free(store)
            for one in (*certificates, *trusted):
                if one:
                    lib.X509_free(one)
            lib.ERR_clear_error()

    def _parsed(self, der: bytes) -> int | None:
        # As TLS does: all of the bytes are the certificate.
        buffer = ctypes.create_string_buffer(der, len(der))
        start = ctypes.addressof(buffer)
        at = c_void_p(start)
        found: int | None = self._lib.d2i_X509(None, ctypes.byref(at), len(der))
        if found and (at.value or 0) - start != len(der):
            self._lib.X509_free(found)
            return None
        return found


@functools.cache
def system() -> SharedObject:
    """The library of this machine.

    Raises:
        Unavailable: there is none, or it is older than 3.0.
    """
    name = ctypes.util.find_library("crypto")
    if name is None or not name.endswith(".so.3"):
        raise Unavailable(f"the machine's libcrypto is {name}, not libcrypto.so.3")
    return SharedObject(name)


@functools.cache
def of_wheel(release: str) -> SharedObject:
    """That of a wheel, by the release line: a key of `WHEELS`.

    Raises:
        Unavailable: the wheel cannot be had here.
    """
    cache = Path(os.environ.get("STOREKEEPER_TEST_CACHE", "~/.cache/storekeeper-tests"))
    home = cache.expanduser() / f"psycopg2-{WHEELS[release]}"
    if not home.exists():
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
        command += ["--only-binary=:all:", "--python-version=3.10", "-d", str(home) + ".part"]
        command += ["--platform=manylinux2014_x86_64", f"psycopg2-binary=={WHEELS[release]}"]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=120)
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"psycopg2-binary {WHEELS[release]}: {error}") from None
        part = Path(str(home) + ".part")
        with zipfile.ZipFile(next(part.glob("*.whl"))) as wheel:
            wheel.extractall(part)
        part.rename(home)
    try:
        return SharedObject(str(next(home.glob("*.libs/libcrypto-*"))))
    except (OSError, StopIteration) as error:
        raise Unavailable(f"psycopg2-binary {WHEELS[release]}: {error}") from None
