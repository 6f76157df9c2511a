# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.inventory._stored_layout import (
    pack,
    source_of,
    unpack,
)
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY

LAYOUT = {"top_site": "CAS", "sites": [{"code": "CAS", "build": 9146, "database": None}]}
OPTIONS = {
    "provider": "cm01.contoso.com",
    "auth": "token",
    "username": None,
    "keytab": None,
    "ccache": None,
    "connect_to": {},
    "token": CANARY,
    "password": CANARY,
}
SOURCE = source_of(OPTIONS)


def test_what_is_stored_comes_back() -> None:
    entry = json.loads(json.dumps(pack(LAYOUT, SOURCE)))
    assert unpack(entry, SOURCE) == LAYOUT
    assert CANARY not in json.dumps(entry)


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "",
        [],
        {},
        LAYOUT,
        {**pack(LAYOUT, SOURCE), "format": 0},
        {**pack(LAYOUT, SOURCE), "layout": {**LAYOUT, "top_site": "P01"}},
        {**pack(LAYOUT, SOURCE), "layout": {**LAYOUT, "sites": []}},
        {**pack(LAYOUT, SOURCE), "layout": None},
        {name: value for name, value in pack(LAYOUT, SOURCE).items() if name != "digest"},
        pack([], SOURCE),  # type: ignore[arg-type]  # What another program may have left.
    ],
)
def test_what_is_not_whole_is_not_taken(entry: object) -> None:
    assert unpack(entry, SOURCE) is None


@pytest.mark.parametrize(
    "other",
    [
        {"provider": "cm02.contoso.com"},
        {"auth": "kerberos"},
        {"username": "someone@CONTOSO.COM"},
        {"keytab": "/etc/other.keytab"},
        {"ccache": "/tmp/other"},
        {"connect_to": {"cm01.contoso.com": "10.0.0.1"}},
    ],
)
def test_what_was_read_over_another_connection_is_not_taken(other: dict[str, t.Any]) -> None:
    assert unpack(pack(LAYOUT, SOURCE), source_of({**OPTIONS, **other})) is None
