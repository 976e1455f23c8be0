"""The commands and options of keytool of JDK 17 to 25, as data.

Parsing, the help and ``docs/keytool.md`` come from here. What a row says is what happens
here; `Command.status` and `Option.status` say whether it happens at all.
"""

from __future__ import annotations

from ...frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Status = Literal["supported", "ignored", "unsupported"]


class Option(Frozen):
    """One option.

    Attributes:
        name: without its dash, as keytool's help spells it.
        argument: what stands for its argument in the help, or "" for a flag.
        line: what it does here.
        status: "ignored" options are accepted and change nothing; "unsupported" ones are
            refused. `line` says why.
        password: takes keytool's modifiers ``:env`` and ``:file``.
        repeats: may be given several times, and all count; of others the last does.
    """

    name: str
    argument: str
    line: str
    status: Status = "supported"
    password: bool = False
    repeats: bool = False


class Command(Frozen):
    """One command.

    Attributes:
        name: without its dash.
        line: what it does here.
        options: names of the options it has a use for; keytool takes every option with
            every command.
        old: another name it has, or "".
        status: as of an option.
        listed: whether keytool's own help shows it.
    """

    name: str
    line: str
    options: tuple[str, ...] = ()
    old: str = ""
    status: Status = "supported"
    listed: bool = True


_NO_CLASSES = "no Java class is loaded here: formats are recognised by their content"

_PASSWORDS = (
    ("storepass", "password of the keystore"),
    ("keypass", "password of the key; the keystore's when not given"),
    ("new", "the new password"),
    ("srcstorepass", "password of the source keystore"),
    ("deststorepass", "password of the destination keystore"),
    ("srckeypass", "password of the source key"),
    ("destkeypass", "password of the key in the destination"),
    ("signerkeypass", "password of the signer's key"),
)

_ROWS = (
    Option("alias", "<alias>", "name of the entry; mykey when not given"),
    Option("cacerts", "", "the keystore is the cacerts of the JRE in use (JAVA_HOME, then PATH)"),
    Option("conf", "<url>", "a file of options to begin with, as keytool reads it"),
    Option("debug", "", "a wish for Java stack traces, of which there are none", "ignored"),
    Option("destalias", "<alias>", "name of the entry in the destination"),
    Option("destkeystore", "<keystore>", "the destination; ~/.keystore when not given"),
    Option("destprotected", "", "the password of the destination is not asked for"),
    Option("destprovidername", "<name>", _NO_CLASSES, "ignored"),
    Option("deststoretype", "<type>", "format of a new destination; PKCS12 when not given"),
    Option("dname", "<name>", "distinguished name, as in CN=www.example.com, O=Example"),
    Option("ext", "<value>", "an X.509 extension, as in san=dns:www.example.com", repeats=True),
    Option("file", "<file>", "the file to read or to write; standard input or output else"),
    Option("groupname", "<name>", "curve of an EC key, as secp256r1"),
    Option("help", "", "show the options of a command, or all commands (also -h, -?)"),
    Option("id", "<id:reason>", "serial number to revoke, and why", repeats=True),
    Option("infile", "<file>", "the file to read; standard input when not given"),
    Option("jarfile", "<file>", "signatures of jar files are not looked at here", "unsupported"),
    Option("J...", "", "an option for the Java launcher; there is no Java", "ignored"),
    Option("keyalg", "<alg>", "algorithm of the key, as RSA, EC, Ed25519 or AES"),
    Option("keysize", "<size>", "size of the key in bits"),
    Option("keystore", "<keystore>", "the keystore file; ~/.keystore when not given"),
    Option("noprompt", "", "ask nothing; take what keytool takes then"),
    Option("nowarn", "", "say nothing of weak algorithms and old formats"),
    Option("outfile", "<file>", "the file to write; standard output when not given"),
    Option("protected", "", "the password of the keystore is not asked for"),
    Option("provider", "<class>", _NO_CLASSES, "ignored"),
    Option("addprovider", "<name>", _NO_CLASSES, "ignored"),
    Option("providerarg", "<arg>", _NO_CLASSES, "ignored"),
    Option("providerclass", "<class>", _NO_CLASSES, "ignored"),
    Option("providername", "<name>", _NO_CLASSES, "ignored"),
    Option("providerpath", "<list>", _NO_CLASSES, "ignored"),
    Option("rc1", "", "storekeeper's own: every failure ends with 1, as keytool's does"),
    Option("rfc", "", "PEM instead of DER or text"),
    Option("sigalg", "<alg>", "signature algorithm, as SHA256withRSA"),
    Option("signer", "<alias>", "entry whose key signs the new certificate"),
    Option("srcalias", "<alias>", "name of the one entry to take; all are taken else"),
    Option("srckeystore", "<keystore>", "the source"),
    Option("srcprotected", "", "the password of the source is not asked for"),
    Option("srcprovidername", "<name>", _NO_CLASSES, "ignored"),
    Option("srcstoretype", "<type>", "format of the source; its content decides", "ignored"),
    Option("sslserver", "<server[:port]>", "a TLS server, whose chain is printed; port 443"),
    Option("startdate", "<date>", "start of validity, as 2026/11/21 or +1y-1d; now when not given"),
    Option(
        "storetype",
        "<type>",
        "format of a new keystore, PKCS12 when not given; that of a file is its content's",
    ),
    Option("tls", "", "the TLS settings of a JRE; there is none here", "unsupported"),
    Option("trustcacerts", "", "certificates of cacerts count as trusted, too"),
    Option("v", "", "all there is to say"),
    Option("validity", "<days>", "days of validity; 90 when not given"),
    *(Option(name, "<arg>", line, password=True) for name, line in _PASSWORDS),
)

OPTIONS: dict[str, Option] = {option.name: option for option in sorted(_ROWS, key=lambda o: o.name)}
"""Every option by its name in lower case; keytool's are, and it does not mind case."""

_PROVIDER = ("providername", "addprovider", "providerclass", "providerarg", "providerpath")
_STORE = ("keystore", "storepass", "storetype", *_PROVIDER, "v", "protected")
_ANY_STORE = ("keystore", "cacerts", *_STORE[1:])
_ISSUE = ("sigalg", "dname", "startdate", "ext", "validity")
_GENERATE = ("alias", "keyalg", "keysize", "keypass")

_COMMANDS = (
    Command("certreq", "a certificate request for the key of an entry",
            ("alias", "sigalg", "file", "keypass", "dname", "ext", *_STORE)),
    Command("changealias", "give an entry another name",
            ("alias", "destalias", "keypass", *_ANY_STORE)),
    Command("delete", "remove an entry", ("alias", *_ANY_STORE)),
    Command("exportcert", "the certificate of an entry, as a file",
            ("rfc", "alias", "file", *_ANY_STORE), "export"),
    Command("genkeypair", "a new key with a certificate",
            (*_GENERATE, "groupname", *_ISSUE, "signer", "signerkeypass", *_STORE), "genkey"),
    Command("genseckey", "a new secret key", (*_GENERATE, *_STORE)),
    Command("gencert", "a certificate out of a request, signed by an entry's key",
            ("rfc", "infile", "outfile", "alias", *_ISSUE, "keypass", *_STORE)),
    Command("importcert", "a trusted certificate, or the answer to a certificate request",
            ("noprompt", "trustcacerts", "alias", "file", "keypass", *_ANY_STORE), "import"),
    Command("importpass", "keep a password as a secret key", (*_GENERATE, *_STORE),
            "importpassword"),
    Command("importkeystore", "entries of one keystore into another",
            ("srckeystore", "destkeystore", "srcstoretype", "deststoretype", "srcstorepass",
             "deststorepass", "srcprotected", "destprotected", "srcprovidername",
             "destprovidername", "srcalias", "destalias", "srckeypass", "destkeypass", "noprompt",
             *_PROVIDER[1:], "v")),
    Command("keypasswd", "another password for a key", ("alias", "keypass", "new", *_STORE)),
    Command("list", "the entries of a keystore", ("rfc", "alias", *_ANY_STORE)),
    Command("printcert", "the certificates of a file, in full",
            ("rfc", "file", "sslserver", "jarfile", "trustcacerts", *_STORE)),
    Command("printcertreq", "a certificate request, in full", ("file", "v")),
    Command("printcrl", "a revocation list, in full", ("file", "trustcacerts", *_STORE)),
    Command("storepasswd", "another password for a keystore", ("new", *_ANY_STORE)),
    Command("showinfo", "the settings of a JRE, of which there is none here", ("tls", "v"), "",
            "unsupported"),
    Command("version", "the version of storekeeper"),
    Command("gencrl", "a revocation list, signed by an entry's key",
            ("rfc", "file", "id", "alias", "sigalg", "keypass", *_STORE), listed=False),
    Command("keyclone", "a copy of a key entry, under another name",
            ("alias", "destalias", "keypass", "new", *_STORE), listed=False),
    Command("selfcert", "a new self-signed certificate for the key of an entry",
            ("alias", *_ISSUE, "keypass", *_STORE), listed=False),
    Command("identitydb", "identity databases of JDK 1.1 are not read here",
            ("file", *_STORE), "", "unsupported", listed=False),
)  # fmt: skip

COMMANDS: dict[str, Command] = {command.name: command for command in _COMMANDS}
"""Every command by its name."""

OLD_NAMES = {command.old: command.name for command in _COMMANDS if command.old}
"""Names of JDK 5 that are still taken, and what they stand for."""

DEFAULT_ALIAS = "mykey"
DEFAULT_VALIDITY = 90
"""Days."""


DIFFERENCES = (
    "Errors go to standard error in storekeeper's words; keytool's go to standard output",
    "They have 'already exists', 'does not exist', 'password was incorrect' where keytool's do",
    "An entry copied, renamed or given another password keeps its date; keytool's gets today's",
    "An alias from one PKCS12 into another keeps its capitals, which Java does not tell apart",
    "A new keystore with a key in it is readable for its owner only, whatever the umask",
    "A file that is changed leaves a backup beside it, with its time and .bak in the name",
    "The one certificate of several that -importcert takes is followed by the names of the others",
    "A key of no given size is as long as since JDK 19: RSA 3072 bits, EC secp384r1",
    "Without its password a PKCS12 with encrypted certificates is refused; keytool lists its keys",
    "Entries keytool does not list are not listed, and a warning names them",
    "Names and dates are English, dates in the local zone, under the system's name for it",
    "Control characters in names are spelled out",
    "An extension or certificate that can't be read is shown with the reason, beside the others",
    "What is weak is told in the words of JDK 17, of secret keys in those of JDK 25",
    "-selfcert leaves out who issued the old certificate; keytool's names its issuer's key still",
    "-genseckey of Blowfish and RC2 goes into a PKCS12 as since JDK 21; 17 refuses it",
    "Only files are opened: no token, no store of Windows or macOS, no class of a Java provider",
    "A single dot for an answer leaves that part of a name out, as since JDK 21",
    "Properties given with `-J-D` have no effect; the time zone is that of `TZ`",
)
"""What a script may notice, sentences without their full stop."""


def command_named(word: str) -> Command | None:
    """The command a word of the command line names; dashes and case do not count."""
    name = plain(word)
    return COMMANDS.get(OLD_NAMES.get(name, name)) if word.startswith("-") else None


def plain(word: str) -> str:
    """A word as names are compared: keytool's comparison skips dashes and knows no case."""
    return word.replace("-", "").lower()
