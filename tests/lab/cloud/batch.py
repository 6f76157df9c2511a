# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON batching: up to twenty requests in one, each checked and answered on its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .calls import Call, RefusalError, Reply

PATH = "$batch"
MAX_ITEMS = 20
METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})
FAILED_DEPENDENCY = 424


@dataclass(frozen=True)
class Item:
    """One request of a batch."""

    id: str
    call: Call
    depends_on: tuple[str, ...]


def _malformed(text: str) -> RefusalError:
    return RefusalError(400, "BadRequest", f"Invalid batch payload format: {text}")


def read(outer: Call) -> list[Item]:
    """Take a batch apart, and refuse it as a whole where its form is wrong."""
    requests = outer.body.get("requests") if isinstance(outer.body, dict) else None
    if not isinstance(requests, list) or not requests:
        raise _malformed("the payload must have a list 'requests' that is not empty.")
    if len(requests) > MAX_ITEMS:
        raise _malformed(f"Number of batch request steps exceeds the maximum value of {MAX_ITEMS}.")
    items = [_item(outer, each) for each in requests]
    ids = [item.id.casefold() for item in items]
    if len(set(ids)) != len(ids):
        raise _malformed("request ids must be unique.")
    for item in items:
        if not set(map(str.casefold, item.depends_on)) <= set(ids) - {item.id.casefold()}:
            raise _malformed(f"'dependsOn' of request '{item.id}' names no other request.")
    return items


def _item(outer: Call, value: Any) -> Item:
    if not isinstance(value, dict):
        raise _malformed("a request must be an object.")
    own, url, method = value.get("id"), value.get("url"), str(value.get("method", "")).upper()
    if not isinstance(own, str) or not own:
        raise _malformed("'id' of a request must be text.")
    if not isinstance(url, str) or not url.strip("/") or "://" in url.partition("?")[0]:
        raise _malformed(f"'url' of request '{own}' must be relative.")
    if method not in METHODS:
        raise _malformed(f"'method' of request '{own}' is not valid.")
    headers = value.get("headers") or {}
    depends = value.get("dependsOn") or []
    if not isinstance(headers, dict) or not isinstance(depends, list):
        raise _malformed(f"'headers' or 'dependsOn' of request '{own}' is not valid.")
    lower = {str(name).lower(): str(text) for name, text in headers.items()}
    if value.get("body") is not None and "content-type" not in lower:
        raise _malformed(f"request '{own}' has a body, so its headers must have 'Content-Type'.")
    call = Call(method, outer.version, url, lower, value.get("body"), outer.roles, batched=True)
    return Item(own, call, tuple(str(each) for each in depends))


def play(items: list[Item], answer: Callable[[Call], Reply]) -> dict[str, Reply]:
    """The answers by id; what depends on a failed request fails as well."""
    replies: dict[str, Reply] = {}
    left = list(items)
    while left:
        done = {own.casefold() for own in replies}
        ready = [item for item in left if done.issuperset(map(str.casefold, item.depends_on))]
        if not ready:
            raise _malformed("the requests depend on each other in a circle.")
        for item in ready:
            replies[item.id] = _after(item, replies) or answer(item.call)
        left = [item for item in left if item not in ready]
    return replies


def _after(item: Item, replies: Mapping[str, Reply]) -> Reply | None:
    before = {own.casefold(): reply for own, reply in replies.items()}
    if all(before[own.casefold()].status < 400 for own in item.depends_on):
        return None
    return RefusalError(FAILED_DEPENDENCY, "FailedDependency", "A request that this one depends on failed.").reply()


def envelope(items: list[Item], replies: Mapping[str, Reply]) -> dict[str, Any]:
    """The answer to the whole batch.  Its entries come in another order than the requests."""
    return {"responses": [_entry(item.id, replies[item.id]) for item in reversed(items)]}


def _entry(own: str, reply: Reply) -> dict[str, Any]:
    headers = dict(reply.headers)
    entry: dict[str, Any] = {"id": own, "status": reply.status, "headers": headers}
    if reply.text is not None:
        entry["body"] = reply.text
    elif reply.body is not None:
        headers["Content-Type"] = "application/json"
        # What one request answers must not change with a later one.
        entry["body"] = json.loads(json.dumps(reply.body))
    return entry
