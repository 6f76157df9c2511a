# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The findings as CSV, one row each, for spreadsheets and scripts. Pure. PRIVATE to the collection."""

from __future__ import annotations

import csv
import io
import re
import typing as t

from . import _words

if t.TYPE_CHECKING:
    from ..documents._findings import Finding

# Excel reads a file as UTF-8 only where it begins with this.
_MARK = "\ufeff"
COLUMNS = (
    "collected_at",
    "id",
    "title",
    "area",
    "scope_kind",
    "scope",
    "site",
    "outcome",
    "waiver",
    "severity",
    "catalogue_severity",
    "expected",
    "observed",
    "reason",
    "next_step",
    "next_step_kind",
    "rights",
    "waiver_scope",
    "waiver_owner",
    "waiver_reason",
    "waiver_ticket",
    "waiver_expires",
    "source",
)
# What a spreadsheet takes for the beginning of a formula, in the wide forms of East Asia too: at the beginning of a
# cell, and where a semicolon would begin one in the countries whose spreadsheets separate cells by it.
_FORMULA = re.compile("^(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])|(?<=;)(?=[\\s\"']*[=+\\-@\uff1d\uff0b\uff0d\uff20])")


def cell(value: str | None) -> str:
    """Return text as it stands in a cell: on one line, and never a formula."""
    return _FORMULA.sub("'", _words.one_line(value or ""))


def render(document: _words.Document) -> str:
    """Return the table, with a row of names first."""
    text = io.StringIO()
    # As RFC 4180 has it: commas, and lines that end in CR LF. Quotes around all cells do no harm, and need no rule.
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for finding in document["findings"]:
        row = {"collected_at": document["collected_at"], **_row(finding)}
        writer.writerow([cell(row[column]) for column in COLUMNS])
    return _MARK + text.getvalue()


def _row(finding: Finding) -> dict[str, str | None]:
    scope, remedy = finding["scope"], finding["remedy"]
    waiver: t.Mapping[str, t.Any] = finding["waiver"] or {}
    state = ("expired" if waiver["expired"] else "waived") if waiver else ""
    return {
        **{key: value for key, value in finding.items() if isinstance(value, str)},
        "scope_kind": scope["kind"],
        "scope": scope["name"],
        "site": scope["site"],
        "next_step": _words.next_step(finding),
        "next_step_kind": remedy["kind"] if remedy else "",
        "rights": "; ".join(finding["rights"]),
        "waiver": state,
        **{f"waiver_{key}": waiver.get(key) for key in ("scope", "owner", "reason", "ticket", "expires")},
    }
