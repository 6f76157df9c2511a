# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The change of a host's WinHTTP proxy. PRIVATE to the collection.

It is made with `netsh winhttp`, the tool that Microsoft names. What netsh says is not believed: it is read back.
"""

from __future__ import annotations

import typing as t

from ...module_utils._errors import AnswerError, InvalidOptionError
from ...module_utils.act._change import Change, Ending, Undo
from ...module_utils.network import _bypass, _proxy
from ...module_utils.network._winhttp_settings import KEY, VALUE
from ..windows._winhttp import NETSH32, READ, RIGHTS, VIEWS, State, Target, agree, parse, show, shown

if t.TYPE_CHECKING:
    from ..windows._console import Command, Console, Output


class WantedProxy(t.NamedTuple):
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


class Seen(t.NamedTuple):
    """What a host tells after commands: its state, or else why it does not tell it."""

    state: State | None
    problem: str = ""


class ProxyChange(Change[Seen]):
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
        self._said: list[Output] = []
        self._told: list[Output] = []

    def send(self) -> bool:
        """Run netsh, and at once what reads back: one remote command costs more than all that is in it."""
        self._said = self._run(self._netsh)
        return True

    def _run(self, commands: t.Sequence[Command]) -> list[Output]:
        outputs = self._console.run(*commands, *READ)
        self._told = outputs[len(commands) :]
        return outputs[: len(commands)]

    def read(self, good: t.Callable[[Seen], bool]) -> Seen:  # noqa: ARG002  # The registry shows at once what is there.
        """Return what the last remote command told."""
        try:
            return Seen(parse(self._told))
        except AnswerError as exc:
            return Seen(None, exc.observed)

    def took(self, state: Seen) -> bool:
        """Tell whether every view says what it should, and netsh ended well."""
        if state.state is None or any(output.rc for output in self._said):
            return False
        return all(agree(view, self._target) for view in state.state.views)

    def undo(self, state: Seen) -> None:  # noqa: ARG002  # Every view is written as it was.
        """Put every view back."""
        self._run(self._restoring)

    def undone(self, state: Seen) -> bool:
        """Tell whether every view is as it was, to the byte."""
        return state.state is not None and _blobs(state.state) == _blobs(self._before)

    def failed(self, state: Seen, ending: Ending[Seen]) -> AnswerError:
        """Return the error, with what netsh said and how it ended."""
        observed = [f"{command[0]}: {output.observed}" for command, output in zip(self._netsh, self._said, strict=True)]
        if state.state is None:
            observed.append(f"no state to read back: {state.problem}")
        else:
            observed.append(f"the registry says {show(state.state.views)}")
        return AnswerError(
            expected=f"netsh to set {shown(*self._target)}",
            observed="; ".join([*observed, self._restored(ending)]),
            where=rf"{KEY}\{VALUE}",
            next_step="see whether the account may change the proxy of the machine, "
            "and whether a policy or a program sets it",
            rights=RIGHTS,
        )

    def _restored(self, ending: Ending[Seen]) -> str:
        if ending.undo is Undo.NOTHING:
            return "nothing was changed"
        if ending.undo is Undo.DONE:
            return "the old state is restored"
        now = ending.state or Seen(None, ending.error.observed if ending.error else "")
        if now.state is None:
            return f"whether the old state is restored is not known: {now.problem}"
        return (
            f"the old state is NOT restored: the registry says {show(now.state.views)}, not {show(self._before.views)}"
        )


def _blobs(state: State) -> list[bytes | None]:
    return [view.blob for view in state.views]


def _write(blob: bytes | None, view: str) -> Command:
    """Return the command that writes a value as it was."""
    if blob is None:
        return ("reg.exe", "delete", KEY, "/v", VALUE, "/f", f"/reg:{view}")
    return ("reg.exe", "add", KEY, "/v", VALUE, "/t", "REG_BINARY", "/d", blob.hex().upper(), "/f", f"/reg:{view}")
