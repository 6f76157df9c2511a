# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A domain controller on loopback: the real Samba, with its KDC and its LDAP server.

The ports of LDAP are fixed, so each controller listens on a loopback address of its own, and several can run at once.
Nothing outside its directory is changed: names are resolved by nss_wrapper, which is preloaded into the programs that
get `environment`, and Kerberos is configured by a krb5.conf of its own. It needs root, for the ports.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from testbed.proxies import Authority

# The domain of the lab's scenario `healthy`, and of all that extend it.
DOMAIN = "corp.contoso.example"
NETBIOS = "CONTOSO"
HOST = "dc1"
ADMINISTRATOR = "Administrator"
PATIENCE = 120
PROGRAMS = ("samba", "samba-tool", "ldbadd", "ldbmodify", "ldbsearch")
# AES with 128 and with 256 bits, and nothing older.
ENCRYPTION = {"msDS-SupportedEncryptionTypes": "24"}
NORMAL_ACCOUNT, WORKSTATION = 512, 4096
DOMAIN_LOCAL, GLOBAL = -2147483644, -2147483646

Values = str | Sequence[str]


@dataclass(frozen=True)
class Directory:
    """The controller, and what stands in its directory.

    Attributes:
        directory: Where everything of it is kept.
        address: Where it listens: Kerberos on 88, LDAP on 389 and 636, the global catalogue on 3268 and 3269.
        ca_path: The authority that its TLS certificate is from. The certificate has its full name, and `localhost`.
        other_ca_path: An authority that has nothing to do with it.
        password: Password of the domain's Administrator.
    """

    directory: Path
    address: str
    ca_path: Path
    other_ca_path: Path
    password: str

    domain = DOMAIN
    realm = DOMAIN.upper()
    netbios = NETBIOS
    base_dn = ",".join(f"DC={part}" for part in DOMAIN.split("."))
    server = f"{HOST}.{DOMAIN}"

    @property
    def krb5_conf(self) -> Path:
        """The configuration of Kerberos."""
        return self.directory / "krb5.conf"

    @property
    def environment(self) -> dict[str, str]:
        """What programs need to find it: its KDC, and its name."""
        return {"KRB5_CONFIG": str(self.krb5_conf), **resolving(self.directory / "hosts")}

    def computer(self, name: str, *service_names: str, password: str | None = None, **attributes: Values) -> str:
        """Make a computer, with the service names of every computer and some more. Return its DN."""
        dn, usual = self._computer(name, service_names)
        return self._account(dn, password, {**usual, **attributes})

    def computers(self, *names: str) -> None:
        """Make many computers at once: each program of Samba takes a while to begin."""
        self._ldb("ldbadd", "\n".join(_ldif(*self._computer(name)) for name in names))

    def _computer(self, name: str, service_names: Sequence[str] = ()) -> tuple[str, dict[str, Values]]:
        own = (f"{kind}/{host}" for kind in ("HOST", "RestrictedKrbHost") for host in (name, f"{name}.{DOMAIN}"))
        return f"CN={name},CN=Computers,{self.base_dn}", {
            **ENCRYPTION,
            "objectClass": "computer",
            "sAMAccountName": f"{name}$",
            "dNSHostName": f"{name}.{DOMAIN}",
            "userAccountControl": str(WORKSTATION),
            "servicePrincipalName": (*own, *service_names),
        }

    def user(self, name: str, password: str, *service_names: str, **attributes: Values) -> str:
        """Make a user, and return its DN."""
        usual: dict[str, Values] = {
            "objectClass": "user",
            "sAMAccountName": name,
            "userPrincipalName": f"{name}@{DOMAIN}",
            "userAccountControl": str(NORMAL_ACCOUNT),
            "servicePrincipalName": service_names,
        }
        return self._account(f"CN={name},CN=Users,{self.base_dn}", password, {**usual, **attributes})

    def group(self, name: str, *members: str, local: bool = False) -> str:
        """Make a group of some DNs, global or domain local, and return its DN."""
        dn = f"CN={name},CN=Users,{self.base_dn}"
        kind = str(DOMAIN_LOCAL if local else GLOBAL)
        self.add(dn, objectClass="group", sAMAccountName=name, groupType=kind, member=members)
        return dn

    def add(self, dn: str, **attributes: Values) -> None:
        """Make an object, past all rights."""
        self._ldb("ldbadd", _ldif(dn, attributes))

    def modify(self, dn: str, how: str, **attributes: Values) -> None:
        """Change an object, past all rights: `add`, `replace` or `delete` values."""
        lines = []
        for name, values in attributes.items():
            lines += [f"{how}: {name}", *(f"{name}: {value}" for value in _several(values)), "-"]
        self._ldb("ldbmodify", "\n".join((f"dn: {dn}", "changetype: modify", *lines)) + "\n")

    def values(self, dn: str, attribute: str) -> list[str]:
        """Return the values of an attribute, read past LDAP and all rights."""
        command = ("ldbsearch", "--configfile", self.smb_conf, "-H", self._database, "-b", dn, "-s", "base", attribute)
        output = _run([str(part) for part in command]).replace("\n ", "")
        return re.findall(rf"^{attribute}: (.*)$", output, re.MULTILINE)

    def allow(self, dn: str, account: str) -> None:
        """Let an account write the properties of an object, and nothing more."""
        (sid,) = self.values(f"CN={account},CN=Users,{self.base_dn}", "objectSid")
        self.tool("dsacl", "set", "--objectdn", dn, "--sddl", f"(A;;RPWP;;;{sid})", "-H", str(self._database))

    def grant(self, account: str, privilege: str) -> None:
        """Grant an account a privilege on the domain controller, as a group policy would."""
        (sid,) = self.values(f"CN={account},CN=Users,{self.base_dn}", "objectSid")
        lines = (f"dn: sid={sid}", "objectClass: privilege", f"objectSid: {sid}", f"privilege: {privilege}")
        self._ldb("ldbadd", "\n".join(lines) + "\n", "privilege.ldb")

    def tool(self, *arguments: str) -> str:
        """Run samba-tool on the database of the controller, and return what it wrote."""
        return _run(["samba-tool", *arguments, "--configfile", str(self.smb_conf)])

    def keytab(self, path: Path, principal: str) -> Path:
        """Write the keys of an account, named as `user`, `COMPUTER$` or by a service name, to a keytab."""
        self.tool("domain", "exportkeytab", str(path), f"--principal={principal}")
        return path

    @property
    def smb_conf(self) -> Path:
        """The configuration of Samba."""
        return self.directory / "dc" / "etc" / "smb.conf"

    @property
    def _database(self) -> Path:
        return self.directory / "dc" / "private" / "sam.ldb"

    def _account(self, dn: str, password: str | None, attributes: dict[str, Values]) -> str:
        # The keys are made with the password: what they may be must be known before.
        self.add(dn, **{**ENCRYPTION, **attributes})
        if password is not None:
            self.set_password(dn, password)
        return dn

    def set_password(self, dn: str, password: str) -> None:
        """Give an account a password, past all rules."""
        quoted = base64.b64encode(f'"{password}"'.encode("utf-16-le")).decode()
        lines = ("changetype: modify", "replace: unicodePwd", f"unicodePwd:: {quoted}", "-")
        self._ldb("ldbmodify", "\n".join((f"dn: {dn}", *lines)) + "\n")

    def _ldb(self, program: str, ldif: str, database: str = "sam.ldb") -> None:
        _run([program, "--configfile", str(self.smb_conf), "-H", str(self._database.with_name(database))], ldif)


def resolving(hosts: Path) -> dict[str, str]:
    """Return what makes a program resolve names by a file of hosts."""
    return {"LD_PRELOAD": "libnss_wrapper.so", "NSS_WRAPPER_HOSTS": str(hosts)}


@contextmanager
def running(directory: Path) -> Iterator[Directory]:
    """Set a domain controller up, and stop it by its process id."""
    missing = [name for name in PROGRAMS if not shutil.which(name, path=_search())]
    assert not missing, f"not installed: {missing}; run make packages as root"
    directory.mkdir(parents=True, exist_ok=True)
    authority = Authority(directory, "Contoso Domain")
    other = Authority(directory, "Somebody Else")
    found = Directory(directory, _address(), authority.path, other.path, f"Adm1n-{secrets.token_urlsafe(12)}")
    certificate = authority.issue(found.server, "localhost")
    # It refuses keys that others can read.
    certificate.chmod(0o600)
    (directory / "hosts").write_text(f"{found.address} {found.server} {HOST}\n127.0.0.1 localhost\n")
    found.krb5_conf.write_text(_krb5_conf(found))
    _provision(found, certificate)
    log = directory / "samba.log"
    program = shutil.which("samba", path=_search())
    command = [str(program), "--foreground", "--no-process-group", "--model=single", "--debug-stdout"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [*command, "--configfile", str(found.smb_conf)], stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            for port in (389, 636, 88):
                _await((found.address, port), process, log)
            yield found
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _provision(found: Directory, certificate: Path) -> None:
    # Without a file of its own it would begin with that of the machine.
    empty = found.directory / "empty.conf"
    empty.touch()
    home = found.directory / "dc"
    for name in ("run", "ncalrpc"):
        (home / name).mkdir(parents=True)
    options = {
        "interfaces": f"{found.address}/8",
        "bind interfaces only": "yes",
        "server services": "rpc, ldap, cldap, kdc",
        "pid directory": home / "run",
        "ncalrpc dir": home / "ncalrpc",
        "tls keyfile": certificate,
        "tls certfile": certificate,
        "tls cafile": found.ca_path,
    }
    # samba-tool takes the password from its arguments only. It lives for one test session, on loopback.
    command = [
        *("samba-tool", "domain", "provision", "--configfile", str(empty), "--targetdir", str(home)),
        *(f"--realm={found.realm}", f"--domain={NETBIOS}", "--server-role=dc", "--dns-backend=NONE"),
        *(f"--host-name={HOST}", f"--host-ip={found.address}", f"--adminpass={found.password}"),
        *(f"--option={name}={value}" for name, value in options.items()),
    ]
    _run(command)
    # Its own service would add these from time to time, together with what it writes to DNS.
    names = (f"ldap/{found.server}", f"ldap/{found.server}/{DOMAIN}", f"ldap/{HOST}", f"GC/{found.server}/{DOMAIN}")
    found.modify(f"CN={HOST.upper()},OU=Domain Controllers,{found.base_dn}", "add", servicePrincipalName=names)


def _krb5_conf(found: Directory) -> str:
    settings: dict[str, Mapping[str, str]] = {
        "libdefaults": {
            "default_realm": found.realm,
            "dns_lookup_kdc": "false",
            "dns_lookup_realm": "false",
            "rdns": "false",
            "dns_canonicalize_hostname": "false",
        },
        "realms": {found.realm: f"{{\n kdc = {found.address}\n kpasswd_server = {found.address}\n}}"},
        "domain_realm": {f".{DOMAIN}": found.realm, DOMAIN: found.realm},
    }
    return "".join(
        f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items())
        for section, lines in settings.items()
    )


def _address() -> str:
    """Return a loopback address at which nobody listens for LDAP."""
    while True:
        address = f"127.88.{secrets.randbelow(256)}.{1 + secrets.randbelow(254)}"
        with socket.socket() as client:
            if client.connect_ex((address, 389)) != 0:
                return address


def _await(address: tuple[str, int], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with socket.socket() as client:
            if client.connect_ex(address) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nothing listens at {address}: {log.read_text(errors='replace')}")


def _search() -> str:
    return f"{os.environ['PATH']}:/usr/sbin"


def _ldif(dn: str, attributes: Mapping[str, Values]) -> str:
    lines = [f"{name}: {value}" for name, values in attributes.items() for value in _several(values)]
    return "\n".join((f"dn: {dn}", *lines)) + "\n"


def _several(values: Values) -> Sequence[str]:
    return [values] if isinstance(values, str) else values


def _run(command: Sequence[str], text: str = "") -> str:
    # Debian's own Python runs samba-tool: nothing of a virtual environment may get in its way.
    environment = {**os.environ, "PATH": _search(), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout}"
    return done.stdout
