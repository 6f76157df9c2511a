# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far one SMS Provider's AdminService gets: stage by stage. PRIVATE to the collection."""

from __future__ import annotations

import time
import typing as t

from .._deadline import Deadline, side_by_side
from .._errors import (
    AccessDeniedError,
    AuthenticationError,
    MissingLibraryError,
    NotFoundError,
    StageError,
    TenantAttachError,
)
from ..https._certificates import describe_certificate
from ..product._forms import same_host
from ._hierarchy import read_components, read_providers

if t.TYPE_CHECKING:
    from ..adminservice._client import AdminService
    from ..product._nouns import Component

STAGES = ("resolve", "connect", "tls", "authenticate", "metadata", "wmi", "versioned")
AT_ONCE = 32  # The product's page names 200 requests for each client address: stay well below.
AT_MOST = 64

Facts = dict[str, t.Any]
Connect = t.Callable[[Facts], "AdminService"]


class Probe:
    """One SMS Provider being probed. Keeps what was seen so far, for the case that the deadline comes first."""

    def __init__(self, provider: Facts, connect: Connect) -> None:
        self.provider = provider
        self._connect = connect
        self._stages: list[Facts] = []
        self._certificate: Facts | None = None
        self._site: str | None = None

    def run(self) -> Facts:
        """Go through all stages until one fails, and return the result."""
        try:
            client = self._connect(self.provider)
        except TenantAttachError as exc:  # A name that cannot be one costs this SMS Provider, not all of them.
            return self.late(exc)
        try:
            self._go(client)
        except TenantAttachError as exc:
            self._fail(exc, client)
        finally:
            client.close()
        return self.result()

    def _go(self, client: AdminService) -> None:
        begun = time.monotonic()
        client.metadata("v1.0")
        self._note_connection(client)
        for stage in ("authenticate", "metadata"):
            self._pass(stage, begun, "accepted" if stage == "authenticate" else "an OData service description")
        begun = time.monotonic()
        # Without $select: only then the answer names the namespace, and with it the site that this provider serves.
        rows = client.rows("wmi/SMS_Site", top=1)
        self._site = _site_of(rows[0].text("__NAMESPACE")) if rows else None
        self._pass("wmi", begun, f"namespace of site {self._site}" if self._site else "answered")
        begun = time.monotonic()
        client.rows("v1.0/Device", top=1)
        self._pass("versioned", begun, "answered")

    def _pass(self, stage: str, begun: float, detail: str) -> None:
        self._stages.append(
            {"name": stage, "ok": True, "seconds": round(time.monotonic() - begun, 3), "detail": detail}
        )

    def _note_connection(self, client: AdminService) -> None:
        noted = {stage["name"] for stage in self._stages}
        for name, seconds, detail in client.trace.stages:
            if name not in noted:
                noted.add(name)
                self._stages.append({"name": name, "ok": True, "seconds": round(seconds, 3), "detail": detail})
        if client.trace.certificate is not None:
            self._certificate = describe_certificate(client.trace.certificate)

    def _fail(self, error: TenantAttachError, client: AdminService) -> None:
        self._note_connection(client)
        if isinstance(error, StageError) and error.stage == "tls":
            refused = client.peek_certificate()
            self._certificate = describe_certificate(refused) if refused is not None else None
        passed = [stage["name"] for stage in self._stages]
        stage = _stage_of(error, passed)
        self._stages.append(
            {"name": stage, "ok": False, "seconds": 0.0, "detail": str(error), "error": error.as_dict()}
        )

    def late(self, error: TenantAttachError) -> Facts:
        """Return the result of a probe that the deadline overtook."""
        passed = [stage["name"] for stage in self._stages]
        entry = {"name": _next(passed), "ok": False, "seconds": 0.0, "detail": str(error), "error": error.as_dict()}
        return self.result([*self._stages, entry])

    def result(self, stages: list[Facts] | None = None) -> Facts:
        """Return the result as the interface describes it."""
        stages = self._stages if stages is None else stages
        failed = next((stage["name"] for stage in stages if not stage["ok"]), None)
        return {
            "host": self.provider["host"],
            "site": self._site or self.provider.get("site"),
            "healthy": failed is None,
            "failed_stage": failed,
            "stages": stages,
            "certificate": self._certificate,
        }


def _next(passed: t.Sequence[str]) -> str:
    return next((stage for stage in STAGES if stage not in passed), STAGES[-1])


def _stage_of(error: TenantAttachError, passed: t.Sequence[str]) -> str:
    if isinstance(error, StageError) and error.stage in STAGES:
        return error.stage
    signing_in = (AuthenticationError, AccessDeniedError, MissingLibraryError)
    if isinstance(error, signing_in) and "authenticate" not in passed:
        return "authenticate"
    if isinstance(error, NotFoundError) and "authenticate" not in passed:
        return "metadata"
    following = _next(passed)
    # An answer that is none of AdminService's does not tell whether it would accept the account: that stage stays open.
    return "metadata" if following == "authenticate" and not isinstance(error, StageError) else following


def _site_of(namespace: str) -> str | None:
    r"""Return the site code in root\sms\site_ABC."""
    _root, marker, code = namespace.lower().rpartition("site_")
    return code.upper() if marker else None


def probe_all(
    providers: t.Sequence[Facts], connect: Connect, *, deadline: Deadline, at_once: int = AT_ONCE
) -> list[Facts]:
    """Probe all SMS Providers side by side, and return the results in their order."""
    probes = [Probe(provider, connect) for provider in providers]
    return side_by_side(
        probes,
        Probe.run,
        lambda probe: probe.late(deadline.error(probe.provider["host"])),
        deadline=deadline,
        limit=at_once,
    )


def component_of(provider: Facts, components: t.Sequence[Component]) -> Facts | None:
    """Return the state of the component of a provider. The site counts too: a short host name may stand twice."""
    for entry in components:
        same_site = provider["site"] is None or entry["site"] == provider["site"]
        if same_site and same_host(entry["host"], provider["host"]):
            return {key: entry[key] for key in ("state", "status", "last_contacted")}
    return None


def survey(
    entry: AdminService,
    connect: Connect,
    *,
    named: t.Sequence[str] | None,
    deadline: Deadline,
    at_once: int = AT_ONCE,
) -> list[Facts]:
    """Probe the SMS Providers of a hierarchy, and join each with the state of its component.

    Args:
        entry: The client of the provider that knows the hierarchy.
        connect: Makes the client of a provider.
        named: Only these hosts. None for all of the hierarchy.
        deadline: The end of the whole run.
        at_once: How many are probed at the same time.

    Raises:
        TenantAttachError: The hierarchy cannot be read, and no hosts were named.
    """
    components: list[Component] | TenantAttachError = []
    providers: list[Facts] = []
    builds: dict[str, int | None] = {}
    try:
        found, builds = read_providers(entry)
        providers = [{**each} for each in found]
        components = read_components(entry)
    except TenantAttachError as exc:
        if named is None and not providers:
            raise
        components = exc
    finally:
        entry.close()
    if named is not None:
        known = {provider["host"]: provider for provider in providers}
        providers = [known.get(host.lower(), {"host": host.lower(), "site": None}) for host in named]
    targets = [{**provider, "build": builds.get(provider["site"] or "")} for provider in providers]
    results = probe_all(targets, connect, deadline=deadline, at_once=at_once)
    for result in results:
        if isinstance(components, TenantAttachError):
            result["component"] = {"error": components.as_dict()}
        else:
            result["component"] = component_of(result, components)
    return results
