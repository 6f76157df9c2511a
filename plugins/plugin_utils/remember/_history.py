# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The history: what each run left, in one SQLite file. PRIVATE to the collection.

A run is written in one transaction: whoever is killed meanwhile leaves the file as it was before, and whoever comes at
the same time waits. The journal is SQLite's rollback journal, not the write-ahead log: the log needs memory that all
processes share, which directories from the network do not give.
"""

from __future__ import annotations

import sqlite3
import typing as t
from contextlib import ExitStack, closing, contextmanager

from ...module_utils._errors import HistoryError, InvalidOptionError
from ..documents._drift import Earlier, Key, Remembered, Run, State
from ..documents._findings import Outcome

if t.TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

APPLICATION = 0x54414869  # Marks a file as a history of ours: SQLite keeps such a number in every file.
# One entry for each version of the schema, never changed once released: a file goes through those that it lacks.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE runs (
            number INTEGER PRIMARY KEY,
            estate TEXT NOT NULL,
            collected_at TEXT NOT NULL,
            verdict TEXT NOT NULL,
            pass INTEGER NOT NULL,
            warn INTEGER NOT NULL,
            fail INTEGER NOT NULL,
            not_applicable INTEGER NOT NULL,
            unknown INTEGER NOT NULL,
            waived INTEGER NOT NULL,
            UNIQUE (estate, collected_at)
        )
        """,
        """
        CREATE TABLE findings (
            run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
            id TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            site TEXT NOT NULL,
            severity TEXT NOT NULL,
            outcome TEXT,
            known TEXT,
            observed TEXT NOT NULL,
            known_at TEXT,
            PRIMARY KEY (run, id, kind, name, site)
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE baselines (
            estate TEXT NOT NULL,
            name TEXT NOT NULL,
            run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
            PRIMARY KEY (estate, name)
        ) WITHOUT ROWID
        """,
    ),
)
_OUTCOMES = tuple(outcome.value for outcome in Outcome)
_PATIENCE = 30.0  # Seconds. Recording takes a fraction of one.


class History:
    """An open history."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[None]:
        """Read and write as if nobody else were there: all of the block takes place, or nothing of it."""
        with _transaction(self._connection, "IMMEDIATE" if write else "DEFERRED"):
            yield

    def at(self, estate: str, collected_at: str) -> Run | None:
        """Return the run of a time."""
        return self._run("estate = ? AND collected_at = ?", estate, collected_at)

    def before(self, estate: str, collected_at: str) -> Earlier | None:
        """Return the last run before a time. So no run is compared with itself, however often it is looked at."""
        run = self._run("estate = ? AND collected_at < ?", estate, collected_at)
        return run and Earlier(run, self._state(run))

    def baseline(self, estate: str, name: str) -> Earlier:
        """Return the run that bears a name.

        Raises:
            InvalidOptionError: None does.
        """
        run = self._run("number = (SELECT run FROM baselines WHERE estate = ? AND name = ?)", estate, name)
        if run is None:
            raise self._no_baseline(estate, name)
        return Earlier(run, self._state(run), name)

    def _no_baseline(self, estate: str, name: str) -> InvalidOptionError:
        rows = self._connection.execute("SELECT name FROM baselines WHERE estate = ? ORDER BY name", (estate,))
        names = [each for (each,) in rows]
        return InvalidOptionError(
            expected="option baseline to name a run that was given this name",
            observed=f"{name!r}; estate {estate!r} has {', '.join(names) or 'no baseline'}",
            next_step="give one of these names (tenant_attach_baseline)"
            if names
            else "name a run first, with option set_baseline (tenant_attach_set_baseline)",
        )

    def record(self, estate: str, summary: t.Mapping[str, t.Any], state: State) -> Run:
        """Record a run, with the state that it leaves."""
        values = {
            "estate": estate,
            **{name: summary[name] for name in ("collected_at", "verdict", "waived")},
            **{outcome: summary["outcomes"][outcome] for outcome in _OUTCOMES},
        }
        number = t.cast("int", self._connection.execute(_insert("runs", values), list(values.values())).lastrowid)
        rows = ((number, *each._replace(site=each.site or "")) for each in state.values())
        self._connection.executemany(_insert("findings", ("run", *Remembered._fields)), rows)
        return Run(number, summary["collected_at"], summary["verdict"])

    def name_baseline(self, estate: str, name: str, run: Run) -> None:
        """Give a run a name, which no other run of the estate has then."""
        statement = "REPLACE INTO baselines (estate, name, run) VALUES (?, ?, ?)"
        self._connection.execute(statement, (estate, name, run.number))

    def prune(self, estate: str, keep: int) -> None:
        """Forget all runs but the last ones. Baselines stay."""
        self._connection.execute(
            """
            DELETE FROM runs WHERE estate = ? AND number NOT IN (SELECT run FROM baselines) AND number NOT IN
            (SELECT number FROM runs WHERE estate = ? ORDER BY collected_at DESC LIMIT ?)
            """,
            (estate, estate, keep),
        )

    def trend(self, estate: str, limit: int) -> list[dict[str, t.Any]]:
        """Return the last runs, the oldest first."""
        rows = self._connection.execute(
            f"SELECT collected_at, verdict, waived, {', '.join(_OUTCOMES)} FROM runs"  # noqa: S608  # Names of ours.
            " WHERE estate = ? ORDER BY collected_at DESC LIMIT ?",
            (estate, limit),
        ).fetchall()
        return [
            {
                "collected_at": collected_at,
                "verdict": verdict,
                "outcomes": dict(zip(_OUTCOMES, outcomes, strict=True)),
                "waived": waived,
            }
            for collected_at, verdict, waived, *outcomes in reversed(rows)
        ]

    def _run(self, condition: str, *values: str) -> Run | None:
        row = self._connection.execute(
            f"SELECT number, collected_at, verdict FROM runs WHERE {condition}"  # noqa: S608  # Conditions of ours.
            " ORDER BY collected_at DESC LIMIT 1",
            values,
        ).fetchone()
        return Run(*row) if row else None

    def _state(self, run: Run) -> State:
        columns = ", ".join(Remembered._fields)
        rows = self._connection.execute(f"SELECT {columns} FROM findings WHERE run = ?", (run.number,))  # noqa: S608  # Names of ours.
        found = (Remembered(*row) for row in rows)
        return {
            Key(each.id, each.kind, each.name.casefold(), (each.site or "").casefold()): each._replace(
                site=each.site or None
            )
            for each in found
        }


def _insert(table: str, columns: t.Iterable[str]) -> str:
    names = tuple(columns)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608  # Names of ours.


# -- the file ---------------------------------------------------------------------------------------------------------


@contextmanager
def opened(path: Path, *, write: bool) -> Iterator[History]:
    """Open a history. To write, it is made where there is none, and its schema is brought up to date.

    Raises:
        HistoryError: It cannot be read or written, or is no history of a version that is understood.
    """
    with _explained(path), ExitStack() as stack:
        connection = stack.enter_context(closing(_connect(path, write=write)))
        if _is_older(connection, path):
            if not write:
                # Nothing is to be written: a copy goes through the migrations.
                file, connection = connection, stack.enter_context(closing(_in_memory()))
                file.backup(connection)
            _migrate(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        yield History(connection)


def _connect(path: Path, *, write: bool) -> sqlite3.Connection:
    if not path.exists():
        if not write:
            return _in_memory()
        path.parent.mkdir(parents=True, exist_ok=True)
        # Names of hosts and people are nobody else's business. The journal gets the same mode from SQLite.
        path.touch(mode=0o600)
    # Even to read: what a killed run left half done is undone by whoever opens the file next.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE, isolation_level=None)


def _in_memory() -> sqlite3.Connection:
    return sqlite3.connect(":memory:", isolation_level=None)


def _is_older(file: sqlite3.Connection, path: Path) -> bool:
    """Tell whether the schema of a file is older than the one of today, and refuse what is not understood."""
    # At one moment: another process may be making the file.
    with _transaction(file, "DEFERRED"):
        version, application = _pragma(file, "user_version"), _pragma(file, "application_id")
        tables = file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if application != APPLICATION and (application or version or tables):
        raise HistoryError(
            expected="a history of configmgr.tenant_attach",
            observed="a SQLite file of something else",
            where=str(path),
            next_step="give a path of its own (tenant_attach_history): where there is no file, one is made",
        )
    if version > len(MIGRATIONS):
        raise HistoryError(
            expected=f"a history with schema version {len(MIGRATIONS)} or older",
            observed=f"schema version {version}",
            where=str(path),
            next_step="a newer release of the collection has written it: install that, or give another path",
        )
    return version < len(MIGRATIONS)


def _migrate(connection: sqlite3.Connection) -> None:
    with _transaction(connection, "IMMEDIATE"):
        # Once more: while this one waited another one may have done it.
        version = _pragma(connection, "user_version")
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return t.cast("int", connection.execute(f"PRAGMA {name}").fetchone()[0])


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


# By SQLite's primary result code: what was expected, and what to do.
_ADVICE = {
    sqlite3.SQLITE_BUSY: (
        f"the history to be free within {_PATIENCE:.0f} seconds",
        "another process holds it: see which one, and run again",
    ),
    sqlite3.SQLITE_NOTADB: (
        "a history of configmgr.tenant_attach",
        "give another path (tenant_attach_history): where there is no file, one is made",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "a history that is whole",
        "restore it from a backup, save what `sqlite3 FILE .recover` reads, or move it away: a new one is made",
    ),
}
_WRITABLE = (
    "a history that can be read and written",
    "check the path (tenant_attach_history), its directory, their owner, and the free space",
)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite and of the file system into ours."""
    try:
        yield
    except (sqlite3.Error, OSError) as exc:
        # Extended result codes have the primary one in their last byte. Errors of the file system have none.
        code = getattr(exc, "sqlite_errorcode", None)
        expected, next_step = _WRITABLE if code is None else _ADVICE.get(code & 0xFF, _WRITABLE)
        raise HistoryError(
            expected=expected,
            observed=f"{type(exc).__name__}: {getattr(exc, 'strerror', None) or exc}",
            where=str(path),
            next_step=next_step,
        ) from exc
