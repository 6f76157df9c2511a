# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a prerequisite is, and how a file declares its own. PRIVATE to the collection.

A prerequisite is a declaration on the function that judges it. What it is made of is imported from here, what several
areas share from `_shared`. CONTRIBUTING.md has the recipe.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ....module_utils.product._site_names import READER
from ...documents._findings import Judgement, Purpose, Severity, failed, passed, unknown, warned

if t.TYPE_CHECKING:
    import datetime as dt

    from ....module_utils.product._nouns import Site
    from ...documents._evidence import Evidence
    from ...documents._expectations import Expectations

__all__ = (
    "DOCS",
    "Context",
    "Judgement",
    "Prerequisite",
    "Remedy",
    "Severity",
    "Target",
    "failed",
    "passed",
    "prerequisite",
    "unknown",
    "warned",
)

DOCS = "https://learn.microsoft.com/intune/configmgr"


class Target(t.NamedTuple):
    """What a prerequisite is judged for. `facts` is the entry of the evidence that named it."""

    kind: str
    name: str
    site: str | None
    facts: t.Mapping[str, t.Any]


class Remedy(t.NamedTuple):
    """What to do when it is not met. `tags` are those of the enforce playbook, for kind `enforce`."""

    text: str
    kind: str = "manual"
    tags: tuple[str, ...] = ()


class Context(t.NamedTuple):
    """What prerequisites may look at."""

    evidence: Evidence
    expectations: Expectations
    purpose: Purpose = Purpose.READINESS

    def now(self) -> dt.datetime:
        """Return the time of the evidence: stored evidence is judged as of then, whenever that happens."""
        return self.evidence.collected_at

    def verifies(self) -> bool:
        """Tell whether the question is what came of the onboarding."""
        return self.purpose is Purpose.VERIFICATION

    def expects_attach(self) -> bool | None:
        """Return whether tenant attach is meant to be on, None where nobody has said so."""
        return True if self.verifies() else self.expectations.attached

    def sites(self) -> list[Site]:
        """Return all sites."""
        return t.cast("list[Site]", self.evidence.get("hierarchy/sites"))

    def top_site(self) -> Site | None:
        """Return the top-tier site, None when the evidence shows none or several."""
        code = self.evidence.get("hierarchy/top_site")
        return next((site for site in self.sites() if site["code"] == code), None)


Targets = t.Callable[[Context], t.Iterable[Target]]
Judge = t.Callable[[Context, Target], Judgement]


@dataclass(frozen=True, kw_only=True)
class Prerequisite:
    """A condition of tenant attach, declared once.

    Args:
        judge: Judges one target. Pure.
        id: The name it goes by everywhere: findings, tags, waivers.
        area: The part of the product it is about.
        title: The condition as a short statement.
        why: What goes wrong without it.
        expected: What is expected, as findings show it.
        severity: How much it matters.
        scope: What it is judged for: tenant, hierarchy, site, host or account.
        targets: Returns the things to judge.
        needs: Evidence that `judge` needs; `{name}` and `{site}` are those of the target. Where it is missing the
            engine answers unknown, and `judge` is not called.
        remedy: What to do when it is not met.
        source: The page that states it.
        enumerates: Evidence that `targets` and `applies` need.
        rights: What is needed to observe it.
        applies: Returns the reason why it does not apply to a target, or None.
        declared_in: The expectation that names the things to judge, where no interface does.
        after_onboarding: Whether it belongs to the question if tenant attach is on and healthy: what may break later,
            and is seen without logging on to a Windows host and without naming people.
    """

    judge: Judge = field(kw_only=False)
    id: str
    area: str
    title: str
    why: str
    expected: str
    severity: Severity
    scope: str
    targets: Targets
    needs: tuple[str, ...]
    remedy: Remedy
    source: str
    enumerates: tuple[str, ...] = ("hierarchy/sites",)
    rights: tuple[str, ...] = (READER,)
    applies: t.Callable[[Context, Target], str | None] = lambda _context, _target: None
    declared_in: str = ""
    after_onboarding: bool = False


_Fields = t.ParamSpec("_Fields")


def _declaring(
    make: t.Callable[t.Concatenate[Judge, _Fields], Prerequisite],
) -> t.Callable[_Fields, t.Callable[[Judge], Prerequisite]]:
    """Return what makes prerequisites as a decorator that takes all fields but `judge`, each with its type."""

    def declare(*args: _Fields.args, **fields: _Fields.kwargs) -> t.Callable[[Judge], Prerequisite]:
        return lambda judge: make(judge, *args, **fields)

    return declare


# The decorator. `functools.partial` of it gives once what the prerequisites of an area share; each may say otherwise.
prerequisite = _declaring(Prerequisite)
