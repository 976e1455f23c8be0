"""What ``keytool -list`` prints around a fingerprint: under which alias it is, and as what.

Two forms. The short one has a line ``alias, date, kind,`` before each fingerprint. That of
``-v`` has ``Alias name:`` and ``Entry type:`` once an entry and ``Owner:`` before each
certificate. The kinds (``trustedCertEntry``) are the same in every language of the JDK's
messages (tried with the 17's: English and German), so what is a key is known in all of them.
"""

from __future__ import annotations

from ..errors import StorekeeperError

TRUSTED = "trustedCertEntry"
_KINDS = (TRUSTED, "PrivateKeyEntry", "SecretKeyEntry", "keyEntry")


class Listing:
    """Follows a listing line by line.

    Attributes:
        kind: of the entry the lines speak of; "" while no listing was seen.
        alias: of that entry, or "".
        verbose: it is the output of ``-v``, with serial numbers and digests of other kinds.
    """

    def __init__(self) -> None:
        self.kind = ""
        self.alias = ""
        self.verbose = False
        self._owner = ""

    def follow(self, lines: list[str]) -> None:
        """Take in the lines up to a fingerprint."""
        for line in lines:
            word, colon, rest = line.partition(": ")
            rest = rest.strip()
            if colon and word in ("Alias name", "Aliasname"):
                self.alias, self.kind, self._owner = rest, "", ""
            elif colon and rest in _KINDS:
                self.kind, self.verbose = rest, True
            elif colon and word == "Owner":
                self._owner = rest
            elif ", " in line and (kind := _last_word(line)) in _KINDS:
                self.alias, self.kind, self._owner = line.partition(", ")[0].strip(), kind, ""

    @property
    def is_key(self) -> bool:
        """Whether the certificate is in the chain of a key, and trusted by nobody for that."""
        return bool(self.kind) and self.kind != TRUSTED

    @property
    def subject(self) -> str:
        """The owner in RFC 4514 (as printed, where it is no name), else the alias."""
        if not self._owner:
            return self.alias
        from ..name_text import parse

        try:
            return parse(self._owner).rfc4514()
        except StorekeeperError:
            return self._owner


def _last_word(line: str) -> str:
    return line.rstrip(" ,").rpartition(" ")[2]
