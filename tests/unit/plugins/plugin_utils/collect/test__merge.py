# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which evidence belongs together, and what of it wins."""

from __future__ import annotations

import copy
import itertools
import json
import typing as t
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.configmgr.tenant_attach.plugins.filter.merge_evidence import FilterModule
from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import InvalidOptionError
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.collect import _stored
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.collect._merge import merge
from ansible_collections.configmgr.tenant_attach.tests.unit.places import FIXTURES

Json = dict[str, t.Any]
FILTER = FilterModule().filters()["merge_evidence"]
OLD, NEW = "2026-11-23T20:00:00Z", "2026-11-23T20:30:00Z"
ERROR: Json = {"kind": "connection", "observed": "no answer"}
NOT_VISITED: Json = {"kind": "not_visited", "observed": "the inventory does not have it"}
UNREACHABLE: Json = {"kind": "unreachable", "observed": "no route"}


def document(at: str = OLD, **sections: t.Any) -> Json:
    return {"schema_version": "1.0", "collected_at": at, **sections}


def merged(*documents: Json, **options: t.Any) -> Json:
    named = [(f"slice {number}", each) for number, each in enumerate(documents, start=1)]
    result = merge(named, **options)
    # Their order never matters.
    for order in itertools.permutations(named):
        assert merge(order, **options) == result
    return result


def host(name: str = "cm01.contoso.com", errors: Json | None = None, **values: t.Any) -> Json:
    return {"host": name, "errors": errors or {}, **values}


def hierarchy(top: str = "CAS", server: str = "cm01.contoso.com", **values: t.Any) -> Json:
    return {"top_site": top, "sites": [{"code": top, "server": server}], "errors": {}, **values}


# -- what wins --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "wins"),
    [
        pytest.param(host(os=1), host(os=2), host(os=2), id="newer"),
        pytest.param(host(os=1), host(errors={"os": NOT_VISITED}), host(os=1), id="observed-not-visited"),
        pytest.param(host(errors={"os": UNREACHABLE}), host(os=2), host(os=2), id="unreachable-observed"),
        pytest.param(host(os=1), host(os={"error": ERROR}), host(os=1), id="error-as-value"),
        pytest.param(
            host(errors={"os": UNREACHABLE}),
            host(errors={"os": NOT_VISITED}),
            host(errors={"os": UNREACHABLE}),
            id="a-visit-says-more",
        ),
        pytest.param(
            host(errors={"os": UNREACHABLE}), host(os={"error": ERROR}), host(errors={"os": ERROR}), id="newer-error"
        ),
        pytest.param(host(os=1, dotnet=3), host(os=2), host(os=2, dotnet=3), id="value-by-value"),
        pytest.param(host("CM01.contoso.com", os=1), host(os=2), host(os=2), id="case-of-names"),
        pytest.param(
            host(errors={"os": NOT_VISITED}),
            host(errors={"os": NOT_VISITED}),
            host(errors={"os": NOT_VISITED}),
            id="nobody",
        ),
    ],
)
def test_of_a_host_the_observed_and_then_the_newer_wins(old: Json, new: Json, wins: Json) -> None:
    assert merged(document(hosts=[old]), document(NEW, hosts=[new]))["hosts"] == [wins]


def test_slices_complete_each_other() -> None:
    names = ("a", "b", "c")
    slices = [
        document(at, hosts=[host(each, os=1) if each == mine else host(each, {"os": NOT_VISITED}) for each in names])
        for mine, at in zip(names, (OLD, NEW, "2026-11-23T20:15:00Z"), strict=True)
    ]
    result = merged(*slices)
    assert result["hosts"] == [host(each, os=1) for each in names]
    assert (result["schema_version"], result["collected_at"]) == ("1.0", NEW)


@pytest.mark.parametrize("section", ["accounts", "hierarchy", "hosts", "tenant", "adminservice"])
def test_section_that_could_not_be_read_loses(section: str) -> None:
    form: Json = {"accounts": [{"upn": "a@b", "errors": {}}], "hosts": [host()], "hierarchy": hierarchy()}
    form["adminservice"] = {"providers": []}
    content = form.get(section, {"errors": {}})
    failed = {"error": ERROR}
    assert merged(document(**{section: content}), document(NEW, **{section: failed}))[section] == content
    older = {"error": UNREACHABLE}
    assert merged(document(**{section: older}), document(NEW, **{section: failed}))[section] == failed
    assert merged(document(**{section: content}), document(NEW))[section] == content


def test_what_one_could_not_read_comes_from_another() -> None:
    old = document(hierarchy=hierarchy(clients=[1], sources={}), tenant={"id": "T", "region": "EU", "errors": {}})
    new = document(NEW, hierarchy=hierarchy(errors={"clients": ERROR}), tenant={"id": "t", "errors": {"region": ERROR}})
    result = merged(old, new)
    assert result["hierarchy"] == hierarchy(clients=[1], sources={})
    assert result["tenant"] == {"id": "t", "region": "EU", "errors": {}}


@pytest.mark.parametrize(("stage", "wins"), [("resolve", "old"), ("connect", "old"), ("wmi", "new"), (None, "new")])
def test_probe_that_reached_a_provider_wins(stage: str | None, wins: str) -> None:
    old = {"providers": [{"host": "cm01", "failed_stage": None, "name": "old"}], "auth": "kerberos"}
    new = {"providers": [{"host": "CM01", "failed_stage": stage, "name": "new"}], "auth": "kerberos"}
    result = merged(document(adminservice=old), document(NEW, adminservice=new))
    assert [each["name"] for each in result["adminservice"]["providers"]] == [wins]


def test_providers_are_not_invented() -> None:
    assert merged(document(adminservice={"auth": "token"}))["adminservice"] == {"auth": "token"}


def test_real_evidence_that_is_taken_apart_comes_together_again() -> None:
    whole = json.loads((FIXTURES / "evidence-healthy.json").read_text("utf-8"))
    slices = []
    for number in range(3):
        part = copy.deepcopy(whole)
        part["hosts"] = [
            entry
            if index % 3 == number
            else {"host": entry["host"], "errors": {key: NOT_VISITED for key in entry if key not in {"host", "errors"}}}
            for index, entry in enumerate(part["hosts"])
        ]
        slices.append(part)
    assert merged(*slices) == whole
    assert merged(whole) == whole


# -- what belongs together --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("documents", "options", "said"),
    [
        ([], {}, ("at least one evidence document",)),
        ([document()], {"window": 0}, ("at least 1 minute",)),
        ([document()], {"older": "keep"}, ("leave_out, refuse",)),
        ([document(), document()], {}, ("slice 2 and slice 1 are the same",)),
        ([document(), {**document(NEW), "schema_version": "1.1"}], {}, ("one schema_version", "1.1 in slice 2")),
        (
            [document(hierarchy=hierarchy()), document(NEW, hierarchy=hierarchy(server="cm09.contoso.com"))],
            {},
            ("one hierarchy", "top-tier site CAS on cm01.contoso.com", "cm09.contoso.com"),
        ),
        ([document(hierarchy=hierarchy()), document(NEW, hierarchy=hierarchy("PS1"))], {}, ("PS1 on", "slice 1")),
        ([document(tenant={"id": "a"}), document(NEW, tenant={"id": "b"})], {}, ("one tenant", "slice 2")),
        (
            [document(), document(NEW)],
            {"window": 29},
            ("within 29 minutes", "slice 1 of 2026-11-23T20:00", "leave_out"),
        ),
        ([document(hosts={})], {}, ("another form of hosts", "slice 1")),
        ([document(accounts=[{}])], {}, ("another form of accounts",)),
        ([document(hierarchy={"sites": [1]})], {}, ("another form of hierarchy",)),
        ([document(adminservice={"providers": None})], {}, ("another form of adminservice",)),
        ([document(tenant=[])], {}, ("another form of tenant",)),
    ],
)
def test_what_does_not_belong_together_is_refused_by_name(
    documents: list[Json], options: Json, said: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidOptionError) as caught:
        merged(*documents, **options)
    for text in said:
        assert text in str(caught.value)


def test_silence_contradicts_nobody() -> None:
    said = document(hierarchy=hierarchy(server="CM01.contoso.com"), tenant={"id": "A"})
    for other in (
        {},
        {"hierarchy": {"error": ERROR}, "tenant": {"error": ERROR}},
        {"hierarchy": {"sites": []}, "tenant": {}},
    ):
        assert merged(said, document(NEW, **other))["tenant"]["id"] == "A"
    assert merged(said, document(NEW, hierarchy=hierarchy(), tenant={"id": "a"}))["collected_at"] == NEW


def test_what_is_older_can_be_left_out() -> None:
    old, new = document(hosts=[host(os=1)]), document(NEW, hosts=[host(errors={"os": UNREACHABLE})])
    assert merged(old, new, window=30)["hosts"] == [host(os=1)]
    # What is no longer known is not known, whatever it was before.
    assert merged(old, new, window=29, older="leave_out")["hosts"] == new["hosts"]


# -- where it comes from ----------------------------------------------------------------------------------------------


def test_files_patterns_and_documents_are_read(tmp_path: Path) -> None:
    for name, at in (("b", NEW), ("a", OLD)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document(at)))
    names = [str(tmp_path / name) for name in ("a.json", "b.json")]
    assert _stored.read([str(tmp_path / "*.json")]) == [(names[0], document(OLD)), (names[1], document(NEW))]
    assert _stored.read([names[1], document()]) == [(names[1], document(NEW)), ("document 2", document())]
    assert FILTER([names[0], str(tmp_path / "b.*")])["collected_at"] == NEW


@pytest.mark.parametrize(("source", "said"), [("*.json", "no file with such a name"), ("a.json", "FileNotFoundError")])
def test_file_that_is_missing_is_refused(source: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(AnsibleFilterError, match=said):
        FILTER([str(tmp_path / source)])
