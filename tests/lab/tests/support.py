# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of the lab have in common: a lab that runs, and requests with the standard library."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import yaml

TESTS = Path(__file__).resolve().parents[2]
DOMAIN = "corp.contoso.example"


class Answer(NamedTuple):
    """An answer that was read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def rows(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.json["value"]
        return rows


class Connection(http.client.HTTPSConnection):
    """Goes to the lab's port while Host and SNI stay the provider's full name."""

    def __init__(self, fqdn: str, target: str, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(fqdn, context=context, timeout=timeout)
        self._target = (target.partition(":")[0], int(target.partition(":")[2]))
        self._tls = context

    def connect(self) -> None:
        plain = socket.create_connection(self._target, self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


class Lab:
    """A running lab."""

    def __init__(self, process: subprocess.Popen[str], state: Path) -> None:
        self.process = process
        self.state = state
        self.vars: dict[str, Any] = yaml.safe_load((state / "vars.yml").read_text())
        self.adminservice: dict[str, Any] = self.vars["tenant_attach_adminservice"]
        self.accounts: dict[str, dict[str, str]] = self.vars["lab"]["accounts"]

    def connection(self, host: str | None = None, ca: str | None = None, timeout: float = 10) -> Connection:
        fqdn = f"{host}.{DOMAIN}" if host else self.adminservice["provider"]
        context = ssl.create_default_context(cafile=ca or self.adminservice["ca_path"])
        return Connection(fqdn, self.adminservice["connect_to"][fqdn], context, timeout)

    def get(
        self,
        path: str,
        *,
        host: str | None = None,
        account: str = "auditor",
        token: str | None = None,
        connection: Connection | None = None,
        method: str = "GET",
        body: str | None = None,
        timeout: float = 10,
    ) -> Answer:
        own = connection or self.connection(host, timeout=timeout)
        headers = {"Authorization": f"Bearer {token or self.accounts[account]['token']}"} if account else {}
        try:
            return exchange(own, path, headers, method, body)
        finally:
            if connection is None:
                own.close()

    def log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.state / "requests.jsonl").read_text().splitlines()]


def exchange(
    connection: Connection, path: str, headers: dict[str, str], method: str = "GET", body: str | None = None
) -> Answer:
    url = path if path.startswith("/") else f"/AdminService/{path}"
    connection.request(method, quote(url, safe="/?&=$,()':;%*"), body=body, headers=headers)
    response = connection.getresponse()
    return Answer(response.status, response.headers, response.read())


@contextmanager
def running(state: Path, scenario: str, *arguments: str) -> Iterator[Lab]:
    command = [sys.executable, "-m", "lab", "--scenario", scenario, "--state-dir", str(state), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline().strip()
        assert line == str(state / "vars.yml"), process.stderr.read()
        assert (state / "ready").exists()
        try:
            yield Lab(process, state)
        finally:
            process.send_signal(signal.SIGTERM)
            rest, errors = process.communicate(timeout=10)
            assert (process.returncode, rest, errors) == (0, "", "")


class Cloud:
    """The cloud side of a running lab."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.graph: dict[str, Any] = lab.vars["tenant_attach_graph"]
        self.own: dict[str, Any] = lab.vars["lab"]["cloud"]
        self.url: str = self.graph["graph_url"]

    def send(
        self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: str | bytes | None = None
    ) -> Answer:
        parts = urlsplit(url)
        assert parts.hostname is not None
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=self.graph["ca_path"])
            connection = http.client.HTTPSConnection(parts.hostname, parts.port, context=context, timeout=10)
        else:
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=10)
        target = f"{parts.path}{'?' if parts.query else ''}{parts.query}"
        try:
            connection.request(method, quote(target, safe="/?&=$,()':;%*@"), body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def ask(
        self,
        path: str,
        method: str = "GET",
        body: Any = None,
        *,
        token: str | None = None,
        version: str = "v1.0",
        **headers: str,
    ) -> Answer:
        url = path if "://" in path else f"{self.url}/{version}/{path}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {self.own['token'] if token is None else token}"
        if body is not None:
            sent["Content-Type"] = "application/json"
        return self.send(url, method, sent, None if body is None else json.dumps(body))

    def batch(self, *items: dict[str, Any], version: str = "v1.0") -> dict[str, dict[str, Any]]:
        """Send requests in one; a path alone is a GET, and ids are numbers where none are given."""
        requests = [{"id": str(number), "method": "GET", **item} for number, item in enumerate(items)]
        answer = self.ask("$batch", "POST", {"requests": requests}, version=version)
        assert answer.status == 200, answer.body
        return {each["id"]: each for each in answer.json["responses"]}

    def sign_in(self, **form: str) -> Answer:
        """Ask the authority for a token of the application's."""
        whole = {
            "grant_type": "client_credentials",
            "client_id": self.graph["client_id"],
            "scope": f"{self.url}/.default",
            **form,
        }
        url = f"{self.graph['authority_url']}/{self.graph['tenant_id']}/oauth2/v2.0/token"
        return self.send(url, "POST", {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(whole))
