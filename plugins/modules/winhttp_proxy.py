#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of action plugin configmgr.tenant_attach.winhttp_proxy."""

from __future__ import annotations

DOCUMENTATION = r"""
module: winhttp_proxy
short_description: Set the WinHTTP proxy of a Windows host
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Sets the proxy that Windows services use through WinHTTP, which the service connection point checks revocation with.
    It is not the proxy of browsers (WinINet), nor the one that Configuration Manager has for a site system.
  - Reads the state from the registry with C(reg.exe), never from the text of C(netsh), which is in the language of the
    host. Changes it with C(netsh winhttp), for programs of 64 and of 32 bits, where these have a proxy of their own.
  - Keeps entries of the bypass list that others put there, unless O(bypass_mode=exact).
  - Reads back what it wrote. Where a change did not take, the old state is restored and the task fails.
  - Sends one remote command to look, and one more to change and to read back. A third one is only sent to restore.
  - Needs no module, no PowerShell and no Python on the host. Works over any connection to the shell C(cmd) or
    C(powershell).
  - Services take a change when they open their next WinHTTP session. C(SMS_EXECUTIVE) may need a restart.
  - Right needed is membership of the local group Administrators.
extends_documentation_fragment:
  - configmgr.tenant_attach.attributes.writer
  - configmgr.tenant_attach.attributes.windows
options:
  state:
    description:
      - V(present) has the proxy and the bypass list set.
      - V(absent) has no proxy set, neither for programs of 64 bits nor for those of 32.
    type: str
    choices: [present, absent]
    default: present
  proxy:
    description:
      - Host and port of the proxy, such as V(proxy.example.com:8080), or a dictionary with the keys C(http) and
        C(https). A scheme that the dictionary does not name goes direct.
      - If not given, the proxy that the host has stays, and O(bypass) applies to it. There must be one then.
      - Neither a user nor a password. WinHTTP keeps none.
    type: raw
  bypass:
    description:
      - Hosts that are reached without the proxy. A C(*) stands for any characters, as in V(*.corp.example.com).
      - V(<local>) stands for every name without a dot, not for everything inside the company.
    type: list
    elements: str
    default: []
  bypass_mode:
    description:
      - V(add) keeps the entries that are there.
      - V(exact) leaves O(bypass) and nothing else.
    type: str
    choices: [add, exact]
    default: add
seealso:
  - module: configmgr.tenant_attach.winhttp_proxy_info
  - module: configmgr.tenant_attach.site_system_info
  - name: ansible.windows.win_http_proxy
    description: Sets the proxy with PowerShell, and takes the same proxies. It knows one view of the registry.
    link: https://docs.ansible.com/ansible/latest/collections/ansible/windows/win_http_proxy_module.html
  - name: Internet access requirements of Configuration Manager
    description: What the service connection point reaches, and with which proxy.
    link: https://learn.microsoft.com/intune/configmgr/core/plan-design/network/internet-endpoints
"""

EXAMPLES = r"""
- name: Have a proxy, past which everything inside is reached
  configmgr.tenant_attach.winhttp_proxy:
    proxy: proxy.corp.example.com:8080
    bypass: ["<local>", "*.corp.example.com"]

- name: Have a proxy for https only, and no other entries
  configmgr.tenant_attach.winhttp_proxy:
    proxy: {https: "proxy.corp.example.com:3128"}
    bypass: ["*.corp.example.com"]
    bypass_mode: exact

- name: Have no proxy
  configmgr.tenant_attach.winhttp_proxy:
    state: absent
"""

RETURN = r"""
proxy:
  description: The proxy as it is, in check mode as it would be. V(null) where there is none.
  type: str
  returned: success
  sample: http=proxy.corp.example.com:8080;https=proxy.corp.example.com:3128
bypass:
  description: The entries of the bypass list.
  type: list
  elements: str
  returned: success
  sample: ["<local>", "*.corp.example.com"]
wow64_matches:
  description: Whether programs of 32 bits use the same proxy and bypass list. V(null) on a host that has none.
  type: bool
  returned: success
  sample: true
before:
  description: Proxy and bypass list as they were, and under C(wow64) those for programs of 32 bits.
  type: dict
  returned: success
  sample:
    proxy: null
    bypass: []
    wow64: {"proxy": null, "bypass": []}
after:
  description: The same, as they are, in check mode as they would be.
  type: dict
  returned: success
  sample:
    proxy: proxy.corp.example.com:8080
    bypass: ["<local>", "*.corp.example.com"]
    wow64: {"proxy": "proxy.corp.example.com:8080", "bypass": ["<local>", "*.corp.example.com"]}
"""
