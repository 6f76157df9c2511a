#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of action plugin configmgr.tenant_attach.endpoint_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: endpoint_info
short_description: Probe internet endpoints from the machine that has to reach them
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Tells for each endpoint how far the way to it leads from the host, through which proxy, who issued the certificate
    that arrives, and whether its revocation can be checked.
  - Runs C(curl) on the host, with any connection and without Python there. On Windows that is C(curl.exe), which checks
    certificates and revocation as Windows does. Windows Server 2019 and later have it.
  - All endpoints are probed at once, in two remote commands. One that never answers costs the deadline once.
  - From another host than the service connection point the answer is a hint only.
  - An HTTP status of 407, 408, 426, 451, 502, 511, 598 or 599 means failure, any other answer means reachable.
    This is the documented rule of the product's own check. An answer that squid marks as its own, by the header
    C(X-Squid-Error), is not one of the endpoint.
extends_documentation_fragment:
  - configmgr.tenant_attach.attributes.reader
attributes:
  action:
    description: Has an action plugin that runs on the controller.
    support: full
  platform:
    description: Where it runs.
    platforms: windows, posix
    support: full
    details: Needs C(curl) 7.75 or later on the host, and 7.88 or later to name the issuer.
options:
  endpoints:
    description:
      - URLs to probe, C(http) or C(https). They have no user, query or fragment.
      - Either this or O(cloud).
    type: list
    elements: str
  cloud:
    description: Cloud of the tenant, to probe its documented endpoints.
    type: str
    choices: [public, us_gov_gcc_high, us_gov_dod]
  release:
    description: Release of Configuration Manager, with O(cloud). Without it, endpoints of every release are probed.
    type: str
  gateway:
    description:
      - The tenant's own gateway, with O(cloud). Its host, or just the region that the name of the host begins with.
      - Without it the one for V(us) stands for all of them in the public cloud.
    type: str
  proxy:
    description:
      - V(winhttp) is the WinHTTP proxy of the machine with its bypass list. Revocation lists always take this way.
      - V(none) is the direct way. Anything else is the URL of a proxy, without user and password.
      - Defaults to V(winhttp) on Windows, and to V(none) elsewhere.
    type: str
  timeout:
    description:
      - One deadline for all endpoints together, in seconds.
      - Where revocation is checked, half of it is for that. Windows itself may wait longer for a revocation list.
    type: int
    default: 20
  ca_path:
    description: PEM file on the host with the roots to trust, in place of those of the system. Not on Windows.
    type: str
  crl_path:
    description: PEM file on the host with revocation lists to check certificates against. Not on Windows.
    type: str
  known_issuers:
    description: More organisations whose certificates are no sign of interception, for O(endpoints) of your own.
    type: list
    elements: str
    default: []
  site_system:
    description:
      - What M(configmgr.tenant_attach.site_system_info) returned for this host as C(site_system). It spares the remote
        command that asks for the version of curl and the WinHTTP settings. Windows only.
    type: dict
seealso:
  - name: Validate internet access
    description: The product's own check, and its status messages.
    link: https://learn.microsoft.com/intune/configmgr/core/servers/deploy/configure/about-the-service-connection-point
"""

EXAMPLES = r"""
- name: Probe the endpoints of tenant attach, in a play for the service connection point
  configmgr.tenant_attach.endpoint_info:
    cloud: public
    release: "2503"
  register: probed

- name: Name those that cannot be reached
  ansible.builtin.debug:
    msg: "{{ probed.endpoints | rejectattr('reachable') | map(attribute='error') }}"

- name: Probe an endpoint through the proxy that is going to be set
  configmgr.tenant_attach.endpoint_info:
    endpoints: ["https://manage.microsoft.com"]
    proxy: http://proxy.contoso.com:8080
"""

RETURN = r"""
endpoints:
  description: The endpoints, in the order in which they were given or are documented.
  type: list
  elements: dict
  returned: success
  contains:
    id:
      description: Name of the endpoint. That of a given one is its URL.
      type: str
      returned: always
      sample: gateway
    url:
      description: What was probed.
      type: str
      returned: always
      sample: https://us.gateway.configmgr.manage.microsoft.com
    kind:
      description: One of V(required), V(always_allow), V(revocation), V(given).
      type: str
      returned: always
      sample: required
    documented:
      description: What is documented. A wildcard is not probed itself.
      type: str
      returned: always
      sample: https://*.manage.microsoft.com
    reachable:
      description: Whether it answers. V(null) if that was not observed.
      type: bool
      returned: always
      sample: false
    stage:
      description: How far the way led. One of V(resolve), V(connect), V(proxy), V(tls), V(http).
      type: str
      returned: always
      sample: proxy
    http_status:
      description: HTTP status of the endpoint, or of the proxy that did not open the way to it.
      type: int
      returned: always
      sample: 407
    proxy_used:
      description: The proxy. V(null) for the direct way.
      type: str
      returned: always
      sample: proxy.contoso.com:8080
    tls:
      description:
        - For C(https), the C(issuer) of the certificate, and whether TLS is C(intercepted), by that name.
        - C(intercepted) is V(null) if nobody saw the issuer, or if the name is right and the certificate does not
          verify.
      type: dict
      returned: always
      sample: {"issuer": "C=US, O=Contoso, CN=Contoso Web Gateway", "intercepted": true}
    revocation:
      description: One of V(reachable), V(unreachable), V(revoked), V(not_checked).
      type: str
      returned: always
      sample: not_checked
    seconds:
      description: How long it took.
      type: float
      returned: always
      sample: 0.21
    error:
      description: What was expected, what was observed, where, and the next step. V(null) if all is well.
      type: dict
      returned: always
      sample: null
commands:
  description: Number of remote commands.
  type: int
  returned: success
  sample: 2
"""
