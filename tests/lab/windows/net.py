# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""net.exe, `localgroup` alone, and shutdown.exe."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from .program import Result, lines

DONE = "The command completed successfully."
RULE = "-" * 79


def _failed(number: int, text: str) -> Result:
    return Result(2, stderr=lines(f"System error {number} has occurred.", "", text, ""))


class Net:
    """net.exe: shows a local group, and adds an account to it. It knows the domain's computers."""

    def __init__(self, groups: Mapping[str, Sequence[str]], accounts: Collection[str]) -> None:
        self._groups = {name: [*members] for name, members in groups.items()}
        self._accounts = {account.casefold(): account for account in accounts}

    def __call__(self, arguments: Sequence[str]) -> Result:
        """Run it."""
        match [*arguments]:
            case ["localgroup", name]:
                members = self._group(name)
                return (
                    _failed(1376, "The specified local group does not exist.") if members is None else self._show(name)
                )
            case ["localgroup", name, account, switch] if switch.lower() == "/add":
                return self._add(name, account)
        return Result(1, stderr=lines("The syntax of this command is:", "", "NET LOCALGROUP"))

    def _group(self, name: str) -> list[str] | None:
        return next((members for known, members in self._groups.items() if known.casefold() == name.casefold()), None)

    def _show(self, name: str) -> Result:
        known = next(each for each in self._groups if each.casefold() == name.casefold())
        head = (f"Alias name     {known}", "Comment        ", "", "Members", "", RULE)
        return Result(stdout=lines(*head, *self._groups[known], DONE, ""))

    def _add(self, name: str, account: str) -> Result:
        members = self._group(name)
        if members is None:
            return _failed(1376, "The specified local group does not exist.")
        if account.casefold() not in self._accounts:
            return Result(2, stderr=lines(f"There is no such global user or group: {account}.", ""))
        if account.casefold() in {member.casefold() for member in members}:
            return _failed(1378, "The specified account name is already a member of the group.")
        members.append(self._accounts[account.casefold()])
        return Result(stdout=lines(DONE, ""))


def shutdown(note: Callable[[], None]) -> Callable[[Sequence[str]], Result]:
    """shutdown.exe, with which a host is down and up again at once."""

    def run(arguments: Sequence[str]) -> Result:
        if [argument.lower() for argument in arguments[:1]] != ["/r"]:
            return Result(1, stderr=lines("Usage: shutdown [/i | /l | /s | /sg | /r | /g | /a | /p | /h | /e | /o]"))
        note()
        return Result()

    return run
