# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The directory: users, groups, applications, subscriptions, and the roles of Entra ID."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from . import kinds, permissions
from .calls import Call, RefusalError, Reply, bad_request, not_found
from .common import Cloud
from .query import Kind, Paging, answer_list, answer_single, context
from .store import Row, Store

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MAX_CHECKED_GROUPS = 20


class Directory:
    """Answers requests for the objects of the directory."""

    def __init__(self, cloud: Cloud, store: Store) -> None:
        self._cloud, self._tenant, self._store = cloud, cloud.tenant, store

    @property
    def paging(self) -> Paging:
        """How lists are cut into pages."""
        return Paging(self._cloud.graph_url, self._tenant.page_size)

    # -- the tenant itself ----------------------------------------------------------------------------------------

    def organizations(self, call: Call) -> Reply:
        """The list, which knows nothing of Intune."""
        row = {**self._store.organization(), "mobileDeviceManagementAuthority": None}
        return answer_list(call, kinds.ORGANIZATION, [row], "organization", self.paging)

    def organization(self, call: Call, key: str) -> Reply:
        """The one organization, with the MDM authority where $select names it."""
        wanted = call.words("$select")
        if "mobileDeviceManagementAuthority" in wanted:
            permissions.MDM_AUTHORITY.check(call)
        if set(wanted) - {"id", "mobileDeviceManagementAuthority"} or not wanted:
            permissions.ORGANIZATION.check(call)
        if key.lower() != self._tenant.id:
            raise not_found(key)
        row = self._store.organization()
        if not self._tenant.intune:
            row["mobileDeviceManagementAuthority"] = "unknown"
        return answer_single(call, kinds.ORGANIZATION, row, "organization", self.paging)

    def domains(self, call: Call) -> Reply:
        """The verified domains."""
        return answer_list(call, kinds.DOMAIN, self._store.domains, "domains", self.paging)

    def skus(self, call: Call) -> Reply:
        """The subscriptions."""
        return answer_list(call, kinds.SKU, self._store.skus(), "subscribedSkus", self.paging)

    # -- people ---------------------------------------------------------------------------------------------------

    def users(self, call: Call) -> Reply:
        """All accounts."""
        return answer_list(call, kinds.USER, list(self._store.users.values()), "users", self.paging)

    def user(self, call: Call, key: str) -> Reply:
        """One account, by id or UPN."""
        return answer_single(call, kinds.USER, self._user(key), "users", self.paging)

    def licences(self, call: Call, key: str) -> Reply:
        """The licences of an account."""
        row = self._user(key)
        what = f"users('{row['id']}')/licenseDetails"
        return answer_list(call, kinds.LICENCE, self._store.licences[row["id"]], what, self.paging)

    def member_groups(self, call: Call, key: str) -> Reply:
        """The ids of all groups that an account is in, through groups too."""
        only = _body(call).get("securityEnabledOnly")
        if not isinstance(only, bool):
            raise _malformed("Parameter 'securityEnabledOnly' is missing or no Boolean.")
        return self._ids(call, self._store.groups_of(self._user(key)["id"], only))

    def check_groups(self, call: Call, key: str) -> Reply:
        """Those of the groups that were named which an account is in."""
        asked = _body(call).get("groupIds")
        if not isinstance(asked, list) or not all(isinstance(each, str) for each in asked):
            raise _malformed("Parameter 'groupIds' is missing or no list of identifiers.")
        if len(asked) > MAX_CHECKED_GROUPS:
            raise _malformed(f"Parameter 'groupIds' has more than {MAX_CHECKED_GROUPS} entries.")
        own = self._store.groups_of(self._user(key)["id"], security_only=False)
        return self._ids(call, [each for each in asked if each.lower() in own])

    def _ids(self, call: Call, ids: list[str]) -> Reply:
        head = context(call, self._cloud.graph_url, "Collection(Edm.String)")
        return Reply(200, {"@odata.context": head, "value": ids})

    def member_of(self, call: Call, key: str) -> Reply:
        """The groups that an account is in directly."""
        own = self._user(key)["id"]
        rows = [self._store.groups[group] for group, members in self._store.members.items() if own in members]
        return self._objects(call, rows)

    def all_member_of(self, call: Call, key: str) -> Reply:
        """The groups that an account is in, through groups too."""
        ids = self._store.groups_of(self._user(key)["id"], security_only=False)
        return self._objects(call, [self._store.groups[each] for each in ids])

    def sync_behavior(self, call: Call, key: str) -> Reply:
        """Whether the cloud has become the source of an account."""
        row = self._user(key)
        managed = {user.upn.lower(): user.cloud_managed for user in self._tenant.users}
        head = context(call, self._cloud.graph_url, f"users('{row['id']}')/onPremisesSyncBehavior", single=True)
        cloud = managed[row["userPrincipalName"].lower()]
        return Reply(200, {"@odata.context": head, "id": row["id"], "isCloudManaged": cloud})

    def _user(self, key: str) -> Row:
        found = self._store.find_user(key)
        if found is None:
            raise not_found(key)
        return found

    # -- groups ---------------------------------------------------------------------------------------------------

    def groups(self, call: Call) -> Reply:
        """All groups."""
        return answer_list(call, kinds.GROUP, list(self._store.groups.values()), "groups", self.paging)

    def group(self, call: Call, key: str) -> Reply:
        """One group."""
        return answer_single(call, kinds.GROUP, self._store.groups[self._group(key)], "groups", self.paging)

    def members(self, call: Call, key: str) -> Reply:
        """Who is in a group directly."""
        return self._objects(call, [self._object(own) for own in self._store.members[self._group(key)]])

    def all_members(self, call: Call, key: str) -> Reply:
        """Who is in a group, through groups too."""
        found: list[str] = []
        queue = [self._group(key)]
        while queue:
            for own in self._store.members.get(queue.pop(), ()):
                if own not in found:
                    found.append(own)
                    queue.append(own)
        return self._objects(call, [self._object(own) for own in found])

    def add_member(self, call: Call, key: str) -> Reply:
        """Put an object into a group."""
        members = self._store.members[self._group(key)]
        link = _body(call).get("@odata.id")
        found = re.fullmatch(r"https://[^/]+/(?:v1\.0|beta)/(?:directoryObjects|users|groups)/([^/]+)", str(link))
        if found is None:
            raise _malformed("Property '@odata.id' is missing or names no object.")
        own = found[1].lower()
        if own not in self._store.users and own not in self._store.groups:
            raise not_found(own)
        if own in members:
            raise _malformed(
                "One or more added object references already exist for the following modified properties: 'members'."
            )
        members.append(own)
        return Reply(204)

    def remove_member(self, call: Call, key: str, member: str) -> Reply:
        """Take an object out of a group."""
        del call
        members = self._store.members[self._group(key)]
        if member.lower() not in members:
            raise not_found(member)
        members.remove(member.lower())
        return Reply(204)

    def _group(self, key: str) -> str:
        if GUID.fullmatch(key) is None:
            raise _malformed(f"Invalid object identifier '{key}'.")
        if key.lower() not in self._store.groups:
            raise not_found(key)
        return key.lower()

    def _object(self, own: str) -> Row:
        return self._store.users.get(own) or self._store.groups[own]

    def _objects(self, call: Call, rows: list[Row]) -> Reply:
        typed = []
        for row in rows:
            user = "userPrincipalName" in row
            names = call.words("$select") or kinds.USER.default if user else tuple(row)
            kept = {name: row.get(name) for name in names if user or name in row}
            typed.append({"@odata.type": f"#microsoft.graph.{'user' if user else 'group'}", **kept})
        return answer_list(call, kinds.OBJECT, typed, "directoryObjects", self.paging)

    # -- applications ---------------------------------------------------------------------------------------------

    def applications(self, call: Call) -> Reply:
        """All app registrations."""
        return answer_list(call, kinds.APPLICATION, self._store.applications, "applications", self.paging)

    def application(self, call: Call, key: str) -> Reply:
        """One app registration, by object id or ``appId``."""
        row = _by_key(self._store.applications, key)
        return answer_single(call, kinds.APPLICATION, row, "applications", self.paging)

    def principals(self, call: Call) -> Reply:
        """All service principals."""
        return answer_list(call, kinds.PRINCIPAL, self._store.service_principals, "servicePrincipals", self.paging)

    def principal(self, call: Call, key: str) -> Reply:
        """One service principal, by object id or ``appId``."""
        row = _by_key(self._store.service_principals, key)
        return answer_single(call, kinds.PRINCIPAL, row, "servicePrincipals", self.paging)

    def consents(self, call: Call, key: str) -> Reply:
        """The application permissions that a service principal was granted."""
        own = _by_key(self._store.service_principals, key)["id"]
        rows = [row for row in self._store.consents if row["principalId"] == own]
        return answer_list(call, kinds.CONSENT, rows, "appRoleAssignments", self.paging)

    def grants(self, call: Call, key: str) -> Reply:
        """The delegated permissions that a service principal was granted: none."""
        _by_key(self._store.service_principals, key)
        return answer_list(call, kinds.GRANT, [], "oauth2PermissionGrants", self.paging)

    # -- roles of the directory -----------------------------------------------------------------------------------

    def role_assignments(self, call: Call) -> Reply:
        """Who holds a role now."""
        return self._roles(call, kinds.ROLE_ASSIGNMENT, self._store.role_assignments, "roleAssignments")

    def assignment_schedules(self, call: Call) -> Reply:
        """The same as Privileged Identity Management sees it."""
        self._premium()
        rows = self._store.assignment_schedules
        return self._roles(call, kinds.ASSIGNMENT_SCHEDULE, rows, "roleAssignmentScheduleInstances")

    def eligibility_schedules(self, call: Call) -> Reply:
        """Who may activate a role."""
        self._premium()
        rows = self._store.eligibility_schedules
        return self._roles(call, kinds.ELIGIBILITY_SCHEDULE, rows, "roleEligibilityScheduleInstances")

    def transitive_assignments(self, call: Call) -> Reply:
        """Who holds a role, through groups too; a row has the id of the group."""
        if not call.eventual or call.options.get("$count", "").lower() != "true" or "$filter" not in call.options:
            raise not_found("transitiveRoleAssignments")
        # The filter sees the account, the answer shows whoever holds the role directly.
        rows = [{**row, "principalId": user, "holder": row} for user, row in self._store.transitive_roles()]
        reply = self._roles(call, _TRANSITIVE, rows, "transitiveRoleAssignments")
        body: dict[str, Any] = reply.body or {}
        body["value"] = [row["holder"] for row in body["value"]]
        return reply

    def _roles(self, call: Call, kind: Kind, rows: list[Row], name: str) -> Reply:
        if "principal" in call.words("$expand"):
            kind = replace(kind, default=(*kind.default, "principal"))
            rows = [{**row, "principal": self._typed(row["principalId"])} for row in rows]
        return answer_list(call, kind, rows, f"roleManagement/directory/{name}", self.paging)

    def _typed(self, own: str) -> Row:
        kind = "user" if own in self._store.users else "group"
        return {"@odata.type": f"#microsoft.graph.{kind}", **self._object(own)}

    def _premium(self) -> None:
        if not self._tenant.premium:
            raise RefusalError(
                400,
                "AadPremiumLicenseRequired",
                "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
            )

    # -- service communications -----------------------------------------------------------------------------------

    def health(self, call: Call) -> Reply:
        """The health of all services."""
        kind, rows = self._health(call)
        return answer_list(call, kind, rows, "admin/serviceAnnouncement/healthOverviews", self.paging)

    def health_of(self, call: Call, key: str) -> Reply:
        """The health of one service, which goes by its name."""
        kind, rows = self._health(call)
        for row in rows:
            if key.casefold() == row["service"].casefold():
                return answer_single(call, kind, row, "admin/serviceAnnouncement/healthOverviews", self.paging)
        raise RefusalError(404, "UnknownError", f"Service '{key}' is not found.")

    def _health(self, call: Call) -> tuple[Kind, list[Row]]:
        rows = [{**row, "issues": []} for row in self._store.health()]
        kind = kinds.HEALTH
        return (replace(kind, default=(*kind.default, "issues")) if call.words("$expand") else kind), rows


_TRANSITIVE = replace(
    kinds.ROLE_ASSIGNMENT,
    properties=kinds.ROLE_ASSIGNMENT.properties | {"holder"},
    default=("holder",),
    expand=frozenset(),
    options=kinds.PLAIN - {"$select", "$expand"},
)


def _by_key(rows: list[Row], key: str) -> Row:
    """A row by its object id, or by the application that it belongs to."""
    name, separator, value = key.partition("=")
    if separator and name != "appId":
        raise bad_request(f"Resource not found for the segment '({key})'.")
    field, wanted = ("appId", value) if separator else ("id", key)
    for row in rows:
        if row[field] == wanted.lower():
            return row
    raise not_found(wanted)


def _body(call: Call) -> dict[str, Any]:
    if not isinstance(call.body, dict):
        raise _malformed(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is "
            "of valid JSON format."
        )
    return call.body


def _malformed(text: str) -> RefusalError:
    return RefusalError(400, "Request_BadRequest", text)
