# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From module options to a session with a directory: the one place that knows both. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager

from .._connection import check_seconds, from_environment, kerberos_spec, seconds_spec
from .._deadline import Deadline
from .._errors import InvalidOptionError, NotConfiguredError
from ..https._route import Route
from ..kerberos._tickets import Tickets, TicketSource
from ._domain import read_domain
from ._library import library
from ._lookup import Lookup
from ._server import AUTHS, Server, parse
from ._session import Password, Session, Ticket, open_session

Options = t.Mapping[str, t.Any]


class Directory(t.NamedTuple):
    """A session, and what finds objects in its domain."""

    session: Session
    lookup: Lookup


def argument_spec() -> dict[str, t.Any]:
    """Return the connection options of doc fragment directory."""
    return {
        "server": {"type": "str", "fallback": from_environment("DIRECTORY_SERVER")},
        "base_dn": {"type": "str", "fallback": from_environment("DIRECTORY_BASE_DN")},
        "auth": {
            "type": "str",
            "choices": list(AUTHS),
            "default": "kerberos",
            "fallback": from_environment("DIRECTORY_AUTH"),
        },
        **kerberos_spec("DIRECTORY"),
        "start_tls": {"type": "bool", "default": False},
        "ca_path": {"type": "path", "fallback": from_environment("DIRECTORY_CA_PATH")},
        **seconds_spec(deadline=120),
    }


@contextmanager
def connected(options: Options) -> t.Iterator[Directory]:
    """Open a session as the options say, and close it.

    Raises:
        TenantAttachError: Options cannot work, which is found out before any call, or there is no session.
    """
    if not options["server"]:
        # A run without a directory is one that says so, and not one that was started wrongly.
        raise NotConfiguredError(
            expected="option server, or DIRECTORY_SERVER, to name a domain controller",
            observed="nothing names one",
            next_step="set server; in the playbooks of the collection, tenant_attach_directory",
        )
    check_seconds(options)
    server = parse(options["server"], options["auth"], options["start_tls"])
    source = TicketSource(options["username"], options["password"], options["keytab"], options["ccache"])
    _check(source, options["auth"])
    route = Route(ca_path=options["ca_path"])
    if server.tls != "none":
        # What cannot be read is refused before any call.
        route.context()
    library()
    deadline = Deadline(options["deadline"])
    session = _open(server, source, route, float(options["timeout"]), deadline)
    try:
        yield Directory(session, Lookup(session, read_domain(session, options["base_dn"])))
    finally:
        session.close()


def _check(source: TicketSource, auth: str) -> None:
    if auth == "kerberos":
        source.check()
    unfit = [name for name in ("keytab", "ccache") if auth == "simple" and getattr(source, name)]
    # A name without a password would be taken for nobody, and let in.
    missing = [name for name in ("username", "password") if auth == "simple" and not getattr(source, name)]
    if auth == "kerberos" and source.password and not source.username:
        missing = ["username"]
    if unfit or missing:
        raise InvalidOptionError(
            expected=f"options username and password for auth={auth}{', and nothing else' if unfit else ''}",
            observed=f"{' and '.join(unfit)} besides" if unfit else f"no {' and no '.join(missing)}",
            next_step="set them, or their environment variables DIRECTORY_USERNAME and DIRECTORY_PASSWORD; "
            "keytab and ccache are for auth=kerberos",
        )


def _open(server: Server, source: TicketSource, route: Route, timeout: float, deadline: Deadline) -> Session:
    if server.tls != "none":
        identity = Password(str(source.username), str(source.password))
        return open_session(server, identity, route, timeout, deadline)
    # The tickets vanish with this object, and the session needs them no more.
    tickets = Tickets(source)
    return open_session(server, Ticket(tickets.for_service("ldap", server.host)), route, timeout, deadline)
