# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The enforce playbook, and the modules behind it, against the lab's tenant.

What they leave is read by a witness that shares nothing with the collection.
"""

from __future__ import annotations

import json
import re
import ssl
import typing as t
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from integration.harness import TARGETS, Ansible, Json, Lab, Run, running

ENFORCE = "configmgr.tenant_attach.enforce"
TAGS = ("--tags", "intune_rbac")
OURS = "Configuration Manager tenant attach operators"
ACTION = "Microsoft.Intune_RemoteTasks_ConfigurationManagerAction"
DEVICES = "Microsoft.Intune_ManagedDevices_Read"
ORGANIZATION = "Microsoft.Intune_Organization_Read"
DEFAULTS = {ACTION, DEVICES, ORGANIZATION}
FOREIGN = "Microsoft.Intune_RemoteTasks_SyncDevice"
# The lab is on loopback, and the environment's proxy leads nowhere.
DIRECT = {"NO_PROXY": "localhost"}
GROUPS: Json = {"CM operators": {}, "Other operators": {}, "Servers": {}, "All hands": {"security": False}}
THERE: Json = {
    "roles": {OURS: [FOREIGN]},
    "assignments": {OURS: {"role": OURS, "groups": ["Other operators"], "scope_groups": ["Servers"]}},
}


class Witness:
    """Reads the lab's Graph with plain HTTP."""

    def __init__(self, lab: Lab) -> None:
        self.options: Json = lab.variables["tenant_attach_graph"]
        context = ssl.create_default_context(cafile=self.options["ca_path"])
        direct = urllib.request.ProxyHandler({})
        self._opener = urllib.request.build_opener(direct, urllib.request.HTTPSHandler(context=context))
        form = {
            "grant_type": "client_credentials",
            "client_id": self.options["client_id"],
            "client_secret": self.options["client_secret"],
            "scope": f"{self.options['graph_url']}/.default",
        }
        url = f"{self.options['authority_url']}/{self.options['tenant_id']}/oauth2/v2.0/token"
        with self._opener.open(url, urllib.parse.urlencode(form).encode()) as answer:
            self._token = json.load(answer)["access_token"]

    def _get(self, path: str) -> Json:
        headers = {"Authorization": f"Bearer {self._token}"}
        request = urllib.request.Request(f"{self.options['graph_url']}{path}", headers=headers)
        with self._opener.open(request) as answer:
            return t.cast("Json", json.load(answer))

    def decide(self, code: str, verb: str = "approve") -> None:
        """Be the second administrator."""
        url = f"{self.options['graph_url']}/lab/{verb}/{code}"
        self._opener.open(urllib.request.Request(url, method="POST")).close()

    def roles(self, name: str = OURS) -> list[Json]:
        rows = self._get("/beta/deviceManagement/roleDefinitions")["value"]
        return [row for row in rows if row["displayName"] == name]

    def permissions(self, name: str = OURS) -> set[str]:
        (row,) = self.roles(name)
        (permission,) = row["rolePermissions"]
        (action,) = permission["resourceActions"]
        return set(action["allowedResourceActions"]) - set(action["notAllowedResourceActions"])

    def assignments(self, role: str = OURS) -> list[Json]:
        found: list[Json] = []
        for row in self.roles(role):
            listed = self._get(f"/beta/deviceManagement/roleDefinitions/{row['id']}/roleAssignments")["value"]
            found += [self._get(f"/beta/deviceManagement/roleAssignments/{each['id']}") for each in listed]
        # The lab's operators have a built-in role, through an assignment that is not ours.
        return [row for row in found if row["displayName"] == OURS]

    def members(self, role: str = OURS) -> set[str]:
        """The names of the groups that have a role."""
        (row,) = self.assignments(role)
        return {self._get(f"/v1.0/groups/{each}")["displayName"] for each in row["members"]}

    def everything(self) -> list[t.Any]:
        return [self.roles(), self.assignments()]


Tenant = Callable[..., tuple[Lab, Witness]]


@pytest.fixture
def tenant(tmp_path: Path) -> Iterator[Tenant]:
    """Call it with what to lay over the tenant: it starts a lab of its own, which nobody else changes."""
    with ExitStack() as stack:

        def start(*, write: bool = True, **overlay: t.Any) -> tuple[Lab, Witness]:
            file = tmp_path / "overlay.json"
            permissions = {"add": ["DeviceManagementRBAC.ReadWrite.All"]} if write else {}
            file.write_text(json.dumps({"tenant": {"groups": GROUPS, "permissions": permissions, **overlay}}))
            lab = stack.enter_context(running(tmp_path / "lab", "standalone", "--overlay", str(file)))
            return lab, Witness(lab)

        yield start


@pytest.fixture
def enforce(ansible: Ansible) -> Callable[..., Run]:
    """Call it with a lab, options and variables: it runs the enforce playbook."""

    def run(lab: Lab, *arguments: str, **variables: t.Any) -> Run:
        variables = {"intune_rbac_groups": ["CM operators"], **variables}
        given = {name: value for name, value in variables.items() if value is not None}
        done = ansible.playbook(ENFORCE, *arguments, lab=lab, variables=given, environment=DIRECT)
        secret = lab.variables["tenant_attach_graph"]["client_secret"]
        assert secret not in done.output
        return done

    return run


Enforce = Callable[..., Run]


def said(run: Run) -> str:
    """What a failed run says, on one line."""
    assert run.status == 2, run.output
    return " ".join(run.output.split())


# -- what is missing is added -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("tags", ["intune_rbac", "operator_intune_permission", "accounts"])
def test_check_says_what_the_run_does_and_the_next_run_does_nothing(
    tags: str, tenant: Tenant, enforce: Enforce
) -> None:
    lab, witness = tenant()
    before = witness.everything()
    checked = enforce(lab, "--tags", tags, "--check", "--diff")
    assert (checked.status, checked.recap["changed"]) == (0, 2)
    assert witness.everything() == before == [[], []]
    done = enforce(lab, "--tags", tags, "--diff")
    # To the letter: the same tasks, the same changes, the same diff.
    assert done.output == checked.output
    assert f'"{ACTION}"' in done.output
    assert re.search(r'^\+ +"CM operators \([0-9a-f-]{36}\)"', done.output, re.MULTILINE)
    assert witness.permissions() == DEFAULTS
    assert witness.members() == {"CM operators"}
    (assignment,) = witness.assignments()
    assert (assignment["displayName"], assignment["scopeType"]) == (OURS, "allDevices")
    assert (assignment["resourceScopes"], assignment["roleScopeTagIds"]) == ([], ["0"])
    again = enforce(lab, "--tags", tags, "--diff")
    assert (again.status, again.recap["changed"]) == (0, 0)


def test_what_others_put_there_survives_until_exactness_is_asked_for(tenant: Tenant, enforce: Enforce) -> None:
    lab, witness = tenant(**THERE)
    checked = enforce(lab, *TAGS, "--check", "--diff")
    assert witness.permissions() == {FOREIGN}
    done = enforce(lab, *TAGS, "--diff")
    assert done.output == checked.output
    assert witness.permissions() == DEFAULTS | {FOREIGN}
    assert witness.members() == {"CM operators", "Other operators"}
    assert witness.assignments()[0]["scopeType"] == "allDevices"
    assert enforce(lab, *TAGS).recap["changed"] == 0

    checked = enforce(lab, *TAGS, "--check", "--diff", intune_rbac_mode="exact")
    done = enforce(lab, *TAGS, "--diff", intune_rbac_mode="exact")
    assert done.output == checked.output
    assert done.recap["changed"] == 2
    assert witness.permissions() == DEFAULTS
    assert witness.members() == {"CM operators"}
    assert enforce(lab, *TAGS, intune_rbac_mode="exact").recap["changed"] == 0


def test_a_built_in_role_is_assigned_and_not_changed(tenant: Tenant, enforce: Enforce) -> None:
    lab, witness = tenant()
    options = {"intune_rbac_role": "Help Desk Operator", "intune_rbac_scope": "groups"}
    done = enforce(lab, *TAGS, **options, intune_rbac_scope_groups=["Servers"])
    assert (done.status, done.recap["changed"]) == (0, 1)
    assert "CM operators" in witness.members("Help Desk Operator")
    assert [each["scopeType"] for each in witness.assignments("Help Desk Operator")] == ["resourceScope"]


# -- what is refused --------------------------------------------------------------------------------------------------


def test_what_is_not_declared_is_left_alone(tenant: Tenant, enforce: Enforce) -> None:
    lab, _witness = tenant()
    with lab.watched() as requests:
        silent = enforce(lab, intune_rbac_groups=None)
        refused = [enforce(lab, "--tags", tags, intune_rbac_groups=None) for tags in ("intune_rbac", "accounts,other")]
        other = enforce(lab, "--tags", "other", intune_rbac_groups=None)
    assert requests == []
    assert [silent.status, other.status] == [0, 0]
    assert all("Expected: intune_rbac_groups" in said(run) for run in refused)


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"intune_rbac_groups": ["CM operator"]}, "'CM operator' is no group"),
        ({"intune_rbac_groups": ["All hands"]}, "'All hands' is no security group"),
        ({"intune_rbac_permissions": ["Microsoft.Intune_ManagedDevice_Read"]}, f"did you mean {DEVICES}"),
        ({"intune_rbac_role": "Read Only Operator"}, "'Read Only Operator' is built in"),
        ({"intune_rbac_mode": "replace"}, "intune_rbac_mode"),
    ],
)
@pytest.mark.parametrize("check", [("--check",), ()], ids=["check", "run"])
def test_what_cannot_work_is_refused(
    variables: Json, text: str, check: tuple[str, ...], tenant: Tenant, enforce: Enforce
) -> None:
    lab, witness = tenant()
    assert text in said(enforce(lab, *TAGS, *check, **variables))
    assert witness.everything() == [[], []]


def test_a_missing_right_is_named(tenant: Tenant, enforce: Enforce) -> None:
    lab, witness = tenant(write=False)
    assert enforce(lab, *TAGS, "--check").recap["changed"] == 2
    assert "Needed right: Microsoft Graph: DeviceManagementRBAC.ReadWrite.All" in said(enforce(lab, *TAGS))
    assert witness.everything() == [[], []]


# -- Multi Admin Approval ---------------------------------------------------------------------------------------------


def code_in(run: Run) -> str:
    found = re.search(r"-e intune_rbac_approval_code=([0-9a-f-]{36})", said(run))
    assert found is not None, run.output
    assert run.recap["changed"] < 2
    return found[1]


@pytest.mark.parametrize("status", [400, 403])
def test_a_tenant_that_asks_for_a_second_administrator(status: int, tenant: Tenant, enforce: Enforce) -> None:
    lab, witness = tenant(multi_admin_approval=status)
    assert enforce(lab, *TAGS, "--check").recap["changed"] == 2
    assert "say why in approval_justification" in said(enforce(lab, *TAGS))

    why = {"intune_rbac_approval_justification": "Grüße, change 4711"}
    role = code_in(enforce(lab, *TAGS, **why))
    # Nothing happens before the approval, however often it is tried.
    assert code_in(enforce(lab, *TAGS, **why, intune_rbac_approval_code=role)) == role
    assert witness.roles() == []
    witness.decide(role)
    # The role is made, and the assignment is a request of its own.
    assignment = code_in(enforce(lab, *TAGS, **why, intune_rbac_approval_code=role))
    assert assignment != role
    assert witness.permissions() == DEFAULTS
    assert witness.assignments() == []
    witness.decide(assignment)
    done = enforce(lab, *TAGS, **why, intune_rbac_approval_code=assignment)
    assert (done.status, done.recap["changed"]) == (0, 1)
    assert witness.members() == {"CM operators"}
    assert enforce(lab, *TAGS, **why).recap["changed"] == 0


def test_what_the_second_administrator_rejects(tenant: Tenant, enforce: Enforce) -> None:
    lab, witness = tenant(multi_admin_approval=True)
    code = code_in(enforce(lab, *TAGS, intune_rbac_approval_justification="why"))
    witness.decide(code, "reject")
    text = said(enforce(lab, *TAGS, intune_rbac_approval_code=code))
    assert f"approval_code {code} to be accepted" in text
    assert "was rejected" in text
    assert witness.roles() == []


# -- the modules by themselves ----------------------------------------------------------------------------------------


def test_what_is_taken_away(tenant: Tenant, ansible: Ansible, tmp_path: Path) -> None:
    lab, witness = tenant(**THERE)

    def change(target: str, *arguments: str, **wanted: t.Any) -> Json:
        file = tmp_path / "result.json"
        variables = {"wanted": wanted, "result": str(file)}
        playbook = TARGETS / "intune_role" / target
        ansible.playbook(playbook, *arguments, lab=lab, variables=variables, environment=DIRECT)
        return t.cast("Json", json.loads(file.read_text()))

    refused = change("role.yml", name=OURS, state="absent")
    assert refused["failed"]
    assert f"Observed: '{OURS}'" in refused["msg"]
    for target, wanted, left in (
        ("assignment.yml", {"role": OURS, "name": OURS.upper(), "state": "absent"}, [1, 0]),
        ("role.yml", {"name": OURS.lower(), "state": "absent"}, [0, 0]),
    ):
        before = witness.everything()
        checked = change(target, "--check", **wanted)
        assert witness.everything() == before
        done = change(target, **wanted)
        assert [len(each) for each in witness.everything()] == left
        assert done["diff"] == checked["diff"]
        assert (done["changed"], checked["changed"]) == (True, True)
        assert change(target, **wanted)["changed"] is False
