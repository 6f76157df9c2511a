# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check what changed, within two minutes: lint, types, and the tests that are nearest to it.

What changed is what differs from origin/main, or from the last commit where there is none, unless files are named.
A unit test is run when it mirrors a changed file, imports it, names it, or changed itself; a test of the lab or an
integration test when it changed. What else may be concerned is said, and not run: `make test` runs everything.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import time
import typing as t
from pathlib import Path, PurePosixPath

from tools import gates, times

COLLECTION = "ansible_collections.configmgr.tenant_attach"
UNIT = "tests/unit"
# What a test of the lab is about, by the beginning of the path: the first that fits.
LAB = {
    "tests/lab/tests/test_": "",
    "tests/lab/cloud/": "tests/lab/tests/test_cloud.py",
    "tests/lab/windows/": "tests/lab/tests/test_windows_hosts.py",
    "tests/lab/scenarios/": "",
    "tests/lab/": "tests/lab/tests/test_lab.py",
}
# Where Ansible's own content is, and what reads it.
CONTENT = ("docs/awx/", "playbooks/", "roles/", "tests/integration/collections/", "tests/integration/targets/")
EVENT_SOURCES = "extensions/eda/plugins/"
TYPED = ("extensions/", "plugins/", "tests/lab/", "tests/testbed/", "tests/tools/")
# What integration tests alone can tell something about.
BEYOND = (*CONTENT, "tests/integration/", "tests/lab/", "tests/testbed/")

Command = list[str]


def changed() -> list[str]:
    """Return what differs from where this work began, without what was removed."""
    base = "HEAD"
    if _git("rev-parse", "--quiet", "--verify", "origin/main", check=False):
        base = _git("merge-base", "origin/main", "HEAD")[0]
    found = {*_git("diff", "--name-only", base), *_git("ls-files", "--others", "--exclude-standard")}
    return sorted(name for name in found if Path(name).is_file())


def _git(*arguments: str, check: bool = True) -> list[str]:
    done = subprocess.run(["git", *arguments], check=check, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


def imported(source: str) -> set[str]:
    """Return the modules that a source file imports, and what it takes from them: either may be a module."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def unit_tests(files: t.Sequence[str], root: Path) -> list[str]:
    """Return the unit tests that some files concern."""
    if f"{UNIT}/conftest.py" in files:
        return [UNIT]
    modules = {f"{COLLECTION}.{file.removesuffix('.py').replace('/', '.')}" for file in files if file.endswith(".py")}
    # Tests read some files as text. Those are named: a script would be found in all that run its like.
    names = {PurePosixPath(file).name for file in files if not file.endswith((".py", ".sh"))}
    names -= {"main.yml", "README.md", "__init__.py"}
    found: set[str] = set()
    for path in sorted((root / UNIT).rglob("test_*.py")):
        test = path.relative_to(root).as_posix()
        text = path.read_text(encoding="utf-8")
        if test in files or modules & imported(text) or any(name in text for name in names):
            found.add(test)
    mirrors = (PurePosixPath(UNIT, file).with_name(f"test_{PurePosixPath(file).name}") for file in files)
    return sorted(found | {str(mirror) for mirror in mirrors if (root / mirror).is_file()})


def other_tests(files: t.Sequence[str]) -> list[str]:
    """Return the tests of the lab, and the integration tests, that some files concern."""
    found: set[str] = set()
    for file in files:
        if file.startswith("tests/integration/test_"):
            found.add(file)
        beginning = next((beginning for beginning in LAB if file.startswith(beginning)), None)
        if beginning is not None:
            found.add(LAB[beginning] or file)
    return sorted(each for each in found if each.endswith(".py"))


def commands(files: t.Sequence[str], root: Path, checkout: Path) -> dict[str, Command]:
    """Return what there is to be run for some files, by name."""
    make = ["make", "--no-print-directory"]
    python = [file for file in files if file.endswith(".py")]
    yaml = [file for file in files if file.endswith((".yml", ".yaml"))]
    content = [file for file in yaml if file.startswith(CONTENT)]
    found: dict[str, Command] = {}
    if python:
        found["ruff"] = ["ruff", "check", *python]
        found["format"] = ["ruff", "format", "--check", *python]
    if yaml:
        found["yamllint"] = ["yamllint", "--strict", *yaml]
    if any(file.startswith(EVENT_SOURCES) for file in python):
        # As galaxy-importer has it: the gate is quick enough.
        found["ruff of all"] = [*make, "ruff"]
    if any(file.startswith(TYPED) for file in python):
        found["mypy"] = [*make, "mypy"]
    if tests := unit_tests(files, root):
        found["unit"] = [*make, "unit", f"UNIT={' '.join(tests)}", "PYTEST_ARGS=--no-cov --quiet"]
    if tests := other_tests(files):
        found["integration"] = [*make, "integration", f"TESTS={' '.join(tests)}", "PYTEST_ARGS=--quiet"]
    if content:
        # The copy lies in ansible_collections/<namespace>/<name>.
        path = f"ANSIBLE_COLLECTIONS_PATH={checkout.parents[2]}"
        found["ansible-lint"] = ["env", f"--chdir={checkout}", path, "ansible-lint", "--nocolor", *content]
    return found


def main() -> int:
    """Run what there is to be run, and end with a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkout", type=Path, required=True, help="the copy that Ansible's tools want")
    parser.add_argument("files", nargs="*", help="what to check, relative to the repository")
    arguments = parser.parse_args()
    # It was for this program: what is run has paths of its own.
    os.environ.pop("PYTHONPATH", None)
    files = [str(PurePosixPath(file)) for file in arguments.files] or changed()
    if missing := [file for file in files if not Path(file).is_file()]:
        sys.exit(f"There is no file {', '.join(missing)}.")

    start, done = time.monotonic(), gates.Gates()
    for name, command in commands(files, Path.cwd(), arguments.checkout).items():
        print(gates.headline(name), flush=True)
        done.run(name, command)
    print(gates.headline(f"checks of {len(files)} files"))
    print(gates.table(done.made, times.Spent(time.monotonic() - start, gates.used_by_children())))
    if beyond := sorted(file for file in files if file.startswith(BEYOND)):
        print("Only all integration tests tell whether everything still holds: make integration. They concern these:")
        print("\n".join(f"  {file}" for file in beyond))
    return 0 if all(gate.passed for gate in done.made) else 1


if __name__ == "__main__":
    sys.exit(main())
