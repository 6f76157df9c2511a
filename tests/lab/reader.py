# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take a scenario apart, key by key, and refuse what is not understood."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class ScenarioError(Exception):
    """The scenario cannot be played; the text says which key is wrong and why."""


class Reader:
    """Takes known keys out of a mapping and refuses the rest."""

    def __init__(self, value: object, where: str) -> None:
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise ScenarioError(f"{where}: expected a mapping, found {type(value).__name__}")
        self.where = where
        self._left: dict[str, Any] = {str(key): item for key, item in value.items()}
        self._known: list[str] = []

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The value of a key; without a default the key is required."""
        self._known.append(key)
        value = self._left.pop(key, None)
        if value is None:
            if default is None:
                raise ScenarioError(f"{self.where}: the key {key!r} is missing")
            return default
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise ScenarioError(f"{self.where}.{key}: expected {kind.__name__}, found {value!r}")
        return value

    def raw(self, key: str) -> Any:
        """The value of a key as it stands, None when it is absent."""
        self._known.append(key)
        return self._left.pop(key, None)

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        """A word out of a list."""
        value = self.take(key, str, default)
        allowed = list(choices)
        if value not in allowed:
            raise ScenarioError(f"{self.where}.{key}: {value!r} is not known{nearest(value, allowed)}")
        return value

    def words(self, key: str, choices: Iterable[str] | None = None) -> tuple[str, ...]:
        """A list of words, empty when absent."""
        value = self.take(key, list, [])
        words = tuple(str(item) for item in value)
        allowed = None if choices is None else list(choices)
        for word in words:
            if allowed is not None and word not in allowed:
                raise ScenarioError(f"{self.where}.{key}: {word!r} is not known{nearest(word, allowed)}")
        return words

    def mapping(self, key: str) -> dict[str, Any]:
        """A mapping of named things, empty when absent."""
        value = self.take(key, dict, {})
        return {str(name): item for name, item in value.items()}

    def done(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self._left:
            raise ScenarioError(f"{self.where}: unknown key {key!r}{nearest(key, self._known)}")


def nearest(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(sorted(known))}"


def parse_age(value: object, where: str) -> timedelta:
    """Read an age such as ``90s``, ``30m``, ``2h`` or ``12d``."""
    match = re.fullmatch(r"(\d+)([smhd])", str(value))
    if match is None:
        raise ScenarioError(f"{where}: expected an age such as 90s, 30m, 2h or 12d, found {value!r}")
    unit = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}[match[2]]
    return timedelta(**{unit: int(match[1])})
