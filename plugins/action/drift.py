# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugin configmgr.tenant_attach.drift."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.utils.display import Display

from ..module_utils._errors import InvalidOptionError
from ..plugin_utils import _files
from ..plugin_utils._action import ControllerAction
from ..plugin_utils.judge.prerequisites._catalogue import CATALOGUE
from ..plugin_utils.remember import _drift, _history
from ..plugin_utils.show import _drift_terminal, _formats

_KEYS = frozenset({"collected_at", "summary", "findings"})
_LEAST = {"keep": (1, None), "max_unverified": (0, 100), "trend_limit": (0, None)}
_TITLES = {prerequisite.id: prerequisite.title for prerequisite in CATALOGUE}

Json = dict[str, t.Any]


class ActionModule(ControllerAction):
    """Records a run in the history, and compares it with an earlier one."""

    _supports_diff = True

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        "findings": {"type": "dict"},
        "history": {"type": "path", "required": True},
        "estate": {"type": "str", "default": "default"},
        "baseline": {"type": "str"},
        "set_baseline": {"type": "str"},
        "record": {"type": "bool", "default": True},
        "keep": {"type": "int", "default": 400},
        "max_unverified": {"type": "int", "default": 25},
        "trend_limit": {"type": "int", "default": 30},
        "dest": {"type": "path"},
        "show": {"type": "bool", "default": False},
    }

    def work(self, options: Json) -> Json:
        """Return what drifted. Without findings, tell only whether the history can be used."""
        _check(options)
        write = options["record"] and not self._task.check_mode
        with _history.opened(Path(options["history"]), write=write) as history, history.transaction(write=write):
            if options["findings"] is None:
                return {"recorded": False, "trend": _look(history, options)}
            result = _compare(history, options, write=write)
        if options["dest"]:
            _files.write(Path(options["dest"]) / "drift.json", _formats.to_json(result["drift"]))
        if options["show"]:
            Display().display("\n" + _drift_terminal.render(result["drift"]))
        return result


def _check(options: Json) -> None:
    """Refuse what cannot work, before the history is opened."""
    for name, (least, most) in _LEAST.items():
        if options[name] < least or (most is not None and options[name] > most):
            raise InvalidOptionError(
                expected=f"option {name} to be {f'from {least} to {most}' if most else f'{least} or more'}",
                observed=str(options[name]),
            )
    for name in ("estate", "baseline", "set_baseline"):
        if options[name] is not None and not (options[name].strip() and options[name].isprintable()):
            raise InvalidOptionError(
                expected=f"option {name} to be a name on one line",
                observed=repr(options[name]),
                next_step="give it a name, or leave it out",
            )
    if options["set_baseline"] and not options["record"]:
        raise InvalidOptionError(
            expected="option set_baseline together with record: only a run that is recorded can bear a name",
            observed="record is false",
            next_step="leave out one of the two",
        )
    absent = _KEYS.difference(_KEYS if options["findings"] is None else options["findings"])
    if absent:
        raise InvalidOptionError(
            expected="option findings to be the whole result of configmgr.tenant_attach.judge",
            observed=f"a dictionary without {', '.join(sorted(absent))}",
            next_step="register the judge task, and give the registered variable",
        )


def _look(history: _history.History, options: Json) -> list[Json]:
    if options["baseline"]:
        history.baseline(options["estate"], options["baseline"])
    return history.trend(options["estate"], options["trend_limit"])


def _compare(history: _history.History, options: Json, *, write: bool) -> Json:
    findings, estate, baseline = options["findings"], options["estate"], options["baseline"]
    summary = _drift.summary(findings)
    previous = history.before(estate, summary["collected_at"])
    drift = _drift.compare(
        findings,
        history.baseline(estate, baseline) if baseline else previous,
        estate=estate,
        titles=_TITLES,
        max_unverified=options["max_unverified"],
    )
    run = history.at(estate, summary["collected_at"])
    recorded = write and run is None
    if recorded:
        state = _drift.remember(findings, previous.state if previous else {}, _TITLES)
        run = history.record(estate, summary, state)
    if write and run and options["set_baseline"]:
        history.name_baseline(estate, options["set_baseline"], run)
    if recorded:
        history.prune(estate, options["keep"])
    limit = options["trend_limit"]
    trend = history.trend(estate, limit)
    if run is None:
        # What would have been recorded belongs to the trend all the same.
        trend = sorted([*trend, summary], key=lambda each: each["collected_at"])[-limit:] if limit else []
    return {
        "changed": drift["drifted"],
        "recorded": recorded,
        "drift": drift,
        "trend": trend,
        **({"diff": _drift.diff(drift)} if drift["drifted"] else {}),
    }
