"""storekeeper: look into and mend trust stores and keystores, without a JVM.

The names below are loaded when they are first used, so that ``import storekeeper``
costs nothing::

    from storekeeper import open_store, diff

    store = open_store("conf/.keystore", "secret")
    for entry in store.entries:
        print(entry.alias)
    print(diff("cacerts", "certifi").removed)
"""

from __future__ import annotations

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .errors import StorekeeperError as StorekeeperError
    from .model import Certificate as Certificate
    from .model import Opaque as Opaque
    from .model import Password as Password
    from .model import PrivateKey as PrivateKey
    from .model import SecretKey as SecretKey
    from .model import Store as Store
    from .model import TrustedCert as TrustedCert
    from .trust.diff import diff_sources as diff
    from .trust.sources import open_store as open_store
    from .trust.verdict import Verdict as Verdict
    from .trust.verdict import judge as judge

# name: (module, attribute)
_EXPORTS = {
    "Certificate": ("model", "Certificate"),
    "Opaque": ("model", "Opaque"),
    "Password": ("model", "Password"),
    "PrivateKey": ("model", "PrivateKey"),
    "SecretKey": ("model", "SecretKey"),
    "Store": ("model", "Store"),
    "StorekeeperError": ("errors", "StorekeeperError"),
    "TrustedCert": ("model", "TrustedCert"),
    "Verdict": ("trust.verdict", "Verdict"),
    "diff": ("trust.diff", "diff_sources"),
    "judge": ("trust.verdict", "judge"),
    "open_store": ("trust.sources", "open_store"),
}

__all__ = [
    "Certificate",
    "Opaque",
    "Password",
    "PrivateKey",
    "SecretKey",
    "Store",
    "StorekeeperError",
    "TrustedCert",
    "Verdict",
    "diff",
    "judge",
    "open_store",
]


def __getattr__(name: str) -> object:
    if name not in _EXPORTS:
        raise AttributeError(f"module 'storekeeper' has no attribute {name!r}")
    from .lazy import load

    module, attribute = _EXPORTS[name]
    found: object = getattr(load(module), attribute)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
