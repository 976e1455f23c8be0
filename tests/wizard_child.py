"""storekeeper where a name leads to loopback and the presets are those of a directory."""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import termios
from typing import Any

from storekeeper import cli
from storekeeper.lazy import load

_hosts = dict(one.split("=") for one in os.environ["WIZARD_HOSTS"].split())
_asked = socket.getaddrinfo


def _addresses(host: Any, *words: Any, **options: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    return _asked(_hosts.get(name, host), *words, **options)


socket.getaddrinfo = _addresses
setattr(load("profile.shipped"), "_folder", lambda: os.environ["WIZARD_PROFILES"])  # noqa: B010
# What else is installed on the machine the tests run on is not the matter.
_locate = load("host.locate")
setattr(_locate, "jres", lambda **_: _locate.Jres(()))  # noqa: B010
if os.isatty(0) and os.getsid(0) == os.getpid():
    # What Ctrl-C and /dev/tty need, as a login has it.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.exit(cli.main())
