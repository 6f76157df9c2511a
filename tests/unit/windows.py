# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows host that answers console commands: a registry of two views, and a netsh that may misbehave."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._winhttp_settings import (
    NAMED,
    VALUE,
    Settings,
    encode,
)
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.windows._console import Output, SystemPath
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.windows._winhttp import KEY, NETSH32

PARENT = KEY.rpartition("\\")[0]
MISSING = Output(1, "", "FEHLER: Der angegebene Schlüssel wurde nicht gefunden.\r\n")
DONE = Output(0, "Der Vorgang wurde erfolgreich beendet.\r\n", "")


@dataclass
class WindowsHost:
    """What the host has, and what it was told."""

    # WinHttpSettings of each view, None where there is no value.
    blobs: dict[str, bytes | None] = field(default_factory=lambda: {"64": None, "32": None})
    # Values by key, as type and data. A key without values is there, one that is not named is not.
    keys: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    # What any other program answers.
    programs: dict[str, Output] = field(default_factory=dict)
    wow64: bool = True
    # What netsh does in place of its work: lie, fail, half. And whether reg.exe can restore, or read at all.
    netsh: str = ""
    restores: bool = True
    reads: bool = True
    runs: list[list[tuple[str, ...]]] = field(default_factory=list)

    def run(self, commands: t.Iterable[t.Sequence[str]]) -> list[Output]:
        """Answer one remote command."""
        self.runs.append([tuple(command) for command in commands])
        return [self._answer(*command) for command in self.runs[-1]]

    def _answer(self, program: str, *arguments: str) -> Output:
        if program == "reg.exe":
            return getattr(self, f"_{arguments[0]}")(
                arguments[1], dict(zip(arguments[2::2], arguments[3::2], strict=False)), arguments[-1][-2:]
            )
        if program == "dir":
            assert arguments == ("/b", NETSH32)
            assert isinstance(arguments[1], SystemPath)
            return Output(0, "netsh.exe\r\n", "") if self.wow64 else MISSING
        if program in {"netsh.exe", NETSH32}:
            return self._set("32" if program == NETSH32 else "64", arguments)
        return self.programs.get(program, Output(9009, "", ""))

    def _query(self, key: str, options: dict[str, str], view: str) -> Output:
        if not self.reads:
            return MISSING
        if key == PARENT:
            return Output(0, f"\r\n{_full(PARENT)}\\Connections\r\n", "")
        if key == KEY:
            blob = self.blobs[view]
            shown = f"    {VALUE}    REG_BINARY    {blob.hex().upper()}\r\n" if blob is not None else ""
            return Output(0, f"\r\n{_full(key)}\r\n{shown}\r\n", "")
        name = options.get("/v")
        values = {each: value for each, value in self.keys.get(key, {}).items() if name in {None, each}}
        if key not in self.keys or (name and not values):
            return MISSING
        return Output(
            0,
            f"\r\n{_full(key)}\r\n"
            + "".join(f"    {each}    {kind}    {data}\r\n" for each, (kind, data) in values.items()),
            "",
        )

    def _add(self, key: str, options: dict[str, str], view: str) -> Output:
        assert (key, options["/v"], options["/t"]) == (KEY, VALUE, "REG_BINARY")
        if self.restores:
            self.blobs[view] = bytes.fromhex(options["/d"])
        return DONE

    def _delete(self, key: str, options: dict[str, str], view: str) -> Output:
        assert (key, options["/v"]) == (KEY, VALUE)
        if self.blobs[view] is None:
            return MISSING
        if self.restores:
            self.blobs[view] = None
        return DONE

    def _set(self, view: str, arguments: t.Sequence[str]) -> Output:
        if self.netsh == "fail":
            return Output(1, "Zugriff verweigert\r\n", "")
        if self.netsh == "silence":
            self.reads = False
        if self.netsh == "lie":
            return DONE
        values = dict(argument.split("=", 1) for argument in arguments[3:])
        assert list(values) in ([], ["proxy-server"], ["proxy-server", "bypass-list"])
        assert tuple(arguments[:3]) == ("winhttp", "set" if values else "reset", "proxy")
        bypass = "" if self.netsh == "half" else values.get("bypass-list", "")
        # As Windows writes it: both bits for a named proxy.
        self.blobs[view] = encode(Settings(values["proxy-server"], bypass, NAMED | 1) if values else Settings())
        return DONE


def _full(key: str) -> str:
    return key.replace("HKLM", "HKEY_LOCAL_MACHINE", 1)
