# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The results of collecting modules as one evidence document. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ...module_utils._errors import ModuleError
from .._strict import refuse_unknown
from ..documents._evidence import SCHEMA_VERSION, SECTIONS

if t.TYPE_CHECKING:
    from collections.abc import Mapping

# By section: what a result holds that did not fail. `failed` alone does not tell: a task may say `failed_when: false`.
_RESULTS = {
    "accounts": ("accounts",),
    "adminservice": ("providers", "validated", "auth"),
    "directory": ("directory",),
    "hierarchy": ("hierarchy",),
    "tenant": ("tenant",),
}
# Those of which the document holds what stands under the one key, and not the whole result.
_ALONE = ("accounts", "directory", "hierarchy", "tenant")


def assemble(collected_at: str, results: Mapping[str, Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """Return the evidence document of the results of collecting modules. A failed one leaves its error.

    Args:
        collected_at: When, ISO 8601 in UTC.
        results: By section, what the module returned.
    """
    refuse_unknown(results, SECTIONS, "each section of evidence")
    document: dict[str, t.Any] = {"schema_version": SCHEMA_VERSION, "collected_at": collected_at}
    for name, result in sorted(results.items()):
        if result.get("failed") or any(key not in result for key in _RESULTS[name]):
            document[name] = {"error": result.get("error") or _plain(str(result.get("msg", "no result")))}
        elif name in _ALONE:
            document[name] = result[name]
        else:
            document[name] = {key: result[key] for key in _RESULTS[name]}
    return document


def _plain(message: str) -> dict[str, t.Any]:
    return ModuleError(
        expected="the module to run", observed=message, next_step="run the task alone with -vvv"
    ).as_dict()
