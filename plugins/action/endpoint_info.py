# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Action plugin configmgr.tenant_attach.endpoint_info."""

from __future__ import annotations

import typing as t

from ..module_utils._errors import AnswerError, InvalidOptionError
from ..module_utils.network import _bypass, _endpoints, _outcomes, _probe, _proxy, _urls
from ..module_utils.network._winhttp_settings import DIRECT, NAMED, Settings
from ..plugin_utils._action import ControllerAction
from ..plugin_utils.windows import _winhttp
from ..plugin_utils.windows._console import LIMITS, Console

# What the console itself adds to a remote command.
_OVERHEAD = 300
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
        "site_system": {"type": "dict"},
    }

    def work(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        """Return how each endpoint is seen from the host."""
        console = Console(self)
        windows = console.windows
        # All that can be refused is refused before the host is asked for anything.
        targets = _targets(options)
        proxy = _chosen_proxy(options["proxy"], windows=windows)
        trust = _trust(options, windows=windows)
        _check_timeout(options["timeout"])

        known = _known(options["site_system"]) if windows else None
        curl, settings = known or _visit(console, windows=windows, read_settings=proxy == "winhttp")
        probes = [_probe.Probe(target, _route(proxy, settings, target.url)) for target in targets]
        limit = LIMITS[console.family] - _OVERHEAD
        visits = _probe.visits(probes, curl, trust, timeout=float(options["timeout"]), limit=limit)
        outputs = [output for visit in visits for output in console.run(*visit.commands)]
        seen: _outcomes.Transfers = {}
        for output in outputs:
            seen |= _outcomes.transfers(output.stdout)
        if not seen:
            raise _no_answer(outputs[0].observed, curl)
        rows = [_outcomes.outcome(probe, seen, curl, options["known_issuers"]) for probe in probes]
        return {"endpoints": rows, "commands": console.count}


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


def _known(site_system: dict[str, t.Any] | None) -> tuple[_probe.Curl, Settings] | None:
    """Return the curl of the host and its WinHTTP settings as site_system_info saw them, None if it did not."""
    seen = site_system or {}
    banner, winhttp = seen.get("curl"), seen.get("winhttp")
    if not isinstance(banner, str) or not isinstance(winhttp, dict) or "proxy" not in winhttp:
        return None
    named = str(winhttp["proxy"] or "")
    settings = Settings(named, _bypass.text(winhttp.get("bypass") or ()), NAMED if named else DIRECT)
    return _probe.curl_of(banner, windows=True), settings


def _visit(console: Console, *, windows: bool, read_settings: bool) -> tuple[_probe.Curl, Settings | None]:
    """Return the curl of the host, and its WinHTTP settings, with one remote command."""
    commands = _winhttp.READ_NATIVE if read_settings else ()
    version, *outputs = console.run([_probe.program(windows=windows), "--version"], *commands)
    curl = _probe.curl_of(version.stdout, windows=windows)
    # curl.exe and the site's services are programs of 64 bits.
    return curl, _winhttp.parse_native(outputs).settings if read_settings else None


def _route(proxy: str, settings: Settings | None, url: str) -> str | None:
    """Return the proxy for a URL, None for the direct way."""
    if proxy == "none":
        return None
    if proxy != "winhttp":
        return proxy
    return None if settings is None else _proxy.proxy_for(settings, url)


def _no_answer(observed: str, curl: _probe.Curl) -> AnswerError:
    return AnswerError(
        expected="curl to tell how each transfer ended",
        observed=observed,
        where=f"{curl.program} {curl.version[0]}.{curl.version[1]}",
        next_step="run the task again with -vvv, and look at what curl printed",
    )
