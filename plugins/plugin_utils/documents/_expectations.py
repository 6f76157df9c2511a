# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the user declares because no interface of the product tells it. PRIVATE to the collection."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, fields

from ...module_utils._errors import InvalidOptionError
from ...module_utils.product._clouds import CLOUDS
from ...module_utils.product._forms import is_guid, is_principal_name
from .._strict import refuse_unknown

VARIABLE = "tenant_attach_expectations"
CHOICES = {
    "cloud": tuple(CLOUDS),
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
        enforce_configmgr_rbac: Whether actions are checked against the roles of Configuration Manager too, which is the
            default of the product.
        scp_country: Where the service connection point stands, two letters.
        onboarding_account: User principal name of whoever onboards.
        operators: User principal names of those who start actions. Nobody, where the list is empty.
        onboarding_applications: Client ids of applications that were imported for the onboarding.
        sql_ports: By name of a SQL Server, the TCP port of the instance that holds the site database. A default
            instance has 1433 where nothing is declared; the port of a named one stands in no interface.
    """

    cloud: str | None = None
    provider_authentication_level: str | None = None
    entra_user_discovery: bool | None = None
    attached: bool | None = None
    enforce_configmgr_rbac: bool | None = None
    scp_country: str | None = None
    onboarding_account: str | None = None
    operators: tuple[str, ...] | None = None
    onboarding_applications: tuple[str, ...] = ()
    sql_ports: t.Mapping[str, int] = dataclasses.field(default_factory=dict)


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
    return Expectations(**{name: _value(name, value) for name, value in declared.items() if value is not None})


def refuse_detached(expectations: Expectations) -> None:
    """Whoever asks whether tenant attach is on and healthy cannot expect it to be off.

    Raises:
        InvalidOptionError: It was declared to be off.
    """
    if expectations.attached is False:
        raise _invalid(f"{VARIABLE}.attached", "true, or left out, where tenant attach is verified", value=False)


def _value(name: str, value: t.Any) -> t.Any:
    """Return a declared fact as it is compared: neither country nor account has a case."""
    choices = CHOICES.get(name)
    if choices is not None:
        return _checked(name, f"one of {', '.join(choices)}", value, value in choices)
    if name in _LISTS:
        what, check = _LISTS[name]
        fits = isinstance(value, (list, tuple)) and all(isinstance(each, str) and check(each) for each in value)
        _checked(name, f"a list of {what}", value, fits)
        return tuple(dict.fromkeys(each.strip().lower() for each in value))
    if name == "sql_ports":
        fits = isinstance(value, Mapping) and all(_host_and_port(host, port) for host, port in value.items())
        _checked(name, "ports (1 to 65535) by fully qualified name of a SQL Server", value, fits)
        return {host.strip().lower(): port for host, port in value.items()}
    if name == "onboarding_account":
        fits = isinstance(value, str) and _principal(value)
        return str(_checked(name, "a user principal name", value, fits)).strip().lower()
    if name == "scp_country":
        fits = isinstance(value, str) and len(value) == 2 and value.isascii() and value.isalpha()
        return str(_checked(name, "a country as two letters, such as DE", value, fits)).upper()
    return _checked(name, "true or false", value, isinstance(value, bool))


def _principal(text: str) -> bool:
    return is_principal_name(text.strip())


def _host_and_port(host: t.Any, port: t.Any) -> bool:
    number = isinstance(port, int) and not isinstance(port, bool) and 0 < port < 2**16
    return number and isinstance(host, str) and "." in host.strip()


def _guid(text: str) -> bool:
    return is_guid(text.strip())


_LISTS: dict[str, tuple[str, t.Callable[[str], bool]]] = {
    "operators": ("user principal names", _principal),
    "onboarding_applications": ("client ids", _guid),
}


def _checked(name: str, wanted: str, value: t.Any, fits: bool) -> t.Any:
    if not fits:
        raise _invalid(f"{VARIABLE}.{name}", wanted, value)
    return value


def _invalid(name: str, wanted: str, value: t.Any) -> InvalidOptionError:
    return InvalidOptionError(expected=f"{name} to be {wanted}", observed=repr(value), next_step="correct the variable")
