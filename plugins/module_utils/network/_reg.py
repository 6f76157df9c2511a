# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The output of `reg.exe query`. PRIVATE to the collection.

Only lines that read the same in every language of Windows are looked at: names of keys, which begin with their hive,
and of values, which come with type and data. Messages are skipped.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass, field

from .._errors import AnswerError

_KEY = re.compile(r"HKEY_[A-Z_]+(?:\\.*)?")
# The name may hold blanks, even several. The data may be empty.
_VALUE = re.compile(r" {4}(?P<name>.+?) {4}(?P<type>REG_[A-Z_]+)(?: {4}(?P<data>.*))?")


class Value(t.NamedTuple):
    """A value of the registry, with its data as reg.exe shows it."""

    name: str
    type: str
    data: str

    def binary(self, where: str) -> bytes:
        """Return the bytes of a REG_BINARY.

        Raises:
            AnswerError: It is none.
        """
        try:
            return bytes.fromhex(self.data if self.type == "REG_BINARY" else "-")
        except ValueError:
            raise self._other("REG_BINARY", where) from None

    def number(self, where: str) -> int:
        """Return the number of a REG_DWORD.

        Raises:
            AnswerError: It is none.
        """
        try:
            return int(self.data if self.type == "REG_DWORD" else "-", 16)
        except ValueError:
            raise self._other("REG_DWORD", where) from None

    def _other(self, expected: str, where: str) -> AnswerError:
        return AnswerError(
            expected=f"a value of type {expected}",
            observed=f"{self.type} {self.data[:40]!r}",
            where=rf"{where}\{self.name}",
            next_step="look at the value with regedit: Windows itself writes it with another type",
        )


@dataclass(frozen=True)
class Listing:
    """What `reg.exe query` shows of one key: its values by name in lower case, and the keys in it."""

    values: dict[str, Value] = field(default_factory=dict)
    keys: frozenset[str] = frozenset()

    def value(self, name: str) -> Value | None:
        """Return a value, None if it is not there."""
        return self.values.get(name.lower())

    def has_key(self, name: str) -> bool:
        """Return whether a key is named, by its last part."""
        return name.lower() in self.keys

    def __bool__(self) -> bool:
        return bool(self.values or self.keys)


def parse(text: str) -> Listing:
    """Return what is named in the output of a query."""
    values: dict[str, Value] = {}
    keys: set[str] = set()
    # Not splitlines: data may hold what Python takes for the end of a line, and reg.exe does not.
    for line in (line.rstrip("\r") for line in text.split("\n")):
        if _KEY.fullmatch(line):
            keys.add(line.rpartition("\\")[2].lower())
        elif found := _VALUE.fullmatch(line):
            values[found["name"].lower()] = Value(found["name"], found["type"], (found["data"] or "").rstrip("\r"))
    return Listing(values, frozenset(keys))
