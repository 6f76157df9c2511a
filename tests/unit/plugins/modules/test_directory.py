# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Modules constrained_delegation, directory_group_member and directory_info, from their options to their results."""

from __future__ import annotations

import typing as t
from collections import deque

import ldap
import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory import _options
from ansible_collections.configmgr.tenant_attach.plugins.modules import (
    constrained_delegation,
    directory_group_member,
    directory_info,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY
from ansible_collections.configmgr.tenant_attach.tests.unit.directory import (
    BASE,
    DOMAIN_SID,
    HOST,
    Connection,
    Modify,
    Row,
    Search,
    computer,
    opening,
    raw_sid,
    refusal,
    token,
)

# The fixture fills in the connection of AdminService, which these modules do not know.
SIMPLE = {
    "provider": None,
    "token": None,
    "server": HOST,
    "auth": "simple",
    "username": r"CONTOSO\admin",
    "password": CANARY,
}
Run = t.Callable[..., t.Any]
Converse = t.Callable[..., Connection]


@pytest.fixture
def converse(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Converse]:
    """Begin a scripted session; at the end of the test all of it must have been held."""
    begun: list[Connection] = []

    def begin(*script: Search | Modify, **how: t.Any) -> Connection:
        connection = Connection(deque([*opening(), *script]), **how)

        def initialize(url: str) -> Connection:
            connection.url = url
            return connection

        monkeypatch.setattr(ldap, "initialize", initialize)
        begun.append(connection)
        return connection

    yield begin
    for connection in begun:
        assert not connection.script
        assert connection.closed


# -- constrained_delegation -------------------------------------------------------------------------------------------

PROVIDER = "cm-prv.contoso.com"
BY_DNS = f"(&(objectClass=computer)(|(dNSHostName={PROVIDER})(&(!(dNSHostName=*))(sAMAccountName=cm-prv$))))"
PORT, INSTANCE, FOREIGN = (f"MSSQLSvc/sql.contoso.com:{each}" for each in ("1433", "CMINST", "1500"))
BY_SERVICE = f"(|(servicePrincipalName={PORT})(servicePrincipalName={INSTANCE}))"
TO = "msDS-AllowedToDelegateTo"
PLAIN, UNCONSTRAINED, TRANSITION = 4096, 4096 | 0x80000, 4096 | 0x1000000
SQL = computer("SQL", 1105, servicePrincipalName=[PORT, INSTANCE])
GIVEN = {**SIMPLE, "computer": PROVIDER, "services": [PORT, INSTANCE]}


def provider(*services: str, control: int = PLAIN) -> Row:
    return computer("CM-PRV", **{TO: services, "userAccountControl": [str(control)]})


DN = provider().dn


def found(*services: str, control: int = PLAIN) -> Search:
    return Search(BASE, BY_DNS, [provider(*services, control=control)], deep=True)


def again(*services: str, control: int = PLAIN) -> Search:
    return Search(DN, rows=[provider(*services, control=control)], attributes=[TO, "userAccountControl"])


KNOWN = Search(BASE, BY_SERVICE, [SQL], deep=True)


def state(*services: str, unconstrained: bool = False, protocol_transition: bool = False) -> dict[str, t.Any]:
    return {
        "computer": DN,
        "services": list(services),
        "unconstrained": unconstrained,
        "protocol_transition": protocol_transition,
    }


@pytest.mark.parametrize("check", [True, False])
def test_delegation_is_added(run: Run, converse: Converse, check: bool) -> None:
    write = [Modify(DN, [("add", TO, [PORT, INSTANCE])]), again(FOREIGN, PORT, INSTANCE)]
    connection = converse(found(FOREIGN), KNOWN, *([] if check else write))
    ran = run(constrained_delegation.main, check=check, **GIVEN)
    assert (ran.code, ran.result["changed"]) == (0, True), ran.result
    assert ran.result["before"] == ran.result["diff"]["before"] == state(FOREIGN)
    assert ran.result["after"] == ran.result["diff"]["after"] == state(PORT, FOREIGN, INSTANCE)
    assert connection.signed_in == [(r"CONTOSO\admin", CANARY)]
    assert connection.url == f"ldaps://{HOST}:636"


def test_delegation_is_there_in_another_case(run: Run, converse: Converse) -> None:
    converse(found(PORT.upper(), INSTANCE), KNOWN)
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.code, ran.result["changed"]) == (0, False)


def test_delegation_is_taken_away(run: Run, converse: Converse) -> None:
    converse(found(FOREIGN, PORT.lower()), Modify(DN, [("delete", TO, [PORT.lower()])]), again(FOREIGN))
    ran = run(constrained_delegation.main, **GIVEN, state="absent")
    assert (ran.result["changed"], ran.result["after"]) == (True, state(FOREIGN))


def test_unconstrained_delegation_is_reported_and_left(run: Run, converse: Converse) -> None:
    converse(
        found(control=UNCONSTRAINED),
        KNOWN,
        Modify(DN, [("add", TO, [PORT, INSTANCE])]),
        again(PORT, INSTANCE, control=UNCONSTRAINED),
    )
    ran = run(constrained_delegation.main, **GIVEN)
    assert ran.result["after"] == state(PORT, INSTANCE, unconstrained=True)
    assert "(TRUSTED_FOR_DELEGATION)" in ran.output
    assert "clear_other_delegation: true" in ran.output


def test_protocol_transition_lets_nothing_be_added(run: Run, converse: Converse) -> None:
    converse(found(PORT, control=TRANSITION), KNOWN)
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "contradiction")
    assert "TRUSTED_TO_AUTH_FOR_DELEGATION" in ran.result["error"]["observed"]
    assert INSTANCE in ran.result["error"]["next_step"]


def test_protocol_transition_is_reported_where_all_is_there(run: Run, converse: Converse) -> None:
    converse(found(PORT, INSTANCE, control=TRANSITION), KNOWN)
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.code, ran.result["changed"]) == (0, False)
    assert "(TRUSTED_TO_AUTH_FOR_DELEGATION)" in ran.output


def test_other_delegation_is_ended_when_asked(run: Run, converse: Converse) -> None:
    both = UNCONSTRAINED | TRANSITION
    changes = [
        ("add", TO, [PORT, INSTANCE]),
        ("delete", "userAccountControl", [str(both)]),
        ("add", "userAccountControl", [str(PLAIN)]),
    ]
    converse(found(control=both), KNOWN, Modify(DN, changes), again(PORT, INSTANCE))
    ran = run(constrained_delegation.main, **GIVEN, clear_other_delegation=True)
    assert ran.result["after"] == state(PORT, INSTANCE)
    assert "_DELEGATION)" not in ran.output


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ([], f"no account has {PORT}, {INSTANCE}"),
        ([computer("SQL", servicePrincipalName=[PORT])], f"no account has {INSTANCE}"),
        (
            [SQL, computer("OLD", servicePrincipalName=[PORT])],
            rf"several accounts have {PORT} of CONTOSO\OLD$ and CONTOSO\SQL$",
        ),
    ],
)
def test_services_must_be_registered_once(run: Run, converse: Converse, rows: list[Row], part: str) -> None:
    converse(found(), Search(BASE, BY_SERVICE, rows, deep=True))
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "contradiction")
    assert ran.result["error"]["observed"] == part


def test_services_cannot_be_looked_up(run: Run, converse: Converse) -> None:
    converse(found(), Search(BASE, BY_SERVICE, deep=True, error=refusal("BUSY")))
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "connection")


def test_services_are_not_looked_up(run: Run, converse: Converse) -> None:
    converse(found(), Modify(DN, [("add", TO, [PORT, INSTANCE])]), again(PORT, INSTANCE))
    assert run(constrained_delegation.main, **GIVEN, check_services=False).code == 0


def test_missing_right(run: Run, converse: Converse) -> None:
    refused = refusal("INSUFFICIENT_ACCESS", "00000005: SecErr: DSID-031528D2, problem 4003 (INSUFF_ACCESS_RIGHTS)")
    converse(found(), KNOWN, Modify(DN, [("add", TO, [PORT, INSTANCE])], refused))
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "access_denied")
    assert "SeEnableDelegationPrivilege" in ran.result["msg"]
    assert len(ran.result["error"]["rights"]) == 2


def test_two_runs_at_once(run: Run, converse: Converse) -> None:
    converse(
        found(),
        KNOWN,
        Modify(DN, [("add", TO, [PORT, INSTANCE])], refusal("TYPE_OR_VALUE_EXISTS")),
        again(PORT),
        Modify(DN, [("add", TO, [INSTANCE])]),
        again(PORT, INSTANCE),
    )
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.code, ran.result["after"]) == (0, state(PORT, INSTANCE))


def test_the_other_run_did_it_all(run: Run, converse: Converse) -> None:
    converse(
        found(),
        KNOWN,
        Modify(DN, [("add", TO, [PORT, INSTANCE])], refusal("TYPE_OR_VALUE_EXISTS")),
        again(PORT, INSTANCE),
    )
    assert run(constrained_delegation.main, **GIVEN).code == 0


def test_others_never_stop(run: Run, converse: Converse) -> None:
    turn = [Modify(DN, [("add", TO, [PORT, INSTANCE])], refusal("NO_SUCH_ATTRIBUTE")), again()]
    converse(found(), KNOWN, *turn, *turn, *turn)
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.code, ran.result["error"]["observed"]) == (1, "others changed it 3 times meanwhile")


@pytest.mark.parametrize(
    ("now", "back", "ends"),
    [
        pytest.param((), [], "was taken back", id="nothing of it took"),
        pytest.param(
            (PORT, FOREIGN),
            [Modify(DN, [("delete", TO, [PORT])]), again(FOREIGN)],
            "was taken back",
            id="it is gone again",
        ),
        pytest.param(
            (PORT,),
            [Modify(DN, [("delete", TO, [PORT])], refusal("NO_SUCH_ATTRIBUTE")), again(PORT)],
            "It could not be taken back: compare it with diff",
            id="others wrote meanwhile",
        ),
        pytest.param(
            (PORT,),
            [Modify(DN, [("delete", TO, [PORT])]), again(PORT)],
            "It could not be taken back: compare it with diff",
            id="it was accepted and is still there",
        ),
        pytest.param(
            (PORT,),
            [Modify(DN, [("delete", TO, [PORT])]), Search(DN)],
            "It could not be taken back (it is gone): compare it with diff",
            id="it cannot be read",
        ),
    ],
)
def test_what_did_not_take_is_taken_back(
    run: Run, converse: Converse, now: tuple[str, ...], back: list[Modify | Search], ends: str
) -> None:
    converse(found(), KNOWN, Modify(DN, [("add", TO, [PORT, INSTANCE])]), again(*now), *back)
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "contradiction")
    assert ran.result["error"]["next_step"].endswith(ends)


def test_computer_is_gone(run: Run, converse: Converse) -> None:
    converse(found(), KNOWN, Modify(DN, [("add", TO, [PORT, INSTANCE])]), Search(DN))
    assert run(constrained_delegation.main, **GIVEN).result["error"]["observed"] == "it is gone"


def test_computer_cannot_be_read(run: Run, converse: Converse) -> None:
    converse(Search(BASE, BY_DNS, [computer("CM-PRV", userAccountControl=[])], deep=True))
    ran = run(constrained_delegation.main, **GIVEN)
    assert (ran.result["error"]["kind"], len(ran.result["error"]["rights"])) == ("access_denied", 1)


# -- directory_group_member -------------------------------------------------------------------------------------------

GROUP = f"CN=Windows Authorization Access Group,CN=Builtin,{BASE}"
SID = "S-1-5-32-560"
OUTER = f"{DOMAIN_SID}-1200"
PRIMARY = f"{DOMAIN_SID}-515"
IN_CHAIN = f"(&(objectClass=foreignSecurityPrincipal)(memberOf:1.2.840.113556.1.4.1941:={GROUP}))"
MINE = f"{DOMAIN_SID}-1104"
MEMBER = {**SIMPLE, "group": SID, "members": [PROVIDER]}
FIND_GROUP = Search(
    f"<SID={SID}>", "(objectClass=group)", [Row(GROUP, {"objectClass": ["group"], "objectSid": [raw_sid(SID)]})]
)


def members(*dns: str, sids: t.Sequence[str] = ()) -> Search:
    values = [*dns, *(f"<GUID=0>;<SID={sid}>;CN={sid},{BASE}" for sid in sids)]
    return Search(GROUP, rows=[Row(GROUP, {"member": values})], attributes=["member"])


def implied(*sids: str) -> Search:
    return Search(BASE, IN_CHAIN, [Row(f"CN={sid}", {"objectSid": [raw_sid(sid)]}) for sid in sids], deep=True)


def asked(*groups: str) -> list[Search]:
    return [FIND_GROUP, found(), token(provider(), *(groups or (PRIMARY,)))]


def group_of(*dns: str) -> dict[str, t.Any]:
    return {"group": GROUP, "sid": SID, "members": list(dns)}


@pytest.mark.parametrize("check", [True, False])
def test_member_is_added(run: Run, converse: Converse, check: bool) -> None:
    write = [Modify(GROUP, [("add", "member", [DN])]), members(DN.upper(), sids=["S-1-5-9"])]
    converse(*asked(), members(sids=["S-1-5-9"]), implied("S-1-5-9"), *([] if check else write))
    ran = run(directory_group_member.main, check=check, **MEMBER)
    assert (ran.code, ran.result["changed"]) == (0, True), ran.result
    assert (ran.result["before"], ran.result["after"]) == (group_of(), group_of(DN))
    assert ran.result["diff"] == {"before": group_of(), "after": group_of(DN)}
    assert ran.result["members"] == [{"name": PROVIDER, "dn": DN, "sid": MINE, "direct": True, "through": None}]


def test_member_is_there(run: Run, converse: Converse) -> None:
    converse(*asked(PRIMARY, SID), members(f"<SID={MINE}>;{DN}"), implied())
    ran = run(directory_group_member.main, **MEMBER)
    assert (ran.result["changed"], ran.result["after"]) == (False, group_of(DN))
    assert ran.result["members"][0]["through"] is None


class Way(t.NamedTuple):
    """What makes the member one without being a direct one: its groups, the direct members, those from outside."""

    groups: tuple[str, ...]
    direct: tuple[str, ...]
    outside: tuple[str, ...]
    sid: str


WAYS = [
    Way((PRIMARY, OUTER, SID), (OUTER,), (), OUTER),
    Way((PRIMARY,), ("S-1-5-11",), ("S-1-5-11",), "S-1-5-11"),
    Way((PRIMARY,), (PRIMARY,), (), PRIMARY),
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.sid)
@pytest.mark.parametrize("nested", [True, False])
def test_member_through_another_group(run: Run, converse: Converse, way: Way, nested: bool) -> None:
    write = [Modify(GROUP, [("add", "member", [DN])]), members(DN, sids=way.direct)]
    converse(*asked(*way.groups), members(sids=way.direct), implied(*way.outside), *([] if nested else write))
    ran = run(directory_group_member.main, **MEMBER, nested=nested)
    assert ran.result["changed"] is not nested
    assert ran.result["members"][0]["through"] == way.sid


@pytest.mark.parametrize("way", [None, OUTER])
def test_member_is_taken_away(run: Run, converse: Converse, way: str | None) -> None:
    sids = [way] if way else []
    converse(
        *asked(PRIMARY, SID, OUTER),
        members(f"<SID={MINE}>;{DN}", sids=sids),
        implied(),
        Modify(GROUP, [("delete", "member", [DN])]),
        members(sids=sids),
    )
    ran = run(directory_group_member.main, **MEMBER, state="absent")
    assert (ran.result["changed"], ran.result["after"]) == (True, group_of())
    assert ("through others" in ran.output) is bool(way)


def test_member_is_absent(run: Run, converse: Converse) -> None:
    converse(*asked(), members(), implied())
    assert not run(directory_group_member.main, **MEMBER, state="absent").result["changed"]


def test_groups_of_the_member_cannot_be_read(run: Run, converse: Converse) -> None:
    converse(FIND_GROUP, found(), Search(DN))
    ran = run(directory_group_member.main, **MEMBER)
    assert (ran.code, ran.result["error"]["kind"]) == (1, "access_denied")
    assert "nested: false" in ran.result["error"]["next_step"]


def test_one_member_under_two_names(run: Run, converse: Converse) -> None:
    by_dn = Search(DN, "(objectSid=*)", [provider()])
    converse(
        *asked(),
        *(by_dn, token(provider(), PRIMARY)),
        members(),
        implied(),
        Modify(GROUP, [("add", "member", [DN])]),
        members(DN),
    )
    ran = run(directory_group_member.main, **{**MEMBER, "members": [PROVIDER, DN, PROVIDER]})
    assert [each["name"] for each in ran.result["members"]] == [PROVIDER, DN]


def test_members_two_runs_at_once(run: Run, converse: Converse) -> None:
    converse(
        *asked(),
        members(),
        implied(),
        Modify(GROUP, [("add", "member", [DN])], refusal("ALREADY_EXISTS")),
        members(DN),
    )
    assert run(directory_group_member.main, **MEMBER).result["after"] == group_of(DN)


def test_members_are_changed_by_others_all_the_time(run: Run, converse: Converse) -> None:
    turn = [Modify(GROUP, [("add", "member", [DN])], refusal("ALREADY_EXISTS")), members()]
    converse(*asked(), members(), implied(), *turn, *turn, *turn)
    ran = run(directory_group_member.main, **MEMBER)
    assert ran.result["error"]["observed"] == "others changed them 3 times meanwhile"


BACK = Modify(GROUP, [("delete", "member", [DN])])


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        pytest.param([members()], "was taken back", id="nothing of it took"),
        pytest.param([members(DN), BACK, members()], "was taken back", id="it is gone again"),
        pytest.param(
            [members(DN), BACK, members(DN)], "could not be taken back: compare it with diff", id="still there"
        ),
        pytest.param(
            [members(DN), Modify(GROUP, [("delete", "member", [DN])], refusal("INSUFFICIENT_ACCESS"))],
            "compare it with diff",
            id="refused",
        ),
    ],
)
def test_members_that_did_not_take_are_taken_back(
    run: Run, converse: Converse, now: list[Modify | Search], ends: str
) -> None:
    other = computer("SQL", 1105)
    by_dn = Search(other.dn, "(objectSid=*)", [other])
    converse(
        *asked(),
        *(by_dn, token(other, PRIMARY)),
        members(),
        implied(),
        Modify(GROUP, [("add", "member", [DN, other.dn])]),
        *now,
    )
    ran = run(directory_group_member.main, **{**MEMBER, "members": [PROVIDER, other.dn]})
    assert (ran.code, ran.result["error"]["kind"]) == (1, "contradiction")
    assert other.dn in ran.result["error"]["observed"]
    assert ran.result["error"]["next_step"].endswith(ends)


def test_right_to_write_members(run: Run, converse: Converse) -> None:
    converse(*asked(), members(), implied(), Modify(GROUP, [("add", "member", [DN])], refusal("INSUFFICIENT_ACCESS")))
    ran = run(directory_group_member.main, **MEMBER)
    assert ran.result["error"]["rights"] == ["Active Directory: write member on the group object"]


# -- directory_info ---------------------------------------------------------------------------------------------------


def test_info(run: Run, converse: Converse) -> None:
    unseen = computer("SQL", 1105)
    two = BY_DNS.removesuffix("))") + ")(sAMAccountName=sql$)(sAMAccountName=nobody$)))"
    converse(
        Search(BASE, two.replace(")))(sAM", "))(sAM", 1), [provider(PORT, control=UNCONSTRAINED), unseen], deep=True),
        token(provider(), PRIMARY, SID),
        token(unseen),
        Search(BASE, BY_SERVICE, [SQL], deep=True),
        FIND_GROUP,
        members(sids=["S-1-5-9", MINE]),
        Search("<SID=S-1-5-32-554>", "(objectClass=group)"),
    )
    ran = run(
        directory_info.main,
        **SIMPLE,
        computers=[PROVIDER, "sql", "nobody", PROVIDER],
        services=[PORT, INSTANCE],
        groups=[SID, "S-1-5-32-554"],
    )
    assert ran.code == 0, ran.result
    assert ran.result["changed"] is False
    directory = ran.result["directory"]
    errors = {
        each["name"]: each.pop("error")
        for part in ("computers", "groups")
        for each in directory[part]
        if "error" in each
    }
    assert {name: error["kind"] for name, error in errors.items()} == {
        "sql": "access_denied",
        "nobody": "not_found",
        "S-1-5-32-554": "not_found",
    }
    assert directory == {
        "domain": "contoso.com",
        "netbios": "CONTOSO",
        "base_dn": BASE,
        "server": HOST,
        "computers": [
            {
                "name": PROVIDER,
                "dn": DN,
                "sid": MINE,
                "account": r"CONTOSO\CM-PRV$",
                "delegates_to": [PORT],
                "unconstrained": True,
                "protocol_transition": False,
                "service_names": [],
                "groups": [PRIMARY, SID],
            },
            {"name": "sql"},
            {"name": "nobody"},
        ],
        "services": [
            {"name": PORT, "accounts": [r"CONTOSO\SQL$"]},
            {"name": INSTANCE, "accounts": [r"CONTOSO\SQL$"]},
        ],
        "groups": [
            {"name": SID, "dn": GROUP, "sid": SID, "members": [MINE, "S-1-5-9"]},
            {"name": "S-1-5-32-554"},
        ],
    }


def test_info_of_services_that_cannot_be_searched(run: Run, converse: Converse) -> None:
    condition = f"(|(servicePrincipalName={PORT}))"
    converse(Search(BASE, condition, deep=True, error=refusal("ADMINLIMIT_EXCEEDED")))
    ran = run(directory_info.main, **SIMPLE, services=[PORT])
    ((entry),) = ran.result["directory"]["services"]
    assert (entry["name"], entry["error"]["kind"]) == (PORT, "service")


# -- Options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "options", "text"),
    [
        (directory_info, {"server": None}, "nothing names one"),
        (directory_info, {"auth": "ntlm"}, "value of auth must be one of"),
        (directory_info, {"timeout": 0}, "option timeout"),
        (directory_info, {"deadline": 0}, "option deadline"),
        (directory_info, {"server": "ldap://dc01.contoso.com"}, "travel in the clear"),
        (directory_info, {"username": None}, "no username"),
        (directory_info, {"username": None, "password": None}, "no username and no password"),
        (directory_info, {"password": ""}, "no password"),
        (directory_info, {"keytab": "/k", "ccache": "/c"}, "keytab and ccache besides"),
        (directory_info, {"auth": "kerberos", "username": None}, "no username"),
        (directory_info, {"auth": "kerberos", "keytab": "/k"}, "password and keytab"),
        (directory_info, {"ca_path": "/nonexistent"}, "option ca_path"),
        (constrained_delegation, {"services": []}, "an empty list"),
        (constrained_delegation, {"services": ["sql.contoso.com", PORT]}, "'sql.contoso.com'"),
        (constrained_delegation, {"state": "absent", "clear_other_delegation": True}, "state=absent"),
        (constrained_delegation, {"protocol": "any"}, "value of protocol must be one of"),
        (directory_group_member, {"members": []}, "at least one member"),
        (directory_group_member, {"group": None}, "missing required arguments: group"),
    ],
)
def test_options_are_refused_before_any_call(
    monkeypatch: pytest.MonkeyPatch, run: Run, module: t.Any, options: dict[str, t.Any], text: str
) -> None:
    monkeypatch.setattr(ldap, "initialize", None)
    given = {constrained_delegation: GIVEN, directory_group_member: MEMBER, directory_info: SIMPLE}[module]
    ran = run(module.main, **{**given, **options})
    assert (ran.code, text in ran.result["msg"]) == (1, True), ran.result["msg"]


def test_kerberos(monkeypatch: pytest.MonkeyPatch, run: Run, converse: Converse) -> None:
    asked_for: list[t.Any] = []

    class Tickets:
        def __init__(self, source: t.Any) -> None:
            asked_for.append((source.username, source.password, source.keytab, source.ccache))

        def for_service(self, service: str, host: str) -> str:
            asked_for.append((service, host))
            return "MEMORY:x"

    monkeypatch.setattr(_options, "Tickets", Tickets)
    connection = converse()
    options = {**SIMPLE, "auth": None, "username": "admin@CONTOSO.COM", "password": None, "keytab": "/k"}
    assert run(directory_info.main, **options).code == 0
    assert asked_for == [("admin@CONTOSO.COM", None, "/k", None), ("ldap", HOST)]
    assert (connection.url, connection.signed_in) == (f"ldap://{HOST}:389", [b"GSSAPI"])


def test_environment(monkeypatch: pytest.MonkeyPatch, run: Run, converse: Converse) -> None:
    connection = converse()
    for name, value in {"SERVER": HOST, "AUTH": "simple", "USERNAME": "u", "PASSWORD": CANARY}.items():
        monkeypatch.setenv(f"DIRECTORY_{name}", value)
    assert run(directory_info.main, **dict.fromkeys(SIMPLE)).code == 0
    assert connection.signed_in == [("u", CANARY)]
