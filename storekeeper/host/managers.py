"""Who rewrites a file: packages and tools that own a cacerts or a CA bundle.

A certificate imported straight into such a file is gone with the next update. The table
says who does it, and where the certificate has to be put so that it stays.
"""

from __future__ import annotations

import os
import re

from ..frozen import Frozen
from .files import symlink_chain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Manager(Frozen):
    """Somebody who rewrites or replaces a file.

    Attributes:
        name: the package or tool.
        occasion: when it happens, as a clause ("with every package update").
        anchors: directory where a certificate survives, or "" when there is none.
        pattern: the names it must have there ("*.crt"), or "" when any will do.
        command: what to run after putting it there, or "".
        advice: what to do instead where there is no such directory, or "".
        exclusion: what to do so that a certificate it brings stays out, as a clause, or "".
    """

    name: str
    occasion: str
    anchors: str = ""
    pattern: str = ""
    command: str = ""
    advice: str = ""
    exclusion: str = ""

    def keeping(self, words: str) -> str:
        """The command after which certificates stay, of files as they are typed in a shell."""
        return f"storekeeper import {self.anchors} {words} && {self.command}"

    @property
    def hint(self) -> str:
        """What to do so that a certificate stays, as one clause."""
        if not self.anchors:
            return self.advice
        names = f" as {self.pattern}" if self.pattern else ""
        return f"put the certificate into {self.anchors}{names} and run {self.command}"


class _Row(Frozen):
    """A line of the table: the file's place, and a file that must exist beside it or ""."""

    place: str
    marker: str
    manager: Manager


def _update_ca_certificates(name: str, occasion: str) -> Manager:
    return Manager(
        name,
        occasion,
        "/usr/local/share/ca-certificates",
        "*.crt",
        "update-ca-certificates",
        exclusion="remove its file from /usr/local/share/ca-certificates, or put a ! before its "
        "line in /etc/ca-certificates.conf, and run update-ca-certificates",
    )


def _blocked(directory: str, command: str) -> str:
    return f"put the certificate into {directory} and run {command}"


_P11_OCCASION = "whenever update-ca-trust runs"

_SUSE = Manager(
    "update-ca-certificates (SUSE)",
    "whenever update-ca-certificates runs, as after package updates",
    "/etc/pki/trust/anchors",
    "",
    "update-ca-certificates",
    exclusion=_blocked("/etc/pki/trust/blocklist", "update-ca-certificates"),
)
_RED_HAT = Manager(
    "update-ca-trust",
    _P11_OCCASION,
    "/etc/pki/ca-trust/source/anchors",
    "",
    "update-ca-trust",
    exclusion=_blocked("/etc/pki/ca-trust/source/blocklist", "update-ca-trust"),
)
_ARCH = Manager(
    "update-ca-trust (Arch)",
    _P11_OCCASION,
    "/etc/ca-certificates/trust-source/anchors",
    "",
    "update-ca-trust",
    exclusion=_blocked("/etc/ca-certificates/trust-source/blocklist", "update-ca-trust"),
)
_DEBIAN_JAVA = _update_ca_certificates(
    "ca-certificates-java", "whenever update-ca-certificates runs, as after package updates"
)
_ALPINE_JAVA = _update_ca_certificates(
    "java-cacerts", "whenever update-ca-certificates runs, as after apk add"
)

_OWN_STORE = "make a store of your own and point javax.net.ssl.trustStore at it"

# Patterns are matched against the path and every step of its symbolic links, as seen from
# the root of the tree; the first line whose pattern and marker fit wins.
_TABLE = (
    # NixOS manual, "security.pki"; everything below /nix/store is read-only (Nix manual).
    _Row(
        r"/nix/store/.*",
        "",
        Manager(
            "the Nix store",
            "only by a rebuild: in place it is read-only",
            advice=f"set security.pki.certificateFiles in NixOS, or {_OWN_STORE}",
        ),
    ),
    # openSUSE/ca-certificates README: java-cacerts is generated into /var/lib/ca-certificates,
    # and what is in /etc/pki/trust/anchors goes into it.
    _Row(r"/var/lib/ca-certificates/.*|/etc/ssl/ca-bundle\.pem", "", _SUSE),
    # update-ca-trust(8) of Fedora and RHEL; /etc/pki/java/cacerts is a link into extracted/.
    _Row(r"/etc/pki/ca-trust/extracted/.*|/etc/pki/java/cacerts", "", _RED_HAT),
    _Row(r"/etc/pki/tls/(certs/ca-bundle\.crt|cert\.pem)", "", _RED_HAT),
    # Alpine's java-cacerts package installs this hook; Gentoo's app-misc/ca-certificates
    # users get the same through a hook of that name.
    _Row(
        r"/etc/ssl/certs/java/cacerts|/etc/default/cacerts",
        "/etc/ca-certificates/update.d/java-cacerts",
        _ALPINE_JAVA,
    ),
    # update-ca-trust(8) of Arch Linux: output below /etc/ca-certificates/extracted.
    _Row(r"/etc/ssl/certs/java/cacerts", "/etc/ca-certificates/extracted", _ARCH),
    _Row(r"/etc/ca-certificates/extracted/.*", "", _ARCH),
    # Debian's ca-certificates-java: hook /etc/ca-certificates/update.d/jks-keystore.
    _Row(r"/etc/ssl/certs/java/cacerts", "", _DEBIAN_JAVA),
    # update-ca-certificates(8) of Debian and Alpine.
    _Row(
        r"/etc/ssl/certs/ca-certificates\.crt",
        "",
        _update_ca_certificates("ca-certificates", "whenever update-ca-certificates runs"),
    ),
    # The openjdk images of Docker Hub leave this hook, which writes $JAVA_HOME's cacerts.
    _Row(
        r".*/lib/security/cacerts",
        "/etc/ca-certificates/update.d/docker-openjdk",
        _update_ca_certificates("the image's docker-openjdk hook", "with update-ca-certificates"),
    ),
    # adoptium/containers: entrypoint of the eclipse-temurin images.
    _Row(
        r"/opt/java/openjdk/.*",
        "/__cacert_entrypoint.sh",
        Manager(
            "the image's entrypoint",
            "at container start, when USE_SYSTEM_CA_CERTS is set",
            advice="mount the certificate below /certificates and set USE_SYSTEM_CA_CERTS=1",
        ),
    ),
    # snapd: /snap is a read-only squashfs mount.
    _Row(
        r"(/var/lib/snapd)?/snap/.*",
        "",
        Manager("snap", "with every refresh; in place it is read-only", advice=_OWN_STORE),
    ),
    # flatpak(1): deployed checkouts are hard links into a repository, not to be changed.
    _Row(
        r"(/var/lib|.*/\.local/share)/flatpak/.*",
        "",
        Manager("flatpak", "with every update", advice=_OWN_STORE),
    ),
    # Each version is a directory of its own; a new one starts with its vendor's cacerts.
    _Row(
        r".*/(\.sdkman|sdkman)/candidates/java/.*",
        "",
        Manager("SDKMAN", "with every new version, which has its own cacerts", advice=_OWN_STORE),
    ),
    _Row(
        r".*/\.?(asdf|mise)/installs/java/.*",
        "",
        Manager("asdf or mise", "with every new version", advice=_OWN_STORE),
    ),
    # Homebrew: the Cellar directory of a version is removed by `brew upgrade` and `cleanup`.
    _Row(
        r"(/opt/homebrew|/usr/local|.*/\.linuxbrew)/(Cellar|opt)/.*",
        "",
        Manager("Homebrew", "with every brew upgrade", advice=_OWN_STORE),
    ),
    # mkcert issue 472 and Toolbox: the IDE's runtime is replaced together with the IDE.
    _Row(
        r".*/(jbr|JetBrains/Toolbox/apps)/.*",
        "",
        Manager(
            "the IDE",
            "with every update of the IDE",
            advice="add the certificate in the IDE: Settings, Tools, Server Certificates",
        ),
    ),
)


def managed_by(path: str, root: str = "/") -> Manager | None:
    """Who rewrites the file at this path, or at the end of its symbolic links.

    Raises:
        Unreadable: the symbolic links form a loop.
    """
    return manager_of(symlink_chain(path, root), root)


def manager_of(hops: Iterable[str], root: str = "/") -> Manager | None:
    """`managed_by` for links that have already been followed; the real file counts most."""
    base = os.path.realpath(root).rstrip("/")
    inside = [_inside(hop, base) for hop in reversed(tuple(hops))]
    for path in inside:
        for row in _TABLE:
            if re.fullmatch(row.place, path) and (
                not row.marker or os.path.lexists(base + row.marker)
            ):
                return row.manager
    return None


def fed_by(directory: str, root: str = "/") -> Manager | None:
    """Who makes stores of the certificates in this directory, if somebody is known to."""
    path = _inside(os.path.realpath(directory), os.path.realpath(root).rstrip("/"))
    for row in _TABLE:
        manager = row.manager
        # Debian's and Alpine's update-ca-certificates looks into directories below as well.
        below = manager.pattern and path.startswith(manager.anchors + "/")
        if manager.anchors and (path == manager.anchors or below):
            return manager
    return None


def _inside(path: str, base: str) -> str:
    shown = path[len(base) :] if base and path.startswith(base + "/") else path
    return shown.replace("\\", "/")
