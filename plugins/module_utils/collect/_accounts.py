# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: read what tenant attach needs to know of accounts, for hundreds of them at once."""

from __future__ import annotations

import typing as t

from .._errors import AnswerError, InvalidOptionError, TenantAttachError
from ..adminservice._options import Connection
from ..graph._answers import NO_PREMIUM
from ..graph._client import Request
from ..graph._options import connect
from ..https._odata import chunks, literal
from ..product import _forms, _tenant_names
from . import _account_facts, _grants
from ._graph_topics import GraphReading, GraphTopics
from ._people import People, Person

if t.TYPE_CHECKING:
    from ..graph._client import Graph
    from ..product._nouns import Account, EntraUser
from ._people import Rights

Json = dict[str, t.Any]
Errors = dict[str, TenantAttachError]

# Microsoft Graph takes no more values in one `in`.
_IN = 15
_USER = (
    "id,userPrincipalName,accountEnabled,userType,onPremisesSyncEnabled,onPremisesSecurityIdentifier,"
    "onPremisesSamAccountName,onPremisesDomainName,onPremisesLastSyncDateTime,onPremisesProvisioningErrors"
)
_FROM_USER = ("found", "synced", "sid")
_FROM_TENANT = ("global_administrator", "intune_licence", "intune_action")
_FROM_HIERARCHY = ("discovered_by", "configmgr_roles")
# By topic, the roles of Entra ID that have all rights in Intune.
_ROLES = {
    "global": ("Global Administrator", _tenant_names.GLOBAL_ADMINISTRATOR),
    "intune": ("Intune Administrator", _tenant_names.INTUNE_ADMINISTRATOR),
}
_STATES = {"active": "roleAssignments", "eligible": "roleEligibilityScheduleInstances"}
_ROLE_READINGS = {
    f"role {topic} {state}": GraphReading(
        Request(
            f"roleManagement/directory/{path}",
            {"$filter": f"roleDefinitionId eq '{number}'"},
            rights=(_tenant_names.ENTRA_ROLES,),
        ),
        # Without Microsoft Entra ID P2 there is no Privileged Identity Management: nobody is eligible.
        answers={NO_PREMIUM: []},
        whole=True,
    )
    for topic, (_name, number) in _ROLES.items()
    for state, path in _STATES.items()
}


def read_accounts(options: t.Mapping[str, t.Any]) -> Json:
    """Read the accounts that the options name. What cannot be read of one is named in its `errors`.

    Raises:
        InvalidOptionError: Options cannot work; raised before any call.
    """
    names = _wanted(options["accounts"])
    connection = Connection(options["hierarchy"]) if options["hierarchy"] else None
    graph = connect(options)
    client = connection.client() if connection else None
    try:
        accounts = _AccountsReader(graph, People(client) if client else None, names).accounts()
        return {"accounts": accounts, "requests": graph.requests}
    finally:
        graph.close()
        if client:
            client.close()


def _wanted(accounts: t.Sequence[str]) -> list[str]:
    """Return the accounts, each once: neither Entra ID nor Configuration Manager looks at their case."""
    names = [name.strip().lower() for name in accounts]
    for name in names:
        if not _forms.is_principal_name(name):
            raise InvalidOptionError(
                expected="each entry of option accounts to be a user principal name, such as opal.ferris@contoso.com",
                observed=repr(name),
                next_step="correct it, or leave it out",
            )
    return list(dict.fromkeys(names))


class _AccountsReader:
    """Reads some accounts. `_shared` holds, by field, why it cannot be told for any account."""

    def __init__(self, graph: Graph, people: People | None, names: t.Sequence[str]) -> None:
        self._topics = GraphTopics(graph)
        self._people = people
        self._names = names
        self._chunks = {f"users {number}": chunk for number, chunk in enumerate(chunks(names, _IN))}
        self._chunk_of = {name: topic for topic, chunk in self._chunks.items() for name in chunk}
        self._roles: list[_account_facts.EntraRole] = []
        self._grants: list[Json] = []
        self._groups: dict[str, str] = {}
        self._details: Json = {}
        self._shared: Errors = {}

    def accounts(self) -> list[Account]:
        """Return all accounts, in the order in which they were named."""
        sids = self._people.read_administrators() if self._people else {}
        first = self._first(sids)
        users = {
            str(row.get("userPrincipalName")).lower(): _account_facts.user(row)
            for topic in self._chunks
            for row in first[topic] or ()
        }
        self._details = self._read_details(users)
        self._roles = [
            _account_facts.EntraRole(name, first[f"role {topic} active"] or (), first[f"role {topic} eligible"] or ())
            for topic, (name, _number) in _ROLES.items()
        ]
        self._grants = _grants.read_grants(self._topics, first)
        self._groups = {logon: str(found[0].get("id")) for logon in sids if (found := first[f"administrators {logon}"])}
        # Of an account that the tenant does not have, the same questions have answers: it has nothing.
        rows = {name: users.get(name) or _account_facts.user({}) for name in self._names}
        known = {name: self._known(name, row) for name, row in rows.items()}
        if self._people:
            self._people.read_accounts(list(known.values()))
        self._shared = self._shared_errors()
        return [self._account(name, rows[name], known[name]) for name in self._names]

    # -- what is read ---------------------------------------------------------------------------------------------

    def _first(self, sids: t.Mapping[str, str]) -> Json:
        """Read everything that depends on nothing else. `sids` are those of groups of administrative users."""
        users = {
            topic: GraphReading(
                Request(
                    "users",
                    {"$filter": f"userPrincipalName in ({','.join(map(literal, chunk))})", "$select": _USER},
                    rights=(_tenant_names.USERS,),
                ),
                whole=True,
            )
            for topic, chunk in self._chunks.items()
        }
        groups = {
            f"administrators {logon}": GraphReading(
                Request(
                    "groups",
                    {"$filter": f"onPremisesSecurityIdentifier eq '{sid}'", "$select": "id"},
                    rights=(_tenant_names.GROUPS,),
                ),
                whole=True,
            )
            for logon, sid in sids.items()
        }
        wanted = {**users, **_ROLE_READINGS, **_grants.READINGS, **groups}
        return self._topics.read(wanted)

    def _read_details(self, users: t.Mapping[str, EntraUser]) -> Json:
        """Read the licences and the groups of all accounts that were found."""
        wanted: dict[str, GraphReading] = {}
        for name, row in users.items():
            path = f"users/{row['id']}"
            licences = Request(f"{path}/licenseDetails", rights=(_tenant_names.LICENCES,))
            groups = Request(
                f"{path}/getMemberGroups",
                method="POST",
                body={"securityEnabledOnly": True},
                rights=(_tenant_names.USERS, _tenant_names.GROUPS),
            )
            wanted[f"licences {name}"] = GraphReading(licences, whole=True)
            wanted[f"groups {name}"] = GraphReading(groups, whole=True)
        return self._topics.read(wanted)

    def _known(self, name: str, row: EntraUser) -> Person:
        groups = frozenset(str(each.get("value")) for each in self._details.get(f"groups {name}") or ())
        return Person(name, row["sid"], row["account_name"], groups)

    def _shared_errors(self) -> Errors:
        topics, people = self._topics, self._people.errors if self._people else {}
        found = {
            "global_administrator": topics.first_error("role global"),
            "intune_action": topics.first_error("role ", f"{_grants.TOPIC} "),
            "discovered_by": people.get("discovered"),
            "configmgr_roles": next(
                (people[topic] for topic in ("administrators", "discovered") if topic in people),
                topics.first_error("administrators "),
            ),
        }
        return {field: error for field, error in found.items() if error is not None}

    # -- what is said of one account ------------------------------------------------------------------------------

    def _account(self, name: str, row: EntraUser, known: Person) -> Account:
        error = self._topics.errors.get(self._chunk_of[name])
        if error is not None:
            fields = (*_FROM_USER, *_FROM_TENANT, *(_FROM_HIERARCHY if self._people else ()))
            return t.cast("Account", {"upn": name, "errors": dict.fromkeys(fields, error.as_dict())})
        rights = self._people.rights(known, self._groups) if self._people else None
        facts, errors = self._facts(name, row, known, rights), self._errors(name, rights)
        hidden = {*errors, *(("configmgr_via",) if "configmgr_roles" in errors else ())}
        told = {field: value for field, value in facts.items() if field not in hidden}
        whole = {
            "upn": name,
            "found": row["id"] is not None,
            **told,
            "errors": {field: error.as_dict() for field, error in errors.items()},
        }
        return t.cast("Account", whole)

    def _facts(self, name: str, row: EntraUser, known: Person, rights: Rights | None) -> Json:
        ids = {str(row["id"]), *known.groups}
        facts = {
            **row,
            "global_administrator": _account_facts.directory_role(ids, self._roles[0].active, self._roles[0].eligible),
            "intune_licence": _account_facts.intune_licence(self._details.get(f"licences {name}") or ()),
            "intune_action": _account_facts.intune_action(ids, self._roles, self._grants),
        }
        if self._people and rights:
            agents = sorted({agent for each in self._people.discovered(known) for agent in each.agents})
            facts |= {"discovered_by": agents, "configmgr_roles": rights.roles, "configmgr_via": rights.via}
        return facts

    def _errors(self, name: str, rights: Rights | None) -> Errors:
        errors = dict(self._shared)
        groups = self._topics.errors.get(f"groups {name}")
        if groups is not None:
            needing = ("global_administrator", "intune_action", *(("configmgr_roles",) if self._people else ()))
            errors = {**dict.fromkeys(needing, groups), **errors}
        licences = self._topics.errors.get(f"licences {name}")
        if licences is not None:
            errors["intune_licence"] = licences
        if rights and rights.unseen and not rights.via:
            errors.setdefault("configmgr_roles", _unseen(rights.unseen))
        return errors


def _unseen(groups: t.Sequence[str]) -> AnswerError:
    return AnswerError(
        expected=f"to tell whether the account is in {', '.join(groups)}",
        observed="Microsoft Entra ID does not know this group",
        where="administrative users that are groups",
        next_step="look in Active Directory who is in the group, synchronise it to Microsoft Entra ID, or make the "
        "account an administrative user itself",
    )
