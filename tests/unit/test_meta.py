# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What stands in two places says the same in both."""

from __future__ import annotations

import importlib
import json
import re
import typing as t

import pytest
import yaml

from ansible_collections.configmgr.tenant_attach.plugins.modules import report as report_documentation
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents import _findings
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge.prerequisites import _catalogue, _model
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.show._formats import FORMATS
from ansible_collections.configmgr.tenant_attach.tests.tools import interface
from ansible_collections.configmgr.tenant_attach.tests.tools import prerequisites as page
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED

if t.TYPE_CHECKING:
    from pathlib import Path

PREREQUISITES = "plugins/plugin_utils/judge/prerequisites"


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


def test_formats_are_documented_as_they_are_made() -> None:
    option = yaml.safe_load(report_documentation.DOCUMENTATION)["options"]["formats"]
    assert option["choices"] == option["default"] == list(FORMATS)


def test_findings_have_the_types_that_their_schema_describes(root: Path) -> None:
    described = json.loads((root / "docs/findings.schema.json").read_text("utf-8"))["$defs"]
    finding = described["finding"]["properties"]
    for typed, described_as in (
        (_findings.Finding, finding),
        (_findings.Scope, finding["scope"]["properties"]),
        (_findings.Remedy, finding["remedy"]["properties"]),
        (_findings.Waiver, finding["waiver"]["properties"]),
    ):
        assert set(t.get_type_hints(typed)) == set(described_as), typed
    assert described["severity"]["enum"] == list(_findings.Severity)
    assert set(described["outcome"]["enum"]) == set(_findings.Outcome)


# -- names ------------------------------------------------------------------------------------------------------------

# Names that stand where a plugin could: the folders of the collection, and one that a test has to be refused.
NO_PLUGINS = {"extensions", "plugins", "tests", "other"}


def test_every_plugin_that_is_named_exists(root: Path) -> None:
    kinds = ("plugins/modules", "plugins/filter", "plugins/inventory", "plugins/doc_fragments", "playbooks")
    known = {file.stem for kind in kinds for file in (root / kind).iterdir() if file.is_file()}
    known |= {role.name for role in (root / "roles").iterdir()}
    known |= {file.stem for file in (root / "extensions/eda/plugins/event_source").glob("*.py")}
    named: dict[str, str] = {}
    for file in root.rglob("*"):
        if file.suffix in {".md", ".py", ".yaml", ".yml"} and not file.is_relative_to(root / "changelogs"):
            named |= dict.fromkeys(re.findall(r"configmgr\.tenant_attach\.(\w+)", file.read_text("utf-8")), str(file))
    assert len(named.keys() & known) > 30
    assert {name: file for name, file in named.items() if name not in known | NO_PLUGINS} == {}


def test_nothing_that_is_returned_hides_behind_a_method_of_dictionaries(root: Path) -> None:
    files = (*(root / "plugins/modules").glob("*.py"), *(root / "plugins/filter").glob("*.py"))
    for file in files:
        found = interface.texts(file)
        keys = {*(found.get("RETURN") or {}), *found["DOCUMENTATION"].get("options", {})}
        keys |= {inner for key in (found.get("RETURN") or {}).values() for inner in key.get("contains", ())}
        # result.items would be the method in a template.
        assert not keys & set(dir(dict)), file
    assert len(files) > 20


def test_the_page_of_the_interface_is_up_to_date(root: Path) -> None:
    assert (root / "docs/interface.md").read_text("utf-8") == interface.page(root), "run make interface"


# -- prerequisites ----------------------------------------------------------------------------------------------------


def test_every_prerequisite_that_is_declared_is_in_the_catalogue(root: Path) -> None:
    declared = [
        each
        for path in (root / PREREQUISITES).glob("_*.py")
        for each in vars(importlib.import_module(f"{_model.__package__}.{path.stem}")).values()
        if isinstance(each, _model.Prerequisite)
    ]
    assert {each.id for each in declared} == {each.id for each in _catalogue.CATALOGUE}


def test_the_page_says_what_the_catalogue_says(root: Path) -> None:
    assert (root / "docs/prerequisites.md").read_text("utf-8") == page.page(), "run make prerequisites"


# -- what CONTRIBUTING.md promises ------------------------------------------------------------------------------------


@pytest.fixture
def contributing(root: Path) -> str:
    return (root / "CONTRIBUTING.md").read_text("utf-8")


def test_the_skeleton_of_a_prerequisite_runs(contributing: str, healthy: dict[str, t.Any]) -> None:
    (skeleton,) = re.findall(r"^```python\n(.*?)^```$", contributing, re.DOTALL | re.MULTILINE)
    namespace: dict[str, t.Any] = {"__name__": f"{_model.__package__}._new", "__package__": _model.__package__}
    exec(compile(skeleton, "CONTRIBUTING.md", "exec"), namespace)
    for name, outcome in (("Contoso", "pass"), ("", "fail")):
        healthy["tenant"]["name"] = name
        findings = judge(healthy, DECLARED, catalogue=namespace["PREREQUISITES"])["findings"]
        assert [finding["outcome"] for finding in findings] == [outcome]


def test_every_law_names_tests_that_exist(contributing: str, root: Path) -> None:
    _before, _heading, laws = contributing.partition("\n## Laws\n")
    for law in re.split(r"\n(?=[0-9]+\. )", laws)[1:]:
        kept_by = re.findall(r"`([a-z_/]+\.py)(?:::(\w+))?`", law)
        assert kept_by, law
        for file, test in kept_by:
            text = (root / "tests" / file).read_text("utf-8")
            assert not test or f"\ndef {test}(" in text, f"{file}::{test}"
