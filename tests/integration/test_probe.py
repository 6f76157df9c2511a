# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Endpoints as a host sees them, through real proxies, with real certificates and lists of the revoked ones.

The host is this machine, and its curl is that of Debian. Nothing here leaves it.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from integration.harness import TARGETS, Ansible, Json, Run
from testbed import proxies
from testbed.windows import Windows

# How the console's own commands begin in the output of -vvv.
REMOTE_COMMAND = "EXEC /bin/sh -c 'echo ta"
FAILURES = (407, 408, 426, 451, 502, 511, 598, 599)
DOCUMENTED = (
    *("aka.ms", "manage.microsoft.com", "us.gateway.configmgr.manage.microsoft.com", "dc.services.visualstudio.com"),
    *("configmgrbits.cdn.manage.microsoft.com", "go.microsoft.com"),
)
LISTS = (
    *("crl3.digicert.com", "crl4.digicert.com", "ocsp.digicert.com", "www.d-trust.net", "crl.microsoft.com"),
    *("root-c3-ca2-2009.ocsp.d-trust.net", "oneocsp.microsoft.com", "ocsp.msocsp.com", "www.microsoft.com"),
)
REFUSED_LIST = "crl4.digicert.com"


@dataclass(frozen=True)
class World:
    """What there is to be reached, and through what."""

    own: proxies.Authority
    microsoft: proxies.Authority
    good: str
    other: str
    revoked: str
    plain: str
    revoked_certificate: Path
    squid: proxies.Squid
    mitmproxy: proxies.Interceptor


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Start everything once."""
    directory = tmp_path_factory.mktemp("world")
    own = proxies.Authority(directory, "Contoso Web")
    microsoft = proxies.Authority(directory, "Microsoft Corporation")
    revoked = own.issue("localhost")
    with ExitStack() as stack:
        start = stack.enter_context
        # Squid and nginx change their user: they cannot enter what pytest makes.
        squid_directory, nginx_directory = (Path(tempfile.mkdtemp(prefix=f"testbed-{name}-")) for name in ("s", "n"))
        for made in (squid_directory, nginx_directory):
            stack.callback(shutil.rmtree, made)
        start(proxies.host(microsoft.issue(*DOCUMENTED), (proxies.INTERNET, 443)))
        start(proxies.nginx(nginx_directory, own.path.parent, (proxies.INTERNET, 80)))
        mitm_directory = directory / "mitmproxy"
        mitm_directory.mkdir()
        good = own.issue("localhost")
        yield World(
            own=own,
            microsoft=microsoft,
            good=f"https://localhost:{start(proxies.host(good))}",
            other=f"https://localhost:{start(proxies.host(microsoft.issue('elsewhere.invalid')))}",
            revoked=f"https://localhost:{start(proxies.host(revoked))}",
            plain=f"http://localhost:{start(proxies.host())}",
            revoked_certificate=revoked,
            squid=start(proxies.squid(squid_directory, (*DOCUMENTED, *LISTS), [REFUSED_LIST])),
            mitmproxy=start(proxies.mitmproxy(mitm_directory, own.path)),
        )


Probe = Callable[..., Json]


@pytest.fixture
def play(ansible: Ansible, tmp_path: Path) -> Callable[..., tuple[Run, Json]]:
    """Run the plugin with some options."""

    def run(*arguments: str, **options: object) -> tuple[Run, Json]:
        result = tmp_path / "result.json"
        done = ansible.playbook(
            TARGETS / "endpoint_info/probe.yml", *arguments, variables={"result": str(result), "options": options}
        )
        return done, json.loads(result.read_text())

    return run


@pytest.fixture
def probe(play: Callable[..., tuple[Run, Json]]) -> Probe:
    """Run the plugin with some options, and return the rows by URL. It always takes two remote commands."""

    def run(**options: object) -> Json:
        done, returned = play("-vvv", **{"timeout": 10, **options})
        assert not returned["failed"], returned["msg"]
        assert returned["commands"] == done.output.count(REMOTE_COMMAND) == 2
        assert not returned["changed"]
        return {row["url"]: row for row in returned["endpoints"]}

    return run


def test_any_other_status_is_an_answer(probe: Probe, world: World) -> None:
    urls = {status: f"{world.good}/{status}" for status in (200, 302, 401, 403, 404, 500, 503, *FAILURES)}
    rows = probe(endpoints=list(urls.values()), ca_path=str(world.own.path), known_issuers=["Contoso Web"])
    for status, url in urls.items():
        row = rows[url]
        assert (row["http_status"], row["stage"], row["proxy_used"]) == (status, "http", None)
        assert row["reachable"] == (row["error"] is None) == (status not in FAILURES)
        assert row["tls"]["intercepted"] is False
        assert "Contoso Web CA 01" in row["tls"]["issuer"]
        assert row["revocation"] == "not_checked"


def test_the_direct_way_ends_at_each_stage(probe: Probe, world: World) -> None:
    closed = f"https://localhost:{proxies.free_port()}"
    no_tls = world.plain.replace("http:", "https:")
    rows = probe(
        endpoints=["https://nowhere.invalid", closed, no_tls, world.good, world.other, world.plain],
        known_issuers=["Contoso Web"],
    )
    stages = {url: (row["stage"], row["reachable"]) for url, row in rows.items()}
    assert stages == {
        "https://nowhere.invalid": ("resolve", False),
        closed: ("connect", False),
        no_tls: ("tls", False),
        world.good: ("tls", False),
        world.other: ("tls", False),
        world.plain: ("http", True),
    }
    assert rows[no_tls]["tls"] == {"issuer": None, "intercepted": None}
    # In the name of a known authority, and not verified: a forgery, or a root that is missing.
    assert rows[world.good]["tls"]["intercepted"] is None
    assert rows[world.other]["tls"]["intercepted"] is None
    assert "Microsoft Corporation CA 01" in rows[world.other]["error"]["observed"]


def test_black_holes_cost_one_deadline(probe: Probe, world: World) -> None:
    with ExitStack() as stack:
        urls = [f"https://localhost:{stack.enter_context(proxies.black_hole())}" for _number in range(6)]
        before = time.monotonic()
        rows = probe(endpoints=[*urls, world.plain], timeout=5)
        # One after the other they would take 30 seconds; the rest is Ansible itself.
        assert time.monotonic() - before < 20
    assert rows[world.plain]["reachable"]
    for url in urls:
        assert (rows[url]["stage"], rows[url]["error"]["observed"]) == ("connect", "nothing for 5 s")
        assert 4.5 < rows[url]["seconds"] < 7


def test_a_proxy_that_lets_through(probe: Probe, world: World) -> None:
    proxy = world.squid.open
    rows = probe(endpoints=[world.good, world.plain], proxy=proxy, ca_path=str(world.own.path))
    for row in rows.values():
        assert (row["reachable"], row["stage"], row["http_status"], row["proxy_used"]) == (True, "http", 404, proxy)
    assert rows[world.good]["tls"]["intercepted"] is True  # Contoso Web is not who issues for Microsoft.


@pytest.mark.parametrize(("port", "status", "word"), [("denying", 403, "403"), ("authenticating", 407, "asks for")])
def test_a_proxy_that_refuses(port: str, status: int, word: str, probe: Probe, world: World) -> None:
    proxy = getattr(world.squid, port)
    rows = probe(endpoints=[world.good, world.plain], proxy=proxy, ca_path=str(world.own.path))
    for row in rows.values():
        assert (row["reachable"], row["stage"], row["http_status"]) == (False, "proxy", status)
        assert word in row["error"]["observed"]
        assert row["error"]["where"] == f"{row['url']} through the proxy {proxy}"
        assert row["error"]["stage"] == "proxy"


def test_a_proxy_that_is_not_there(probe: Probe, world: World) -> None:
    for proxy in (f"http://127.0.0.1:{proxies.free_port()}", "http://proxy.invalid:8080"):
        rows = probe(endpoints=[world.good, world.plain], proxy=proxy)
        assert {(row["reachable"], row["stage"], row["http_status"]) for row in rows.values()} == {
            (False, "proxy", None)
        }


def test_a_proxy_that_cannot_resolve_the_name(probe: Probe, world: World) -> None:
    rows = probe(endpoints=["https://nowhere.invalid", "http://nowhere.invalid"], proxy=world.squid.open)
    for row in rows.values():
        assert (row["reachable"], row["stage"]) == (False, "proxy")
        # Versions of squid differ in what they call it.
        assert row["http_status"] in {500, 502, 503}


def test_interception_is_named(probe: Probe, world: World) -> None:
    proxy, authority = world.mitmproxy.url, world.mitmproxy.authority
    row = probe(endpoints=[world.good], proxy=proxy)[world.good]
    assert (row["reachable"], row["stage"], row["tls"]["intercepted"]) == (False, "tls", True)
    assert "O = mitmproxy" in row["tls"]["issuer"]
    assert "O = mitmproxy" in row["error"]["observed"]
    # A company installs that root everywhere: then it verifies, and is interception all the same.
    row = probe(endpoints=[world.good], proxy=proxy, ca_path=str(authority))[world.good]
    assert (row["reachable"], row["stage"], row["tls"]["intercepted"]) == (True, "http", True)


def test_revoked_is_not_unreachable(probe: Probe, world: World) -> None:
    urls = [world.good, world.revoked]
    trust = {"endpoints": urls, "ca_path": str(world.own.path)}
    listed = world.own.revocations("current", world.revoked_certificate)
    rows = probe(**trust, crl_path=str(listed))
    assert {url: row["revocation"] for url, row in rows.items()} == {
        world.good: "reachable",
        world.revoked: "revoked",
    }
    assert rows[world.good]["error"] is None
    assert rows[world.revoked]["error"]["observed"] == "it is revoked"
    # The way is open in both cases.
    assert all(row["reachable"] for row in rows.values())
    # Out of date, or of somebody else: nobody knows whether a certificate is revoked.
    for useless in (
        world.own.revocations("old", world.revoked_certificate, expired=True),
        world.microsoft.revocations("strange"),
    ):
        rows = probe(**trust, crl_path=str(useless))
        assert {(row["revocation"], row["error"]["observed"]) for row in rows.values()} == {
            ("unreachable", "no list of it")
        }


def test_the_documented_endpoints(probe: Probe, world: World) -> None:
    world.own.revocations("pkiops")
    rows = probe(cloud="public", release="2503", proxy=world.squid.open, ca_path=str(world.microsoft.path))
    by_id = {row["id"]: row for row in rows.values()}
    refused = by_id.pop("crl_digicert_4")
    assert (refused["reachable"], refused["stage"], refused["revocation"]) == (False, "proxy", "unreachable")
    assert "from the proxy itself" in refused["error"]["observed"]
    assert len(by_id) == 15
    for row in by_id.values():
        assert (row["reachable"], row["stage"], row["error"]) == (True, "http", None)
        assert (row["tls"] is None) == (row["kind"] == "revocation") == (row["revocation"] == "reachable")
        assert row["tls"] is None or row["tls"]["intercepted"] is False
    assert by_id["gateway"]["documented"] == "https://*.manage.microsoft.com"


REFUSALS = [
    ({}, "neither"),
    ({"endpoints": ["https://a.invalid"], "cloud": "public"}, "both"),
    ({"endpoints": ["https://*.manage.microsoft.com"]}, "a wildcard cannot be probed"),
    ({"endpoints": ["https://a.invalid/$(id)"]}, "scheme, host and at most"),
    ({"endpoints": ["https://a.invalid"], "proxy": "winhttp"}, "no Windows machine"),
    ({"endpoints": ["https://a.invalid"], "proxy": "http://user:hunter2@proxy:8080"}, "may hold a password"),
    ({"endpoints": ["https://a.invalid"], "release": "2503"}, "together with option cloud"),
    ({"endpoints": ["https://a.invalid"], "timeout": 0}, "1 to 300 seconds"),
    ({"endpoints": ["https://a.invalid"], "ca_path": "ca.pem"}, "an absolute path"),
    ({"cloud": "public", "gateway": "evil.example.com"}, "a host below manage.microsoft.com"),
    ({"cloud": "public", "release": "newest"}, "four digits"),
]


@pytest.mark.parametrize(("options", "words"), REFUSALS)
def test_bad_options_are_refused_before_any_command(
    options: dict[str, object], words: str, play: Callable[..., tuple[Run, Json]]
) -> None:
    done, returned = play("-vvv", **options)
    assert returned["failed"]
    assert words in returned["msg"]
    assert returned["error"]["kind"] == "option"
    # What the task after it sends is another matter, and looks otherwise.
    assert REMOTE_COMMAND not in done.output
    assert "hunter2" not in returned["msg"]


def test_a_host_that_is_not_there(ansible: Ansible, tmp_path: Path) -> None:
    run = ansible.playbook(
        TARGETS / "endpoint_info/probe.yml",
        *("--connection", "ssh", "--ssh-common-args", f"-p {proxies.free_port()} -o BatchMode=yes"),
        variables={"result": str(tmp_path / "result.json"), "options": {"endpoints": ["https://a.invalid"]}},
    )
    assert run.recap["unreachable"] == 1


@pytest.mark.parametrize("shell", ["cmd", "powershell"])
def test_a_windows_host_takes_its_own_proxy(
    shell: str, windows_host: Windows, world: World, ansible: Ansible, tmp_path: Path
) -> None:
    proxy = world.squid.open.removeprefix("http://")
    settings = _winhttp(proxy, "<local>;*.visualstudio.com")
    windows_host.store(settings)
    inventory = tmp_path / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"windows": {"hosts": {"scp": windows_host.variables("scp", shell)}}}))
    arguments = ("--inventory", str(inventory))

    def look(**variables: object) -> Json:
        with windows_host.counted() as commands:
            run = ansible.playbook(
                TARGETS / "endpoint_info/windows.yml", *arguments, variables={"results": str(tmp_path), **variables}
            )
        assert run.status == 0, run.output
        returned: Json = json.loads((tmp_path / "scp.json").read_text())
        assert returned["commands"] == commands["scp"] == 2
        return {row["id"]: row for row in returned["endpoints"]}

    rows = look(cloud="public")
    assert {row["proxy_used"] for name, row in rows.items() if name != "telemetry"} == {proxy}
    # What the bypass list sends past the proxy does not even resolve here.
    assert (rows["telemetry"]["proxy_used"], rows["telemetry"]["stage"]) == (None, "resolve")
    assert rows["crl_digicert_3"]["revocation"] == "reachable"
    assert rows["crl_digicert_4"]["revocation"] == "unreachable"
    # The testbed's own authority is in no store.
    assert (rows["intune"]["stage"], rows["intune"]["tls"]["intercepted"]) == ("tls", None)
    assert "O = Microsoft Corporation" in rows["intune"]["tls"]["issuer"]

    # Names without a dot, by <local>; and with no value at all, everything.
    assert look(endpoints=[world.plain])[world.plain]["proxy_used"] is None
    windows_host.store(None)
    assert look(endpoints=["http://crl3.digicert.com"])["http://crl3.digicert.com"]["stage"] == "resolve"


def _winhttp(proxy: str, bypass: str) -> str:
    """Return WinHTTP settings as newer Windows stores them, in hexadecimal."""
    texts = b"".join(len(text).to_bytes(4, "little") + text.encode() for text in (proxy, bypass))
    return "280000000000000003000000" + texts.hex()
