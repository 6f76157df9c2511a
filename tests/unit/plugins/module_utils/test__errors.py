# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.tests.unit.places import DOCS

DETAILS = {
    "expected": "HTTP 200",
    "observed": "HTTP 403.",
    "where": "https://cm01.contoso.com/AdminService/wmi/SMS_Site",
    "next_step": "ask for the right",
    "rights": ["Read-only Analyst"],
}


def test_text_names_all_parts_once_and_ends_each_with_one_full_stop() -> None:
    assert str(_errors.TenantAttachError(**DETAILS)) == (
        "Expected: HTTP 200. Observed: HTTP 403. Where: https://cm01.contoso.com/AdminService/wmi/SMS_Site. "
        "Needed right: Read-only Analyst. Next step: ask for the right."
    )


def test_text_leaves_out_what_is_empty() -> None:
    error = _errors.TenantAttachError(expected="a", observed="b")
    assert str(error) == "Expected: a. Observed: b."
    assert error.as_dict() == {
        "kind": "error",
        "expected": "a",
        "observed": "b",
        "where": "",
        "next_step": "",
        "rights": [],
    }


@pytest.mark.parametrize(
    ("error", "kind", "more"),
    [
        (_errors.InvalidOptionError(**DETAILS), "option", {}),
        (_errors.MissingLibraryError(**DETAILS), "library", {}),
        (_errors.StageError("tls", **DETAILS), "connection", {"stage": "tls"}),
        (_errors.DeadlineError(**DETAILS), "deadline", {}),
        (_errors.AuthenticationError(**DETAILS), "authentication", {}),
        (_errors.KerberosError("clock_skew", **DETAILS), "authentication", {"reason": "clock_skew"}),
        (_errors.AccessDeniedError(status=403, **DETAILS), "access_denied", {"status": 403}),
        (_errors.AccessDeniedError(**DETAILS), "access_denied", {"status": None}),
        (_errors.NotFoundError(**DETAILS), "not_found", {}),
        (_errors.ServiceError(503, **DETAILS), "service", {"status": 503}),
        (_errors.AnswerError(**DETAILS), "answer", {}),
    ],
)
def test_dictionary_has_the_kind_and_what_the_kind_adds(
    error: _errors.TenantAttachError, kind: str, more: dict[str, object]
) -> None:
    assert error.as_dict() == {"kind": kind, **DETAILS, **more}


def test_not_found_tells_a_missing_service_from_a_missing_class() -> None:
    assert _errors.NotFoundError(service_missing=True, **DETAILS).service_missing
    assert not _errors.NotFoundError(**DETAILS).service_missing


def drawn() -> t.Iterator[tuple[int, str, str]]:
    """The tree as the docstring draws it: depth, class, kind."""
    for line in str(_errors.__doc__).splitlines():
        if found := re.fullmatch(r" {4}([ │├└─]*)(\w+Error)(?: +(\w+))?", line):
            yield len(found[1]) // 4, found[2], found[3] or ""


def there(error: type[_errors.TenantAttachError], depth: int = 0) -> t.Iterator[tuple[int, str, str]]:
    """The tree as it is."""
    yield depth, error.__name__, str(vars(error).get("kind", ""))
    for below in error.__subclasses__():
        yield from there(below, depth + 1)


def test_the_tree_is_drawn_as_it_is() -> None:
    assert set(drawn()) == set(there(_errors.TenantAttachError))
    assert len(list(drawn())) > 15


def test_each_kind_is_one_and_the_schema_has_it() -> None:
    kinds = [kind for _depth, _name, kind in there(_errors.TenantAttachError) if kind]
    assert len(kinds) == len(set(kinds))
    schema = json.loads((DOCS / "evidence.schema.json").read_text("utf-8"))
    assert set(schema["$defs"]["error"]["properties"]["kind"]["enum"]) == set(kinds)
