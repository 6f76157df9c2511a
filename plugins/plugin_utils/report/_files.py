# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Report files: which formats there are, and how they come to disk. PRIVATE to the collection."""

from __future__ import annotations

import json
import os
import re
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.report import _csv, _html, _junit, _markdown

_HALF = re.compile("[\ud800-\udfff]")


def to_json(document: t.Mapping[str, t.Any]) -> str:
    """Return a document as JSON that is the same, to the byte, for the same content."""
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    # Half of a character, which JSON can carry and UTF-8 cannot.
    return _HALF.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class Format(t.NamedTuple):
    """A format: the file that it makes, how it is rendered, and whether it shows more than the run itself."""

    file: str
    render: t.Callable[..., str]
    with_trend: bool = False

    def text(self, document: t.Mapping[str, t.Any], trend: t.Sequence[t.Mapping[str, t.Any]] = ()) -> str:
        """Return the text of the file."""
        return self.render(document, trend) if self.with_trend else self.render(document)


FORMATS = {
    "json": Format("readiness.json", to_json),
    "markdown": Format("readiness.md", _markdown.render),
    "html": Format("readiness.html", _html.render, with_trend=True),
    "csv": Format("readiness.csv", _csv.render),
    "junit": Format("junit.xml", _junit.render),
}


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
