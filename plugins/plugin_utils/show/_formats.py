# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Report files: which formats there are, and how they come to disk. PRIVATE to the collection."""

from __future__ import annotations

import json
import re
import typing as t

from . import _csv, _html, _junit, _markdown

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
