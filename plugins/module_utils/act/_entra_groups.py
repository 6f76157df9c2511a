# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security groups of Entra ID, by object id or by display name. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import InvalidOptionError, NotFoundError, TenantAttachError
from ..graph._client import Graph, Request
from ..product._forms import is_guid
from ..product._tenant_names import GROUPS, USERS

Json = dict[str, t.Any]

_SELECT = {"$select": "id,displayName,securityEnabled"}


def security_groups(graph: Graph, named: t.Mapping[str, t.Sequence[str]]) -> dict[str, list[str]]:
    """Return the object ids of groups, in lower case, for each option that names some.

    Args:
        graph: The session.
        named: Object ids or display names, by option.

    Raises:
        InvalidOptionError: One is unknown, ambiguous, or no security group. All such are named at once.
        TenantAttachError: They cannot be read.
    """
    wanted = list(dict.fromkeys(each.strip() for names in named.values() for each in names))
    requests = [_request(each) for each in wanted]
    found = {
        name: _candidates(graph, name, request, answer)
        for name, request, answer in zip(wanted, requests, graph.batch(requests), strict=True)
    }
    problems = {name: problem for name, rows in found.items() if (problem := _problem(rows))}
    if problems:
        raise _refused(graph, named, problems)
    return {
        option: sorted({str(found[each.strip()][0]["id"]).lower() for each in names}) for option, names in named.items()
    }


def group_names(graph: Graph, ids: t.Collection[str]) -> dict[str, str]:
    """Return the display names of groups by id. What cannot be read has none: it is only shown."""
    wanted = sorted(ids)
    answers = graph.batch([_request(each) for each in wanted])
    return {
        each: str(answer["displayName"])
        for each, answer in zip(wanted, answers, strict=True)
        if not isinstance(answer, TenantAttachError) and answer.get("displayName")
    }


def _request(name: str) -> Request:
    if is_guid(name):
        return Request(f"groups/{name}", _SELECT, rights=(GROUPS,))
    quoted = name.replace("'", "''")
    return Request("groups", {"$filter": f"displayName eq '{quoted}'", **_SELECT}, rights=(GROUPS,))


def _candidates(graph: Graph, name: str, request: Request, answer: Json | TenantAttachError) -> list[Json]:
    if isinstance(answer, NotFoundError):
        return []
    if isinstance(answer, TenantAttachError):
        raise answer
    if is_guid(name):
        return [answer]
    rows = graph.rows(request, first=answer)
    return [row for row in rows if str(row.get("displayName")).casefold() == name.casefold()]


def _problem(rows: list[Json]) -> str:
    if not rows:
        return "is no group"
    if len(rows) > 1:
        return f"is the name of {len(rows)} groups ({', '.join(sorted(str(row['id']) for row in rows))})"
    return "" if rows[0].get("securityEnabled") else "is no security group"


def _refused(graph: Graph, named: t.Mapping[str, t.Sequence[str]], problems: dict[str, str]) -> InvalidOptionError:
    # A user in place of a group is the usual mistake; to tell so is worth a question, but not a right of its own.
    unknown = [name for name, problem in problems.items() if problem == "is no group"]
    suspects = [name for name in unknown if "@" in name or is_guid(name)]
    answers = graph.batch([Request(f"users/{name}", {"$select": "id"}, rights=(USERS,)) for name in suspects])
    for name, answer in zip(suspects, answers, strict=True):
        if not isinstance(answer, TenantAttachError):
            problems[name] = "is a user, and roles are given to groups"
    where = [option for option, names in named.items() if any(each.strip() in problems for each in names)]
    return InvalidOptionError(
        expected=f"option {' and '.join(where)} to name security groups, each by its object id or its name",
        observed="; ".join(f"{name!r} {problem}" for name, problem in problems.items()),
        where=graph.url(Request("groups")),
        next_step="name existing security groups, by object id where a name is not unique",
    )
