# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports: the same words everywhere, and text that comes from outside stays text."""

from __future__ import annotations

import copy
import json
import re
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import Expectations, parse
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import _formats, _markdown, _terminal, _words
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED, NAMES, OPERATORS
from ansible_collections.configmgr.tenant_attach.tests.unit.readers import POINT, varied

Json = dict[str, t.Any]
UNDECLARED_CLOUD = parse({**NAMES, "cloud": None})
HOSTILE = "x`</td><script>alert(1)</script>|\n# head\r\n- [a](http://b) *c* _d_ \x1b[31mred \u202e"


@pytest.fixture
def document(healthy: Json) -> Json:
    """Findings with a fail, a warn and an unknown."""
    healthy["hierarchy"]["service_connection_points"][0]["mode"] = "offline"
    healthy["hierarchy"]["sites"][1]["build"] = 9135
    return judge(healthy, UNDECLARED_CLOUD)


@pytest.fixture
def hostile(document: Json) -> Json:
    """Findings about a host, and with answers, that want to be markup."""
    changed = copy.deepcopy(document)
    for finding in changed["findings"]:
        finding["observed"] = finding["reason"] = HOSTILE
        finding["scope"]["name"] = HOSTILE
        if finding["remedy"]:
            finding["remedy"]["text"] = HOSTILE
    changed["hierarchy"]["read_from"] = HOSTILE
    return changed


def test_the_headline_counts(document: Json) -> None:
    counts = document["summary"]["outcomes"]
    assert _words.headline(document) == (
        f"NOT READY: 1 fail, {counts['unknown']} unknown, {counts['warn']} warn, {counts['pass']} pass, 4 n/a"
    )


def test_the_subject_of_a_hierarchy_that_could_not_be_read() -> None:
    empty = judge({"schema_version": "1.0", "collected_at": "2026-11-23T20:00:00Z"}, Expectations())
    assert _words.subject(empty) == "a hierarchy that could not be read, and no tenant, 2026-11-23T20:00:00Z"
    assert [row[0] for row in _words.rows(empty)] == ["hierarchy-wide", "tenant"]


def test_steps_are_named_once_and_the_worst_first(document: Json) -> None:
    steps = _words.steps(document)
    assert len({(step.outcome, step.text) for step in steps}) == len(steps)
    assert [step.outcome for step in steps] == sorted((s.outcome for s in steps), key=_words.ORDER.index)
    assert steps[0].ids == ("scp_online",)
    assert steps[0].where == ("cm-scp01.corp.contoso.example (site CAS)",)


@pytest.mark.parametrize("render", [_terminal.render, _markdown.render], ids=["terminal", "markdown"])
def test_every_finding_that_matters_is_in_the_report(document: Json, render: t.Callable[[Json], str]) -> None:
    text = render(document)
    for finding in document["findings"]:
        if finding["outcome"] in {"fail", "unknown", "warn"}:
            assert finding["id"] in text
            assert finding["scope"]["name"] in text


def test_the_terminal_fits_and_has_a_row_for_each_site(document: Json) -> None:
    lines = _terminal.render(document).splitlines()
    assert max(map(len, lines)) <= _terminal.WIDTH
    for name in ("hierarchy-wide", "tenant", "accounts", "CAS", "P01", "P02", "P03"):
        assert sum(line.startswith(f"{name} ") for line in lines) == 1


def test_the_terminal_shortens_what_is_long(document: Json) -> None:
    fail = next(finding for finding in document["findings"] if finding["outcome"] == "fail")
    document["findings"] += [
        {**fail, "scope": {**fail["scope"], "name": f"host{n}"}, "remedy": {**fail["remedy"], "text": f"step {n}"}}
        for n in range(40)
    ]
    site = document["sites"]["P01"]
    document["sites"] = {f"P{n:02}": {**site, "worst": [f"{'long' * 6}_{i}" for i in range(5)]} for n in range(60)}
    text = _terminal.render(document)
    assert "... and 26 more, in the reports" in text
    assert "... and 23 more rows, in the reports" in text
    assert "_1 +3" in text
    assert max(map(len, text.splitlines())) <= _terminal.WIDTH


def test_a_ready_hierarchy_has_no_next_steps(healthy: Json) -> None:
    document = judge(healthy, DECLARED)
    for text in (_terminal.render(document), _markdown.render(document)):
        assert "READY" in text
        assert "Next steps" not in text


@pytest.mark.parametrize("render", [_terminal.render, _markdown.render], ids=["terminal", "markdown"])
def test_text_from_outside_stays_on_its_line(hostile: Json, document: Json, render: t.Callable[[Json], str]) -> None:
    text = render(hostile)
    assert not set(text) & {"\x1b", "\r", "\u202e"}
    if render is _markdown.render:
        assert not any(line.lstrip().startswith("# head") for line in text.splitlines())
        # Not a line, and not a heading, more than for text without tricks.
        headings = re.compile(r"^#+ ", re.MULTILINE)
        assert len(headings.findall(text)) == len(headings.findall(render(document)))


def test_markdown_escapes(hostile: Json) -> None:
    text = _markdown.render(hostile)
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "](http" not in text.replace("\\]", "")
    assert _markdown.escape("a|b *c* `d` <e>") == "a\\|b \\*c\\* \\`d\\` \\<e\\>"


def test_markdown_table_rows_have_the_same_number_of_cells(hostile: Json) -> None:
    rows = [line for line in _markdown.render(hostile).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {9, 4}


# -- waivers and severities ------------------------------------------------------------------------------------------


def test_the_headline_counts_accepted_exceptions(healthy: Json) -> None:
    document = varied(healthy)
    headline = _words.headline(document)
    assert headline.startswith("NOT READY, with 3 accepted exceptions: 3 fail (1 waived), ")
    assert "unknown (2 waived), " in headline
    document["summary"].update(verdict="ready", waived=1)
    assert _words.headline(document).startswith("READY, with 1 accepted exception: ")


@pytest.mark.parametrize("render", [_terminal.render, _markdown.render], ids=["terminal", "markdown"])
def test_waivers_are_shown(healthy: Json, render: t.Callable[[Json], str]) -> None:
    text = " ".join(render(varied(healthy)).replace("\\", "").split())
    told = f"waived for host:{POINT} until 2999-12-31, Ada Quill, CHG0040123: the site is closed in March"
    assert "Accepted exceptions (3)" in text
    assert told in text
    assert "waiver for account:operator001@contoso.com expired on 2020-01-31, Ada Quill: the site is closed" in text
    assert "Waivers that no finding carries (1)" in text
    assert "site_mode for site:P01: passes or does not apply" in text
    assert "high (critical in the catalogue)" in text
    assert "high (low in the catalogue)" in text


@pytest.mark.parametrize("render", [_terminal.render, _markdown.render], ids=["terminal", "markdown"])
def test_nothing_is_said_of_waivers_where_there_are_none(document: Json, render: t.Callable[[Json], str]) -> None:
    text = render(document).lower()
    assert "waive" not in text
    assert "exception" not in text
    assert "in the catalogue" not in text


def test_what_is_waived_asks_for_nothing_and_counts_in_its_own_column(healthy: Json) -> None:
    document = varied(healthy)
    assert all("scp_online" not in step.ids for step in _words.steps(document))
    rows = {row.name: row for row in _words.rows(document)}
    assert (rows["CAS"].waived, rows["P01"].waived, rows["accounts"].waived) == (1, 2, 0)
    assert "scp_online" not in rows["CAS"].worst
    assert rows["CAS"].counts["fail"] == 1
    lines = _terminal.render(document).splitlines()
    assert max(map(len, lines)) <= _terminal.WIDTH
    assert any(line.split()[:7] == ["verdict", "fail", "unknown", "warn", "pass", "n/a", "waived"] for line in lines)


def test_accounts_with_different_waivers_are_not_joined(healthy: Json) -> None:
    document = varied(healthy)
    for name in ("operator001@contoso.com", "operator002@contoso.com"):
        assert f"operator_discovered: {name}" in _terminal.render(document)


def test_the_terminal_shortens_what_is_waived(healthy: Json) -> None:
    document = varied(healthy)
    waived = next(each for each in document["findings"] if each["id"] == "scp_online")
    document["findings"] += [
        {**waived, "observed": f"{n}", "scope": {**waived["scope"], "name": f"host{n}"}} for n in range(40)
    ]
    document["waivers_unused"] *= 40
    text = _terminal.render(document)
    assert "... and 28 more, in the reports" in text
    assert "... and 25 more, in the reports" in text


@pytest.fixture
def crowd(healthy: Json) -> Json:
    """Findings of many operators who lack two things, one of them in the same way."""
    _first, operator, _other = healthy["accounts"]
    names = [f"crowd{n:02}@contoso.com" for n in range(40)]
    healthy["accounts"] += [{**operator, "upn": name, "discovered_by": [], "synced": "never"} for name in names]
    return judge(healthy, parse({**NAMES, "operators": [*OPERATORS, *names]}))


def test_of_many_accounts_the_terminal_names_some(crowd: Json) -> None:
    text = _terminal.render(crowd)
    named = "crowd00@contoso.com, crowd01@contoso.com, crowd02@contoso.com and 37 more"
    assert text.count(f"operator_discovered: {named}") == 1
    assert "crowd39@contoso.com" not in text


def test_of_many_hosts_the_terminal_names_some_within_its_width(healthy: Json) -> None:
    document = varied(healthy)
    finding = next(each for each in document["findings"] if each["outcome"] == "unknown")
    names = [f"{'host' * 10}{number:02}.corp.contoso.example" for number in range(9)]
    document["findings"] += [
        {**finding, "scope": {"kind": "host", "name": name, "site": "CAS"}, "reason": "nobody knows"} for name in names
    ]
    lines = _terminal.render(document).splitlines()
    assert max(map(len, lines)) <= _terminal.WIDTH
    text = " ".join(" ".join(lines).split())
    assert text.count(f"{finding['id']}: {', '.join(f'{name} (site CAS)' for name in names[:3])} and 6 more") == 1


def test_markdown_says_of_each_account_what_it_lacks_and_who_can_give_it(crowd: Json) -> None:
    text = _markdown.render(crowd)
    assert "## Accounts that lack something (40)" in text
    (row,) = [
        line for line in text.splitlines() if line.startswith("| crowd39@contoso.com") and "operator_synced" in line
    ]
    assert "whoever runs Microsoft Entra Connect" in row
    assert text.count("### `operator_discovered`: 40 accounts") == 1
    assert "operator001@contoso.com" not in text.partition("## Pass")[0]


def test_notes_are_shown(document: Json) -> None:
    for render in (_terminal.render, _markdown.render):
        assert "not in the device lists of Microsoft Graph" in render(document)
        without = {key: value for key, value in document.items() if key not in {"notes", "tenant"}}
        assert "device lists" not in render(without)


def test_json_is_the_document(document: Json) -> None:
    text = _formats.to_json(document)
    assert json.loads(text) == document
    assert text == _formats.to_json(dict(reversed(list(document.items()))))
