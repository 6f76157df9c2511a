# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTML report, in Chromium: as a person, a keyboard, a screen reader and a printer meet it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import typing as t
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from integration.harness import HERE, PATIENCE, TARGETS, Ansible, Json, Readiness
from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
TROUBLE = frozenset({"fail", "unknown", "warn"})
PHONE = {"width": 360, "height": 740}
SITES = 6000
LONGEST = 200  # Milliseconds.
TRIES = 3
HOSTILE = (
    "\u2028=cmd()\"'`<script>window.struck = true</script></script><img src=x onerror=window.struck=true>\n{{ 7 * 6 }}"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def contoso(judged: Callable[[str], Readiness]) -> Readiness:
    return judged("contoso")


Opened = t.Callable[..., t.ContextManager[Page]]


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Opened:
    """Call it with a page and an address in it: it opens it, and refuses every error and every request at the end."""

    @contextmanager
    def look(path: Path, address: str = "", **options: t.Any) -> Iterator[Page]:
        noise: list[str] = []
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "offline": True, **options})
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", lambda message: noise.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: noise.append(str(error)))
        page.on("dialog", lambda dialog: noise.append(f"dialog: {dialog.message}"))
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url.partition("#")[0]))
        page.goto(path.as_uri() + address)
        if options.get("java_script_enabled", True):
            settle(page)
        yield page
        assert noise == []
        assert set(requests) <= {path.as_uri(), "data:,"}
        context.close()

    return look


def settle(page: Page) -> None:
    """Wait until the page shows what it was asked for."""
    # Not by a function of the page's: its policy allows no eval.
    expect(page.locator("html")).to_have_attribute("data-state", "ready", timeout=PATIENCE * 1000)


def typed(page: Page, text: str) -> None:
    """Type a text into the filter, and wait until the page has noticed."""
    page.fill("#text", text)
    expect(page).to_have_url(re.compile(r"[#&]text=") if text else re.compile(r"^(?!.*[#&]text=)"))
    settle(page)


def count(page: Page) -> int:
    """Return how many findings the page says match."""
    settle(page)
    return int(page.inner_text("#count").split(" of ")[0].replace(",", ""))


def state(page: Page) -> dict[str, list[str]]:
    """Return the filters as the address has them."""
    return urllib.parse.parse_qs(urllib.parse.urlsplit(page.url).fragment)


def expected(contoso: Readiness, test: Callable[[Json], bool], outcomes: t.AbstractSet[str] = TROUBLE) -> int:
    return sum(each["outcome"] in outcomes and test(each) for each in contoso.findings)


@pytest.fixture
def page_of(contoso: Readiness) -> Path:
    return contoso.directory / "readiness.html"


# -- what it shows ----------------------------------------------------------------------------------------------------


def test_the_verdict_comes_first_and_trouble_is_listed(opened: Opened, page_of: Path, contoso: Readiness) -> None:
    with opened(page_of) as page:
        assert page.inner_text("h1") == "Not ready for tenant attach"
        outcomes = contoso.document["summary"]["outcomes"]
        assert page.inner_text(".tile.fail b") == str(outcomes["fail"])
        assert count(page) == sum(outcomes[outcome] for outcome in TROUBLE)
        badges = page.locator("#list summary > .badge").all_inner_texts()
        assert badges == sorted(badges, key=["fail", "unknown", "warn"].index)
        rows = page.locator("#rows tr th").all_inner_texts()
        assert set(rows) == {"hierarchy-wide", "tenant", "accounts", *contoso.document["sites"]}


def test_a_finding_says_all_that_is_known_of_it(opened: Opened, page_of: Path, contoso: Readiness) -> None:
    finding = next(
        each for each in contoso.findings if each["outcome"] == "fail" and each["remedy"]["kind"] == "enforce"
    )
    with opened(page_of, f"#outcome=fail&text={finding['id']}") as page:
        assert count(page) == expected(contoso, lambda each: each["id"] == finding["id"], {"fail"})
        item = page.locator("#list > li").filter(has_text=finding["scope"]["name"]).first
        item.locator("summary").click()
        text = item.inner_text()
        for part in ("title", "expected", "observed", "reason", "severity", "id"):
            assert finding[part] in text, part
        for part in (*finding["needs"], *finding["rights"], finding["remedy"]["text"]):
            assert part in text
        command = (
            f"ansible-playbook configmgr.tenant_attach.enforce --tags {finding['remedy']['tags'][0]} --check --diff"
        )
        assert item.locator(".command code").inner_text() == command
        source = item.get_by_role("link", name="Source of the condition")
        assert source.get_attribute("href") == finding["source"]
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        item.get_by_role("button", name="Copy").click()
        expect(page.locator("#live")).to_have_text("The command is copied.")
        assert page.evaluate("navigator.clipboard.readText()") == command


def test_without_its_script_the_page_still_tells(opened: Opened, page_of: Path, contoso: Readiness) -> None:
    with opened(page_of, java_script_enabled=False) as page:
        text = page.inner_text("body")
        assert "Not ready for tenant attach" in text
        for finding in contoso.findings:
            if finding["outcome"] in TROUBLE:
                assert finding["title"] in text
                assert finding["scope"]["name"] in text
        assert not page.locator("#filter").is_visible()
        assert page.locator("#rows tr").count() == 3 + len(contoso.document["sites"])


# -- filters and links ------------------------------------------------------------------------------------------------


def test_filters_leave_what_matches_and_are_in_the_address(opened: Opened, page_of: Path, contoso: Readiness) -> None:
    with opened(page_of) as page:
        page.uncheck("input[value=warn]")
        assert count(page) == expected(contoso, lambda _each: True, {"fail", "unknown"})
        assert state(page) == {"outcome": ["fail,unknown"]}
        page.check("input[value=pass]")
        page.uncheck("input[value=high]")
        some = {"fail", "unknown", "pass"}
        assert count(page) == expected(contoso, lambda each: each["severity"] != "high", some)
        page.select_option("#site", "site:P02")
        assert count(page) == expected(
            contoso, lambda each: each["severity"] != "high" and each["scope"]["site"] == "P02", some
        )
        page.click("#reset")
        assert count(page) == expected(contoso, lambda _each: True)
        assert state(page) == {}
        page.select_option("#area", "adminservice")
        assert count(page) == expected(contoso, lambda each: each["area"] == "adminservice")
        page.select_option("#area", "")
        page.select_option("#site", "part:account")
        assert count(page) == expected(contoso, lambda each: each["scope"]["kind"] == "account")
        page.select_option("#site", "")
        typed(page, "Certificate CM-P03")
        with_both = expected(
            contoso, lambda each: "certificate" in json.dumps(each).lower() and "cm-p03" in json.dumps(each).lower()
        )
        assert 0 < count(page) <= with_both
        page.fill("#text", "nothing says this")
        expect(page.locator("#count")).to_contain_text("Nothing matches")


def test_a_filtered_view_can_be_sent(opened: Opened, page_of: Path) -> None:
    with opened(page_of) as page:
        page.check("input[value=pass]")
        page.select_option("#site", "site:CAS")
        typed(page, "proxy")
        before, address = count(page), urllib.parse.urlsplit(page.url).fragment
    with opened(page_of, f"#{address}") as page:
        assert count(page) == before > 0
        assert page.input_value("#text") == "proxy"
        assert page.input_value("#site") == "site:CAS"
        assert page.is_checked("input[value=pass]")


def test_a_cell_of_the_matrix_leads_to_its_findings(opened: Opened, page_of: Path) -> None:
    with opened(page_of) as page:
        for cell in ("#rows .cell.fail", "#rows .cell.pass"):
            link = page.locator(cell).first
            query = urllib.parse.parse_qs((link.get_attribute("href") or "").removeprefix("#"))
            link.click()
            expect(page.locator("#findings")).to_be_focused()
            assert page.input_value("#area") == query["area"][0]
            assert count(page) > 0


def test_a_link_opens_a_finding_that_filters_would_hide(opened: Opened, page_of: Path, contoso: Readiness) -> None:
    hidden = next(each for each in contoso.findings if each["outcome"] == "pass" and each["scope"]["kind"] == "host")
    address = urllib.parse.urlencode(
        {"finding": hidden["id"], "scope": f"host:{hidden['scope']['name']}", "outcome": "fail"}
    )
    with opened(page_of, f"#{address}") as page:
        linked = page.locator("#linked-list > li > details")
        assert linked.get_attribute("open") is not None
        assert hidden["title"] in linked.inner_text()
        assert hidden["scope"]["name"] in linked.inner_text()
        expect(linked.locator("summary")).to_be_focused()
        expect(linked.locator("summary")).to_be_in_viewport()
        assert count(page) == expected(contoso, lambda _each: True, {"fail"})
        # The page's own link leads to the same.
        href = linked.get_by_role("link", name="Link to this finding").get_attribute("href")
        page.goto(page_of.as_uri() + str(href))
        settle(page)
        expect(page.locator("#linked-list summary")).to_be_focused()
        page.goto(page_of.as_uri() + "#finding=no_such&scope=site:P99")
        expect(page.locator("#linked")).to_contain_text("This report has no such finding.")


# -- keyboard, screen reader, phone, paper ----------------------------------------------------------------------------


def test_everything_can_be_done_with_the_keyboard(opened: Opened, page_of: Path) -> None:
    with opened(page_of) as page:
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#findings")).to_be_focused()
        assert count(page) > 0  # A plain anchor is no filter.
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        assert not page.is_checked("input[value=fail]")
        before = count(page)
        page.keyboard.press("Space")
        assert count(page) > before
        page.locator("#list summary").first.focus()
        page.keyboard.press("Enter")
        assert page.locator("#list details").first.get_attribute("open") is not None
        page.locator("#theme").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("getComputedStyle(document.body).colorScheme") != ""
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_more_findings_come_on_demand_and_the_focus_stays_there(
    opened: Opened, page_of: Path, contoso: Readiness
) -> None:
    with opened(page_of, "#outcome=pass") as page:
        assert page.locator("#list > li").count() == 50
        page.click("#more")
        expect(page.locator("#list > li")).to_have_count(100)
        expect(page.locator("#list > li").nth(50).locator("summary")).to_be_focused()
        assert count(page) == expected(contoso, lambda _each: True, {"pass"})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [{"width": 1280, "height": 900}, PHONE], ids=["desktop", "phone"])
def test_an_audit_finds_no_barrier(opened: Opened, telling: Path, scheme: str, viewport: Json) -> None:
    with opened(telling, color_scheme=scheme, viewport=viewport) as page:
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        found = Axe().run(page).response["violations"]
        bad = [(each["id"], [node["html"] for node in each["nodes"]][:3]) for each in found]
        assert bad == []
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_colours_follow_the_system_and_the_button(opened: Opened, page_of: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with opened(page_of, color_scheme="light") as page:
        light = page.evaluate(ground)
        page.get_by_role("button", name="Dark colours").click()
        dark = page.evaluate(ground)
        page.get_by_role("button", name="Light colours").click()
        assert page.evaluate(ground) == light != dark
    with opened(page_of, color_scheme="dark") as page:
        assert page.evaluate(ground) == dark


def test_what_is_filtered_goes_on_paper_whole(opened: Opened, page_of: Path, contoso: Readiness) -> None:
    opens = "document.querySelectorAll('#list details[open]').length"
    with opened(page_of, "#outcome=fail,pass") as page:
        page.evaluate(f"window.addEventListener('beforeprint', () => {{ window.printed = {opens}; }})")
        paper = page.pdf(format="A4")
        assert paper.startswith(b"%PDF-")
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) > 20
        assert page.evaluate("window.printed") == expected(contoso, lambda _each: True, {"fail", "pass"})
        assert page.evaluate(opens) == 0
        page.emulate_media(media="print")
        assert not page.locator("#filter").is_visible()
        assert not page.locator("button:visible").count()


# -- a trend, waivers, names that want to be something else -----------------------------------------------------------


@pytest.fixture(scope="module")
def telling(contoso: Readiness, ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with waivers, with an overridden severity and with a trend, whose every text is hostile."""
    document = contoso.document
    failing = [each for each in document["findings"] if each["outcome"] == "fail"]
    for finding in document["findings"]:
        finding["observed"] += HOSTILE
        finding["scope"]["name"] += HOSTILE
        finding["needs"] = [f"{need}{HOSTILE}" for need in finding["needs"]]
        finding["rights"] = [f"{right}{HOSTILE}" for right in finding["rights"]]
        if finding["remedy"]:
            finding["remedy"]["text"] += HOSTILE
    for expired, finding in zip((False, True), failing, strict=False):
        texts = dict.fromkeys(("scope", "owner", "reason", "ticket"), HOSTILE)
        finding["waiver"] = {**texts, "expires": "2026-11-01", "expired": expired}
        finding["catalogue_severity"] = "low"
    document["summary"]["waived"] = 1
    document["tenant"]["name"] = document["hierarchy"]["read_from"] = HOSTILE
    document["notes"][0] |= {"text": HOSTILE, "source": "javascript:window.struck=true"}
    outcomes = document["summary"]["outcomes"]
    earlier = [
        {"collected_at": f"2026-{month:02}-01T04:00:00Z", "verdict": "not_ready", "waived": 0}
        | {"outcomes": {**outcomes, "fail": 90 - 6 * month}}
        for month in range(1, 12)
    ]
    directory = tmp_path_factory.mktemp("telling")
    (directory / "stored.json").write_text(json.dumps(document))
    run = ansible.playbook(
        TARGETS / "report" / "page.yml",
        variables={"stored": str(directory / "stored.json"), "earlier": earlier, "directory": str(directory)},
    )
    assert run.status == 0, run.output
    return directory / "readiness.html"


def test_hostile_names_stay_text(opened: Opened, telling: Path) -> None:
    with opened(telling) as page:
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert page.evaluate("window.struck") is None
        assert page.locator("img, main script").count() == 0
        assert page.locator('a[href^="javascript"]').count() == 0
        visible = " ".join(HOSTILE.split())
        assert page.inner_text("#list").count(visible) > count(page)
        # A link to a hostile name leads there all the same.
        page.locator("#list").get_by_role("link", name="Link to this finding").first.click()
        settle(page)
        expect(page.locator("#linked-list summary")).to_be_focused()
        typed(page, "</script><img")
        assert count(page) > 0
    with opened(telling, java_script_enabled=False) as page:
        assert page.locator("img").count() == 0
        assert " ".join(HOSTILE.split()) in page.inner_text("#list")


def test_waivers_and_overridden_severities_are_marked(opened: Opened, telling: Path) -> None:
    with opened(telling, "#waiver=waived&outcome=fail") as page:
        assert count(page) == 1
        page.locator("#list summary").click()
        text = page.inner_text("#list")
        assert "Until 2026-11-01: the finding does not count." in text
        assert "by override; the catalogue declares it low" in text
        page.select_option("#waiver", "expired")
        assert count(page) == 1
        assert "waiver expired" in page.inner_text("#list")
        assert "accepted by a waiver and left out of the verdict" in page.inner_text(".verdict")
        assert page.inner_text(".tile.waived b") == "1"


def test_the_trend_is_a_picture_and_a_table(opened: Opened, telling: Path, page_of: Path) -> None:
    with opened(telling) as page:
        picture = page.get_by_role("img")
        assert picture.locator("g").count() == 12
        name = "12 runs since 2026-01-01: fail 84 then and"
        expect(page.get_by_role("img", name=re.compile(name))).to_be_visible()
        page.get_by_text("The same as a table").click()
        assert page.locator(".runs tbody tr").count() == 12
        assert page.locator(".runs tbody tr").nth(-1).inner_text().split("\t")[:3] == [
            "2026-01-01 04:00 UTC",
            "not ready",
            "84",
        ]
    with opened(page_of) as page:
        assert page.locator("#trend").count() == 0


# -- an estate of 6,000 sites -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def large(contoso: Readiness, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of 300,000 findings."""
    target = tmp_path_factory.mktemp("large") / "readiness.html"
    tool = HERE.parent / "tools" / "large_report.py"
    command = [sys.executable, str(tool), str(contoso.directory / "readiness.json"), str(SITES), str(target)]
    environment = {**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, check=True, env=environment, timeout=PATIENCE)
    return target


def test_a_large_estate_opens_and_filters_without_a_long_task(opened: Opened, large: Path) -> None:
    assert large.stat().st_size < 60e6

    def used() -> int:
        """Use the page, and return the longest task that it saw, in milliseconds."""
        with opened(large) as page:
            assert count(page) > 9000
            page.check("input[value=pass]")
            assert count(page) > 300_000 - SITES
            typed(page, "x4711 certificate")
            assert 0 < count(page) < 50
            typed(page, "")
            assert count(page) > 300_000 - SITES
            page.select_option("#site", "site:X0004")
            assert count(page) == 50
            page.click("#reset")
            settle(page)
            page.click("#more")
            page.click("#more-rows")
            expect(page.locator("#rows tr")).to_have_count(125)
            page.goto(large.as_uri() + "#finding=adminservice_certificate&scope=host:x5000-cm-p03.corp.contoso.example")
            settle(page)
            expect(page.locator("#linked-list summary")).to_be_focused()
            return int(page.evaluate("Number(document.documentElement.dataset.longestTask)"))

    # Others may use the machine meanwhile, and a task that waits for a core counts as a long one: the best try counts.
    seen: list[int] = []
    while len(seen) < TRIES and not (seen and min(seen) <= LONGEST):
        seen.append(used())
    assert min(seen) <= LONGEST, seen
