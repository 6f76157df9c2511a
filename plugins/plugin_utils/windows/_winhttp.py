# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WinHTTP proxy of a Windows host, in both of its registry views. PRIVATE to the collection.

It is read with reg.exe. How it is changed stands in the room `act`.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ...module_utils._errors import AnswerError
from ...module_utils.network import _bypass, _proxy, _reg, _winhttp_settings
from ...module_utils.network._winhttp_settings import KEY, VALUE
from ._console import SystemPath

if t.TYPE_CHECKING:
    from ._console import Command, Output

RIGHTS = ("Windows: member of the local group Administrators",)
NETSH32 = SystemPath(r"SysWOW64\netsh.exe")
_PARENT, _slash, _NAME = KEY.rpartition("\\")
# What programs of 64 bits see, and those of 32 bits.
VIEWS = ("64", "32")

# The whole key and not its one value: only so is a value that is not there told from one that cannot be read. On a new
# machine the key itself may be missing; the one above it tells. Then whether there are programs of 32 bits at all.
READ: tuple[Command, ...] = (
    *(("reg.exe", "query", key, f"/reg:{view}") for view in VIEWS for key in (KEY, _PARENT)),
    ("dir", "/b", NETSH32),
)
# What tells the settings of programs of 64 bits alone.
READ_NATIVE = READ[:2]


@dataclass(frozen=True)
class View:
    """One view of the registry: the value as it stands, None if it is not there, and what it says."""

    blob: bytes | None
    settings: _winhttp_settings.Settings

    @property
    def proxy(self) -> _proxy.Proxy:
        """The proxy in use."""
        return _proxy.parse(self.settings.named_proxy)

    @property
    def bypass(self) -> list[str]:
        """The bypass list of the proxy in use."""
        return _bypass.parse(self.settings.bypass) if self.settings.named_proxy else []


class Target(t.NamedTuple):
    """What a view should say."""

    proxy: _proxy.Proxy
    bypass: list[str]


class State(t.NamedTuple):
    """The WinHTTP proxy of a host. Without programs of 32 bits, their view is None."""

    native: View
    wow64: View | None

    @property
    def views(self) -> list[View]:
        """The views that count."""
        return [self.native, *([self.wow64] if self.wow64 else [])]

    @property
    def wow64_matches(self) -> bool | None:
        """Whether programs of 32 bits use the same proxy. None where there are none."""
        return None if self.wow64 is None else agree(self.native, self.wow64)


def agree(one: View | Target, other: View | Target) -> bool:
    """Return whether two say the same, in whatever words."""
    return _proxy.same(one.proxy, other.proxy) and _bypass.same(one.bypass, other.bypass)


def shown(proxy: _proxy.Proxy, bypass: t.Sequence[str]) -> dict[str, t.Any]:
    """Return a proxy with its bypass list, as results have them."""
    return {"proxy": proxy.text or None, "bypass": list(bypass)}


def show(views: t.Sequence[View | Target]) -> dict[str, t.Any]:
    """Return the views of a host, as results have them."""
    native, *wow64 = (shown(view.proxy, view.bypass) for view in views)
    return {**native, "wow64": wow64[0] if wow64 else None}


def parse(outputs: t.Sequence[Output]) -> State:
    """Return what the commands of READ tell.

    Raises:
        AnswerError: They do not tell it, or a value is damaged.
    """
    native = _view(outputs[0], outputs[1], "64")
    has_wow64 = NETSH32.rpartition("\\")[2] in outputs[4].stdout.lower()
    return State(native, _view(outputs[2], outputs[3], "32") if has_wow64 else None)


def parse_native(outputs: t.Sequence[Output]) -> View:
    """Return what the commands of READ_NATIVE tell.

    Raises:
        AnswerError: They do not tell it, or the value is damaged.
    """
    key, parent = outputs
    return _view(key, parent, VIEWS[0])


def _view(key: Output, parent: Output, view: str) -> View:
    where = rf"{KEY} /reg:{view}"
    listing, above = _reg.parse(key.stdout), _reg.parse(parent.stdout)
    # A program that ends well and shows nothing has not shown that there is nothing.
    readable = listing or above.has_key(_NAME) if key.rc == 0 else above and not above.has_key(_NAME)
    if not readable:
        raise AnswerError(
            expected="reg.exe to read the WinHTTP settings",
            observed=(parent if key.rc == 0 else key).observed,
            where=where,
            next_step="check that the account may read this key, and that reg.exe may run",
            rights=RIGHTS,
        )
    value = listing.value(VALUE) if key.rc == 0 else None
    if value is None:
        return View(None, _winhttp_settings.Settings())
    blob = value.binary(where)
    return View(blob, _winhttp_settings.decode(blob, where=rf"{where} {VALUE}"))
