# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How everything is changed: sent, read back, and taken back where it did not take. PRIVATE to the collection.

What a service says about a change is not believed, neither that it was made nor that it was taken back: it is read.
"""

from __future__ import annotations

import abc
import enum
import typing as t

from .._errors import TenantAttachError

State = t.TypeVar("State")


class Undo(enum.Enum):
    """How it ended to take back a change that did not take."""

    NOTHING = enum.auto()  # Nothing of it was there.
    DONE = enum.auto()  # All of it is gone again.
    FAILED = enum.auto()  # Some of it is still there.
    UNKNOWN = enum.auto()  # Nobody can tell.


class Ending(t.NamedTuple, t.Generic[State]):
    """How it ended, with the state that was read then, or the error that kept it from being read."""

    undo: Undo
    state: State | None = None
    error: TenantAttachError | None = None

    def sentence(self) -> str:
        """Return it as errors about a directory say it."""
        if self.undo in {Undo.NOTHING, Undo.DONE}:
            return "What was changed was taken back"
        why = f" ({self.error.observed})" if self.error else ""
        return f"It could not be taken back{why}: compare it with diff"


class Change(abc.ABC, t.Generic[State]):
    """One change of one thing."""

    # How often it is sent where others write at the same time.
    attempts = 1

    @abc.abstractmethod
    def send(self) -> bool:
        """Send it. Return False where others wrote meanwhile, so that nothing was done and it is to be planned anew."""

    @abc.abstractmethod
    def read(self, good: t.Callable[[State], bool]) -> State:
        """Read the thing. What is not seen at once everywhere may be looked at until it is good, or patience ends."""

    @abc.abstractmethod
    def took(self, state: State) -> bool:
        """Tell whether the thing is as it should be."""

    @abc.abstractmethod
    def undo(self, state: State) -> None:
        """Take back what of it is there."""

    @abc.abstractmethod
    def undone(self, state: State) -> bool:
        """Tell whether nothing of it is there."""

    @abc.abstractmethod
    def failed(self, state: State, ending: Ending[State]) -> TenantAttachError:
        """Return the error that says that it did not take, and how that ended."""

    def overtaken(self) -> TenantAttachError:
        """Return the error that says that others wrote each time it was sent."""
        raise NotImplementedError


def carry_out(change: Change[State]) -> State:
    """Make a change, and return the thing as it then is.

    Raises:
        TenantAttachError: It was refused, or did not take. Then it was taken back, or the error says that it was not.
    """
    for _attempt in range(change.attempts):
        sent = change.send()
        state = change.read(change.took)
        if change.took(state):
            return state
        if sent:
            raise change.failed(state, _taken_back(change, state))
    raise change.overtaken()


def _taken_back(change: Change[State], state: State) -> Ending[State]:
    if change.undone(state):
        return Ending(Undo.NOTHING, state)
    try:
        change.undo(state)
        now = change.read(change.undone)
    except TenantAttachError as exc:
        return Ending(Undo.UNKNOWN, error=exc)
    return Ending(Undo.DONE if change.undone(now) else Undo.FAILED, now)
