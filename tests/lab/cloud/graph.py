# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft Graph."""

from __future__ import annotations

from aiohttp import web

from .common import Cloud


class GraphService:
    """Answers the requests that Graph receives."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and log it."""
        return web.Response(status=503)
