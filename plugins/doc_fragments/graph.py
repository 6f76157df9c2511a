# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection options of the modules that speak to Microsoft Graph."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of action group configmgr.tenant_attach.graph."""

    DOCUMENTATION = r"""
options:
  tenant_id:
    description:
      - Id of the tenant, or a verified domain of it.
      - Required unless O(access_token) or O(managed_identity) is given.
      - If not given, the environment variables E(AZURE_TENANT_ID) and E(AZURE_TENANT) count, in this order.
    type: str
    aliases: [tenant]
  client_id:
    description:
      - Application (client) id. With O(managed_identity), the one of a user-assigned identity.
      - Required unless O(access_token) or O(managed_identity) is given.
      - If not given, the environment variable E(AZURE_CLIENT_ID) counts.
    type: str
  client_secret:
    description:
      - Client secret of the application.
      - One of O(client_secret), O(certificate_path), O(federated_token_file), O(managed_identity) and O(access_token)
        is needed, and not more than one.
      - If none of them is given, the environment variables E(AZURE_CLIENT_SECRET) and E(AZURE_SECRET) count, in this
        order.
    type: str
    aliases: [secret]
  certificate_path:
    description:
      - PEM or PFX file with a certificate of the application and its private key.
      - If no other proof is given, the environment variable E(AZURE_CLIENT_CERTIFICATE_PATH) counts.
    type: path
  certificate_password:
    description:
      - Password of O(certificate_path).
      - If not given, the environment variable E(AZURE_CLIENT_CERTIFICATE_PASSWORD) counts.
    type: str
  federated_token_file:
    description:
      - File with a token that a federated credential of the application accepts, as workload identities have it.
      - If no other proof is given, the environment variable E(AZURE_FEDERATED_TOKEN_FILE) counts.
    type: path
  managed_identity:
    description: Whether to use the managed identity of the machine that runs the module.
    type: bool
    default: false
  access_token:
    description: Ready token for Microsoft Graph.
    type: str
  cloud:
    description:
      - The cloud of the tenant. V(public) includes GCC.
      - If not given, the environment variable E(AZURE_CLOUD_ENVIRONMENT) counts, with the names of azure.azcollection.
    type: str
    choices: [public, us_gov_gcc_high, us_gov_dod, china]
    default: public
  authority_url:
    description:
      - URL of the Microsoft Entra authority, without the tenant. By default the one of O(cloud).
      - If not given, the environment variable E(AZURE_AUTHORITY_HOST) counts.
    type: str
  graph_url:
    description: URL of Microsoft Graph, without the version. By default the one of O(cloud).
    type: str
  ca_path:
    description:
      - PEM file, or directory of hashed certificates, to verify these hosts with, for a proxy that inspects TLS.
      - Without it the trust store of the operating system counts. The CA bundles named in the environment never do.
    type: path
  validate_certs:
    description: Whether certificates are verified.
    type: bool
    default: true
  deadline:
    description: Seconds for the whole task, with all waiting that the service asks for when it throttles.
    type: int
    default: 300
  proxy_url:
    description:
      - HTTP proxy on the way to these hosts, such as V(http://proxy.contoso.com:8080).
      - If not given, the environment variable E(HTTPS_PROXY) counts. An empty text stands for none.
      - It is not used where E(NO_PROXY) of the environment names both hosts.
    type: str
requirements:
  - requests >= 2.32
  - urllib3 >= 2
  - msal >= 1.35
"""
