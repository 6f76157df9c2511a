# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cmd.exe, as far as the commands of the collection need it. What it does not play, it refuses.

The order is that of the real one: variables first, over the whole line, then the parts of the line with their
redirections, then one command after the other. `call` goes through its command once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .program import Program, Result, arguments, lines

LONGEST = 8191
SYSTEM_ROOT = r"C:\Windows"
NOT_FOUND = 9009
_VARIABLE = re.compile(r"%([^%:]+)%")
_REDIRECTION = re.compile(r"(?:1?>&2|<[ \t]*nul)(?![^ \t&])", re.IGNORECASE)
_UNPLAYED = "the lab does not play this command line: "


class UnplayedError(Exception):
    """Something that cmd.exe may know and the lab does not."""


@dataclass
class Part:
    """One command of a line, without its redirections."""

    text: str
    to_stderr: bool = False


def split(line: str) -> list[Part]:
    """Part a line at its ampersands, and take off carets and redirections. Quotes hide all of these."""
    parts: list[Part] = []
    text: list[str] = []
    to_stderr = quoted = False
    position = 0
    while position <= len(line):
        char = line[position : position + 1]
        rest = line[position:]
        if not char or (char == "&" and not quoted):
            parts.append(Part("".join(text).lstrip(), to_stderr))
            text, to_stderr = [], False
            if rest.startswith("&&"):
                raise UnplayedError(rest)
        elif char == '"':
            quoted = not quoted
            text.append(char)
        elif quoted:
            text.append(char)
        elif char == "^":
            text.append(line[position + 1 : position + 2])
            position += 1
        elif found := _REDIRECTION.match(rest):
            to_stderr = to_stderr or ">" in found[0]
            position += len(found[0]) - 1
        elif char in "|<>()":
            raise UnplayedError(rest)
        else:
            text.append(char)
        position += 1
    if any(not part.text.strip() for part in parts[:-1]):
        raise UnplayedError(line)
    return [part for part in parts if part.text.strip()]


@dataclass
class Shell:
    """One run of cmd.exe.

    Args:
        programs: By path in lower case; those of System32 are found by their name alone as well.
        files: Whether a file is there, asked by its path.
    """

    programs: Mapping[str, Program]
    files: Callable[[str], bool]
    errorlevel: int = 0
    names: list[str] = field(default_factory=list)
    _stdout: list[str] = field(default_factory=list)
    _stderr: list[str] = field(default_factory=list)

    def run(self, line: str) -> Result:
        """Run a command line to its end."""
        if len(line) > LONGEST:
            return Result(1, stderr=lines("The command line is too long."))
        try:
            parts = split(self.expand(line))
            for part in parts:
                word, _blank, rest = part.text.partition(" ")
                if word.lower() == "exit" and rest.strip().isdecimal():
                    self.errorlevel = int(rest)
                    break
                self._part(part)
        except UnplayedError as error:
            self._stderr.append(lines(f"{_UNPLAYED}{error}"))
            self.errorlevel = 1
        return Result(self.errorlevel, "".join(self._stdout), "".join(self._stderr))

    def expand(self, text: str) -> str:
        """Put variables in. On a command line, unlike in a batch file, one that is not defined stays as it stands."""
        variables = {
            "systemroot": SYSTEM_ROOT,
            "windir": SYSTEM_ROOT,
            "comspec": rf"{SYSTEM_ROOT}\system32\cmd.exe",
            "errorlevel": str(self.errorlevel),
        }
        done: list[str] = []
        position = 0
        while position < len(text):
            found = _VARIABLE.match(text, position)
            value = variables.get(found[1].lower()) if found else None
            done.append(text[position] if value is None else value)
            position = position + 1 if found is None or value is None else found.end()
        return "".join(done)

    def _part(self, part: Part) -> None:
        word, _blank, rest = part.text.partition(" ")
        if word.lower() == "call":
            inner = split(self.expand(rest))
            if len(inner) != 1 or not inner[0].text.lower().startswith("echo "):
                raise UnplayedError(part.text)
            result = self._command(inner[0].text)
        else:
            result = self._command(part.text)
        (self._stderr if part.to_stderr else self._stdout).append(result.stdout)
        self._stderr.append(result.stderr)

    def _command(self, text: str) -> Result:
        word, _blank, rest = text.partition(" ")
        if word.lower() == "echo":
            if not rest.strip() or rest.strip().lower() in {"on", "off"}:
                raise UnplayedError(text)
            # It leaves the error level as it is.
            return Result(stdout=lines(rest))
        result = self._dir(rest) if word.lower() == "dir" else self._program(text)
        self.errorlevel = result.rc
        return result

    def _dir(self, rest: str) -> Result:
        match arguments(rest):
            case ["/b", path] if not path.startswith("/"):
                if self.files(path):
                    return Result(stdout=lines(path.rpartition("\\")[2]))
                return Result(1, stderr=lines("File Not Found"))
        raise UnplayedError(f"dir {rest}")

    def _program(self, text: str) -> Result:
        name, *rest = arguments(text)
        path = name.lower()
        path = path if path.endswith(".exe") else f"{path}.exe"
        program = self.programs.get(path if "\\" in path else rf"{SYSTEM_ROOT}\system32\{path}".lower())
        if program is None:
            if "\\" in name:
                return Result(1, stderr=lines("The system cannot find the path specified."))
            message = (
                f"'{name}' is not recognized as an internal or external command,",
                "operable program or batch file.",
            )
            return Result(NOT_FOUND, stderr=lines(*message))
        self.names.append(path.rpartition("\\")[2])
        return program(rest)
