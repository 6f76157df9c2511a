# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the answers of curl mean."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import _outcomes, _probe
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._endpoints import FAILURES, Endpoint

URL = "https://a.b"
OPENSSL = _probe.Curl("curl", "/dev/null", (7, 88), schannel=False)
SCHANNEL = _probe.Curl("curl.exe", "NUL", (8, 9), schannel=True)
MICROSOFT = "Subject:CN=a.b\nIssuer:C=US, O=Microsoft Corporation, CN=CA 01\n"
# As curl writes it, for an answer 200.
ANSWER: dict[str, t.Any] = {
    "certs": MICROSOFT,
    "errormsg": None,
    "exitcode": 0,
    "http_code": 200,
    "http_connect": 0,
    "ssl_verify_result": 0,
    "time_appconnect": 0.02,
    "time_connect": 0.01,
    "time_namelookup": 0.001,
    "time_total": 0.03,
    "url": URL,
}
NOTHING = ANSWER | {
    "certs": "",
    "http_code": 0,
    "time_appconnect": 0.0,
    "time_connect": 0.0,
    "time_namelookup": 0.0,
}
CONNECTED = NOTHING | {"time_connect": 0.01, "time_namelookup": 0.001}


def line(role: str, *, after: str = "", **changes: t.Any) -> str:
    return f"{role}{json.dumps(ANSWER | changes)}{after}"


def row(
    *lines: str, curl: _probe.Curl = OPENSSL, proxy: str | None = None, url: str = URL, kind: t.Any = "given"
) -> dict[str, t.Any]:
    probe = _probe.Probe(Endpoint("some_id", url, kind), proxy)
    return _outcomes.outcome(probe, _outcomes.transfers("\r\n".join(lines)), curl)


def test_an_answer() -> None:
    assert row(line("v")) == {
        "id": "some_id",
        "url": URL,
        "kind": "given",
        "documented": URL,
        "reachable": True,
        "stage": "http",
        "http_status": 200,
        "proxy_used": None,
        "tls": {"issuer": "C=US, O=Microsoft Corporation, CN=CA 01", "intercepted": False},
        "revocation": "not_checked",
        "seconds": 0.03,
        "error": None,
    }


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 405, 429, 500, 503, 504, *FAILURES])
def test_statuses(status: int) -> None:
    found = row(line("v", http_code=status))
    assert (found["http_status"], found["stage"]) == (status, "http")
    assert found["reachable"] == (status not in FAILURES)
    if status in FAILURES:
        assert found["error"]["observed"] == f"HTTP {status}: {FAILURES[status]}"


@pytest.mark.parametrize(
    ("base", "code", "proxy", "stage"),
    [
        (NOTHING, 5, "p:1", "proxy"),
        (NOTHING, 6, None, "resolve"),
        (NOTHING, 7, None, "connect"),
        (NOTHING, 7, "p:1", "proxy"),
        (NOTHING, 28, None, "resolve"),
        (NOTHING | {"time_namelookup": 0.001}, 28, None, "connect"),
        (NOTHING | {"time_namelookup": 0.001}, 28, "p:1", "proxy"),
        (CONNECTED, 28, None, "tls"),
        (CONNECTED, 28, "p:1", "proxy"),
        (CONNECTED | {"http_connect": 200}, 28, "p:1", "tls"),
        (CONNECTED | {"time_appconnect": 0.02}, 28, None, "http"),
        (CONNECTED, 35, None, "tls"),
        (CONNECTED | {"http_connect": 200}, 60, "p:1", "tls"),
        (CONNECTED | {"http_connect": 403}, 56, "p:1", "proxy"),
        (CONNECTED | {"http_connect": 407}, 56, "p:1", "proxy"),
        (CONNECTED, 56, "p:1", "proxy"),
        (CONNECTED, 97, "p:1", "proxy"),
        (CONNECTED | {"time_appconnect": 0.02}, 52, None, "http"),
    ],
)
def test_stages(base: dict[str, t.Any], code: int, proxy: str | None, stage: str) -> None:
    found = row(f"v{json.dumps(base | {'exitcode': code, 'errormsg': 'No luck'})}", proxy=proxy)
    assert (found["reachable"], found["stage"], found["proxy_used"]) == (False, stage, proxy)
    assert found["error"]["stage"] == stage
    assert all(found["error"][key] for key in ("expected", "observed", "where", "next_step"))
    assert found["http_status"] == (base["http_connect"] or None)


def test_plain_http_has_no_tls() -> None:
    url = "http://a.b"
    found = row(f"v{json.dumps(CONNECTED | {'exitcode': 28, 'url': url})}", url=url)
    assert (found["stage"], found["tls"]) == ("http", None)


def test_a_proxy_that_answers_itself() -> None:
    url = "http://a.b"
    refused = line("v", after="ERR_ACCESS_DENIED 0", url=url, http_code=403)
    found = row(refused, url=url, proxy="p:1", kind="revocation")
    assert (found["reachable"], found["stage"], found["revocation"]) == (False, "proxy", "unreachable")
    assert found["error"]["observed"] == "HTTP 403 from the proxy itself: ERR_ACCESS_DENIED 0"
    found = row(line("v", url=url, http_code=403), url=url, proxy="p:1", kind="revocation")
    assert (found["reachable"], found["revocation"]) == (True, "reachable")


def test_the_issuer_of_what_does_not_verify() -> None:
    failed = f"v{json.dumps(CONNECTED | {'exitcode': 60, 'ssl_verify_result': 20})}"
    found = row(failed, line("i", certs="Subject:CN=a.b\nIssuer:CN=mitmproxy, O=mitmproxy\n"))
    assert found["tls"] == {"issuer": "CN=mitmproxy, O=mitmproxy", "intercepted": True}
    assert found["error"]["observed"].endswith("the certificate is issued by CN=mitmproxy, O=mitmproxy")
    assert row(failed, line("i"))["tls"]["intercepted"] is None
    assert row(failed)["tls"] == {"issuer": None, "intercepted": None}


SCHANNEL_ERROR = "schannel: next InitializeSecurityContext failed: {} - Die Sperrfunktion konnte die Sperrung nicht …"


@pytest.mark.parametrize(
    ("code", "revocation"),
    [
        ("CRYPT_E_REVOKED (0x80092010)", "revoked"),
        ("Unknown error (0x800b010c)", "revoked"),
        ("CRYPT_E_NO_REVOCATION_CHECK (0x80092012)", "unreachable"),
        ("CRYPT_E_REVOCATION_OFFLINE (0x80092013)", "unreachable"),
        ("Unknown error (0x800B010E)", "unreachable"),
        ("SEC_E_UNTRUSTED_ROOT (0x80090325)", "not_checked"),
        # No code, whatever the text says.
        ("certificate revoked", "not_checked"),
    ],
)
@pytest.mark.parametrize("exitcode", [35, 60])
def test_revocation_on_windows(code: str, revocation: str, exitcode: int) -> None:
    failed = json.dumps(CONNECTED | {"exitcode": exitcode, "errormsg": SCHANNEL_ERROR.format(code)})
    found = row(line("v"), f"r{failed}", curl=SCHANNEL)
    # The way there is open; the certificate is another matter.
    assert (found["reachable"], found["stage"], found["revocation"]) == (True, "http", revocation)
    assert (found["error"] is None) == (revocation == "not_checked")


@pytest.mark.parametrize(
    ("result", "revocation"), [(23, "revoked"), (3, "unreachable"), (12, "unreachable"), (20, "not_checked")]
)
def test_revocation_with_openssl(result: int, revocation: str) -> None:
    failed = json.dumps(CONNECTED | {"exitcode": 60, "ssl_verify_result": result, "errormsg": "0x80092010"})
    assert row(line("v"), f"r{failed}")["revocation"] == revocation


def test_revocation_that_was_checked() -> None:
    assert row(line("v"), line("r"), curl=SCHANNEL)["revocation"] == "reachable"
    late = json.dumps(CONNECTED | {"exitcode": 28})
    assert row(line("v"), f"r{late}", curl=SCHANNEL)["revocation"] == "not_checked"


def test_silence_is_neither_reachable_nor_not() -> None:
    found = row(line("v", url="https://other"), "curl: (2) no such option")
    assert (found["reachable"], found["stage"], found["error"]["kind"]) == (None, None, "answer")


def test_cut_json() -> None:
    with pytest.raises(AnswerError, match="JSON from curl for each transfer"):
        _outcomes.transfers(line("v")[:50])
