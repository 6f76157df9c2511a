# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms that names have: of hosts, accounts and objects. Pure. PRIVATE to the collection."""

from __future__ import annotations

import re

_SID = re.compile(r"S-1-\d{1,15}(-\d{1,10}){1,15}", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def same_host(one: str, other: str) -> bool:
    """Tell whether two names are of one host. Either may be short, as in SMS_ComponentSummarizer.MachineName."""
    first, second = one.rstrip(".").casefold(), other.rstrip(".").casefold()
    if "." in first and "." in second:
        return first == second
    return bool(first) and first.partition(".")[0] == second.partition(".")[0]


def is_principal_name(text: str) -> bool:
    """Tell whether a text is a user principal name, and no logon name and no path."""
    local, at, domain = text.partition("@")
    return bool(local and at and domain) and not set(text) & set(" /\\")


def is_sid(text: str) -> bool:
    """Tell whether a text is a SID."""
    return _SID.fullmatch(text) is not None


def is_guid(text: str) -> bool:
    """Tell whether a text has the form of an object id."""
    return _GUID.fullmatch(text) is not None


def guid_in(text: str) -> str | None:
    """Return the first object id in a text, in lower case."""
    found = _GUID.search(text)
    return found[0].lower() if found else None
