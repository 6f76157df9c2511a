# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a prerequisite is. PRIVATE to the collection."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ....module_utils.product._site_names import READER
from ...documents._findings import Purpose

if t.TYPE_CHECKING:
    import datetime as dt

    from ...documents._evidence import Evidence
    from ...documents._expectations import Expectations
    from ...documents._findings import Judgement

DOCS = "https://learn.microsoft.com/intune/configmgr"
# What observing a Windows host needs. Reading needs no more than the remote shell itself asks for.
LOGON = "Windows: logon to the host through its connection (WinRM, PSRP or SSH)"


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

    def expects_attach(self) -> bool | None:
        """Return whether tenant attach is meant to be on, None where nobody has said so."""
        return True if self.purpose is Purpose.VERIFICATION else self.expectations.attached

    def sites(self) -> list[dict[str, t.Any]]:
        """Return all sites."""
        return t.cast("list[dict[str, t.Any]]", self.evidence.get("hierarchy/sites"))

    def top_site(self) -> dict[str, t.Any] | None:
        """Return the top-tier site, None when the evidence shows none or several."""
        code = self.evidence.get("hierarchy/top_site")
        return next((site for site in self.sites() if site["code"] == code), None)


Targets = t.Callable[[Context], t.Iterable[Target]]


def the_hierarchy(_context: Context) -> t.Iterable[Target]:
    """One target: the hierarchy."""
    return (Target("hierarchy", "hierarchy", None, {}),)


def the_tenant(_context: Context) -> t.Iterable[Target]:
    """One target: the tenant."""
    return (Target("tenant", "tenant", None, {}),)


def upper_sites(context: Context) -> t.Iterable[Target]:
    """The CAS and the primary sites. Nothing of tenant attach lives in a secondary site."""
    return (Target("site", site["code"], site["code"], site) for site in context.sites() if site["type"] != "secondary")


def providers(context: Context) -> t.Iterable[Target]:
    """The SMS Providers of the CAS and the primary sites; one of a secondary site is judged by its placement."""
    upper = {target.name for target in upper_sites(context)}
    return (
        Target("host", provider["host"], provider["site"], provider)
        for provider in context.evidence.get("hierarchy/providers")
        if provider["site"] in upper
    )


@dataclass(frozen=True, kw_only=True)
class Prerequisite:
    """A condition of tenant attach, declared once.

    Args:
        id: The name it goes by everywhere: findings, tags, waivers.
        area: The part of the product it is about.
        title: The condition as a short statement.
        why: What goes wrong without it.
        expected: What is expected, as findings show it.
        severity: critical, high, medium or low.
        scope: What it is judged for: tenant, hierarchy, site, host or account.
        targets: Returns the things to judge.
        enumerates: Evidence that `targets` and `applies` need.
        needs: Evidence that `judge` needs; `{name}` and `{site}` are those of the target. Where it is missing the
            engine answers unknown, and `judge` is not called.
        rights: What is needed to observe it.
        remedy: What to do when it is not met.
        source: The page that states it.
        judge: Judges one target. Pure.
        applies: Returns the reason why it does not apply to a target, or None.
        declared_in: The expectation that names the things to judge, where no interface does.
        after_onboarding: Whether it belongs to the question if tenant attach is on and healthy: what may break later,
            and is seen without logging on to a Windows host and without naming people.
    """

    id: str
    area: str
    title: str
    why: str
    expected: str
    severity: str
    scope: str
    targets: Targets
    needs: tuple[str, ...]
    remedy: Remedy
    source: str
    judge: t.Callable[[Context, Target], Judgement]
    enumerates: tuple[str, ...] = ("hierarchy/sites",)
    rights: tuple[str, ...] = (READER,)
    applies: t.Callable[[Context, Target], str | None] = lambda _context, _target: None
    declared_in: str = ""
    after_onboarding: bool = False
