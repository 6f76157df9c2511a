# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connection options of the modules that speak to Active Directory."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of action group configmgr.tenant_attach.directory."""

    DOCUMENTATION = r"""
options:
  server:
    description:
      - Needed. Fully qualified domain name of a domain controller, with V(:port) where it does not listen on the usual
        one.
      - V(ldap://) and V(ldaps://) before it are understood. Without them O(auth) decides.
      - One server serves one domain. Referrals to others are not followed, and reported with the domain's name.
      - Kerberos and TLS need the real name of the server, not an alias or an address.
      - If not given, the environment variable E(DIRECTORY_SERVER) counts.
    type: str
  base_dn:
    description:
      - Where to search, as a distinguished name. By default the whole domain of O(server).
      - If not given, the environment variable E(DIRECTORY_BASE_DN) counts.
    type: str
  auth:
    description:
      - How to authenticate.
      - V(kerberos) gets a ticket with O(password) or O(keytab), or takes that of O(ccache) or of the environment. It
        signs and seals the connection, on the plain port of LDAP.
      - V(simple) sends O(username) and O(password) over TLS, and refuses to send them without.
      - If not given, the environment variable E(DIRECTORY_AUTH) counts.
    type: str
    choices: [kerberos, simple]
    default: kerberos
  username:
    description:
      - Account, as V(user@REALM) or V(DOMAIN\\user). With O(auth=simple) also its distinguished name.
      - If not given, the environment variable E(DIRECTORY_USERNAME) counts.
    type: str
  start_tls:
    description: Whether to begin TLS on the plain port of LDAP, for O(auth=simple). By default it is LDAPS.
    type: bool
    default: false
  ca_path:
    description:
      - PEM file to verify the server with, for O(auth=simple).
      - Without it the trust store of the operating system counts. What C(ldap.conf) and the environment say never does.
      - If not given, the environment variable E(DIRECTORY_CA_PATH) counts.
    type: path
  deadline:
    description: Seconds for the whole task, whatever the server does.
    type: int
    default: 120
requirements:
  - python-ldap >= 3.4
  - gssapi and krb5, as C(requirements-kerberos.txt) has them (for O(auth=kerberos))
  - the GSSAPI mechanism of Cyrus SASL, such as C(libsasl2-modules-gssapi-mit) (for O(auth=kerberos))
"""
