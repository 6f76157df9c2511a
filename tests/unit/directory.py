# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted exchange with a domain controller: what is asked, in which order, and what is answered.

It takes the place of python-ldap's connection. All code of the collection above it runs for real.
"""

from __future__ import annotations

import struct
import typing as t
from collections import deque
from dataclasses import dataclass, field

import ldap
import ldap.controls

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._deadline import Deadline
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._domain import Domain
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._lookup import Lookup
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._server import Server
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._session import Session

BASE = "DC=contoso,DC=com"
CONFIGURATION = f"CN=Configuration,{BASE}"
HOST = "dc01.contoso.com"
DOMAIN_SID = "S-1-5-21-1004336348-1177238915-682003330"
DOMAIN = Domain("contoso.com", "CONTOSO", BASE, HOST, ("child.contoso.com", "fabrikam.com"))
ANY = "(objectClass=*)"
Attributes = t.Mapping[str, t.Sequence[str | bytes]]


def raw_sid(text: str) -> bytes:
    """The bytes of a SID."""
    authority, *parts = (int(part) for part in text.split("-")[2:])
    return struct.pack(">BBHI", 1, len(parts), 0, authority) + struct.pack(f"<{len(parts)}I", *parts)


class Row(t.NamedTuple):
    """An object in an answer."""

    dn: str
    attributes: Attributes


def refusal(kind: str, info: str = "", result: int = 1) -> Exception:
    """What python-ldap raises when the server refuses."""
    error: Exception = getattr(ldap, kind)({"result": result, "desc": kind.capitalize(), "info": info, "ctrls": []})
    return error


@dataclass(frozen=True)
class Search:
    """A search that is expected, and its answer: `pages` of rows, or an error.

    A base search has the condition of any object; `deep` ones are those in pages.
    """

    base: str
    condition: str = ANY
    rows: t.Sequence[Row] = ()
    deep: bool = False
    error: Exception | None = None
    cookie: bytes = b""
    attributes: t.Sequence[str] | None = None


@dataclass(frozen=True)
class Modify:
    """A change that is expected, and how it ends."""

    dn: str
    changes: t.Sequence[tuple[str, str, t.Sequence[str]]]
    error: Exception | None = None


@dataclass
class Connection:
    """The connection: it takes what the script has next, and refuses everything else."""

    script: deque[Search | Modify]
    binding: Exception | None = None
    closing: Exception | None = None
    options: dict[int, t.Any] = field(default_factory=dict)
    signed_in: list[t.Any] = field(default_factory=list)
    cookies: list[bytes] = field(default_factory=list)
    closed: bool = False
    url: str = ""

    def set_option(self, name: int, value: t.Any) -> None:
        self.options[name] = value

    def start_tls_s(self) -> None:
        self._bound("start_tls")

    def simple_bind_s(self, username: str, password: str) -> None:
        self._bound((username, password))

    def sasl_interactive_bind_s(self, _who: str, auth: t.Any) -> None:
        self._bound(auth.mech)

    def unbind_s(self) -> None:
        self.closed = True
        if self.closing:
            raise self.closing

    def search_ext(
        self, base: str, scope: int, condition: str, attributes: list[str], *, serverctrls: list[t.Any], timeout: float
    ) -> Search:
        assert timeout > 0
        call = self._next(Search, f"search {base} {condition}")
        assert (base, condition) == (call.base, call.condition)
        assert scope == (ldap.SCOPE_SUBTREE if call.deep else ldap.SCOPE_BASE)
        assert call.attributes is None or list(call.attributes) == attributes
        self.cookies += [control.cookie for control in serverctrls if hasattr(control, "cookie")]
        if isinstance(call.error, ldap.SERVER_DOWN):
            raise call.error
        return call

    def result3(self, call: Search, *, timeout: float) -> tuple[int, list[t.Any], int, list[t.Any]]:
        assert timeout > 0
        if call.error:
            raise call.error
        rows: list[t.Any] = [
            (
                row.dn,
                {
                    name: [value.encode() if isinstance(value, str) else value for value in values]
                    for name, values in row.attributes.items()
                },
            )
            for row in call.rows
        ]
        # As every answer to a search of the whole domain has it.
        rows += [(None, [f"ldap://contoso.com/{CONFIGURATION}"])] if call.deep else []
        controls = [ldap.controls.SimplePagedResultsControl(True, 0, call.cookie)] if call.deep else []
        return 101, rows, 1, controls

    def modify_ext_s(self, dn: str, changes: list[tuple[int, str, list[bytes]]]) -> None:
        call = self._next(Modify, f"modify {dn} {changes}")
        names = {ldap.MOD_ADD: "add", ldap.MOD_DELETE: "delete"}
        asked = [(names[how], name, [value.decode() for value in values]) for how, name, values in changes]
        assert (dn, asked) == (call.dn, [(how, name, list(values)) for how, name, values in call.changes])
        if call.error:
            raise call.error

    def _bound(self, how: t.Any) -> None:
        self.signed_in.append(how)
        if self.binding:
            raise self.binding

    def _next(self, kind: t.Any, asked: str) -> t.Any:
        assert self.script, f"asked for {asked}, and the script is at its end"
        assert isinstance(self.script[0], kind), f"asked for {asked}, the script has {self.script[0]}"
        return self.script.popleft()


def opening(*others: str, base: str = BASE, netbios: str = "CONTOSO") -> list[Search]:
    """What every module asks first: the domain, and those beside it."""
    root = {"defaultNamingContext": [base], "configurationNamingContext": [CONFIGURATION], "dnsHostName": [HOST]}
    domains = {
        BASE: netbios,
        **{f"DC={name.replace('.', ',DC=')}": name.split(".", maxsplit=1)[0].upper() for name in others},
    }
    partitions = [
        Row(f"CN={short},CN=Partitions", {"nCName": [name], "nETBIOSName": [short]}) for name, short in domains.items()
    ]
    return [
        Search("", rows=[Row("", root)]),
        Search(f"CN=Partitions,{CONFIGURATION}", "(nETBIOSName=*)", partitions, deep=True),
    ]


def computer(name: str, number: int = 1104, **attributes: t.Sequence[str | bytes]) -> Row:
    """A computer, as a search shows it."""
    usual: dict[str, t.Sequence[str | bytes]] = {
        "objectClass": ["top", "person", "user", "computer"],
        "objectSid": [raw_sid(f"{DOMAIN_SID}-{number}")],
        "sAMAccountName": [f"{name}$"],
        "dNSHostName": [f"{name}.contoso.com"],
        "userAccountControl": ["4096"],
    }
    return Row(f"CN={name},CN=Computers,{BASE}", {**usual, **attributes})


def token(row: Row, *sids: str) -> Search:
    """The question for the groups of an object, and the answer."""
    rows = [Row(row.dn, {"tokenGroups": [raw_sid(each) for each in sids]})]
    return Search(row.dn, rows=rows, attributes=["tokenGroups"])


def session(*script: Search | Modify, seconds: float = 60) -> tuple[Session, Connection]:
    """A session that is open already."""
    connection = Connection(deque(script))
    return Session(connection, Server(HOST, 389, "none"), 30, Deadline(seconds)), connection


def lookup(*script: Search | Modify) -> tuple[Lookup, Connection]:
    """What finds objects in the domain."""
    opened, connection = session(*script)
    return Lookup(opened, DOMAIN), connection
