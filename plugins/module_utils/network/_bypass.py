# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bypass list of WinHTTP: which names go past the proxy, and what a list lacks. PRIVATE to the collection.

`<local>` is every name without a dot, not everything inside the company. `*` stands for any characters. An entry with
a port counts for that port only. Addresses are compared as text: nothing is resolved.
"""

from __future__ import annotations

import re
import typing as t

from .._errors import InvalidOptionError

LOCAL = "<local>"
_SEPARATORS = re.compile(r"[;\s]+")
# What a name, an address, a wildcard or a port is made of, and the words in angle brackets.
_ENTRY = re.compile(r"<-?[a-z]+>|[a-z0-9_.*:\[\]-]+", re.IGNORECASE)
_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>\d+)")
_ADDRESS = re.compile(r"[0-9.]+|\[.*\]|.*:.*")


def parse(text: str) -> list[str]:
    """Return the entries of a bypass list as they stand, each one once, whatever its case."""
    return unique(entry for entry in _SEPARATORS.split(text) if entry)


def text(entries: t.Iterable[str]) -> str:
    """Return a bypass list as WinHTTP takes it."""
    return ";".join(entries)


def unique(entries: t.Iterable[str]) -> list[str]:
    """Return entries without those that differ from an earlier one in their case only."""
    first: dict[str, str] = {}
    for entry in entries:
        first.setdefault(entry.lower(), entry)
    return list(first.values())


def same(one: t.Iterable[str], other: t.Iterable[str]) -> bool:
    """Return whether two lists hold the same entries, in whatever order and case."""
    return {entry.lower() for entry in one} == {entry.lower() for entry in other}


def missing(wanted: t.Iterable[str], present: t.Iterable[str]) -> list[str]:
    """Return the wanted entries that are not present."""
    known = {entry.lower() for entry in present}
    return unique(entry for entry in wanted if entry.lower() not in known)


def check(entries: t.Iterable[str]) -> list[str]:
    """Return entries of an option.

    Raises:
        InvalidOptionError: One cannot be an entry of a bypass list.
    """
    entries = list(entries)
    for entry in entries:
        if not _ENTRY.fullmatch(entry):
            raise InvalidOptionError(
                expected="each entry of option bypass to be a name, an address, a pattern with * or <local>, "
                "with or without a port",
                observed=repr(entry),
                next_step="give one entry for each element of the list; write international names as xn--…",
            )
    return unique(entries)


def matches(entry: str, host: str, port: int | None = None) -> bool:
    """Return whether an entry sends a host past the proxy.

    Args:
        entry: The entry.
        host: Name or address of the host, IPv6 with or without brackets.
        port: Port of the URL. Without one, an entry with a port does not match.
    """
    host, entry = host.lower().rstrip("."), entry.lower()
    if entry == LOCAL:
        return "." not in host and ":" not in host
    if (found := _PORT.fullmatch(entry)) is not None:
        if port != int(found["port"]):
            return False
        entry = found["host"]
    pattern = ".*".join(re.escape(part) for part in entry.strip("[]").split("*"))
    return re.fullmatch(pattern, host.strip("[]"), re.DOTALL) is not None


def bypasses(entries: t.Iterable[str], host: str, port: int | None = None) -> bool:
    """Return whether a list sends a host past the proxy."""
    return any(matches(entry, host, port) for entry in entries)


def uncovered(entries: t.Collection[str], hosts: t.Iterable[str], port: int | None = None) -> list[str]:
    """Return the hosts that a list leaves to the proxy."""
    return [host for host in unique(hosts) if not bypasses(entries, host, port)]


def additions(
    entries: t.Collection[str], hosts: t.Iterable[str], *, port: int | None = None, proxied: t.Collection[str] = ()
) -> list[str]:
    """Return the fewest entries that send all hosts past the proxy, and nothing that must use it.

    A pattern is only made for a domain in which one of the hosts stands: what is above it may be the whole internet.

    Args:
        entries: The list as it is.
        hosts: Those that must go past the proxy.
        port: Port of the URLs.
        proxied: Names that must stay with the proxy.
    """
    left = uncovered(entries, hosts, port)
    patterns = [
        pattern
        for pattern in unique([LOCAL, *(f"*.{host.lower().partition('.')[2]}" for host in left if _in_domain(host))])
        if not any(matches(pattern, name) for name in proxied)
    ]
    added: list[str] = []
    while left:
        reach = {pattern: [host for host in left if matches(pattern, host)] for pattern in patterns}
        # Of those that reach as many, the longest: it opens the least.
        best = max(patterns, key=lambda pattern: (len(reach[pattern]), len(pattern)), default="")
        # One host alone does not open its whole domain. Nothing but a short name is in <local>.
        if not best or len(reach[best]) < (1 if best == LOCAL else 2):
            short = [host for host in left if LOCAL in patterns and matches(LOCAL, host)]
            return [*added, *([LOCAL] if short else []), *(host.lower() for host in left if host not in short)]
        added.append(best)
        left = [host for host in left if host not in reach[best]]
    return added


def _in_domain(host: str) -> bool:
    """Return whether the name has a domain of at least two parts."""
    return not _ADDRESS.fullmatch(host) and host.rstrip(".").count(".") >= 2
