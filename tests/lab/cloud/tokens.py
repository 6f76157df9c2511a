# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Entra authority of one tenant, and the endpoint that gives tokens to a managed identity."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from aiohttp import web
from cryptography.hazmat.primitives import hashes

from . import jwt
from .common import Cloud, Connections, FaultBook, instead
from .credentials import FEDERATION_AUDIENCE, FEDERATION_ISSUER, FEDERATION_SUBJECT

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
DISCOVERY = ".well-known/openid-configuration"
TOKEN_PATH = "oauth2/v2.0/token"
IDENTITY_PATH = "/metadata/identity/oauth2/token"
# How far the clocks of client and authority may be apart.
LEEWAY = 300


class RefusalError(Exception):
    """An error of the authority; its text is made of names only, never of a secret or a token."""

    def __init__(self, status: int, error: str, code: int, text: str) -> None:
        super().__init__(text)
        self.status, self.error, self.code, self.text = status, error, code, text


def _bad_secret(client: str) -> RefusalError:
    return RefusalError(
        401,
        "invalid_client",
        7000215,
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, "
        f"not the client secret ID, for a secret added to app '{client}'.",
    )


class AuthorityService:
    """Answers the requests that the authority receives."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._tenant = cloud.tenant
        self._connections = Connections()
        self._faults = FaultBook(cloud.tenant.authority_faults)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and log it."""
        form: dict[str, str] = {}
        if request.method == "POST":
            form = dict(parse_qsl((await request.read()).decode(errors="replace"), keep_blank_values=True))
        response = await self._answer(request, form)
        self._cloud.log.write(
            provider="authority",
            host="authority",
            method=request.method,
            path=request.raw_path,
            status=response.status,
            connection=self._connections.number(request),
            user=form.get("client_id") if form.get("client_id") == self._tenant.client_id else None,
        )
        return response

    async def _answer(self, request: web.BaseRequest, form: Mapping[str, str]) -> web.Response:
        path = unquote(request.raw_path.partition("?")[0])
        fault = self._faults.find(path)
        if fault is not None:
            broken = await instead(fault, request)
            if broken is not None:
                return broken
        try:
            return web.json_response(self._read(request, path, form), headers={"Cache-Control": "no-store, no-cache"})
        except RefusalError as refusal:
            return self._refuse(refusal)

    def _read(self, request: web.BaseRequest, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        name, _slash, rest = path.removeprefix("/").partition("/")
        if rest not in {DISCOVERY, f"v2.0/{DISCOVERY}", TOKEN_PATH}:
            raise RefusalError(404, "invalid_request", 90023, "The request is not known here.")
        if name.lower() not in {self._tenant.id, self._tenant.domain.lower()}:
            raise RefusalError(
                400,
                "invalid_tenant",
                90002,
                f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud. Check with your subscription administrator, this may happen if there are no active "
                "subscriptions for the tenant.",
            )
        if rest == TOKEN_PATH:
            if request.method != "POST":
                raise RefusalError(405, "invalid_request", 900561, "The endpoint only accepts POST requests.")
            return self._token(form)
        if request.method != "GET":
            raise RefusalError(405, "invalid_request", 900561, "The endpoint only accepts GET requests.")
        return self._discovery(v2=rest.startswith("v2.0"))

    def _refuse(self, refusal: RefusalError) -> web.Response:
        now = datetime.now(UTC)
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        stamp = now.strftime("%Y-%m-%d %H:%M:%SZ")
        body = {
            "error": refusal.error,
            "error_description": (
                f"AADSTS{refusal.code}: {refusal.text} "
                f"Trace ID: {trace} Correlation ID: {correlation} Timestamp: {stamp}"
            ),
            "error_codes": [refusal.code],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{self._cloud.authority_url}/error?code={refusal.code}",
        }
        return web.json_response(body, status=refusal.status)

    def _discovery(self, v2: bool) -> dict[str, Any]:
        tenant = self._tenant
        base = f"{self._cloud.authority_url}/{tenant.id}"
        government = tenant.region_scope in {"USG", "USGov"}
        dod = tenant.region_sub_scope == "DOD"
        graph = "dod-graph.microsoft.us" if dod else "graph.microsoft.us" if government else "graph.microsoft.com"
        version = "oauth2/v2.0" if v2 else "oauth2"
        document = {
            "token_endpoint": f"{base}/{version}/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{base}/discovery/{'v2.0/' if v2 else ''}keys",
            "issuer": f"{base}/v2.0" if v2 else f"https://sts.windows.net/{tenant.id}/",
            "authorization_endpoint": f"{base}/{version}/authorize",
            "device_authorization_endpoint": f"{base}/{version}/devicecode",
            "kerberos_endpoint": f"{base}/kerberos",
            "tenant_region_scope": tenant.region_scope,
            "cloud_instance_name": "microsoftonline.us" if government else "microsoftonline.com",
            "cloud_graph_host_name": "graph.windows.net",
            "msgraph_host": graph,
            "rbac_url": "https://pas.windows.net",
        }
        if tenant.region_sub_scope:
            document["tenant_region_sub_scope"] = tenant.region_sub_scope
        return document

    # -- tokens ---------------------------------------------------------------------------------------------------

    def _token(self, form: Mapping[str, str]) -> dict[str, Any]:
        if form.get("grant_type") != "client_credentials":
            raise RefusalError(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.")
        client = form.get("client_id", "")
        if not client:
            raise RefusalError(
                400, "invalid_request", 900144, "The request body must contain the following parameter: 'client_id'."
            )
        if client.lower() != self._tenant.client_id:
            # Whoever mistakes a secret for an identifier must not read it here.
            shown = client if _is_guid(client) else "<not a GUID>"
            raise RefusalError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{shown}' was not found in the directory '{self._tenant.name}'.",
            )
        if form.get("client_assertion_type") == ASSERTION_TYPE:
            self._check_assertion(form.get("client_assertion", ""))
        else:
            self._check_secret(form.get("client_secret"))
        if form.get("scope") != f"{self._cloud.graph_url}/.default":
            raise RefusalError(
                400,
                "invalid_scope",
                1002012,
                "The provided value for scope is not valid. Client credential flows must have a scope value with "
                "/.default suffixed to the resource identifier (application ID URI).",
            )
        lifetime = self._tenant.token_lifetime
        return {
            "token_type": "Bearer",
            "expires_in": lifetime,
            "ext_expires_in": lifetime,
            "access_token": self._cloud.credentials.access_token(self._cloud.graph_url, lifetime),
        }

    def _check_secret(self, secret: str | None) -> None:
        credentials = self._cloud.credentials
        if secret is None:
            raise RefusalError(
                401,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        if secret == credentials.expired_secret:
            raise RefusalError(
                401,
                "invalid_client",
                7000222,
                f"The provided client secret keys for app '{self._tenant.client_id}' are expired.",
            )
        if secret != credentials.secret:
            raise _bad_secret(self._tenant.client_id)

    def _check_assertion(self, text: str) -> None:
        try:
            token = jwt.read(text)
        except jwt.BadTokenError as error:
            raise RefusalError(401, "invalid_client", 50027, "JWT token is invalid or malformed.") from error
        if token.claims.get("iss") == token.claims.get("sub") == self._tenant.client_id:
            self._check_certificate(token)
        else:
            self._check_federation(token)
        now = time.time()
        if not token.claims.get("nbf", 0) - LEEWAY <= now <= token.claims.get("exp", 0) + LEEWAY:
            raise RefusalError(401, "invalid_client", 700024, "Client assertion is not within its valid time range.")

    def _check_certificate(self, token: jwt.Token) -> None:
        """The application signed with the key of its certificate, and names that certificate by its thumbprint."""
        own = self._cloud.credentials.certificate
        registered = {
            ("RS256", "x5t"): own.thumbprint(hashes.SHA1()),
            ("PS256", "x5t#S256"): own.thumbprint(hashes.SHA256()),
        }
        named = tuple(
            algorithm
            for (algorithm, header), thumbprint in registered.items()
            if str(token.header.get(header)).rstrip("=") == thumbprint
        )
        try:
            # No algorithm is allowed where the header names no certificate that is registered.
            token.verify(own.key.public_key(), named)
        except jwt.BadTokenError as error:
            raise RefusalError(
                401,
                "invalid_client",
                700027,
                "The certificate with identifier used to sign the client assertion is not registered on application. "
                f"[Reason - The key was not found., Please visit the portal for the application "
                f"'{self._tenant.client_id}'.]",
            ) from error
        base = f"{self._cloud.authority_url}/{{}}/{TOKEN_PATH}"
        if token.claims.get("aud") not in {base.format(self._tenant.id), base.format(self._tenant.domain)}:
            raise RefusalError(
                401, "invalid_client", 700023, "Client assertion audience claim does not match the token endpoint."
            )

    def _check_federation(self, token: jwt.Token) -> None:
        """A platform that the application trusts vouches for the workload."""
        try:
            token.verify(self._cloud.credentials.issuer_key.public_key(), ("RS256",))
        except jwt.BadTokenError as error:
            raise RefusalError(
                401, "invalid_client", 700027, "Client assertion contains an invalid signature."
            ) from error
        expected = {"iss": FEDERATION_ISSUER, "sub": FEDERATION_SUBJECT, "aud": FEDERATION_AUDIENCE}
        if any(token.claims.get(name) != value for name, value in expected.items()):
            raise RefusalError(
                400,
                "invalid_request",
                70021,
                "No matching federated identity record found for presented assertion. Check your federated identity "
                "credential Subject, Audience and Issuer against the presented assertion.",
            )


class IdentityService:
    """The endpoint on a virtual machine's own link that gives tokens to its managed identity."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._connections = Connections()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request and log it."""
        response = self._answer(request)
        self._cloud.log.write(
            provider="identity",
            host="identity",
            method=request.method,
            path=request.raw_path,
            status=response.status,
            connection=self._connections.number(request),
            user=None,
        )
        return response

    def _answer(self, request: web.BaseRequest) -> web.Response:
        parts = urlsplit(request.raw_path)
        query = dict(parse_qsl(parts.query))
        tenant, lifetime = self._cloud.tenant, self._cloud.tenant.token_lifetime
        if parts.path != IDENTITY_PATH or request.method != "GET":
            return web.json_response({"error": "not_found", "error_description": "Not found"}, status=404)
        if request.headers.get("Metadata", "").lower() != "true":
            # What keeps a forged request of a web server on the machine from getting a token.
            text = "Required metadata header not specified"
            return web.json_response({"error": "invalid_request", "error_description": text}, status=400)
        if query.get("client_id", tenant.client_id) != tenant.client_id or {
            "object_id",
            "msi_res_id",
            "mi_res_id",
        } & set(query):
            text = "Identity not found"
            return web.json_response({"error": "invalid_request", "error_description": text}, status=400)
        if query.get("resource") != self._cloud.graph_url:
            text = "AADSTS500011: The resource principal was not found in the tenant."
            return web.json_response({"error": "invalid_resource", "error_description": text}, status=400)
        now = int(time.time())
        body = {
            "access_token": self._cloud.credentials.access_token(self._cloud.graph_url, lifetime),
            "client_id": tenant.client_id,
            "expires_in": str(lifetime),
            "expires_on": str(now + lifetime),
            "ext_expires_in": str(lifetime),
            "not_before": str(now),
            "resource": self._cloud.graph_url,
            "token_type": "Bearer",
        }
        return web.json_response(body)


def _is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
