# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._options import (
    Connection,
    argument_spec,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY


def options(**given: t.Any) -> dict[str, t.Any]:
    """Options as a module has them after its argument spec."""
    result = ArgumentSpecValidator(argument_spec()).validate({"provider": "cm01.contoso.com", **given})
    assert result.error_messages == []
    return t.cast("dict[str, t.Any]", result.validated_parameters)


def test_defaults() -> None:
    assert options() == {
        "provider": "cm01.contoso.com",
        "auth": "kerberos",
        "username": None,
        "password": None,
        "token": None,
        "keytab": None,
        "ccache": None,
        "ca_path": None,
        "validate_certs": True,
        "timeout": 30,
        "deadline": 120,
        "proxy_url": None,
        "connect_to": {},
    }


def test_what_is_left_out_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AUTH", "USERNAME", "PASSWORD", "TOKEN", "KEYTAB", "CCACHE", "CA_PATH", "PROVIDER"):
        monkeypatch.setenv(f"CONFIGMGR_{name}", "token" if name == "AUTH" else f"/from/{name}")
    found = ArgumentSpecValidator(argument_spec()).validate({"username": "given"}).validated_parameters
    names = ("auth", "username", "password", "token", "keytab", "ccache", "ca_path", "provider")
    assert {key: found[key] for key in names} == {
        "auth": "token",
        "username": "given",
        "password": "/from/PASSWORD",
        "token": "/from/TOKEN",
        "keytab": "/from/KEYTAB",
        "ccache": "/from/CCACHE",
        "ca_path": "/from/CA_PATH",
        "provider": "/from/PROVIDER",
    }


def test_secrets_are_not_logged() -> None:
    assert {name for name, spec in argument_spec().items() if spec.get("no_log")} == {"password", "token", "proxy_url"}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"auth": "token"}, "option token for auth=token"),
        ({"auth": "token", "token": ""}, "option token for auth=token"),
        ({"auth": "ntlm"}, "option username and password for auth=ntlm"),
        ({"auth": "ntlm", "username": "u"}, "option username and password for auth=ntlm"),
        ({"auth": "kerberos", "password": CANARY}, "option username for auth=kerberos"),
        ({"auth": "negotiate", "password": CANARY}, "option username for auth=negotiate"),
        ({"auth": "kerberos", "token": CANARY}, "no option token for auth=kerberos"),
        ({"auth": "negotiate", "token": CANARY}, "no option token for auth=negotiate"),
        ({"auth": "token", "token": CANARY, "username": "u", "password": "p"}, "no option password for auth=token"),
        ({"auth": "token", "token": CANARY, "keytab": "/k"}, "no option keytab for auth=token"),
        ({"auth": "ntlm", "username": "u", "password": CANARY, "ccache": "/c"}, "no option ccache for auth=ntlm"),
        ({"username": "u", "password": CANARY, "keytab": "/k"}, "one of the options password, keytab and ccache"),
        ({"username": "u", "password": CANARY, "ccache": "/c"}, "one of the options password, keytab and ccache"),
        ({"keytab": "/k", "ccache": "/c"}, "one of the options password, keytab and ccache"),
        ({"provider": "10.0.0.1"}, "the full name of the host"),
        ({"provider": "cm01:8443"}, "the full name of the host"),
        ({"timeout": 0}, "option timeout to be at least 1 second"),
        ({"deadline": -1}, "option deadline to be at least 1 second"),
        ({"provider": "https://cm01.contoso.com"}, "option provider to be a host name"),
        ({"connect_to": {"cm01": "10.0.0.1:x"}}, "option connect_to to be a host name"),
        ({"connect_to": {"cm01": "10.0.0.1"}, "proxy_url": f"http://u:{CANARY}@p:1"}, "either option proxy_url or"),
        ({"proxy_url": f"u:{CANARY}@proxy:8080"}, "the URL of an HTTP proxy"),
        ({"proxy_url": f"http://u:{CANARY}@"}, "the URL of an HTTP proxy"),
        ({"proxy_url": f"http://u:{CANARY}@proxy:x"}, "the URL of an HTTP proxy"),
        ({"proxy_url": f"http://u:{CANARY}@[proxy"}, "the URL of an HTTP proxy"),
        ({"proxy_url": f"socks5://u:{CANARY}@proxy:1080"}, "the URL of an HTTP proxy"),
        ({"ca_path": "/does/not/exist.pem"}, "option ca_path to name a PEM file"),
    ],
)
def test_options_that_cannot_work_are_refused_before_any_call(given: dict[str, t.Any], text: str) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        Connection(options(**given))
    assert text in caught.value.expected
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"username": "svc@CONTOSO.COM"},
        {"username": "u", "password": "p"},
        {"auth": "ntlm", "username": "u", "password": "p"},
        {"auth": "token", "token": "x"},
        {"keytab": "/k"},
        {"keytab": "/k", "username": "svc@CONTOSO.COM"},
        {"ccache": "/c"},
        {"auth": "negotiate", "ccache": "/c"},
        {"proxy_url": "http://proxy.contoso.com:8080"},
        {"proxy_url": "https://user:word@proxy"},
    ],
)
def test_options_that_can_work(given: dict[str, t.Any]) -> None:
    assert Connection(options(**given)).provider == "cm01.contoso.com"


def test_clients_share_the_deadline_and_know_their_address() -> None:
    connection = Connection(options(provider="cm01.contoso.com:8443", auth="token", token=CANARY))
    first, other = connection.client(), connection.client("cm02.contoso.com", 9141)
    assert first.base == "https://cm01.contoso.com:8443/AdminService"
    assert other.base == "https://cm02.contoso.com/AdminService"
    assert first._session._deadline is other._session._deadline is connection.deadline


def test_names_in_connect_to_count_in_any_case() -> None:
    connection = Connection(options(connect_to={"CM01.Contoso.com": "10.0.0.1"}))
    assert connection._route.address("cm01.contoso.com", 443) == ("10.0.0.1", 443)


def test_a_directory_may_be_given_as_ca_path(tmp_path: Path) -> None:
    assert Connection(options(ca_path=str(tmp_path)))._route.ca_path == str(tmp_path)
