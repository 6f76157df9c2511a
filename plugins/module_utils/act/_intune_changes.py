# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The three changes of an object of Intune's roles. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import AnswerError, TenantAttachError
from ._change import Change, Ending, Undo
from ._intune_requests import AUDIT, Json, Requests, Row

Twins = dict[str, Json]
Took = t.Callable[[Row], bool]


class Edit(t.NamedTuple):
    """The change of an object: what is sent, and what puts it back as it was.

    `took` tells whether the object is as it should be, `shown` returns what of it counts.
    """

    body: Json
    restoring: Json
    took: Took
    shown: t.Callable[[Row], Json]


class Creation(Change[Twins]):
    """The making of an object. Its state are all objects of its name, by id."""

    def __init__(self, requests: Requests, body: Json, took: Took) -> None:
        self._requests = requests
        self._body = body
        self._took = took
        self._own: str | None = None
        self._unsure = False
        self._taken_back = False

    def send(self) -> bool:
        self._own, self._unsure = self._requests.post(self._body)
        return True

    def read(self, good: t.Callable[[Twins], bool]) -> Twins:
        return self._requests.until(self._requests.named, good)

    def ours(self, twins: Twins) -> set[str]:
        """Return the ids of what this run has made: what an attempt without an answer may have made is ours as well."""
        made = {twin for twin in twins if self._took(twins[twin])} if self._unsure else set()
        return made if self._own is None else made | {self._own}

    def kept(self, twins: Twins) -> str:
        """Return the id of the object that stays. All runs decide alike, so exactly one is left."""
        return min(twins.keys() | self.ours(twins))

    def took(self, state: Twins) -> bool:
        kept = self.kept(state)
        return kept not in self.ours(state) or self._took(state.get(kept, {}))

    def undo(self, state: Twins) -> None:
        self._requests.remove(self.kept(state))
        self._taken_back = True

    def undone(self, state: Twins) -> bool:
        # That it is not seen does not say that it was not made: it may be seen later.
        return self._taken_back and self._own not in state

    def failed(self, state: Twins, ending: Ending[Twins]) -> TenantAttachError:
        return _not_taken(self._requests, self.kept(state), ending, "it was deleted again")


class Update(Change[Json]):
    """The change of an object. Its state is the object, an empty one where it is gone."""

    def __init__(self, requests: Requests, before: Row, edit: Edit) -> None:
        self._requests = requests
        self._before = before
        self._own = str(before["id"])
        self._edit = edit
        self._problem: TenantAttachError | None = None
        self._taken_back = False

    def send(self) -> bool:
        self._problem = self._requests.attempt(self._own, "PATCH", self._edit.body)
        return True

    def read(self, good: t.Callable[[Json], bool]) -> Json:
        return self._requests.until(lambda: self._requests.one(self._own), good)

    def took(self, state: Json) -> bool:
        return self._edit.took(state)

    def undo(self, state: Json) -> None:  # noqa: ARG002  # All of it is put back.
        self._requests.change(self._own, "PATCH", self._edit.restoring)
        self._taken_back = True

    def undone(self, state: Json) -> bool:
        # That the change is not seen does not say that it was not made: it may be seen later.
        return self._taken_back and bool(state) and self._edit.shown(state) == self._edit.shown(self._before)

    def failed(self, state: Json, ending: Ending[Json]) -> TenantAttachError:  # noqa: ARG002  # It has no words for it.
        return self._problem or _not_taken(self._requests, self._own, ending, "it was put back as it was")


class Deletion(Change[Twins]):
    """The deletion of an object. Its state are all objects of its name, by id."""

    def __init__(self, requests: Requests, own: str) -> None:
        self._requests = requests
        self._own = own
        self._problem: TenantAttachError | None = None

    def send(self) -> bool:
        self._problem = self._requests.attempt(self._own, "DELETE")
        return True

    def read(self, good: t.Callable[[Twins], bool]) -> Twins:
        return self._requests.until(self._requests.named, good)

    def took(self, state: Twins) -> bool:
        return self._own not in state

    def undo(self, state: Twins) -> None:
        """Do nothing: what is still there was not deleted."""

    def undone(self, state: Twins) -> bool:
        return self._own in state

    def failed(self, state: Twins, ending: Ending[Twins]) -> TenantAttachError:  # noqa: ARG002  # It is still there.
        return self._problem or AnswerError(
            expected=f"the {self._requests.word} to be gone",
            observed="it is still there",
            where=self._requests.where(self._own),
            next_step=AUDIT,
        )


def _not_taken(requests: Requests, own: str, ending: Ending[t.Any], done: str) -> TenantAttachError:
    """Return the error that says that something did not take, and how it ended to take it back."""
    step = AUDIT
    if ending.undo in {Undo.FAILED, Undo.UNKNOWN}:
        done = f"it could not be taken back: {ending.error.observed if ending.error else 'it is not read back so'}"
        step = f"look at the {requests.word} in the Intune admin center; {AUDIT}"
    return AnswerError(
        expected=f"the {requests.word} to be read back as it was written",
        observed=f"it is not; {done}",
        where=requests.where(own),
        next_step=step,
    )
