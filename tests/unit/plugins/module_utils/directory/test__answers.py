# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ldap
import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._answers import Step, failed, text
from ansible_collections.configmgr.tenant_attach.tests.unit.directory import refusal

STEP = Step("the thing to be done", "ldap://dc01.contoso.com:389/CN=x", ("the right",))


@pytest.mark.parametrize(
    ("kind", "becomes", "part"),
    [
        ("STRONG_AUTH_REQUIRED", "authentication", "auth=kerberos"),
        ("CONFIDENTIALITY_REQUIRED", "authentication", "auth=simple over TLS"),
        ("AUTH_UNKNOWN", "library", "libsasl2-modules-gssapi-mit"),
        ("INSUFFICIENT_ACCESS", "access_denied", "the right"),
        ("NO_SUCH_OBJECT", "not_found", "check the distinguished name"),
        ("INVALID_DN_SYNTAX", "option", "CN=CM01"),
        ("TIMEOUT", "connection", "timeout"),
        ("SERVER_DOWN", "connection", "firewall"),
        ("BUSY", "connection", "load"),
        ("SIZELIMIT_EXCEEDED", "service", "base_dn"),
        ("ADMINLIMIT_EXCEEDED", "service", "base_dn"),
        ("CONSTRAINT_VIOLATION", "service", "directory service's log"),
        ("UNWILLING_TO_PERFORM", "service", "directory service's log"),
    ],
)
def test_refusals(kind: str, becomes: str, part: str) -> None:
    error = failed(refusal(kind, "what the server\nsaid\0", 7), STEP)
    assert (error.kind, error.where) == (becomes, STEP.where)
    assert part in str(error)
    assert f"{kind.capitalize()} (what the server said)" in error.observed
    if becomes == "service":
        assert error.as_dict()["status"] == 7


@pytest.mark.parametrize(
    ("data", "observed"),
    [
        ("525", "does not exist"),
        ("52e", "user name or password is wrong"),
        ("52E", "user name or password is wrong"),
        ("530", "at this time"),
        ("531", "from this machine"),
        ("532", "password has expired"),
        ("533", "disabled"),
        ("701", "account has expired"),
        ("773", "must be changed first"),
        ("775", "locked"),
        ("999", "data 999"),
    ],
)
def test_refused_binds(data: str, observed: str) -> None:
    info = f"80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {data}, v1db1"
    error = failed(refusal("INVALID_CREDENTIALS", info), STEP)
    assert (error.kind, observed in error.observed) == ("authentication", True)


def test_refused_bind_without_a_reason() -> None:
    assert "Invalid_credentials" in failed(refusal("INVALID_CREDENTIALS"), STEP).observed


@pytest.mark.parametrize(
    ("info", "part"),
    [
        ("GSSAPI Error: (Server not found in Kerberos database)", "real full name"),
        ("GSSAPI Error: (No Kerberos credentials available)", "kinit"),
        ("GSSAPI Error: (Ticket expired)", "new ticket"),
        ("GSSAPI Error: (Clock skew too great)", "clocks"),
        ("GSSAPI Error: (Cannot contact any KDC for realm)", "krb5.conf"),
        ("something else", "klist"),
    ],
)
def test_failed_kerberos(info: str, part: str) -> None:
    error = failed(refusal("LOCAL_ERROR", info), STEP)
    assert (error.kind, part in error.next_step, info in error.observed) == ("authentication", True, True)


@pytest.mark.parametrize(
    ("info", "domain"),
    [
        ("Referral:\nldap://child.contoso.com/CN=x,DC=child,DC=contoso,DC=com", "child.contoso.com"),
        ("Referral:\nldaps://child.contoso.com:636/DC=child", "child.contoso.com"),
        ("", "another domain"),
    ],
)
def test_referrals_name_the_domain(info: str, domain: str) -> None:
    error = failed(refusal("REFERRAL", info), STEP)
    assert (error.kind, domain in error.next_step) == ("not_found", True)


@pytest.mark.parametrize(("error", "shown"), [(ldap.LDAPError("odd"), "odd"), (ldap.OPERATIONS_ERROR(), "")])
def test_text_of_odd_errors(error: Exception, shown: str) -> None:
    assert text(error) == shown
