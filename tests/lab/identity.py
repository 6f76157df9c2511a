# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identifiers that the estate and the tenant have in common, made from names."""

from __future__ import annotations

import uuid
import zlib


def sid(relative: int) -> str:
    """A SID of the estate's domain."""
    return f"S-1-5-21-1004336348-1177238915-682003330-{relative}"


def sid_of(name: str) -> str:
    """The SID of an account of the estate."""
    return sid(10000 + zlib.crc32(name.lower().encode()) % 20000)


def guid(name: str) -> str:
    """A GUID that is the same in every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
