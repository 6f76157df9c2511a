# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""curl.exe with Schannel, for the probes of the collection. Options that those do not have are not known here."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .internet import SQUID, Internet, Transfer, Wanted
from .program import Program, Result, lines

WITH_JSON, WITH_ERRORS, WITH_HEADERS, WITH_CERTIFICATES = (7, 70), (7, 75), (7, 84), (7, 88)
SINGLE = {"g", "I", "s", "Z", "q", "k"}
FLAGS = {
    "--disable": "q",
    "--parallel": "Z",
    "--parallel-immediate": "immediate",
    "--http1.1": "http1.1",
    "--insecure": "k",
    "--ssl-no-revoke": "no-revoke",
}
TAKES = {"-m": "max-time", "-x": "proxy", "-w": "write-out", "-o": "output"}
TAKES |= {"--noproxy": "noproxy", "--parallel-max": "parallel-max"}
_VARIABLE = re.compile(r"%\{(?P<name>[^}]*)\}|%header\{(?P<header>[^}]*)\}|\\(?P<escape>[nrt])|%(?P<percent>%)")
ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class UsageError(Exception):
    """An option that is not known or lacks something."""


@dataclass
class Group:
    """The transfers between two --next, and their options."""

    flags: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)


class Curl:
    """curl.exe of one version."""

    def __init__(self, version: str, internet: Internet) -> None:
        self._text = version
        major, minor, _patch = version.split(".")
        self._version = (int(major), int(minor))
        self._internet = internet

    @property
    def _library(self) -> str:
        return f"libcurl/{self._text} Schannel zlib/1.3 WinIDN"

    def __call__(self, arguments: Sequence[str]) -> Result:
        """Run it."""
        if [*arguments] in (["--version"], ["-V"]):
            return Result(
                stdout=lines(
                    f"curl {self._text} (Windows) {self._library}",
                    "Release-Date: 2024-07-31",
                    "Protocols: dict file ftp ftps http https imap imaps ipfs ipns mqtt pop3 pop3s smb smbs smtp smtps",
                    "Features: alt-svc AsynchDNS HSTS HTTPS-proxy IDN IPv6 Kerberos Largefile NTLM SPNEGO SSL SSPI",
                )
            )
        try:
            wanted = [each for group in _groups(arguments) for each in self._wanted(group)]
        except UsageError as error:
            return Result(2, stderr=lines(f"curl: {error}", "curl: try 'curl --help' for more information"))
        # Output in text mode: each line ends as on Windows.
        written, codes = [], []
        for number, (one, write_out) in enumerate(wanted):
            transfer = self._internet.transfer(one)
            codes.append(transfer.code)
            written.append(self._written(transfer, one, number, write_out).replace("\n", "\r\n"))
        return Result(next((code for code in codes if code), 0), "".join(written))

    def _wanted(self, group: Group) -> list[tuple[Wanted, str]]:
        if not {"g", "I", "s", "http1.1"} <= group.flags or len(group.outputs) != len(group.urls):
            raise UsageError("the lab plays transfers with -sgI --http1.1 and an -o for each URL only")
        if not group.urls:
            raise UsageError("no URL specified")
        try:
            deadline = float(group.values.get("max-time", "300"))
        except ValueError:
            raise UsageError("option -m: expected a proper numerical parameter") from None
        proxy = group.values.get("proxy")
        if proxy is not None:
            proxy = re.sub(r"^http://|/$", "", proxy)
            proxy = proxy if re.search(r":\d+$", proxy) else f"{proxy}:1080"
        direct = group.values.get("noproxy") == "*"
        return [
            (
                Wanted(
                    url=url,
                    proxy=None if direct else proxy,
                    deadline=deadline,
                    verify="k" not in group.flags,
                    check_revocation="no-revoke" not in group.flags,
                ),
                group.values.get("write-out", ""),
            )
            for url in group.urls
        ]

    def _written(self, transfer: Transfer, wanted: Wanted, number: int, write_out: str) -> str:
        def one(found: re.Match[str]) -> str:
            if found["escape"]:
                return ESCAPES[found["escape"]]
            if found["percent"]:
                return "%"
            if found["header"] is not None and self._version >= WITH_HEADERS:
                return transfer.squid_error if found["header"].lower() == SQUID else ""
            if found["name"] == "json" and self._version >= WITH_JSON:
                return self._json(transfer, wanted, number)
            return "" if found["name"] else found[0]

        return _VARIABLE.sub(one, write_out)

    def _json(self, transfer: Transfer, wanted: Wanted, number: int) -> str:
        """What curl tells of a transfer; numbers of seconds with six digits."""
        answered = transfer.status or transfer.connect_status
        seconds = {
            "time_appconnect": transfer.app_connect,
            "time_connect": transfer.connect,
            "time_namelookup": transfer.name_lookup,
            "time_starttransfer": transfer.total if transfer.status else 0.0,
            "time_total": transfer.total,
        }
        told: dict[str, Any] = {
            "content_type": None,
            "filename_effective": "NUL",
            "http_code": transfer.status,
            "http_connect": transfer.connect_status,
            "http_version": "1.1" if answered else "0",
            "method": "HEAD",
            "num_connects": int(transfer.connect > 0),
            "num_redirects": 0,
            "proxy_ssl_verify_result": 0,
            "response_code": transfer.status,
            "scheme": wanted.url.partition(":")[0] if transfer.connect else None,
            "size_download": 0,
            "ssl_verify_result": 0,
            "url_effective": wanted.url if wanted.url.count("/") > 2 else f"{wanted.url}/",
            **dict.fromkeys(seconds, 0),
        }
        if self._version >= WITH_ERRORS:
            told |= {"errormsg": transfer.error, "exitcode": transfer.code, "url": wanted.url, "urlnum": number}
        if self._version >= WITH_CERTIFICATES:
            told |= {"certs": transfer.certificates, "num_certs": int(bool(transfer.certificates))}
        members = [
            f"{json.dumps(name)}:{seconds[name]:.6f}" if name in seconds else f"{json.dumps(name)}:{json.dumps(value)}"
            for name, value in sorted(told.items())
        ]
        return "{" + ",".join([*members, f'"curl_version":{json.dumps(self._library)}']) + "}"


def curl(version: str, internet: Internet) -> Program | None:
    """curl.exe, None where Windows is older than it."""
    return None if version == "none" else Curl(version, internet)


def _groups(arguments: Sequence[str]) -> list[Group]:
    """Take a command line apart."""
    groups = [Group()]
    left = [*arguments]
    while left:
        word = left.pop(0)
        group = groups[-1]
        if word in TAKES:
            if not left:
                raise UsageError(f"option {word}: requires parameter")
            value = left.pop(0)
            if word == "-o":
                group.outputs.append(value)
            else:
                group.values[TAKES[word]] = value
        elif word == "--next":
            groups.append(Group())
        elif word in FLAGS:
            group.flags.add(FLAGS[word])
        elif re.fullmatch(r"-[A-Za-z]+", word) and set(word[1:]) <= SINGLE:
            group.flags |= set(word[1:])
        elif word.startswith("-"):
            raise UsageError(f"option {word}: is unknown")
        elif re.match(r"https?://[^/]", word):
            group.urls.append(word)
        else:
            raise UsageError(f"the lab plays URLs of http and https only, not {word}")
    return groups
