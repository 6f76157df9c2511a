#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of action plugin configmgr.tenant_attach.winhttp_proxy_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: winhttp_proxy_info
short_description: Read the WinHTTP proxy of a Windows host
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Reads the proxy that Windows services use through WinHTTP. The service connection point checks revocation with it.
    It is not the proxy of browsers (WinINet), nor the one that Configuration Manager has for a site system.
  - Reads the state from the registry with C(reg.exe), never from the text of C(netsh), which is in the language of the
    host. Sends one remote command.
  - Needs no module, no PowerShell and no Python on the host. Works over any connection to the shell C(cmd) or
    C(powershell).
  - Right needed is to log on to the host, and to read
    C(HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings). Any user may do that.
extends_documentation_fragment:
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.windows
seealso:
  - module: configmgr.tenant_attach.winhttp_proxy
  - module: configmgr.tenant_attach.site_system_info
  - name: Internet access requirements of Configuration Manager
    description: What the service connection point reaches, and with which proxy.
    link: https://learn.microsoft.com/intune/configmgr/core/plan-design/network/internet-endpoints
"""

EXAMPLES = r"""
- name: Read the proxy
  configmgr.tenant_attach.winhttp_proxy_info:
  register: winhttp

- name: Say what is reached without it
  ansible.builtin.debug:
    var: winhttp.bypass
"""

RETURN = r"""
proxy:
  description: The proxy. V(null) where there is none.
  type: str
  returned: success
  sample: http=proxy.corp.example.com:8080;https=proxy.corp.example.com:3128
bypass:
  description: The entries of the bypass list.
  type: list
  elements: str
  returned: success
  sample: ["<local>", "*.corp.example.com"]
wow64:
  description: The same two for programs of 32 bits. V(null) on a host that has none.
  type: dict
  returned: success
  sample: {"proxy": "proxy.corp.example.com:8080", "bypass": ["<local>", "*.corp.example.com"]}
wow64_matches:
  description: Whether programs of 32 bits use the same proxy and bypass list. V(null) on a host that has none.
  type: bool
  returned: success
  sample: true
"""
