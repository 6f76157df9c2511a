# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds computers, groups, members and services by the names that people give them. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from functools import partial

from .._errors import ContradictionError, NotFoundError, TenantAttachError
from ..product._forms import is_sid

if t.TYPE_CHECKING:
    from ._domain import Domain
    from ._session import Entry, Session

# Names in one search: a filter has to fit into what domain controllers take.
CHUNK = 50
COMPUTER = (
    "objectClass",
    "objectSid",
    "sAMAccountName",
    "dNSHostName",
    "userAccountControl",
    "msDS-AllowedToDelegateTo",
    "servicePrincipalName",
)
ACCOUNT = ("objectClass", "objectSid", "sAMAccountName", "dNSHostName")
Found = t.Union["Entry", TenantAttachError]
_ESCAPED = {ord(char): f"\\{ord(char):02x}" for char in "\\*()\0"}


def escape(text: str) -> str:
    """Return a text as it stands for itself in a filter (RFC 4515)."""
    return text.translate(_ESCAPED)


class Lookup:
    """Finds objects in one domain."""

    def __init__(self, session: Session, domain: Domain) -> None:
        self._session = session
        self.domain = domain

    def computer(self, name: str) -> Entry:
        """Return a computer by its DNS name, account name, or distinguished name.

        Raises:
            TenantAttachError: There is none, or there are several.
        """
        found = self.computers([name])[name]
        if isinstance(found, TenantAttachError):
            raise found
        return found

    def computers(self, names: t.Sequence[str]) -> dict[str, Found]:
        """Return the computers of some names, each with its own error where it has one."""
        found: dict[str, Found] = {}
        plain: list[str] = []
        for name in names:
            if _is_dn(name):
                found[name] = _guarded(partial(self._named, name, "computer", COMPUTER))
            else:
                plain.append(name)
        for chunk in _chunks(plain):
            found |= self._computers(chunk)
        return found

    def services(self, names: t.Sequence[str]) -> dict[str, list[str] | TenantAttachError]:
        """Return the accounts that have each of some service names; no account is an answer, too."""
        found: dict[str, list[str] | TenantAttachError] = {}
        for chunk in _chunks(names):
            condition = _any_of(f"(servicePrincipalName={escape(name)})" for name in chunk)
            try:
                rows = self._search(condition, ("sAMAccountName", "servicePrincipalName"))
            except TenantAttachError as exc:
                found |= dict.fromkeys(chunk, exc)
                continue
            for name in chunk:
                owners = [row for row in rows if name.casefold() in _folded(row.texts("servicePrincipalName"))]
                found[name] = sorted(self.account(row) for row in owners)
        return found

    def group(self, name: str) -> Entry:
        """Return a group by its SID, distinguished name, or name.

        Raises:
            TenantAttachError: There is none, or there are several.
        """
        plain = self._own(name)
        if is_sid(plain) or _is_dn(plain):
            return self._named(plain, "group", ACCOUNT)
        text = escape(plain)
        rows = self._search(f"(&(objectClass=group)(|(sAMAccountName={text})(cn={text})))", ACCOUNT)
        return self._only(rows, name, "group")

    def member(self, name: str) -> Entry:
        """Return what can be in a group, by its SID, distinguished name, account name, or a computer's DNS name.

        Raises:
            TenantAttachError: There is none, or there are several.
        """
        plain = self._own(name)
        if is_sid(plain) or _is_dn(plain):
            return self._named(plain, "", ACCOUNT)
        if "." in plain:
            return self.computer(plain)
        text = escape(plain)
        # The name of a computer's account ends with a dollar sign that people leave out.
        names = f"(|(sAMAccountName={text})(&(objectClass=computer)(sAMAccountName={text}$)))"
        return self._only(self._search(f"(&(objectSid=*){names})", ACCOUNT), name, "account")

    def account(self, entry: Entry) -> str:
        """Return the name of an account with its domain before it."""
        return f"{self.domain.netbios}\\{entry.text('sAMAccountName')}"

    def _computers(self, names: t.Sequence[str]) -> dict[str, Found]:
        found: dict[str, Found] = {}
        wanted: dict[str, tuple[str, str]] = {}
        for name in names:
            plain = _guarded(partial(self._own, name))
            if isinstance(plain, TenantAttachError):
                found[name] = plain
            else:
                wanted[name] = self._account_of(plain)
        if not wanted:
            return found
        conditions = []
        for dns, account in wanted.values():
            by_account = f"(sAMAccountName={escape(account)})"
            # Where the object has no DNS name, its account name and the domain stand for it.
            by_account = f"(&(!(dNSHostName=*)){by_account})" if dns and account else by_account
            conditions.append((f"(dNSHostName={escape(dns)})" if dns else "") + (by_account if account else ""))
        try:
            rows = self._search(f"(&(objectClass=computer){_any_of(conditions)})", COMPUTER)
        except TenantAttachError as exc:
            return found | dict.fromkeys(wanted, exc)
        for name, (dns, account) in wanted.items():
            fitting = [row for row in rows if _fits(row, dns, account)]
            found[name] = _guarded(partial(self._only, fitting, name, "computer"))
        return found

    def _account_of(self, name: str) -> tuple[str, str]:
        """Return the DNS name and the account name that a computer is to have; an empty one does not count."""
        host, dot, domain = name.rstrip(".").partition(".")
        if not dot:
            return "", f"{name.rstrip('$')}$"
        return name.rstrip("."), f"{host}$" if domain.lower() == self.domain.dns else ""

    def _own(self, name: str) -> str:
        """Return a name without the domain before it."""
        short, backslash, rest = name.strip().partition("\\")
        if not backslash or _is_dn(name):
            return name.strip()
        if short.casefold() not in {self.domain.netbios.casefold(), "builtin"}:
            raise self._elsewhere(name, short)
        return rest

    def _named(self, name: str, kind: str, attributes: t.Sequence[str]) -> Entry:
        """Return an object by its SID or distinguished name."""
        if not is_sid(name) and (other := self.domain.foreign(name)):
            raise self._elsewhere(name, other)
        condition = f"(objectClass={kind})" if kind else "(objectSid=*)"
        entry = self._session.read(f"<SID={name}>" if is_sid(name) else name, attributes, condition=condition)
        return self._only([entry] if entry else [], name, kind or "account")

    def _search(self, condition: str, attributes: t.Sequence[str]) -> list[Entry]:
        return self._session.search(self.domain.base_dn, condition, attributes)

    def _only(self, rows: t.Sequence[Entry], name: str, kind: str) -> Entry:
        if len(rows) == 1:
            return rows[0]
        if rows:
            raise ContradictionError(
                expected=f"exactly one {kind} {name}",
                observed=f"there are {len(rows)}: {'; '.join(row.dn for row in rows)}",
                where=f"{self._session.server.url}/{self.domain.base_dn}",
                next_step="name the one that is meant by its distinguished name",
            )
        if not _is_dn(name) and not is_sid(name) and (other := self.domain.foreign(name)):
            raise self._elsewhere(name, other)
        raise NotFoundError(
            expected=f"a {kind} {name} in the domain {self.domain.dns}",
            observed="there is none, or the account may not see it",
            where=f"{self._session.server.url}/{self.domain.base_dn}",
            next_step=f"check the name, and option base_dn{self._beside()}",
        )

    def _beside(self) -> str:
        if not self.domain.others:
            return ""
        return f"; the forest has other domains ({', '.join(self.domain.others)}), each with servers of its own"

    def _elsewhere(self, name: str, domain: str) -> NotFoundError:
        return NotFoundError(
            expected=f"{name} to be in the domain of the server, {self.domain.dns}",
            observed=f"it belongs to the domain {domain}",
            where=self._session.server.url,
            next_step=f"name a domain controller of {domain} in option server: one session serves one domain",
        )


Result = t.TypeVar("Result")


def _guarded(work: t.Callable[[], Result]) -> Result | TenantAttachError:
    try:
        return work()
    except TenantAttachError as exc:
        return exc


def _is_dn(name: str) -> bool:
    return "=" in name


def _fits(row: Entry, dns: str, account: str) -> bool:
    host = row.text("dNSHostName").casefold()
    if dns and host:
        return host == dns.casefold()
    return bool(account) and row.text("sAMAccountName").casefold() == account.casefold()


def _folded(values: t.Iterable[str]) -> set[str]:
    return {value.casefold() for value in values}


def _any_of(conditions: t.Iterable[str]) -> str:
    return f"(|{''.join(conditions)})"


def _chunks(names: t.Sequence[str]) -> t.Iterator[t.Sequence[str]]:
    for start in range(0, len(names), CHUNK):
        end = start + CHUNK
        yield names[start:end]
