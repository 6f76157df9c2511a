# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ``tenant`` key of a scenario: what is in the tenant, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from ..identity import guid, sid, sid_of
from ..reader import Reader, ScenarioError, parse_age

TENANT_ID = "3f6c1a52-7d0e-4c1b-9a55-2b8f6d4e9c10"
DIRECTORY_ROLES = {
    "global_administrator": "62e90394-69f5-4237-9190-012177145e10",
    "intune_administrator": "3a2c62db-5318-420d-8d74-23affee5d9d5",
}
# Enough to read everything, and to change nothing.
READ_ONLY_PERMISSIONS = (
    "RoleManagement.Read.Directory",
    "User.Read.All",
    "GroupMember.Read.All",
    "Organization.Read.All",
    "LicenseAssignment.Read.All",
    "Application.Read.All",
    "DeviceManagementRBAC.Read.All",
    "DeviceManagementServiceConfig.Read.All",
    "DeviceManagementConfiguration.Read.All",
    "ServiceHealth.Read.All",
)
LICENCES = ("intune", "none", "disabled", "pending")
MDM_AUTHORITIES = ("unknown", "intune", "sccm", "office365")
SCOPE_TYPES = ("resourceScope", "allDevices", "allLicensedUsers", "allDevicesAndLicensedUsers")
CASINGS = ("camel", "capital")
SUBSCRIPTIONS = ("pending", "active", "warning", "disabled", "deleted", "blocked", "lockedOut")
# Every account that the lab makes up is in this group, and the group has the Intune role.
OPERATORS_GROUP = "ConfigMgr Operators"
OPERATOR_ROLE = "Operations Administrator"
# Beyond the SIDs that are made from names, so that two operators never share one.
FIRST_OPERATOR_SID = 60000
FAULTS = (
    "http_status",
    "html",
    "cut_json",
    "cut_json_complete",
    "repeating_next_link",
    "endless_next_link",
    "foreign_next_link",
    "redirect",
    "slow",
    "down",
)


@dataclass(frozen=True)
class CloudFault:
    """One thing that is wrong with the answers below a path."""

    kind: str
    status: int = 503
    retry_after: int | None = None
    slow_seconds: float = 5.0
    times: int | None = None


@dataclass(frozen=True)
class TenantUser:
    """An account of the tenant.

    ``synced`` has three values: True is kept in step with Active Directory, False was once, None never was.
    ``discovered`` and ``administrator`` say whether Configuration Manager knows the account as well.
    """

    upn: str
    full_name: str
    synced: bool | None
    sid: str
    enabled: bool
    guest: bool
    licence: str
    cloud_managed: bool
    roles: tuple[str, ...]
    activated: tuple[str, ...]
    eligible: tuple[str, ...]
    groups: tuple[str, ...]
    discovered: bool
    administrator: bool

    @property
    def account(self) -> str:
        """The logon name in Active Directory."""
        return self.upn.partition("@")[0]


@dataclass(frozen=True)
class TenantGroup:
    """A group; its members by UPN, the groups in it by name.  ``synced`` means what it means for users."""

    name: str
    members: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    security: bool = True
    role_assignable: bool = False
    roles: tuple[str, ...] = ()
    eligible: tuple[str, ...] = ()
    synced: bool | None = None
    sid: str = ""


@dataclass(frozen=True)
class IntuneRole:
    """A role of Intune's that somebody made."""

    name: str
    permissions: tuple[str, ...]
    denied: tuple[str, ...]
    description: str


@dataclass(frozen=True)
class IntuneAssignment:
    """A role of Intune's, given to groups."""

    name: str
    role: str
    groups: tuple[str, ...]
    scope_type: str
    scope_groups: tuple[str, ...]
    role_scope_tags: tuple[str, ...]


@dataclass(frozen=True)
class Sku:
    """A subscription of the tenant."""

    name: str
    plan: str
    capability: str
    enabled: int


@dataclass(frozen=True)
class Onboarding:
    """What onboarding leaves behind in the tenant."""

    present: bool
    client_id: str
    secret_expires_in_days: int
    created_days_ago: int
    service_principal_enabled: bool
    application_present: bool
    consented: bool
    sign_in_audience: str
    identifier_uri: str


@dataclass(frozen=True)
class Tenant:
    """A whole tenant, checked."""

    id: str
    name: str
    domain: str
    country: str
    region_scope: str
    region_sub_scope: str
    mdm_authority: str
    subscription_state: str
    premium: bool
    intune: bool
    unlicensed_admins: bool
    multi_admin_approval: int
    sync_enabled: bool | None
    sync_age: timedelta
    service_health: Mapping[str, str]
    service_health_casing: str
    onboarding: Onboarding
    tenant_attach_rbac: bool
    collections: tuple[str, ...]
    licences: tuple[Sku, ...]
    users: tuple[TenantUser, ...]
    groups: Mapping[str, TenantGroup]
    roles: tuple[IntuneRole, ...]
    assignments: tuple[IntuneAssignment, ...]
    page_size: int | None
    resource_units: int | None
    intune_requests: int | None
    throttle_window: float
    retry_after: bool
    faults: Mapping[str, CloudFault]
    authority_faults: Mapping[str, CloudFault]
    permissions: tuple[str, ...]
    client_id: str
    token_lifetime: int
    on_premises_domain: str
    operators: tuple[str, ...] = field(default=())

    @property
    def joined_users(self) -> tuple[TenantUser, ...]:
        """The accounts that the estate holds as well."""
        return tuple(user for user in self.users if user.discovered or user.administrator)


def read_tenant(
    value: object, client_id: str | None, known_roles: frozenset[str], on_premises_domain: str
) -> Tenant | None:
    """Check the ``tenant`` key; ``client_id`` is the application that the site database names, if it is attached."""
    if value is None:
        return None
    reader = Reader(value, "tenant")
    tenant_id = reader.take("id", str, TENANT_ID)
    domain = reader.take("domain", str, "contoso.com")
    users, operators = _users(reader, domain)
    groups = _groups(reader, users, bool(operators))
    sync = Reader(reader.raw("directory_sync"), "tenant.directory_sync")
    throttle = Reader(reader.raw("throttle"), "tenant.throttle")
    roles = tuple(_role(name, item) for name, item in reader.mapping("roles").items())
    assignments = _assignments(reader, groups, known_roles | {role.name for role in roles}, bool(operators))
    sub_scope = reader.take("region_sub_scope", str, "")
    tenant = Tenant(
        id=tenant_id,
        name=reader.take("name", str, "Contoso"),
        domain=domain,
        country=reader.take("country", str, "DE"),
        region_scope=reader.take("region_scope", str, "EU"),
        region_sub_scope=sub_scope,
        mdm_authority=reader.choice("mdm_authority", MDM_AUTHORITIES, "intune"),
        subscription_state=reader.choice("subscription_state", SUBSCRIPTIONS, "active"),
        premium=reader.take("premium", bool, True),
        intune=reader.take("intune", bool, True),
        unlicensed_admins=reader.take("unlicensed_admins", bool, False),
        multi_admin_approval=_approval(reader.raw("multi_admin_approval")),
        sync_enabled=_tristate(sync.raw("enabled"), "tenant.directory_sync.enabled", True),
        sync_age=parse_age(sync.take("last", str, "20m"), "tenant.directory_sync.last"),
        service_health={
            "Exchange Online": "serviceOperational",
            "Identity Service": "serviceOperational",
            "Microsoft Intune": "serviceOperational",
            **{name: str(status) for name, status in reader.mapping("service_health").items()},
        },
        service_health_casing=reader.choice("service_health_casing", CASINGS, "camel"),
        onboarding=_onboarding(reader.raw("onboarding"), tenant_id, client_id),
        tenant_attach_rbac=reader.take("tenant_attach_rbac", bool, False),
        collections=reader.words("collections"),
        licences=_licences(reader, len(users)),
        users=users,
        groups=groups,
        roles=roles,
        assignments=assignments,
        page_size=_positive(reader, "page_size"),
        resource_units=_positive(throttle, "resource_units"),
        intune_requests=_positive(throttle, "intune_requests"),
        throttle_window=throttle.take("window", float, 1.0),
        retry_after=throttle.take("retry_after", bool, True),
        faults=_faults(reader, "faults"),
        authority_faults=_faults(reader, "authority_faults"),
        permissions=_permissions(reader.raw("permissions")),
        client_id=reader.take("client_id", str, guid("the collection's own application")),
        token_lifetime=reader.take("token_lifetime", int, 3599),
        on_premises_domain=on_premises_domain,
        operators=operators,
    )
    sync.done()
    throttle.done()
    reader.done()
    return tenant


def _tristate(value: object, where: str, default: bool | None) -> bool | None:
    # Laid over another scenario, null removes a key; "never" is how an overlay says null.
    if value is None:
        return default
    if value == "never":
        return None
    if not isinstance(value, bool):
        raise ScenarioError(f"{where}: expected true, false or never, found {value!r}")
    return value


def _positive(reader: Reader, key: str) -> int | None:
    value = reader.raw(key)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise ScenarioError(f"{reader.where}.{key}: expected a number from 1, found {value!r}")
    return value


def _approval(value: object) -> int:
    """The status that refuses a write without justification; 0 where no approval is asked for."""
    found = {None: 0, False: 0, True: 403, 400: 400, 403: 403}.get(value if isinstance(value, int) else None)
    if found is None or (value is not None and not isinstance(value, int)):
        raise ScenarioError(f"tenant.multi_admin_approval: expected true, false, 400 or 403, found {value!r}")
    return found


def _users(reader: Reader, domain: str) -> tuple[tuple[TenantUser, ...], tuple[str, ...]]:
    users = [_user(upn, item, f"tenant.users.{upn}") for upn, item in reader.mapping("users").items()]
    block = Reader(reader.raw("operators"), "tenant.operators")
    count = block.take("count", int, 0)
    deviations = block.mapping("deviations")
    block.done()
    names = [f"operator{number:03}" for number in range(1, count + 1)]
    stray = sorted(set(deviations) - set(names))
    if stray:
        raise ScenarioError(f"tenant.operators.deviations: there is no operator {stray[0]!r}")
    for number, name in enumerate(names, 1):
        healthy = {
            "full_name": f"Operator {number:03}",
            "sid": sid(FIRST_OPERATOR_SID + number),
            "groups": [OPERATORS_GROUP],
            "discovered": True,
            "administrator": True,
        }
        item = deviations.get(name) or {}
        users.append(_user(f"{name}@{domain}", {**healthy, **item}, f"tenant.operators.deviations.{name}"))
    return tuple(users), tuple(f"{name}@{domain}" for name in names)


def _user(upn: str, value: object, where: str) -> TenantUser:
    if "@" not in upn:
        raise ScenarioError(f"{where}: a user is named by UPN")
    reader = Reader(value, where)
    account = upn.partition("@")[0]
    # Where nothing is laid over it, a plain null is what it says.
    never = isinstance(value, dict) and "synced" in value and value["synced"] is None
    user = TenantUser(
        upn=upn,
        full_name=reader.take("full_name", str, account),
        synced=_tristate(reader.raw("synced"), f"{where}.synced", None if never else True),
        sid=reader.take("sid", str, sid_of(account)),
        enabled=reader.take("enabled", bool, True),
        guest=reader.take("guest", bool, False),
        licence=reader.choice("licence", LICENCES, "intune"),
        cloud_managed=reader.take("cloud_managed", bool, False),
        roles=_directory_roles(reader, "roles"),
        activated=_directory_roles(reader, "activated"),
        eligible=_directory_roles(reader, "eligible"),
        groups=reader.words("groups"),
        discovered=reader.take("discovered", bool, False),
        administrator=reader.take("administrator", bool, False),
    )
    reader.done()
    return user


def _directory_roles(reader: Reader, key: str) -> tuple[str, ...]:
    return tuple(DIRECTORY_ROLES[word] for word in reader.words(key, DIRECTORY_ROLES))


def _groups(reader: Reader, users: tuple[TenantUser, ...], operators: bool) -> dict[str, TenantGroup]:
    named = {name: _group(name, item) for name, item in reader.mapping("groups").items()}
    if operators:
        named.setdefault(OPERATORS_GROUP, TenantGroup(OPERATORS_GROUP))
    for user in users:
        for name in user.groups:
            if name not in named:
                raise ScenarioError(f"tenant.users.{user.upn}.groups: there is no group {name!r}")
            named[name] = replace(named[name], members=(*named[name].members, user.upn))
    upns = {user.upn for user in users}
    for group in named.values():
        for name in group.groups:
            if name not in named:
                raise ScenarioError(f"tenant.groups.{group.name}.groups: there is no group {name!r}")
        stray = sorted(set(group.members) - upns)
        if stray:
            raise ScenarioError(f"tenant.groups.{group.name}.members: there is no user {stray[0]!r}")
    return named


def _group(name: str, value: object) -> TenantGroup:
    reader = Reader(value, f"tenant.groups.{name}")
    group = TenantGroup(
        name=name,
        members=reader.words("members"),
        groups=reader.words("groups"),
        security=reader.take("security", bool, True),
        role_assignable=reader.take("role_assignable", bool, False),
        roles=_directory_roles(reader, "roles"),
        eligible=_directory_roles(reader, "eligible"),
        synced=_tristate(reader.raw("synced"), f"tenant.groups.{name}.synced", None),
        sid=reader.take("sid", str, sid_of(name)),
    )
    reader.done()
    if (group.roles or group.eligible) and not group.role_assignable:
        raise ScenarioError(
            f"tenant.groups.{name}: only a group that is role_assignable can have roles of the directory"
        )
    return group


def _role(name: str, value: object) -> IntuneRole:
    if isinstance(value, list):
        value = {"permissions": value}
    reader = Reader(value, f"tenant.roles.{name}")
    role = IntuneRole(
        name, reader.words("permissions"), reader.words("denied"), reader.take("description", str, f"Made: {name}")
    )
    reader.done()
    return role


def _assignments(
    reader: Reader, groups: Mapping[str, TenantGroup], roles: frozenset[str] | set[str], operators: bool
) -> tuple[IntuneAssignment, ...]:
    items = reader.mapping("assignments")
    if operators and "ConfigMgr operators" not in items:
        items["ConfigMgr operators"] = {"role": "Help Desk Operator", "groups": [OPERATORS_GROUP]}
    found = []
    for name, value in items.items():
        if value is False:
            # How an overlay takes away the one that comes with the operators.
            continue
        own = Reader(value, f"tenant.assignments.{name}")
        scope_groups = own.words("scope_groups", groups)
        found.append(
            IntuneAssignment(
                name=name,
                role=own.choice("role", roles),
                groups=own.words("groups", groups),
                scope_type=own.choice("scope_type", SCOPE_TYPES, "resourceScope" if scope_groups else "allDevices"),
                scope_groups=scope_groups,
                role_scope_tags=own.words("role_scope_tags") or ("0",),
            )
        )
        own.done()
    return tuple(found)


def _licences(reader: Reader, users: int) -> tuple[Sku, ...]:
    found = []
    for number, value in enumerate(reader.take("licences", list, [{"name": "EMS"}])):
        own = Reader(value, f"tenant.licences[{number}]")
        found.append(
            Sku(
                name=own.take("name", str),
                plan=own.take("plan", str, "INTUNE_A"),
                capability=own.take("capability", str, "Enabled"),
                enabled=own.take("enabled", int, users + 10),
            )
        )
        own.done()
    return tuple(found)


def _onboarding(value: object, tenant_id: str, client_id: str | None) -> Onboarding:
    reader = Reader(value, "tenant.onboarding")
    state = reader.choice("state", ("absent", "present"), "absent" if client_id is None else "present")
    own_id = reader.take("client_id", str, client_id or guid("the application that onboarding registers"))
    onboarding = Onboarding(
        present=state == "present",
        client_id=own_id,
        secret_expires_in_days=reader.take("secret_expires_in_days", int, 400),
        created_days_ago=reader.take("created_days_ago", int, 330),
        service_principal_enabled=reader.take("service_principal_enabled", bool, True),
        application_present=reader.take("application_present", bool, True),
        consented=reader.take("consented", bool, True),
        sign_in_audience=reader.take("sign_in_audience", str, "AzureADMyOrg"),
        identifier_uri=reader.take("identifier_uri", str, f"api://{tenant_id}/{guid('identifier')}"),
    )
    reader.done()
    return onboarding


def _faults(reader: Reader, key: str) -> dict[str, CloudFault]:
    found = {}
    for path, value in reader.mapping(key).items():
        if value is None or value is False:
            continue
        own = Reader({"kind": value} if isinstance(value, str) else value, f"{reader.where}.{key}.{path}")
        fault = CloudFault(
            kind=own.choice("kind", FAULTS),
            status=own.take("status", int, 503),
            retry_after=_positive(own, "retry_after"),
            slow_seconds=own.take("slow_seconds", float, 5.0),
            times=_positive(own, "times"),
        )
        own.done()
        if fault.kind == "down" and path != "*":
            raise ScenarioError(f"{own.where}: down concerns the whole listener, so its path is *")
        found[path] = fault
    return found


def _permissions(value: object) -> tuple[str, ...]:
    reader = Reader(value, "tenant.permissions")
    added, removed = reader.words("add"), reader.words("remove")
    reader.done()
    wanted = dict.fromkeys((*READ_ONLY_PERMISSIONS, *added))
    return tuple(name for name in wanted if name not in removed)


def plain(tenant: Tenant) -> dict[str, Any]:
    """What a test wants to know about a tenant without reading the scenario."""
    return {"id": tenant.id, "domain": tenant.domain, "operators": list(tenant.operators)}
