# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Markdown: what a parser makes of it, and how a long report is cut to what a ticket takes."""

from __future__ import annotations

import re
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import _markdown
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED
from ansible_collections.configmgr.tenant_attach.tests.unit.readers import markdown, poisoned, shape, shown, varied

Json = dict[str, t.Any]
GITHUB, JIRA = 65_536, 32_767
SITES = 6_000


def estate(document: Json, sites: int) -> Json:
    """The same kind of trouble at very many sites, each with its own, and with one waiver each."""
    wanted = {"scp_online", "adminservice_functional", "site_mode"}
    own = {each["id"]: each for each in document["findings"] if each["id"] in wanted and each["scope"]["site"]}.values()
    entry = document["sites"]["CAS"]
    document["sites"] = {f"{number:04}": entry for number in range(sites)}
    document["findings"] = [each for each in document["findings"] if not each["scope"]["site"]] + [
        {
            **each,
            "scope": {**each["scope"], "name": f"cm{code}.corp.contoso.example", "site": code},
            "observed": f"{each['observed']} at {code}",
        }
        for code in document["sites"]
        for each in own
    ]
    return document


def headings(text: str) -> list[str]:
    tokens = markdown().parse(text)
    return [
        tokens[number + 1].content
        for number, token in enumerate(tokens)
        if (token.type, token.tag) == ("heading_open", "h2")
    ]


def test_a_report_of_usual_length_is_whole(healthy: Json) -> None:
    text = _markdown.render(varied(healthy))
    assert "is cut" not in text
    assert {tag for kind, tag in shape(text) if kind == "table_open"} == {"table"}
    # Links lead to documentation, and nowhere else.
    links = {tag for kind, tag in shape(text) if kind == "link_open"}
    assert links
    assert all(link.startswith("https://learn.microsoft.com/") for link in links)


def test_what_is_the_same_everywhere_is_said_once(healthy: Json) -> None:
    document = estate(varied(healthy), 30)
    names = [f"cm{code}.corp.contoso.example (site {code})" for code in document["sites"]]
    for each in document["findings"]:
        each["observed"] = each["observed"].partition(" at 00")[0]
    text = _markdown.render(document)
    assert "is cut" not in text
    assert text.count("### `scp_online`: 30 hosts") == 1
    assert f"- Where: {', '.join(names)}\n" in text.partition("### `scp_online`")[2].partition("###")[0]
    assert "\n- `site_mode` site cm0000.corp.contoso.example, site cm0001" in text.partition("## Pass")[2]


@pytest.mark.parametrize("size", [30, 300, SITES])
def test_a_long_report_is_cut_to_what_a_ticket_takes(healthy: Json, size: int) -> None:
    document = estate(varied(healthy), size)
    text = _markdown.render(document)
    assert JIRA * 3 // 4 < len(text) < len(text.replace("\n", "\r\n")) <= JIRA < GITHUB
    # Every part is there, with the number of all that belongs to it.
    assert headings(text)[:2] == ["Next steps", "Accounts that lack something (2)"]
    waived = sum(1 for each in document["findings"] if (each["waiver"] or {"expired": True})["expired"] is False)
    assert f"Accepted exceptions ({waived})" in headings(text)
    assert headings(text)[-1] == "Notes"
    # What is left out is counted, and it is said where it is.
    (notice,) = re.findall(r"^\*This report is cut .*$", text, re.MULTILINE)
    assert "The JSON report, readiness.json, has all of it." in notice
    assert "shortened" in notice
    told = {
        what: int(number)
        for number, what in re.findall(r"(\d+) ([a-zA-Z ]+?)(?=[,.])", notice.partition("Left out: ")[2])
    }
    rows = len(document["sites"]) + 3
    first_table = text[: text.index("## Next steps")]
    assert told.get("rows of the table", 0) == rows - len(re.findall(r"^\| (?!\|)", first_table, re.MULTILINE))
    for what, number in told.items():
        assert f"*{number} {what} left out.*" in text
    assert not [kind for kind, _tag in shape(text) if kind.startswith("html")]


def test_a_cut_table_has_the_worst_sites_first(healthy: Json) -> None:
    document = estate(varied(healthy), SITES)
    entry = document["sites"]["0000"]
    verdicts = {"5998": "not_proven", "5999": "not_ready"}
    document["sites"] = {code: {**entry, "verdict": verdicts.get(code, "ready")} for code in document["sites"]}
    names = re.findall(r"^\| (\d{4}) \|", _markdown.render(document), re.MULTILINE)
    assert names[:3] == ["5999", "5998", "0000"]


def test_what_is_in_order_is_left_out_first(healthy: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    document = varied(healthy)
    whole = _markdown.render(document)
    monkeypatch.setattr(_markdown, "LIMIT", 22_000)
    text = _markdown.render(document)
    assert len(text) <= 22_000
    kept, passes = whole.partition("## Pass")[::2]
    # All that asks for something is there, word for word.
    assert kept.partition("\n| |")[2] in text
    assert "shortened" not in text
    left_out = re.findall(r"Left out: (\d+) entries under Pass\.", text)
    assert len(left_out) == 1
    assert passes.count("\n- `") - int(left_out[0]) == text.partition("## Pass")[2].count("\n- `")


def test_long_texts_of_services_do_not_burst_a_ticket(healthy: Json) -> None:
    document = poisoned(varied(healthy), "<script>|" * 1_000)
    text = _markdown.render(document)
    assert len(text.replace("\n", "\r\n")) <= JIRA
    assert "Long texts and lists of places are shortened" in text
    assert not [kind for kind, _tag in shape(text) if kind.startswith("html")]
    assert "<script>|<script>|" in shown(text)


def test_many_places_of_one_step_are_counted(healthy: Json) -> None:
    text = _markdown.render(estate(varied(healthy), SITES))
    assert re.search(r"\(site 0000\), cm0001\S+ \(site 0001\), cm0002\S+ \(site 0002\) and 5997 more\)", text)


def test_a_healthy_hierarchy_fits(healthy: Json) -> None:
    text = _markdown.render(judge(healthy, DECLARED))
    assert "is cut" not in text
    assert len(text) < JIRA
