# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Input that is refused when it is not understood, with the nearest valid name. PRIVATE to the collection."""

from __future__ import annotations

import difflib
import typing as t

from ..module_utils._errors import InvalidOptionError


def refuse_unknown(names: t.Iterable[str], valid: t.Collection[str], what: str) -> None:
    """Refuse names that are not among the valid ones.

    Raises:
        InvalidOptionError: One is not.
    """
    for name in names:
        if name in valid:
            continue
        near = difflib.get_close_matches(str(name), list(valid), n=1)
        raise InvalidOptionError(
            expected=f"{what} to be one of {', '.join(sorted(valid))}",
            observed=repr(name),
            next_step=f"did you mean {near[0]}?" if near else "remove it",
        )
