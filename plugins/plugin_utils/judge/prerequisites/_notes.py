# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""PRIVATE to the collection: limits of tenant attach that no check can find, and every reader should know."""

from __future__ import annotations

from ._model import DOCS

NOTES = (
    {
        "id": "graph_device_lists",
        "title": "Attached devices are not in the device lists of Microsoft Graph",
        "text": "Scripts that read managedDevices do not see devices that are attached and not co-managed. Export the "
        "list instead: Intune admin center > Devices > All devices > Export.",
        "source": f"{DOCS}/tenant-attach/prerequisites",
    },
)
