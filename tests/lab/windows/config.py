# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scenario says about its Windows hosts."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..reader import Reader, ScenarioError, nearest

NETSH = ("ok", "lies", "fails")
REVOCATION = ("auto", "reachable", "unreachable")
# .NET Framework 4.8 as Windows Server 2022 has it.
DOTNET = 528449
VERSIONS = (0x18, 0x28)
# The first build of Windows that is delivered without wmic.exe.
WITHOUT_WMIC = 26100


@dataclass(frozen=True)
class Settings:
    """The WinHTTP settings of one view of the registry."""

    proxy: str = ""
    bypass: str = ""
    flags: int = 1
    version: int = 0x18


@dataclass(frozen=True)
class System:
    """The version of Windows."""

    product: str = "Windows Server 2022 Standard"
    build: int = 20348
    release: str = "21H2"
    installation_type: str = "Server"


@dataclass(frozen=True)
class Hosts:
    """Names of hosts, with * for anything."""

    patterns: tuple[str, ...]

    def __contains__(self, host: str) -> bool:
        return any(fnmatch.fnmatchcase(host.lower(), pattern.lower()) for pattern in self.patterns)


@dataclass(frozen=True)
class ProxyServer:
    """What a proxy does: it lets through to some hosts, or refuses with a status whatever it is asked for."""

    allowed: Hosts
    refusal: int = 403


@dataclass(frozen=True)
class Internet:
    """The internet as a host sees it."""

    direct: Hosts = Hosts(("*",))
    proxies: Mapping[str, ProxyServer] = field(default_factory=dict)
    unresolved: Hosts = Hosts(())
    intercepted: Mapping[str, str] = field(default_factory=dict)
    revocation: str = "auto"
    revoked: Hosts = Hosts(())

    def interceptor(self, host: str) -> str | None:
        """Who issues a certificate of his own in the name of a host."""
        return next((issuer for pattern, issuer in self.intercepted.items() if host in Hosts((pattern,))), None)


@dataclass(frozen=True)
class WindowsHost:
    """One Windows host."""

    host: str
    winhttp: Settings = Settings()
    winhttp_32: Settings = Settings()
    netsh: str = "ok"
    os: System = System()
    dotnet: int = DOTNET
    clock_offset_seconds: float = 0.0
    utc_offset: int = 0
    proxy_settings_per_user: bool | None = None
    curl: str = "8.9.1"
    internet: Internet = Internet()
    down: bool = False
    local_groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_hosts(
    enabled: bool | None, value: Mapping[str, Any], utc_offsets: Mapping[str, int]
) -> dict[str, WindowsHost]:
    """The Windows hosts of a scenario.

    ``utc_offsets`` has the hosts that can be played, each with the time zone of its site.
    """
    for host in value:
        if host not in utc_offsets:
            hint = nearest(host, sorted(utc_offsets))
            known = "SMS Provider, service connection point, or SQL Server of a primary site below a CAS"
            raise ScenarioError(f"windows_hosts: {host!r} is no {known}{hint}")
    if not (bool(value) if enabled is None else enabled):
        return {}
    return {host: _host(host, value.get(host), offset) for host, offset in utc_offsets.items()}


def _host(host: str, value: object, utc_offset: int) -> WindowsHost:
    where = f"windows_hosts.{host}"
    reader = Reader(value, where)
    winhttp = _settings(reader.raw("winhttp"), f"{where}.winhttp")
    other = reader.raw("winhttp_32")
    per_user = reader.raw("proxy_settings_per_user")
    if per_user not in {None, True, False}:
        raise ScenarioError(f"{where}.proxy_settings_per_user: expected true or false, found {per_user!r}")
    played = WindowsHost(
        host=host,
        winhttp=winhttp,
        winhttp_32=winhttp if other is None else _settings(other, f"{where}.winhttp_32"),
        netsh=reader.choice("netsh", NETSH, "ok"),
        os=_system(reader.raw("os"), f"{where}.os"),
        dotnet=reader.take("dotnet", int, DOTNET),
        clock_offset_seconds=reader.take("clock_offset_seconds", float, 0.0),
        utc_offset=utc_offset,
        proxy_settings_per_user=per_user,
        curl=reader.take("curl", str, "8.9.1"),
        internet=_internet(reader.raw("internet"), f"{where}.internet"),
        down=reader.take("down", bool, False),
        local_groups={name: tuple(members) for name, members in reader.mapping("local_groups").items()},
    )
    reader.done()
    if re.fullmatch(r"none|\d+\.\d+\.\d+", played.curl) is None:
        raise ScenarioError(f"{where}.curl: expected a version such as 8.9.1, or none, found {played.curl!r}")
    return played


def _settings(value: object, where: str) -> Settings:
    reader = Reader(value, where)
    proxy = reader.take("proxy", str, "")
    settings = Settings(
        proxy=proxy,
        bypass=reader.take("bypass", str, ""),
        flags=reader.take("flags", int, 3 if proxy else 1),
        version=reader.take("version", int, 0x18),
    )
    reader.done()
    if settings.version not in VERSIONS:
        raise ScenarioError(f"{where}.version: expected 0x18 or 0x28, found {settings.version:#x}")
    if not 0 <= settings.flags < 2**32 or not f"{settings.proxy}{settings.bypass}".isascii():
        raise ScenarioError(f"{where}: expected flags of 32 bits, and texts in ASCII")
    return settings


def _system(value: object, where: str) -> System:
    reader = Reader(value, where)
    default = System()
    system = System(
        product=reader.take("product", str, default.product),
        build=reader.take("build", int, default.build),
        release=reader.take("release", str, default.release),
        installation_type=reader.choice(
            "installation_type", ("Server", "Server Core", "Client"), default.installation_type
        ),
    )
    reader.done()
    return system


def _internet(value: object, where: str) -> Internet:
    reader = Reader(value, where)
    direct = _some(reader.raw("direct"), f"{where}.direct", {"all": ("*",), "none": ()})
    proxies = {
        address: _proxy(address, item, f"{where}.proxies.{address}")
        for address, item in reader.mapping("proxies").items()
    }
    internet = Internet(
        direct=direct,
        proxies=proxies,
        unresolved=Hosts(reader.words("unresolved")),
        intercepted={host: str(issuer) for host, issuer in reader.mapping("intercepted").items()},
        revocation=reader.choice("revocation", REVOCATION, "auto"),
        revoked=Hosts(reader.words("revoked")),
    )
    reader.done()
    return internet


def _some(value: object, where: str, words: Mapping[str, Iterable[str]]) -> Hosts:
    if value is None:
        return Hosts(("*",))
    if isinstance(value, str) and value in words:
        return Hosts(tuple(words[value]))
    if isinstance(value, list):
        return Hosts(tuple(str(host) for host in value))
    raise ScenarioError(f"{where}: expected a list of hosts or one of {', '.join(words)}, found {value!r}")


def _proxy(address: str, value: object, where: str) -> ProxyServer:
    if re.fullmatch(r"[^:\s]+:\d{1,5}", address) is None:
        raise ScenarioError(f"{where}: expected host:port as its name")
    allowed = _some(value, where, {"all": ("*",), "denied": (), "auth": ()})
    return ProxyServer(allowed, 407 if value == "auth" else 403)
