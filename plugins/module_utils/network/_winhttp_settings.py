# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""STAND-IN until the codec of branch wt-winhttp is merged. PRIVATE to the collection."""

from __future__ import annotations

import typing as t


class Settings(t.NamedTuple):
    """WinHTTP settings."""

    proxy: str
    bypass: str


def decode(blob: bytes) -> Settings:
    """Decode the registry value."""
    size = int.from_bytes(blob[12:16], "little")
    proxy = blob[16 : 16 + size].decode("ascii")
    return Settings(proxy, blob[20 + size :].decode("ascii"))
