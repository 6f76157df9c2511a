# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The change of a host's WinHTTP proxy. PRIVATE to the collection.

It is made with `netsh winhttp`, the tool that Microsoft names. What netsh says is not believed: it is read back.
"""

from __future__ import annotations

import typing as t

from ...module_utils._errors import AnswerError, InvalidOptionError
from ...module_utils.network import _bypass, _proxy
from ...module_utils.network._winhttp_settings import KEY, VALUE
from ..windows._winhttp import NETSH32, READ, RIGHTS, VIEWS, State, Target, agree, parse, show, shown

if t.TYPE_CHECKING:
    from ..windows._console import Command, Console


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


def _netsh(target: Target, program: str) -> Command:
    """Return the command that makes a view say what it should."""
    if not target.proxy:
        return (program, "winhttp", "reset", "proxy")
    bypass = [f"bypass-list={_bypass.text(target.bypass)}"] if target.bypass else []
    return (program, "winhttp", "set", "proxy", f"proxy-server={target.proxy.text}", *bypass)


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
            _netsh(target, program)
            for program, view in zip(("netsh.exe", NETSH32), before.views, strict=False)
            if not agree(view, target)
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
            if all(agree(view, self._target) for view in after.views) and not any(output.rc for output in said):
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
