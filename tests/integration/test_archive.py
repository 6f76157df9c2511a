# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive: it installs into an empty tree and works from there, and its documentation is whole."""

from __future__ import annotations

import json
import os
import re
import typing as t
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from integration.harness import HERE, READINESS, Ansible, Json, Readiness

NAME = "configmgr.tenant_attach"
PLUGINS = {
    "module": {
        "account_info",
        "adminservice_health_info",
        "adminservice_info",
        "constrained_delegation",
        "directory_group_member",
        "directory_info",
        "drift",
        "endpoint_info",
        "graph_info",
        "hierarchy_info",
        "intune_role",
        "intune_role_assignment",
        "judge",
        "report",
        "site_system_info",
        "tenant_info",
        "winhttp_proxy",
        "winhttp_proxy_info",
    },
    "filter": {
        "add_hosts",
        "artifacts",
        "directory_objects",
        "double_hop",
        "double_hop_state",
        "evidence",
        "merge_evidence",
        "visits",
    },
    "inventory": {"hierarchy"},
}
ROLES = {
    "automation_controller",
    "cas_remote_provider",
    "collect",
    "intune_rbac",
    "provider_reads_groups",
    "visit",
    "winhttp_proxy",
}
REFERENCE = re.compile(r"^\s*- name: .+$", re.MULTILINE)


@pytest.fixture(scope="module")
def installed(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree that the archive was installed into."""
    # The archive lies beside the tree that it was installed into before.
    build = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]).resolve().parent
    archives = list(build.glob("configmgr-tenant_attach-*.tar.gz"))
    assert len(archives) == 1, f"expected one archive in {build} (make collection), found {archives}"
    tree = tmp_path_factory.mktemp("tree")
    options = ("--offline", "--no-deps", "--collections-path", str(tree))
    command = ("ansible-galaxy", "collection", "install", str(archives[0]), *options)
    # Elsewhere it is installed already, and then there would be nothing to do.
    run = ansible.command(*command, environment={"ANSIBLE_COLLECTIONS_PATH": str(tree)})
    assert run.status == 0, run.output
    return tree


def test_readiness_runs_from_an_empty_tree(
    installed: Path, ansible: Ansible, judged: Callable[[str], Readiness], tmp_path: Path
) -> None:
    usual = judged("standalone")
    run = ansible.playbook(
        READINESS,
        lab=usual.lab,
        variables={"tenant_attach_report_dir": str(tmp_path)},
        environment={"ANSIBLE_COLLECTIONS_PATH": str(installed)},
        inventory=usual.lab.inventory,
    )
    assert run.status == 0
    assert Readiness(run, tmp_path).findings == usual.findings


def test_archive_leaves_out_what_only_a_checkout_can_run(installed: Path) -> None:
    root = installed / "ansible_collections" / "configmgr" / "tenant_attach"
    assert {path.name for path in root.iterdir()} >= {"FILES.json", "LICENSE", "MANIFEST.json", "README.md", "meta"}
    assert not [path for path in ("Makefile", "tests/integration", "tests/lab", "tests/unit") if (root / path).exists()]
    assert not list(root.rglob("__pycache__"))


# -- ansible-doc ------------------------------------------------------------------------------------------------------


def doc(ansible: Ansible, installed: Path, *arguments: str) -> t.Any:
    run = ansible.command("ansible-doc", *arguments, environment={"ANSIBLE_COLLECTIONS_PATH": str(installed)})
    assert run.status == 0, run.output
    # ansible-core 2.21 warns about a collection of its own, whatever is asked for.
    output = "".join(line for line in run.output.splitlines(keepends=True) if "/ansible/_protomatter'" not in line)
    assert "[WARNING]" not in output
    return json.loads(output) if "--json" in arguments else output


@pytest.fixture(scope="module")
def documents(ansible: Ansible, installed: Path) -> dict[str, Json]:
    """What ansible-doc knows about each plugin that it finds, by type and name."""
    found: dict[str, Json] = {}
    for kind in PLUGINS:
        names = doc(ansible, installed, "--type", kind, "--list", "--json", NAME)
        pages = doc(ansible, installed, "--type", kind, "--json", *names)
        found |= {f"{kind} {name.removeprefix(f'{NAME}.')}": page for name, page in pages.items()}
    return found


def test_every_plugin_is_listed(documents: dict[str, Json]) -> None:
    assert set(documents) == {f"{kind} {name}" for kind, names in PLUGINS.items() for name in names}
    # And every file that holds one is among them.
    root = HERE.parents[1] / "plugins"
    files = {f"{kind} {path.stem}" for kind, folder in KINDS.items() for path in (root / folder).glob("*.py")}
    assert set(documents) == files


KINDS = {"module": "modules", "filter": "filter", "inventory": "inventory"}


def entries(tree: Mapping[str, Json] | None, below: str) -> Iterator[tuple[str, Json]]:
    """Every option or return key, with those below it."""
    for name, entry in (tree or {}).items():
        yield name, entry
        for inner, more in entries(entry.get(below), below):
            yield f"{name}.{inner}", more


@pytest.mark.parametrize("plugin", [f"{kind} {name}" for kind, names in PLUGINS.items() for name in sorted(names)])
def test_documentation_of_plugin_is_whole(plugin: str, documents: dict[str, Json]) -> None:
    page = documents[plugin]
    for part in ("short_description", "description", "author", "version_added"):
        assert page["doc"][part], part
    options = dict(entries(page["doc"].get("options"), "suboptions"))
    bare = [name for name, option in options.items() if not (option.get("description") and option.get("type"))]
    # The one that ansible-core itself describes without a type.
    assert bare == (["cache_prefix"] if plugin.startswith("inventory ") else [])
    assert REFERENCE.search(page["examples"]) or plugin.startswith("inventory ")
    assert NAME in page["examples"]
    returned = dict(entries(page["return"], "contains"))
    # An inventory plugin returns nothing: it makes hosts.
    assert bool(returned) != plugin.startswith("inventory ")
    assert [name for name, key in returned.items() if not (key.get("description") and key.get("type"))] == []
    if plugin.startswith("module "):
        assert page["doc"]["attributes"].keys() >= {"check_mode", "diff_mode", "platform"}
        assert [name for name, key in page["return"].items() if not key.get("returned")] == []


def test_documentation_is_shown(ansible: Ansible, installed: Path) -> None:
    names = [f"{NAME}.{name}" for name in sorted(PLUGINS["module"])]
    text = doc(ansible, installed, *names)
    for heading in ("OPTIONS", "ATTRIBUTES", "EXAMPLES", "RETURN VALUES"):
        # Two modules take none: they read a host as it is.
        without = 2 if heading == "OPTIONS" else 0
        assert len(re.findall(rf"^{heading}", text, re.MULTILINE)) == len(names) - without, heading


def test_every_role_is_listed(ansible: Ansible, installed: Path) -> None:
    roles = doc(ansible, installed, "--type", "role", "--list", "--json", NAME)
    assert set(roles) == {f"{NAME}.{role}" for role in ROLES}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_documentation_of_role_is_whole(role: str, ansible: Ansible, installed: Path) -> None:
    name = f"{NAME}.{role}"
    page = doc(ansible, installed, "--type", "role", "--json", name)[name]
    entry = page["entry_points"]["main"]
    assert entry["short_description"]
    assert entry["description"]
    options = dict(entries(entry["options"], "options"))
    assert options
    assert [name for name, option in options.items() if not (option.get("description") and option.get("type"))] == []
