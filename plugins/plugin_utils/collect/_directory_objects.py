# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of Active Directory is worth looking at, for one hierarchy. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ...module_utils.product import _double_hop
from ...module_utils.product._sids import GROUPS

Json = Mapping[str, t.Any]


def objects(hierarchy: Json, ports: Mapping[str, int] | None = None) -> dict[str, list[str]]:
    """Return the computers, services and groups that prerequisites are about, as directory_info takes them.

    Args:
        hierarchy: As the module hierarchy_info returns it.
        ports: By name of a SQL Server in lower case, the port of the instance with the site database.
    """
    plan = _double_hop.plan(hierarchy, ports)
    primaries = {site["code"] for site in hierarchy.get("sites") or () if site["type"] == "primary"}
    providers = [entry["host"] for entry in hierarchy.get("providers") or () if entry["site"] in primaries]
    return {
        "computers": list(dict.fromkeys([*plan.computers(), *providers])),
        "services": list(plan.services()),
        "groups": list(GROUPS),
        "primary_providers": list(dict.fromkeys(providers)),
    }


def accounts(directory: Json, names: t.Iterable[str]) -> dict[str, str]:
    r"""Return the accounts of computers, DOMAIN\NAME$, by their names in lower case. Those not found are left out."""
    wanted = {name.casefold() for name in names}
    return {
        entry["name"].casefold(): entry["account"]
        for entry in directory.get("computers") or ()
        if entry["name"].casefold() in wanted and entry.get("account")
    }
