# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run modules as Ansible does: options in, JSON on standard output."""

from __future__ import annotations

import json
import typing as t

import pytest

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:
    # ansible-core 2.18 has no such helper.
    from contextlib import contextmanager
    from unittest.mock import patch

    @contextmanager
    def patch_module_args(args: dict[str, t.Any]) -> t.Iterator[None]:
        """Give options to the next module, which warns of what it saw itself."""
        options = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
        with (
            patch("ansible.module_utils.basic._ANSIBLE_ARGS", options),
            patch("ansible.module_utils.common.warnings._global_warnings", []),
        ):
            yield


from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY, HOST


class Ran(t.NamedTuple):
    """How a module ended."""

    code: int
    result: dict[str, t.Any]
    output: str


Run = t.Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a module's main() with a token, unless it is given something else. No secret may come out of it."""

    def run_module(main: t.Callable[[], None], *, check: bool = False, **options: t.Any) -> Ran:
        arguments = {"provider": HOST, "auth": "token", "token": CANARY, **options}
        given = {name: value for name, value in arguments.items() if value is not None}
        with patch_module_args({**given, "_ansible_check_mode": check}), pytest.raises(SystemExit) as ended:
            main()
        written = capsys.readouterr()
        # What Ansible itself repeats of the options has passed no_log already.
        assert CANARY not in written.out + written.err
        return Ran(t.cast("int", ended.value.code), json.loads(written.out), written.out + written.err)

    return run_module
