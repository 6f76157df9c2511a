# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads topics from Microsoft Graph and keeps, for each, where it was read or why it could not be.

PRIVATE to the collection.
"""

from __future__ import annotations

import typing as t

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import (
    AuthenticationError,
    DeadlineError,
    NotFoundError,
    StageError,
    TenantAttachError,
)

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph._client import Graph, Request

Json = dict[str, t.Any]


class Topics:
    """Readings of one client. An error is kept with its topic; the others go on."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._fatal: TenantAttachError | None = None
        self.errors: dict[str, TenantAttachError] = {}
        self.sources: dict[str, str] = {}

    def objects(self, requests: Mapping[str, Request]) -> dict[str, Json | None]:
        """Return an object for each topic: all are asked in one batch. None where there is an error."""
        return {topic: None if self.failed(topic, answer) else answer for topic, answer in self._ask(requests)}

    def lists(self, requests: Mapping[str, Request]) -> dict[str, list[Json] | None]:
        """Return all entries for each topic: the first pages come in one batch. None where there is an error."""
        return {topic: self._list(topic, requests[topic], answer) for topic, answer in self._ask(requests)}

    def _ask(self, requests: Mapping[str, Request]) -> list[tuple[str, t.Any]]:
        self.sources.update({topic: self._graph.url(request) for topic, request in requests.items()})
        if self._fatal is None and requests:
            try:
                return list(zip(requests, self._graph.batch(list(requests.values())), strict=True))
            except TenantAttachError as exc:
                # What concerns the connection or the identity concerns all that follows: nothing is waited for twice.
                if isinstance(exc, (AuthenticationError, DeadlineError, StageError)):
                    self._fatal = exc
                return [(topic, exc) for topic in requests]
        return [(topic, self._fatal) for topic in requests]

    def _list(self, topic: str, request: Request, answer: t.Any) -> list[Json] | None:
        if self.failed(topic, answer):
            return None
        try:
            return self._graph.rows(request, first=answer)
        except TenantAttachError as exc:
            self.errors[topic] = exc
            return None

    def failed(self, topic: str, answer: t.Any) -> bool:
        """Keep an answer that is an error, and tell so."""
        if isinstance(answer, TenantAttachError):
            self.errors[topic] = answer
        return isinstance(answer, TenantAttachError)

    def absent(self, topic: str) -> bool:
        """Tell whether the error of a topic says that the thing does not exist, which is an answer: it is forgotten."""
        if isinstance(self.errors.get(topic), NotFoundError):
            del self.errors[topic]
            return True
        return False

    def named_errors(self) -> Json:
        """Return the errors as they stand in evidence."""
        return {topic: error.as_dict() for topic, error in self.errors.items()}
