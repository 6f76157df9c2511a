# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module graph_info does. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import InvalidOptionError
from .._expressions import compile_expression, search
from ..graph._client import Request
from ..graph._options import connect


def query(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Read what the options ask for.

    Raises:
        TenantAttachError: It cannot be read.
    """
    path = options["path"].strip()
    if not path.strip("/") or "://" in path or "?" in path or "#" in path or ".." in path.split("/"):
        raise InvalidOptionError(
            expected="option path to be a path of Microsoft Graph, without host, version and parameters",
            observed=repr(options["path"]),
            next_step="for example deviceManagement/roleDefinitions, with filters in option parameters",
        )
    expression = compile_expression(options["query"])
    parameters = {str(name): str(value) for name, value in options["parameters"].items()}
    # What needs an index of Graph is refused without this header, and nothing else is hurt by it.
    advanced = {"$count", "$search"} & parameters.keys()
    headers = {"ConsistencyLevel": "eventual"} if advanced else {}
    graph = connect(options)
    try:
        rows = graph.rows(Request(path, parameters, headers, version=options["api_version"]))
    finally:
        graph.close()
    return {"rows": search(expression, rows) if expression else rows, "count": len(rows)}
