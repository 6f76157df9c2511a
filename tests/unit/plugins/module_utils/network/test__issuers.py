# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who issued a certificate."""

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import _issuers

OPENSSL = "C = US, O = Microsoft Corporation, CN = Microsoft Azure RSA TLS Issuing CA 03"
SCHANNEL = "C=US, O=DigiCert Inc, CN=DigiCert SHA2 Secure Server CA"


def test_the_first_issuer_is_that_of_the_host() -> None:
    assert _issuers.issuer_in(f"Subject:CN = a\nIssuer:{OPENSSL}\nSubject:x\nIssuer:O = root\n") == OPENSSL
    assert _issuers.issuer_in("") is None
    assert _issuers.issuer_in("Issuer:\n") is None


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        (OPENSSL, "Microsoft Corporation"),
        (SCHANNEL, "DigiCert Inc"),
        ('C = US, O = "Entrust, Inc.", CN = x', "Entrust, Inc."),
        (r"C=US, O=Entrust\, Inc., CN=x", "Entrust, Inc."),
        ("C=US, O=Entrust, Inc., CN=x", "Entrust"),
        ("CN=mitmproxy, O=mitmproxy", "mitmproxy"),
        ("CN=x/O=y", "y"),
        ("CN=ZO=y, OU=O", None),
    ],
)
def test_organisation(issuer: str, name: str | None) -> None:
    assert _issuers.organisation(issuer) == name


@pytest.mark.parametrize(
    ("issuer", "verified", "answer"),
    [
        (OPENSSL, True, False),
        (SCHANNEL, True, False),
        ("C=US, O=Entrust, Inc., CN=x", True, False),
        # The name is right, and it does not verify.
        (SCHANNEL, False, None),
        ("O=mitmproxy", False, True),
        ("O=mitmproxy", True, True),
        ("O=Microsoft Corporation of Contoso", True, True),
        ("CN=no organisation", True, True),
        (None, True, None),
    ],
)
def test_intercepted(issuer: str | None, verified: bool, answer: bool | None) -> None:
    assert _issuers.intercepted(issuer, verified=verified) is answer


def test_more_issuers_can_be_known() -> None:
    assert _issuers.intercepted("O = Contoso, CN = x", verified=True, known=["contoso"]) is False
    assert _issuers.intercepted("CN=no organisation", verified=True, known=["CN=No Organisation"]) is False
