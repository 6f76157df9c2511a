# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that several connections have, as argument specs and as checks. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.parameters import env_fallback

from ._errors import InvalidOptionError

Spec = dict[str, t.Any]


def from_environment(*names: str) -> tuple[t.Any, list[str]]:
    """Return the fallback of an option that the first of these variables gives that is set."""
    return env_fallback, list(names)


def kerberos_spec(prefix: str) -> Spec:
    """Return the options of an account that may sign in with Kerberos; variables of the environment have a prefix."""
    return {
        "username": {"type": "str", "fallback": from_environment(f"{prefix}_USERNAME")},
        "password": {"type": "str", "no_log": True, "fallback": from_environment(f"{prefix}_PASSWORD")},
        "keytab": {"type": "path", "fallback": from_environment(f"{prefix}_KEYTAB")},
        "ccache": {"type": "path", "fallback": from_environment(f"{prefix}_CCACHE")},
    }


def seconds_spec(deadline: int) -> Spec:
    """Return the options of how long anything is waited for."""
    return {"timeout": {"type": "int", "default": 30}, "deadline": {"type": "int", "default": deadline}}


def check_seconds(options: t.Mapping[str, t.Any]) -> None:
    """Refuse to wait for no time at all.

    Raises:
        InvalidOptionError: One of them is less than a second.
    """
    for name in ("timeout", "deadline"):
        if options[name] < 1:
            raise InvalidOptionError(
                expected=f"option {name} to be at least 1 second",
                observed=str(options[name]),
                next_step=f"leave {name} out, or give whole seconds",
            )
