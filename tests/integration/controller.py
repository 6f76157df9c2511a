# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX does with a credential of a custom type, and how it runs a job: from its source, release 24.6.1.

awx/main/fields.py says what a type may hold, awx/main/models/credential.py how it becomes an environment. Jobs run
through ansible-runner, in a private data directory, with nobody to ask.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from integration.harness import HERE, PATIENCE, Json, Lab
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

ROOT = HERE.parents[1]
ROLE = ROOT / "roles" / "automation_controller"
PROJECT = ROOT / "docs" / "awx" / "project"
NAME = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
FIELD = {
    "type": {"string", "boolean"},
    "format": {"ssh_private_key", "url"},
    "choices": None,
    "id": None,
    "label": None,
    "help_text": None,
    "multiline": {True, False},
    "secret": {True, False},
    "ask_at_runtime": {True, False},
    "default": None,
}
BLOCKED = {"VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "CACHE", "AWX_HOST", "PROJECT_REVISION"}


class _Loader(yaml.SafeLoader):
    """Reads what Ansible marks as unsafe as the text that it is."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def data() -> Json:
    """What the role defines, as it is written."""
    return t.cast("Json", yaml.load((ROLE / "vars/main.yml").read_text("utf-8"), _Loader))  # It is safe.


def refuse_type(inputs: Json, injectors: Json) -> None:
    """Refuse a credential type that the controller would refuse."""
    assert inputs.keys() <= {"fields", "required"}
    ids = [field["id"] for field in inputs["fields"]]
    assert len(ids) == len(set(ids))
    assert "tower" not in ids
    for field in inputs["fields"]:
        assert field.keys() >= {"id", "label"}
        assert field.keys() <= FIELD.keys()
        assert NAME.fullmatch(field["id"])
        assert not [key for key, values in FIELD.items() if key in field and values and field[key] not in values]
        assert "choices" not in field or len(field["choices"]) == len(set(field["choices"])) > 0
        assert isinstance(field.get("default", ""), str)
    assert set(inputs.get("required", ())) <= set(ids)
    assert injectors.keys() <= {"file", "env", "extra_vars"}
    files = [re.fullmatch(r"template\.([a-zA-Z_]+[a-zA-Z0-9_]*)", name) for name in injectors.get("file", {})]
    tower = {"filename": {name[1]: "EXAMPLE_FILENAME" for name in files if name}}
    assert len(tower["filename"]) == len(files)
    for name in injectors["env"]:
        assert NAME.fullmatch(name)
        assert not name.startswith("ANSIBLE_")
        assert name not in BLOCKED
    strict = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    for template in (*injectors.get("file", {}).values(), *injectors["env"].values()):
        assert template.isascii()
        strict.from_string(template).render(dict.fromkeys(ids, "EXAMPLE"), tower=tower)


def inject(credential_type: Json, inputs: Mapping[str, str], directory: Path) -> dict[str, str]:
    """Return the environment that a credential becomes. Its files are written into the directory."""
    sandbox = ImmutableSandboxedEnvironment()
    # A field that is left empty is not there at all.
    namespace = {name: value for name, value in inputs.items() if value}
    injectors, filename = credential_type["injectors"], {}
    for label, template in injectors.get("file", {}).items():
        handle, path = tempfile.mkstemp(dir=directory)
        with os.fdopen(handle, "w") as file:
            file.write(sandbox.from_string(template).render(**namespace))
        filename[label.partition(".")[2]] = path
    tower = {"filename": filename}
    return {name: sandbox.from_string(text).render(**namespace, tower=tower) for name, text in injectors["env"].items()}


@dataclass(frozen=True)
class Job:
    """A job that ended, with what it left."""

    status: int
    output: str
    artifacts: Path

    @property
    def events(self) -> list[Json]:
        """What happened, in its order."""
        names = [re.fullmatch(r"(\d+)-.+\.json", path.name) for path in (self.artifacts / "job_events").iterdir()]
        ordered = sorted((name for name in names if name), key=lambda name: int(name[1]))
        return [json.loads((self.artifacts / "job_events" / name[0]).read_text("utf-8")) for name in ordered]

    @property
    def stats(self) -> Json:
        """The artifacts that a workflow hands on."""
        (last,) = (event["event_data"] for event in self.events if event["event"] == "playbook_on_stats")
        return t.cast("Json", last.get("artifact_data", {}))

    def left(self, name: str) -> str:
        """One file of the artifacts."""
        return (self.artifacts / name).read_text("utf-8").strip()


class Controller:
    """Runs jobs as the controller does."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.env = directory / "env"
        self.env.mkdir(parents=True)
        (directory / "inventory").mkdir()
        shutil.copytree(PROJECT, directory / "project")

    def give(self, lab: Lab, credentials: Mapping[str, Mapping[str, str]]) -> None:
        """Give it an estate: the inventory, and an environment that is made of credentials alone."""
        shutil.copy(lab.inventory, self.directory / "inventory" / "hosts.yml")
        types = data()["automation_controller_credential_types"]
        injected: dict[str, str] = {}
        for name, inputs in credentials.items():
            injected |= inject(types[name], inputs, self.env)
        (self.env / "envvars").write_text(json.dumps(injected))

    def start(self, playbook: str, number: str, variables: Mapping[str, t.Any]) -> subprocess.Popen[str]:
        """Start a job."""
        (self.env / "extravars").write_text(json.dumps(dict(variables)))
        home = self.directory / "home"
        home.mkdir(exist_ok=True)
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "ansible_runner", "run", str(self.directory)),
                *("--playbook", playbook, "--ident", number),
            ],
            # The environment of an execution environment: a path, a home, and the collections that it holds.
            env={
                "PATH": f"{Path(sys.executable).parent}{os.pathsep}/usr/bin:/bin",
                "HOME": str(home),
                "LANG": "C.UTF-8",
                "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
                "ANSIBLE_NOCOLOR": "1",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, playbook: str, number: str = "1", **variables: t.Any) -> Job:
        """Run a job to its end."""
        with self.start(playbook, number, variables) as process:
            output, _nothing = process.communicate(timeout=PATIENCE)
        assert "[WARNING]" not in output, output
        return Job(process.returncode, output, self.directory / "artifacts" / number)
