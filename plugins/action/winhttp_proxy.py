# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugin configmgr.tenant_attach.winhttp_proxy."""

from __future__ import annotations

import json
import typing as t

from ..module_utils._errors import InvalidOptionError
from ..module_utils.act._change import carry_out
from ..module_utils.network import _bypass, _proxy
from ..plugin_utils._action import WindowsAction
from ..plugin_utils.act._winhttp import NO_PROXY, ProxyChange, WantedProxy
from ..plugin_utils.windows import _winhttp

if t.TYPE_CHECKING:
    from ..plugin_utils.windows._console import Console

_Views = t.Sequence["_winhttp.View | _winhttp.Target"]


class ActionModule(WindowsAction):
    """Sets the WinHTTP proxy of a Windows host."""

    _supports_diff = True

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "proxy": {"type": "raw"},
        "bypass": {"type": "list", "elements": "str", "default": []},
        "bypass_mode": {"type": "str", "choices": ["add", "exact"], "default": "add"},
    }

    def observe(self, console: Console, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return the proxy as it is, once it is as it should be."""
        wanted = _wanted(options)
        before = _winhttp.parse(console.run(*_winhttp.READ))
        target = wanted.target(before) if wanted else NO_PROXY
        if all(_winhttp.agree(view, target) for view in before.views):
            return _result(before.views, before.views)
        # What cannot be given to the host is refused in check mode too.
        change = ProxyChange(console, before, target)
        if not self._task.check_mode:
            carry_out(change)
        after = [view if _winhttp.agree(view, target) else target for view in before.views]
        return {**_result(before.views, after), "changed": True}


def _wanted(options: dict[str, t.Any]) -> WantedProxy | None:
    """Return what the task asks for, None for no proxy. Refused before the host is asked for anything."""
    state, proxy, bypass = options["state"], options["proxy"], options["bypass"]
    if state != "present":
        if proxy or bypass:
            raise InvalidOptionError(
                expected=f"neither proxy nor bypass together with state {state}",
                observed="proxy" if proxy else "bypass",
                next_step="leave it out, or set state to present",
            )
        return None
    if proxy is None and not bypass:
        raise InvalidOptionError(
            expected="option proxy or option bypass",
            observed="neither",
            next_step="give the proxy; to have none, set state to absent",
        )
    if proxy is not None and not isinstance(proxy, (str, dict)):
        raise InvalidOptionError(
            expected="option proxy to be a text or a dictionary of schemes",
            observed=type(proxy).__name__,
            next_step='write "proxy.example.com:8080", or {http: "a.example.com:80", https: "b.example.com:443"}',
        )
    return WantedProxy(
        _proxy.Proxy() if proxy is None else _proxy.check(proxy),
        _bypass.check(bypass),
        options["bypass_mode"] == "exact",
    )


def _result(before: _Views, after: _Views) -> dict[str, t.Any]:
    was, now = _winhttp.show(before), _winhttp.show(after)
    return {
        "proxy": now["proxy"],
        "bypass": now["bypass"],
        "wow64_matches": _winhttp.agree(*after) if len(after) > 1 else None,
        "before": was,
        "after": now,
        "diff": {"before": _text(was), "after": _text(now)},
    }


def _text(shown: dict[str, t.Any]) -> str:
    return json.dumps(shown, indent=2) + "\n"
