"""Products that are Java inside, with rules of their own on top: documented, not measured.

webMethods Integration Server with JSSE is JSSE. Cisco Finesse and UCCX, whose Java signs and
verifies with SunMSCAPI, refuse a path with a signature that provider does not know.
"""

from __future__ import annotations

from ...errors import UsageError
from ...oids import SIGNATURES
from ...x509 import facts
from . import jdk, jsse
from .refusal import GaveUp, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model import Certificate
    from .table import Question

_FINESSE = "javax.net.ssl.SSLPeerUnverifiedException: peer not authenticated"
MSCAPI = frozenset(
    {"MD5withRSA", "MD2withRSA", "SHA1withRSA", "SHA256withRSA", "SHA384withRSA", "SHA512withRSA"}
)
"""Signature algorithms of SunMSCAPI in Java 7 to 9."""


def judge(question: Question) -> list[Certificate]:
    """The trusted path of a question about such a product.

    Raises:
        Refused: with the message of the exception.
        GaveUp: Java itself decides at random, or its search found no end.
        UsageError: no such release of Java.
    """
    finesse = question.asked.runtime.name == "finesse"
    name = question.asked.options.get("java", "java8" if finesse else "java11")
    release = jdk.release(name)
    if release is None:
        raise UsageError(f"expected java=RELEASE such as java11, found {name!r}")
    question.note(f"as {release}")
    try:
        path = jsse.judge(
            question.chain,
            jsse.Anchors(question.store),
            host=question.host,
            release=release,
            settings=jdk.defaults(release),
            trust_manager="PKIX",
            protocol="TLSv1.2",
            at=question.at,
            auth="ECDHE_RSA",
            say=question.say,
            note=question.note,
        )
    except jsse.Either as either:
        gave_up = GaveUp(f"Java decides at random; it may say: {either.refused.message}")
        gave_up.rule = either.refused.rule
        raise gave_up from None
    except Refused as refused:
        if finesse:
            question.say(refused.message)
            raise Refused(_FINESSE, refused.rule, refused.certificate) from None
        raise
    if finesse:
        for one in (*question.chain, *path):
            algorithm = SIGNATURES.get(facts(one).signature_oid, facts(one).signature_oid)
            if algorithm not in MSCAPI:
                question.note(f"SunMSCAPI does not know the signature {algorithm}")
                raise Refused(_FINESSE, "signature-algorithm", one)
    return path
