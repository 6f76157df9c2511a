# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hostile names stay text in every format: what is read back has the same shape as with harmless names."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import (
    _csv,
    _formats,
    _junit,
    _markdown,
    _terminal,
    _words,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.readers import (
    csv_rows,
    junit_suites,
    markdown,
    poisoned,
    shape,
    shown,
    varied,
)

Json = dict[str, t.Any]
HARMLESS = "harmless"
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
TRICKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table><b>",
    "<!-- x",
    "<?xml version='1.0'?>",
    "]]></system-out>",
    "&lt;b&gt;&#60;i&#62;&amp;",
    "=cmd()",
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\uff1d1",
    "\uff201",
    "x;=cmd()",
    'x;"=cmd()"',
    "x; '@a",
    'a"b',
    '"',
    '",="',
    "a'b",
    "'",
    "a,b",
    "a\nb",
    "a\r\n\r\n# b",
    "a\u2028b\u2029c\x85d",
    "a | b |",
    "| --- |",
    "[a](http://evil.example)",
    "![a](http://evil.example/x.png)",
    "[a]: http://evil.example",
    "<http://evil.example>",
    "see http://evil.example/x",
    "https://evil.example",
    "ftp://evil.example",
    "//evil.example",
    "www.evil.example",
    "WWW.evil.example",
    "@everyone #1",
    "`a` ``b",
    "*a* **b** _c_ __d__ ~~e~~",
    "# head",
    "## head",
    "- item",
    "* item",
    "+ item",
    "1. item",
    "42) item",
    "> quote",
    "---",
    "===",
    "***",
    "```",
    "~~~",
    "    code",
    "\\",
    "\\<b>",
    "$x$ $$y$$",
    "{{ 7 * 7 }}",
    "\x1b[31mred\x07\x00",
    "x\ud800y",
    "\u202eevil\u202c",
    "x\ufffe\uffffy",
    "\U0001f4a9 \u00e4\u00f6\u00fc \u4e2d",
]


@pytest.fixture
def document(healthy: Json) -> Json:
    return varied(healthy)


def check_json(document: Json, harmless: Json) -> None:
    text = _formats.to_json(document)
    assert json.loads(text) == document
    assert json.loads(text.encode("utf-8")) == document
    assert text.count("\n") == _formats.to_json(harmless).count("\n")


def check_csv(document: Json, harmless: Json) -> None:
    text = _csv.render(document)
    rows = csv_rows(text)
    assert text.count("\r\n") == text.count("\n") == text.count("\r") == len(rows)
    assert len(rows) == len(document["findings"]) + 1
    assert {len(row) for row in rows} == {len(_csv.COLUMNS)}
    for delimiter in (",", ";"):
        assert not [each for row in csv_rows(text, delimiter) for each in row if each.strip(' "\n').startswith(FORMULA)]
    name = _words.one_line(next(each for each in document["findings"] if each["scope"]["kind"] == "host")["observed"])
    observed = {row[_csv.COLUMNS.index("observed")] for row in rows[1:]}
    assert {each.replace("'", "") for each in observed} == {name.replace("'", "")}
    assert [row[:4] for row in rows] == [row[:4] for row in csv_rows(_csv.render(harmless))]


def check_junit(document: Json, harmless: Json) -> None:
    text = _junit.render(document)
    suites = junit_suites(text.encode("utf-8").decode("utf-8"))
    plain = junit_suites(_junit.render(harmless))

    def numbers(read: list[Json]) -> list[t.Any]:
        return [[suite[f"@{key}"] for key in ("tests", "failures", "errors", "skipped")] for suite in read]

    assert numbers(suites) == numbers(plain)
    name = _words.one_line(document["hierarchy"]["read_from"])
    titles = {suite["@name"].partition(" ")[2] for suite in suites}
    assert titles == {"", name}
    failures = [case["failure"][0] for suite in suites for case in suite["testcase"] if "failure" in case]
    assert all(name in failure["@message"] and f"Observed: {name}" in failure["$"] for failure in failures)
    assert failures


def check_markdown(document: Json, harmless: Json) -> None:
    text = _markdown.render(document)
    assert shape(text) == shape(_markdown.render(harmless))
    assert not [kind for kind, _tag in shape(text) if kind.startswith(("html", "image", "code_block", "fence"))]
    name = _words.one_line(document["hierarchy"]["read_from"])
    assert f"Observed: {name}\n" in shown(text)
    assert f"waived for {name} until 2999-12-31, {name}, {name}: {name}\n" in shown(text)
    text.encode("utf-8")


def check_terminal(document: Json, _harmless: Json) -> None:
    text = _terminal.render(document)
    assert all(char.isprintable() or char == "\n" for char in text)
    sections = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert "Accepted exceptions (3)" in sections
    text.encode("utf-8")


CHECKS = {
    "json": check_json,
    "csv": check_csv,
    "junit": check_junit,
    "markdown": check_markdown,
    "terminal": check_terminal,
}


def test_every_format_but_those_tested_elsewhere_is_here() -> None:
    # HTML is read by a browser.
    assert set(_formats.FORMATS) - {"html"} <= set(CHECKS)


@pytest.mark.parametrize("name", list(CHECKS))
@pytest.mark.parametrize("trick", TRICKS, ids=ascii)
def test_hostile_names_stay_text(document: Json, name: str, trick: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Longer names may cost a Markdown report an entry, and then the shapes differ: that is another test's matter.
    monkeypatch.setattr(_markdown, "LIMIT", 1_000_000)
    CHECKS[name](poisoned(document, trick), poisoned(document, HARMLESS))


@given(st.text())
def test_any_text_is_itself_in_markdown(text: str) -> None:
    line = _words.one_line(text)
    escaped = _markdown.escape(text)
    if line:
        opening, inline, closing = markdown().parse(escaped)
        assert (opening.type, closing.type) == ("paragraph_open", "paragraph_close")
        assert {child.type for child in inline.children or ()} == {"text"}
        assert "".join(child.content for child in inline.children or ()) == line
    else:
        assert not escaped


@given(st.text())
def test_any_text_is_itself_in_a_cell(text: str) -> None:
    made = _csv.cell(text)
    assert not made.startswith((*FORMULA, "\t", "\r", "\n"))
    assert made.replace("'", "") == _words.one_line(text).replace("'", "")
