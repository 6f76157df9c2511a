# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a module, and the environment, to a client."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph import _options
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph._options import connect
from ansible_collections.configmgr.tenant_attach.tests.unit.graph import CONNECTION

BARE = {**CONNECTION, "client_id": "c1", "access_token": None}
SECRETS = ("AZURE_CLIENT_SECRET", "AZURE_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE")


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*SECRETS, "AZURE_CLIENT_CERTIFICATE_PASSWORD", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"AZURE_SECRET": "awx"}, {"client_secret": "awx"}),
        ({"AZURE_SECRET": "awx", "AZURE_CLIENT_SECRET": "sdk"}, {"client_secret": "sdk"}),
        (
            {"AZURE_CLIENT_CERTIFICATE_PATH": "/c.pem", "AZURE_CLIENT_CERTIFICATE_PASSWORD": "p"},
            {"certificate_path": "/c.pem", "certificate_password": "p"},
        ),
        ({"AZURE_FEDERATED_TOKEN_FILE": "/t"}, {"federated_token_file": "/t"}),
        # A secret of the environment does not stand beside a token file that comes from it too.
        ({"AZURE_SECRET": "awx", "AZURE_FEDERATED_TOKEN_FILE": "/t"}, {"client_secret": "awx"}),
    ],
)
def test_the_environment_proves_who_asks(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    identity = connect(BARE)._identity
    proofs = ("client_secret", "certificate_path", "certificate_password", "federated_token_file")
    found = {name: getattr(identity, name) for name in proofs}
    assert {name: value for name, value in found.items() if value} == expected


@pytest.mark.parametrize("option", [{"managed_identity": True}, {"access_token": "t"}, {"client_secret": "s"}])
def test_an_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, option: dict[str, t.Any]) -> None:
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", "/t")
    assert connect({**BARE, **option})._identity.federated_token_file is None


@pytest.mark.parametrize(
    ("cloud", "login", "graph"),
    [
        ("public", "https://login.microsoftonline.com", "https://graph.microsoft.com"),
        ("us_gov_gcc_high", "https://login.microsoftonline.us", "https://graph.microsoft.us"),
        ("us_gov_dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
        ("china", "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_each_cloud_has_its_hosts(cloud: str, login: str, graph: str) -> None:
    client = connect({**CONNECTION, "cloud": cloud})
    assert (client.authority, client.base) == (login, graph)


@pytest.mark.parametrize(
    ("name", "cloud"),
    [("AzureCloud", "public"), ("AzureUSGovernment", "us_gov_gcc_high"), ("AZURECHINACLOUD", "china"), ("odd", "odd")],
)
def test_the_cloud_of_the_environment(monkeypatch: pytest.MonkeyPatch, name: str, cloud: str) -> None:
    monkeypatch.setenv("AZURE_CLOUD_ENVIRONMENT", name)
    assert _options._cloud() == cloud


@pytest.mark.parametrize(
    ("exempt", "used"),
    [
        ("", True),
        ("*", False),
        ("microsoft.com,microsoftonline.com", False),
        (".microsoft.com, .microsoftonline.com", False),
        # Only one of the two hosts.
        ("graph.microsoft.com", True),
        ("oft.com,online.com", True),
    ],
)
@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_hosts_that_are_exempt_from_the_proxy(
    monkeypatch: pytest.MonkeyPatch, name: str, exempt: str, used: bool
) -> None:
    monkeypatch.setenv(name, exempt)
    client = connect({**CONNECTION, "proxy_url": "http://proxy.example:8080"})
    assert (client._route.proxy_url is not None) == used


@pytest.mark.parametrize(
    "url", ["http://graph.microsoft.com", "https://graph.microsoft.com/v1.0", "https://u@host", "https://host:0", "x:["]
)
@pytest.mark.parametrize("option", ["graph_url", "authority_url"])
def test_addresses_are_of_hosts_alone(option: str, url: str) -> None:
    with pytest.raises(_errors.InvalidOptionError, match=f"option {option}"):
        connect({**CONNECTION, option: url})
