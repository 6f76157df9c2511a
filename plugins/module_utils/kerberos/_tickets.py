# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kerberos tickets from a password, a keytab or a cache, for whatever service. PRIVATE to the collection.

Tickets are kept in a cache in the memory of this process. A cache of the user's is read and never written: the tickets
of services that libraries would add to it go to the copy.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import threading
import typing as t
import weakref
from dataclasses import dataclass
from datetime import UTC, datetime

from .._errors import InvalidOptionError, KerberosError, MissingLibraryError
from ._failures import CACHE, EXPIRED_TICKET, KEYTAB, REALM_UNKNOWN, Meaning, code_of, explain, told

try:
    import gssapi
    import krb5
    from gssapi.raw.misc import GSSError

    # Errors that come with a token for the other side would else be kept back until the next step, and get lost.
    gssapi.SecurityContext.__DEFER_STEP_ERRORS__ = False  # type: ignore[attr-defined]  # Its metaclass has it.
    HAS_KERBEROS = True
except (ImportError, OSError):  # An optional extra, and OSError where its shared libraries are missing.
    HAS_KERBEROS = False

_SEVERAL = Meaning(
    KEYTAB.reason,
    "the keytab holds keys of several accounts, or of none",
    "set username to the account that klist -ke shows",
)
_NO_KEY = Meaning(KEYTAB.reason, "the keytab has no key for {account}", KEYTAB.next_step)
_OTHER_ACCOUNT = Meaning(
    CACHE.reason,
    "the cache holds tickets of another account than {account}",
    "leave username out, or name the cache of this account in ccache",
)
_NO_TICKET = Meaning(CACHE.reason, "the cache holds no ticket to get others with", CACHE.next_step)


def require_full_name(host: str, option: str, service: str) -> None:
    """Refuse an address or a short name: no service in Active Directory is found by it.

    Raises:
        InvalidOptionError: The host is given by one.
    """
    try:
        ipaddress.ip_address(host)
        kind = "an address"
    except ValueError:
        kind = "" if "." in host.strip(".") else "a short name"
    if kind:
        raise InvalidOptionError(
            expected=f"option {option} to be the full name of the host, which Kerberos needs for the service {service}",
            observed=f"{kind}, {host}, for which Windows would fall back to NTLM",
            where=option,
            next_step="give the fully qualified domain name that the computer has in Active Directory, such as "
            "cm01.contoso.com; option connect_to gives the name another address where DNS does not know it",
        )


@dataclass(frozen=True, repr=False)
class TicketSource:
    r"""Whose ticket, and where it comes from. Has no repr: it holds a secret.

    Attributes:
        username: `user@REALM`, `DOMAIN\user`, or `user` in the default realm of krb5.conf.
        password: Gets a ticket for username.
        keytab: File with the keys of username, or of one account only.
        ccache: Cache of tickets, as KRB5CCNAME names one, which counts without any of these.
    """

    username: str | None = None
    password: str | None = None
    keytab: str | None = None
    ccache: str | None = None

    def check(self) -> None:
        """Refuse combinations that cannot work, before any call.

        Raises:
            InvalidOptionError: There is more than one source.
        """
        given = [name for name in ("password", "keytab", "ccache") if getattr(self, name)]
        if len(given) > 1:
            raise InvalidOptionError(
                expected="one of the options password, keytab and ccache",
                observed=" and ".join(given),
                next_step="leave all but one out; their environment variables count as well",
            )

    @property
    def account(self) -> str:
        """How the account is called in messages."""
        return self.username or f"the account of the {'keytab' if self.keytab else 'cache'}"


@dataclass(frozen=True)
class _Name:
    """A principal to try. An enterprise name is looked up by the KDC of the default realm, as Windows does it."""

    text: str
    enterprise: bool = False

    def principal(self, context: t.Any) -> t.Any:
        kinds = krb5.PrincipalParseFlags
        return krb5.parse_name_flags(context, self.text.encode(), kinds.enterprise if self.enterprise else kinds.none)


def names_of(username: str) -> tuple[_Name, ...]:
    """Return the principals that a user name may mean, in the order in which to try them.

    Realms of Active Directory are domain names in capitals. What stands behind the at sign may also be the suffix of a
    user principal name, and what stands before the backslash the NetBIOS name of a domain: the KDC knows these.
    """
    domain, backslash, user = username.rpartition("\\")
    if not backslash:
        user, _at, domain = username.partition("@")
    if not domain:
        return (_Name(user),)
    enterprise = _Name(f"{user}@{domain}", enterprise=True)
    return (_Name(f"{user}@{domain.upper()}"), enterprise) if "." in domain else (enterprise,)


class Tickets:
    """The tickets of one task. It signs in once, for all services and threads: wrong passwords lock accounts."""

    def __init__(self, source: TicketSource) -> None:
        self.source = source
        self._lock = threading.Lock()
        self._cache: str | None = None
        self._failure: KerberosError | None = None

    def for_service(self, service: str, host: str) -> str:
        """Get a ticket for a service, and return the name of the private cache that holds it.

        Raises:
            KerberosError: There is none.
            MissingLibraryError: The libraries are not installed.
        """
        name = f"{service}/{host}"
        if not HAS_KERBEROS:
            raise MissingLibraryError(
                expected="the Python libraries gssapi and krb5 on the execution node, for Kerberos",
                observed="they cannot be imported",
                where=name,
                next_step="install requirements-kerberos.txt and its system packages (bindep.txt)",
            )
        cache = self._signed_in()
        try:
            mechanism = gssapi.MechType.kerberos
            credentials = gssapi.Credentials(usage="initiate", store={"ccache": cache}, mechs=[mechanism])
            target = gssapi.Name(f"{service}@{host}", gssapi.NameType.hostbased_service)
            # Its token is not used. What counts is that the ticket for it is in the cache, or why it is not.
            gssapi.SecurityContext(name=target, creds=credentials, mech=mechanism, usage="initiate").step()
        except GSSError as exc:
            error = explain(exc, account=self.source.account, service=name, where=host)
            raise _with_alias(error, host) from exc
        return cache

    def _signed_in(self) -> str:
        with self._lock:
            if self._failure is not None:
                raise self._failure
            if self._cache is None:
                try:
                    self._cache = self._sign_in()
                except KerberosError as exc:
                    self._failure = exc
                    raise
            return self._cache

    def _sign_in(self) -> str:
        source = self.source
        files = KEYTAB if source.keytab else CACHE
        where = source.keytab or source.ccache or os.environ.get("KRB5CCNAME") or "the default cache"
        if source.password:
            where = names_of(source.username or "")[0].text.partition("@")[2] or "the default realm of krb5.conf"
        try:
            context = krb5.init_context()
            if source.password:
                kept = self._from_password(context)
            elif source.keytab:
                kept = self._from_keytab(context)
            else:
                kept = self._from_cache(context)
            private = krb5.cc_new_unique(context, b"MEMORY")
            weakref.finalize(self, krb5.cc_destroy, context, private)
            krb5.cc_initialize(context, private, kept[0].client)
            for credential in kept:
                krb5.cc_store_cred(context, private, credential)
        except krb5.Krb5Error as exc:
            raise explain(exc, account=source.account, where=where, files=files) from exc
        return _text(private)

    def _from_password(self, context: t.Any) -> list[t.Any]:
        password = (self.source.password or "").encode("utf-8", errors="replace")

        def ask(name: _Name) -> list[t.Any]:
            principal = name.principal(context)
            return [krb5.get_init_creds_password(context, principal, _options(context), password=password)]

        *others, last = names_of(self.source.username or "")
        for name in others:
            try:
                return ask(name)
            except krb5.Krb5Error as exc:
                # Nothing was sent, and the next name may do: what stands behind the at sign is no realm.
                if code_of(exc) != REALM_UNKNOWN:
                    raise
        return ask(last)

    def _from_keytab(self, context: t.Any) -> list[t.Any]:
        path = str(self.source.keytab)
        keytab = krb5.kt_resolve(context, f"FILE:{path}".encode())
        names = list(dict.fromkeys(str(entry.principal) for entry in keytab))
        if self.source.username:
            wanted = names_of(self.source.username)[0].text
            found = [name for name in names if _same(name, wanted)]
        else:
            # Computers have the keys of their services in it, too, and those cannot sign in.
            found = [name for name in names if "/" not in name.partition("@")[0]]
        if len(found) != 1:
            meaning = _NO_KEY if self.source.username else _SEVERAL
            raise told(meaning, account=self.source.account, where=path, name=f"it has {', '.join(names) or 'none'}")
        principal = krb5.parse_name_flags(context, found[0].encode())
        return [krb5.get_init_creds_keytab(context, principal, _options(context), keytab=keytab)]

    def _from_cache(self, context: t.Any) -> list[t.Any]:
        source = self.source
        wanted = names_of(source.username)[0] if source.username else None
        if source.ccache:
            cache = krb5.cc_resolve(context, source.ccache.encode())
        elif wanted and not wanted.enterprise:
            # The default may be a collection of caches, for several accounts.
            cache = krb5.cc_cache_match(context, wanted.principal(context))
        else:
            cache = krb5.cc_default(context)
        where = _text(cache)
        owner = str(cache.principal)
        if wanted and not _same(owner, wanted.text):
            raise told(_OTHER_ACCOUNT, account=source.account, where=where, name=f"it is that of {owner}")
        kept = list(cache)
        ends = [credential.times.endtime for credential in kept if str(credential.server).startswith("krbtgt/")]
        if not ends:
            raise told(_NO_TICKET, account=source.account, where=where)
        if max(ends) <= krb5.timeofday(context):
            end = datetime.fromtimestamp(max(ends), UTC).isoformat()
            raise told(EXPIRED_TICKET, account=source.account, where=where, name=f"it ended at {end}")
        return kept


def _options(context: t.Any) -> t.Any:
    options = krb5.get_init_creds_opt_alloc(context)
    # Active Directory may know the account by another name, and then says so.
    krb5.get_init_creds_opt_set_canonicalize(options, True)
    krb5.get_init_creds_opt_set_forwardable(options, False)
    return options


def _text(cache: t.Any) -> str:
    return f"{cache.cache_type.decode()}:{cache.name.decode()}"


def _same(principal: str, wanted: str) -> bool:
    """Tell whether a principal is the one that is wanted. Case does not count in Active Directory."""
    user, _at, realm = principal.lower().partition("@")
    wanted_user, _at, wanted_realm = wanted.lower().partition("@")
    # The NetBIOS name of a domain is not to be compared with a realm.
    return user == wanted_user and ("." not in wanted_realm or realm == wanted_realm)


def _with_alias(error: KerberosError, host: str) -> KerberosError:
    """Name the host behind an alias. DNS is asked only once the KDC does not know the service: hosts files mislead."""
    real = canonical_name(host) if error.reason == "unknown_service" else None
    if real is not None:
        error.observed += f"; DNS has {host} as an alias of {real}"
        error.next_step = f"give {real} in place of {host}, if that is the host's real name; {error.next_step}"
    return error


def canonical_name(host: str) -> str | None:
    """Return the name that DNS has a name as an alias of, None where it is none, or does not resolve."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_CANONNAME)
    except (OSError, UnicodeError):
        return None
    real = found[0][3].rstrip(".")
    return real if real and real.lower() != host.lower().rstrip(".") else None
