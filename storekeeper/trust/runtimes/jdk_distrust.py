"""Roots the JDK distrusts for TLS although they may be in the store.

Read off the classes of JDK 11.0.13, 17.0.9, 21.0.8 and 25.0.2 (``sun.security.validator``);
what differs in others is from the release notes: documented, not measured.
"""

from __future__ import annotations

from .refusal import Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .jdk import Release
    from .seen import Seen

SYMANTEC = frozenset(
    {
        "ff856a2d251dcd88d36656f450126798cfabaade40799c722de4d2b5db36a73a",
        "37d51006c512eaab626421f1ec8c92013fc5f82ae98ee533eb4619b8deb4d06c",
        "5edb7ac43b82a06a8761e8d7be4979ebf2611f7dd79bf91c1c6b566a219ed766",
        "b478b812250df878635c2aa7ec7d155eaa625ee82916e2cd294361886cd1fbd4",
        "a0459b9f63b22559f5fa5d4c6db3f9f72ff19342033578f073bf1d1b46cbb912",
        "8d722f81a9c113c0791df136a2966db26c950a971db46b4199f4ea54b78bfb9f",
        "a4310d50af18a6447190372a86afaf8b951ffb431d837f1e5688b45971ed1557",
        "4b03f45807ad70f21bfc2cae71c9fde4604c064cf5ffb686bae5dbaad7fdd34c",
        "3f9f27d583204b9e09c8a3d2066c4b57d3a2479c3693650880505698105dbce9",
        "3a43e220fe7f3ea9653d1e21742eac2b75c20fd8980305bc502caf8c2d9b41a1",
        "a4b6b3996fc2f306b3fd8681bd63413d8c5009cc4fa329c2ccf0e2fa1b140305",
        "83ce3c1229688a593d485f81973c0f9195431eda37cc5e36430e79c7a888638b",
        "eb04cf5eb1f39afa762f2bb120f296cba520c1b97db1589565b81cb9a17b7244",
        "69ddd7ea90bb57c93e135dc85ea6fcd5480b603239bdc454fc758b2a26cf7f79",
        "9acfab7e43c8d880d06b262a94deeee4b4659989c3d0caf19baf6405e41ab7df",
        "2399561127a57125de8cefea610ddf2fa078b5c8067f4e828290bfb860e84b3c",
    }
)
# Issuers below those roots that others run; the last day for their certificates.
SYMANTEC_EXEMPT = {
    "ac2b922ecfd5e01711772fea8ed372de9d1e2245fce3f57a9cdbec77296a424b": "2019-12-31",
    "a4fe7c7f15155f3f0aef7aaa83cf6e06deb97ca3f909df920ac1490882d488ed": "2019-12-31",
}
ENTRUST = frozenset(
    {
        "73c176434f1bc6d5adf45b0e76e727287c8de57616c1e6e6141a2b2cbc7d8e4c",
        "02ed0eb28c14da45165c566791700d6451d7fb56f0b2ab1d3b8eb070e56edff5",
        "43df5774b03e7fef5fe40d931a7bedf1bb2e6b42738c4e6d3841103d3aa7f339",
        "db3517d1f6732a2d5ab97c533ec70779ee3270a62fb4ac4238372460e6f01e88",
        "6dc47172e01cbcb0bf62580d895fe2b8ac9ad4f873801e0c10b9c837d21eb177",
        "0376ab1d54c5f9803ce4b2e201a0ee7eef7b57b636e8a93c9b8d4860c96f5fa7",
        "0a81ec5a929777f145904af38d5d509f66b5e2c58fcdb531058b0e17f3f0b41b",
        "70a73f7f376b60074248904534b11482d5bf0e698ecc498df52577ebf2e93b9a",
        "bd71fdf6da97e4cf62d1647add2581b07d79adf8397eb4ecba9c5e8488821423",
    }
)
# Of these, the ones that are no longer distrusted since they are no longer in the JDK's cacerts
# (JDK-8361212, `Release.affirmtrust`): where somebody put one, newer releases trust it again.
AFFIRMTRUST = frozenset(
    {
        "0376ab1d54c5f9803ce4b2e201a0ee7eef7b57b636e8a93c9b8d4860c96f5fa7",
        "0a81ec5a929777f145904af38d5d509f66b5e2c58fcdb531058b0e17f3f0b41b",
        "70a73f7f376b60074248904534b11482d5bf0e698ecc498df52577ebf2e93b9a",
        "bd71fdf6da97e4cf62d1647add2581b07d79adf8397eb4ecba9c5e8488821423",
    }
)
CAMERFIRMA = frozenset(
    {
        "063e4afac491dfd332f3089b8542e94617d893d7fe944e10a7937ee29d9693c0",
    }
)
# Documented (JDK-8374829), not measured: no JRE here has this policy.
CHUNGHWA = frozenset(
    {
        "c0a6f4dc63a24bfdcf54ef2a6a082a0a72de35803e2ff5ff527ae5d87206dfd5",
    }
)

# Policy: the roots, the name in the message, the last day certificates may have been issued.
POLICIES = {
    "SYMANTEC_TLS": (SYMANTEC, "Symantec", "2019-04-16"),
    "ENTRUST_TLS": (ENTRUST, "Entrust", "2024-11-11"),
    "CAMERFIRMA_TLS": (CAMERFIRMA, "Camerfirma", "2025-04-15"),
    "CHUNGHWA_TLS": (CHUNGHWA, "Chunghwa", "2026-03-17"),
}


def distrusts(policy: str, release: Release) -> frozenset[str]:
    """SHA-256 of the roots a policy is about, as a release has it; of unknown ones, none."""
    if policy not in POLICIES:
        return frozenset()
    roots = POLICIES[policy][0]
    return roots if release.affirmtrust else roots - AFFIRMTRUST


def check_distrust(path: Sequence[Seen], policies: tuple[str, ...], release: Release) -> None:
    """Raise for a path whose anchor is distrusted for the day its leaf was issued."""
    from ...times import iso_date

    anchor, leaf = path[-1], path[0]
    issued = leaf.facts.not_before
    if issued is None:
        return
    day = iso_date(issued)
    for policy in policies:
        if anchor.certificate.sha256 not in distrusts(policy, release):
            continue
        _, name, last = POLICIES[policy]
        if policy == "SYMANTEC_TLS" and len(path) > 2:
            last = SYMANTEC_EXEMPT.get(path[-2].certificate.sha256, last)
        if day > last:
            raise Refused(
                f"TLS Server certificate issued after {last} and anchored by a distrusted legacy "
                f"{name} root CA: {anchor.name}",
                "distrusted-root",
                anchor.certificate,
            )
