# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a certificate says. PRIVATE to the collection."""

from __future__ import annotations

import hashlib
import typing as t

from .._errors import CertificateError

try:
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    HAS_CRYPTOGRAPHY = True
except ImportError:
    HAS_CRYPTOGRAPHY = False


def describe_certificate(der: bytes) -> dict[str, t.Any]:
    """Return the parts of a certificate that a reader asks for. Times are ISO 8601 in UTC.

    The thumbprint (SHA-1, upper case) is the name by which Windows binds a certificate; nothing is proven by it.
    """
    thumbprint = hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()
    if not HAS_CRYPTOGRAPHY:
        return {"thumbprint": thumbprint, "error": _problem("the Python library cryptography cannot be imported")}
    try:
        certificate = x509.load_der_x509_certificate(der)
        names = _names(certificate)
        return {
            "subject": certificate.subject.rfc4514_string(),
            "issuer": certificate.issuer.rfc4514_string(),
            "sans": names,
            "not_before": certificate.not_valid_before_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "not_after": certificate.not_valid_after_utc.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "self_signed": certificate.subject == certificate.issuer,
            "thumbprint": thumbprint,
        }
    except ValueError as exc:
        return {"thumbprint": thumbprint, "error": _problem(f"the certificate cannot be read: {exc}")}


def end_point_binding(der: bytes) -> bytes | None:
    """Return what ties a sign-in to the TLS connection with this certificate (RFC 5929, tls-server-end-point).

    None where the RFC defines nothing: the certificate cannot be read, or its signature has no hash of its own.
    """
    if not HAS_CRYPTOGRAPHY:
        return None
    try:
        algorithm = x509.load_der_x509_certificate(der).signature_hash_algorithm
    except (ValueError, UnsupportedAlgorithm):
        return None
    if algorithm is None:
        return None
    name = "sha256" if algorithm.name in {"md5", "sha1"} else algorithm.name
    return b"tls-server-end-point:" + hashlib.new(name, der).digest()


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [str(name) for name in extension.value.get_values_for_type(x509.DNSName)]


def _problem(observed: str) -> dict[str, t.Any]:
    return CertificateError(
        expected="a certificate that can be read",
        observed=observed,
        next_step="install the collection's requirements.txt, and look at the certificate with certlm.msc",
    ).as_dict()
