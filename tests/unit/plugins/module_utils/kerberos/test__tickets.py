# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With libraries that know one realm. The integration tests do the same with MIT Kerberos and Samba."""

from __future__ import annotations

import gc
import socket
import threading
import types
import typing as t
from dataclasses import dataclass, field

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.kerberos import _tickets
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.kerberos._tickets import Tickets, TicketSource
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY

REALM, HOST = "CONTOSO.COM", "cm01.contoso.com"
NOW = 1_800_000_000


class Krb5Error(Exception):
    def __init__(self, number: int) -> None:
        super().__init__("some text")
        self.err_code = number - 1765328384 if number > 20 or number in {6, 18} else number


class GssError(Exception):
    def __init__(self, number: int) -> None:
        super().__init__("some text")
        self.min_code = number - 1765328384 + 2**32


@dataclass
class Ticket:
    client: str
    server: str = f"krbtgt/{REALM}@{REALM}"
    ends: int = NOW + 36000

    @property
    def times(self) -> types.SimpleNamespace:
        return types.SimpleNamespace(endtime=self.ends)


@dataclass
class Cache:
    """A cache of tickets. One that is not there has no principal."""

    text: str
    owner: str | None = None
    tickets: list[Ticket] = field(default_factory=list)

    @property
    def cache_type(self) -> bytes:
        return self.text.partition(":")[0].encode()

    @property
    def name(self) -> bytes:
        return self.text.partition(":")[2].encode()

    @property
    def principal(self) -> str:
        if self.owner is None:
            raise Krb5Error(195)
        return self.owner

    def __iter__(self) -> t.Iterator[Ticket]:
        return iter(self.tickets)


class Library:
    """Takes the place of krb5 and gssapi both."""

    Krb5Error = Krb5Error
    PrincipalParseFlags = types.SimpleNamespace(none=0, enterprise=4)
    MechType = types.SimpleNamespace(kerberos="kerberos")
    NameType = types.SimpleNamespace(hostbased_service="service")

    def __init__(self) -> None:
        self.passwords = {f"svc@{REALM}": CANARY}
        self.keys: dict[str, list[str]] = {}
        self.caches: dict[str, Cache] = {}
        self.services = {f"HTTP@{HOST}"}
        self.sign_ins: list[str] = []
        self.used: list[str] = []
        self.broken: int | None = None

    # krb5

    def init_context(self) -> str:
        if self.broken is not None:
            raise Krb5Error(self.broken)
        return "context"

    def parse_name_flags(self, _context: t.Any, name: bytes, flags: int = 0) -> str:
        text = name.decode()
        if flags:
            user, _at, domain = text.partition("@")
            return f"{user}@{REALM}" if domain.lower() in {"contoso", "upn.example"} else f"{text}@{REALM}"
        return text if "@" in text else f"{text}@{REALM}"

    def get_init_creds_opt_alloc(self, _context: t.Any) -> dict[str, bool]:
        return {}

    def get_init_creds_opt_set_canonicalize(self, options: dict[str, bool], value: bool) -> None:
        options["canonicalize"] = value

    def get_init_creds_opt_set_forwardable(self, options: dict[str, bool], value: bool) -> None:
        options["forwardable"] = value

    def get_init_creds_password(
        self, _context: t.Any, principal: str, options: dict[str, bool], *, password: bytes
    ) -> Ticket:
        assert options == {"canonicalize": True, "forwardable": False}
        self.sign_ins.append(principal)
        if not principal.endswith(f"@{REALM}"):
            raise Krb5Error(154)
        if principal not in self.passwords:
            raise Krb5Error(6)
        if self.passwords[principal].encode() != password:
            raise Krb5Error(24)
        return Ticket(principal)

    def kt_resolve(self, _context: t.Any, name: bytes) -> list[types.SimpleNamespace]:
        names = self.keys.get(name.decode())
        if names is None:
            raise Krb5Error(2)
        return [types.SimpleNamespace(principal=each) for each in names]

    def get_init_creds_keytab(
        self, _context: t.Any, principal: str, _options: dict[str, bool], *, keytab: list[types.SimpleNamespace]
    ) -> Ticket:
        assert principal in [entry.principal for entry in keytab]
        self.sign_ins.append(principal)
        return Ticket(principal)

    def cc_resolve(self, _context: t.Any, name: bytes) -> Cache:
        return self.caches.get(name.decode(), Cache(name.decode()))

    def cc_default(self, context: t.Any) -> Cache:
        return self.cc_resolve(context, b"FILE:default")

    def cc_cache_match(self, _context: t.Any, principal: str) -> Cache:
        for cache in self.caches.values():
            if cache.owner == principal:
                return cache
        raise Krb5Error(141)

    def cc_new_unique(self, _context: t.Any, kind: bytes) -> Cache:
        name = f"{kind.decode()}:{len(self.caches)}"
        return self.caches.setdefault(name, Cache(name))

    def cc_initialize(self, _context: t.Any, cache: Cache, principal: str) -> None:
        cache.owner = principal

    def cc_store_cred(self, _context: t.Any, cache: Cache, ticket: Ticket) -> None:
        assert cache.text.startswith("MEMORY:"), "a cache of the user's is never written"
        cache.tickets.append(ticket)

    def cc_destroy(self, _context: t.Any, cache: Cache) -> None:
        del self.caches[cache.text]

    def timeofday(self, _context: t.Any) -> int:
        return NOW

    # gssapi

    def Credentials(self, *, usage: str, store: dict[str, str], mechs: list[str]) -> str:  # noqa: N802  # As there.
        assert (usage, mechs) == ("initiate", ["kerberos"])
        return store["ccache"]

    def Name(self, text: str, _kind: str) -> str:  # noqa: N802  # As there.
        return text

    def SecurityContext(  # noqa: N802  # As there.
        self, *, name: str, creds: str, mech: str, usage: str
    ) -> types.SimpleNamespace:
        assert (mech, usage) == ("kerberos", "initiate")

        def step() -> None:
            self.used.append(f"{creds} {name}")
            if name not in self.services:
                raise GssError(7)

        return types.SimpleNamespace(step=step)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    found = Library()
    monkeypatch.setattr(_tickets, "krb5", found, raising=False)
    monkeypatch.setattr(_tickets, "gssapi", found, raising=False)
    monkeypatch.setattr(_tickets, "GSSError", GssError, raising=False)
    monkeypatch.setattr(_tickets, "HAS_KERBEROS", True)
    monkeypatch.setattr(_tickets, "canonical_name", lambda _host: None)
    monkeypatch.delenv("KRB5CCNAME", raising=False)
    return found


def ticket(**source: t.Any) -> tuple[Tickets, str]:
    tickets = Tickets(TicketSource(**source))
    return tickets, tickets.for_service("HTTP", HOST)


def refused(**source: t.Any) -> _errors.KerberosError:
    with pytest.raises(_errors.KerberosError) as caught:
        ticket(**source)
    assert CANARY not in str(caught.value)
    return caught.value


class TestPassword:
    @pytest.mark.parametrize(
        ("username", "asked"),
        [
            ("svc@CONTOSO.COM", ["svc@CONTOSO.COM"]),
            ("svc@contoso.com", ["svc@CONTOSO.COM"]),
            ("svc", ["svc@CONTOSO.COM"]),
            ("contoso.com\\svc", ["svc@CONTOSO.COM"]),
            ("CONTOSO\\svc", ["svc@CONTOSO.COM"]),
            ("svc@upn.example", ["svc@UPN.EXAMPLE", "svc@CONTOSO.COM"]),
        ],
    )
    def test_forms_of_the_name(self, library: Library, username: str, asked: list[str]) -> None:
        kept, cache = ticket(username=username, password=CANARY)
        assert library.sign_ins == asked
        assert library.caches[cache].owner == "svc@CONTOSO.COM"
        assert library.used == [f"{cache} HTTP@{HOST}"]
        assert kept.source.account == username

    @pytest.mark.parametrize(
        ("source", "reason", "asked"),
        [
            ({"username": "svc@CONTOSO.COM", "password": "wrong"}, "wrong_password", 1),
            ({"username": "nobody@CONTOSO.COM", "password": "x"}, "unknown_account", 1),
            # The second attempt is at the default realm, which is another question.
            ({"username": "svc@other.example", "password": "x"}, "unknown_account", 2),
        ],
    )
    def test_refusals(self, library: Library, source: dict[str, str], reason: str, asked: int) -> None:
        assert refused(**source).reason == reason
        assert len(library.sign_ins) == asked

    def test_a_realm_that_nobody_knows(self, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(library, "parse_name_flags", lambda _context, name, _flags: name.decode())
        error = refused(username="svc@other.example", password=CANARY)
        assert (error.reason, error.where) == ("no_realm", "OTHER.EXAMPLE")

    def test_it_signs_in_once_whatever_becomes_of_it(self, library: Library) -> None:
        library.services.add("HTTP@cm02.contoso.com")
        good = Tickets(TicketSource("svc", CANARY))
        assert good.for_service("HTTP", HOST) == good.for_service("HTTP", "cm02.contoso.com")
        bad = Tickets(TicketSource("svc", "wrong"))
        told: list[_errors.KerberosError] = []

        def ask() -> None:
            try:
                bad.for_service("HTTP", HOST)
            except _errors.KerberosError as exc:
                told.append(exc)

        threads = [threading.Thread(target=ask) for _unused in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [error.reason for error in told] == ["wrong_password"] * 8
        assert library.sign_ins == ["svc@CONTOSO.COM"] * 2

    def test_the_private_cache_goes_with_the_tickets(self, library: Library) -> None:
        kept, cache = ticket(username="svc", password=CANARY)
        assert cache in library.caches
        del kept
        gc.collect()
        assert library.caches == {}

    def test_sources_show_no_secret(self) -> None:
        assert CANARY not in repr(TicketSource("svc", CANARY))


class TestKeytab:
    PATH = "/etc/svc.keytab"

    @pytest.mark.parametrize(
        ("names", "username", "used"),
        [
            (["svc@CONTOSO.COM", "svc@CONTOSO.COM"], None, "svc@CONTOSO.COM"),
            (["HOST/cm@CONTOSO.COM", "CM$@CONTOSO.COM"], None, "CM$@CONTOSO.COM"),
            (["svc@CONTOSO.COM", "other@CONTOSO.COM"], "SVC@contoso.com", "svc@CONTOSO.COM"),
            (["svc@CONTOSO.COM", "other@CONTOSO.COM"], "CONTOSO\\other", "other@CONTOSO.COM"),
            (["svc@CONTOSO.COM"], "svc", "svc@CONTOSO.COM"),
        ],
    )
    def test_whose_key_is_used(self, library: Library, names: list[str], username: str | None, used: str) -> None:
        library.keys[f"FILE:{self.PATH}"] = names
        ticket(keytab=self.PATH, username=username)
        assert library.sign_ins == [used]

    @pytest.mark.parametrize(
        ("names", "username", "said"),
        [
            (["a@CONTOSO.COM", "b@CONTOSO.COM"], None, "several accounts, or of none (it has a@CONTOSO.COM, b@"),
            (["HOST/cm@CONTOSO.COM"], None, "several accounts, or of none (it has HOST/cm@"),
            ([], None, "(it has none)"),
            (["a@CONTOSO.COM"], "b@CONTOSO.COM", "the keytab has no key for b@CONTOSO.COM (it has a@CONTOSO.COM)"),
            (["a@CONTOSO.COM"], "a@OTHER.COM", "the keytab has no key for a@OTHER.COM"),
        ],
    )
    def test_keytabs_that_do_not_fit(self, library: Library, names: list[str], username: str | None, said: str) -> None:
        library.keys[f"FILE:{self.PATH}"] = names
        error = refused(keytab=self.PATH, username=username)
        assert (error.reason, error.where) == ("keytab", self.PATH)
        assert said in error.observed
        assert library.sign_ins == []

    def test_a_keytab_that_is_not_there(self, library: Library) -> None:
        error = refused(keytab=self.PATH)
        assert (error.reason, error.where) == ("keytab", self.PATH)
        assert "ENOENT" in error.observed
        assert library.caches == {}


class TestCache:
    def test_tickets_are_copied_and_the_cache_is_left_alone(self, library: Library) -> None:
        tickets = [Ticket("svc@CONTOSO.COM"), Ticket("svc@CONTOSO.COM", f"HTTP/{HOST}@{REALM}")]
        library.caches["/tmp/cc"] = Cache("FILE:/tmp/cc", "svc@CONTOSO.COM", tickets)
        _kept, cache = ticket(ccache="/tmp/cc")
        assert cache.startswith("MEMORY:")
        assert library.caches[cache].tickets == tickets
        assert len(library.caches["/tmp/cc"].tickets) == 2

    @pytest.mark.parametrize("username", [None, "svc@contoso.com", "CONTOSO\\svc"])
    def test_the_cache_of_the_environment(self, library: Library, username: str | None) -> None:
        library.caches["FILE:default"] = Cache("FILE:default", "svc@CONTOSO.COM", [Ticket("svc@CONTOSO.COM")])
        _kept, cache = ticket(username=username)
        assert library.caches[cache].owner == "svc@CONTOSO.COM"

    def test_an_account_is_looked_up_in_a_collection(self, library: Library) -> None:
        for name in ("one", "two"):
            owner = f"{name}@CONTOSO.COM"
            library.caches[f"DIR:{name}"] = Cache(f"DIR:{name}", owner, [Ticket(owner)])
        _kept, cache = ticket(username="two@CONTOSO.COM")
        assert library.caches[cache].owner == "two@CONTOSO.COM"
        assert "KRB5_CC_NOTFOUND" in refused(username="three@CONTOSO.COM").observed

    def test_caches_that_do_not_fit(self, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
        owner = "svc@CONTOSO.COM"
        library.caches["other"] = Cache("FILE:other", owner, [Ticket(owner)])
        library.caches["old"] = Cache("FILE:old", owner, [Ticket(owner, ends=NOW - 1)])
        library.caches["empty"] = Cache("FILE:empty", owner, [Ticket(owner, f"HTTP/{HOST}@{REALM}")])
        error = refused(ccache="other", username="nobody@CONTOSO.COM")
        assert "another account than nobody@CONTOSO.COM (it is that of svc@CONTOSO.COM)" in error.observed
        error = refused(ccache="old")
        assert (error.reason, error.where) == ("expired_ticket", "FILE:old")
        assert "it ended at 2027-01-15T07:59:59+00:00" in error.observed
        assert "no ticket to get others with" in refused(ccache="empty").observed
        assert refused(ccache="/none").where == "/none"
        assert refused().where == "the default cache"
        monkeypatch.setenv("KRB5CCNAME", "FILE:/run/none")
        assert refused().where == "FILE:/run/none"


class TestService:
    def test_one_that_the_domain_does_not_know(self, library: Library) -> None:
        library.services.clear()
        error = refused(username="svc", password=CANARY)
        assert (error.reason, error.where) == ("unknown_service", HOST)
        assert f"HTTP/{HOST}" in error.observed

    def test_an_alias_is_named_with_what_it_stands_for(self, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
        library.services.clear()
        monkeypatch.setattr(_tickets, "canonical_name", lambda _host: "cm07.contoso.com")
        error = refused(username="svc", password=CANARY)
        assert f"DNS has {HOST} as an alias of cm07.contoso.com" in error.observed
        assert error.next_step.startswith(f"give cm07.contoso.com in place of {HOST}")

    def test_only_an_unknown_service_asks_dns(self, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_tickets, "canonical_name", lambda _host: pytest.fail("DNS was asked"))
        monkeypatch.setattr(library, "SecurityContext", _raising(GssError(37)))
        assert refused(username="svc", password=CANARY).reason == "clock_skew"

    def test_configuration_that_cannot_be_read(self, library: Library) -> None:
        library.broken = 136
        assert refused(username="svc", password=CANARY).reason == "configuration"

    def test_without_the_libraries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_tickets, "HAS_KERBEROS", False)
        with pytest.raises(_errors.MissingLibraryError, match=r"requirements-kerberos\.txt"):
            ticket(username="svc", password=CANARY)


def _raising(error: Exception) -> t.Callable[..., t.NoReturn]:
    def fail(**_kwargs: t.Any) -> t.NoReturn:
        raise error

    return fail


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([(2, 1, 6, "cm07.contoso.com", ())], "cm07.contoso.com"),
        ([(2, 1, 6, "CM01.contoso.com.", ())], None),
        ([(2, 1, 6, "", ())], None),
        (socket.gaierror("unknown"), None),
    ],
)
def test_canonical_name(monkeypatch: pytest.MonkeyPatch, answer: t.Any, expected: str | None) -> None:
    def look_up(*_args: t.Any, **_kwargs: t.Any) -> t.Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert _tickets.canonical_name(HOST) == expected


@pytest.mark.parametrize(
    ("host", "kind"), [("10.0.0.1", "an address"), ("fe80::1", "an address"), ("cm01", "a short name")]
)
def test_what_is_no_full_name_is_refused_with_the_reason(host: str, kind: str) -> None:
    with pytest.raises(_errors.InvalidOptionError) as caught:
        _tickets.require_full_name(host, "provider", "HTTP/<FQDN>")
    assert caught.value.observed == f"{kind}, {host}, for which Windows would fall back to NTLM"
    assert "option provider" in caught.value.expected
    _tickets.require_full_name(HOST, "provider", "HTTP/<FQDN>")
