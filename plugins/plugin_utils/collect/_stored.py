# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence that earlier runs left, from wherever it is. PRIVATE to the collection."""

from __future__ import annotations

import glob
import json
import typing as t
from pathlib import Path

from ...module_utils._errors import InvalidOptionError
from ..documents._evidence import understood


def read(sources: t.Iterable[t.Any]) -> list[tuple[str, dict[str, t.Any]]]:
    """Return evidence documents, each with what to call it in errors.

    Args:
        sources: Documents, files that hold one, and patterns of such files.

    Raises:
        InvalidOptionError: A file is missing or holds no evidence, or a pattern has no file.
    """
    documents = []
    for number, source in enumerate(sources, start=1):
        if isinstance(source, str):
            documents += [(name, load(name)) for name in _files(source)]
        else:
            documents.append((f"document {number}", load(source)))
    return documents


def _files(source: str) -> list[str]:
    path = str(Path(source).expanduser())
    if not glob.has_magic(path):
        return [path]
    found = sorted(glob.glob(path, recursive=True))  # noqa: PTH207  # A pattern may be absolute.
    if not found:
        raise InvalidOptionError(
            expected="files of evidence",
            observed="no file with such a name",
            where=source,
            next_step="correct the pattern, or see why the runs left no evidence.json there",
        )
    return found


def load(source: t.Any) -> dict[str, t.Any]:
    """Return an evidence document, from itself or from the file it is stored in.

    Raises:
        InvalidOptionError: It is no evidence document of a version that is understood.
    """
    if isinstance(source, str):
        try:
            source = json.loads(Path(source).expanduser().read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as exc:
            raise InvalidOptionError(
                expected="option evidence to be an evidence document, or a file that holds one as JSON",
                observed=f"{type(exc).__name__}: {exc}",
                where=str(source)[:200],
                next_step="give the evidence.json that a readiness run left in its report directory",
            ) from exc
    return understood(source)
