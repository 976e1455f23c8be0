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
    from .change.apply import Applied as Applied
    from .change.apply import apply as apply
    from .change.client_keystore import plan_client_keystore as plan_client_keystore
    from .change.convert import plan_convert as plan_convert
    from .change.copy import plan_copy as plan_copy
    from .change.delete import plan_delete as plan_delete
    from .change.export import export as export
    from .change.generate import plan_genkey as plan_genkey
    from .change.import_ import plan_import as plan_import
    from .change.incoming import Incoming as Incoming
    from .change.incoming import choose as choose
    from .change.incoming import gather as gather
    from .change.journal import last as last_change
    from .change.journal import records as changes_made
    from .change.journal import undo as undo
    from .change.key_chains import chain_for as chain_for
    from .change.key_entries import plan_key as plan_key
    from .change.key_entries import plan_reply as plan_reply
    from .change.merge import plan_merge as plan_merge
    from .change.openings import KeyPasswords as KeyPasswords
    from .change.passwords import plan_key_password as plan_key_password
    from .change.passwords import plan_store_password as plan_store_password
    from .change.plan import Plan as Plan
    from .change.rename import plan_rename as plan_rename
    from .change.target import Target as Target
    from .change.target import open_target as open_target
    from .change.union import Side as Side
    from .errors import StorekeeperError as StorekeeperError
    from .host.locks import lock as lock
    from .identity.build import Built as Built
    from .identity.build import build_client_key as build_client_key
    from .identity.requests import request_for as request_for
    from .identity.select import Selection as Selection
    from .identity.select import select_client_key as select_client_key
    from .model import Certificate as Certificate
    from .model import Opaque as Opaque
    from .model import Password as Password
    from .model import PrivateKey as PrivateKey
    from .model import SecretKey as SecretKey
    from .model import Store as Store
    from .model import TrustedCert as TrustedCert
    from .profile.applying import apply_profile as apply_profile
    from .profile.installed import installations as installations
    from .profile.load import load as load_profile
    from .profile.planning import TargetPlan as TargetPlan
    from .profile.planning import plan_profile as plan_profile
    from .profile.values import Profile as Profile
    from .tls.messages import CertificateRequest as CertificateRequest
    from .trust.audit.engine import audit as audit
    from .trust.audit.engine import audit_store as audit_store
    from .trust.audit.policy import Policy as Policy
    from .trust.diff import diff_sources as diff
    from .trust.inventory import Filter as Filter
    from .trust.scanning import Found as Found
    from .trust.scanning import scan as scan
    from .trust.sources import open_store as open_store
    from .trust.verdict import Verdict as Verdict
    from .trust.verdict import judge as judge

# name: (module, attribute)
_EXPORTS = {
    "Applied": ("change.apply", "Applied"),
    "Built": ("identity.build", "Built"),
    "Certificate": ("model", "Certificate"),
    "CertificateRequest": ("tls.messages", "CertificateRequest"),
    "Filter": ("trust.inventory", "Filter"),
    "Found": ("trust.scanning", "Found"),
    "Incoming": ("change.incoming", "Incoming"),
    "KeyPasswords": ("change.openings", "KeyPasswords"),
    "Opaque": ("model", "Opaque"),
    "Password": ("model", "Password"),
    "Plan": ("change.plan", "Plan"),
    "Policy": ("trust.audit.policy", "Policy"),
    "PrivateKey": ("model", "PrivateKey"),
    "Profile": ("profile.values", "Profile"),
    "TargetPlan": ("profile.planning", "TargetPlan"),
    "apply_profile": ("profile.applying", "apply_profile"),
    "installations": ("profile.installed", "installations"),
    "load_profile": ("profile.load", "load"),
    "plan_profile": ("profile.planning", "plan_profile"),
    "SecretKey": ("model", "SecretKey"),
    "Selection": ("identity.select", "Selection"),
    "Side": ("change.union", "Side"),
    "Store": ("model", "Store"),
    "StorekeeperError": ("errors", "StorekeeperError"),
    "Target": ("change.target", "Target"),
    "TrustedCert": ("model", "TrustedCert"),
    "Verdict": ("trust.verdict", "Verdict"),
    "apply": ("change.apply", "apply"),
    "build_client_key": ("identity.build", "build_client_key"),
    "audit": ("trust.audit.engine", "audit"),
    "audit_store": ("trust.audit.engine", "audit_store"),
    "chain_for": ("change.key_chains", "chain_for"),
    "changes_made": ("change.journal", "records"),
    "choose": ("change.incoming", "choose"),
    "diff": ("trust.diff", "diff_sources"),
    "export": ("change.export", "export"),
    "gather": ("change.incoming", "gather"),
    "judge": ("trust.verdict", "judge"),
    "last_change": ("change.journal", "last"),
    "lock": ("host.locks", "lock"),
    "open_store": ("trust.sources", "open_store"),
    "open_target": ("change.target", "open_target"),
    "plan_client_keystore": ("change.client_keystore", "plan_client_keystore"),
    "plan_convert": ("change.convert", "plan_convert"),
    "plan_copy": ("change.copy", "plan_copy"),
    "plan_delete": ("change.delete", "plan_delete"),
    "plan_genkey": ("change.generate", "plan_genkey"),
    "plan_import": ("change.import_", "plan_import"),
    "plan_key": ("change.key_entries", "plan_key"),
    "plan_key_password": ("change.passwords", "plan_key_password"),
    "plan_merge": ("change.merge", "plan_merge"),
    "plan_rename": ("change.rename", "plan_rename"),
    "plan_reply": ("change.key_entries", "plan_reply"),
    "plan_store_password": ("change.passwords", "plan_store_password"),
    "request_for": ("identity.requests", "request_for"),
    "select_client_key": ("identity.select", "select_client_key"),
    "scan": ("trust.scanning", "scan"),
    "undo": ("change.journal", "undo"),
}

__all__ = [
    "Applied",
    "Built",
    "Certificate",
    "CertificateRequest",
    "Filter",
    "Found",
    "Incoming",
    "KeyPasswords",
    "Opaque",
    "Password",
    "Plan",
    "Policy",
    "PrivateKey",
    "Profile",
    "SecretKey",
    "Selection",
    "Side",
    "Store",
    "StorekeeperError",
    "Target",
    "TargetPlan",
    "TrustedCert",
    "Verdict",
    "apply",
    "apply_profile",
    "audit",
    "audit_store",
    "build_client_key",
    "chain_for",
    "changes_made",
    "choose",
    "diff",
    "export",
    "gather",
    "installations",
    "judge",
    "last_change",
    "load_profile",
    "lock",
    "open_store",
    "open_target",
    "plan_client_keystore",
    "plan_convert",
    "plan_copy",
    "plan_delete",
    "plan_genkey",
    "plan_import",
    "plan_key",
    "plan_key_password",
    "plan_merge",
    "plan_profile",
    "plan_rename",
    "plan_reply",
    "plan_store_password",
    "request_for",
    "scan",
    "select_client_key",
    "undo",
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
