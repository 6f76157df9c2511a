# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Security identifiers, from the bytes of objectSid to text. PRIVATE to the collection."""

from __future__ import annotations

import struct

_HEAD = 8  # Revision, number of parts, and six bytes of authority.


def sid_text(raw: bytes) -> str:
    """Return the text of a SID.

    Raises:
        ValueError: These are not the bytes of one.
    """
    if len(raw) < _HEAD or raw[0] != 1 or len(raw) != _HEAD + 4 * raw[1]:
        raise ValueError(f"no SID: {raw.hex()}")
    # The authority is big endian, the parts are little endian.
    authority = int.from_bytes(raw[2:_HEAD], "big")
    parts = struct.unpack(f"<{raw[1]}I", raw[_HEAD:])
    return "-".join(str(each) for each in ("S-1", authority, *parts))
