# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run leaves to be remembered, and the words of drift. PRIVATE to the collection.

A run is remembered as the state of everything that was ever judged in its estate: how it came out in this run, and how
it came out when it was last known. So one earlier run is enough to compare with, however long something was unknown.
"""

from __future__ import annotations

import typing as t

SCHEMA_VERSION = "1.0"
# In the order in which they are shown. These are drift.
DRIFT = ("new", "worsened", "improved", "resolved")
# These are not: as before, and problems of which no earlier run knew whether they were there.
OTHERS = ("still", "first_seen")


class Key(t.NamedTuple):
    """What makes two findings of different runs the same. Names of hosts and accounts differ in case at times."""

    id: str
    kind: str
    name: str
    site: str


class Remembered(t.NamedTuple):
    """What a run leaves of one finding."""

    id: str
    kind: str
    name: str
    site: str | None
    severity: str
    # In the run itself. None: the run could not tell, or was not asked, whether this is still there.
    outcome: str | None
    # When it was last known, in this run or before. None: it never was.
    known: str | None
    observed: str
    known_at: str | None


State = dict[Key, Remembered]


class Run(t.NamedTuple):
    """A run of the history."""

    number: int
    collected_at: str
    verdict: str


class Earlier(t.NamedTuple):
    """The run to compare with, and what it left."""

    run: Run
    state: State
    # Of a baseline.
    name: str | None = None
