# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes docs/interface.md: every name that playbooks, surveys and other people's tests may lean on.

Usage: interface.py ROOT FILE. A unit test compares the file with what would be written, so that a change of the
surface is a difference that a reviewer sees.
"""

from __future__ import annotations

import argparse
import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

NAME = "configmgr.tenant_attach"
INTRODUCTION = """\
<!-- Made by `make interface` from the documentation of the plugins, which tests compare with their argument specs. -->

# Interface

Every name that others may lean on: options and what is returned, variables, files, artifacts and exit codes.
What is not named here may change without notice. What each of them means stands in the documentation of the plugin or
role (`ansible-doc`), and on the page of the playbook.
"""
EXIT_CODES = """\
| Exit code | When |
|---|---|
| 0 | The playbook ran, and nothing is found that it was asked to fail on. |
| 1 | Ansible could not begin: an inventory, a variables file or a playbook cannot be read. |
| 2 | A task failed: something is found that it was asked to fail on, or an option or variable is refused. |
| 4 | A host was unreachable, where a playbook does not take that for evidence. |
"""
# Names of variables of the playbooks. Those that begin with two underscores are their own.
VARIABLE = re.compile(r"(?<![\w.'])(tenant_attach_\w+|fail_on)\b")
REPORT = re.compile(r'"([\w-]+\.(?:json|md|html|csv|xml))"')


def texts(file: Path) -> dict[str, Any]:
    """Return the documentation that a Python file has, by the name of the variable. Nothing of it is run."""
    found = {}
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name.isupper() and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                found[name] = node.value.value
    return {name: yaml.safe_load(text) for name, text in found.items() if name != "EXAMPLES"}


def options(documented: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Return a row for each option, and for those below it."""
    for name, option in sorted(documented.items()):
        kind = option.get("type", "str")
        kind = f"{kind} of {option['elements']}" if "elements" in option else kind
        known = [f"one of {', '.join(map(_code, option['choices']))}"] if "choices" in option else []
        known += [f"default `{option['default']}`"] if "default" in option else []
        known += ["required"] if option.get("required") else []
        known += [f"also `{', '.join(option['aliases'])}`"] if "aliases" in option else []
        said = str(option.get("description"))
        known += [f"environment `{each}`" for each in dict.fromkeys(re.findall(r"E\((\w+)\)", said))]
        known += [f"environment `{each['name']}`" for each in option.get("env", ())]
        yield f"| `{before}{name}` | {kind} | {'; '.join(known)} |"
        yield from options(option.get("suboptions") or option.get("options") or {}, f"{before}{name}.")


def returned(documented: Mapping[str, Any] | None) -> str:
    """Return the keys of a result, with what they contain."""
    keys = []
    for name, key in (documented or {}).items():
        inner = ", ".join(map(_code, key.get("contains", ())))
        keys.append(f"`{name}` ({key.get('type', 'raw')}{': ' + inner if inner else ''})")
    return ", ".join(keys) or "nothing of its own"


def table(rows: Iterator[str]) -> list[str]:
    """Return rows as a table, or nothing where there are none."""
    found = list(rows)
    return ["", "| Name | Type | |", "|---|---|---|", *found] if found else []


def plugins(root: Path, place: str, title: str, *, returning: bool = True) -> Iterator[str]:
    """Return a section about all plugins of a kind."""
    yield from ("", f"## {title}")
    for file in sorted((root / place).glob("*.py")):
        found = texts(file)
        document = found["DOCUMENTATION"]
        fragments = [each for each in document.get("extends_documentation_fragment", ()) if each.startswith(f"{NAME}.")]
        shared = [each.removeprefix(f"{NAME}.") for each in fragments if ".attributes." not in each]
        yield from ("", f"### `{NAME}.{file.stem}`")
        if shared:
            yield from ("", f"With the options of {', '.join(map(_code, shared))}, see below.")
        yield from table(options(document.get("options", {})))
        if returning:
            yield from ("", f"Returns {returned(found.get('RETURN'))}.")


def fragments_of(root: Path) -> Iterator[str]:
    """Return a section about the options that several plugins share."""
    yield from ("", "## Options that several of them share")
    for file in sorted((root / "plugins/doc_fragments").glob("*.py")):
        for name, document in texts(file).items():
            if "options" in document:
                suffix = "" if name == "DOCUMENTATION" else f".{name.lower()}"
                yield from ("", f"### `{file.stem}{suffix}`", *table(options(document["options"])))


def roles(root: Path) -> Iterator[str]:
    """Return a section about the variables of roles."""
    yield from ("", "## Roles")
    for file in sorted((root / "roles").glob("*/meta/argument_specs.yml")):
        main = yaml.safe_load(file.read_text("utf-8"))["argument_specs"]["main"]
        yield from ("", f"### `{NAME}.{file.parents[1].name}`", *table(options(main["options"])))


def playbooks(root: Path) -> Iterator[str]:
    """Return a section about the variables of playbooks: those that they read, and set nowhere themselves."""
    yield from ("", "## Playbooks", "", "| Playbook | Variables |", "|---|---|")
    for file in sorted((root / "playbooks").glob("*.yml")):
        text = "\n".join(line.partition(" #")[0] for line in file.read_text("utf-8").splitlines())
        own = set(re.findall(r"^\s+(\w+):", text, re.MULTILINE))
        named = [_code(name) for name in sorted(set(VARIABLE.findall(text)) - own)]
        named += [f"those of `{each}`" for each in re.findall(r"import_playbook: (\w+)\.yml", text)]
        yield f"| `{NAME}.{file.stem}` | {', '.join(named)} |"
    yield from ("", "The variables of the roles that a playbook applies count as well.", "", EXIT_CODES.rstrip())


def left_behind(root: Path) -> Iterator[str]:
    """Return a section about files and artifacts."""
    places = (*sorted((root / "plugins/action").glob("*.py")), root / "plugins/plugin_utils/show/_formats.py")
    files = {name for file in places for name in REPORT.findall(file.read_text("utf-8"))}
    artifacts = texts(root / "plugins/filter/artifacts.py")["RETURN"]["_value"]["contains"]
    yield from ("", "## Files and artifacts")
    yield from ("", f"Files of a report directory: {', '.join(map(_code, sorted(files)))}.")
    yield from ("", f"Artifacts of a job: {', '.join(map(_code, artifacts))}.")


def _code(name: str) -> str:
    return f"`{name}`"


def page(root: Path) -> str:
    """Return the whole page."""
    lines = [
        *plugins(root, "plugins/modules", "Modules and actions"),
        *fragments_of(root),
        *plugins(root, "plugins/filter", "Filters"),
        *plugins(root, "plugins/inventory", "Inventory", returning=False),
        *plugins(root, "extensions/eda/plugins/event_source", "Event sources", returning=False),
        *roles(root),
        *playbooks(root),
        *left_behind(root),
    ]
    return INTRODUCTION + "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("file", type=Path)
    arguments = parser.parse_args()
    arguments.file.write_text(page(arguments.root), encoding="utf-8")


if __name__ == "__main__":
    main()
