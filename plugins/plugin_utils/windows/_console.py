# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Console commands on a host, through whatever connection and shell it has. PRIVATE to the collection.

Several commands travel as one remote command. Each is followed by a line that nobody can guess, which carries its exit
code and parts its text from that of the next one. No file and no module is put on the host.
"""

from __future__ import annotations

import base64
import re
import secrets
import shlex
import typing as t
from itertools import chain, pairwise

from ...module_utils._errors import AnswerError, InvalidOptionError

if t.TYPE_CHECKING:
    from ansible.plugins.action import ActionBase

Command = t.Sequence[str]

# Longest line. cmd.exe takes 8191 characters. WinRM starts PowerShell through cmd.exe, with the line in Base64 of
# UTF-16, which is 8/3 as long. Linux takes 128 KiB in one argument.
LIMITS = {"cmd": 8000, "powershell": 2900, "sh": 100_000}

# These connections give what they get to PowerShell as a script, whatever the shell is called: the one of winrm is cmd
# from ansible-core 2.21 on. A script that is encoded already would be encoded once more up to 2.18, and be too long.
_TO_POWERSHELL = frozenset({"winrm", "psrp"})
_POWERSHELL = "PowerShell -NoProfile -NonInteractive -ExecutionPolicy Unrestricted -EncodedCommand"

# Arguments that need no quotes in cmd.exe, and are none of its own words.
_PLAIN = re.compile(r"[A-Za-z0-9_./:\\=@+-]*[A-Za-z0-9_./:=@+-]")
_PROGRAM = re.compile(r"[A-Za-z0-9_.:\\-]+")
_SYSTEM_PATH = re.compile(r"[A-Za-z0-9_.-]+(?:\\[A-Za-z0-9_.-]+)*")
# Inside quotes cmd.exe takes everything as it is but these: a quote ends them, % and ! may stand for variables (! where
# somebody turned that on), and the end of a line ends the command. Nothing escapes them in every version. Beyond ASCII,
# Windows gives older programs the nearest character of their code page, which may be a quote as well.
_UNSAFE = re.compile(r"""["!]|[^ -~]""")
# The % of curl's --write-out begins no name of a variable: %{json}, %header{via}.
_WRITE_OUT = re.compile(r"%[A-Za-z_]*\{")


class Output(t.NamedTuple):
    """How a command ended, and what it wrote."""

    rc: int
    stdout: str
    stderr: str

    @property
    def observed(self) -> str:
        """How it ended, for errors. What it wrote is in the language of the host, so it is shown, never read."""
        # Some tools write UTF-16, and some code pages are not UTF-8.
        readable = "".join(
            char if char.isprintable() or char == "\n" else " "
            for char in f"{self.stderr}\n{self.stdout}"
            if char != "\0"
        )
        lines = [line.strip() for line in readable.splitlines() if line.strip()]
        return f"exit code {self.rc}" + (f": {lines[0][:200]}" if lines else " and no text")


class SystemPath(str):
    """A path below the directory of Windows, wherever that is. Give it in place of a program or an argument."""

    __slots__ = ()


class Console:
    """Sends console commands to the host of an action.

    Args:
        action: The action.

    Attributes:
        family: The family of the shell that reads the commands: cmd, powershell or sh.
        count: How many remote commands were sent.
    """

    def __init__(self, action: ActionBase) -> None:
        self._action = action
        # ansible-core has no other names for what action plugins work with; so it is further down.
        self._connection = t.cast("t.Any", action._connection)  # noqa: SLF001
        self._scripted = self._connection.transport in _TO_POWERSHELL
        self.family = "powershell" if self._scripted else str(self._connection._shell.SHELL_FAMILY)  # noqa: SLF001  # As above.
        self.count = 0
        if self.family not in LIMITS:
            raise InvalidOptionError(
                expected=f"a shell of one of the families {', '.join(LIMITS)}",
                observed=self.family,
                where="ansible_shell_type",
                next_step="set ansible_shell_type to the shell that the connection leads to",
            )

    @property
    def windows(self) -> bool:
        """Whether the shell is one of Windows."""
        return self.family != "sh"

    def run(self, *commands: Command) -> list[Output]:
        """Run commands one after the other, whether or not one fails, and return how each of them ended.

        All of them make one remote command, or as few as the longest line of the host allows.

        Args:
            commands: Each one a program and its arguments.

        Raises:
            InvalidOptionError: A command holds what the shell could take for something else. None was run.
            AnswerError: The host did not tell how each command ended.
        """
        # Quoted before the first is sent: what is refused is refused before anything is done.
        return list(chain.from_iterable([self._send(batch) for batch in self._batches(commands)]))

    def check(self, *commands: Command) -> None:
        """Refuse what `run` would refuse, and run nothing.

        Raises:
            InvalidOptionError: A command holds what the shell could take for something else, or is too long.
        """
        self._batches(commands)

    def _batches(self, commands: t.Iterable[Command]) -> list[list[str]]:
        """Quote commands, and part them into remote commands that are short enough."""
        batches: list[list[str]] = []
        for command in map(_quote_sh if self.family == "sh" else _quote_cmd, commands):
            if batches and self._length([*batches[-1], command]) <= LIMITS[self.family]:
                batches[-1].append(command)
                continue
            if self._length([command]) > LIMITS[self.family]:
                raise InvalidOptionError(
                    expected=f"a command of at most {LIMITS[self.family]} characters, the longest that the host takes",
                    observed=f"{len(command)} characters: {command[:80]}…",
                    next_step="give fewer or shorter values",
                )
            batches.append([command])
        return batches

    def _length(self, commands: list[str]) -> int:
        return len(self._line(commands, _new_marker()))

    def _line(self, commands: list[str], marker: str) -> str:
        """Return the remote command for commands. None of them may wait for input, or take that of the next one."""
        if self.family == "sh":
            ends = f'printf "{marker}=%s\\n" "$?"; echo {marker} >&2'
            # A newline, not a semicolon: a here-document or a comment would swallow that.
            return "\n".join([f"echo {marker}=0", *(f"{command} </dev/null\n{ends}" for command in commands)])
        # No variable has a caret in its name, so this stays, loses the caret, and is read by `call` afterwards.
        ends = f"call echo {marker}=%^errorlevel%& >&2 echo {marker}"
        # ssh takes 255 for its own failure, whatever it comes from.
        line = "& ".join([f"echo {marker}=0", *(f"{command} <nul& {ends}" for command in commands), "exit 0"])
        if self.family == "cmd":
            return line
        # PowerShell adds the quotes around the last argument, and /s takes them off again.
        return "& $env:ComSpec /d /s /c '" + line.replace("'", "''") + "'"

    def _send(self, commands: list[str]) -> list[Output]:
        marker = _new_marker()
        line = self._line(commands, marker)
        if self.family == "powershell" and not self._scripted:
            # An SSH server puts the line into one of its own, where quotes would end too early.
            line = f"{_POWERSHELL} {base64.b64encode(line.encode('utf-16-le')).decode('ascii')}"
        self.count += 1
        # Without become no terminal is asked for, which would mix standard output with standard error.
        done = self._action._low_level_execute_command(line, sudoable=bool(self._connection.become))  # noqa: SLF001
        return _parted(str(done["stdout"]), str(done["stderr"]), int(done["rc"]), marker, len(commands))


def _new_marker() -> str:
    return f"ta{secrets.token_hex(4)}"


def _parted(stdout: str, stderr: str, rc: int, marker: str, number: int) -> list[Output]:
    """Part what a remote command wrote into what each command wrote."""
    found = list(re.finditer(rf"{marker}=(-?\d+)[ \t]*\r*\n?", stdout))
    if len(found) != number + 1:
        raise AnswerError(
            expected=f"the shell of the host to run {number} commands and to tell how each one ended",
            observed=f"{max(len(found) - 1, 0)} of them; {Output(rc, stdout[-200:], stderr).observed}",
            where="the connection to the host",
            next_step="check that ansible_shell_type is the shell that the connection leads to: cmd or powershell",
        )
    # With a terminal, what belongs to standard error comes with standard output. Only its marks must not.
    noise = re.compile(rf"{marker}[ \t]*\r*\n")
    texts = [noise.sub("", stdout[one.end() : other.start()]) for one, other in pairwise(found)]
    codes = [int(each[1]) for each in found[1:]]
    errors = noise.split(stderr)
    if len(errors) != number + 1:
        # PowerShell may wrap what comes on standard error. Then all of it goes to whatever failed.
        errors = [stderr.replace(marker, "") if code else "" for code in codes]
    return [Output(code, text, error) for code, text, error in zip(codes, texts, errors, strict=False)]


def _quote_sh(command: Command) -> str:
    for part in command:
        if "\x00" in part or isinstance(part, SystemPath):
            raise _refused(part, "neither with NUL nor a path of Windows")
    return shlex.join(command)


def _quote_cmd(command: Command) -> str:
    program, *arguments = command
    if isinstance(program, SystemPath):
        return " ".join((_system_path(program), *map(_quote_argument, arguments)))
    if not _PROGRAM.fullmatch(program):
        raise _refused(program, "the name of a program without blanks")
    return " ".join((program, *map(_quote_argument, arguments)))


def _system_path(path: str) -> str:
    if not _SYSTEM_PATH.fullmatch(path):
        raise _refused(path, "a path below the directory of Windows")
    return rf"%SystemRoot%\{path}"


def _quote_argument(argument: str) -> str:
    """Quote an argument for cmd.exe and for the C runtime of the program, which part the line one after the other."""
    if isinstance(argument, SystemPath):
        return _system_path(argument)
    if _UNSAFE.search(argument) or argument.count("%") != len(_WRITE_OUT.findall(argument)):
        raise _refused(argument, "printable ASCII, without a quote, an exclamation mark or a percent sign")
    if _PLAIN.fullmatch(argument):
        return argument
    # A backslash before the closing quote would make that a character of the argument.
    return '"{}{}"'.format(argument, "\\" * (len(argument) - len(argument.rstrip("\\"))))


def _refused(value: str, expected: str) -> InvalidOptionError:
    return InvalidOptionError(
        expected=f"a value for the console of the host to be {expected}",
        observed=repr(value[:80]),
        next_step="give the value without it: the shell of the host could take it for something else",
    )
