# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The credentials of the application, made for this run, and the tokens that the authority signs for it."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from ..files import write_private
from ..identity import guid
from . import jwt
from .tenant import Tenant

FEDERATION_ISSUER = "https://issuer.lab.example"
FEDERATION_SUBJECT = "system:serviceaccount:automation:tenant-attach"
FEDERATION_AUDIENCE = "api://AzureADTokenExchange"
KEY_BITS = 2048
PEM = serialization.Encoding.PEM


@dataclass(frozen=True)
class Certificate:
    """A certificate of an application, with its key."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate

    def thumbprint(self, algorithm: hashes.HashAlgorithm) -> str:
        """As it stands in the header of an assertion."""
        return jwt.encode(self.certificate.fingerprint(algorithm))

    def pem(self, passphrase: str | None = None) -> bytes:
        """Key and certificate in one file."""
        protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase is not None:
            protection = serialization.BestAvailableEncryption(passphrase.encode())
        private = self.key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, protection)
        return private + self.certificate.public_bytes(PEM)

    def pfx(self, password: str) -> bytes:
        """The same as PKCS #12."""
        return pkcs12.serialize_key_and_certificates(
            b"tenant-attach",
            self.key,
            self.certificate,
            None,
            serialization.BestAvailableEncryption(password.encode()),
        )


def make_certificate(name: str) -> Certificate:
    """A certificate that signs itself, as most applications have one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=30))
        .not_valid_after(now + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return Certificate(key, certificate)


@dataclass
class Credentials:
    """Everything that proves who somebody is, new in every run."""

    tenant: Tenant
    secret: str = field(default_factory=lambda: secrets.token_urlsafe(30), repr=False)
    expired_secret: str = field(default_factory=lambda: secrets.token_urlsafe(30), repr=False)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(18), repr=False)
    certificate: Certificate = field(default_factory=lambda: make_certificate("tenant-attach"), repr=False)
    other_certificate: Certificate = field(default_factory=lambda: make_certificate("somebody-else"), repr=False)
    # The authority's own key, and the key of the platform whose tokens it trusts.
    signing_key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS), repr=False
    )
    issuer_key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS), repr=False
    )

    @property
    def key_id(self) -> str:
        """The name of the signing key."""
        numbers = self.signing_key.public_key().public_numbers()
        return jwt.encode(hashlib.sha256(str(numbers.n).encode()).digest()[:20])

    def federated_token(self, subject: str = FEDERATION_SUBJECT) -> str:
        """What the platform puts into a file for a workload."""
        now = int(time.time())
        claims = {
            "iss": FEDERATION_ISSUER,
            "sub": subject,
            "aud": FEDERATION_AUDIENCE,
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 86400,
        }
        return jwt.sign(self.issuer_key, {"kid": "lab"}, claims)

    def access_token(self, audience: str, lifetime: int, roles: tuple[str, ...] | None = None) -> str:
        """A token of the authority's for the application."""
        now = int(time.time())
        tenant = self.tenant
        principal = guid(f"principal of {tenant.client_id}")
        claims: dict[str, Any] = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{tenant.id}/",
            # A token that is over by now began an hour before it ended.
            "iat": min(now, now + lifetime - 3600) - 5,
            "nbf": min(now, now + lifetime - 3600) - 5,
            "exp": now + lifetime,
            "app_displayname": "tenant-attach",
            "appid": tenant.client_id,
            "idtyp": "app",
            "oid": principal,
            "roles": list(tenant.permissions if roles is None else roles),
            "sub": principal,
            "tid": tenant.id,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
        }
        return jwt.sign(self.signing_key, {"kid": self.key_id}, claims)

    def write(self, folder: Path) -> dict[str, str]:
        """Write the files that a client signs in with, and name them."""
        files = {
            "certificate_path": ("client.pem", self.certificate.pem()),
            "encrypted_certificate_path": ("client-encrypted.pem", self.certificate.pem(self.password)),
            "pfx_path": ("client.pfx", self.certificate.pfx(self.password)),
            "other_certificate_path": ("other-client.pem", self.other_certificate.pem()),
            "federated_token_file": ("federated-token", self.federated_token().encode()),
            "other_federated_token_file": (
                "other-federated-token",
                self.federated_token("system:serviceaccount:automation:somebody-else").encode(),
            ),
        }
        for name, content in files.values():
            write_private(folder / name, content)
        return {key: str(folder / name) for key, (name, _content) in files.items()}
