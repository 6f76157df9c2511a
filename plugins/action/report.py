# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugin configmgr.tenant_attach.report."""

from __future__ import annotations

import typing as t
from pathlib import Path

from ansible.utils.display import Display

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._action import ControllerAction
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.report import _files, _terminal

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
            "choices": list(_files.FORMATS),
            "default": list(_files.FORMATS),
        },
        "show": {"type": "bool", "default": False},
        "trend": {"type": "list", "elements": "dict", "default": []},
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
            directory / _files.FORMATS[name].file: _files.FORMATS[name].render(document) for name in options["formats"]
        }
        if options["evidence"] is not None:
            texts[directory / "evidence.json"] = _files.to_json(options["evidence"])
        for path, text in texts.items():
            _files.write(path, text)
        if options["show"]:
            Display().display("\n" + _terminal.render(document))
        return {"files": [str(path) for path in texts]}
