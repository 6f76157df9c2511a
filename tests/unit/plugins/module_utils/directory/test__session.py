# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import runpy
import sys
import typing as t
from collections import deque
from pathlib import Path

import ldap
import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._deadline import Deadline
from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import (
    AccessDeniedError,
    DeadlineError,
    MissingLibraryError,
    NotFoundError,
    StageError,
    TenantAttachError,
)
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory import _library, _session
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._answers import Step
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._server import Server
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.directory._session import (
    Password,
    Ticket,
    open_session,
)
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https._route import Route
from ansible_collections.configmgr.tenant_attach.tests.unit.directory import (
    BASE,
    HOST,
    Connection,
    Modify,
    Row,
    Search,
    raw_sid,
    refusal,
    session,
)

STEP = Step("it to be written", "ldap://dc01", ("the right",))
DN = f"CN=x,{BASE}"


def test_search_turns_pages_and_follows_no_reference() -> None:
    first = [Row(f"CN={number},{BASE}", {"cn": [str(number)]}) for number in range(2)]
    last = [Row(f"CN=2,{BASE}", {"cn": ["2"]})]
    opened, connection = session(
        Search(BASE, "(cn=*)", first, deep=True, cookie=b"more"), Search(BASE, "(cn=*)", last, deep=True)
    )
    assert [entry.text("CN") for entry in opened.search(BASE, "(cn=*)", ["cn"])] == ["0", "1", "2"]
    assert connection.cookies == [b"", b"more"]
    assert not connection.script


def test_entry() -> None:
    opened, _connection = session(Search(DN, rows=[Row(DN, {"objectSid": [raw_sid("S-1-5-11")], "CN": ["a", "b"]})]))
    entry = opened.read(DN, ["cn"])
    assert entry is not None
    assert (entry.sid, entry.texts("cn"), entry.text("sn"), entry.sids("x")) == ("S-1-5-11", ["a", "b"], "", [])


def test_absent_object() -> None:
    opened, _connection = session(Search(DN, error=refusal("NO_SUCH_OBJECT")), Search(DN, "(objectClass=group)"))
    assert opened.read(DN, ["cn"]) is None
    assert opened.read(DN, ["cn"], condition="(objectClass=group)") is None


def test_a_referral_is_no_absence() -> None:
    opened, _connection = session(Search(DN, error=refusal("REFERRAL", "Referral:\nldap://child.contoso.com/")))
    with pytest.raises(NotFoundError) as caught:
        opened.read(DN, ["cn"])
    assert "child.contoso.com" in caught.value.next_step


def test_search_fails() -> None:
    opened, _connection = session(Search(BASE, "(cn=*)", deep=True, error=refusal("SERVER_DOWN")))
    with pytest.raises(StageError):
        opened.search(BASE, "(cn=*)", ["cn"])


def test_deadline() -> None:
    opened, connection = session(seconds=0)
    with pytest.raises(DeadlineError):
        opened.search(BASE, "(cn=*)", ["cn"])
    with pytest.raises(DeadlineError):
        opened.modify(DN, [("add", "member", ["CN=y"])], STEP)
    assert not connection.signed_in


@pytest.mark.parametrize(
    ("error", "wrote"),
    [
        (None, True),
        (refusal("TYPE_OR_VALUE_EXISTS"), False),
        (refusal("ALREADY_EXISTS"), False),
        (refusal("NO_SUCH_ATTRIBUTE"), False),
        (refusal("UNWILLING_TO_PERFORM", "00000561: SvcErr: DSID-031A11B5, problem 5003 (WILL_NOT_PERFORM)"), False),
        (refusal("UNWILLING_TO_PERFORM", "Attribute member already deleted for target GUID"), False),
    ],
)
def test_modify(error: Exception | None, wrote: bool) -> None:
    changes = [("delete", "member", ["CN=y"]), ("add", "member", ["CN=z"])]
    opened, connection = session(Modify(DN, changes, error))
    assert opened.modify(DN, changes, STEP) is wrote
    assert connection.options[ldap.OPT_TIMEOUT] > 0


def test_modify_is_refused() -> None:
    opened, _connection = session(Modify(DN, [("add", "member", ["CN=y"])], refusal("INSUFFICIENT_ACCESS")))
    with pytest.raises(AccessDeniedError) as caught:
        opened.modify(DN, [("add", "member", ["CN=y"])], STEP)
    assert caught.value.rights == ("the right",)


@pytest.mark.parametrize("error", [None, refusal("SERVER_DOWN")])
def test_close(error: Exception | None) -> None:
    opened, connection = session()
    connection.closing = error
    opened.close()
    assert connection.closed


# -- Opening ----------------------------------------------------------------------------------------------------------


Opened = t.Callable[..., Connection]


@pytest.fixture
def opening(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Have the next connection end its sign-in in some way."""

    def begin(error: Exception | None = None) -> Connection:
        connection = Connection(deque(), binding=error)

        def initialize(url: str) -> Connection:
            connection.url = url
            return connection

        monkeypatch.setattr(ldap, "initialize", initialize)
        return connection

    return begin


def test_simple_over_tls(opening: Opened, authority: t.Any, tmp_path: Path) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(authority.root.pem)
    connection = opening()
    open_session(Server(HOST, 636, "ldaps"), Password("u", "p"), Route(ca_path=str(root)), 30, Deadline(60))
    assert (connection.url, connection.signed_in) == (f"ldaps://{HOST}:636", [("u", "p")])
    wanted = {
        ldap.OPT_REFERRALS: 0,
        ldap.OPT_X_TLS_CACERTFILE: str(root),
        ldap.OPT_X_TLS_REQUIRE_CERT: ldap.OPT_X_TLS_DEMAND,
    }
    assert connection.options.items() >= wanted.items()
    # What comes after it would not count.
    assert list(connection.options)[-1] == ldap.OPT_X_TLS_NEWCTX
    assert os.environ["LDAPNOINIT"] == "1"


def test_start_tls_comes_before_the_password(opening: Opened) -> None:
    connection = opening()
    open_session(Server(HOST, 389, "start_tls"), Password("u", "p"), Route(), 30, Deadline(60))
    assert connection.signed_in == ["start_tls", ("u", "p")]


@pytest.mark.parametrize("place", [None, "bundle.pem"])
def test_store_of_the_system(
    opening: Opened, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str | None
) -> None:
    monkeypatch.setattr(_session, "_BUNDLES", [str(tmp_path / "bundle.pem")])
    monkeypatch.setattr(
        _session.ssl, "get_default_verify_paths", lambda: type("Paths", (), {"openssl_cafile": str(tmp_path / "none")})
    )
    if place:
        (tmp_path / place).touch()
    connection = opening()
    open_session(Server(HOST, 636, "ldaps"), Password("u", "p"), Route(), 30, Deadline(60))
    assert connection.options.get(ldap.OPT_X_TLS_CACERTFILE) == (str(tmp_path / place) if place else None)


@pytest.mark.parametrize("before", [None, "FILE:/tmp/krb5cc_0"])
def test_kerberos_seals(opening: Opened, monkeypatch: pytest.MonkeyPatch, before: str | None) -> None:
    monkeypatch.delenv("KRB5CCNAME", raising=False)
    if before:
        monkeypatch.setenv("KRB5CCNAME", before)
    connection = opening()
    open_session(Server(HOST, 389, "none"), Ticket("MEMORY:x"), Route(), 30, Deadline(60))
    assert connection.signed_in == [b"GSSAPI"]
    assert connection.options[ldap.OPT_X_SASL_SECPROPS] == "noanonymous,minssf=56"
    assert connection.options[ldap.OPT_X_SASL_NOCANON] == 1
    assert os.environ.get("KRB5CCNAME") == before


def test_refused(opening: Opened) -> None:
    opening(refusal("INVALID_CREDENTIALS", "data 52e,"))
    with pytest.raises(TenantAttachError) as caught:
        open_session(Server(HOST, 636, "ldaps"), Password("u", "p"), Route(), 30, Deadline(60))
    assert (caught.value.kind, caught.value.where) == ("authentication", f"ldaps://{HOST}:636")


@pytest.mark.parametrize("kind", ["SERVER_DOWN", "CONNECT_ERROR", "TIMEOUT"])
def test_unreachable(opening: Opened, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    opening(refusal(kind))
    looked: list[t.Any] = []
    monkeypatch.setattr(_session, "look", lambda *arguments: looked.append(arguments))
    with pytest.raises(StageError) as caught:
        open_session(Server(HOST, 389, "none"), Ticket("MEMORY:x"), Route(), 30, Deadline(60))
    assert (caught.value.stage, looked[0][0].host) == ("answer", HOST)


def test_library_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ldap", None)
    monkeypatch.delitem(sys.modules, _library.__name__)
    found = runpy.run_module(_library.__name__)
    assert found["ldap"] is None
    with pytest.raises(MissingLibraryError):
        found["library"]()


def test_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_library, "ldap", None)
    with pytest.raises(MissingLibraryError) as caught:
        open_session(Server(HOST, 389, "none"), Ticket("MEMORY:x"), Route(), 30, Deadline(60))
    assert "requirements-directory.txt" in caught.value.next_step


def test_secrets_are_not_shown() -> None:
    assert "hidden" not in repr(Password("u", "hidden"))
