"""The one table of what may stand in a profile: read by, explained from and drawn as a schema.

Shapes: "text" (one value), "path" (the same; relative to the profile), "texts" and "paths"
(a list, or one by itself), "choice", "flag", "number", "fingerprints", "password" (a
specification), "pairs" (names and texts), "table NAME", "tables NAME" (a list of them) and "named
NAME" (a table of tables by name).
"""

from __future__ import annotations

from ..change.import_ import ON_CONFLICT
from ..change.incoming import ONLY
from ..formats.encryption import COMPATIBLE, ENCRYPTIONS
from ..frozen import Frozen

__all__ = ["SOURCES", "STATES", "TABLES", "Key", "known"]

STATES = ("present", "absent", "exact")
SOURCES = ("file", "directory", "store", "list", "server", "certificate")
_TREATMENTS = ("keep", "drop", "refuse")
_TYPES = ("PKCS12", "JKS", "JCEKS", "PEM", "DER", "PKCS7", "directory")
_COMPAT = tuple(dict.fromkeys((*COMPATIBLE, *ENCRYPTIONS)))


class Key(Frozen):
    """One key of a table.

    Attributes:
        name: as it is written.
        shape: see the head of this module.
        about: what it says, for the reference and editors.
        choices: of a "choice".
        required: it can't be left out.
        least, most: of a "number".
    """

    name: str
    shape: str
    about: str
    choices: tuple[str, ...] = ()
    required: bool = False
    least: int = 0
    most: int = 2**31


_SERVER = "HOST:PORT or a URL"
_WHEN = (
    'left out when this is empty, "no" or "false", as in `when: "${identity}"`; of a list when one '
    "of them is; with ! before it, when it is not"
)
_SYNTAX = "how the file is written, where its own includes are to be followed"
_SITE = "of a web server with several sites, the one that is meant"
_PARTS = ("sent", "intermediates", "issuers", "whole")
_PASSWORD = (
    "where the password comes from: `env:NAME`, `file:PATH`, `fd:N`, `prompt`, "
    "`keyring:SERVICE/USER`, `cmd:COMMAND` or `none`"
)

TABLES: dict[str, tuple[Key, ...]] = {
    "profile": (
        Key("storekeeper", "choice", "the version of this format: 1", ("1",), required=True),
        Key("title", "text", "one line"),
        Key("about", "text", "more, as Markdown"),
        Key(
            "extends",
            "texts",
            "profiles this one is built on: a shipped name, a path relative to this file, or a "
            "list of them. Tables are merged by key, targets and checks by name, lists replaced",
        ),
        Key("variables", "named variable", "what the profile leaves open, by name"),
        Key("targets", "tables target", "the stores, and what they should hold"),
        Key("checks", "tables check", "servers that should be satisfied afterwards"),
        Key("restart", "texts", "what to restart after a change; it is told, never run"),
        Key("product", "table product", "of a preset: what is known about the product"),
    ),
    "variable": (
        Key("about", "text", "what it is"),
        Key("default", "text", "its value where nothing else gives one"),
        Key("required", "flag", "it has to be said, found or read in any case"),
        Key("find", "texts", "globs of the directories where the product may be installed; the "
            "newest version counts"),
        Key("has", "texts", "paths below such a directory that make it an installation"),
        Key("read", "tables reading", "configuration files that know the value, in this order"),
        Key("allowed", "choice", "what the value may be made of: `identifier`, letters, digits and "
            "single underscores, a letter first and no underscore last; `label`, letters, digits, "
            "blanks and . - _, 255 at most", ("identifier", "label")),
    ),
    "reading": (
        Key("file", "text", "the configuration file, or a glob", required=True),
        Key("key", "text", "name of the property or directive", required=True),
        Key("base", "text", "what a relative path that is read there is relative to"),
        Key("syntax", "choice", _SYNTAX, ("apache", "nginx")),
        Key("site", "text", _SITE),
        Key("as", "choice", "what the value is: text; a file, relative to where the product's own "
            "names begin; a file: URL", ("text", "file", "file-url")),
    ),
    "target": (
        Key("name", "text", "its label; default the path"),
        Key("about", "text", "what it is for"),
        Key("path", "path", "a file, a directory, `cacerts` or `jre:HOME`", required=True),
        Key("type", "choice", "of a new store; one that is there has to be of it", _TYPES),
        Key("password", "password", f"of the store: {_PASSWORD}"),
        Key("key-password", "password", "of its keys, where they have one of their own"),
        Key("compat", "choice", "how a new PKCS12 is encrypted, as `--compat`", _COMPAT),
        Key("alias", "text", "the alias, or a template such as `{cn}`, as `import --alias`"),
        Key(
            "on-conflict", "choice", "when the alias has another certificate, as "
            "`import --on-conflict`", ON_CONFLICT,
        ),
        Key(
            "state", "choice", "`present`: the certificates are there; `absent`: they are not; "
            "`exact`: they are there and no others (keys always stay)", STATES,
        ),
        Key("owner", "text", "user the file should belong to"),
        Key("group", "text", "group the file should belong to"),
        Key("mode", "text", "permissions of the file, as in `\"0640\"`"),
        Key("backups", "number", "how many old versions stay beside it", most=999_999),
        Key("when", "texts", _WHEN),
        Key("hashed", "flag", "of a directory: OpenSSL finds its certificates by hash"),
        Key("chain-of", "path", "the file of a certificate: of what `sources` have, its chain is "
            "wanted; with state exact in a PEM file, in the order in which a server sends it"),
        Key("part", "choice", "of that chain: `sent`, all but the root; `intermediates`, that "
            "without the certificate itself; `issuers`, all above it; `whole`", _PARTS),
        Key("sources", "tables source", "where the certificates come from"),
        Key("filters", "table filters", "which of them count"),
        Key("keys", "tables key", "the key entries there should be; then `sources` only completes "
            "their chains"),
    ),
    "source": (
        Key("file", "path", "a file or glob: certificates, bundles, PKCS#7"),
        Key("directory", "path", "a directory of certificate files"),
        Key("store", "path", "a store or source word; its certificates and chains, never a key"),
        Key("list", "path", "a source word: `cacerts`, `jre:HOME`, `system`, `certifi`; or a "
            "vendor's list with its certificates"),
        Key("server", "text", f"{_SERVER}; with `pin` or `chains-to`"),
        Key("certificate", "text", "a certificate itself, as PEM"),
        Key("only", "choice", "those of this role, as `import --only`", ONLY),
        Key("password", "password", f"of a file or store: {_PASSWORD}"),
        Key("aliases", "texts", "patterns: only these entries of a store"),
        Key("skip-bad", "flag", "leave out what can't be read, and take the rest"),
        Key("pin", "fingerprints", "SHA-256 of certificates the server has to send; with `only`, "
            "of one in its chain"),
        Key("chains-to", "path", "a file or store with the CA the server's chain has to end at"),
        Key("starttls", "text", "how TLS is asked for: smtp, imap, ldap, postgres ..."),
        Key("proxy", "text", "an HTTP proxy to go through, or `none`"),
        Key("sni", "text", "the server name to send, in place of the host's"),
        Key("when", "texts", _WHEN),
    ),
    "filters": (
        Key("expired", "choice", "expired certificates (default keep)", _TREATMENTS),
        Key("non-ca", "choice", "certificates that are no CAs (default keep)", _TREATMENTS),
        Key("distrusted", "choice", "what the JDK or a browser distrusts (default keep)",
            _TREATMENTS),
        Key("on-list", "texts", "only what all these root lists have"),
        Key("not-on-list", "texts", "nothing that one of these root lists has"),
        Key("sha256", "fingerprints", "only these"),
    ),
    "key": (
        Key("from", "path", "a store or file with the key and its chain"),
        Key("files", "paths", "in place of it, files of key, certificate and chain"),
        Key("password", "password", f"of that store: {_PASSWORD}"),
        Key("key-password", "password", "of the key, where it has one of its own"),
        Key("alias", "text", "which key of it; default the only one"),
        Key("as", "text", "its alias in the target"),
        Key("for", "text", f"{_SERVER}: in place of `alias`, the key this server accepts"),
        Key("chain", "choice", "how much of the chain goes along (default full)",
            ("full", "leaf", "without-root")),
    ),
    "check": (
        Key("name", "text", "its label; default the server"),
        Key("server", "text", _SERVER, required=True),
        Key("store", "text", "what trusts it: the name of a target, a path or a source word"),
        Key("runtime", "text", "whose verdict: `jre:HOME`, or a word as `check --runtime`"),
        Key("identity", "text", "with which keys: the name of a target, or a path"),
        Key("password", "password", "of the store of `identity`, where that is a path"),
        Key("host", "text", "the name the certificate has to be for"),
        Key("starttls", "text", "how TLS is asked for"),
        Key("proxy", "text", "an HTTP proxy to go through, or `none`"),
        Key("when", "texts", _WHEN),
    ),
    "product": (
        Key("name", "text", "of the product", required=True),
        Key("vendor", "text", "who makes it"),
        Key("system", "choice", "what it is in a connection", ("client", "server", "both")),
        Key("runtime", "text", "whose verdict is its own"),
        Key("trust", "text", "name of the target that holds what it trusts"),
        Key("identity", "text", "name of the target that holds its key"),
        Key("rules", "tables rule", "what its stores have to be like"),
        Key("settings", "tables setting", "switches of its configuration that decide"),
        Key("errors", "tables error", "its messages, and what they mean"),
        Key("pages", "texts", "the vendor's pages"),
    ),
    "rule": (
        Key("text", "text", "the rule, a sentence", required=True),
        Key("source", "text", "the page that says so"),
        Key("measured", "flag", "an end-to-end test runs the real thing; else it is documented "
            "only"),
    ),
    "setting": (
        Key("file", "text", "the configuration file, or a glob", required=True),
        Key("key", "text", "name of the property or directive", required=True),
        Key("syntax", "choice", _SYNTAX, ("apache", "nginx")),
        Key("default", "text", "its value where the file does not say"),
        Key("about", "text", "what it does"),
        Key("values", "pairs", "what each value means; `*` is any other"),
    ),
    "error": (
        Key("message", "text", "what it says", required=True),
        Key("means", "text", "what that means, and what helps", required=True),
    ),
}  # fmt: skip


def known(table: str) -> tuple[str, ...]:
    """Names of the keys of a table, in order."""
    return tuple(key.name for key in TABLES[table])
