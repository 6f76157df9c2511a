# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One request to Microsoft Graph on its way through the lab, alone or inside a batch, and the answer to it."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

VERSIONS = ("v1.0", "beta")
SCALE_UNIT = "https://fef.amsub0302.manage.microsoft.com/StatelessRoleAdministrationFEService"


@dataclass(frozen=True)
class Call:
    """A request; ``url`` is its address behind the version, as the client wrote it."""

    method: str
    version: str
    url: str
    headers: Mapping[str, str]
    body: Any = None
    roles: frozenset[str] = frozenset()
    batched: bool = False
    segments: tuple[str, ...] = field(default=(), init=False)
    options: Mapping[str, str] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        path, _mark, query = self.url.partition("?")
        parts = [part for raw in path.split("/") if raw for part in _parts(unquote(raw))]
        object.__setattr__(self, "segments", tuple(parts))
        object.__setattr__(self, "options", dict(parse_qsl(query, keep_blank_values=True)))

    @property
    def path(self) -> str:
        """The path with its version and without its query, as faults name it."""
        return unquote(f"/{self.version}/{self.url.partition('?')[0].strip('/')}")

    def header(self, name: str) -> str:
        """A header, empty when it was not sent."""
        return self.headers.get(name.lower(), "")

    @property
    def eventual(self) -> bool:
        """Whether the client accepts answers out of an index that lags behind."""
        return self.header("ConsistencyLevel").lower() == "eventual"

    def without(self, option: str) -> Call:
        """The same without an option of its query."""
        path, _mark, query = self.url.partition("?")
        kept = [part for part in query.split("&") if part and unquote(part.partition("=")[0]) != option]
        return replace(self, url=f"{path}?{'&'.join(kept)}" if kept else path)

    def words(self, option: str) -> tuple[str, ...]:
        """The words of an option such as ``$select``."""
        return tuple(word.strip() for word in self.options.get(option, "").split(",") if word.strip())


@dataclass
class Reply:
    """An answer; ``body`` is JSON, or text that is not."""

    status: int
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    text: str | None = None


class RefusalError(Exception):
    """The service says no."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def reply(self, client_request: str = "") -> Reply:
        """The same as an answer."""
        return Reply(self.status, error_body(self.code, self.message, client_request), dict(self.headers))


def _parts(segment: str) -> list[str]:
    """A segment, and the key that may stand in brackets behind it."""
    match = re.fullmatch(r"([\w.$]+)\((.*)\)", segment)
    if match is None:
        return [segment]
    key = re.fullmatch(r"(?:(\w+)\s*=\s*)?'((?:[^']|'')*)'", match[2])
    if key is None:
        return [match[1], match[2]] if match[2] else [match[1]]
    value = key[2].replace("''", "'")
    return [match[1], f"{key[1]}={value}" if key[1] else value]


def error_body(code: str, message: str, client_request: str = "") -> dict[str, Any]:
    """An error as Graph writes it."""
    request = str(uuid.uuid4())
    inner = {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request,
        "client-request-id": client_request or request,
    }
    return {"error": {"code": code, "message": message, "innerError": inner}}


def intune_message(text: str, path: str) -> str:
    """The message of an error of Intune's, which is JSON inside JSON and names the scale unit of the tenant."""
    activity = uuid.uuid4()
    whole = {
        "_version": 3,
        "Message": f"{text} - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 "
        f"- Activity ID: {activity} - Url: {SCALE_UNIT}{path}",
        "CustomApiErrorPhrase": "",
        "RetryAfter": None,
        "ErrorSourceService": "",
        "HttpHeaders": "{}",
    }
    return json.dumps(whole, indent=2).replace("\n", "\r\n")


def bad_request(message: str) -> RefusalError:
    """400 of Graph itself."""
    return RefusalError(400, "BadRequest", message)


def intune_refusal(text: str, call: Call) -> RefusalError:
    """400 of Intune."""
    return RefusalError(400, "BadRequest", intune_message(text, call.path))


def not_found(key: str) -> RefusalError:
    """404 of the directory."""
    return RefusalError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{key}' does not exist or one of its queried reference-property objects are not present.",
    )


def intune_not_found(call: Call) -> RefusalError:
    """404 of Intune."""
    return RefusalError(404, "ResourceNotFound", intune_message("The requested resource does not exist.", call.path))
