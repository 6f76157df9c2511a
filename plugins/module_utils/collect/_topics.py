# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads topics from Microsoft Graph and keeps, for each, where it was read or why it could not be.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t

from .._errors import AuthenticationError, DeadlineError, NotFoundError, StageError, TenantAttachError

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ..graph._client import Graph, Request

Json = dict[str, t.Any]
# What concerns the connection or the identity concerns all that follows: nothing is waited for twice.
_FATAL = (AuthenticationError, DeadlineError, StageError)


class Topics:
    """Readings of one client. An error is kept with its topic; the others go on."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.fatal: TenantAttachError | None = None
        self.errors: dict[str, TenantAttachError] = {}
        self.sources: dict[str, str] = {}

    def read(self, requests: Mapping[str, Request], lists: t.Collection[str] = ()) -> dict[str, t.Any]:
        """Return what each topic holds: an object, or all entries of a list. None where there is an error.

        All are asked in batches; what a list has beyond its first page is asked afterwards.

        Args:
            requests: By topic. They are of one version.
            lists: The topics that are lists.
        """
        self.sources.update({topic: self._graph.url(request) for topic, request in requests.items()})
        answers = dict(zip(requests, self._batch(list(requests.values())), strict=True))
        return {
            topic: self._all(topic, requests[topic], answer) if topic in lists else self._kept(topic, answer)
            for topic, answer in answers.items()
        }

    def attempt(self, topic: str, read: t.Callable[[], t.Any]) -> t.Any:
        """Return what something returns that reads a topic in its own way. None where there is an error."""
        if self.fatal is not None:
            return self._kept(topic, self.fatal)
        try:
            return read()
        except TenantAttachError as exc:
            self.fatal = exc if isinstance(exc, _FATAL) else None
            return self._kept(topic, exc)

    def absent(self, topic: str) -> bool:
        """Tell whether the error of a topic says that the thing does not exist, which is an answer: it is forgotten."""
        if isinstance(self.errors.get(topic), NotFoundError):
            del self.errors[topic]
            return True
        return False

    def first_error(self, *beginnings: str) -> TenantAttachError | None:
        """Return the first error of a topic whose name begins in one of these ways."""
        return next((error for topic, error in self.errors.items() if topic.startswith(beginnings)), None)

    def _batch(self, requests: list[Request]) -> t.Sequence[Json | TenantAttachError]:
        if self.fatal is None and requests:
            try:
                return self._graph.batch(requests)
            except _FATAL as exc:
                self.fatal = exc
        return [self.fatal] * len(requests) if self.fatal else []

    def _all(self, topic: str, request: Request, first: Json | TenantAttachError) -> t.Any:
        if isinstance(first, TenantAttachError):
            return self._kept(topic, first)
        return self.attempt(topic, lambda: self._graph.rows(request, first=first))

    def _kept(self, topic: str, answer: Json | TenantAttachError) -> Json | None:
        if isinstance(answer, TenantAttachError):
            self.errors[topic] = answer
            return None
        return answer
