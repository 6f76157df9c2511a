# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proxy of WinHTTP: one for all, or one for each scheme. PRIVATE to the collection.

WinHTTP knows http and https. A scheme that the list does not name goes direct.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

from .._errors import InvalidOptionError
from . import _bypass

if t.TYPE_CHECKING:
    from ._winhttp_settings import Settings

SCHEMES = ("http", "https")
PORTS = {"http": 80, "https": 443}
_SEPARATORS = re.compile(r"[;\s]+")
_SCHEME = re.compile(r"(?P<scheme>[a-z]+)=(?P<address>.+)", re.IGNORECASE)
# A name or an address, with a port or without. Names of users have no place here: WinHTTP keeps none.
_ADDRESS = re.compile(r"(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?", re.IGNORECASE)


class Proxy(t.NamedTuple):
    """A proxy for all schemes, and those of single schemes."""

    plain: str = ""
    schemes: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The proxy as WinHTTP takes it, empty if there is none."""
        return ";".join(filter(None, (self.plain, *(f"{scheme}={address}" for scheme, address in self.schemes))))

    @property
    def routes(self) -> dict[str, str]:
        """The proxy of each scheme, in lower case: two proxies with the same routes are the same."""
        plain = dict.fromkeys(SCHEMES, self.plain) if self.plain else {}
        return {scheme: address.lower() for scheme, address in {**plain, **dict(self.schemes)}.items()}

    def __bool__(self) -> bool:
        return bool(self.plain or self.schemes)


def parse(text: str) -> Proxy:
    """Return the proxy that the settings of a host name. What stands there is taken as it is."""
    plain = ""
    schemes: dict[str, str] = {}
    for part in filter(None, _SEPARATORS.split(text)):
        if found := _SCHEME.fullmatch(part):
            schemes.setdefault(found["scheme"].lower(), found["address"])
        else:
            plain = plain or part
    return Proxy(plain, tuple(sorted(schemes.items())))


def check(option: str | t.Mapping[str, t.Any]) -> Proxy:
    """Return the proxy of an option: a text as WinHTTP takes it, or a dictionary of schemes.

    Raises:
        InvalidOptionError: It names no proxy that WinHTTP could use.
    """
    if isinstance(option, str):
        proxy = parse(option)
        if len([part for part in _SEPARATORS.split(option) if part]) != bool(proxy.plain) + len(proxy.schemes):
            raise _invalid("one proxy for all schemes, or one for each", _without_user(option))
    else:
        proxy = Proxy("", tuple(sorted((str(scheme).lower(), str(address)) for scheme, address in option.items())))
    if not proxy:
        raise _invalid("a proxy", "none")
    for scheme, address in (("", proxy.plain), *proxy.schemes):
        if scheme and scheme not in SCHEMES:
            raise _invalid("the schemes http and https only", repr(scheme))
        found = _ADDRESS.fullmatch(address)
        if (address or scheme) and (not found or int(found["port"] or 1) not in range(1, 65536)):
            raise _invalid("host:port for each proxy, without http://, user or password", _without_user(address))
    return proxy


def same(one: Proxy, other: Proxy) -> bool:
    """Return whether two proxies send every request the same way."""
    return one.routes == other.routes


def proxy_for(settings: Settings, url: str) -> str | None:
    """Return the proxy, as host:port, through which WinHTTP sends a request. None for the direct way."""
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), parts.hostname or ""
    address = parse(settings.named_proxy).routes.get(scheme)
    if address is None or _bypass.bypasses(_bypass.parse(settings.bypass), host, parts.port or PORTS.get(scheme)):
        return None
    return address


def _without_user(address: str) -> str:
    """Return an address as it may be shown: whoever puts a password there has made a mistake, not published it."""
    user, at, host = address.rpartition("@")
    return repr(f"…@{host}" if at and user else address)


def _invalid(expected: str, observed: str) -> InvalidOptionError:
    return InvalidOptionError(
        expected=f"option proxy to name {expected}",
        observed=observed,
        next_step='write "proxy.example.com:8080", or {http: "a.example.com:80", https: "b.example.com:443"}',
    )
