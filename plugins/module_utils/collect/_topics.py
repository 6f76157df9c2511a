# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Topics: what is read of a service, each on its own, so that what cannot be read costs nothing else.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .._errors import AuthenticationError, DeadlineError, NotFoundError, StageError, TenantAttachError

if t.TYPE_CHECKING:
    from collections.abc import Mapping

Query = t.TypeVar("Query")
Result = t.TypeVar("Result")

# Stands among the answers of a reading for an error that says that the thing does not exist.
NOT_THERE = NotFoundError.kind


@dataclass(frozen=True)
class Reading(t.Generic[Query]):
    """What is read as one topic.

    Args:
        query: What the service is asked.
        gives: The fields of the evidence that nobody can tell without it. By default the one of the topic's name.
        answers: The errors that are answers, and what they say: by the service's own code, or `NOT_THERE`.
        whole: Whether it is a list that is read to its end.
    """

    query: Query
    gives: tuple[str, ...] = ()
    answers: Mapping[str, t.Any] = field(default_factory=dict)
    whole: bool = False


def concerns_all(error: TenantAttachError) -> bool:
    """Tell whether an error concerns the connection or the identity, and so all that follows: it is not met twice."""
    return isinstance(error, (AuthenticationError, DeadlineError, StageError))


def concerns_one(_error: TenantAttachError) -> bool:
    """Take every error for one of its own topic."""
    return False


class Topics:
    """What is read of one service. An error is kept with its topic; the others go on.

    Args:
        is_fatal: Tells which errors are those of all topics that follow.

    Attributes:
        errors: By topic, why it could not be read.
        sources: By topic, where it is read.
        fatal: The error that ended it, None where none did.
    """

    def __init__(self, is_fatal: t.Callable[[TenantAttachError], bool] = concerns_all) -> None:
        self._is_fatal = is_fatal
        self._readings: dict[str, Reading[t.Any]] = {}
        self.fatal: TenantAttachError | None = None
        self.errors: dict[str, TenantAttachError] = {}
        self.sources: dict[str, str] = {}

    def begin(self, topic: str, reading: Reading[t.Any], source: str | None = None) -> None:
        """Note what a topic is, and where it is read."""
        self._readings[topic] = reading
        if source is not None:
            self.sources[topic] = source

    def attempt(self, topic: str, work: t.Callable[[], Result]) -> Result | None:
        """Return what work returns that reads a topic, or what an error says that is an answer. None with an error.

        A topic that has an error is not read again.
        """
        if topic in self.errors:
            return None
        if self.fatal is not None:
            self.errors[topic] = self.fatal
            return None
        try:
            return work()
        except TenantAttachError as exc:
            if self._is_fatal(exc):
                self.fatal = exc
            return t.cast("Result | None", self.keep(topic, exc))

    def keep(self, topic: str, error: TenantAttachError) -> t.Any:
        """Return what an error says that is an answer. Another one is kept with its topic, and says nothing."""
        answers = self._readings[topic].answers if topic in self._readings else {}
        for name in (getattr(error, "code", ""), error.kind):
            if name in answers:
                return answers[name]
        self.errors[topic] = error
        return None

    def first_error(self, *beginnings: str) -> TenantAttachError | None:
        """Return the first error of a topic whose name begins in one of these ways."""
        return next((error for topic, error in self.errors.items() if topic.startswith(beginnings)), None)

    def errors_by_field(self) -> dict[str, t.Any]:
        """Return, by field of the evidence, why nobody can tell it, as it stands there."""
        return {
            each: error.as_dict()
            for topic, error in self.errors.items()
            for each in ((topic in self._readings and self._readings[topic].gives) or (topic,))
        }


def value_or_error(work: t.Callable[[], t.Any]) -> t.Any:
    """Return what work returns, or `{"error": …}` as it stands in evidence in place of a value."""
    try:
        return work()
    except TenantAttachError as exc:
        return {"error": exc.as_dict()}
