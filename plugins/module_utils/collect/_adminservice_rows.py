# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What module adminservice_info does. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import InvalidOptionError
from .._expressions import compile_expression, search
from ..adminservice._odata import check_resource
from ..adminservice._options import Connection

# The secret of the application that onboarding made. It can be read through this class, and never is.
SECRET_PROPERTY = "SecretKey"  # noqa: S105  # A name, not a secret.
_SECRET_CLASS = "wmi/sms_aad_application"  # noqa: S105  # A name too.


def query(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Read the rows that the options ask for.

    Raises:
        TenantAttachError: They cannot be read.
    """
    connection = Connection(options)
    resource = check_resource(options["resource"])
    _keep_secrets_out(resource, options["select"], (options["filter"] or "", *options["order_by"]))
    if options["top"] is not None and options["top"] < 1:
        raise InvalidOptionError(
            expected="option top to be at least 1", observed=str(options["top"]), next_step="leave top out for all rows"
        )
    expression = compile_expression(options["query"])
    client = connection.client()
    try:
        rows = client.rows(
            resource,
            where=options["filter"],
            select=options["select"],
            order_by=options["order_by"],
            top=options["top"],
        )
    finally:
        client.close()
    visible = [_without_secret(row.visible()) for row in rows]
    return {"rows": search(expression, visible) if expression else visible, "count": len(visible)}


def _without_secret(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        secret = SECRET_PROPERTY.casefold()
        return {name: _without_secret(inner) for name, inner in value.items() if name.casefold() != secret}
    return [_without_secret(entry) for entry in value] if isinstance(value, list) else value


def _keep_secrets_out(resource: str, select: t.Sequence[str], others: t.Sequence[str]) -> None:
    names = {name.strip().casefold() for entry in select for name in entry.split(",")} - {""}
    # A filter or an order would tell it bit by bit.
    asked = "*" in names or SECRET_PROPERTY.casefold() in " ".join([resource, *select, *others]).casefold()
    if asked or (resource.casefold().startswith(_SECRET_CLASS) and not names):
        raise InvalidOptionError(
            expected=f"option select to name properties other than {SECRET_PROPERTY}",
            observed="the secret itself" if asked else "no property, which means all of them",
            where=resource,
            next_step="for example select: [ID, TenantID, ClientID]",
        )
