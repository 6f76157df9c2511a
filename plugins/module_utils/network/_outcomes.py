# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answers of curl say about each endpoint. PRIVATE to the collection.

Numbers decide, never texts: those of curl come in many versions, and those of Windows in many languages.
"""

from __future__ import annotations

import json
import re
import typing as t

from .._errors import AnswerError, StageError
from . import _issuers, _probe
from ._endpoints import FAILURES

Stage = t.Literal["resolve", "connect", "proxy", "tls", "http"]
Transfer = dict[str, t.Any]
Transfers = dict[tuple[str, str], Transfer]

# Exit codes of curl. Source: https://curl.se/libcurl/c/libcurl-errors.html
_PROXY_NAME, _NAME, _CONNECT, _TIMEOUT, _TLS, _VERIFY, _PROXY = 5, 6, 7, 28, 35, 60, 97
_TLS_CODES = frozenset({_TLS, 51, 53, 54, 58, 59, _VERIFY, 64, 66, 77, 80, 82, 83, 90, 91, 98})
_STAGES: dict[int, Stage] = {_PROXY_NAME: "proxy", _NAME: "resolve", _PROXY: "proxy"}
# Verification results of OpenSSL. Source: https://docs.openssl.org/3.0/man1/openssl-verification-options/
_OPENSSL_REVOKED = 23
# No list, no issuer of a list, a list that is not valid yet or no more, or not for this certificate.
_OPENSSL_NO_LIST = frozenset({3, 11, 12, 33, 44})
# Codes of Windows, which stand in the error as 0x…, whatever its language: CRYPT_E_REVOKED and CERT_E_REVOKED;
# CRYPT_E_NO_REVOCATION_CHECK, CRYPT_E_REVOCATION_OFFLINE and CERT_E_REVOCATION_FAILURE.
_WINDOWS_REVOKED = frozenset({0x80092010, 0x800B010C})
_WINDOWS_NO_LIST = frozenset({0x80092012, 0x80092013, 0x800B010E})
_HEXADECIMAL = re.compile(r"0x[0-9a-f]{8}\b", re.IGNORECASE)
_LONGEST = 200
_LINE = re.compile(r"[vir](?=\{)")

_EXPECTED: dict[Stage, str] = {
    "resolve": "the name of the host to resolve",
    "connect": "the host to accept a connection",
    "proxy": "the proxy to open the way to the host",
    "tls": "a TLS session with a certificate that verifies",
    "http": "an HTTP answer",
}
_NEXT: dict[Stage, str] = {
    "resolve": "let the DNS of this machine resolve it, or set a proxy, which resolves names itself",
    "connect": "allow the way in the firewall, or set the WinHTTP proxy of this machine",
    "proxy": "see whether the proxy runs, and allow the host there for this machine, without authentication",
    "tls": "exempt the host from TLS inspection; otherwise see whether roots are missing and the clock is right",
    "http": "see what the proxies and firewalls on the way do with it",
}


def transfers(stdout: str) -> Transfers:
    """Return what curl said about each transfer, by role and URL. Lines of others are left alone."""
    found: Transfers = {}
    for line in stdout.splitlines():
        marked = _LINE.match(line)
        if marked is None:
            continue
        try:
            transfer, end = json.JSONDecoder().raw_decode(line, 1)
        except ValueError as exc:
            raise AnswerError(
                expected="JSON from curl for each transfer",
                observed=f"{exc} in {line[:80]!r}",
                next_step="run the task again; if it stays, keep the output with -vvv and report it",
            ) from exc
        # What is left is the header by which a proxy says that the answer is its own.
        found[line[0], transfer["url"]] = transfer | {"from_proxy": line[end:].strip()}
    return found


def outcome(probe: _probe.Probe, seen: Transfers, curl: _probe.Curl, known: t.Sequence[str] = ()) -> dict[str, t.Any]:
    """Return the row of an endpoint.

    Args:
        probe: The endpoint and its proxy.
        seen: What curl said.
        curl: The curl that said it.
        known: More organisations that are meant to issue certificates.
    """
    endpoint = probe.endpoint
    row: dict[str, t.Any] = {
        "id": endpoint.id,
        "url": endpoint.url,
        "kind": endpoint.kind,
        "documented": endpoint.documented or endpoint.url,
        "reachable": None,
        "stage": None,
        "http_status": None,
        "proxy_used": probe.proxy,
        "tls": None,
        "revocation": "not_checked",
        "seconds": None,
        "error": None,
    }
    transfer = seen.get((_probe.VERIFYING, endpoint.url))
    if transfer is None:
        # Nothing was observed: neither reachable nor not.
        return {**row, "error": _silence(endpoint.url, curl)}
    stage = _stage(transfer, probe)
    status = transfer["http_code"] or transfer["http_connect"] or None
    reachable = stage == "http" and bool(transfer["http_code"]) and status not in FAILURES
    tls = _tls(transfer, seen.get((_probe.INSPECTING, endpoint.url)), known) if probe.secure else None
    revocation = _revocation(probe, seen.get((_probe.REVOCATION, endpoint.url)), curl, reachable=reachable)
    row |= {"reachable": reachable, "stage": stage, "http_status": status, "tls": tls, "revocation": revocation}
    error = None if reachable else _failure(stage, status, transfer, probe, tls)
    return row | {"seconds": transfer["time_total"], "error": error or _revocation_failure(revocation, probe)}


def _stage(transfer: Transfer, probe: _probe.Probe) -> Stage:
    """Return how far a transfer came."""
    code = transfer["exitcode"]
    if probe.proxy is not None and transfer["from_proxy"]:
        return "proxy"
    if code in _TLS_CODES:
        return "tls"
    if code == _CONNECT:
        return "connect" if probe.proxy is None else "proxy"
    return _STAGES.get(code) or _reached(transfer, probe)


def _reached(transfer: Transfer, probe: _probe.Probe) -> Stage:
    """Return how far a transfer came by its times: those of what was not reached are 0."""
    if transfer["time_connect"] == 0:
        if probe.proxy is not None:
            return "proxy"
        return "connect" if transfer["time_namelookup"] > 0 else "resolve"
    if not probe.secure or transfer["http_code"] or transfer["time_appconnect"] > 0:
        return "http"
    # The way to the host goes through the proxy, which has to answer first.
    opened = probe.proxy is None or 200 <= transfer["http_connect"] < 300
    return "tls" if opened else "proxy"


def _tls(transfer: Transfer, inspected: Transfer | None, known: t.Sequence[str]) -> dict[str, t.Any]:
    """Return who issued the certificate. Where it did not verify, the transfer that does not ask tells."""
    verified = transfer["time_appconnect"] > 0 and transfer["exitcode"] not in _TLS_CODES
    certificates = transfer.get("certs") or (inspected or {}).get("certs") or ""
    issuer = _issuers.issuer_in(certificates)
    return {"issuer": issuer, "intercepted": _issuers.intercepted(issuer, verified=verified, known=known)}


def _revocation(probe: _probe.Probe, transfer: Transfer | None, curl: _probe.Curl, *, reachable: bool) -> str:
    """Return whether revocation can be checked from there."""
    if probe.endpoint.kind == "revocation":
        return "reachable" if reachable else "unreachable"
    if transfer is None or (transfer["exitcode"] not in _TLS_CODES and transfer["time_appconnect"] == 0):
        return "not_checked"
    if transfer["exitcode"] not in _TLS_CODES:
        return "reachable"
    revoked, no_list = _codes(transfer, curl)
    if revoked:
        return "revoked"
    return "unreachable" if no_list else "not_checked"


def _codes(transfer: Transfer, curl: _probe.Curl) -> tuple[bool, bool]:
    if curl.schannel:
        codes = {int(code, 16) for code in _HEXADECIMAL.findall(transfer["errormsg"] or "")}
        return bool(codes & _WINDOWS_REVOKED), bool(codes & _WINDOWS_NO_LIST)
    result = transfer["ssl_verify_result"]
    return result == _OPENSSL_REVOKED, result in _OPENSSL_NO_LIST


def _failure(
    stage: Stage, status: int | None, transfer: Transfer, probe: _probe.Probe, tls: dict[str, t.Any] | None
) -> dict[str, t.Any]:
    """Return the error of an endpoint that is not reachable."""
    observed = transfer["errormsg"] or f"curl ended with {transfer['exitcode']}"
    if status in FAILURES:
        observed = f"HTTP {status}: {FAILURES[status]}"
    elif transfer["exitcode"] == _TIMEOUT:
        observed = f"nothing for {transfer['time_total']:.0f} s"
    elif transfer["from_proxy"]:
        observed = f"HTTP {status} from the proxy itself: {transfer['from_proxy'][:_LONGEST]}"
    if stage == "tls" and tls is not None and tls["issuer"]:
        observed += f"; the certificate is issued by {tls['issuer']}"
    return _error(stage, _EXPECTED[stage], observed, probe, _NEXT[stage])


def _revocation_failure(revocation: str, probe: _probe.Probe) -> dict[str, t.Any] | None:
    """Return the error of an endpoint that is reachable, while its certificate may not be good any more."""
    if revocation == "revoked":
        step = "do not go on: somebody may be in between; otherwise the owner of the host has to renew the certificate"
        return _error("tls", "a certificate that is not revoked", "it is revoked", probe, step)
    if revocation == "unreachable":
        step = "allow the revocation lists (TCP 80) in the firewall, or set the WinHTTP proxy of this machine"
        return _error("tls", "the revocation of the certificate to be known", "no list of it", probe, step)
    return None


def _error(stage: Stage, expected: str, observed: str, probe: _probe.Probe, next_step: str) -> dict[str, t.Any]:
    where = probe.endpoint.url if probe.proxy is None else f"{probe.endpoint.url} through the proxy {probe.proxy}"
    return StageError(stage, expected=expected, observed=observed, where=where, next_step=next_step).as_dict()


def _silence(url: str, curl: _probe.Curl) -> dict[str, t.Any]:
    return AnswerError(
        expected="curl to tell how the transfer ended",
        observed="not a word about it",
        where=f"{url} probed with {curl.program} {curl.version[0]}.{curl.version[1]}",
        next_step="run the task again with -vvv, and look at what curl printed",
    ).as_dict()
