# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What programs of the console have in common: how one ends, and how the C runtime parts its command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Result(NamedTuple):
    """How a program ended, and what it wrote. Lines end as on Windows."""

    rc: int = 0
    stdout: str = ""
    stderr: str = ""


Program = Callable[[Sequence[str]], Result]


def lines(*texts: str) -> str:
    """Text of several lines, as Windows ends them."""
    return "".join(f"{text}\r\n" for text in texts)


def arguments(line: str) -> list[str]:
    """Part a command line as the C runtime of Windows does."""
    found: list[str] = []
    current: list[str] | None = None
    quoted = False
    position = 0
    while position < len(line):
        char = line[position]
        if char in " \t" and not quoted:
            if current is not None:
                found.append("".join(current))
            current = None
            position += 1
            continue
        current = [] if current is None else current
        backslashes = len(line[position:]) - len(line[position:].lstrip("\\"))
        position += backslashes
        if backslashes and line[position : position + 1] == '"':
            # Before a quote each pair stands for one, and an odd one makes the quote a character.
            current.append("\\" * (backslashes // 2))
            if backslashes % 2:
                current.append('"')
                position += 1
            continue
        if backslashes:
            current.append("\\" * backslashes)
            continue
        position += 1
        if char != '"':
            current.append(char)
        elif quoted and line[position : position + 1] == '"':
            current.append('"')
            position += 1
        else:
            quoted = not quoted
    if current is not None:
        found.append("".join(current))
    return found
