# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A piece of internet on loopback, and what stands before it in companies: squid, mitmproxy, a silent firewall.

Squid, mitmproxy and nginx are the real ones. The hosts and their certificates are made here. Each thing gets a free
port, except for the hosts with the documented names, which stand on 443 and 80 of an address of their own.
"""

from __future__ import annotations

import http.server
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

LOOPBACK = "127.0.0.1"
# Where the documented names lead, as far as squid knows.
INTERNET = "127.77.0.1"
PATIENCE = 30
USERS = "user:$apr1$testtest$0GUyCQe.WkVqSVvZKrOF20\n"


# Below the ports that Linux gives to whoever asks for any: between looking and listening, it gives them to nobody else.
PORTS = range(12000, 32000)


def free_port() -> int:
    """Return a port at which nobody listens."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as listener:
            try:
                listener.bind((LOOPBACK, port))
            except OSError:
                continue
            return port


class Authority:
    """A certificate authority, with a list of what it has revoked."""

    def __init__(self, directory: Path, organisation: str) -> None:
        self._directory = directory / organisation.replace(" ", "-")
        self._directory.mkdir(parents=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._now = datetime.now(UTC)
        self._name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
                x509.NameAttribute(NameOID.COMMON_NAME, f"{organisation} CA 01"),
            ]
        )
        self._serials: dict[str, int] = {}
        certificate = (
            self._builder(self._name, self._key)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.path = self._write("ca.pem", certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, *names: str) -> Path:
        """Issue a certificate for some names, and return the file that holds it with its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])]), key)
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        certificate = builder.add_extension(alternatives, critical=False).sign(self._key, hashes.SHA256())
        path = self._write(f"{len(self._serials)}.pem", certificate.public_bytes(serialization.Encoding.PEM))
        self._serials[str(path)] = certificate.serial_number
        plain = serialization.NoEncryption()
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        path.write_bytes(path.read_bytes() + private)
        return path

    def revocations(self, name: str, *revoked: Path, expired: bool = False) -> Path:
        """Return the file of a list that names some of the certificates, as PEM. It may be out of date."""
        end = self._now + timedelta(days=-1 if expired else 7)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self._name)
        builder = builder.last_update(self._now - timedelta(days=2)).next_update(end)
        for path in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(self._serials[str(path)])
            builder = builder.add_revoked_certificate(entry.revocation_date(self._now - timedelta(days=1)).build())
        signed = builder.sign(self._key, hashes.SHA256())
        self._write(f"{name}.crl", signed.public_bytes(serialization.Encoding.DER))
        return self._write(f"{name}.pem", signed.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return x509.CertificateBuilder(
            issuer_name=self._name,
            subject_name=subject,
            public_key=key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=self._now - timedelta(days=1),
            not_valid_after=self._now + timedelta(days=30),
        )

    def _write(self, name: str, content: bytes) -> Path:
        path = self._directory / name
        path.write_bytes(content)
        return path


class _Answers(http.server.BaseHTTPRequestHandler):
    """Answers with the status that the path names, 404 without one."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        status = self.path.strip("/")
        self.send_response(int(status) if status.isdecimal() else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        """Refused certificates are what this is about."""


@contextmanager
def host(certificate: Path | None = None, address: tuple[str, int] = (LOOPBACK, 0)) -> Iterator[int]:
    """Run a web server, with TLS where it has a certificate, and give its port."""
    server = _Server(address, _Answers)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # The handshake takes place in the thread of the connection: nobody holds up the others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE)


@contextmanager
def black_hole() -> Iterator[int]:
    """Give a port that takes no more connections and does not say so: its queue is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        for _number in range(3):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((LOOPBACK, port))
        yield port


@contextmanager
def running(command: Sequence[str], ready: Callable[[], bool], log: Path) -> Iterator[None]:
    """Run a program until the block is left, and stop it by its process id."""
    # Squid takes a proxy of the environment for its parent.
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environment) as process,
    ):
        try:
            deadline = time.monotonic() + PATIENCE
            while not ready():
                assert process.poll() is None, f"{command[0]} ended: {log.read_text(errors='replace')}"
                assert time.monotonic() < deadline, f"{command[0]} is not ready: {log.read_text(errors='replace')}"
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


def listening(port: int, address: str = LOOPBACK) -> Callable[[], bool]:
    def look() -> bool:
        with socket.socket() as client:
            return client.connect_ex((address, port)) == 0

    return look


def _program(name: str) -> str:
    path = shutil.which(name, path=os.pathsep.join((os.environ["PATH"], "/usr/sbin")))
    assert path is not None, f"{name} is not installed: see tests/packages.txt"
    return path


@dataclass(frozen=True)
class Squid:
    """The URLs of a squid: one port lets everybody through, one wants a user, one lets nobody through."""

    open: str
    authenticating: str
    denying: str


@contextmanager
def _unknowing_dns() -> Iterator[None]:
    """Run a DNS server that says of every name that there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((INTERNET, 53))

        def serve() -> None:
            while True:
                data, client = server.recvfrom(4096)
                if not data:
                    return
                # The question comes back with the flags of an answer, and the code of a name that does not exist.
                server.sendto(data[:2] + b"\x81\x83" + data[4:], client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.sendto(b"", (INTERNET, 53))
            thread.join(PATIENCE)


@contextmanager
def squid(directory: Path, hosts: Sequence[str] = (), denied: Sequence[str] = ()) -> Iterator[Squid]:
    """Run squid.

    Args:
        directory: Where it may write, and where its own user may go.
        hosts: Names that it resolves, to the address of the documented hosts.
        denied: Names that it refuses on every port.
    """
    ports = {name: free_port() for name in ("open", "authenticating", "denying")}
    names = "".join(f"{INTERNET} {name}\n" for name in hosts)
    (directory / "hosts").write_text(f"{LOOPBACK} localhost\n{names}")
    (directory / "users").write_text(USERS)
    lines = [
        *(f"http_port {LOOPBACK}:{port} name={name}" for name, port in ports.items()),
        f"hosts_file {directory}/hosts",
        f"dns_nameservers {INTERNET}",
        f"auth_param basic program /usr/lib/squid/basic_ncsa_auth {directory}/users",
        *(f"acl {name} myportname {name}" for name in ports),
        "acl users proxy_auth REQUIRED",
        f"acl denied dstdomain {' '.join(denied) or '.denied.invalid'}",
        "http_access deny denying",
        "http_access deny denied",
        "http_access deny authenticating !users",
        "http_access allow all",
        "cache deny all",
        "access_log none",
        f"cache_log {directory}/cache.log",
        f"coredump_dir {directory}",
        "pid_filename none",
        "netdb_filename none",
        "pinger_enable off",
        "shutdown_lifetime 0 seconds",
        "visible_hostname squid.invalid",
        "cache_effective_user proxy",
    ]
    configuration = directory / "squid.conf"
    configuration.write_text("\n".join(lines) + "\n")
    if os.geteuid() == 0:
        shutil.chown(directory, "proxy", "proxy")
    command = [_program("squid"), "-N", "-f", str(configuration)]
    with _unknowing_dns(), running(command, listening(ports["denying"]), directory / "output"):
        yield Squid(**{name: f"http://{LOOPBACK}:{port}" for name, port in ports.items()})


@dataclass(frozen=True)
class Interceptor:
    """A proxy that opens TLS, and the file with its own authority."""

    url: str
    authority: Path


@contextmanager
def mitmproxy(directory: Path, trusted: Path) -> Iterator[Interceptor]:
    """Run mitmproxy. What lies behind it has certificates of a trusted authority."""
    program = os.environ.get("MITMDUMP", "mitmdump")
    assert shutil.which(program), f"{program} is missing: make integration installs it"
    port = free_port()
    authority = directory / "mitmproxy-ca-cert.pem"
    settings = {"confdir": directory, "ssl_verify_upstream_trusted_ca": trusted, "connection_strategy": "lazy"}
    options = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    command = [program, "--quiet", "--listen-host", LOOPBACK, "--listen-port", str(port), *options]
    up = listening(port)
    with running(command, lambda: authority.exists() and up(), directory / "output"):
        yield Interceptor(f"http://{LOOPBACK}:{port}", authority)


@contextmanager
def nginx(directory: Path, served: Path, address: tuple[str, int]) -> Iterator[None]:
    """Run nginx, which serves the files of a directory, as a place of revocation lists does."""
    lines = [
        "daemon off; master_process off;",
        f"pid {directory}/pid; error_log {directory}/error.log;",
        "events {}",
        "http {",
        *(f"{kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")),
        "access_log off; default_type application/pkix-crl;",
        f"server {{ listen {address[0]}:{address[1]}; root {served}; }}",
        "}",
    ]
    configuration = directory / "nginx.conf"
    configuration.write_text("\n".join(lines) + "\n")
    command = [_program("nginx"), "-e", f"{directory}/error.log", "-c", str(configuration)]
    with running(command, listening(address[1], address[0]), directory / "output"):
        yield
