# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs as AWX runs them: by ansible-runner, in a project, with an environment of credentials, and nobody to ask."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
import typing as t
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from integration.controller import Controller, Job, data
from integration.harness import PATIENCE, READINESS, Json, Lab, Labs, Readiness

JobVariables = dict[str, t.Any]


def credentials(lab: Lab) -> dict[str, dict[str, str]]:
    """The secrets of a lab as credentials. What can be left empty is left empty."""
    adminservice, graph = lab.adminservice, lab.variables["tenant_attach_graph"]
    root = Path(adminservice["ca_path"]).read_text("utf-8")
    return {
        "adminservice": {
            "provider": adminservice["provider"],
            "auth": "token",
            "token": adminservice["token"],
            "ca": root,
        },
        "graph": {name: graph[name] for name in ("tenant_id", "client_id", "client_secret")}
        | {"authority_host": graph["authority_url"]},
    }


def variables(lab: Lab, directory: Path, **more: t.Any) -> JobVariables:
    """What is no secret: where the services of the lab are, since their names are not in any DNS."""
    graph = lab.variables["tenant_attach_graph"]
    return {
        "tenant_attach_adminservice": {"connect_to": lab.adminservice["connect_to"]},
        "tenant_attach_graph": {name: graph[name] for name in ("graph_url", "ca_path")},
        "tenant_attach_expectations": lab.variables["tenant_attach_expectations"],
        "tenant_attach_report_dir": str(directory),
        **more,
    }


@pytest.fixture(scope="module")
def estate(lab: Labs) -> Lab:
    return lab("contoso")


@pytest.fixture(scope="module")
def controller(estate: Lab, tmp_path_factory: pytest.TempPathFactory) -> Controller:
    made = Controller(tmp_path_factory.mktemp("runner") / "job")
    made.give(estate, credentials(estate))
    return made


@pytest.fixture(scope="module")
def job(controller: Controller, estate: Lab) -> Job:
    return controller.run("readiness.yml", **variables(estate, controller.directory / "reports"))


# -- readiness --------------------------------------------------------------------------------------------------------


def test_job_is_red_once_and_says_so(job: Job) -> None:
    assert (job.status, job.left("rc"), job.left("status")) == (2, "2", "failed")
    failed = [event["event_data"]["task"] for event in job.events if event["event"] == "runner_on_failed"]
    assert failed == ["Fail as asked for"]
    assert "It fails because fail_on is fail." in job.left("stdout")
    (last,) = (event["event_data"] for event in job.events if event["event"] == "playbook_on_stats")
    assert last["failures"] == {"localhost": 1}
    assert last["changed"] == last["dark"] == {}


def test_credentials_alone_give_the_findings_of_every_other_run(
    job: Job, controller: Controller, judged: Callable[[str], Readiness]
) -> None:
    of_job = Readiness(t.cast("t.Any", job), controller.directory / "reports")
    assert [(each["id"], each["scope"], each["outcome"]) for each in of_job.findings] == [
        (each["id"], each["scope"], each["outcome"]) for each in judged("contoso").findings
    ]


def test_artifacts_are_small_and_the_same_again(
    job: Job, controller: Controller, estate: Lab, judged: Callable[[str], Readiness]
) -> None:
    stats = job.stats
    outcomes = judged("contoso").document["summary"]["outcomes"]
    assert (stats["tenant_attach_verdict"], stats["tenant_attach_ready"]) == ("not_ready", False)
    assert (stats["tenant_attach_outcomes"], stats["tenant_attach_waived"]) == (outcomes, 0)
    assert stats["tenant_attach_failing"] == sorted({each for each, _place in judged("contoso").named("fail")})
    assert {name for name in stats if not name.startswith("tenant_attach_")} == set()
    assert len(str(stats)) < 4096
    # Artifacts become variables of the next job, which goes on as if they were not there.
    more = {**variables(estate, controller.directory / "second"), **stats, "fail_on": "never"}
    again = controller.run(READINESS, "2", **more)
    assert (again.status, again.left("rc"), again.left("status")) == (0, "0", "successful")
    assert again.stats == stats


def test_no_secret_is_in_the_artifacts(job: Job, controller: Controller, estate: Lab) -> None:
    places = [job.artifacts, controller.directory / "reports"]
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"stdout", "rc", "status", "evidence.json"}
    # The secrets were used: without them there would be no findings of the tenant and of the hierarchy.
    secrets = {credentials(estate)["adminservice"]["token"], credentials(estate)["graph"]["client_secret"]}
    assert secrets < estate.secrets
    texts = {str(path): path.read_text("utf-8") for path in files}
    # ansible-runner itself notes the environment that it was given, which the controller masks when it stores that.
    command = json.loads(texts.pop(str(job.artifacts / "command")))
    texts["command"] = json.dumps({key: value for key, value in command.items() if key != "env"})
    assert [(name, secret) for name, text in texts.items() for secret in estate.secrets if secret in text] == []


@pytest.mark.parametrize("playbook", ["readiness.yml", "report.yml"])
def test_mistake_is_an_error_and_no_question(playbook: str, controller: Controller, tmp_path: Path) -> None:
    wrong = controller.run(
        playbook, f"wrong-{playbook}", fail_on="always", tenant_attach_report_dir=str(tmp_path / "none")
    )
    assert (wrong.status, wrong.left("status")) == (2, "failed")
    assert "Expected: " in wrong.left("stdout")
    assert wrong.stats == {}
    assert not (tmp_path / "none").exists()


# -- drift ------------------------------------------------------------------------------------------------------------


def runs_of(history: Path) -> int:
    """How many runs a history has. One that is damaged is an error."""
    with contextlib.closing(sqlite3.connect(history)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return t.cast("int", connection.execute("SELECT count(*) FROM runs").fetchone()[0])


def family(pid: int) -> list[int]:
    """A process and all that it has started. ansible-runner gives its playbook a session of its own."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # It has ended since.
    members = [pid]
    for member in members:
        members += [child for child, parent in parents.items() if parent == member]
    return members


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a job at once, as a container does that is out of memory."""
    # Those that stand still start nobody, so that nobody is missed.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in family(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
    assert process.wait(PATIENCE) == -signal.SIGKILL


def killed_at(task: str, controller: Controller, number: str, given: JobVariables) -> None:
    """Start a drift job, and kill all of it when a task starts."""
    events = controller.directory / "artifacts" / number / "job_events"
    deadline = time.monotonic() + PATIENCE
    seen: set[Path] = set()
    reached = False
    with controller.start("drift.yml", number, given) as process:
        try:
            while not reached:
                assert process.poll() is None, "the job ended first"
                assert time.monotonic() < deadline
                time.sleep(0.05)
                # One that is still being written has another name.
                new = {
                    path for path in events.glob("*.json") if path.name[0] in "123456789" and "partial" not in path.name
                } - seen
                reached = any(f'"task": "{task}"' in path.read_text("utf-8") for path in new)
                seen |= new
        finally:
            kill(process)


def test_history_outlives_jobs_that_are_killed(lab: Labs, tmp_path: Path) -> None:
    estate, controller = lab("standalone"), Controller(tmp_path / "job")
    controller.give(estate, credentials(estate))
    history = tmp_path / "history.sqlite"
    given = variables(estate, tmp_path / "reports", tenant_attach_history=str(history), tenant_attach_baseline="")
    first = controller.run("drift.yml", "1", **given)
    assert (first.status, first.left("status"), runs_of(history)) == (0, "successful", 1)
    assert (first.stats["tenant_attach_verdict"], first.stats["tenant_attach_drifted"]) == ("not_proven", False)
    counts = [1]
    for number, task in enumerate(("Record the run in the history", "Compare with the history")):
        killed_at(task, controller, f"killed-{number}", given)
        # The run is there as a whole, or not at all.
        counts.append(runs_of(history))
    assert counts[1] in {1, 2}
    # Nobody was left who would have written later.
    assert counts[2] == counts[1] + 1
    last = controller.run("drift.yml", "2", **given)
    assert (last.status, runs_of(history)) == (0, counts[2] + 1)
    assert last.stats == first.stats


# -- slices -----------------------------------------------------------------------------------------------------------


def sliced(inventory: Json, number: int, count: int) -> Json:
    """The inventory of a slice, as the controller divides it: every host whose turn it is."""
    groups = inventory["all"]["children"]["windows"]["children"]
    hosts = [host for group in groups.values() for host in group["hosts"]]
    kept = set(hosts[number::count])
    part = {
        name: {"hosts": {host: v for host, v in group["hosts"].items() if host in kept}}
        for name, group in groups.items()
    }
    return {"all": {"children": {"windows": {**inventory["all"]["children"]["windows"], "children": part}}}}


def test_slices_merge_into_one_report(estate: Lab, tmp_path: Path, judged: Callable[[str], Readiness]) -> None:
    controller = Controller(tmp_path / "job")
    controller.give(estate, credentials(estate))
    whole = yaml.safe_load(Path(estate.inventory).read_text("utf-8"))
    storage = tmp_path / "storage"
    for number in range(2):
        (controller.directory / "inventory" / "hosts.yml").write_text(yaml.safe_dump(sliced(whole, number, 2)))
        # What the job template of the role says, directory by job.
        part = controller.run(
            "readiness.yml", str(number), **variables(estate, storage / "slices" / str(number), fail_on="never")
        )
        assert part.status == 0
        not_visited = (storage / "slices" / str(number) / "evidence.json").read_text().count('"not_visited"')
        assert not_visited > 0
    (template,) = (each for each in data()["automation_controller_job_templates"] if each["playbook"] == "report.yml")
    extra = yaml.safe_load(
        yaml.safe_dump(template["extra_vars"]).replace("{{ automation_controller_storage }}", str(storage))
    )
    with estate.watched() as requests:
        report = controller.run(
            "report.yml",
            "report",
            **extra,
            tenant_attach_expectations=estate.variables["tenant_attach_expectations"],
        )
    assert requests == []
    assert report.status == 2
    merged = Readiness(t.cast("t.Any", report), storage / "report")
    assert '"not_visited"' not in (storage / "report" / "evidence.json").read_text()
    assert [(each["id"], each["scope"], each["outcome"]) for each in merged.findings] == [
        (each["id"], each["scope"], each["outcome"]) for each in judged("contoso").findings
    ]
    assert report.stats["tenant_attach_verdict"] == "not_ready"
