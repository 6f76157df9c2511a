# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OData as every service of Microsoft speaks it. Pure. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping
from urllib.parse import urljoin, urlsplit

from .._errors import AnswerError


def literal(value: str) -> str:
    """Return a string as it stands in a filter."""
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


def any_of(name: str, values: t.Iterable[str]) -> str:
    """Return a filter for one of several values, in parentheses."""
    return "(" + " or ".join(f"{name} eq {value}" for value in values) + ")"


def chunks(values: t.Sequence[str], size: int) -> Iterator[t.Sequence[str]]:
    """Return values in parts of a size: an address takes only so many."""
    for start in range(0, len(values), size):
        end = start + size
        yield values[start:end]


def next_link(document: t.Any, url: str, service: str) -> str | None:
    """Return the address of the next page, or None.

    Raises:
        AnswerError: It leads to another host: credentials do not follow there.
    """
    link = document.get("@odata.nextLink") if isinstance(document, Mapping) else None
    if not link:
        return None
    try:
        target = urljoin(url, str(link))
        origin = _origin(target)
    except ValueError:  # Not an address at all.
        target, origin = str(link), None
    if origin != _origin(url):
        raise AnswerError(
            expected="the next page on the same host",
            observed=f"a link to {' '.join(target.split())[:100]}, not followed",
            where=url,
            next_step=f"find out who rewrites the answers of {service}",
        )
    return target


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port. A provider may write its own name in capitals, or with the usual port."""
    parts = urlsplit(url)
    usual = 443 if parts.scheme == "https" else None
    host = None if "@" in parts.netloc else parts.hostname
    return parts.scheme, host, parts.port or usual
