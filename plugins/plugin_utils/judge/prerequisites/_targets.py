# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What prerequisites are judged for, where several areas ask for the same. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ._model import Target

if t.TYPE_CHECKING:
    from ._model import Context

# What observing a Windows host needs. Reading needs no more than the remote shell itself asks for.
LOGON = "Windows: logon to the host through its connection (WinRM, PSRP or SSH)"


def the_hierarchy(_context: Context) -> t.Iterable[Target]:
    """One target: the hierarchy."""
    return (Target("hierarchy", "hierarchy", None, {}),)


def the_tenant(_context: Context) -> t.Iterable[Target]:
    """One target: the tenant."""
    return (Target("tenant", "tenant", None, {}),)


def upper_sites(context: Context) -> t.Iterable[Target]:
    """The CAS and the primary sites. Nothing of tenant attach lives in a secondary site."""
    return (Target("site", site["code"], site["code"], site) for site in context.sites() if site["type"] != "secondary")


def providers(context: Context) -> t.Iterable[Target]:
    """The SMS Providers of the CAS and the primary sites; one of a secondary site is judged by its placement."""
    upper = {target.name for target in upper_sites(context)}
    return (
        Target("host", provider["host"], provider["site"], provider)
        for provider in context.evidence.get("hierarchy/providers")
        if provider["site"] in upper
    )


def points(context: Context) -> t.Iterable[Target]:
    """The service connection points."""
    found = context.evidence.get("hierarchy/service_connection_points")
    return (Target("host", point["host"], point["site"], point) for point in found)
