# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The WinHTTP proxy of a Windows host, in both of its registry views. PRIVATE to the collection.

State is read with reg.exe, and changed with `netsh winhttp`, the tool that Microsoft names. What netsh says is not
believed: it is read back.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError, InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import (
    _bypass,
    _proxy,
    _reg,
    _winhttp_settings,
)
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._winhttp_settings import KEY, VALUE
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._console import SystemPath

if t.TYPE_CHECKING:
    from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils._console import Command, Console, Output

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

    def has(self, target: Target) -> bool:
        """Return whether it is as it should be."""
        return agree(self, target)


class Target(t.NamedTuple):
    """What a view should say."""

    proxy: _proxy.Proxy
    bypass: list[str]

    def netsh(self, program: str) -> Command:
        """Return the command that makes it so."""
        if not self.proxy:
            return (program, "winhttp", "reset", "proxy")
        bypass = [f"bypass-list={_bypass.text(self.bypass)}"] if self.bypass else []
        return (program, "winhttp", "set", "proxy", f"proxy-server={self.proxy.text}", *bypass)


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


class Wish(t.NamedTuple):
    """What a task asks for. Without a proxy, the one that is there stays."""

    proxy: _proxy.Proxy
    bypass: list[str]
    exact: bool

    def target(self, state: State) -> Target:
        """Return what every view should say.

        Raises:
            InvalidOptionError: There is no proxy, neither asked for nor there.
        """
        proxy = self.proxy or state.native.proxy
        if not proxy:
            raise InvalidOptionError(
                expected="option proxy, where the host has no WinHTTP proxy yet",
                observed="option bypass alone",
                next_step="give the proxy: WinHTTP keeps no bypass list without one",
            )
        if self.exact:
            return Target(proxy, self.bypass)
        # What either view has is kept for both: programs of 32 and of 64 bits reach the same hosts.
        present = _bypass.unique(entry for view in state.views for entry in view.bypass)
        return Target(proxy, [*present, *_bypass.missing(self.bypass, present)])


NO_PROXY = Target(_proxy.Proxy(), [])


class Change:
    """The change of a host to what it should be.

    Args:
        console: The console of the host.
        before: How it is.
        target: How it should be.

    Raises:
        InvalidOptionError: A value cannot be given to the host, or not be restored. Nothing was changed.
    """

    def __init__(self, console: Console, before: State, target: Target) -> None:
        self._console = console
        self._before = before
        self._target = target
        self._netsh = [
            target.netsh(program)
            for program, view in zip(("netsh.exe", NETSH32), before.views, strict=False)
            if not view.has(target)
        ]
        self._restoring = [_write(view.blob, name) for name, view in zip(VIEWS, before.views, strict=False)]
        console.check(*self._netsh, *self._restoring)

    def make(self) -> None:
        """Make it, and read it back.

        Raises:
            AnswerError: It did not take. The old state is restored, or the error says that it is not.
        """
        outputs = self._console.run(*self._netsh, *READ)
        said, told = outputs[: len(self._netsh)], outputs[len(self._netsh) :]
        observed = [f"{command[0]}: {output.observed}" for command, output in zip(self._netsh, said, strict=True)]
        try:
            after: State | None = parse(told)
        except AnswerError as exc:
            after = None
            observed.append(f"no state to read back: {exc.observed}")
        if after:
            if all(view.has(self._target) for view in after.views) and not any(output.rc for output in said):
                return
            observed.append(f"the registry says {show(after.views)}")
        raise AnswerError(
            expected=f"netsh to set {shown(*self._target)}",
            observed="; ".join([*observed, self._restore(after)]),
            where=rf"{KEY}\{VALUE}",
            next_step="see whether the account may change the proxy of the machine, "
            "and whether a policy or a program sets it",
            rights=RIGHTS,
        )

    def _restore(self, after: State | None) -> str:
        """Put every view back that is not as it was, and return how that ended."""
        if after and _blobs(after) == _blobs(self._before):
            return "nothing was changed"
        try:
            restored = parse(self._console.run(*self._restoring, *READ)[len(self._restoring) :])
        except AnswerError as exc:
            return f"whether the old state is restored is not known: {exc.observed}"
        if _blobs(restored) == _blobs(self._before):
            return "the old state is restored"
        return (
            f"the old state is NOT restored: the registry says {show(restored.views)}, not {show(self._before.views)}"
        )


def _blobs(state: State) -> list[bytes | None]:
    return [view.blob for view in state.views]


def _write(blob: bytes | None, view: str) -> Command:
    """Return the command that writes a value as it was."""
    if blob is None:
        return ("reg.exe", "delete", KEY, "/v", VALUE, "/f", f"/reg:{view}")
    return ("reg.exe", "add", KEY, "/v", VALUE, "/t", "REG_BINARY", "/d", blob.hex().upper(), "/f", f"/reg:{view}")
