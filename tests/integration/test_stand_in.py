# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for ansible.windows, and what roles ask of it, against the documentation of the real collection."""

from __future__ import annotations

import json
import re
import typing as t

import pytest
import yaml
from integration.harness import BUNDLE, HERE, Ansible, Json

STAND_IN = HERE / "collections" / "ansible_collections" / "ansible" / "windows" / "plugins" / "action"
ROLES = HERE.parents[1] / "roles"
MODULES = sorted(path.stem for path in STAND_IN.glob("*.py"))


@pytest.fixture(scope="module")
def documented(ansible: Ansible) -> dict[str, Json]:
    names = [f"ansible.windows.{name}" for name in MODULES]
    run = ansible.command("ansible-doc", "--json", *names, environment={"ANSIBLE_COLLECTIONS_PATH": str(BUNDLE)})
    assert run.status == 0, run.output
    return t.cast("dict[str, Json]", json.loads(run.output))


def tasks() -> list[tuple[str, str, Json]]:
    """Every task of the roles that uses a module of ansible.windows: file, module, options."""
    found = []
    for path in sorted(ROLES.glob("*/tasks/*.yml")):
        for task in yaml.safe_load(path.read_text(encoding="utf-8")):
            parts = task.get("block", [task])
            found += [
                (path.name, name.removeprefix("ansible.windows."), options)
                for part in parts
                for name, options in part.items()
                if name.startswith("ansible.windows.")
            ]
    return found


def test_roles_use_what_is_stood_in_for() -> None:
    assert {module for _file, module, _options in tasks()} == set(MODULES)


@pytest.mark.parametrize(("file", "module", "options"), tasks())
def test_options_of_roles_are_those_of_the_real_module(
    file: str, module: str, options: Json, documented: dict[str, Json]
) -> None:
    known = documented[f"ansible.windows.{module}"]["doc"]["options"]
    names = {*known, *(alias for option in known.values() for alias in option.get("aliases", ()))}
    assert set(options) <= names, file


@pytest.mark.parametrize("module", MODULES)
def test_the_stand_in_takes_and_returns_what_the_real_module_does(module: str, documented: dict[str, Json]) -> None:
    page = documented[f"ansible.windows.{module}"]
    source = (STAND_IN / f"{module}.py").read_text(encoding="utf-8")
    taken = set(re.findall(r'"(\w+)": \{"type"', source))
    assert taken <= set(page["doc"]["options"])
    # What every result has, and what tells of a failure, is documented nowhere.
    given = set(re.findall(r'"(\w+)": (?!\{)', source)) - {
        "changed",
        "failed",
        "msg",
        "type",
        "required",
        "choices",
        "default",
    }
    assert given - {"elements"} <= set(page["return"])


def test_the_real_module_says_in_its_own_words_that_a_group_is_missing() -> None:
    text = next((BUNDLE / "ansible_collections/ansible/windows/plugins/modules").glob("win_group_membership.ps1"))
    assert '-message "Could not find local group $name"' in text.read_text(encoding="utf-8")
