# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JMESPath expressions of option query. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ._errors import InvalidOptionError, MissingLibraryError

try:
    import jmespath
    import jmespath.exceptions

    HAS_JMESPATH = True
except ImportError:
    HAS_JMESPATH = False


def compile_expression(expression: str | None) -> t.Any:
    """Return a compiled expression, None for none.

    Raises:
        InvalidOptionError: It is not JMESPath.
        MissingLibraryError: jmespath is not installed.
    """
    if not expression:
        return None
    if not HAS_JMESPATH:
        raise MissingLibraryError(
            expected="the Python library jmespath on the execution node, for option query",
            observed="it cannot be imported",
            next_step="install the collection's requirements.txt for the interpreter that runs the module",
        )
    try:
        return jmespath.compile(expression)
    except jmespath.exceptions.JMESPathError as exc:
        raise _no_expression(exc) from exc


def search(expression: t.Any, items: t.Any) -> t.Any:
    """Return what an expression finds.

    Raises:
        InvalidOptionError: It does not fit the rows.
    """
    try:
        return expression.search(items)
    except jmespath.exceptions.JMESPathError as exc:
        raise _no_expression(exc) from exc


def _no_expression(exc: Exception) -> InvalidOptionError:
    return InvalidOptionError(
        expected="option query to be a JMESPath expression that fits the rows",
        observed=" ".join(str(exc).split()),
        next_step="see https://jmespath.org for the language",
    )
