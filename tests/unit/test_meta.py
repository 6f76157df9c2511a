# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in two places says the same in both."""

from __future__ import annotations

import typing as t

import pytest
import yaml

from ansible_collections.configmgr.tenant_attach.plugins.modules import judge as judge_documentation
from ansible_collections.configmgr.tenant_attach.plugins.modules import report as report_documentation
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents import _expectations
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show._formats import FORMATS

if t.TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(request: pytest.FixtureRequest) -> Path:
    return request.config.rootpath


def test_action_groups_are_the_modules_with_their_connection_options(root: Path) -> None:
    groups = yaml.safe_load((root / "meta/runtime.yml").read_text("utf-8"))["action_groups"]
    for group, members in groups.items():
        documented = {
            module.stem
            for module in (root / "plugins/modules").glob("*.py")
            if f"\n  - configmgr.tenant_attach.{group}\n" in module.read_text("utf-8")
        }
        assert documented == set(members), group


def test_role_defaults_are_the_documented_ones(root: Path) -> None:
    for role in (root / "roles").iterdir():
        documented = yaml.safe_load((role / "meta/argument_specs.yml").read_text("utf-8"))
        options = documented["argument_specs"]["main"]["options"]
        defaults = yaml.safe_load((role / "defaults/main.yml").read_text("utf-8"))
        assert {name: option["default"] for name, option in options.items() if "default" in option} == defaults


def test_expectations_are_documented_as_they_are_checked() -> None:
    options = yaml.safe_load(judge_documentation.DOCUMENTATION)["options"]["expectations"]["suboptions"]
    assert set(options) == set(_expectations.NAMES)
    for name, option in options.items():
        assert tuple(option.get("choices", ())) == _expectations.CHOICES.get(name, ())


def test_formats_are_documented_as_they_are_made() -> None:
    option = yaml.safe_load(report_documentation.DOCUMENTATION)["options"]["formats"]
    assert option["choices"] == option["default"] == list(FORMATS)
