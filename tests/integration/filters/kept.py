# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the playbooks in `targets` hand on what a plugin returned.

The module `copy` would do, but it starts two programs, which take longer than most of what is tested: for each of
thirty hosts, these take most of the time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


def kept(content: str, path: str) -> bool:
    """Write a text to a file that nobody else may read."""
    file = Path(path)
    file.touch(mode=0o600)
    file.write_text(str(content), encoding="utf-8")
    return True


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[[str, str], bool]]:
        return {"kept": kept}
