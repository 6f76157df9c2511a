#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of action plugin configmgr.tenant_attach.site_system_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: site_system_info
short_description: Observe a Windows host of Configuration Manager
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Tells what tenant attach depends on and only the host itself knows. These are its WinHTTP proxy, its version of
    Windows and of .NET, its clock, and whether proxy settings are those of the machine.
  - All of it comes from one remote command, through C(reg.exe) and a clock. What cannot be observed is an error in the
    place of the value, and the rest is told all the same.
  - Needs no module and no Python on the host. Works over any connection to the shell C(cmd) or C(powershell).
  - Right needed is to log on to the host, and to read C(HKLM). Any user may do that.
extends_documentation_fragment:
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.windows
seealso:
  - module: configmgr.tenant_attach.winhttp_proxy_info
  - module: configmgr.tenant_attach.judge
"""

EXAMPLES = r"""
- name: Observe the host
  configmgr.tenant_attach.site_system_info:
  register: observed

- name: Say how far its clock is off
  ansible.builtin.debug:
    var: observed.site_system.clock_skew_seconds
"""

RETURN = r"""
site_system:
  description: What the host tells. Each value may be a dictionary with C(error) instead.
  type: dict
  returned: success
  contains:
    hostname:
      description: Name of the host, with its domain.
      type: str
    os:
      description:
        - C(product) and C(build) of Windows, C(revision) of the build, C(release) and C(installation_type).
        - The last three are V(null) where that version of Windows does not have them.
      type: dict
    dotnet_release:
      description: Release number of .NET Framework 4, such as V(528040) for 4.8.
      type: int
    clock_skew_seconds:
      description:
        - By how many seconds the clock of the host is ahead of that of the controller, or behind if negative.
        - The time that the remote command took is allowed for, so this is the least that they differ.
      type: float
    proxy_settings_per_user:
      description:
        - Policy C(ProxySettingsPerUser). If V(false), services use the WinINet proxy of the machine as well.
        - V(null) without such a policy, which means the same as V(true).
      type: bool
    curl:
      description: The line in which C(curl.exe) names its version and its libraries.
      type: str
    winhttp:
      description:
        - WinHTTP settings for programs of 64 bits. These are C(proxy), C(bypass), C(flags) and C(version) of the
          registry value, C(auto_config_url) and C(auto_detect).
        - C(wow64_matches) tells whether programs of 32 bits use the same proxy. V(null) on a host that has none.
      type: dict
  sample:
    hostname: cm-scp01.corp.example.com
    os:
      product: Windows Server 2022 Datacenter
      build: 20348
      revision: 2227
      release: 21H2
      installation_type: Server
    dotnet_release: 528449
    clock_skew_seconds: 0.0
    proxy_settings_per_user: null
    curl: curl 8.9.1 (Windows) libcurl/8.9.1 Schannel zlib/1.3 WinIDN
    winhttp:
      proxy: proxy.corp.example.com:8080
      bypass: ["<local>", "*.corp.example.com"]
      flags: 3
      version: 40
      auto_config_url: null
      auto_detect: false
      wow64_matches: true
"""
