# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The one place that imports python-ldap, which may be missing. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import MissingLibraryError

try:
    import ldap
    import ldap.controls
    import ldap.sasl

    LDAP_ERROR: type[Exception] = ldap.LDAPError
except ImportError:
    ldap = None
    # Nothing raises it.
    LDAP_ERROR = MissingLibraryError


def library() -> t.Any:
    """Return python-ldap.

    Raises:
        MissingLibraryError: It is not installed.
    """
    if ldap is None:
        raise MissingLibraryError(
            expected="the Python library python-ldap on the execution node",
            observed="it cannot be imported",
            next_step="install the collection's requirements-directory.txt, and its system packages (bindep.txt), "
            "for the interpreter that runs the module",
        )
    return ldap
