# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry of a host in its views of 64 and of 32 bits, and reg.exe, which reads and writes it."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .config import Settings, WindowsHost
from .program import Result, lines

HIVES = {"hklm": "HKEY_LOCAL_MACHINE", "hkey_local_machine": "HKEY_LOCAL_MACHINE"}
INTERNET = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings"
CONNECTIONS = rf"{INTERNET}\Connections"
WINHTTP = "WinHttpSettings"
WINDOWS = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
DOTNET = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full"
POLICIES = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft"
TCPIP = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"

DONE = Result(stdout=lines("The operation completed successfully.", ""))
ABSENT = Result(1, stderr=lines("", "", "ERROR: The system was unable to find the specified registry key or value."))


@dataclass(frozen=True)
class Value:
    """A value with its data as reg.exe shows it."""

    name: str
    type: str
    data: str


@dataclass
class Key:
    """A key with its values by name in lower case."""

    path: str
    values: dict[str, Value] = field(default_factory=dict)


class Registry:
    """Both views. Software has a place of its own in that of 32 bits, all else and the policies are shared."""

    def __init__(self) -> None:
        self._views: dict[int, dict[str, Key]] = {64: {}, 32: {}}

    def key(self, path: str, view: int) -> Key | None:
        """A key that is there."""
        return self._view(path, view).get(path.lower())

    def subkeys(self, path: str, view: int) -> Iterator[str]:
        """The paths of the keys right below a key."""
        for lower, key in sorted(self._view(path, view).items()):
            if lower.rpartition("\\")[0] == path.lower():
                yield key.path

    def make(self, path: str, view: int) -> Key:
        """A key, made with all above it where it was not there."""
        keys = self._view(path, view)
        names = path.split("\\")
        for end in range(1, len(names) + 1):
            above = "\\".join(names[:end])
            keys.setdefault(above.lower(), Key(above))
        return keys[path.lower()]

    def put(self, path: str, name: str, kind: str, data: str, view: int = 64) -> None:
        """Write a value."""
        self.make(path, view).values[name.lower()] = Value(name, kind, data)

    def _view(self, path: str, view: int) -> dict[str, Key]:
        lower = f"{path.lower()}\\"
        own = lower.startswith("hkey_local_machine\\software\\") and "\\software\\policies\\" not in lower
        return self._views[view if own else 64]


def encode(settings: Settings) -> str:
    """The registry value of WinHTTP settings in hex."""
    proxy, bypass = settings.proxy.encode("ascii"), settings.bypass.encode("ascii")
    blob = struct.pack("<III", settings.version, 0, settings.flags)
    for text in (proxy, bypass):
        blob += struct.pack("<I", len(text)) + text
    # Newer versions of Windows have room for an automatic configuration behind it.
    return (blob + bytes(24 if settings.version == 0x28 else 0)).hex().upper()


def decode(data: str) -> Settings:
    """WinHTTP settings as WinHTTP itself would read them; what is damaged counts for none."""
    blob = bytes.fromhex(data)
    try:
        version, _counter, flags, length = struct.unpack_from("<IIII", blob)
        proxy = blob[16 : 16 + length].decode("ascii")
        (size,) = struct.unpack_from("<I", blob, 16 + length)
        bypass = blob[20 + length : 20 + length + size].decode("ascii")
    except (struct.error, UnicodeDecodeError):
        return Settings()
    return Settings(proxy, bypass, flags, version)


def deliver(host: WindowsHost, fqdn: str) -> Registry:
    """The registry of a host when the lab starts."""
    registry = Registry()
    system = host.os
    release = "DisplayVersion" if "H" in system.release else "ReleaseId"
    for name, data in (
        ("ProductName", system.product),
        ("CurrentBuild", str(system.build)),
        (release, system.release),
        ("InstallationType", system.installation_type),
    ):
        registry.put(WINDOWS, name, "REG_SZ", data)
    registry.put(WINDOWS, "UBR", "REG_DWORD", hex(2227))
    registry.put(DOTNET, "Release", "REG_DWORD", hex(host.dotnet))
    registry.put(rf"{POLICIES}\SystemCertificates", "(Default)", "REG_SZ", "(value not set)")
    if host.proxy_settings_per_user is not None:
        policy = rf"{POLICIES}\Windows\CurrentVersion\Internet Settings"
        registry.put(policy, "ProxySettingsPerUser", "REG_DWORD", hex(host.proxy_settings_per_user))
    name, _dot, domain = fqdn.partition(".")
    registry.put(TCPIP, "Hostname", "REG_SZ", name.upper())
    registry.put(TCPIP, "Domain", "REG_SZ", domain)
    for view, settings in ((64, host.winhttp), (32, host.winhttp_32)):
        registry.put(INTERNET, "SecureProtocols", "REG_DWORD", hex(0xA80), view)
        registry.put(CONNECTIONS, WINHTTP, "REG_BINARY", encode(settings), view)
    return registry


class Reg:
    """reg.exe: query, add and delete, with the switches that the collection gives."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def __call__(self, arguments: Sequence[str]) -> Result:
        """Run it."""
        if len(arguments) < 2 or arguments[0].lower() not in {"query", "add", "delete"}:
            return _invalid("", "REG")
        verb = arguments[0].lower()
        path = _path(arguments[1])
        switches = _switches(arguments[2:])
        if path is None or switches is None:
            return _invalid(" Invalid key name." if path is None else "", f"REG {verb.upper()}")
        view = 32 if "/reg:32" in switches else 64
        match verb, set(switches) - {"/reg:32", "/reg:64"}:
            case "query", left if left <= {"/v"}:
                return self._query(path, switches.get("/v"), view)
            case "add", left if left == {"/v", "/t", "/d", "/f"}:
                return self._add(path, switches, view)
            case "delete", left if left == {"/v", "/f"}:
                return self._delete(path, switches["/v"], view)
        return _invalid("", f"REG {verb.upper()}")

    def _query(self, path: str, name: str | None, view: int) -> Result:
        key = self._registry.key(path, view)
        if key is None:
            return ABSENT
        if name is not None:
            value = key.values.get(name.lower())
            return ABSENT if value is None else Result(stdout=lines("", key.path, _row(value), ""))
        shown = [key.path, *(_row(value) for value in key.values.values()), ""] if key.values else []
        return Result(stdout=lines("", *shown, *self._registry.subkeys(path, view)))

    def _add(self, path: str, switches: dict[str, str], view: int) -> Result:
        kind, data = switches["/t"].upper(), switches["/d"]
        if kind != "REG_BINARY" or re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", data) is None:
            return _invalid("", "REG ADD")
        self._registry.put(path, switches["/v"], kind, data.upper(), view)
        return DONE

    def _delete(self, path: str, name: str, view: int) -> Result:
        key = self._registry.key(path, view)
        if key is None or key.values.pop(name.lower(), None) is None:
            return ABSENT
        return DONE


def _path(text: str) -> str | None:
    hive, _backslash, rest = text.partition("\\")
    full = HIVES.get(hive.lower())
    return None if full is None or not rest or rest.endswith("\\") else rf"{full}\{rest}"


def _switches(arguments: Sequence[str]) -> dict[str, str] | None:
    """The switches by name in lower case; None where one is not known, comes twice or lacks its value."""
    found: dict[str, str] = {}
    left = list(arguments)
    while left:
        name = left.pop(0).lower()
        takes = name in {"/v", "/t", "/d"}
        if name in found or (takes and not left) or not (takes or name in {"/f", "/reg:32", "/reg:64"}):
            return None
        found[name] = left.pop(0) if takes else ""
    return None if {"/reg:32", "/reg:64"} <= set(found) else found


def _row(value: Value) -> str:
    return f"    {value.name}    {value.type}    {value.data}"


def _invalid(what: str, usage: str) -> Result:
    return Result(1, stderr=lines(f"ERROR:{what or ' Invalid syntax.'}", f'Type "{usage} /?" for usage.'))
