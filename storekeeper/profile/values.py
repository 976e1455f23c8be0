"""What a profile says, as values. Whatever an error may have to point to has its `Mark`."""

from __future__ import annotations

from ..frozen import Frozen
from ..host.yaml_tree import Mark

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import ClassVar, Literal

    from ..change.server_chain import Part

    State = Literal["present", "absent", "exact"]
    Treatment = Literal["keep", "drop", "refuse"]
    SourceKind = Literal["file", "directory", "store", "list", "server", "certificate"]

__all__ = [
    "NOWHERE",
    "CheckWish",
    "Filters",
    "KeyWish",
    "Known",
    "Mark",
    "Product",
    "Profile",
    "Reading",
    "Rule",
    "Setting",
    "SourceWish",
    "TargetWish",
    "Variable",
    "wanted",
]

NOWHERE = Mark("", 1, 1)


def wanted(when: str | tuple[str, ...]) -> bool:
    """What a ``when`` says: whether it takes part; of several, all have to say so."""
    said = (when,) if isinstance(when, str) else when
    return all(one.strip().lower() not in ("", "no", "false", "off", "0") for one in said)


class _Marked(Frozen):
    """A value whose place in the file takes no part in comparing it.

    What may be a password (``pass:TEXT``, or a variable that becomes one) is not in its ``repr``.
    """

    _uncompared: ClassVar[frozenset[str]] = frozenset({"mark", "directory"})
    _hidden: ClassVar[frozenset[str]] = frozenset({"password", "key_password", "default", "values"})


class Reading(_Marked):
    """A value in a configuration file of a product.

    Attributes:
        file: path or glob.
        key: name of the property or directive.
        base: what a relative path that is read there is relative to, or "".
        syntax: "apache", "nginx", or "" for whatever it may be.
        site: of a web server with several, or "".
        kind: "text", "file" or "file-url".
        mark: where it is said.
    """

    file: str
    key: str
    base: str = ""
    syntax: str = ""
    site: str = ""
    kind: str = "text"
    mark: Mark = NOWHERE


class Variable(_Marked):
    """Something a profile leaves open.

    Attributes:
        name: as in ``${name}``.
        about: what it is.
        default: its value where nothing else gives one; None when it has to be said or found.
        required: it has to be said, found or read in any case.
        find: globs of directories where the product may be installed.
        has: paths below one of them that make it an installation.
        read: configuration files that know it, in this order.
        allowed: what it may be made of, "identifier" or "label"; "" for anything.
        mark: where it is declared.
    """

    name: str
    about: str = ""
    default: str | None = None
    required: bool = False
    find: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    read: tuple[Reading, ...] = ()
    allowed: str = ""
    mark: Mark = NOWHERE


class SourceWish(_Marked):
    """Where certificates come from.

    Attributes:
        kind: "file", "directory", "store", "list", "server" or "certificate".
        name: path, glob, word, HOST:PORT, or the PEM text itself.
        password: a specification (see `host.passwords.FORMS`), or "".
        aliases: of a store, patterns; () for all.
        only: a role of `change.incoming.ONLY`; None as ``import`` decides.
        pins: SHA-256 fingerprints, of a server.
        chains_to: of a server, a source that holds the CA its chain has to end at, or "".
        starttls, proxy, sni: of a server, or "".
        skip_bad: leave out what can't be read.
        when: as of a target; once the variables are put in, those that are left out are gone.
        mark: where it is said.
    """

    kind: SourceKind
    name: str
    password: str = ""
    aliases: tuple[str, ...] = ()
    only: str | None = None
    pins: tuple[str, ...] = ()
    chains_to: str = ""
    starttls: str = ""
    proxy: str = ""
    sni: str = ""
    skip_bad: bool = False
    when: str | tuple[str, ...] = "yes"
    mark: Mark = NOWHERE


class Filters(_Marked):
    """Which certificates of the sources count.

    Attributes:
        expired, non_ca, distrusted: "keep", "drop" or "refuse".
        on_list, not_on_list: names of root lists, or paths.
        sha256: only these fingerprints; () for all.
    """

    expired: Treatment = "keep"
    non_ca: Treatment = "keep"
    distrusted: Treatment = "keep"
    on_list: tuple[str, ...] = ()
    not_on_list: tuple[str, ...] = ()
    sha256: tuple[str, ...] = ()
    mark: Mark = NOWHERE


class KeyWish(_Marked):
    """A key entry there is to be.

    Attributes:
        source: a store or file with the key, or "".
        files: files of key and certificates, in place of it.
        password, key_password: specifications, or "".
        alias: which key of the source; "" for the only one.
        name: its alias in the target, or "" for the one it has.
        server: in place of ``alias``: the key this server accepts, or "".
        chain: "full", "leaf" or "without-root".
        mark: where it is said.
    """

    source: str = ""
    files: tuple[str, ...] = ()
    password: str = ""
    key_password: str = ""
    alias: str = ""
    name: str = ""
    server: str = ""
    chain: str = "full"
    mark: Mark = NOWHERE


class TargetWish(_Marked):
    """What one store should hold.

    Attributes:
        name: its label in the profile.
        path: a file, a directory, ``cacerts`` or ``jre:HOME``.
        about: what it is for.
        type: the format, or "".
        password: a specification, or "".
        key_password: of its keys where they have another one, a specification, or "".
        compat: a name of `formats.encryption`, or "".
        alias: an alias or a template, or "".
        on_conflict: of `change.import_.ON_CONFLICT`, or None.
        state: "present", "absent" or "exact".
        owner, group, mode: of the file, or "".
        backups: how many old versions stay; None as the command says.
        when: the target is left out when this is "", "no" or "false".
        sources, filters, keys: what goes in.
        hashed: of a directory, OpenSSL is to find its certificates by hash.
        chain_of: the file of a certificate whose chain is wanted, or "".
        part: of that chain, one of `change.server_chain.PARTS`.
        mark: where it is said.
    """

    name: str
    path: str
    about: str = ""
    type: str = ""
    password: str = ""
    key_password: str = ""
    compat: str = ""
    alias: str = ""
    on_conflict: Literal["fail", "skip", "rename", "replace"] | None = None
    state: State = "present"
    owner: str = ""
    group: str = ""
    mode: str = ""
    backups: int | None = None
    when: str | tuple[str, ...] = "yes"
    sources: tuple[SourceWish, ...] = ()
    filters: Filters = Filters()
    keys: tuple[KeyWish, ...] = ()
    hashed: bool = False
    chain_of: str = ""
    part: Part = "sent"
    mark: Mark = NOWHERE

    @property
    def wanted(self) -> bool:
        """Whether ``when`` lets it take part."""
        return wanted(self.when)


class CheckWish(_Marked):
    """A server that should be satisfied afterwards.

    Attributes:
        name: its label.
        server: HOST:PORT or a URL.
        store: the name of a target, or a source word; what trusts it.
        runtime: whose verdict, as ``check --runtime``, or a JRE as ``jre:HOME``; "" for the
            one in use.
        identity: the name of a target, or a store, whose keys answer; "" for none.
        password: a specification for the store of ``identity``, where it is no target.
        host: the name the certificate is to be for, or "".
        starttls, proxy: how it is reached, or "".
        when: left out when this is "", "no" or "false".
        mark: where it is said.
    """

    name: str
    server: str
    store: str = ""
    runtime: str = ""
    identity: str = ""
    password: str = ""
    host: str = ""
    starttls: str = ""
    proxy: str = ""
    when: str | tuple[str, ...] = "yes"
    mark: Mark = NOWHERE

    @property
    def wanted(self) -> bool:
        """Whether ``when`` lets it take part."""
        return wanted(self.when)


class Rule(_Marked):
    """A rule of a product.

    Attributes:
        text: it.
        source: a page that says so, or "".
        measured: an end-to-end test runs the real thing.
    """

    text: str
    source: str = ""
    measured: bool = False
    mark: Mark = NOWHERE


class Setting(_Marked):
    """A switch in a product's configuration.

    Attributes:
        file: path or glob.
        key: name of the property or directive.
        default: its value where the file does not say, or "".
        about: what it does.
        values: (value, what it means) pairs.
        syntax: "apache", "nginx", or "" for whatever it may be.
    """

    file: str
    key: str
    default: str = ""
    about: str = ""
    values: tuple[tuple[str, str], ...] = ()
    syntax: str = ""
    mark: Mark = NOWHERE


class Known(_Marked):
    """A message of a product, and what it means."""

    message: str
    means: str
    mark: Mark = NOWHERE


class Product(_Marked):
    """What a preset knows about a product.

    Attributes:
        name, vendor: of the product.
        system: "client", "server" or "both".
        runtime: whose verdicts are its own.
        trust, identity: names of targets, or "".
        rules, settings, errors: see there.
        pages: addresses of the vendor.
    """

    name: str
    vendor: str = ""
    system: str = "client"
    runtime: str = ""
    trust: str = ""
    identity: str = ""
    rules: tuple[Rule, ...] = ()
    settings: tuple[Setting, ...] = ()
    errors: tuple[Known, ...] = ()
    pages: tuple[str, ...] = ()
    mark: Mark = NOWHERE


class Profile(_Marked):
    """A profile with what it extends put in and, when resolved, its variables.

    Attributes:
        path: the file, or what it was called.
        title, about: for people.
        variables: those that are declared, in order.
        values: (name, value) of those that were needed.
        targets, checks: what should be.
        restart: what to restart after a change; only told.
        product: of a preset.
        extends: names of the profiles it is built on, nearest first.
        unused: (variable, why) of what was said and would do nothing.
    """

    path: str
    title: str = ""
    about: str = ""
    variables: tuple[Variable, ...] = ()
    values: tuple[tuple[str, str], ...] = ()
    targets: tuple[TargetWish, ...] = ()
    checks: tuple[CheckWish, ...] = ()
    restart: tuple[str, ...] = ()
    product: Product | None = None
    extends: tuple[str, ...] = ()
    mark: Mark = NOWHERE
    unused: tuple[tuple[str, str], ...] = ()

    def target(self, name: str) -> TargetWish | None:
        """The target of that name."""
        return next((one for one in self.targets if one.name == name), None)
