"""Servers that begin in the clear and are asked for TLS: mail, directory, databases, chat ..."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.servers.bench import (
    HOST,
    Running,
    Setup,
    account,
    files_of,
    folder,
    free_port,
    give,
    is_root,
    myself,
    need,
    program,
    started,
)
from tests.servers.databases import mariadb, postgres


@contextlib.contextmanager
def postfix(made: Setup) -> Iterator[Running]:
    """Postfix, whose master has to be root; ``extra`` are lines of main.cf."""
    need("postfix")
    if not is_root():
        pytest.skip("postfix can only be started by root")
    with folder() as where:
        files, port = files_of(made, where), free_port()
        queue, data = where / "queue", where / "data"
        data.mkdir()
        lines = [
            "compatibility_level = 3.6",
            f"queue_directory = {queue}",
            f"data_directory = {data}",
            "command_directory = /usr/sbin",
            "daemon_directory = /usr/lib/postfix/sbin",
            "mail_owner = postfix\nsetgid_group = postdrop",
            "shlib_directory = /usr/lib/postfix\nmeta_directory = /etc/postfix",
            f"maillog_file = {where}/mail.log\nmaillog_file_prefixes = {where}",
            "myhostname = localhost\nmydestination = localhost\nalias_maps =",
            "local_recipient_maps =\nsmtpd_client_connection_count_limit = 0",
            "inet_interfaces = loopback-only\ninet_protocols = ipv4",
            "smtpd_tls_security_level = " + ("may" if made.chain else "none"),
            f"smtpd_tls_chain_files = {files.key}, {files.chain}",
            f"smtpd_tls_protocols = >={made.versions[0]}, <={made.versions[1]}",
            "smtpd_tls_session_cache_database =",
        ]
        if made.authorities:
            lines.append(f"smtpd_tls_CAfile = {files.authorities}")
        if made.client != "none":
            lines.append("smtpd_tls_ask_ccert = yes")
        if made.client == "required":
            lines.append("smtpd_tls_req_ccert = yes\nsmtpd_tls_security_level = encrypt")
        (where / "main.cf").write_text("\n".join([*lines, *made.extra]) + "\n")
        (where / "master.cf").write_text(
            f"{HOST}:{port} inet n - n - - smtpd\n"
            "cleanup unix n - n - 0 cleanup\n"
            "rewrite unix - - n - - trivial-rewrite\n"
            "anvil unix - - n - 1 anvil\n"
            "postlog unix-dgram n - n - 1 postlogd\n"
            "tlsmgr unix - - n 1000? 1 tlsmgr\n"
            "qmgr unix n - n 300 1 qmgr\n"
            "pickup unix n - n 60 1 pickup\n"
        )
        _postfix_queue(queue)
        shutil.chown(data, "postfix")
        master = program("/usr/lib/postfix/sbin/master") or "/usr/lib/postfix/sbin/master"
        environment = {"MAIL_CONFIG": str(where), "MAIL_LOGTAG": "postfix"}
        command = [master, "-c", str(where), "-d"]
        with started(
            "postfix", where, port, command, scheme="smtp", environment=environment
        ) as running:
            yield running


def _postfix_queue(queue: Path) -> None:
    """What ``postfix start`` would make, which looks at the whole machine for it."""
    queue.mkdir(mode=0o755)
    for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"):
        (queue / name).mkdir(mode=0o700)
        shutil.chown(queue / name, "postfix")
    (queue / "pid").mkdir(mode=0o755)
    for name, mode in (("private", 0o700), ("public", 0o710), ("maildrop", 0o730)):
        (queue / name).mkdir()
        (queue / name).chmod(mode)
        shutil.chown(queue / name, "postfix", "postdrop" if name != "private" else None)


@contextlib.contextmanager
def dovecot(made: Setup) -> Iterator[Running]:
    """Dovecot: ``ports`` has imap, pop3, sieve and imaps; ``extra`` are lines of dovecot.conf."""
    found = need("dovecot")
    protocols = [
        name
        for name, program_ in (
            ("imap", "imap"),
            ("pop3", "pop3"),
            ("sieve", "managesieve"),
        )
        if Path(f"/usr/lib/dovecot/{program_}-login").exists()
    ]
    if "imap" not in protocols:
        pytest.skip("dovecot-imapd is not installed")
    with folder() as where:
        files = files_of(made, where)
        ports = {name: free_port() for name in ("imap", "pop3", "sieve", "imaps")}
        user, group = myself()
        user, login, group = (
            ("dovecot", "dovenull", "dovecot") if is_root() else (user, user, group)
        )
        lines = [
            f"base_dir = {where}/run",
            f"state_dir = {where}/state",
            f"log_path = {where}/dovecot.log",
            f"protocols = {' '.join(protocols)}",
            f"listen = {HOST}",
            *(
                ["ssl = yes", f"ssl_cert = <{files.chain}", f"ssl_key = <{files.key}"]
                if made.chain
                else ["ssl = no"]
            ),
            f"ssl_min_protocol = {made.versions[0]}",
            f"default_internal_user = {user}\ndefault_login_user = {login}",
            f"default_internal_group = {group}",
            "passdb {\n  driver = static\n  args = nopassword=y\n}",
            "userdb {\n  driver = static\n  args = uid=65534 gid=65534 home=/nonexistent\n}",
        ]
        if made.authorities:
            lines.append(f"ssl_ca = <{files.authorities}")
            lines.append("ssl_require_crl = no")
        if made.client != "none":
            lines.append("ssl_verify_client_cert = yes")
        if made.client == "required":
            lines.append("auth_ssl_require_client_cert = yes")
        for name in protocols:
            service = "managesieve" if name == "sieve" else name
            inner = f"inet_listener {name} {{\n    port = {ports[name]}\n  }}\n"
            if name in ("imap", "pop3"):
                secure = ports["imaps"] if name == "imap" else 0
                inner += f"  inet_listener {name}s {{\n    port = {secure}\n    ssl = yes\n  }}\n"
            inner += "" if is_root() else "  chroot =\n"
            lines.append(f"service {service}-login {{\n  {inner}}}")
        if not is_root():
            lines.append("service anvil {\n  chroot =\n}")
        (where / "dovecot.conf").write_text("\n".join([*lines, *made.extra]) + "\n")
        command = [found, "-F", "-c", str(where / "dovecot.conf")]
        there = {name: ports[name] for name in protocols}
        there |= {"imaps": ports["imaps"]} if made.chain else {}
        with started(
            "dovecot", where, ports["imap"], command, scheme="imap", ports=there
        ) as running:
            yield running


@contextlib.contextmanager
def slapd(made: Setup) -> Iterator[Running]:
    """OpenLDAP with no database, on GnuTLS in Debian; ``ports`` has ldap and ldaps."""
    found = need("slapd")
    with folder() as where:
        files, ports = files_of(made, where), {"ldap": free_port(), "ldaps": free_port()}
        lines = [f"pidfile {where}/pid", f"argsfile {where}/args"]
        if made.chain:
            lines += [f"TLSCertificateFile {files.chain}", f"TLSCertificateKeyFile {files.key}"]
            lines.append(f"TLSProtocolMin 3.{1 + int(made.versions[0][-1])}")
        if made.authorities:
            lines.append(f"TLSCACertificateFile {files.authorities}")
        if made.client != "none":
            lines.append(f"TLSVerifyClient {'demand' if made.client == 'required' else 'try'}")
        (where / "slapd.conf").write_text("\n".join([*lines, *made.extra]) + "\n")
        listen = f"ldap://{HOST}:{ports['ldap']}/"
        if made.chain:
            listen += f" ldaps://{HOST}:{ports['ldaps']}/"
        command = [found, "-f", str(where / "slapd.conf"), "-h", listen, "-d", "0"]
        there = ports if made.chain else {"ldap": ports["ldap"]}
        with started("slapd", where, ports["ldap"], command, scheme="ldap", ports=there) as running:
            yield running


@contextlib.contextmanager
def vsftpd(made: Setup) -> Iterator[Running]:
    """vsftpd; ``extra`` are lines of its configuration."""
    found = need("vsftpd")
    with folder() as where:
        files, port = files_of(made, where), free_port()
        (where / "empty").mkdir(mode=0o555)
        lines = [
            f"listen=YES\nbackground=NO\nlisten_port={port}\nlisten_address={HOST}",
            f"secure_chroot_dir={where}/empty\nanonymous_enable=YES\nlocal_enable=NO",
            f"vsftpd_log_file={where}/ftp.log",
            "seccomp_sandbox=NO\nisolate=NO\nisolate_network=NO",
            f"nopriv_user={account('nobody')}",
            "" if is_root() else "run_as_launching_user=YES",
        ]
        if made.chain:
            lines += [f"ssl_enable=YES\nrsa_cert_file={files.chain}"]
            lines += [f"rsa_private_key_file={files.key}\nssl_ciphers={made.ciphers or 'HIGH'}"]
        if made.authorities:
            lines.append(f"ca_certs_file={files.authorities}")
        if made.client == "none":
            lines.append("ssl_request_cert=NO")
        else:
            lines.append("validate_cert=YES" if made.authorities else "validate_cert=NO")
        if made.client == "required":
            lines.append("require_cert=YES")
        (where / "vsftpd.conf").write_text("\n".join([*lines, *made.extra]) + "\n")
        command = [found, str(where / "vsftpd.conf")]
        with started("vsftpd", where, port, command, scheme="ftp") as running:
            yield running


@contextlib.contextmanager
def prosody(made: Setup) -> Iterator[Running]:
    """Prosody with the domain localhost: ``ports`` has xmpp and xmpp-server.

    Other servers are always asked for a certificate, clients as the setup says.
    """
    found, owner = need("prosody"), account("prosody")
    with folder() as where:
        files = files_of(made, where)
        ports = {"xmpp": free_port(), "xmpp-server": free_port()}
        verify = {"none": '"none"', "optional": '"peer"', "required": '"peer"'}[made.client]
        tls = '"tls";' if made.chain else ""
        lines = [
            f'pidfile = "{where}/pid"\ndata_path = "{where}"\nplugin_paths = {{}}',
            f'modules_enabled = {{ "saslauth"; {tls} "s2s"; "c2s"; "disco" }}',
            'modules_disabled = { "s2s_auth_certs", "http", "offline", "posix_" }',
            f'interfaces = {{ "{HOST}" }}',
            f"c2s_ports = {{ {ports['xmpp']} }}\ns2s_ports = {{ {ports['xmpp-server']} }}",
            "legacy_ssl_ports = {}\ncomponent_ports = {}\nc2s_direct_tls_ports = {}",
            "c2s_require_encryption = false\ns2s_require_encryption = false",
            f'log = {{ info = "{where}/prosody.log" }}',
            f'certificates = "{where}"',
        ]
        if made.chain:
            authorities = f'cafile = "{files.authorities}";' if made.authorities else ""
            lines.append(
                f'ssl = {{ certificate = "{files.chain}"; key = "{files.key}"; {authorities}'
                f" verify = {{ {verify} }} }}"
            )
        lines += [*made.extra, 'VirtualHost "localhost"']
        (where / "prosody.cfg.lua").write_text("\n".join(lines) + "\n")
        give(where, owner)
        command = [found, "-F", "--config", str(where / "prosody.cfg.lua")]
        with started(
            "prosody", where, ports["xmpp"], command, scheme="xmpp", user=owner, ports=ports
        ) as running:
            yield running


@contextlib.contextmanager
def xrdp(made: Setup) -> Iterator[Running]:
    """xrdp's front, with nothing behind it."""
    found = need("xrdp")
    if not Path("/etc/xrdp").is_dir():
        pytest.skip("xrdp is not installed")
    with folder() as where:
        files, port = files_of(made, where), free_port()
        layer = "negotiate" if made.chain else "rdp"
        lines = [
            "[Globals]",
            f"ini_version=1\nport=tcp://{HOST}:{port}\nfork=true\nsecurity_layer={layer}",
            f"certificate={files.chain}\nkey_file={files.key}",
            f"ssl_protocols={', '.join(made.protocols())}",
            "[Logging]",
            f"LogFile={where}/xrdp.log\nLogLevel=INFO\nEnableSyslog=false",
            "[Channels]\n[Xorg]\nname=x\nlib=libxup.so\nport=-1",
        ]
        (where / "xrdp.ini").write_text("\n".join(lines) + "\n")
        command = [found, "--nodaemon", "--config", str(where / "xrdp.ini")]
        with started("xrdp", where, port, command, scheme="rdp") as running:
            yield running


CLEAR: dict[str, Callable[[Setup], AbstractContextManager[Running]]] = {
    "postfix": postfix,
    "dovecot": dovecot,
    "slapd": slapd,
    "postgres": postgres,
    "mariadb": mariadb,
    "vsftpd": vsftpd,
    "prosody": prosody,
    "xrdp": xrdp,
}
"""By name."""
