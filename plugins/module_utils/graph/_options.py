# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From module options to a client of Microsoft Graph: the one place that knows both. PRIVATE to the collection."""

from __future__ import annotations

import os
import typing as t
from urllib.parse import urlsplit

from ansible.module_utils.errors import AnsibleFallbackNotFound

from .._connection import check_seconds, from_environment, seconds_spec
from .._deadline import Deadline
from .._errors import InvalidOptionError
from ..https._route import Route, check_proxy
from ..product._clouds import AZURE_NAMES, CLOUDS
from ._client import Graph
from ._tokens import Identity

Options = t.Mapping[str, t.Any]


def argument_spec() -> dict[str, t.Any]:
    """Return the connection options of doc fragment graph."""
    return {
        "tenant_id": {
            "type": "str",
            "aliases": ["tenant"],
            "fallback": from_environment("AZURE_TENANT_ID", "AZURE_TENANT"),
        },
        "client_id": {"type": "str", "fallback": from_environment("AZURE_CLIENT_ID")},
        "client_secret": {
            "type": "str",
            "aliases": ["secret"],
            "no_log": True,
        },
        "certificate_path": {"type": "path"},
        "certificate_password": {"type": "str", "no_log": True},
        # A path, and no secret itself.
        "federated_token_file": {"type": "path", "no_log": False},
        "managed_identity": {"type": "bool", "default": False},
        "access_token": {"type": "str", "no_log": True},
        "cloud": {"type": "str", "choices": list(CLOUDS), "default": "public", "fallback": (_cloud, [])},
        "authority_url": {"type": "str", "fallback": from_environment("AZURE_AUTHORITY_HOST")},
        "graph_url": {"type": "str"},
        "ca_path": {"type": "path"},
        "validate_certs": {"type": "bool", "default": True},
        **seconds_spec(deadline=300),
        # It may carry the password of the proxy.
        "proxy_url": {"type": "str", "no_log": True, "fallback": from_environment("HTTPS_PROXY", "https_proxy")},
    }


# The proofs of an identity, in the order in which the environment is asked for one, where no option gives one.
_FROM_ENVIRONMENT = (
    ("client_secret", ("AZURE_CLIENT_SECRET", "AZURE_SECRET")),
    ("certificate_path", ("AZURE_CLIENT_CERTIFICATE_PATH",)),
    ("federated_token_file", ("AZURE_FEDERATED_TOKEN_FILE",)),
)
_PASSWORD = "AZURE_CLIENT_CERTIFICATE_PASSWORD"  # noqa: S105  # The name of a variable.


def _cloud() -> str:
    """Return the cloud that the environment names as azure.azcollection does."""
    name = os.environ.get("AZURE_CLOUD_ENVIRONMENT", "").lower()
    if not name:
        raise AnsibleFallbackNotFound
    return AZURE_NAMES.get(name, name)


def connect(options: Options) -> Graph:
    """Return a client of Microsoft Graph.

    Raises:
        InvalidOptionError: Options cannot work; raised before any call.
    """
    check_seconds(options)
    if options["proxy_url"]:
        check_proxy(options["proxy_url"])
    cloud = CLOUDS[options["cloud"]]
    authority = _base(options["authority_url"] or cloud.login, "authority_url")
    graph = _base(options["graph_url"] or cloud.graph, "graph_url")
    identity = _identity(options)
    identity.check()
    route = Route(
        ca_path=options["ca_path"],
        validate_certs=options["validate_certs"],
        proxy_url=None if _bypassed(graph, authority) else options["proxy_url"],
    )
    route.context()
    return Graph(
        identity,
        authority=authority,
        graph=graph,
        route=route,
        timeout=float(options["timeout"]),
        deadline=Deadline(options["deadline"]),
    )


def _identity(options: Options) -> Identity:
    found = {name: options[name] for name in Identity.__dataclass_fields__}
    given = [name for name, _unused in _FROM_ENVIRONMENT if found[name]]
    if not given and not found["managed_identity"] and not found["access_token"]:
        for name, variables in _FROM_ENVIRONMENT:
            value = next((os.environ[each] for each in variables if os.environ.get(each)), None)
            if value is not None:
                found[name] = value
                break
    if found["certificate_path"] and not found["certificate_password"]:
        found["certificate_password"] = os.environ.get(_PASSWORD)
    return Identity(**found)


def _bypassed(*urls: str) -> bool:
    """Tell whether the environment exempts all these hosts from the proxy, as a local test service is."""
    named = os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or ""
    exempt = [each.strip().lstrip(".").lower() for each in named.split(",") if each.strip()]
    hosts = [str(urlsplit(url).hostname) for url in urls]
    return all(any(each in {"*", host} or host.endswith(f".{each}") for each in exempt) for host in hosts)


def _base(url: str, option: str) -> str:
    text = url.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        # Nothing but scheme, host and port: what follows would end up in the middle of an address.
        alone = text.lower() == f"https://{parts.netloc}".lower() and "@" not in parts.netloc
        usable = alone and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InvalidOptionError(
            expected=f"option {option} to be an https URL without a path",
            observed="something else",
            where=option,
            next_step="for example https://graph.microsoft.com",
        )
    return text
