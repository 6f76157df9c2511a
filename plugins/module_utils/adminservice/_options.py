# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From module options to clients of AdminService: the one place that knows both. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._connection import check_seconds, from_environment, kerberos_spec, seconds_spec
from .._deadline import Deadline
from .._errors import InvalidOptionError
from ..https._route import Route, check_proxy, split_host
from ._auth import METHODS, Credentials
from ._client import AdminService

Options = t.Mapping[str, t.Any]


def argument_spec() -> dict[str, t.Any]:
    """Return the connection options of doc fragment adminservice."""
    return {
        "provider": {"type": "str", "required": True, "fallback": from_environment("CONFIGMGR_PROVIDER")},
        "auth": {
            "type": "str",
            "choices": list(METHODS),
            "default": "kerberos",
            "fallback": from_environment("CONFIGMGR_AUTH"),
        },
        **kerberos_spec("CONFIGMGR"),
        "token": {"type": "str", "no_log": True, "fallback": from_environment("CONFIGMGR_TOKEN")},
        "ca_path": {"type": "path", "fallback": from_environment("CONFIGMGR_CA_PATH")},
        "validate_certs": {"type": "bool", "default": True},
        **seconds_spec(deadline=120),
        # It may carry the password of the proxy.
        "proxy_url": {"type": "str", "no_log": True},
        "connect_to": {"type": "dict", "default": {}},
    }


class Connection:
    """Makes clients for any SMS Provider from the options of one task, all within one deadline.

    Raises:
        InvalidOptionError: Options cannot work; raised before any call.
    """

    def __init__(self, options: Options) -> None:
        check_seconds(options)
        host, _port = split_host(options["provider"], default_port=443, option="provider")
        for target in options["connect_to"].values():
            split_host(str(target), default_port=443, option="connect_to")
        if options["proxy_url"]:
            check_proxy(options["proxy_url"])
        if options["proxy_url"] and options["connect_to"]:
            raise InvalidOptionError(
                expected="either option proxy_url or option connect_to",
                observed="both",
                next_step="leave connect_to out: behind a proxy, the proxy resolves names",
            )
        self.provider: str = options["provider"]
        self.deadline = Deadline(options["deadline"])
        self._timeout = float(options["timeout"])
        names = ("username", "password", "token", "keytab", "ccache")
        self._credentials = Credentials(options["auth"], **{name: options[name] for name in names})
        self._credentials.check()
        self._credentials.check_host(host)
        self._route = Route(
            ca_path=options["ca_path"],
            validate_certs=options["validate_certs"],
            proxy_url=options["proxy_url"],
            connect_to={str(host).lower(): str(target) for host, target in options["connect_to"].items()},
        )
        self._route.context()

    def client(self, provider: str | None = None, build: int | None = None) -> AdminService:
        """Return a client of a provider, by default of the one in the options."""
        return AdminService(
            provider or self.provider,
            credentials=self._credentials,
            route=self._route,
            timeout=self._timeout,
            deadline=self.deadline,
            build=build,
        )
