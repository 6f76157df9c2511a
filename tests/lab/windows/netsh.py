# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""netsh.exe: `winhttp set proxy` and `winhttp reset proxy`. Each of the two programs writes the view of its own."""

from __future__ import annotations

from collections.abc import Sequence

from .config import Settings
from .program import Result, lines
from .registry import CONNECTIONS, WINHTTP, Registry, encode

SYNTAX = "The syntax supplied for this command is not valid. Check help for the correct syntax."
USAGE = (
    "Usage: set proxy [proxy-server=]<server name> [bypass-list=]<hosts list>",
    "",
    "Parameters:",
    "",
    "       Tag            Value",
    "       proxy-server - proxy server for use for http and/or https protocol",
    "       bypass-list  - a list of sites that should be visited bypassing the",
    '                      proxy (use "<local>" to bypass all short name hosts)',
)
SERVER, LIST = "proxy-server=", "bypass-list="


class Netsh:
    """netsh.exe of one view: ``ok``, or one that ``lies`` or ``fails``."""

    def __init__(self, registry: Registry, view: int, version: int, mode: str) -> None:
        self._registry = registry
        self._view = view
        self._version = version
        self._mode = mode

    def __call__(self, arguments: Sequence[str]) -> Result:
        """Run it."""
        match [*arguments]:
            case ["winhttp", "reset", "proxy"]:
                return self._write(Settings(version=self._version))
            case ["winhttp", "set", "proxy", *values]:
                settings = self._settings(values)
                return Result(1, lines(SYNTAX, "", *USAGE, "")) if settings is None else self._write(settings)
        return Result(1, lines(f"The following command was not found: {' '.join(arguments)}."))

    def _settings(self, values: Sequence[str]) -> Settings | None:
        # The tags may be left out, but who leaves them out has not read what the page says about blanks.
        match [*values]:
            case [server, *rest] if server.startswith(SERVER) and server != SERVER:
                proxy = server.removeprefix(SERVER)
            case _:
                return None
        match rest:
            case []:
                bypass = ""
            case [text] if text.startswith(LIST) and text != LIST:
                bypass = text.removeprefix(LIST)
            case _:
                return None
        return Settings(proxy, bypass, 3, self._version) if f"{proxy}{bypass}".isascii() else None

    def _write(self, settings: Settings) -> Result:
        if self._mode == "fails":
            return Result(1, lines("", "Error writing proxy settings. (5) Access is denied.", ""))
        if self._mode != "lies":
            self._registry.put(CONNECTIONS, WINHTTP, "REG_BINARY", encode(settings), self._view)
        shown = ["    Direct access (no proxy server)."]
        if settings.proxy:
            bypass = settings.bypass or "(none)"
            shown = [f"    Proxy Server(s) :  {settings.proxy}", f"    Bypass List     :  {bypass}"]
        return Result(stdout=lines("", "Current WinHTTP proxy settings:", "", *shown, ""))
