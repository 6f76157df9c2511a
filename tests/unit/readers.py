# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports as others read them: parsers that share nothing with what wrote them."""

from __future__ import annotations

import copy
import csv
import io
import typing as t

import xmlschema
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._engine import judge
from ansible_collections.configmgr.tenant_attach.plugins.plugin_utils.judge._waivers import parse
from ansible_collections.configmgr.tenant_attach.tests.unit.declared import DECLARED
from ansible_collections.configmgr.tenant_attach.tests.unit.places import FIXTURES

Json = dict[str, t.Any]
# The schema that the xUnit plugin of Jenkins holds JUnit files to, with its licence.
JUNIT = xmlschema.XMLSchema(FIXTURES / "junit-10.xsd")
POINT = "cm-scp01.corp.contoso.example"


def varied(healthy: Json) -> Json:
    """Findings of every outcome, waived, expired and plain, of every kind of scope, one with another severity."""
    hierarchy = healthy["hierarchy"]
    hierarchy["service_connection_points"][0]["mode"] = "offline"
    hierarchy["sites"][1]["build"] = 9135
    healthy["adminservice"]["providers"] = healthy["adminservice"]["providers"][:2]
    healthy["accounts"][1]["discovered_by"] = []
    healthy["accounts"][2]["discovered_by"] = []
    healthy["tenant"]["mdm_authority"] = "office365"
    given = {"owner": "Ada Quill", "reason": "the site is closed in March", "expires": "2999-12-31"}
    waivers = [
        {**given, "id": "scp_online", "scope": f"host:{POINT}", "ticket": "CHG0040123"},
        {**given, "id": "operator_discovered", "scope": "account:operator001@contoso.com", "expires": "2020-01-31"},
        {**given, "id": "adminservice_functional", "scope": "site:P01"},
        {**given, "id": "site_mode", "scope": "site:P01"},
    ]
    severities = {"site_versions_uniform": "high", "scp_present": "medium", "scp_online": "high"}
    return judge(healthy, DECLARED, waivers=parse(waivers), severities=severities)


def poisoned(document: Json, text: str) -> Json:
    """The document with a text in every place that others can fill."""
    changed = copy.deepcopy(document)
    for finding in changed["findings"]:
        finding["expected"] = finding["observed"] = finding["reason"] = text
        finding["rights"] = [text]
        scope = finding["scope"]
        if scope["kind"] not in {"hierarchy", "tenant"}:
            scope["name"] = text
        scope["site"] = scope["site"] and text
        if finding["remedy"]:
            finding["remedy"]["text"] = text
        if finding["waiver"]:
            finding["waiver"].update(scope=text, owner=text, reason=text, ticket=text)
    for each in changed["waivers_unused"]:
        each["scope"] = text
    changed["hierarchy"].update(read_from=text, top_site=text)
    changed["tenant"].update(id=text, name=text)
    sites = changed["sites"]
    changed["sites"] = {text: next(iter(sites.values()))}
    return changed


def csv_rows(text: str, delimiter: str = ",") -> list[list[str]]:
    """The rows of a CSV file, as Python's own reader and Excel see them."""
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=delimiter, strict=delimiter == ","))


def junit_suites(text: str) -> list[Json]:
    """The test suites of a JUnit file that its schema accepts."""
    JUNIT.validate(text)
    return t.cast("list[Json]", JUNIT.to_dict(text)["testsuite"])


def markdown() -> MarkdownIt:
    """Markdown as ticket systems read it: tables, HTML, and links of what looks like an address."""
    reader = MarkdownIt("gfm-like")
    assert reader.linkify is not None
    # Names without a scheme do not become links at GitHub, and user principal names are no concern.
    reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return reader


def flat(tokens: t.Iterable[Token]) -> t.Iterator[Token]:
    """Tokens, each before those inside it."""
    for token in tokens:
        yield token
        yield from flat(token.children or ())


def shape(text: str) -> list[tuple[str, str]]:
    """What of Markdown is markup: kinds and tags of all tokens, but for runs of text, and where links lead."""
    tokens = flat(markdown().parse(text))
    return [(token.type, str(token.attrs.get("href", token.tag))) for token in tokens if token.type != "text"]


def shown(text: str) -> str:
    """What of Markdown is shown, a line for each block."""
    blocks = (token for token in markdown().parse(text) if token.type == "inline")
    return "\n".join("".join(child.content for child in block.children or ()) for block in blocks)
