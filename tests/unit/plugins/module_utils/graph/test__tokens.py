# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How an identity becomes a token, and what is said when it does not."""

from __future__ import annotations

import datetime as dt
import json
import typing as t
from pathlib import Path
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from ansible_collections.configmgr.tenant_attach.plugins.module_utils import _errors
from ansible_collections.configmgr.tenant_attach.plugins.module_utils._deadline import Deadline
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph import _tokens
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.graph._tokens import Identity, acquire
from ansible_collections.configmgr.tenant_attach.plugins.module_utils.https._route import Route
from ansible_collections.configmgr.tenant_attach.tests.unit.conversation import CANARY, HTML, Call, Conversation

Converse = t.Callable[..., Conversation]
HOST = "https://login.microsoftonline.com"
WHERE = f"{HOST}/t1"
METADATA = {"issuer": f"{WHERE}/v2.0", "authorization_endpoint": f"{WHERE}/a", "token_endpoint": f"{WHERE}/token"}
DISCOVERY = Call(f"{WHERE}/v2.0/.well-known/openid-configuration", METADATA)
GIVEN = Call(f"{WHERE}/token", {"access_token": "made", "token_type": "Bearer", "expires_in": 3599}, method="POST")
PASSWORD = "opens-the-file"


class Files(t.NamedTuple):
    """A certificate in the forms that an application may have it in."""

    key: rsa.RSAPrivateKey
    pem: Path
    encrypted: Path
    pfx: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "reader")])
    begin = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begin)
        .not_valid_after(begin + dt.timedelta(days=36500))
        .sign(key, hashes.SHA256())
    )
    directory = tmp_path_factory.mktemp("identity")
    protection = serialization.BestAvailableEncryption(PASSWORD.encode())
    found = Files(key, *(directory / name for name in ("reader.pem", "encrypted.pem", "reader.pfx")))
    public = certificate.public_bytes(serialization.Encoding.PEM)
    for path, how in ((found.pem, serialization.NoEncryption()), (found.encrypted, protection)):
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)
        path.write_bytes(private + public)
    found.pfx.write_bytes(pkcs12.serialize_key_and_certificates(b"reader", key, certificate, None, protection))
    return found


def token(**identity: t.Any) -> str:
    return acquire(
        Identity("t1", "c1", **identity),
        authority=HOST,
        resource="https://graph.microsoft.com",
        route=Route(),
        timeout=30,
        deadline=Deadline(60),
    )


def form(talk: Conversation) -> dict[str, str]:
    """What was sent for the token."""
    body = talk.requests[-1].body
    text = body.decode() if isinstance(body, bytes) else str(body)
    return {name: values[0] for name, values in parse_qs(text).items()}


@pytest.mark.parametrize(
    ("name", "password"), [("pem", None), ("encrypted", PASSWORD), ("pfx", PASSWORD)], ids=["PEM", "locked PEM", "PFX"]
)
def test_a_certificate_signs_for_the_application(
    converse: Converse, files: Files, name: str, password: str | None
) -> None:
    talk = converse(DISCOVERY, GIVEN)
    assert token(certificate_path=str(getattr(files, name)), certificate_password=password) == "made"
    sent = form(talk)
    claims = jwt.decode(
        sent["client_assertion"], files.key.public_key(), algorithms=["PS256"], audience=f"{WHERE}/token"
    )
    assert (claims["iss"], claims["sub"]) == ("c1", "c1")
    assert "x5t#S256" in jwt.get_unverified_header(sent["client_assertion"])
    assert sent["scope"] == "https://graph.microsoft.com/.default"


def test_a_token_of_a_platform_is_passed_on(converse: Converse, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("h.p.s\n")
    talk = converse(DISCOVERY, GIVEN)
    assert token(federated_token_file=str(file)) == "made"
    assert form(talk)["client_assertion"] == "h.p.s"


def test_a_ready_token_needs_nobody(converse: Converse) -> None:
    converse()
    assert token(access_token=CANARY) == CANARY


@pytest.mark.parametrize("client", ["c1", None], ids=["user-assigned", "system-assigned"])
def test_a_managed_identity(converse: Converse, monkeypatch: pytest.MonkeyPatch, client: str | None) -> None:
    for name in ("IDENTITY_ENDPOINT", "MSI_ENDPOINT", "IMDS_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "https://imds.example")
    query = "api-version=2018-02-01&resource=https://graph.microsoft.com"
    url = f"https://imds.example/metadata/identity/oauth2/token?{query}{f'&client_id={client}' if client else ''}"
    talk = converse(Call(url, {"access_token": "made", "expires_in": "3599", "resource": "r", "token_type": "Bearer"}))
    found = acquire(
        Identity(None, client, managed_identity=True),
        authority=HOST,
        resource="https://graph.microsoft.com",
        route=Route(),
        timeout=30,
        deadline=Deadline(60),
    )
    assert found == "made"
    assert talk.header("Metadata") == ["true"]


def test_a_managed_identity_that_answers_nonsense(converse: Converse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "https://imds.example")
    url = "https://imds.example/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://graph.microsoft.com"
    converse(Call(f"{url}&client_id=c1", b"<html>secret</html>", headers={"Content-Type": HTML}))
    with pytest.raises(_errors.TenantAttachError) as caught:
        token(managed_identity=True)
    assert "secret" not in str(caught.value)


def test_an_authority_that_answers_nonsense(converse: Converse) -> None:
    converse(DISCOVERY, Call(f"{WHERE}/token", b"<html>Sign in</html>", headers={"Content-Type": HTML}, method="POST"))
    with pytest.raises(_errors.AnswerError, match="something else"):
        token(client_secret=CANARY)


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, {"error": "invalid_tenant", "error_codes": [90002]}), (200, {"issuer": "x"}), (404, b"")],
)
def test_a_tenant_that_the_authority_does_not_know(converse: Converse, status: int, body: t.Any) -> None:
    converse(Call(DISCOVERY.target, body, status=status))
    with pytest.raises(_errors.TenantAttachError, match=r"check (tenant_id|authority_url)"):
        token(client_secret=CANARY)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "FileNotFoundError"),
        (b"nonsense", "cannot be used"),
        (b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----", "without a private key"),
        (b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----", "without a certificate"),
    ],
)
def test_files_that_are_no_certificate(converse: Converse, tmp_path: Path, content: bytes | None, text: str) -> None:
    converse(*([DISCOVERY] if content == b"nonsense" else []))
    path = tmp_path / "reader.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(_errors.InvalidOptionError, match=text):
        token(certificate_path=str(path))


def test_a_password_that_is_wrong(converse: Converse, files: Files) -> None:
    converse(DISCOVERY)
    with pytest.raises(_errors.InvalidOptionError, match="certificate_password") as caught:
        token(certificate_path=str(files.pfx), certificate_password="wrong-one")
    assert "wrong-one" not in str(caught.value)


def test_without_its_library_the_next_step_is_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tokens, "HAS_MSAL", False)
    with pytest.raises(_errors.MissingLibraryError, match=r"requirements\.txt"):
        token(client_secret=CANARY)


@pytest.mark.parametrize(
    ("identity", "kind", "text"),
    [
        ({}, _errors.NotConfiguredError, "none of them"),
        ({"client_secret": "s", "managed_identity": True}, _errors.InvalidOptionError, "client_secret and managed"),
    ],
)
def test_exactly_one_proof(identity: t.Any, kind: type[_errors.TenantAttachError], text: str) -> None:
    with pytest.raises(kind, match=text):
        Identity("t1", "c1", **identity).check()


@pytest.mark.parametrize("missing", ["tenant_id", "client_id"])
def test_a_secret_needs_to_know_whose_it_is(missing: str) -> None:
    names = {"tenant_id": "t1", "client_id": "c1", missing: None}
    with pytest.raises(_errors.InvalidOptionError, match=f"option {missing}, since client_secret is given"):
        Identity(**names, client_secret="s").check()


@pytest.mark.parametrize("name", ["common", "Organizations", "consumers"])
def test_a_token_is_for_one_tenant(name: str) -> None:
    with pytest.raises(_errors.InvalidOptionError, match="one tenant"):
        Identity(name, "c1", client_secret="s").check()


def test_no_secret_is_in_what_an_error_shows(converse: Converse) -> None:
    body = {"error": CANARY[:60], "error_description": f"secret {CANARY}", "error_codes": ["x"]}
    converse(DISCOVERY, Call(f"{WHERE}/token", body, status=401, method="POST"))
    with pytest.raises(_errors.AuthenticationError) as caught:
        token(client_secret=CANARY)
    assert CANARY not in json.dumps(caught.value.as_dict())
