# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""powershell.exe, for the few scripts that the collection sends: the clock, and a command line for cmd.exe."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from .program import Result, lines

UTC_NOW = "[DateTime]::UtcNow.ToString('o')"
_COMMAND = re.compile(r"& \$env:ComSpec /d /s /c '((?:[^']|'')*)'")
_UNICODE_QUOTES = re.compile("[\u2018\u2019\u201a\u201b]")
_CONTROL = re.compile("[\x00-\x1f]")
AMPERSAND = (
    "The ampersand (&) character is not allowed. The & operator is reserved for future use; wrap an ampersand in ",
    'double quotation marks ("&") to pass it as part of a string.',
    "    + CategoryInfo          : ParserError: (:) [], ParentContainsErrorRecordException",
    "    + FullyQualifiedErrorId : AmpersandNotAllowed",
)


class PowerShell:
    """powershell.exe.

    Args:
        cmd: Runs a line with another cmd.exe.
        now: The clock of the host, in UTC.
    """

    def __init__(self, cmd: Callable[[str], Result], now: Callable[[], datetime]) -> None:
        self._cmd = cmd
        self._now = now

    def __call__(self, arguments: Sequence[str]) -> Result:
        """Run it."""
        left = [*arguments]
        while left and left[0].lower() in {"-noprofile", "-noninteractive", "-executionpolicy"}:
            left = left[2 if left[0].lower() == "-executionpolicy" else 1 :]
        match left:
            case [option, text] if option.lower() == "-encodedcommand":
                try:
                    script = base64.b64decode(text, validate=True).decode("utf-16-le")
                except (binascii.Error, UnicodeDecodeError):
                    return Result(1, stderr=lines("Cannot process the command because the value is not Base64."))
                result = self._script(script)
                return result._replace(stderr=clixml(result.stderr)) if result.stderr else result
            case [script]:
                return self._script(script)
        return Result(1, stderr=lines("the lab does not play these arguments of powershell.exe"))

    def _script(self, script: str) -> Result:
        script = script.strip()
        if script == UTC_NOW:
            return Result(stdout=lines(f"{self._now():%Y-%m-%dT%H:%M:%S.%f}0Z"))
        found = _COMMAND.fullmatch(script)
        if found and not _UNICODE_QUOTES.search(re.sub("(['\u2018\u2019\u201a\u201b])\\1", "", found[1])):
            line = re.sub("(['\u2018\u2019\u201a\u201b])\\1", r"\1", found[1])
            result = self._cmd(line)
            # Without `exit $LASTEXITCODE` it tells only whether the last command ended well.
            return result._replace(rc=min(abs(result.rc), 1))
        if "&" in re.sub(r"'[^']*'|\"[^\"]*\"", "", script.removeprefix("&")):
            return Result(1, stderr=lines("At line:1 char:1", f"+ {script[:60]}", *AMPERSAND))
        return Result(1, stderr=lines(f"the lab does not play this script: {script[:200]}"))


def clixml(text: str) -> str:
    """Standard error of PowerShell where it was started with an encoded command: objects as XML."""
    coded = (_CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", line) for line in text.splitlines(keepends=True))
    records = "".join(f'<S S="Error">{escape(line)}</S>' for line in coded)
    schema = "http://schemas.microsoft.com/powershell/2004/04"
    return f'#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="{schema}">{records}</Objs>'
