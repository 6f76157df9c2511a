# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The contract of the house: who may import whom. Each table below is a plan of it, and the code must fit."""

from __future__ import annotations

import ast
import re
import typing as t
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from ansible_collections.configmgr.tenant_attach.tests.unit.places import COLLECTION

PACKAGE = "ansible_collections.configmgr.tenant_attach"
# By room, the rooms that it may import. What stands under module_utils or plugin_utils itself has no room, and is there
# for all of them. Siblings (adminservice, graph, directory, network) are blind to each other.
SHARED = "module_utils"
TOOLS = "plugin_utils"
ROOMS: dict[str, set[str]] = {
    SHARED: set(),
    "module_utils.product": set(),
    "module_utils.https": {SHARED},
    "module_utils.kerberos": {SHARED, "module_utils.https"},
    "module_utils.adminservice": {SHARED, "module_utils.product", "module_utils.https", "module_utils.kerberos"},
    "module_utils.graph": {SHARED, "module_utils.product", "module_utils.https"},
    "module_utils.directory": {SHARED, "module_utils.product", "module_utils.https", "module_utils.kerberos"},
    "module_utils.network": {SHARED},
    "module_utils.collect": {
        SHARED,
        "module_utils.product",
        "module_utils.https",
        "module_utils.adminservice",
        "module_utils.graph",
        "module_utils.directory",
    },
    "module_utils.act": {SHARED, "module_utils.product", "module_utils.graph", "module_utils.directory"},
    # For the base class of actions, which gives them the console.
    TOOLS: {SHARED, "plugin_utils.windows"},
    "plugin_utils.windows": {SHARED, "module_utils.network"},
    "plugin_utils.documents": {SHARED, TOOLS, "module_utils.product"},
    "plugin_utils.collect": {
        SHARED,
        TOOLS,
        "module_utils.product",
        "module_utils.network",
        "module_utils.collect",
        "plugin_utils.documents",
        "plugin_utils.windows",
    },
    "plugin_utils.judge": {SHARED, TOOLS, "module_utils.product", "module_utils.network", "plugin_utils.documents"},
    "plugin_utils.act": {
        SHARED,
        "module_utils.product",
        "module_utils.network",
        "module_utils.act",
        "plugin_utils.windows",
    },
    "plugin_utils.show": {"plugin_utils.documents"},
    "plugin_utils.remember": {SHARED, "plugin_utils.documents"},
    "plugin_utils.inventory": {SHARED, "module_utils.product"},
}
# What Ansible calls. Nobody imports them.
ENTRANCES = ("action", "doc_fragments", "filter", "inventory", "modules")
# Modules run where plugin_utils need not be.
OF_THE_NODE = ("modules",)
# These compute, and do nothing else.
PURE = ("module_utils.product", "plugin_utils.documents", "plugin_utils.judge", "plugin_utils.show")
# What of the standard library neither reads nor writes anything by itself.
HARMLESS = {
    *("__future__", "base64", "collections", "csv", "dataclasses", "datetime", "difflib", "enum", "functools"),
    *("hashlib", "html", "io", "itertools", "json", "math", "re", "shlex", "string", "textwrap", "typing"),
    *("urllib.parse", "xml.etree"),
}
# Each with its reason.
EXEMPT = {("plugin_utils.show._html", "pathlib"): "the page is put together of its own parts, which stand beside it"}
REACHING_OUT = {"open", "print", "input", "exec", "eval", "__import__"}
LONGEST = 400


@dataclass
class Room:
    """A file of the collection's plugins: what it imports of them, and of others."""

    name: str
    own: dict[str, set[str]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    lines: int = 0


def room_of(name: str) -> str:
    """The room of a file: the folder below module_utils or plugin_utils, or one of these two itself."""
    parts = name.split(".")
    return ".".join(parts[:2]) if len(parts) > 2 and parts[0] in {SHARED, TOOLS} else parts[0]


def read(file: Path, name: str, known: t.Collection[str]) -> Room:
    """Read what a file imports, wherever in it."""
    text = file.read_text("utf-8")
    found = Room(name, lines=text.count("\n"))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found.others |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = name.split(".")[: -node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            if not node.level:
                found.others.add(module)
                continue
            for each in node.names:
                inner = f"{module}.{each.name}"
                found.own.setdefault(inner if inner in known else module, set()).add(each.name)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.calls.add(node.func.id)
    return found


def house(plugins: Path) -> dict[str, Room]:
    """Read all plugins of a collection."""
    files = {".".join(file.relative_to(plugins).with_suffix("").parts): file for file in plugins.rglob("*.py")}
    return {name: read(file, name, files) for name, file in files.items()}


def broken(rooms: t.Mapping[str, Room]) -> list[str]:
    """Everything in which a house does not fit its plan."""
    found = []
    for name, room in rooms.items():
        own = room_of(name)
        for other in room.own:
            if other not in rooms:
                found.append(f"{name} imports {other}, which is not there")
            elif not allowed(own, room_of(other)):
                found.append(f"{name} must not import {other}")
        found += [f"{name} imports {each} absolutely" for each in room.others if each.startswith(PACKAGE)]
        if own in PURE:
            outside = {each for each in room.others if each not in HARMLESS and each.rpartition(".")[0] not in HARMLESS}
            found += [f"{name} computes, and must not import {each}" for each in outside if (name, each) not in EXEMPT]
            found += [f"{name} computes, and must not call {each}" for each in room.calls & REACHING_OUT]
        if room.lines > LONGEST:
            found.append(f"{name} has {room.lines} lines, more than {LONGEST}")
    return found + circle(rooms) + tied_to_nothing(rooms)


def allowed(own: str, other: str) -> bool:
    """Tell whether a room may import another."""
    if own in ENTRANCES:
        return other in ROOMS and not (own in OF_THE_NODE and other.startswith(TOOLS))
    return own == other or other in ROOMS.get(own, set())


def circle(rooms: t.Mapping[str, Room]) -> list[str]:
    """One circle of files that import each other, in whatever many steps, where there is one."""
    try:
        TopologicalSorter({name: room.own for name, room in rooms.items()}).prepare()
    except CycleError as exc:
        return [f"a circle: {' -> '.join(exc.args[1])}"]
    return []


def tied_to_nothing(rooms: t.Mapping[str, Room]) -> list[str]:
    """Files that nothing imports, and that are no entrances."""
    imported = {other for room in rooms.values() for other in room.own}
    return [f"nothing imports {name}" for name in rooms if room_of(name) not in ENTRANCES and name not in imported]


def test_the_house_fits_its_plan() -> None:
    rooms = house(COLLECTION / "plugins")
    assert len(rooms) > 100
    assert broken(rooms) == []


def test_the_plan_has_no_way_back() -> None:
    floors: list[str] = []
    while left := [room for room in ROOMS if room not in floors]:
        free = [room for room in left if not ROOMS[room] - {*floors, room}]
        assert free, f"a circle in the plan: {left}"
        floors += free


def test_the_plan_has_the_rooms_that_are_there() -> None:
    there = {room_of(name) for name in house(COLLECTION / "plugins")}
    assert there == {*ROOMS, *ENTRANCES}


@pytest.mark.parametrize("folder", ["lab", "testbed"])
def test_what_plays_the_world_imports_nothing_of_the_collection(folder: str) -> None:
    root = COLLECTION / "tests" / folder
    for file in root.rglob("*.py"):
        imported = {each.split(".")[0] for each in read(file, f"{folder}.{file.stem}", ()).others}
        assert not imported & {"ansible_collections", "plugins", "unit", "integration"}, file
    assert list(root.rglob("*.py"))


def test_other_releases_of_ansible_core_are_no_others_to_what_it_does_not_reach() -> None:
    # The Makefile names these rooms: their tests are not run again with the oldest ansible-core.
    (line,) = re.findall("^WITHOUT_ANSIBLE := .*$", (COLLECTION / "Makefile").read_text("utf-8"), re.MULTILINE)
    folders = re.findall(r"addprefix (\w+)/,([\w ]+)", line)
    named = {f"{folder}.{room}" for folder, names in folders for room in names.split()}
    assert named <= set(ROOMS)
    rooms = house(COLLECTION / "plugins")
    left = [name for name in rooms if room_of(name) in named]
    assert len(left) > len(named)
    reached: set[str] = set()
    while left:
        reached.add(name := left.pop())
        assert not {each for each in rooms[name].others if each.partition(".")[0] == "ansible"}, name
        left += rooms[name].own.keys() - reached


# -- each rule, broken on purpose -------------------------------------------------------------------------------------

GOOD = {
    "module_utils/_errors.py": "import typing",
    "module_utils/product/_names.py": "",
    "module_utils/graph/_client.py": "from .._errors import X\nfrom ..product import _names",
    "module_utils/adminservice/_client.py": "from .._errors import X",
    "module_utils/collect/_accounts.py": "from ..graph import _client\nfrom ..adminservice import _client as other",
    "plugin_utils/documents/_findings.py": "import enum",
    "plugin_utils/judge/_engine.py": "from ..documents import _findings",
    "plugin_utils/show/_csv.py": "import csv\nfrom ..documents._findings import count",
    "modules/account_info.py": "from ..module_utils.collect._accounts import read",
    "action/judge.py": "from ..plugin_utils.judge import _engine\nfrom ..plugin_utils.show import _csv",
}


@pytest.mark.parametrize(
    ("file", "line", "says"),
    [
        pytest.param(
            "module_utils/graph/_client.py",
            "from ..adminservice import _client",
            "module_utils.graph._client must not import module_utils.adminservice._client",
            id="a sibling that sees another",
        ),
        pytest.param(
            "module_utils/collect/_accounts.py",
            "from ...plugin_utils.documents import _findings",
            "module_utils.collect._accounts must not import plugin_utils.documents._findings",
            id="module_utils that import plugin_utils",
        ),
        pytest.param(
            "modules/account_info.py",
            "from ..plugin_utils.documents import _findings",
            "modules.account_info must not import plugin_utils.documents._findings",
            id="a module that imports plugin_utils",
        ),
        pytest.param(
            "plugin_utils/judge/_engine.py",
            "from pathlib import Path",
            "plugin_utils.judge._engine computes, and must not import pathlib",
            id="judging that reads files",
        ),
        pytest.param(
            "plugin_utils/judge/_engine.py",
            "from ansible.utils.display import Display",
            "plugin_utils.judge._engine computes, and must not import ansible.utils.display",
            id="judging that talks",
        ),
        pytest.param(
            "plugin_utils/show/_csv.py",
            "open('readiness.csv')",
            "plugin_utils.show._csv computes, and must not call open",
            id="showing that writes files",
        ),
        pytest.param(
            "plugin_utils/show/_csv.py",
            "from ..judge import _engine",
            "plugin_utils.show._csv must not import plugin_utils.judge._engine",
            id="showing that knows the catalogue",
        ),
        pytest.param(
            "plugin_utils/judge/_engine.py",
            "def later():\n    from ..show import _csv",
            "plugin_utils.judge._engine must not import plugin_utils.show._csv",
            id="a way back, hidden in a function",
        ),
        pytest.param(
            "plugin_utils/documents/_findings.py",
            "from ..documents._evidence import X",
            "plugin_utils.documents._findings imports plugin_utils.documents._evidence, which is not there",
            id="what is not there",
        ),
        pytest.param(
            "module_utils/product/_names.py",
            f"from {PACKAGE}.plugins.module_utils._errors import X",
            f"module_utils.product._names imports {PACKAGE}.plugins.module_utils._errors absolutely",
            id="an absolute import",
        ),
        pytest.param(
            "module_utils/product/_names.py",
            "from . import _names",
            "a circle: module_utils.product._names -> module_utils.product._names",
            id="a circle",
        ),
        pytest.param(
            "module_utils/product/_lonely.py",
            "import re",
            "nothing imports module_utils.product._lonely",
            id="a file that nothing is tied to",
        ),
        pytest.param(
            "module_utils/product/_names.py",
            "\n" * LONGEST,
            f"module_utils.product._names has {LONGEST + 2} lines, more than {LONGEST}",
            id="a file that is too long",
        ),
    ],
)
def test_a_broken_rule_is_refused(tmp_path: Path, file: str, line: str, says: str) -> None:
    for name, text in GOOD.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    assert broken(house(tmp_path)) == []
    with (tmp_path / file).open("a") as changed:
        changed.write(f"{line}\n")
    assert says in broken(house(tmp_path))
