# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command lines of curl that probe all endpoints of a host at once. PRIVATE to the collection.

Up to three transfers go to an HTTPS endpoint, all in parallel where they can be:

- one that verifies the certificate, and tells whether the endpoint is reachable;
- one that verifies nothing, sends nothing of value, and tells who issued a certificate that does not verify;
- one that checks revocation as well. It is a run of its own: while Schannel waits for a revocation list, curl stands
  still, and transfers beside it would time out for no fault of theirs.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from .._errors import AnswerError, NotFoundError

if t.TYPE_CHECKING:
    from ._endpoints import Endpoint

# The first with exitcode, errormsg and url in the JSON of --write-out; --parallel and %{json} are older.
MINIMUM = (7, 75)
# The first with the certificates in it.
WITH_CERTIFICATES = (7, 88)
# The first with single headers.
WITH_HEADERS = (7, 84)
# The header that squid sets in answers of its own, by which a refusal over plain HTTP is told from the host's answer.
# Others have none. Proxy-Status will not do: whoever serves the host for its owner may set it as well.
PROXY_HEADER = "x-squid-error"
# Some versions refuse more.
MOST_PARALLEL = 300
_BANNER = re.compile(r"curl (\d+)\.(\d+)\S* .*?libcurl/(.*)")

Role = t.Literal["v", "i", "r"]
VERIFYING: Role = "v"
INSPECTING: Role = "i"
REVOCATION: Role = "r"


@dataclass(frozen=True)
class Curl:
    """The curl of a host."""

    program: str
    null: str
    version: tuple[int, int]
    schannel: bool

    @property
    def certificates(self) -> bool:
        """Whether it tells the certificates that it saw."""
        return self.version >= WITH_CERTIFICATES


@dataclass(frozen=True)
class Trust:
    """Whom OpenSSL's curl trusts, and whom no longer. Schannel asks Windows."""

    ca_path: str | None = None
    crl_path: str | None = None


class Probe(t.NamedTuple):
    """An endpoint, and the proxy through which it is reached."""

    endpoint: Endpoint
    proxy: str | None

    @property
    def secure(self) -> bool:
        """Whether there is a certificate to look at."""
        return self.endpoint.url.lower().startswith("https:")


class Visit(t.NamedTuple):
    """What is sent as one remote command: the probes, and the runs of curl for them."""

    probes: tuple[Probe, ...]
    commands: tuple[tuple[str, ...], ...]


def program(*, windows: bool) -> str:
    """Return the name of curl. In PowerShell `curl` is something else."""
    return "curl.exe" if windows else "curl"


def curl_of(banner: str, *, windows: bool) -> Curl:
    """Read the answer of `curl --version`.

    Raises:
        NotFoundError: There is no curl.
        AnswerError: It is too old.
    """
    found = _BANNER.match(banner.lstrip())
    name = program(windows=windows)
    if found is None:
        raise NotFoundError(
            expected=f"{name} to tell its version",
            observed=repr(banner.strip()[:80]) if banner.strip() else "no answer",
            where=f"{name} --version",
            next_step="use Windows Server 2019 or later, which has it" if windows else "install the package curl",
        )
    version = (int(found[1]), int(found[2]))
    if version < MINIMUM:
        raise AnswerError(
            expected=f"curl {MINIMUM[0]}.{MINIMUM[1]} or later, which tells how each transfer ended",
            observed=f"curl {version[0]}.{version[1]}",
            where=f"{name} --version",
            next_step="install the latest cumulative update, which renews it" if windows else "update the package curl",
        )
    return Curl(name, "NUL" if windows else "/dev/null", version, "schannel" in found[3].lower())


def checks_revocation(curl: Curl, trust: Trust) -> bool:
    """Whether revocation can be checked: Schannel does by itself, OpenSSL only with a list at hand."""
    return curl.schannel or trust.crl_path is not None


def visits(probes: t.Sequence[Probe], curl: Curl, trust: Trust, *, timeout: float, limit: int) -> tuple[Visit, ...]:
    """Return as few visits as needed for all probes, which together take no longer than the deadline.

    Args:
        probes: What to probe.
        curl: The curl of the host.
        trust: Whom to trust.
        timeout: One deadline for everything, in seconds.
        limit: Longest remote command that the host takes, in characters.
    """
    for number in range(1, len(probes) + 1):
        parts = [tuple(probes[start::number]) for start in range(number)]
        planned = tuple(Visit(part, _runs(part, curl, trust, timeout / number)) for part in parts)
        if all(length(visit) <= limit for visit in planned):
            return planned
    raise AnswerError(
        expected=f"URLs that fit into a command line of {limit} characters",
        observed="one that does not, even alone",
        next_step="give shorter URLs: only scheme, host and port matter here",
    )


def length(visit: Visit) -> int:
    """Return about how long the remote command is: each argument in quotes, and a blank."""
    return sum(len(argument) + 3 for command in visit.commands for argument in command)


def _runs(probes: tuple[Probe, ...], curl: Curl, trust: Trust, timeout: float) -> tuple[tuple[str, ...], ...]:
    """Return the runs of curl: one, and a second one for revocation, which take turns within the deadline."""
    secure = [probe for probe in probes if probe.secure]
    plans: list[list[tuple[Role, t.Sequence[Probe]]]] = [[(VERIFYING, probes)]]
    if curl.certificates:
        plans[0].append((INSPECTING, secure))
    if checks_revocation(curl, trust) and secure:
        plans.append([(REVOCATION, secure)])
    return tuple(_run(plan, curl, trust, timeout / len(plans)) for plan in plans)


def _run(plan: list[tuple[Role, t.Sequence[Probe]]], curl: Curl, trust: Trust, timeout: float) -> tuple[str, ...]:
    """Return one run of curl, with options for each role and each proxy."""
    transfers = min(sum(len(probes) for _role, probes in plan), MOST_PARALLEL)
    # The user's .curlrc has no say. Neither does waiting for a connection that could be shared.
    arguments = [curl.program, "--disable", "-Z", "--parallel-immediate", "--parallel-max", str(transfers)]
    separator: list[str] = []
    for role, probes in plan:
        for proxy in dict.fromkeys(probe.proxy for probe in probes):
            arguments += separator
            arguments += _options(role, curl, trust, proxy, timeout)
            for probe in probes:
                if probe.proxy == proxy:
                    arguments += ["-o", curl.null, probe.endpoint.url]
            separator = ["--next"]
    return tuple(arguments)


def _options(role: Role, curl: Curl, trust: Trust, proxy: str | None, timeout: float) -> list[str]:
    """Return the options of a group of transfers: silent, no globbing, headers only, no redirect followed."""
    # Whatever the environment says. An empty list would get lost in PowerShell: a name that nobody has stands there.
    route = ["--noproxy", "*"] if proxy is None else ["--noproxy", "nobody.invalid", "-x", proxy]
    tls = {
        VERIFYING: ["--ssl-no-revoke"] if curl.schannel else [],
        INSPECTING: ["-k"],
        REVOCATION: [] if curl.schannel or trust.crl_path is None else ["--crlfile", trust.crl_path],
    }[role]
    if trust.ca_path is not None and role != INSPECTING:
        tls += ["--cacert", trust.ca_path]
    asked = role == VERIFYING and proxy is not None and curl.version >= WITH_HEADERS
    header = f"%header{{{PROXY_HEADER}}}" if asked else ""
    return ["-sgI", "--http1.1", "-m", f"{timeout:g}", *route, *tls, "-w", rf"{role}%{{json}}{header}\n"]
