# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.kerberos import _failures
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.kerberos._failures import code_of, explain

TEXT = "Ein Text in einer anderen Sprache"
ACCOUNT, SERVICE = "svc@CONTOSO.COM", "HTTP/cm01.contoso.com"
# The numbers of krb5.h, as MIT Kerberos publishes them.
CODES = {
    -1765328383: ("account_expired", "KDC_ERR_NAME_EXP"),
    -1765328378: ("unknown_account", "KDC_ERR_C_PRINCIPAL_UNKNOWN"),
    -1765328377: ("unknown_service", "KDC_ERR_S_PRINCIPAL_UNKNOWN"),
    -1765328372: ("policy", "KDC_ERR_POLICY"),
    -1765328370: ("encryption", "KDC_ERR_ETYPE_NOSUPP"),
    -1765328366: ("account_disabled", "KDC_ERR_CLIENT_REVOKED"),
    -1765328361: ("expired_password", "KDC_ERR_KEY_EXPIRED"),
    -1765328360: ("wrong_password", "KDC_ERR_PREAUTH_FAILED"),
    -1765328353: ("wrong_key", "KRB_AP_ERR_BAD_INTEGRITY"),
    -1765328352: ("expired_ticket", "KRB_AP_ERR_TKT_EXPIRED"),
    -1765328351: ("clock_skew", "KRB_AP_ERR_TKT_NYV"),
    -1765328349: ("wrong_key", "KRB_AP_ERR_NOT_US"),
    -1765328347: ("clock_skew", "KRB_AP_ERR_SKEW"),
    -1765328343: ("wrong_key", "KRB_AP_ERR_MODIFIED"),
    -1765328340: ("wrong_key", "KRB_AP_ERR_BADKEYVER"),
    -1765328339: ("wrong_key", "KRB_AP_ERR_NOKEY"),
    -1765328338: ("unproven_service", "KRB_AP_ERR_MUT_FAIL"),
    -1765328249: ("configuration", "KRB5_CONFIG_CANTOPEN"),
    -1765328248: ("configuration", "KRB5_CONFIG_BADFORMAT"),
    -1765328245: ("cache", "KRB5_CC_BADNAME"),
    -1765328244: ("cache", "KRB5_CC_UNKNOWN_TYPE"),
    -1765328243: ("cache", "KRB5_CC_NOTFOUND"),
    -1765328240: ("wrong_key", "KRB5KRB_AP_WRONG_PRINC"),
    -1765328236: ("clock_skew", "KRB5_KDCREP_SKEW"),
    -1765328230: ("no_realm", "KRB5_REALM_UNKNOWN"),
    -1765328228: ("kdc_unreachable", "KRB5_KDC_UNREACH"),
    -1765328226: ("unproven_service", "KRB5_MUTUAL_FAILED"),
    -1765328205: ("keytab", "KRB5_KT_BADNAME"),
    -1765328204: ("keytab", "KRB5_KT_UNKNOWN_TYPE"),
    -1765328203: ("keytab", "KRB5_KT_NOTFOUND"),
    -1765328200: ("keytab", "KRB5_KT_IOERR"),
    -1765328191: ("cache", "KRB5_CC_IO"),
    -1765328190: ("cache", "KRB5_FCC_PERM"),
    -1765328189: ("cache", "KRB5_FCC_NOFILE"),
    -1765328185: ("cache", "KRB5_CC_FORMAT"),
    -1765328172: ("cache", "KRB5_CCACHE_BADVNO"),
    -1765328171: ("keytab", "KRB5_KEYTAB_BADVNO"),
    -1765328167: ("no_realm", "KRB5_ERR_HOST_REALM_UNKNOWN"),
    -1765328164: ("no_realm", "KRB5_REALM_CANT_RESOLVE"),
    -1765328160: ("no_realm", "KRB5_CONFIG_NODEFREALM"),
    -1765328149: ("keytab", "KRB5_KT_FORMAT"),
}


class Krb5Error(Exception):
    """As the package krb5 raises it."""

    def __init__(self, code: int) -> None:
        super().__init__(TEXT)
        self.err_code = code


class GssError(Exception):
    """As the package gssapi raises it: the code is the minor one, without its sign."""

    def __init__(self, code: int) -> None:
        super().__init__(TEXT)
        self.maj_code, self.min_code = 851968, code % 2**32


class WrappedError(Exception):
    """As pyspnego raises it, around one of GSSAPI."""


def wrapped(code: int) -> WrappedError:
    error = WrappedError(TEXT)
    error.__cause__ = GssError(code)
    return error


def test_all_codes_are_in_the_table() -> None:
    assert CODES.keys() == _failures._CODES.keys()


@pytest.mark.parametrize("kind", [Krb5Error, GssError, wrapped])
@pytest.mark.parametrize("code", CODES)
def test_the_code_tells_and_not_the_text(kind: type[Exception], code: int) -> None:
    reason, name = CODES[code]
    error = explain(kind(code), account=ACCOUNT, service=SERVICE, where="cm01.contoso.com")
    assert error.reason == reason
    assert error.observed.endswith(f" ({name})")
    assert error.expected == f"a Kerberos ticket for {SERVICE}"
    assert error.where == "cm01.contoso.com"
    assert error.next_step
    assert TEXT not in str(error)
    assert "{" not in str(error)


def test_every_reason_has_words_of_its_own() -> None:
    told = {explain(Krb5Error(code)).observed.rpartition(" (")[0]: reason for code, (reason, _name) in CODES.items()}
    assert len(told) == len({reason for reason, _name in CODES.values()})


def test_messages_name_account_service_and_what_to_do() -> None:
    def told(code: int) -> str:
        return str(explain(Krb5Error(code), account=ACCOUNT, service=SERVICE))

    assert f"password or key of {ACCOUNT}" in told(-1765328360)
    assert f"setspn -Q {SERVICE}" in told(-1765328377)
    assert "set the time" in told(-1765328347)
    assert "change the password" in told(-1765328361)
    assert "an alias has no service of its own" in told(-1765328377)


def test_at_the_sign_in_a_password_that_decrypts_nothing_is_a_wrong_one() -> None:
    error = explain(Krb5Error(-1765328353), account=ACCOUNT)
    assert (error.reason, error.expected) == ("wrong_password", f"a Kerberos ticket for {ACCOUNT}")


@pytest.mark.parametrize(("code", "name"), [(2, "ENOENT"), (13, "EACCES")])
def test_errors_of_the_system_belong_to_the_file_that_was_read(code: int, name: str) -> None:
    error = explain(Krb5Error(code), where="/etc/svc.keytab", files=_failures.KEYTAB)
    assert (error.reason, error.where) == ("keytab", "/etc/svc.keytab")
    assert error.observed.endswith(f"({name})")
    assert explain(Krb5Error(code)).reason == "other"


@pytest.mark.parametrize("exc", [Krb5Error(-1765328000), ValueError("no code"), GssError(0)])
def test_what_is_not_known_is_told_as_it_is(exc: Exception) -> None:
    error = explain(exc, service=SERVICE)
    assert error.reason == "other"
    assert str(exc) in error.observed
    assert "KRB5_TRACE" in error.next_step


def test_codes_are_found_below_other_exceptions() -> None:
    assert code_of(wrapped(-1765328377)) == -1765328377
    assert code_of(GssError(100001)) == 100001
    assert code_of(ValueError("x")) is None
