"""Where the operating system keeps the certificates it trusts.

On Linux and the BSDs that is a file or a directory, to be read like any other; on Windows
and macOS a store that is asked.
"""

from __future__ import annotations

import os
import sys

from ..errors import LimitExceeded, Unreadable
from ..frozen import Frozen
from ..model import LIMITS
from .tree import Tree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..model import Limits

# OpenSSL's variables, X509_get_default_cert_file_env(3): one file, and a list of directories.
_FILE_VARIABLE = "SSL_CERT_FILE"
_DIRECTORY_VARIABLE = "SSL_CERT_DIR"

# In this order; on one system no more than one of them is a file of its own.
_PLACES = (
    # update-ca-certificates(8)
    ("/etc/ssl/certs/ca-certificates.crt", "Debian, Ubuntu, Alpine, Arch, Gentoo or NixOS"),
    # update-ca-trust(8)
    ("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "Fedora or RHEL"),
    ("/etc/pki/tls/certs/ca-bundle.crt", "Fedora or RHEL"),
    # openSUSE/ca-certificates README
    ("/var/lib/ca-certificates/ca-bundle.pem", "SUSE"),
    ("/etc/ssl/ca-bundle.pem", "SUSE"),
    ("/etc/ca-certificates/extracted/tls-ca-bundle.pem", "Arch"),
    ("/etc/ssl/certs/ca-bundle.crt", "NixOS"),
    ("/usr/local/etc/ssl/cert.pem", "FreeBSD"),
    ("/usr/local/share/certs/ca-root-nss.crt", "FreeBSD"),
    ("/etc/openssl/certs/ca-certificates.crt", "NetBSD"),
    ("/etc/ssl/cert.pem", "OpenBSD, Alpine or macOS"),
    # Termux: $PREFIX is below the application's data directory.
    ("$PREFIX/etc/tls/cert.pem", "Termux"),
    ("/data/data/com.termux/files/usr/etc/tls/cert.pem", "Termux"),
    # Android 14 moved its roots into the Conscrypt module.
    ("/apex/com.android.conscrypt/cacerts", "Android"),
    ("/system/etc/security/cacerts", "Android"),
    ("/etc/ssl/certs", "a directory of certificates"),
)

# Apple's roots, and what an administrator added; security(1).
_KEYCHAINS = (
    "/System/Library/Keychains/SystemRootCertificates.keychain",
    "/Library/Keychains/System.keychain",
)

_SERVER_AUTH = "1.3.6.1.5.5.7.3.1"


class Bundle(Frozen):
    """A file or directory of certificates in one of the known places.

    Attributes:
        path: it, as it can be opened here.
        origin: the variable that names it, or whose place it is.
        is_directory: whether it is a directory (OpenSSL-hashed or plain).
    """

    path: str
    origin: str
    is_directory: bool = False


class SystemCertificates(Frozen):
    """What the system trusts: a path to read, or the certificates themselves.

    Attributes:
        description: where they are from, in words for a report.
        path: the file or directory to read; None when `ders` holds the answer.
        is_directory: whether `path` is a directory.
        ders: the certificates as DER, in the store's order, each once.
        note: what has to be known about the source, or "".
    """

    description: str
    path: str | None = None
    is_directory: bool = False
    ders: tuple[bytes, ...] = ()
    note: str = ""


def system_bundle(environ: Mapping[str, str] | None = None, root: str = "/") -> list[Bundle]:
    """The files and directories that are there, the one that counts first.

    SSL_CERT_FILE and SSL_CERT_DIR (a list) come first, and are given even when they name
    nothing that exists: somebody meant them.
    """
    environ = _environment(environ, root)
    tree = Tree(root, environ)
    found: list[Bundle] = []
    if named := environ.get(_FILE_VARIABLE):
        found.append(Bundle(tree.at(named), _FILE_VARIABLE))
    directories = environ.get(_DIRECTORY_VARIABLE, "").split(os.pathsep)
    found += [Bundle(tree.at(named), _DIRECTORY_VARIABLE, True) for named in directories if named]
    for place, whose in _PLACES:
        for path in tree.expand(place):
            if tree.isfile(path):
                found.append(Bundle(path, whose))
            elif tree.isdir(path) and tree.names(path):
                found.append(Bundle(path, whose, is_directory=True))
    return found


def system_certificates(
    environ: Mapping[str, str] | None = None,
    limits: Limits = LIMITS,
    root: str = "/",
    platform: str = sys.platform,
) -> SystemCertificates:
    """What ``system`` means: SSL_CERT_FILE, SSL_CERT_DIR, else the operating system's own.

    Raises:
        Unreadable: nothing is there, or SSL_CERT_FILE or SSL_CERT_DIR names nothing.
        LimitExceeded: more than ``limits`` allow.
    """
    bundles = system_bundle(environ, root)
    named = bool(bundles) and bundles[0].origin in (_FILE_VARIABLE, _DIRECTORY_VARIABLE)
    if not named and platform == "win32":
        return _windows(limits)
    if not named and platform == "darwin" and os.path.realpath(root) == "/":
        return _macos(limits)
    if not bundles:
        raise Unreadable(
            "the system has no bundle of certificates in any known place",
            hint="install its ca-certificates package, or name the file in SSL_CERT_FILE",
        )
    first = bundles[0]
    if named:
        tree = Tree(root, {})
        there = tree.isdir if first.is_directory else tree.isfile
        # OpenSSL looks through every directory of the list; the first that exists stands for it.
        meant = [bundle for bundle in bundles if bundle.origin == first.origin]
        first = next((bundle for bundle in meant if there(bundle.path)), first)
        if not there(first.path):
            what = "directory" if first.is_directory else "file"
            raise Unreadable(
                f"{first.origin} is set, and there is no such {what}",
                hint=f"unset {first.origin} to use the system's own certificates",
                path=first.path,
            )
    words = "named by " if named else "system bundle of "
    return SystemCertificates(f"{words}{first.origin}", first.path, first.is_directory)


def _environment(environ: Mapping[str, str] | None, root: str) -> Mapping[str, str]:
    if environ is not None:
        return environ
    return {} if Tree(root, {}).foreign else os.environ


def _windows(limits: Limits) -> SystemCertificates:
    import ssl

    enumerate_store = getattr(ssl, "enum_certificates", None)
    if enumerate_store is None:
        raise Unreadable("the Windows certificate stores can only be read on Windows")
    # "CA" holds intermediates, which nobody trusts by themselves.
    ders = [
        der
        for der, encoding, purposes in enumerate_store("ROOT")
        if encoding == "x509_asn" and (purposes is True or _SERVER_AUTH in purposes)
    ]
    return SystemCertificates(
        "Windows certificate store ROOT, for server authentication",
        ders=_bounded(ders, limits),
        note="Windows fetches roots of its programme when they are first needed: what is "
        "absent here may still be trusted",
    )


def _macos(limits: Limits) -> SystemCertificates:
    import subprocess

    from ..formats import armor

    ders: list[bytes] = []
    for keychain in _KEYCHAINS:
        try:
            done = subprocess.run(
                ["/usr/bin/security", "find-certificate", "-a", "-p", keychain],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as problem:
            raise Unreadable(
                f"the keychain can't be read: {type(problem).__name__}",
                hint="name a bundle in SSL_CERT_FILE, for example /etc/ssl/cert.pem",
                path=keychain,
            ) from problem
        blocks, _ = armor.scan(done.stdout, limits)
        ders += [block.der for block in blocks if block.der is not None]
    if not ders:
        raise Unreadable("the keychains gave no certificate", path=_KEYCHAINS[0])
    return SystemCertificates(
        "macOS keychains SystemRootCertificates and System",
        ders=_bounded(ders, limits),
        note="trust settings made in Keychain Access are not taken into account",
    )


def _bounded(ders: Iterable[bytes], limits: Limits) -> tuple[bytes, ...]:
    unique = tuple(dict.fromkeys(ders))
    if len(unique) > limits.entries:
        raise LimitExceeded(
            f"the system's store holds {len(unique)} certificates, "
            f"at most {limits.entries} are read"
        )
    return unique
