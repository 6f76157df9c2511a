# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows host with everything in it."""

from __future__ import annotations

from collections.abc import Collection

from .clock import Clock, wmic
from .cmd import SYSTEM_ROOT, Shell
from .config import Settings, WindowsHost
from .curl import curl
from .internet import Internet
from .net import Net, shutdown
from .netsh import Netsh
from .powershell import PowerShell
from .program import Program, Result
from .registry import CONNECTIONS, WINHTTP, Reg, decode, deliver


class Machine:
    """One host, as its console shows it. What is changed on it stays changed until the lab stops."""

    def __init__(self, host: WindowsHost, fqdn: str, accounts: Collection[str] = ()) -> None:
        self.fqdn = fqdn
        self.restarts = 0
        self._registry = deliver(host, fqdn)
        clock = Clock(host)
        version = max(host.winhttp.version, host.winhttp_32.version)
        found: dict[str, Program | None] = {
            r"system32\reg.exe": Reg(self._registry),
            r"system32\net.exe": Net(host.local_groups, accounts),
            r"system32\netsh.exe": Netsh(self._registry, 64, version, host.netsh),
            r"syswow64\netsh.exe": Netsh(self._registry, 32, version, host.netsh),
            r"system32\curl.exe": curl(host.curl, Internet(host, self._winhttp)),
            r"system32\shutdown.exe": shutdown(self._restart),
            r"system32\wmic.exe": wmic(host, clock.utc),
            r"system32\powershell.exe": PowerShell(self._run, clock.utc),
        }
        self._programs = {
            rf"{SYSTEM_ROOT}\{path}".lower(): program for path, program in found.items() if program is not None
        }
        self._names: list[str] = []

    def console(self, line: str) -> tuple[Result, list[str]]:
        """Run a command line with cmd.exe; how it ended, and the programs that it started."""
        self._names = []
        return self._run(line), self._names

    def _run(self, line: str) -> Result:
        shell = Shell(self._programs, lambda path: path.lower() in self._programs)
        result = shell.run(line)
        self._names += shell.names
        return result

    def _restart(self) -> None:
        self.restarts += 1

    def _winhttp(self) -> Settings:
        key = self._registry.key(CONNECTIONS, 64)
        value = key.values.get(WINHTTP.lower()) if key else None
        return decode(value.data) if value else Settings()
