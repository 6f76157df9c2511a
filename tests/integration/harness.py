# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the integration tests are run with: labs, and Ansible as a user runs it.

Everything here goes through the command line: the collection is the installed one, found by ANSIBLE_COLLECTIONS_PATH,
and nothing of it is imported.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import typing as t
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from ansible.release import __version__ as ansible_version

HERE = Path(__file__).resolve().parent
TARGETS = HERE / "targets"
CORE = tuple(int(part) for part in ansible_version.split(".")[:2])
# Collections of others, as `make bundle` unpacks them.
BUNDLE = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]).resolve().parent / "bundle"
READINESS = "configmgr.tenant_attach.readiness"
VERIFY = "configmgr.tenant_attach.verify"
DOMAIN = "corp.contoso.example"
CANARY = "LAB-CANARY-SECRETKEY"
# So loud, Ansible itself shows where a task failed whose failure is evidence.
LOUD = ("[WARNING]", "[DEPRECATION")
NOISE = ("[WARNING]", "[DEPRECATION", "Traceback", "traceback")
# What an environment may hold, and must not matter: a bundle that is not there, and a proxy where nobody listens.
TRAPS = {
    **dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), "/nonexistent/bundle.pem"),
    **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"), "http://127.0.0.1:9"),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), ""),
}
PATIENCE = 240  # Seconds after which a process counts as hanging. No test measures time.

Json = dict[str, t.Any]


def fqdn(host: str) -> str:
    return f"{host}.{DOMAIN}"


class Lab:
    """A running lab."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.file = state / "vars.yml"
        self.variables: Json = yaml.safe_load(self.file.read_text(encoding="utf-8"))
        self.adminservice: Json = self.variables["tenant_attach_adminservice"]
        self.accounts: dict[str, dict[str, str]] = self.variables["lab"]["accounts"]
        self.other_ca: str = self.variables["lab"]["other_ca_path"]
        self.windows: Json = self.variables["lab"].get("windows", {})

    @property
    def secrets(self) -> set[str]:
        """What may be shown nowhere."""
        own = {account[key] for account in self.accounts.values() for key in ("password", "token", "expired_token")}
        graph, cloud = self.variables.get("tenant_attach_graph", {}), self.variables["lab"].get("cloud", {})
        names = {
            "certificate_password",
            "client_secret",
            "expired_secret",
            "expired_token",
            "foreign_token",
            "password",
            "token",
        }
        places = (graph, cloud, self.windows)
        named = {value for place in places for name, value in place.items() if name in names}
        return own | {CANARY} | named | set(cloud.get("tokens_without", {}).values())

    @property
    def inventory(self) -> str:
        """The inventory with the Windows hosts of the estate."""
        return str(self.state / "inventory.yml")

    def log(self) -> list[Json]:
        """Every request that reached the lab so far."""
        lines = (self.state / "requests.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @contextmanager
    def watched(self) -> Iterator[list[Json]]:
        """Give a list that holds, once the block is left, the requests that came meanwhile."""
        before = len(self.log())
        requests: list[Json] = []
        yield requests
        requests += self.log()[before:]


@contextmanager
def running(state: Path, scenario: str, *arguments: str) -> Iterator[Lab]:
    """Start a lab, wait until it is ready, and stop it by its process id."""
    command = [sys.executable, "-m", "lab", "--scenario", scenario, "--state-dir", str(state), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            # It prints this line when it is ready, and ends without it when it never will be.
            assert process.stdout.readline().strip() == str(state / "vars.yml"), f"the lab did not start: {command}"
            yield Lab(state)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


class Labs:
    """The labs of a test session. One that is asked for twice is started once."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self._directory = directory
        self._stack = stack
        self._labs: dict[tuple[str, ...], Lab] = {}

    def __call__(self, scenario: str, *arguments: str) -> Lab:
        key = (scenario, *arguments)
        if key not in self._labs:
            state = self._directory / f"{len(self._labs)}-{scenario}"
            self._labs[key] = self._stack.enter_context(running(state, scenario, *arguments))
        return self._labs[key]


@dataclass(frozen=True)
class Run:
    """A command that ended."""

    status: int
    output: str

    @property
    def recap(self) -> dict[str, int]:
        """The numbers behind localhost in the recap."""
        line = re.search(r"^localhost +: (.+)$", self.output, re.MULTILINE)
        assert line is not None, self.output
        return {name: int(number) for name, number in re.findall(r"(\w+)=(\d+)", line[1])}

    @property
    def tasks(self) -> list[str]:
        """The names of the tasks, in the order in which they ran."""
        return re.findall(r"^TASK \[(.+)\] \**$", self.output, re.MULTILINE)

    def count(self, text: str) -> int:
        """How often the output has a text. ansible-core 2.18 breaks warnings into lines, at hyphens as well."""
        if CORE >= (2, 19):
            return self.output.count(text)
        return "".join(self.output.split()).count("".join(text.split()))


class Ansible:
    """Ansible's commands, with nothing of the user's own configuration."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._runs = 0
        (directory / "ansible.cfg").touch()

    def command(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Run:
        """Run a command, and return how it ended with its output and its errors."""
        # Beside the interpreter of the tests first: that is where the virtual environment has it.
        program = shutil.which(name, path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
        assert program is not None, f"{name} is not installed"
        done = subprocess.run(
            [program, *arguments],
            env=self._environment() | dict(environment or {}),
            cwd=self._directory,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return Run(done.returncode, done.stdout)

    def playbook(
        self,
        playbook: str | Path,
        *arguments: str,
        lab: Lab | None = None,
        variables: Mapping[str, t.Any] | None = None,
        environment: Mapping[str, str] | None = None,
        inventory: str = "localhost,",
        noise: Sequence[str] = NOISE,
    ) -> Run:
        """Run a playbook, and refuse every warning and every traceback.

        Args:
            playbook: Its name or path.
            arguments: Options of ansible-playbook.
            lab: The lab whose variables it gets.
            variables: More variables; they win over those of the lab.
            environment: More variables of the environment.
            inventory: The inventory. By default there is no host but this one.
            noise: What must not be in the output. A test of a warning has less of it.
        """
        self._runs += 1
        file = self._directory / f"variables-{self._runs}.json"
        file.write_text(json.dumps({"ansible_python_interpreter": sys.executable, **(variables or {})}))
        given = [f"@{lab.file}"] if lab else []
        options = [part for each in (*given, f"@{file}") for part in ("--extra-vars", each)]
        run = self.command(
            "ansible-playbook",
            str(playbook),
            *("--inventory", inventory, "--connection", "local"),
            *options,
            *arguments,
            environment=environment,
        )
        found = [each for each in noise if each in run.output]
        assert not found, f"{found} in\n{run.output}"
        return run

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "AZURE_", "CONFIGMGR_", "DIRECTORY_"))
        }
        return {
            **inherited,
            **TRAPS,
            "ANSIBLE_COLLECTIONS_PATH": os.environ["ANSIBLE_COLLECTIONS_PATH"],
            "ANSIBLE_CONFIG": str(self._directory / "ansible.cfg"),
            "ANSIBLE_FILTER_PLUGINS": str(HERE / "filters"),
            "ANSIBLE_HOME": str(self._directory / "home"),
            "ANSIBLE_NOCOLOR": "1",
            # What is installed stays as the archive has it.
            "PYTHONDONTWRITEBYTECODE": "1",
        }


@dataclass(frozen=True)
class Readiness:
    """A readiness run, with what it left."""

    run: Run
    directory: Path
    asked: Lab | None = None

    @property
    def lab(self) -> Lab:
        """The lab that it asked."""
        assert self.asked is not None
        return self.asked

    @property
    def text(self) -> str:
        """The findings document as it was written."""
        return (self.directory / "readiness.json").read_text(encoding="utf-8")

    @property
    def document(self) -> Json:
        """The findings document."""
        return t.cast("Json", json.loads(self.text))

    @property
    def findings(self) -> list[Json]:
        """The findings."""
        return t.cast("list[Json]", self.document["findings"])

    @property
    def evidence(self) -> Json:
        """The evidence."""
        return t.cast("Json", json.loads((self.directory / "evidence.json").read_text(encoding="utf-8")))

    def named(self, outcome: str) -> set[tuple[str, str]]:
        """Id and short scope of every finding with an outcome."""
        return {(each["id"], short(each)) for each in self.findings if each["outcome"] == outcome}


def short(finding: Mapping[str, t.Any]) -> str:
    """The name of a scope as the tables have it: a host or account without its domain, a site code, or `hierarchy`."""
    name = str(finding["scope"]["name"])
    return name.partition("@" if "@" in name else ".")[0]


def of_the_tenant(finding: Mapping[str, t.Any]) -> bool:
    """Tell whether a finding is about the tenant, or about an account."""
    return finding["scope"]["kind"] in {"account", "tenant"}


RunReadiness = Callable[..., Readiness]
