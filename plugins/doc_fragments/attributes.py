# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every module says about check mode, diff mode and idempotence."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of plugins."""

    # Plugins that only read.
    READER = r"""
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Reads only, and does the same in check mode.
  diff_mode:
    description: Returns a diff where it changes something.
    support: N/A
    details: Changes nothing.
  idempotent:
    description: Running it again changes nothing more.
    support: full
"""

    # Modules that make things as they are declared.
    WRITER = r"""
attributes:
  check_mode:
    description: Can run in check mode.
    support: full
    details: Reads all that the run would read, writes nothing, and returns the same C(changed) and C(diff).
  diff_mode:
    description: Returns a diff where it changes something.
    support: full
  idempotent:
    description: Running it again changes nothing more.
    support: full
"""

    # Modules, which run on the execution node.
    NODE = r"""
attributes:
  platform:
    description: Where it runs.
    platforms: posix
    support: full
    details: Runs on the execution node. The Configuration Manager hosts are not logged on to.
"""

    # Plugins of the controller.
    CONTROLLER = r"""
attributes:
  action:
    description: Has an action plugin that runs on the controller.
    support: full
  platform:
    description: Where it runs.
    platforms: all
    support: full
    details: Runs on the controller, whatever the host of the play is.
"""

    # Plugins for Windows hosts.
    WINDOWS = r"""
attributes:
  action:
    description: Has an action plugin that runs on the controller.
    support: full
  platform:
    description: Where it runs.
    platforms: windows
    support: full
    details: Sends console commands to the host. Nothing is put on it.
"""

    ADMINSERVICE_GROUP = r"""
attributes:
  action_group:
    description: Use the action group to set the connection once, in C(module_defaults).
    support: full
    membership: [configmgr.tenant_attach.adminservice]
"""

    GRAPH_GROUP = r"""
attributes:
  action_group:
    description: Use the action group to set the connection once, in C(module_defaults).
    support: full
    membership: [configmgr.tenant_attach.graph]
"""

    DIRECTORY_GROUP = r"""
attributes:
  action_group:
    description: Use the action group to set the connection once, in C(module_defaults).
    support: full
    membership: [configmgr.tenant_attach.directory]
"""
