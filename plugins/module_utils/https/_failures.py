# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the exceptions of requests and urllib3 mean to a reader. PRIVATE to the collection."""

from __future__ import annotations

import ssl
import typing as t
from dataclasses import dataclass

from .._errors import AnswerError, StageError, TenantAttachError

if t.TYPE_CHECKING:
    from collections.abc import Iterator

# What to do next, by stage (resolve, connect, tls, certificate, answer, cut): AdminService is what is meant without it.
Advice = t.Mapping[str, str]


def causes(exc: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it wraps: requests and urllib3 nest them in several ways."""
    seen: set[int] = set()
    todo: list[t.Any] = [exc]
    while todo:
        current = todo.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        todo += [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]


@dataclass(frozen=True)
class _Stop:
    """What one kind of exception means to a reader."""

    kinds: tuple[str, ...]
    stage: str
    expected: str
    next_step: str
    observed: str = ""


# The first that fits counts: requests and urllib3 wrap the specific in the general.
_STOPS = (
    _Stop(
        ("ProxyError",),
        "connect",
        "the proxy of option proxy_url to open a connection",
        "check proxy_url, and whether the proxy may reach this host",
    ),
    _Stop(
        ("NameResolutionError",),
        "resolve",
        "the host name to resolve on the execution node",
        "check the name and the DNS of the execution node, or map the name with option connect_to",
        "it does not resolve",
    ),
    _Stop(
        ("ConnectTimeoutError",),
        "connect",
        "a TCP connection within the timeout",
        "check that the host is up and that no firewall drops TCP 443 from the execution node",
        "no answer at all",
    ),
    _Stop(
        ("NewConnectionError",),
        "connect",
        "a TCP connection",
        "check that the SMS Provider is up and that AdminService listens on this port",
    ),
    _Stop(
        ("SSLError",),
        "tls",
        "a TLS handshake",
        "check that the port speaks TLS, and which TLS versions the host allows",
    ),
    _Stop(
        ("TimeoutError", "Timeout", "ReadTimeoutError"),
        "answer",
        "an answer within the timeout",
        "look at the load of the SMS Provider and AdminService.log, or raise the option timeout",
        "the connection stands, and nothing came",
    ),
)


def translate(exc: Exception, url: str, timeout: float, advice: Advice) -> TenantAttachError:
    """Turn an exception of requests or urllib3 into an error of ours, with the stage where it stopped."""
    nested = list(causes(exc))
    for cause in nested:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _untrusted(cause, url, advice)
    for stop in _STOPS:
        for cause in nested:
            if type(cause).__name__ in stop.kinds:
                return StageError(
                    stop.stage,
                    expected=stop.expected.replace("the timeout", f"{timeout:.0f} seconds"),
                    observed=stop.observed or _text(_innermost(nested, cause)),
                    where=url,
                    next_step=advice.get(stop.stage, stop.next_step),
                )
    return AnswerError(
        expected="a complete HTTP answer",
        observed=f"the connection ended early: {_text(nested[-1])}",
        where=url,
        next_step=advice.get(
            "cut", "look at AdminService.log on the SMS Provider, and for a proxy or firewall that cuts connections"
        ),
    )


def _innermost(nested: list[BaseException], default: BaseException) -> BaseException:
    return next((cause for cause in reversed(nested) if isinstance(cause, OSError)), default)


def _text(exc: BaseException) -> str:
    return f"{type(exc).__name__}: {str(exc)[:200]}"


def _untrusted(exc: ssl.SSLCertVerificationError, url: str, advice: Advice) -> TenantAttachError:
    return StageError(
        "tls",
        expected="a certificate that verifies against ca_path, is in its time, and names the host",
        observed=f"the certificate is refused: {str(exc.verify_message or exc.reason).rstrip('.')}",
        where=url,
        next_step=advice.get(
            "certificate",
            "compare it with the site's SMS Issuing root or your PKI root; export that, and name it in ca_path",
        ),
    )
