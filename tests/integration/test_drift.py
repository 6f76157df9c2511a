# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The drift playbook from end to end: what it says of an estate that stays, changes, and goes dark."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import typing as t
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
from integration.harness import HERE, PATIENCE, Ansible, Json, Lab, Labs, Run, RunReadiness, short

DRIFT = "configmgr.tenant_attach.drift"
LAST = "Fail where too much could not be verified"
OFF = ("--set", "sites.P02.ad_user_discovery.active=false")
DOWN = ("--set", "provider.cm-p02-prv01.fault=down")
DARK = ("--set", "provider.cm-cas01.fault=down")
SCHEMA = json.loads((HERE.parents[1] / "docs" / "drift.schema.json").read_text(encoding="utf-8"))


def ask(history: Path, statement: str) -> list[t.Any]:
    """Ask the file itself."""
    with closing(sqlite3.connect(history)) as connection:
        found = connection.execute(statement).fetchall()
        connection.commit()
        return found


@dataclass(frozen=True)
class Compared:
    """A drift run, with what it left."""

    run: Run
    directory: Path

    @property
    def document(self) -> Json:
        document = json.loads((self.directory / "drift.json").read_text(encoding="utf-8"))
        jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)
        return t.cast("Json", document)

    @property
    def ended(self) -> tuple[int, int, int]:
        """Exit status, changed, failed."""
        return self.run.status, self.run.recap["changed"], self.run.recap["failed"]

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        return [(row["kind"], row["id"], short(row)) for row in self.document["rows"]]


Compare = Callable[..., Compared]


@pytest.fixture(scope="module")
def compare(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Compare:
    """Call it with a lab, a history, options and variables: it runs the drift playbook."""

    def run(lab: Lab, history: Path, *arguments: str, **variables: t.Any) -> Compared:
        directory = tmp_path_factory.mktemp("drift")
        # Silent hosts are waited for: not as long as a real network might need.
        options = {"tenant_attach_adminservice": {**lab.adminservice, "timeout": 5}}
        given = {"tenant_attach_report_dir": str(directory), "tenant_attach_history": str(history), **options}
        done = ansible.playbook(DRIFT, *arguments, lab=lab, variables=given | variables)
        return Compared(done, directory)

    return run


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("history") / "kept" / "history.sqlite"


@pytest.fixture(scope="module")
def story(lab: Labs, compare: Compare, history: Path) -> dict[str, Compared]:
    """One estate over time."""
    return {
        "first": compare(lab("healthy"), history, tenant_attach_set_baseline="onboarded"),
        "same": compare(lab("healthy"), history, "--diff"),
        "down": compare(lab("healthy", *DOWN), history, tenant_attach_max_unverified=1),
        "up": compare(lab("healthy"), history),
        "looked": compare(lab("healthy", *OFF), history, "--check", "--diff"),
        "off": compare(lab("healthy", *OFF), history, "--diff"),
        "dark": compare(lab("healthy", *DARK), history),
        "still": compare(lab("healthy", *OFF), history),
    }


# -- what is said -----------------------------------------------------------------------------------------------------


def test_a_first_run_has_nothing_to_compare(story: dict[str, Compared]) -> None:
    first = story["first"]
    assert first.ended == (0, 0, 0)
    assert (first.document["baseline"], first.rows) == (None, [])
    assert "NOTHING TO COMPARE" in first.run.output


def test_the_same_estate_twice_says_nothing(story: dict[str, Compared]) -> None:
    same = story["same"]
    assert same.ended == (0, 0, 0)
    counts = same.document["counts"]
    assert {name for name, number in counts.items() if number} == {"never_known"}
    assert same.document["baseline"]["collected_at"] == story["first"].document["collected_at"]
    assert "NO DRIFT" in same.run.output
    assert "+++" not in same.run.output


def test_a_provider_that_went_down_is_unknown_and_no_drift(story: dict[str, Compared]) -> None:
    down = story["down"]
    assert down.ended == (0, 0, 0)
    assert down.rows == []
    lost = {(each["id"], short(each)): each["before"]["outcome"] for each in down.document["unverified"]}
    assert lost == {
        ("adminservice_functional", "cm-p02-prv01"): "pass",
        ("adminservice_certificate", "cm-p02-prv01"): "pass",
    }
    assert "Connection refused" in "".join(each["reason"] for each in down.document["unverified"])
    assert (down.document["verified"]["enough"], down.document["verified"]["max_percent"]) == (True, 1)


def test_a_provider_that_came_back_is_no_drift(story: dict[str, Compared]) -> None:
    up = story["up"]
    assert up.ended == (0, 0, 0)
    assert (up.rows, up.document["unverified"], up.document["first_seen"]) == ([], [], [])


def test_one_changed_fact_is_one_row(story: dict[str, Compared]) -> None:
    off = story["off"]
    assert off.ended == (0, 1, 0)
    (row,) = off.document["rows"]
    assert (row["kind"], row["id"], short(row)) == ("new", "site_user_discovery", "P02")
    assert (row["before"]["outcome"], row["after"]["outcome"]) == ("pass", "warn")
    assert "DRIFT: 1 new, 0 worsened, 0 improved, 0 resolved" in off.run.output
    for sign, outcome in (("-", "pass"), ("+", "warn")):
        assert f"\n{sign}site_user_discovery site P02 (site P02): {outcome}: " in off.run.output
    # Readiness compares too, when it records. It shows nothing of it, and changes nothing.
    assert off.run.output.count("+++ after") == 1


def test_check_mode_says_the_same_and_records_nothing(story: dict[str, Compared], history: Path) -> None:
    looked, off = story["looked"], story["off"]
    assert (looked.run.recap, looked.run.tasks) == (off.run.recap, off.run.tasks)
    assert looked.document["rows"][0]["after"] == off.document["rows"][0]["after"]
    assert looked.document["baseline"] == off.document["baseline"]
    times = {when for (when,) in ask(history, "SELECT collected_at FROM runs")}
    assert times == {story[name].document["collected_at"] for name in story if name != "looked"}


def test_an_estate_that_cannot_be_read_fails_last_and_once(story: dict[str, Compared]) -> None:
    dark = story["dark"]
    assert dark.ended == (2, 0, 1)
    assert (dark.rows, dark.document["verified"]["enough"]) == ([], False)
    assert dark.run.tasks[-1] == LAST
    assert dark.run.output.count("FAILED!") == 1
    assert "tenant_attach_max_unverified is 25" in dark.run.output
    assert "NOT VERIFIED" in dark.run.output
    assert dark.document["scopes"] == {"appeared": [], "vanished": []}


def test_what_is_as_it_was_is_told_once(story: dict[str, Compared]) -> None:
    still = story["still"]
    assert still.ended == (0, 0, 0)
    assert [(each["id"], short(each)) for each in still.document["still"]] == [("site_user_discovery", "P02")]
    assert (still.rows, still.document["first_seen"]) == ([], [])


def test_the_reports_of_readiness_are_written_and_the_verdict_is_not_shown(story: dict[str, Compared]) -> None:
    for told in story.values():
        names = {path.name for path in told.directory.iterdir()}
        assert names >= {"drift.json", "readiness.json", "readiness.md", "evidence.json"}
        assert "Tenant attach readiness of" not in told.run.output


def test_no_secret_is_kept(story: dict[str, Compared], history: Path, lab: Labs) -> None:
    texts = [told.run.output + (told.directory / "drift.json").read_text() for told in story.values()]
    content = history.read_bytes()
    for secret in lab("healthy").secrets:
        assert secret.encode() not in content
        assert not [text for text in texts if secret in text]
    assert history.stat().st_mode & 0o777 == 0o600


# -- the history ------------------------------------------------------------------------------------------------------


def test_a_killed_run_leaves_the_history_readable(
    *, story: dict[str, Compared], history: Path, lab: Labs, compare: Compare, ansible: Ansible, tmp_path: Path
) -> None:
    before = ask(history, "SELECT * FROM runs"), ask(history, "SELECT * FROM findings")
    slow = lab("healthy", "--set", "provider.cm-cas01.fault={kind: slow, slow_seconds: 3}")
    (tmp_path / "variables.json").write_text(json.dumps({"tenant_attach_history": str(history)}))
    files = [part for file in (slow.file, tmp_path / "variables.json") for part in ("--extra-vars", f"@{file}")]
    command = [str(Path(sys.executable).with_name("ansible-playbook")), DRIFT, "--inventory", "localhost,", *files]
    # A group of its own: its workers are killed with it.
    with subprocess.Popen(
        command, env=ansible._environment(), cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        end = time.monotonic() + PATIENCE
        while not any("AdminService" in request["path"] for request in slow.log()):
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert (ask(history, "SELECT * FROM runs"), ask(history, "SELECT * FROM findings")) == before
    # The next one goes on from the last that was whole. Since the baseline, it is drift all the same.
    since = compare(lab("healthy", *OFF), history, tenant_attach_baseline="onboarded")
    assert since.ended == (0, 1, 0)
    assert since.rows == story["off"].rows
    first = story["first"].document["collected_at"]
    assert since.document["baseline"] == {"name": "onboarded", "collected_at": first, "verdict": "not_proven"}
    assert len(ask(history, "SELECT * FROM runs")) == len(before[0]) + 1


def test_readiness_records_too_and_says_nothing_of_it(lab: Labs, readiness: RunReadiness, tmp_path: Path) -> None:
    history, estate = tmp_path / "history.sqlite", lab("standalone")
    given = {"tenant_attach_history": str(history), "tenant_attach_estate": "branch"}
    recorded = readiness(estate, "--diff", **given)
    assert (recorded.run.status, recorded.run.recap["changed"]) == (0, 0)
    assert ask(history, "SELECT estate, verdict FROM runs") == [("branch", "not_proven")]
    # Where a run cannot be recorded, the reports are written all the same.
    ask(history, "CREATE TRIGGER full BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'the disk is full'); END")
    failed = readiness(estate, **given)
    assert (failed.run.status, failed.run.recap["failed"]) == (2, 1)
    assert failed.document["summary"]["verdict"] == "not_proven"
    assert failed.run.tasks[-1] == "Fail where the run could not be recorded"
    assert "the disk is full" in failed.run.output
    assert ask(history, "SELECT count(*) FROM runs") == [(1,)]


def test_two_runs_at_once_are_both_recorded(lab: Labs, compare: Compare, tmp_path: Path) -> None:
    history, estate = tmp_path / "history.sqlite", lab("standalone")

    def begin(name: str) -> Compared:
        return compare(estate, history, tenant_attach_estate=name)

    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(begin, ("one", "two")))
    assert [each.ended for each in both] == [(0, 0, 0)] * 2
    assert ask(history, "SELECT estate FROM runs ORDER BY estate") == [("one",), ("two",)]
    assert ask(history, "PRAGMA integrity_check") == [("ok",)]


# -- input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"tenant_attach_history": ""}, "tenant_attach_history"),
        ({"tenant_attach_history": str(Path(__file__))}, "not a database"),
        ({"tenant_attach_baseline": "onbaorded"}, "tenant_attach_set_baseline"),
        ({"tenant_attach_max_unverified": 101}, "from 0 to 100"),
        ({"tenant_attach_keep_runs": 0}, "keep to be 1 or more"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_input_is_refused_before_any_request(
    variables: Json, said: str, lab: Labs, compare: Compare, tmp_path: Path
) -> None:
    estate = lab("standalone")
    with estate.watched() as requests:
        refused = compare(estate, tmp_path / "history.sqlite", **variables)
    assert requests == []
    assert refused.run.status == 2
    assert said in refused.run.output
    assert list(refused.directory.iterdir()) == []


def test_readiness_refuses_a_history_that_is_none_before_any_request(lab: Labs, readiness: RunReadiness) -> None:
    estate = lab("standalone")
    with estate.watched() as requests:
        refused = readiness(estate, tenant_attach_history=str(Path(__file__)))
    assert (requests, refused.run.status) == ([], 2)
    assert "not a database" in refused.run.output
