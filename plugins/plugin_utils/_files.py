# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that are written whole or not at all. PRIVATE to the collection."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from ..module_utils._errors import InvalidOptionError


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all: who reads it meanwhile finds the old content or the new.

    Raises:
        InvalidOptionError: The directory cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            # Line ends are the format's own business.
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            # mkstemp makes files for one user only; reports get what the user's umask gives to every new file.
            mask = os.umask(0)
            os.umask(mask)
            Path(name).chmod(0o666 & ~mask)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as exc:
        raise InvalidOptionError(
            expected="a directory for the reports that can be written to",
            observed=f"{type(exc).__name__}: {exc.strerror}",
            where=str(path),
            next_step="give another directory (tenant_attach_report_dir)",
        ) from exc
