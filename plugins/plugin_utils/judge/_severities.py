# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Severities that the user sets in place of those of the catalogue. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ...module_utils._errors import InvalidOptionError
from .._strict import refuse_unknown
from ..documents._findings import SEVERITIES
from .prerequisites._catalogue import CATALOGUE

if t.TYPE_CHECKING:
    from .prerequisites._model import Prerequisite

VARIABLE = "tenant_attach_severities"


def parse(declared: t.Any, catalogue: t.Sequence[Prerequisite] = CATALOGUE) -> dict[str, str]:
    """Return the severity of each prerequisite that gets another than its own.

    Raises:
        InvalidOptionError: An id or a severity does not exist. It is named.
    """
    if not isinstance(declared, (Mapping, type(None))):
        raise InvalidOptionError(
            expected=f"{VARIABLE} to be a dictionary of severities by id",
            observed=repr(declared),
            next_step="correct the variable",
        )
    chosen = dict(declared or {})
    refuse_unknown(chosen, {prerequisite.id for prerequisite in catalogue}, f"each key of {VARIABLE}")
    for id_, severity in chosen.items():
        refuse_unknown([severity], SEVERITIES, f"{VARIABLE}.{id_}")
    return chosen
