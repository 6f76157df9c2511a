# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Intune, as far as it is read: subscription, roles and their assignments, and what attached hierarchies left."""

from __future__ import annotations

from dataclasses import replace

from ..identity import guid
from . import kinds
from .approvals import Approvals
from .calls import Call, RefusalError, Reply, intune_not_found
from .common import Cloud
from .query import Paging, answer_list, answer_single, context
from .store import Row, Store

ROOT = "deviceManagement"


class Intune:
    """Answers requests below ``deviceManagement``."""

    def __init__(self, cloud: Cloud, store: Store, approvals: Approvals) -> None:
        self._cloud, self._tenant, self._store, self._approvals = cloud, cloud.tenant, store, approvals

    @property
    def paging(self) -> Paging:
        """How lists are cut into pages."""
        return Paging(self._cloud.graph_url, self._tenant.page_size)

    def subscription(self, call: Call) -> Reply:
        """The tenant as Intune knows it."""
        row = {
            "id": guid(f"intune {self._tenant.id}"),
            "subscriptionState": self._tenant.subscription_state,
            "intuneAccountId": guid(f"intune account {self._tenant.id}"),
            "unlicensedAdminstratorsEnabled": self._store.unlicensed_admins,
        }
        return answer_single(call, kinds.DEVICE_MANAGEMENT, row, ROOT, self.paging)

    def operations(self, call: Call) -> Reply:
        """What roles are made of."""
        rows = self._store.resource_operations()
        return answer_list(call, kinds.OPERATION, rows, f"{ROOT}/resourceOperations", self.paging)

    def roles(self, call: Call) -> Reply:
        """All roles."""
        rows = list(self._store.role_definitions.values())
        return answer_list(call, kinds.ROLE, rows, f"{ROOT}/roleDefinitions", self.paging)

    def role(self, call: Call, key: str) -> Reply:
        """One role."""
        return answer_single(call, kinds.ROLE, self.find_role(call, key), f"{ROOT}/roleDefinitions", self.paging)

    def assignments_of_role(self, call: Call, key: str) -> Reply:
        """The assignments of a role, without their members."""
        own = self.find_role(call, key)["id"]
        rows = [row for row in self._store.intune_assignments.values() if row["role"] == own]
        return self._assignments(call, rows, f"{ROOT}/roleDefinitions('{own}')/roleAssignments")

    def assignments(self, call: Call) -> Reply:
        """All assignments, without their members."""
        return self._assignments(call, list(self._store.intune_assignments.values()), f"{ROOT}/roleAssignments")

    def _assignments(self, call: Call, rows: list[Row], what: str) -> Reply:
        kind = kinds.ASSIGNMENT_ROW
        if "roleDefinition" in call.words("$expand"):
            # The list takes $expand, and expands nothing.
            kind = replace(kind, properties=kind.properties | {"roleDefinition"})
            rows = [{**row, "roleDefinition": None} for row in rows]
        return answer_list(call, kind, rows, what, self.paging)

    def assignment(self, call: Call, key: str) -> Reply:
        """One assignment, with its members."""
        return self.show_assignment(call, self.find_assignment(call, key))

    def show_assignment(self, call: Call, row: Row) -> Reply:
        """An assignment as an answer."""
        kind = kinds.ASSIGNMENT
        row = {"@odata.type": f"#microsoft.graph.{kind.name}", **row}
        if "roleDefinition" in call.words("$expand"):
            kind = replace(kind, properties=kind.properties | {"roleDefinition"})
            row["roleDefinition"] = self._store.role_definitions[row["role"]]
        return answer_single(call, kind, row, f"{ROOT}/roleAssignments", self.paging)

    def role_of_assignment(self, call: Call, key: str) -> Reply:
        """The role that an assignment gives."""
        row = self._store.role_definitions[self.find_assignment(call, key)["role"]]
        return answer_single(call, kinds.ROLE, row, f"{ROOT}/roleDefinitions", self.paging)

    def no_route(self, call: Call, *_keys: str) -> Reply:
        """What the documentation promises and the service does not know."""
        raise RefusalError(
            400,
            "No method match route template",
            f"No OData route exists that match template ~/singleton/navigation/key/navigation with http verb "
            f"{call.method} for request {call.path}.",
        )

    def attach_rbac(self, call: Call) -> Reply:
        """Whether tenant attach goes by the roles of Intune."""
        head = context(call, self._cloud.graph_url, "microsoft.graph.tenantAttachRBACState")
        return Reply(200, {"@odata.context": head, "enabled": self._store.tenant_attach_rbac})

    def collections(self, call: Call) -> Reply:
        """The collections that a hierarchy uploaded."""
        rows = self._store.collections()
        return answer_list(call, kinds.COLLECTION, rows, f"{ROOT}/configManagerCollections", self.paging)

    def summary(self, call: Call) -> Reply:
        """Counts of devices, all nought: attached devices are not among those that Intune manages."""
        row = dict.fromkeys(sorted(kinds.SUMMARY.properties), 0) | {"id": guid(f"summary {self._tenant.id}")}
        return answer_single(call, kinds.SUMMARY, row, f"{ROOT}/{kinds.SUMMARY.name}", self.paging)

    def devices(self, call: Call) -> Reply:
        """The devices that Intune manages; those that are only attached are never among them."""
        return answer_list(call, kinds.DEVICE, [], f"{ROOT}/managedDevices", self.paging)

    def approval_policies(self, call: Call) -> Reply:
        """What needs the approval of a second administrator."""
        policy = {
            "id": guid(f"approval {self._tenant.id}"),
            "displayName": "Changes of roles",
            "policyType": "role",
            "policyPlatform": "notApplicable",
            "approverGroupIds": [],
        }
        rows = [policy] if self._tenant.multi_admin_approval else []
        return answer_list(call, kinds.APPROVAL_POLICY, rows, f"{ROOT}/operationApprovalPolicies", self.paging)

    def approval_requests(self, call: Call) -> Reply:
        """What waits for approval, and what became of it."""
        rows = self._approvals.rows()
        return answer_list(call, kinds.APPROVAL_REQUEST, rows, f"{ROOT}/operationApprovalRequests", self.paging)

    def find_role(self, call: Call, key: str) -> Row:
        """A role by id."""
        found = self._store.role_definitions.get(key.lower())
        if found is None:
            raise intune_not_found(call)
        return found

    def find_assignment(self, call: Call, key: str) -> Row:
        """An assignment by id."""
        found = self._store.intune_assignments.get(key.lower())
        if found is None:
            raise intune_not_found(call)
        return found
