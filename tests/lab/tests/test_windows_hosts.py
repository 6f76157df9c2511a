# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The played Windows hosts, through WinRM: with pywinrm, and with requests of our own where that is too polite."""

from __future__ import annotations

import base64
import http.client
import json
import re
import ssl
import stat
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from winrm.exceptions import InvalidCredentialsError, WSManFaultError
from winrm.protocol import Protocol

from lab.reader import ScenarioError
from lab.scenario import load
from lab.tests.support import DOMAIN, Lab, running
from lab.windows.config import WindowsHost
from lab.windows.machine import Machine
from lab.windows.program import Result

SHELL = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
CREATE = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create"
KEY = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections"
SHOWN_KEY = KEY.replace("HKLM", "HKEY_LOCAL_MACHINE")
WINDOWS = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
DIRECT = "1800000000000000010000000000000000000000"
PROXY = "proxy.corp.contoso.example:8080"

OVERLAY: dict[str, Any] = {
    "providers": {name: {"site": "PS1"} for name in ("cm-lies", "cm-fails", "cm-down", "cm-new", "cm-old", "cm-net")},
    "windows_hosts": {
        "cm-lies": {"netsh": "lies", "winhttp": {"proxy": "old:1", "bypass": "<local>"}},
        "cm-fails": {"netsh": "fails"},
        "cm-down": {"down": True},
        "cm-new": {
            "os": {"product": "Windows Server 2025 Standard", "build": 26100, "release": "24H2"},
            "clock_offset_seconds": 400,
            "proxy_settings_per_user": False,
            "winhttp": {"proxy": PROXY, "version": 0x28},
        },
        "cm-old": {
            "os": {"product": "Windows Server 2016 Standard", "build": 14393, "release": "1607"},
            "curl": "none",
        },
        "cm-net": {
            "winhttp_32": {"proxy": PROXY},
            "internet": {
                "direct": ["open.example", "*.open.example", "taken-back.example", "watched.example"],
                "proxies": {
                    PROXY: "all",
                    "some.example:8080": ["open.example"],
                    "no.example:8080": "denied",
                    "who.example:8080": "auth",
                },
                "unresolved": ["nowhere.example"],
                "intercepted": {"watched.example": "CN=Contoso Inspection"},
                "revoked": ["taken-back.example"],
                "revocation": "reachable",
            },
        },
    },
}


class Ended(NamedTuple):
    rc: int
    stdout: str
    stderr: str


class Client:
    """pywinrm, with a shell for each command."""

    def __init__(self, lab: Lab, host: str = "cm-ps1", password: str | None = None) -> None:
        own = lab.vars["lab"]["windows"]
        self.port: int = own["hosts"][f"{host}.{DOMAIN}"]
        self.protocol = Protocol(
            f"https://127.0.0.1:{self.port}/wsman",
            transport="basic",
            username=own["username"],
            password=password or own["password"],
            ca_trust_path=str(lab.state / "ca.pem"),
            proxy=None,
        )

    def run(self, command: str, *arguments: str) -> Ended:
        shell = self.protocol.open_shell(codepage=65001)
        try:
            number = self.protocol.run_command(shell, command, arguments)
            stdout, stderr, rc = self.protocol.get_command_output(shell, number)
            self.protocol.cleanup_command(shell, number)
        finally:
            # The session stays open for the next one.
            self.protocol.close_shell(shell, close_session=False)
        return Ended(rc, stdout.decode(), stderr.decode())

    def script(self, script: str) -> Ended:
        """Run a script as Ansible does, and take standard error out of its XML."""
        text = base64.b64encode(script.encode("utf-16-le")).decode()
        arguments = ("-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Unrestricted", "-EncodedCommand", text)
        ended = self.run("PowerShell", *arguments)
        if not ended.stderr:
            return ended
        head, _line, xml = ended.stderr.partition("\r\n")
        assert head == "#< CLIXML"
        records = "".join(node.text or "" for node in ET.fromstring(xml))
        return ended._replace(stderr=re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), records))

    def close(self) -> None:
        self.protocol.transport.close_session()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    directory = tmp_path_factory.mktemp("windows")
    overlay = directory / "overlay.yml"
    overlay.write_text(yaml.safe_dump(OVERLAY))
    with running(directory / "state", "standalone", "--overlay", str(overlay)) as lab:
        yield lab


@pytest.fixture(scope="module")
def contoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running(tmp_path_factory.mktemp("contoso"), "contoso") as lab:
        yield lab


@pytest.fixture(scope="module")
def clients(lab: Lab) -> Iterator[dict[str, Client]]:
    found = {host: Client(lab, host) for host in ("cm-ps1", *OVERLAY["providers"])}
    yield found
    for client in found.values():
        client.close()


@pytest.fixture
def host(clients: dict[str, Client]) -> Client:
    """One with nothing special."""
    return clients["cm-ps1"]


# -- WinRM ------------------------------------------------------------------------------------------------------------


def soap(lab: Lab, body: bytes, *, path: str = "/wsman", method: str = "POST", **headers: str) -> tuple[int, str]:
    own = lab.vars["lab"]["windows"]
    context = ssl.create_default_context(cafile=str(lab.state / "ca.pem"))
    connection = http.client.HTTPSConnection("127.0.0.1", own["hosts"][f"cm-ps1.{DOMAIN}"], context=context)
    login = base64.b64encode(f"{own['username']}:{own['password']}".encode()).decode()
    sent = {"Authorization": f"Basic {login}", "Content-Type": "application/soap+xml;charset=UTF-8"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        response = connection.getresponse()
        challenge = response.getheader("WWW-Authenticate") or ""
        return response.status, challenge + response.read().decode()
    finally:
        connection.close()


def envelope(action: str, body: str = "", shell: str = "", resource: str = f"{SHELL}/cmd", options: str = "") -> bytes:
    return (
        '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:r="' + SHELL + '"'
        ' xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"'
        ' xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><e:Header>'
        f"<a:Action>{action}</a:Action><w:ResourceURI>{resource}</w:ResourceURI><a:MessageID>{uuid.uuid4()}</a:MessageID>"
        f'<w:SelectorSet><w:Selector Name="ShellId">{shell}</w:Selector></w:SelectorSet>'
        f"<w:OptionSet>{options}</w:OptionSet></e:Header><e:Body>{body}</e:Body></e:Envelope>"
    ).encode()


def test_who_has_no_password_gets_nothing(lab: Lab) -> None:
    for header in ("", "Basic", "Basic Zm9vOmJhcg==", "Negotiate abc", "Basic é"):
        status, text = soap(lab, envelope(CREATE), Authorization=header)
        assert (status, text) == (401, 'Basic realm="WSMAN"')
    client = Client(lab, password="wrong")
    with pytest.raises(InvalidCredentialsError):
        client.run("echo hello")
    client.close()


def test_requests_that_are_none(lab: Lab) -> None:
    assert soap(lab, envelope(CREATE), path="/other")[0] == 404
    assert soap(lab, b"", method="GET")[0] == 405
    assert soap(lab, envelope(CREATE), Content_Type="application/json")[0] == 415
    for body in (
        b"",
        b"<a",
        b"<a/>",
        envelope(f"{SHELL}/Disconnect"),
        envelope(CREATE, resource=f"{SHELL}/powershell"),
    ):
        status, text = soap(lab, body)
        assert status == 500
        assert "WSManFault Code=" in text
    option = '<w:Option Name="WINRS_CODEPAGE">1</w:Option>'
    assert "code page" in soap(lab, envelope(CREATE, options=option))[1]


def test_shells_and_commands_that_are_not_there(lab: Lab) -> None:
    for action in ("Command", "Receive", "Signal", "Send"):
        status, text = soap(lab, envelope(f"{SHELL}/{action}", shell="nobody"))
        assert (status, "InvalidSelectors" in text, "shell was not found" in text) == (500, True, True)
    shell = re.findall('Name="ShellId">([^<]+)<', soap(lab, envelope(CREATE))[1])[0]
    for action, inner in (("Receive", "<r:DesiredStream/>"), ("Signal", ""), ("Send", "<r:Stream/>")):
        body = f"<r:{action}>{inner}</r:{action}>"
        status, text = soap(lab, envelope(f"{SHELL}/{action}", body, shell))
        assert (status, "command was not found" in text) == (500, True)
    assert "command line is missing" in soap(lab, envelope(f"{SHELL}/Command", "", shell))[1]
    delete = CREATE.replace("Create", "Delete")
    assert [soap(lab, envelope(delete, shell=shell))[0] for _time in range(2)] == [200, 500]


def test_a_user_has_thirty_shells(lab: Lab) -> None:
    client = Client(lab, "cm-old")
    shells = [client.protocol.open_shell() for _number in range(30)]
    with pytest.raises(WSManFaultError, match="30 concurrent shells"):
        client.protocol.open_shell()
    for shell in shells:
        client.protocol.close_shell(shell, close_session=False)
    client.close()


def test_long_output_comes_in_parts(host: Client, lab: Lab) -> None:
    before = len(lab.log())
    line = "& ".join(f">&2 echo {'€' * 700}" for _number in range(11))
    ended = host.run(line)
    assert ended.stderr == f"{'€' * 700}\r\n" * 11
    receives = [each for each in lab.log()[before:] if each.get("action") == "Receive"]
    assert len(receives) == 1
    url = f"https://{'x' * 60}.open.example"
    line = " ".join(["curl.exe -sgI --http1.1 -m 1 --noproxy *", *[f"-o NUL {url}"] * 70, r'-w "v%{json}\n"'])
    assert len(host.run(line).stdout.splitlines()) == 70
    receives = [each for each in lab.log()[before:] if each.get("action") == "Receive"]
    assert len(receives) > 2


def test_the_inventory_and_the_log(lab: Lab, host: Client) -> None:
    path = lab.state / "inventory.yml"
    own = lab.vars["lab"]["windows"]
    assert own["inventory"] == str(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    groups = yaml.safe_load(path.read_text())["all"]["children"]["windows"]["children"]
    assert set(groups["sms_provider"]["hosts"]) == set(own["hosts"])
    assert set(groups["service_connection_point"]["hosts"]) == {f"cm-ps1.{DOMAIN}"}
    assert not host.run("reg.exe query " + WINDOWS.replace("HKLM", "HKCU")).stdout
    last = [each for each in lab.log() if each.get("action") == "Command"][-1]
    assert (last["provider"], last["host"], last["programs"]) == ("winrm", f"cm-ps1.{DOMAIN}", ["reg.exe"])
    assert own["password"] not in (lab.state / "requests.jsonl").read_text()


def test_a_host_that_is_down_refuses(clients: dict[str, Client]) -> None:
    with pytest.raises(OSError, match="Connection refused"):
        clients["cm-down"].run("echo hello")


# -- cmd.exe and powershell.exe ---------------------------------------------------------------------------------------


def console(*commands: str) -> str:
    """The remote command of the collection's console."""
    ends = "call echo mark=%^errorlevel%& >&2 echo mark"
    return "& ".join(["echo mark=0", *(f"{command} <nul& {ends}" for command in commands), "exit 0"])


def test_both_shells_tell_how_each_command_ended(host: Client) -> None:
    line = console(f'reg.exe query "{KEY}" /reg:64', "reg.exe query HKLM\\Nowhere", "nosuch.exe", "echo a")
    missing = "ERROR: The system was unable to find the specified registry key or value."
    program = "'nosuch.exe' is not recognized as an internal or external command,"
    for ended in (host.run(line), host.script(f"& $env:ComSpec /d /s /c '{line}'")):
        assert ended.rc == 0
        assert re.findall(r"mark=(\d+)\r\n", ended.stdout) == ["0", "0", "1", "9009", "9009"]
        assert f"\r\n{SHOWN_KEY}\r\n    WinHttpSettings    REG_BINARY    {DIRECT}\r\n" in ended.stdout
        listed = [line for line in ended.stderr.splitlines() if line]
        assert listed == ["mark", missing, "mark", program, "operable program or batch file.", "mark", "mark"]


def test_how_a_line_is_read(host: Client) -> None:
    assert host.run('echo a^&b& echo "c&d"').stdout == 'a&b\r\n"c&d"\r\n'
    # Before a command runs, its line is read, and a variable that is not defined stays.
    assert host.run("nosuch& echo %errorlevel% %SystemRoot% %nosuch% 100%").stdout == (
        "0 C:\\Windows %nosuch% 100%\r\n"
    )
    assert host.run("nosuch& call echo %^errorlevel%& exit 7& echo never") == Ended(
        7,
        "9009\r\n",
        "'nosuch' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
    )
    assert host.run(r"dir /b %SystemRoot%\SysWOW64\netsh.exe").stdout == "netsh.exe\r\n"
    assert host.run(r"dir /b %SystemRoot%\SysWOW64\nosuch.exe") == Ended(1, "", "File Not Found\r\n")
    assert host.run(r"%SystemRoot%\SysWOW64\nosuch.exe").stderr == "The system cannot find the path specified.\r\n"
    assert host.run("echo " + "a" * 8190).stderr == "The command line is too long.\r\n"
    for line in (
        "echo a | more",
        "echo a && echo b",
        "echo a > file",
        "dir",
        "call nosuch",
        "echo",
        "(echo a)",
        "& echo",
    ):
        ended = host.run(line)
        assert (ended.rc, "the lab does not play" in ended.stderr) == (1, True)


def test_what_powershell_makes_of_a_script(host: Client) -> None:
    told = host.script("& $env:ComSpec /d /s /c 'echo it''s \u2019\u2019& exit 3'")
    assert (told.rc, told.stdout) == (1, "it's \u2019\r\n")
    # As with the shell type cmd: Ansible gives the line to PowerShell all the same.
    told = host.script("echo mark=0& exit 0")
    assert (told.rc, "AmpersandNotAllowed" in told.stderr) == (1, True)
    for script in ("Get-Process", "& $env:ComSpec /d /s /c 'echo ' + 'a'", "& $env:ComSpec /d /s /c 'echo a\u2019'"):
        assert "the lab does not play this script" in host.script(script).stderr
    for arguments in (("-EncodedCommand", "%"), ("-File", "a.ps1"), ()):
        assert host.run("powershell.exe", *arguments).rc == 1


def test_the_clock(clients: dict[str, Client]) -> None:
    now = datetime.now(UTC)
    wmic, script = "wmic.exe os get LocalDateTime /value", "[DateTime]::UtcNow.ToString('o')"
    told = clients["cm-ps1"].run(wmic).stdout
    found = re.search(r"LocalDateTime=(\d{14}\.\d{6})\+060\r", told)
    assert found is not None
    # The site is in a time zone of its own.
    local = datetime.strptime(f"{found[1]}+0100", "%Y%m%d%H%M%S.%f%z")
    assert abs((local - now).total_seconds()) < 10
    assert clients["cm-ps1"].run("wmic.exe process list").rc == 44124
    assert clients["cm-new"].run(wmic).rc == 9009
    told = clients["cm-new"].run(f'powershell.exe -NoProfile -NonInteractive "{script}"').stdout
    assert 390 < (datetime.fromisoformat(told.strip()) - now).total_seconds() < 410


# -- reg.exe and netsh.exe --------------------------------------------------------------------------------------------


def value(client: Client, view: int, name: str = "WinHttpSettings", key: str = KEY) -> str | None:
    ended = client.run(f'reg.exe query "{key}" /v "{name}" /reg:{view}')
    found = re.search(rf"    {name}    REG_[A-Z]+    (.*)\r\n", ended.stdout)
    return found[1] if found and ended.rc == 0 else None


def test_the_registry_of_a_host(clients: dict[str, Client]) -> None:
    new, old = clients["cm-new"], clients["cm-old"]
    assert (value(new, 64, "DisplayVersion", WINDOWS), value(new, 64, "ReleaseId", WINDOWS)) == ("24H2", None)
    assert (value(old, 64, "DisplayVersion", WINDOWS), value(old, 64, "ReleaseId", WINDOWS)) == (None, "1607")
    policies = r"HKLM\SOFTWARE\Policies\Microsoft"
    policy = rf"{policies}\Windows\CurrentVersion\Internet Settings"
    assert (value(new, 32, "ProxySettingsPerUser", policy), value(old, 64, "ProxySettingsPerUser", policy)) == (
        "0x0",
        None,
    )
    assert (
        "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\r\n"
        in old.run(f"reg query {policies} /reg:64").stdout
    )
    tcpip = r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters"
    assert (value(new, 32, "Hostname", tcpip), value(new, 64, "domain", tcpip)) == ("CM-NEW", None)
    assert value(new, 64, "Domain", tcpip) == DOMAIN
    assert value(clients["cm-net"], 64) == DIRECT
    assert PROXY.encode().hex().upper() in (value(clients["cm-net"], 32) or "")


def test_values_are_written_and_deleted(host: Client) -> None:
    add = f'reg.exe add "{KEY}" /v Test /t REG_BINARY /d 0aFF /f /reg:32'
    assert host.run(add) == Ended(0, "The operation completed successfully.\r\n\r\n", "")
    assert (value(host, 32, "Test"), value(host, 64, "Test")) == ("0AFF", None)
    delete = f'reg.exe delete "{KEY}" /v test /f /reg:32'
    assert [host.run(delete).rc for _time in range(2)] == [0, 1]
    assert value(host, 32, "Test") is None


@pytest.mark.parametrize(
    "line",
    [
        "reg.exe",
        "reg.exe query",
        "reg.exe query HKCU\\Software",
        "reg.exe query HKLM",
        f'reg.exe query "{KEY}" /s',
        f'reg.exe query "{KEY}" /reg:32 /reg:64',
        f'reg.exe query "{KEY}" /v',
        f'reg.exe add "{KEY}" /v a /t REG_BINARY /d 0 /f',
        f'reg.exe add "{KEY}" /v a /t REG_SZ /d 00 /f',
        f'reg.exe add "{KEY}" /v a /t REG_BINARY /d 00',
        f'reg.exe delete "{KEY}" /f',
        f'reg.exe export "{KEY}" a.reg',
    ],
)
def test_reg_refuses_what_is_no_command_of_its_own(line: str, host: Client) -> None:
    ended = host.run(line)
    assert (ended.rc, ended.stdout, ended.stderr[:6]) == (1, "", "ERROR:")


def test_each_netsh_writes_its_own_view(clients: dict[str, Client]) -> None:
    client = clients["cm-old"]
    bypass = "<local>;*.corp.contoso.example"
    done = client.run(f'netsh.exe winhttp set proxy proxy-server={PROXY} "bypass-list={bypass}"')
    assert (done.rc, PROXY in done.stdout, bypass in done.stdout) == (0, True, True)
    assert (
        value(client, 64)
        == (
            f"180000000000000003000000{len(PROXY):02X}000000{PROXY.encode().hex()}{len(bypass):02X}000000{bypass.encode().hex()}"
        ).upper()
    )
    assert value(client, 32) == DIRECT
    assert client.run(rf"%SystemRoot%\SysWOW64\netsh.exe winhttp set proxy proxy-server={PROXY}").rc == 0
    assert value(client, 32) not in {DIRECT, value(client, 64)}
    assert client.run("netsh winhttp reset proxy").rc == 0
    assert value(client, 64) == DIRECT
    # Newer versions of Windows have their own form.
    assert clients["cm-new"].run("netsh winhttp reset proxy").rc == 0
    assert value(clients["cm-new"], 64) == "28" + DIRECT[2:] + "00" * 24


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "winhttp",
        "winhttp show proxy",
        "winhttp set proxy",
        f"winhttp set proxy {PROXY}",
        "winhttp set proxy proxy-server=",
        f"winhttp set proxy proxy-server={PROXY} bypass-list=",
        f"winhttp set proxy proxy-server={PROXY} bypass-list=a b",
        f'winhttp set proxy "bypass-list=a" proxy-server={PROXY}',
        f"winhttp reset proxy proxy-server={PROXY}",
        "winhttp reset autoproxy",
    ],
)
def test_netsh_refuses_another_syntax(arguments: str, host: Client) -> None:
    ended = host.run(f"netsh.exe {arguments}")
    assert (ended.rc, bool(ended.stdout)) == (1, True)
    assert value(host, 64) == DIRECT


def test_a_netsh_that_lies_and_one_that_fails(clients: dict[str, Client]) -> None:
    before = value(clients["cm-lies"], 64)
    lie = clients["cm-lies"].run(f"netsh winhttp set proxy proxy-server={PROXY}")
    assert (lie.rc, PROXY in lie.stdout, value(clients["cm-lies"], 64)) == (0, True, before)
    failure = clients["cm-fails"].run("netsh winhttp reset proxy")
    assert (failure.rc, "Access is denied" in failure.stdout) == (1, True)


# -- curl.exe ---------------------------------------------------------------------------------------------------------


def transfers(client: Client, *urls: str, proxy: str | None = None, tls: str = "") -> dict[str, dict[str, Any]]:
    route = "--noproxy *" if proxy is None else f"--noproxy nobody.invalid -x {proxy}"
    targets = " ".join(f"-o NUL {url}" for url in urls)
    line = (
        "curl.exe --disable -Z --parallel-immediate --parallel-max 9 "
        rf'-sgI --http1.1 -m 10 {route} {tls} -w "v%{{json}}%header{{x-squid-error}}\n" {targets}'
    )
    found: dict[str, dict[str, Any]] = {}
    for each in client.run(line).stdout.splitlines():
        assert each.startswith("v{")
        told, end = json.JSONDecoder().raw_decode(each, 1)
        found[told["url"]] = told | {"squid": each[end:]}
    assert list(found) == list(urls)
    return found


def test_the_direct_way(clients: dict[str, Client]) -> None:
    good, plain = "https://a.open.example", "http://open.example/x"
    closed, nowhere = "https://closed.example", "https://nowhere.example"
    told = transfers(clients["cm-net"], good, plain, closed, nowhere)
    assert {url: (each["exitcode"], each["http_code"]) for url, each in told.items()} == {
        good: (0, 200),
        plain: (0, 200),
        closed: (28, 0),
        nowhere: (6, 0),
    }
    assert told[good]["time_appconnect"] > told[good]["time_connect"] > told[good]["time_namelookup"] > 0
    assert (told[plain]["time_appconnect"], told[plain]["certs"]) == (0, "")
    assert (told[closed]["time_connect"], told[closed]["time_total"]) == (0, 10)
    assert told[nowhere]["time_namelookup"] == 0
    assert "O=Microsoft Corporation" in told[good]["certs"]
    assert told[good]["errormsg"] is None


def test_the_way_through_proxies(clients: dict[str, Client]) -> None:
    client, secure, plain = clients["cm-net"], "https://closed.example", "http://closed.example"

    def through(proxy: str) -> list[tuple[int, int, int, str]]:
        told = transfers(client, secure, plain, proxy=proxy)
        return [(each["exitcode"], each["http_connect"], each["http_code"], each["squid"]) for each in told.values()]

    assert through(PROXY) == through(f"http://{PROXY}/") == [(0, 200, 200, ""), (0, 0, 200, "")]
    for proxy in ("some.example:8080", "no.example:8080"):
        assert through(proxy) == [(56, 403, 0, ""), (0, 0, 403, "ERR_ACCESS_DENIED 0")]
    assert through("who.example:8080") == [(56, 407, 0, ""), (0, 0, 407, "ERR_CACHE_ACCESS_DENIED 0")]
    assert through("no.example:81")[0][0] == 7
    assert through("other.example:8080")[0][0] == 5
    told = transfers(client, "https://nowhere.example", "http://nowhere.example", proxy=PROXY)
    assert [each["http_connect"] or each["http_code"] for each in told.values()] == [503, 503]


def test_revocation_and_interception(clients: dict[str, Client]) -> None:
    client = clients["cm-net"]
    urls = ("https://open.example", "https://taken-back.example", "https://watched.example")
    told = [*transfers(client, *urls).values()]
    assert [each["exitcode"] for each in told] == [0, 35, 35]
    assert "0x80092010" in told[1]["errormsg"]
    assert "0x80092012" in told[2]["errormsg"]
    for tls in ("--ssl-no-revoke", "-k"):
        told = [*transfers(client, *urls, tls=tls).values()]
        assert [each["exitcode"] for each in told] == [0, 0, 0]
        assert "Issuer:CN=Contoso Inspection\n" in told[2]["certs"]


def test_revocation_lists_come_through_the_proxy_of_windows(contoso: Lab) -> None:
    """Whatever proxy curl is given: Windows takes that of WinHTTP."""
    client = Client(contoso, "cm-scp01")
    url = "https://manage.microsoft.com"
    assert transfers(client, url)[url]["exitcode"] == 28
    assert transfers(client, url, proxy=PROXY)[url]["exitcode"] == 0
    assert client.run("netsh.exe winhttp reset proxy").rc == 0
    assert "0x80092013" in transfers(client, url, proxy=PROXY)[url]["errormsg"]
    client.close()


def test_what_curl_does_not_know(clients: dict[str, Client]) -> None:
    host = clients["cm-ps1"]
    assert "Schannel" in host.run("curl.exe --version").stdout
    assert clients["cm-old"].run("curl.exe --version").rc == 9009
    probe = "curl.exe -sgI --http1.1 -o NUL"
    for line in (
        "curl.exe",
        "curl.exe https://a.example",
        f"{probe} ftp://a.example",
        f"{probe} --nosuch https://a.example",
        f"{probe} --crlfile a https://a.example",
        f"{probe} -m soon https://a.example",
        f"{probe} https://a.example https://b.example",
        f"{probe} https://a.example -m",
        f"{probe} https://a.example --next",
    ):
        assert host.run(line).rc == 2, line


# -- scenarios --------------------------------------------------------------------------------------------------------


def test_which_hosts_are_played() -> None:
    played = {name: sorted(load(name).windows) for name in ("standalone", "attached", "legacy_ntlm", "max", "contoso")}
    assert played["standalone"] == played["attached"] == played["legacy_ntlm"] == ["cm-ps1"]
    assert played["max"] == []
    assert len(played["contoso"]) == 11
    assert load("healthy", settings=["windows=false"]).windows == {}
    ruined = load("ruined").windows
    assert (ruined["cm-scp01"].down, ruined["cm-p02"].dotnet) == (True, 394254)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("windows=perhaps", "windows: expected true or false"),
        ("windows_hosts.cm-sp1={}", "or SQL Server of a primary site below a CAS; did you mean 'cm-ps1'?"),
        ("windows_hosts.cm-ps1.netsch=ok", "unknown key 'netsch'; did you mean 'netsh'?"),
        ("windows_hosts.cm-ps1.netsh=lie", "'lie' is not known; did you mean 'lies'?"),
        ("windows_hosts.cm-ps1.curl=8", "expected str, found 8"),
        ("windows_hosts.cm-ps1.curl='8'", "expected a version such as 8.9.1, or none"),
        ("windows_hosts.cm-ps1.proxy_settings_per_user=maybe", "expected true or false"),
        ("windows_hosts.cm-ps1.winhttp.version=1", "expected 0x18 or 0x28"),
        ("windows_hosts.cm-ps1.winhttp_32.proxy=é", "texts in ASCII"),
        ("windows_hosts.cm-ps1.os.installation_type=Nano", "'Nano' is not known"),
        ("windows_hosts.cm-ps1.internet.direct=some", "expected a list of hosts or one of all, none"),
        ("windows_hosts.cm-ps1.internet.proxies={a: all}", "expected host:port"),
        ("windows_hosts.cm-ps1.internet.proxies={'a:1': no}", "one of all, denied, auth"),
    ],
)
def test_a_wrong_scenario_is_refused(setting: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(words)):
        load("standalone", settings=[setting])


def test_ports_follow_each_other(tmp_path: Path) -> None:
    with running(tmp_path, "standalone", "--port", "19400") as lab:
        assert lab.vars["lab"]["windows"]["hosts"] == {f"cm-ps1.{DOMAIN}": 19404}


# -- local groups -----------------------------------------------------------------------------------------------------


GROUP = "ConfigMgr_DViewAccess"
CAS, PROVIDER = "CONTOSO\\CM-CAS01$", "CONTOSO\\CM-CAS-PRV01$"


@pytest.fixture
def sql_server() -> Machine:
    played = WindowsHost("cm-p01-sql01", local_groups={GROUP: (CAS,)})
    return Machine(played, "cm-p01-sql01.corp.contoso.example", [CAS, PROVIDER])


def members(machine: Machine) -> list[str]:
    result, _programs = machine.console(f'net localgroup "{GROUP.upper()}"')
    assert (result.rc, result.stderr) == (0, "")
    return [line for line in result.stdout.splitlines() if line.startswith("CONTOSO")]


def test_a_member_is_added_once(sql_server: Machine) -> None:
    assert members(sql_server) == [CAS]
    line = f'net localgroup {GROUP} "{PROVIDER.lower()}" /add'
    assert sql_server.console(line)[0].rc == 0
    assert members(sql_server) == [CAS, PROVIDER]
    again = sql_server.console(line)[0]
    assert (again.rc, "1378" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("net localgroup Administrators", "1376"),
        (f'net localgroup Administrators "{CAS}" /add', "1376"),
        (f'net localgroup {GROUP} "CONTOSO\\NOBODY$" /add', "no such global user or group"),
        (f'net localgroup {GROUP} "{CAS}" /delete', "syntax"),
        ("shutdown /s", "Usage"),
    ],
)
def test_what_net_refuses(sql_server: Machine, line: str, words: str) -> None:
    result = sql_server.console(line)[0]
    assert result.rc != 0
    assert words in result.stderr
    assert (members(sql_server), sql_server.restarts) == ([CAS], 0)


def test_a_restart(sql_server: Machine) -> None:
    assert sql_server.console("shutdown /r /t 2") == (Result(), ["shutdown.exe"])
    assert sql_server.restarts == 1
