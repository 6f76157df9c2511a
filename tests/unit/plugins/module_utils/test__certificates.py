# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import hashlib

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _certificates
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
