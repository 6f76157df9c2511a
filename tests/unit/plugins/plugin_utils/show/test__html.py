# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report, as text. What Chromium makes of it is tested in tests/integration/test_report_page.py."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
import typing as t
from html.parser import HTMLParser

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import Expectations, parse
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import _formats, _html, _html_data
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED, NAMES

Json = dict[str, t.Any]
HOSTILE = "a\u2028=cmd()\"'`</script><script>alert(1)</script>&amp;\n\x01\u202e$title {{ 7 * 6 }}"
VISIBLE = "a =cmd()\"'`</script><script>alert(1)</script>&amp; $title {{ 7 * 6 }}"
VOID = {"meta", "link", "input", "line", "rect"}
WAIVER = {
    "scope": "host:x",
    "owner": "Ada",
    "reason": "later",
    "ticket": None,
    "expires": "2026-12-31",
    "expired": False,
}


class Outline(HTMLParser):
    """The elements and the text of a page; refuses what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._path: list[str] = []
        self.feed(page)
        self.close()
        assert self._path == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._path.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._path.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._path[-1] if self._path else "", []).append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def shown(self) -> str:
        """What a reader sees without the script."""
        hidden = {"script", "style", "title"}
        return " ".join(" ".join(texts) for tag, texts in self.texts.items() if tag not in hidden)


def blocks(page: str) -> list[Json]:
    """What the script reads."""
    return [json.loads(text) for text in re.findall(r'<script type="application/json">(.*?)</script>', page)]


def unpacked(page: str) -> list[Json]:
    """The findings that the script sees, the numbers resolved."""
    head, *rest = blocks(page)
    rows = [row for block in rest for row in block.get("rows", ())]
    values: list[t.Any] = []
    found: list[Json] = []
    for block in rest:
        values += block.get("values", ())
        for numbers in zip(*block.get("columns", ()), strict=True):
            at = dict(zip(head["columns"], numbers, strict=True))
            words = ("kind", "name", "observed", "reason", "remedy", "needs", "rights", "waiver")
            found.append(
                {key: values[at[key]] for key in words}
                | {"outcome": head["outcomes"][at["outcome"]], "severity": head["severities"][at["severity"]]}
                | {"declared": head["severities"][at["declared"]], "area": head["areas"][at["area"]]}
                | {"standing": head["standings"][at["standing"]], "row": rows[at["row"]][0]}
            )
    assert len(found) == head["findings"]
    return found


@pytest.fixture
def document(healthy: Json) -> Json:
    """Findings with a fail, warnings and unknowns."""
    healthy["hierarchy"]["service_connection_points"][0]["mode"] = "offline"
    healthy["hierarchy"]["sites"][1]["build"] = 9135
    return judge(healthy, parse({**NAMES, "cloud": None}))


@pytest.fixture
def hostile(document: Json) -> Json:
    changed = copy.deepcopy(document)
    for finding in changed["findings"]:
        for key in ("title", "expected", "observed", "reason", "source"):
            finding[key] = HOSTILE
        finding["scope"] |= {"name": HOSTILE, "site": finding["scope"]["site"] and HOSTILE}
        finding["needs"] = finding["rights"] = [HOSTILE]
        finding["waiver"] = {**dict.fromkeys(WAIVER, HOSTILE), "expired": True}
        if finding["remedy"]:
            finding["remedy"] = {"kind": "enforce", "text": HOSTILE, "tags": [HOSTILE]}
    changed["hierarchy"] |= {"read_from": HOSTILE, "top_site": HOSTILE}
    changed["tenant"]["name"] = HOSTILE
    changed["collected_at"] = HOSTILE
    changed["notes"] = [{"id": "x", "title": HOSTILE, "text": HOSTILE, "source": "javascript:alert(1)"}]
    return changed


def runs(*fails: int) -> list[Json]:
    """A trend."""
    return [
        {
            "collected_at": f"2026-10-{number:02}T04:00:00Z",
            "verdict": "not_ready",
            "outcomes": {"pass": 50, "warn": 2, "fail": fail, "not_applicable": 3, "unknown": 1},
        }
        for number, fail in enumerate(fails, 1)
    ]


def test_the_page_is_the_same_for_the_same_findings(document: Json) -> None:
    page = _html.render(document)
    assert page == _html.render(copy.deepcopy(document))
    backwards = {**document, "findings": document["findings"][::-1]}
    assert unpacked(_html.render(backwards)) == unpacked(page)
    assert page.isascii()


def test_the_page_needs_nothing_and_may_do_nothing(document: Json) -> None:
    page = _html.render(document, runs(4, 5))
    outline = Outline(page)
    policy = next(each["content"] for each in outline.named("meta") if each.get("http-equiv"))
    assert policy is not None
    script = page[page.index("<script>") + len("<script>") : page.index("</script>")]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)
    sources = [
        value for _tag, each in outline.elements for key, value in each.items() if key in {"src", "srcset", "style"}
    ]
    assert sources == []
    assert not [each for _tag, each in outline.elements if any(key.startswith("on") for key in each)]
    links = {each["href"] for tag, each in outline.elements if tag == "a"}
    assert not [link for link in links if link and not link.startswith(("#", "https://"))]


def test_references_inside_the_page_are_whole(document: Json) -> None:
    outline = Outline(_html.render(document, runs(4)))
    ids = [each["id"] for _tag, each in outline.elements if each.get("id")]
    assert len(ids) == len(set(ids))
    for _tag, each in outline.elements:
        assert each.get("aria-labelledby") in {None, *ids}


def test_without_the_script_all_that_matters_is_there(document: Json) -> None:
    shown = Outline(_html.render(document)).shown
    assert "Not ready for tenant attach" in shown
    for finding in document["findings"]:
        if finding["outcome"] in {"fail", "unknown", "warn"}:
            assert finding["title"] in shown
            assert finding["scope"]["name"] in shown
            assert finding["remedy"]["text"] in shown
    for note in document["notes"]:
        assert note["text"] in shown


def test_the_script_gets_every_finding_whole(document: Json) -> None:
    found = unpacked(_html.render(document))
    assert len(found) == len(document["findings"])
    of_page = {(each["kind"][0], each["name"], each["row"]): each for each in found}
    for finding in document["findings"]:
        scope = finding["scope"]
        row = scope["site"] or {"hierarchy": "hierarchy-wide", "account": "accounts"}.get(scope["kind"], scope["kind"])
        each = of_page[finding["id"], scope["name"], row]
        assert each["kind"] == [
            finding["id"],
            finding["title"],
            finding["why"],
            finding["expected"],
            finding["source"],
        ]
        for key in ("outcome", "severity", "area", "observed", "reason", "rights", "waiver"):
            assert each[key] == finding[key], key
        assert [need.replace(_html_data.NAME, scope["name"]) for need in each["needs"]] == finding["needs"]
        assert (each["remedy"] or [None])[0] == (finding["remedy"] or {"text": None})["text"]


def test_text_that_wants_to_be_markup_stays_text(hostile: Json, document: Json) -> None:
    page = _html.render(hostile, runs(4))
    outline = Outline(page)
    # Not an element more than for text without tricks, but for links that lead nowhere now.
    usual = Outline(_html.render(document, runs(4)))
    assert {tag for tag, _attributes in outline.elements} == {tag for tag, _attributes in usual.elements}
    assert len(outline.named("script")) == 1 + len(blocks(page))
    assert VISIBLE in outline.shown
    assert "javascript:" not in {str(each.get("href"))[:11] for each in outline.named("a")}
    for text in ("\u2028", "\u202e", "\x01=", "{{ 42 }}"):
        assert text not in page
    for each in unpacked(page):
        assert each["name"] == each["observed"] == each["reason"] == VISIBLE
        assert each["kind"][3:] == [VISIBLE, ""]
        assert each["standing"] == "expired"


def test_the_order_is_trouble_then_what_is_accepted_then_the_rest(document: Json) -> None:
    fail = next(finding for finding in document["findings"] if finding["outcome"] == "fail")
    fail |= {"waiver": WAIVER, "catalogue_severity": "low"}
    document["summary"]["waived"] = 1
    page = _html.render(document)
    ranks = ["unknown", "warn", "fail", "pass", "not_applicable"]
    found = unpacked(page)
    assert [each["outcome"] for each in found] == sorted((each["outcome"] for each in found), key=ranks.index)
    (waived,) = [each for each in found if each["standing"] == "waived"]
    assert waived["waiver"] == ["Ada", "later", "", "2026-12-31", "host:x"]
    assert (waived["severity"], waived["declared"]) == (fail["severity"], "low")
    shown = Outline(page).shown
    assert "1 finding is accepted by a waiver and left out of the verdict." in shown
    assert "1 waived" in shown
    assert fail["observed"] not in shown


@pytest.mark.parametrize(
    ("outcomes", "text"),
    [
        ({"fail": 1}, "1 of 1 check is not met."),
        ({"fail": 2, "unknown": 1, "pass": 7}, "2 of 10 checks are not met, and 1 could not be made."),
        ({"unknown": 2, "pass": 1}, "Nothing that was seen fails, but 2 of 3 checks could not be made."),
        ({"pass": 5, "not_applicable": 2}, "All 5 checks that apply here are met."),
        ({"pass": 1, "warn": 1}, "1 check is met with a warning"),
        ({"not_applicable": 1}, "Nothing was judged."),
    ],
)
def test_the_verdict_is_a_sentence(document: Json, outcomes: dict[str, int], text: str) -> None:
    model = document["findings"][0]
    document["findings"] = [
        {
            **model,
            "outcome": outcome,
            "remedy": None if outcome in {"pass", "not_applicable"} else {"kind": "manual", "text": "x", "tags": []},
        }
        for outcome, number in outcomes.items()
        for _time in range(number)
    ]
    assert text in Outline(_html.render(document)).shown


def test_what_is_concerned_is_named(document: Json) -> None:
    fail = next(finding for finding in document["findings"] if finding["outcome"] == "fail")
    assert fail["scope"]["site"] == "CAS"
    good = [finding for finding in document["findings"] if finding["outcome"] == "pass"]
    document["findings"] = [*good, fail]
    assert "This concerns 1 of 4 sites." in Outline(_html.render(document)).shown
    document["findings"].append({**fail, "scope": {"kind": "tenant", "name": "tenant", "site": None}})
    assert "This concerns 1 of 4 sites and the tenant." in Outline(_html.render(document)).shown


def test_a_ready_estate_needs_no_steps(healthy: Json) -> None:
    shown = Outline(_html.render(judge(healthy, DECLARED))).shown
    assert "Ready for tenant attach" in shown
    assert "This concerns" not in shown
    assert "To keep it that way" in shown


def test_a_hierarchy_that_could_not_be_read() -> None:
    document = judge({"schema_version": "1.0", "collected_at": "2026-11-23T20:00:00Z"}, Expectations())
    document |= {"notes": [], "collected_at": "yesterday"}
    shown = Outline(_html.render(document)).shown
    assert "Not proven to be ready for tenant attach" in shown
    assert "hierarchy not read" in shown
    assert "yesterday" in shown
    assert "Worth knowing" not in shown


def test_a_large_estate_is_cut_short_where_no_script_runs(document: Json) -> None:
    fail = next(finding for finding in document["findings"] if finding["outcome"] == "fail")
    document["findings"] = [
        {
            **fail,
            "scope": {"kind": "site", "name": f"S{n:03}", "site": f"S{n:03}"},
            "remedy": {"kind": "manual", "text": f"step {n // 10}", "tags": []},
        }
        for n in range(2500)
    ]
    page = _html.render(document)
    shown = Outline(page).shown
    assert "And 2,300 more, in" in shown
    assert "And 190 more: see the findings." in shown
    assert "244 more steps" in shown
    assert "site S002 and 7 more" in shown
    assert "25 of 2500 rows" in shown
    assert "all 2,500 sites" in shown
    sizes = [(len(block.get("rows", ())), len((block.get("columns") or [[]])[0])) for block in blocks(page)[1:]]
    assert sizes == [(500, 0)] * 5 + [(0, 1000), (0, 1000), (0, 500)]


def test_a_command_is_safe_to_paste() -> None:
    command = _html_data.command({"kind": "enforce", "text": "x", "tags": ["a", "b; rm -rf /"]})
    assert command == "ansible-playbook configmgr.tenant_attach.enforce --tags 'a,b; rm -rf /' --check --diff"


def test_areas_and_prerequisites_that_are_new_are_shown_too(document: Json) -> None:
    document["findings"][-1] |= {"id": "brand_new", "area": "zz_new", "why": "Nobody knows yet."}
    page = _html.render(document)
    assert blocks(page)[0]["areas"][-1] == "zz_new"
    assert next(each for each in unpacked(page) if each["kind"][0] == "brand_new")["kind"][2] == "Nobody knows yet."


def test_findings_of_version_1_1_do_not_say_why(document: Json) -> None:
    document["findings"][0] |= {"id": "brand_new"}
    del document["findings"][0]["why"]
    page = _html.render(document)
    assert next(each for each in unpacked(page) if each["kind"][0] == "brand_new")["kind"][2] == ""


# -- the trend --------------------------------------------------------------------------------------------------------


def test_the_trend_ends_with_this_run(document: Json) -> None:
    page = _html.render(document, runs(9, 7))
    outline = Outline(page)
    assert len(outline.named("g")) == 3
    assert "3 runs since 2026-10-01: fail 9 then and 1 now" in outline.shown
    assert page.index("2026-10-02 04:00 UTC") < page.index("2026-10-01 04:00 UTC")
    # The history may hold this run already.
    itself = {**runs(1)[0], "collected_at": document["collected_at"]}
    assert len(Outline(_html.render(document, [*runs(9, 7), itself])).named("g")) == 3
    assert "Trend" not in Outline(_html.render(document)).shown


def test_a_long_trend_is_cut_and_an_empty_one_is_drawn(document: Json) -> None:
    assert len(Outline(_html.render(document, runs(*range(90)))).named("g")) == 60
    document["summary"]["outcomes"] = dict.fromkeys(document["summary"]["outcomes"], 0)
    nothing = [{**run, "outcomes": document["summary"]["outcomes"]} for run in runs(0)]
    assert Outline(_html.render(document, nothing)).named("rect")[0]["height"] == "0.00"


def test_only_html_shows_the_trend(document: Json) -> None:
    for name, form in _formats.FORMATS.items():
        assert (form.text(document) != form.text(document, runs(9))) == (name == "html")
