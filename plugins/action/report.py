# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugin configmgr.tenant_attach.report."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.utils.display import Display

from ..module_utils._errors import InvalidOptionError
from ..plugin_utils import _files
from ..plugin_utils._action import ControllerAction
from ..plugin_utils.show import _formats, _terminal, _words

_KEYS = frozenset({"schema_version", "collected_at", "hierarchy", "summary", "sites", "findings", "waivers_unused"})


class ActionModule(ControllerAction):
    """Writes reports, and shows the verdict."""

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        "findings": {"type": "dict", "required": True},
        "evidence": {"type": "dict"},
        "dest": {"type": "path", "required": True},
        "formats": {
            "type": "list",
            "elements": "str",
            "choices": list(_formats.FORMATS),
            "default": list(_formats.FORMATS),
        },
        "trend": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "collected_at": {"type": "str", "required": True},
                "verdict": {"type": "str", "choices": list(_words.VERDICTS), "required": True},
                "outcomes": {
                    "type": "dict",
                    "required": True,
                    "options": {outcome: {"type": "int", "required": True} for outcome in _words.ORDER},
                },
                "waived": {"type": "int", "default": 0},
            },
        },
        "show": {"type": "bool", "default": False},
    }

    def work(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Write the files and return their paths."""
        # What `judge` returned carries what Ansible adds to every result.
        document = {key: value for key, value in options["findings"].items() if key not in {"changed", "failed"}}
        absent = _KEYS - document.keys()
        if absent:
            raise InvalidOptionError(
                expected="option findings to be the whole result of configmgr.tenant_attach.judge",
                observed=f"a dictionary without {', '.join(sorted(absent))}",
                next_step="register the judge task, and give the registered variable",
            )
        directory = Path(options["dest"])
        texts = {
            directory / _formats.FORMATS[name].file: _formats.FORMATS[name].text(document, options["trend"])
            for name in options["formats"]
        }
        if options["evidence"] is not None:
            texts[directory / "evidence.json"] = _formats.to_json(options["evidence"])
        for path, text in texts.items():
            _files.write(path, text)
        if options["show"]:
            Display().display("\n" + _terminal.render(document))
        return {"files": [str(path) for path in texts], "verdict": _words.answer(document)}
