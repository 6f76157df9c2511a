#!/usr/bin/python
# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible module configmgr.tenant_attach.adminservice_health_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: adminservice_health_info
short_description: Probe AdminService on every SMS Provider, stage by stage
version_added: "0.1.0"
author: [The configmgr.tenant_attach authors (@configmgr)]
description:
  - Connects to each SMS Provider of the hierarchy and says how far it got, with the certificate that it showed and the
    state of its component SMS_REST_PROVIDER.
  - Works side by side, on one connection for each SMS Provider. A silent one costs the O(deadline) once, not once each.
  - A provider that does not answer is a result, not a failure of the module. The module fails only where the hierarchy
    cannot be read and O(providers) is not given.
  - Needs the ConfigMgr role C(Read-only Analyst) with all scopes.
extends_documentation_fragment:
  - configmgr.tenant_attach.adminservice
  - configmgr.tenant_attach.connection
  - configmgr.tenant_attach.connection.kerberos
  - configmgr.tenant_attach.attributes.reader
  - configmgr.tenant_attach.attributes.node
  - configmgr.tenant_attach.attributes.adminservice_group
options:
  providers:
    description:
      - Fully qualified domain names of the SMS Providers to probe.
      - If not given, all of the hierarchy are probed. O(provider) names them.
    type: list
    elements: str
  parallel:
    description: How many SMS Providers are probed at the same time. 1 to 64.
    type: int
    default: 32
seealso:
  - name: Set up the administration service
    description: What it needs, its logs, and how to verify it.
    link: https://learn.microsoft.com/intune/configmgr/develop/adminservice/set-up
  - module: configmgr.tenant_attach.hierarchy_info
"""

EXAMPLES = r"""
- name: Probe all SMS Providers of the hierarchy
  configmgr.tenant_attach.adminservice_health_info:
    provider: cm01.contoso.com
    ca_path: /etc/pki/configmgr/sms-issuing.pem
    deadline: 60
  register: health

- name: Say which are not healthy, and where they stop
  ansible.builtin.debug:
    msg: "{{ item.host }} stops at {{ item.failed_stage }}"
  loop: "{{ health.providers | rejectattr('healthy') }}"
  loop_control:
    label: "{{ item.host }}"
"""

RETURN = r"""
providers:
  description: One entry for each SMS Provider.
  type: list
  elements: dict
  returned: success
  contains:
    host: {description: Host., type: str, sample: cm-p01.contoso.com}
    site: {description: Code of the site that it serves., type: str, sample: P01}
    healthy: {description: Whether every stage was passed., type: bool, sample: true}
    failed_stage: {description: "The stage that was not passed, or null.", type: str, sample: tls}
    stages:
      description: The stages up to the first that failed.
      type: list
      elements: dict
      contains:
        name:
          description: V(resolve), V(connect), V(tls), V(authenticate), V(metadata), V(wmi) or V(versioned).
          type: str
          sample: tls
        ok: {description: Whether it was passed., type: bool, sample: false}
        seconds: {description: How long it took., type: float, sample: 0.012}
        detail: {description: What was seen., type: str, sample: TLSv1.3}
        error: {description: "For a failed stage: expected, observed, where, next_step, rights.", type: dict}
    certificate:
      description: The certificate that the host showed, also when it was refused. Null when none was seen.
      type: dict
      sample:
        subject: CN=cm-p01.contoso.com
        issuer: CN=SMS Issuing
        sans: [cm-p01.contoso.com]
        not_before: "2026-01-01T00:00:00Z"
        not_after: "2027-01-01T00:00:00Z"
        self_signed: false
        thumbprint: 8843D7F92416211DE9EBB963FF4CE28125932878
    component:
      description: State and status of SMS_REST_PROVIDER on the host. Null when the site has no entry for it.
      type: dict
      sample: {"state": "started", "status": "ok", "last_contacted": "2026-11-23T08:00:00Z"}
validated:
  description: Whether certificates were verified.
  type: bool
  returned: success
  sample: true
auth:
  description: How the module authenticated.
  type: str
  returned: success
  sample: kerberos
error:
  description: What was expected and observed, where, what to do next, and the right that is missing if there is one.
  type: dict
  returned: failure
"""

import typing as t

from ..module_utils._errors import InvalidOptionError
from ..module_utils._module import run
from ..module_utils.adminservice._options import Connection, argument_spec
from ..module_utils.collect._health import AT_MOST, AT_ONCE, survey
from ..module_utils.https._route import split_host


def health(options: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the health of the SMS Providers."""
    connection = Connection(options)
    for host in options["providers"] or []:
        split_host(host, default_port=443, option="providers")
    if not 1 <= options["parallel"] <= AT_MOST:
        raise InvalidOptionError(
            expected=f"option parallel to be from 1 to {AT_MOST}",
            observed=str(options["parallel"]),
            next_step="leave parallel out",
        )
    providers = survey(
        connection.client(),
        lambda provider: connection.client(provider["host"], provider["build"]),
        named=options["providers"],
        deadline=connection.deadline,
        at_once=options["parallel"],
    )
    return {"providers": providers, "validated": options["validate_certs"], "auth": options["auth"]}


def main() -> None:
    """Run the module."""
    run(
        {
            **argument_spec(),
            "providers": {"type": "list", "elements": "str"},
            "parallel": {"type": "int", "default": AT_ONCE},
        },
        health,
    )


if __name__ == "__main__":
    main()
