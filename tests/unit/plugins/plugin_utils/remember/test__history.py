# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import typing as t
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import HistoryError, InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.documents._drift import State
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.remember import _drift, _history
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.remember._history import opened
from ansible_collections.configmgr.tenant_attach.tests.unit.history import TITLES, Json, at, finding, run

ESTATE = "contoso"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "history.sqlite"


def record(path: Path, *documents: Json, estate: str = ESTATE, keep: int = 400) -> None:
    """Record runs as the action does."""
    for document in documents:
        with opened(path, write=True) as history, history.transaction(write=True):
            before = history.before(estate, document["collected_at"])
            state = _drift.remember(document, before.state if before else {}, TITLES)
            history.record(estate, _drift.summary(document), state)
            history.prune(estate, keep)


def days(path: Path, estate: str = ESTATE) -> list[str]:
    with opened(path, write=False) as history:
        return [each["collected_at"] for each in history.trend(estate, 1000)]


def ask(path: Path, statement: str) -> list[t.Any]:
    """Ask the file itself, as the sqlite3 command would."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def state_of(*documents: Json) -> State:
    state: State = {}
    for document in documents:
        state = _drift.remember(document, state, TITLES)
    return state


RUNS = [
    run(0, finding("pass"), finding("fail", "hierarchy", kind="hierarchy")),
    run(1, finding("unknown"), finding("fail", "hierarchy", kind="hierarchy")),
    run(2, finding("warn"), finding("pass", "hierarchy", kind="hierarchy")),
]


# -- what is kept -----------------------------------------------------------------------------------------------------


def test_what_is_recorded_is_read_again(path: Path) -> None:
    record(path, *RUNS)
    with opened(path, write=False) as history:
        for day in (1, 2, 3):
            earlier = history.before(ESTATE, at(day))
            assert earlier is not None
            assert earlier.run.collected_at == at(day - 1)
            assert earlier.state == state_of(*RUNS[:day])
            assert earlier.name is None
        assert history.before(ESTATE, at(0)) is None
        assert history.before("another", at(9)) is None
        found = history.at(ESTATE, at(1))
        assert found is not None
        assert (found.collected_at, found.verdict) == (at(1), "not_ready")
        assert history.at(ESTATE, at(7)) is None


def test_the_trend_has_the_last_runs_in_order(path: Path) -> None:
    # One comes late, with evidence that is old.
    record(path, RUNS[2], RUNS[0], RUNS[1])
    with opened(path, write=False) as history:
        assert history.trend(ESTATE, 9) == [_drift.summary(each) for each in RUNS]
        assert [each["collected_at"] for each in history.trend(ESTATE, 2)] == [at(1), at(2)]
        assert history.trend(ESTATE, 0) == history.trend("another", 9) == []


def test_estates_share_a_file_and_nothing_else(path: Path) -> None:
    record(path, RUNS[0])
    record(path, RUNS[0], RUNS[1], estate="fabrikam", keep=1)
    assert (days(path), days(path, "fabrikam")) == ([at(0)], [at(1)])


def test_a_run_is_recorded_once(path: Path) -> None:
    record(path, RUNS[0])
    with pytest.raises(HistoryError, match="UNIQUE"):
        record(path, RUNS[0])
    assert days(path) == [at(0)]


def test_old_runs_are_forgotten_and_baselines_are_not(path: Path) -> None:
    record(path, *(run(day, finding("pass")) for day in range(5)))
    with opened(path, write=True) as history, history.transaction(write=True):
        found = history.at(ESTATE, at(1))
        assert found is not None
        history.name_baseline(ESTATE, "onboarded", found)
    record(path, run(5, finding("unknown")), keep=2)
    assert days(path) == [at(1), at(4), at(5)]
    # With all that they had.
    assert ask(path, "SELECT count(*) FROM findings") == [(3,)]
    # What was last known is known still, though the run that knew it has gone.
    record(path, run(6, finding("unknown")), run(7, finding("unknown")), run(8, finding("unknown")), keep=2)
    with opened(path, write=False) as history:
        earlier = history.before(ESTATE, at(9))
        assert earlier is not None
        assert [(each.known, each.known_at) for each in earlier.state.values()] == [("pass", at(4))]


def test_a_baseline_has_a_name_and_a_name_has_one_run(path: Path) -> None:
    record(path, *RUNS)
    for day in (0, 2):
        with opened(path, write=True) as history:
            found = history.at(ESTATE, at(day))
            assert found is not None
            history.name_baseline(ESTATE, "onboarded", found)
            earlier = history.baseline(ESTATE, "onboarded")
            assert (earlier.run, earlier.name) == (found, "onboarded")
            assert earlier.state == state_of(*RUNS[: day + 1])
    assert ask(path, "SELECT count(*) FROM baselines") == [(1,)]


@pytest.mark.parametrize(("names", "said"), [((), "set_baseline"), (("golden", "march"), "golden, march")])
def test_a_baseline_that_is_none_is_refused(path: Path, names: tuple[str, ...], said: str) -> None:
    record(path, RUNS[0])
    with opened(path, write=True) as history:
        found = history.at(ESTATE, at(0))
        assert found is not None
        for name in names:
            history.name_baseline(ESTATE, name, found)
        with pytest.raises(InvalidOptionError, match=said) as caught:
            history.baseline(ESTATE, "goldn")
    assert "'goldn'" in str(caught.value)


# -- the file ---------------------------------------------------------------------------------------------------------


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    record(path, RUNS[0])
    assert path.stat().st_mode & 0o777 == 0o600
    assert ask(path, "PRAGMA journal_mode") == [("delete",)]
    assert [each.name for each in path.parent.iterdir()] == ["history.sqlite"]


def test_reading_makes_no_file(path: Path) -> None:
    assert days(path) == []
    assert not path.parent.exists()


def test_an_empty_file_becomes_a_history(path: Path) -> None:
    path.parent.mkdir()
    path.touch()
    assert days(path) == []
    assert path.stat().st_size == 0
    record(path, RUNS[0])
    assert days(path) == [at(0)]
    assert ask(path, "PRAGMA user_version") == [(len(_history.MIGRATIONS),)]


ADDED = ("ALTER TABLE runs ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",)


def test_a_file_of_an_earlier_version_is_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(path, *RUNS[:2])
    before = ask(path, "SELECT * FROM findings")
    monkeypatch.setattr(_history, "MIGRATIONS", (*_history.MIGRATIONS, ADDED))
    # Reading works on a copy.
    content = path.read_bytes()
    assert days(path) == [at(0), at(1)]
    assert path.read_bytes() == content
    record(path, RUNS[2])
    assert ask(path, "PRAGMA user_version") == [(2,)]
    assert ask(path, "SELECT note FROM runs") == [("none",)] * 3
    assert ask(path, f"SELECT * FROM findings WHERE run < 3 LIMIT {len(before)}") == before
    assert days(path) == [at(0), at(1), at(2)]


def test_a_migration_takes_place_whole_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(path, RUNS[0])
    with monkeypatch.context() as patch:
        patch.setattr(_history, "MIGRATIONS", (*_history.MIGRATIONS, (*ADDED, "SELECT word FROM nowhere")))
        for write in (True, False):
            with pytest.raises(HistoryError, match="nowhere"), opened(path, write=write):
                pytest.fail("it was opened")
    assert ask(path, "PRAGMA user_version") == [(1,)]
    assert [column[1] for column in ask(path, "PRAGMA table_info(runs)")][-1] == "waived"
    assert days(path) == [at(0)]


def make_newer(path: Path) -> None:
    record(path, RUNS[0])
    ask(path, "PRAGMA user_version = 99")


def make_foreign(path: Path) -> None:
    path.parent.mkdir()
    ask(path, "CREATE TABLE secrets (word TEXT)")


def make_text(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("estate,verdict\n" * 100)


def make_cut(path: Path) -> None:
    record(path, *RUNS)
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))


def make_directory(path: Path) -> None:
    path.mkdir(parents=True)


def make_blocked(path: Path) -> None:
    path.parent.write_text("a file")


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize(
    ("make", "said", "next_step"),
    [
        (make_newer, "schema version 99", "a newer release of the collection"),
        (make_foreign, "a SQLite file of something else", "a path of its own"),
        (make_text, "not a database", "give another path"),
        (make_cut, "malformed", "restore it from a backup"),
        (make_directory, "unable to open", "check the path"),
    ],
)
def test_what_is_no_history_is_refused_and_left_alone(
    *, path: Path, write: bool, make: t.Callable[[Path], None], said: str, next_step: str
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(HistoryError) as caught, opened(path, write=write) as history:
        history.trend(ESTATE, 9)
    assert said in caught.value.observed
    assert next_step in caught.value.next_step
    assert caught.value.where == str(path)
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_directory_that_cannot_be_made_is_an_error(path: Path) -> None:
    make_blocked(path)
    with pytest.raises(HistoryError, match="check the path"), opened(path, write=True):
        pytest.fail("it was opened")


def test_a_path_may_have_any_name(tmp_path: Path) -> None:
    odd = tmp_path / "a ?b#c%20d" / "h?mode=ro.sqlite"
    record(odd, RUNS[0])
    assert odd.is_file()
    assert days(odd) == [at(0)]


# -- others at the same time ------------------------------------------------------------------------------------------

PROCESS = """
import sys
import time
from pathlib import Path

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.remember import _drift
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.remember._history import opened
from ansible_collections.configmgr.tenant_attach.tests.unit.history import TITLES, finding, run

path, work, first = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
if work == "hold":
    # More than SQLite keeps in memory: what is half done lies on the disk.
    document = run(first, *(finding("fail", f"host{number:06}", observed="x" * 200) for number in range(30000)))
    with opened(path, write=True) as history, history.transaction(write=True):
        history.record("contoso", _drift.summary(document), _drift.remember(document, {}, TITLES))
        print("holding", flush=True)
        time.sleep(600)
for day in range(first, first + 10):
    document = run(day, finding("pass"))
    with opened(path, write=True) as history, history.transaction(write=True):
        before = history.before("contoso", document["collected_at"])
        state = _drift.remember(document, before.state if before else {}, TITLES)
        history.record("contoso", _drift.summary(document), state)
        history.prune("contoso", 400)
"""


def start(path: Path, work: str, first: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROCESS, str(path), work, str(first)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ)


def test_processes_that_record_at_once_lose_nothing(path: Path) -> None:
    # None of them finds a file.
    begun = [start(path, "record", first) for first in range(0, 40, 10)]
    outputs = [process.communicate(timeout=120)[0] for process in begun]
    assert [process.returncode for process in begun] == [0] * 4, outputs
    assert days(path) == [at(day) for day in range(40)]
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]


def test_a_killed_run_leaves_the_history_as_it_was(path: Path) -> None:
    record(path, *RUNS)
    before = ask(path, "SELECT * FROM runs"), ask(path, "SELECT * FROM findings")
    with start(path, "hold", 5) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "holding\n"
        process.send_signal(signal.SIGKILL)
    # It was in the middle: part of it is in the file, and how to undo that is beside it.
    journal = path.with_name("history.sqlite-journal")
    assert journal.stat().st_size > 0
    assert journal.stat().st_mode & 0o777 == 0o600
    assert days(path) == [at(0), at(1), at(2)]
    assert (ask(path, "SELECT * FROM runs"), ask(path, "SELECT * FROM findings")) == before
    record(path, run(6, finding("pass")))
    assert days(path) == [at(0), at(1), at(2), at(6)]
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]


def test_an_error_in_the_middle_undoes_all_of_it(path: Path) -> None:
    record(path, RUNS[0])

    def stumble() -> None:
        with opened(path, write=True) as history, history.transaction(write=True):
            history.record(ESTATE, _drift.summary(RUNS[1]), state_of(RUNS[1]))
            history.baseline(ESTATE, "nowhere")

    with pytest.raises(InvalidOptionError):
        stumble()
    assert days(path) == [at(0)]


def test_who_waits_too_long_is_told_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_history, "_PATIENCE", 0.05)
    record(path, RUNS[0])
    with opened(path, write=True) as one, one.transaction(write=True):
        with pytest.raises(HistoryError, match="another process holds it"):
            record(path, RUNS[1])
        # Reading needs not wait for a run that is not done.
        assert days(path) == [at(0)]
