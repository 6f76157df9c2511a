# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""STAND-IN until the matching of branch wt-winhttp is merged. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from fnmatch import fnmatch
from urllib.parse import urlsplit

if t.TYPE_CHECKING:
    from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._winhttp_settings import Settings


def proxy_for(settings: Settings, url: str) -> str | None:
    """Return the proxy of a URL."""
    host = urlsplit(url).hostname or ""
    direct = any(fnmatch(host, pattern) for pattern in settings.bypass.split(";"))
    return None if direct else settings.proxy or None
