# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows-like host on loopback: a real SSH server before the real cmd.exe, reg.exe and WinHTTP of Wine.

What Wine does not have is built from the C files beside this one: the forced command of the SSH server, netsh.exe, and
a witness that asks WinHTTP itself. A part that is missing is a failure, never a skip: see tests/packages.txt.
"""

from __future__ import annotations

import getpass
import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
import typing as t
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from testbed.proxies import free_port

HERE = Path(__file__).resolve().parent
LOOPBACK = "127.0.0.1"
PATIENCE = 60
# On a machine with much to do, a program of Wine may fail to start, seldom. That must not look like a missing value.
ATTEMPTS = 3
KEY = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections"
VALUE = "WinHttpSettings"
# File in drive_c/windows, source, options of the compiler.
PROGRAMS = (
    ("system32/shim.exe", "shim.c", ()),
    ("system32/witness.exe", "witness.c", ()),
    ("system32/curl.exe", "curl.c", ()),
    ("system32/netsh.exe", "netsh.c", ()),
    ("syswow64/netsh.exe", "netsh.c", ("-DVIEW32",)),
)
# Wine has no .NET, no domain, no policies, no release of Windows, and without wine32 little for programs of 32 bits.
FACTS = r"""Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Internet Settings]
"User Agent"="any"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"DisplayVersion"="21H2"
"InstallationType"="Server Core"
"UBR"=dword:000008b3

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full]
"Release"=dword:00081041

[HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\SystemCertificates\AuthRoot]
"DisableRootAutoUpdate"=dword:00000000

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters]
"Hostname"="CM-SCP01"
"Domain"="corp.contoso.example"
"""


class Seen(t.NamedTuple):
    """What WinHTTP tells a program: access type (1 direct, 3 named proxy), proxy and bypass list."""

    access: int
    proxy: str
    bypass: str


class Windows:
    """The host.

    Args:
        directory: Where it may keep everything.
        port: Port of its SSH server.
    """

    def __init__(self, directory: Path, port: int) -> None:
        self.directory = directory
        self.port = port
        self.drive = directory / "prefix" / "drive_c"
        self.log = directory / "commands"
        self.environment = {
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;netsh.exe=n",
            "WINEPREFIX": str(directory / "prefix"),
        }

    def variables(self, name: str, shell: str) -> dict[str, t.Any]:
        """Return the inventory variables of the host under some name. Its log calls it by that name."""
        options = {
            "ControlMaster": "no",
            "IdentitiesOnly": "yes",
            "SetEnv": f"TESTBED_HOST={name}",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": str(self.directory / "known_hosts"),
        }
        return {
            "ansible_connection": "ssh",
            "ansible_host": LOOPBACK,
            "ansible_port": self.port,
            "ansible_user": getpass.getuser(),
            "ansible_shell_type": shell,
            "ansible_ssh_private_key_file": str(self.directory / "client"),
            "ansible_ssh_args": "-F /dev/null " + " ".join(f"-o {key}={value}" for key, value in options.items()),
        }

    @contextmanager
    def counted(self) -> Iterator[Counter[str]]:
        """Give a counter that holds, once the block is left, the remote commands that came meanwhile by host."""
        before = len(self._lines())
        counter: Counter[str] = Counter()
        yield counter
        counter.update(self._lines()[before:])

    def wine(self, *command: str, check: bool = True) -> str:
        """Run a Windows program on the host itself, and return what it wrote."""
        # No pipe: what the program leaves behind might hold it open.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                ["wine", *command],
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=PATIENCE,
                check=False,
            )
            output.seek(0)
            text = output.read()
        assert done.returncode == 0 or not check, f"{command}: {text}"
        return text

    def witness(self, *setting: str) -> Seen:
        """Ask WinHTTP for its proxy; with arguments, set it first."""
        access, proxy, bypass = self.wine("witness.exe", *setting).splitlines()
        return Seen(int(access), proxy, bypass)

    def blob(self, view: int = 64) -> str | None:
        """Return the settings of a registry view in hex, None where there are none."""
        text = ""
        for _attempt in range(ATTEMPTS):
            text = self.wine("reg", "query", rf"HKLM\{KEY}", "/v", VALUE, f"/reg:{view}", check=False)
            if found := re.search(rf"{VALUE} +REG_BINARY +(\w+)", text):
                return found[1]
            if "Unable to find" in text:
                return None
        raise AssertionError(f"reg.exe neither shows a value nor says that there is none: {text}")

    def store(self, blob: str | None, view: int = 64) -> None:
        """Write the settings of a registry view, or delete them."""
        if blob is not None:
            data = ("/t", "REG_BINARY", "/d", blob, "/f", f"/reg:{view}")
            self.wine("reg", "add", rf"HKLM\{KEY}", "/v", VALUE, *data)
        elif self.blob(view) is not None:
            self.wine("reg", "delete", rf"HKLM\{KEY}", "/v", VALUE, "/f", f"/reg:{view}")

    def misbehave(self, how: str | None) -> None:
        """Make netsh.exe misbehave, see netsh.c, or behave again."""
        mode = self.drive / "netsh-mode"
        mode.unlink(missing_ok=True)
        if how:
            mode.write_text(how)

    def _lines(self) -> list[str]:
        return self.log.read_text().splitlines()


@contextmanager
def running(directory: Path) -> Iterator[Windows]:
    """Set a host up, and stop what was started for it."""
    needed = ("wine", "wineserver", "wineboot", "x86_64-w64-mingw32-gcc", "sshd", "ssh-keygen")
    search = f"{os.environ['PATH']}:/usr/sbin:/usr/lib/wine"
    tools = {name: shutil.which(name, path=search) for name in (*needed, "wineserver64")}
    tools["wineserver"] = tools["wineserver"] or tools["wineserver64"]
    missing = [name for name in needed if not tools[name]]
    assert not missing, f"not installed: {missing}; run make packages as root"
    programs = {name: str(path) for name, path in tools.items()}

    directory.mkdir(parents=True, exist_ok=True)
    host = Windows(directory, free_port())
    host.log.touch()
    environment = {**os.environ, **host.environment}
    with ThreadPoolExecutor() as pool:
        built = [pool.submit(_build, programs, directory, number) for number in range(len(PROGRAMS))]
        subprocess.run(
            [programs["wineboot"], "--init"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=180,
            check=True,
        )
        binaries = [each.result() for each in built]
    try:
        for (name, *_rest), binary in zip(PROGRAMS, binaries, strict=True):
            target = host.drive / "windows" / name
            # Wine puts a placeholder of its own there, as a link in some versions.
            target.unlink(missing_ok=True)
            shutil.copy(binary, target)
        with _booted(environment, programs):
            (host.drive / "facts.reg").write_text(FACTS)
            host.wine("reg", "import", r"C:\facts.reg")
            with _listening(host, programs):
                yield host
    finally:
        subprocess.run([programs["wineserver"], "--kill"], env=environment, timeout=PATIENCE, check=False)


@contextmanager
def _booted(environment: Mapping[str, str], programs: Mapping[str, str]) -> Iterator[None]:
    """Keep a program running that waits for input.

    Wine starts its services with the first program and stops them with the last. As long as this one runs, no other
    one has to wait for them, and they hold nobody else's output open.
    """
    with subprocess.Popen(
        [programs["wine"], "cmd.exe"],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as waiting:
        try:
            # When another one ends, the first one has started.
            subprocess.run(
                [programs["wine"], "cmd.exe", "/c", "exit"],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE,
                check=True,
            )
            yield
        finally:
            assert waiting.stdin is not None
            waiting.stdin.close()


def _build(programs: Mapping[str, str], directory: Path, number: int) -> Path:
    name, source, options = PROGRAMS[number]
    binary = directory / name.replace("/", "-")
    command = [programs["x86_64-w64-mingw32-gcc"], "-Wall", "-Wextra", "-Werror", "-O1", "-municode", *options]
    subprocess.run([*command, "-o", binary, HERE / source, "-lwinhttp", "-ladvapi32"], timeout=PATIENCE, check=True)
    return binary


@contextmanager
def _listening(host: Windows, programs: Mapping[str, str]) -> Iterator[None]:
    """Run the SSH server."""
    directory = host.directory
    for name in ("client", "server"):
        command = [programs["ssh-keygen"], "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)]
        subprocess.run(command, timeout=PATIENCE, check=True)
    public = (directory / "server.pub").read_text()
    (directory / "known_hosts").write_text(f"[{LOOPBACK}]:{host.port} {public}")
    forced = directory / "forced"
    settings = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in host.environment.items())
    # Programs of Wine may leave others behind that hold their output open: SSH would wait for those.
    forced.write_text(
        f'#!/bin/sh\n{settings}printf "%s\\n" "$TESTBED_HOST" >>{shlex.quote(str(host.log))}\n'
        f"text=$(mktemp -d {shlex.quote(str(directory))}/XXXXXXXX)\n"
        # Wine fails to start a program, seldom: with code 1 and not a word, or its cmd.exe does not find what is there.
        # What is sent may be sent again: it reads, or it sets what it has set.
        "for attempt in 1 2 3 4 5; do\n"
        f'{programs["wine"]} shim.exe </dev/null >"$text/1" 2>"$text/2"\n'
        'code=$?\n[ $code = 1 ] && [ ! -s "$text/1" ] && [ ! -s "$text/2" ] && continue\n'
        'grep -Eq "Can.t recognize .*(reg|netsh|curl|wmic)\\.exe" "$text/1" "$text/2" || break\ndone\n'
        'cat "$text/1"\ncat "$text/2" >&2\nrm -r "$text"\nexit $code\n'
    )
    forced.chmod(0o700)
    options = {
        "ListenAddress": LOOPBACK,
        "Port": host.port,
        "HostKey": directory / "server",
        "AuthorizedKeysFile": directory / "client.pub",
        "AuthenticationMethods": "publickey",
        "PermitRootLogin": "yes",
        "StrictModes": "no",
        "UsePAM": "no",
        "PidFile": "none",
        "AcceptEnv": "TESTBED_HOST",
        "ForceCommand": forced,
        "MaxStartups": 200,
    }
    (directory / "sshd_config").write_text("".join(f"{name} {value}\n" for name, value in options.items()))
    if os.geteuid() == 0:
        # Where the server, run by root, jails the part that speaks to strangers. Debian makes it at boot.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with (
        (directory / "sshd.log").open("wb") as log,
        subprocess.Popen([programs["sshd"], "-D", "-e", "-f", directory / "sshd_config"], stderr=log) as server,
    ):
        try:
            _await(host.port, server)
            yield
        finally:
            server.terminate()
            server.wait(PATIENCE)


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with socket.create_connection((LOOPBACK, port), 1) as connection:
                connection.recv(1)
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("sshd does not listen; see sshd.log beside its configuration")
