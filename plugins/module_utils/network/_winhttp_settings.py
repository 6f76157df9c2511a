# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Codec of the registry value that holds the WinHTTP proxy of a machine. PRIVATE to the collection.

Microsoft does not document the value. Public dumps, Wine and the behaviour of the interface agree on this: version,
counter and flags as little-endian words, then the proxy and the bypass list, each as a word for its length and one byte
for each character. What follows is kept as it is, and so is whatever has no meaning here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .._errors import AnswerError

VALUE = "WinHttpSettings"
KEY = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\Connections"
# Seen in dumps of Windows before 10, and in those since.
OLDER = 0x18
NEWER = 0x28

DIRECT = 1
NAMED = 2
AUTO_CONFIG_URL = 4
AUTO_DETECT = 8

# One byte a character. Latin-1 gives every byte back as it was.
_ENCODING = "latin-1"
_HEAD = struct.Struct("<III")
_LENGTH = struct.Struct("<I")
_LENGTH_BYTES = 4


@dataclass(frozen=True)
class Settings:
    """The WinHTTP settings of a machine. Without any, access is direct."""

    proxy: str = ""
    bypass: str = ""
    flags: int = DIRECT
    version: int = OLDER
    counter: int = 0
    rest: bytes = b""

    @property
    def named_proxy(self) -> str:
        """The proxy that is in use, empty if none is: flags may say that there is one, and no name follow."""
        return self.proxy if self.flags & NAMED and self.proxy.strip(" ;\t") else ""

    @property
    def auto_config_url(self) -> str:
        """URL of an automatic configuration, empty if there is none."""
        if not self.flags & AUTO_CONFIG_URL or len(self.rest) < _LENGTH.size:
            return ""
        length = int(_LENGTH.unpack_from(self.rest)[0])
        end = _LENGTH_BYTES + length
        text = self.rest[_LENGTH_BYTES:end].decode(_ENCODING)
        return text if len(text) == length and text.isprintable() else ""

    @property
    def auto_detect(self) -> bool:
        """Whether the proxy is looked for on the network."""
        return bool(self.flags & AUTO_DETECT)


def decode(blob: bytes, where: str = rf"{KEY}\{VALUE}") -> Settings:
    """Return the settings that a registry value holds.

    Args:
        blob: The value.
        where: Where it stands, for errors.

    Raises:
        AnswerError: It is not laid out as a value of WinHTTP.
    """
    if len(blob) < _HEAD.size:
        raise _malformed(f"at least {_HEAD.size + 2 * _LENGTH.size} bytes", f"{len(blob)} bytes", where)
    version, counter, flags = _HEAD.unpack_from(blob)
    proxy, offset = _text(blob, _HEAD.size, "proxy", where)
    bypass, offset = _text(blob, offset, "bypass list", where)
    return Settings(proxy, bypass, flags, version, counter, blob[offset:])


def encode(settings: Settings) -> bytes:
    """Return the registry value for settings."""
    proxy, bypass = settings.proxy.encode(_ENCODING), settings.bypass.encode(_ENCODING)
    return b"".join(
        (
            _HEAD.pack(settings.version, settings.counter, settings.flags),
            *(_LENGTH.pack(len(proxy)), proxy),
            *(_LENGTH.pack(len(bypass)), bypass),
            settings.rest,
        )
    )


def _text(blob: bytes, offset: int, what: str, where: str) -> tuple[str, int]:
    """Return a text and the offset behind it."""
    start = offset + _LENGTH.size
    if len(blob) < start:
        raise _malformed(f"the length of the {what} at byte {offset}", f"an end after {len(blob)} bytes", where)
    (length,) = _LENGTH.unpack_from(blob, offset)
    end = start + length
    if len(blob) < end:
        raise _malformed(f"a {what} of {length} characters", f"{len(blob) - start} characters until the end", where)
    return blob[start:end].decode(_ENCODING), end


def _malformed(expected: str, observed: str, where: str) -> AnswerError:
    return AnswerError(
        expected=expected,
        observed=observed,
        where=where,
        next_step="run `netsh winhttp show proxy` on the host; if Windows cannot read the value either, "
        "export the key, then run `netsh winhttp reset proxy`",
    )
