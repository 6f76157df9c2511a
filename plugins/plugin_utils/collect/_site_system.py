# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a Windows host tells about itself. PRIVATE to the collection.

All of it comes from one remote command, from the registry and from a clock that reads the same in every language.
"""

from __future__ import annotations

import datetime as dt
import re
import typing as t

from ...module_utils._errors import AnswerError
from ...module_utils.collect._topics import value_or_error
from ...module_utils.network import _reg
from ..windows import _winhttp

if t.TYPE_CHECKING:
    from ..windows._console import Command, Console, Output

Facts = dict[str, t.Any]

WINDOWS = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
DOTNET = r"HKLM\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full"
POLICIES = r"HKLM\SOFTWARE\Policies\Microsoft"
PER_USER = rf"{POLICIES}\Windows\CurrentVersion\Internet Settings"
TCPIP = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"

# wmic left the newest versions of Windows; PowerShell is slow to start and may be locked down. Whichever answers.
_WMIC: Command = ("wmic.exe", "os", "get", "LocalDateTime", "/value")
_POWERSHELL: Command = ("powershell.exe", "-NoProfile", "-NonInteractive", "[DateTime]::UtcNow.ToString('o')")
_CLOCKS = (_WMIC, _POWERSHELL)
# For whoever probes endpoints from there: one visit shows what two would.
_CURL: Command = ("curl.exe", "--version")
_WMIC_TIME = re.compile(r"(\d{14}\.\d{6})([+-]\d{1,3})")
_ISO_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})\d?Z")


def _query(key: str, name: str) -> Command:
    # A connection may lead to a shell of 32 bits, which would see another registry.
    return ("reg.exe", "query", key, "/v", name, "/reg:64")


# Single values: the whole key of Windows would bring the product key along.
_VALUES: dict[str, Command] = {
    "product": _query(WINDOWS, "ProductName"),
    "build": _query(WINDOWS, "CurrentBuild"),
    "revision": _query(WINDOWS, "UBR"),
    "release": _query(WINDOWS, "DisplayVersion"),
    "older_release": _query(WINDOWS, "ReleaseId"),
    "installation_type": _query(WINDOWS, "InstallationType"),
    "dotnet": _query(DOTNET, "Release"),
    "per_user": _query(PER_USER, "ProxySettingsPerUser"),
    "policies": ("reg.exe", "query", POLICIES, "/reg:64"),
    "hostname": _query(TCPIP, "Hostname"),
    "domain": _query(TCPIP, "Domain"),
}

COMMANDS: tuple[Command, ...] = (*_CLOCKS, _CURL, *_winhttp.READ, *_VALUES.values())


def read(console: Console, now: t.Callable[[], dt.datetime]) -> Facts:
    """Return what the host tells, each value or the error that stands in its place.

    Args:
        console: The console of the host.
        now: The clock of the controller.
    """
    before = now()
    outputs = console.run(*COMMANDS)
    after = now()
    clocks, curl, settings = outputs[: len(_CLOCKS)], outputs[len(_CLOCKS)], outputs[len(_CLOCKS) + 1 : -len(_VALUES)]
    values = _Values(dict(zip(_VALUES, outputs[-len(_VALUES) :], strict=True)))
    return {
        "hostname": value_or_error(values.hostname),
        "os": value_or_error(values.os),
        "dotnet_release": value_or_error(lambda: values.number("dotnet")),
        "clock_skew_seconds": value_or_error(lambda: _skew(_time(clocks), before, after)),
        "proxy_settings_per_user": value_or_error(values.per_user),
        "winhttp": value_or_error(lambda: _settings(_winhttp.parse(settings))),
        "curl": value_or_error(lambda: _banner(curl)),
    }


class _Values:
    """The single values of the registry."""

    def __init__(self, outputs: t.Mapping[str, Output]) -> None:
        self._outputs = outputs

    def os(self) -> Facts:
        """Return the version of Windows. What only newer ones have may be missing."""
        product, build = self._needed("product").data, self._needed("build").data
        if not build.isdecimal():
            raise self._error("build", "a number as CurrentBuild")
        newer = {name: self._value(name) for name in ("revision", "release", "older_release", "installation_type")}
        release = newer["release"] or newer["older_release"]
        return {
            "product": product,
            "build": int(build),
            "revision": newer["revision"].number(WINDOWS) if newer["revision"] else None,
            "release": release.data if release else None,
            "installation_type": newer["installation_type"].data if newer["installation_type"] else None,
        }

    def hostname(self) -> str:
        """Return the name of the host, with its domain where it is in one."""
        domain = self._value("domain")
        return ".".join(filter(None, (self._needed("hostname").data, domain.data if domain else ""))).lower()

    def per_user(self) -> bool | None:
        """Return what the policy says, None where there is no such policy."""
        value = self._value("per_user")
        if value is not None:
            return bool(value.number(PER_USER))
        # Without it reg.exe ends with the same code as without the right to read: the key above it tells them apart.
        if not _reg.parse(self._outputs["policies"].stdout):
            raise self._error("policies", "reg.exe to read the policies")
        return None

    def number(self, name: str) -> int:
        """Return a number."""
        return self._needed(name).number(_VALUES[name][2])

    def _value(self, name: str) -> _reg.Value | None:
        output = self._outputs[name]
        return _reg.parse(output.stdout).value(_VALUES[name][4]) if output.rc == 0 else None

    def _needed(self, name: str) -> _reg.Value:
        value = self._value(name)
        if value is None:
            raise self._error(name, f"reg.exe to read the value {_VALUES[name][4]}")
        return value

    def _error(self, name: str, expected: str) -> AnswerError:
        return AnswerError(
            expected=expected,
            observed=self._outputs[name].observed,
            where=_VALUES[name][2],
            next_step="look at this key on the host: it is missing, or the account may not read it",
        )


def _banner(output: Output) -> str:
    """Return the line in which curl names its version and its libraries."""
    if output.rc != 0 or not output.stdout.startswith("curl "):
        raise AnswerError(
            expected="curl.exe to tell its version",
            observed=output.observed,
            where="curl.exe --version",
            next_step="use Windows Server 2019 or later, which has it",
        )
    return output.stdout.splitlines()[0].strip()


def _settings(state: _winhttp.State) -> Facts:
    settings = state.native.settings
    return {
        **_winhttp.shown(state.native.proxy, state.native.bypass),
        "flags": settings.flags,
        "version": settings.version,
        "auto_config_url": settings.auto_config_url or None,
        "auto_detect": settings.auto_detect,
        "wow64_matches": state.wow64_matches,
    }


def _time(outputs: t.Sequence[Output]) -> dt.datetime:
    """Return the time of the host."""
    # wmic writes UTF-16 into a pipe, in some versions.
    texts = [output.stdout.replace("\0", "") for output in outputs]
    try:
        if found := _WMIC_TIME.search(texts[0]):
            offset = dt.timezone(dt.timedelta(minutes=int(found[2])))
            return dt.datetime.strptime(found[1], "%Y%m%d%H%M%S.%f").replace(tzinfo=offset)
        if found := _ISO_TIME.search(texts[1]):
            return dt.datetime.fromisoformat(found[1]).replace(tzinfo=dt.UTC)
    except ValueError:
        pass  # Digits that are no time are no answer.
    raise AnswerError(
        expected="the time, from wmic or from PowerShell",
        observed="; ".join(f"{clock[0]}: {output.observed}" for clock, output in zip(_CLOCKS, outputs, strict=True)),
        next_step="let the account run one of the two, or compare the clock of the host by hand",
    )


def _skew(time: dt.datetime, before: dt.datetime, after: dt.datetime) -> float:
    """Return by how many seconds the clock of the host is fast, or slow if negative.

    When exactly it was read is not known, only that it was between two readings of our own. So this is the least that
    it differs, and nothing where it lies between them.
    """
    nearest = min(max(time, before), after)
    return round((time - nearest).total_seconds(), 3)
