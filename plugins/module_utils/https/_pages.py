# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists that a service gives in pages. PRIVATE to the collection."""

from __future__ import annotations

import typing as t

from .._errors import AnswerError
from ._odata import next_link


def all_pages(
    url: str, read: t.Callable[[str], t.Any], *, most: int, service: str, narrow: str
) -> t.Iterator[tuple[t.Any, str]]:
    """Read a list, page by page, and give each page with its address. A page may be empty.

    Args:
        url: Address of the first page.
        read: Reads one.
        most: How many pages are read at most.
        service: What the service is called in errors.
        narrow: How the request can be made smaller.

    Raises:
        TenantAttachError: A page cannot be read, leads to another host, or they do not end.
    """
    seen: set[str] = set()
    following: str | None = url
    while following is not None:
        if following in seen or len(seen) >= most:
            raise AnswerError(
                expected=f"pages that come to an end (at most {most})",
                observed="a page that links to an earlier one" if following in seen else "still another page",
                where=following,
                next_step=f"narrow the request with {narrow}",
            )
        seen.add(following)
        document = read(following)
        yield document, following
        following = next_link(document, following, service)
