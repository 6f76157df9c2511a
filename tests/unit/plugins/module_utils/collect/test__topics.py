# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import (
    AuthenticationError,
    DeadlineError,
    NotFoundError,
    ServiceError,
    StageError,
    TenantAttachError,
)
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.collect._topics import (
    NOT_THERE,
    Reading,
    Topics,
    concerns_all,
    concerns_one,
    value_or_error,
)

WORDS = {"expected": "rows", "observed": "none"}
DENIED = TenantAttachError(**WORDS)
NO_PLAN = ServiceError(400, code="NoPlan", **WORDS)
BROKEN = StageError("connect", **WORDS)


def failing(error: TenantAttachError) -> t.Callable[[], t.NoReturn]:
    def work() -> t.NoReturn:
        raise error

    return work


def unwanted() -> t.NoReturn:
    pytest.fail("it was asked again")


def test_an_error_is_kept_with_its_topic_and_the_others_go_on() -> None:
    topics = Topics()
    assert topics.attempt("one", failing(DENIED)) is None
    assert topics.attempt("two", lambda: 2) == 2
    assert topics.errors == {"one": DENIED}
    assert topics.fatal is None


def test_a_topic_with_an_error_is_not_read_again() -> None:
    topics = Topics()
    topics.attempt("one", failing(DENIED))
    assert topics.attempt("one", unwanted) is None


@pytest.mark.parametrize(
    "error", [BROKEN, AuthenticationError(**WORDS), DeadlineError(**WORDS)], ids=lambda error: error.kind
)
def test_what_concerns_all_is_met_once(error: TenantAttachError) -> None:
    topics = Topics()
    topics.attempt("one", failing(error))
    assert topics.attempt("two", unwanted) is None
    assert topics.errors == {"one": error, "two": error}
    assert topics.fatal is error


def test_who_declares_it_so_takes_no_error_for_one_of_all() -> None:
    topics = Topics(concerns_one)
    topics.attempt("one", failing(BROKEN))
    assert topics.attempt("two", lambda: 2) == 2
    assert concerns_all(BROKEN)


@pytest.mark.parametrize(
    ("error", "answers", "said"),
    [
        pytest.param(NO_PLAN, {"NoPlan": []}, [], id="by the service's code"),
        pytest.param(NotFoundError(**WORDS), {NOT_THERE: "absent"}, "absent", id="by not being there"),
        pytest.param(NotFoundError(**WORDS), {NOT_THERE: None}, None, id="that says nothing"),
    ],
)
def test_an_error_that_is_an_answer_is_none(error: TenantAttachError, answers: dict[str, t.Any], said: t.Any) -> None:
    topics = Topics()
    topics.begin("one", Reading("query", answers=answers), "https://host/one")
    assert topics.attempt("one", failing(error)) == said
    assert topics.errors == {}
    assert topics.sources == {"one": "https://host/one"}


def test_another_error_stays_one() -> None:
    topics = Topics()
    topics.begin("one", Reading("query", answers={"OtherCode": []}))
    assert topics.attempt("one", failing(NO_PLAN)) is None
    assert topics.errors == {"one": NO_PLAN}


def test_errors_by_field_of_the_evidence() -> None:
    topics = Topics()
    topics.begin("roles", Reading("query", gives=("providers", "points")))
    topics.begin("sites", Reading("query"))
    for topic in ("roles", "sites", "clients"):
        topics.attempt(topic, failing(DENIED))
    assert topics.errors_by_field() == dict.fromkeys(("providers", "points", "sites", "clients"), DENIED.as_dict())


def test_the_first_error_of_a_kind_of_topic() -> None:
    topics = Topics()
    topics.attempt("role global", failing(DENIED))
    topics.attempt("role intune", failing(NO_PLAN))
    assert topics.first_error("role intune", "groups ") is NO_PLAN
    assert topics.first_error("groups ") is None


def test_an_error_stands_in_place_of_a_value() -> None:
    assert value_or_error(lambda: 1) == 1
    assert value_or_error(failing(DENIED)) == {"error": DENIED.as_dict()}
