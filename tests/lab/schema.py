# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The classes that the lab serves, read from ``schema.yml``, and their description as EDMX."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import yaml

# The AdminService widens UInt32 to Edm.Int64 and gives DateTime an offset.
EDM = {
    "Boolean": "Edm.Boolean",
    "DateTime": "Edm.DateTimeOffset",
    "SInt32": "Edm.Int32",
    "SInt64": "Edm.Int64",
    "String": "Edm.String",
    "UInt32": "Edm.Int64",
}


@dataclass(frozen=True)
class EntityClass:
    """One class of a route."""

    name: str
    keys: tuple[str, ...]
    properties: Mapping[str, str]
    hierarchy_wide: bool
    lazy: frozenset[str] = frozenset()
    rename: Mapping[str, str] = field(default_factory=dict)

    def shown(self, name: str, odd_case: bool) -> str:
        """The name of a property in JSON."""
        return self.rename.get(name, name) if odd_case else name

    def property_named(self, name: str) -> str | None:
        """The property that a query names: in the case of the SDK, or as JSON shows it."""
        if name in self.properties:
            return name
        return next((own for own, shown in self.rename.items() if shown == name), None)


@dataclass(frozen=True)
class Schema:
    """All classes of both routes."""

    complex_types: Mapping[str, Mapping[str, str]]
    wmi: Mapping[str, EntityClass]
    versioned: Mapping[str, EntityClass]

    def wmi_class(self, name: str) -> EntityClass | None:
        """A class of the WMI route; since 2006 its case does not matter."""
        return self._wmi_lower.get(name.lower())

    @property
    def _wmi_lower(self) -> dict[str, EntityClass]:
        return {name.lower(): item for name, item in self.wmi.items()}

    def edmx(self, route: str, odd_case: bool) -> str:
        """The $metadata document of a route."""
        namespace = "AdminService.WMI" if route == "wmi" else "AdminService"
        classes = self.wmi if route == "wmi" else self.versioned
        lines = [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">',
            "  <edmx:DataServices>",
            f'    <Schema Namespace="{namespace}" xmlns="http://docs.oasis-open.org/odata/ns/edm">',
        ]
        if route == "wmi":
            for name, members in self.complex_types.items():
                lines.append(f'      <ComplexType Name="{name}">')
                lines += [self._property(member, kind, namespace) for member, kind in members.items()]
                lines.append("      </ComplexType>")
        for item in classes.values():
            lines.append(f'      <EntityType Name="{item.name}"><Key>')
            lines += [f'        <PropertyRef Name="{item.shown(key, odd_case)}" />' for key in item.keys]
            lines.append("      </Key>")
            lines += [
                self._property(item.shown(member, odd_case), kind, namespace)
                for member, kind in item.properties.items()
            ]
            lines.append("      </EntityType>")
        lines.append('      <EntityContainer Name="Container">')
        lines += [
            f'        <EntitySet Name="{item.name}" EntityType="{namespace}.{item.name}" />'
            for item in classes.values()
        ]
        lines += ["      </EntityContainer>", "    </Schema>", "  </edmx:DataServices>", "</edmx:Edmx>"]
        return "\n".join(lines)

    def _property(self, name: str, kind: str, namespace: str) -> str:
        single = kind.removesuffix("[]")
        edm = EDM.get(single, f"{namespace}.{single}")
        if kind.endswith("[]"):
            edm = f"Collection({edm})"
        return f'        <Property Name={quoteattr(name)} Type="{edm}" />'


def _classes(raw: Mapping[str, Any]) -> dict[str, EntityClass]:
    return {
        name: EntityClass(
            name=name,
            keys=tuple(item["keys"]),
            properties=item["properties"],
            hierarchy_wide=item["data"] == "global",
            lazy=frozenset(item.get("lazy", ())),
            rename=item.get("rename", {}),
        )
        for name, item in raw.items()
    }


def read_schema() -> Schema:
    """Read the schema that lies beside this module."""
    raw = yaml.safe_load((Path(__file__).parent / "schema.yml").read_text(encoding="utf-8"))
    return Schema(raw["complex"], _classes(raw["wmi"]), _classes(raw["versioned"]))
