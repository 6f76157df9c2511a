# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._expectations import Expectations
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show import _markdown, _terminal

Json = dict[str, t.Any]


def test_secondary_sites_are_mentioned_where_there_are_any(healthy: Json) -> None:
    assert "4 secondary sites have no row" in _terminal.render(judge(healthy, Expectations()))
    healthy["hierarchy"]["sites"] = [site for site in healthy["hierarchy"]["sites"] if site["type"] != "secondary"]
    assert "secondary sites have no row" not in _terminal.render(judge(healthy, Expectations()))


@pytest.mark.parametrize("render", [_terminal.render, _markdown.render], ids=["terminal", "markdown"])
@pytest.mark.parametrize("trick", ["\x1b[2J", "\x07", "\r", "\u2028", "\u202e", "\x9b31m", "\x00"], ids=ascii)
def test_names_of_the_hierarchy_itself_cannot_steer_a_terminal(
    healthy: Json, render: t.Callable[[Json], str], trick: str
) -> None:
    hierarchy = healthy["hierarchy"]
    hierarchy["read_from"] += trick
    hierarchy["top_site"] += trick
    for site in hierarchy["sites"]:
        site["code"] += trick
    for topic in ("providers", "service_connection_points", "components", "status_messages", "site_systems"):
        for entry in hierarchy[topic]:
            entry["site"] += trick
            entry["host"] += trick
    text = render(judge(healthy, Expectations()))
    assert "CAS" in text
    assert trick[0] not in text
