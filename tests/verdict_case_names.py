"""Chains to be judged by names: hosts, name constraints, spellings."""

from __future__ import annotations

from collections.abc import Iterator

from tests import forge
from tests.forge import names
from tests.verdict_cases import CA, HOST, ROOT, Case, leaf, lone, mid, root


def hosts() -> Iterator[Case]:
    r, m = root(), mid()

    def of(host: str, extensions: tuple[bytes, ...] = (), subject: str = "CN=x") -> Case:
        e = leaf(extensions=extensions, subject=subject)
        title = f"host {host!r} of {subject} {len(extensions) and extensions[0].hex()[-40:]}"
        return Case(title, (e, m), (r,), host=host)

    def san(*found: str) -> tuple[bytes, ...]:
        return (names(*(("dns", one) for one in found)),)

    import ipaddress

    def ips(*found: str) -> tuple[bytes, ...]:
        return (names(*(("ip", ipaddress.ip_address(one).packed) for one in found)),)

    yield of("a.example.net", san("a.example.net"))
    yield of("A.Example.NET", san("a.example.net"))
    yield of("a.example.net", san("A.EXAMPLE.NET"))
    yield of("a.example.net", san("b.example.net"))
    yield of("a.example.net", san("b.example.net", "a.example.net"))
    yield of("a.example.net", san("*.example.net"))
    yield of("example.net", san("*.example.net"))
    yield of("a.b.example.net", san("*.example.net"))
    yield of("a.b.example.net", san("*.*.example.net"))
    yield of("a.b.example.net", san("a.*.example.net"))
    yield of("abc.example.net", san("a*.example.net"))
    yield of("abc.example.net", san("*c.example.net"))
    yield of("abc.example.net", san("a*c.example.net"))
    yield of("abc.example.net", san("*b*.example.net"))
    yield of("a.example.net", san("*"))
    yield of("a.example.net", san("*.net"))
    yield of("net", san("*"))
    yield of("example.net", san("*.net"))
    yield of("a.example.net", san("a.example.*"))
    yield of("a.example.net", san("a.example.net."))
    yield of("a.example.net.", san("a.example.net"))
    yield of("a.example.net.", san("a.example.net."))
    yield of("my_svc.example.net", san("my_svc.example.net"))
    yield of("my_svc.example.net", san("*.example.net"))
    yield of("a-.example.net", san("a-.example.net"))
    yield of("-a.example.net", san("*.example.net"))
    yield of("localhost", san("localhost"))
    yield of("localhost", (), "CN=localhost")
    yield of("a.example.net", (), "CN=a.example.net")
    yield of("a.example.net", (), "CN=A.EXAMPLE.NET")
    yield of("a.example.net", (), "CN=*.example.net")
    yield of("a.example.net", (), "CN=b.example.net,CN=a.example.net")
    yield of("a.example.net", (), "CN=a.example.net,CN=b.example.net")
    yield of("a.example.net", (), "O=nobody")
    yield of("a.example.net", san("b.example.net"), "CN=a.example.net")
    yield of("a.example.net", ips("192.0.2.7"), "CN=a.example.net")
    yield of("a.example.net", (names(("email", "a@example.net")),), "CN=a.example.net")
    yield of("192.0.2.7", ips("192.0.2.7"))
    yield of("192.0.2.7", ips("192.0.2.8"))
    yield of("192.0.2.7", san("192.0.2.7"))
    yield of("192.0.2.7", (), "CN=192.0.2.7")
    yield of("192.0.2.7", (names(("email", "a@b.c")),), "CN=192.0.2.7")
    yield of("3221225991", ips("192.0.2.7"))
    yield of("192.0.519", ips("192.0.2.7"))
    yield of("192.519", ips("192.0.2.7"))
    yield of("192.0.2.007", ips("192.0.2.7"))
    yield of("0xC0000207", ips("192.0.2.7"))
    yield of("300.1.2.3", san("300.1.2.3"))
    yield of("2001:db8::7", ips("2001:db8::7"))
    yield of("2001:DB8:0:0::7", ips("2001:db8::7"))
    yield of("[2001:db8::7]", ips("2001:db8::7"))
    yield of("::ffff:192.0.2.7", ips("192.0.2.7"))
    yield of("192.0.2.7", ips("::ffff:192.0.2.7"))
    yield of("2001:db8::7", ips("2001:db8::8"))
    yield of("fe80::1%eth0", ips("fe80::1"))
    yield of("bücher.example", san("xn--bcher-kva.example"))
    yield of("xn--bcher-kva.example", san("xn--bcher-kva.example"))
    yield of("BÜCHER.example", san("xn--bcher-kva.example"))
    yield of("xn--bcher-kva.example", san("*.example"))
    yield of("straße.example", san("strasse.example"))
    yield of("a..example.net", san("a..example.net"))
    yield of("a" * 64 + ".example.net", san("*.example.net"))
    yield of("", san("a.example.net"))
    yield of("a b.example.net", san("*.example.net"))
    yield of("a.example.net", (names(("dns", b"a.example.net\0.evil.com")),))
    yield of("a.example.net", (names(("uri", "https://a.example.net/")),), "CN=a.example.net")
    yield of("a.example.net", (names(),), "CN=a.example.net")


def name_constraints() -> Iterator[Case]:
    r = root()

    def of(
        title: str, nc: bytes, *extensions: bytes, subject: str = "CN=x,O=Example"
    ) -> Iterator[Case]:
        issuer = mid(extensions=(*CA, nc))
        e = leaf(subject=subject, extensions=extensions)
        yield Case(f"constraints {title}", (e, issuer), (r,), host=None)
        yield Case(f"constraints {title}, searched", (e, r, issuer), (r,), host=None)
        yield Case(f"constraints {title}, SunX509", (e, issuer), (r,), host=None, manager="SunX509")
        anchor = root(extensions=(*CA, nc))
        e = lone(subject=subject, extensions=extensions)
        yield Case(f"constraints {title} in the root", (e,), (anchor,), host=None)
        yield Case(f"constraints {title} in the root, searched", (e, r), (anchor,), host=None)

    from ipaddress import ip_address

    def dns(*found: str) -> bytes:
        return names(*(("dns", one) for one in found))

    permitted = forge.constraints(permitted=[("dns", "example.net")])
    yield from of("dns permitted", permitted, dns("a.example.net"))
    yield from of("dns permitted itself", permitted, dns("example.net"))
    yield from of("dns not permitted", permitted, dns("a.example.org"))
    yield from of("dns one not permitted", permitted, dns("a.example.net", "a.example.org"))
    yield from of("dns look-alike", permitted, dns("badexample.net"))
    yield from of("dns shorter", permitted, dns("net"))
    yield from of("dns wildcard", permitted, dns("*.example.net"))
    yield from of("dns in CN", permitted, subject="CN=a.example.org,O=Example")
    yield from of("dns in CN permitted", permitted, subject="CN=a.example.net,O=Example")
    yield from of("dns, only ip", permitted, names(("ip", ip_address("192.0.2.1").packed)))
    yield from of("dns, CN is no host", permitted, subject="CN=Some Server,O=Example")
    dotted = forge.constraints(permitted=[("dns", ".example.net")])
    yield from of("leading dot", dotted, dns("a.example.net"))
    yield from of("leading dot itself", dotted, dns("example.net"))
    excluded = forge.constraints(excluded=[("dns", "example.net")])
    yield from of("dns excluded", excluded, dns("a.example.net"))
    yield from of("dns not excluded", excluded, dns("a.example.org"))
    yield from of("all dns excluded", forge.constraints(excluded=[("dns", "")]), dns("a.b"))
    yield from of("no dns permitted", forge.constraints(permitted=[("dns", "")]), dns("a.b"))
    inside = forge.constraints(permitted=[("dir", forge.name("O=Example"))])
    yield from of("directory permitted", inside, dns("a.b"), subject="O=Example,CN=x")
    yield from of("directory not permitted", inside, dns("a.b"), subject="O=Other,CN=x")
    yield from of("directory other case", inside, dns("a.b"), subject="O=EXAMPLE,CN=x")
    yield from of(
        "directory empty subject", inside, names(("dns", "a.b"), critical=True), subject=""
    )
    outside = forge.constraints(excluded=[("dir", forge.name("O=Example"))])
    yield from of("directory excluded", outside, dns("a.b"), subject="O=Example,CN=x")
    net = ip_address("192.0.2.0").packed + bytes([255, 255, 255, 0])
    ips = forge.constraints(permitted=[("ip", net)])
    yield from of("ip permitted", ips, names(("ip", ip_address("192.0.2.9").packed)))
    yield from of("ip not permitted", ips, names(("ip", ip_address("192.0.3.9").packed)))
    yield from of("ip, other family", ips, names(("ip", ip_address("2001:db8::1").packed)))
    yield from of("ip in CN", ips, subject="CN=192.0.3.9,O=Example")
    six = ip_address("2001:db8::").packed + bytes([255] * 4 + [0] * 12)
    yield from of("ipv6, ipv4 name", forge.constraints(permitted=[("ip", six)]),
                  names(("ip", ip_address("192.0.2.9").packed)))  # fmt: skip
    mail = forge.constraints(permitted=[("email", "example.net")])
    yield from of("email permitted", mail, names(("email", "a@example.net")))
    yield from of("email not permitted", mail, names(("email", "a@example.org")))
    yield from of("email below", mail, names(("email", "a@b.example.net")))
    yield from of("email in the subject", mail, subject="CN=x,E=a@example.org")
    uri = forge.constraints(permitted=[("uri", "example.net")])
    yield from of("uri permitted", uri, names(("uri", "https://example.net/x")))
    yield from of("uri not permitted", uri, names(("uri", "https://a.example.net/x")))
    both = forge.constraints(
        permitted=[("dns", "example.net")], excluded=[("dns", "bad.example.net")]
    )
    yield from of("excluded inside permitted", both, dns("x.bad.example.net"))
    loose = forge.constraints(permitted=[("dns", "example.net")], critical=False)
    yield from of("not critical", loose, dns("a.example.org"))


def constraints_and_hosts() -> Iterator[Case]:
    """A common name that was held against constraints is an alternative name from then on."""
    from ipaddress import ip_address

    r = root()
    nc = forge.constraints(permitted=[("dns", "example.net")])
    for title, extensions in {
        "none": (),
        "ip": (names(("ip", ip_address("192.0.2.9").packed)),),
        "email": (names(("email", "a@example.net")),),
        "dns": (names(("dns", "other.example.net")),),
    }.items():
        for constrained in (CA, (*CA, nc)):
            m = mid(extensions=constrained)
            for host in (HOST, "192.0.2.9", "other.example.net", "third.example.net"):
                e = leaf(subject=f"CN={HOST}", extensions=extensions)
                which = f"{title} {len(constrained)} {host}"
                yield Case(f"CN and alternative names {which}", (e, m), (r,), host)
                yield Case(f"CN and alternative names {which}, searched", (e, r, m), (r,), host)


def spellings() -> Iterator[Case]:
    from storekeeper import der

    r, e = root(), leaf()
    printable = forge.name(ROOT, tag=der.PRINTABLE_STRING)
    yield Case("issuer as PrintableString", (e, mid(issuer=printable)), (r,))
    yield Case("issuer in other case", (e, mid(issuer="CN=ROOT,O=example")), (r,))
    yield Case("issuer with blanks", (e, mid(issuer="CN= Root ,O=Example")), (r,))
    yield Case("issuer in other order", (e, mid(issuer="O=Example,CN=Root")), (r,))
    t61 = forge.name(ROOT, tag=0x14)
    yield Case("issuer as T61String", (e, mid(issuer=t61)), (r,))
    bmp = der.sequence(
        der.encode(
            0x31, der.sequence(der.oid("2.5.4.3"), der.encode(0x1E, "Root".encode("utf-16-be")))
        )
    )
    yield Case("issuer as BMPString", (e, mid(issuer=bmp)), (root(subject="CN=Root"),))
