# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OData as AdminService speaks it: addresses of requests, and rows of answers. Pure. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from .._errors import AnswerError, InvalidOptionError

# A key or the arguments of a method may stand in parentheses; a query string or a step upwards may not stand anywhere.
_RESOURCE = re.compile(r"(?:wmi|v1\.0)(?:/[A-Za-z_][\w.]*(?:\([^()/?#\s]*\))?|/[\w{}-]+)+")
_PATH = "/().,='{}-_$"  # What may stand unquoted in a resource, keys and methods included.
_UINT32 = 2**32


def check_resource(resource: str) -> str:
    """Return the resource when it can be one.

    Raises:
        InvalidOptionError: It cannot.
    """
    if not _RESOURCE.fullmatch(resource):
        raise InvalidOptionError(
            expected="option resource to be wmi/<Class> or v1.0/<Entity>, with a key or method where needed",
            observed=repr(resource),
            next_step="for example wmi/SMS_Site, wmi/SMS_R_System(16777219) or v1.0/Device",
        )
    return resource


def build_url(
    base: str,
    resource: str,
    *,
    where: str | None = None,
    select: t.Sequence[str] = (),
    order_by: t.Sequence[str] = (),
    top: int | None = None,
) -> str:
    """Return the address of a request. Values are quoted, blanks around operators kept."""
    options = {
        "$filter": where,
        "$select": ",".join(select),
        "$orderby": ",".join(order_by),
        "$top": None if top is None else str(top),
    }
    query = "&".join(f"{name}={quote(value, safe=',')}" for name, value in options.items() if value)
    path = f"{base}/{quote(resource, safe=_PATH)}"
    return f"{path}?{query}" if query else path


class Row(Mapping[str, t.Any]):
    """One instance. Properties are read whatever their case: AdminService spells some otherwise than the SDK."""

    def __init__(self, data: Mapping[str, t.Any]) -> None:
        self._values = {name.casefold(): (name, value) for name, value in data.items()}

    def __getitem__(self, name: str) -> t.Any:
        return self._values[name.casefold()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _value in self._values.values())

    def __len__(self) -> int:
        return len(self._values)

    def text(self, name: str) -> str:
        """Return a property as text, '' where it is missing."""
        value = self.get(name)
        return "" if value is None else str(value).strip()

    def number(self, name: str) -> int | None:
        """Return a UInt32 property. JSON of some builds has it signed."""
        value = self.get(name)
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        return value + _UINT32 if value < 0 else value

    def entries(self, name: str) -> list[Row]:
        """Return a property that is a list of embedded objects."""
        value = self.get(name)
        return [Row(entry) for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []

    def embedded(self, name: str) -> Row | None:
        """Return an embedded property (Props) by its name, which is case-sensitive."""
        return next((entry for entry in self.entries("Props") if entry.text("PropertyName") == name), None)

    def visible(self) -> dict[str, t.Any]:
        """Return the properties of the class, without those of WMI and OData."""
        return {name: value for name, value in self._values.values() if not name.startswith(("_", "@"))}


def rows_of(document: t.Any, url: str) -> list[Row]:
    """Return the rows of an answer: a list, a list of one for a key, or a bare object.

    Raises:
        AnswerError: The document is neither.
    """
    if isinstance(document, Mapping):
        found = document.get("value", [document])
        entries = found if isinstance(found, list) else [found]
        if all(isinstance(entry, Mapping) for entry in entries):
            return [Row(entry) for entry in entries]
        if not isinstance(found, list):
            return [Row({"value": found})]
    raise AnswerError(
        expected="a JSON object with a list named value",
        observed=f"JSON of another form ({type(document).__name__})",
        where=url,
        next_step="check that the host is an SMS Provider and that nothing in between rewrites its answers",
    )
