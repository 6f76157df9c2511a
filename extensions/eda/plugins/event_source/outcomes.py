# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Event source configmgr.tenant_attach.outcomes.

ansible-rulebook runs this file by its path, in a decision environment where the rest of the collection need not be
importable. So it imports nothing but Python's own library.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENTATION = r"""
---
short_description: Emit an event when a prerequisite of tenant attach changes its outcome.
description:
  - Watches the C(readiness.json) that the playbooks of configmgr.tenant_attach leave in their report directory.
  - Emits one event for each finding whose outcome is another one than the last that was known of it.
  - An outcome V(unknown) is never a change. What could not be observed is as it was known before.
  - A file that is missing, or that cannot be read, is logged, and changes nothing.
options:
  path:
    description:
      - A report directory (C(tenant_attach_report_dir)), or the file itself, which ends in C(.json).
      - It need not exist yet.
    type: str
    required: true
  delay:
    description:
      - Seconds between two looks at the file.
    type: float
    default: 60
  initial:
    description:
      - Whether the findings that are seen first are all emitted, but for those that are V(unknown).
      - Else they are only what later ones are compared with.
    type: bool
    default: false
"""

EXAMPLES = r"""
- configmgr.tenant_attach.outcomes:
    path: /var/lib/tenant-attach/reports
    delay: 30
"""

FILE = "readiness.json"
UNKNOWN = "unknown"
OUTCOMES = frozenset({"pass", "warn", "fail", "not_applicable", UNKNOWN})
SHOWN = ("id", "title", "area", "scope", "severity", "expected", "observed", "reason", "remedy", "source")
# The engine adds it to the arguments of every source when it keeps its state.
_OF_THE_ENGINE = "eda_feedback_queue"

Document = dict[str, Any]
Key = tuple[str, str, str, str]
# The file has no name of its own when it is run by its path.
logger = logging.getLogger("configmgr.tenant_attach.outcomes")


class WrongArgumentError(ValueError):
    """An argument of the source is not valid."""

    def __init__(self, *, name: str, expected: str, observed: object) -> None:
        """Say what was expected of which argument, and what was there."""
        super().__init__(f"configmgr.tenant_attach.outcomes, {name}: expected {expected}, observed {observed!r}.")


class UnreadableError(ValueError):
    """The file holds no findings."""


@dataclass(frozen=True)
class Arguments:
    """The arguments of the source."""

    file: Path
    delay: float = 60.0
    initial: bool = False

    @classmethod
    def parse(cls, args: Mapping[str, Any]) -> Arguments:
        """Return the arguments, and refuse what is not understood.

        Raises:
            WrongArgumentError: A name or a value is not valid.

        """
        names = ("path", "delay", "initial")
        for name in args:
            if name not in {*names, _OF_THE_ENGINE}:
                raise WrongArgumentError(name=name, expected=f"one of {', '.join(names)}", observed=name)
        path = args.get("path")
        if not isinstance(path, str) or not path.strip():
            raise WrongArgumentError(name="path", expected="a report directory, or its file", observed=path)
        place = Path(path)
        return cls(
            file=place if place.suffix == ".json" else place / FILE,
            delay=_seconds(args.get("delay", cls.delay)),
            initial=_flag(args.get("initial", cls.initial)),
        )


def _seconds(value: object) -> float:
    """Return a number of seconds. A rulebook that fills in a variable gives it as text."""
    refusal = WrongArgumentError(name="delay", expected="seconds, more than 0", observed=value)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise refusal
    try:
        seconds = float(value)
    except ValueError as exc:
        raise refusal from exc
    if not 0 < seconds < math.inf:
        raise refusal
    return seconds


def _flag(value: object) -> bool:
    """Return a flag. A rulebook that fills in a variable gives it as text."""
    found = {"true": True, "false": False}.get(str(value).lower())
    if found is None:
        raise WrongArgumentError(name="initial", expected="true or false", observed=value)
    return found


class Changes(NamedTuple):
    """What a document brings: events, and the outcomes that are known after it."""

    events: list[Document]
    known: dict[Key, str]


def parse(text: str) -> Document:
    """Return the findings document of a text.

    Raises:
        UnreadableError: The text is none.

    """
    try:
        document = json.loads(text)
    except ValueError as exc:
        message = f"it is no JSON ({exc})"
        raise UnreadableError(message) from exc
    version = document.get("schema_version") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not str(version).startswith("1."):
        message = f"it is no findings document of schema_version 1 (observed: {version!r})"
        raise UnreadableError(message)
    findings = document.get("findings")
    if not isinstance(findings, list) or not all(_is_finding(each) for each in findings):
        message = "its findings have a form that is not understood"
        raise UnreadableError(message)
    return document


def _is_finding(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("scope"), dict):
        return False
    return isinstance(entry.get("id"), str) and entry.get("outcome") in OUTCOMES


def key(finding: Mapping[str, Any]) -> Key:
    """Return what makes a finding the same one in another run: the prerequisite, and what it is judged for."""
    scope = finding["scope"]
    return (finding["id"], *(str(scope.get(part)) for part in ("kind", "name", "site")))


def compare(known: Mapping[Key, str], document: Document, *, emit_first: bool) -> Changes:
    """Compare a document with the outcomes that are known.

    Args:
        known: The last known outcome of each finding.
        document: The new findings.
        emit_first: Whether a finding of which nothing is known yet makes an event.

    """
    events: list[Document] = []
    # What a document no longer has stays known: it may not have been observed this time.
    after = dict(known)
    for finding in document["findings"]:
        outcome, identity = finding["outcome"], key(finding)
        before = known.get(identity)
        if outcome in {UNKNOWN, before}:
            continue
        after[identity] = outcome
        if before is not None or emit_first:
            events.append(_event(finding, before, document))
    return Changes(events, after)


def _event(finding: Mapping[str, Any], before: str | None, document: Document) -> Document:
    waiver = finding.get("waiver")
    change = {name: finding.get(name) for name in SHOWN}
    change |= {
        "before": before,
        "after": finding["outcome"],
        "waived": isinstance(waiver, dict) and not waiver.get("expired"),
        "collected_at": document.get("collected_at"),
    }
    return {"configmgr_tenant_attach": change}


class Watch:
    """Looks at a file again and again, and remembers what is known.

    Args:
        arguments: The arguments of the source.

    """

    def __init__(self, arguments: Arguments) -> None:
        """Begin without knowing anything."""
        self._file = arguments.file
        self._initial = arguments.initial
        self._known: dict[Key, str] | None = None
        self._text = ""
        self._trouble = ""

    def look(self) -> list[Document]:
        """Return the events since the last look."""
        try:
            text = self._file.read_text(encoding="utf-8")
            document = None if text == self._text else parse(text)
        except (OSError, UnicodeDecodeError, UnreadableError) as exc:
            self._log(exc)
            return []
        self._text, self._trouble = text, ""
        if document is None:
            return []
        first = self._known is None
        # Of what appears after the first document, the first outcome is news.
        changes = compare(self._known or {}, document, emit_first=self._initial or not first)
        self._known = changes.known
        logger.info("%s: %d changes of outcome.", self._file, len(changes.events))
        return changes.events

    def _log(self, exc: Exception) -> None:
        """Log trouble once, until it is another one, or gone."""
        trouble = exc.strerror if isinstance(exc, OSError) else str(exc)
        if trouble != self._trouble:
            self._trouble = str(trouble)
            logger.warning("%s: %s. What was known of it stays as it is.", self._file, trouble)


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Watch the findings, and put an event into the queue for each change of outcome."""
    arguments = Arguments.parse(args)
    watch = Watch(arguments)
    while True:
        for event in await asyncio.to_thread(watch.look):
            await queue.put(event)
        await asyncio.sleep(arguments.delay)
