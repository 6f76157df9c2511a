# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The internet of a host: how a transfer to a URL ends. Nothing leaves this machine, and nobody waits.

A transfer that would end with its deadline is told to have done so at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from .config import Settings, WindowsHost

# Whoever signs for Microsoft, in the form of curl with Schannel.
MICROSOFT = "C=US, O=Microsoft Corporation, CN=Microsoft Azure RSA TLS Issuing CA 07"
# Where the revocation of the played certificates is told: one of them is enough.
LISTS = ("oneocsp.microsoft.com", "www.microsoft.com", "crl3.digicert.com")
SQUID = "x-squid-error"
# Codes of curl.
OK, NO_PROXY_NAME, NO_NAME, NO_CONNECTION, TIMEOUT, TLS, REFUSED_TUNNEL = 0, 5, 6, 7, 28, 35, 56
STEP = 0.011


@dataclass
class Transfer:
    """How far a transfer came. Times that it did not reach are 0."""

    url: str
    code: int = OK
    error: str | None = None
    status: int = 0
    connect_status: int = 0
    name_lookup: float = 0.0
    connect: float = 0.0
    app_connect: float = 0.0
    total: float = 0.0
    certificates: str = ""
    squid_error: str = ""


@dataclass(frozen=True)
class Wanted:
    """What curl was asked for with a URL."""

    url: str
    proxy: str | None
    deadline: float
    verify: bool
    check_revocation: bool


class Internet:
    """The internet as one host sees it.

    Args:
        host: The host.
        winhttp: Gives its WinHTTP settings of now, which Windows itself uses for revocation lists.
    """

    def __init__(self, host: WindowsHost, winhttp: Callable[[], Settings]) -> None:
        self._internet = host.internet
        self._winhttp = winhttp

    def transfer(self, wanted: Wanted) -> Transfer:
        """How a transfer ends."""
        parts = urlsplit(wanted.url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        transfer = Transfer(wanted.url)
        reached = (
            self._direct(transfer, host, wanted.deadline)
            if wanted.proxy is None
            else self._through(transfer, host, wanted.proxy, secure)
        )
        if reached and secure:
            reached = self._tls(transfer, host, wanted)
        if reached:
            transfer.status = 200
        if transfer.code != TIMEOUT:
            transfer.total = round(max(transfer.name_lookup, transfer.connect, transfer.app_connect) + STEP, 6)
        return transfer

    def _direct(self, transfer: Transfer, host: str, deadline: float) -> bool:
        if host in self._internet.unresolved:
            return _failed(transfer, NO_NAME, f"Could not resolve host: {host}")
        transfer.name_lookup = STEP
        if host not in self._internet.direct:
            transfer.total = deadline
            return _failed(transfer, TIMEOUT, f"Connection timed out after {deadline * 1000:.0f} milliseconds")
        transfer.connect = 2 * STEP
        return True

    def _through(self, transfer: Transfer, host: str, proxy: str, secure: bool) -> bool:
        name, _colon, port = proxy.rpartition(":")
        server = self._internet.proxies.get(proxy)
        if server is None:
            if not any(address.rpartition(":")[0] == name for address in self._internet.proxies):
                return _failed(transfer, NO_PROXY_NAME, f"Could not resolve proxy: {name}")
            transfer.name_lookup = STEP
            return _failed(
                transfer, NO_CONNECTION, f"Failed to connect to {name} port {port}: Could not connect to server"
            )
        transfer.name_lookup, transfer.connect = STEP, 2 * STEP
        status, told = 0, ""
        if host not in server.allowed:
            status, told = (
                server.refusal,
                "ERR_CACHE_ACCESS_DENIED 0" if server.refusal == 407 else "ERR_ACCESS_DENIED 0",
            )
        elif host in self._internet.unresolved:
            status, told = 503, "ERR_DNS_FAIL 0"
        if secure:
            transfer.connect_status = status or 200
            return not status or _failed(transfer, REFUSED_TUNNEL, f"CONNECT tunnel failed, response {status}")
        transfer.status, transfer.squid_error = status, told
        return not status

    def _tls(self, transfer: Transfer, host: str, wanted: Wanted) -> bool:
        if wanted.verify and wanted.check_revocation and (trouble := self._revocation(host)):
            name, number, text = trouble
            error = f"schannel: next InitializeSecurityContext failed: {name} ({number}) - {text}"
            return _failed(transfer, TLS, error)
        transfer.app_connect = 3 * STEP
        issuer = self._internet.interceptor(host) or MICROSOFT
        transfer.certificates = f"Subject:CN={host}\nIssuer:{issuer}\nVersion:2\n"
        return True

    def _revocation(self, host: str) -> tuple[str, str, str] | None:
        """What Windows says of the revocation of a certificate, None where all is well."""
        if self._internet.interceptor(host):
            # Who makes certificates as he goes has no list of those that he takes back.
            text = "The revocation function was unable to check revocation for the certificate."
            return "CRYPT_E_NO_REVOCATION_CHECK", "0x80092012", text
        if not self._lists_reachable():
            text = "The revocation function was unable to check revocation because the revocation server was offline."
            return "CRYPT_E_REVOCATION_OFFLINE", "0x80092013", text
        if host in self._internet.revoked:
            return "CRYPT_E_REVOKED", "0x80092010", "The certificate is revoked."
        return None

    def _lists_reachable(self) -> bool:
        if self._internet.revocation != "auto":
            return self._internet.revocation == "reachable"
        settings = self._winhttp()
        proxy = settings.proxy if settings.flags & 2 else ""
        by_scheme = dict(part.split("=", 1) for part in proxy.replace(" ", ";").split(";") if "=" in part)
        proxy = by_scheme.get("http", "") if by_scheme else proxy
        for host in LISTS:
            wanted = Wanted(f"http://{host}", proxy or None, 1.0, verify=False, check_revocation=False)
            if self.transfer(wanted).status == 200:
                return True
        return False


def _failed(transfer: Transfer, code: int, error: str) -> bool:
    transfer.code, transfer.error = code, error
    return False
