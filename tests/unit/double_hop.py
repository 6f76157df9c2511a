# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small hierarchy whose CAS may have its parts on other hosts, and what the directory says of its computers."""

from __future__ import annotations

import typing as t

Json = dict[str, t.Any]


def site(code: str, type_: str, sql: str | None, instance: str | None = None) -> Json:
    database = None if sql is None else {"server": sql, "instance": instance, "name": f"CM_{code}", "port": None}
    return {"code": code, "type": type_, "server": f"{code.lower()}.x.com", "database": database}


def estate(
    cas: str | None = "cas.x.com",
    p01: str | None = "p01.x.com",
    instance: str | None = None,
    provider: str = "cas.x.com",
    roles: t.Sequence[tuple[str, str]] = (),
) -> Json:
    """Return a CAS with one primary site, and where their databases and the provider of the CAS are."""
    return {
        "top_site": "CAS",
        "sites": [
            site("CAS", "cas", cas),
            site("P01", "primary", p01, instance),
            site("S01", "secondary", "s01.x.com"),
        ],
        "providers": [
            {"host": provider, "site": "CAS", "remote": provider != "cas.x.com"},
            {"host": "p01.x.com", "site": "P01", "remote": False},
        ],
        "site_systems": [{"host": host, "site": code, "roles": ["SMS SQL Server"]} for code, host in roles],
    }


REMOTE = estate(provider="prv.x.com")
NAME = "MSSQLSvc/p01.x.com:1433"


def computer(name: str, *services: str) -> Json:
    return {"name": name, "account": f"X\\{name.partition('.')[0].upper()}$", "delegates_to": list(services)}
