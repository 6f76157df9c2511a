# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._drift import Earlier, Run
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.remember import _drift
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show._drift_terminal import render
from ansible_collections.configmgr.tenant_attach.tests.unit.history import (
    FUNCTIONAL,
    PRESENT,
    TITLES,
    Json,
    at,
    finding,
    run,
)

WAIVER = {"expired": False}


def shown(before: Json | None, now: Json, *, name: str | None = None, limit: int = 25) -> str:
    earlier = None
    if before:
        run_before = Run(1, before["collected_at"], "ready")
        earlier = Earlier(run_before, _drift.remember(before, {}, TITLES), name)
    document = _drift.compare(now, earlier, estate="contoso", titles=TITLES, max_unverified=limit)
    text = render(document)
    assert max(map(len, text.splitlines())) <= 120
    assert "\n\n\n" not in text
    return text


def test_nothing_drifted() -> None:
    pair = [finding("fail"), finding("pass", "b")]
    assert shown(run(0, *pair), run(1, *pair)) == (
        f"Drift of estate contoso, {at(1)}, since the run of {at(0)}\n"
        "NO DRIFT; 1 still; 0 of 2 findings could not be verified (0 %; at most 25 %)\n"
    )


def test_a_first_run() -> None:
    assert shown(None, run(0, finding("fail"), finding("pass", "b"))) == (
        f"Drift of estate contoso, {at(0)}, the first run of this history\n"
        "NOTHING TO COMPARE; 0 still; 0 of 2 findings could not be verified (0 %; at most 25 %)\n"
        "\n"
        "Problems that no earlier run could have known (1)\n"
        f"  {FUNCTIONAL}: cm01.contoso.com (site P01)\n"
    )


def test_what_drifted_comes_with_what_it_was() -> None:
    before = run(0, finding("pass", "a"), finding("fail", "gone"), finding("warn", "c"), finding("pass", "d"))
    now = run(
        1,
        finding("fail", "a", observed="stopped\x1b[31m\nagain", severity="critical"),
        finding("fail", "c", waiver=WAIVER),
        finding("unknown", "d"),
        finding("pass", "e"),
    )
    assert shown(before, now, name="onboarded", limit=30) == (
        f"Drift of estate contoso, {at(1)}, since baseline onboarded of {at(0)}\n"
        "DRIFT: 1 new, 1 worsened, 0 improved, 1 resolved; 0 still; "
        "1 of 4 findings could not be verified (25 %; at most 30 %)\n"
        "\n"
        f"  new       critical {FUNCTIONAL}: a (site P01)\n"
        "                     pass -> fail: stopped [31m again; because of fail\n"
        f"  worsened  high     {FUNCTIONAL}: c (site P01)\n"
        "                     warn -> fail (waived): seen as fail; because of fail\n"
        f"  resolved  high     {FUNCTIONAL}: gone (site P01)\n"
        "                     fail -> not there any more\n"
        "\n"
        "Could not be verified, and is no drift (1)\n"
        f"  {FUNCTIONAL}: d (site P01)\n"
        "\n"
        "New in the estate: e (site P01)\n"
        "\n"
        "Gone from the estate: gone (site P01)\n"
    )


def test_something_new_was_not_there() -> None:
    text = shown(run(0, finding("pass")), run(1, finding("pass"), finding("fail", "b")))
    assert "not there -> fail: seen as fail" in text


def test_too_little_was_seen() -> None:
    text = shown(run(0, finding("pass")), run(1, finding("unknown")), limit=100)
    assert "NOT VERIFIED: nothing changed of what could be; 0 still; 1 of 1 findings" in text


def test_long_lists_are_cut() -> None:
    names = [f"cm{number:02}" for number in range(20)]
    before = run(0, *(finding("pass", name) for name in names))
    text = shown(before, run(1, *(finding("fail", name) for name in names)))
    assert text.count("pass -> fail") == 15
    assert "... and 5 more, in drift.json" in text
    text = shown(before, run(1, *(finding("unknown", name) for name in names), finding("pass", of=PRESENT)))
    assert f"  {FUNCTIONAL}: cm00 (site P01), cm01 (site P01), cm02 (site P01) and 17 more\n" in text
    text = shown(before, run(1, finding("pass", "cm00")))
    assert "Gone from the estate: cm01 (site P01), " in text
    assert " and 4 more\n" in text


def test_long_lists_of_prerequisites_are_cut() -> None:
    ids = [f"{FUNCTIONAL}_{number:02}" for number in range(17)]
    unknown = [{**finding("unknown", name), "id": each} for each in ids for name in ("a", "b")]
    text = shown(None, run(0, finding("pass"), *unknown))
    assert f"  {ids[14]}: a (site P01), b (site P01)\n" in text
    assert "  ... and 4 more, in drift.json\n" in text
