"""GnuTLS's own verification, called in its library: the judge of our model of it."""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
from collections.abc import Sequence
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_long, c_uint, c_void_p
from typing import Any, NamedTuple

_DNS_HOSTNAME, _KEY_PURPOSE = 1, 2
_NO_DUPLICATES = 1 << 1
_PROFILE_LOW = 2 << 24
_SERVER = b"1.3.6.1.5.5.7.3.1"


class Unavailable(Exception):
    """The library cannot be had; the text is a sentence saying why."""


class Answer(NamedTuple):
    """The status bits, 0 for trusted, and what they are called."""

    status: int
    message: str


class _Datum(Structure):
    _fields_ = (("data", c_char_p), ("size", c_uint))


class _Typed(Structure):
    _fields_ = (("type", c_int), ("data", c_char_p), ("size", c_uint))


_Clock = ctypes.CFUNCTYPE(c_long, POINTER(c_long))


class SharedObject:
    """libgnutls, with a clock of its own."""

    def __init__(self, path: str) -> None:
        self._lib: Any = ctypes.CDLL(path)
        self._lib.gnutls_check_version.restype = c_char_p
        self._at = 0

        def clock(target: Any) -> int:
            if target:
                target[0] = self._at
            return self._at

        self._clock = _Clock(clock)
        self._lib.gnutls_global_set_time_function(self._clock)

    @property
    def version(self) -> str:
        """As in "3.7.9"."""
        return bytes(self._lib.gnutls_check_version(None)).decode()

    def words(self, status: int) -> str:
        """gnutls_certificate_verification_status_print."""
        out = _Datum()
        assert self._lib.gnutls_certificate_verification_status_print(
            c_uint(status), 1, byref(out), 0
        ) == 0  # fmt: skip
        return (out.data or b"").decode()

    def judge(
        self, chain: Sequence[bytes], anchors: Sequence[bytes], *, at: int, host: str | None = None
    ) -> Answer | None:
        """The verdict on a chain; None where a certificate can't be read at all."""
        self._at = at
        lib = self._lib
        sent = [self._parsed(one) for one in chain]
        if not all(sent):
            return None
        store = c_void_p()
        assert lib.gnutls_x509_trust_list_init(byref(store), 0) == 0
        for der in anchors:
            one = self._parsed(der)
            if one is not None:
                added = (c_void_p * 1)(one)
                lib.gnutls_x509_trust_list_add_cas(store, added, 1, _NO_DUPLICATES)
        data = [_Typed(_KEY_PURPOSE, _SERVER, 0)]
        if host is not None:
            data.append(_Typed(_DNS_HOSTNAME, host.encode(), 0))
        status = c_uint()
        done = lib.gnutls_x509_trust_list_verify_crt2(
            store,
            (c_void_p * len(sent))(*sent),
            len(sent),
            (_Typed * len(data))(*data),
            len(data),
            c_uint(_PROFILE_LOW),
            byref(status),
            None,
        )
        assert done == 0, done
        lib.gnutls_x509_trust_list_deinit(store, 1)
        for crt in sent:
            lib.gnutls_x509_crt_deinit(c_void_p(crt))
        return Answer(status.value, self.words(status.value))

    def _parsed(self, der: bytes) -> int | None:
        crt = c_void_p()
        self._lib.gnutls_x509_crt_init(byref(crt))
        if self._lib.gnutls_x509_crt_import(crt, byref(_Datum(der, len(der))), 0) != 0:
            self._lib.gnutls_x509_crt_deinit(crt)
            return None
        return crt.value


@functools.cache
def system() -> SharedObject:
    """The library of this machine.

    Raises:
        Unavailable: there is none.
    """
    name = ctypes.util.find_library("gnutls")
    if name is None:
        raise Unavailable("no libgnutls here (Debian: libgnutls30, of gnutls-bin)")
    return SharedObject(name)
