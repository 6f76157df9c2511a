# Copyright (c) 2026, the configmgr.tenant_attach authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The OData query options, applied to rows.

``odata-query`` parses ``$filter``; what the tree means for a row is decided here.  The database of a site compares text
without regard to case, so this module does too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from odata_query import ast
from odata_query.exceptions import ODataException
from odata_query.grammar import ODataLexer, ODataParser

from .estate import TALLY_INTERVALS, Row
from .schema import EntityClass

Value = Callable[[Mapping[str, Any]], Any]

KNOWN_OPTIONS = frozenset({"$filter", "$select", "$top", "$skip", "$orderby", "$count", "$skiptoken"})
KINDS = {
    "Boolean": "boolean",
    "DateTime": "time",
    "SInt32": "number",
    "SInt64": "number",
    "String": "text",
    "UInt32": "number",
}
TEXT_FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "contains": str.__contains__,
}
ORDERED = frozenset({"number", "text", "time"})
BAD_QUERY = "The query specified in the URI is not valid. "


class QueryError(Exception):
    """A query option that the service refuses; the text goes into the error body."""


@dataclass(frozen=True)
class Query:
    """The query options of one request, checked against a class."""

    accept: Value | None
    select: tuple[str, ...]
    order: tuple[tuple[str, bool], ...]
    top: int | None
    skip: int
    count: bool
    tally_intervals: frozenset[str]


@dataclass(frozen=True)
class Page:
    """Rows to answer with, and where the next page begins."""

    rows: list[Row]
    total: int
    next_offset: int | None


@dataclass(frozen=True)
class _Typed:
    kind: str
    value: Value


class _Filter:
    """Turns a syntax tree into a function of a row."""

    def __init__(self, item: EntityClass) -> None:
        self.item = item
        self.variables: dict[str, str] = {}

    def compile(self, node: ast._Node) -> _Typed:
        """Type and function of a node."""
        match node:
            case ast.BoolOp():
                typed = self._logic(node)
            case ast.UnaryOp(op=ast.Not()):
                operand = self.boolean(node.operand)
                typed = _Typed("boolean", lambda row: not operand(row))
            case ast.Compare():
                typed = self._compare(node)
            case ast.Call():
                typed = self._call(node)
            case ast.CollectionLambda():
                typed = self._any(node)
            case ast.Identifier():
                typed = self._identifier(node)
            case _:
                typed = self._literal(node)
        return typed

    def boolean(self, node: ast._Node) -> Value:
        typed = self.compile(node)
        if typed.kind != "boolean":
            raise QueryError(f"{BAD_QUERY}The filter expression must evaluate to a single boolean value.")
        return typed.value

    def _logic(self, node: ast.BoolOp) -> _Typed:
        left, right = self.boolean(node.left), self.boolean(node.right)
        if isinstance(node.op, ast.And):
            return _Typed("boolean", lambda row: left(row) and right(row))
        return _Typed("boolean", lambda row: left(row) or right(row))

    def _identifier(self, node: ast.Identifier) -> _Typed:
        if node.namespace:
            raise QueryError(f"{BAD_QUERY}The name '{'.'.join((*node.namespace, node.name))}' is not known.")
        if node.name in self.variables:
            name = node.name
            return _Typed(self.variables[name], lambda row: row[f"${name}"])
        own = property_of(self.item, node.name)
        kind = self.item.properties[own]
        if kind.endswith("[]"):
            return _Typed("collection", lambda row: row[own])
        return _Typed(KINDS[kind], lambda row: _folded(row[own]))

    def _literal(self, node: ast._Node) -> _Typed:
        kinds: tuple[tuple[type[ast._Literal], str], ...] = (
            (ast.Null, "null"),
            (ast.Boolean, "boolean"),
            (ast.Integer, "number"),
            (ast.Float, "number"),
            (ast.String, "text"),
            (ast.DateTime, "time"),
        )
        for literal, kind in kinds:
            if isinstance(node, literal):
                return _Typed(kind, _constant(_folded(node.py_val)))
        raise QueryError(f"{BAD_QUERY}The expression of kind '{type(node).__name__}' is not supported.")

    def _compare(self, node: ast.Compare) -> _Typed:
        left, right = self.compile(node.left), self.compile(node.right)
        if "null" not in {left.kind, right.kind} and (left.kind != right.kind or left.kind == "collection"):
            raise QueryError(
                f"{BAD_QUERY}A binary operator with incompatible types was detected. "
                f"Found operand types '{left.kind}' and '{right.kind}'."
            )
        if isinstance(node.comparator, ast.Eq):
            return _Typed("boolean", lambda row: left.value(row) == right.value(row))
        if isinstance(node.comparator, ast.NotEq):
            return _Typed("boolean", lambda row: left.value(row) != right.value(row))
        orders: tuple[tuple[type[ast._Comparator], Callable[[Any, Any], bool]], ...] = (
            (ast.Gt, lambda one, two: one > two),
            (ast.GtE, lambda one, two: one >= two),
            (ast.Lt, lambda one, two: one < two),
            (ast.LtE, lambda one, two: one <= two),
        )
        for comparator, holds in orders:
            if isinstance(node.comparator, comparator) and {left.kind, right.kind} <= {*ORDERED, "null"}:
                return _Typed("boolean", _order(left.value, right.value, holds))
        raise QueryError(f"{BAD_QUERY}The operator '{type(node.comparator).__name__}' is not supported.")

    def _call(self, node: ast.Call) -> _Typed:
        name = ".".join((*node.func.namespace, node.func.name))
        test = TEXT_FUNCTIONS.get(name.lower())
        if test is None:
            raise QueryError(f"{BAD_QUERY}The function '{name}' is not supported.")
        whole, part = (self.compile(argument) for argument in node.args)
        if (whole.kind, part.kind) != ("text", "text"):
            raise QueryError(f"{BAD_QUERY}No function signature for '{name}' matches the arguments.")

        def holds(row: Mapping[str, Any]) -> bool:
            one, two = whole.value(row), part.value(row)
            return one is not None and two is not None and test(one, two)

        return _Typed("boolean", holds)

    def _any(self, node: ast.CollectionLambda) -> _Typed:
        owner = self.compile(node.owner)
        if (
            owner.kind != "collection"
            or not isinstance(node.operator, ast.Any)
            or not isinstance(node.owner, ast.Identifier)
        ):
            raise QueryError(f"{BAD_QUERY}Only any() on an array property is supported.")
        if node.lambda_ is None:
            return _Typed("boolean", lambda row: bool(owner.value(row)))
        element = self.item.properties[property_of(self.item, node.owner.name)].removesuffix("[]")
        if element not in KINDS:
            raise QueryError(f"{BAD_QUERY}any() on embedded objects is not supported.")
        name = node.lambda_.identifier.name
        self.variables[name] = KINDS[element]
        inner = self.boolean(node.lambda_.expression)
        del self.variables[name]
        return _Typed(
            "boolean",
            lambda row: any(inner({**row, f"${name}": _folded(value)}) for value in owner.value(row) or ()),
        )


def _constant(value: Any) -> Value:
    return lambda _row: value


def _order(left: Value, right: Value, holds: Callable[[Any, Any], bool]) -> Value:
    def compare(row: Mapping[str, Any]) -> bool:
        one, two = left(row), right(row)
        return one is not None and two is not None and holds(one, two)

    return compare


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return value.casefold()
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def property_of(item: EntityClass, name: str) -> str:
    """The property that a query names, refused when the class has none of that name."""
    own = item.property_named(name)
    if own is None:
        raise QueryError(f"{BAD_QUERY}Could not find a property named '{name}' on type 'AdminService.WMI.{item.name}'.")
    return own


def _tally_intervals(node: ast._Node) -> frozenset[str]:
    if isinstance(node, ast.BoolOp):
        return _tally_intervals(node.left) | _tally_intervals(node.right)
    if (
        isinstance(node, ast.Compare)
        and isinstance(node.comparator, ast.Eq)
        and isinstance(node.left, ast.Identifier)
        and node.left.name == "TallyInterval"
        and isinstance(node.right, ast.String)
    ):
        return TALLY_INTERVALS & {node.right.val.upper()}
    return frozenset()


def _number(options: Mapping[str, str], name: str) -> int | None:
    text = options.get(name)
    if text is None:
        return None
    if re.fullmatch(r"\d{1,9}", text) is None:
        raise QueryError(f"{BAD_QUERY}Invalid value '{text}' for {name} query option found.")
    return int(text)


def _order_by(item: EntityClass, text: str) -> tuple[tuple[str, bool], ...]:
    order = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(\w+)(?:\s+(asc|desc))?", part)
        if match is None:
            raise QueryError(f"{BAD_QUERY}Syntax error in '$orderby': '{part}'.")
        own = property_of(item, match[1])
        if item.properties[own].endswith("[]"):
            raise QueryError(f"{BAD_QUERY}The property '{own}' cannot be used in the $orderby query option.")
        order.append((own, match[2] == "desc"))
    return tuple(order)


def read(item: EntityClass, options: Mapping[str, str]) -> Query:
    """Check the query options of a request."""
    for name in options:
        if name.startswith("$") and name not in KNOWN_OPTIONS:
            raise QueryError(f"{BAD_QUERY}The query parameter '{name}' is not supported.")
    accept: Value | None = None
    intervals: frozenset[str] = frozenset()
    text = options.get("$filter")
    if text is not None:
        try:
            tree = ODataParser().parse(ODataLexer().tokenize(text.strip()))
        except ODataException as error:
            raise QueryError(f"{BAD_QUERY}Syntax error in '$filter'. {error}") from error
        accept = _Filter(item).boolean(tree)
        intervals = _tally_intervals(tree)
    names = [name.strip() for name in options.get("$select", "").split(",")]
    return Query(
        accept=accept,
        select=tuple(property_of(item, name) for name in names if name not in {"", "*"}),
        order=_order_by(item, options.get("$orderby", "")),
        top=_number(options, "$top"),
        skip=(_number(options, "$skip") or 0) + (_number(options, "$skiptoken") or 0),
        count=options.get("$count", "false").lower() == "true",
        tally_intervals=intervals,
    )


def _sort_key(name: str) -> Callable[[Row], tuple[bool, Any]]:
    def key(row: Row) -> tuple[bool, Any]:
        value = _folded(row[name])
        return (value is not None, value)

    return key


def with_tally_intervals(item: EntityClass, rows: list[Row], query: Query, rule: bool) -> list[Row]:
    """Rows of the component summarizer, which has data for a tally interval only when a query names it."""
    if item.name != "SMS_ComponentSummarizer":
        return rows
    intervals = query.tally_intervals
    if not intervals:
        if rule:
            return []
        intervals = TALLY_INTERVALS
    return [{**row, "TallyInterval": interval} for interval in sorted(intervals) for row in rows]


def apply(item: EntityClass, rows: list[Row], query: Query, page_size: int | None, collapse: bool) -> Page:
    """Filter, order and cut rows."""
    found = rows if query.accept is None else [row for row in rows if query.accept(row)]
    # Without all key columns the rows of a class with several keys fall together into one.
    several_keys = len(item.keys) > 1
    if collapse and several_keys and query.select and not set(item.keys) <= set(query.select):
        found = found[:1]
    for name, descending in reversed(query.order):
        found = sorted(found, key=_sort_key(name), reverse=descending)
    total = len(found)
    end = total if query.top is None else min(total, query.skip + query.top)
    limit = end if page_size is None else min(end, query.skip + page_size)
    return Page(found[query.skip : limit], total, limit if limit < end else None)
