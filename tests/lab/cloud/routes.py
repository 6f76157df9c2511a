# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The paths that the lab's Graph knows: who answers, what a token must hold for it, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import permissions as need
from .approvals import Approvals
from .calls import VERSIONS, Call, RefusalError, Reply, bad_request
from .common import Cloud
from .directory import Directory
from .intune import Intune
from .permissions import Need
from .store import Store
from .throttle import DIRECTORY, INTUNE, OTHER, Throttle
from .writes import RoleWrites

Handler = Callable[..., Reply]

BETA = ("beta",)
KEY = "*"


@dataclass(frozen=True)
class Route:
    """One path and method; ``*`` stands for a key."""

    method: str
    path: str
    handler: Handler
    # None where the answer itself decides.
    need: Need | None
    service: str = DIRECTORY
    cost: int = 1
    versions: tuple[str, ...] = VERSIONS
    # Whether a second administrator may have to agree.
    protected: bool = False

    def keys(self, segments: tuple[str, ...]) -> tuple[str, ...] | None:
        """The keys of a path; None when it is another path."""
        own = self.path.split("/")
        if len(own) != len(segments):
            return None
        pairs = list(zip(own, segments, strict=True))
        if any(name not in {KEY, segment} for name, segment in pairs):
            return None
        return tuple(segment for name, segment in pairs if name == KEY)


def _directory_routes(own: Directory) -> list[Route]:
    return [
        Route("GET", "organization", own.organizations, need.ORGANIZATION),
        Route("GET", "organization/*", own.organization, None),
        Route("GET", "domains", own.domains, need.DOMAINS),
        Route("GET", "subscribedSkus", own.skus, need.LICENCES, cost=3),
        Route("GET", "users", own.users, need.USERS, cost=2),
        Route("GET", "users/*", own.user, need.USERS),
        Route("GET", "users/*/licenseDetails", own.licences, need.LICENCES, cost=2),
        Route("POST", "users/*/getMemberGroups", own.member_groups, need.GROUPS_OF_USER, cost=2),
        Route("POST", "users/*/checkMemberGroups", own.check_groups, need.GROUPS_OF_USER, cost=4),
        Route("GET", "users/*/memberOf", own.member_of, need.GROUPS_OF_USER, cost=2),
        Route("GET", "users/*/transitiveMemberOf", own.all_member_of, need.GROUPS_OF_USER, cost=2),
        Route("GET", "users/*/onPremisesSyncBehavior", own.sync_behavior, need.SYNC_BEHAVIOR, versions=BETA),
        Route("GET", "groups", own.groups, need.GROUPS),
        Route("GET", "groups/*", own.group, need.GROUPS),
        Route("GET", "groups/*/members", own.members, need.GROUPS, cost=3),
        Route("GET", "groups/*/transitiveMembers", own.all_members, need.GROUPS, cost=5),
        Route("POST", "groups/*/members/$ref", own.add_member, need.GROUP_MEMBERS_WRITE),
        Route("DELETE", "groups/*/members/*/$ref", own.remove_member, need.GROUP_MEMBERS_WRITE),
        Route("GET", "applications", own.applications, need.APPLICATIONS, cost=2),
        Route("GET", "applications/*", own.application, need.APPLICATIONS),
        Route("GET", "servicePrincipals", own.principals, need.APPLICATIONS),
        Route("GET", "servicePrincipals/*", own.principal, need.APPLICATIONS),
        Route("GET", "servicePrincipals/*/appRoleAssignments", own.consents, need.APPLICATIONS, cost=2),
        Route("GET", "servicePrincipals/*/oauth2PermissionGrants", own.grants, need.GRANTS, cost=2),
        Route("GET", "roleManagement/directory/roleAssignments", own.role_assignments, need.ROLES),
        Route(
            "GET",
            "roleManagement/directory/transitiveRoleAssignments",
            own.transitive_assignments,
            need.ROLES,
            versions=BETA,
        ),
        Route(
            "GET",
            "roleManagement/directory/roleAssignmentScheduleInstances",
            own.assignment_schedules,
            need.ASSIGNMENT_SCHEDULES,
        ),
        Route(
            "GET",
            "roleManagement/directory/roleEligibilityScheduleInstances",
            own.eligibility_schedules,
            need.ELIGIBILITY_SCHEDULES,
        ),
        Route("GET", "admin/serviceAnnouncement/healthOverviews", own.health, need.SERVICE_HEALTH, OTHER),
        Route("GET", "admin/serviceAnnouncement/healthOverviews/*", own.health_of, need.SERVICE_HEALTH, OTHER),
    ]


def _intune_routes(own: Intune, writes: RoleWrites) -> list[Route]:
    def read(path: str, handler: Handler, permission: Need, *, beta: bool = False) -> Route:
        whole = f"deviceManagement/{path}" if path else "deviceManagement"
        return Route("GET", whole, handler, permission, INTUNE, versions=BETA if beta else VERSIONS)

    def write(method: str, path: str, handler: Handler) -> Route:
        return Route(method, f"deviceManagement/{path}", handler, need.INTUNE_ROLES_WRITE, INTUNE, protected=True)

    return [
        read("", own.subscription, need.INTUNE_SERVICE),
        read("resourceOperations", own.operations, need.INTUNE_ROLES),
        read("roleDefinitions", own.roles, need.INTUNE_ROLES),
        read("roleDefinitions/*", own.role, need.INTUNE_ROLES),
        read("roleDefinitions/*/roleAssignments", own.assignments_of_role, need.INTUNE_ROLES),
        read("roleAssignments", own.assignments, need.INTUNE_ROLES),
        read("roleAssignments/*", own.assignment, need.INTUNE_ROLES),
        read("roleAssignments/*/roleDefinition", own.role_of_assignment, need.INTUNE_ROLES),
        read("deviceCompliancePolicyDeviceStateSummary", own.summary, need.INTUNE_CONFIGURATION),
        read("managedDevices", own.devices, need.INTUNE_DEVICES),
        read("tenantAttachRBAC/getState", own.attach_rbac, need.INTUNE_CONFIGURATION, beta=True),
        read("configManagerCollections", own.collections, need.INTUNE_CONFIGURATION, beta=True),
        read("operationApprovalPolicies", own.approval_policies, need.INTUNE_ROLES, beta=True),
        read("operationApprovalRequests", own.approval_requests, need.INTUNE_ROLES, beta=True),
        write("POST", "roleDefinitions", writes.create_role),
        write("PATCH", "roleDefinitions/*", writes.change_role),
        write("DELETE", "roleDefinitions/*", writes.remove_role),
        write("POST", "roleDefinitions/*/roleAssignments", own.no_route),
        write("PATCH", "roleDefinitions/*/roleAssignments/*", own.no_route),
        write("POST", "roleAssignments", writes.create_assignment),
        write("PATCH", "roleAssignments/*", writes.change_assignment),
        write("DELETE", "roleAssignments/*", writes.remove_assignment),
    ]


class Service:
    """Everything behind the door: finds the route of a request, and lets pass what may pass."""

    def __init__(self, cloud: Cloud, approvals: Approvals) -> None:
        store = Store(cloud.tenant)
        intune = Intune(cloud, store, approvals)
        self._tenant, self._approvals = cloud.tenant, approvals
        self._throttle = Throttle(cloud.tenant)
        self._routes = [
            *_directory_routes(Directory(cloud, store)),
            *_intune_routes(intune, RoleWrites(cloud, store, intune)),
        ]

    def answer(self, call: Call) -> Reply:
        """Answer one request, be it alone or in a batch."""
        more: dict[str, str] = {}
        try:
            route, keys = self._find(call)
            more = self._throttle.take(call, route.service, route.cost)
            self._admit(call, route)
            reply = route.handler(call, *keys)
        except RefusalError as refusal:
            reply = refusal.reply(call.header("client-request-id"))
        reply.headers = {**more, **reply.headers}
        return reply

    def _find(self, call: Call) -> tuple[Route, tuple[str, ...]]:
        found = [(route, keys) for route in self._routes if (keys := route.keys(call.segments)) is not None]
        own = [each for each in found if call.version in each[0].versions]
        if not own and (not found or not call.batched):
            # In a batch, a path of the other version is told as a method that is not allowed.
            name = call.segments[-1] if call.segments else ""
            raise bad_request(f"Resource not found for the segment '{name}'.")
        for route, keys in own:
            if route.method == call.method:
                return route, keys
        raise RefusalError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")

    def _admit(self, call: Call, route: Route) -> None:
        if route.need is not None:
            route.need.check(call)
        if route.service == INTUNE and not self._tenant.intune:
            raise bad_request("Request not applicable to target tenant.")
        if route.protected:
            self._approvals.check(call)
