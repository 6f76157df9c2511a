# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""JSON Web Tokens, as far as the authority needs them: RS256 and PS256."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

HASH = hashes.SHA256()
PADDINGS: dict[str, padding.AsymmetricPadding] = {
    "RS256": padding.PKCS1v15(),
    "PS256": padding.PSS(mgf=padding.MGF1(HASH), salt_length=padding.PSS.DIGEST_LENGTH),
}


class BadTokenError(Exception):
    """A token that cannot be read or does not verify; the text never holds any part of it."""


@dataclass(frozen=True)
class Token:
    """A token that was taken apart, and not verified yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes

    def verify(self, key: rsa.RSAPublicKey, algorithms: tuple[str, ...]) -> None:
        """Refuse a token that somebody else signed, or signed in another way."""
        algorithm = str(self.header.get("alg"))
        if algorithm not in algorithms:
            raise BadTokenError("the algorithm is not allowed")
        try:
            key.verify(self.signature, self.signed, PADDINGS[algorithm], HASH)
        except InvalidSignature:
            raise BadTokenError("the signature is not valid") from None


def encode(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The reverse of ``encode``."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def sign(key: rsa.RSAPrivateKey, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token in RS256."""
    parts = [encode(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "RS256", **header}, claims)]
    signed = ".".join(parts)
    return f"{signed}.{encode(key.sign(signed.encode(), PADDINGS['RS256'], HASH))}"


def read(text: str) -> Token:
    """Take a token apart."""
    try:
        head, body, signature = text.split(".")
        header, claims = json.loads(decode(head)), json.loads(decode(body))
        raw = decode(signature)
    except (ValueError, binascii.Error):
        raise BadTokenError("it is not a JSON web token") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise BadTokenError("it is not a JSON web token")
    return Token(header, claims, f"{head}.{body}".encode(), raw)
