# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How HTTPS leaves this machine: where to, through what, and trusting whom. PRIVATE to the collection."""

from __future__ import annotations

import functools
import ssl
import typing as t
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from .._errors import InvalidOptionError

if t.TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Route:
    """How HTTPS leaves this machine: the same for all hosts of a run."""

    ca_path: str | None = None
    validate_certs: bool = True
    proxy_url: str | None = None
    connect_to: Mapping[str, str] = field(default_factory=dict)

    def address(self, host: str, port: int) -> tuple[str, int]:
        """Return the address where a host is reached: its own, unless the option connect_to gives another."""
        target = self.connect_to.get(host.lower())
        if target is None:
            return host, port
        name, number = split_host(target, default_port=port, option="connect_to")
        return name, number

    def context(self) -> ssl.SSLContext:
        """Return the TLS settings, the same object each time: loading a store of roots costs more than a connection.

        Raises:
            InvalidOptionError: The file or directory of `ca_path` cannot be used.
        """
        return self._context

    @functools.cached_property
    def _context(self) -> ssl.SSLContext:
        try:
            if self.ca_path is None:
                context = ssl.create_default_context()
            elif Path(self.ca_path).is_dir():
                context = ssl.create_default_context(capath=self.ca_path)
            else:
                context = ssl.create_default_context(cafile=self.ca_path)
        except (OSError, ssl.SSLError) as exc:
            raise InvalidOptionError(
                expected="option ca_path to name a PEM file or a directory of hashed certificates that can be read",
                observed=f"{type(exc).__name__}: {exc}",
                where=str(self.ca_path),
                next_step="export the site's SMS Issuing root, or the root of your own PKI, as PEM",
            ) from exc
        # The site's own certificates do not follow every rule of RFC 5280, and Python 3.13 would refuse them for that.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        # What the user put into ca_path is trusted, be it a root, the issuer or the certificate itself.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if not self.validate_certs:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def split_host(text: str, *, default_port: int, option: str) -> tuple[str, int]:
    """Split `host` or `host:port`.

    Raises:
        InvalidOptionError: It is neither.
    """
    host, colon, digits = text.strip().rpartition(":")
    if not colon:
        host, digits = text.strip(), str(default_port)
    usable = host and not set(host) & set(":/?#@[]\\ \t\r\n") and digits.isdecimal() and 0 < int(digits) < 65536
    if not usable:
        raise InvalidOptionError(
            expected=f"option {option} to be a host name, with :port where it is not {default_port}",
            observed=repr(text),
            next_step="give the fully qualified domain name, for example cm01.contoso.com",
        )
    return host, int(digits)


def check_proxy(url: str) -> None:
    """Refuse what is no URL of a proxy.

    Raises:
        InvalidOptionError: It is none. It is not shown: it may hold a password.
    """
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InvalidOptionError(
            expected="option proxy_url to be the URL of an HTTP proxy",
            observed="something else, not shown here as it may hold a password",
            next_step="for example http://proxy.contoso.com:8080",
        )
