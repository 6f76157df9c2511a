# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""So much of the controller's API as the modules of awx.awx need: objects that are kept, found, changed and joined.

It knows nothing of what it is given, but refuses what awx/api refuses: objects that refer to what is not there, and
credential types, surveys, playbooks and rules of schedules that cannot work. It is no controller: nothing runs.
"""

from __future__ import annotations

import json
import re
import threading
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from integration.controller import PROJECT, refuse_type
from integration.harness import Json
from jinja2 import TemplateError

TOKEN = "controller-token"
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates")
# By field, the kind of object that it refers to.
REFERENCES = {
    "organization": "organizations",
    "project": "projects",
    "source_project": "projects",
    "inventory": "inventories",
    "credential": "credentials",
    "credential_type": "credential_types",
    "execution_environment": "execution_environments",
    "default_environment": "execution_environments",
    "workflow_job_template": "workflow_job_templates",
}
RULE = re.compile(r"DTSTART(;TZID=[\w/]+)?:\d{8}T\d{6}Z? RRULE:FREQ=\w+;INTERVAL=\d+.*")
# What the next step of a workflow can be, and what jobs get.
LINKS = ("success_nodes", "failure_nodes", "always_nodes", "credentials")


class RefusedError(Exception):
    """The answer is HTTP 400."""


class Store:
    """The objects of a controller, by kind."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[int, Json]] = {}
        self.links: dict[str, list[int]] = {}
        self.surveys: dict[str, Json] = {}
        self.writes: list[str] = []
        self.create("organizations", {"name": "Default"})
        self.writes.clear()

    def all(self, kind: str) -> list[Json]:
        """The objects of a kind."""
        kinds = UNIFIED if kind == "unified_job_templates" else (kind,)
        return [entry for each in kinds for entry in self.kinds.get(each, {}).values()]

    def create(self, kind: str, fields: Json) -> Json:
        """Keep an object."""
        self.check(kind, fields)
        number = 1 + sum(len(entries) for entries in self.kinds.values())
        url = f"/api/v2/{kind}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/"} if kind.endswith("job_templates") else {}
        entry = {"status": "successful", "scm_revision": "4f2a9838", "summary_fields": {}, **fields}
        entry |= {"id": number, "url": url, "type": kind[:-1], "related": related}
        self.kinds.setdefault(kind, {})[number] = entry
        self.writes.append(f"create {kind} {fields.get('name', fields.get('identifier'))}")
        return entry

    def change(self, entry: Json, fields: Json) -> Json:
        """Change an object."""
        kind = entry["url"].split("/")[3]
        self.check(kind, {**entry, **fields})
        self.writes.append(f"change {kind} {entry.get('name', entry.get('identifier'))}: {sorted(fields)}")
        entry.update({key: value for key, value in fields.items() if key != "type"})
        return entry

    def check(self, kind: str, fields: Json) -> None:
        """Refuse fields that the controller would refuse."""
        for field, target in REFERENCES.items():
            if fields.get(field) and fields[field] not in self.kinds.get(target, {}):
                raise RefusedError(f"{field}: Invalid pk {fields[field]!r} - object does not exist.")
        try:
            if kind == "credential_types":
                refuse_type(fields["inputs"], fields["injectors"])
        except (AssertionError, TemplateError) as exc:
            raise RefusedError(f"injectors: {exc}") from exc
        if kind == "job_templates" and not (PROJECT / fields["playbook"]).is_file():
            raise RefusedError("playbook: Playbook not found for project.")
        if kind == "schedules" and not RULE.fullmatch(fields["rrule"]):
            raise RefusedError("rrule: not one that the controller understands")
        if kind == "workflow_job_template_nodes" and fields.get("job_type"):
            (template,) = [each for each in self.all("job_templates") if each["id"] == fields["unified_job_template"]]
            if not template["ask_job_type_on_launch"]:
                raise RefusedError("job_type: Field is not configured to prompt on launch.")

    def answer(self, method: str, path: str, query: Json, body: Json) -> tuple[int, Json]:
        """Answer a request."""
        parts = path.strip("/").split("/")[2:]
        if len(parts) == 1 and method == "GET":
            found = [each for each in self.all(parts[0]) if all(str(each.get(k)) == v for k, v in query.items())]
            return 200, {"count": len(found), "next": None, "results": found}
        if len(parts) == 1:
            return 201, self.create(parts[0], body)
        entry = self.kinds[parts[0]][int(parts[1])]
        if len(parts) == 2:
            return 200, entry if method == "GET" else self.change(entry, body)
        return self._below(method, path, entry, body)

    def _below(self, method: str, path: str, entry: Json, body: Json) -> tuple[int, Json]:
        name = path.strip("/").rpartition("/")[2]
        if name == "survey_spec":
            if method == "POST":
                if not body["spec"] or len({each["variable"] for each in body["spec"]}) != len(body["spec"]):
                    raise RefusedError("survey: its questions")
                self.writes.append(f"survey {entry['name']}")
                self.surveys[path] = body
            return 200, self.surveys.get(path, {})
        if name == "create_approval_template":
            made = self.create("workflow_approval_templates", body)
            entry["unified_job_template"] = made["id"]
            entry["related"]["unified_job_template"] = made["url"]
            return 201, made
        if name not in LINKS and not name.startswith("notification_templates_"):
            raise RefusedError(f"{name} is not played")
        linked = self.links.setdefault(path, [])
        if method == "POST":
            kind = "credentials" if name == "credentials" else "workflow_job_template_nodes"
            if body["id"] not in self.kinds.get(kind, {}):
                raise RefusedError(f"{name}: no such object")
            self.writes.append(f"link {entry.get('name', entry.get('identifier'))} {name}")
            linked.append(body["id"])
            return 204, {}
        return 200, {"count": len(linked), "next": None, "results": [{"id": each} for each in linked]}


@contextmanager
def playing() -> Iterator[tuple[str, Store]]:
    """Play a controller. Gives its URL and what it keeps."""
    store = Store()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status, answer = 401, {"detail": "Authentication credentials were not provided."}
            else:
                try:
                    status, answer = store.answer(self.command, parts.path, dict(parse_qsl(parts.query)), body)
                except RefusedError as exc:
                    status, answer = 400, {"__all__": [str(exc)]}
                except (KeyError, ValueError) as exc:
                    status, answer = 404, {"detail": f"{exc!r}"}
            payload = json.dumps(answer).encode() if status != 204 else b""
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PATCH = _serve  # noqa: N815  # The names that the server calls.

        def log_message(self, *_arguments: t.Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", store
        finally:
            server.shutdown()
            thread.join()
