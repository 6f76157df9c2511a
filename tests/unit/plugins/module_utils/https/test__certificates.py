# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib
import types

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https import _certificates
from ansible_collections.configmgr.tenant_attach.tests.unit.certificates import Authority


def test_what_an_issued_certificate_says(authority: Authority) -> None:
    made = authority.issue("cm01.contoso.com", "cm01", subject="CM01")
    assert _certificates.describe_certificate(made.der) == {
        "subject": "CN=CM01",
        "issuer": "CN=SMS Issuing",
        "sans": ["cm01.contoso.com", "cm01"],
        "not_before": "2020-01-01T00:00:00Z",
        "not_after": "2119-12-08T00:00:00Z",
        "self_signed": False,
        "thumbprint": hashlib.sha1(made.der).hexdigest().upper(),
    }


def test_a_self_signed_certificate_without_alternative_names(authority: Authority) -> None:
    found = _certificates.describe_certificate(authority.root.der)
    assert found["self_signed"] is True
    assert found["sans"] == []
    assert found["subject"] == found["issuer"] == "CN=SMS Issuing"


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_broken_der_is_an_error_with_a_thumbprint(authority: Authority, cut: int) -> None:
    broken = authority.root.der[:cut]
    found = _certificates.describe_certificate(broken)
    assert sorted(found) == ["error", "thumbprint"]
    assert found["error"]["kind"] == "certificate"
    assert found["error"]["observed"].startswith("the certificate cannot be read")
    assert found["thumbprint"] == hashlib.sha1(broken).hexdigest().upper()


def test_without_the_library_the_thumbprint_stays(monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
    monkeypatch.setattr(_certificates, "HAS_CRYPTOGRAPHY", False)
    found = _certificates.describe_certificate(authority.root.der)
    assert sorted(found) == ["error", "thumbprint"]
    assert "cryptography" in found["error"]["observed"]


class TestEndPointBinding:
    """RFC 5929, section 4.1."""

    @pytest.mark.parametrize(
        ("algorithm", "used"), [("sha256", "sha256"), ("sha384", "sha384"), ("sha1", "sha256"), ("md5", "sha256")]
    )
    def test_the_hash_is_that_of_the_signature_unless_it_is_weak(
        self, monkeypatch: pytest.MonkeyPatch, algorithm: str, used: str
    ) -> None:
        made = types.SimpleNamespace(signature_hash_algorithm=types.SimpleNamespace(name=algorithm))
        monkeypatch.setattr(_certificates.x509, "load_der_x509_certificate", lambda _der: made)
        expected = b"tls-server-end-point:" + hashlib.new(used, b"der").digest()
        assert _certificates.end_point_binding(b"der") == expected

    def test_a_real_certificate(self, authority: Authority) -> None:
        der = authority.root.der
        assert _certificates.end_point_binding(der) == b"tls-server-end-point:" + hashlib.sha256(der).digest()

    def test_a_signature_without_a_hash_has_none(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = types.SimpleNamespace(signature_hash_algorithm=None)
        monkeypatch.setattr(_certificates.x509, "load_der_x509_certificate", lambda _der: made)
        assert _certificates.end_point_binding(b"der") is None

    def test_what_cannot_be_read_has_none(self, monkeypatch: pytest.MonkeyPatch, authority: Authority) -> None:
        assert _certificates.end_point_binding(b"junk") is None
        monkeypatch.setattr(_certificates, "HAS_CRYPTOGRAPHY", False)
        assert _certificates.end_point_binding(authority.root.der) is None
