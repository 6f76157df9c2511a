# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the error codes of Kerberos mean to a reader. PRIVATE to the collection.

Codes are read, never the texts that come with them: libraries word and translate those as they like.
"""

from __future__ import annotations

from dataclasses import dataclass

from .._errors import KerberosError
from ..https._failures import causes

# Where the error table of Kerberos begins; the numbers of RFC 4120 follow from there.
_BASE = -1765328384
_FILE_ERRORS = {2: "ENOENT", 13: "EACCES"}


@dataclass(frozen=True)
class Meaning:
    """What one or several codes mean. Texts may name {account} and {service}."""

    reason: str
    observed: str
    next_step: str


# What the KDC says of the account, RFC 4120 section 7.5.9.
_EXPIRED_ACCOUNT = Meaning(
    "account_expired",
    "the account {account} has expired",
    "move its end date in Active Directory, or use another account",
)
_UNKNOWN_ACCOUNT = Meaning(
    "unknown_account",
    "the domain does not know the account {account}",
    "check the name: user@REALM has the DNS name of the Active Directory domain as its realm, which may differ from "
    "the suffix of the user principal name",
)
_POLICY = Meaning(
    "policy",
    "a policy of the domain keeps {account} from signing in",
    "check its logon hours and the computers that it may log on to",
)
_ENCRYPTION = Meaning(
    "encryption",
    "no encryption type suits the account, the service and this machine",
    "let the account and the computer account of the service use AES (msDS-SupportedEncryptionTypes), and set the "
    "password again where it is older than that",
)
_DISABLED = Meaning(
    "account_disabled",
    "the account {account} is disabled or locked",
    "enable or unlock it in Active Directory; a locked account may have been tried with a wrong password",
)
_EXPIRED_PASSWORD = Meaning(
    "expired_password",
    "the password of {account} has expired, or must be changed at the next logon",
    "change the password, then give the new one; a keytab must then be made anew",
)
_REFUSED = Meaning(
    "wrong_password",
    "the domain refuses the password or key of {account}",
    "check the password; a keytab is out of date once the password of its account was changed",
)
# What is said of the service, and by it.
_UNKNOWN_SERVICE = Meaning(
    "unknown_service",
    "the domain does not know the service {service}",
    "give the real full name of the host, as its computer account has it: an alias has no service of its own; "
    "setspn -Q {service} on a Windows host shows who has it",
)
_WRONG_KEY = Meaning(
    "wrong_key",
    "the host cannot read the ticket for {service}: it was made for another account",
    "setspn -Q {service} must name the computer account of this host and nobody else: setspn -X finds duplicates; "
    "then check that the name leads to this host",
)
_TIME = Meaning(
    "clock_skew",
    "the clocks differ by more than Kerberos allows, which is five minutes by default",
    "set the time of the execution node, the domain controllers and the host of {service} by the same source (chronyc "
    "tracking, w32tm /query /status)",
)
EXPIRED_TICKET = Meaning(
    "expired_ticket",
    "the ticket has expired",
    "get a new one with kinit, or give a password or a keytab; if it is new, compare the clocks",
)
# What the libraries of this machine say.
_NO_REALM = Meaning(
    "no_realm",
    "no domain controller is known for the realm of {account}",
    "write user@REALM with the DNS name of the Active Directory domain; name the realm and its KDC in krb5.conf "
    "(KRB5_CONFIG), or let DNS find it (dns_lookup_kdc, records _kerberos._udp)",
)
_NO_ANSWER = Meaning(
    "kdc_unreachable",
    "no domain controller of the realm of {account} answers",
    "check that the execution node reaches port 88 (UDP and TCP) of the domain controllers that krb5.conf or DNS names",
)
_CONFIGURATION = Meaning(
    "configuration",
    "the configuration of Kerberos (krb5.conf) cannot be read",
    "check the file, and the variable KRB5_CONFIG",
)
KEYTAB = Meaning(
    "keytab",
    "the keytab cannot be read, or has no fitting key",
    "check option keytab: klist -ke shows what is in the file, and whoever runs the module must be able to read it",
)
CACHE = Meaning(
    "cache",
    "there is no cache of tickets that can be read",
    "run kinit as the user that runs the module, name the cache in option ccache or in KRB5CCNAME, or give a password "
    "or a keytab",
)
_UNPROVEN = Meaning(
    "unproven_service",
    "the host answers, and does not prove that it is {service}",
    "check that the name leads to the right host, and that nothing in between answers in its place",
)
_OTHER = Meaning(
    "other",
    "Kerberos failed",
    "try kinit and kvno on the execution node with KRB5_TRACE=/dev/stderr, and look the code up in MIT Kerberos",
)

# RFC 4120 names the first ones; the others are those of MIT Kerberos.
_CODES = {
    _BASE + number: (name, meaning)
    for number, name, meaning in (
        (1, "KDC_ERR_NAME_EXP", _EXPIRED_ACCOUNT),
        (6, "KDC_ERR_C_PRINCIPAL_UNKNOWN", _UNKNOWN_ACCOUNT),
        (7, "KDC_ERR_S_PRINCIPAL_UNKNOWN", _UNKNOWN_SERVICE),
        (12, "KDC_ERR_POLICY", _POLICY),
        (14, "KDC_ERR_ETYPE_NOSUPP", _ENCRYPTION),
        (18, "KDC_ERR_CLIENT_REVOKED", _DISABLED),
        (23, "KDC_ERR_KEY_EXPIRED", _EXPIRED_PASSWORD),
        (24, "KDC_ERR_PREAUTH_FAILED", _REFUSED),
        (31, "KRB_AP_ERR_BAD_INTEGRITY", _WRONG_KEY),
        (32, "KRB_AP_ERR_TKT_EXPIRED", EXPIRED_TICKET),
        (33, "KRB_AP_ERR_TKT_NYV", _TIME),
        (35, "KRB_AP_ERR_NOT_US", _WRONG_KEY),
        (37, "KRB_AP_ERR_SKEW", _TIME),
        (41, "KRB_AP_ERR_MODIFIED", _WRONG_KEY),
        (44, "KRB_AP_ERR_BADKEYVER", _WRONG_KEY),
        (45, "KRB_AP_ERR_NOKEY", _WRONG_KEY),
        (46, "KRB_AP_ERR_MUT_FAIL", _UNPROVEN),
        (135, "KRB5_CONFIG_CANTOPEN", _CONFIGURATION),
        (136, "KRB5_CONFIG_BADFORMAT", _CONFIGURATION),
        (139, "KRB5_CC_BADNAME", CACHE),
        (140, "KRB5_CC_UNKNOWN_TYPE", CACHE),
        (141, "KRB5_CC_NOTFOUND", CACHE),
        (144, "KRB5KRB_AP_WRONG_PRINC", _WRONG_KEY),
        (148, "KRB5_KDCREP_SKEW", _TIME),
        (154, "KRB5_REALM_UNKNOWN", _NO_REALM),
        (156, "KRB5_KDC_UNREACH", _NO_ANSWER),
        (158, "KRB5_MUTUAL_FAILED", _UNPROVEN),
        (179, "KRB5_KT_BADNAME", KEYTAB),
        (180, "KRB5_KT_UNKNOWN_TYPE", KEYTAB),
        (181, "KRB5_KT_NOTFOUND", KEYTAB),
        (184, "KRB5_KT_IOERR", KEYTAB),
        (193, "KRB5_CC_IO", CACHE),
        (194, "KRB5_FCC_PERM", CACHE),
        (195, "KRB5_FCC_NOFILE", CACHE),
        (199, "KRB5_CC_FORMAT", CACHE),
        (212, "KRB5_CCACHE_BADVNO", CACHE),
        (213, "KRB5_KEYTAB_BADVNO", KEYTAB),
        (217, "KRB5_ERR_HOST_REALM_UNKNOWN", _NO_REALM),
        (220, "KRB5_REALM_CANT_RESOLVE", _NO_REALM),
        (224, "KRB5_CONFIG_NODEFREALM", _NO_REALM),
        (235, "KRB5_KT_FORMAT", KEYTAB),
    )
}
REALM_UNKNOWN = _BASE + 154
_PREAUTHENTICATION_FAILED = _BASE + 24
_BAD_INTEGRITY = _BASE + 31


def code_of(exc: BaseException) -> int | None:
    """Return the code of Kerberos that an exception of krb5, gssapi or pyspnego carries, None where it has none."""
    for cause in causes(exc):
        # The first is krb5's. GSSAPI has it as its minor code, as an unsigned number, and pyspnego wraps both.
        for name in ("err_code", "min_code"):
            code = getattr(cause, name, None)
            if isinstance(code, int) and code:
                return code - 2**32 if code >= 2**31 else code
    return None


def explain(
    exc: Exception,
    *,
    account: str = "",
    service: str = "",
    where: str = "",
    files: Meaning | None = None,
) -> KerberosError:
    """Turn an exception of krb5, gssapi or pyspnego into an error of ours.

    Args:
        exc: The exception.
        account: Whom a ticket is asked for.
        service: The service that it is asked for; empty at the sign-in itself.
        where: The host, realm or file.
        files: What errors of the operating system mean: they come from the file that was being read.
    """
    code = code_of(exc)
    if code == _BAD_INTEGRITY and not service:
        # A domain that needs no preauthentication lets the client find out itself.
        code = _PREAUTHENTICATION_FAILED
    if code in _FILE_ERRORS and files is not None:
        name, meaning = _FILE_ERRORS[code], files
    elif code in _CODES:
        name, meaning = _CODES[code]
    else:
        number = code if code is not None else type(exc).__name__
        name, meaning = f"{number}: {str(exc)[:200]}", _OTHER
    return told(meaning, account=account, service=service, where=where, name=name)


def told(meaning: Meaning, *, account: str = "", service: str = "", where: str = "", name: str = "") -> KerberosError:
    """Return the error of a meaning."""
    words = {"account": account or "the account", "service": service or "the service"}
    return KerberosError(
        meaning.reason,
        expected=f"a Kerberos ticket for {service}" if service else f"a Kerberos ticket for {words['account']}",
        observed=meaning.observed.format(**words) + (f" ({name})" if name else ""),
        where=where,
        next_step=meaning.next_step.format(**words),
    )
