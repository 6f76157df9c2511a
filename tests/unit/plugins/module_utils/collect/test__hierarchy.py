# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect import _hierarchy
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect._hierarchy import (
    read_components,
    read_hierarchy,
    read_layout,
    read_providers,
)
from ansible_collections.configmgr.tenant_attach.tests.unit import estate
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import (
    CANARY,
    HOST,
    Call,
    Conversation,
    client,
    listing,
    refusal,
    refused,
    silent,
)

Converse = t.Callable[..., Conversation]
DENIED = "Access denied  WMI QUERY: "


def fail(topic: str, **options: t.Any) -> Call:
    return Call(estate.TARGETS[topic], **options)


def test_the_whole_hierarchy(converse: Converse) -> None:
    conversation = converse(*estate.calls())
    found = read_hierarchy(client())
    assert found["errors"] == {}
    assert (found["read_from"], found["top_site"]) == (HOST, "CAS")
    assert [site["code"] for site in found["sites"]] == ["CAS", "P01", "S11"]
    assert [site["providers"] for site in found["sites"]] == [[estate.REMOTE, HOST], [estate.PROVIDER], []]
    assert [site["database"] and site["database"]["name"] for site in found["sites"]] == ["CM_CAS", "CM_P01", None]
    assert found["visibility"] == {"administrators": True}
    assert [(provider["host"], provider["remote"]) for provider in found["providers"]] == [
        (estate.REMOTE, True),
        (HOST, False),
        (estate.PROVIDER, False),
    ]
    assert found["service_connection_point"] == {"host": estate.POINT, "site": "CAS", "mode": "online", "proxy": None}
    assert found["service_connection_points"] == [found["service_connection_point"]]
    assert [system["domain"] for system in found["site_systems"]] == ["contoso.com", None]
    assert found["discovery"] == {"P01": {"ad_user": {"enabled": True, "delta": None, "containers": []}}}
    assert [entry["state"] for entry in found["components"]] == ["started", "stopped"]
    assert [message["id"] for message in found["status_messages"]] == [11410]
    assert found["attach"]["state"] == "on"
    assert [entry["count"] for entry in found["clients"]] == [1]
    assert sorted(found["sources"]) == sorted(estate.TARGETS)
    assert found["sources"]["sites"].startswith(f"https://{HOST}/AdminService/wmi/SMS_Site?$select=")
    # The secret of the application is never asked for.
    assert not [request.url for request in conversation.requests if "secretkey" in str(request.url).lower()]
    assert CANARY not in str(found)


# What is in errors, and what is not in the hierarchy, when one reading fails.
COSTS = {
    "visibility": {"visibility"},
    "databases": {"databases"},
    "site_systems": {"site_systems"},
    "ad_user_discovery": {"discovery"},
    "components": {"components"},
    "status_messages": {"status_messages"},
    "attach_services": {"attach"},
    "attach_applications": {"attach"},
    "attach_tenants": {"attach"},
    "clients": {"clients"},
}


@pytest.mark.parametrize("topic", COSTS)
@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"status": 404, "body": refusal(404, DENIED)}, "access_denied"),
        ({"status": 500, "body": refusal(500, "An error has occurred.")}, "service"),
        ({"body": b"<html>"}, "answer"),
    ],
)
def test_one_topic_fails_and_costs_nothing_else(
    converse: Converse, topic: str, options: dict[str, t.Any], kind: str
) -> None:
    converse(*estate.calls(**{topic: fail(topic, **options)}))
    found = read_hierarchy(client())
    assert set(found["errors"]) == COSTS[topic]
    assert {error["kind"] for error in found["errors"].values()} == {kind}
    assert not COSTS[topic] & set(found)


def test_without_databases_every_site_says_why(converse: Converse) -> None:
    converse(*estate.calls(databases=fail("databases", status=500)))
    assert {site["database"]["error"]["kind"] for site in read_hierarchy(client())["sites"]} == {"service"}


def test_without_roles_nobody_knows_whether_all_clients_are_seen(converse: Converse) -> None:
    converse(*estate.calls(roles=fail("roles", status=500), clients=None))
    found = read_hierarchy(client())
    assert set(found["errors"]) == {"providers", "service_connection_point", "service_connection_points", "clients"}
    assert {error["observed"] for error in found["errors"].values()} == {"HTTP 500"}
    assert not set(found["errors"]) & set(found)
    assert [system["domain"] for system in found["site_systems"]] == [None, None]


BREAKS = [
    ({"error": refused()}, "connection"),
    ({"status": 401}, "authentication"),
]


@pytest.mark.parametrize(("options", "kind"), BREAKS)
@pytest.mark.parametrize("topic", [topic for topic in estate.TARGETS if topic not in {"sites", "clients"}])
def test_when_the_connection_breaks_the_rest_is_not_asked_for(
    converse: Converse, topic: str, options: dict[str, t.Any], kind: str
) -> None:
    order = list(estate.TARGETS)
    rest = order[order.index(topic) + 1 :]
    converse(*estate.calls(**dict.fromkeys(rest), **{topic: fail(topic, **options)}))
    found = read_hierarchy(client())
    expected: set[str] = set()
    for each in [topic, *rest]:
        expected |= COSTS.get(each, {"providers", "service_connection_point", "service_connection_points"})
    assert set(found["errors"]) == expected
    assert {error["kind"] for error in found["errors"].values()} == {kind}
    assert not expected & set(found)


def test_an_answer_that_does_not_come_in_time_costs_its_topic(converse: Converse) -> None:
    late = fail("status_messages", error=silent())
    converse(*estate.calls(status_messages=late))
    errors = read_hierarchy(client())["errors"]
    assert {topic: error["stage"] for topic, error in errors.items()} == {"status_messages": "answer"}


@pytest.mark.parametrize(("options", "kind"), [*BREAKS, ({"status": 403}, "access_denied")])
def test_without_sites_there_is_no_hierarchy(converse: Converse, options: dict[str, t.Any], kind: str) -> None:
    converse(fail("sites", **options))
    with pytest.raises(_errors.TenantAttachError) as caught:
        read_hierarchy(client())
    assert caught.value.kind == kind


def test_no_site_at_all_means_no_rights(converse: Converse) -> None:
    converse(Call(estate.TARGETS["sites"], listing()))
    with pytest.raises(_errors.AccessDeniedError, match="the account sees nothing") as caught:
        read_hierarchy(client())
    assert caught.value.rights == (_hierarchy.READER,)


def test_an_account_without_scope_proves_nothing_by_empty_lists(converse: Converse) -> None:
    empty: dict[str, t.Any] = {topic: [] for topic in estate.TARGETS if topic != "sites"}
    converse(*estate.calls(**{**empty, "clients": None}))
    found = read_hierarchy(client())
    assert found["visibility"] == {"administrators": False}
    assert "attach" not in found
    assert "service_connection_points" not in found
    assert {error["observed"] for error in found["errors"].values()} == {
        "an empty list, without an error: the account has no scope"
    }


def test_an_account_with_scope_proves_much_by_empty_lists(converse: Converse) -> None:
    converse(
        *estate.calls(attach_services=[], attach_applications=[], attach_tenants=[], status_messages=[], clients=[])
    )
    found = read_hierarchy(client())
    assert found["errors"] == {}
    assert found["attach"] == {"state": "off", "services": []}
    assert (found["status_messages"], found["clients"]) == ([], [])


def test_a_stand_alone_site(converse: Converse) -> None:
    converse(*estate.calls(**estate.standalone()))
    found = read_hierarchy(client())
    assert found["top_site"] == "P01"
    assert found["errors"] == {}


def test_there_may_be_no_service_connection_point(converse: Converse) -> None:
    roles = [row for row in estate.ROWS["roles"] if row["RoleName"] != "SMS Dmp Connector"]
    converse(*estate.calls(roles=roles))
    found = read_hierarchy(client())
    assert found["service_connection_point"] is None
    assert found["service_connection_points"] == []


def test_of_two_service_connection_points_the_one_of_the_top_site_counts(converse: Converse) -> None:
    second = {**estate.ROWS["roles"][3], "SiteCode": "AAA", "NetworkOSPath": "\\\\other"}
    converse(*estate.calls(roles=[second, *estate.ROWS["roles"]]))
    found = read_hierarchy(client())
    assert [point["site"] for point in found["service_connection_points"]] == ["AAA", "CAS"]
    assert found["service_connection_point"]["site"] == "CAS"


@pytest.mark.parametrize(
    ("host", "observed"),
    [(estate.PROVIDER, "one of site P01"), ("alias.contoso.com", "a host that is not among the SMS Providers")],
)
def test_a_provider_of_a_lower_site_does_not_count_clients(converse: Converse, host: str, observed: str) -> None:
    moved = [
        Call(f"https://{host}/AdminService{target}", listing(*estate.ROWS[topic]))
        for topic, target in estate.TARGETS.items()
        if topic != "clients"
    ]
    converse(*moved)
    error = read_hierarchy(client(host))["errors"]["clients"]
    assert error["observed"] == observed
    assert error["next_step"] == f"set provider to {estate.REMOTE}"


class TestClients:
    def page(self, after: int, numbers: t.Iterable[int | None]) -> Call:
        target = estate.TARGETS["clients"].replace("gt 0", f"gt {after}").replace("top=5000", "top=3")
        return Call(target, listing(*({"ResourceID": number, "Build": "10.0.22631"} for number in numbers)))

    @pytest.fixture(autouse=True)
    def _small_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_hierarchy, "CLIENT_PAGE", 3)

    def read(self, converse: Converse, *pages: Call) -> dict[str, t.Any]:
        converse(*estate.calls(clients=None), *pages)
        return read_hierarchy(client())

    @pytest.mark.parametrize(
        ("pages", "count"),
        [
            ([(0, [1, 2])], 2),
            ([(0, [1, 2, 3]), (3, [])], 3),
            ([(0, [1, 2, 3]), (3, [7, 8, 9]), (9, [10])], 7),
            # More than asked for is cut, and asked for again.
            ([(0, [1, 2, 3, 4]), (3, [4])], 4),
        ],
    )
    def test_pages(self, converse: Converse, pages: list[tuple[int, list[int | None]]], count: int) -> None:
        found = self.read(converse, *(self.page(after, numbers) for after, numbers in pages))
        assert sum(entry["count"] for entry in found["clients"]) == count

    @pytest.mark.parametrize("numbers", [[3, 1, 2], [1, None, 3], [3, 2, 1]])
    def test_a_wrong_order_is_noticed(self, converse: Converse, numbers: list[int | None]) -> None:
        found = self.read(converse, self.page(0, numbers))
        assert "clients" not in found
        assert found["errors"]["clients"]["kind"] == "answer"

    def test_a_filter_that_is_not_honoured_is_noticed_at_the_second_page(self, converse: Converse) -> None:
        found = self.read(converse, self.page(0, [1, 2, 3]), self.page(3, [1, 2, 3]))
        assert found["errors"]["clients"]["kind"] == "answer"

    def test_the_number_of_pages_is_limited(self, converse: Converse, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_hierarchy, "_MAX_CLIENT_PAGES", 2)
        found = self.read(converse, self.page(0, [1, 2, 3]), self.page(3, [4, 5, 6]))
        assert found["errors"]["clients"]["kind"] == "answer"


def test_five_thousand_clients_a_page() -> None:
    assert _hierarchy.CLIENT_PAGE == 5000


class TestParts:
    def calls(self, **instead: t.Any) -> list[Call]:
        return [call for call in estate.calls(**instead) if call.target in map(estate.TARGETS.get, ("sites", "roles"))]

    def test_providers_with_the_builds_of_their_sites(self, converse: Converse) -> None:
        converse(*self.calls())
        found, builds = read_providers(client())
        assert [entry["host"] for entry in found] == [estate.REMOTE, HOST, estate.PROVIDER]
        assert builds == {"CAS": 9141, "P01": 9141, "S11": 9141}

    def test_no_provider_means_no_scope(self, converse: Converse) -> None:
        converse(*self.calls(roles=[]))
        with pytest.raises(_errors.AccessDeniedError, match="the one that answers is one"):
            read_providers(client())

    def test_components(self, converse: Converse) -> None:
        converse(Call(estate.TARGETS["components"], listing(*estate.ROWS["components"])))
        assert [entry["host"] for entry in read_components(client())] == ["cm01", "cm-p01"]


# -- the layout alone -------------------------------------------------------------------------------------------------


def test_the_layout_costs_five_requests(converse: Converse) -> None:
    converse(*estate.layout_calls())
    found = read_layout(client())
    assert [site["database"] and site["database"]["name"] for site in found["sites"]] == ["CM_CAS", "CM_P01", None]
    assert [provider["host"] for provider in found["providers"]] == [estate.REMOTE, HOST, estate.PROVIDER]
    assert [point["host"] for point in found["service_connection_points"]] == [estate.POINT]
    assert [system["host"] for system in found["site_systems"]] == [estate.POINT, HOST]


@pytest.mark.parametrize("topic", ["sites", "roles", "databases", "site_systems"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 404, "body": refusal(404, DENIED)}, _errors.AccessDeniedError),
        ({"status": 500}, _errors.ServiceError),
        ({"error": refused()}, _errors.StageError),
    ],
    ids=["denied", "failed", "refused"],
)
def test_half_a_layout_is_none(topic: str, answer: dict[str, t.Any], kind: type[Exception], converse: Converse) -> None:
    answers: dict[str, t.Any] = {topic: fail(topic, **answer)}
    if kind is _errors.StageError or topic == "sites":
        # Nobody is asked again.
        topics = list(estate.TARGETS)
        answers |= dict.fromkeys(topics[topics.index(topic) + 1 :])
    converse(*estate.layout_calls(**answers))
    with pytest.raises(kind):
        read_layout(client())


def test_administrators_that_cannot_be_read_cost_no_layout(converse: Converse) -> None:
    converse(*estate.layout_calls(visibility=fail("visibility", status=500)))
    assert read_layout(client())["top_site"] == "CAS"


@pytest.mark.parametrize("visible", [True, False])
def test_a_layout_without_sms_providers_is_none(visible: bool, converse: Converse) -> None:
    answers = {} if visible else {"visibility": []}
    converse(*estate.layout_calls(roles=[], **answers))
    with pytest.raises(_errors.AccessDeniedError) as caught:
        read_layout(client())
    assert caught.value.rights
