# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The query options of Microsoft Graph, applied to rows: what each kind of object allows, and how pages are made.

``odata-query`` parses ``$filter``; what the tree means, and which parts of it a kind of object refuses, is decided
here.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from .calls import Call, RefusalError, Reply, bad_request
from .store import Row

Test = Callable[[Row], bool]

MAX_PAGE = 999
MAX_VALUES = 15
QUOTED = re.compile(r"('(?:[^']|'')*')")
EQUALS = frozenset({"eq", "in"})
TEXT = frozenset({"eq", "in", "startswith", "ne", "not", "endswith"})
LIST_OPTIONS = frozenset({"$filter", "$select", "$top", "$count", "$orderby", "$search", "$skiptoken", "$expand"})


@dataclass(frozen=True)
class Kind:
    """One kind of object, and what may be asked of it."""

    name: str
    properties: frozenset[str]
    # What comes without $select; everything when empty.
    default: tuple[str, ...] = ()
    filters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    logic: frozenset[str] = frozenset({"and", "or"})
    beta: frozenset[str] = frozenset()
    expand: frozenset[str] = frozenset()
    options: frozenset[str] = LIST_OPTIONS
    # An object of the directory: what needs an index must be asked for with ConsistencyLevel.
    directory: bool = False
    # How many rows a page has; None where there is one page only.
    page: int | None = 100

    def known(self, version: str) -> frozenset[str]:
        """The properties of a version."""
        return self.properties | self.beta if version == "beta" else self.properties


@dataclass
class Paging:
    """How the tenant makes pages: their size, and then an empty one behind the first."""

    base: str
    size: int | None


# -- $filter ------------------------------------------------------------------------------------------------------


@dataclass
class _Filter:
    kind: Kind
    version: str
    advanced: set[str] = field(default_factory=set)
    values: int = 0

    def compile(self, node: ast._Node) -> Test:
        match node:
            case ast.BoolOp():
                return self._logic(node)
            case ast.UnaryOp(op=ast.Not()):
                return self._not(node)
            case ast.Compare():
                return self._compare(node)
            case ast.Call(func=ast.Identifier(name="startswith" | "endswith")):
                return self._text(node)
        raise bad_request("Invalid filter clause: the expression is not supported.")

    def _logic(self, node: ast.BoolOp) -> Test:
        word = "and" if isinstance(node.op, ast.And) else "or"
        if word not in self.kind.logic:
            raise self.unsupported(word)
        left, right = self.compile(node.left), self.compile(node.right)
        if word == "and":
            return lambda row: left(row) and right(row)
        return lambda row: left(row) or right(row)

    def _not(self, node: ast.UnaryOp) -> Test:
        if not self.kind.directory:
            raise self.unsupported("not")
        self.advanced.add("not")
        inner = self.compile(node.operand)
        return lambda row: not inner(row)

    def _compare(self, node: ast.Compare) -> Test:
        words: dict[type[ast._Comparator], str] = {ast.Eq: "eq", ast.NotEq: "ne", ast.In: "in"}
        word = words.get(type(node.comparator))
        name = self._property(node.left, word or "gt")
        if word == "in":
            if not isinstance(node.right, ast.List):
                raise bad_request("Invalid filter clause: 'in' needs a list of values.")
            chosen = {_folded(_literal(value)) for value in node.right.val}
            self.values += len(chosen)
            return lambda row: _folded(row[name]) in chosen
        value = _folded(_literal(node.right))
        self.values += 1
        if word == "ne":
            self.advanced.add("ne")
            return lambda row: _folded(row[name]) != value
        return lambda row: _folded(row[name]) == value

    def _text(self, node: ast.Call) -> Test:
        if len(node.args) != 2:
            raise bad_request(f"Invalid filter clause: '{node.func.name}' needs two arguments.")
        word = node.func.name
        name = self._property(node.args[0], word)
        part = _folded(_literal(node.args[1]))
        if not isinstance(part, str):
            raise bad_request(f"Invalid filter clause: '{word}' needs text.")
        self.values += 1
        if word == "endswith":
            self.advanced.add("endsWith")
            return lambda row: str(_folded(row[name]) or "").endswith(part)
        return lambda row: str(_folded(row[name]) or "").startswith(part)

    def _property(self, node: ast._Node, word: str) -> str:
        if not isinstance(node, ast.Identifier) or node.namespace:
            raise bad_request("Invalid filter clause: the left side is no property.")
        if node.name not in self.kind.known(self.version):
            raise _no_property(self.kind, node.name)
        if word not in self.kind.filters.get(node.name, ()):
            raise self.unsupported(node.name)
        return node.name

    def unsupported(self, what: str) -> RefusalError:
        return RefusalError(
            400,
            "Request_UnsupportedQuery",
            f"Unsupported or invalid query filter clause specified for property '{what}' of resource "
            f"'{self.kind.name[:1].upper()}{self.kind.name[1:]}'.",
        )


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _literal(node: ast._Node) -> Any:
    if isinstance(node, ast.GUID):
        return node.val
    if isinstance(node, (ast.String, ast.Boolean, ast.Integer, ast.Null)):
        return node.py_val
    raise bad_request("Invalid filter clause: the right side is no value.")


def _parse(text: str) -> ast._Node:
    """The tree of a filter; what Graph takes and the grammar does not is rewritten first."""
    parts = QUOTED.split(text.strip())
    for index in range(0, len(parts), 2):
        part = re.sub(r"\b(starts|ends)With\b", lambda match: f"{match[1]}with", parts[index])
        parts[index] = re.sub(r"\bnot\(", "not (", part)
    for index in range(1, len(parts), 2):
        # The grammar takes a list of one value for a value in brackets.
        if re.search(r"\bin\s*\(\s*$", parts[index - 1]) and re.match(r"\s*\)", parts[index + 1]):
            parts[index] += ","
    try:
        tree = ODataParser().parse(ODataLexer().tokenize("".join(parts)))
    except ODataException as error:
        raise bad_request(f"Invalid filter clause: {error}") from error
    if tree is None:
        raise bad_request("Invalid filter clause: it is empty.")
    node: ast._Node = tree
    return node


def _no_property(kind: Kind, name: str) -> RefusalError:
    return bad_request(
        f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
        f"'microsoft.graph.{kind.name}'."
    )


# -- the other options --------------------------------------------------------------------------------------------


def _check_options(call: Call, kind: Kind, allowed: frozenset[str]) -> None:
    for name in call.options:
        if name.startswith("$") and name not in allowed:
            raise bad_request(f"The query parameter '{name}' is not supported for this resource.")
    for name in call.words("$expand"):
        if name.partition("(")[0] not in kind.expand:
            raise _no_property(kind, name)


def _select(call: Call, kind: Kind) -> tuple[str, ...]:
    names = call.words("$select")
    for name in names:
        if name not in kind.known(call.version):
            raise _no_property(kind, name)
    return names


def shown(row: Row, kind: Kind, version: str, select: tuple[str, ...]) -> Row:
    """A row with the properties that were asked for."""
    names = select or kind.default or tuple(kind.known(version))
    kept = {"@odata.type": row["@odata.type"]} if "@odata.type" in row else {}
    # Rows keep their own order; a property that the lab has no value for is null.
    return {
        **kept,
        **{name: value for name, value in row.items() if name in names},
        **{name: None for name in (select or kind.default) if name not in row},
    }


def _top(call: Call) -> int | None:
    text = call.options.get("$top")
    if text is None:
        return None
    if re.fullmatch(r"\d{1,9}", text) is None or not 1 <= int(text) <= MAX_PAGE:
        raise RefusalError(
            400,
            "Request_BadRequest",
            f"Invalid page size specified: '{text}'. Must be between 1 and {MAX_PAGE} inclusive.",
        )
    return int(text)


def _ordered(rows: list[Row], call: Call, kind: Kind) -> list[Row]:
    for part in reversed([part.strip() for part in call.options.get("$orderby", "").split(",") if part.strip()]):
        match = re.fullmatch(r"(\w+)(?:\s+(asc|desc))?", part)
        if match is None or match[1] not in kind.known(call.version):
            raise bad_request(f"Invalid $orderby clause: '{part}'.")
        name = match[1]
        rows = sorted(rows, key=lambda row: str(_folded(row.get(name)) or ""), reverse=match[2] == "desc")
    return rows


def _searched(rows: list[Row], call: Call, kind: Kind) -> list[Row]:
    text = call.options.get("$search")
    if text is None:
        return rows
    match = re.fullmatch(r'"(\w+):(.*)"', text)
    if match is None or match[1] not in kind.known(call.version):
        raise bad_request(f"Syntax error: the search clause {text!r} is not valid.")
    return [row for row in rows if match[2].casefold() in str(row.get(match[1]) or "").casefold()]


def _filtered(rows: list[Row], call: Call, kind: Kind) -> list[Row]:
    """Filter, search and order; what needs an index is refused without the header that accepts its lag."""
    text = call.options.get("$filter")
    made = _Filter(kind, call.version)
    accept = None if text is None else made.compile(_parse(text))
    if made.values > MAX_VALUES:
        raise RefusalError(
            400,
            "Request_UnsupportedQuery",
            f"Too many child clauses specified in search filter expression containing 'OR' operators: {made.values}. "
            f"Max allowed: {MAX_VALUES}.",
        )
    if kind.directory:
        _check_index(call, made.advanced)
    rows = rows if accept is None else [row for row in rows if accept(row)]
    return _ordered(_searched(rows, call, kind), call, kind)


def _check_index(call: Call, advanced: set[str]) -> None:
    wanted = set(advanced)
    if "$filter" in call.options and "$orderby" in call.options:
        wanted.add("$orderby")
    counted = call.options.get("$count", "").lower() == "true"
    if "$search" in call.options and not call.eventual:
        wanted.add("$search")
    elif not wanted or (call.eventual and counted):
        return
    raise RefusalError(
        400,
        "Request_UnsupportedQuery",
        f"Operator or option: '{min(wanted)}' is not supported because the 'ConsistencyLevel:eventual' header is "
        "missing or '$count' is not true. Refer to https://aka.ms/graph-docs/advanced-queries for more information",
    )


# -- pages --------------------------------------------------------------------------------------------------------


def _checksum(call: Call) -> int:
    # However a client quotes the link, it stays the same link.
    return zlib.crc32(unquote(call.without("$skiptoken").url.lstrip("/")).encode())


def _read_token(call: Call) -> tuple[int, bool]:
    """Where a page begins, and whether it is the empty one."""
    text = call.options.get("$skiptoken")
    if text is None:
        return 0, False
    try:
        offset, empty, checksum = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error):
        checksum = None
        offset, empty = 0, False
    if checksum != _checksum(call):
        # Whoever rebuilds the link to the next page gets it wrong.
        raise RefusalError(400, "Directory_ExpiredPageToken", "The specified page token is not valid for this request.")
    return int(offset), bool(empty)


def _next_link(call: Call, base: str, offset: int, empty: bool) -> str:
    own = call.without("$skiptoken")
    raw = json.dumps([offset, empty, _checksum(call)], separators=(",", ":")).encode()
    token = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    mark = "&" if "?" in own.url else "?"
    return f"{base}/{call.version}/{own.url.lstrip('/')}{mark}$skiptoken={token}"


def context(call: Call, base: str, what: str, select: tuple[str, ...] = (), single: bool = False) -> str:
    """The context of an answer."""
    chosen = f"({','.join(select)})" if select else ""
    return f"{base}/{call.version}/$metadata#{quote(what, safe='/()')}{chosen}{'/$entity' if single else ''}"


def answer_list(call: Call, kind: Kind, rows: list[Row], what: str, paging: Paging) -> Reply:
    """Answer with a list, or the page of it that was asked for."""
    _check_options(call, kind, kind.options)
    select, top = _select(call, kind), _top(call)
    found = _filtered(rows, call, kind)
    body: dict[str, Any] = {"@odata.context": context(call, paging.base, what, select)}
    offset, empty = _read_token(call)
    counted = call.options.get("$count", "").lower() == "true"
    if counted and "$skiptoken" not in call.options and (call.eventual or not kind.directory):
        body["@odata.count"] = len(found)
    size = len(found) if kind.page is None else min(size for size in (top or kind.page, paging.size) if size)
    end = offset if empty else min(len(found), offset + size)
    if kind.page is not None and end < len(found):
        # Behind the first page comes an empty one, as it may with the real service.
        follow = paging.size is not None and offset == 0 and not empty
        body["@odata.nextLink"] = _next_link(call, paging.base, end, follow)
    body["value"] = [shown(row, kind, call.version, select) for row in found[offset:end]]
    return Reply(200, body)


def answer_single(call: Call, kind: Kind, row: Row, what: str, paging: Paging) -> Reply:
    """Answer with one object."""
    _check_options(call, kind, frozenset({"$select", "$expand"}))
    select = _select(call, kind)
    head = {"@odata.context": context(call, paging.base, what, select, single=True)}
    return Reply(200, {**head, **shown(row, kind, call.version, select)})
