# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user declares because no interface of the product tells it. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, fields

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._strict import refuse_unknown

VARIABLE = "tenant_attach_expectations"
CHOICES = {
    "cloud": ("public", "us_gov_gcc_high", "us_gov_dod", "china"),
    "provider_authentication_level": ("windows", "certificate", "windows_hello"),
}
US_GOVERNMENT = ("us_gov_gcc_high", "us_gov_dod")


@dataclass(frozen=True)
class Expectations:
    """Declared facts. None stands for not declared.

    Args:
        cloud: The cloud of the tenant.
        provider_authentication_level: The setting of the hierarchy, in Hierarchy Settings, tab Authentication.
        entra_user_discovery: Whether Microsoft Entra user discovery is on.
        attached: Whether the hierarchy is meant to be attached already.
    """

    cloud: str | None = None
    provider_authentication_level: str | None = None
    entra_user_discovery: bool | None = None
    attached: bool | None = None


NAMES = tuple(field.name for field in fields(Expectations))


def parse(declared: t.Mapping[str, t.Any] | None) -> Expectations:
    """Return the declared facts.

    Raises:
        InvalidOptionError: A name or a value is not valid.
    """
    declared = declared or {}
    if not isinstance(declared, t.Mapping):
        raise _invalid(VARIABLE, "a dictionary", declared)
    refuse_unknown(declared, NAMES, f"each key of {VARIABLE}")
    for name, value in declared.items():
        if value is None:
            continue
        choices = CHOICES.get(name)
        if choices is None and not isinstance(value, bool):
            raise _invalid(f"{VARIABLE}.{name}", "true or false", value)
        if choices is not None and value not in choices:
            raise _invalid(f"{VARIABLE}.{name}", f"one of {', '.join(choices)}", value)
    return Expectations(**declared)


def _invalid(name: str, wanted: str, value: t.Any) -> InvalidOptionError:
    return InvalidOptionError(expected=f"{name} to be {wanted}", observed=repr(value), next_step="correct the variable")
