# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Topics of Microsoft Graph, asked in batches. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import TenantAttachError
from ._topics import Reading, Topics

if t.TYPE_CHECKING:
    from collections.abc import Mapping

    from ..graph._client import Graph, Request

Json = dict[str, t.Any]
GraphReading = Reading["Request"]


class GraphTopics(Topics):
    """What is read of Microsoft Graph."""

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self._graph = graph

    def read(self, readings: Mapping[str, GraphReading]) -> dict[str, t.Any]:
        """Return what each topic holds: an object, or all entries of a list. None where there is an error.

        All are asked in batches; what a list has beyond its first page is asked afterwards.

        Args:
            readings: By topic. They are of one version.
        """
        for topic, reading in readings.items():
            self.begin(topic, reading, self._graph.url(reading.query))
        answers = self._batch([reading.query for reading in readings.values()])
        return {
            topic: self._held(topic, reading, answer)
            for (topic, reading), answer in zip(readings.items(), answers, strict=True)
        }

    def _batch(self, requests: list[Request]) -> t.Sequence[Json | TenantAttachError]:
        if self.fatal is None and requests:
            try:
                return self._graph.batch(requests)
            except TenantAttachError as exc:
                if not self._is_fatal(exc):
                    raise
                self.fatal = exc
        return [self.fatal] * len(requests) if self.fatal else []

    def _held(self, topic: str, reading: GraphReading, answer: Json | TenantAttachError) -> t.Any:
        if isinstance(answer, TenantAttachError):
            return self.keep(topic, answer)
        if not reading.whole:
            return answer
        return self.attempt(topic, lambda: self._graph.rows(reading.query, first=answer))
