# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import socket
import ssl
import typing as t

import pytest
import requests
import urllib3

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError, StageError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https._failures import causes, translate

URL = "https://cm01.contoso.com/AdminService/wmi/SMS_Site"
POOL = t.cast("t.Any", None)
VERIFICATION = ssl.SSLCertVerificationError(1, "certificate verify failed")
VERIFICATION.verify_message = "certificate has expired"


def wrapped(reason: Exception, kind: type[Exception] = requests.exceptions.ConnectionError) -> Exception:
    """An exception as requests raises it: in an exception of urllib3 in one of its own."""
    return kind(urllib3.exceptions.MaxRetryError(POOL, "/", reason))


def chained(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("exc", "stage", "observed"),
    [
        (
            wrapped(VERIFICATION, requests.exceptions.SSLError),
            "tls",
            "the certificate is refused: certificate has expired",
        ),
        (
            wrapped(urllib3.exceptions.SSLError(VERIFICATION), requests.exceptions.SSLError),
            "tls",
            "the certificate is refused: certificate has expired",
        ),
        (
            wrapped(urllib3.exceptions.SSLError(ssl.SSLError(1, "wrong version number")), requests.exceptions.SSLError),
            "tls",
            "wrong version number",
        ),
        (
            wrapped(urllib3.exceptions.NameResolutionError("cm01", POOL, socket.gaierror(-2, "unknown"))),
            "resolve",
            "it does not resolve",
        ),
        (wrapped(urllib3.exceptions.ConnectTimeoutError(POOL, "late")), "connect", "no answer at all"),
        (
            wrapped(chained(urllib3.exceptions.NewConnectionError(POOL, "x"), ConnectionRefusedError(111, "refused"))),
            "connect",
            "ConnectionRefusedError: [Errno 111] refused",
        ),
        (
            requests.exceptions.ProxyError(
                urllib3.exceptions.MaxRetryError(
                    POOL, "/", urllib3.exceptions.ProxyError("Unable", OSError("Tunnel connection failed: 407"))
                )
            ),
            "connect",
            "Tunnel connection failed: 407",
        ),
        (
            wrapped(urllib3.exceptions.ReadTimeoutError(POOL, "/", "x"), requests.exceptions.ReadTimeout),
            "answer",
            "the connection stands, and nothing came",
        ),
        (requests.exceptions.Timeout(), "answer", "the connection stands, and nothing came"),
    ],
)
def test_translate_names_the_stage(exc: Exception, stage: str, observed: str) -> None:
    error = translate(exc, URL, 30, {})
    assert isinstance(error, StageError)
    assert error.stage == stage
    assert observed in error.observed
    assert error.where == URL


@pytest.mark.parametrize(
    "exc",
    [
        requests.exceptions.ChunkedEncodingError(urllib3.exceptions.IncompleteRead(5, 10)),
        requests.exceptions.ContentDecodingError("not gzip"),
        urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")),
    ],
)
def test_translate_calls_the_rest_an_answer_that_is_not_complete(exc: Exception) -> None:
    error = translate(exc, URL, 30, {})
    assert isinstance(error, AnswerError)
    assert error.observed.startswith("the connection ended early: ")


def test_exceptions_that_wrap_each_other_come_to_an_end() -> None:
    one, other = OSError("one"), OSError("other")
    one.__cause__, other.__cause__ = other, one
    assert list(causes(one)) == [one, other]
