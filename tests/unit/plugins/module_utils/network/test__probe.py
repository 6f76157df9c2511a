# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command lines of curl."""

from __future__ import annotations

import itertools

import pytest

from ansible_collections.configmgr.tenant_attach.plugins.module_utils._errors import AnswerError, NotFoundError
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network import _probe
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.network._endpoints import Endpoint, endpoints_for

LINUX = "curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1 OpenSSL/3.0.19 zlib/1.2.13\nRelease-Date: 2023-02-20\n"
WINDOWS = "curl 8.9.1 (Windows) libcurl/8.9.1 Schannel zlib/1.3 WinIDN\r\nRelease-Date: 2024-07-31\r\n"
SERVER_2019 = "curl 7.55.1 (Windows) libcurl/7.55.1 WinSSL\r\n"
CURL = _probe.curl_of(LINUX, windows=False)
SCHANNEL = _probe.curl_of(WINDOWS, windows=True)
NOBODY = _probe.Trust()
PUBLIC = [_probe.Probe(endpoint, None) for endpoint in endpoints_for("public")]


def of(*urls: str, proxy: str | None = None) -> list[_probe.Probe]:
    return [_probe.Probe(Endpoint(url, url, "given"), proxy) for url in urls]


def words(command: tuple[str, ...], option: str) -> list[str]:
    """What follows an option, wherever it stands."""
    return [value for name, value in itertools.pairwise(command) if name == option]


def test_versions() -> None:
    assert _probe.Curl("curl", "/dev/null", (7, 88), schannel=False) == CURL
    assert _probe.Curl("curl.exe", "NUL", (8, 9), schannel=True) == SCHANNEL
    assert not _probe.curl_of(LINUX.replace("7.88.1", "7.81.0"), windows=False).certificates


def test_curl_that_is_too_old_or_missing() -> None:
    with pytest.raises(AnswerError, match=r"Observed: curl 7\.55\..*cumulative update"):
        _probe.curl_of(SERVER_2019, windows=True)
    with pytest.raises(AnswerError, match="update the package curl"):
        _probe.curl_of(SERVER_2019, windows=False)
    with pytest.raises(NotFoundError, match=r"no answer.*Windows Server 2019"):
        _probe.curl_of("", windows=True)
    with pytest.raises(NotFoundError, match=r"not found.*install the package"):
        _probe.curl_of("sh: curl: not found", windows=False)


def test_linux_takes_one_run() -> None:
    (visit,) = _probe.visits(of("https://a.b", "http://c.d"), CURL, NOBODY, timeout=9, limit=9999)
    (command,) = visit.commands
    assert command[:6] == ("curl", "--disable", "-Z", "--parallel-immediate", "--parallel-max", "3")
    verifying, inspecting = " ".join(command[6:]).split(" --next ")
    assert (
        verifying == r"-sgI --http1.1 -m 9 --noproxy * -w v%{json}\n -o /dev/null https://a.b -o /dev/null http://c.d"
    )
    assert inspecting == r"-sgI --http1.1 -m 9 --noproxy * -k -w i%{json}\n -o /dev/null https://a.b"


def test_linux_checks_revocation_with_a_list() -> None:
    trust = _probe.Trust("/ca.pem", "/crl.pem")
    (visit,) = _probe.visits(of("https://a.b"), CURL, trust, timeout=9, limit=9999)
    first, second = visit.commands
    assert (words(first, "--crlfile"), words(first, "--cacert"), words(first, "-m")) == ([], ["/ca.pem"], ["4.5"] * 2)
    assert (words(second, "--crlfile"), words(second, "--cacert"), words(second, "-m")) == (
        ["/crl.pem"],
        ["/ca.pem"],
        ["4.5"],
    )
    assert words(second, "-w") == [r"r%{json}\n"]


def test_windows_checks_revocation_in_a_run_of_its_own() -> None:
    (visit,) = _probe.visits(of("https://a.b"), SCHANNEL, NOBODY, timeout=9, limit=9999)
    first, second = visit.commands
    assert "--ssl-no-revoke" in first
    assert "--ssl-no-revoke" not in second
    assert words(first, "-o") == ["NUL", "NUL"]
    # Nothing to check without a certificate.
    (visit,) = _probe.visits(of("http://a.b"), SCHANNEL, NOBODY, timeout=9, limit=9999)
    assert len(visit.commands) == 1


def test_each_way_has_its_group() -> None:
    probes = of("https://a.b") + of("https://c.d", "http://e.f", proxy="proxy:8080")
    (visit,) = _probe.visits(probes, CURL, NOBODY, timeout=9, limit=9999)
    (command,) = visit.commands
    groups = " ".join(command).split(" --next ")
    assert ["proxy:8080" in group for group in groups] == [False, True, False, True]
    assert groups[1].endswith("-o /dev/null https://c.d -o /dev/null http://e.f")
    assert "--noproxy nobody.invalid -x proxy:8080" in groups[1]
    # Only there can an answer be the proxy's own.
    assert ["%header{x-squid-error}" in group for group in groups] == [False, True, False, False]


def test_an_old_curl_is_asked_for_less() -> None:
    old = _probe.Curl("curl", "/dev/null", (7, 75), schannel=False)
    (visit,) = _probe.visits(of("https://a.b", proxy="p:1"), old, NOBODY, timeout=9, limit=9999)
    assert words(visit.commands[0], "-w") == [r"v%{json}\n"]


@pytest.mark.parametrize("limit", [7700, 2600])
@pytest.mark.parametrize("proxy", [None, "proxy.corp.contoso.com:8080"])
def test_the_documented_endpoints_take_one_visit(limit: int, proxy: str | None) -> None:
    probes = [_probe.Probe(probe.endpoint, proxy) for probe in PUBLIC]
    (visit,) = _probe.visits(probes, SCHANNEL, NOBODY, timeout=20, limit=limit)
    assert visit.probes == tuple(probes)


def test_long_lists_are_split_and_share_the_deadline() -> None:
    probes = of(*(f"https://host-{number}.contoso.com" for number in range(150)))
    visits = _probe.visits(probes, SCHANNEL, NOBODY, timeout=60, limit=7500)
    assert len(visits) == 3
    assert {probe for visit in visits for probe in visit.probes} == set(probes)
    for visit in visits:
        assert _probe.length(visit) <= 7500
        assert {value for command in visit.commands for value in words(command, "-m")} == {"10"}


def test_what_fits_nowhere() -> None:
    with pytest.raises(AnswerError, match="a command line of 300 characters"):
        _probe.visits(of(f"https://a.b/{'x' * 300}"), CURL, NOBODY, timeout=9, limit=300)
