# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ssl
import threading
import typing as t

import pytest
import requests

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils._deadline import Deadline
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.adminservice._client import AdminService
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect import _health
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect._health import (
    Probe,
    component_of,
    probe_all,
    survey,
)
from ansible_collections.configmgr.tenant_attach.tests.unit import estate
from ansible_collections.configmgr.tenant_attach.tests.unit.certificates import Authority
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    HOST,
    Call,
    Conversation,
    client,
    dropped,
    listing,
    refusal,
    refused,
    silent,
)

Converse = t.Callable[..., Conversation]
EDMX = b'<?xml version="1.0"?><edmx:Edmx Version="4.0"/>'
ALL = ["resolve", "connect", "tls", "authenticate", "metadata", "wmi", "versioned"]
TARGETS = ("/v1.0/$metadata", "/wmi/SMS_Site?$top=1", "/v1.0/Device?$top=1")


def site(namespace: str | None = "root\\sms\\site_CAS") -> dict[str, t.Any]:
    return listing({"SiteCode": "P01", "__NAMESPACE": namespace})


def probing(host: str = HOST, **instead: t.Any) -> list[Call]:
    """The three calls of a probe. One may be replaced, and ends the conversation."""
    made = []
    for name, target, body in zip(("metadata", "wmi", "versioned"), TARGETS, (EDMX, site(), listing()), strict=True):
        url = f"https://{host}/AdminService{target}"
        if name in instead:
            return [*made, Call(url, **instead[name])]
        made.append(Call(url, body))
    return made


def connect(provider: dict[str, t.Any]) -> AdminService:
    return client(provider["host"], build=provider.get("build"))


def probe(host: str = HOST, site: str | None = "CAS") -> dict[str, t.Any]:
    return Probe({"host": host, "site": site}, connect).run()


class TestProbe:
    def test_healthy(self, converse: Converse, authority: Authority) -> None:
        conversation = converse(*probing(), certificate=authority.issue(HOST).der)
        found = probe()
        assert (found["host"], found["site"], found["healthy"], found["failed_stage"]) == (HOST, "CAS", True, None)
        assert [stage["name"] for stage in found["stages"]] == ALL
        assert all(stage["ok"] for stage in found["stages"])
        assert found["certificate"]["sans"] == [HOST]
        assert conversation.adapters[0].closed

    @pytest.mark.parametrize(
        ("namespace", "code"),
        [("root\\sms\\site_P01", "P01"), ("ROOT\\SMS\\SITE_p01", "P01"), ("root\\sms", "CAS"), (None, "CAS")],
    )
    def test_the_namespace_tells_the_site(self, converse: Converse, namespace: str | None, code: str) -> None:
        calls = probing()
        converse(calls[0], Call(TARGETS[1], site(namespace)), calls[2])
        assert probe()["site"] == code

    def test_no_site_at_all_is_healthy_too(self, converse: Converse) -> None:
        calls = probing()
        converse(calls[0], Call(TARGETS[1], listing()), calls[2])
        assert probe(site=None) | {"stages": None} == {
            "host": HOST,
            "site": None,
            "healthy": True,
            "failed_stage": None,
            "stages": None,
            "certificate": None,
        }

    @pytest.mark.parametrize(
        ("instead", "stage", "kind", "passed"),
        [
            ({"metadata": {"error": refused(), "reached": ("resolve",)}}, "connect", "connection", 1),
            ({"metadata": {"error": silent()}}, "authenticate", "connection", 3),
            ({"metadata": {"status": 401}}, "authenticate", "authentication", 3),
            ({"metadata": {"status": 403}}, "authenticate", "access_denied", 3),
            ({"metadata": {"status": 404}}, "metadata", "not_found", 3),
            ({"metadata": {"status": 503}}, "metadata", "service", 3),
            ({"metadata": {"status": 302}}, "metadata", "answer", 3),
            ({"metadata": {"body": b"<html>"}}, "metadata", "answer", 3),
            ({"wmi": {"status": 500}}, "wmi", "service", 5),
            ({"wmi": {"status": 404, "body": refusal(404, "Access denied  WMI QUERY: ")}}, "wmi", "access_denied", 5),
            ({"wmi": {"error": refused()}}, "connect", "connection", 5),
            ({"versioned": {"status": 404}}, "versioned", "not_found", 6),
            ({"versioned": {"status": 401}}, "versioned", "authentication", 6),
        ],
    )
    def test_where_it_stops(
        self, converse: Converse, instead: dict[str, t.Any], stage: str, kind: str, passed: int
    ) -> None:
        converse(*probing(**instead))
        found = probe()
        assert (found["healthy"], found["failed_stage"]) == (False, stage)
        assert [each["name"] for each in found["stages"][:-1]] == ALL[:passed]
        last = found["stages"][-1]
        assert (last["name"], last["ok"], last["error"]["kind"]) == (stage, False, kind)
        assert last["detail"]
        assert CANARY not in str(found)

    def test_a_drop_leaves_the_stages_of_both_connections_once(self, converse: Converse) -> None:
        calls = probing()
        converse(Call(TARGETS[0], error=dropped()), *calls)
        assert [stage["name"] for stage in probe()["stages"]] == ALL

    @pytest.mark.parametrize("shown", [True, False])
    def test_a_refused_certificate_is_shown_where_it_can_be_had(
        self, converse: Converse, authority: Authority, monkeypatch: pytest.MonkeyPatch, shown: bool
    ) -> None:
        der = authority.issue("other.contoso.com").der
        monkeypatch.setattr(AdminService, "peek_certificate", lambda _self: der if shown else None)
        problem = ssl.SSLCertVerificationError(1, "certificate verify failed")
        problem.verify_message = "Hostname mismatch"
        converse(*probing(metadata={"error": requests.exceptions.SSLError(problem), "reached": ("resolve", "connect")}))
        found = probe()
        assert found["failed_stage"] == "tls"
        assert (found["certificate"] or {}).get("sans") == (["other.contoso.com"] if shown else None)

    def test_a_library_that_is_missing_concerns_the_sign_in(
        self, converse: Converse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_client: AdminService, _route: str) -> t.NoReturn:
            _client.trace.stages += [("resolve", 0.0, ""), ("connect", 0.0, ""), ("tls", 0.0, "")]
            raise _errors.MissingLibraryError(expected="gssapi", observed="no gssapi")

        monkeypatch.setattr(AdminService, "metadata", fail)
        converse()
        assert probe()["failed_stage"] == "authenticate"

    def test_a_name_that_cannot_be_one_costs_that_provider_only(self, converse: Converse) -> None:
        converse(*probing())
        names = ["bad name", HOST, ""]
        found = probe_all([{"host": name, "site": "CAS"} for name in names], connect, deadline=Deadline(60))
        assert [(each["host"], each["healthy"], each["failed_stage"]) for each in found] == [
            ("bad name", False, "resolve"),
            (HOST, True, None),
            ("", False, "resolve"),
        ]


class TestDeadline:
    def test_what_is_late_keeps_what_was_seen(self, converse: Converse, monkeypatch: pytest.MonkeyPatch) -> None:
        converse(*probing())
        probe = Probe({"host": HOST, "site": "P01"}, connect)
        seen: list[dict[str, t.Any]] = []
        real = AdminService.rows

        def rows(self: AdminService, *args: t.Any, **kwargs: t.Any) -> t.Any:
            # Here the time is up for the one who waits.
            seen.append(probe.late(Deadline(5).error(HOST)))
            return real(self, *args, **kwargs)

        monkeypatch.setattr(AdminService, "rows", rows)
        assert probe.run()["healthy"]
        late = seen[0]
        assert (late["healthy"], late["failed_stage"], late["site"]) == (False, "wmi", "P01")
        assert [stage["name"] for stage in late["stages"]] == ALL[:6]
        assert late["stages"][-1]["error"]["kind"] == "deadline"
        assert late["stages"][-1]["error"]["where"] == HOST

    def test_who_never_answers_is_left_behind(self) -> None:
        release = threading.Event()

        def slow(provider: dict[str, t.Any]) -> AdminService:
            release.wait(30)
            # Nobody listens any more; a call from here would be one of another test.
            raise _errors.AnswerError(expected="an end", observed="the end", where=provider["host"])

        try:
            found = probe_all([{"host": HOST, "site": "P01"}], slow, deadline=Deadline(0.01))
        finally:
            release.set()
        assert [(each["failed_stage"], each["stages"][0]["error"]["kind"]) for each in found] == [
            ("resolve", "deadline")
        ]


@pytest.mark.parametrize(
    ("error", "passed", "stage"),
    [
        (_errors.StageError("tls", expected="", observed=""), ["resolve"], "tls"),
        (_errors.StageError("answer", expected="", observed=""), ALL[:4], "metadata"),
        (_errors.DeadlineError(expected="", observed=""), [], "resolve"),
        (_errors.NotFoundError(expected="", observed=""), ALL[:5], "wmi"),
        (_errors.ServiceError(500, expected="", observed=""), ALL, "versioned"),
    ],
)
def test_stage_of(error: _errors.TenantAttachError, passed: list[str], stage: str) -> None:
    assert _health._stage_of(error, passed) == stage


@pytest.mark.parametrize(
    ("host", "code", "state"),
    [
        ("cm01.contoso.com", "CAS", "started"),
        ("cm01.contoso.com", "P01", "stopped"),
        ("cm01.contoso.com", None, "started"),
        ("cm02.contoso.com", "CAS", None),
        ("cm01.contoso.com", "P02", None),
    ],
)
def test_the_component_of_a_provider(host: str, code: str | None, state: str | None) -> None:
    components = [
        {
            "component": "SMS_REST_PROVIDER",
            "host": "cm01",
            "site": site,
            "state": state,
            "status": "ok",
            "last_contacted": None,
        }
        for site, state in (("CAS", "started"), ("P01", "stopped"))
    ]
    # Only the SMS_REST_PROVIDER of a host is about AdminService.
    found = component_of({"host": host, "site": code}, components)
    assert (found["state"] if found else None) == state
    assert found is None or sorted(found) == ["last_contacted", "state", "status"]


class TestSurvey:
    ENTRY: t.ClassVar[list[Call]] = [
        call
        for call in estate.calls()
        if call.target in {estate.TARGETS[topic] for topic in ("sites", "roles", "components")}
    ]

    def run(self, named: list[str] | None = None) -> list[dict[str, t.Any]]:
        return survey(client(), connect, named=named, deadline=Deadline(60))

    def test_all_of_the_hierarchy(self, converse: Converse) -> None:
        conversation = converse(*self.ENTRY, *probing(), *probing(estate.REMOTE), *probing(estate.PROVIDER))
        found = self.run()
        assert [(each["host"], each["healthy"], (each["component"] or {}).get("status")) for each in found] == [
            (estate.REMOTE, True, None),
            (HOST, True, "ok"),
            # It says that it serves the CAS, and the CAS knows nothing of its component.
            (estate.PROVIDER, True, None),
        ]
        assert all(adapter.closed for adapter in conversation.adapters)

    def test_only_the_named_ones(self, converse: Converse) -> None:
        converse(*self.ENTRY, *probing(), *probing("other.contoso.com"))
        found = self.run([HOST.upper(), "Other.contoso.com"])
        assert [(each["host"], each["site"]) for each in found] == [(HOST, "CAS"), ("other.contoso.com", "CAS")]

    def test_builds_explain_refusals(self, converse: Converse) -> None:
        builds = {}
        real = connect

        def remember(provider: dict[str, t.Any]) -> AdminService:
            builds[provider["host"]] = provider["build"]
            return real(provider)

        converse(*self.ENTRY, *probing(), *probing("other.contoso.com"))
        survey(client(), remember, named=[HOST, "other.contoso.com"], deadline=Deadline(60))
        assert builds == {HOST: 9141, "other.contoso.com": None}

    def test_without_components_every_result_says_why(self, converse: Converse) -> None:
        entry = [*self.ENTRY[:2], Call(estate.TARGETS["components"], status=500)]
        converse(*entry, *probing(), *probing(estate.REMOTE), *probing(estate.PROVIDER))
        assert {each["component"]["error"]["kind"] for each in self.run()} == {"service"}

    def test_without_the_hierarchy_there_is_nothing_to_survey(self, converse: Converse) -> None:
        conversation = converse(Call(estate.TARGETS["sites"], status=401))
        with pytest.raises(_errors.AuthenticationError):
            self.run()
        assert conversation.adapters[0].closed

    def test_without_the_hierarchy_named_ones_are_surveyed_all_the_same(self, converse: Converse) -> None:
        converse(Call(estate.TARGETS["sites"], status=500), *probing("other.contoso.com"))
        (found,) = self.run(["other.contoso.com"])
        assert (found["healthy"], found["component"]["error"]["kind"]) == (True, "service")

    def test_one_that_is_down_does_not_hide_the_others(self, converse: Converse) -> None:
        down = probing(estate.REMOTE, metadata={"error": refused(estate.REMOTE), "reached": ("resolve",)})
        converse(*self.ENTRY, *probing(), *down, *probing(estate.PROVIDER))
        assert [each["failed_stage"] for each in self.run()] == ["connect", None, None]
