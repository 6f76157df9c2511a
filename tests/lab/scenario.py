# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Load a scenario file and refuse what is not understood.

A scenario is a mapping.  ``extends`` names another scenario, and the file is then laid over it as RFC 7396 lays a
patch over JSON: mappings are merged, ``null`` removes a key, everything else replaces.  Overlays from the command line
are laid over the result in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from .cloud.roles import BUILT_IN_ROLES
from .cloud.tenant import OPERATOR_ROLE, Tenant, read_tenant
from .reader import Reader, ScenarioError, nearest, parse_age
from .windows.config import WindowsHost, read_hosts

SCENARIOS = Path(__file__).parent / "scenarios"

SITE_TYPES = {"secondary": 1, "primary": 2, "cas": 4}
STATES = {"stopped": 0, "started": 1, "paused": 2, "installing": 3, "reinstalling": 4, "deinstalling": 5}
STATUSES = {"ok": 0, "warning": 1, "critical": 2}
ACCESS = ("all", "noscope", "nosite", "nowmi")
AGENTS = {
    "ad": "SMS_AD_USER_DISCOVERY_AGENT",
    "entra": "SMS_AZUREAD_USER_DISCOVERY_AGENT",
    "group": "SMS_AD_SECURITY_GROUP_DISCOVERY_AGENT",
}

# Faults below HTTP concern the listener as a whole, so they cannot be limited to a class or a route.
LISTENER_FAULTS = (
    "down",
    "black_hole",
    "expired_certificate",
    "wrong_name_certificate",
    "untrusted_certificate",
    "not_resolving",
)
HTTP_FAULTS = (
    "html",
    "access_denied",
    "http_503",
    "no_adminservice",
    "forbidden",
    "server_error",
    "cut_json",
    "cut_json_complete",
    "huge",
    "redirect",
    "redirect_plain_http",
    "endless_next_link",
    "repeating_next_link",
    "foreign_next_link",
    "slow",
    "drip",
    "upgrading",
    "wmi_only",
    "versioned_only",
)
ROUTES = ("wmi", "versioned")

# What SMS_R_System says about each system: name of the product and build.
OPERATING_SYSTEMS = {
    "windows_7": ("Microsoft Windows NT Workstation 6.1", "6.1.7601"),
    "windows_8_1": ("Microsoft Windows NT Workstation 6.3", "6.3.9600"),
    "windows_10": ("Microsoft Windows NT Workstation 10.0", "10.0.19045"),
    "windows_11": ("Microsoft Windows NT Workstation 10.0", "10.0.26100"),
    "server_2008_r2": ("Microsoft Windows NT Server 6.1", "6.1.7601"),
    "server_2012_r2": ("Microsoft Windows NT Server 6.3", "6.3.9600"),
    "server_2016": ("Microsoft Windows NT Server 10.0", "10.0.14393"),
    "server_2019": ("Microsoft Windows NT Server 10.0", "10.0.17763"),
    "server_2022": ("Microsoft Windows NT Server 10.0", "10.0.20348"),
    "server_2025": ("Microsoft Windows NT Server 10.0", "10.0.26100"),
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a provider, everywhere or on some classes or routes only."""

    kind: str
    classes: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    slow_seconds: float = 5.0


@dataclass(frozen=True)
class Component:
    """State of a component as the summarizer tells it."""

    state: int = STATES["started"]
    status: int = STATUSES["ok"]


@dataclass(frozen=True)
class Sql:
    """The database of a site."""

    host: str
    instance: str
    database: str


@dataclass(frozen=True)
class Discovery:
    """A discovery method of one site."""

    active: bool
    delta: bool
    containers: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """One site of the hierarchy."""

    code: str
    type: str
    name: str
    parent: str
    server: str
    build: int
    mode: int
    status: int
    utc_offset: int
    sql: Sql
    ad_user_discovery: Discovery | None
    ad_system_discovery: Discovery | None


@dataclass(frozen=True)
class Provider:
    """One SMS Provider, hence one listener."""

    host: str
    site: str
    fault: Fault | None
    certificate_days: int
    component: Component
    down_since: timedelta | None


@dataclass(frozen=True)
class ConnectionPoint:
    """One service connection point."""

    host: str
    site: str
    offline: bool
    proxy_name: str
    proxy_port: int
    connector: Component


@dataclass(frozen=True)
class Role:
    """A site system role that the ordinary rows do not give."""

    host: str
    site: str
    role: str


@dataclass(frozen=True)
class Attach:
    """Tenant attach as the site database knows it."""

    tenant_name: str
    tenant_id: str
    client_id: str
    application_present: bool


@dataclass(frozen=True)
class StatusMessage:
    """One status message, its time told as age."""

    id: int
    age: timedelta
    site: str
    host: str
    component: str


@dataclass(frozen=True)
class ClientGroup:
    """Devices of one kind, spread over the sites that are named."""

    label: str
    os: str
    build: str
    count: int
    sites: tuple[str, ...]
    client: bool
    obsolete: bool


@dataclass(frozen=True)
class User:
    """A discovered user."""

    name: str
    full_name: str
    discovered_by: tuple[str, ...]
    sid: str = ""
    upn: str = ""


@dataclass(frozen=True)
class Administrator:
    """An administrative user or group of the hierarchy."""

    name: str
    roles: tuple[str, ...]
    group: bool
    sid: str = ""


@dataclass(frozen=True)
class Surprises:
    """Documented oddities of the real service; each may be turned off."""

    odd_case: bool = True
    select_collapse: bool = True
    tally_rule: bool = True
    signed_severity: bool = False


@dataclass(frozen=True)
class Scenario:
    """A whole estate, checked."""

    name: str
    description: str
    domain: str
    netbios: str
    sites: Mapping[str, Site]
    providers: Mapping[str, Provider]
    connection_points: Mapping[str, ConnectionPoint]
    domains: Mapping[str, str]
    roles: tuple[Role, ...]
    entra_discovery: bool
    attach: Attach | None
    status_messages: tuple[StatusMessage, ...]
    clients: tuple[ClientGroup, ...]
    users: tuple[User, ...]
    administrators: tuple[Administrator, ...]
    accounts: Mapping[str, str]
    page_size: Mapping[str, int]
    surprises: Surprises
    entry: str
    tenant: Tenant | None = None
    windows: Mapping[str, WindowsHost] = field(default_factory=dict)
    expectations: Mapping[str, Any] = field(default_factory=dict)

    @property
    def top_site(self) -> Site:
        """The site that has no parent."""
        return next(site for site in self.sites.values() if not site.parent)

    def fqdn(self, host: str) -> str:
        """Full name of a host of the estate."""
        return f"{host}.{self.domain}"

    @property
    def sql_servers(self) -> tuple[str, ...]:
        """The SQL Servers of the primary sites below a CAS."""
        return tuple(sql_servers(self.sites))

    @property
    def hosts(self) -> tuple[str, ...]:
        """The computers of the estate."""
        sites = [host for site in self.sites.values() for host in (site.server, site.sql.host)]
        return tuple(dict.fromkeys([*sites, *self.providers, *self.connection_points]))


def sql_servers(sites: Mapping[str, Site]) -> dict[str, Site]:
    """The SQL Servers of the primary sites below a CAS, with their sites."""
    return {site.sql.host: site for site in sites.values() if site.type == "primary" and site.parent}


def merge(base: dict[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a patch over a mapping as RFC 7396 says."""
    result = dict(base)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            below = result.get(key)
            result[key] = merge(below if isinstance(below, dict) else {}, value)
        else:
            result[key] = value
    return result


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a mapping from a YAML (or JSON) file."""
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ScenarioError(f"cannot read {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(value, dict):
        raise ScenarioError(f"{path}: expected a mapping at the top")
    return value


def find(name_or_path: str, beside: Path | None = None) -> Path:
    """The file of a scenario, given by path (seen from ``beside``) or by name."""
    if name_or_path.endswith((".yml", ".yaml", ".json")) or "/" in name_or_path:
        return (beside or Path()) / name_or_path
    for folder in (beside or SCENARIOS, SCENARIOS):
        path = folder / f"{name_or_path}.yml"
        if path.is_file():
            return path
    names = sorted(path.stem for path in SCENARIOS.glob("*.yml"))
    raise ScenarioError(f"there is no scenario {name_or_path!r}{nearest(name_or_path, names)}")


def read_layers(path: Path, seen: tuple[Path, ...] = ()) -> dict[str, Any]:
    """Read a scenario with everything that it extends."""
    path = path.resolve()
    if path in seen:
        raise ScenarioError(f"{path}: extends itself")
    layer = read_yaml(path)
    base = layer.pop("extends", None)
    if base is None:
        return layer
    return merge(read_layers(find(str(base), path.parent), (*seen, path)), layer)


def parse_setting(text: str, domain: str) -> dict[str, Any]:
    """Turn ``path.to.key=value`` into an overlay; the value is YAML.

    A provider may be named by its full name, dots and all: ``provider.<fqdn>.fault=down``.
    """
    path, separator, value = text.partition("=")
    if not separator or not path:
        raise ScenarioError(f"--set {text!r}: expected KEY.KEY=VALUE")
    keys = path.split(".")
    if keys[0] in {"provider", "providers"}:
        host, _dot, key = path.partition(".")[2].rpartition(".")
        keys = ["providers", host.removesuffix(f".{domain}"), key]
    if not all(keys):
        raise ScenarioError(f"--set {text!r}: expected KEY.KEY=VALUE")
    try:
        overlay: Any = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise ScenarioError(f"--set {text!r}: the value is not YAML") from error
    for key in reversed(keys):
        overlay = {key: overlay}
    return dict(overlay)


def load(name_or_path: str, overlays: Iterable[Path] = (), settings: Iterable[str] = ()) -> Scenario:
    """Load a scenario, lay the overlays and settings over it, and check it."""
    path = find(name_or_path)
    raw = read_layers(path)
    for overlay in overlays:
        raw = merge(raw, read_yaml(overlay))
    known_providers = set(raw.get("providers") or {})
    for setting in settings:
        patch = parse_setting(setting, str(raw.get("domain", "")))
        stray = set(patch.get("providers", {})) - known_providers
        if stray and "generate" not in raw:
            host = stray.pop()
            raise ScenarioError(f"--set {setting!r}: no provider {host!r}{nearest(host, sorted(known_providers))}")
        raw = merge(raw, patch)
    return build(raw, path.stem)


def generate(raw: dict[str, Any]) -> dict[str, Any]:
    """Write out the sites, providers and clients that a ``generate`` block asks for."""
    block = raw.pop("generate", None)
    if block is None:
        return raw
    reader = Reader(block, "generate")
    primaries = reader.take("primaries", int)
    secondaries = reader.take("secondaries_per_primary", int)
    providers = reader.take("providers", int)
    clients = reader.take("clients", int)
    reader.done()
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    if not 1 <= primaries <= 99 or primaries * secondaries > len(digits) ** 2:
        raise ScenarioError("generate: at most 99 primaries and 1296 secondaries have a site code")
    sites: dict[str, Any] = {"CAS": {"type": "cas", "name": "Central administration site", "server": "cm-cas01"}}
    codes = [f"P{number:02}" for number in range(1, primaries + 1)]
    for index, code in enumerate(codes):
        sites[code] = {
            "type": "primary",
            "parent": "CAS",
            "name": f"Primary {code}",
            "server": f"cm-{code.lower()}",
            "sql": {"host": f"cm-{code.lower()}-sql01", "instance": "CMINST"},
            "ad_user_discovery": {"active": True, "delta": True},
        }
        for number in range(index * secondaries, (index + 1) * secondaries):
            secondary = f"S{digits[number // len(digits)]}{digits[number % len(digits)]}"
            sites[secondary] = {
                "type": "secondary",
                "parent": code,
                "name": f"Secondary {secondary}",
                "server": f"cm-{secondary.lower()}",
            }
    hosts: dict[str, Any] = {"cm-cas01": {"site": "CAS"}, "cm-cas-prv01": {"site": "CAS"}}
    round_number = 0
    while len(hosts) < providers:
        for code in codes[: providers - len(hosts)]:
            host = f"cm-{code.lower()}" if round_number == 0 else f"cm-{code.lower()}-prv{round_number:02}"
            hosts[host] = {"site": code}
        round_number += 1
    half = clients // 2
    made = {
        "sites": sites,
        "providers": hosts,
        "clients": {
            "windows_11": {"os": "windows_11", "count": half},
            "windows_10": {"os": "windows_10", "count": clients - half},
        },
    }
    return merge(made, raw)


def build(raw: dict[str, Any], name: str) -> Scenario:
    """Check a merged scenario and give it types."""
    reader = Reader(generate(raw), name)
    description = reader.take("description", str, "")
    domain = reader.take("domain", str)
    netbios = reader.take("netbios", str)
    build_number = reader.take("build", int)
    sites = {code: _site(code, item, build_number) for code, item in reader.mapping("sites").items()}
    _check_hierarchy(sites, reader.where)
    providers = {host: _provider(host, item, sites) for host, item in reader.mapping("providers").items()}
    points = {host: _point(host, item, sites) for host, item in reader.mapping("service_connection_points").items()}
    top = next(site for site in sites.values() if not site.parent)
    own = [host for host, provider in providers.items() if provider.site == top.code]
    if not own:
        raise ScenarioError(f"{name}.providers: the top-tier site {top.code} has no provider")
    attach = _attach(reader.raw("attach"))
    client = attach.client_id if attach else None
    tenant = read_tenant(reader.raw("tenant"), client, frozenset(BUILT_IN_ROLES), domain)
    users = [_user(user, item) for user, item in reader.mapping("users").items()]
    administrators = [_administrator(who, item) for who, item in reader.mapping("administrators").items()]
    by_entra = reader.take("entra_user_discovery", bool, False)
    by_ad = any(site.ad_user_discovery and site.ad_user_discovery.active for site in sites.values())
    _join(tenant, netbios, "entra" if by_entra and not by_ad else "ad", users, administrators)
    scenario = Scenario(
        name=name,
        description=description,
        domain=domain,
        netbios=netbios,
        sites=sites,
        providers=providers,
        connection_points=points,
        domains={host: str(value) for host, value in reader.mapping("domain_of").items()},
        roles=tuple(_role(item, number, sites) for number, item in enumerate(reader.take("roles", list, []))),
        entra_discovery=by_entra,
        attach=attach,
        tenant=tenant,
        status_messages=tuple(
            _message(item, number, sites, points)
            for number, item in enumerate(reader.take("status_messages", list, []))
        ),
        clients=tuple(_clients(label, item, sites) for label, item in reader.mapping("clients").items()),
        users=tuple(users),
        administrators=tuple(administrators),
        accounts=_accounts(reader.mapping("accounts")),
        page_size=_page_size(reader.raw("page_size")),
        surprises=_surprises(reader.raw("surprises")),
        entry=reader.choice("entry", own, own[0]),
        windows=_windows(reader, sites, {**points, **providers}),
        expectations=reader.mapping("expectations"),
    )
    reader.done()
    return scenario


def _windows(
    reader: Reader, sites: Mapping[str, Site], hosts: Mapping[str, Provider | ConnectionPoint]
) -> dict[str, WindowsHost]:
    enabled = reader.raw("windows")
    if enabled not in {None, True, False}:
        raise ScenarioError(f"windows: expected true or false, found {enabled!r}")
    offsets = {host: site.utc_offset for host, site in sql_servers(sites).items()}
    offsets |= {host: sites[item.site].utc_offset for host, item in hosts.items()}
    return read_hosts(enabled, reader.mapping("windows_hosts"), offsets)


def _check_hierarchy(sites: Mapping[str, Site], where: str) -> None:
    tops = [site.code for site in sites.values() if not site.parent]
    if len(tops) != 1:
        raise ScenarioError(f"{where}.sites: exactly one site has no parent, found {', '.join(tops) or 'none'}")
    allowed = {"cas": {""}, "primary": {"", "cas"}, "secondary": {"primary"}}
    for site in sites.values():
        if site.parent and site.parent not in sites:
            raise ScenarioError(f"{where}.sites.{site.code}.parent: there is no site {site.parent!r}")
        parent_type = sites[site.parent].type if site.parent else ""
        if parent_type not in allowed[site.type]:
            raise ScenarioError(
                f"{where}.sites.{site.code}: a {site.type} site cannot stand below {parent_type or 'nothing'}"
            )


def _known_site(reader: Reader, key: str, sites: Mapping[str, Site], default: str | None = None) -> str:
    return reader.choice(key, sites, default)


def _discovery(value: object, where: str) -> Discovery | None:
    if value is None:
        return None
    reader = Reader(value, where)
    discovery = Discovery(
        active=reader.take("active", bool),
        delta=reader.take("delta", bool, False),
        containers=reader.words("containers"),
    )
    reader.done()
    return discovery


def _site(code: str, value: object, build_number: int) -> Site:
    where = f"sites.{code}"
    if re.fullmatch(r"[A-Z0-9]{3}", code) is None:
        raise ScenarioError(f"{where}: a site code has three letters or digits")
    reader = Reader(value, where)
    kind = reader.choice("type", SITE_TYPES)
    server = reader.take("server", str)
    sql = Reader(reader.raw("sql"), f"{where}.sql")
    site = Site(
        code=code,
        type=kind,
        name=reader.take("name", str),
        parent=reader.take("parent", str, ""),
        server=server,
        build=reader.take("build", int, build_number),
        mode=reader.take("mode", int, 0),
        status=reader.take("status", int, 1),
        utc_offset=reader.take("utc_offset", int, 0),
        sql=Sql(sql.take("host", str, server), sql.take("instance", str, ""), sql.take("database", str, f"CM_{code}")),
        ad_user_discovery=_discovery(reader.raw("ad_user_discovery"), f"{where}.ad_user_discovery"),
        ad_system_discovery=_discovery(reader.raw("ad_system_discovery"), f"{where}.ad_system_discovery"),
    )
    sql.done()
    reader.done()
    return site


def _component(value: object, where: str) -> Component:
    reader = Reader(value, where)
    component = Component(
        STATES[reader.choice("state", STATES, "started")], STATUSES[reader.choice("status", STATUSES, "ok")]
    )
    reader.done()
    return component


def _fault(value: object, where: str) -> Fault | None:
    if value is None:
        return None
    reader = Reader({"kind": value} if isinstance(value, str) else value, where)
    fault = Fault(
        kind=reader.choice("kind", (*LISTENER_FAULTS, *HTTP_FAULTS)),
        classes=reader.words("classes"),
        routes=reader.words("routes", ROUTES),
        slow_seconds=reader.take("slow_seconds", float, 5.0),
    )
    reader.done()
    if fault.kind in LISTENER_FAULTS and (fault.classes or fault.routes):
        raise ScenarioError(f"{where}: {fault.kind} concerns the whole listener, not classes or routes")
    return fault


def _provider(host: str, value: object, sites: Mapping[str, Site]) -> Provider:
    where = f"providers.{host}"
    reader = Reader(value, where)
    down = reader.raw("down_since")
    provider = Provider(
        host=host,
        site=_known_site(reader, "site", sites),
        fault=_fault(reader.raw("fault"), f"{where}.fault"),
        certificate_days=reader.take("certificate_days", int, 700),
        component=_component(reader.raw("component"), f"{where}.component"),
        down_since=None if down is None else parse_age(down, f"{where}.down_since"),
    )
    reader.done()
    return provider


def _point(host: str, value: object, sites: Mapping[str, Site]) -> ConnectionPoint:
    where = f"service_connection_points.{host}"
    reader = Reader(value, where)
    proxy = Reader(reader.raw("proxy"), f"{where}.proxy")
    point = ConnectionPoint(
        host=host,
        site=_known_site(reader, "site", sites),
        offline=reader.take("offline", bool, False),
        proxy_name=proxy.take("name", str, ""),
        proxy_port=proxy.take("port", int, 80),
        connector=_component(reader.raw("connector"), f"{where}.connector"),
    )
    proxy.done()
    reader.done()
    return point


def _role(value: object, number: int, sites: Mapping[str, Site]) -> Role:
    reader = Reader(value, f"roles[{number}]")
    role = Role(reader.take("host", str), _known_site(reader, "site", sites), reader.take("role", str))
    reader.done()
    return role


def _attach(value: object) -> Attach | None:
    if value is None:
        return None
    reader = Reader(value, "attach")
    attach = Attach(
        tenant_name=reader.take("tenant_name", str, "Contoso"),
        tenant_id=reader.take("tenant_id", str),
        client_id=reader.take("client_id", str),
        application_present=reader.take("application_present", bool, True),
    )
    reader.done()
    return attach


def _message(
    value: object, number: int, sites: Mapping[str, Site], points: Mapping[str, ConnectionPoint]
) -> StatusMessage:
    where = f"status_messages[{number}]"
    reader = Reader(value, where)
    top = next(site for site in sites.values() if not site.parent)
    message = StatusMessage(
        id=reader.take("id", int),
        age=parse_age(reader.take("age", str), f"{where}.age"),
        site=_known_site(reader, "site", sites, top.code),
        host=reader.take("host", str, next(iter(points), top.server)),
        component=reader.take("component", str, "SMS_SERVICE_CONNECTOR"),
    )
    reader.done()
    return message


def _clients(label: str, value: object, sites: Mapping[str, Site]) -> ClientGroup:
    reader = Reader(value, f"clients.{label}")
    system = reader.choice("os", OPERATING_SYSTEMS)
    primaries = [code for code, site in sites.items() if site.type == "primary"]
    group = ClientGroup(
        label=label,
        os=system,
        build=reader.take("build", str, OPERATING_SYSTEMS[system][1]),
        count=reader.take("count", int),
        sites=reader.words("sites", primaries) or tuple(primaries),
        client=reader.take("client", bool, True),
        obsolete=reader.take("obsolete", bool, False),
    )
    reader.done()
    return group


def _user(name: str, value: object) -> User:
    reader = Reader(value, f"users.{name}")
    user = User(name, reader.take("full_name", str, name), reader.words("discovered_by", AGENTS) or ("ad",))
    reader.done()
    return user


def _administrator(name: str, value: object) -> Administrator:
    reader = Reader(value, f"administrators.{name}")
    administrator = Administrator(name, reader.words("roles"), reader.take("group", bool, False))
    reader.done()
    return administrator


def _join(
    tenant: Tenant | None, netbios: str, agent: str, users: list[User], administrators: list[Administrator]
) -> None:
    """Let the estate hold the accounts of the tenant, behind its own so that nobody else changes place."""
    known, trusted = {user.name for user in users}, {administrator.name for administrator in administrators}
    for user in tenant.users if tenant else ():
        logon = f"{netbios}\\{user.account}"
        if user.discovered and user.account not in known:
            users.append(User(user.account, user.full_name, (agent,), user.sid, user.upn))
        if user.administrator and logon not in trusted:
            administrators.append(Administrator(logon, (OPERATOR_ROLE,), group=False, sid=user.sid))


def _accounts(value: Mapping[str, Any]) -> dict[str, str]:
    accounts = {"auditor": "all", "noscope": "noscope", "nosite": "nosite", "nowmi": "nowmi"}
    for name, item in value.items():
        reader = Reader(item, f"accounts.{name}")
        accounts[name] = reader.choice("access", ACCESS)
        reader.done()
    return accounts


def _page_size(value: object) -> dict[str, int]:
    sizes = {"*": value} if isinstance(value, int) else value or {}
    if not isinstance(sizes, dict) or not all(isinstance(size, int) and size > 0 for size in sizes.values()):
        raise ScenarioError("page_size: expected a number, or a mapping of class to number")
    return {str(name): size for name, size in sizes.items()}


def _surprises(value: object) -> Surprises:
    reader = Reader(value, "surprises")
    default = Surprises()
    surprises = Surprises(
        odd_case=reader.take("odd_case", bool, default.odd_case),
        select_collapse=reader.take("select_collapse", bool, default.select_collapse),
        tally_rule=reader.take("tally_rule", bool, default.tally_rule),
        signed_severity=reader.take("signed_severity", bool, default.signed_severity),
    )
    reader.done()
    return surprises
