# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugin configmgr.tenant_attach.endpoint_probe."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError, InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import (
    _endpoints,
    _outcomes,
    _probe,
    _proxy,
    _urls,
    _winhttp_settings,
)
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._action import ControllerAction
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._console import Console

# Longest remote command. cmd.exe takes 8191 characters; PowerShell is started through it with the command in Base64 of
# UTF-16, which makes it 8/3 as long; Linux takes 128 KiB in one argument.
LIMITS = {"cmd": 7500, "powershell": 2700, "sh": 100_000}
WINHTTP_KEY = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections"
_WINHTTP_VALUE = re.compile(r"^\s*WinHttpSettings\s+REG_BINARY\s+([0-9A-F]+)\s*$", re.IGNORECASE | re.MULTILINE)
_LONGEST_WAIT = 300


class ActionModule(ControllerAction):
    """Probes endpoints from the host."""

    _requires_connection = True

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        "endpoints": {"type": "list", "elements": "str"},
        "cloud": {"type": "str", "choices": list(_endpoints.CLOUDS)},
        "release": {"type": "str"},
        "gateway": {"type": "str"},
        "proxy": {"type": "str"},
        "timeout": {"type": "int", "default": 20},
        "ca_path": {"type": "str"},
        "crl_path": {"type": "str"},
        "known_issuers": {"type": "list", "elements": "str", "default": []},
    }

    def work(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return how each endpoint is seen from the host."""
        console = Console(self)
        windows = console.family != "sh"
        # All that can be refused is refused before the host is asked for anything.
        targets = _targets(options)
        proxy = _chosen_proxy(options["proxy"], windows=windows)
        trust = _trust(options, windows=windows)
        _check_timeout(options["timeout"])

        curl, settings = _visit(console, windows=windows, read_settings=proxy == "winhttp")
        probes = [_probe.Probe(target, _route(proxy, settings, target.url)) for target in targets]
        visits = _probe.visits(
            probes, curl, trust, timeout=float(options["timeout"]), limit=LIMITS.get(console.family, LIMITS["cmd"])
        )
        outputs = [output for visit in visits for output in console.run(*visit.commands)]
        seen: _outcomes.Transfers = {}
        for output in outputs:
            seen |= _outcomes.transfers(output.stdout)
        if not seen:
            raise _nothing(outputs[0].rc, outputs[0].stderr, curl)
        rows = [_outcomes.outcome(probe, seen, curl, options["known_issuers"]) for probe in probes]
        return {"endpoints": rows, "commands": 1 + len(visits)}


def _targets(options: dict[str, t.Any]) -> list[_endpoints.Endpoint]:
    """Return the endpoints to probe: those given, or those of the cloud."""
    given, cloud = options["endpoints"], options["cloud"]
    if bool(given) == bool(cloud):
        raise InvalidOptionError(
            expected="either option endpoints or option cloud",
            observed="both" if given else "neither",
            next_step="give the cloud of the tenant for the documented endpoints, or URLs of your own",
        )
    if cloud:
        return list(_endpoints.endpoints_for(cloud, options["release"], options["gateway"]))
    for name in ("release", "gateway"):
        if options[name] is not None:
            raise InvalidOptionError(
                expected=f"option {name} together with option cloud",
                observed="option endpoints",
                next_step=f"leave {name} out, or name the cloud in place of the URLs",
            )
    # The same URL twice is one probe.
    urls = dict.fromkeys(_urls.check_endpoint(url) for url in given)
    return [_endpoints.Endpoint(url, url, "given") for url in urls]


def _chosen_proxy(proxy: str | None, *, windows: bool) -> str:
    if proxy is None:
        return "winhttp" if windows else "none"
    if proxy == "none" or (proxy == "winhttp" and windows):
        return proxy
    if proxy == "winhttp":
        raise InvalidOptionError(
            expected="option proxy to be none or a URL, where the host is no Windows machine",
            observed="'winhttp'",
            next_step="give the URL of the proxy that the service connection point uses",
        )
    return _urls.check_proxy(proxy)


def _trust(options: dict[str, t.Any], *, windows: bool) -> _probe.Trust:
    for name in ("ca_path", "crl_path"):
        path = options[name]
        if path is not None and (windows or not path.startswith("/")):
            raise InvalidOptionError(
                expected=f"option {name} to be an absolute path, on a host that is no Windows machine",
                observed=repr(path),
                next_step=f"leave {name} out: Windows asks its own store" if windows else "give the whole path",
            )
    return _probe.Trust(options["ca_path"], options["crl_path"])


def _check_timeout(timeout: int) -> None:
    if not 1 <= timeout <= _LONGEST_WAIT:
        raise InvalidOptionError(
            expected=f"option timeout to be 1 to {_LONGEST_WAIT} seconds",
            observed=str(timeout),
            next_step="give the time in which all endpoints together have to answer",
        )


def _visit(
    console: Console, *, windows: bool, read_settings: bool
) -> tuple[_probe.Curl, _winhttp_settings.Settings | None]:
    """Return the curl of the host, and its WinHTTP settings, with one remote command."""
    commands = [[_probe.program(windows=windows), "--version"]]
    if read_settings:
        # The whole key, not the value alone: only so is a value that is not there told from a key that cannot be read.
        commands.append(["reg.exe", "query", WINHTTP_KEY, "/reg:64"])
    outputs = console.run(*commands)
    curl = _probe.curl_of(outputs[0].stdout, windows=windows)
    if not read_settings:
        return curl, None
    if outputs[1].rc != 0:
        raise AnswerError(
            expected="reg.exe to read the WinHTTP settings",
            observed=f"exit code {outputs[1].rc}: {outputs[1].stderr.strip()[:200]}",
            where=WINHTTP_KEY,
            next_step="see whether the account may read this key, or set option proxy",
        )
    found = _WINHTTP_VALUE.search(outputs[1].stdout)
    return curl, _winhttp_settings.decode(bytes.fromhex(found[1])) if found else None


def _route(proxy: str, settings: _winhttp_settings.Settings | None, url: str) -> str | None:
    """Return the proxy for a URL, None for the direct way."""
    if proxy == "none":
        return None
    if proxy != "winhttp":
        return proxy
    return None if settings is None else _proxy.proxy_for(settings, url)


def _nothing(rc: int, stderr: str, curl: _probe.Curl) -> AnswerError:
    return AnswerError(
        expected="curl to tell how each transfer ended",
        observed=f"exit code {rc} and nothing else: {stderr.strip()[:200]}",
        where=f"{curl.program} {curl.version[0]}.{curl.version[1]}",
        next_step="run the task again with -vvv, and look at what curl printed",
    )
