# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The URLs that a user gives: what stands on a command line of three shells is plain, or is refused. PRIVATE."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .._errors import InvalidOptionError

# RFC 1123 labels: what stands in a URL must be able to stand there.
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE)
_PATH = re.compile(r"(/[A-Za-z0-9._~/-]*)?")


def check_endpoint(url: str) -> str:
    """Return the URL of an endpoint, with scheme and host in lower case.

    Raises:
        InvalidOptionError: It is none.
    """
    plain = _plain(url)
    if plain is None:
        raise InvalidOptionError(
            expected="each URL in option endpoints to be scheme, host and at most port and path",
            observed=_shown(url),
            next_step="for example https://manage.microsoft.com; a wildcard cannot be probed, only a host below it",
        )
    return plain


def check_proxy(url: str) -> str:
    """Return the URL of a proxy.

    Raises:
        InvalidOptionError: It is none, or holds a password, which would stand in the process list of the host.
    """
    plain = _plain(url)
    if plain is None or urlsplit(plain).path:
        raise InvalidOptionError(
            expected="option proxy to be winhttp, none or the URL of a proxy, without user and password",
            observed=_shown(url),
            next_step="for example http://proxy.contoso.com:8080",
        )
    return plain


def _plain(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    formed = HOST.fullmatch(host) is not None and _PATH.fullmatch(parts.path) is not None
    usable = formed and parts.scheme in {"http", "https"} and port != 0
    plain = f"{parts.scheme}://{host}{'' if port is None else f':{port}'}{parts.path}"
    # Nothing else may have been in it: user, query, fragment, blanks that the parser drops.
    return plain if usable and plain.casefold() == url.casefold() else None


def _shown(url: str) -> str:
    return "something else, not shown here as it may hold a password" if "@" in url else repr(url[:200])
