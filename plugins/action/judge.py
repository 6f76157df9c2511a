# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugin configmgr.tenant_attach.judge."""

from __future__ import annotations

import typing as t

from ..plugin_utils._action import ControllerAction
from ..plugin_utils.collect import _stored
from ..plugin_utils.documents import _expectations
from ..plugin_utils.documents._findings import Purpose
from ..plugin_utils.judge import _engine, _severities, _waivers


class ActionModule(ControllerAction):
    """Judges evidence."""

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        "evidence": {"type": "raw", "required": True},
        "expectations": {"type": "dict", "default": {}},
        "waivers": {"type": "list", "elements": "dict", "default": []},
        "severities": {"type": "dict", "default": {}},
        "purpose": {"type": "str", "choices": [each.value for each in Purpose], "default": Purpose.READINESS.value},
        "only": {"type": "list", "elements": "str", "default": []},
        "skip": {"type": "list", "elements": "str", "default": []},
    }

    def work(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the findings document. What was declared is checked first, also where nothing was collected yet."""
        return _engine.judge(
            _stored.load(options["evidence"]),
            _expectations.parse(options["expectations"]),
            purpose=Purpose(options["purpose"]),
            waivers=_waivers.parse(options["waivers"]),
            severities=_severities.parse(options["severities"]),
            only=options["only"],
            skip=options["skip"],
        )
