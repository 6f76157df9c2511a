# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who issued a certificate, and whether that is who issues them for Microsoft. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t

# Organisations that issue, or issued, the certificates of the endpoints of tenant attach: Microsoft's own authorities
# and those whose revocation lists the documentation wants reachable (DigiCert, with the Baltimore root that it runs,
# and D-Trust), and those of Microsoft's other hosts. Compared up to the first comma, without case.
# Source: https://learn.microsoft.com/azure/security/fundamentals/azure-certificate-authority-details
KNOWN = (
    "Microsoft Corporation",
    "DigiCert Inc",
    "DigiCert",
    "Baltimore",
    "D-Trust GmbH",
    "Entrust",
    "GlobalSign nv-sa",
)
# OpenSSL writes `O = "Entrust, Inc."`, Schannel's curl `O=Entrust, Inc.`.
_ORGANISATION = re.compile(r'(?:^|[,/+]\s*)O\s*=\s*(?:"([^"]*)"|((?:\\.|[^,/+])*))')
_LONGEST = 300


def issuer_in(certificates: str) -> str | None:
    """Return the issuer of the first certificate of curl's list, which is that of the host."""
    for line in certificates.splitlines():
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() == "issuer":
            return value.strip()[:_LONGEST] or None
    return None


def organisation(issuer: str) -> str | None:
    """Return the organisation in the name of an issuer."""
    found = _ORGANISATION.search(issuer)
    text = (found[1] or found[2] or "").replace("\\", "").strip() if found else ""
    return text or None


def intercepted(issuer: str | None, *, verified: bool, known: t.Sequence[str] = ()) -> bool | None:
    """Return whether somebody opens TLS on the way. None: cannot be told.

    A certificate in Microsoft's name that does not verify proves nothing: it may be forged, and a root may be missing.

    Args:
        issuer: Name of the issuer. None: nobody saw it.
        verified: Whether the certificate verified.
        known: More organisations that are meant to issue.
    """
    if issuer is None:
        return None
    if _key(organisation(issuer) or issuer) not in {_key(name) for name in (*KNOWN, *known)}:
        return True
    return False if verified else None


def _key(name: str) -> str:
    return name.partition(",")[0].strip().casefold()
