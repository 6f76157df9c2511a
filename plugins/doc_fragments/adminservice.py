# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection options of the modules that speak to AdminService."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of action group configmgr.tenant_attach.adminservice."""

    DOCUMENTATION = r"""
options:
  provider:
    description:
      - Fully qualified domain name of an SMS Provider, with V(:port) where AdminService does not listen on 443.
      - Choose one of the top-tier site. Only that site knows the state of all others.
      - Kerberos needs the real name of the host. An alias or an address would fall back to NTLM, which build 9141
        refuses. With O(auth=kerberos) an address or a short name is refused before any call.
      - If not given, the environment variable E(CONFIGMGR_PROVIDER) counts.
    type: str
    required: true
  auth:
    description:
      - How to authenticate.
      - V(kerberos) gets a ticket with O(password) or O(keytab), or takes that of O(ccache) or of the environment, for
        the service C(HTTP/<provider>). It needs C(requirements-kerberos.txt).
      - V(negotiate) tries Kerberos, and falls back to NTLM where Kerberos is out of the question and O(password) is
        given, but not on a site that is known to be of build 9141 or later.
      - V(ntlm) works up to version 2503. Build 9141 (version 2509) and later refuse it.
      - V(token) sends a ready Entra token, as a cloud management gateway takes it.
      - If not given, the environment variable E(CONFIGMGR_AUTH) counts.
    type: str
    choices: [kerberos, negotiate, ntlm, token]
    default: kerberos
  username:
    description:
      - Account, as V(user@REALM) or V(DOMAIN\\user). The realm is the DNS name of the Active Directory domain. Other
        suffixes, and NetBIOS names of domains, are looked up in the default realm of C(krb5.conf).
      - If not given, the environment variable E(CONFIGMGR_USERNAME) counts.
    type: str
  token:
    description:
      - Bearer token, for O(auth=token).
      - If not given, the environment variable E(CONFIGMGR_TOKEN) counts.
    type: str
  ca_path:
    description:
      - PEM file, or directory of hashed certificates, to verify the SMS Providers with.
      - Name the root C(SMS Issuing) of the site here, or the root of your own PKI.
      - Without it the trust store of the operating system counts. The CA bundles named in the environment never do.
      - If not given, the environment variable E(CONFIGMGR_CA_PATH) counts.
    type: path
  validate_certs:
    description:
      - Whether certificates are verified.
      - Without verification the prerequisite C(adminservice_certificate) can only be C(unknown) or C(fail).
    type: bool
    default: true
  deadline:
    description: Seconds for the whole task, whatever hosts do. What is not answered by then is reported as such.
    type: int
    default: 120
  proxy_url:
    description:
      - HTTP proxy on the way to the SMS Providers, such as V(http://proxy.contoso.com:8080).
      - The proxy variables of the environment never count.
    type: str
  connect_to:
    description:
      - Addresses to connect to in place of names, for execution environments whose DNS does not know the SMS Providers.
      - A dictionary of host names, with V(address) or V(address:port) as values.
      - TLS and authentication still use the name.
    type: dict
    default: {}
requirements:
  - requests >= 2.32
  - urllib3 >= 2
  - pyspnego >= 0.11 (for O(auth) other than V(token))
  - gssapi >= 1.8 and krb5 >= 0.6 (for Kerberos)
  - cryptography >= 42
"""
