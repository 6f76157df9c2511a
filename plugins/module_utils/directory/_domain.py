# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The domain that a server is of, and those beside it. PRIVATE to the collection."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._errors import AnswerError, InvalidOptionError, NotFoundError

if t.TYPE_CHECKING:
    from ._session import Session

_DC = re.compile(r"(?:^|,)\s*DC=([^,]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Domain:
    """A domain.

    Attributes:
        dns: Its name in DNS.
        netbios: Its short name.
        base_dn: Where to search in it.
        server: The domain controller that answers.
        others: The other domains of the forest, by their names in DNS.
    """

    dns: str
    netbios: str
    base_dn: str
    server: str
    others: tuple[str, ...] = ()

    def foreign(self, name: str) -> str | None:
        """Return the other domain of the forest that a DNS name or distinguished name belongs to, None for our own."""
        dns = (dns_of(name) if "=" in name else name).lower()
        fitting = [each for each in (self.dns, *self.others) if dns == each or dns.endswith(f".{each}")]
        # The longest counts: a child domain has the name of its parent in its own.
        longest = max(fitting, key=len, default=self.dns)
        return None if longest == self.dns else longest


def dns_of(dn: str) -> str:
    """Return the DNS name of the domain of a distinguished name, an empty text where it has none."""
    return ".".join(part.strip() for part in _DC.findall(dn)).lower()


def read_domain(session: Session, base_dn: str | None) -> Domain:
    """Read what the server says of its domain.

    Args:
        session: The session.
        base_dn: Where to search, by default in the whole domain.

    Raises:
        TenantAttachError: It cannot be read, or the base is in another domain.
    """
    root = session.read("", ["defaultNamingContext", "configurationNamingContext", "dnsHostName"])
    own, configuration = (root.text(name) if root else "" for name in _CONTEXTS)
    if root is None or not (own and configuration):
        raise AnswerError(
            expected=f"an Active Directory domain controller, which names its {' and '.join(_CONTEXTS)}",
            observed="the server does not name them",
            where=session.server.url,
            next_step="name a domain controller in option server",
        )
    rows = session.search(f"CN=Partitions,{configuration}", "(nETBIOSName=*)", ["nCName", "nETBIOSName"])
    short = {dns_of(row.text("nCName")): row.text("nETBIOSName") for row in rows}
    dns = dns_of(own)
    if dns not in short:
        raise AnswerError(
            expected=f"the short name of {dns} in the configuration of the forest",
            observed=f"there are {', '.join(sorted(short)) or 'no domains'}",
            where=f"{session.server.url}/CN=Partitions,{configuration}",
            next_step="check that the account may read the configuration of the forest",
        )
    if base_dn and dns_of(base_dn) != dns:
        raise InvalidOptionError(
            expected=f"option base_dn to be in the domain of the server, {own}",
            observed=base_dn,
            where=session.server.url,
            next_step=f"name a domain controller of {dns_of(base_dn) or 'that domain'} in option server, "
            "or leave base_dn out",
        )
    if base_dn and session.read(base_dn, ["objectClass"]) is None:
        raise NotFoundError(
            expected=f"option base_dn to be a place in {dns}",
            observed="there is none, or the account may not see it",
            where=f"{session.server.url}/{base_dn}",
            next_step="check the distinguished name, or leave base_dn out",
        )
    others = tuple(sorted(name for name in short if name != dns))
    return Domain(dns, short[dns], base_dn or own, root.text("dnsHostName") or session.server.host, others)


_CONTEXTS = ("defaultNamingContext", "configurationNamingContext")
